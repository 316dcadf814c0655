//! `PUT /user/{uid}` (document C). `userId`, `loginIp`, `loginDate` and who made or changed the
//! record when are read-only: they are ignored.

use super::role_list::status;
use crate::error::ApiError;
use crate::extract::{Body, Id, SignedIn, sent};
use crate::schema;
use crate::view::{self, UserView};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::user::UserChange;
use menshen_domain::{DeptId, Text, UserId, catalogue};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// A change of a user. What is not sent stays as it is; an empty text clears.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UserChangeReq {
    #[schemars(with = "Option<schema::Username>")]
    username: Option<String>,
    /// A new password, for another user; empty: unchanged. It must be changed at the next sign-in.
    #[schemars(with = "Option<schema::PasswordOrEmpty>")]
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
    /// A department; `null` for none, which takes somebody who sees everybody.
    #[schemars(with = "Option<i64>")]
    #[serde(default, deserialize_with = "sent")]
    dept_id: Option<Option<i64>>,
    #[schemars(with = "Option<schema::Remark>")]
    remark: Option<String>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::PUT,
        "/user/{uid}",
        Access::OwnOr(catalogue::USER_ALTER),
        Text::fixed("修改用户信息", "Change a user"),
        handle,
    )
    .id("uid")
    .takes::<UserChangeReq>()
    .example(json!({
        "username": "lin.wei", "nickname": "林薇", "password": "", "avatar": "",
        "phone": "13800000000", "email": "lin.wei@example.com", "sex": "1", "status": "0",
        "remark": "",
    }))
    .gives::<view::Answer<UserView>>(200, "The user as it is now")
    .fails(400, "A field is not good, or the name is taken")
    .fails(404, "No such user")
    .fails(409, "Oneself, or the last administrator, can't be disabled")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
    Body(request): Body<UserChangeReq>,
) -> Result<Response, ApiError> {
    let change = UserChange {
        username: request.username,
        password: request.password,
        nickname: request.nickname,
        avatar: request.avatar,
        phone: request.phone,
        email: request.email,
        sex: request.sex,
        status: status(request.status.as_deref())?,
        dept_id: request.dept_id.map(|d| d.filter(|id| *id != 0).map(DeptId)),
        remark: request.remark,
    };
    let user = api
        .services
        .users
        .update(&caller, UserId(id), change)
        .await?;
    Ok(view::ok(&context, &view::CHANGED, view::user(&api, user)))
}
