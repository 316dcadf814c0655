//! `POST /auth/passkey/login/options`: a challenge for a device that is to sign in.

use super::passkey_options::ChallengeView;
use crate::error::ApiError;
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::Text;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/auth/passkey/login/options",
        Access::Public,
        Text::fixed("开始用通行密钥登录", "Begin to sign in with a passkey"),
        handle,
    )
    .tag("Menshen")
    .details(Text::fixed(
        "不需要用户名：设备自己知道是谁。把 `publicKey` 交给 \
         `PublicKeyCredential.parseRequestOptionsFromJSON` 与 `navigator.credentials.get`，再将结果的 \
         `toJSON()` 连同 `ticket` 发往 `POST /auth/passkey/login`。",
        "No name is asked for: the device knows who it is. Hand `publicKey` to \
         `PublicKeyCredential.parseRequestOptionsFromJSON` and `navigator.credentials.get`; the \
         result's `toJSON()` goes to `POST /auth/passkey/login`, with the `ticket`.",
    ))
    .gives::<view::Answer<ChallengeView>>(200, "A ticket, and the options for the browser")
    .fails(400, "Passkeys are not set up here")
    .fails(429, "Too many challenges")
}

async fn handle(State(api): State<Api>, context: RequestContext) -> Result<Response, ApiError> {
    let begun = api.services.passkeys.login_options(&context.client).await?;
    let challenge = ChallengeView::from(begun);
    Ok(view::ok(&context, &view::FETCHED, challenge))
}
