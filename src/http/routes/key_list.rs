//! `GET /key/list`: the keys that sign access tokens, without what signs.

use crate::error::ApiError;
use crate::view::{self, Times};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::setting::KeyInfo;
use menshen_domain::{Text, catalogue};
use schemars::JsonSchema;
use serde::Serialize;

/// A signing key.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyView {
    /// Its name in token headers and in the JWKS.
    kid: String,
    /// `EdDSA`, `ES256` or `RS256`.
    algorithm: String,
    /// `next` (published, does not sign yet), `signing`, or `retired` (its tokens are accepted).
    state: &'static str,
    /// When it was made.
    create_time: String,
    /// From when on it signs.
    active_time: String,
    /// Until when its tokens are accepted; empty while it is not followed.
    expire_time: String,
}

pub(super) fn key(api: &Api, key: KeyInfo) -> KeyView {
    let times = Times(&api.zone);
    KeyView {
        kid: key.kid,
        algorithm: key.algorithm,
        state: key.state.code(),
        create_time: times.plain(key.created_at),
        active_time: times.plain(key.active_at),
        expire_time: key.expires_at.map(|t| times.plain(t)).unwrap_or_default(),
    }
}

/// The signing keys.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct KeyListView {
    /// How many there are.
    total: usize,
    /// The newest first.
    list: Vec<KeyView>,
    /// When the next one is made by itself.
    rotate_time: String,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/key/list",
        Access::Permission(catalogue::SETTING_QUERY),
        Text::fixed("签名密钥列表", "List signing keys"),
        handle,
    )
    .tag("Menshen")
    .gives::<view::Answer<KeyListView>>(200, "Those whose tokens are accepted, and the next one")
}

async fn handle(State(api): State<Api>, context: RequestContext) -> Result<Response, ApiError> {
    let ring = api.services.tokens.ring().await?;
    let list = KeyListView {
        total: ring.keys.len(),
        list: ring.keys.into_iter().map(|k| key(&api, k)).collect(),
        rotate_time: Times(&api.zone).plain(ring.rotates_at),
    };
    Ok(view::ok(&context, &view::QUERIED, list))
}
