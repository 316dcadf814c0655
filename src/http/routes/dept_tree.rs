//! `GET /dept`: the departments in the caller's data scope, as a tree.

use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::tree_view::{self, DeptView};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/dept",
        Access::Permission(catalogue::DEPT_LIST),
        Text::fixed(
            "部门树：数据范围内的部门，以及通向它们的上级",
            "The departments in one's data scope as a tree, with those above that lead there",
        ),
        handle,
    )
    .tag("Menshen")
    .gives::<view::Answer<Vec<DeptView>>>(200, "The tree")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
) -> Result<Response, ApiError> {
    let tree = api.services.depts.tree(&caller).await?;
    let tree = tree_view::dept_tree(&api, tree);
    Ok(view::ok(&context, &view::QUERIED, tree))
}
