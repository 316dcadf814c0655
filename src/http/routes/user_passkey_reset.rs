//! `DELETE /user/{uid}/passkey`: taking away the passkeys of somebody who has lost them.

use crate::error::ApiError;
use crate::extract::{Id, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, UserId, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::DELETE,
        "/user/{uid}/passkey",
        Access::Permission(catalogue::USER_RESET),
        Text::fixed("清除用户的通行密钥", "Take a user's passkeys away"),
        handle,
    )
    .tag("Menshen")
    .id("uid")
    .gives::<view::Answer<()>>(
        200,
        "There are none any more; the user's sessions have ended",
    )
    .fails(
        403,
        "The permission is missing, or the user holds more than the caller",
    )
    .fails(404, "No such user, or one without a passkey")
    .fails(
        409,
        "One's own are taken away with DELETE /auth/passkey/{id}",
    )
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
) -> Result<Response, ApiError> {
    api.services.passkeys.reset(&caller, UserId(id)).await?;
    Ok(view::ok(&context, &view::DELETED, ()))
}
