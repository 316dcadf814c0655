//! Keys from outside the database: one master key, and what is derived from it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use menshen_domain::{Error, Random, Result};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

const LENGTH: usize = 32;

/// What was sealed does not open: most likely with another master key.
#[derive(Debug, thiserror::Error)]
#[error("cannot open a sealed {0}: is it the right key file?")]
pub struct WrongKey(String);

/// The key from which all others are derived. It never enters the database.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; LENGTH]>);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey([redacted])")
    }
}

impl MasterKey {
    /// Reads a key from its base64 (32 bytes).
    ///
    /// # Errors
    /// When it is not 32 bytes of base64.
    pub fn from_base64(text: &str) -> Result<Self, String> {
        let bytes = Zeroizing::new(
            STANDARD
                .decode(text.trim())
                .map_err(|_| "the key is not base64".to_owned())?,
        );
        let bytes: [u8; LENGTH] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| format!("the key must have {LENGTH} bytes, written in base64"))?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// Makes a new key.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        random.fill(bytes.as_mut());
        Self(bytes)
    }

    /// Reads the key file at `path`, or makes it, readable by its owner alone (mode 0600).
    ///
    /// # Errors
    /// When the file can't be read or made, is open to others, or holds no key.
    pub fn from_file(path: &Path, random: &dyn Random) -> Result<Self, String> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                check_mode(path)?;
                Self::from_base64(&text).map_err(|e| format!("{}: {e}", path.display()))
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let key = Self::generate(random);
                key.write_new(path)
                    .map_err(|e| format!("cannot write {}: {e}", path.display()))?;
                Ok(key)
            }
            Err(e) => Err(format!("cannot read {}: {e}", path.display())),
        }
    }

    fn write_new(&self, path: &Path) -> std::io::Result<()> {
        use std::io::Write as _;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        let text = Zeroizing::new(STANDARD.encode(*self.0));
        writeln!(file, "{}", text.as_str())?;
        file.sync_all()
    }

    fn derive(&self, purpose: &str) -> Zeroizing<[u8; LENGTH]> {
        struct Length;
        impl KeyType for Length {
            fn len(&self) -> usize {
                LENGTH
            }
        }
        let mut out = Zeroizing::new([0; LENGTH]);
        let key = Salt::new(HKDF_SHA256, b"menshen").extract(self.0.as_slice());
        let filled = key
            .expand(&[purpose.as_bytes()], Length)
            .and_then(|okm| okm.fill(out.as_mut_slice()));
        assert!(filled.is_ok(), "HKDF gives 32 bytes for any purpose");
        out
    }
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path)
        .map_err(|e| format!("cannot read {}: {e}", path.display()))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(format!(
            "{0} can be read by others; run: chmod 600 {0}",
            path.display()
        ))
    }
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), String> {
    Ok(())
}

struct Keys {
    pepper: Zeroizing<[u8; LENGTH]>,
    seal: LessSafeKey,
    audit: hmac::Key,
    lookup: hmac::Key,
}

/// What the master key is good for: sealing secrets that must be read again, keying password
/// hashes, and signing audit entries.
#[derive(Clone)]
pub struct Secrets {
    keys: Arc<Keys>,
    random: Arc<dyn Random>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets([redacted])")
    }
}

impl Secrets {
    /// Derives every key (HKDF-SHA-256, RFC 5869).
    #[must_use]
    pub fn new(master: &MasterKey, random: Arc<dyn Random>) -> Self {
        let sealing = UnboundKey::new(&AES_256_GCM, master.derive("seal v1").as_slice());
        let Ok(sealing) = sealing else {
            unreachable!("AES-256 takes 32 bytes")
        };
        let keys = Keys {
            pepper: master.derive("password pepper v1"),
            seal: LessSafeKey::new(sealing),
            audit: hmac::Key::new(hmac::HMAC_SHA256, master.derive("audit v1").as_slice()),
            lookup: hmac::Key::new(hmac::HMAC_SHA256, master.derive("lookup v1").as_slice()),
        };
        Self {
            keys: Arc::new(keys),
            random,
        }
    }

    /// Argon2's secret input.
    pub(crate) fn pepper(&self) -> Zeroizing<[u8; LENGTH]> {
        self.keys.pepper.clone()
    }

    /// Encrypts `plain` for keeping (AES-256-GCM with a random nonce). `purpose` must be the same
    /// at [`Secrets::open`]: what was sealed for one use is no good for another.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::Internal`] when the cipher fails.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce);
        let mut sealed = plain.to_vec();
        self.keys
            .seal
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(purpose.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| Error::internal("sealing failed"))?;
        let mut out = nonce.to_vec();
        out.append(&mut sealed);
        Ok(out)
    }

    /// Decrypts what [`Secrets::seal`] made.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::Internal`] when it was changed, or sealed with another key or for
    /// another purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let wrong = || Error::internal(WrongKey(purpose.to_owned()));
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut buffer = Zeroizing::new(rest.to_vec());
        let length = self
            .keys
            .seal
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut buffer)
            .map_err(|_| wrong())?
            .len();
        buffer.truncate(length);
        Ok(buffer)
    }

    /// A keyed hash of something short that is only ever compared: whoever reads the database
    /// can't try all values. What was hashed for one `purpose` matches nothing of another.
    pub(crate) fn keyed_hash(&self, purpose: &str, value: &str) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.keys.lookup);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(value.as_bytes());
        context.sign().as_ref().to_vec()
    }

    /// The HMAC of an audit entry.
    pub(crate) fn audit_mac(&self, entry: &[u8]) -> Vec<u8> {
        hmac::sign(&self.keys.audit, entry).as_ref().to_vec()
    }
}

/// SHA-256, for tokens that are random enough to need nothing slower.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemRandom;

    fn secrets() -> Secrets {
        let random = Arc::new(SystemRandom::new());
        Secrets::new(&MasterKey::generate(random.as_ref()), random)
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_and_purpose_alone() {
        let (a, b) = (secrets(), secrets());
        let sealed = a.seal("x", b"secret").expect("seal");
        assert!(!sealed.windows(6).any(|w| w == b"secret"));
        assert_eq!(a.open("x", &sealed).expect("open").as_slice(), b"secret");
        assert!(a.open("y", &sealed).is_err());
        assert!(b.open("x", &sealed).is_err());
        for i in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[i] ^= 1;
            assert!(a.open("x", &changed).is_err(), "byte {i}");
        }
        assert!(a.open("x", b"short").is_err());
    }

    #[test]
    fn a_keyed_hash_goes_by_key_purpose_and_value() {
        let (a, b) = (secrets(), secrets());
        let hash = a.keyed_hash("x", "1234");
        assert_eq!(hash.len(), 32);
        assert_eq!(hash, a.keyed_hash("x", "1234"));
        for other in [
            a.keyed_hash("x", "1235"),
            a.keyed_hash("y", "1234"),
            a.keyed_hash("x1", "234"),
            b.keyed_hash("x", "1234"),
        ] {
            assert_ne!(hash, other);
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_key_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let random = SystemRandom::new();
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("menshen.key");
        let made = MasterKey::from_file(&path, &random).expect("make");
        let mode = std::fs::metadata(&path).expect("file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let read = MasterKey::from_file(&path, &random).expect("read");
        assert_eq!(*made.0, *read.0);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("chmod");
        assert!(MasterKey::from_file(&path, &random).is_err());
    }
}
