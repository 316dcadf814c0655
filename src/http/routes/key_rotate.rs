//! `POST /key/rotate`: makes a new signing key.

use super::key_list::{KeyView, key};
use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/key/rotate",
        Access::Permission(catalogue::SETTING_ALTER),
        Text::fixed("轮换签名密钥", "Rotate the signing key"),
        handle,
    )
    .tag("Menshen")
    .details(Text::fixed(
        "新密钥立即公布在 JWKS 中，一小时后开始签名；旧密钥签名的令牌在到期前仍然有效。",
        "The new key is published in the JWKS at once and signs after an hour; what the old one \
         signed is accepted to its end.",
    ))
    .gives::<view::Answer<KeyView>>(200, "The new key")
    .fails(409, "A new key is waiting already")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
) -> Result<Response, ApiError> {
    let made = api.services.tokens.rotate_by(&caller).await?;
    Ok(view::ok(&context, &view::ADDED, key(&api, made)))
}
