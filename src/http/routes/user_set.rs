//! `PUT /user/{uid}` (document C). `userId`, `loginIp`, `loginDate` and who made or changed the
//! record when are read-only: they are ignored.

use super::role_list::status;
use crate::error::ApiError;
use crate::extract::{Body, Id, SignedIn, sent};
use crate::view::{self, UserView};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::user::UserChange;
use menshen_domain::{DeptId, Text, UserId, catalogue};
use schemars::JsonSchema;
use serde::Deserialize;

/// A change of a user. What is not sent stays as it is; an empty text clears.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UserChangeReq {
    username: Option<String>,
    /// A new password, for another user; empty: unchanged. It must be changed at the next sign-in.
    password: Option<String>,
    nickname: Option<String>,
    avatar: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    /// `0` male, `1` female, `2` not told.
    sex: Option<String>,
    /// `0` active, `1` disabled.
    status: Option<String>,
    /// A department; `null` for none.
    #[schemars(with = "Option<i64>")]
    #[serde(default, deserialize_with = "sent")]
    dept_id: Option<Option<i64>>,
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
