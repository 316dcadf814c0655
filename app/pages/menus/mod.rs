//! Menus: the tree, and over it the panels that create and edit one.

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
use crate::server_fns::menus::Menus as Found;
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_location, use_query_map};
use leptos_router::params::ParamsMap;
use menshen_domain::catalogue::{
    MENU_ADD, MENU_ALTER, MENU_REMOVE, ROLE_LIST, ROLE_QUERY, USER_BIND,
};
use menshen_domain::menu::{Menu, MenuKind};
use menshen_domain::role::Status;
use menshen_domain::session::RoleOption;
use menshen_domain::tree::Branch;
use menshen_domain::{Lang, validate};
use std::sync::Arc;

/// What the address says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Query {
    /// What is searched for.
    q: String,
    /// The role through whose eyes the tree is seen.
    role: String,
    /// A kind's code; anything else for all.
    kind: String,
    /// `0` or `1`; anything else for both.
    status: String,
}

impl Query {
    fn read(params: &ParamsMap) -> Self {
        let text = |key: &str| params.get_str(key).unwrap_or_default().trim().to_owned();
        Self {
            q: text("q"),
            role: text("role"),
            kind: text("kind"),
            status: text("status"),
        }
    }

    /// An address of this page that says the same, and `more`.
    fn with(&self, rest: &str, more: (&str, &str)) -> String {
        address(
            &format!("/admin/menus{rest}"),
            &[
                ("q", &self.q),
                ("role", &self.role),
                ("kind", &self.kind),
                ("status", &self.status),
                more,
            ],
        )
    }

    /// An address of this page that says the same.
    fn at(&self, rest: &str, ask: &str) -> String {
        self.with(rest, ("ask", ask))
    }

    fn filtered(&self) -> bool {
        !(self.q.is_empty() && self.kind.is_empty() && self.status.is_empty())
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
pub(crate) fn Menus() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let params = use_query_map();
    let path = use_location().pathname;
    let query = memo(move || params.with(Query::read));
    let version = RwSignal::new(0_u32);
    let role = memo(move || query.with(|q| q.role.parse::<i64>().unwrap_or_default()));
    let list = load(move || {
        let role = match role.get() {
            0 => String::new(),
            id => id.to_string(),
        };
        (Ask::of("list_menus", &[("role", &role)]), version.get())
    });
    let editing = Editing {
        move_fn: "move_menu",
        rename_fn: "update_menu",
        rename_field: match ui.lang {
            Lang::Zh => "name",
            Lang::En => "name_en",
        },
    };
    let tree = tree::Tree::new(ui, version, ui.may(MENU_ALTER).then_some(editing));
    let shared = Shared {
        query,
        version,
        list,
        tree,
    };
    provide_context(shared);
    let may_look = ui.may(ROLE_QUERY) && (ui.may(ROLE_LIST) || ui.may(USER_BIND));
    let roles = load(move || {
        let ask = if may_look {
            Ask::of("role_options", &[])
        } else {
            Ask::NOTHING
        };
        (ask, 0)
    });
    let asked = memo(move || {
        let here = path.with(|p| p == "/admin/menus");
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
        move |answer| match read::<Found>(answer) {
            Ok(found) => {
                let all = i64::try_from(found.tree.into_nodes().len()).unwrap_or(i64::MAX);
                t.menus_total(all, &count(all)).into_any()
            }
            Err(_) => "\u{a0}".into_any(),
        },
    );
    let text = Signal::derive(move || query.with(|q| q.q.clone()));
    let keep = Signal::derive(move || {
        let q = query.get();
        vec![("role", q.role), ("kind", q.kind), ("status", q.status)]
    });
    let to = move |q: String| {
        Query {
            q,
            ..query.get_untracked()
        }
        .at("", "")
    };
    view! {
        {title(t.menus)}
        {head(t.menus.into_any(), total, new_button(ui).into_any())}
        <div class="filters">
            {search(ui, "/admin/menus", t.search_menus, text, keep, Arc::new(to))}
            {move || filters(ui, &query.get())}
            {show_answer(
                roles,
                || ().into_any(),
                move |answer| by_role(ui, query, read(answer).unwrap_or_default()),
            )}
        </div>
        {show(
            ui,
            list,
            move || skeleton(ui),
            move |found: Found| body(ui, shared, enable, asked, found),
        )}
        <Outlet />
    }
}

fn new_button(ui: Ui) -> Option<AnyView> {
    ui.may(MENU_ADD).then(|| {
        view! {
            <a class="button primary" href="/admin/menus/new" data-new="">
                {icon(Icon::Plus)}
                {ui.t.new_menu}
            </a>
        }
        .into_any()
    })
}

fn filters(ui: Ui, query: &Query) -> AnyView {
    let t = ui.t;
    let by_kind = |kind: &str| {
        Query {
            kind: kind.to_owned(),
            ..query.clone()
        }
        .at("", "")
    };
    let by_status = |status: &str| {
        Query {
            status: status.to_owned(),
            ..query.clone()
        }
        .at("", "")
    };
    let kinds = [MenuKind::Dir, MenuKind::Page, MenuKind::Button].map(|kind| Choice {
        name: t.menu_kind(kind),
        href: by_kind(kind.code()),
        set: query.kind == kind.code(),
    });
    let states = [("0", t.active), ("1", t.disabled)].map(|(code, name)| Choice {
        name: name.to_owned(),
        href: by_status(code),
        set: query.status == code,
    });
    view! {
        {filter(ui, "filter-kind", t.menu_type, by_kind(""), kinds.into())}
        {filter(ui, "filter-status", t.status, by_status(""), states.into())}
    }
    .into_any()
}

/// The choice of a role whose view of the tree is wanted.
fn by_role(ui: Ui, query: Memo<Query>, roles: Vec<RoleOption>) -> AnyView {
    if roles.is_empty() {
        return ().into_any();
    }
    let view = move || {
        let query = query.get();
        let to = |role: String| {
            Query {
                role,
                ..query.clone()
            }
            .at("", "")
        };
        let choices = roles
            .iter()
            .map(|role| Choice {
                name: role.name.clone(),
                href: to(role.id.to_string()),
                set: query.role == role.id.to_string(),
            })
            .collect();
        filter(
            ui,
            "filter-role",
            ui.t.as_seen_by,
            to(String::new()),
            choices,
        )
    };
    view! { {move || view()} }.into_any()
}

/// The form that enables a menu: the same for every row.
fn enabling(ui: Ui, shared: Shared) -> Submit {
    Submit::new(ui, "set_menu_status", move |done| {
        ui.toast(ui.t.menu_status(Status::Active, &done.name));
        shared.changed();
    })
    .refused(move |error| ui.toast_error(error))
}

/// The tree as moves see it.
fn shape(ui: Ui, branches: &[Branch<Menu>], into: &mut Vec<Spot>) {
    for branch in branches {
        let menu = &branch.node;
        into.push(Spot {
            id: menu.id.0,
            parent: menu.parent_id.map(|p| p.0),
            name: ui.say(&menu.name),
            free: true,
            roomy: menu.kind != MenuKind::Button,
        });
        shape(ui, &branch.children, into);
    }
}

fn shape_of(ui: Ui, found: &Found) -> Shape {
    let mut spots = Vec::new();
    shape(ui, &found.tree.roots, &mut spots);
    Shape(spots)
}

fn body(
    ui: Ui,
    shared: Shared,
    enable: Submit,
    asked: Memo<Option<(String, i64)>>,
    found: Found,
) -> AnyView {
    let t = ui.t;
    if found.tree.roots.is_empty() {
        return empty(
            Icon::List,
            t.no_menus,
            t.no_menus_text,
            new_button(ui).into_any(),
        );
    }
    shared.tree.set_shape(shape_of(ui, &found));
    let note = found.shown.as_ref().map(|shown| {
        let all = found.tree.clone().into_nodes().len();
        view! {
            <p class="note outline-note" role="status">
                {icon(Icon::Info)}
                {t.role_sees(shown.len(), all)}
            </p>
        }
        .into_any()
    });
    let found = StoredValue::new(found);
    let rows = move || {
        let query = shared.query.get();
        let rows = found.with_value(|f| {
            let list = List {
                ui,
                shared,
                enable,
                query: &query,
                shown: f.shown.as_deref(),
            };
            list.rows(&f.tree.roots, false)
        });
        if rows.is_empty() {
            let link = view! {
                <a class="button" href="/admin/menus">
                    {t.clear_filters}
                </a>
            };
            let text = t.nothing_found_text;
            return empty(Icon::Search, t.nothing_found, text, link.into_any());
        }
        let columns = [t.menu_type, t.path, t.permission, t.status];
        tree::tree(
            shared.tree,
            "menus",
            t.menus,
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
            let menu = find(&f.tree.roots, id)?;
            ask::question(ui, shared, &what, menu, below, close)
        })
    };
    view! {
        {note}
        {move || rows()}
        {move || question()}
    }
    .into_any()
}

fn find(branches: &[Branch<Menu>], id: i64) -> Option<&Menu> {
    branches.iter().find_map(|b| {
        if b.node.id.0 == id {
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
    shown: Option<&'a [i64]>,
}

impl List<'_> {
    fn is_found(&self, menu: &Menu) -> bool {
        let part = Some(self.query.q.as_str());
        let code = menu.permission.as_deref().unwrap_or_default();
        let texts: [&str; 4] = [&menu.name.zh, &menu.name.en, &menu.path, code];
        texts.into_iter().any(|text| validate::holds(text, part))
            && (self.query.kind.is_empty() || self.query.kind == menu.kind.code())
            && (self.query.status.is_empty() || self.query.status == menu.status.code())
    }

    fn leads(&self, branch: &Branch<Menu>) -> bool {
        self.is_found(&branch.node) || branch.children.iter().any(|b| self.leads(b))
    }

    /// The rows that a search finds, with what leads there; `whole`: what is below a finding by
    /// name. What a kind or a status finds stands alone.
    fn rows(&self, branches: &[Branch<Menu>], whole: bool) -> Vec<Row> {
        branches
            .iter()
            .filter(|b| whole || self.leads(b))
            .map(|branch| {
                let by_name = self.query.kind.is_empty() && self.query.status.is_empty();
                let whole = whole || (by_name && self.is_found(&branch.node));
                let below = self.rows(&branch.children, whole);
                self.row(&branch.node, below)
            })
            .collect()
    }

    fn row(&self, menu: &Menu, below: Vec<Row>) -> Row {
        let t = self.ui.t;
        let id = menu.id.0;
        let unseen = self.shown.is_some_and(|shown| !shown.contains(&id));
        let unseen_tag =
            unseen.then(|| view! { <span class="tag">{t.not_shown}</span> }.into_any());
        let hidden_tag =
            (!menu.visible).then(|| view! { <span class="tag">{t.hidden_menu}</span> }.into_any());
        let beside = view! { {unseen_tag} {hidden_tag} };
        let cells = vec![
            Cell {
                label: t.menu_type,
                view: Some(t.menu_kind(menu.kind).into_any()),
            },
            code_cell(t.path, Some(&menu.path)),
            code_cell(t.permission, menu.permission.as_deref()),
            Cell {
                label: t.status,
                view: Some(status(self.ui, menu.status)),
            },
        ];
        Row {
            id,
            name: self.ui.say(&menu.name),
            href: Some(self.query.at(&format!("/{id}"), "")),
            beside: beside.into_any(),
            cells,
            menu: self.menu(menu),
            free: self.ui.may(MENU_ALTER),
            inert: false,
            dim: unseen || !menu.visible || menu.status == Status::Disabled,
            below,
        }
    }

    fn menu(&self, menu: &Menu) -> AnyView {
        let (ui, t, query) = (self.ui, self.ui.t, self.query);
        let id = menu.id.0;
        let popover = format!("menu-menu-{id}");
        let ask = |what: &str| query.at("", &format!("{what}-{id}"));
        let mut items = Vec::new();
        if ui.may(MENU_ADD) && menu.kind != MenuKind::Button {
            let href = new_below(query, id);
            items.push(menu_link(Icon::Plus, t.new_below, href, "menu-item"));
        }
        if ui.may(MENU_ALTER) {
            let href = query.at(&format!("/{id}"), "");
            items.push(menu_link(Icon::Edit, t.edit, href, "menu-item"));
            items.push(rename_item(self.shared.tree, id, popover.clone()));
            items.push(menu_link(Icon::Move, t.move_dots, ask("move"), "menu-item"));
            items.push(match menu.status {
                Status::Active => menu_link(Icon::Ban, t.disable, ask("disable"), "menu-item"),
                Status::Disabled => enable_form(ui, self.enable, id, "menu-item"),
            });
        }
        if ui.may(MENU_REMOVE) {
            let class = "menu-item danger";
            items.push(menu_link(Icon::Trash, t.delete, ask("delete"), class));
        }
        if items.is_empty() {
            return ().into_any();
        }
        row_menu(popover, t.actions_for(&ui.say(&menu.name)), items)
    }
}

fn new_below(query: &Query, id: i64) -> String {
    query.with("/new", ("parent", &id.to_string()))
}

fn code_cell(label: &'static str, text: Option<&str>) -> Cell {
    let view = text.filter(|text| !text.is_empty()).map(|text| {
        let text = text.to_owned();
        view! {
            <code class="cut" title=text.clone()>
                {text.clone()}
            </code>
        }
        .into_any()
    });
    Cell { label, view }
}

/// A button that enables a menu.
fn enable_form(ui: Ui, enable: Submit, id: i64, class: &'static str) -> AnyView {
    let menu = format!("menu-menu-{id}");
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
