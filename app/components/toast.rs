//! The messages that say what just happened.

use super::icon::{Icon, icon};
use super::live::on;
use crate::ui::{Toast, Ui};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// The corner in which they appear; screen readers are told of each.
pub(crate) fn toasts(ui: Ui) -> AnyView {
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || ui.toasts.get() key=|toast| toast.id let:toast>
                {one(ui, toast)}
            </For>
        </div>
    }
    .into_any()
}

fn one(ui: Ui, toast: Toast) -> AnyView {
    let Toast { id, text, bad } = toast;
    let (class, sign) = if bad {
        ("toast bad", Icon::Alert)
    } else {
        ("toast", Icon::Check)
    };
    view! {
        <div class=class>
            {icon(sign)} <p>{text}</p>
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
