//! `POST /role` (document C).

use crate::error::ApiError;
use crate::extract::{Body, SignedIn};
use crate::schema;
use crate::view::{self, RoleView};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::role::{NewRole, Status};
use menshen_domain::scope::DataScope;
use menshen_domain::{DeptId, Error, MenuId, Text, catalogue};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::{Value, json};

/// A role to be made. Names are taken in camelCase and snake_case alike.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RoleReq {
    /// The name, 1 to 50 characters.
    #[schemars(with = "schema::RoleName")]
    role_name: Option<String>,
    /// The unique key, 1 to 50 of letters, digits and `_ - : .`, starting with a letter.
    #[schemars(with = "schema::RoleKey")]
    role_key: Option<String>,
    /// Where it stands in lists; 0 by default.
    #[schemars(with = "Option<schema::Sort>")]
    role_sort: Option<i64>,
    /// `0` active (the default), `1` disabled.
    #[schemars(with = "Option<schema::Status>")]
    status: Option<String>,
    /// A note, at most 500 characters.
    #[schemars(with = "Option<schema::Remark>")]
    remark: Option<String>,
    /// The permissions it grants.
    #[schemars(with = "Option<schema::Permissions>")]
    #[serde(default, alias = "permissions", deserialize_with = "permissions")]
    permission: Option<Vec<String>>,
    /// The menu entries it shows.
    menu_ids: Option<Vec<i64>>,
    /// `1` to `5`; `1` (all) by default, or the widest that the caller has.
    #[schemars(with = "Option<schema::DataScope>")]
    data_scope: Option<String>,
    /// The departments of a custom data scope.
    dept_ids: Option<Vec<i64>>,
}

/// Document C's example has a list of lists; a plain list is what one would expect.
pub(super) fn permissions<'de, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<Vec<String>>, D::Error> {
    let Some(items) = Option::<Vec<Value>>::deserialize(d)? else {
        return Ok(None);
    };
    let mut all = Vec::new();
    for item in items {
        match item {
            Value::String(code) => all.push(code),
            Value::Array(inner) => {
                for code in inner {
                    let code = code
                        .as_str()
                        .ok_or_else(|| D::Error::custom("expected a string"))?;
                    all.push(code.to_owned());
                }
            }
            _ => return Err(D::Error::custom("expected a string or a list of strings")),
        }
    }
    Ok(Some(all))
}

/// # Errors
/// Names `dataScope` when it is none.
pub(super) fn data_scope(code: &str) -> Result<DataScope, ApiError> {
    DataScope::from_code(code).ok_or_else(|| {
        Error::field("dataScope", Text::fixed("应为 1 到 5", "must be 1 to 5")).into()
    })
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/role",
        Access::Permission(catalogue::ROLE_ADD),
        Text::fixed("新增角色", "Add a role"),
        handle,
    )
    .takes::<RoleReq>()
    .example(json!({
        "roleName": "审计员", "roleKey": "auditor", "roleSort": 3, "status": "0",
        "remark": "只看日志", "permission": ["monitor:log:login", "monitor:log:operation"],
    }))
    .gives::<view::Answer<RoleView>>(200, "The role as it was made")
    .fails(400, "A field is not good")
    .fails(409, "The key is taken")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Body(request): Body<RoleReq>,
) -> Result<Response, ApiError> {
    let new = NewRole {
        name: request.role_name.unwrap_or_default(),
        key: request.role_key.unwrap_or_default(),
        sort: request.role_sort.unwrap_or(0),
        status: request
            .status
            .as_deref()
            .map(Status::parse)
            .transpose()?
            .unwrap_or_default(),
        data_scope: match &request.data_scope {
            Some(code) => data_scope(code)?,
            None => caller.sight().scope,
        },
        remark: request.remark,
        permissions: request.permission.unwrap_or_default(),
        menu_ids: request
            .menu_ids
            .unwrap_or_default()
            .into_iter()
            .map(MenuId)
            .collect(),
        dept_ids: request
            .dept_ids
            .unwrap_or_default()
            .into_iter()
            .map(DeptId)
            .collect(),
    };
    let role = api.services.roles.create(&caller, new).await?;
    Ok(view::ok(&context, &view::ADDED, view::role(&api, role)))
}
