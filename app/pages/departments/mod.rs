//! Departments: the tree, and over it the panels that create and edit one.

mod ask;
mod panel;

pub(crate) use panel::{Create, Panel};

use crate::browser;
use crate::calls::{Ask, Loaded, Submit, load, read, show, show_answer};
use crate::components::icon::{Icon, icon};
use crate::components::list::{Choice, address, filter, menu_link, row_menu, search};
use crate::components::live::{memo, on};
use crate::components::state::{empty, skeleton};
use crate::components::status;
use crate::components::tree::{self, Cell, Editing, Row, Shape, Spot, rename_item};
use crate::pages::{head, title};
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_location, use_query_map};
use leptos_router::params::ParamsMap;
use menshen_domain::catalogue::{DEPT_ADD, DEPT_ALTER, DEPT_REMOVE, USER_LIST};
use menshen_domain::dept::{Dept, Shown};
use menshen_domain::role::Status;
use menshen_domain::tree::Branch;
use menshen_domain::{Tree, validate};
use std::sync::Arc;

/// What the address says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Query {
    /// What is searched for.
    q: String,
    /// `0` or `1`; anything else for both.
    status: String,
}

impl Query {
    fn read(params: &ParamsMap) -> Self {
        let text = |key: &str| params.get_str(key).unwrap_or_default().trim().to_owned();
        Self {
            q: text("q"),
            status: text("status"),
        }
    }

    /// An address of this page that says the same.
    fn at(&self, rest: &str, ask: &str) -> String {
        address(
            &format!("/admin/departments{rest}"),
            &[("q", &self.q), ("status", &self.status), ("ask", ask)],
        )
    }

    /// The address of the panel that makes one below `id`.
    fn new_below(&self, id: i64) -> String {
        address(
            "/admin/departments/new",
            &[
                ("q", &self.q),
                ("status", &self.status),
                ("parent", &id.to_string()),
            ],
        )
    }

    fn filtered(&self) -> bool {
        !(self.q.is_empty() && self.status.is_empty())
    }

    fn lets(&self, dept: &Dept) -> bool {
        validate::holds(&dept.name, Some(&self.q))
            && (self.status.is_empty() || self.status == dept.status.code())
    }
}

/// What the tree and its panels share.
#[derive(Clone, Copy)]
pub(crate) struct Shared {
    query: Memo<Query>,
    /// Counts changes, so that the tree is loaded again after each.
    version: RwSignal<u32>,
    list: Loaded,
    tree: tree::Tree,
}

impl Shared {
    fn changed(self) {
        self.version.try_update(|v| *v += 1);
    }

    fn here(self) -> String {
        self.query.with_untracked(|q| q.at("", ""))
    }
}

/// The tree.
#[component]
pub(crate) fn Departments() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let params = use_query_map();
    let path = use_location().pathname;
    let query = memo(move || params.with(Query::read));
    let version = RwSignal::new(0_u32);
    let list = load(move || (Ask::of("list_depts", &[]), version.get()));
    let editing = Editing {
        move_fn: "move_dept",
        rename_fn: "update_dept",
        rename_field: "name",
    };
    let tree = tree::Tree::new(ui, version, ui.may(DEPT_ALTER).then_some(editing));
    let shared = Shared {
        query,
        version,
        list,
        tree,
    };
    provide_context(shared);
    let asked = memo(move || {
        let here = path.with(|p| p == "/admin/departments");
        params
            .with(|p| {
                p.get_str("ask").and_then(|ask| {
                    let (what, id) = ask.split_once('-')?;
                    Some((what.to_owned(), id.parse::<i64>().ok()?))
                })
            })
            .filter(|_| here)
    });
    let enable = enabling(ui, shared);
    let total = show_answer(
        list,
        || "\u{a0}".into_any(),
        move |answer| match read::<Tree<Shown>>(answer) {
            Ok(tree) => {
                let seen = tree.into_nodes().iter().filter(|s| s.in_scope).count();
                let seen = i64::try_from(seen).unwrap_or(i64::MAX);
                t.departments_total(seen, &count(seen)).into_any()
            }
            Err(_) => "\u{a0}".into_any(),
        },
    );
    let text = Signal::derive(move || query.with(|q| q.q.clone()));
    let keep = Signal::derive(move || vec![("status", query.with(|q| q.status.clone()))]);
    let to = move |q: String| {
        Query {
            q,
            ..query.get_untracked()
        }
        .at("", "")
    };
    view! {
        {title(t.departments)}
        {head(t.departments.into_any(), total, new_button(ui).into_any())}
        <div class="filters">
            {search(
                ui,
                "/admin/departments",
                t.search_departments,
                text,
                keep,
                Arc::new(to),
            )}
            {move || by_status(ui, &query.get())}
        </div>
        {show(
            ui,
            list,
            move || skeleton(ui),
            move |found: Tree<Shown>| body(ui, shared, enable, asked, found),
        )}
        <Outlet />
    }
}

fn new_button(ui: Ui) -> Option<AnyView> {
    ui.may(DEPT_ADD).then(|| {
        view! {
            <a class="button primary" href="/admin/departments/new" data-new="">
                {icon(Icon::Plus)}
                {ui.t.new_department}
            </a>
        }
        .into_any()
    })
}

fn by_status(ui: Ui, query: &Query) -> AnyView {
    let t = ui.t;
    let to = |status: &str| {
        Query {
            status: status.to_owned(),
            ..query.clone()
        }
        .at("", "")
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

/// The form that enables a department: the same for every row.
fn enabling(ui: Ui, shared: Shared) -> Submit {
    Submit::new(ui, "set_dept_status", move |done| {
        ui.toast(ui.t.dept_status(Status::Active, &done.name));
        shared.changed();
    })
    .refused(move |error| ui.toast_error(error))
}

/// The tree as moves see it.
fn shape(branches: &[Branch<Shown>], into: &mut Vec<Spot>) {
    for branch in branches {
        let Shown { dept, in_scope } = &branch.node;
        into.push(Spot {
            id: dept.id.0,
            parent: dept.parent_id.map(|p| p.0),
            name: dept.name.clone(),
            free: *in_scope,
            roomy: *in_scope,
        });
        shape(&branch.children, into);
    }
}

fn shape_of(found: &Tree<Shown>) -> Shape {
    let mut spots = Vec::new();
    shape(&found.roots, &mut spots);
    Shape(spots)
}

fn body(
    ui: Ui,
    shared: Shared,
    enable: Submit,
    asked: Memo<Option<(String, i64)>>,
    found: Tree<Shown>,
) -> AnyView {
    let t = ui.t;
    if found.roots.is_empty() {
        return empty(
            Icon::Tree,
            t.no_departments,
            t.no_departments_text,
            new_button(ui).into_any(),
        );
    }
    shared.tree.set_shape(shape_of(&found));
    let found = StoredValue::new(found);
    let rows = move || {
        let query = shared.query.get();
        let list = List {
            ui,
            shared,
            enable,
            query: &query,
        };
        let rows = found.with_value(|f| list.rows(&f.roots, false));
        if rows.is_empty() {
            let link = view! {
                <a class="button" href="/admin/departments">
                    {t.clear_filters}
                </a>
            };
            let text = t.nothing_found_text;
            return empty(Icon::Search, t.nothing_found, text, link.into_any());
        }
        let columns = [t.leader, t.contact, t.users, t.status];
        tree::tree(
            shared.tree,
            "depts",
            t.departments,
            &columns,
            query.filtered(),
            rows,
        )
    };
    let question = move || {
        let (what, id) = asked.get()?;
        let close = shared.here();
        if what == "move" {
            return tree::question(shared.tree, id, close);
        }
        found.with_value(|f| {
            let below = shared.tree.shape(|s| s.below(Some(id), id).len());
            let shown = find(&f.roots, id).filter(|s| s.in_scope)?;
            ask::question(ui, shared, &what, &shown.dept, below, close)
        })
    };
    view! {
        {move || rows()}
        {move || question()}
    }
    .into_any()
}

fn find(branches: &[Branch<Shown>], id: i64) -> Option<&Shown> {
    branches.iter().find_map(|b| {
        if b.node.dept.id.0 == id {
            Some(&b.node)
        } else {
            find(&b.children, id)
        }
    })
}

/// What all rows need.
struct List<'a> {
    ui: Ui,
    shared: Shared,
    enable: Submit,
    query: &'a Query,
}

impl List<'_> {
    fn is_found(&self, shown: &Shown) -> bool {
        shown.in_scope && self.query.lets(&shown.dept)
    }

    fn leads(&self, branch: &Branch<Shown>) -> bool {
        self.is_found(&branch.node) || branch.children.iter().any(|b| self.leads(b))
    }

    /// The rows that a search finds, with what leads there; `whole`: what is below a finding by
    /// name. What a status finds stands alone.
    fn rows(&self, branches: &[Branch<Shown>], whole: bool) -> Vec<Row> {
        branches
            .iter()
            .filter(|b| whole || self.leads(b))
            .map(|branch| {
                let whole = whole || (self.query.status.is_empty() && self.is_found(&branch.node));
                let below = self.rows(&branch.children, whole);
                self.row(&branch.node, below)
            })
            .collect()
    }

    fn row(&self, shown: &Shown, below: Vec<Row>) -> Row {
        let (ui, t) = (self.ui, self.ui.t);
        let Shown { dept, in_scope } = shown;
        let id = dept.id.0;
        let labels = [t.leader, t.contact, t.users, t.status];
        if !in_scope {
            return Row {
                id,
                name: dept.name.clone(),
                href: None,
                beside: view! { <span class="tag">{t.out_of_scope}</span> }.into_any(),
                cells: labels.map(|label| Cell { label, view: None }).into(),
                menu: ().into_any(),
                free: false,
                inert: true,
                dim: false,
                below,
            };
        }
        let views = [
            dept.leader.as_deref().map(cut),
            contact(dept),
            Some(users(ui, dept)),
            Some(status(ui, dept.status)),
        ];
        let cells = labels.into_iter().zip(views);
        Row {
            id,
            name: dept.name.clone(),
            href: Some(self.query.at(&format!("/{id}"), "")),
            beside: ().into_any(),
            cells: cells.map(|(label, view)| Cell { label, view }).collect(),
            menu: self.menu(dept),
            free: ui.may(DEPT_ALTER),
            inert: false,
            dim: dept.status == Status::Disabled,
            below,
        }
    }

    fn menu(&self, dept: &Dept) -> AnyView {
        let (ui, t, query) = (self.ui, self.ui.t, self.query);
        let id = dept.id.0;
        let popover = format!("dept-menu-{id}");
        let ask = |what: &str| query.at("", &format!("{what}-{id}"));
        let mut items = Vec::new();
        if ui.may(DEPT_ADD) {
            let href = query.new_below(id);
            items.push(menu_link(Icon::Plus, t.new_below, href, "menu-item"));
        }
        if ui.may(DEPT_ALTER) {
            let href = query.at(&format!("/{id}"), "");
            items.push(menu_link(Icon::Edit, t.edit, href, "menu-item"));
            items.push(rename_item(self.shared.tree, id, popover.clone()));
            items.push(menu_link(Icon::Move, t.move_dots, ask("move"), "menu-item"));
            items.push(match dept.status {
                Status::Active => menu_link(Icon::Ban, t.disable, ask("disable"), "menu-item"),
                Status::Disabled => enable_form(ui, self.enable, id, "menu-item"),
            });
        }
        if ui.may(DEPT_REMOVE) {
            let class = "menu-item danger";
            items.push(menu_link(Icon::Trash, t.delete, ask("delete"), class));
        }
        if items.is_empty() {
            return ().into_any();
        }
        row_menu(popover, t.actions_for(&dept.name), items)
    }
}

fn cut(text: &str) -> AnyView {
    let text = text.to_owned();
    view! {
        <span class="cut" title=text.clone()>
            {text.clone()}
        </span>
    }
    .into_any()
}

fn contact(dept: &Dept) -> Option<AnyView> {
    let phone = dept.phone.clone().map(|phone| {
        view! {
            <a class="link cut" href=format!("tel:{phone}") draggable="false">
                {phone.clone()}
            </a>
        }
        .into_any()
    });
    let email = dept.email.clone().map(|email| {
        view! {
            <a class="link cut" href=format!("mailto:{email}") draggable="false">
                {email.clone()}
            </a>
        }
        .into_any()
    });
    (phone.is_some() || email.is_some()).then(|| view! { {phone} {email} }.into_any())
}

/// How many users are in it, leading to them.
fn users(ui: Ui, dept: &Dept) -> AnyView {
    let n = ui.t.users_total(dept.users, &count(dept.users));
    if dept.users > 0 && ui.may(USER_LIST) {
        view! {
            <a class="link" href=format!("/admin/users?dept={}", dept.id) draggable="false">
                {n}
            </a>
        }
        .into_any()
    } else {
        view! { <span class="quiet">{n}</span> }.into_any()
    }
}

/// A button that enables a department.
fn enable_form(ui: Ui, enable: Submit, id: i64, class: &'static str) -> AnyView {
    let menu = format!("dept-menu-{id}");
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
