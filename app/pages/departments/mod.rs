//! Departments: the tree, and over it the panels that create and edit one.

mod panel;

pub(crate) use panel::{Create, Panel};

use super::branches::{
    self, Deleting, Find, Page, Query, Shared, Standing, Subject, by_status, frame, new_button,
    outline,
};
use crate::calls::{Ask, Submit, read, show};
use crate::components::icon::Icon;
use crate::components::state::{empty, skeleton};
use crate::components::status;
use crate::components::tree::{Cell, Editing, Row, Shape, Spot};
use crate::i18n::Texts;
use crate::time::count;
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::catalogue::{DEPT_ADD, DEPT_ALTER, DEPT_REMOVE, USER_LIST};
use menshen_domain::dept::{Dept, Shown};
use menshen_domain::role::Status;
use menshen_domain::tree::Node;
use menshen_domain::{Tree, validate};

static PAGE: Page = Page {
    base: "/admin/departments",
    says: &["q", "status"],
    narrows: &["q", "status"],
    class: "depts",
    title: |t| t.departments,
    search: |t| t.search_departments,
    new: |t| t.new_department,
    edit: |t| t.edit_department,
    add: DEPT_ADD,
    alter: DEPT_ALTER,
    remove: DEPT_REMOVE,
    menu: "dept-menu",
    standing: Some(Standing {
        endpoint: "set_dept_status",
        told: |t, status, name| t.dept_status(status, name),
        disabled: |t, name| t.dept_status(Status::Disabled, name),
    }),
};

/// The tree.
#[component]
pub(crate) fn Departments() -> impl IntoView {
    let editing = Editing {
        move_fn: Some("move_dept"),
        rename_fn: "update_dept",
        rename_key: "id",
        rename_field: "name",
    };
    let shared = Shared::new(&PAGE, editing, |_| Ask::of("list_depts", &[]));
    let Shared {
        ui, query, list, ..
    } = shared;
    let enable = branches::enabling(shared);
    let filters = view! { {move || by_status(ui, &query.get())} };
    let content = show(
        ui,
        list,
        move || skeleton(ui),
        move |found: Tree<Shown>| body(shared, enable, found),
    );
    frame(shared, total, filters.into_any(), content)
}

fn total(t: &Texts, answer: &str) -> Option<String> {
    let tree = read::<Tree<Shown>>(answer).ok()?;
    let seen = tree.nodes().into_iter().filter(|s| s.in_scope).count();
    let seen = i64::try_from(seen).unwrap_or(i64::MAX);
    Some(t.departments_total(seen, &count(seen)))
}

/// The tree as moves see it.
fn shape_of(found: &Tree<Shown>) -> Shape {
    let spot = |Shown { dept, in_scope }: &Shown| Spot {
        id: dept.id.0,
        parent: dept.parent_id.map(|p| p.0),
        name: dept.name.clone(),
        free: *in_scope,
        roomy: *in_scope,
    };
    Shape(found.nodes().into_iter().map(spot).collect())
}

fn subject(dept: &Dept) -> Subject {
    Subject {
        id: dept.id.0,
        key: dept.id.to_string(),
        name: dept.name.clone(),
        status: Some(dept.status),
        roomy: true,
    }
}

fn body(shared: Shared, enable: Option<Submit>, found: Tree<Shown>) -> AnyView {
    let t = shared.ui.t;
    if found.roots.is_empty() {
        let next = new_button(shared).into_any();
        return empty(Icon::Tree, t.no_departments, t.no_departments_text, next);
    }
    shared.tree.set_shape(shape_of(&found));
    let found = StoredValue::new(found);
    let rows = move |query: &Query| {
        let lets = |s: &Shown| s.in_scope && lets(query, &s.dept);
        let find = Find::<Shown> {
            found: &lets,
            row: &|shown, below| row(shared, enable, query, shown, below),
            deep: !query.says(&["status"]),
        };
        found.with_value(|f| find.rows(&f.roots, false))
    };
    let question = move |what: &str, whom: &str, close| {
        let id: i64 = whom.parse().ok()?;
        found.with_value(|f| {
            let shown = find(f, id).filter(|s| s.in_scope)?;
            question(shared, what, &shown.dept, close)
        })
    };
    let columns = vec![t.leader, t.contact, t.users, t.status];
    outline(shared, columns, Box::new(rows), Box::new(question))
}

fn find(found: &Tree<Shown>, id: i64) -> Option<&Shown> {
    found.nodes().into_iter().find(|s| s.id() == id)
}

fn lets(query: &Query, dept: &Dept) -> bool {
    let status = query.get("status");
    validate::holds(&dept.name, Some(query.get("q")))
        && (status.is_empty() || status == dept.status.code())
}

/// The question `what` before something happens to `dept`.
fn question(shared: Shared, what: &str, dept: &Dept, close: String) -> Option<AnyView> {
    let t = shared.ui.t;
    let subject = subject(dept);
    match what {
        "disable" => branches::disable(shared, &subject, t.disable_dept_text(dept.users), close),
        "delete" => {
            let below = shared
                .tree
                .shape(|s| s.below(Some(subject.id), subject.id).len());
            let fields = [("id", subject.key.clone()), ("name", dept.name.clone())];
            let deleting = if below == 0 && dept.users == 0 {
                Ok(Deleting {
                    endpoint: "delete_dept",
                    fields: &fields,
                    text: t.delete_dept_text.to_owned(),
                    act: t.delete_dept_button,
                    typed: None,
                })
            } else {
                Err(t.dept_in_use(below, dept.users))
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
    shown: &Shown,
    below: Vec<Row>,
) -> Row {
    let (ui, t) = (shared.ui, shared.ui.t);
    let Shown { dept, in_scope } = shown;
    let id = dept.id.0;
    // So many users: that says itself what it is.
    let labels = [t.leader, t.contact, "", t.status];
    if !in_scope {
        return Row {
            id,
            key: String::new(),
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
        key: id.to_string(),
        name: dept.name.clone(),
        href: Some(query.at(&format!("/{id}"), "")),
        beside: ().into_any(),
        cells: cells.map(|(label, view)| Cell { label, view }).collect(),
        menu: branches::menu(shared, enable, query, &subject(dept)),
        free: ui.may(DEPT_ALTER),
        inert: false,
        dim: dept.status == Status::Disabled,
        below,
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
    let link = |scheme: &str, to: &Option<String>| {
        let to = to.clone()?;
        let href = format!("{scheme}:{to}");
        let view = view! {
            <a class="link cut" href=href draggable="false">
                {to}
            </a>
        };
        Some(view.into_any())
    };
    let phone = link("tel", &dept.phone);
    let email = link("mailto", &dept.email);
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
