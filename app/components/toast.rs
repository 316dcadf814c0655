//! The messages that say what just happened.

use super::icon::{Icon, icon};
use super::list::unform;
use super::live::{effect, on};
use crate::boot::{UNDO, Undo};
use crate::calls::Submit;
use crate::ui::{Toast, Ui};
use leptos::ev::{FocusEvent, MouseEvent};
use leptos::prelude::*;

/// The corner in which they appear; screen readers are told of each.
pub(crate) fn toasts(ui: Ui) -> AnyView {
    effect(move || ui.let_go_of_told());
    corner(ui, "toasts")
}

/// The same corner inside a panel: what is outside of an open panel is out of reach.
pub(crate) fn toasts_inside(ui: Ui) -> AnyView {
    corner(ui, "toasts inside")
}

fn corner(ui: Ui, class: &'static str) -> AnyView {
    view! {
        <div class=class role="status" aria-live="polite">
            <For each=move || ui.toasts.get() key=|toast| toast.id let:toast>
                {one(ui, toast)}
            </For>
        </div>
    }
    .into_any()
}

/// One of them.
pub(crate) fn one(ui: Ui, toast: Toast) -> AnyView {
    let Toast {
        id,
        text,
        bad,
        undo,
    } = toast;
    let (class, sign) = if bad {
        ("toast bad", Icon::Alert)
    } else {
        ("toast", Icon::Check)
    };
    view! {
        <div
            class=class
            on:mouseenter=on(move |_: MouseEvent| ui.hold_toast(id))
            on:mouseleave=on(move |_: MouseEvent| ui.release_toast(id))
            on:focusin=on(move |_: FocusEvent| ui.hold_toast(id))
            on:focusout=on(move |_: FocusEvent| ui.release_toast(id))
        >
            {icon(sign)} <p>{text}</p> {undo.map(|undo| take_back(ui, id, undo))}
            <button
                type="button"
                class="icon-button js-only"
                aria-label=ui.t.close
                on:click=on(move |_: MouseEvent| ui.drop_toast(id))
            >
                {icon(Icon::Close)}
            </button>
        </div>
    }
    .into_any()
}

/// The form that takes back what a message tells of.
fn take_back(ui: Ui, id: u32, undo: Undo) -> AnyView {
    let form = Submit::to(ui, undo.endpoint, move |_| {
        ui.drop_toast(id);
        ui.toast(ui.t.taken_back.to_owned());
        ui.undone.update(|n| *n += 1);
    })
    .refused(move |error| {
        ui.drop_toast(id);
        ui.toast_error(error);
    });
    let fields: Vec<AnyView> = unform(&undo.body)
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> }.into_any())
        .collect();
    let fields = view! {
        {fields}
        <input type="hidden" name=UNDO value="1" />
        <button type="submit" class="button small">
            {ui.t.undo}
        </button>
    };
    form.form("", "inline", fields.into_any())
}
