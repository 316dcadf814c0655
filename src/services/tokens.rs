//! Access tokens: JWTs (RFC 9068) signed with asymmetric keys that rotate.
//!
//! Keys are made when a node starts (`Tokens::prepare`) and when the newest has signed for long
//! enough ([`Tokens::rotate_if_due`]), and nowhere else: whatever only looks at them takes them as
//! they are. So nodes whose settings differ, as while an algorithm is being changed, do not make
//! keys in turn, each against the other.

mod ring;

use crate::core::Core;
use crate::secrets::sha256;
use crate::settings::Algorithm;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use menshen_domain::{Error, Result, SessionId, Timestamp, UserId};
use menshen_storage::{Event, Tx, keys};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

/// The header's `typ` (RFC 9068, 2.1).
const TYP: &str = "at+jwt";
/// How far the clocks of two nodes may be apart.
const CLOCK_SKEW: Duration = Duration::from_secs(10);
/// How long a new key is published before it signs, so that others have fetched it by then.
const OVERLAP: Duration = Duration::from_hours(1);
/// The longest that an access token is good, whatever the settings say.
const ACCESS_MAX: Duration = Duration::from_mins(15);
/// How long after its expiry an access token may still be exchanged (contract, document A).
pub const EXCHANGE_GRACE: Duration = Duration::from_mins(10);
/// How many verified tokens are remembered.
const REMEMBERED: u64 = 10_000;

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// Whose it is: the user's id as a string.
    pub sub: String,
    /// For whom it is.
    pub aud: String,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// Before when it is not good.
    pub nbf: i64,
    /// When it ends.
    pub exp: i64,
    /// Its id: the generation of the session's tokens it belongs to, `-`, and randomness.
    pub jti: String,
    /// The session.
    pub sid: String,
    /// The user's id as a number.
    pub uid: i64,
    /// The user's login name.
    pub username: String,
}

impl Claims {
    /// The generation of tokens that it was issued in.
    #[must_use]
    pub fn generation(&self) -> i64 {
        self.jti
            .split_once('-')
            .and_then(|(generation, _)| generation.parse().ok())
            .unwrap_or(0)
    }

    /// The session.
    #[must_use]
    pub fn session_id(&self) -> SessionId {
        SessionId(self.sid.clone())
    }
}

/// A signed access token.
#[derive(Clone)]
pub struct AccessToken {
    /// The JWT.
    pub token: String,
    /// What it says.
    pub claims: Claims,
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessToken")
            .field("claims", &self.claims)
            .finish_non_exhaustive()
    }
}

struct Key {
    kid: String,
    algorithm: jsonwebtoken::Algorithm,
    active_at: Timestamp,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    signing: EncodingKey,
    verifying: DecodingKey,
    jwk: Value,
}

#[derive(Default)]
struct KeySet(Vec<Key>);

impl KeySet {
    /// The keys whose tokens are accepted: some may have expired since they were loaded.
    fn accepted(&self, now: Timestamp) -> impl Iterator<Item = &Key> {
        let good = move |k: &&Key| k.expires_at.is_none_or(|end| end > now);
        self.0.iter().filter(good)
    }

    fn find(&self, kid: &str, now: Timestamp) -> Option<&Key> {
        self.accepted(now).find(|k| k.kid == kid)
    }

    /// The newest key that signs already.
    fn signing(&self, now: Timestamp) -> Option<&Key> {
        self.0.iter().find(|k| k.active_at <= now)
    }
}

struct Inner {
    core: Arc<Core>,
    keys: RwLock<Arc<KeySet>>,
    stale: Arc<AtomicBool>,
    /// Counts changes of the keys, so that a token that was looked at with the old ones is not
    /// remembered.
    epoch: Arc<AtomicU64>,
    last_load: RwLock<Timestamp>,
    /// One load at a time: an older one must not overwrite what a newer one has found.
    loading: tokio::sync::Mutex<()>,
    verified: moka::sync::Cache<[u8; 32], Arc<Claims>>,
}

/// Signs and verifies access tokens. Cheap to clone.
#[derive(Clone)]
pub struct Tokens(Arc<Inner>);

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

impl Tokens {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let stale = Arc::new(AtomicBool::new(true));
        let epoch = Arc::new(AtomicU64::new(0));
        let verified = moka::sync::Cache::new(REMEMBERED);
        let (flag, count, cache) = (stale.clone(), epoch.clone(), verified.clone());
        core.db.subscribe(move |event| {
            if matches!(event, Event::Keys | Event::Unknown) {
                flag.store(true, Ordering::Release);
                count.fetch_add(1, Ordering::AcqRel);
                // A key may be gone: what it signed is looked at again.
                cache.invalidate_all();
            }
        });
        Self(Arc::new(Inner {
            core,
            keys: RwLock::default(),
            stale,
            epoch,
            last_load: RwLock::default(),
            loading: tokio::sync::Mutex::default(),
            verified,
        }))
    }

    /// Signs an access token for a session's generation, good until `session_end` at the latest.
    ///
    /// # Errors
    /// When there is no key to sign with.
    pub async fn issue(
        &self,
        user: UserId,
        username: &str,
        session: &SessionId,
        generation: i64,
        session_end: Timestamp,
    ) -> Result<AccessToken> {
        let core = &self.0.core;
        let now = core.now();
        let settings = core.settings();
        let settings = &settings.token;
        let claims = Claims {
            iss: settings.issuer.clone(),
            sub: user.to_string(),
            aud: settings.audience.clone(),
            iat: now.seconds(),
            nbf: now.seconds(),
            exp: (now + settings.access()).min(session_end).seconds(),
            jti: format!("{generation}-{}", core.random_text::<16>()),
            sid: session.0.clone(),
            uid: user.0,
            username: username.to_owned(),
        };
        // Whichever key signs now, of those at hand: a transaction is open here, and whoever waits
        // for a second connection while holding one may wait for good. See `warm`.
        let mut keys = self.current();
        if keys.signing(now).is_none() {
            keys = self.keys().await?;
        }
        let key = keys.signing(now).ok_or_else(no_key)?;
        let mut header = Header::new(key.algorithm);
        header.typ = Some(TYP.to_owned());
        header.kid = Some(key.kid.clone());
        let token =
            jsonwebtoken::encode(&header, &claims, &key.signing).map_err(Error::internal)?;
        Ok(AccessToken { token, claims })
    }

    /// Verifies a token's signature and all its claims but those that the session answers for.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::Token`] for anything but a token of ours in its time.
    pub async fn verify(&self, token: &str) -> Result<Arc<Claims>> {
        self.verify_within(token, Duration::ZERO).await
    }

    /// Like [`Tokens::verify`], but takes a token that expired less than `grace` ago.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::Token`].
    pub async fn verify_within(&self, token: &str, grace: Duration) -> Result<Arc<Claims>> {
        let now = self.0.core.now();
        let remembered = sha256(token.as_bytes());
        let hearing = self.0.core.db.hears_changes();
        let claims = match self.0.verified.get(&remembered).filter(|_| hearing) {
            Some(claims) => claims,
            None => {
                if !hearing {
                    self.0.stale.store(true, Ordering::Release);
                }
                let epoch = self.0.epoch.load(Ordering::Acquire);
                let claims = Arc::new(self.check(token).await?);
                self.0.verified.insert(remembered, claims.clone());
                if self.0.epoch.load(Ordering::Acquire) != epoch {
                    self.0.verified.invalidate(&remembered);
                }
                claims
            }
        };
        let expired = now >= Timestamp::from_seconds(claims.exp) + grace;
        let early = now + CLOCK_SKEW < Timestamp::from_seconds(claims.nbf);
        if expired || early {
            return Err(Error::token());
        }
        Ok(claims)
    }

    /// Signature, algorithm, type, issuer and audience (RFC 8725, RFC 9068 section 4).
    async fn check(&self, token: &str) -> Result<Claims> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Error::token())?;
        let typed = header
            .typ
            .as_deref()
            .is_some_and(|t| t.eq_ignore_ascii_case(TYP));
        // A token that brings its own key, or the address of one, is never one of ours.
        let brings_key = header.jwk.is_some()
            || header.jku.is_some()
            || header.x5u.is_some()
            || header.x5c.is_some()
            || header.crit.is_some();
        let kid = header.kid.as_deref().unwrap_or_default();
        if !typed || brings_key || kid.is_empty() {
            return Err(Error::token());
        }
        let now = self.0.core.now();
        let mut keys = self.keys().await?;
        if keys.find(kid, now).is_none() {
            keys = self.reload_for_unknown().await?;
        }
        let key = keys.find(kid, now).ok_or_else(Error::token)?;
        let settings = self.0.core.settings();
        let settings = &settings.token;
        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[&settings.audience]);
        // Times are checked against the clock that everything else goes by.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        jsonwebtoken::decode::<Claims>(token, &key.verifying, &validation)
            .map(|data| data.claims)
            .map_err(|_| Error::token())
    }

    /// The public keys as a JWK set (RFC 7517, section 5).
    ///
    /// # Errors
    /// What the database says.
    pub async fn public_keys(&self) -> Result<Value> {
        let now = self.0.core.now();
        let keys = self.keys().await?;
        let list: Vec<&Value> = keys.accepted(now).map(|k| &k.jwk).collect();
        Ok(json!({ "keys": list }))
    }

    /// Reads the keys where what is at hand may be stale. Whoever will issue a token in a
    /// transaction calls it before the transaction begins.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn warm(&self) -> Result<()> {
        self.keys().await.map(drop)
    }

    /// Whether there is a key to sign with.
    ///
    /// # Errors
    /// When there is none; what the database says.
    pub(crate) async fn can_sign(&self) -> Result<()> {
        let keys = self.keys().await?;
        match keys.signing(self.0.core.now()) {
            Some(_) => Ok(()),
            None => Err(no_key()),
        }
    }

    async fn keys(&self) -> Result<Arc<KeySet>> {
        if self.0.stale.swap(false, Ordering::AcqRel)
            && let Err(error) = self.load().await
        {
            self.0.stale.store(true, Ordering::Release);
            return Err(error);
        }
        Ok(self.current())
    }

    /// Makes a key that signs at once, unless the one that does is of the settings' algorithm.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn prepare(&self) -> Result<()> {
        let keys = self.keys().await?;
        let wanted = self.0.core.settings().token.algorithm;
        let signing = keys.signing(self.0.core.now());
        if signing.is_some_and(|k| k.algorithm == jwt(wanted)) {
            return Ok(());
        }
        self.add_key(Duration::ZERO, wanted).await?;
        self.load().await
    }

    fn current(&self) -> Arc<KeySet> {
        self.0.keys.read().map(|k| k.clone()).unwrap_or_default()
    }

    /// A `kid` that is not known may be of a key that another node just made; forged ones must
    /// not cost a database read each.
    async fn reload_for_unknown(&self) -> Result<Arc<KeySet>> {
        let now = self.0.core.now();
        let last = self.0.last_load.read().map(|t| *t).unwrap_or_default();
        if now.since(last) >= Duration::from_secs(5) {
            self.load().await?;
        }
        Ok(self.current())
    }

    async fn load(&self) -> Result<()> {
        let core = &self.0.core;
        let _alone = self.0.loading.lock().await;
        let now = core.now();
        let rows = keys::all(&mut *core.db.read().await?, now).await?;
        let loaded: Result<Vec<Key>> = rows.iter().map(|row| open(core, row)).collect();
        let loaded = loaded?;
        if let Ok(mut keys) = self.0.keys.write() {
            *keys = Arc::new(KeySet(loaded));
        }
        if let Ok(mut last) = self.0.last_load.write() {
            *last = now;
        }
        // What was signed by a key that is gone must not be remembered as good, nor what is being
        // looked at with the old keys at this moment.
        self.0.epoch.fetch_add(1, Ordering::AcqRel);
        self.0.verified.invalidate_all();
        Ok(())
    }

    /// Makes a new key when the newest, of whatever algorithm, has signed for long enough.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rotate_if_due(&self) -> Result<()> {
        let core = &self.0.core;
        let now = core.now();
        let keys = self.keys().await?;
        let lifetime = Duration::from_hours(24 * core.settings().token.key_days.max(1));
        let newest = keys
            .0
            .iter()
            .map(|k| k.created_at)
            .max()
            .unwrap_or_default();
        if now.since(newest) >= lifetime {
            self.add_key(OVERLAP, core.settings().token.algorithm)
                .await?;
        }
        Ok(())
    }

    /// Makes a new key now; it signs after an hour, and the old ones are accepted until their
    /// last tokens have expired.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rotate(&self) -> Result<()> {
        self.add_key(OVERLAP, self.0.core.settings().token.algorithm)
            .await
    }

    async fn add_key(&self, overlap: Duration, algorithm: Algorithm) -> Result<()> {
        let core = &self.0.core;
        let mut tx = core.db.begin().await?;
        tx.serialise().await?;
        let now = core.now();
        // Another node may have been quicker.
        let name = algorithm.name();
        let due = now + overlap;
        let existing = keys::all(&mut tx, now).await?;
        let lifetime = Duration::from_hours(24 * core.settings().token.key_days.max(1));
        let made_already = match overlap {
            Duration::ZERO => existing
                .iter()
                .find(|k| k.active_at <= now.0)
                .is_some_and(|k| k.algorithm == name),
            _ => existing
                .iter()
                .any(|k| now.since(Timestamp(k.created_at)) < lifetime.min(OVERLAP)),
        };
        if made_already {
            return Ok(());
        }
        publish(core, &mut tx, algorithm, due).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn no_key() -> Error {
    Error::internal("no signing key")
}

/// Adds a key that signs from `due` on, and says until when the others' tokens are accepted: as
/// long as the longest-lived of them may be exchanged, however long tokens live by then.
async fn publish(
    core: &Core,
    tx: &mut Tx,
    algorithm: Algorithm,
    due: Timestamp,
) -> Result<keys::KeyRow> {
    let now = core.now();
    let row = generate(core, core.random_text::<12>(), algorithm, now, due)?;
    let end = due + ACCESS_MAX + EXCHANGE_GRACE + CLOCK_SKEW;
    keys::retire_others(tx, &row.kid, end).await?;
    keys::sweep(tx, now).await?;
    keys::insert(tx, &row).await?;
    tx.announce(Event::Keys);
    Ok(row)
}

fn jwt(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    match algorithm {
        Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
    }
}

/// A new private key, as PKCS #8 (RFC 5958).
fn new_private_key(algorithm: Algorithm) -> Result<Vec<u8>> {
    let failed = |_| Error::internal("key generation failed");
    let random = SystemRandom::new();
    match algorithm {
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate().map_err(failed)?;
            Ok(pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec())
        }
        Algorithm::Es256 => Ok(EcdsaKeyPair::generate_pkcs8(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &random,
        )
        .map_err(failed)?
        .as_ref()
        .to_vec()),
        Algorithm::Rs256 => {
            let pair = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048)
                .map_err(failed)?;
            let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
            Ok(der.as_ref().to_vec())
        }
    }
}

fn encoding_key(algorithm: jsonwebtoken::Algorithm, pkcs8: &[u8]) -> Result<EncodingKey> {
    let pem = zeroize::Zeroizing::new(format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(pkcs8)
    ));
    match algorithm {
        jsonwebtoken::Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
        jsonwebtoken::Algorithm::ES256 => EncodingKey::from_ec_pem(pem.as_bytes()),
        _ => EncodingKey::from_rsa_pem(pem.as_bytes()),
    }
    .map_err(Error::internal)
}

fn public_jwk(algorithm: Algorithm, kid: &str, pkcs8: &[u8]) -> Result<Value> {
    let mut jwk = match algorithm {
        Algorithm::EdDsa => {
            let pair =
                Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|e| Error::internal(e.to_string()))?;
            json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(pair.public_key()) })
        }
        other => {
            let key = encoding_key(jwt(other), pkcs8)?;
            let jwk = Jwk::from_encoding_key(&key, jwt(other)).map_err(Error::internal)?;
            serde_json::to_value(jwk).map_err(Error::internal)?
        }
    };
    jwk["kid"] = json!(kid);
    jwk["alg"] = json!(algorithm.name());
    jwk["use"] = json!("sig");
    Ok(jwk)
}

fn generate(
    core: &Core,
    kid: String,
    algorithm: Algorithm,
    now: Timestamp,
    active_at: Timestamp,
) -> Result<keys::KeyRow> {
    let pkcs8 = zeroize::Zeroizing::new(new_private_key(algorithm)?);
    Ok(keys::KeyRow {
        public_jwk: public_jwk(algorithm, &kid, &pkcs8)?.to_string(),
        private_sealed: core.secrets.seal(&purpose(&kid), &pkcs8)?,
        kid,
        algorithm: algorithm.name().to_owned(),
        created_at: now.0,
        active_at: active_at.0,
        expires_at: None,
    })
}

fn purpose(kid: &str) -> String {
    format!("signing key {kid}")
}

fn open(core: &Core, row: &keys::KeyRow) -> Result<Key> {
    let algorithm = match row.algorithm.as_str() {
        "EdDSA" => Algorithm::EdDsa,
        "ES256" => Algorithm::Es256,
        "RS256" => Algorithm::Rs256,
        other => return Err(Error::internal(format!("unknown algorithm {other}"))),
    };
    let pkcs8 = core.secrets.open(&purpose(&row.kid), &row.private_sealed)?;
    let jwk: Value = serde_json::from_str(&row.public_jwk).map_err(Error::internal)?;
    let parsed: Jwk = serde_json::from_value(jwk.clone()).map_err(Error::internal)?;
    Ok(Key {
        kid: row.kid.clone(),
        algorithm: jwt(algorithm),
        active_at: Timestamp(row.active_at),
        created_at: Timestamp(row.created_at),
        expires_at: row.expires_at.map(Timestamp),
        signing: encoding_key(jwt(algorithm), &pkcs8)?,
        verifying: DecodingKey::from_jwk(&parsed).map_err(Error::internal)?,
        jwk,
    })
}

#[cfg(test)]
mod tests;
