//! `POST /auth/session` (document C): a new pair of tokens for a refresh token.

use super::auth_login::{REFRESH_TOKEN, token_headers};
use crate::error::ApiError;
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use menshen_domain::{Error, Text};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/auth/session",
        Access::Token,
        Text::fixed("获取新的 session", "Renew the tokens"),
        handle,
    )
    .parameter("token", "cookie", "string", true, "The refresh token")
    .parameter(
        "X-Refresh-Token",
        "header",
        "string",
        true,
        "The refresh token again",
    )
    .credentials(&[&["refreshCookie", "refreshHeader"]])
    .empty(204, "The new tokens are in the headers")
    .header("Authorization", "`Bearer ` and the new access token")
    .header("X-Refresh-Token", "The new refresh token")
    .header("Set-Cookie", "`token`: the new refresh token again")
    .fails(
        401,
        "A token is missing, unknown or expired, or the two differ",
    )
    .fails(
        403,
        "The client is another, or the token was used before; the session was revoked",
    )
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let cookie = refresh_cookie(&headers).ok_or_else(Error::token)?;
    let shown = headers.get(&REFRESH_TOKEN).and_then(|v| v.to_str().ok());
    // Only a page of this site can read the token that the cookie holds and show it again: that
    // both are there and equal is the defence against forged requests.
    if shown != Some(cookie.as_str()) {
        return Err(Error::token().into());
    }
    let issued = api
        .services
        .sessions
        .renew(&cookie, &context.client)
        .await?;
    let headers = token_headers(&issued, &context, api.services.now());
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}

/// The refresh token in the cookie `token`.
pub(super) fn refresh_cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == "token" && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}
