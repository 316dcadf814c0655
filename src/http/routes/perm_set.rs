//! `PUT /perm` (document C): replaces a role's permissions.

use super::role_add::permissions;
use crate::error::ApiError;
use crate::extract::{Query, RawBody, SignedIn, typed};
use crate::schema;
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::role::RoleChange;
use menshen_domain::{Error, RoleId, Text, catalogue};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A role and all permissions that it is to grant.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PermSetReq {
    /// The role.
    role_id: Option<i64>,
    /// The permissions; an empty list clears.
    #[schemars(with = "Option<schema::Permissions>")]
    #[serde(default, deserialize_with = "permissions")]
    permissions: Option<Vec<String>>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::PUT,
        "/perm",
        Access::Permission(catalogue::PERM_ALTER),
        Text::fixed("修改角色权限", "Replace a role's permissions"),
        handle,
    )
    .query("roleId", "integer", "The role")
    .query(
        "permissions",
        "array",
        "The permissions: repeated, comma-separated, or as permissions[]; empty clears",
    )
    .details(Text::fixed(
        "角色与权限可放在查询参数里，也可放在请求体里，但必须给出；没有给出权限时返回 400，空列表表示清空。",
        "Role and permissions may stand in the query or in the body, but must be given: without \
         permissions it is 400, and an empty list clears.",
    ))
    .takes::<PermSetReq>()
    .example(json!({ "roleId": 2, "permissions": ["system:user:list", "system:role:list"] }))
    .gives::<view::Answer<()>>(200, "Replaced")
    .fails(
        400,
        "No role or no permissions given, or unknown ones: all are named, nothing is changed",
    )
    .fails(404, "No such role")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    query: Query,
    RawBody(body): RawBody,
) -> Result<Response, ApiError> {
    let body: PermSetReq = typed(body.unwrap_or_else(|| Value::Object(Map::new())))?;
    let role = query
        .number("roleId")?
        .or(body.role_id)
        .ok_or_else(|| missing("roleId"))?;
    let in_query = query.list("permissions").map(|values| {
        values
            .iter()
            .flat_map(|v| v.split(','))
            .map(str::to_owned)
            .collect()
    });
    let wanted = in_query
        .or(body.permissions)
        .ok_or_else(|| missing("permissions"))?;
    let change = RoleChange {
        permissions: Some(wanted),
        ..RoleChange::default()
    };
    api.services
        .roles
        .update(&caller, RoleId(role), change)
        .await?;
    Ok(view::ok(&context, &view::CHANGED, ()))
}

fn missing(field: &'static str) -> ApiError {
    Error::field(field, Text::fixed("必须给出", "must be given")).into()
}
