//! The keys that sign tokens.

use crate::browser;
use crate::calls::{Ask, Submit, lacking, load, read, show, show_answer};
use crate::components::confirm::{Question, ask, confirm, navigator};
use crate::components::copy::{self, copyable};
use crate::components::field::{alert, submit};
use crate::components::icon::{Icon, icon};
use crate::components::live::memo;
use crate::components::state::skeleton;
use crate::components::table::plain;
use crate::pages::{head, title};
use crate::server_fns::settings::TYPED;
use crate::time;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use menshen_domain::Timestamp;
use menshen_domain::catalogue::{SETTING_ALTER, SETTING_QUERY};
use menshen_domain::setting::{KeyInfo, KeyRing, KeyState};

const PAGE: &str = "/admin/keys";
const JWKS: &str = "/.well-known/jwks.json";

/// The page.
#[component]
pub(crate) fn Keys() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let query = use_query_map();
    let version = RwSignal::new(0_u32);
    if !ui.may(SETTING_QUERY) {
        return view! {
            {title(t.keys)}
            {head(t.keys.into_any(), ().into_any(), ().into_any())}
            {lacking(ui, SETTING_QUERY)}
        }
        .into_any();
    }
    let ring = load(move || (Ask::of("list_keys", &[]), version.get()));
    let asked = memo(move || query.with(|q| q.get_str("ask").unwrap_or_default().to_owned()));
    let below = show_answer(
        ring,
        || "\u{a0}".into_any(),
        move |answer| match read::<KeyRing>(answer) {
            Ok(ring) => {
                view! { {t.next_rotation} {t.colon()} {exactly(ui, ring.rotates_at)} }.into_any()
            }
            Err(_) => "\u{a0}".into_any(),
        },
    );
    let actions = ui
        .may(SETTING_ALTER)
        .then(|| {
            view! {
                <a class="button primary" href="/admin/keys?ask=rotate" data-noscroll="true">
                    {icon(Icon::Refresh)}
                    {t.rotate_key}
                </a>
            }
            .into_any()
        })
        .into_any();
    view! {
        {title(t.keys)}
        {head(t.keys.into_any(), below, actions)}
        {show(
            ui,
            ring,
            move || skeleton(ui),
            move |ring: KeyRing| list(ui, version, asked, ring),
        )}
    }
    .into_any()
}

/// A moment, to the second.
fn exactly(ui: Ui, at: Timestamp) -> AnyView {
    let zone = move || ui.local.get().then(|| browser::zone_minutes(at.0));
    view! {
        <time datetime=time::iso(at) class="nowrap">
            {move || time::exact(ui.t, at, zone())}
        </time>
    }
    .into_any()
}

fn list(ui: Ui, version: RwSignal<u32>, asked: Memo<String>, ring: KeyRing) -> AnyView {
    let t = ui.t;
    let rows: Vec<AnyView> = ring.keys.iter().map(|key| row(ui, key)).collect();
    let keys = StoredValue::new(ring.keys);
    let heads = [
        t.key_id,
        t.algorithm,
        t.status,
        t.created,
        t.signs_from,
        t.accepted_until,
    ];
    let question = move || {
        let what = asked.get();
        if !ui.may(SETTING_ALTER) {
            return None;
        }
        if what == "rotate" {
            return Some(rotate(ui, version));
        }
        let kid = what.strip_prefix("revoke-")?;
        keys.with_value(|keys| {
            let key = keys.iter().find(|key| key.kid == kid)?;
            Some(revoke(ui, version, key))
        })
    };
    view! {
        {plain(ui, t.keys, &heads, rows)}
        {jwks(ui)}
        {move || question()}
    }
    .into_any()
}

fn row(ui: Ui, key: &KeyInfo) -> AnyView {
    let t = ui.t;
    let (class, word) = match key.state {
        KeyState::Next => ("state due", t.key_next),
        KeyState::Signing => ("state ok", t.key_signing),
        KeyState::Retired => ("state off", t.key_retired),
    };
    let until = match key.expires_at {
        Some(at) => exactly(ui, at),
        None => view! { <span class="quiet">{t.until_replaced}</span> }.into_any(),
    };
    let action = ui.may(SETTING_ALTER).then(|| {
        view! {
            <a
                class="button small danger"
                href=format!("{PAGE}?ask=revoke-{}", key.kid)
                aria-label=t.revoke_key_named(&key.kid)
                data-noscroll="true"
            >
                {t.revoke}
            </a>
        }
        .into_any()
    });
    view! {
        <tr>
            <td>
                {copyable(ui, key.kid.as_str())}
            </td>
            <td data-label=t.algorithm>{key.algorithm.clone()}</td>
            <td data-label=t.status>
                <span class=class>{word}</span>
            </td>
            <td data-label=t.created>{exactly(ui, key.created_at)}</td>
            <td data-label=t.signs_from>{exactly(ui, key.active_at)}</td>
            <td data-label=t.accepted_until>{until}</td>
            <td class="row-actions keys-action">{action}</td>
        </tr>
    }
    .into_any()
}

/// Where services that verify tokens find the public keys.
fn jwks(ui: Ui) -> AnyView {
    let t = ui.t;
    let address = || browser::absolute(JWKS);
    view! {
        <section class="card padded keys-jwks">
            <h2>{t.public_keys}</h2>
            <p class="hint">{t.public_keys_text}</p>
            <div class="secret">
                <a class="link" href=JWKS rel="external" target="_blank">
                    <code>{JWKS}</code>
                </a>
                {copy::button(ui, t.copy_address, "button small js-only", false, address)}
            </div>
        </section>
    }
    .into_any()
}

fn rotate(ui: Ui, version: RwSignal<u32>) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let form = Submit::new(ui, "rotate_key", move |done| {
        ui.toast(t.key_made(&done.name));
        go(PAGE);
        version.try_update(|v| *v += 1);
    });
    let text = view! {
        <p>{t.rotate_key_text}</p>
        {alert(ui, form, &[])}
    };
    let act = submit(form, t.rotate_key, "button primary");
    confirm(
        t.rotate_key_question.to_owned(),
        text.into_any(),
        PAGE.to_owned(),
        t.cancel,
        form.form("rotate-key", "", act),
    )
}

fn revoke(ui: Ui, version: RwSignal<u32>, key: &KeyInfo) -> AnyView {
    let t = ui.t;
    let text = match key.state {
        KeyState::Next => t.revoke_next_text,
        KeyState::Signing => t.revoke_signing_text,
        KeyState::Retired => t.revoke_retired_text,
    };
    let question = Question {
        title: t.revoke_key_named(&key.kid),
        text: text.to_owned(),
        close: PAGE.to_owned(),
        then: PAGE.to_owned(),
        endpoint: "revoke_key",
        fields: &[("kid", key.kid.clone())],
        typed: Some(key.kid.chars().take(TYPED).collect()),
        act: t.revoke_key,
        told: |t, name| t.key_revoked(name),
    };
    ask(ui, version, question)
}
