//! Hashing passwords: argon2id over the SHA-256 hex of the password, keyed from outside the
//! database, on a bounded pool of threads.
//!
//! It is the SHA-256 that is hashed because document E's clients send just that: so every
//! document's login verifies against one hash.

use crate::Secrets;
use crate::secrets::sha256;
use crate::settings::Password;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use menshen_domain::{Error, FieldError, Kind, Random, Result, Text, validate};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

const SALT: usize = 16;
const OUTPUT: usize = 32;

/// What goes into argon2id for a password: the lowercase hex of its SHA-256.
#[must_use]
pub fn digest(password: &str) -> Zeroizing<String> {
    let mut hex = String::with_capacity(64);
    for byte in sha256(password.as_bytes()) {
        hex.push_str(&format!("{byte:02x}"));
    }
    Zeroizing::new(hex)
}

/// What goes into argon2id for what a client of document E sends: the lowercase hex of the
/// password's SHA-256, or the password itself when it is no such thing.
#[must_use]
pub fn digest_or_sent(sent: &str) -> Zeroizing<String> {
    if is_digest(sent) {
        Zeroizing::new(sent.to_ascii_lowercase())
    } else {
        digest(sent)
    }
}

/// Whether a client sends the SHA-256 of a password in hex.
#[must_use]
pub fn is_digest(sent: &str) -> bool {
    sent.len() == 64 && sent.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Argon2id's cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cost {
    memory: u32,
    passes: u32,
    lanes: u32,
}

/// A hash in PHC string form, taken apart.
#[derive(Debug)]
struct Phc {
    cost: Cost,
    salt: Vec<u8>,
    output: Vec<u8>,
}

impl Phc {
    /// `$argon2id$v=19$m=…,t=…,p=…$salt$hash`
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("$argon2id$v=19$")?.split('$');
        let mut cost = Cost {
            memory: 0,
            passes: 0,
            lanes: 0,
        };
        for parameter in parts.next()?.split(',') {
            let (name, value) = parameter.split_once('=')?;
            let value = value.parse().ok()?;
            match name {
                "m" => cost.memory = value,
                "t" => cost.passes = value,
                "p" => cost.lanes = value,
                _ => return None,
            }
        }
        let salt = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
        let output = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
        (parts.next().is_none() && output.len() == OUTPUT).then_some(Self { cost, salt, output })
    }

    fn format(cost: Cost, salt: &[u8], output: &[u8]) -> String {
        format!(
            "$argon2id$v=19$m={},t={},p={}${}${}",
            cost.memory,
            cost.passes,
            cost.lanes,
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(output)
        )
    }
}

#[derive(Debug)]
struct Pool {
    slots: Arc<Semaphore>,
    workers: usize,
    /// How many are being hashed or waiting.
    taken: AtomicUsize,
    bound: usize,
    /// Memory for argon2 that is not in use; a fresh allocation costs half as much as the hash.
    memory: Mutex<Vec<Vec<Block>>>,
    used: AtomicBool,
}

/// Gives a place in the queue back, also when the client goes away while waiting.
struct Place(Arc<Pool>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Hashes and verifies passwords, a few at a time. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hasher {
    pool: Arc<Pool>,
    cost: Cost,
    pepper: Pepper,
    random: Arc<dyn Random>,
}

#[derive(Clone)]
struct Pepper(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for Pepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// What came of verifying a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the right one.
    Right,
    /// It is the right one, but its hash was made with other parameters than today's.
    RightButOld,
    /// It is not.
    Wrong,
}

impl Hasher {
    /// A hasher with the settings' cost and bounds.
    #[must_use]
    pub fn new(settings: &Password, secrets: &Secrets, random: Arc<dyn Random>) -> Self {
        let workers = match settings.workers {
            0 => std::thread::available_parallelism().map_or(2, usize::from),
            n => n,
        };
        Self {
            pool: Arc::new(Pool {
                slots: Arc::new(Semaphore::new(workers)),
                workers,
                taken: AtomicUsize::new(0),
                bound: workers + settings.queue,
                memory: Mutex::default(),
                used: AtomicBool::new(false),
            }),
            cost: Cost {
                memory: settings.memory_kib,
                passes: settings.passes,
                lanes: settings.lanes,
            },
            pepper: Pepper(secrets.pepper()),
            random,
        }
    }

    /// Hashes a password's [`digest`] into a PHC string.
    ///
    /// # Errors
    /// [`Kind::Busy`] when too many are waiting.
    pub async fn hash(&self, digest: Zeroizing<String>) -> Result<String> {
        let mut salt = [0; SALT];
        self.random.fill(&mut salt);
        let cost = self.cost;
        let output = self.run(digest, salt.to_vec(), cost).await?;
        Ok(Phc::format(cost, &salt, output.as_slice()))
    }

    /// Verifies a password's [`digest`] against a PHC string. Without one, as for an unknown
    /// user, it does the same work and finds the password wrong.
    ///
    /// # Errors
    /// [`Kind::Busy`] when too many are waiting.
    pub async fn verify(&self, digest: Zeroizing<String>, phc: Option<&str>) -> Result<Verdict> {
        let known = phc.and_then(Phc::parse);
        let (cost, salt) = match &known {
            Some(phc) => (phc.cost, phc.salt.clone()),
            None => (self.cost, vec![0; SALT]),
        };
        let output = self.run(digest, salt, cost).await?;
        let Some(known) = known else {
            return Ok(Verdict::Wrong);
        };
        let right = bool::from(output.as_slice().ct_eq(&known.output));
        Ok(match (right, known.cost == self.cost) {
            (true, true) => Verdict::Right,
            (true, false) => Verdict::RightButOld,
            (false, _) => Verdict::Wrong,
        })
    }

    async fn run(
        &self,
        digest: Zeroizing<String>,
        salt: Vec<u8>,
        cost: Cost,
    ) -> Result<Zeroizing<[u8; OUTPUT]>> {
        let taken = self.pool.taken.fetch_add(1, Ordering::AcqRel);
        let place = Place(self.pool.clone());
        if taken >= self.pool.bound {
            return Err(busy());
        }
        let slot = self
            .pool
            .slots
            .clone()
            .acquire_owned()
            .await
            .map_err(Error::internal)?;
        let pepper = self.pepper.clone();
        // The slot and the place go along: hashing ends only when it ends, also when the client
        // has gone away meanwhile.
        tokio::task::spawn_blocking(move || {
            let done = place.0.compute(&digest, &salt, cost, &pepper);
            drop((slot, place));
            done
        })
        .await
        .map_err(Error::internal)?
    }

    /// How many passwords are being hashed, and how many more wait for it.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        let free = self.pool.slots.available_permits();
        let hashing = self.pool.workers.saturating_sub(free);
        let taken = self.pool.taken.load(Ordering::Acquire);
        (hashing, taken.saturating_sub(hashing))
    }

    /// Gives memory back that was not used since the last call.
    pub fn trim(&self) {
        if !self.pool.used.swap(false, Ordering::AcqRel)
            && let Ok(mut memory) = self.pool.memory.lock()
        {
            memory.clear();
        }
    }
}

#[cfg(test)]
impl Hasher {
    /// Takes every place in the queue, until what it returns is dropped.
    pub(crate) fn fill(&self) -> impl Drop + use<> {
        struct Full(Arc<Pool>);
        impl Drop for Full {
            fn drop(&mut self) {
                self.0.taken.fetch_sub(self.0.bound, Ordering::AcqRel);
            }
        }
        self.pool.taken.fetch_add(self.pool.bound, Ordering::AcqRel);
        Full(self.pool.clone())
    }

    /// Does `meanwhile`, which must not hash, while `work` waits for its turn to hash.
    pub(crate) async fn hold_up<T>(
        &self,
        work: impl Future<Output = T>,
        meanwhile: impl Future<Output = ()>,
    ) -> T {
        let all = u32::try_from(self.pool.workers).expect("few");
        let held = self.pool.slots.clone().acquire_many_owned(all).await;
        let held = held.expect("slots");
        let meanwhile = async move {
            while self.pool.taken.load(Ordering::Acquire) == 0 {
                tokio::task::yield_now().await;
            }
            meanwhile.await;
            drop(held);
        };
        let both = async { tokio::join!(work, meanwhile).0 };
        let done = tokio::time::timeout(std::time::Duration::from_mins(1), both).await;
        done.expect("it hashes, and goes on")
    }
}

fn busy() -> Error {
    Error::new(
        Kind::Busy { retry_after: 2 },
        "登录请求过多，请稍后再试",
        "Too many sign-ins at once. Please try again shortly",
    )
}

impl Pool {
    fn compute(
        &self,
        digest: &str,
        salt: &[u8],
        cost: Cost,
        pepper: &Pepper,
    ) -> Result<Zeroizing<[u8; OUTPUT]>> {
        let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(OUTPUT))
            .map_err(|e| Error::internal(e.to_string()))?;
        let blocks = params.block_count();
        let argon2 = Argon2::new_with_secret(
            pepper.0.as_slice(),
            Algorithm::Argon2id,
            Version::V0x13,
            params,
        )
        .map_err(|e| Error::internal(e.to_string()))?;
        self.used.store(true, Ordering::Release);
        let free = self.memory.lock().ok().and_then(|mut free| free.pop());
        let mut memory = free.unwrap_or_default();
        memory.resize(blocks, Block::new());
        let mut output = Zeroizing::new([0; OUTPUT]);
        let done = argon2.hash_password_into_with_memory(
            digest.as_bytes(),
            salt,
            output.as_mut_slice(),
            memory.as_mut_slice(),
        );
        // What the last block held would give the hash away to whoever reads the memory later.
        if let Some(last) = memory.last_mut() {
            *last = Block::new();
        }
        if let Ok(mut free) = self.memory.lock() {
            free.push(memory);
        }
        done.map_err(|e| Error::internal(e.to_string()))?;
        Ok(output)
    }
}

/// Whether `password` may be chosen: long enough, not too long, and hard to guess, also for
/// somebody who knows `words` (the user's names). Separators, repeated words and digits or
/// punctuation put around a word make it no harder.
///
/// # Errors
/// [`Kind::Invalid`] on `field`.
pub fn check_new(field: &'static str, password: &str, min: usize, words: &[&str]) -> Result<()> {
    validate::password(field, password, min)?;
    let words: Vec<String> = words
        .iter()
        .chain(PRODUCT.iter())
        .flat_map(|word| [word.to_lowercase(), letters_and_digits(word)])
        .filter(|word| word.chars().count() >= 3)
        .collect();
    let known: Vec<&str> = words.iter().map(String::as_str).collect();
    let guessable = |text: &str, least: u8| u8::from(zxcvbn::zxcvbn(text, &known).score()) < least;
    let plain = letters_and_digits(password);
    let bare = without_ornament(password);
    // Of a text that is mostly ornament the rest says nothing.
    let mostly_bare = bare.chars().count() * 2 >= plain.chars().count();
    let weak = known.contains(&password.to_lowercase().as_str())
        || is_names(&plain, &known)
        || guessable(password, 2)
        || guessable(&plain, 2)
        || guessable(&said_once(password), 2)
        || (mostly_bare && guessable(&bare, 1));
    if weak {
        return Err(too_easy(field));
    }
    Ok(())
}

/// What the product is called.
const PRODUCT: [&str; 2] = ["menshen", "门神"];

/// `text` in lower case without spaces and punctuation.
fn letters_and_digits(text: &str) -> String {
    let lower = text.to_lowercase();
    lower.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The words of `text` one after the other, each one once. Signs that stand for letters (`@`, `$`)
/// stay.
fn said_once(text: &str) -> String {
    let lower = text.to_lowercase();
    let separates = |c: char| c.is_whitespace() || "-_.,;:/\\|+~*&#=!?'\"()[]{}<>".contains(c);
    each_once(lower.split(separates))
}

/// The words of `text` one after the other, each one once, without the digits before and after
/// each.
fn without_ornament(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    each_once(words.map(|word| word.trim_matches(|c: char| c.is_ascii_digit())))
}

fn each_once<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for word in words.filter(|word| !word.is_empty()) {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    seen.concat()
}

/// Whether `plain` is made of `names` and hardly anything else: a few more characters, or digits
/// as many as a date has.
fn is_names(plain: &str, names: &[&str]) -> bool {
    let mut rest = plain.to_owned();
    for name in names {
        rest = rest.replace(name, "");
    }
    let left = rest.chars().count();
    let date = left <= 8 && rest.chars().all(|c| c.is_ascii_digit());
    rest.len() < plain.len() && (left < 5 || date)
}

/// Whether the password of which only the SHA-256 is known may be chosen. Its length can't be
/// seen; that it is one of the commonest passwords, or one of `words`, or such a one said twice or
/// three times, can.
///
/// # Errors
/// [`Kind::Invalid`] on `field`.
pub fn check_new_digest(field: &'static str, sent: &str, words: &[&str]) -> Result<()> {
    let sent = sent.to_ascii_lowercase();
    let is = |word: &str| {
        let lower = word.to_lowercase();
        let spellings = [word, lower.as_str()];
        let mut texts = spellings.into_iter().flat_map(said_again);
        texts.any(|text| *digest(&text) == sent)
    };
    let mut words = words.iter().copied().chain(PRODUCT).chain(COMMONEST);
    if *digest("") == sent || words.any(is) {
        return Err(too_easy(field));
    }
    Ok(())
}

/// `word` once, twice and three times, with what people put between.
fn said_again(word: &str) -> Vec<String> {
    let mut all = vec![word.to_owned()];
    for between in ["", " ", "-", "_", "."] {
        all.extend([2, 3].map(|times| vec![word; times].join(between)));
    }
    all
}

/// The passwords that are met most often.
const COMMONEST: [&str; 64] = [
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "12345",
    "1234",
    "123",
    "111111",
    "11111111",
    "000000",
    "00000000",
    "123123",
    "123123123",
    "112233",
    "121212",
    "666666",
    "66666666",
    "888888",
    "88888888",
    "987654321",
    "654321",
    "123321",
    "5201314",
    "147258369",
    "a123456",
    "a12345678",
    "a123456789",
    "123456a",
    "123456abc",
    "abc123",
    "abc123456",
    "abcd1234",
    "aa123456",
    "aa123456789",
    "qwerty",
    "qwerty123",
    "qwertyuiop",
    "qwe123",
    "qwer1234",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "1qaz@WSX",
    "zxcvbnm",
    "asdfghjkl",
    "password",
    "password1",
    "password123",
    "Password1",
    "Password123",
    "P@ssw0rd",
    "Passw0rd",
    "passw0rd",
    "admin",
    "admin123",
    "admin888",
    "Admin@123",
    "root",
    "test",
    "test123",
    "iloveyou",
    "woaini1314",
    "woaini520",
];

fn too_easy(field: &'static str) -> Error {
    Error::fields(vec![FieldError {
        field: field.into(),
        text: Text::fixed(
            "太容易猜到：避免常见密码、连续或重复的字符，以及姓名和产品名",
            "is too easy to guess: avoid common passwords, runs and repeats, and names",
        ),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MasterKey;
    use crate::clock::SystemRandom;

    fn hasher(settings: &Password) -> Hasher {
        let random = Arc::new(SystemRandom::new());
        let secrets = Secrets::new(&MasterKey::generate(random.as_ref()), random.clone());
        Hasher::new(settings, &secrets, random)
    }

    fn cheap() -> Password {
        Password {
            memory_kib: 64,
            ..Password::default()
        }
    }

    #[tokio::test]
    async fn the_right_password_alone_verifies() {
        let h = hasher(&cheap());
        let phc = h.hash(digest("correct horse")).await.expect("hash");
        assert!(phc.starts_with("$argon2id$v=19$m=64,t=2,p=1$"));
        assert_eq!(
            h.verify(digest("correct horse"), Some(&phc))
                .await
                .expect("verify"),
            Verdict::Right
        );
        for (password, phc) in [
            ("Correct horse", Some(phc.as_str())),
            ("x", None),
            ("x", Some("junk")),
        ] {
            assert_eq!(
                h.verify(digest(password), phc).await.expect("verify"),
                Verdict::Wrong
            );
        }
    }

    #[tokio::test]
    async fn another_pepper_makes_another_hash() {
        let (a, b) = (hasher(&cheap()), hasher(&cheap()));
        let phc = a.hash(digest("correct horse")).await.expect("hash");
        assert_eq!(
            b.verify(digest("correct horse"), Some(&phc))
                .await
                .expect("verify"),
            Verdict::Wrong
        );
    }

    #[tokio::test]
    async fn old_parameters_are_noticed() {
        let mut h = hasher(&cheap());
        let phc = h.hash(digest("correct horse")).await.expect("hash");
        h.cost.memory = 128;
        assert_eq!(
            h.verify(digest("correct horse"), Some(&phc))
                .await
                .expect("verify"),
            Verdict::RightButOld
        );
    }

    #[tokio::test]
    async fn past_the_queue_it_is_busy() {
        let h = hasher(&Password {
            workers: 1,
            queue: 0,
            ..cheap()
        });
        let held = h.pool.slots.acquire().await.expect("slot");
        let mut first = Box::pin(h.hash(digest("a")));
        assert!(
            futures_poll_once(&mut first).await.is_none(),
            "waits for the slot"
        );
        let second = h.hash(digest("b")).await.expect_err("queue is full");
        assert!(matches!(second.kind, Kind::Busy { .. }));
        drop(held);
        first.await.expect("goes on");
        h.hash(digest("c")).await.expect("places are given back");
    }

    async fn futures_poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        std::future::poll_fn(|cx| {
            std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(cx) {
                std::task::Poll::Ready(out) => Some(out),
                std::task::Poll::Pending => None,
            })
        })
        .await
    }

    #[test]
    fn a_sha256_is_taken_for_the_password_and_nothing_else_is() {
        let hex = digest("correct horse");
        assert_eq!(*digest_or_sent("correct horse"), *hex);
        assert_eq!(*digest_or_sent(&hex), *hex);
        assert_eq!(*digest_or_sent(&hex.to_uppercase()), *hex);
        for other in [&hex[..63], &hex.replace('a', "g"), &format!("{}0", *hex)] {
            assert_eq!(*digest_or_sent(other), *digest(other));
        }
    }

    #[test]
    fn req5_common_passwords_are_known_by_their_sha256_too() {
        let check = |p: &str| check_new_digest("Password", &digest(p), &["Lin.Wei"]);
        for bad in [
            "",
            "123456",
            "password123",
            "lin.wei",
            "Lin.Wei",
            "menshen",
            "123456 123456 123456",
            "password-password",
            "lin.wei lin.wei",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
        check("correct horse battery").expect("good");
    }

    #[test]
    fn common_and_personal_passwords_are_refused() {
        let check = |p: &str| check_new("newPassword", p, 12, &["lin.wei", "林薇"]);
        for bad in [
            "short",
            "password1234",
            "aaaaaaaaaaaaaa",
            "123456789012",
            "menshen",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
        for good in [
            "correct horse battery",
            "T7#qmw-Zp29x!",
            "长长的一句口令其实最好记",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn separators_repeats_and_ornament_make_a_word_no_harder() {
        let check = |p: &str| check_new("newPassword", p, 12, &["lin.wei", "林薇薇"]);
        for bad in [
            "123456 123456 123456",
            "password password",
            "Password-Password-1!",
            "P@ssw0rd P@ssw0rd",
            "qwerty qwerty qwerty",
            "letmein letmein",
            "menshen menshen",
            "Menshen-2026!!",
            "Menshen_19901231",
            "!!menshen!!2026!!",
            "lin.wei lin.wei",
            "linwei linwei",
            "Lin.Wei-Lin.Wei!",
            "linwei1linwei2",
            "lin.wei@menshen",
            "林薇薇林薇薇 2026-2026",
            "iloveyou20262027",
            "1111 1111 1111 1111",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
        for good in [
            "a gate with two gods",
            "quiet river seven",
            "staple of batteries",
            "staple battery correct",
            "another long enough one",
            "82947-10385-66120-49",
            "k4829571039458",
            "river-8392-stone-1754",
            "x7Kq-93mP-zz81-Lq4w",
            "menshen guards the quiet river",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
    }
}
