//! `DELETE /key/{kid}`: revokes a signing key that fell into wrong hands.

use crate::error::ApiError;
use crate::extract::{Code, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::DELETE,
        "/key/{kid}",
        Access::Permission(catalogue::SETTING_ALTER),
        Text::fixed("吊销签名密钥", "Revoke a signing key"),
        handle,
    )
    .tag("Menshen")
    .details(Text::fixed(
        "它签名的令牌立即失效，客户端须用刷新令牌换取新的；若它正在签名，则由下一个密钥立即接替。",
        "What it signed is refused at once, and clients renew with their refresh tokens. When it is \
         the one that signs, the next one signs at once.",
    ))
    .parameter("kid", "path", "string", true, "The key's name")
    .gives::<view::Answer<()>>(200, "Revoked")
    .fails(404, "There is no such key")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Code(kid): Code,
) -> Result<Response, ApiError> {
    api.services.tokens.revoke_by(&caller, &kid).await?;
    Ok(view::ok(&context, &view::DELETED, ()))
}
