//! `GET /user/info` (document C).

use crate::error::ApiError;
use crate::extract::{Query, SignedIn};
use crate::view::{self, InfoOf};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/user/info",
        Access::OwnOr(catalogue::USER_QUERY),
        Text::fixed("获取用户信息", "Get a user with what she may do and see"),
        handle,
    )
    .query("username", "string", "Another user's name")
    .gives::<view::Answer<InfoOf>>(200, "The user")
    .fails(404, "No such user")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    query: Query,
) -> Result<Response, ApiError> {
    let name = query.text("username");
    let found = api.services.users.info(&caller, name.as_deref()).await?;
    Ok(view::ok(&context, &view::FETCHED, view::info(found)))
}
