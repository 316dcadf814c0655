//! `GET /test` (document C): whether the token opens anything.

use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::layers::bearer;
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use menshen_domain::Text;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/test",
        Access::Token,
        Text::fixed("测试", "Test a token"),
        handle,
    )
    .empty(204, "The token is good")
    .fails(401, "There is none, or it is not good")
    .fails(
        403,
        "It is good, but the user is disabled or must change the password",
    )
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    caller: Result<SignedIn, ApiError>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    match bearer(&headers) {
        Some(token) => {
            api.services.access.test(&token, context.client).await?;
        }
        None => caller?.0.require_usable()?,
    }
    Ok(StatusCode::NO_CONTENT)
}
