//! Creating and editing a role.

use super::edits::{self, Edits};
use super::scopes::{self, Scopes};
use super::tree::{Picked, tree};
use super::{ask, effect, enabling};
use crate::calls::{Ask, Submit, ask_once, lacking, load, show};
use crate::components::confirm::navigator;
use crate::components::field::{self, Field, alert, submit};
use crate::components::guard::guard;
use crate::components::icon::{Icon, icon};
use crate::components::list::{address, enable_form};
use crate::components::live::{effect, memo, on, unless};
use crate::components::state::skeleton;
use crate::components::{status, when};
use crate::live;
use crate::pages::{head, title};
use crate::server_fns::roles::{Known, fields, saved as saved_text};
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use menshen_domain::catalogue::{
    DEPT_LIST, LOG_OPERATION, ROLE_ADD, ROLE_ALTER, ROLE_QUERY, ROLE_REMOVE, USER_LIST,
};
use menshen_domain::role::{Role, Status};
use menshen_domain::scope::DataScope;
use menshen_domain::session::PermissionItem;
use menshen_domain::{Kind, Timestamp, log, validate};

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
                    move |model: Option<Known>| {
                        create_form(ui, scopes, &items, model.map(|known| known.role))
                    },
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
            </section> <section class="card padded save-card changed">
                {granting(ui, picked)}
                <div class="save-actions">
                    {submit(form, t.create_role, "button primary")}
                    <a class="button" href="/admin/roles">
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

/// How much a new role grants.
fn granting(ui: Ui, picked: Picked) -> AnyView {
    let view = move || match picked.diff() {
        (0, 0) => view! { <p class="quiet">{ui.t.no_permissions}</p> }.into_any(),
        diff => {
            let line = edits::line(ui.say(&log::field("permissions")), diff);
            view! { <ul class="diff">{line}</ul> }.into_any()
        }
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
    let question = move |id: i64| Ask::of("get_role", &[("id", &id.to_string())]);
    let items = load(|| (Ask::of("list_permissions", &[]), 0));
    let data = load(move || {
        let times = saved.get().wrapping_add(settled.get());
        (question(id.get()), times)
    });
    let counts = Counts {
        saved,
        version,
        shown: StoredValue::new(Timestamp::default()),
        newer: RwSignal::new(false),
    };
    let heard = live::on(ui, &["roles"]);
    effect(move || {
        if heard.get() > 0 {
            counts.compare(question(id.get_untracked()));
        }
    });
    let asked = memo(move || query.with(|q| q.get_str("ask").unwrap_or_default().to_owned()));
    let scopes = Scopes::load(ui);
    view! {
        {title(t.edit_role)}
        {show(
            ui,
            data,
            move || skeleton(ui),
            move |known: Known| {
                counts.shown.set_value(known.role.changed_at());
                counts.newer.set(false);
                let held = StoredValue::new(known);
                show(
                    ui,
                    items,
                    move || skeleton(ui),
                    move |items: Vec<PermissionItem>| {
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
    /// How often it was saved, or loaded anew because it was wanted.
    saved: RwSignal<u32>,
    /// How often something else was done to it.
    version: RwSignal<u32>,
    /// When the role that is shown had been changed last.
    shown: StoredValue<Timestamp>,
    /// Whether it is known to have been changed since.
    newer: RwSignal<bool>,
}

impl Counts {
    /// Finds out whether the role is still as it is shown. Another role may have changed.
    fn compare(self, question: Ask) {
        ask_once::<Known>(question, move |answer| {
            let same = match answer {
                Ok(known) => self.shown.try_get_value() == Some(known.role.changed_at()),
                // What was deleted is not to be seen any more either.
                Err(error) => error.kind != Kind::NotFound,
            };
            if !same {
                self.newer.try_set(true);
            }
        });
    }

    fn load_anew(self) {
        self.saved.try_update(|v| *v = v.wrapping_add(1));
    }
}

fn page(
    ui: Ui,
    counts: Counts,
    asked: Memo<String>,
    scopes: Scopes,
    known: Known,
    items: &[PermissionItem],
) -> AnyView {
    let Known { role, changer } = known;
    let heading = view! {
        {role.name.clone()}
        " "
        <code>{role.key.clone()}</code>
    };
    let version = counts.version;
    let form = edit_form(ui, counts, scopes, &role, items);
    let actions = actions(ui, version, &role);
    let below = below(ui, &role, &changer);
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

/// Who holds the role, since when and by whom it is as it is, and whether it counts.
fn below(ui: Ui, role: &Role, changer: &str) -> AnyView {
    let t = ui.t;
    let by = (!changer.is_empty()).then(|| t.by(changer));
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
        {when(ui, role.changed_at())}
        " "
        {by}
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
    counts: Counts,
    scopes: Scopes,
    role: &Role,
    items: &[PermissionItem],
) -> AnyView {
    let t = ui.t;
    let saved = counts.saved;
    // A form that came back without JavaScript comes back once.
    let turn = saved.get_untracked();
    let sent = move |name: &str| ui.sent("update_role", name).filter(|_| turn == 0);
    // No box ticked means none, where there were boxes.
    let came = |flag: &str| sent(flag).as_deref() == Some("true");
    let ticked = came("tree")
        .then(|| ui.sent_all("update_role", "permissions[]"))
        .flatten();
    let ticked = ticked.as_ref().unwrap_or(&role.permissions);
    let picked = Picked::new(&role.permissions, ticked, items);
    let edits = Edits::new(ui, picked, role.clone());
    let form = Submit::new(ui, "update_role", move |done| {
        let told = saved_text(t, &|text| ui.say(text), &done);
        ui.toast_done(told, done.undo);
        counts.load_anew();
    });
    if turn > 0 {
        form.problem.set(None);
    }
    // While nothing was changed here, the form follows what others do.
    effect(move || {
        if counts.newer.get() && !edits.any() {
            counts.load_anew();
        }
    });
    let guard = guard(Signal::derive(move || edits.any()));
    let locks = Locks {
        all: !ui.may(ROLE_ALTER),
        builtin: role.builtin,
    };
    let fixed = locks.all || locks.builtin;
    let of = |name: &str| {
        let was = || {
            let found = fields(role).into_iter().find(|(known, ..)| *known == name);
            found.map(|(.., value)| value).unwrap_or_default()
        };
        sent(name).unwrap_or_else(was)
    };
    let seen = sent("seen").unwrap_or_else(|| role.changed_at().0.to_string());
    let note = role.builtin.then(|| {
        view! {
            <div class="note">
                {icon(Icon::Lock)}
                <p>{t.builtin_text}</p>
            </div>
        }
        .into_any()
    });
    let custom = role.data_scope == DataScope::Custom;
    let held = |flag: &str, name: &str, ids: Vec<i64>| {
        if came(flag) {
            scopes::sent(ui, "update_role", name)
        } else {
            ids
        }
    };
    let depts = role.dept_ids.iter().map(|d| d.0).collect();
    let depts = held("depts", "dept_ids[]", depts);
    let menus = role.menu_ids.iter().map(|m| m.0).collect();
    let menus = held("menus", "menu_ids[]", menus);
    let reach = (!fixed && role.holders > 0).then(|| effect::reach(ui, role.id.0, picked));
    let save = (!locks.all).then(|| save_card(ui, counts, form, edits, role, reach));
    let fields = view! {
        <input type="hidden" name="id" value=role.id.to_string() />
        <input type="hidden" name="seen" value=seen />
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
        Some(Box::new(move || edits.look())),
        Some(Box::new(move || {
            picked.reset();
            edits.look_soon();
        })),
        fields.into_any(),
    )
}

/// What was changed, whom it reaches, and the buttons. Where it stands below the form, it keeps to
/// the bottom of the window: the figure alone then, and the rest at a click.
fn save_card(
    ui: Ui,
    counts: Counts,
    form: Submit,
    edits: Edits,
    role: &Role,
    reach: Option<AnyView>,
) -> AnyView {
    let t = ui.t;
    let holders = role.holders;
    let open = RwSignal::new(false);
    let figure = move || match edits.count() {
        0 => t.nothing_to_save.to_owned(),
        n => t.changes_n(i64::try_from(n).unwrap_or(i64::MAX)),
    };
    let effective = move || {
        edits
            .any()
            .then(|| view! { <p class="hint">{t.takes_effect(holders)}</p> }.into_any())
    };
    view! {
        <section
            class="card padded save-card"
            class:changed=move || edits.any()
            class:open=move || open.get()
        >
            <h2>{t.before_saving}</h2>
            <button
                type="button"
                class="save-figure js-only"
                aria-expanded=move || open.get().to_string()
                aria-controls="save-details"
                on:click=on(move |_: MouseEvent| open.update(|o| *o = !*o))
            >
                <span>{move || figure()}</span>
                {icon(Icon::Down)}
            </button>
            <div class="save-details" id="save-details">
                <div role="status" id="permission-diff">
                    {edits.list()}
                </div>
                {reach}
                {move || effective()}
            </div>
            {outdated(ui, counts, form, edits, role.id.0)}
            <div class="save-actions">
                {submit(form, t.save_changes, "button primary")}
                <button type="reset" class="button">
                    {t.discard}
                </button>
            </div>
        </section>
    }
    .into_any()
}

/// That the role is not any more what the form was made of, and the way to what it is by now.
fn outdated(ui: Ui, counts: Counts, form: Submit, edits: Edits, id: i64) -> AnyView {
    let t = ui.t;
    let turn = counts.saved.get_untracked();
    let refused = move || {
        form.problem.with(|problem| {
            let problem = problem.as_ref();
            problem.is_some_and(|p| p.kind == Kind::Conflict && p.fields.is_empty())
        })
    };
    // One's own saving is heard of as well.
    let newer = move || {
        counts.newer.get() && edits.any() && !form.pending.get() && counts.saved.get() == turn
    };
    let stale = memo(move || refused() || newer());
    let anew = move |event: MouseEvent| {
        event.prevent_default();
        counts.load_anew();
    };
    let view = move || {
        stale.get().then(|| {
            view! {
                <p>{t.changed_meanwhile}</p>
                <a
                    class="button small"
                    href=format!("/admin/roles/{id}")
                    data-leave=""
                    on:click=on(anew)
                >
                    {t.load_anew}
                </a>
            }
            .into_any()
        })
    };
    view! {
        <div class="outdated" role="status">
            {move || view()}
        </div>
    }
    .into_any()
}
