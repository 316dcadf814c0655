//! `POST /api/register` (document E).

use super::api_login::named;
use crate::error::ApiError;
use crate::extract::Body;
use crate::family::Registered;
use crate::{Access, Api, Endpoint, RequestContext, schema};
use axum::Json;
use axum::extract::State;
use axum::http::Method;
use menshen_domain::user::NewUser;
use menshen_domain::{Error, Text};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// An account to be made. Names are taken in PascalCase, camelCase and snake_case.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct RegisterReq {
    /// The login name, 2 to 50 characters.
    #[serde(alias = "loginCode")]
    #[schemars(with = "schema::Username")]
    login_code: Option<String>,
    /// The SHA-256 of the password in lowercase hex; or the password itself, 12 to 128 characters
    /// (by default) and hard to guess.
    #[serde(alias = "password")]
    #[schemars(with = "schema::NewPassword")]
    password: Option<String>,
    /// The nickname.
    #[serde(alias = "userName")]
    #[schemars(with = "schema::Name")]
    user_name: Option<String>,
    /// A phone number, not verified.
    #[serde(alias = "phone")]
    #[schemars(with = "Option<schema::Phone>")]
    phone: Option<String>,
    /// An e-mail address, not verified.
    #[serde(alias = "email")]
    #[schemars(with = "Option<schema::Email>")]
    email: Option<String>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/api/register",
        Access::Public,
        Text::fixed("用户注册", "Sign up"),
        handle,
    )
    .tag("E")
    .takes::<RegisterReq>()
    .example(json!({
        "LoginCode": "ceshi001", "Password": "quiet river seven", "UserName": "UserName",
        "Phone": "15578906770", "Email": "mini@example.com",
    }))
    .gives::<Registered>(200, "The account was made")
    .shows(json!({
        "success": true, "data": "注册成功", "total": 0, "current": 0, "pageSize": 0,
        "errorCode": "", "errorMessage": "", "showType": 0, "traceId": "", "host": "127.0.0.1",
    }))
    .fails(
        400,
        "A field is not good, the name is taken, or the password is weak",
    )
    .fails(403, "Registration is closed")
    .fails(429, "Too many accounts from this address")
    .fails(503, "Too many sign-ins at once")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    Body(request): Body<RegisterReq>,
) -> Result<Json<Registered>, ApiError> {
    let named = |error: Error| named(error, "Phone");
    let nickname = request.user_name.filter(|name| !name.trim().is_empty());
    if nickname.is_none() {
        let text = Text::fixed("不能为空", "must not be empty");
        return Err(Error::field("UserName", text).into());
    }
    let new = NewUser {
        username: request.login_code.unwrap_or_default(),
        password: request.password.unwrap_or_default(),
        nickname,
        phone: request.phone,
        email: request.email,
        ..NewUser::default()
    };
    let done = api.services.users.register(&context.client, new).await;
    done.map_err(named)?;
    let text = Text::fixed("注册成功", "The account was made");
    let told = context.say(&text).to_owned();
    Ok(Json(Registered::good(&context, told)))
}
