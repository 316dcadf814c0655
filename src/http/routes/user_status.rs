//! `PUT /user/{uid}/status`: disables a user, or makes her active again.

use crate::error::ApiError;
use crate::extract::{Body, Id, SignedIn};
use crate::view::{self, UserView};
use crate::{Access, Api, Endpoint, RequestContext, schema};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::role::Status;
use menshen_domain::user::UserChange;
use menshen_domain::{Text, UserId, catalogue};
use schemars::JsonSchema;
use serde::Deserialize;

/// The status to be set.
#[derive(Deserialize, JsonSchema)]
struct StatusReq {
    /// `0` active, `1` disabled.
    #[schemars(with = "schema::Status")]
    status: Option<String>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::PUT,
        "/user/{uid}/status",
        Access::Permission(catalogue::USER_ALTER),
        Text::fixed("启用或停用用户", "Disable a user, or make her active"),
        handle,
    )
    .tag("Menshen")
    .id("uid")
    .takes::<StatusReq>()
    .gives::<view::Answer<UserView>>(
        200,
        "The user as it is now; the sessions of a disabled one have ended",
    )
    .fails(400, "The status is neither 0 nor 1")
    .fails(404, "No such user")
    .fails(409, "Oneself, or the last administrator, can't be disabled")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
    Body(request): Body<StatusReq>,
) -> Result<Response, ApiError> {
    let change = UserChange {
        status: Some(Status::parse(
            request.status.as_deref().unwrap_or_default(),
        )?),
        ..UserChange::default()
    };
    let users = &api.services.users;
    let user = users.update(&caller, UserId(id), change).await?;
    Ok(view::ok(&context, &view::CHANGED, view::user(&api, user)))
}
