//! Word of changes for the pages that are open in browsers: names of what changed, and nothing of
//! it. A page that hears of a change asks anew, by the ways that are guarded as ever.
//!
//! Each open page is a [`Watch`]. It holds a set of bits, one for each topic, into which changes
//! are noted as they are told: however many there are, a page that is slow costs nothing. What
//! was noted is handed out at most every half a second, and only what its owner may know of at
//! that moment; when her session has ended, the watch ends too.

use crate::access::{Access, Caller};
use crate::core::Core;
use menshen_domain::live::{TOPICS, place};
use menshen_domain::{Clock, Error, Kind, Result, Timestamp};
use menshen_storage::Event;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The most pages of one session that are told. Browsers speaking HTTP/1.1 open six connections
/// to a server at most, and some must be left for everything else.
const PER_SESSION: usize = 4;
/// The most pages that are told.
const TOGETHER: usize = 4096;
/// What belongs to one change is told together.
const GATHER: Duration = Duration::from_millis(25);
/// How long a page is left in peace after it was told of something.
const PAUSE: Duration = Duration::from_millis(475);
/// How often it is seen to whether the session lasts still.
const LOOK: Duration = Duration::from_secs(15);

/// Nobody's id.
const NOBODY: i64 = 0;

/// The bit of a topic.
fn bit(topic: &str) -> u32 {
    place(topic).map_or(0, |place| 1 << place)
}

fn bits(topics: &[&str]) -> u32 {
    topics.iter().map(|topic| bit(topic)).fold(0, |a, b| a | b)
}

/// What an event changes for the page of `user`.
fn changed_by(event: &Event, user: i64) -> u32 {
    match event {
        Event::User(id) if *id == user => bits(&["me", "users", "sessions"]),
        Event::User(_) => bits(&["users", "sessions"]),
        Event::Roles => bits(&["me", "users", "roles", "permissions", "depts"]),
        Event::Session(_) => bit("sessions"),
        Event::Keys => bit("keys"),
        Event::Settings => bit("settings"),
        Event::Unknown => u32::MAX,
        Event::Log(thing) => match thing.as_str() {
            "sign_in" | "sign_out" | "session_revoked" => bits(&["sign-ins", "sessions"]),
            "user" | "otp" | "passkey" => bits(&["operations", "users"]),
            "role" => bits(&["operations", "roles"]),
            "perm" | "permission" => bits(&["operations", "permissions"]),
            "dept" => bits(&["operations", "depts"]),
            "menu" => bits(&["operations", "menus"]),
            "session" => bits(&["operations", "sessions"]),
            "setting" | "settings" => bits(&["operations", "settings"]),
            "key" => bits(&["operations", "keys"]),
            _ => bit("operations"),
        },
    }
}

/// One page that is told.
#[derive(Debug)]
struct Watcher {
    user: i64,
    session: String,
    noted: AtomicU32,
    bell: Notify,
}

impl Watcher {
    fn note(&self, bits: u32) {
        if bits != 0 {
            self.noted.fetch_or(bits, Ordering::AcqRel);
            self.bell.notify_one();
        }
    }
}

#[derive(Debug)]
struct Watchers {
    list: Mutex<Vec<Arc<Watcher>>>,
    closed: AtomicBool,
    clock: Arc<dyn Clock>,
    /// When each topic changed last, in microseconds, as far as this process knows: nothing is
    /// known of the time before it began.
    changed: Vec<AtomicI64>,
}

impl Watchers {
    /// What has changed since a moment.
    fn since(&self, since: Timestamp) -> u32 {
        self.changed
            .iter()
            .enumerate()
            .filter(|(_, at)| at.load(Ordering::Acquire) > since.0)
            .fold(0, |bits, (place, _)| bits | (1 << place))
    }

    fn list(&self) -> MutexGuard<'_, Vec<Arc<Watcher>>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, event: &Event) {
        let mut bits = changed_by(event, NOBODY);
        if matches!(event, Event::User(_) | Event::Session(_)) {
            bits |= bit("me");
        }
        let now = self.clock.now();
        for (place, at) in self.changed.iter().enumerate() {
            if bits & (1 << place) != 0 {
                at.store(now.0, Ordering::Release);
            }
        }
        for watcher in self.list().iter() {
            watcher.note(changed_by(event, watcher.user));
            // Its owner learns that it has ended.
            if matches!(event, Event::Session(id) if *id == watcher.session) {
                watcher.note(bit("me"));
            }
        }
    }
}

/// Tells pages of changes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Live {
    access: Access,
    watchers: Arc<Watchers>,
}

impl Live {
    /// Made after [`Access`], which must have forgotten what is stale before a page asks anew.
    pub(crate) fn new(core: &Core, access: Access) -> Self {
        let began = core.now();
        let watchers = Arc::new(Watchers {
            list: Mutex::default(),
            closed: AtomicBool::new(false),
            clock: core.clock.clone(),
            changed: TOPICS.iter().map(|_| AtomicI64::new(began.0)).collect(),
        });
        let heard = watchers.clone();
        core.db.subscribe(move |event| heard.hear(event));
        Self { access, watchers }
    }

    /// Begins to tell a page of the caller's; first, of what has changed since `since`.
    ///
    /// # Errors
    /// [`Kind::Locked`] while a new password is due; [`Kind::TooMany`] when so many pages of her
    /// session are told already, and [`Kind::Busy`] when so many are altogether.
    pub fn watch(&self, caller: &Caller, since: Option<Timestamp>) -> Result<Watch> {
        caller.require_usable()?;
        let session = &caller.session_id().0;
        let mut list = self.watchers.list();
        if list.iter().filter(|w| w.session == *session).count() >= PER_SESSION {
            return Err(Error::new(
                Kind::TooMany { retry_after: 60 },
                "打开的页面过多",
                "Too many pages are open",
            ));
        }
        if list.len() >= TOGETHER || self.watchers.closed.load(Ordering::Acquire) {
            return Err(Error::new(
                Kind::Busy { retry_after: 60 },
                "服务器繁忙",
                "The server is busy",
            ));
        }
        let watcher = Arc::new(Watcher {
            user: caller.id().0,
            session: session.clone(),
            noted: AtomicU32::new(0),
            bell: Notify::new(),
        });
        list.push(watcher.clone());
        drop(list);
        watcher.note(since.map_or(0, |since| self.watchers.since(since)));
        Ok(Watch {
            live: self.clone(),
            watcher,
            caller: caller.clone(),
            told: false,
            over: false,
        })
    }

    /// Ends all watches, for good: the program stops.
    pub fn close(&self) {
        self.watchers.closed.store(true, Ordering::Release);
        for watcher in self.watchers.list().iter() {
            watcher.bell.notify_one();
        }
    }
}

/// What one page is told. It ends with its owner's session.
#[derive(Debug)]
pub struct Watch {
    live: Live,
    watcher: Arc<Watcher>,
    caller: Caller,
    told: bool,
    over: bool,
}

impl Watch {
    /// Waits for the next change: the topics that changed, and the moment up to which that is all
    /// of them. `None` when there will be no more.
    pub async fn next(&mut self) -> Option<(Vec<&'static str>, Timestamp)> {
        if self.over {
            return None;
        }
        if std::mem::take(&mut self.told) {
            tokio::time::sleep(PAUSE).await;
        }
        loop {
            let rung = tokio::time::timeout(LOOK, self.watcher.bell.notified()).await;
            if self.live.watchers.closed.load(Ordering::Acquire) {
                return None;
            }
            if rung.is_ok() {
                tokio::time::sleep(GATHER).await;
            }
            match self.live.access.still(&self.caller).await {
                Ok(caller) => self.caller = caller,
                Err(error) if error.kind == Kind::Token => {
                    // The page asks who is signed in, and finds that nobody is.
                    self.over = true;
                    return Some((vec!["me"], self.live.watchers.clock.now()));
                }
                // The database does not answer: what was noted is kept until it does.
                Err(_) => {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            }
            let now = self.live.watchers.clock.now();
            let topics = self.allowed(self.watcher.noted.swap(0, Ordering::AcqRel));
            if !topics.is_empty() {
                self.told = true;
                return Some((topics, now));
            }
            // What she may not know of costs no more than what she may.
            if rung.is_ok() {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Which of these topics the caller may know of.
    fn allowed(&self, noted: u32) -> Vec<&'static str> {
        TOPICS
            .iter()
            .enumerate()
            .filter(|(place, _)| noted & (1 << place) != 0)
            .map(|(_, topic)| topic)
            .filter(|topic| {
                topic.needs.is_empty() || topic.needs.iter().any(|code| self.caller.may(code))
            })
            .map(|topic| topic.name)
            .collect()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut list = self.live.watchers.list();
        list.retain(|watcher| !Arc::ptr_eq(watcher, &self.watcher));
    }
}

#[cfg(test)]
mod tests;
