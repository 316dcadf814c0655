//! `GET /.well-known/jwks.json`: the public keys (RFC 7517, section 5).

use crate::error::ApiError;
use crate::{Access, Api, Endpoint};
use axum::Json;
use axum::extract::State;
use axum::http::{Method, header};
use axum::response::{IntoResponse as _, Response};
use menshen_domain::Text;
use schemars::JsonSchema;
use serde::Serialize;

/// A JWK set. What a key holds depends on its `kty`.
#[derive(Debug, Serialize, JsonSchema)]
struct JwkSet {
    keys: Vec<serde_json::Map<String, serde_json::Value>>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/.well-known/jwks.json",
        Access::Public,
        Text::fixed("验证令牌的公钥", "The public keys that verify tokens"),
        handle,
    )
    .tag("Menshen")
    .gives::<JwkSet>(200, "A JWK set")
}

async fn handle(State(api): State<Api>) -> Result<Response, ApiError> {
    let keys = api.services.tokens.public_keys().await?;
    Ok(([(header::CACHE_CONTROL, "public, max-age=300")], Json(keys)).into_response())
}
