//! What keeps unsaved changes from being lost: links away, Back and Forward, and a reload ask first.

use super::live::{effect, on};
use super::look::here;
use crate::browser;
use crate::ui::Ui;
use leptos::ev::{self, Event, MouseEvent};
use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

/// Where somebody wanted to go in spite of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    /// To an address; `afresh` when the page is to be loaded anew.
    Link { to: String, afresh: bool },
    /// To the entry of the history before the present one.
    History,
}

/// Watches over an editor while it is on the page.
#[derive(Clone, Copy)]
pub(crate) struct Guard {
    dirty: Signal<bool>,
    /// The address of the page as the router knows it.
    here: Memo<String>,
    wanted: RwSignal<Option<Wanted>>,
    /// The changes may be lost.
    given_up: RwSignal<bool>,
    /// What to put back once they are, for an editor that stays on the page.
    own: Option<RwSignal<bool>>,
}

/// A guard for an editor that is `dirty` while it holds unsaved changes. Put [`Guard::question`]
/// somewhere into the editor.
pub(crate) fn guard(dirty: Signal<bool>) -> Guard {
    let guard = Guard {
        dirty,
        here: here(),
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
        self.hold_from(Wanted::Link {
            to: to.to_owned(),
            afresh: false,
        })
    }

    fn hold_from(self, wanted: Wanted) -> bool {
        let hold = self.holds();
        if hold {
            self.wanted.set(Some(wanted));
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
        on_cleanup(move || unload.remove());
        // Before the router hears of it. It follows no click whose default is prevented; the
        // link itself still hears of it, and closes the menu that it stands in.
        browser::hear_first("click", move |event| {
            let wanted = event.dyn_ref::<MouseEvent>().and_then(leads_to);
            if let Some(wanted) = wanted
                && self.hold_from(wanted)
            {
                event.prevent_default();
            }
        });
        browser::hear_history_first(move || self.went());
    }

    /// Back and Forward have changed the address by the time one hears of them; the page changes
    /// when the router hears of them, too. While it does not, the page's address becomes the
    /// newest of the history: the one before it is then where somebody wanted to go, whichever
    /// way that lay.
    fn went(self) -> bool {
        let here = self.here.try_get_untracked().unwrap_or_default();
        let held = browser::here() != here && self.hold_from(Wanted::History);
        if held {
            browser::stay_at(&here);
        }
        held
    }

    fn stay(self) {
        self.wanted.try_set(None);
    }

    fn give_up(self) {
        self.given_up.set(true);
        // Once the way is free.
        request_animation_frame(move || {
            self.stay();
            if let Some(dirty) = self.own {
                dirty.try_set(false);
                self.given_up.try_set(false);
            }
        });
    }

    /// The question, while it is asked.
    pub(crate) fn question(self, ui: Ui) -> AnyView {
        let question = move || {
            let wanted = self.wanted.get().filter(|_| self.dirty.get())?;
            Some(self.dialog(ui, wanted))
        };
        view! { {move || question()} }.into_any()
    }

    fn dialog(self, ui: Ui, wanted: Wanted) -> AnyView {
        let t = ui.t;
        let node = NodeRef::<Dialog>::new();
        browser::modal(node);
        let discard = match wanted {
            Wanted::Link { to, afresh } => view! {
                <a
                    class="button danger-solid"
                    href=to
                    rel=afresh.then_some("external")
                    data-leave=""
                    data-noscroll="true"
                    on:click=on(move |_: MouseEvent| self.give_up())
                >
                    {t.discard}
                </a>
            }
            .into_any(),
            Wanted::History => view! {
                <button
                    type="button"
                    class="button danger-solid"
                    on:click=on(move |_: MouseEvent| {
                        self.give_up();
                        browser::back();
                    })
                >
                    {t.discard}
                </button>
            }
            .into_any(),
        };
        view! {
            <dialog
                class="confirm"
                node_ref=node
                aria-labelledby="unsaved-title"
                on:close=on(move |_: Event| self.stay())
            >
                <h2 id="unsaved-title">{t.unsaved}</h2>
                <div class="confirm-text">
                    <p>{t.unsaved_text}</p>
                </div>
                <div class="actions">
                    <button
                        type="button"
                        class="button"
                        data-focus=""
                        on:click=on(move |_: MouseEvent| self.stay())
                    >
                        {t.keep_editing}
                    </button>
                    {discard}
                </div>
            </dialog>
        }
        .into_any()
    }
}

/// Where a click leads to, if it leads away from the page in this window.
fn leads_to(event: &MouseEvent) -> Option<Wanted> {
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
    let afresh = link.get_attribute("rel").as_deref() == Some("external");
    // Without an address it is a reload, before which the browser asks.
    let leads = !to.is_empty() && !to.starts_with('#');
    (leads && !stays).then_some(Wanted::Link { to, afresh })
}
