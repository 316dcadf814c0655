//! `POST /auth/login` (documents A and C): one answer that satisfies both.

use crate::error::ApiError;
use crate::extract::Body;
use crate::layers::is_stranger;
use crate::schema;
use crate::{Access, Api, Endpoint, RequestContext};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use menshen_domain::error::Problems;
use menshen_domain::{Text, Timestamp, validate};
use menshen_services::tokens::AccessToken;
use menshen_services::{Credentials, Issued};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What somebody signs in with.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoginReq {
    /// The login name, 2 to 50 characters.
    #[schemars(with = "schema::LoginName")]
    pub(super) username: Option<String>,
    /// The password, 2 to 128 characters.
    #[schemars(with = "schema::LoginPassword")]
    pub(super) password: Option<String>,
    /// The captcha's answer, when one was solved.
    #[schemars(with = "Option<schema::CaptchaCode>")]
    pub(super) captcha_code: Option<String>,
    /// The captcha's key.
    #[schemars(with = "Option<schema::CaptchaKey>")]
    pub(super) captcha_key: Option<String>,
    /// The second factor's code, when it is at hand already.
    pub(super) otp: Option<String>,
}

impl LoginReq {
    /// The same with an empty captcha counting as none, as clients send it whose form has the
    /// fields while none is due. Document A gives them a least length instead.
    pub(super) fn without_empty_captcha(mut self) -> Self {
        let fields = [&self.captcha_key, &self.captcha_code];
        if fields
            .into_iter()
            .flatten()
            .all(|text| text.trim().is_empty())
        {
            self.captcha_key = None;
            self.captcha_code = None;
        }
        self
    }
}

/// Document C's part of the answer.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoginData {
    /// The access token.
    token: String,
    /// The user's id.
    user_id: i64,
}

/// The answer to a login: document C's envelope with document A's fields beside `data`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoginResp {
    /// The HTTP status.
    code: u16,
    /// What happened, for people.
    msg: String,
    /// The same as `msg`.
    message: String,
    /// Document C's part.
    data: LoginData,
    #[serde(flatten)]
    token: TokenResp,
}

/// An access token and its times, in Unix seconds.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenResp {
    /// The access token.
    access_token: String,
    /// When it ends.
    access_expire: i64,
    /// When it is time to renew it: halfway.
    refresh_after: i64,
}

impl From<&AccessToken> for TokenResp {
    fn from(access: &AccessToken) -> Self {
        let (iat, exp) = (access.claims.iat, access.claims.exp);
        Self {
            access_token: access.token.clone(),
            access_expire: exp,
            refresh_after: iat + (exp - iat) / 2,
        }
    }
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/auth/login",
        Access::Public,
        Text::fixed("登录", "Sign in"),
        handle,
    )
    .tag("A, C")
    .details(Text::fixed(
        "文档 A 与文档 C 共用一个接口，一个应答同时满足两者。需要验证码时返回 401 与 `captchaRequired`；\
         开启了两步验证时返回 401、`otpRequired` 与 `otpTicket`，再由 `POST /auth/otp` 完成登录。",
        "One route for documents A and C, and one answer that satisfies both. When a captcha is \
         due the answer is 401 with `captchaRequired`; when a second factor is due it is 401 with \
         `otpRequired` and an `otpTicket`, which `POST /auth/otp` takes to finish.",
    ))
    .takes::<LoginReq>()
    .example(json!({ "username": "admin", "password": "test" }))
    .gives::<LoginResp>(200, "Signed in; the tokens are in the headers too")
    .header("Authorization", "`Bearer ` and the access token, for all requests")
    .header("X-Refresh-Token", "The refresh token, for `POST /auth/session` and `POST /auth/logout`")
    .header("Set-Cookie", "`token`: the refresh token again; `HttpOnly`, `SameSite=Strict`, `Path=/auth`")
    .shows(json!({
        "code": 200, "msg": "登录成功", "message": "登录成功",
        "data": { "token": "eyJ…", "userId": 1 },
        "accessToken": "eyJ…", "accessExpire": 1_700_000_900, "refreshAfter": 1_700_000_450,
    }))
    .fails(400, "A field is not good, or the captcha is wrong")
    .fails(
        401,
        "Wrong name or password; or a captcha, or a second factor is due",
    )
    .fails(429, "Too many tries")
    .fails(503, "Too many sign-ins at once")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    headers: HeaderMap,
    Body(request): Body<LoginReq>,
) -> Result<Response, ApiError> {
    if from_elsewhere(&api, &headers, &context) {
        return Err(ApiError::foreign());
    }
    let credentials = checked(request)?;
    let issued = api
        .services
        .sign_in
        .by_api(&context.client, credentials)
        .await?;
    Ok(signed_in(&api, &context, &issued))
}

/// Whether a form on another site's page sends it, which would put its own account's refresh
/// token into the cookie.
pub(super) fn from_elsewhere(api: &Api, headers: &HeaderMap, context: &RequestContext) -> bool {
    let navigates = headers
        .get("sec-fetch-mode")
        .is_some_and(|mode| mode == "navigate");
    navigates && is_stranger(api, headers, context)
}

/// The answer to a login that succeeded.
pub(super) fn signed_in(api: &Api, context: &RequestContext, issued: &Issued) -> Response {
    let message = context
        .say(&Text::fixed("登录成功", "Signed in"))
        .to_owned();
    let body = LoginResp {
        code: 200,
        msg: message.clone(),
        message,
        data: LoginData {
            token: issued.access.token.clone(),
            user_id: issued.user_id.0,
        },
        token: TokenResp::from(&issued.access),
    };
    let headers = token_headers(issued, context, api.services.now());
    (headers, Json(body)).into_response()
}

/// Holds the fields to their bounds.
pub(super) fn checked(request: LoginReq) -> Result<Credentials, ApiError> {
    let mut problems = Problems::default();
    let mut field = |name: &'static str, value: Option<String>, min, max| {
        let value = value.unwrap_or_default();
        let length = value.chars().count();
        if length < min || length > max {
            problems.add(
                name,
                Text::new(
                    format!("应为 {min}–{max} 个字符"),
                    format!("must have {min} to {max} characters"),
                ),
            );
        }
        value
    };
    let username = field("username", request.username, 2, 50);
    let password = field("password", request.password, 2, validate::PASSWORD_MAX);
    let with_captcha = request.captcha_code.is_some() || request.captcha_key.is_some();
    let (mut captcha_code, mut captcha_key) = (None, None);
    if with_captcha {
        captcha_code = Some(field("captchaCode", request.captcha_code, 1, 50));
        captcha_key = Some(field("captchaKey", request.captcha_key, 2, 50));
    }
    problems.finish()?;
    Ok(Credentials {
        username,
        password,
        captcha_key,
        captcha_code,
        otp: request.otp,
        ..Credentials::default()
    })
}

/// The tokens as headers and as a cookie, as document C hands them out.
pub(super) fn token_headers(
    issued: &Issued,
    context: &RequestContext,
    now: Timestamp,
) -> HeaderMap {
    // The token was made a moment ago: a week is told as a week.
    let left = issued.refresh_expires_at.since(now).as_millis();
    let max_age = left.div_ceil(1000);
    let secure = if context.https { "; Secure" } else { "" };
    let cookie = format!(
        "token={}; HttpOnly; SameSite=Strict; Path=/auth; Max-Age={max_age}{secure}",
        issued.refresh
    );
    let mut headers = HeaderMap::new();
    let mut add = |name: HeaderName, value: String| {
        if let Ok(mut value) = HeaderValue::from_str(&value) {
            value.set_sensitive(true);
            headers.insert(name, value);
        }
    };
    add(
        header::AUTHORIZATION,
        format!("Bearer {}", issued.access.token),
    );
    add(REFRESH_TOKEN, issued.refresh.clone());
    add(header::SET_COOKIE, cookie);
    headers
}

/// Document C's header for the refresh token.
pub(super) const REFRESH_TOKEN: HeaderName = HeaderName::from_static("x-refresh-token");
