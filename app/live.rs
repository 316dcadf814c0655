//! Word of changes, while a page is open: one connection to `/admin/live` for the whole page.
//!
//! A list that is to follow what happens adds [`on`] to what its question goes by:
//!
//! ```text
//! let heard = live::on(ui, &["sessions"]);
//! let sessions = load(move || (query.get().ask(), version.get() + heard.get()));
//! ```
//!
//! The connection ends when nobody looks: when the page was hidden for a minute, or nobody has
//! touched it for ten. It stands again as soon as somebody does, and hears first what it missed.

use crate::browser;
use crate::calls::{Ask, ask_once};
use crate::components::live::{effect, memo};
use crate::ui::Ui;
use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use menshen_domain::live::{TOPICS, place};
use menshen_domain::session::Me;
use send_wrapper::SendWrapper;
use std::time::Duration;
use web_sys::{EventSource, MessageEvent};

/// It begins when the page has settled: nothing of the first load waits for it.
const AT_FIRST: Duration = Duration::from_secs(2);
/// How long to wait after the server refused.
const REFUSED: Duration = Duration::from_secs(60);
/// How often it is seen to whether anybody looks.
const LOOK: Duration = Duration::from_secs(20);
/// A list under an open question or menu waits so long before it looks again.
const BUSY: Duration = Duration::from_secs(1);
const HIDDEN: i64 = 60_000_000;
const UNTOUCHED: i64 = 10 * HIDDEN;
const SECOND: i64 = 1_000_000;

/// How often each of [`TOPICS`] was heard to change.
pub(crate) type Heard = RwSignal<Vec<u32>>;

/// Nothing heard yet.
pub(crate) fn nothing() -> Heard {
    RwSignal::new(vec![0; TOPICS.len()])
}

/// A number that changes when one of these topics does, or what the viewer may do. It waits while
/// a question or a menu is open: nothing moves under somebody's finger.
pub(crate) fn on(ui: Ui, topics: &'static [&'static str]) -> Signal<u32> {
    let heard = memo(move || {
        ui.live.with(|counts| {
            let wanted = topics.iter().chain(&["me"]);
            let counts = wanted.filter_map(|topic| counts.get(place(topic)?));
            counts.fold(0_u32, |sum, count| sum.wrapping_add(*count))
        })
    });
    let shown = RwSignal::new(0_u32);
    let again = RwSignal::new(0_u32);
    effect(move || {
        again.track();
        let now = heard.get();
        if now == shown.get_untracked() {
            return;
        }
        if browser::find(":popover-open, dialog:modal, tbody .pick:checked").is_some() {
            let look = move || _ = again.try_update(|n| *n = n.wrapping_add(1));
            set_timeout(look, BUSY);
        } else {
            shown.set(now);
        }
    });
    shown.into()
}

/// The connection of this page.
#[derive(Clone, Copy)]
struct Line {
    ui: Ui,
    source: StoredValue<Option<SendWrapper<EventSource>>>,
    /// Up to when everything was heard, as the server tells it.
    until: StoredValue<String>,
    touched: StoredValue<i64>,
    hidden: StoredValue<Option<i64>>,
    /// Not before this moment.
    not_before: StoredValue<i64>,
}

/// Listens for as long as the view lives that this is called in.
pub(crate) fn listen(ui: Ui) {
    let line = Line {
        ui,
        source: StoredValue::new(None),
        until: StoredValue::new(ui.drawn.to_string()),
        touched: StoredValue::new(0),
        hidden: StoredValue::new(None),
        not_before: StoredValue::new(0),
    };
    effect(move || {
        line.touched.set_value(browser::now());
        set_timeout(move || line.look(), AT_FIRST);
        let clock = set_interval_with_handle(move || line.look(), LOOK).ok();
        let pointer = window_event_listener(ev::pointerdown, move |_| line.touch());
        let key = window_event_listener(ev::keydown, move |_| line.touch());
        let seen = window_event_listener_untyped("visibilitychange", move |_| line.turn());
        on_cleanup(move || {
            if let Some(clock) = clock {
                clock.clear();
            }
            pointer.remove();
            key.remove();
            seen.remove();
            line.close();
        });
    });
}

impl Line {
    /// Connects when somebody looks, and hangs up when nobody does.
    fn look(self) {
        let now = browser::now();
        let gone = |since: i64, most: i64| now - since > most;
        let hidden = self.hidden.try_get_value().flatten();
        let (Some(touched), Some(not_before)) = (
            self.touched.try_get_value(),
            self.not_before.try_get_value(),
        ) else {
            return;
        };
        if gone(touched, UNTOUCHED) || hidden.is_some_and(|since| gone(since, HIDDEN)) {
            self.close();
        } else if hidden.is_none() && now >= not_before {
            self.open();
        }
    }

    fn touch(self) {
        let now = browser::now();
        let before = self.touched.try_get_value().unwrap_or(now);
        self.touched.try_set_value(now);
        if now - before > SECOND {
            self.look();
        }
    }

    fn turn(self) {
        let hidden = document().hidden().then(browser::now);
        self.hidden.try_set_value(hidden);
        if hidden.is_none() {
            self.touch();
            self.look();
        }
    }

    fn open(self) {
        if !matches!(self.source.try_with_value(Option::is_none), Some(true)) {
            return;
        }
        let until = self.until.get_value();
        let Ok(source) = EventSource::new(&format!("/admin/live?since={until}")) else {
            return;
        };
        // They are few: the browser keeps up one connection for as long as it can.
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            self.hear(&event);
        });
        source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        heard.forget();
        let failed = Closure::<dyn FnMut()>::new(move || self.fail());
        source.set_onerror(Some(failed.as_ref().unchecked_ref()));
        failed.forget();
        self.source.set_value(Some(SendWrapper::new(source)));
    }

    fn close(self) {
        let source = self.source.try_update_value(Option::take).flatten();
        if let Some(source) = source {
            source.set_onmessage(None);
            source.set_onerror(None);
            source.close();
        }
    }

    fn hear(self, event: &MessageEvent) {
        let topics = event.data().as_string().unwrap_or_default();
        self.until.try_set_value(event.last_event_id());
        self.ui.live.update(|counts| {
            for topic in topics.split(' ').filter(|topic| *topic != "me") {
                bump(counts, topic);
            }
        });
        if topics.split(' ').any(|topic| topic == "me") {
            ask_who(self.ui);
        }
    }

    /// A connection that was lost the browser makes anew by itself. One that the server refused
    /// it does not: the session may be over, or too many pages are open.
    fn fail(self) {
        let refused = self.source.try_with_value(|source| {
            source
                .as_ref()
                .is_some_and(|source| source.ready_state() == EventSource::CLOSED)
        });
        if refused == Some(true) {
            self.close();
            let wait = i64::try_from(REFUSED.as_micros()).unwrap_or_default();
            self.not_before.try_set_value(browser::now() + wait);
            ask_who(self.ui);
        }
    }
}

fn bump(counts: &mut [u32], topic: &str) {
    if let Some(count) = place(topic).and_then(|place| counts.get_mut(place)) {
        *count = count.wrapping_add(1);
    }
}

/// Asks who is signed in, and what she may do by now.
fn ask_who(ui: Ui) {
    ask_once::<Me>(Ask::of("who_am_i", &[]), move |answer| match answer {
        Ok(me) => {
            if ui.me.with_untracked(|known| known.as_ref() != Some(&me)) {
                ui.me.set(Some(me));
                ui.live.update(|counts| bump(counts, "me"));
            }
        }
        Err(error) => ui.react(&error),
    });
}
