//! `GET /auth/refreshToken` (document A).

use super::auth_login::TokenResp;
use crate::error::ApiError;
use crate::layers::bearer;
use crate::{Access, Api, Endpoint, RequestContext};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use menshen_domain::{Error, Text};
use serde_json::json;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/auth/refreshToken",
        Access::Token,
        Text::fixed("刷新 token", "Exchange an access token for a new one"),
        handle,
    )
    .tag("A")
    .credentials(&[&["bearer"]])
    .gives::<TokenResp>(200, "The new access token")
    .shows(json!({
        "accessToken": "eyJ…", "accessExpire": 1_700_000_900, "refreshAfter": 1_700_000_450,
    }))
    .fails(
        401,
        "The token is not good, or expired more than 10 minutes ago",
    )
    .fails(403, "The client is another; the session was revoked")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    headers: HeaderMap,
) -> Result<Json<TokenResp>, ApiError> {
    let token = bearer(&headers).ok_or_else(Error::token)?;
    let access = api
        .services
        .sessions
        .exchange(&token, &context.client)
        .await?;
    Ok(Json(TokenResp::from(&access)))
}
