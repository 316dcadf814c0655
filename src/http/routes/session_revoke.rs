//! `DELETE /session/{sid}`: ending somebody's session.

use super::auth_sessions::ENDED;
use crate::error::ApiError;
use crate::extract::{Sid, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::DELETE,
        "/session/{sid}",
        Access::Permission(catalogue::SESSION_REVOKE),
        Text::fixed("强制下线", "End somebody's session"),
        handle,
    )
    .tag("Menshen")
    .parameter("sid", "path", "string", true, "The session's id")
    .gives::<view::Answer<()>>(200, "It has ended, at once")
    .fails(
        403,
        "The permission is missing, or its owner holds more than the caller",
    )
    .fails(404, "There is none in sight with this id")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Sid(sid): Sid,
) -> Result<Response, ApiError> {
    api.services.sessions.revoke(&caller, &sid).await?;
    Ok(view::ok(&context, &ENDED, ()))
}
