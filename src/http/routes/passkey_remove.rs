//! `DELETE /auth/passkey/{id}`: taking one of one's own passkeys away.

use super::otp_disable::ConsentReq;
use crate::error::ApiError;
use crate::extract::{Body, Id, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{PasskeyId, Text};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::DELETE,
        "/auth/passkey/{id}",
        Access::SignedIn,
        Text::fixed("删除自己的通行密钥", "Take one of one's own passkeys away"),
        handle,
    )
    .tag("Menshen")
    .id("id")
    .takes::<ConsentReq>()
    .gives::<view::Answer<()>>(200, "It opens nothing any more")
    .fails(
        400,
        "The password is wrong, or passkeys are not set up here",
    )
    .fails(401, "The access token is not good")
    .fails(404, "There is none of one's own with this id")
    .fails(429, "Too many tries")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
    Body(request): Body<ConsentReq>,
) -> Result<Response, ApiError> {
    let passkeys = &api.services.passkeys;
    passkeys
        .remove(&caller, PasskeyId(id), &request.into())
        .await?;
    Ok(view::ok(&context, &view::DELETED, ()))
}
