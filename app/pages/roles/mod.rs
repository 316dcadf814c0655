//! Roles: the list.

mod ask;
pub(crate) mod editor;
mod edits;
mod effect;
mod scopes;
mod tree;

use crate::boot::ColumnsOf;
use crate::calls::{Ask, Submit, load, show};
use crate::components::icon::{Icon, icon};
use crate::components::list::{
    STATUSES, address, asked_of, by_status, enable_form, known_of, later_page, menu_link,
    nothing_found, page_of, pager, row_menu, search, text_of, told, with,
};
use crate::components::live::memo;
use crate::components::state::skeleton;
use crate::components::table::{Column, Order, actions_head, cells, choice, shown, table};
use crate::components::{status, when};
use crate::live;
use crate::pages::{head, title};
use crate::server_fns::roles::RoleQuery;
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use menshen_domain::Page;
use menshen_domain::catalogue::{ROLE_ADD, ROLE_ALTER, ROLE_QUERY, ROLE_REMOVE, USER_LIST};
use menshen_domain::permission::EVERYTHING;
use menshen_domain::role::{Role, RoleSort, Status};
use std::sync::Arc;

const BASE: &str = "/admin/roles";

impl RoleQuery {
    /// What the server would not go by is left out: what is in here shows.
    fn read(params: &ParamsMap) -> Self {
        Self {
            q: text_of(params, "q"),
            status: known_of(params, "status", STATUSES),
            sort: known_of(params, "sort", &RoleSort::ALL.map(RoleSort::code)),
            order: known_of(params, "order", &["asc", "desc"]),
            page: page_of(params),
        }
    }

    fn ask(&self) -> Ask {
        Ask::of(
            "list_roles",
            &[
                ("query[q]", &self.q),
                ("query[status]", &self.status),
                ("query[sort]", &self.sort),
                ("query[order]", &self.order),
                ("query[page]", &self.page.to_string()),
            ],
        )
    }

    fn url(&self) -> String {
        address(
            BASE,
            &[
                ("q", &self.q),
                ("status", &self.status),
                ("sort", &self.sort),
                ("order", &self.order),
                ("page", &later_page(self.page)),
            ],
        )
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

    /// The list's address with a question, such as `delete-5`.
    fn asking(&self, ask: &str) -> String {
        with(self.url(), "ask", ask)
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
    let asked = memo(move || params.with(asked_of));
    let total = told(roles, move |page: Page<Role>| {
        let number = count(page.total);
        if query.with_untracked(RoleQuery::filtered) {
            t.roles_found(page.total, &number)
        } else {
            t.roles_total(page.total, &number)
        }
    });
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
    let keep = Signal::derive(move || {
        let q = query.get();
        vec![("status", q.status), ("sort", q.sort), ("order", q.order)]
    });
    let text = Signal::derive(move || query.with(|q| q.q.clone()));
    let to = move |text: String| query.with_untracked(|q| q.with(|q| q.q = text));
    view! {
        {title(t.roles)}
        {head(t.roles.into_any(), total, actions)}
        <div class="filters">
            {search(ui, BASE, t.search_roles, text, keep, Arc::new(to))}
            {move || query.with(|q| by_status(ui, &q.status, &|to| q.with(|q| q.status = to.to_owned())))}
            {choice(ui, ColumnsOf::Roles, column)}
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
        ui.toast_done(ui.t.role_status(Status::Active, &done.name), done.undo);
        version.update(|v| *v += 1);
    })
    .refused(move |error| ui.toast_error(error))
}

/// A column by its code.
fn column(ui: Ui, code: &'static str) -> Column {
    let t = ui.t;
    match code {
        "permissions" => Column::new(code, t.permissions),
        "scope" => Column::new(code, t.data_scope),
        "holders" => Column::new(code, t.holders).class("number"),
        "status" => Column::new(code, t.status),
        "sort" => Column::new(code, t.sort)
            .sorts("roleSort", false)
            .class("number"),
        _ => Column::new(code, t.last_change).sorts("updateTime", true),
    }
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
        return nothing_found(ui, BASE);
    }
    let total = page.total;
    let foot = move || {
        let to = |page: i64| now.with(|q| q.page = page);
        pager(ui, total, now.page, &to)
    };
    let roles = StoredValue::new(page.list);
    let question = move || {
        let (what, id) = asked.get()?;
        roles.with_value(|roles| {
            let role = roles.iter().find(|role| role.id.0 == id)?;
            let close = query.get_untracked().url();
            ask::question(ui, version, &what, role, close.clone(), close)
        })
    };
    let rows = move || {
        let chosen = ui.columns(ColumnsOf::Roles).get();
        let columns = shown(ui, ColumnsOf::Roles, &chosen, column);
        let now = query.get_untracked();
        let order = Order {
            sort: &now.sort,
            order: &now.order,
            usual: ("roleSort", false),
            to: &|sort, order| {
                now.with(|q| {
                    sort.clone_into(&mut q.sort);
                    order.clone_into(&mut q.order);
                })
            },
        };
        let first = Column::new("role", t.role).sorts("roleName", false);
        let heads = view! {
            {order.head(first, ().into_any())}
            {order.heads(&columns)}
            {actions_head(ui)}
        };
        let one = |role: &Role| row(ui, &now, &columns, enable, role);
        let rows: Vec<AnyView> = roles.with_value(|roles| roles.iter().map(one).collect());
        table(t.roles, "", "", heads.into_any(), rows, foot())
    };
    view! {
        {move || rows()}
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

fn row(ui: Ui, query: &RoleQuery, columns: &[Column], enable: Submit, role: &Role) -> AnyView {
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
    view! {
        <tr>
            <td>{name}</td>
            {cells(columns, &|column| cell(ui, column, role))}
            <td class="row-actions">{menu(ui, query, enable, role)}</td>
        </tr>
    }
    .into_any()
}

/// What a column tells of a role.
fn cell(ui: Ui, column: &str, role: &Role) -> AnyView {
    match column {
        "permissions" => grants(ui, role),
        "scope" => ui.t.scope(role.data_scope).into_any(),
        "holders" if ui.may(USER_LIST) && role.holders > 0 => view! {
            <a class="link" href=format!("/admin/users?role={}", role.id)>
                {count(role.holders)}
            </a>
        }
        .into_any(),
        "holders" => count(role.holders).into_any(),
        "status" => status(ui, role.status),
        "sort" => role.sort.into_any(),
        _ => when(ui, role.changed_at()),
    }
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
            Status::Disabled => enable_form(ui, enable, id, format!("role-menu-{id}"), "menu-item"),
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
