//! `GET /dept/list`: the departments in the caller's data scope, flat.

use super::role_list::status;
use crate::error::ApiError;
use crate::extract::{Query, SignedIn};
use crate::tree_view::{self, DeptView};
use crate::view::{self, List};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::dept::DeptFilter;
use menshen_domain::{Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/dept/list",
        Access::Permission(catalogue::DEPT_LIST),
        Text::fixed("部门列表", "List departments"),
        handle,
    )
    .tag("Menshen")
    .query("deptName", "string", "Part of the name")
    .query("status", "string", "0 or 1")
    .one_of(&["0", "1"])
    .gives::<view::Answer<List<DeptView>>>(200, "The departments, in order of the tree")
    .fails(400, "A parameter is not good")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    query: Query,
) -> Result<Response, ApiError> {
    let filter = DeptFilter {
        name: query.text("deptName"),
        status: status(query.text("status").as_deref())?,
    };
    let found = api.services.depts.list(&caller, &filter).await?;
    let list = List::all(found, |d| tree_view::dept(&api, d));
    Ok(view::ok(&context, &view::QUERIED, list))
}
