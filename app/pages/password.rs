//! Choosing a new password: because one is due, or because one wants to.

use crate::browser;
use crate::calls::{Ask, Submit, load, read, show_answer};
use crate::components::field::{self, Field, alert, submit};
use crate::components::icon::{Icon, icon};
use crate::components::strength::Meter;
use crate::pages::{card_page, title};
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use menshen_domain::account::Factor;
use menshen_domain::validate;

/// The password page.
#[component]
pub(crate) fn Password() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let due = ui
        .me
        .with_untracked(|me| me.as_ref().is_some_and(|me| me.must_change_password));
    let explain = view! {
        <p class="sub">{if due { t.password_due } else { t.password_ends_sessions }}</p>
        <p class="hint">{t.password_rule(ui.password_min)}</p>
    };
    let away = if due {
        view! {
            <form method="post" action="/admin/fn/sign_out">
                <button type="submit" class="button wide">
                    {icon(Icon::Out)}
                    {t.sign_out}
                </button>
            </form>
        }
        .into_any()
    } else {
        view! {
            <a class="button wide" href="/admin">
                {t.cancel}
            </a>
        }
        .into_any()
    };
    // Whoever must change her password has one.
    let ask = if due {
        Ask::NOTHING
    } else {
        Ask::of("my_factor", &[])
    };
    let factor = load(move || (ask.clone(), 0));
    let form = show_answer(
        factor,
        || ().into_any(),
        move |answer| {
            let has = read::<Factor>(answer).map_or(true, |factor| factor.has_password);
            form(ui, has, "/admin", "")
        },
    );
    let card = view! { <div class="card gate-card">{form} {away}</div> };
    let heading = if due {
        t.choose_password
    } else {
        t.change_password
    };
    view! {
        {title(t.change_password)}
        {card_page(ui, heading, explain.into_any(), card.into_any())}
    }
}

/// The form that changes the password and goes on to `next`; without a password so far, the form
/// that chooses the first one.
pub(crate) fn form(ui: Ui, has_password: bool, next: &'static str, class: &'static str) -> AnyView {
    let t = ui.t;
    // Loaded afresh: the session has a new cookie.
    let form = Submit::new(ui, "change_password", |done| browser::go(&done.to));
    let meter = Meter::new("#field-new_password");
    let min = ui.password_min;
    let name = ui
        .me
        .with_untracked(|me| me.as_ref().map(|me| me.username.clone()))
        .unwrap_or_default();
    let known: &'static [&'static str] = if has_password {
        &["currentPassword", "newPassword", "repeatPassword"]
    } else {
        &["newPassword", "repeatPassword"]
    };
    let current = has_password.then(|| {
        field::password(
            ui,
            form,
            Field {
                name: "current_password",
                key: "currentPassword",
                label: t.current_password,
                required: true,
                first: true,
                autocomplete: "current-password",
                ..Field::default()
            },
        )
    });
    let fields = view! {
        // Tells password managers whose password this is.
        <input
            type="text"
            class="hidden"
            name="username"
            value=name
            autocomplete="username"
            readonly=true
            tabindex="-1"
            aria-hidden="true"
        />
        <input type="hidden" name="next" value=next />
        {alert(ui, form, known)}
        {current}
        {field::password(
            ui,
            form,
            Field {
                name: "new_password",
                key: "newPassword",
                label: t.new_password,
                required: true,
                first: !has_password,
                autocomplete: "new-password",
                ..Field::default()
            }
                .checked(move |value| validate::password("newPassword", value, min)),
        )}
        {meter.view(ui)}
        {field::password(
            ui,
            form,
            Field {
                name: "repeat_password",
                key: "repeatPassword",
                label: t.repeat_password,
                required: true,
                autocomplete: "new-password",
                ..Field::default()
            },
        )}
        {submit(form, t.save_password, "button primary wide")}
    };
    form.form_with(
        "change-password",
        class,
        Some(Box::new(move || meter.typed())),
        None,
        fields.into_any(),
    )
}
