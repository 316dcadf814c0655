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
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};

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

/// The row that the browser's session belongs to, if any.
pub(crate) async fn session_id(session: Option<&Session>) -> Option<SessionId> {
    let sid: Option<String> = session?.get(SID).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "a browser's session could not be read");
        None
    });
    sid.map(SessionId)
}

/// Whether the request carries the browser's session cookie.
pub(crate) fn has_cookie(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .any(|(name, _)| matches!(name.trim(), COOKIE | SECURE_COOKIE))
}
