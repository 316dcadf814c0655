//! Users: the list, and over it the panels that create and edit one.

mod ask;
pub(crate) mod create;
pub(crate) mod panel;

use crate::browser;
use crate::calls::{Ask, Loaded, Submit, load, read, show, show_answer};
use crate::components::icon::{Icon, icon};
use crate::components::list::{
    Choice, address, filter, menu_link, pager, row_menu, search, sortable,
};
use crate::components::live::{memo, on};
use crate::components::state::{empty, skeleton};
use crate::components::{avatar, status, when};
use crate::live;
use crate::pages::{head, title};
use crate::server_fns::users::UserQuery;
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_location, use_query_map};
use leptos_router::params::ParamsMap;
use menshen_domain::Page;
use menshen_domain::catalogue::{
    ROLE_LIST, USER_ADD, USER_ALTER, USER_BIND, USER_QUERY, USER_REMOVE, USER_RESET,
};
use menshen_domain::role::Status;
use menshen_domain::session::RoleOption;
use menshen_domain::user::User;
use std::sync::Arc;

impl UserQuery {
    fn read(params: &ParamsMap) -> Self {
        let text = |key: &str| params.get_str(key).unwrap_or_default().trim().to_owned();
        Self {
            q: text("q"),
            status: text("status"),
            role: text("role"),
            sort: text("sort"),
            order: text("order"),
            page: text("page").parse().unwrap_or(1).max(1),
        }
    }

    fn ask(&self) -> Ask {
        Ask::of(
            "list_users",
            &[
                ("query[q]", &self.q),
                ("query[status]", &self.status),
                ("query[role]", &self.role),
                ("query[sort]", &self.sort),
                ("query[order]", &self.order),
                ("query[page]", &self.page.to_string()),
            ],
        )
    }

    /// The address that says this, under `base`.
    fn under(&self, base: &str) -> String {
        let page = if self.page > 1 {
            self.page.to_string()
        } else {
            String::new()
        };
        address(
            base,
            &[
                ("q", &self.q),
                ("status", &self.status),
                ("role", &self.role),
                ("sort", &self.sort),
                ("order", &self.order),
                ("page", &page),
            ],
        )
    }

    fn url(&self) -> String {
        self.under("/admin/users")
    }

    /// The address of a user's panel over this list; `ask` is a question to open it with.
    fn panel(&self, id: i64, ask: &str) -> String {
        let url = self.under(&format!("/admin/users/{id}"));
        with_ask(url, ask)
    }

    fn filtered(&self) -> bool {
        !(self.q.is_empty() && self.status.is_empty() && self.role.is_empty())
    }

    fn first_page(&self) -> Self {
        Self {
            page: 1,
            ..self.clone()
        }
    }
}

fn with_ask(url: String, ask: &str) -> String {
    match (ask, url.contains('?')) {
        ("", _) => url,
        (_, true) => format!("{url}&ask={ask}"),
        (_, false) => format!("{url}?ask={ask}"),
    }
}

/// What the list and its panels share.
#[derive(Clone, Copy)]
pub(crate) struct Shared {
    pub query: Memo<UserQuery>,
    /// Counts changes, so that the list is loaded again after each.
    pub version: RwSignal<u32>,
    /// The roles to choose from; empty for who may not choose.
    pub roles: Loaded,
}

impl Shared {
    fn changed(self) {
        self.version.update(|v| *v += 1);
    }
}

/// The list.
#[component]
pub(crate) fn Users() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let params = use_query_map();
    let path = use_location().pathname;
    let query = memo(move || params.with(UserQuery::read));
    let version = RwSignal::new(0_u32);
    let may_choose = ui.may(USER_BIND) || ui.may(ROLE_LIST);
    let shared = Shared {
        query,
        version,
        roles: load(move || {
            let ask = if may_choose {
                Ask::of("role_options", &[])
            } else {
                Ask::NOTHING
            };
            (ask, 0)
        }),
    };
    provide_context(shared);
    let heard = live::on(ui, &["users", "roles"]);
    let users = load(move || {
        let version = version.get().wrapping_add(heard.get());
        (query.with(UserQuery::ask), version)
    });
    // The question that the list itself is asked, such as `?ask=delete-5`. Under a panel the
    // panel answers.
    let asked = memo(move || {
        let list = path.with(|p| p == "/admin/users");
        params
            .with(|p| {
                p.get_str("ask").and_then(|ask| {
                    let (what, id) = ask.split_once('-')?;
                    Some((what.to_owned(), id.parse::<i64>().ok()?))
                })
            })
            .filter(|_| list)
    });
    let enable = enabling(ui, shared);
    let total = show_answer(
        users,
        || "\u{a0}".into_any(),
        move |answer| match read::<Page<User>>(answer) {
            Ok(page) if query.with_untracked(UserQuery::filtered) => {
                t.users_found(page.total, &count(page.total)).into_any()
            }
            Ok(page) => t.users_total(page.total, &count(page.total)).into_any(),
            Err(_) => "\u{a0}".into_any(),
        },
    );
    let new = move || {
        ui.may(USER_ADD).then(|| {
            view! {
                <a
                    class="button primary"
                    href=move || query.get().under("/admin/users/new")
                    data-new=""
                >
                    {icon(Icon::Plus)}
                    {t.new_user}
                </a>
            }
            .into_any()
        })
    };
    let actions = view! { {move || new()} }.into_any();
    let keep = Signal::derive(move || {
        let q = query.get();
        vec![
            ("status", q.status),
            ("role", q.role),
            ("sort", q.sort),
            ("order", q.order),
        ]
    });
    let text = Signal::derive(move || query.with(|q| q.q.clone()));
    let to = move |q: String| {
        UserQuery {
            q,
            ..query.get_untracked().first_page()
        }
        .url()
    };
    view! {
        {title(t.users)}
        {head(t.users.into_any(), total, actions)}
        <div class="filters">
            {search(ui, "/admin/users", t.search_users, text, keep, Arc::new(to))}
            {move || by_status(ui, &query.get())}
            {show_answer(
                shared.roles,
                || ().into_any(),
                move |answer| by_role(ui, query, read(answer).unwrap_or_default()),
            )}
        </div>
        {show(ui, users, move || skeleton(ui), move |page| list(ui, shared, enable, asked, page))}
        <Outlet />
    }
}

/// The form that enables a user: the same for every row.
fn enabling(ui: Ui, shared: Shared) -> Submit {
    Submit::new(ui, "set_user_status", move |done| {
        ui.toast(ui.t.user_status(Status::Active, &done.name));
        shared.changed();
    })
    .refused(move |error| ui.toast_error(error))
}

fn by_status(ui: Ui, query: &UserQuery) -> AnyView {
    let t = ui.t;
    let to = |status: &str| {
        UserQuery {
            status: status.to_owned(),
            ..query.first_page()
        }
        .url()
    };
    let choice = |code: &str, name: &str| Choice {
        name: name.to_owned(),
        href: to(code),
        set: query.status == code,
    };
    filter(
        ui,
        "filter-status",
        t.status,
        to(""),
        vec![choice("0", t.active), choice("1", t.disabled)],
    )
}

fn by_role(ui: Ui, query: Memo<UserQuery>, roles: Vec<RoleOption>) -> AnyView {
    if roles.is_empty() {
        return ().into_any();
    }
    let view = move || {
        let query = query.get();
        let to = |role: String| {
            UserQuery {
                role,
                ..query.first_page()
            }
            .url()
        };
        let choices = roles
            .iter()
            .map(|role| Choice {
                name: role.name.clone(),
                href: to(role.id.to_string()),
                set: query.role == role.id.to_string(),
            })
            .collect();
        filter(ui, "filter-role", ui.t.role, to(String::new()), choices)
    };
    view! { {move || view()} }.into_any()
}

fn list(
    ui: Ui,
    shared: Shared,
    enable: Submit,
    asked: Memo<Option<(String, i64)>>,
    page: Page<User>,
) -> AnyView {
    let t = ui.t;
    let query = shared.query.get_untracked();
    if page.list.is_empty() {
        return nobody(ui, &query, page.total);
    }
    let order = |code: &'static str, descends: bool| {
        let state = (query.sort == code).then_some(query.order == "desc");
        let descending = state.map_or(descends, |now| !now);
        let href = UserQuery {
            sort: code.to_owned(),
            order: if descending { "desc" } else { "" }.to_owned(),
            ..query.first_page()
        }
        .url();
        (href, state)
    };
    let (by_name, name_state) = order("username", false);
    let (by_login, login_state) = order("loginDate", true);
    let rows: Vec<AnyView> = page
        .list
        .iter()
        .map(|user| row(ui, &query, enable, user))
        .collect();
    let foot = pager(ui, page.total, query.page, &|number| {
        UserQuery {
            page: number,
            ..query.clone()
        }
        .url()
    });
    let users = StoredValue::new(page.list);
    let question = move || {
        let (what, id) = asked.get()?;
        users.with_value(|users| {
            let user = users.iter().find(|user| user.id.0 == id)?;
            ask::question(ui, shared, &what, user, shared.query.get_untracked().url())
        })
    };
    view! {
        <div class="card table-card">
            <table class="table">
                <caption class="hidden">{t.users}</caption>
                <thead>
                    <tr>
                        {sortable(t.user, by_name, name_state)} <th scope="col">{t.roles}</th>
                        <th scope="col">{t.department}</th> <th scope="col">{t.status}</th>
                        {sortable(t.last_sign_in, by_login, login_state)}
                        <th scope="col">
                            <span class="hidden">{t.actions}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {foot}
        </div>
        {move || question()}
    }
    .into_any()
}

fn nobody(ui: Ui, query: &UserQuery, total: i64) -> AnyView {
    let t = ui.t;
    if query.filtered() || total > 0 {
        let all = UserQuery::default().url();
        let link = view! {
            <a class="button" href=all>
                {t.clear_filters}
            </a>
        };
        empty(
            Icon::Search,
            t.nothing_found,
            t.nothing_found_text,
            link.into_any(),
        )
    } else {
        let new = ui.may(USER_ADD).then(|| {
            view! {
                <a class="button primary" href="/admin/users/new">
                    {icon(Icon::Plus)}
                    {t.new_user}
                </a>
            }
            .into_any()
        });
        empty(Icon::Users, t.no_users, t.no_users_text, new.into_any())
    }
}

/// What a user's status is, told in one word.
fn standing(ui: Ui, user: &User) -> AnyView {
    if user.status == Status::Active && user.must_change_password {
        view! { <span class="state due">{ui.t.password_change_due}</span> }.into_any()
    } else {
        status(ui, user.status)
    }
}

/// The roles that a user holds, as chips.
fn chips(ui: Ui, user: &User) -> AnyView {
    if user.roles.is_empty() {
        return view! { <span class="quiet">{ui.t.none}</span> }.into_any();
    }
    user.roles
        .iter()
        .map(|role| {
            let off = role.status == Status::Disabled;
            view! {
                <span class="tag" class:off=off title=role.key.clone()>
                    {role.name.clone()}
                </span>
            }
            .into_any()
        })
        .collect::<Vec<AnyView>>()
        .into_any()
}

fn row(ui: Ui, query: &UserQuery, enable: Submit, user: &User) -> AnyView {
    let t = ui.t;
    let id = user.id.0;
    let name = user.display_name().to_owned();
    let who = view! {
        {avatar(&name, &user.avatar, id)}
        <span>
            <b>{name.clone()}</b>
            <small class="code">{user.username.clone()}</small>
        </span>
    };
    let who = if ui.may(USER_QUERY) {
        view! {
            <a class="who" href=query.panel(id, "") data-noscroll="true">
                {who}
            </a>
        }
        .into_any()
    } else {
        view! { <span class="who">{who}</span> }.into_any()
    };
    let login = match user.login_at {
        Some(at) => when(ui, at),
        None => view! { <span class="quiet">{t.never}</span> }.into_any(),
    };
    let menu = menu(ui, query, enable, user, &name);
    view! {
        <tr>
            <td>{who}</td>
            <td data-label=t.roles>
                <span class="tags">{chips(ui, user)}</span>
            </td>
            <td data-label=t.department>
                {match &user.dept_name {
                    Some(name) => name.clone().into_any(),
                    None => view! { <span class="quiet">"–"</span> }.into_any(),
                }}
            </td>
            <td data-label=t.status>{standing(ui, user)}</td>
            <td data-label=t.last_sign_in>{login}</td>
            <td class="row-actions">{menu}</td>
        </tr>
    }
    .into_any()
}

fn menu(ui: Ui, query: &UserQuery, enable: Submit, user: &User, name: &str) -> AnyView {
    let t = ui.t;
    let id = user.id.0;
    let own = ui
        .me
        .with_untracked(|me| me.as_ref().is_some_and(|me| me.id == user.id));
    let mut items = Vec::new();
    if ui.may(USER_QUERY) {
        items.push(menu_link(
            Icon::Edit,
            t.edit,
            query.panel(id, ""),
            "menu-item",
        ));
    }
    if ui.may(USER_RESET) && !own {
        items.push(menu_link(
            Icon::Key,
            t.reset_password,
            with_ask(query.url(), &format!("reset-{id}")),
            "menu-item",
        ));
    }
    if ui.may(USER_ALTER) && !own {
        items.push(match user.status {
            Status::Active => menu_link(
                Icon::Ban,
                t.disable,
                with_ask(query.url(), &format!("disable-{id}")),
                "menu-item",
            ),
            Status::Disabled => enable_form(ui, enable, id, "menu-item"),
        });
    }
    if ui.may(USER_REMOVE) && !own {
        items.push(menu_link(
            Icon::Trash,
            t.delete,
            with_ask(query.url(), &format!("delete-{id}")),
            "menu-item danger",
        ));
    }
    if items.is_empty() {
        return ().into_any();
    }
    row_menu(format!("user-menu-{id}"), t.actions_for(name), items)
}

/// A button that enables a user.
fn enable_form(ui: Ui, enable: Submit, id: i64, class: &'static str) -> AnyView {
    let menu = format!("user-menu-{id}");
    let fields = view! {
        <input type="hidden" name="id" value=id.to_string() />
        <input type="hidden" name="status" value="0" />
        <button
            type="submit"
            class=class
            on:click=on(move |_: MouseEvent| browser::hide_popover(&menu))
        >
            {icon(Icon::Check)}
            {ui.t.enable}
        </button>
    };
    enable.form("", "", fields.into_any())
}
