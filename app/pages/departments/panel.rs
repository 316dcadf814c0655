//! The panels that create and edit a department.

use super::{find, shape_of, subject, users};
use crate::calls::{Submit, read, show};
use crate::components::facts::given;
use crate::components::field::{self, Field, alert, checkbox};
use crate::components::state::skeleton;
use crate::components::status;
use crate::pages::branches::{
    self, Shared, create_form, create_panel, edit_form, edit_panel, facts_of, next_sort,
    parent_field, saving, value_of,
};
use crate::server_fns::depts::fields;
use crate::ui::Ui;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use menshen_domain::catalogue::DEPT_ALTER;
use menshen_domain::dept::{Dept, Shown};
use menshen_domain::{Tree, validate};

/// The fields whose errors stand beside them.
const FIELDS: &[&str] = &[
    "parentId", "deptName", "orderNum", "leader", "phone", "email",
];

/// The panel that makes one.
#[component]
pub(crate) fn Create() -> impl IntoView {
    let shared = expect_context::<Shared>();
    let Shared { ui, list, .. } = shared;
    let query = use_query_map();
    let parent = query.with_untracked(|q| q.get_str("parent").unwrap_or("0").to_owned());
    let body = move |dirty| {
        show(
            ui,
            list,
            move || skeleton(ui),
            move |found: Tree<Shown>| create(shared, dirty, &parent, &found),
        )
    };
    create_panel(shared, Box::new(body))
}

fn create(shared: Shared, dirty: RwSignal<bool>, parent: &str, found: &Tree<Shown>) -> AnyView {
    let (ui, t) = (shared.ui, shared.ui.t);
    let form = saving(shared, dirty, "create_dept", |ui, done| {
        ui.t.dept_created(&done.name)
    });
    let of = |name: &str| {
        ui.sent("create_dept", name).unwrap_or_else(|| match name {
            "parent" => parent.to_owned(),
            "sort" => {
                let all = found.nodes().into_iter().map(|s| &s.dept);
                next_sort(all.map(|d| (d.parent_id.map(|p| p.0), d.sort)), parent)
            }
            _ => String::new(),
        })
    };
    let fields = view! {
        {alert(ui, form, FIELDS)}
        {parent_field(ui, form, &shape_of(found), of("parent"))}
        {details(ui, form, &of)}
        {checkbox(
            "disabled",
            "true".to_owned(),
            of("disabled") == "true",
            t.start_disabled_dept.to_owned(),
            ().into_any(),
        )}
    };
    let fields = fields.into_any();
    create_form(
        shared,
        dirty,
        form,
        "create-dept",
        t.create_department,
        fields,
    )
}

/// The fields that a new one and a changed one have in common.
fn details(ui: Ui, form: Submit, of: &dyn Fn(&str) -> String) -> AnyView {
    let t = ui.t;
    let text = |name: &'static str, label: &'static str| Field {
        name,
        key: name,
        label,
        value: of(name),
        ..Field::default()
    };
    view! {
        <div class="pair">
            {field::input(
                ui,
                form,
                Field {
                    key: "deptName",
                    required: true,
                    first: true,
                    ..text("name", t.dept_name)
                }
                    .checked(|value| validate::text("deptName", value, 1, 50).map(drop)),
            )}
            {field::input(
                ui,
                form,
                Field {
                    key: "orderNum",
                    kind: "number",
                    required: true,
                    ..text("sort", t.sort)
                },
            )}
        </div>
        {field::input(
            ui,
            form,
            text("leader", t.leader)
                .checked(|value| validate::text("leader", value, 0, 50).map(drop)),
        )}
        {field::input(
            ui,
            form,
            Field {
                kind: "tel",
                ..text("phone", t.phone)
            }
                .checked(|value| validate::phone(value).map(drop)),
        )}
        {field::input(
            ui,
            form,
            Field {
                kind: "email",
                ..text("email", t.email)
            }
                .checked(|value| validate::email(value).map(drop)),
        )}
    }
    .into_any()
}

/// The panel that edits one.
#[component]
pub(crate) fn Panel() -> impl IntoView {
    let shared = expect_context::<Shared>();
    let ui = shared.ui;
    let dirty = RwSignal::new(false);
    let dept = shared.one("get_dept");
    let heading = move |answer: &str| {
        let dept: Dept = read(answer).ok()?;
        let below = view! { {status(ui, dept.status)} {users(ui, &dept)} };
        Some(branches::heading(dept.name.clone(), below.into_any()))
    };
    let body = show(
        ui,
        dept,
        move || skeleton(ui),
        move |dept: Dept| sections(shared, dirty, &dept),
    );
    edit_panel(shared, dirty, dept, Box::new(heading), body)
}

fn sections(shared: Shared, dirty: RwSignal<bool>, dept: &Dept) -> AnyView {
    let form = if shared.ui.may(DEPT_ALTER) {
        edit(shared, dirty, dept)
    } else {
        read_only(shared.ui, dept)
    };
    let parent = dept.parent_id;
    let above = move |answer: &str| {
        let found: Tree<Shown> = read(answer).ok()?;
        find(&found, parent?.0).map(|s| s.dept.name.clone())
    };
    view! {
        {form}
        {facts_of(
            shared,
            Box::new(above),
            dept.id.0,
            Some(dept.path.clone()),
            dept.created_at,
            dept.updated_at,
        )}
        {branches::actions(shared, &subject(dept))}
    }
    .into_any()
}

fn edit(shared: Shared, dirty: RwSignal<bool>, dept: &Dept) -> AnyView {
    let ui = shared.ui;
    let form = saving(shared, dirty, "update_dept", branches::changed);
    let of = |name: &str| {
        ui.sent("update_dept", name)
            .unwrap_or_else(|| value_of(fields(dept), name))
    };
    let fields = view! {
        {alert(ui, form, FIELDS)}
        <input type="hidden" name="id" value=dept.id.to_string() />
        {details(ui, form, &of)}
    };
    edit_form(ui, dirty, form, "edit-dept", fields.into_any())
}

fn read_only(ui: Ui, dept: &Dept) -> AnyView {
    let t = ui.t;
    let of = |label, name| (label, value_of(fields(dept), name));
    given(
        t.department,
        vec![
            of(t.leader, "leader"),
            of(t.phone, "phone"),
            of(t.email, "email"),
            of(t.sort, "sort"),
        ],
    )
}
