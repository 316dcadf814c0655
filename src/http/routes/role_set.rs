//! `PUT /role/{roleId}` (document C): changes the fields that are sent, and no others.

use super::role_add::{data_scope, permissions};
use crate::error::ApiError;
use crate::extract::{Body, Id, SignedIn, sent};
use crate::schema;
use crate::view::{self, RoleView};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::role::{RoleChange, Status};
use menshen_domain::{DeptId, MenuId, RoleId, Text, catalogue};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// A change of a role. What is not sent stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RoleChangeReq {
    /// A new name.
    #[schemars(with = "Option<schema::RoleName>")]
    role_name: Option<String>,
    /// A new key.
    #[schemars(with = "Option<schema::RoleKey>")]
    role_key: Option<String>,
    /// A new place in lists.
    #[schemars(with = "Option<schema::Sort>")]
    role_sort: Option<i64>,
    /// `0` active, `1` disabled.
    #[schemars(with = "Option<schema::Status>")]
    status: Option<String>,
    /// A new note; `null` clears it.
    #[schemars(with = "Option<schema::Remark>")]
    #[serde(default, deserialize_with = "sent")]
    remark: Option<Option<String>>,
    /// All permissions it is to grant: a list, or a list of lists.
    #[schemars(with = "Option<schema::Permissions>")]
    #[serde(default, alias = "permissions", deserialize_with = "permissions")]
    permission: Option<Vec<String>>,
    /// All menu entries it is to show.
    menu_ids: Option<Vec<i64>>,
    /// `1` to `5`.
    #[schemars(with = "Option<schema::DataScope>")]
    data_scope: Option<String>,
    /// All departments of its custom data scope.
    dept_ids: Option<Vec<i64>>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::PUT,
        "/role/{roleId}",
        Access::Permission(catalogue::ROLE_ALTER),
        Text::fixed("修改角色", "Change a role"),
        handle,
    )
    .id("roleId")
    .takes::<RoleChangeReq>()
    .example(json!({ "permission": [["monitor:log:login"], ["monitor:log:operation"]] }))
    .gives::<view::Answer<RoleView>>(200, "The role as it is now")
    .fails(400, "A field is not good")
    .fails(404, "No such role")
    .fails(409, "The key is taken")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
    Body(request): Body<RoleChangeReq>,
) -> Result<Response, ApiError> {
    let change = RoleChange {
        name: request.role_name,
        key: request.role_key,
        sort: request.role_sort,
        status: request.status.as_deref().map(Status::parse).transpose()?,
        data_scope: request.data_scope.as_deref().map(data_scope).transpose()?,
        remark: request.remark,
        permissions: request.permission,
        menu_ids: request
            .menu_ids
            .map(|ids| ids.into_iter().map(MenuId).collect()),
        dept_ids: request
            .dept_ids
            .map(|ids| ids.into_iter().map(DeptId).collect()),
        ..RoleChange::default()
    };
    let role = api
        .services
        .roles
        .update(&caller, RoleId(id), change)
        .await?;
    Ok(view::ok(&context, &view::CHANGED, view::role(&api, role)))
}
