//! `GET /perm/list` (document C).

use crate::error::ApiError;
use crate::view::{self, List, PermissionView};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/perm/list",
        Access::Permission(catalogue::PERM_LIST),
        Text::fixed("权限列表", "List all permissions"),
        handle,
    )
    .gives::<view::Answer<List<PermissionView>>>(200, "All permissions")
}

async fn handle(State(api): State<Api>, context: RequestContext) -> Result<Response, ApiError> {
    let items = api.services.permissions.catalogue().await?;
    Ok(view::ok(&context, &view::QUERIED, list(&context, &items)))
}

/// A list of permissions with its length.
pub(super) fn list(
    context: &RequestContext,
    items: &[menshen_domain::session::PermissionItem],
) -> List<PermissionView> {
    let list: Vec<PermissionView> = items
        .iter()
        .map(|i| view::permission(context.client.lang, i))
        .collect();
    List {
        total: i64::try_from(list.len()).unwrap_or(i64::MAX),
        list,
    }
}
