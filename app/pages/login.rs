//! Signing in with name, password and captcha, or with a code that is sent to a phone
//! (`login/sms.rs`), or by way of a vendor's page (`login/ways.rs`); and in a second step with the
//! second factor's code, when one is due.

mod sms;
mod ways;

use crate::boot::Flash;
use crate::browser;
use crate::calls::{Ask, Loaded, Submit, from_json, load, read, show_answer};
use crate::components::field::{self, Field, alert, fault, submit, warning};
use crate::components::icon::{Icon, icon};
use crate::components::list::form as form_of;
use crate::components::live::{effect, memo, on};
use crate::error::AppError;
use crate::pages::{card_page, title};
use crate::server_fns::Done;
use crate::server_fns::account::Challenge;
use crate::ui::{Ui, ui};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use menshen_domain::session::CaptchaPicture;
use menshen_domain::{FieldError, Kind};
use sms::Sms;
use ways::{SMS, tabs, vendors};

/// Finds the captcha's field.
const CAPTCHA: &str = "#field-captcha_code";

/// The login page.
#[component]
pub(crate) fn Login() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let query = use_query_map();
    let next = query.with_untracked(|q| q.get_str("next").unwrap_or_default().to_owned());
    // A way that is not set up is none.
    let way = memo(move || {
        let way = query.with(|q| q.get_str("way").unwrap_or_default().to_owned());
        if way == SMS && ui.ways.sms {
            way
        } else {
            String::new()
        }
    });
    let captcha = load(move || {
        let ask = way.with(|way| Ask::of("new_captcha", &[("way", way)]));
        (ask, 0)
    });
    // Whether the captcha's field takes the focus once its new picture is there.
    let focus_captcha = StoredValue::new(false);
    // What the second step goes on from; without it, it is the first step's turn.
    let ticket = RwSignal::new(ticket_of(ui));
    // Loaded afresh, so that everything on the page belongs to the new session.
    let form = Submit::new(ui, "sign_in", |done| browser::go(&done.to))
        .place(on_its_field)
        .refused(move |problem| {
            if let Kind::OtpRequired { ticket: given } = &problem.kind {
                ticket.set(Some(given.clone()));
                browser::focus("#field-otp_code");
                return;
            }
            if problem.kind == Kind::Credentials {
                browser::clear("#field-password");
            }
            again(problem, captcha, focus_captcha);
        });
    let sms = Sms::new(ui, captcha, focus_captcha, ticket);
    let tell = move |problem: AppError| {
        if way.with_untracked(String::is_empty) {
            form.problem.set(Some(problem));
        } else {
            sms.tell(problem);
        }
    };
    // That the second step is over, or what went wrong at a vendor, is told above the first.
    let told = |endpoint| ui.flash(endpoint, |f| f.error.clone()).flatten();
    if let Some(over) = told("verify_otp").or_else(|| told("vendor"))
        && ticket.with_untracked(Option::is_none)
    {
        tell(over);
    }
    let second =
        Submit::new(ui, "verify_otp", |done| browser::go(&done.to)).refused(move |problem| {
            if problem.field("otpTicket").is_some() {
                ticket.set(None);
                tell(problem.clone());
                captcha.refetch();
                browser::focus("form .alert");
            } else {
                browser::clear("#field-otp_code");
                browser::focus("form [aria-invalid=true], form .alert");
            }
        });
    let card = move || match ticket.get() {
        Some(ticket) => second_step(ui, second, ticket, next.clone()),
        None => {
            let by_name = way.with(String::is_empty);
            let card = if by_name {
                first_step(ui, form, captcha, focus_captcha, next.clone())
            } else {
                sms.view(ui, next.clone())
            };
            view! {
                {tabs(ui, way, &next)}
                {card}
                {vendors(ui, &next)}
            }
            .into_any()
        }
    };
    view! {
        {title(t.sign_in)}
        {card_page(ui, t.sign_in_title, ().into_any(), card.into_any())}
    }
}

/// After a refusal: another captcha, unless it was not used up because something was incomplete;
/// and the focus to what is wrong.
fn again(problem: &AppError, captcha: Loaded, focus_captcha: StoredValue<bool>) {
    let about_captcha = problem.field("captcha").is_some();
    if problem.kind != Kind::Invalid {
        // Its characters belong to the old picture.
        browser::clear(CAPTCHA);
        focus_captcha.set_value(about_captcha);
        captcha.refetch();
    }
    if !about_captcha || problem.kind == Kind::Invalid {
        browser::focus("form [aria-invalid=true], form .alert");
    }
}

/// The ticket that a form sent without JavaScript led to, while it is good.
fn ticket_of(ui: Ui) -> Option<String> {
    let kind = |f: &Flash| f.error.as_ref().map(|e| e.kind.clone());
    for way in ["sign_in", "sign_in_by_phone", "vendor"] {
        if let Some(Kind::OtpRequired { ticket }) = ui.flash(way, kind).flatten() {
            return Some(ticket);
        }
    }
    let over = |f: &Flash| {
        f.error
            .as_ref()
            .is_none_or(|e| e.field("otpTicket").is_some())
    };
    match ui.flash("verify_otp", over) {
        Some(false) => ui.sent("verify_otp", "otp_ticket"),
        _ => None,
    }
}

/// The code of the second factor.
fn second_step(ui: Ui, form: Submit, ticket: String, next: String) -> AnyView {
    let t = ui.t;
    let fields = view! {
        <input type="hidden" name="next" value=next />
        <input type="hidden" name="otp_ticket" value=ticket />
        {alert(ui, form, &["code"])}
        {field::input(
            ui,
            form,
            Field {
                name: "otp_code",
                key: "code",
                label: t.otp_code,
                hint: t.otp_hint,
                required: true,
                first: true,
                code: true,
                autocomplete: "one-time-code",
                inputmode: "numeric",
                ..Field::default()
            },
        )}
        {submit(form, t.otp_verify, "button primary wide")}
        <a class="button wide" href="/admin/login" rel="external">
            {t.otp_back}
        </a>
    };
    form.form("verify-otp", "card gate-card", fields.into_any())
}

/// Name, password and captcha.
fn first_step(
    ui: Ui,
    form: Submit,
    captcha: Loaded,
    focus_captcha: StoredValue<bool>,
    next: String,
) -> AnyView {
    let t = ui.t;
    let name = ui.sent("sign_in", "username").unwrap_or_default();
    let name_known = !name.is_empty();
    let address = ways::address("", &next);
    let fields = view! {
        <input type="hidden" name="next" value=next.clone() />
        {alert(ui, form, &["username", "password", "captcha"])}
        {field::input(
            ui,
            form,
            Field {
                name: "username",
                key: "username",
                label: t.username,
                value: name,
                required: true,
                first: !name_known,
                autocomplete: "username",
                ..Field::default()
            },
        )}
        {field::password(
            ui,
            form,
            Field {
                name: "password",
                key: "password",
                label: t.password,
                required: true,
                first: name_known,
                autocomplete: "current-password",
                ..Field::default()
            },
        )}
        {captcha_when_due(ui, form, captcha, focus_captcha, address)}
        {submit(form, t.sign_in, "button primary wide")}
        {passkey_button(ui, form, next)}
    };
    form.form("sign-in", "card gate-card", fields.into_any())
}

/// The captcha's field, when one is due; `address` is that of the page.
fn captcha_when_due(
    ui: Ui,
    form: Submit,
    captcha: Loaded,
    focus: StoredValue<bool>,
    address: String,
) -> AnyView {
    show_answer(
        captcha,
        move || {
            view! { <div class="captcha-space" role="status" aria-label=ui.t.loading></div> }
                .into_any()
        },
        move |answer| match read::<Option<CaptchaPicture>>(answer) {
            Ok(Some(picture)) => captcha_field(ui, form, picture, captcha, focus, &address),
            Ok(None) => ().into_any(),
            Err(error) => warning(ui, &error),
        },
    )
}

/// Another way in, where the browser knows it: without JavaScript there is none.
fn passkey_button(ui: Ui, form: Submit, next: String) -> AnyView {
    let offered = RwSignal::new(false);
    effect(move || offered.set(ui.passkey_rp.with_value(|rp| browser::passkeys_work(rp))));
    let next = StoredValue::new(next);
    let button = move || {
        offered.get().then(|| {
            view! {
                <button
                    type="button"
                    class="button wide"
                    aria-disabled=move || form.pending.get().then_some("true")
                    on:click=on(move |_: MouseEvent| by_passkey(ui, form, next.get_value()))
                >
                    {icon(Icon::Key)}
                    {ui.t.passkey_sign_in}
                </button>
            }
            .into_any()
        })
    };
    view! { {button} }.into_any()
}

/// Signs in with a passkey. What goes wrong is told above the form.
fn by_passkey(ui: Ui, form: Submit, next: String) {
    if form.pending.get_untracked() {
        return;
    }
    form.pending.set(true);
    spawn_local(async move {
        let done = passkey_answer(&next).await;
        form.pending.try_set(false);
        match done {
            Ok(done) => browser::go(&done.to),
            Err(error) => {
                ui.react(&error);
                form.tries.try_update(|n| *n += 1);
                form.problem.try_set(Some(error));
                browser::focus("form .alert");
            }
        }
    });
}

async fn passkey_answer(next: &str) -> Result<Done, AppError> {
    let begun = browser::post("passkey_options", "").await?;
    let begun: Challenge = from_json(&begun)?;
    let credential = browser::passkey_get(&begun.options).await?;
    let body = form_of(&[
        ("ticket", &begun.ticket),
        ("credential", &credential),
        ("next", next),
    ]);
    let done = browser::post("passkey_sign_in", &body).await?;
    from_json(&done)
}

/// Puts the errors that are about a field where one looks for them: a wrong captcha under the
/// captcha, wrong credentials under the password.
fn on_its_field(mut problem: AppError) -> AppError {
    let field = match problem.kind {
        Kind::Captcha | Kind::CaptchaRequired => "captcha",
        Kind::Credentials => "password",
        _ => return problem,
    };
    problem.fields = vec![FieldError {
        field: field.into(),
        text: problem.text.clone(),
    }];
    problem
}

fn captcha_field(
    ui: Ui,
    form: Submit,
    picture: CaptchaPicture,
    captcha: Loaded,
    focus: StoredValue<bool>,
    address: &str,
) -> AnyView {
    const ID: &str = "field-captcha_code";
    let t = ui.t;
    let fault = fault(ui, form, "captcha");
    let audio = format!("/admin/captcha/{}/audio", picture.key);
    let listen = audio.clone();
    effect(move || {
        if focus.get_value() {
            focus.set_value(false);
            browser::focus(CAPTCHA);
        }
    });
    view! {
        <div class="field">
            <label for=ID>{t.captcha}</label>
            <input type="hidden" name="captcha_key" value=picture.key />
            <div class="captcha">
                <input
                    id=ID
                    class="input"
                    name="captcha_code"
                    required=true
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    maxlength="20"
                    aria-invalid=move || fault.invalid()
                    aria-describedby=move || fault.described(ID, true)
                />
                <img class="captcha-image" src=picture.image alt=t.captcha_image />
                <a
                    class="icon-button framed"
                    href=address.to_owned()
                    rel="external"
                    aria-label=t.captcha_another
                    title=t.captcha_another
                    on:click=on(move |event: MouseEvent| {
                        event.prevent_default();
                        browser::clear(CAPTCHA);
                        focus.set_value(true);
                        captcha.refetch();
                    })
                >
                    {icon(Icon::Refresh)}
                </a>
                <a
                    class="icon-button framed"
                    href=audio
                    rel="external"
                    target="_blank"
                    aria-label=t.captcha_listen
                    title=t.captcha_listen
                    on:click=on(move |event: MouseEvent| {
                        event.prevent_default();
                        browser::play(&listen);
                    })
                >
                    {icon(Icon::Sound)}
                </a>
            </div>
            {field::below(ID, t.captcha_hint, fault)}
        </div>
    }
    .into_any()
}
