//! Passkeys: what there is, adding one, another name, taking one away.
//!
//! Adding needs the browser's own dialog, and so JavaScript; all else are plain forms, each with
//! its own address.

use super::factors::{HERE, end_others, proof};
use super::{card, password_first, submit_row};
use crate::browser;
use crate::calls::{Ask, Submit, from_json, load, show};
use crate::components::confirm::navigator;
use crate::components::field::{self, Field, alert, submit};
use crate::components::icon::{Icon, icon};
use crate::components::list::form as form_of;
use crate::components::live::{effect, on};
use crate::components::state::skeleton;
use crate::components::when;
use crate::error::AppError;
use crate::server_fns::Done;
use crate::server_fns::account::Challenge;
use crate::ui::Ui;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use menshen_domain::passkey::{self, PasskeyInfo};

/// The card; nothing where passkeys are not set up. `asked` is what the address asks for.
pub(super) fn section(ui: Ui, asked: Memo<String>, has_password: bool) -> AnyView {
    if ui.passkey_rp.with_value(String::is_empty) {
        return ().into_any();
    }
    let t = ui.t;
    let version = RwSignal::new(0_u32);
    let passkeys = load(move || (Ask::of("my_passkeys", &[]), version.get()));
    let list = show(
        ui,
        passkeys,
        move || skeleton(ui),
        move |list: Vec<PasskeyInfo>| rows(ui, version, asked, list),
    );
    let add = if has_password {
        add(ui, version)
    } else {
        password_first(ui, t.passkey_needs_password)
    };
    let body = view! {
        <p class="quiet">{t.passkeys_text}</p>
        {list}
        {add}
    };
    card("passkeys-title", t.passkeys, ().into_any(), body.into_any())
}

fn rows(ui: Ui, version: RwSignal<u32>, asked: Memo<String>, list: Vec<PasskeyInfo>) -> AnyView {
    if list.is_empty() {
        return view! { <p class="hint">{ui.t.no_passkeys}</p> }.into_any();
    }
    let rows: Vec<AnyView> = list
        .into_iter()
        .map(|one| row(ui, version, asked, one))
        .collect();
    view! { <ul class="passkeys">{rows}</ul> }.into_any()
}

fn row(ui: Ui, version: RwSignal<u32>, asked: Memo<String>, one: PasskeyInfo) -> AnyView {
    let t = ui.t;
    let id = one.id.0;
    let used = match one.last_used_at {
        Some(at) => when(ui, at),
        None => view! { {t.never} }.into_any(),
    };
    let link = |sign: Icon, label: &'static str, what: &str, class: &'static str| {
        view! {
            <a
                class=class
                href=format!("{HERE}?ask={what}-{id}")
                data-noscroll="true"
                aria-label=format!("{label}: {}", one.name)
                title=label
            >
                {icon(sign)}
            </a>
        }
        .into_any()
    };
    let kept = StoredValue::new(one.clone());
    let form = move || {
        let asked = asked.get();
        kept.with_value(|one| match asked.split_once('-') {
            Some((what, of)) if of == one.id.0.to_string() => match what {
                "rename" => rename(ui, version, one),
                "remove" => remove(ui, version, one),
                _ => ().into_any(),
            },
            _ => ().into_any(),
        })
    };
    view! {
        <li>
            <div class="passkey">
                {icon(Icon::Finger)}
                <div>
                    <b>{one.name.clone()}</b>
                    <p class="hint">
                        {t.passkey_added_at} " " {when(ui, one.created_at)} " · "
                        {t.passkey_used_at} " " {used}
                    </p>
                </div>
                {link(Icon::Edit, t.rename, "rename", "icon-button")}
                {link(Icon::Trash, t.delete, "remove", "icon-button")}
            </div>
            {move || form()}
        </li>
    }
    .into_any()
}

fn rename(ui: Ui, version: RwSignal<u32>, one: &PasskeyInfo) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let form = Submit::new(ui, "rename_passkey", move |done| {
        ui.toast(t.passkey_renamed(&done.name));
        go(HERE);
        version.update(|v| *v += 1);
    });
    effect(|| browser::focus("#field-rename-passkey"));
    let fields = view! {
        {alert(ui, form, &["name"])}
        <input type="hidden" name="id" value=one.id.0.to_string() />
        {field::input(
            ui,
            form,
            Field {
                id: "rename-passkey",
                name: "name",
                key: "name",
                label: t.passkey_name,
                value: ui.sent("rename_passkey", "name").unwrap_or_else(|| one.name.clone()),
                required: true,
                first: true,
                ..Field::default()
            }
                .checked(|value| passkey::name(value).map(drop)),
        )}
        {submit_row(ui, HERE, submit(form, t.save, "button primary"))}
    };
    form.form("rename-passkey", "stack-form inset", fields.into_any())
}

fn remove(ui: Ui, version: RwSignal<u32>, one: &PasskeyInfo) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let form = Submit::new(ui, "remove_passkey", move |_| {
        ui.toast(t.passkey_removed.to_owned());
        go(HERE);
        version.update(|v| *v += 1);
    });
    effect(|| browser::focus("#field-remove-password"));
    let fields = view! {
        <p>{t.passkey_remove_text(&one.name)}</p>
        {alert(ui, form, &["password"])}
        <input type="hidden" name="id" value=one.id.0.to_string() />
        {proof(ui, form, "remove-password")}
        {end_others(ui)}
        {submit_row(ui, HERE, submit(form, t.passkey_remove, "button danger-solid"))}
    };
    form.form("remove-passkey", "stack-form inset", fields.into_any())
}

/// The form that adds one. It has three steps: the password, the device, its answer.
fn add(ui: Ui, version: RwSignal<u32>) -> AnyView {
    let t = ui.t;
    let form = Submit::new(ui, "add_passkey", |_| {});
    let works = RwSignal::new(true);
    effect(move || works.set(ui.passkey_rp.with_value(|rp| browser::passkeys_work(rp))));
    let name = Field {
        id: "passkey-name",
        name: "name",
        key: "name",
        label: t.passkey_name,
        hint: t.passkey_name_hint,
        required: true,
        ..Field::default()
    };
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.pending.get_untracked() {
            return;
        }
        let name = browser::value("#field-passkey-name");
        let password = browser::value("#field-passkey-password");
        form.pending.set(true);
        spawn_local(async move {
            let done = enrol(&name, &password).await;
            form.pending.try_set(false);
            match done {
                Ok(done) => {
                    form.problem.try_set(None);
                    browser::clear("#field-passkey-name");
                    browser::clear("#field-passkey-password");
                    ui.toast(t.passkey_added(&done.name));
                    version.try_update(|v| *v += 1);
                }
                Err(error) => {
                    ui.react(&error);
                    form.tries.try_update(|n| *n += 1);
                    form.problem.try_set(Some(error));
                    browser::focus("form [aria-invalid=true], .alert");
                }
            }
        });
    };
    let fields = view! {
        {alert(ui, form, &["name", "password"])}
        {field::input(ui, form, name.checked(|value| passkey::name(value).map(drop)))}
        {proof(ui, form, "passkey-password")}
        <div>{submit(form, t.passkey_add, "button primary")}</div>
    };
    view! {
        <details class="fold-out">
            <summary>{t.passkey_add}</summary>
            // What this browser can do is known once it is awake.
            <div class="fold-body" data-live="">
                <p class="note no-js">{t.passkey_needs_scripts}</p>
                {move || {
                    (!works.get())
                        .then(|| view! { <p class="note">{t.passkey_not_here}</p> }.into_any())
                }}
                <form
                    id="add-passkey"
                    class="stack-form js-only"
                    method="post"
                    novalidate=true
                    on:submit=on(send)
                >
                    {fields}
                </form>
            </div>
        </details>
    }
    .into_any()
}

async fn enrol(name: &str, password: &str) -> Result<Done, AppError> {
    // Looked at first: the device need not be bothered.
    if let Err(error) = passkey::name(name) {
        return Err(AppError::found(error));
    }
    let begun = browser::post("begin_passkey", &form_of(&[("password", password)])).await?;
    let begun: Challenge = from_json(&begun)?;
    let credential = browser::passkey_create(&begun.options).await?;
    let body = form_of(&[
        ("ticket", &begun.ticket),
        ("name", name),
        ("credential", &credential),
    ]);
    from_json(&browser::post("add_passkey", &body).await?)
}
