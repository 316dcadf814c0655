//! `POST /auth/otp/enroll`: a secret for one's authenticator app.

use crate::error::ApiError;
use crate::extract::{Body, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, schema, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The password, asked again.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EnrollReq {
    /// The current password.
    #[schemars(with = "schema::Proof")]
    password: Option<String>,
}

/// A secret to be put into an authenticator app.
#[derive(Serialize, JsonSchema)]
struct EnrollResp {
    /// The secret in base32, to be typed in.
    secret: String,
    /// The same as an `otpauth://` address.
    uri: String,
    /// The address as a QR code: the `data:` address of an SVG.
    qr: String,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/auth/otp/enroll",
        Access::SignedIn,
        Text::fixed("开始设置两步验证", "Begin to set up the second factor"),
        handle,
    )
    .tag("Menshen")
    .takes::<EnrollReq>()
    .gives::<view::Answer<EnrollResp>>(
        200,
        "A secret, shown this once; it counts once its first code is confirmed",
    )
    .fails(400, "The password is wrong")
    .fails(401, "The access token is not good")
    .fails(429, "Too many tries")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Body(request): Body<EnrollReq>,
) -> Result<Response, ApiError> {
    let factors = &api.services.second_factor;
    let password = request.password.unwrap_or_default();
    let proposal = factors.enroll(&caller, &password).await?;
    let body = EnrollResp {
        secret: proposal.secret,
        uri: proposal.uri,
        qr: proposal.qr,
    };
    Ok(view::ok(&context, &view::ADDED, body))
}
