//! Dialogs: the question before something dangerous, and the side panel that edits one thing.
//!
//! Both have their own address, so that they open and close by links. The server renders them
//! open; in the browser they become modal, which keeps the focus inside.

use super::field::{alert, below, fault, submit};
use super::guard::guard_staying;
use super::icon::{Icon, icon};
use super::live::on;
use super::toast::toasts_inside;
use crate::browser;
use crate::calls::Submit;
use crate::i18n::Texts;
use crate::ui::Ui;
use leptos::ev::{Event, MouseEvent};
use leptos::html::Dialog;
use leptos::prelude::*;
use std::sync::Arc;

/// Goes to an address.
pub(crate) type Go = Arc<dyn Fn(&str) + Send + Sync>;

/// Goes on to an address of the admin UI without loading the page afresh.
#[cfg(feature = "hydrate")]
pub(crate) fn navigator() -> Go {
    let navigate = send_wrapper::SendWrapper::new(leptos_router::hooks::use_navigate());
    Arc::new(move |to: &str| {
        let options = leptos_router::NavigateOptions {
            scroll: false,
            ..Default::default()
        };
        navigate(to, options);
    })
}

/// On the server nobody goes anywhere; and what belongs to one thread must not be kept there,
/// where a page may be dropped on another.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn navigator() -> Go {
    Arc::new(|_: &str| {})
}

/// What hears of a mouse.
type Ear = Box<dyn FnMut(MouseEvent)>;

/// What a dialog hears `mousedown` and `click` with whose backdrop closes it, by `leave`. The press
/// has to begin there, too: who marks a text and lets go outside does not want to leave.
pub(crate) fn backdrop(leave: impl Fn() + 'static) -> (Ear, Ear) {
    let begun = StoredValue::new(false);
    let outside = |event: &MouseEvent| event.target() == event.current_target();
    let press = move |event: MouseEvent| begun.set_value(outside(&event));
    let click = move |event: MouseEvent| {
        if begun.get_value() && outside(&event) {
            leave();
        }
    };
    (on(press), on(click))
}

/// Asks before something dangerous. `act` is the form that does it; `close` the address without
/// the question.
pub(crate) fn confirm(
    title: String,
    text: AnyView,
    close: String,
    cancel: &'static str,
    act: AnyView,
) -> AnyView {
    confirm_kept(title, text, close, cancel, act, Signal::derive(|| false))
}

/// The same. While `kept`, it tells what is told this once: nothing closes it then but what `act`
/// holds.
pub(crate) fn confirm_kept(
    title: String,
    text: AnyView,
    close: String,
    cancel: &'static str,
    act: AnyView,
    kept: Signal<bool>,
) -> AnyView {
    let node = NodeRef::<Dialog>::new();
    browser::modal(node);
    let go = navigator();
    let leave = close.clone();
    let on_cancel = move |event: Event| {
        event.prevent_default();
        if !kept.get_untracked() {
            go(&leave);
        }
    };
    // At a second Escape the browser closes it, whatever was said to the first.
    let on_closed = move |_: Event| {
        if kept.get_untracked() {
            open_again(node);
        }
    };
    let cancel = move || {
        let close = close.clone();
        (!kept.get()).then(|| {
            view! {
                <a class="button" href=close data-focus="" data-noscroll="true">
                    {cancel}
                </a>
            }
            .into_any()
        })
    };
    view! {
        <dialog
            class="confirm"
            open=true
            node_ref=node
            aria-labelledby="confirm-title"
            on:cancel=on(on_cancel)
            on:close=on(on_closed)
        >
            <h2 id="confirm-title">{title}</h2>
            <div class="confirm-text">{text}</div>
            <div class="actions">
                {move || cancel()}
                {act}
            </div>
        </dialog>
    }
    .into_any()
}

fn open_again(node: NodeRef<Dialog>) {
    if let Some(dialog) = node.get_untracked() {
        _ = dialog.show_modal();
    }
}

/// A question before something dangerous, which is done by sending a form.
pub(crate) struct Question<'a> {
    pub title: String,
    pub text: String,
    /// The address without the question.
    pub close: String,
    /// Where to go on once it is done.
    pub then: String,
    /// The server function that does it.
    pub endpoint: &'static str,
    /// What it is sent.
    pub fields: &'a [(&'static str, String)],
    /// What has to be typed first, where it reaches far and can't be undone.
    pub typed: Option<String>,
    /// What the button says.
    pub act: &'static str,
    /// What is said when it is done, of what has this name.
    pub told: fn(&Texts, &str) -> String,
}

/// The form of a question before which something is typed.
const FORM: &str = "confirm-form";
/// What has to be typed, by its name in the form and in its errors.
pub(crate) const TYPED: &str = "typed";

/// Asks before something dangerous. `version` counts what was done.
pub(crate) fn ask(ui: Ui, version: RwSignal<u32>, question: Question<'_>) -> AnyView {
    let Question {
        title,
        text,
        close,
        then,
        endpoint,
        fields,
        typed,
        act,
        told,
    } = question;
    let go = navigator();
    let form = Submit::new(ui, endpoint, move |done| {
        ui.toast_done(told(ui.t, &done.name), done.undo);
        go(&then);
        version.try_update(|v| *v += 1);
    });
    let id = if typed.is_some() { FORM } else { "" };
    let beside: &'static [&'static str] = if typed.is_some() { &[TYPED] } else { &[] };
    let typed = typed.map(|wanted| typing(ui, form, FORM, &wanted));
    let text = view! {
        <p>{text}</p>
        {typed}
        {alert(ui, form, beside)}
    };
    let fields: Vec<AnyView> = fields
        .iter()
        .map(|(name, value)| {
            let (name, value) = (*name, value.clone());
            view! { <input type="hidden" name=name value=value /> }.into_any()
        })
        .collect();
    let act = view! {
        {fields}
        {submit(form, act, "button danger-solid")}
    };
    let act = form.form(id, "", act.into_any());
    confirm(title, text.into_any(), close, ui.t.cancel, act)
}

/// The field that `wanted` is typed in. It stands in the dialog's text, outside of the form that
/// sends it, whose id is `id`.
pub(crate) fn typing(ui: Ui, form: Submit, id: &'static str, wanted: &str) -> AnyView {
    let fault = fault(ui, form, TYPED);
    let below = below(TYPED, "", fault);
    _ = form.refused(|_| browser::focus(".confirm [aria-invalid=true], .confirm .alert"));
    view! {
        <div class="field">
            <label for="typed">{ui.t.type_to_confirm(wanted)}</label>
            <input
                id="typed"
                class="input code"
                name=TYPED
                form=id
                required=true
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-invalid=move || fault.invalid()
                aria-describedby=move || fault.described("typed", false)
            />
            {below}
        </div>
    }
    .into_any()
}

/// Says why something can't be done.
pub(crate) fn refuse(ui: Ui, title: String, text: String, close: String) -> AnyView {
    let text = view! { <p>{text}</p> }.into_any();
    confirm(title, text, close, ui.t.close, ().into_any())
}

/// A panel at the side of a list. While `dirty`, closing it asks first.
pub(crate) fn panel(
    ui: Ui,
    title: AnyView,
    close: Signal<String>,
    dirty: RwSignal<bool>,
    body: AnyView,
) -> AnyView {
    panel_kept(ui, title, close, dirty, body, Signal::derive(|| false))
}

/// The same. While `kept`, it tells what is told this once: nothing closes it then but what `body`
/// holds.
pub(crate) fn panel_kept(
    ui: Ui,
    title: AnyView,
    close: Signal<String>,
    dirty: RwSignal<bool>,
    body: AnyView,
    kept: Signal<bool>,
) -> AnyView {
    let t = ui.t;
    let node = NodeRef::<Dialog>::new();
    browser::modal(node);
    let go = navigator();
    let guard = guard_staying(dirty);
    // Whether it was left.
    let leave = move || {
        let to = close.get_untracked();
        let free = !kept.get_untracked() && !guard.hold(&to);
        if free {
            go(&to);
        }
        free
    };
    let on_cancel = {
        let leave = leave.clone();
        move |event: Event| {
            event.prevent_default();
            leave();
        }
    };
    // At a second Escape the browser closes it, whatever was said to the first.
    let on_closed = {
        let leave = leave.clone();
        move |_: Event| {
            if !leave() {
                open_again(node);
            }
        }
    };
    let (on_press, on_backdrop) = backdrop(move || _ = leave());
    let cross = move || {
        (!kept.get()).then(|| {
            view! {
                <a
                    class="icon-button"
                    href=close
                    aria-label=t.close
                    data-noscroll="true"
                >
                    {icon(Icon::Close)}
                </a>
            }
            .into_any()
        })
    };
    view! {
        <dialog
            class="panel"
            open=true
            node_ref=node
            aria-labelledby="panel-title"
            on:cancel=on(on_cancel)
            on:close=on(on_closed)
            on:mousedown=on_press
            on:click=on_backdrop
        >
            <div class="panel-inner">
                <header class="panel-head">
                    {title}
                    {move || cross()}
                </header>
                {guard.question(ui)}
                <div class="panel-body">{body}</div>
            </div>
            {toasts_inside(ui)}
        </dialog>
    }
    .into_any()
}
