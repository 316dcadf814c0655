//! `GET /admin/captcha/{key}/audio`: the captcha read aloud, for those who can't see it.

use crate::error::ApiError;
use crate::{Access, Api, Endpoint};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{Method, header};
use axum::response::{IntoResponse as _, Response};
use menshen_domain::Text;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/admin/captcha/{key}/audio",
        Access::Public,
        Text::fixed("收听验证码", "Listen to a captcha"),
        handle,
    )
    .tag("Menshen")
    .parameter("key", "path", "string", true, "The captcha's key")
    .gives_media(200, "audio/wav", "The letters and digits, read aloud")
    .fails(404, "No such captcha, or used or expired")
}

async fn handle(
    State(api): State<Api>,
    key: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    // A path that is no text names no captcha.
    let Ok(Path(key)) = key else {
        return Err(ApiError::not_found());
    };
    let wav = api
        .services
        .captcha
        .audio(&key)
        .await?
        .ok_or_else(ApiError::not_found)?;
    Ok(([(header::CONTENT_TYPE, "audio/wav")], wav).into_response())
}
