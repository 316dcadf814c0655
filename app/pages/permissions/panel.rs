//! The panels that add a code, show what hangs on one, and change those that are not built in.

use super::{Shared, distinct, granted_by, role_tag};
use crate::calls::{Submit, lacking, read, show, show_answer};
use crate::components::confirm::{navigator, panel};
use crate::components::field::{self, Field, alert, submit};
use crate::components::icon::{Icon, icon};
use crate::components::live::memo;
use crate::components::state::{skeleton, trouble};
use crate::error::AppError;
use crate::pages::title;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use menshen_domain::catalogue::PERM_ALTER;
use menshen_domain::permission::{self, Listed};
use menshen_domain::{Kind, Text, validate};

/// The fields whose errors stand beside them.
const FIELDS: &[&str] = &["code", "name", "nameEn", "description"];

/// The panel that adds a code.
#[component]
pub(crate) fn Create() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let shared = expect_context::<Shared>();
    let dirty = RwSignal::new(false);
    let body = if ui.may(PERM_ALTER) {
        create(ui, shared, dirty)
    } else {
        lacking(ui, PERM_ALTER)
    };
    let heading = view! { <h2 id="panel-title">{t.new_permission}</h2> };
    view! {
        {title(t.new_permission)}
        {panel(ui, heading.into_any(), close(shared), dirty, body)}
    }
}

fn close(shared: Shared) -> Signal<String> {
    Signal::derive(move || shared.query.with(|q| q.at("", "")))
}

fn create(ui: Ui, shared: Shared, dirty: RwSignal<bool>) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let form = Submit::new(ui, "create_permission", move |done| {
        dirty.try_set(false);
        ui.toast(t.permission_created(&done.name));
        go(&shared.here());
        shared.changed();
    });
    let of = |name: &str| ui.sent("create_permission", name).unwrap_or_default();
    let fields = view! {
        <div class="section">
            <p class="hint">{t.new_permission_text}</p>
            {alert(ui, form, FIELDS)}
            {field::input(
                ui,
                form,
                Field {
                    name: "code",
                    key: "code",
                    label: t.permission_code,
                    value: of("code"),
                    hint: t.permission_code_hint,
                    required: true,
                    first: true,
                    code: true,
                    ..Field::default()
                }
                    .checked(|value| permission::code(value).map(drop)),
            )}
            {details(ui, form, &of)}
        </div>
        <div class="panel-foot">
            {submit(form, t.create_permission, "button primary")}
            <a class="button" href=close(shared) data-noscroll="true">
                {t.cancel}
            </a>
        </div>
    };
    form.form_with(
        "create-permission",
        "",
        Some(Box::new(move || dirty.set(true))),
        None,
        fields.into_any(),
    )
}

/// The fields that a new code and a changed one have in common.
fn details(ui: Ui, form: Submit, of: &dyn Fn(&str) -> String) -> AnyView {
    let t = ui.t;
    view! {
        {field::input(
            ui,
            form,
            Field {
                name: "name",
                key: "name",
                label: t.name_zh,
                value: of("name"),
                required: true,
                ..Field::default()
            }
                .checked(|value| validate::text("name", value, 1, 50).map(drop)),
        )}
        {field::input(
            ui,
            form,
            Field {
                name: "name_en",
                key: "nameEn",
                label: t.name_en,
                value: of("name_en"),
                hint: t.name_en_hint,
                ..Field::default()
            }
                .checked(|value| validate::text("nameEn", value, 0, 50).map(drop)),
        )}
        {field::textarea(
            ui,
            form,
            Field {
                name: "description",
                key: "description",
                label: t.description,
                value: of("description"),
                ..Field::default()
            }
                .checked(|value| validate::text("description", value, 0, 500).map(drop)),
        )}
    }
    .into_any()
}

/// The panel that shows a code, and changes it.
#[component]
pub(crate) fn Panel() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let shared = expect_context::<Shared>();
    let params = use_params_map();
    let dirty = RwSignal::new(false);
    let code = memo(move || params.with(|p| p.get_str("code").unwrap_or_default().to_owned()));
    let plain = move || view! { <h2 id="panel-title">{t.permission}</h2> }.into_any();
    let heading = show_answer(shared.list, plain, move |answer| {
        let all = read::<Vec<Listed>>(answer).unwrap_or_default();
        let found = code.with(|code| all.into_iter().find(|listed| listed.code == *code));
        found.map_or_else(plain, |found| heading(ui, &found))
    });
    let body = show(
        ui,
        shared.list,
        move || skeleton(ui),
        move |all: Vec<Listed>| {
            let found = code.with(|code| all.into_iter().find(|listed| listed.code == *code));
            match found {
                Some(found) => sections(ui, shared, dirty, &found),
                None => trouble(ui, &missing()),
            }
        },
    );
    view! {
        {title(t.permission)}
        {panel(ui, heading, close(shared), dirty, body)}
    }
}

fn missing() -> AppError {
    AppError {
        kind: Kind::NotFound,
        text: Text::fixed("权限不存在", "There is no such permission"),
        fields: Vec::new(),
        request_id: Box::default(),
    }
}

fn heading(ui: Ui, code: &Listed) -> AnyView {
    let tag = code
        .builtin
        .then(|| view! { <span class="tag">{ui.t.builtin}</span> }.into_any());
    view! {
        <div class="panel-title">
            <h2 id="panel-title">{ui.say(&code.name)}</h2>
            <p>
                <code>{code.code.clone()}</code>
                {tag}
            </p>
        </div>
    }
    .into_any()
}

fn sections(ui: Ui, shared: Shared, dirty: RwSignal<bool>, code: &Listed) -> AnyView {
    let first = if !code.builtin && ui.may(PERM_ALTER) {
        edit(ui, shared, dirty, code)
    } else {
        read_only(ui, code)
    };
    view! {
        {first}
        {guards(ui, code)}
        {roles(ui, code)}
        {remove(ui, shared, code)}
    }
    .into_any()
}

fn edit(ui: Ui, shared: Shared, dirty: RwSignal<bool>, code: &Listed) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let form = Submit::new(ui, "update_permission", move |done| {
        dirty.try_set(false);
        ui.toast(t.saved_of(&done.name));
        go(&shared.here());
        shared.changed();
    });
    let of = |name: &str| {
        ui.sent("update_permission", name)
            .unwrap_or_else(|| match name {
                "name" => code.name.zh.clone().into_owned(),
                "name_en" => code.name.en.clone().into_owned(),
                _ => code.description.clone(),
            })
    };
    let fields = view! {
        <div class="section">
            {alert(ui, form, FIELDS)}
            <input type="hidden" name="code" value=code.code.clone() />
            {details(ui, form, &of)}
            <div class="section-foot">{submit(form, t.save, "button primary")}</div>
        </div>
    };
    form.form_with(
        "edit-permission",
        "",
        Some(Box::new(move || dirty.set(true))),
        None,
        fields.into_any(),
    )
}

fn read_only(ui: Ui, code: &Listed) -> AnyView {
    let t = ui.t;
    let about = (!code.description.is_empty()).then(|| {
        view! {
            <dt>{t.description}</dt>
            <dd>{code.description.clone()}</dd>
        }
        .into_any()
    });
    let note = code
        .builtin
        .then(|| view! { <p class="hint">{t.builtin_code_text}</p> }.into_any());
    view! {
        <section class="section">
            <dl class="facts">
                <dt>{t.name_zh}</dt>
                <dd lang="zh-CN">{code.name.zh.clone().into_owned()}</dd>
                <dt>{t.name_en}</dt>
                <dd lang="en">{code.name.en.clone().into_owned()}</dd>
                {about}
            </dl>
            {note}
        </section>
    }
    .into_any()
}

/// The routes and server functions that ask for the code.
fn guards(ui: Ui, code: &Listed) -> AnyView {
    let t = ui.t;
    let list = |label: &'static str, items: Vec<String>| {
        (!items.is_empty()).then(|| {
            let items: Vec<AnyView> = items
                .into_iter()
                .map(|item| {
                    view! {
                        <li>
                            <code>{item}</code>
                        </li>
                    }
                    .into_any()
                })
                .collect();
            view! {
                <div>
                    <p class="hint">{label}</p>
                    <ul class="codes">{items}</ul>
                </div>
            }
            .into_any()
        })
    };
    let (functions, routes): (Vec<&String>, Vec<&String>) =
        code.guards.iter().partition(|g| g.starts_with("fn "));
    let functions = functions
        .into_iter()
        .map(|g| g.trim_start_matches("fn ").to_owned())
        .collect();
    let routes = routes.into_iter().cloned().collect();
    let nothing = code
        .guards
        .is_empty()
        .then(|| view! { <p class="quiet">{t.guards_nothing}</p> }.into_any());
    view! {
        <section class="section">
            <h3>{t.guards}</h3>
            {nothing}
            {list(t.rest_routes, routes)}
            {list(t.server_functions, functions)}
        </section>
    }
    .into_any()
}

/// The roles that grant the code, and by what.
fn roles(ui: Ui, code: &Listed) -> AnyView {
    let t = ui.t;
    let Some(roles) = &code.roles else {
        return ().into_any();
    };
    let once = distinct(roles);
    let items: Vec<AnyView> = once
        .iter()
        .map(|granting| {
            let by = if granting.pattern == code.code {
                view! { <span class="quiet">{t.granted_itself}</span> }.into_any()
            } else {
                view! {
                    <span class="quiet">
                        {t.granted_through} " " <code>{granting.pattern.clone()}</code>
                    </span>
                }
                .into_any()
            };
            view! { <li>{role_tag(ui, &granting.role, &granting.pattern)} " " {by}</li> }.into_any()
        })
        .collect();
    view! {
        <section class="section">
            <h3>{t.granted_by}</h3>
            <p class="hint">{granted_by(ui, once.len())}</p>
            <ul class="granting">{items}</ul>
        </section>
    }
    .into_any()
}

fn remove(ui: Ui, shared: Shared, code: &Listed) -> AnyView {
    if code.builtin || !ui.may(PERM_ALTER) {
        return ().into_any();
    }
    let t = ui.t;
    let ask = format!("delete-{}", code.code);
    let href = Signal::derive(move || shared.query.with(|q| q.at("", &ask)));
    view! {
        <section class="section">
            <h3>{t.actions}</h3>
            <div class="button-row">
                <a class="button danger" href=href data-noscroll="true">
                    {icon(Icon::Trash)}
                    {t.delete}
                </a>
            </div>
        </section>
    }
    .into_any()
}
