//! `GET /user/{uid}` (document C).

use crate::error::ApiError;
use crate::extract::{Id, SignedIn};
use crate::view::{self, UserView};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, UserId, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/user/{uid}",
        Access::OwnOr(catalogue::USER_QUERY),
        Text::fixed("获取用户详情", "Get a user"),
        handle,
    )
    .id("uid")
    .gives::<view::Answer<UserView>>(200, "The user")
    .fails(400, "The id is no id")
    .fails(404, "No such user")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let user = api.services.users.get(&caller, UserId(id)).await?;
    Ok(view::ok(&context, &view::FETCHED, view::user(&api, user)))
}
