//! Signing in with name, password and captcha.

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
    let captcha = load(|| (Ask::Captcha, 0));
    // Whether the captcha's field takes the focus once its new picture is there.
    let focus_captcha = StoredValue::new(false);
    // Loaded afresh, so that everything on the page belongs to the new session.
    let form = Submit::new(ui, "sign_in", |done| browser::go(&done.to))
        .place(on_its_field)
        .refused(move |problem| {
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
    let card = form.form("sign-in", "card gate-card", fields.into_any());
    view! {
        {title(t.sign_in)}
        {card_page(ui, t.sign_in_title, ().into_any(), card)}
    }
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
