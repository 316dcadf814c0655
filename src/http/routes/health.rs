//! `GET /health/live` and `GET /health/ready`, for whoever runs the server.

use crate::error::ApiError;
use crate::{Access, Api, Endpoint};
use axum::Json;
use axum::extract::State;
use axum::http::Method;
use menshen_domain::{Error, Kind, Text};
use schemars::JsonSchema;
use serde::Serialize;

/// How the server is.
#[derive(Debug, Serialize, JsonSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
}

pub(super) fn live() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/health/live",
        Access::Public,
        Text::fixed("进程是否存活", "Whether the process is alive"),
        handle_live,
    )
    .tag("Menshen")
    .gives::<Health>(200, "It is")
}

async fn handle_live() -> Json<Health> {
    Json(Health { status: "ok" })
}

pub(super) fn ready() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/health/ready",
        Access::Public,
        Text::fixed("是否可以服务", "Whether requests can be served"),
        handle_ready,
    )
    .tag("Menshen")
    .gives::<Health>(200, "They can")
    .fails(503, "The database does not answer")
}

async fn handle_ready(State(api): State<Api>) -> Result<Json<Health>, ApiError> {
    match api.services.ready().await {
        Ok(()) => Ok(Json(Health { status: "ok" })),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            let busy = Error::new(
                Kind::Busy { retry_after: 5 },
                "数据库没有响应",
                "The database does not answer",
            );
            Err(busy.into())
        }
    }
}
