//! `POST /auth/logout` (document C) and `GET /auth/logout` (document A).

use super::auth_login::REFRESH_TOKEN;
use super::auth_session::refresh_cookie;
use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::layers::{bearer, is_foreign};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use menshen_domain::{Kind, Text};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

static DONE: Text = Text::fixed("退出成功", "Signed out");

pub(super) fn post() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/auth/logout",
        Access::Token,
        Text::fixed("退出登录", "Sign out"),
        handle_post,
    )
    .parameter(
        "X-Refresh-Token",
        "header",
        "string",
        false,
        "The refresh token, instead of or beside the access token",
    )
    .credentials(&[
        &["bearer"],
        &["refreshHeader"],
        &["refreshCookie"],
        &["session"],
    ])
    .gives::<view::Answer<()>>(200, "The session has ended")
    .header("Set-Cookie", "The cookie `token` is taken back")
    .fails(401, "Neither token is good")
}

async fn handle_post(
    State(api): State<Api>,
    context: RequestContext,
    caller: Result<SignedIn, ApiError>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let header = headers
        .get(&REFRESH_TOKEN)
        .map(|v| v.to_str().unwrap_or_default().to_owned());
    let access = bearer(&headers);
    let on_purpose = header.is_some() || access.is_some();
    // A cookie alone is sent by whichever page asks for it.
    if !on_purpose && is_foreign(&api, &headers, &context) {
        return Err(ApiError::foreign());
    }
    let refresh = header.or_else(|| refresh_cookie(&headers));
    let sessions = &api.services.sessions;
    let ended = sessions
        .end_by(access.as_deref(), refresh.as_deref(), &context.client)
        .await;
    match (ended, caller) {
        // The admin UI's own cookie comes along with whatever else a page here shows. It is meant
        // where there is nothing else.
        (Err(error), Ok(SignedIn(caller))) if error.kind == Kind::Token && !on_purpose => {
            sessions.end(&caller).await?;
        }
        (ended, _) => ended?,
    }
    Ok(without_cookie(view::ok(&context, &DONE, ())))
}

/// Document A's answer: nothing.
#[derive(Debug, Serialize, JsonSchema)]
struct LogoutResp {}

pub(super) fn get() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/auth/logout",
        Access::Token,
        Text::fixed("退出登录", "Sign out"),
        handle_get,
    )
    .tag("A")
    .credentials(&[&["bearer"]])
    .gives::<LogoutResp>(200, "The session has ended")
    .header("Set-Cookie", "The cookie `token` is taken back")
    .shows(json!({}))
    .fails(401, "The access token is not good")
}

async fn handle_get(
    State(api): State<Api>,
    context: RequestContext,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    // By the access token alone: a link on another site must not sign a browser out.
    let access = bearer(&headers);
    api.services
        .sessions
        .end_by(access.as_deref(), None, &context.client)
        .await?;
    Ok(without_cookie(Json(LogoutResp {}).into_response()))
}

fn without_cookie(mut response: Response) -> Response {
    response.headers_mut().insert(
        header::SET_COOKIE,
        HeaderValue::from_static("token=; HttpOnly; SameSite=Strict; Path=/auth; Max-Age=0"),
    );
    response
}
