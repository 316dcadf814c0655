//! `GET /auth/otp`: how one's own second factor stands.

use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::view::{self, Times};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::Text;
use schemars::JsonSchema;
use serde::Serialize;

/// How a second factor stands.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct StatusView {
    /// Whether a code is asked for at sign-in.
    enabled: bool,
    /// Since when, `YYYY-MM-DD HH:MM:SS`.
    confirmed_at: Option<String>,
    /// How many recovery codes are left.
    recovery_codes_left: i64,
    /// Whether the account has a password, which setting a second factor up asks for. One made by
    /// a short message or by way of a vendor has none until `PUT /auth/password` gives it one.
    has_password: bool,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/auth/otp",
        Access::SignedIn,
        Text::fixed("自己的两步验证", "One's own second factor"),
        handle,
    )
    .tag("Menshen")
    .gives::<view::Answer<StatusView>>(200, "How it stands")
    .fails(401, "The access token is not good")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
) -> Result<Response, ApiError> {
    let standing = api.services.second_factor.standing(&caller).await?;
    let status = StatusView {
        enabled: standing.confirmed_at.is_some(),
        confirmed_at: standing.confirmed_at.map(|t| Times(&api.zone).plain(t)),
        recovery_codes_left: standing.recovery_left,
        has_password: standing.has_password,
    };
    Ok(view::ok(&context, &view::FETCHED, status))
}
