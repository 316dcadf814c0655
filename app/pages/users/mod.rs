//! Users: the list, and over it the panels that create and edit one.

mod access;
mod ask;
mod bulk;
mod columns;
pub(crate) mod create;
mod dept;
mod history;
pub(crate) mod panel;
mod security;

use crate::boot::ColumnsOf;
use crate::calls::{Ask, Loaded, Submit, load, read, show, show_answer};
use crate::components::icon::{Icon, icon};
use crate::components::list::{
    Paging, STATUSES, address, asked_of, by_code, by_status, enable_form, id_of, known_of,
    later_page, menu_link, nothing_found, page_of, page_size, pager_sized, row_menu, search,
    text_of, told, with,
};
use crate::components::live::memo;
use crate::components::pick::{IDS, Picks};
use crate::components::state::{empty, skeleton};
use crate::components::table::{Column, actions_head, cells, choice, table};
use crate::components::{avatar, pick, status};
use crate::live;
use crate::pages::{head, title};
use crate::server_fns::users::{PAGE_SIZE, UserQuery, within_days};
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_location, use_query_map};
use leptos_router::params::ParamsMap;
use menshen_domain::Page;
use menshen_domain::catalogue::{
    DEPT_LIST, ROLE_LIST, USER_ADD, USER_ALTER, USER_BIND, USER_EXPORT, USER_IMPORT, USER_QUERY,
    USER_REMOVE, USER_RESET,
};
use menshen_domain::role::Status;
use menshen_domain::session::RoleOption;
use menshen_domain::user::{User, UserSort};
use std::sync::Arc;

impl UserQuery {
    /// What the server would not go by is left out: what is in here shows.
    fn read(params: &ParamsMap) -> Self {
        let days = within_days(&text_of(params, "since"));
        Self {
            q: text_of(params, "q"),
            status: known_of(params, "status", STATUSES),
            role: id_of(params, "role"),
            dept: id_of(params, "dept"),
            since: days.map(|days| days.to_string()).unwrap_or_default(),
            factor: known_of(params, "factor", &["none"]),
            due: known_of(params, "due", &["password"]),
            sort: known_of(params, "sort", &UserSort::ALL.map(UserSort::code)),
            order: known_of(params, "order", &["asc", "desc"]),
            page: page_of(params),
            size: page_size(text_of(params, "size").parse().unwrap_or_default()),
            columns: String::new(),
        }
    }

    /// The question that loads this.
    fn ask(&self) -> Ask {
        Ask::of(
            "list_users",
            &[
                ("query[q]", &self.q),
                ("query[status]", &self.status),
                ("query[role]", &self.role),
                ("query[dept]", &self.dept),
                ("query[since]", &self.since),
                ("query[factor]", &self.factor),
                ("query[due]", &self.due),
                ("query[sort]", &self.sort),
                ("query[order]", &self.order),
                ("query[page]", &self.page.to_string()),
                ("query[size]", &self.size.to_string()),
                ("query[columns]", &self.columns),
            ],
        )
    }

    /// All that the address says; what is as usual is empty.
    fn pairs(&self) -> [(&'static str, String); 11] {
        let size = if self.size == PAGE_SIZE {
            String::new()
        } else {
            self.size.to_string()
        };
        [
            ("q", self.q.clone()),
            ("status", self.status.clone()),
            ("role", self.role.clone()),
            ("dept", self.dept.clone()),
            ("since", self.since.clone()),
            ("factor", self.factor.clone()),
            ("due", self.due.clone()),
            ("sort", self.sort.clone()),
            ("order", self.order.clone()),
            ("size", size),
            ("page", later_page(self.page)),
        ]
    }

    /// The address that says this, under `base`.
    fn under(&self, base: &str) -> String {
        let pairs = self.pairs();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (*k, v.as_str())).collect();
        address(base, &pairs)
    }

    fn url(&self) -> String {
        self.under("/admin/users")
    }

    /// The address of a user's panel over this list; `ask` is a question to open it with.
    fn panel(&self, id: i64, ask: &str) -> String {
        self.tab(id, "", ask)
    }

    /// The address of one tab of a user's panel.
    fn tab(&self, id: i64, tab: &str, ask: &str) -> String {
        let url = self.under(&format!("/admin/users/{id}"));
        with(with(url, "tab", tab), "ask", ask)
    }

    /// Where the same users are had as a file.
    fn export(&self) -> String {
        let flag = |set: &str| if set.is_empty() { "" } else { "true" };
        address(
            "/user/export",
            &[
                ("keyword", &self.q),
                ("status", &self.status),
                ("roleId", &self.role),
                ("deptId", &self.dept),
                ("signedInDays", &self.since),
                ("noSecondFactor", flag(&self.factor)),
                ("passwordDue", flag(&self.due)),
                ("sortBy", &self.sort),
                ("sortOrder", &self.order),
            ],
        )
    }

    fn filtered(&self) -> bool {
        [
            &self.q,
            &self.status,
            &self.role,
            &self.dept,
            &self.since,
            &self.factor,
            &self.due,
        ]
        .into_iter()
        .any(|filter| !filter.is_empty())
    }

    /// The address of the first page with something changed.
    fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut query = Self {
            page: 1,
            ..self.clone()
        };
        change(&mut query);
        query.url()
    }
}

/// What the list and its panels share.
#[derive(Clone, Copy)]
pub(crate) struct Shared {
    pub query: Memo<UserQuery>,
    /// Counts changes, so that the list is loaded again after each.
    pub version: RwSignal<u32>,
    /// Who is ticked.
    pub picks: Picks,
    /// Whom a question is asked about, and what hangs on them.
    pub asked_about: Loaded,
    /// The roles to choose from; empty for who may not choose.
    pub roles: Loaded,
    /// The departments to choose from; empty for who may not choose.
    pub depts: Loaded,
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
    let query = memo(move || UserQuery {
        columns: ui.columns(ColumnsOf::Users).get(),
        ..params.with(UserQuery::read)
    });
    let version = RwSignal::new(0_u32);
    let url = Signal::derive(move || query.with(UserQuery::url));
    let may_choose = ui.may(USER_BIND) || ui.may(ROLE_LIST);
    let may_place = ui.may(DEPT_LIST) || ui.may(USER_ADD) || ui.may(USER_ALTER);
    let once = |may: bool, endpoint: &'static str| {
        load(move || {
            let ask = if may {
                Ask::of(endpoint, &[])
            } else {
                Ask::NOTHING
            };
            (ask, 0)
        })
    };
    let shared = Shared {
        query,
        version,
        picks: Picks::new(IDS, url),
        asked_about: load(move || {
            let ids = path.with(|path| params.with(|p| asked_about(path, p)));
            (bulk::ask(&ids), version.get())
        }),
        roles: once(may_choose, "role_options"),
        depts: once(may_place, "user_depts"),
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
        params.with(asked_of).filter(|_| list)
    });
    let several = bulk::asked(path, params);
    let enable = enabling(ui, shared);
    let total = told(users, move |page: Page<User>| {
        let number = count(page.total);
        if query.with_untracked(UserQuery::filtered) {
            t.users_found(page.total, &number)
        } else {
            t.users_total(page.total, &number)
        }
    });
    let keep = Signal::derive(move || {
        let pairs = query.with(UserQuery::pairs);
        let kept = pairs.into_iter();
        kept.filter(|(key, _)| !["q", "page"].contains(key))
            .collect()
    });
    let text = Signal::derive(move || query.with(|q| q.q.clone()));
    let to = move |text: String| query.with_untracked(|q| q.with(|q| q.q = text));
    view! {
        {title(t.users)}
        {head(t.users.into_any(), total, actions(ui, query))}
        <div class="filters">
            {search(ui, "/admin/users", t.search_users, text, keep, Arc::new(to))}
            {move || query.with(|q| by_status(ui, &q.status, &|to| q.with(|q| q.status = to.to_owned())))}
            {show_answer(
                shared.roles,
                || ().into_any(),
                move |answer| by_role(ui, query, read(answer).unwrap_or_default()),
            )}
            {show_answer(
                shared.depts,
                || ().into_any(),
                move |answer| dept::chip(ui, query, read(answer).unwrap_or_default()),
            )}
            {move || query.with(|q| by_sign_in(ui, q))}
            {move || query.with(|q| by_factor(ui, q))}
            {move || query.with(|q| by_due(ui, q))}
            {choice(ui, ColumnsOf::Users, columns::column)}
        </div>
        {show(ui, users, move || skeleton(ui), move |page| list(ui, shared, enable, asked, page))}
        {bulk::question(ui, shared, several)}
        <Outlet />
    }
}

/// Whom an address asks something about: those who are ticked, one of the list, or the one whose
/// panel is open.
fn asked_about(path: &str, params: &ParamsMap) -> Vec<String> {
    let Some(below) = path.strip_prefix("/admin/users") else {
        return Vec::new();
    };
    if params.get_str("ask").is_none() {
        return Vec::new();
    }
    let one = match below.strip_prefix('/') {
        Some(id) => id.parse().ok(),
        None => asked_of(params).map(|(_, id)| id),
    };
    one.map_or_else(|| pick::ids(params), |id| vec![id.to_string()])
}

/// What one can do on the page as a whole.
fn actions(ui: Ui, query: Memo<UserQuery>) -> AnyView {
    let t = ui.t;
    let export = ui.may(USER_EXPORT).then(|| {
        view! {
            <a
                class="button"
                href=move || query.with(UserQuery::export)
                download=""
                rel="external"
            >
                {icon(Icon::Download)}
                {t.export}
            </a>
        }
        .into_any()
    });
    let import = (ui.may(USER_IMPORT) && ui.may(USER_ADD)).then(|| {
        view! {
            <a class="button" href="/admin/users/import">
                {icon(Icon::Upload)}
                {t.import}
            </a>
        }
        .into_any()
    });
    let new = ui.may(USER_ADD).then(|| {
        view! {
            <a class="button primary" data-new="" href=move || query.get().under("/admin/users/new")>
                {icon(Icon::Plus)}
                {t.new_user}
            </a>
        }
        .into_any()
    });
    view! {
        {export}
        {import}
        {new}
    }
    .into_any()
}

/// The form that enables a user: the same for every row.
fn enabling(ui: Ui, shared: Shared) -> Submit {
    Submit::new(ui, "set_user_status", move |done| {
        ui.toast_done(ui.t.user_status(Status::Active, &done.name), done.undo);
        shared.changed();
    })
    .refused(move |error| ui.toast_error(error))
}

fn by_role(ui: Ui, query: Memo<UserQuery>, roles: Vec<RoleOption>) -> AnyView {
    let names: Vec<(String, String)> = roles
        .into_iter()
        .map(|role| (role.id.to_string(), role.name))
        .collect();
    let view = move || {
        let query = query.get();
        // Who may not choose is told by what the list is filtered all the same.
        if names.is_empty() && query.role.is_empty() {
            return ().into_any();
        }
        let codes: Vec<&str> = names.iter().map(|(id, _)| id.as_str()).collect();
        let name = |id: &str| {
            let found = names.iter().find(|(known, _)| known == id);
            found.map_or_else(|| format!("#{id}"), |(_, name)| name.clone())
        };
        let to = |id: &str| query.with(|q| id.clone_into(&mut q.role));
        let label = ui.t.role;
        by_code(ui, "filter-role", label, &codes, &query.role, &name, &to)
    };
    view! { {move || view()} }.into_any()
}

fn by_sign_in(ui: Ui, query: &UserQuery) -> AnyView {
    let t = ui.t;
    by_code(
        ui,
        "filter-since",
        t.signed_in_since,
        &["1", "7", "30", "90"],
        &query.since,
        &|days| t.last_days(days.parse().unwrap_or_default()),
        &|days| query.with(|q| days.clone_into(&mut q.since)),
    )
}

fn by_factor(ui: Ui, query: &UserQuery) -> AnyView {
    let t = ui.t;
    by_code(
        ui,
        "filter-factor",
        t.second_factor,
        &["none"],
        &query.factor,
        &|_| t.none.to_owned(),
        &|factor| query.with(|q| factor.clone_into(&mut q.factor)),
    )
}

/// One-time passwords that were not changed yet.
fn by_due(ui: Ui, query: &UserQuery) -> AnyView {
    let t = ui.t;
    by_code(
        ui,
        "filter-due",
        t.password,
        &["password"],
        &query.due,
        &|_| t.password_change_due.to_owned(),
        &|due| query.with(|q| due.clone_into(&mut q.due)),
    )
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
    let ids = page.list.iter().map(|user| user.id.to_string());
    shared.picks.show(ids.collect());
    if page.list.is_empty() {
        return nobody(ui, &query, page.total);
    }
    let actions = bulk::actions(ui);
    let picks = (!actions.is_empty()).then_some(shared.picks);
    let all = picks.map(|picks| picks.all_box(ui)).into_any();
    let columns = columns::shown(ui, &query);
    let heads = columns::heads(ui, &query, &columns, all);
    let rows: Vec<AnyView> = page
        .list
        .iter()
        .map(|user| row(ui, &query, &columns, enable, picks, user))
        .collect();
    let paging = Paging {
        total: page.total,
        more: false,
        page: query.page,
        size: query.size,
    };
    let foot = pager_sized(ui, paging, &|page, size| {
        UserQuery {
            page,
            size,
            ..query.clone()
        }
        .url()
    });
    let bar = pick::bar(
        ui,
        shared.picks,
        "/admin/users",
        query.pairs().into(),
        |t, n| t.picked(n),
        actions,
    );
    let users = StoredValue::new(page.list);
    let question = move || {
        let (what, id) = asked.get()?;
        users.with_value(|users| {
            let user = users.iter().find(|user| user.id.0 == id)?;
            ask::question(ui, shared, &what, user, shared.query.get_untracked().url())
        })
    };
    let heads = view! {
        {heads}
        {actions_head(ui)}
    };
    let below = view! {
        {bar}
        {foot}
    };
    let (heads, below) = (heads.into_any(), below.into_any());
    view! {
        {table(t.users, "people", "", heads, rows, below)}
        {move || question()}
    }
    .into_any()
}

fn nobody(ui: Ui, query: &UserQuery, total: i64) -> AnyView {
    let t = ui.t;
    if query.filtered() || total > 0 {
        nothing_found(ui, "/admin/users")
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

fn row(
    ui: Ui,
    query: &UserQuery,
    columns: &[Column],
    enable: Submit,
    picks: Option<Picks>,
    user: &User,
) -> AnyView {
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
    view! {
        <tr>
            <td>
                <div class="picked">
                    {picks.map(|picks| picks.row_box(id.to_string(), ui.t.pick(&name)))} {who}
                </div>
            </td>
            {cells(columns, &|column| columns::cell(ui, column, user))}
            <td class="row-actions">{menu(ui, query, enable, user, &name)}</td>
        </tr>
    }
    .into_any()
}

/// What one can do with a user: the two most usual things as signs that show on hover, all of it
/// in a menu.
fn menu(ui: Ui, query: &UserQuery, enable: Submit, user: &User, name: &str) -> AnyView {
    let t = ui.t;
    let id = user.id.0;
    let own = ui
        .me
        .with_untracked(|me| me.as_ref().is_some_and(|me| me.id == user.id));
    let asking = |what: &str| with(query.url(), "ask", &format!("{what}-{id}"));
    let mut items = Vec::new();
    let mut quick = Vec::new();
    if ui.may(USER_QUERY) {
        let href = query.panel(id, "");
        quick.push(quick_link(t, Icon::Edit, t.edit, name, href.clone()));
        items.push(menu_link(Icon::Edit, t.edit, href, "menu-item"));
        let href = query.tab(id, "access", "");
        items.push(menu_link(Icon::Shield, t.tab_access, href, "menu-item"));
    }
    if ui.may(USER_RESET) && !own {
        items.push(menu_link(
            Icon::Key,
            t.reset_password,
            asking("reset"),
            "menu-item",
        ));
    }
    if ui.may(USER_ALTER) && !own {
        match user.status {
            Status::Active => {
                quick.push(quick_link(t, Icon::Ban, t.disable, name, asking("disable")));
                items.push(menu_link(
                    Icon::Ban,
                    t.disable,
                    asking("disable"),
                    "menu-item",
                ));
            }
            Status::Disabled => {
                let menu = format!("user-menu-{id}");
                items.push(enable_form(ui, enable, id, menu, "menu-item"));
            }
        }
    }
    if ui.may(USER_REMOVE) && !own {
        items.push(menu_link(
            Icon::Trash,
            t.delete,
            asking("delete"),
            "menu-item danger",
        ));
    }
    if items.is_empty() {
        return ().into_any();
    }
    view! {
        <span class="quick">{quick}</span>
        {row_menu(format!("user-menu-{id}"), t.actions_for(name), items)}
    }
    .into_any()
}

/// A sign that does what the menu does, too: for the hand that is there already. The keyboard has
/// the menu.
fn quick_link(
    t: &crate::i18n::Texts,
    sign: Icon,
    label: &'static str,
    name: &str,
    href: String,
) -> AnyView {
    view! {
        <a
            class="icon-button"
            href=href
            title=label
            aria-label=format!("{label}{}{name}", t.colon())
            data-noscroll="true"
        >
            {icon(sign)}
        </a>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_an_address_asks_about() {
        let about = |path: &str, pairs: &[(&'static str, &str)]| {
            let mut params = ParamsMap::new();
            for (key, value) in pairs {
                params.insert(*key, (*value).to_owned());
            }
            asked_about(path, &params)
        };
        let list = "/admin/users";
        assert_eq!(about(list, &[("ask", "disable-5")]), ["5"]);
        let several = [("ask", "disable"), (IDS, "3"), (IDS, "5")];
        assert_eq!(about(list, &several), ["3", "5"]);
        assert_eq!(about("/admin/users/7", &[("ask", "reset")]), ["7"]);
        for (path, pairs) in [
            (list, (IDS, "3")),
            ("/admin/users/7", ("tab", "security")),
            ("/admin/users/new", ("ask", "reset")),
            ("/admin/roles", ("ask", "delete-5")),
        ] {
            assert!(about(path, &[pairs]).is_empty(), "{path} {pairs:?}");
        }
    }
}
