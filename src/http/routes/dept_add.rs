//! `POST /dept`.

use super::role_list::status;
use crate::error::ApiError;
use crate::extract::{Body, SignedIn};
use crate::tree_view::{self, DeptView};
use crate::{Access, Api, Endpoint, RequestContext, schema, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::dept::NewDept;
use menshen_domain::{DeptId, Text, catalogue, validate};
use schemars::JsonSchema;
use serde::Deserialize;

/// A department to be made. Names are taken in camelCase and snake_case alike.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DeptReq {
    /// The department above it; 0, `null` or nothing for the top.
    parent_id: Option<i64>,
    /// The name, 1 to 50 characters, unlike its siblings'.
    #[schemars(with = "schema::Name")]
    dept_name: Option<String>,
    /// Where it stands among its siblings; 0 by default.
    #[schemars(with = "Option<schema::Sort>")]
    order_num: Option<i64>,
    /// Another word for `orderNum`.
    #[schemars(with = "Option<schema::Sort>")]
    sort: Option<i64>,
    /// Who leads it, at most 50 characters.
    #[schemars(with = "Option<schema::ShortText>")]
    leader: Option<String>,
    #[schemars(with = "Option<schema::Phone>")]
    phone: Option<String>,
    #[schemars(with = "Option<schema::Email>")]
    email: Option<String>,
    /// `0` active (the default), `1` disabled.
    #[schemars(with = "Option<schema::StatusOrEmpty>")]
    status: Option<String>,
}

/// A department's id; 0 stands for the top.
pub(super) fn above(id: i64) -> Option<DeptId> {
    (id != 0).then_some(DeptId(id))
}

/// The place among siblings under either of its names; what is not heeded must be good too.
///
/// # Errors
/// Names `sort` when it is out of bounds.
pub(super) fn place(order_num: Option<i64>, sort: Option<i64>) -> Result<Option<i64>, ApiError> {
    let sort = sort.map(|s| validate::range("sort", s, 0, 1_000_000));
    Ok(order_num.or(sort.transpose()?))
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/dept",
        Access::Permission(catalogue::DEPT_ADD),
        Text::fixed("新增部门", "Add a department"),
        handle,
    )
    .tag("Menshen")
    .takes::<DeptReq>()
    .gives::<view::Answer<DeptView>>(200, "The department as it was made")
    .fails(
        400,
        "A field is not good, or the parent is not there or outside the data scope",
    )
    .fails(409, "A sibling has that name, or it would be too deep")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Body(request): Body<DeptReq>,
) -> Result<Response, ApiError> {
    let new = NewDept {
        parent_id: request.parent_id.and_then(above),
        name: request.dept_name.unwrap_or_default(),
        sort: place(request.order_num, request.sort)?.unwrap_or(0),
        leader: request.leader,
        phone: request.phone,
        email: request.email,
        status: status(request.status.as_deref())?.unwrap_or_default(),
    };
    let made = api.services.depts.create(&caller, new).await?;
    let dept = tree_view::dept(&api, made);
    Ok(view::ok(&context, &view::ADDED, dept))
}
