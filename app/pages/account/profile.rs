//! The profile and the picture.

use super::{card, refresh_me};
use crate::browser;
use crate::calls::{Ask, Submit, load, show};
use crate::components::avatar;
use crate::components::field::{self, Field, alert, fault, submit};
use crate::components::guard::guard_staying;
use crate::components::icon::{Icon, icon};
use crate::components::live::on;
use crate::components::person::{Person, person};
use crate::components::state::skeleton;
use crate::error::AppError;
use crate::server_fns::users::own_saved;
use crate::ui::Ui;
use leptos::ev::{Event, SubmitEvent};
use leptos::prelude::*;
use menshen_domain::account::Account;
use menshen_domain::file::size_text;
use menshen_domain::user::User;
use menshen_domain::{Error, Text};

/// The fields whose errors stand beside them.
const FIELDS: &[&str] = &["nickname", "phone", "email", "sex"];

/// The section.
pub(super) fn section(ui: Ui) -> AnyView {
    let version = RwSignal::new(0_u32);
    let account = load(move || (Ask::of("my_account", &[]), version.get()));
    show(
        ui,
        account,
        move || skeleton(ui),
        move |account: Account| {
            view! {
                {picture(ui, version, &account)}
                {profile(ui, version, &account.user)}
            }
            .into_any()
        },
    )
}

fn picture(ui: Ui, version: RwSignal<u32>, account: &Account) -> AnyView {
    let t = ui.t;
    let user = &account.user;
    let (name, id) = (user.display_name().to_owned(), user.id.0);
    // What was chosen and is not saved yet, as a `data:` address.
    let chosen = RwSignal::new(String::new());
    let present = user.avatar.clone();
    let face = move || {
        let chosen = chosen.get();
        let shown = if chosen.is_empty() { &present } else { &chosen };
        avatar(&name, shown, id)
    };
    let remove = (!user.avatar.is_empty()).then(|| {
        let form = Submit::new(ui, "remove_avatar", move |_| {
            ui.toast(t.avatar_removed.to_owned());
            refresh_me(ui);
            version.update(|v| *v += 1);
        })
        .refused(move |error| ui.toast_error(error));
        let button = submit(form, t.remove_avatar, "button");
        form.form("remove-avatar", "", button)
    });
    let body = view! {
        <div class="avatar-edit">
            <div class="face">{move || face()}</div>
            <div class="avatar-forms">{upload(ui, account.picture_max, chosen)} {remove}</div>
        </div>
    };
    card("avatar-title", t.avatar, ().into_any(), body.into_any())
}

/// The form is sent as it is, with JavaScript too: the page that follows shows the picture
/// everywhere.
fn upload(ui: Ui, max: usize, chosen: RwSignal<String>) -> AnyView {
    const FILE: &str = "#field-file";
    let t = ui.t;
    // Only what it was told without JavaScript, or finds before sending.
    let form = Submit::new(ui, "set_avatar", |_| {});
    let wrong = fault(ui, form, "file");
    let file = RwSignal::new(String::new());
    let check = move |_: Event| {
        chosen.set(String::new());
        file.set(String::new());
        form.problem.set(None);
        let Some(found) = browser::chosen_file(FILE) else {
            return;
        };
        file.set(found.name());
        if too_large(&found, max) {
            let size = size_text(max);
            form.problem.set(Some(refusal(&size)));
            return;
        }
        browser::read_picture(&found, move |address| {
            chosen.try_set(address);
        });
    };
    let hold = move |event: SubmitEvent| {
        if browser::chosen_file(FILE).is_none_or(|found| too_large(&found, max)) {
            event.prevent_default();
            browser::focus(FILE);
        } else {
            form.pending.set(true);
        }
    };
    let label = move || {
        let name = file.get();
        if name.is_empty() {
            t.choose_picture.to_owned()
        } else {
            name
        }
    };
    view! {
        {alert(ui, form, &["file"])}
        <form
            id="set-avatar"
            class="upload"
            method="post"
            action="/admin/fn/set_avatar"
            enctype="multipart/form-data"
            on:submit=on(hold)
        >
            <div class="field">
                <label class="drop" for="field-file">
                    {icon(Icon::Image)}
                    <b>{label}</b>
                    <span class="hint">{t.picture_kinds(&size_text(max))}</span>
                    <input
                        id="field-file"
                        type="file"
                        name="file"
                        required=true
                        accept="image/png,image/jpeg,image/webp,image/gif"
                        aria-invalid=move || wrong.invalid()
                        aria-describedby=move || wrong.described("field-file", false)
                        on:change=on(check)
                    />
                </label>
                {field::below("field-file", "", wrong)}
            </div>
            {submit(form, t.save_avatar, "button primary")}
        </form>
    }
    .into_any()
}

fn too_large(file: &web_sys::File, max: usize) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "at most 32 MiB")]
    let max = max as f64;
    file.size() > max
}

fn refusal(size: &str) -> AppError {
    AppError::found(Error::field(
        "file",
        Text::new(
            format!("文件超过 {size}"),
            format!("the file is larger than {size}"),
        ),
    ))
}

fn profile(ui: Ui, version: RwSignal<u32>, user: &User) -> AnyView {
    let t = ui.t;
    let dirty = RwSignal::new(false);
    let guard = guard_staying(dirty);
    let form = Submit::new(ui, "update_profile", move |done| {
        dirty.try_set(false);
        ui.toast(own_saved(t, &|text| ui.say(text), &done));
        refresh_me(ui);
        version.update(|v| *v += 1);
    });
    // A form that was refused without JavaScript comes back as it was sent.
    let of = |name: &'static str, kept: &str| {
        ui.sent("update_profile", name)
            .unwrap_or_else(|| kept.to_owned())
    };
    let kept = |name: &str| match name {
        "nickname" => user.nickname.clone(),
        "phone" => user.phone.clone().unwrap_or_default(),
        "email" => user.email.clone().unwrap_or_default(),
        _ => user.sex.clone(),
    };
    let proved = |is: bool| if is { t.proved_hint } else { "" };
    let fields = view! {
        {alert(ui, form, FIELDS)}
        {field::input(
            ui,
            form,
            Field {
                name: "own_username",
                key: "username",
                label: t.username,
                value: user.username.clone(),
                hint: t.own_username_hint,
                disabled: true,
                code: true,
                ..Field::default()
            },
        )}
        {person(
            ui,
            form,
            &Person {
                value: &|name| of(name, &kept(name)),
                own: true,
                hints: [proved(user.phone_verified), proved(user.email_verified)],
            },
        )}
        <div class="section-foot">{submit(form, t.save, "button primary")}</div>
    };
    let form = form.form_with(
        "update-profile",
        "stack-form",
        Some(Box::new(move || dirty.set(true))),
        None,
        fields.into_any(),
    );
    let body = view! {
        {form}
        {guard.question(ui)}
    };
    card(
        "profile-title",
        t.profile_section,
        ().into_any(),
        body.into_any(),
    )
}
