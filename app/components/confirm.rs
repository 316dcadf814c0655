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

/// Asks before something dangerous. `act` is the form that does it; `close` the address without
/// the question.
pub(crate) fn confirm(
    title: String,
    text: AnyView,
    close: String,
    cancel: &'static str,
    act: AnyView,
) -> AnyView {
    let node = NodeRef::<Dialog>::new();
    browser::modal(node);
    let go = navigator();
    let leave = close.clone();
    let on_cancel = move |event: Event| {
        event.prevent_default();
        go(&leave);
    };
    view! {
        <dialog
            class="confirm"
            open=true
            node_ref=node
            aria-labelledby="confirm-title"
            on:cancel=on(on_cancel)
        >
            <h2 id="confirm-title">{title}</h2>
            <div class="confirm-text">{text}</div>
            <div class="actions">
                <a class="button" href=close data-focus="" data-noscroll="true">
                    {cancel}
                </a>
                {act}
            </div>
        </dialog>
    }
    .into_any()
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
    let beside: &'static [&'static str] = if typed.is_some() { &["typed"] } else { &[] };
    let typed = typed.map(|wanted| typing(ui, form, &wanted));
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
/// sends it.
fn typing(ui: Ui, form: Submit, wanted: &str) -> AnyView {
    let fault = fault(ui, form, "typed");
    let below = below("typed", "", fault);
    _ = form.refused(|_| browser::focus(".confirm [aria-invalid=true], .confirm .alert"));
    view! {
        <div class="field">
            <label for="typed">{ui.t.type_to_confirm(wanted)}</label>
            <input
                id="typed"
                class="input code"
                name="typed"
                form=FORM
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
    let t = ui.t;
    let node = NodeRef::<Dialog>::new();
    browser::modal(node);
    let go = navigator();
    let guard = guard_staying(dirty);
    let on_cancel = {
        let go = go.clone();
        move |event: Event| {
            event.prevent_default();
            let to = close.get_untracked();
            if !guard.hold(&to) {
                go(&to);
            }
        }
    };
    // At a second Escape the browser closes it, whatever was said to the first.
    let on_closed = {
        let go = go.clone();
        move |_: Event| {
            let to = close.get_untracked();
            if !guard.hold(&to) {
                go(&to);
            } else if let Some(dialog) = node.get_untracked() {
                _ = dialog.show_modal();
            }
        }
    };
    let on_backdrop = move |event: MouseEvent| {
        let outside = event.target() == event.current_target();
        let to = close.get_untracked();
        if outside && !guard.hold(&to) {
            go(&to);
        }
    };
    view! {
        <dialog
            class="panel"
            open=true
            node_ref=node
            aria-labelledby="panel-title"
            on:cancel=on(on_cancel)
            on:close=on(on_closed)
            on:click=on(on_backdrop)
        >
            <div class="panel-inner">
                <header class="panel-head">
                    {title}
                    <a
                        class="icon-button"
                        href=close
                        aria-label=t.close
                        data-noscroll="true"
                    >
                        {icon(Icon::Close)}
                    </a>
                </header>
                {guard.question(ui)}
                <div class="panel-body">{body}</div>
            </div>
            {toasts_inside(ui)}
        </dialog>
    }
    .into_any()
}
