//! `PUT /user/{uid}/password`: an administrator gives somebody a password that lasts for one
//! sign-in.

use crate::error::ApiError;
use crate::extract::{Body, Id, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, UserId, catalogue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The password to be given.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ResetReq {
    /// The password; without one, or with an empty one, a random one is made.
    #[serde(alias = "newPassword")]
    password: Option<String>,
}

/// The password that was made.
#[derive(Serialize, JsonSchema)]
struct ResetDone {
    /// The random password, told this once; left out when one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::PUT,
        "/user/{uid}/password",
        Access::Permission(catalogue::USER_RESET),
        Text::fixed("重置密码", "Reset a user's password"),
        handle,
    )
    .tag("Menshen")
    .id("uid")
    .takes::<ResetReq>()
    .gives::<view::Answer<ResetDone>>(
        200,
        "Reset: it must be changed at the next sign-in, and the sessions have ended",
    )
    .fails(400, "The password is weak")
    .fails(404, "No such user")
    .fails(409, "Oneself: that is PUT /auth/password")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
    Body(request): Body<ResetReq>,
) -> Result<Response, ApiError> {
    let users = &api.services.users;
    let password = match request.password.filter(|p| !p.is_empty()) {
        Some(given) => {
            users.set_password(&caller, UserId(id), &given).await?;
            None
        }
        None => Some(users.reset_password(&caller, UserId(id)).await?),
    };
    let text = Text::fixed("密码已重置", "The password was reset");
    Ok(view::ok(&context, &text, ResetDone { password }))
}
