//! Roles: the list.

mod ask;
pub(crate) mod editor;
mod effect;
mod scopes;
mod tree;

use crate::browser;
use crate::calls::{Ask, Submit, load, read, show, show_answer};
use crate::components::icon::{Icon, icon};
use crate::components::list::{Choice, address, filter, menu_link, pager, row_menu, search};
use crate::components::live::{memo, on};
use crate::components::state::{empty, skeleton};
use crate::components::{status, when};
use crate::live;
use crate::pages::{head, title};
use crate::server_fns::roles::RoleQuery;
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use menshen_domain::Page;
use menshen_domain::catalogue::{ROLE_ADD, ROLE_ALTER, ROLE_QUERY, ROLE_REMOVE, USER_LIST};
use menshen_domain::permission::EVERYTHING;
use menshen_domain::role::{Role, Status};
use std::sync::Arc;

impl RoleQuery {
    fn read(params: &ParamsMap) -> Self {
        let text = |key: &str| params.get_str(key).unwrap_or_default().trim().to_owned();
        Self {
            q: text("q"),
            status: text("status"),
            page: text("page").parse().unwrap_or(1).max(1),
        }
    }

    fn ask(&self) -> Ask {
        Ask::of(
            "list_roles",
            &[
                ("query[q]", &self.q),
                ("query[status]", &self.status),
                ("query[page]", &self.page.to_string()),
            ],
        )
    }

    fn url(&self) -> String {
        let page = if self.page > 1 {
            self.page.to_string()
        } else {
            String::new()
        };
        address(
            "/admin/roles",
            &[("q", &self.q), ("status", &self.status), ("page", &page)],
        )
    }

    /// The list's address with a question, such as `delete-5`.
    fn asking(&self, ask: &str) -> String {
        let url = self.url();
        let mark = if url.contains('?') { '&' } else { '?' };
        format!("{url}{mark}ask={ask}")
    }

    fn filtered(&self) -> bool {
        !(self.q.is_empty() && self.status.is_empty())
    }
}

/// The list.
#[component]
pub(crate) fn Roles() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let params = use_query_map();
    let query = memo(move || params.with(RoleQuery::read));
    let version = RwSignal::new(0_u32);
    let heard = live::on(ui, &["roles", "users"]);
    let roles = load(move || {
        let version = version.get().wrapping_add(heard.get());
        (query.with(RoleQuery::ask), version)
    });
    let enable = enabling(ui, version);
    let asked = memo(move || {
        params.with(|p| {
            p.get_str("ask").and_then(|ask| {
                let (what, id) = ask.split_once('-')?;
                Some((what.to_owned(), id.parse::<i64>().ok()?))
            })
        })
    });
    let total = show_answer(
        roles,
        || "\u{a0}".into_any(),
        move |answer| match read::<Page<Role>>(answer) {
            Ok(page) if query.with_untracked(RoleQuery::filtered) => {
                t.roles_found(page.total, &count(page.total)).into_any()
            }
            Ok(page) => t.roles_total(page.total, &count(page.total)).into_any(),
            Err(_) => "\u{a0}".into_any(),
        },
    );
    let new = move || {
        ui.may(ROLE_ADD).then(|| {
            view! {
                <a class="button primary" href="/admin/roles/new" data-new="">
                    {icon(Icon::Plus)}
                    {t.new_role}
                </a>
            }
            .into_any()
        })
    };
    let actions = view! { {move || new()} }.into_any();
    let keep = Signal::derive(move || vec![("status", query.get().status)]);
    let text = Signal::derive(move || query.with(|q| q.q.clone()));
    let to = move |q: String| {
        RoleQuery {
            q,
            page: 1,
            ..query.get_untracked()
        }
        .url()
    };
    view! {
        {title(t.roles)}
        {head(t.roles.into_any(), total, actions)}
        <div class="filters">
            {search(ui, "/admin/roles", t.search_roles, text, keep, Arc::new(to))}
            {move || by_status(ui, &query.get())}
        </div>
        {show(
            ui,
            roles,
            move || skeleton(ui),
            move |page| list(ui, query, version, enable, asked, page),
        )}
    }
}

/// The form that enables a role: the same for every row.
fn enabling(ui: Ui, version: RwSignal<u32>) -> Submit {
    Submit::new(ui, "set_role_status", move |done| {
        ui.toast(ui.t.role_status(Status::Active, &done.name));
        version.update(|v| *v += 1);
    })
    .refused(move |error| ui.toast_error(error))
}

fn by_status(ui: Ui, query: &RoleQuery) -> AnyView {
    let t = ui.t;
    let to = |status: &str| {
        RoleQuery {
            status: status.to_owned(),
            page: 1,
            ..query.clone()
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

fn list(
    ui: Ui,
    query: Memo<RoleQuery>,
    version: RwSignal<u32>,
    enable: Submit,
    asked: Memo<Option<(String, i64)>>,
    page: Page<Role>,
) -> AnyView {
    let t = ui.t;
    let now = query.get_untracked();
    if page.list.is_empty() {
        let link = view! {
            <a class="button" href="/admin/roles">
                {t.clear_filters}
            </a>
        };
        return empty(
            Icon::Search,
            t.nothing_found,
            t.nothing_found_text,
            link.into_any(),
        );
    }
    let rows: Vec<AnyView> = page
        .list
        .iter()
        .map(|role| row(ui, &now, enable, role))
        .collect();
    let foot = pager(ui, page.total, now.page, &|number| {
        RoleQuery {
            page: number,
            ..now.clone()
        }
        .url()
    });
    let roles = StoredValue::new(page.list);
    let question = move || {
        let (what, id) = asked.get()?;
        roles.with_value(|roles| {
            let role = roles.iter().find(|role| role.id.0 == id)?;
            let close = query.get_untracked().url();
            ask::question(ui, version, &what, role, close.clone(), close)
        })
    };
    view! {
        <div class="card table-card">
            <table class="table">
                <caption class="hidden">{t.roles}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t.role}</th>
                        <th scope="col">{t.permissions}</th>
                        <th scope="col">{t.data_scope}</th>
                        <th scope="col" class="number">
                            {t.holders}
                        </th>
                        <th scope="col">{t.status}</th>
                        <th scope="col" class="number">
                            {t.sort}
                        </th>
                        <th scope="col">{t.last_change}</th>
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

/// How many permissions a role grants, told so that a wildcard is not taken for one.
fn grants(ui: Ui, role: &Role) -> AnyView {
    let t = ui.t;
    if role.permissions.iter().any(|p| p == EVERYTHING) {
        return view! { <span class="tag strong">{t.everything}</span> }.into_any();
    }
    let wild = role.permissions.iter().filter(|p| p.contains('*')).count();
    let text = t.permission_count(role.permissions.len(), wild);
    view! { <span>{text}</span> }.into_any()
}

fn row(ui: Ui, query: &RoleQuery, enable: Submit, role: &Role) -> AnyView {
    let t = ui.t;
    let id = role.id.0;
    let name = view! {
        <span>
            <b>{role.name.clone()}</b>
            <small class="code">{role.key.clone()}</small>
        </span>
        {role.builtin.then(|| view! { <span class="tag">{t.builtin}</span> }.into_any())}
    };
    let name = if ui.may(ROLE_QUERY) {
        view! {
            <a class="who" href=format!("/admin/roles/{id}")>
                {name}
            </a>
        }
        .into_any()
    } else {
        view! { <span class="who">{name}</span> }.into_any()
    };
    let holders = if ui.may(USER_LIST) && role.holders > 0 {
        view! {
            <a class="link" href=format!("/admin/users?role={id}")>
                {count(role.holders)}
            </a>
        }
        .into_any()
    } else {
        count(role.holders).into_any()
    };
    view! {
        <tr>
            <td>{name}</td>
            <td data-label=t.permissions>{grants(ui, role)}</td>
            <td data-label=t.data_scope>{t.scope(role.data_scope)}</td>
            <td data-label=t.holders class="number">
                {holders}
            </td>
            <td data-label=t.status>{status(ui, role.status)}</td>
            <td data-label=t.sort class="number">
                {role.sort}
            </td>
            <td data-label=t.last_change>
                {when(ui, role.updated_at.unwrap_or(role.created_at))}
            </td>
            <td class="row-actions">{menu(ui, query, enable, role)}</td>
        </tr>
    }
    .into_any()
}

fn menu(ui: Ui, query: &RoleQuery, enable: Submit, role: &Role) -> AnyView {
    let t = ui.t;
    let id = role.id.0;
    let mut items = Vec::new();
    if ui.may(ROLE_QUERY) {
        items.push(menu_link(
            Icon::Edit,
            t.edit,
            format!("/admin/roles/{id}"),
            "menu-item",
        ));
    }
    if ui.may(ROLE_ALTER) && !role.builtin {
        items.push(match role.status {
            Status::Active => menu_link(
                Icon::Ban,
                t.disable,
                query.asking(&format!("disable-{id}")),
                "menu-item",
            ),
            Status::Disabled => enable_form(ui, enable, id, "menu-item"),
        });
    }
    if ui.may(ROLE_REMOVE) && !role.builtin {
        items.push(menu_link(
            Icon::Trash,
            t.delete,
            query.asking(&format!("delete-{id}")),
            "menu-item danger",
        ));
    }
    if items.is_empty() {
        return ().into_any();
    }
    row_menu(format!("role-menu-{id}"), t.actions_for(&role.name), items)
}

/// A button that enables a role.
fn enable_form(ui: Ui, enable: Submit, id: i64, class: &'static str) -> AnyView {
    let menu = format!("role-menu-{id}");
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
