//! `DELETE /perm/{code}`: removes a code that is not built in from the catalogue.

use super::perm_add::at_code;
use crate::error::ApiError;
use crate::extract::{Code, Query, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    at_code(Endpoint::new(
        Method::DELETE,
        "/perm/{code}",
        Access::Permission(catalogue::PERM_ALTER),
        Text::fixed("删除权限标识", "Remove a code from the catalogue"),
        handle,
    ))
    .query(
        "force",
        "string",
        "Remove it although roles grant it; they grant it no more",
    )
    .one_of(&["true", "false", "1", "0"])
    .gives::<view::Answer<()>>(200, "Removed")
    .fails(404, "No such code")
    .fails(409, "Roles grant it; says how many")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Code(code): Code,
    query: Query,
) -> Result<Response, ApiError> {
    let force = query.flag("force")?;
    api.services
        .permissions
        .delete(&caller, &code, force)
        .await?;
    Ok(view::ok(&context, &view::DELETED, ()))
}
