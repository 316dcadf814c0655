//! `POST /user` (document C): sign-up by anybody, or creation by an administrator.

use super::role_list::status;
use crate::error::ApiError;
use crate::extract::{Body, SignedIn};
use crate::schema;
use crate::view;
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use menshen_domain::user::NewUser;
use menshen_domain::{DeptId, RoleId, Text, catalogue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A user to be made. A sign-up may give name, password, nickname, phone, e-mail and sex; an
/// administrator all fields.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UserReq {
    /// The login name, 2 to 50 characters.
    #[schemars(with = "schema::Username")]
    username: Option<String>,
    /// The password, 12 to 128 characters (by default) and hard to guess.
    #[schemars(with = "schema::NewPassword")]
    password: Option<String>,
    #[schemars(with = "Option<schema::Nickname>")]
    nickname: Option<String>,
    /// An `https://` address or a path on this server.
    #[schemars(with = "Option<schema::Avatar>")]
    avatar: Option<String>,
    #[schemars(with = "Option<schema::Phone>")]
    phone: Option<String>,
    #[schemars(with = "Option<schema::Email>")]
    email: Option<String>,
    /// `0` male, `1` female, `2` not told.
    #[schemars(with = "Option<schema::Sex>")]
    sex: Option<String>,
    /// `0` active, `1` disabled.
    #[schemars(with = "Option<schema::StatusOrEmpty>")]
    status: Option<String>,
    /// A department. Without one, whoever does not see everybody gives her own, or is told that
    /// one in her sight is needed (403).
    dept_id: Option<i64>,
    #[schemars(with = "Option<schema::Remark>")]
    remark: Option<String>,
    /// The roles to hold; needs `system:user:bind` too.
    role_ids: Option<Vec<i64>>,
    /// Whether a new password must be chosen at the first sign-in.
    must_change_password: Option<bool>,
}

/// The user made.
#[derive(Debug, Serialize, JsonSchema)]
struct UserMade {
    id: i64,
    username: String,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/user",
        Access::PublicOr(catalogue::USER_ADD),
        Text::fixed("注册", "Sign up, or add a user"),
        handle,
    )
    .takes::<UserReq>()
    .example(json!({ "username": "lin.wei", "password": "quiet river seven" }))
    .gives::<view::Answer<UserMade>>(201, "The user")
    .fails(
        400,
        "A field is not good, the name is taken, or the password is weak",
    )
    .fails(403, "Registration is closed, or a password change is due")
    .fails(429, "Too many accounts from this address")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    caller: Option<SignedIn>,
    Body(request): Body<UserReq>,
) -> Result<Response, ApiError> {
    let new = NewUser {
        username: request.username.unwrap_or_default(),
        password: request.password.unwrap_or_default(),
        nickname: request.nickname,
        avatar: request.avatar,
        phone: request.phone,
        email: request.email,
        sex: request.sex,
        status: status(request.status.as_deref())?.unwrap_or_default(),
        dept_id: request.dept_id.map(DeptId),
        remark: request.remark,
        must_change_password: request.must_change_password.unwrap_or(false),
        role_ids: request
            .role_ids
            .unwrap_or_default()
            .into_iter()
            .map(RoleId)
            .collect(),
    };
    let made = match caller {
        Some(SignedIn(caller)) => api.services.users.create_or_sign_up(&caller, new).await?,
        None => api.services.users.sign_up(&context.client, new).await?,
    };
    let text = Text::fixed("注册成功", "The account was made");
    let data = UserMade {
        id: made.id.0,
        username: made.username,
    };
    Ok(view::answer(&context, StatusCode::CREATED, &text, data))
}
