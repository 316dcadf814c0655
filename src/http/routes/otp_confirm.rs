//! `POST /auth/otp/confirm`: puts the new secret into force with its first code.

use crate::error::ApiError;
use crate::extract::{Body, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, schema, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, validate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The first code.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ConfirmReq {
    /// The app's six digits.
    #[schemars(with = "schema::OneTimeCode")]
    code: Option<String>,
    /// Whether one's other sessions end.
    #[serde(default)]
    end_other_sessions: bool,
}

/// Codes for the day on which the telephone is gone.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecoveryCodes {
    /// Ten of them, each good once; shown this once.
    pub(super) recovery_codes: Vec<String>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/auth/otp/confirm",
        Access::SignedIn,
        Text::fixed("确认两步验证", "Turn the second factor on"),
        handle,
    )
    .tag("Menshen")
    .takes::<ConfirmReq>()
    .gives::<view::Answer<RecoveryCodes>>(200, "It is on; the codes are shown this once")
    .fails(400, "The code is wrong")
    .fails(401, "The access token is not good")
    .fails(409, "There is nothing to confirm")
    .fails(429, "Too many tries")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Body(request): Body<ConfirmReq>,
) -> Result<Response, ApiError> {
    let code = validate::text("code", &request.code.unwrap_or_default(), 1, 50)?;
    let recovery_codes = api
        .services
        .second_factor
        .confirm(&caller, &code, request.end_other_sessions)
        .await?;
    Ok(view::ok(
        &context,
        &view::CHANGED,
        RecoveryCodes { recovery_codes },
    ))
}
