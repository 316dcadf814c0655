//! `POST /tokens/renew_access` (document B): a new access token; the refresh token stays.

use super::signin::SignInAnswer;
use crate::error::ApiError;
use crate::extract::Body;
use crate::view::Times;
use crate::{Access, Api, Endpoint, RequestContext, schema};
use axum::Json;
use axum::extract::State;
use axum::http::Method;
use menshen_domain::{Error, Text, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The refresh token.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RenewReq {
    /// The refresh token of `POST /signin`.
    #[schemars(rename = "refresh_token", with = "schema::RefreshToken")]
    refresh_token: Option<String>,
}

/// The new access token.
#[derive(Serialize, JsonSchema)]
struct RenewedData {
    /// The access token.
    access_token: String,
    /// When it ends, RFC 3339.
    access_token_expires_at: String,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/tokens/renew_access",
        Access::Public,
        Text::fixed("刷新token接口", "Get a new access token"),
        handle,
    )
    .tag("B")
    .takes::<RenewReq>()
    .example(json!({ "refresh_token": "kY3…" }))
    .gives::<SignInAnswer<RenewedData>>(200, "The new access token")
    .fails(400, "The refresh token is missing")
    .fails(
        401,
        "The refresh token is unknown or has expired, or its session has ended",
    )
    .fails(
        403,
        "The client is another, or the token was replaced; the session was revoked",
    )
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    Body(request): Body<RenewReq>,
) -> Result<Json<SignInAnswer<RenewedData>>, ApiError> {
    let refresh = request.refresh_token.unwrap_or_default();
    let refresh = refresh.trim();
    if refresh.is_empty() {
        let text = Text::fixed("不能为空", "must not be empty");
        return Err(Error::field("refresh_token", text).into());
    }
    let access = api
        .services
        .sessions
        .renew_access(refresh, &context.client)
        .await?;
    let end = Timestamp::from_seconds(access.claims.exp);
    let data = RenewedData {
        access_token_expires_at: Times(&api.zone).rfc3339(end),
        access_token: access.token,
    };
    let text = Text::fixed("刷新成功", "Renewed");
    Ok(SignInAnswer::ok(&context, &text, data))
}
