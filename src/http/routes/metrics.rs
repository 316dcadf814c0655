//! `GET /metrics`: the server's figures for Prometheus. Not public unless the settings say so.

use crate::error::ApiError;
use crate::layers::bearer;
use crate::{Access, Api, Endpoint};
use axum::extract::State;
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse as _, Response};
use menshen_domain::Text;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/metrics",
        Access::Secret,
        Text::fixed("Prometheus 指标", "The server's figures, for Prometheus"),
        handle,
    )
    .tag("Menshen")
    .credentials(&[&["metrics"]])
    .gives_media(200, "text/plain", "Prometheus' text format")
    .fails(401, "It is not the token of the settings")
}

async fn handle(State(api): State<Api>, headers: HeaderMap) -> Result<Response, ApiError> {
    api.services.may_read_metrics(bearer(&headers).as_deref())?;
    let figures = api.services.figures().await;
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], api.metrics.render(&figures)).into_response())
}
