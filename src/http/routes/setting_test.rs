//! `POST /setting/{section}/test`: tries a way to sign in out as it is set up.

use super::setting_set::at_section;
use crate::error::ApiError;
use crate::extract::{Body, Code, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, catalogue};
use schemars::JsonSchema;
use serde::Deserialize;

/// What a test needs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SettingTestReq {
    /// For `sms`: the number that a code, which opens nothing, is sent to.
    phone: Option<String>,
}

static WORKS: Text = Text::fixed("测试通过", "It works");

pub(super) fn endpoint() -> Endpoint {
    at_section(Endpoint::new(
        Method::POST,
        "/setting/{section}/test",
        Access::Permission(catalogue::SETTING_ALTER),
        Text::fixed("测试设置", "Try settings out"),
        handle,
    ))
    .details(Text::fixed(
        "sms 发送一条短信；wechat_mini、wechat_scan 与 wecom 检查凭据。每分钟至多 6 次。",
        "`sms` sends a message; `wechat_mini`, `wechat_scan` and `wecom` have the credentials \
         checked. At most 6 a minute.",
    ))
    .takes::<SettingTestReq>()
    .gives::<view::Answer<()>>(200, "It works")
    .fails(
        400,
        "It can't be tried out, is not set up, or it is no phone number",
    )
    .fails(429, "Too many tries")
    .fails(
        502,
        "The vendor refused or failed; the message has its words",
    )
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Code(section): Code,
    Body(request): Body<SettingTestReq>,
) -> Result<Response, ApiError> {
    let configuration = &api.services.configuration;
    let phone = request.phone.as_deref();
    configuration.test(&caller, &section, phone).await?;
    Ok(view::ok(&context, &WORKS, ()))
}
