//! `DELETE /user/{uid}/otp`: taking away a second factor that its user has lost.

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
        "/user/{uid}/otp",
        Access::Permission(catalogue::USER_RESET),
        Text::fixed("重置用户的两步验证", "Reset a user's second factor"),
        handle,
    )
    .tag("Menshen")
    .id("uid")
    .gives::<view::Answer<()>>(200, "It is off; the user's sessions have ended")
    .fails(
        403,
        "The permission is missing, or the user holds more than the caller",
    )
    .fails(404, "No such user, or one without a second factor")
    .fails(409, "One's own is turned off with DELETE /auth/otp")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
) -> Result<Response, ApiError> {
    api.services
        .second_factor
        .reset(&caller, UserId(id))
        .await?;
    Ok(view::ok(&context, &view::DELETED, ()))
}
