//! The questions before something happens to a user: disable, delete, reset the password.

use super::Shared;
use crate::browser;
use crate::calls::{Submit, read, show_answer};
use crate::components::confirm::{confirm, confirm_kept, navigator};
use crate::components::copy;
use crate::components::field::{alert, submit};
use crate::i18n::Texts;
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::catalogue::{SESSION_REVOKE, USER_ALTER, USER_REMOVE, USER_RESET};
use menshen_domain::people::Picked;
use menshen_domain::role::Status;
use menshen_domain::user::User;

/// The question `what` about `user`, when there is such a one; `close` is the address without it.
pub(crate) fn question(
    ui: Ui,
    shared: Shared,
    what: &str,
    user: &User,
    close: String,
) -> Option<AnyView> {
    match what {
        "disable" if ui.may(USER_ALTER) && user.status == Status::Active => {
            Some(disable(ui, shared, user, close))
        }
        "delete" if ui.may(USER_REMOVE) => Some(delete(ui, shared, user, close)),
        "reset" if ui.may(USER_RESET) => Some(reset(ui, shared, user, close)),
        "otp" if ui.may(USER_RESET) => Some(otp(ui, shared, user, close)),
        "passkeys" if ui.may(USER_RESET) => Some(passkeys(ui, shared, user, close)),
        "end" if ui.may(SESSION_REVOKE) => Some(end(ui, shared, user, close)),
        _ => None,
    }
}

/// What follows, with how many sessions end, once that is known.
fn text(ui: Ui, shared: Shared, form: Submit, tell: fn(&Texts, Option<i64>) -> String) -> AnyView {
    let told = move |sessions| view! { <p>{tell(ui.t, sessions)}</p> }.into_any();
    let known = move |answer: &str| {
        let picked = read::<Option<Picked>>(answer).ok().flatten();
        let picked = picked.filter(|picked| !picked.users.is_empty());
        told(picked.map(|picked| picked.sessions))
    };
    view! {
        {show_answer(shared.asked_about, move || told(None), known)}
        {alert(ui, form, &[])}
    }
    .into_any()
}

fn disable(ui: Ui, shared: Shared, user: &User, close: String) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let then = close.clone();
    let form = Submit::new(ui, "set_user_status", move |done| {
        ui.toast_done(t.user_status(Status::Disabled, &done.name), done.undo);
        go(&then);
        shared.changed();
    });
    let act = view! {
        <input type="hidden" name="id" value=user.id.to_string() />
        <input type="hidden" name="status" value="1" />
        {submit(form, t.disable, "button danger-solid")}
    };
    confirm(
        t.disable_user(user.display_name()),
        text(ui, shared, form, |t, n| t.disable_user_text(n)),
        close,
        t.cancel,
        form.form("", "", act.into_any()),
    )
}

fn delete(ui: Ui, shared: Shared, user: &User, close: String) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let form = Submit::new(ui, "delete_user", move |done| {
        ui.toast(t.user_deleted(&done.name));
        // The panel of somebody who is gone has nothing to show: on to the list.
        go(&shared.query.get_untracked().url());
        shared.changed();
    });
    let act = view! {
        <input type="hidden" name="id" value=user.id.to_string() />
        <input type="hidden" name="name" value=user.display_name().to_owned() />
        {submit(form, t.delete_user_button, "button danger-solid")}
    };
    confirm(
        t.delete_user(user.display_name()),
        text(ui, shared, form, |t, n| t.delete_user_text(n)),
        close,
        t.cancel,
        form.form("", "", act.into_any()),
    )
}

/// The fields that name a user to the server, and the button.
fn fields(user: &User, form: Submit, label: &'static str) -> AnyView {
    view! {
        <input type="hidden" name="id" value=user.id.to_string() />
        <input type="hidden" name="name" value=user.display_name().to_owned() />
        {submit(form, label, "button danger-solid")}
    }
    .into_any()
}

fn otp(ui: Ui, shared: Shared, user: &User, close: String) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let then = close.clone();
    let form = Submit::new(ui, "reset_user_otp", move |done| {
        ui.toast(t.otp_reset(&done.name));
        go(&then);
        shared.changed();
    });
    confirm(
        t.reset_otp_of(user.display_name()),
        text(ui, shared, form, |t, n| t.reset_otp_text(n)),
        close,
        t.cancel,
        form.form("", "", fields(user, form, t.reset_otp)),
    )
}

fn passkeys(ui: Ui, shared: Shared, user: &User, close: String) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let then = close.clone();
    let form = Submit::new(ui, "reset_user_passkeys", move |done| {
        ui.toast(t.passkeys_reset(&done.name));
        go(&then);
        shared.changed();
    });
    confirm(
        t.reset_passkeys_of(user.display_name()),
        text(ui, shared, form, |t, n| t.reset_passkeys_text(n)),
        close,
        t.cancel,
        form.form("", "", fields(user, form, t.reset_passkeys)),
    )
}

fn end(ui: Ui, shared: Shared, user: &User, close: String) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let then = close.clone();
    let own = ui
        .me
        .with_untracked(|me| me.as_ref().is_some_and(|me| me.id == user.id));
    // Of one's own, the one that asks goes on.
    let tell: fn(&Texts, Option<i64>) -> String = if own {
        |t, _| t.own_session_stays.to_owned()
    } else {
        |t, n| t.signed_out_everywhere(n)
    };
    let form = Submit::new(ui, "end_user_sessions", move |done| {
        ui.toast(t.sessions_of_ended(done.count, &done.name));
        go(&then);
        shared.changed();
    });
    confirm(
        t.end_sessions_of(user.display_name()),
        text(ui, shared, form, tell),
        close,
        t.cancel,
        form.form("", "", fields(user, form, t.end_all_of_user)),
    )
}

fn reset(ui: Ui, shared: Shared, user: &User, close: String) -> AnyView {
    let t = ui.t;
    // Without JavaScript the password comes with the page that follows.
    let secret = RwSignal::new(ui.flash("reset_password", |f| f.secret.clone()).flatten());
    let form = Submit::new(ui, "reset_password", move |done| {
        secret.try_set(Some(done.secret));
        browser::focus(".confirm .secret button");
    });
    let name = user.display_name().to_owned();
    let told = {
        let name = name.clone();
        move || match secret.get() {
            Some(secret) => view! {
                <p>{t.new_secret(&name)}</p>
                {copy::secret(ui, secret)}
                <p class="hint">{t.new_secret_hint}</p>
            }
            .into_any(),
            None => text(ui, shared, form, |t, n| t.reset_password_text(n)),
        }
    };
    let id = user.id.to_string();
    let done = close.clone();
    let act = move || {
        if secret.with(Option::is_some) {
            let done = done.clone();
            view! {
                <a class="button primary" href=done data-noscroll="true">
                    {t.done}
                </a>
            }
            .into_any()
        } else {
            let id = id.clone();
            let act = view! {
                <input type="hidden" name="id" value=id />
                {submit(form, t.reset_password, "button danger-solid")}
            };
            form.form("", "", act.into_any())
        }
    };
    confirm_kept(
        t.reset_password_of(&name),
        view! { {move || told()} }.into_any(),
        close,
        t.cancel,
        view! { {move || act()} }.into_any(),
        Signal::derive(move || secret.with(Option::is_some)),
    )
}
