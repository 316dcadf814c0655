//! `GET /api/sms` (document E): has a code sent to a phone.

use super::api_auth_logout::SignedOut as Done;
use super::api_login::named;
use crate::error::ApiError;
use crate::extract::Query;
use crate::layers::is_stranger;
use crate::{Access, Api, Endpoint, RequestContext, schema};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use menshen_domain::Text;
use serde_json::json;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/api/sms",
        Access::Public,
        Text::fixed("获取手机验证码", "Have a code sent to a phone"),
        handle,
    )
    .tag("E")
    .details(Text::fixed(
        "验证码为 6 位数字，5 分钟内有效，只能用一次，最多试 5 次。无论该号码是否已有账号，应答都相同。",
        "The code has six digits and is good once, for five minutes and five tries. The answer is \
         the same whether or not anybody holds the number.",
    ))
    .parameter("Phone", "query", "string", true, "The phone number")
    .detail("pattern", schema::PHONE)
    .query("captchaKey", "string", "The captcha's key, when one was solved")
    .query("captchaCode", "string", "The captcha's answer")
    .gives::<Done>(200, "The code is on its way")
    .shows(json!({ "code": 200 }))
    .fails(
        400,
        "It is no phone number, the captcha is wrong, or short messages are not set up",
    )
    .fails(401, "A captcha is due")
    .fails(403, "A page of another site sent it")
    .fails(429, "Too many codes")
    .fails(502, "The gateway failed")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    headers: HeaderMap,
    query: Query,
) -> Result<Json<Done>, ApiError> {
    // Pages of other sites must not have their visitors' browsers ask for messages.
    if is_stranger(&api, &headers, &context) {
        return Err(ApiError::foreign());
    }
    let either = |pascal, camel| query.text(pascal).or_else(|| query.text(camel));
    let phone = either("Phone", "phone").unwrap_or_default();
    let key = either("CaptchaKey", "captchaKey");
    let code = either("CaptchaCode", "captchaCode");
    api.services
        .codes
        .send_for_sign_in(&context.client, &phone, key.as_deref(), code.as_deref())
        .await
        .map_err(|error| named(error, "Phone"))?;
    Ok(Json(Done { code: 200 }))
}
