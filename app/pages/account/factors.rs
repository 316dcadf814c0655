//! The second factor: setting it up with an app, its recovery codes, turning it off.
//!
//! What is shown once comes with the answer to the form, or, without JavaScript, with the page
//! that follows it.

use super::{card, passkeys, password_first};
use crate::browser;
use crate::calls::{Ask, Submit, load, show};
use crate::components::copy;
use crate::components::field::{self, Field, alert, checkbox, submit};
use crate::components::icon::{Icon, icon};
use crate::components::live::{effect, memo, on};
use crate::components::state::skeleton;
use crate::components::when;
use crate::ui::Ui;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use menshen_domain::account::Factor;

pub(super) const HERE: &str = "/admin/account/factors";

/// The secrets that are shown at the moment.
#[derive(Clone, Copy)]
struct Shown {
    /// The address of a proposed secret.
    uri: RwSignal<Option<String>>,
    /// Fresh recovery codes, one on a line.
    codes: RwSignal<Option<String>>,
}

/// The section.
pub(super) fn section(ui: Ui) -> AnyView {
    let secret = |endpoint| ui.flash(endpoint, |f| f.secret.clone()).flatten();
    let shown = Shown {
        uri: RwSignal::new(secret("begin_otp").or_else(|| ui.sent("confirm_otp", "uri"))),
        codes: RwSignal::new(secret("confirm_otp").or_else(|| secret("renew_recovery_codes"))),
    };
    let query = use_query_map();
    let asked = memo(move || query.with(|q| q.get_str("ask").unwrap_or_default().to_owned()));
    let version = RwSignal::new(0_u32);
    let factor = load(move || (Ask::of("my_factor", &[]), version.get()));
    let body = move || {
        if let Some(codes) = shown.codes.get() {
            return recovery(ui, codes);
        }
        if let Some(uri) = shown.uri.get() {
            return proposal(ui, shown, uri);
        }
        show(
            ui,
            factor,
            move || skeleton(ui),
            move |factor: Factor| {
                view! {
                    {standing(ui, shown, version, factor)}
                    {passkeys::section(ui, asked, factor.has_password)}
                }
                .into_any()
            },
        )
    };
    view! { {move || body()} }.into_any()
}

fn standing(ui: Ui, shown: Shown, version: RwSignal<u32>, factor: Factor) -> AnyView {
    let t = ui.t;
    match factor.confirmed_at {
        Some(at) => {
            let few = (factor.recovery_left <= 3).then(|| {
                view! {
                    <p class="warning" role="status">
                        {t.recovery_few}
                    </p>
                }
                .into_any()
            });
            let mark = view! { <span class="state ok">{t.turned_on}</span> };
            let body = view! {
                <dl class="facts">
                    <dt>{t.otp_since}</dt>
                    <dd>{when(ui, at)}</dd>
                    <dt>{t.recovery_left}</dt>
                    <dd>{factor.recovery_left.to_string()}</dd>
                </dl>
                {few}
                {renew(ui, shown)}
                {turn_off(ui, version)}
            };
            card(
                "factor-title",
                t.authenticator,
                mark.into_any(),
                body.into_any(),
            )
        }
        None => {
            let mark = view! { <span class="state off">{t.turned_off}</span> };
            let begin = if factor.has_password {
                begin(ui, shown)
            } else {
                password_first(ui, t.otp_needs_password)
            };
            let body = view! {
                <p class="quiet">{t.otp_text}</p>
                {begin}
            };
            card(
                "factor-title",
                t.authenticator,
                mark.into_any(),
                body.into_any(),
            )
        }
    }
}

/// The password, asked again before a change.
pub(super) fn proof(ui: Ui, form: Submit, id: &'static str) -> AnyView {
    field::password(
        ui,
        form,
        Field {
            id,
            name: "password",
            key: "password",
            label: ui.t.current_password,
            required: true,
            autocomplete: "current-password",
            ..Field::default()
        },
    )
}

pub(super) fn end_others(ui: Ui) -> AnyView {
    let label = ui.t.end_others_too.to_owned();
    checkbox(
        "end_other_sessions",
        "true".to_owned(),
        false,
        label,
        ().into_any(),
    )
}

fn begin(ui: Ui, shown: Shown) -> AnyView {
    let t = ui.t;
    let form = Submit::new(ui, "begin_otp", move |done| {
        shown.uri.try_set(Some(done.secret));
        browser::focus("#factor-title");
    });
    let fields = view! {
        {alert(ui, form, &["password"])}
        {proof(ui, form, "begin-password")}
        <div>{submit(form, t.otp_begin, "button primary")}</div>
    };
    form.form("begin-otp", "stack-form", fields.into_any())
}

/// The secret that an `otpauth://` address holds.
fn secret_of(uri: &str) -> String {
    let (_, rest) = uri.split_once("secret=").unwrap_or_default();
    rest.split('&').next().unwrap_or_default().to_owned()
}

/// The QR code, the secret, and the field for the first code.
fn proposal(ui: Ui, shown: Shown, uri: String) -> AnyView {
    let t = ui.t;
    let form = Submit::new(ui, "confirm_otp", move |done| {
        shown.codes.try_set(Some(done.secret));
        browser::focus("#recovery-title");
    });
    let asked = uri.clone();
    let picture = load(move || (Ask::of("otp_picture", &[("uri", &asked)]), 0));
    let qr = show(
        ui,
        picture,
        || view! { <div class="qr"></div> }.into_any(),
        move |address: String| {
            view! {
                <img class="qr" src=address width="208" height="208" alt=t.otp_qr />
            }
            .into_any()
        },
    );
    let fields = view! {
        // For the page that follows a refusal without JavaScript.
        <input type="hidden" name="uri" value=uri.clone() />
        {alert(ui, form, &["code"])}
        {field::input(
            ui,
            form,
            Field {
                name: "otp_code",
                key: "code",
                label: t.otp_code,
                hint: t.otp_first_code,
                required: true,
                first: true,
                code: true,
                autocomplete: "one-time-code",
                inputmode: "numeric",
                ..Field::default()
            },
        )}
        {end_others(ui)}
        <div class="actions">
            <a class="button" href=HERE rel="external">
                {t.cancel}
            </a>
            {submit(form, t.otp_turn_on, "button primary")}
        </div>
    };
    let body = view! {
        <ol class="steps">
            <li>
                <h3>{t.otp_scan}</h3>
                <p class="quiet">{t.otp_apps}</p>
                <div class="enrol">
                    {qr} <div class="stack">
                        <p class="hint">{t.otp_by_hand}</p>
                        {copy::secret(ui, secret_of(&uri))}
                    </div>
                </div>
            </li>
            <li>
                <h3>{t.otp_then_code}</h3>
                {form.form("confirm-otp", "stack-form", fields.into_any())}
            </li>
        </ol>
    };
    card("factor-title", t.otp_set_up, ().into_any(), body.into_any())
}

/// Recovery codes, shown this once: to be copied, printed, or kept in a file.
fn recovery(ui: Ui, codes: String) -> AnyView {
    let t = ui.t;
    let name = ui
        .me
        .with_untracked(|me| me.as_ref().map(|me| me.username.clone()))
        .unwrap_or_default();
    let list: Vec<AnyView> = codes
        .lines()
        .map(|code| {
            view! {
                <li>
                    <code>{code.to_owned()}</code>
                </li>
            }
            .into_any()
        })
        .collect();
    let file = format!(
        "data:text/plain;charset=utf-8,{}",
        browser::escape(&format!("{}\n\n{codes}\n", t.recovery_of(&name)))
    );
    effect(|| browser::focus("#recovery-title"));
    let body = view! {
        <p class="quiet">{t.recovery_text}</p>
        <div class="print-sheet">
            <p class="print-only">{t.recovery_of(&name)}</p>
            <ol class="codes">{list}</ol>
        </div>
        <div class="actions start">
            {copy::button(ui, t.copy, "button js-only", false, move || codes.clone())}
            <a
                class="button"
                href=file
                download="menshen-recovery-codes.txt"
                rel="external"
            >
                {icon(Icon::Download)}
                {t.download}
            </a>
            <button
                type="button"
                class="button js-only"
                on:click=on(|_: MouseEvent| browser::print())
            >
                {icon(Icon::Print)}
                {t.print}
            </button>
            <a class="button primary" href=HERE rel="external">
                {t.recovery_kept}
            </a>
        </div>
    };
    card(
        "recovery-title",
        t.recovery_codes,
        ().into_any(),
        body.into_any(),
    )
}

/// A part that is folded away until it is wanted, or until its form was refused.
fn folded(summary: &'static str, text: &'static str, form: Submit, body: AnyView) -> AnyView {
    view! {
        <details class="fold-out" open=form.problem.with_untracked(Option::is_some)>
            <summary>{summary}</summary>
            <div class="fold-body">
                <p class="quiet">{text}</p>
                {body}
            </div>
        </details>
    }
    .into_any()
}

fn renew(ui: Ui, shown: Shown) -> AnyView {
    let t = ui.t;
    let form = Submit::new(ui, "renew_recovery_codes", move |done| {
        shown.codes.try_set(Some(done.secret));
    });
    let fields = view! {
        {alert(ui, form, &["password"])}
        {proof(ui, form, "renew-password")}
        {end_others(ui)}
        <div>{submit(form, t.recovery_renew, "button primary")}</div>
    };
    let body = form.form("renew-recovery", "stack-form", fields.into_any());
    folded(t.recovery_renew, t.recovery_renew_text, form, body)
}

fn turn_off(ui: Ui, version: RwSignal<u32>) -> AnyView {
    let t = ui.t;
    let form = Submit::new(ui, "disable_otp", move |_| {
        ui.toast(t.otp_turned_off.to_owned());
        version.update(|v| *v += 1);
    });
    let fields = view! {
        {alert(ui, form, &["password"])}
        {proof(ui, form, "disable-password")}
        {end_others(ui)}
        <div>{submit(form, t.otp_turn_off, "button danger-solid")}</div>
    };
    let body = form.form("disable-otp", "stack-form", fields.into_any());
    folded(t.otp_turn_off, t.otp_turn_off_text, form, body)
}
