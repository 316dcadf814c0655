//! `PUT /auth/password`: changing one's own password.

use crate::error::ApiError;
use crate::extract::{Body, SignedIn};
use crate::schema;
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::Text;
use schemars::JsonSchema;
use serde::Deserialize;

/// The current password and a new one.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PasswordReq {
    /// The current password.
    #[schemars(with = "String", extend("format" = "password"))]
    current_password: String,
    /// The new one: 12 to 128 characters (by default), hard to guess.
    #[schemars(with = "schema::NewPassword")]
    new_password: String,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::PUT,
        "/auth/password",
        Access::SignedInAnyhow,
        Text::fixed("修改自己的密码", "Change one's own password"),
        handle,
    )
    .tag("Menshen")
    .takes::<PasswordReq>()
    .gives::<view::Answer<()>>(200, "Changed; every session ends, sign in anew")
    .fails(
        400,
        "The current password is wrong, or the new one is not good",
    )
    .fails(401, "The access token is not good")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Body(request): Body<PasswordReq>,
) -> Result<Response, ApiError> {
    api.services
        .sign_in
        .change_password(&caller, &request.current_password, &request.new_password)
        .await?;
    Ok(view::ok(&context, &view::CHANGED, ()))
}
