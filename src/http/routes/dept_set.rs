//! `PUT /dept/{deptId}`: changes the fields that are sent, and no others; `parentId` moves it.

use super::dept_add::{above, place};
use super::role_list::status;
use crate::error::ApiError;
use crate::extract::{Body, Id, SignedIn, sent};
use crate::tree_view::{self, DeptView};
use crate::{Access, Api, Endpoint, RequestContext, schema, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::dept::DeptChange;
use menshen_domain::{DeptId, Text, catalogue};
use schemars::JsonSchema;
use serde::Deserialize;

/// A change of a department. What is not sent stays as it is; `null` or an empty text clears.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DeptChangeReq {
    /// The department to stand below from now on, with all that is below it; 0 or `null` for the
    /// top.
    #[schemars(with = "Option<i64>")]
    #[serde(default, deserialize_with = "sent")]
    parent_id: Option<Option<i64>>,
    /// A new name.
    #[schemars(with = "Option<schema::Name>")]
    dept_name: Option<String>,
    /// A new place among its siblings.
    #[schemars(with = "Option<schema::Sort>")]
    order_num: Option<i64>,
    /// Another word for `orderNum`.
    #[schemars(with = "Option<schema::Sort>")]
    sort: Option<i64>,
    /// Another leader.
    #[schemars(with = "Option<schema::ShortText>")]
    #[serde(default, deserialize_with = "sent")]
    leader: Option<Option<String>>,
    #[schemars(with = "Option<schema::Phone>")]
    #[serde(default, deserialize_with = "sent")]
    phone: Option<Option<String>>,
    #[schemars(with = "Option<schema::Email>")]
    #[serde(default, deserialize_with = "sent")]
    email: Option<Option<String>>,
    /// `0` active, `1` disabled: it can't be chosen for users.
    #[schemars(with = "Option<schema::StatusOrEmpty>")]
    status: Option<String>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::PUT,
        "/dept/{deptId}",
        Access::Permission(catalogue::DEPT_ALTER),
        Text::fixed("修改或移动部门", "Change or move a department"),
        handle,
    )
    .tag("Menshen")
    .id("deptId")
    .takes::<DeptChangeReq>()
    .gives::<view::Answer<DeptView>>(200, "The department as it is now")
    .fails(
        400,
        "A field is not good, or the parent is not there or outside the data scope",
    )
    .fails(404, "No such department, or it is outside the data scope")
    .fails(
        409,
        "A sibling has that name, or it would stand below itself or too deep",
    )
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
    Body(request): Body<DeptChangeReq>,
) -> Result<Response, ApiError> {
    let change = DeptChange {
        parent_id: request.parent_id.map(|p| p.and_then(above)),
        name: request.dept_name,
        sort: place(request.order_num, request.sort)?,
        leader: request.leader.map(Option::unwrap_or_default),
        phone: request.phone.map(Option::unwrap_or_default),
        email: request.email.map(Option::unwrap_or_default),
        status: status(request.status.as_deref())?,
    };
    let changed = api
        .services
        .depts
        .update(&caller, DeptId(id), change)
        .await?;
    let dept = tree_view::dept(&api, changed);
    Ok(view::ok(&context, &view::CHANGED, dept))
}
