//! `DELETE /dept/{deptId}`.

use crate::error::ApiError;
use crate::extract::{Id, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{DeptId, Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::DELETE,
        "/dept/{deptId}",
        Access::Permission(catalogue::DEPT_REMOVE),
        Text::fixed("删除部门", "Delete a department"),
        handle,
    )
    .tag("Menshen")
    .id("deptId")
    .gives::<view::Answer<()>>(200, "Deleted")
    .fails(404, "No such department")
    .fails(
        409,
        "Departments are below it or users in it; says how many",
    )
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
) -> Result<Response, ApiError> {
    api.services.depts.delete(&caller, DeptId(id)).await?;
    Ok(view::ok(&context, &view::DELETED, ()))
}
