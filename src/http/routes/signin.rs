//! `POST /signin` (document B): a pair of access and refresh token.

use super::auth_login::{LoginReq, checked};
use crate::error::ApiError;
use crate::extract::Body;
use crate::view::Times;
use crate::{Access, Api, Endpoint, RequestContext};
use axum::Json;
use axum::extract::State;
use axum::http::Method;
use menshen_domain::user::User;
use menshen_domain::{Text, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// Document B's answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SignInAnswer<T> {
    /// The HTTP status.
    code: u16,
    /// The result.
    data: T,
    /// What happened, for people.
    msg: String,
}

impl<T> SignInAnswer<T> {
    /// An answer that says that it went well.
    pub(super) fn ok(context: &RequestContext, text: &Text, data: T) -> Json<Self> {
        Json(Self {
            code: 200,
            data,
            msg: context.say(text).to_owned(),
        })
    }
}

/// What a sign-in hands out.
#[derive(Serialize, JsonSchema)]
struct SignedInData {
    /// The access token.
    access_token: String,
    /// When it ends, RFC 3339.
    access_token_expires_at: String,
    /// The refresh token.
    refresh_token: String,
    /// When it ends, RFC 3339.
    refresh_token_expires_at: String,
    /// The session: a UUID.
    session_id: String,
    /// Who signed in.
    user: SignedInUser,
}

/// Who signed in.
#[derive(Debug, Serialize, JsonSchema)]
struct SignedInUser {
    /// When the account was made, RFC 3339.
    created_at: String,
    email: String,
    /// The nickname.
    full_name: String,
    /// When the password was changed last, RFC 3339.
    password_change_at: String,
    phone: String,
    username: String,
}

impl SignedInUser {
    fn new(user: User, times: Times<'_>) -> Self {
        Self {
            created_at: times.rfc3339(user.created_at),
            full_name: user.display_name().to_owned(),
            // One that was never changed is as old as the account.
            password_change_at: times.rfc3339(user.password_changed_at.unwrap_or(user.created_at)),
            email: user.email.unwrap_or_default(),
            phone: user.phone.unwrap_or_default(),
            username: user.username,
        }
    }
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/signin",
        Access::Public,
        Text::fixed("用户登录接口", "Sign in for a pair of tokens"),
        handle,
    )
    .tag("B")
    .takes::<LoginReq>()
    .example(json!({ "username": "lin.wei", "password": "quiet river seven" }))
    .gives::<SignInAnswer<SignedInData>>(200, "Signed in")
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
    Body(request): Body<LoginReq>,
) -> Result<Json<SignInAnswer<SignedInData>>, ApiError> {
    let credentials = checked(request.without_empty_captcha())?;
    let services = &api.services;
    let issued = services
        .sign_in
        .by_api(&context.client, credentials)
        .await?;
    let token = &issued.access.token;
    let caller = services
        .access
        .by_token(token, context.client.clone())
        .await?;
    let (user, _) = services.users.own(&caller).await?;
    let times = Times(&api.zone);
    let data = SignedInData {
        access_token: token.clone(),
        access_token_expires_at: times.rfc3339(Timestamp::from_seconds(issued.access.claims.exp)),
        refresh_token: issued.refresh,
        refresh_token_expires_at: times.rfc3339(issued.refresh_expires_at),
        session_id: issued.session_id.0,
        user: SignedInUser::new(user, times),
    };
    let text = Text::fixed("登录成功", "Signed in");
    Ok(SignInAnswer::ok(&context, &text, data))
}
