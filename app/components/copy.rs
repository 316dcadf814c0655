//! What machines read, to be copied with one click: ids, addresses, codes, secrets. Without
//! JavaScript there is the text in machine type alone.

use super::icon::{Icon, icon};
use super::live::on;
use crate::browser;
use crate::ui::Ui;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use std::time::Duration;

/// How long the sign stays that says that it was copied.
const TICK: Duration = Duration::from_secs(2);

/// A text within a line or a cell, with a small button that copies it.
pub(crate) fn copyable(ui: Ui, text: impl Into<String>) -> AnyView {
    fn inline(ui: Ui, text: String) -> AnyView {
        let t = ui.t;
        let done = RwSignal::new(false);
        let label = t.copy_it(&text);
        let shown = text.clone();
        let copy = move |_: MouseEvent| {
            let told = t.copied_it(&text);
            put(ui, &text, move || {
                ui.toast(told);
                done.try_set(true);
                set_timeout(move || _ = done.try_set(false), TICK);
            });
        };
        view! {
            <span class="copyable">
                <code>{shown}</code>
                <button
                    type="button"
                    class="copy js-only"
                    aria-label=label.clone()
                    title=label
                    on:click=on(copy)
                >
                    {move || sign(done)}
                </button>
            </span>
        }
        .into_any()
    }
    inline(ui, text.into())
}

/// An entry of the menu `menu` that copies what is not shown.
pub(crate) fn menu_entry(ui: Ui, label: &'static str, text: String, menu: String) -> AnyView {
    let copy = move |_: MouseEvent| {
        let told = ui.t.copied_it(&text);
        put(ui, &text, move || ui.toast(told));
        browser::hide_popover(&menu);
    };
    view! {
        <button type="button" class="menu-item js-only" on:click=on(copy)>
            {icon(Icon::Copy)}
            {label}
        </button>
    }
    .into_any()
}

/// A secret that is shown once, in a box of its own; in a dialog the focus starts at its button.
pub(crate) fn secret(ui: Ui, text: String) -> AnyView {
    let shown = text.clone();
    view! {
        <div class="secret">
            <code id="secret">{shown}</code>
            {button(ui, ui.t.copy, "button small js-only", true, move || text.clone())}
        </div>
    }
    .into_any()
}

/// A button with a label that copies what `text` gives; `first` where the focus starts in a dialog.
pub(crate) fn button(
    ui: Ui,
    label: &'static str,
    class: &'static str,
    first: bool,
    text: impl Fn() -> String + 'static,
) -> AnyView {
    let done = RwSignal::new(false);
    let copy = on(move |_: MouseEvent| {
        done.set(false);
        put(ui, &text(), move || _ = done.try_set(true));
    });
    labelled(ui, label, class, first, done, copy)
}

fn labelled(
    ui: Ui,
    label: &'static str,
    class: &'static str,
    first: bool,
    done: RwSignal<bool>,
    copy: Box<dyn FnMut(MouseEvent)>,
) -> AnyView {
    let t = ui.t;
    view! {
        <button type="button" class=class data-focus=first.then_some("") on:click=copy>
            {move || sign(done)}
            {move || if done.get() { t.copied } else { label }}
        </button>
    }
    .into_any()
}

fn sign(done: RwSignal<bool>) -> AnyView {
    icon(if done.get() { Icon::Check } else { Icon::Copy })
}

/// Puts a text on the clipboard; `then` is called once it is there, and where it can't be put, it is
/// said.
fn put(ui: Ui, text: &str, then: impl FnOnce() + 'static) {
    browser::copy(text, move |done| {
        if done {
            then();
        } else {
            ui.toast(ui.t.copy_refused.to_owned());
        }
    });
}
