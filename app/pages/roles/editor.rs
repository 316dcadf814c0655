//! Creating and editing a role.

use super::scopes::{self, Scopes};
use super::tree::{Picked, tree};
use super::{ask, effect, enabling};
use crate::calls::{Ask, Submit, lacking, load, show};
use crate::components::confirm::navigator;
use crate::components::field::{self, Field, alert, submit};
use crate::components::guard::guard;
use crate::components::icon::{Icon, icon};
use crate::components::list::{address, enable_form};
use crate::components::live::{memo, unless};
use crate::components::state::skeleton;
use crate::components::{status, when};
use crate::pages::{head, title};
use crate::server_fns::roles::saved as saved_text;
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use menshen_domain::catalogue::{
    DEPT_LIST, LOG_OPERATION, ROLE_ADD, ROLE_ALTER, ROLE_QUERY, ROLE_REMOVE, USER_LIST,
};
use menshen_domain::role::{Role, Status};
use menshen_domain::scope::DataScope;
use menshen_domain::session::PermissionItem;
use menshen_domain::validate;

/// The fields whose errors stand beside them.
const FIELDS: &[&str] = &[
    "roleName",
    "roleKey",
    "roleSort",
    "dataScope",
    "remark",
    "permissions",
];

/// A new role, like another one where the address says `from`.
#[component]
pub(crate) fn Create() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let form = if ui.may(ROLE_ADD) {
        let items = load(|| (Ask::of("list_permissions", &[]), 0));
        let query = use_query_map();
        let model = load(move || {
            let from = query.with(|q| q.get_str("from").unwrap_or_default().to_owned());
            let ask = if from.is_empty() || !ui.may(ROLE_QUERY) {
                Ask::NOTHING
            } else {
                Ask::of("get_role", &[("id", &from)])
            };
            (ask, 0)
        });
        let scopes = Scopes::load(ui);
        show(
            ui,
            items,
            move || skeleton(ui),
            move |items: Vec<PermissionItem>| {
                show(
                    ui,
                    model,
                    move || skeleton(ui),
                    move |model: Option<Role>| create_form(ui, scopes, &items, model),
                )
            },
        )
    } else {
        lacking(ui, ROLE_ADD)
    };
    view! {
        {title(t.new_role)}
        {head(t.new_role.into_any(), t.new_role_text.into_any(), ().into_any())}
        {form}
    }
}

fn create_form(ui: Ui, scopes: Scopes, items: &[PermissionItem], model: Option<Role>) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let dirty = RwSignal::new(false);
    let guard = guard(dirty.into());
    let form = Submit::new(ui, "create_role", move |done| {
        ui.toast(t.role_created(&done.name));
        go("/admin/roles");
    });
    // What was ticked in a form that came back without JavaScript.
    let held: Vec<String> = ui
        .sent_all("create_role", "permissions[]")
        .or_else(|| model.as_ref().map(|role| granted(ui, role)))
        .unwrap_or_default();
    let picked = Picked::new(&[], &held, items);
    let of = |name: &str| {
        ui.sent("create_role", name)
            .or_else(|| model.as_ref().map(|role| copied(ui, role, name)))
            .unwrap_or_default()
    };
    let ids = |name: &str, of_model: fn(&Role) -> Vec<i64>| {
        if ui.flash("create_role", |_| ()).is_some() {
            scopes::sent(ui, "create_role", name)
        } else {
            model.as_ref().map(of_model).unwrap_or_default()
        }
    };
    let depts = ids("dept_ids[]", |role| {
        role.dept_ids.iter().map(|d| d.0).collect()
    });
    let menus = ids("menu_ids[]", |role| {
        role.menu_ids.iter().map(|m| m.0).collect()
    });
    let fields = view! {
        <div class="editor-main">
            {tree(ui, form, picked, items, false)}
            {scopes::depts(ui, scopes, depts, false)} {scopes::menus(ui, scopes, menus, false)}
        </div>
        <div class="editor-side">
            {guard.question(ui)} {alert(ui, form, FIELDS)} <section class="card padded">
                <h2 class="hidden">{t.role}</h2>
                {details(ui, form, &of, Locks::default(), false)}
            </section> <section class="card padded">
                {diff(ui, picked)}
                <div class="stack">
                    {submit(form, t.create_role, "button primary wide")}
                    <a class="button wide" href="/admin/roles">
                        {t.cancel}
                    </a>
                </div>
            </section>
        </div>
    };
    form.form_with(
        "role-form",
        "editor",
        Some(Box::new(move || dirty.set(true))),
        None,
        fields.into_any(),
    )
}

/// What `role` grants and the reader may hand on; of wildcards the server says so.
fn granted(ui: Ui, role: &Role) -> Vec<String> {
    let patterns = role.permissions.iter();
    patterns
        .filter(|p| p.contains('*') || ui.may(p))
        .cloned()
        .collect()
}

/// What a new role's field `name` says when it is to be like `role`.
fn copied(ui: Ui, role: &Role, name: &str) -> String {
    match name {
        "name" => ui.t.copy_of(&role.name),
        "key" => format!("{}_copy", role.key),
        "sort" => role.sort.to_string(),
        // Who may not see departments can't hand on those of a custom scope.
        "data_scope" if role.data_scope == DataScope::Custom && !ui.may(DEPT_LIST) => {
            DataScope::SelfOnly.code().to_owned()
        }
        "data_scope" => role.data_scope.code().to_owned(),
        "remark" => role.remark.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

/// Which fields can't be changed.
#[derive(Clone, Copy, Default)]
struct Locks {
    all: bool,
    builtin: bool,
}

/// Name, key, data scope, sort, remark.
fn details(
    ui: Ui,
    form: Submit,
    of: &dyn Fn(&str) -> String,
    locks: Locks,
    custom: bool,
) -> AnyView {
    let t = ui.t;
    let some = locks.all || locks.builtin;
    let mut scopes = vec![
        DataScope::All,
        DataScope::OwnAndBelow,
        DataScope::OwnDept,
        DataScope::SelfOnly,
    ];
    // Who may not see departments can't choose any: a custom scope is kept then, not made.
    if custom || ui.may(DEPT_LIST) {
        scopes.push(DataScope::Custom);
    }
    let scopes = scopes
        .into_iter()
        .map(|scope| (scope.code(), t.scope(scope)))
        .collect();
    view! {
        {field::input(
            ui,
            form,
            Field {
                name: "name",
                key: "roleName",
                label: t.role_name,
                value: of("name"),
                required: true,
                disabled: locks.all,
                ..Field::default()
            }
                .checked(|value| validate::text("roleName", value, 1, 50).map(drop)),
        )}
        {field::input(
            ui,
            form,
            Field {
                name: "key",
                key: "roleKey",
                label: t.role_key,
                value: of("key"),
                hint: t.role_key_hint,
                required: true,
                disabled: some,
                code: true,
                ..Field::default()
            }
                .checked(|value| validate::role_key(value).map(drop)),
        )}
        <div class="pair">
            {field::select(
                ui,
                form,
                Field {
                    name: "data_scope",
                    key: "dataScope",
                    label: t.data_scope,
                    value: of("data_scope"),
                    disabled: some,
                    ..Field::default()
                },
                scopes,
            )}
            {field::input(
                ui,
                form,
                Field {
                    name: "sort",
                    key: "roleSort",
                    label: t.sort,
                    kind: "number",
                    value: of("sort"),
                    hint: "",
                    disabled: locks.all,
                    required: true,
                    ..Field::default()
                },
            )}
        </div>
        {field::textarea(
            ui,
            form,
            Field {
                name: "remark",
                key: "remark",
                label: t.remark,
                value: of("remark"),
                disabled: locks.all,
                ..Field::default()
            }
                .checked(|value| validate::lines("remark", value, 0, 500).map(drop)),
        )}
    }
    .into_any()
}

/// What would change, in two figures.
fn diff(ui: Ui, picked: Picked) -> AnyView {
    let t = ui.t;
    let view = move || {
        let (added, removed) = picked.diff();
        if added + removed == 0 {
            return view! { <p class="quiet">{t.no_permission_changes}</p> }.into_any();
        }
        view! {
            <p class="diff">
                <b class="added">{format!("+{added}")}</b>
                <b class="removed">{format!("−{removed}")}</b>
                <span class="quiet">{t.permissions_changed}</span>
            </p>
        }
        .into_any()
    };
    view! {
        <div role="status" id="permission-diff">
            {move || view()}
        </div>
    }
    .into_any()
}

/// An existing role.
#[component]
pub(crate) fn Edit() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let params = use_params_map();
    let query = use_query_map();
    // Saving counts at once, what else happens to the role not underneath what is being edited.
    let (saved, version) = (RwSignal::new(0_u32), RwSignal::new(0_u32));
    let editing = Signal::derive(move || ui.editing.get() > 0);
    let settled = unless(editing, version.into());
    let id = memo(move || {
        params.with(|p| {
            p.get_str("id")
                .and_then(|id| id.parse::<i64>().ok())
                .unwrap_or_default()
        })
    });
    let items = load(|| (Ask::of("list_permissions", &[]), 0));
    let data = load(move || {
        (
            Ask::of("get_role", &[("id", &id.get().to_string())]),
            saved.get().wrapping_add(settled.get()),
        )
    });
    let asked = memo(move || query.with(|q| q.get_str("ask").unwrap_or_default().to_owned()));
    let scopes = Scopes::load(ui);
    view! {
        {title(t.edit_role)}
        {show(
            ui,
            data,
            move || skeleton(ui),
            move |role: Role| {
                let held = StoredValue::new(role);
                show(
                    ui,
                    items,
                    move || skeleton(ui),
                    move |items: Vec<PermissionItem>| {
                        let counts = Counts { saved, version };
                        page(ui, counts, asked, scopes, held.get_value(), &items)
                    },
                )
            },
        )}
    }
}

/// What has the role loaded again.
#[derive(Clone, Copy)]
struct Counts {
    /// How often it was saved.
    saved: RwSignal<u32>,
    /// How often something else was done to it.
    version: RwSignal<u32>,
}

fn page(
    ui: Ui,
    counts: Counts,
    asked: Memo<String>,
    scopes: Scopes,
    role: Role,
    items: &[PermissionItem],
) -> AnyView {
    let heading = view! {
        {role.name.clone()}
        " "
        <code class="quiet">{role.key.clone()}</code>
    };
    let Counts { saved, version } = counts;
    let form = edit_form(ui, saved, scopes, &role, items);
    let actions = actions(ui, version, &role);
    let below = below(ui, &role);
    let held = StoredValue::new(role);
    let question = move || {
        let what = asked.get();
        held.with_value(|role| {
            let close = format!("/admin/roles/{}", role.id);
            ask::question(ui, version, &what, role, close, "/admin/roles".to_owned())
        })
    };
    view! {
        {head(heading.into_any(), below, actions)}
        {form}
        {move || question()}
    }
    .into_any()
}

/// Who holds the role, since when it is as it is, and whether it counts.
fn below(ui: Ui, role: &Role) -> AnyView {
    let t = ui.t;
    let holders = t.held_by(role.holders, &count(role.holders));
    let holders = if ui.may(USER_LIST) && role.holders > 0 {
        view! {
            <a class="link" href=format!("/admin/users?role={}", role.id)>
                {holders}
            </a>
        }
        .into_any()
    } else {
        holders.into_any()
    };
    view! {
        {status(ui, role.status)}
        <span aria-hidden="true">" · "</span>
        {holders}
        <span aria-hidden="true">" · "</span>
        {t.last_change}
        " "
        {when(ui, role.updated_at.unwrap_or(role.created_at))}
    }
    .into_any()
}

fn actions(ui: Ui, version: RwSignal<u32>, role: &Role) -> AnyView {
    let t = ui.t;
    let id = role.id.0;
    let history = ui.may(LOG_OPERATION).then(|| {
        let to = address(
            "/admin/operations",
            &[("area", "role"), ("q", role.key.as_str())],
        );
        view! {
            <a class="button plain" href=to>
                {t.tab_history}
            </a>
        }
        .into_any()
    });
    let copy = ui.may(ROLE_ADD).then(|| {
        view! {
            <a class="button" href=format!("/admin/roles/new?from={id}")>
                {icon(Icon::Copy)}
                {t.duplicate}
            </a>
        }
        .into_any()
    });
    let toggle = (ui.may(ROLE_ALTER) && !role.builtin).then(|| match role.status {
        Status::Active => view! {
            <a class="button" href=format!("/admin/roles/{id}?ask=disable") data-noscroll="true">
                {icon(Icon::Ban)}
                {t.disable}
            </a>
        }
        .into_any(),
        Status::Disabled => enable_form(ui, enabling(ui, version), id, String::new(), "button"),
    });
    let delete = (ui.may(ROLE_REMOVE) && !role.builtin).then(|| {
        view! {
            <a
                class="button danger"
                href=format!("/admin/roles/{id}?ask=delete")
                data-noscroll="true"
            >
                {icon(Icon::Trash)}
                {t.delete}
            </a>
        }
        .into_any()
    });
    view! {
        {history}
        {copy}
        {toggle}
        {delete}
    }
    .into_any()
}

fn edit_form(
    ui: Ui,
    saved: RwSignal<u32>,
    scopes: Scopes,
    role: &Role,
    items: &[PermissionItem],
) -> AnyView {
    let t = ui.t;
    let ticked = ui.sent_all("update_role", "permissions[]");
    let ticked = ticked.as_ref().unwrap_or(&role.permissions);
    let picked = Picked::new(&role.permissions, ticked, items);
    let dirty = RwSignal::new(false);
    let form = Submit::new(ui, "update_role", move |done| {
        let told = saved_text(t, &|text| ui.say(text), &done);
        ui.toast_done(told, done.undo);
        saved.try_update(|v| *v += 1);
    });
    let changed = move || {
        let (added, removed) = picked.diff();
        dirty.get() || added + removed > 0
    };
    let guard = guard(Signal::derive(changed));
    let locks = Locks {
        all: !ui.may(ROLE_ALTER),
        builtin: role.builtin,
    };
    let fixed = locks.all || locks.builtin;
    let of = |name: &str| {
        ui.sent("update_role", name).unwrap_or_else(|| match name {
            "name" => role.name.clone(),
            "key" => role.key.clone(),
            "sort" => role.sort.to_string(),
            "data_scope" => role.data_scope.code().to_owned(),
            "remark" => role.remark.clone().unwrap_or_default(),
            _ => String::new(),
        })
    };
    let note = role.builtin.then(|| {
        view! {
            <div class="note">
                {icon(Icon::Lock)}
                <p>{t.builtin_text}</p>
            </div>
        }
        .into_any()
    });
    let holders = role.holders;
    let reach = (!fixed && holders > 0).then(|| effect::reach(ui, role.id.0, picked));
    let save = (!locks.all).then(|| {
        let unsaved = move || {
            let (added, removed) = picked.diff();
            (dirty.get() || added + removed > 0)
                .then(|| view! { <p class="hint">{t.takes_effect(holders)}</p> }.into_any())
        };
        view! {
            <section class="card padded save-card">
                <h2>{t.before_saving}</h2>
                {diff(ui, picked)} {reach} {move || unsaved()}
                <div class="save-actions">
                    {submit(form, t.save_changes, "button primary")}
                    <button type="reset" class="button">
                        {t.discard}
                    </button>
                </div>
            </section>
        }
        .into_any()
    });
    let custom = role.data_scope == DataScope::Custom;
    let held = |name: &str, ids: Vec<i64>| match scopes::sent(ui, "update_role", name) {
        sent if sent.is_empty() => ids,
        sent => sent,
    };
    let depts = held("dept_ids[]", role.dept_ids.iter().map(|d| d.0).collect());
    let menus = held("menu_ids[]", role.menu_ids.iter().map(|m| m.0).collect());
    let fields = view! {
        <input type="hidden" name="id" value=role.id.to_string() />
        <input type="hidden" name="tree" value=(!fixed).to_string() />
        <div class="editor-main">
            {tree(ui, form, picked, items, fixed)} {scopes::depts(ui, scopes, depts, fixed)}
            {scopes::menus(ui, scopes, menus, locks.all)}
        </div>
        <div class="editor-side">
            {guard.question(ui)} {note} {alert(ui, form, FIELDS)} <section class="card padded">
                <h2 class="hidden">{t.role}</h2>
                {details(ui, form, &of, locks, custom)}
            </section> {save}
        </div>
    };
    form.form_with(
        "role-form",
        "editor",
        Some(Box::new(move || dirty.set(true))),
        Some(Box::new(move || {
            picked.reset();
            dirty.set(false);
        })),
        fields.into_any(),
    )
}
