//! `GET /dept/{deptId}`.

use crate::error::ApiError;
use crate::extract::{Id, SignedIn};
use crate::tree_view::{self, DeptView};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{DeptId, Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/dept/{deptId}",
        Access::Permission(catalogue::DEPT_LIST),
        Text::fixed("查询部门", "Get a department"),
        handle,
    )
    .tag("Menshen")
    .id("deptId")
    .gives::<view::Answer<DeptView>>(200, "The department")
    .fails(400, "The id is no id")
    .fails(404, "No such department, or it is outside the data scope")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let found = api.services.depts.get(&caller, DeptId(id)).await?;
    let dept = tree_view::dept(&api, found);
    Ok(view::ok(&context, &view::FETCHED, dept))
}
