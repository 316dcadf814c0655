//! What keeps unsaved changes from being lost: links away and a reload ask first.

use super::live::{effect, on};
use crate::ui::Ui;
use leptos::ev::{self, MouseEvent};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use send_wrapper::SendWrapper;

/// Watches over an editor while it is on the page.
#[derive(Clone, Copy)]
pub(crate) struct Guard {
    dirty: Signal<bool>,
    /// Where somebody wanted to go in spite of changes.
    wanted: RwSignal<Option<String>>,
    /// The changes may be lost.
    given_up: RwSignal<bool>,
    /// What to put back once they are, for an editor that stays on the page.
    own: Option<RwSignal<bool>>,
}

/// A guard for an editor that is `dirty` while it holds unsaved changes. Put [`Guard::bar`] where
/// the question is to be seen.
pub(crate) fn guard(dirty: Signal<bool>) -> Guard {
    let guard = Guard {
        dirty,
        wanted: RwSignal::new(None),
        given_up: RwSignal::new(false),
        own: None,
    };
    effect(move || guard.watch());
    editing(dirty);
    guard
}

/// While `dirty`, nothing is loaded anew because something was taken back: what was typed would
/// be lost with the form that it stands in.
pub(crate) fn editing(dirty: Signal<bool>) {
    let Some(ui) = use_context::<Ui>() else {
        return;
    };
    effect(move || {
        if dirty.try_get().unwrap_or(false) {
            ui.editing.update(|n| *n += 1);
            on_cleanup(move || _ = ui.editing.try_update(|n| *n = n.saturating_sub(1)));
        }
    });
}

/// The same for an editor that stays on the page when its changes are given up: it is clean then.
pub(crate) fn guard_staying(dirty: RwSignal<bool>) -> Guard {
    Guard {
        own: Some(dirty),
        ..guard(dirty.into())
    }
}

impl Guard {
    fn holds(self) -> bool {
        self.dirty.try_get_untracked().unwrap_or(false)
            && !self.given_up.try_get_untracked().unwrap_or(true)
    }

    /// Whether one has to stay, who wants to go to `to`: if so, the question is asked.
    pub(crate) fn hold(self, to: &str) -> bool {
        let hold = self.holds();
        if hold {
            self.wanted.set(Some(to.to_owned()));
        }
        hold
    }

    fn watch(self) {
        let unload = window_event_listener(ev::beforeunload, move |event| {
            if self.holds() {
                event.prevent_default();
                event.set_return_value("unsaved");
            }
        });
        // Before the router hears of the click.
        let click = Closure::<dyn FnMut(MouseEvent)>::new(move |event: MouseEvent| {
            if let Some(to) = leads_to(&event)
                && self.hold(&to)
            {
                event.prevent_default();
                event.stop_propagation();
            }
        });
        let listener = click.as_ref().unchecked_ref();
        _ = document().add_event_listener_with_callback_and_bool("click", listener, true);
        let click = SendWrapper::new(click);
        on_cleanup(move || {
            unload.remove();
            let listener = click.as_ref().unchecked_ref();
            _ = document().remove_event_listener_with_callback_and_bool("click", listener, true);
        });
    }

    fn give_up(self) {
        self.given_up.set(true);
        if let Some(dirty) = self.own {
            // Once the way is free.
            request_animation_frame(move || {
                dirty.try_set(false);
                self.given_up.try_set(false);
                self.wanted.try_set(None);
            });
        }
    }

    /// The question.
    pub(crate) fn bar(self, ui: Ui) -> AnyView {
        let t = ui.t;
        let question = move || {
            let to = self.wanted.get().filter(|_| self.dirty.get())?;
            let bar = view! {
                <div class="unsaved" role="alert">
                    <p>{t.unsaved}</p>
                    <a
                        class="button small danger"
                        href=to
                        data-leave=""
                        data-noscroll="true"
                        on:click=on(move |_: MouseEvent| self.give_up())
                    >
                        {t.discard}
                    </a>
                    <button
                        type="button"
                        class="button small"
                        on:click=on(move |_: MouseEvent| self.wanted.set(None))
                    >
                        {t.keep_editing}
                    </button>
                </div>
            };
            Some(bar.into_any())
        };
        view! { {move || question()} }.into_any()
    }
}

/// Where a click leads to, if it leads away from the page in this window.
fn leads_to(event: &MouseEvent) -> Option<String> {
    if event.button() != 0 || event.ctrl_key() || event.meta_key() || event.shift_key() {
        return None;
    }
    let link = event
        .target()?
        .dyn_into::<web_sys::Element>()
        .ok()?
        .closest("a[href]")
        .ok()??;
    let stays = ["target", "download", "data-leave"]
        .into_iter()
        .any(|name| link.has_attribute(name));
    let to = link.get_attribute("href")?;
    (!stays && !to.starts_with('#')).then_some(to)
}
