//! The one place where the program reads the time of day and the system's randomness.

use aws_lc_rs::rand::SecureRandom;
use aws_lc_rs::rand::SystemRandom as Csprng;
use menshen_domain::{Clock, Random, Timestamp};
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the time of day comes in"
    )]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The system's source of randomness for secrets.
#[derive(Debug, Clone, Default)]
pub struct SystemRandom(Csprng);

impl SystemRandom {
    /// Opens it.
    #[must_use]
    pub fn new() -> Self {
        Self(Csprng::new())
    }
}

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness no secret is secret: there is no way to go on.
        assert!(self.0.fill(bytes).is_ok(), "the system gives no randomness");
    }
}
