//! The panels that add a code, show what hangs on one, and change those that are not built in.

use super::{distinct, free, granted_by, role_tag, subject};
use crate::calls::{Submit, read, show};
use crate::components::field::{self, Field, alert};
use crate::components::live::memo;
use crate::components::state::{skeleton, trouble};
use crate::error::AppError;
use crate::pages::branches::{
    self, Shared, create_form, create_panel, edit_form, edit_panel, saving,
};
use crate::ui::Ui;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use menshen_domain::permission::{self, Listed};
use menshen_domain::{Kind, Text, validate};

/// The fields whose errors stand beside them.
const FIELDS: &[&str] = &["code", "name", "nameEn", "description"];

/// The panel that adds a code.
#[component]
pub(crate) fn Create() -> impl IntoView {
    let shared = expect_context::<Shared>();
    create_panel(shared, Box::new(move |dirty| create(shared, dirty)))
}

fn create(shared: Shared, dirty: RwSignal<bool>) -> AnyView {
    let (ui, t) = (shared.ui, shared.ui.t);
    let form = saving(shared, dirty, "create_permission", |ui, done| {
        ui.t.permission_created(&done.name)
    });
    let of = |name: &str| ui.sent("create_permission", name).unwrap_or_default();
    let fields = view! {
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
    };
    let fields = fields.into_any();
    create_form(
        shared,
        dirty,
        form,
        "create-permission",
        t.create_permission,
        fields,
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
                .checked(|value| validate::lines("description", value, 0, 500).map(drop)),
        )}
    }
    .into_any()
}

/// The panel that shows a code, and changes it.
#[component]
pub(crate) fn Panel() -> impl IntoView {
    let shared = expect_context::<Shared>();
    let Shared { ui, list, .. } = shared;
    let params = use_params_map();
    let dirty = RwSignal::new(false);
    let code = memo(move || params.with(|p| p.get_str("code").unwrap_or_default().to_owned()));
    let find = move |all: Vec<Listed>| {
        code.with(|code| all.into_iter().find(|listed| listed.code == *code))
    };
    let heading = move |answer: &str| {
        let found = find(read(answer).ok()?)?;
        Some(heading(ui, &found))
    };
    let body = show(
        ui,
        list,
        move || skeleton(ui),
        move |all| match find(all) {
            Some(found) => sections(shared, dirty, &found),
            None => trouble(ui, &missing()),
        },
    );
    edit_panel(shared, dirty, list, Box::new(heading), body)
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
    let below = view! {
        <code>{code.code.clone()}</code>
        {tag}
    };
    branches::heading(ui.say(&code.name), below.into_any())
}

fn sections(shared: Shared, dirty: RwSignal<bool>, code: &Listed) -> AnyView {
    let ui = shared.ui;
    let first = if free(ui, code) {
        edit(shared, dirty, code)
    } else {
        read_only(ui, code)
    };
    let actions = (!code.builtin).then(|| branches::actions(shared, &subject(0, code)));
    view! {
        {first}
        {guards(ui, code)}
        {roles(ui, code)}
        {actions}
    }
    .into_any()
}

fn edit(shared: Shared, dirty: RwSignal<bool>, code: &Listed) -> AnyView {
    let ui = shared.ui;
    let form = saving(shared, dirty, "update_permission", branches::changed);
    let of = |name: &str| {
        ui.sent("update_permission", name)
            .unwrap_or_else(|| match name {
                "name" => code.name.zh.clone().into_owned(),
                "name_en" => code.name.en.clone().into_owned(),
                _ => code.description.clone(),
            })
    };
    let fields = view! {
        {alert(ui, form, FIELDS)}
        <input type="hidden" name="code" value=code.code.clone() />
        {details(ui, form, &of)}
    };
    edit_form(ui, dirty, form, "edit-permission", fields.into_any())
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
