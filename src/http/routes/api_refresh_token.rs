//! `GET /api/refresh_token` (document E): as document A's.

use super::api_login::ExpiringToken;
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
        "/api/refresh_token",
        Access::Token,
        Text::fixed("刷新token", "Exchange an access token for a new one"),
        handle,
    )
    .tag("E")
    .credentials(&[&["bearer"]])
    .gives::<ExpiringToken>(200, "The new access token")
    .shows(json!({ "code": 200, "expire": "2022-01-08T16:06:09+08:00", "token": "eyJ…" }))
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
) -> Result<Json<ExpiringToken>, ApiError> {
    let token = bearer(&headers).ok_or_else(Error::token)?;
    let access = api
        .services
        .sessions
        .exchange(&token, &context.client)
        .await?;
    Ok(Json(ExpiringToken::new(&api, &access)))
}
