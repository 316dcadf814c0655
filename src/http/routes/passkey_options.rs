//! `POST /auth/passkey/options`: a challenge for the device that is to make a passkey.

use crate::error::ApiError;
use crate::extract::{Body, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, schema, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::Text;
use menshen_services::passkeys::Challenge;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The password, asked again.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OptionsReq {
    /// The current password.
    #[schemars(with = "schema::Proof")]
    password: Option<String>,
}

/// A ceremony that was begun.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChallengeView {
    /// Finishes it together with the device's answer: one use, 5 minutes.
    ticket: String,
    /// The options for the browser in WebAuthn's JSON form (level 3), binary values in base64url.
    #[schemars(with = "schema::AnyObject")]
    public_key: Value,
}

impl From<Challenge> for ChallengeView {
    fn from(challenge: Challenge) -> Self {
        Self {
            ticket: challenge.ticket,
            public_key: challenge.public_key,
        }
    }
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/auth/passkey/options",
        Access::SignedIn,
        Text::fixed("开始添加通行密钥", "Begin to add a passkey"),
        handle,
    )
    .tag("Menshen")
    .details(Text::fixed(
        "把 `publicKey` 交给 `PublicKeyCredential.parseCreationOptionsFromJSON` 与 \
         `navigator.credentials.create`，再将结果的 `toJSON()` 连同 `ticket` 发往 `POST /auth/passkey`。",
        "Hand `publicKey` to `PublicKeyCredential.parseCreationOptionsFromJSON` and \
         `navigator.credentials.create`; the result's `toJSON()` goes to `POST /auth/passkey`, \
         with the `ticket`.",
    ))
    .takes::<OptionsReq>()
    .gives::<view::Answer<ChallengeView>>(200, "A ticket, and the options for the browser")
    .fails(400, "The password is wrong, or passkeys are not set up here")
    .fails(401, "The access token is not good")
    .fails(409, "There are 20 passkeys already")
    .fails(429, "Too many tries")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Body(request): Body<OptionsReq>,
) -> Result<Response, ApiError> {
    let password = request.password.unwrap_or_default();
    let begun = api.services.passkeys.begin(&caller, &password).await?;
    let challenge = ChallengeView::from(begun);
    Ok(view::ok(&context, &view::FETCHED, challenge))
}
