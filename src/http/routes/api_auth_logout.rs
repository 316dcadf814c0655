//! `GET /api/auth/logout` (document D).

use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::layers::is_stranger;
use crate::{Access, Api, Endpoint, RequestContext};
use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, Method};
use menshen_domain::{Error, Text};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use tower_sessions::Session;

/// Document D's and E's answer to a logout.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SignedOut {
    /// The HTTP status.
    pub(super) code: u16,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/api/auth/logout",
        Access::Public,
        Text::fixed("注销", "Sign out"),
        handle,
    )
    .tag("D")
    .credentials(&[&[], &["bearer"], &["session"]])
    .gives::<SignedOut>(200, "The session has ended; also when there was none")
    .shows(json!({ "code": 200 }))
    .fails(403, "A page of another site sent it")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    caller: Result<SignedIn, ApiError>,
    Extension(browser): Extension<Session>,
    headers: HeaderMap,
) -> Result<Json<SignedOut>, ApiError> {
    // A link on another site must not sign a browser out.
    if is_stranger(&api, &headers, &context) {
        return Err(ApiError::foreign());
    }
    let Ok(SignedIn(caller)) = caller else {
        return Ok(Json(SignedOut { code: 200 }));
    };
    api.services.sessions.end(&caller).await?;
    if caller.is_browser() {
        browser.flush().await.map_err(Error::internal)?;
    }
    Ok(Json(SignedOut { code: 200 }))
}
