//! The browser's session: tower-sessions over our own `session` table, so that a browser's login
//! and an API client's login are rows of one table.
//!
//! The row is made at sign-in by the services; the cookie is tied to it here, by its SHA-256.
//! Before a sign-in there is no session and so no cookie.

use crate::Api;
use axum::http::{HeaderMap, header};
use menshen_domain::SessionId;
use menshen_services::Services;
use menshen_services::secrets::sha256;
use std::collections::HashMap;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};

/// The name under which the browser's session keeps the id of its row.
pub const SID: &str = "sid";
const COOKIE: &str = "menshen_session";
/// Over TLS: the prefix lets no other host or path set it.
const SECURE_COOKIE: &str = "__Host-menshen_session";

/// The store over the `session` table.
#[derive(Debug, Clone)]
pub struct Store(Services);

fn hash(id: Id) -> [u8; 32] {
    sha256(id.to_string().as_bytes())
}

impl Store {
    async fn keep(&self, record: &Record) -> Result<()> {
        let Some(sid) = record.data.get(SID).and_then(|v| v.as_str()) else {
            return Ok(());
        };
        let data = serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?;
        self.0
            .sessions
            .set_cookie(&SessionId(sid.to_owned()), &hash(record.id), &data)
            .await
            .map_err(|e| Error::Backend(e.to_string()))
    }
}

#[async_trait::async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.keep(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.keep(record).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = self
            .0
            .sessions
            .cookie_data(&hash(*id))
            .await
            .map_err(|e| Error::Backend(e.to_string()))?;
        let Some((data, expires_at)) = found else {
            return Ok(None);
        };
        let data: HashMap<String, serde_json::Value> =
            serde_json::from_str(&data).map_err(|e| Error::Decode(e.to_string()))?;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp(expires_at.seconds())
            .map_err(|e| Error::Decode(e.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.0
            .sessions
            .drop_cookie(&hash(*id))
            .await
            .map_err(|e| Error::Backend(e.to_string()))
    }
}

pub(crate) fn layer(api: &Api) -> SessionManagerLayer<Store> {
    let https = api.server.is_https();
    SessionManagerLayer::new(Store(api.services.clone()))
        .with_name(if https { SECURE_COOKIE } else { COOKIE })
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_secure(https)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd)
}

/// The SHA-256 of the browser's session cookie, by which its session is found.
pub(crate) fn cookie_hash(api: &Api, headers: &HeaderMap) -> Option<[u8; 32]> {
    let wanted = if api.server.is_https() {
        SECURE_COOKIE
    } else {
        COOKIE
    };
    cookies(headers)
        .filter(|(name, _)| *name == wanted)
        .last()
        .and_then(|(_, value)| value.parse::<Id>().ok())
        .map(hash)
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.trim(), value.trim()))
}

/// Whether the request carries the browser's session cookie.
pub(crate) fn has_cookie(headers: &HeaderMap) -> bool {
    cookies(headers).any(|(name, _)| matches!(name, COOKIE | SECURE_COOKIE))
}
