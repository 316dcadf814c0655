//! Word of changes, while a page is open: one connection to `/admin/live` for the whole page.
//!
//! A list that is to follow what happens adds [`on`] to what its question goes by:
//!
//! ```text
//! let heard = live::on(ui, &["sessions"]);
//! let sessions = load(move || (query.get().ask(), version.get() + heard.get()));
//! ```
//!
//! It lasts for as long as the page can be seen, whether anybody touches it or not: a page may hang
//! on a wall. It ends when the page was hidden for a minute, and stands again as soon as it is seen,
//! and hears first what it missed. While it does not stand, the page's [`mark`] says so.

use crate::browser;
use crate::calls::{Ask, ask_once};
use crate::components::live::{effect, memo};
use crate::ui::Ui;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use menshen_domain::live::{TOPICS, place};
use menshen_domain::session::Me;
use send_wrapper::SendWrapper;
use std::time::Duration;
use web_sys::{EventSource, MessageEvent};

/// When it begins in browsers that do not tell when they are idle.
const AT_FIRST: Duration = Duration::from_millis(200);
/// How long to wait after the server refused.
const REFUSED: Duration = Duration::from_secs(60);
/// How often it is seen to whether anybody looks, and whether the connection lives.
const LOOK: Duration = Duration::from_secs(20);
/// A list under an open question or menu waits so long before it looks again.
const BUSY: Duration = Duration::from_secs(1);
/// A connection that was lost mostly stands again within this; nothing is said of it before.
const GRACE: Duration = Duration::from_secs(5);
/// A page that was hidden for so long hangs up.
const HIDDEN: i64 = 60_000_000;
/// The server gives a sign of life every twenty seconds. A connection that gave none for so long
/// is dead, though nobody said so: the machine slept, or the network changed.
const SILENT: i64 = 50_000_000;
/// The sign of life.
const BEAT: &str = "beat";

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

/// Whether word of changes does not come for now.
#[derive(Clone, Copy)]
struct Paused(RwSignal<bool>);

/// Says of a page that follows what happens whether it does so at this moment.
pub(crate) fn mark(ui: Ui) -> AnyView {
    let t = ui.t;
    let told = use_context::<Paused>();
    let paused = move || told.is_some_and(|Paused(paused)| paused.get());
    view! {
        <span class="live-mark" class:paused=paused role="status" data-live="">
            {move || if paused() { t.live_paused } else { t.live_now }}
        </span>
    }
    .into_any()
}

/// The connection of this page.
#[derive(Clone, Copy)]
struct Line {
    ui: Ui,
    source: StoredValue<Option<SendWrapper<EventSource>>>,
    /// Up to when everything was heard, as the server tells it.
    until: StoredValue<String>,
    /// When it gave its last sign of life.
    alive: StoredValue<i64>,
    paused: RwSignal<bool>,
    hidden: StoredValue<Option<i64>>,
    /// Not before this moment.
    not_before: StoredValue<i64>,
}

/// Listens for as long as the view lives that this is called in.
pub(crate) fn listen(ui: Ui) {
    let paused = RwSignal::new(false);
    provide_context(Paused(paused));
    let line = Line {
        ui,
        source: StoredValue::new(None),
        until: StoredValue::new(ui.drawn.to_string()),
        alive: StoredValue::new(0),
        paused,
        hidden: StoredValue::new(None),
        not_before: StoredValue::new(0),
    };
    effect(move || {
        // As soon as the page is awake: nothing of the first load waits for it.
        if request_idle_callback_with_handle(move || line.look()).is_err() {
            set_timeout(move || line.look(), AT_FIRST);
        }
        let clock = set_interval_with_handle(move || line.look(), LOOK).ok();
        let seen = window_event_listener_untyped("visibilitychange", move |_| line.turn());
        let online = window_event_listener_untyped("online", move |_| line.again());
        let offline = window_event_listener_untyped("offline", move |_| line.pause());
        // Who signs out leaves by the answer to her form, and not because she hears that her session
        // is over.
        let sent = window_event_listener_untyped("submit", move |event| {
            if !event.default_prevented() {
                line.close();
            }
        });
        on_cleanup(move || {
            if let Some(clock) = clock {
                clock.clear();
            }
            seen.remove();
            online.remove();
            offline.remove();
            sent.remove();
            line.close();
        });
    });
}

impl Line {
    /// Connects when the page can be seen, and hangs up when it was hidden for long.
    fn look(self) {
        let now = browser::now();
        let (Some(hidden), Some(alive), Some(not_before)) = (
            self.hidden.try_get_value(),
            self.alive.try_get_value(),
            self.not_before.try_get_value(),
        ) else {
            return;
        };
        if let Some(since) = hidden {
            if now - since > HIDDEN {
                self.pause();
            }
            return;
        }
        if self.state().is_some() && now - alive > SILENT {
            self.pause();
        }
        if now >= not_before {
            self.open();
        }
    }

    fn turn(self) {
        let hidden = document().hidden().then(browser::now);
        self.hidden.try_set_value(hidden);
        if hidden.is_none() {
            self.look();
        }
    }

    /// Connects now, whatever was refused before.
    fn again(self) {
        self.not_before.try_set_value(0);
        self.look();
    }

    /// How the connection stands, if there is one.
    fn state(self) -> Option<u16> {
        let state = |source: &Option<SendWrapper<EventSource>>| {
            source.as_ref().map(|source| source.ready_state())
        };
        self.source.try_with_value(state).flatten()
    }

    /// Hangs up, and says so.
    fn pause(self) {
        self.close();
        self.paused.try_set(true);
    }

    /// It gave a sign of life.
    fn lives(self) {
        self.alive.try_set_value(browser::now());
        if self.paused.try_get_untracked() == Some(true) {
            self.paused.try_set(false);
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
        self.alive.set_value(browser::now());
        // They are few: the browser keeps up one connection for as long as it can.
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            self.hear(&event);
        });
        source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        heard.forget();
        let failed = Closure::<dyn FnMut()>::new(move || self.fail());
        source.set_onerror(Some(failed.as_ref().unchecked_ref()));
        failed.forget();
        let lives = Closure::<dyn FnMut()>::new(move || self.lives());
        let ear = lives.as_ref().unchecked_ref();
        source.set_onopen(Some(ear));
        _ = source.add_event_listener_with_callback(BEAT, ear);
        lives.forget();
        self.source.set_value(Some(SendWrapper::new(source)));
    }

    fn close(self) {
        let source = self.source.try_update_value(Option::take).flatten();
        if let Some(source) = source {
            source.set_onmessage(None);
            source.set_onerror(None);
            source.set_onopen(None);
            source.close();
        }
    }

    fn hear(self, event: &MessageEvent) {
        self.lives();
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
        if self.state() == Some(EventSource::CLOSED) {
            self.pause();
            let wait = i64::try_from(REFUSED.as_micros()).unwrap_or_default();
            self.not_before.try_set_value(browser::now() + wait);
            ask_who(self.ui);
            return;
        }
        let still_lost = move || {
            if self.state() != Some(EventSource::OPEN) {
                self.paused.try_set(true);
            }
        };
        set_timeout(still_lost, GRACE);
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
