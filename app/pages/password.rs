//! Choosing a new password: because one is due, or because one wants to.

use crate::browser;
use crate::calls::Submit;
use crate::components::field::{self, Field, alert, submit};
use crate::components::icon::{Icon, icon};
use crate::pages::{card_page, title};
use crate::ui::ui;
use leptos::prelude::*;
use menshen_domain::validate;

/// The password page.
#[component]
pub(crate) fn Password() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let form = Submit::new(ui, "change_password", |done| browser::go(&done.to));
    let (due, name) = ui.me.with_untracked(|me| {
        me.as_ref()
            .map(|me| (me.must_change_password, me.username.clone()))
            .unwrap_or_default()
    });
    let min = ui.password_min;
    let explain = view! {
        <p class="sub">{if due { t.password_due } else { t.password_ends_sessions }}</p>
        <p class="hint">{t.password_rule(min)}</p>
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
        {alert(ui, form, &["currentPassword", "newPassword", "repeatPassword"])}
        {field::password(
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
        )}
        {field::password(
            ui,
            form,
            Field {
                name: "new_password",
                key: "newPassword",
                label: t.new_password,
                required: true,
                autocomplete: "new-password",
                ..Field::default()
            }
                .checked(move |value| validate::password("newPassword", value, min)),
        )}
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
    let card = view! {
        <div class="card gate-card">
            {form.form("change-password", "", fields.into_any())} {away}
        </div>
    };
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
