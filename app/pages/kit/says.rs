//! What tells of something: tags, notes, messages, questions, and what stands in for content.

use super::forms::button;
use super::{HERE, Side, row};
use crate::boot::Undo;
use crate::calls::{Submit, lacking};
use crate::components::copy::{self, copyable};
use crate::components::field::{self, Field, warning};
use crate::components::icon::{Icon, icon};
use crate::components::live::on;
use crate::components::state::{empty, skeleton, trouble};
use crate::components::toast;
use crate::components::{avatar, client, status, when};
use crate::error::AppError;
use crate::ui::{Toast, Ui};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use menshen_domain::catalogue::USER_LIST;
use menshen_domain::role::Status;
use menshen_domain::{Error, Kind, Text, Timestamp};

pub(super) fn tags(side: Side) -> AnyView {
    let t = side.ui.t;
    let tag = |class: &'static str, text: &'static str| {
        view! { <span class=class>{text}</span> }.into_any()
    };
    row(vec![
        tag("tag", t.role),
        tag("tag off", t.disabled),
        tag("tag strong", t.everything),
        status(side.ui, Status::Active),
        status(side.ui, Status::Disabled),
        tag("state due", t.password_change_due),
        tag("state bad", t.failed),
    ])
}

/// What went wrong on the server.
fn failed() -> AppError {
    AppError {
        request_id: "01j9z7q4".into(),
        ..AppError::unreachable()
    }
}

pub(super) fn notes(side: Side) -> AnyView {
    let t = side.ui.t;
    let failed = failed();
    let refused = AppError::found(Error::field("x", Text::fixed("已被占用", "is taken")));
    view! {
        <div class="stack">
            {warning(side.ui, &failed)} {warning(side.ui, &refused)}
            <div class="note">{icon(Icon::Info)} <p>{t.builtin_text}</p></div>
        </div>
    }
    .into_any()
}

pub(super) fn people(side: Side) -> AnyView {
    let ui = side.ui;
    let now = ui.now.get_untracked();
    let mut parts: Vec<AnyView> = ["林薇", "Ada", "张伟", "Bo", "王芳", "Chen", "李娜", "Dan"]
        .into_iter()
        .zip(0..)
        .map(|(name, id)| avatar(name, "", id))
        .collect();
    parts.push(avatar("", "/favicon.svg", 0));
    let minute = 60_000_000;
    parts.extend(
        [0, 5, 180, 5 * 1440, 90 * 1440].map(|ago| when(ui, Timestamp(now - ago * minute))),
    );
    let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0";
    parts.push(client("Chrome 131", "Windows 10", agent));
    parts.push(client("", "", "curl/8.5.0"));
    parts.push(client("", "", ""));
    row(parts)
}

pub(super) fn copies(side: Side) -> AnyView {
    let ui = side.ui;
    let secret = "tide-amber-48-lantern".to_owned();
    let inline = row(vec![
        copyable(ui, "203.0.113.7"),
        copyable(ui, "system:user:list"),
        copyable(ui, "01j9z7q4"),
        copy::button(ui, ui.t.copy_address, "button small js-only", false, || {
            HERE.to_owned()
        }),
    ]);
    view! {
        <div class="stack">
            {inline} {copy::secret(ui, secret)}
        </div>
    }
    .into_any()
}

pub(super) fn toasts(side: Side) -> AnyView {
    let ui = side.ui;
    let t = ui.t;
    // Far from the ids of real ones.
    let still = |id, bad, undo, text: String| {
        let toast = Toast {
            id,
            text,
            bad,
            undo,
        };
        toast::one(ui, toast)
    };
    let harmless = Undo {
        endpoint: "who_am_i".to_owned(),
        body: String::new(),
    };
    let name = "lin.wei";
    let show = on(move |_: MouseEvent| ui.toast(t.user_saved(name, t.phone)));
    let undo = on(move |_: MouseEvent| {
        ui.toast_undo(t.user_saved(name, t.phone), ("who_am_i", String::new()));
    });
    let bad = on(move |_: MouseEvent| ui.toast_error(&AppError::unreachable()));
    view! {
        <div class="stack">
            {still(u32::MAX, false, None, t.user_saved(name, t.phone))}
            {still(u32::MAX - 2, false, Some(harmless), t.user_saved(name, t.phone))}
            {still(u32::MAX - 1, true, None, side.say("连接不上服务器", "The server can't be reached"))}
            <div class="kit-row js-only">
                <button type="button" class="button small" on:click=show>
                    {side.say("显示", "Show one")}
                </button>
                <button type="button" class="button small" on:click=undo>
                    {side.say("显示可撤销的", "Show one with Undo")}
                </button>
                <button type="button" class="button small" on:click=bad>
                    {side.say("显示出错的", "Show an error")}
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// The link that opens the real thing.
fn opener(side: Side, href: &'static str) -> AnyView {
    view! {
        <a class="button small" href=href data-noscroll="true">
            {side.say("打开", "Open it")}
        </a>
    }
    .into_any()
}

pub(super) fn dialogs(side: Side) -> AnyView {
    let ui = side.ui;
    let t = ui.t;
    let question = still(
        t.disable_user("lin.wei"),
        view! { <p>{t.disable_user_text(Some(2))}</p> }.into_any(),
        [
            button("button", t.cancel),
            button("button danger-solid", t.disable),
        ],
    );
    let text = view! {
        <p>{t.revoke_signing_text}</p>
        {typed(ui, own!(side, "typed"))}
    };
    let last = still(
        t.revoke_key_named(KID),
        text.into_any(),
        [
            button("button", t.cancel),
            button("button danger-solid", t.revoke_key),
        ],
    );
    let unsaved = still(
        t.unsaved.to_owned(),
        view! { <p>{t.unsaved_text}</p> }.into_any(),
        [
            button("button", t.keep_editing),
            button("button danger-solid", t.discard),
        ],
    );
    view! {
        <div class="stack">
            {question} <div>{opener(side, "/admin/_kit?ask=dialog")}</div> {last}
            <div>{opener(side, "/admin/_kit?ask=typed")}</div> {unsaved}
        </div>
    }
    .into_any()
}

/// A dialog that stands in the page.
fn still(title: String, text: AnyView, actions: [AnyView; 2]) -> AnyView {
    view! {
        <div class="confirm kit-still">
            <h3>{title}</h3>
            <div class="confirm-text">{text}</div>
            <div class="actions">{actions.into_iter().collect::<Vec<_>>()}</div>
        </div>
    }
    .into_any()
}

/// The key that the samples are about.
pub(super) const KID: &str = "k3y9xq7w";

/// The field of a question that wants something typed.
pub(super) fn typed(ui: Ui, id: &'static str) -> AnyView {
    view! {
        <div class="field">
            <label for=id>{ui.t.type_to_confirm("k3y9xq")}</label>
            <input id=id class="input code" autocomplete="off" spellcheck="false" />
        </div>
    }
    .into_any()
}

pub(super) fn panels(side: Side) -> AnyView {
    let ui = side.ui;
    let t = ui.t;
    let form = Submit::new(ui, "", |_| {});
    let name = own!(side, "panel");
    let field = Field {
        name,
        key: name,
        label: t.nickname,
        value: "林薇".to_owned(),
        ..Field::default()
    };
    view! {
        <div class="stack">
            <div class="panel kit-still">
                <div class="panel-head">
                    {avatar("林薇", "", 1)} <div class="panel-title">
                        <h3>"林薇"</h3>
                        <p>
                            <code>"lin.wei"</code>
                        </p>
                    </div>
                    <button type="button" class="icon-button" aria-label=t.close>
                        {icon(Icon::Close)}
                    </button>
                </div>
                <div class="section">{field::input(ui, form, field)}</div>
                <div class="panel-foot">
                    {button("button primary", t.save)} {button("button", t.cancel)}
                </div>
            </div>
            <div>{opener(side, "/admin/_kit?ask=panel")}</div>
        </div>
    }
    .into_any()
}

pub(super) fn loading(side: Side) -> AnyView {
    skeleton(side.ui)
}

pub(super) fn states(side: Side) -> AnyView {
    let ui = side.ui;
    let t = ui.t;
    let failed = failed();
    let gone = AppError {
        kind: Kind::NotFound,
        text: Text::fixed("没有这个用户", "There is no such user"),
        ..AppError::unreachable()
    };
    let next = view! {
        <a class="button primary" href=HERE>
            {icon(Icon::Plus)}
            {t.new_user}
        </a>
    };
    view! {
        <div class="stack">
            {empty(Icon::Users, t.no_users, t.no_users_text, next.into_any())}
            {trouble(ui, &failed)} {trouble(ui, &gone)} {lacking(ui, USER_LIST)}
        </div>
    }
    .into_any()
}

pub(super) fn shortcuts(side: Side) -> AnyView {
    let t = side.ui.t;
    let rows: Vec<AnyView> = [
        (t.palette, "Ctrl K"),
        (t.keys_search, "/"),
        (t.shortcuts, "?"),
    ]
    .into_iter()
    .map(|(label, cap)| {
        view! {
            <dt>{label}</dt>
            <dd>
                <kbd>{cap}</kbd>
            </dd>
        }
        .into_any()
    })
    .collect();
    view! {
        <div class="sheet">
            <dl>{rows}</dl>
        </div>
    }
    .into_any()
}

pub(super) fn icons(_: Side) -> AnyView {
    let all: Vec<AnyView> = Icon::ALL
        .iter()
        .map(|(sign, name)| {
            view! {
                <li>
                    {icon(*sign)}
                    <code>{*name}</code>
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <ul class="kit-icons">{all}</ul> }.into_any()
}
