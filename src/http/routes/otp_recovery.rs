//! `POST /auth/otp/recovery`: new recovery codes.

use super::otp_confirm::RecoveryCodes;
use super::otp_disable::ConsentReq;
use crate::error::ApiError;
use crate::extract::{Body, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::Text;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/auth/otp/recovery",
        Access::SignedIn,
        Text::fixed("重新生成恢复码", "Make new recovery codes"),
        handle,
    )
    .tag("Menshen")
    .takes::<ConsentReq>()
    .gives::<view::Answer<RecoveryCodes>>(200, "New codes, shown this once; the old ones are void")
    .fails(400, "The password is wrong")
    .fails(401, "The access token is not good")
    .fails(404, "The second factor is not turned on")
    .fails(429, "Too many tries")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Body(request): Body<ConsentReq>,
) -> Result<Response, ApiError> {
    let recovery_codes = api
        .services
        .second_factor
        .renew_recovery_codes(&caller, &request.into())
        .await?;
    Ok(view::ok(
        &context,
        &view::CHANGED,
        RecoveryCodes { recovery_codes },
    ))
}
