//! `POST /auth/passkey/login`: signing in with what a device answered.

use super::auth_login::{LoginResp, from_elsewhere, signed_in};
use crate::error::ApiError;
use crate::extract::Body;
use crate::{Access, Api, Endpoint, RequestContext, schema};
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use menshen_domain::Text;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// What a device answered.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PasskeyLoginReq {
    /// The ticket of `POST /auth/passkey/login/options`.
    #[schemars(with = "schema::Ticket")]
    ticket: Option<String>,
    /// The device's answer, as `credential.toJSON()` gives it.
    #[schemars(with = "schema::ShownCredential")]
    #[serde(default)]
    credential: Value,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/auth/passkey/login",
        Access::Public,
        Text::fixed("用通行密钥登录", "Sign in with a passkey"),
        handle,
    )
    .tag("Menshen")
    .details(Text::fixed(
        "通行密钥本身就是两个要素，不再询问两步验证的验证码。应答与 `POST /auth/login` 相同。",
        "A passkey is both factors in one: no code is asked for. The answer is that of \
         `POST /auth/login`.",
    ))
    .takes::<PasskeyLoginReq>()
    .gives::<LoginResp>(200, "Signed in; the tokens are in the headers too")
    .header(
        "Authorization",
        "`Bearer ` and the access token, for all requests",
    )
    .header(
        "X-Refresh-Token",
        "The refresh token, for `POST /auth/session` and `POST /auth/logout`",
    )
    .header(
        "Set-Cookie",
        "`token`: the refresh token again; `HttpOnly`, `SameSite=Strict`, `Path=/auth`",
    )
    .fails(400, "A field is missing, or passkeys are not set up here")
    .fails(
        401,
        "An unknown passkey, a bad signature, a ticket that is over, a disabled user: one and the \
         same answer",
    )
    .fails(429, "Too many tries")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    headers: HeaderMap,
    Body(request): Body<PasskeyLoginReq>,
) -> Result<Response, ApiError> {
    if from_elsewhere(&api, &headers, &context) {
        return Err(ApiError::foreign());
    }
    let ticket = request.ticket.unwrap_or_default();
    let issued = api
        .services
        .passkeys
        .enter_api(&context.client, &ticket, &request.credential)
        .await?;
    Ok(signed_in(&api, &context, &issued))
}
