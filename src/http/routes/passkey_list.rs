//! `GET /auth/passkey`: one's own passkeys.

use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::view::{self, List, Times};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::Text;
use menshen_domain::passkey::PasskeyInfo;
use schemars::JsonSchema;
use serde::Serialize;

/// A passkey.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PasskeyView {
    id: i64,
    /// What its user calls it.
    name: String,
    /// `YYYY-MM-DD HH:MM:SS`.
    create_time: String,
    /// When somebody signed in with it last; `null` when nobody has.
    last_used_time: Option<String>,
}

pub(super) fn shown(api: &Api, passkey: PasskeyInfo) -> PasskeyView {
    let times = Times(&api.zone);
    PasskeyView {
        id: passkey.id.0,
        name: passkey.name,
        create_time: times.plain(passkey.created_at),
        last_used_time: passkey.last_used_at.map(|t| times.plain(t)),
    }
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/auth/passkey",
        Access::SignedIn,
        Text::fixed("自己的通行密钥", "One's own passkeys"),
        handle,
    )
    .tag("Menshen")
    .gives::<view::Answer<List<PasskeyView>>>(200, "All of them, the oldest first")
    .fails(400, "Passkeys are not set up here")
    .fails(401, "The access token is not good")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
) -> Result<Response, ApiError> {
    let found = api.services.passkeys.list(&caller).await?;
    let list = List::all(found, |passkey| shown(&api, passkey));
    Ok(view::ok(&context, &view::QUERIED, list))
}
