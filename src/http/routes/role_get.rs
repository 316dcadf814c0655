//! `GET /role/{roleId}` (document C).

use crate::error::ApiError;
use crate::extract::{Id, SignedIn};
use crate::view::{self, RoleView};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{RoleId, Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/role/{roleId}",
        Access::Permission(catalogue::ROLE_QUERY),
        Text::fixed("查询角色信息", "Get a role"),
        handle,
    )
    .id("roleId")
    .gives::<view::Answer<RoleView>>(200, "The role")
    .fails(400, "The id is no id")
    .fails(404, "No such role")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let role = api.services.roles.get(&caller, RoleId(id)).await?;
    Ok(view::ok(&context, &view::FETCHED, view::role(&api, role)))
}
