//! The panels that create and edit a department.

use super::{Shared, enable_form, enabling, find, shape_of, users};
use crate::calls::{Ask, Submit, lacking, load, read, show, show_answer};
use crate::components::confirm::{navigator, panel};
use crate::components::field::{self, Field, alert, checkbox, submit};
use crate::components::icon::{Icon, icon};
use crate::components::live::memo;
use crate::components::state::skeleton;
use crate::components::tree::{choice, options};
use crate::components::{status, when};
use crate::pages::title;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use menshen_domain::catalogue::{DEPT_ADD, DEPT_ALTER, DEPT_REMOVE};
use menshen_domain::dept::{Dept, Shown};
use menshen_domain::role::Status;
use menshen_domain::{Tree, validate};

/// The fields whose errors stand beside them.
const FIELDS: &[&str] = &[
    "parentId", "deptName", "orderNum", "leader", "phone", "email",
];

/// The panel that makes one.
#[component]
pub(crate) fn Create() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let shared = expect_context::<Shared>();
    let query = use_query_map();
    let parent = query.with_untracked(|q| q.get_str("parent").unwrap_or("0").to_owned());
    let dirty = RwSignal::new(false);
    let body = if ui.may(DEPT_ADD) {
        show(
            ui,
            shared.list,
            move || skeleton(ui),
            move |found: Tree<Shown>| create(ui, shared, dirty, &parent, &found),
        )
    } else {
        lacking(ui, DEPT_ADD)
    };
    let heading = view! { <h2 id="panel-title">{t.new_department}</h2> };
    view! {
        {title(t.new_department)}
        {panel(ui, heading.into_any(), close(shared), dirty, body)}
    }
}

fn close(shared: Shared) -> Signal<String> {
    Signal::derive(move || shared.query.with(|q| q.at("", "")))
}

/// A number that puts a new one behind those that stand below `parent`.
fn next_sort(found: &Tree<Shown>, parent: &str) -> i64 {
    let all = found.clone().into_nodes();
    let beside = all
        .iter()
        .filter(|s| s.dept.parent_id.map_or(0, |p| p.0).to_string() == parent);
    beside.map(|s| s.dept.sort + 10).max().unwrap_or(10)
}

fn create(
    ui: Ui,
    shared: Shared,
    dirty: RwSignal<bool>,
    parent: &str,
    found: &Tree<Shown>,
) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let form = Submit::new(ui, "create_dept", move |done| {
        dirty.try_set(false);
        ui.toast(t.dept_created(&done.name));
        go(&shared.here());
        shared.changed();
    });
    let of = |name: &str| {
        ui.sent("create_dept", name).unwrap_or_else(|| match name {
            "parent" => parent.to_owned(),
            "sort" => next_sort(found, parent).to_string(),
            _ => String::new(),
        })
    };
    let parents = options(ui, &shape_of(found), None);
    let fields = view! {
        <div class="section">
            {alert(ui, form, FIELDS)}
            {choice(
                ui,
                form,
                Field {
                    name: "parent",
                    key: "parentId",
                    label: t.stands_below,
                    value: of("parent"),
                    ..Field::default()
                },
                Signal::stored(parents),
                |_| (),
            )}
            {details(ui, form, &of)}
            {checkbox(
                "disabled",
                "true".to_owned(),
                of("disabled") == "true",
                t.start_disabled_dept.to_owned(),
                ().into_any(),
            )}
        </div>
        <div class="panel-foot">
            {submit(form, t.create_department, "button primary")}
            <a class="button" href=close(shared) data-noscroll="true">
                {t.cancel}
            </a>
        </div>
    };
    form.form_with(
        "create-dept",
        "",
        Some(Box::new(move || dirty.set(true))),
        None,
        fields.into_any(),
    )
}

/// The fields that a new one and a changed one have in common.
fn details(ui: Ui, form: Submit, of: &dyn Fn(&str) -> String) -> AnyView {
    let t = ui.t;
    view! {
        <div class="pair">
            {field::input(
                ui,
                form,
                Field {
                    name: "name",
                    key: "deptName",
                    label: t.dept_name,
                    value: of("name"),
                    required: true,
                    first: true,
                    ..Field::default()
                }
                    .checked(|value| validate::text("deptName", value, 1, 50).map(drop)),
            )}
            {field::input(
                ui,
                form,
                Field {
                    name: "sort",
                    key: "orderNum",
                    label: t.sort,
                    kind: "number",
                    value: of("sort"),
                    required: true,
                    ..Field::default()
                },
            )}
        </div>
        {field::input(
            ui,
            form,
            Field {
                name: "leader",
                key: "leader",
                label: t.leader,
                value: of("leader"),
                ..Field::default()
            }
                .checked(|value| validate::text("leader", value, 0, 50).map(drop)),
        )}
        {field::input(
            ui,
            form,
            Field {
                name: "phone",
                key: "phone",
                label: t.phone,
                kind: "tel",
                value: of("phone"),
                ..Field::default()
            }
                .checked(|value| validate::phone(value).map(drop)),
        )}
        {field::input(
            ui,
            form,
            Field {
                name: "email",
                key: "email",
                label: t.email,
                kind: "email",
                value: of("email"),
                ..Field::default()
            }
                .checked(|value| validate::email(value).map(drop)),
        )}
    }
    .into_any()
}

/// The panel that edits one.
#[component]
pub(crate) fn Panel() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let shared = expect_context::<Shared>();
    let params = use_params_map();
    let dirty = RwSignal::new(false);
    let id = memo(move || params.with(|p| p.get_str("id").unwrap_or("0").to_owned()));
    let dept = load(move || {
        // What is no number is no department.
        let id = id.with(|id| id.parse::<i64>().unwrap_or_default());
        (
            Ask::of("get_dept", &[("id", &id.to_string())]),
            shared.version.get(),
        )
    });
    let plain = move || view! { <h2 id="panel-title">{t.edit_department}</h2> }.into_any();
    let heading = show_answer(dept, plain, move |answer| {
        read::<Dept>(answer).map_or_else(|_| plain(), |dept| heading(ui, &dept))
    });
    let body = show(
        ui,
        dept,
        move || skeleton(ui),
        move |dept: Dept| sections(ui, shared, dirty, &dept),
    );
    view! {
        {title(t.edit_department)}
        {panel(ui, heading, close(shared), dirty, body)}
    }
}

fn heading(ui: Ui, dept: &Dept) -> AnyView {
    view! {
        <div class="panel-title">
            <h2 id="panel-title">{dept.name.clone()}</h2>
            <p>{status(ui, dept.status)} {users(ui, dept)}</p>
        </div>
    }
    .into_any()
}

fn sections(ui: Ui, shared: Shared, dirty: RwSignal<bool>, dept: &Dept) -> AnyView {
    let form = if ui.may(DEPT_ALTER) {
        edit(ui, shared, dirty, dept)
    } else {
        read_only(ui, dept)
    };
    view! {
        {form}
        {facts(ui, shared, dept)}
        {actions(ui, shared, dept)}
    }
    .into_any()
}

fn field_of(dept: &Dept, name: &str) -> String {
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    match name {
        "name" => dept.name.clone(),
        "sort" => dept.sort.to_string(),
        "leader" => given(&dept.leader),
        "phone" => given(&dept.phone),
        "email" => given(&dept.email),
        _ => String::new(),
    }
}

fn edit(ui: Ui, shared: Shared, dirty: RwSignal<bool>, dept: &Dept) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let form = Submit::new(ui, "update_dept", move |done| {
        dirty.try_set(false);
        ui.toast(t.saved_of(&done.name));
        go(&shared.here());
        shared.changed();
    });
    let of = |name: &str| {
        ui.sent("update_dept", name)
            .unwrap_or_else(|| field_of(dept, name))
    };
    let fields = view! {
        <div class="section">
            {alert(ui, form, FIELDS)}
            <input type="hidden" name="id" value=dept.id.to_string() />
            {details(ui, form, &of)}
            <div class="section-foot">{submit(form, t.save, "button primary")}</div>
        </div>
    };
    form.form_with(
        "edit-dept",
        "",
        Some(Box::new(move || dirty.set(true))),
        None,
        fields.into_any(),
    )
}

fn read_only(ui: Ui, dept: &Dept) -> AnyView {
    let t = ui.t;
    let items: Vec<AnyView> = [
        (t.leader, field_of(dept, "leader")),
        (t.phone, field_of(dept, "phone")),
        (t.email, field_of(dept, "email")),
        (t.sort, field_of(dept, "sort")),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(label, value)| {
        view! {
            <dt>{label}</dt>
            <dd>{value}</dd>
        }
        .into_any()
    })
    .collect();
    view! {
        <section class="section">
            <h3>{t.department}</h3>
            <dl class="facts">{items}</dl>
        </section>
    }
    .into_any()
}

fn facts(ui: Ui, shared: Shared, dept: &Dept) -> AnyView {
    let t = ui.t;
    let parent = dept.parent_id;
    let above = show_answer(
        shared.list,
        || ().into_any(),
        move |answer| {
            let found = read::<Tree<Shown>>(answer).ok();
            let name = found.zip(parent).and_then(|(found, parent)| {
                find(&found.roots, parent.0).map(|s| s.dept.name.clone())
            });
            name.unwrap_or_else(|| t.at_the_top.to_owned()).into_any()
        },
    );
    view! {
        <section class="section">
            <h3>{t.facts}</h3>
            <dl class="facts">
                <dt>{t.stands_below}</dt>
                <dd>{above}</dd>
                <dt>{t.user_id}</dt>
                <dd>
                    <code>{dept.id.to_string()}</code>
                </dd>
                <dt>{t.path_of_ids}</dt>
                <dd>
                    <code>{dept.path.clone()}</code>
                </dd>
                <dt>{t.created}</dt>
                <dd>{when(ui, dept.created_at)}</dd>
                <dt>{t.last_change}</dt>
                <dd>{when(ui, dept.updated_at.unwrap_or(dept.created_at))}</dd>
            </dl>
        </section>
    }
    .into_any()
}

fn actions(ui: Ui, shared: Shared, dept: &Dept) -> AnyView {
    let t = ui.t;
    let id = dept.id.0;
    let link = |sign: Icon, label: &'static str, ask: &'static str, class: &'static str| {
        let href = Signal::derive(move || shared.query.with(|q| q.at("", &format!("{ask}-{id}"))));
        view! {
            <a class=class href=href data-noscroll="true">
                {icon(sign)}
                {label}
            </a>
        }
        .into_any()
    };
    let mut items: Vec<AnyView> = Vec::new();
    if ui.may(DEPT_ADD) {
        let href = Signal::derive(move || shared.query.with(|q| q.new_below(id)));
        items.push(
            view! {
                <a class="button" href=href data-noscroll="true">
                    {icon(Icon::Plus)}
                    {t.new_below}
                </a>
            }
            .into_any(),
        );
    }
    if ui.may(DEPT_ALTER) {
        items.push(link(Icon::Move, t.move_dots, "move", "button"));
        items.push(match dept.status {
            Status::Active => link(Icon::Ban, t.disable, "disable", "button"),
            Status::Disabled => enable_form(ui, enabling(ui, shared), id, "button"),
        });
    }
    if ui.may(DEPT_REMOVE) {
        items.push(link(Icon::Trash, t.delete, "delete", "button danger"));
    }
    if items.is_empty() {
        return ().into_any();
    }
    view! {
        <section class="section">
            <h3>{t.actions}</h3>
            <div class="button-row">{items}</div>
        </section>
    }
    .into_any()
}
