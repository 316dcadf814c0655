//! `GET /api/logout` (document E).

use super::api_auth_logout::SignedOut;
use crate::error::ApiError;
use crate::layers::bearer;
use crate::{Access, Api, Endpoint, RequestContext};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use menshen_domain::Text;
use serde_json::json;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/api/logout",
        Access::Token,
        Text::fixed("注销", "Sign out"),
        handle,
    )
    .tag("E")
    .credentials(&[&["bearer"]])
    .gives::<SignedOut>(200, "The session has ended")
    .shows(json!({ "code": 200 }))
    .fails(401, "The access token is not good")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    headers: HeaderMap,
) -> Result<Json<SignedOut>, ApiError> {
    // By the access token alone: a link on another site must not sign a browser out.
    let access = bearer(&headers);
    api.services
        .sessions
        .end_by(access.as_deref(), None, &context.client)
        .await?;
    Ok(Json(SignedOut { code: 200 }))
}
