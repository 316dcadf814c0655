//! `POST /auth/otp`: the second half of a login.

use super::auth_login::{LoginResp, from_elsewhere, signed_in};
use crate::error::ApiError;
use crate::extract::Body;
use crate::{Access, Api, Endpoint, RequestContext, schema};
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use menshen_domain::error::Problems;
use menshen_domain::{Text, validate};
use schemars::JsonSchema;
use serde::Deserialize;

/// What finishes a login.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OtpReq {
    /// The ticket that the login was answered with.
    #[schemars(with = "schema::Ticket")]
    otp_ticket: Option<String>,
    /// The app's six digits, or a recovery code.
    #[schemars(with = "schema::OneTimeCode")]
    code: Option<String>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/auth/otp",
        Access::Public,
        Text::fixed(
            "用两步验证完成登录",
            "Finish signing in with the second factor",
        ),
        handle,
    )
    .tag("Menshen")
    .takes::<OtpReq>()
    .gives::<LoginResp>(200, "Signed in; the tokens are in the headers too")
    .fails(400, "A field is missing")
    .fails(
        401,
        "Named in `errors`: `code` is wrong; or `otpTicket` is spent, expired or unknown",
    )
    .fails(429, "Too many tries")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    headers: HeaderMap,
    Body(request): Body<OtpReq>,
) -> Result<Response, ApiError> {
    if from_elsewhere(&api, &headers, &context) {
        return Err(ApiError::foreign());
    }
    let mut problems = Problems::default();
    let mut field = |name: &'static str, value: Option<String>, max| {
        problems.take(validate::text(name, &value.unwrap_or_default(), 1, max))
    };
    let ticket = field("otpTicket", request.otp_ticket, 200).unwrap_or_default();
    let code = field("code", request.code, 50).unwrap_or_default();
    problems.finish()?;
    let issued = api
        .services
        .sign_in
        .finish_by_api(&context.client, &ticket, &code)
        .await?;
    Ok(signed_in(&api, &context, &issued))
}
