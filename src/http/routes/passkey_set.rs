//! `PUT /auth/passkey/{id}`: another name for one of one's own passkeys.

use super::passkey_list::{PasskeyView, shown};
use crate::error::ApiError;
use crate::extract::{Body, Id, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, schema, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{PasskeyId, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// A passkey's new name.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RenameReq {
    /// What to call it, 1 to 50 characters.
    #[schemars(with = "schema::PasskeyName")]
    name: Option<String>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::PUT,
        "/auth/passkey/{id}",
        Access::SignedIn,
        Text::fixed("重命名自己的通行密钥", "Rename one of one's own passkeys"),
        handle,
    )
    .tag("Menshen")
    .id("id")
    .takes::<RenameReq>()
    .gives::<view::Answer<PasskeyView>>(200, "The passkey as it is now")
    .fails(400, "The name is not good, or passkeys are not set up here")
    .fails(401, "The access token is not good")
    .fails(404, "There is none of one's own with this id")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
    Body(request): Body<RenameReq>,
) -> Result<Response, ApiError> {
    let name = request.name.unwrap_or_default();
    let passkeys = &api.services.passkeys;
    let renamed = passkeys.rename(&caller, PasskeyId(id), &name).await?;
    let passkey = shown(&api, renamed);
    Ok(view::ok(&context, &view::CHANGED, passkey))
}
