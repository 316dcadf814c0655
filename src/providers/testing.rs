//! What the tests of this crate share.

use crate::Client;
use crate::outbound::Vendor;
use crate::settings::Outbound;
use menshen_domain::{Clock, Error, Random, Text, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A vendor without a business.
pub(crate) const VENDOR: Vendor = Vendor {
    name: "Vendor",
    unavailable: Text::fixed("不可用", "unavailable"),
};

/// Settings under which the tests' own servers are reached.
pub(crate) fn outbound() -> Outbound {
    Outbound {
        allow_private: true,
        ..Outbound::default()
    }
}

/// A client that reaches the tests' own servers.
pub(crate) fn open() -> Client {
    Client::new(&outbound()).expect("a client")
}

/// What an error tells the log.
pub(crate) fn source(error: &Error) -> String {
    error.source.as_ref().expect("a source").to_string()
}

/// A clock that stands until it is moved.
#[derive(Debug)]
pub(crate) struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock at `seconds` after the epoch.
    pub(crate) fn at(seconds: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(Timestamp::from_seconds(seconds).0)))
    }

    /// Moves the clock.
    pub(crate) fn forward(&self, by: Duration) {
        let moved = self.now() + by;
        self.0.store(moved.0, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Randomness that is none: 0, 1, 2, …
#[derive(Debug)]
pub(crate) struct Counting;

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for (byte, value) in bytes.iter_mut().zip(0..) {
            *byte = value;
        }
    }
}
