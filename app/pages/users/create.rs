//! Creating a user.

use super::Shared;
use super::panel::{profile, role_boxes};
use crate::browser;
use crate::calls::{Submit, lacking, show};
use crate::components::confirm::{navigator, panel_kept};
use crate::components::copy;
use crate::components::field::{self, Field, alert, checkbox, submit};
use crate::pages::title;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use menshen_domain::catalogue::{USER_ADD, USER_BIND};
use menshen_domain::validate;

/// The fields whose errors stand beside them.
const FIELDS: &[&str] = &[
    "username", "password", "nickname", "phone", "email", "sex", "deptId", "remark",
];

/// The panel with the form.
#[component]
pub(crate) fn Create() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let shared = expect_context::<Shared>();
    let dirty = RwSignal::new(false);
    let close = close(shared);
    // Without JavaScript the password comes with the page that follows.
    let secret = RwSignal::new(ui.flash("create_user", |f| f.secret.clone()).flatten());
    let kept = Signal::derive(move || secret.with(Option::is_some));
    let body = if ui.may(USER_ADD) {
        form(ui, shared, dirty, secret)
    } else {
        lacking(ui, USER_ADD)
    };
    let heading = view! { <h2 id="panel-title">{t.new_user}</h2> };
    view! {
        {title(t.new_user)}
        {panel_kept(ui, heading.into_any(), close, dirty, body, kept)}
    }
}

/// The form; `secret` becomes the password that was made up.
fn form(
    ui: Ui,
    shared: Shared,
    dirty: RwSignal<bool>,
    secret: RwSignal<Option<String>>,
) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let form = Submit::new(ui, "create_user", move |done| {
        dirty.try_set(false);
        ui.toast(t.user_created(&done.name));
        if done.secret.is_empty() {
            go(&shared.query.get_untracked().url());
        } else {
            secret.try_set(Some(done.secret));
            browser::focus(".panel .secret button");
        }
        shared.changed();
    });
    let sent = move |name: &str| ui.sent("create_user", name).unwrap_or_default();
    let ticked = ui.sent_all("create_user", "role_ids[]");
    let ticked = ticked.unwrap_or_default();
    let boxes = ui.may(USER_BIND).then(|| {
        view! {
            <fieldset class="section">
                <legend>{t.roles}</legend>
                {show(
                    ui,
                    shared.roles,
                    || ().into_any(),
                    move |roles| role_boxes(ui, roles, &ticked),
                )}
            </fieldset>
        }
        .into_any()
    });
    let fields = view! {
        {alert(ui, form, FIELDS)}
        {account(ui, form, &sent)}
        <fieldset class="section">
            <legend>{t.profile_section}</legend>
            {profile(ui, shared, form, &sent)}
        </fieldset>
        {boxes}
        <div class="panel-foot">
            {submit(form, t.create_user, "button primary")}
            <a class="button" href=close(shared) data-noscroll="true">
                {t.cancel}
            </a>
        </div>
    };
    let fields = form.form_with(
        "create-user",
        "",
        Some(Box::new(move || dirty.set(true))),
        None,
        fields.into_any(),
    );
    let told = move || {
        secret.get().map(|secret| {
            view! {
                <section class="section">
                    <h3>{t.one_time_made}</h3>
                    {copy::secret(ui, secret)}
                    <p class="hint">{t.new_secret_hint}</p>
                    <div class="section-foot">
                        <a class="button primary" href=close(shared) data-noscroll="true">
                            {t.done}
                        </a>
                    </div>
                </section>
            }
            .into_any()
        })
    };
    view! {
        {move || told()}
        <div hidden=move || secret.with(Option::is_some)>{fields}</div>
    }
    .into_any()
}

/// Name and password.
fn account(ui: Ui, form: Submit, sent: &dyn Fn(&str) -> String) -> AnyView {
    let t = ui.t;
    let min = ui.password_min;
    view! {
        <fieldset class="section">
            <legend>{t.account_section}</legend>
            {field::input(
                ui,
                form,
                Field {
                    name: "username",
                    key: "username",
                    label: t.username,
                    value: sent("username"),
                    required: true,
                    first: true,
                    code: true,
                    ..Field::default()
                }
                    .checked(|value| validate::username(value).map(drop)),
            )}
            <div id="one-time">
                {checkbox(
                    "one_time",
                    "true".to_owned(),
                    sent("one_time") == "true",
                    t.make_one_time.to_owned(),
                    ().into_any(),
                )}
                <p class="hint">{t.make_one_time_hint}</p>
            </div>
            <div class="own-password">
            {field::password(
                ui,
                form,
                Field {
                    name: "password",
                    key: "password",
                    label: t.first_password,
                    required: true,
                    autocomplete: "new-password",
                    ..Field::default()
                }
                    .checked(move |value| validate::password("password", value, min)),
            )}
            <p class="hint">{t.password_rule(min)}</p>
                {checkbox(
                    "must_change",
                    "true".to_owned(),
                    sent("must_change") == "true",
                    t.must_change.to_owned(),
                    ().into_any(),
                )}
            </div>
            <div>
                {checkbox(
                    "disabled",
                    "true".to_owned(),
                    sent("disabled") == "true",
                    t.start_disabled.to_owned(),
                    ().into_any(),
                )}
            </div>
        </fieldset>
    }
    .into_any()
}

fn close(shared: Shared) -> Signal<String> {
    Signal::derive(move || shared.query.get().url())
}
