//! `GET /other/captcha` (document A).

use crate::error::ApiError;
use crate::{Access, Api, Endpoint, RequestContext};
use axum::Json;
use axum::extract::State;
use axum::http::Method;
use menshen_domain::Text;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// A captcha.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CaptchaResp {
    /// The picture: `data:image/png;base64,…`.
    captcha_base64: String,
    /// What to hand in with the answer, once and within two minutes.
    captcha_key: String,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/other/captcha",
        Access::Public,
        Text::fixed("获取图片验证码", "Get a captcha"),
        handle,
    )
    .tag("A")
    .gives::<CaptchaResp>(200, "The picture and its key")
    .shows(json!({ "captchaBase64": "data:image/png;base64,iVBOR…", "captchaKey": "q1Zf…" }))
    .fails(429, "Too many from this address")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
) -> Result<Json<CaptchaResp>, ApiError> {
    let made = api.services.captcha.create(&context.client).await?;
    Ok(Json(CaptchaResp {
        captcha_base64: made.image,
        captcha_key: made.key,
    }))
}
