//! `POST /user/{uid}/bind` (document C): replaces the roles that a user holds.

use crate::error::ApiError;
use crate::extract::{Id, RawBody, SignedIn, typed};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Error, RoleId, Text, UserId, catalogue};
use serde_json::json;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/user/{uid}/bind",
        Access::Permission(catalogue::USER_BIND),
        Text::fixed("绑定角色", "Replace a user's roles"),
        handle,
    )
    .id("uid")
    .takes::<Vec<i64>>()
    .example(json!([2, 3]))
    .gives::<view::Answer<()>>(200, "Replaced")
    .fails(400, "Unknown ids: all are named, nothing is changed")
    .fails(404, "No such user")
    .fails(409, "The last active administrator can't lose that role")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
    RawBody(body): RawBody,
) -> Result<Response, ApiError> {
    let body = body.ok_or_else(|| {
        Error::field(
            "body",
            Text::fixed("应为角色编号的数组", "must be a list of role ids"),
        )
    })?;
    let roles: Vec<i64> = typed(body)?;
    let roles = roles.into_iter().map(RoleId).collect();
    api.services.users.bind(&caller, UserId(id), roles).await?;
    let text = Text::fixed("绑定成功", "The roles were assigned");
    Ok(view::ok(&context, &text, ()))
}
