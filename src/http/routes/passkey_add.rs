//! `POST /auth/passkey`: the passkey that a device made.

use super::passkey_list::{PasskeyView, shown};
use crate::error::ApiError;
use crate::extract::{Body, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, schema, view};
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use menshen_domain::Text;
use menshen_services::passkeys::Enrolment;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// What finishes an enrolment.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AddReq {
    /// The ticket of `POST /auth/passkey/options`.
    #[schemars(with = "schema::Ticket")]
    ticket: Option<String>,
    /// What to call it, 1 to 50 characters.
    #[schemars(with = "schema::PasskeyName")]
    name: Option<String>,
    /// The device's answer, as `credential.toJSON()` gives it.
    #[schemars(with = "schema::NewCredential")]
    #[serde(default)]
    credential: Value,
    /// Whether one's other sessions end.
    #[serde(default)]
    end_other_sessions: bool,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/auth/passkey",
        Access::SignedIn,
        Text::fixed("添加通行密钥", "Add a passkey"),
        handle,
    )
    .tag("Menshen")
    .takes::<AddReq>()
    .gives::<view::Answer<PasskeyView>>(201, "The new passkey")
    .fails(
        400,
        "Named in `errors`: a field is not good, the ticket is over, or the device's answer is \
         not to this challenge; or passkeys are not set up here",
    )
    .fails(401, "The access token is not good")
    .fails(409, "It is registered already, or there are 20")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Body(request): Body<AddReq>,
) -> Result<Response, ApiError> {
    let enrolment = Enrolment {
        ticket: request.ticket.unwrap_or_default(),
        name: request.name.unwrap_or_default(),
        credential: request.credential,
        end_other_sessions: request.end_other_sessions,
    };
    let made = api.services.passkeys.finish(&caller, &enrolment).await?;
    let passkey = shown(&api, made);
    Ok(view::answer(
        &context,
        StatusCode::CREATED,
        &view::ADDED,
        passkey,
    ))
}
