//! `DELETE /role/{roleId}` (document C).

use crate::error::ApiError;
use crate::extract::{Id, Query, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{RoleId, Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::DELETE,
        "/role/{roleId}",
        Access::Permission(catalogue::ROLE_REMOVE),
        Text::fixed("删除角色", "Delete a role"),
        handle,
    )
    .id("roleId")
    .query(
        "force",
        "boolean",
        "Delete it although users hold it; they lose it",
    )
    .gives::<view::Answer<()>>(200, "Deleted")
    .fails(404, "No such role")
    .fails(
        409,
        "Users hold it; all who do are counted, also those out of sight",
    )
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
    query: Query,
) -> Result<Response, ApiError> {
    let force = query.flag("force")?;
    api.services
        .roles
        .delete(&caller, RoleId(id), force)
        .await?;
    Ok(view::ok(&context, &view::DELETED, ()))
}
