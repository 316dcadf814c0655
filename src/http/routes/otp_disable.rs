//! `DELETE /auth/otp`: turning one's own second factor off; and `POST /auth/otp/disable`, the
//! same for clients that can't send a body with DELETE.

use crate::error::ApiError;
use crate::extract::{Body, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, schema, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::Text;
use menshen_services::second_factor::Consent;
use schemars::JsonSchema;
use serde::Deserialize;

/// The password, asked again.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConsentReq {
    /// The current password.
    #[schemars(with = "schema::Proof")]
    password: Option<String>,
    /// Whether one's other sessions end.
    #[serde(default)]
    end_other_sessions: bool,
}

impl From<ConsentReq> for Consent {
    fn from(request: ConsentReq) -> Self {
        Self {
            password: request.password.unwrap_or_default(),
            end_other_sessions: request.end_other_sessions,
        }
    }
}

pub(super) fn delete() -> Endpoint {
    endpoint(Method::DELETE, "/auth/otp")
}

pub(super) fn post() -> Endpoint {
    endpoint(Method::POST, "/auth/otp/disable")
}

fn endpoint(method: Method, path: &'static str) -> Endpoint {
    Endpoint::new(
        method,
        path,
        Access::SignedIn,
        Text::fixed("关闭自己的两步验证", "Turn one's own second factor off"),
        handle,
    )
    .tag("Menshen")
    .takes::<ConsentReq>()
    .gives::<view::Answer<()>>(200, "It is off; the recovery codes are void")
    .fails(400, "The password is wrong")
    .fails(401, "The access token is not good")
    .fails(404, "The second factor is not turned on")
    .fails(429, "Too many tries")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Body(request): Body<ConsentReq>,
) -> Result<Response, ApiError> {
    let factors = &api.services.second_factor;
    factors.disable(&caller, &request.into()).await?;
    Ok(view::ok(&context, &view::DELETED, ()))
}
