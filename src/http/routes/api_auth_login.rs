//! `GET` and `POST /api/auth/login` (document D): a browser's session, the one of the admin UI.
//!
//! Its clients may put the password into the address. It is taken out of there before anything
//! else sees it (`layers::HiddenQuery`), and a setting refuses it altogether.

use super::auth_login::{LoginReq, checked};
use crate::body::Buffered;
use crate::browser::SID;
use crate::error::ApiError;
use crate::extract::{pairs, parse, typed};
use crate::layers::{HiddenQuery, is_stranger};
use crate::{Access, Api, Endpoint, RequestContext, schema};
use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use menshen_domain::validate::PASSWORD_MAX;
use menshen_domain::{Error, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tower_sessions::Session;

/// What somebody signs in with: in the address, as a form or as JSON.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AccountLoginReq {
    /// The login name.
    #[schemars(with = "schema::LoginName")]
    username: Option<String>,
    /// The password.
    #[schemars(with = "schema::LoginPassword")]
    password: Option<String>,
    /// The second factor's code, when one is on.
    code: Option<String>,
    /// The captcha's answer, when one was solved.
    #[schemars(with = "Option<schema::CaptchaCode>")]
    captcha_code: Option<String>,
    /// The captcha's key.
    #[schemars(with = "Option<schema::CaptchaKey>")]
    captcha_key: Option<String>,
}

/// Document D's answer to a login.
#[derive(Debug, Serialize, JsonSchema)]
struct AccountLoginResp {
    /// The HTTP status.
    code: u16,
    /// Who signed in.
    data: AccountView,
}

/// Who signed in, and what she may do.
#[derive(Debug, Serialize, JsonSchema)]
struct AccountView {
    id: i64,
    username: String,
    /// Always `false`: who is disabled does not come in.
    disabled: bool,
    /// The key of the first active role by sort; empty without one.
    role: String,
    /// 0 for one who may do everything, else the sort of that role, at least 1.
    permission: i64,
    /// Whether a second factor is in use.
    otp: bool,
}

fn described(endpoint: Endpoint) -> Endpoint {
    endpoint
        .tag("D")
        .gives::<AccountLoginResp>(200, "Signed in")
        .header("Set-Cookie", "The browser's session")
        .shows(json!({
            "code": 200,
            "data": {
                "id": 1, "username": "admin", "disabled": false, "role": "admin",
                "permission": 0, "otp": true,
            },
        }))
        .fails(400, "A field is not good, or the captcha is wrong")
        .fails(
            403,
            "Wrong name or password, or a captcha is due; to whoever knows the password: the \
             account is disabled, or a second factor is due",
        )
        .fails(429, "Too many tries")
        .fails(503, "Too many sign-ins at once")
}

pub(super) fn get() -> Endpoint {
    let endpoint = Endpoint::new(
        Method::GET,
        "/api/auth/login",
        Access::Public,
        Text::fixed("登录（参数在地址中）", "Sign in by the address"),
        handle,
    )
    .details(Text::fixed(
        "密码出现在地址中并不安全，新客户端请用 POST；`facade.get_login = false` 关闭此方式。",
        "A password in the address is not safe: new clients use POST. `facade.get_login = false` \
         turns this off.",
    ))
    .parameter("username", "query", "string", true, "The login name")
    .detail("minLength", 2)
    .detail("maxLength", 50)
    .parameter("password", "query", "string", true, "The password")
    .detail("minLength", 2)
    .detail("maxLength", PASSWORD_MAX)
    .query("code", "string", "The second factor's code, when one is on")
    .query(
        "captchaKey",
        "string",
        "The captcha's key, when one was solved",
    )
    .detail("pattern", r"^([\s\S]{2,50})?$")
    .query("captchaCode", "string", "The captcha's answer")
    .detail("maxLength", 50);
    described(endpoint).fails(405, "Passwords in addresses are not taken here")
}

pub(super) fn post() -> Endpoint {
    let endpoint = Endpoint::new(
        Method::POST,
        "/api/auth/login",
        Access::Public,
        Text::fixed("登录", "Sign in"),
        handle,
    )
    .takes::<AccountLoginReq>()
    .consumes("application/x-www-form-urlencoded")
    .example(json!({ "username": "admin", "password": "quiet river seven" }));
    described(endpoint)
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    Extension(browser): Extension<Session>,
    request: Request,
) -> Result<Response, ApiError> {
    let in_address = api.services.settings().facade.get_login;
    if !in_address && *request.method() != Method::POST {
        let allow = [(header::ALLOW, HeaderValue::from_static("POST"))];
        return Ok((allow, ApiError::method()).into_response());
    }
    // A page of another site must not sign a browser in under a name of its own choice.
    if is_stranger(&api, request.headers(), &context) {
        return Err(ApiError::foreign());
    }
    let sent: AccountLoginReq = typed(sent(&request, in_address)?)?;
    let login = LoginReq {
        username: sent.username,
        password: sent.password,
        captcha_code: sent.captcha_code,
        captcha_key: sent.captcha_key,
        otp: sent.code,
    };
    let credentials = checked(login.without_empty_captcha())?;
    let services = &api.services;
    let opened = services
        .sign_in
        .by_cookie(&context.client, credentials)
        .await?;
    browser.cycle_id().await.map_err(Error::internal)?;
    browser
        .insert(SID, &opened.session_id)
        .await
        .map_err(Error::internal)?;
    let caller = services
        .access
        .by_session(&opened.session_id, context.client.clone())
        .await?;
    let rank = services.users.rank(&caller).await?;
    let data = AccountView {
        id: caller.id().0,
        username: caller.username().to_owned(),
        disabled: false,
        role: rank.role,
        permission: rank.permission,
        otp: rank.otp,
    };
    Ok(Json(AccountLoginResp { code: 200, data }).into_response())
}

/// The fields that were sent; those in the body have the last word.
fn sent(request: &Request, in_address: bool) -> Result<Value, ApiError> {
    let hidden = request.extensions().get::<HiddenQuery>();
    let query = hidden.filter(|_| in_address).map(|h| h.0.as_str());
    let mut fields = object(pairs("query", query.unwrap_or_default().as_bytes())?);
    let bytes = Buffered::of(request);
    if is_form(request) {
        fields.extend(object(pairs("body", &bytes)?));
        return Ok(fields.into());
    }
    Ok(match parse(&bytes)? {
        Value::Object(body) => {
            let camel = |(name, value): (String, Value)| (crate::extract::camel(&name), value);
            fields.extend(body.into_iter().map(camel));
            fields.into()
        }
        other => other,
    })
}

fn is_form(request: &Request) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split(';').next())
        .is_some_and(|v| {
            v.trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}

/// Pairs as an object; an empty value counts as none.
fn object(pairs: Vec<(String, String)>) -> Map<String, Value> {
    pairs
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name, Value::String(value)))
        .collect()
}
