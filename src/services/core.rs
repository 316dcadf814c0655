//! What every service needs.

use crate::exports::Exports;
use crate::files::FileStore;
use crate::passwords::Hasher;
use crate::{Outside, Secrets, Settings};
use arc_swap::ArcSwap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use menshen_domain::{Clock, Random, Timestamp};
use menshen_storage::Db;
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) db: Db,
    pub(crate) secrets: Secrets,
    /// What can be changed while the program runs.
    pub(crate) in_force: ArcSwap<InForce>,
    /// Keeps uploaded files.
    pub(crate) files: Option<Arc<dyn FileStore>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) hasher: Hasher,
    pub(crate) exports: Exports,
}

/// The settings in force, and the vendors that they name.
#[derive(Debug)]
pub(crate) struct InForce {
    pub(crate) settings: Arc<Settings>,
    pub(crate) outside: Arc<Outside>,
}

impl Core {
    /// The settings in force at this moment: what belongs together is read from one of these.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        self.in_force.load().settings.clone()
    }

    /// The vendors in force at this moment.
    pub(crate) fn outside(&self) -> Arc<Outside> {
        self.in_force.load().outside.clone()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// `N` unpredictable bytes.
    pub(crate) fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }

    /// `N` unpredictable bytes in URL-safe base64.
    pub(crate) fn random_text<const N: usize>(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.random_bytes::<N>())
    }

    /// A UUID that sorts by time (RFC 9562, version 7).
    pub(crate) fn uuid(&self) -> String {
        let millis = u64::try_from(self.now().0 / 1000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.random_bytes::<10>())
            .into_uuid()
            .to_string()
    }

    /// A number from 0 to `below − 1`, each as likely as the other.
    pub(crate) fn random_below(&self, below: u32) -> u32 {
        let zone = u32::MAX - u32::MAX % below;
        loop {
            let n = u32::from_le_bytes(self.random_bytes());
            if n < zone {
                return n % below;
            }
        }
    }

    /// A password that nobody chose: 16 letters and digits that are hard to confuse, about 93
    /// bits, in groups of four.
    pub(crate) fn one_time_password(&self) -> String {
        const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";
        let below = u32::try_from(LETTERS.len()).unwrap_or(1);
        let mut password = String::with_capacity(19);
        for i in 0..16 {
            if i > 0 && i % 4 == 0 {
                password.push('-');
            }
            let at = usize::try_from(self.random_below(below)).unwrap_or(0);
            password.push(char::from(LETTERS[at]));
        }
        password
    }
}

#[cfg(test)]
mod tests {
    use crate::passwords;
    use crate::testing::Bench;
    use std::collections::BTreeSet;
    use std::time::Duration;

    #[tokio::test]
    async fn req7_one_time_passwords_are_long_and_never_the_same() {
        let bench = Bench::sqlite().await;
        let core = &bench.services.core;
        let mut seen = BTreeSet::new();
        for _ in 0..200 {
            let password = core.one_time_password();
            let groups: Vec<&str> = password.split('-').collect();
            assert_eq!(groups.len(), 4);
            for group in groups {
                assert_eq!(group.len(), 4);
                assert!(group.bytes().all(|b| b.is_ascii_alphanumeric()));
                assert!(!group.contains(['0', 'O', '1', 'l', 'I', 'i', 'o']));
            }
            passwords::check_new("password", &password, 12, &[]).expect("good enough");
            assert!(seen.insert(password));
        }
    }

    #[tokio::test]
    async fn every_number_below_is_as_likely() {
        let bench = Bench::sqlite().await;
        let core = &bench.services.core;
        let mut counts = [0_u32; 27];
        for _ in 0..27_000 {
            let n = usize::try_from(core.random_below(27)).expect("small");
            counts[n] += 1;
        }
        // A fair die stays within six standard deviations (31) of a thousand.
        assert!(counts.iter().all(|c| (810..1190).contains(c)), "{counts:?}");
        assert_eq!(core.random_below(1), 0);
    }

    #[tokio::test]
    async fn ids_sort_by_time() {
        let bench = Bench::sqlite().await;
        let core = &bench.services.core;
        let mut last = String::new();
        for _ in 0..50 {
            let id = core.uuid();
            assert_eq!(id.len(), 36);
            assert_eq!(&id[14..15], "7", "version 7");
            assert!(id > last, "{id} after {last}");
            last = id;
            bench.clock.forward(Duration::from_millis(1));
        }
        assert_ne!(core.random_text::<18>(), core.random_text::<18>());
    }
}
