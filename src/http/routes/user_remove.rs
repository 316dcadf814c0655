//! `DELETE /user/{uid}` (document C).

use crate::error::ApiError;
use crate::extract::{Id, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, UserId, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::DELETE,
        "/user/{uid}",
        Access::Permission(catalogue::USER_REMOVE),
        Text::fixed("删除用户", "Delete a user"),
        handle,
    )
    .id("uid")
    .gives::<view::Answer<()>>(200, "Deleted; the sessions have ended")
    .fails(404, "No such user")
    .fails(409, "Oneself, or the last administrator, can't be deleted")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
) -> Result<Response, ApiError> {
    api.services.users.delete(&caller, UserId(id)).await?;
    Ok(view::ok(&context, &view::DELETED, ()))
}
