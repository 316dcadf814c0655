//! Menus: the tree, and over it the panels that create and edit one.

mod panel;

pub(crate) use panel::{Create, Panel};

use super::branches::{
    self, Deleting, Find, Page, Query, Shared, Standing, Subject, by, by_status, code_cell, frame,
    name_field, new_button, outline,
};
use crate::calls::{Ask, Submit, load, read, show, show_answer};
use crate::components::icon::{Icon, icon};
use crate::components::state::{empty, skeleton};
use crate::components::status;
use crate::components::tree::{Cell, Editing, Row, Shape, Spot};
use crate::i18n::Texts;
use crate::server_fns::menus::Menus as Found;
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use menshen_domain::catalogue::{
    MENU_ADD, MENU_ALTER, MENU_REMOVE, ROLE_LIST, ROLE_QUERY, USER_BIND,
};
use menshen_domain::menu::{Menu, MenuKind};
use menshen_domain::role::Status;
use menshen_domain::session::RoleOption;
use menshen_domain::tree::Node;
use menshen_domain::validate;

static PAGE: Page = Page {
    base: "/admin/menus",
    // `role`: through whose eyes the tree is seen.
    says: &["q", "role", "kind", "status"],
    narrows: &["q", "kind", "status"],
    class: "menus",
    title: |t| t.menus,
    search: |t| t.search_menus,
    new: |t| t.new_menu,
    edit: |t| t.edit_menu,
    add: MENU_ADD,
    alter: MENU_ALTER,
    remove: MENU_REMOVE,
    menu: "menu-menu",
    standing: Some(Standing {
        endpoint: "set_menu_status",
        told: |t, status, name| t.menu_status(status, name),
        disabled: |t, name| t.menu_status(Status::Disabled, name),
    }),
};

/// The tree.
#[component]
pub(crate) fn Menus() -> impl IntoView {
    let ui = ui();
    let editing = Editing {
        move_fn: Some("move_menu"),
        rename_fn: "update_menu",
        rename_key: "id",
        rename_field: name_field(ui),
    };
    let shared = Shared::new(&PAGE, editing, |query| {
        let role = query.get("role").parse::<i64>().unwrap_or_default();
        let role = Some(role.to_string()).filter(|_| role != 0);
        Ask::of("list_menus", &[("role", &role.unwrap_or_default())])
    });
    let Shared { query, list, .. } = shared;
    let may_look = ui.may(ROLE_QUERY) && (ui.may(ROLE_LIST) || ui.may(USER_BIND));
    let roles = load(move || {
        let ask = if may_look {
            Ask::of("role_options", &[])
        } else {
            Ask::NOTHING
        };
        (ask, 0)
    });
    let enable = branches::enabling(shared);
    let filters = view! {
        {move || by_kind(ui, &query.get())}
        {show_answer(
            roles,
            || ().into_any(),
            move |answer| by_role(ui, query, read(answer).unwrap_or_default()),
        )}
    };
    let content = show(
        ui,
        list,
        move || skeleton(ui),
        move |found: Found| body(shared, enable, found),
    );
    frame(shared, total, filters.into_any(), content)
}

fn total(t: &Texts, answer: &str) -> Option<String> {
    let found: Found = read(answer).ok()?;
    let all = i64::try_from(found.tree.nodes().len()).unwrap_or(i64::MAX);
    Some(t.menus_total(all, &count(all)))
}

fn by_kind(ui: Ui, query: &Query) -> AnyView {
    let t = ui.t;
    let kinds = [MenuKind::Dir, MenuKind::Page, MenuKind::Button]
        .map(|kind| (kind.code().to_owned(), t.menu_kind(kind)));
    view! {
        {by(ui, query, "filter-kind", "kind", t.menu_type, kinds.into())}
        {by_status(ui, query)}
    }
    .into_any()
}

/// The choice of a role whose view of the tree is wanted.
fn by_role(ui: Ui, query: Memo<Query>, roles: Vec<RoleOption>) -> AnyView {
    if roles.is_empty() {
        return ().into_any();
    }
    let view = move || {
        let roles = roles.iter().map(|r| (r.id.to_string(), r.name.clone()));
        let label = ui.t.as_seen_by;
        by(
            ui,
            &query.get(),
            "filter-role",
            "role",
            label,
            roles.collect(),
        )
    };
    view! { {move || view()} }.into_any()
}

/// The tree as moves see it.
fn shape_of(ui: Ui, found: &Found) -> Shape {
    let spot = |menu: &Menu| Spot {
        id: menu.id.0,
        parent: menu.parent_id.map(|p| p.0),
        name: ui.say(&menu.name),
        free: true,
        roomy: menu.kind != MenuKind::Button,
    };
    Shape(found.tree.nodes().into_iter().map(spot).collect())
}

fn subject(ui: Ui, menu: &Menu) -> Subject {
    Subject {
        id: menu.id.0,
        key: menu.id.to_string(),
        name: ui.say(&menu.name),
        status: Some(menu.status),
        roomy: menu.kind != MenuKind::Button,
    }
}

fn body(shared: Shared, enable: Option<Submit>, found: Found) -> AnyView {
    let (ui, t) = (shared.ui, shared.ui.t);
    if found.tree.roots.is_empty() {
        let next = new_button(shared).into_any();
        return empty(Icon::List, t.no_menus, t.no_menus_text, next);
    }
    shared.tree.set_shape(shape_of(ui, &found));
    let note = found.shown.as_ref().map(|shown| {
        let all = found.tree.nodes().len();
        view! {
            <p class="note outline-note" role="status">
                {icon(Icon::Info)}
                {t.role_sees(shown.len(), all)}
            </p>
        }
        .into_any()
    });
    let found = StoredValue::new(found);
    let rows = move |query: &Query| {
        found.with_value(|f| {
            let unseen = |menu: &Menu| f.shown.as_ref().is_some_and(|s| !s.contains(&menu.id.0));
            let find = Find::<Menu> {
                found: &|menu| lets(query, menu),
                row: &|menu, below| row(shared, enable, query, menu, unseen(menu), below),
                deep: !query.says(&["kind", "status"]),
            };
            find.rows(&f.tree.roots, false)
        })
    };
    let question = move |what: &str, whom: &str, close| {
        let id: i64 = whom.parse().ok()?;
        found.with_value(|f| question(shared, what, find(f, id)?, close))
    };
    let columns = vec![t.menu_type, t.path, t.permission, t.status];
    view! {
        {note}
        {outline(shared, columns, Box::new(rows), Box::new(question))}
    }
    .into_any()
}

fn find(found: &Found, id: i64) -> Option<&Menu> {
    found.tree.nodes().into_iter().find(|menu| menu.id() == id)
}

fn lets(query: &Query, menu: &Menu) -> bool {
    let part = Some(query.get("q"));
    let code = menu.permission.as_deref().unwrap_or_default();
    let texts: [&str; 4] = [&menu.name.zh, &menu.name.en, &menu.path, code];
    let (kind, status) = (query.get("kind"), query.get("status"));
    texts.into_iter().any(|text| validate::holds(text, part))
        && (kind.is_empty() || kind == menu.kind.code())
        && (status.is_empty() || status == menu.status.code())
}

/// The question `what` before something happens to `menu`.
fn question(shared: Shared, what: &str, menu: &Menu, close: String) -> Option<AnyView> {
    let t = shared.ui.t;
    let subject = subject(shared.ui, menu);
    let below = shared
        .tree
        .shape(|s| s.below(Some(subject.id), subject.id).len());
    match what {
        "disable" => branches::disable(shared, &subject, t.disable_menu_text(below), close),
        "delete" => {
            let fields = [("id", subject.key.clone()), ("name", subject.name.clone())];
            let deleting = if below == 0 {
                Ok(Deleting {
                    endpoint: "delete_menu",
                    fields: &fields,
                    text: t.delete_menu_text.to_owned(),
                    act: t.delete_menu_button,
                    typed: None,
                })
            } else {
                Err(t.menu_in_use(below))
            };
            branches::delete(shared, &subject, deleting, close)
        }
        _ => None,
    }
}

fn row(
    shared: Shared,
    enable: Option<Submit>,
    query: &Query,
    menu: &Menu,
    unseen: bool,
    below: Vec<Row>,
) -> Row {
    let (ui, t) = (shared.ui, shared.ui.t);
    let id = menu.id.0;
    let tag = |text: &'static str| view! { <span class="tag">{text}</span> }.into_any();
    let unseen_tag = unseen.then(|| tag(t.not_shown));
    let hidden_tag = (!menu.visible).then(|| tag(t.hidden_menu));
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
            view: Some(status(ui, menu.status)),
        },
    ];
    Row {
        id,
        key: id.to_string(),
        name: ui.say(&menu.name),
        href: Some(query.at(&format!("/{id}"), "")),
        beside: beside.into_any(),
        cells,
        menu: branches::menu(shared, enable, query, &subject(ui, menu)),
        free: ui.may(MENU_ALTER),
        inert: false,
        dim: unseen || !menu.visible || menu.status == Status::Disabled,
        below,
    }
}
