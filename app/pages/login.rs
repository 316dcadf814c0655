//! Signing in with name, password and captcha, and in a second step with the second factor's
//! code, when one is due.

use crate::boot::Flash;
use crate::browser;
use crate::calls::{Ask, Loaded, Submit, load, read, show_answer};
use crate::components::field::{self, Field, alert, fault, submit, warning};
use crate::components::icon::{Icon, icon};
use crate::components::live::{effect, on};
use crate::error::AppError;
use crate::pages::{card_page, title};
use crate::ui::{Ui, ui};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use menshen_domain::session::CaptchaPicture;
use menshen_domain::{FieldError, Kind};

/// The login page.
#[component]
pub(crate) fn Login() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let next = use_query_map().with_untracked(|q| q.get_str("next").unwrap_or_default().to_owned());
    let captcha = load(|| (Ask::of("new_captcha", &[]), 0));
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
            let about_captcha = problem.field("captcha").is_some();
            // What was only incomplete has used up no captcha.
            if problem.kind != Kind::Invalid {
                focus_captcha.set_value(about_captcha);
                captcha.refetch();
            }
            if problem.kind == Kind::Credentials {
                browser::clear("#field-password");
            }
            if !about_captcha || problem.kind == Kind::Invalid {
                browser::focus("form [aria-invalid=true], form .alert");
            }
        });
    // That the second step is over is told above the first.
    if let Some(over) = ui.flash("verify_otp", |f| f.error.clone()).flatten()
        && ticket.with_untracked(Option::is_none)
    {
        form.problem.set(Some(over));
    }
    let second =
        Submit::new(ui, "verify_otp", |done| browser::go(&done.to)).refused(move |problem| {
            if problem.field("otpTicket").is_some() {
                ticket.set(None);
                form.problem.set(Some(problem.clone()));
                captcha.refetch();
                browser::focus("form .alert");
            } else {
                browser::clear("#field-otp_code");
                browser::focus("form [aria-invalid=true], form .alert");
            }
        });
    let card = move || match ticket.get() {
        Some(ticket) => second_step(ui, second, ticket, next.clone()),
        None => first_step(ui, form, captcha, focus_captcha, next.clone()),
    };
    view! {
        {title(t.sign_in)}
        {card_page(ui, t.sign_in_title, ().into_any(), card.into_any())}
    }
}

/// The ticket that a form sent without JavaScript led to, while it is good.
fn ticket_of(ui: Ui) -> Option<String> {
    let kind = |f: &Flash| f.error.as_ref().map(|e| e.kind.clone());
    if let Some(Kind::OtpRequired { ticket }) = ui.flash("sign_in", kind).flatten() {
        return Some(ticket);
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
    let fields = view! {
        <input type="hidden" name="next" value=next />
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
        {show_answer(
            captcha,
            move || {
                view! { <div class="captcha-space" role="status" aria-label=t.loading></div> }
                    .into_any()
            },
            move |answer| match read::<Option<CaptchaPicture>>(answer) {
                Ok(Some(picture)) => captcha_field(ui, form, picture, captcha, focus_captcha),
                Ok(None) => ().into_any(),
                Err(error) => warning(ui, &error),
            },
        )}
        {submit(form, t.sign_in, "button primary wide")}
    };
    form.form("sign-in", "card gate-card", fields.into_any())
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
) -> AnyView {
    const ID: &str = "field-captcha_code";
    let t = ui.t;
    let fault = fault(ui, form, "captcha");
    let audio = format!("/admin/captcha/{}/audio", picture.key);
    let listen = audio.clone();
    effect(move || {
        if focus.get_value() {
            focus.set_value(false);
            browser::focus("#field-captcha_code");
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
                    href="/admin/login"
                    rel="external"
                    aria-label=t.captcha_another
                    title=t.captcha_another
                    on:click=on(move |event: MouseEvent| {
                        event.prevent_default();
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
