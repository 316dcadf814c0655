//! `GET /perm` (document C): a role's permissions, or all that a filter lets through.

use super::perm_list;
use super::role_list::relaxed;
use crate::error::ApiError;
use crate::extract::{Query, RawBody, SignedIn, typed};
use crate::view::{self, List, PermissionView};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{RoleId, Text, catalogue};
use menshen_services::permissions::PermissionFilter;
use schemars::JsonSchema;
use serde::Deserialize;

/// Which permissions are wanted.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PermQueryReq {
    /// The role whose permissions are wanted.
    role_id: Option<i64>,
    /// Part of the code.
    code: Option<String>,
    /// Part of the name.
    name: Option<String>,
    /// Part of the description.
    description: Option<String>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/perm",
        Access::Permission(catalogue::PERM_QUERY),
        Text::fixed("查询权限", "Query permissions"),
        handle,
    )
    .query("roleId", "integer", "A role, for its permissions alone")
    .query("code", "string", "Part of the code")
    .query("name", "string", "Part of the name")
    .query("description", "string", "Part of the description")
    .takes::<PermQueryReq>()
    .gives::<view::Answer<List<PermissionView>>>(200, "The permissions")
    .fails(400, "A parameter is not good")
    .fails(404, "No such role")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    query: Query,
    RawBody(body): RawBody,
) -> Result<Response, ApiError> {
    let body: PermQueryReq = typed(relaxed(body)?)?;
    let answer = match query.number("roleId")?.or(body.role_id) {
        Some(id) => {
            let role = api.services.roles.get(&caller, RoleId(id)).await?;
            let known = api.services.permissions.catalogue().await?;
            let list: Vec<PermissionView> = role
                .permissions
                .iter()
                .map(|p| view::granted(context.client.lang, p, &known))
                .collect();
            List {
                total: i64::try_from(list.len()).unwrap_or(i64::MAX),
                list,
            }
        }
        None => {
            let filter = PermissionFilter {
                code: query.text("code").or(body.code),
                name: query.text("name").or(body.name),
                description: query.text("description").or(body.description),
            };
            perm_list::list(&context, &api.services.permissions.list(&filter).await?)
        }
    };
    Ok(view::ok(&context, &view::QUERIED, answer))
}
