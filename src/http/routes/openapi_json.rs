//! `GET /openapi.json`: the OpenAPI 3.1 document.

use crate::{Access, Endpoint, openapi};
use axum::http::{Method, header};
use axum::response::{IntoResponse as _, Response};
use menshen_domain::Text;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// An OpenAPI document.
#[derive(Debug, Serialize, JsonSchema)]
struct OpenApi {
    /// The version of OpenAPI.
    openapi: String,
    info: Map<String, Value>,
    paths: Map<String, Value>,
    components: Map<String, Value>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/openapi.json",
        Access::Public,
        Text::fixed("OpenAPI 文档", "The OpenAPI document"),
        handle,
    )
    .tag("Menshen")
    .gives::<OpenApi>(200, "This document")
}

async fn handle() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, openapi::text()).into_response()
}
