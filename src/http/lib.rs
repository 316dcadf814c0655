//! The REST face of Menshen.
//!
//! [`routes::all`] lists every endpoint with what it asks of the caller; the router, the OpenAPI
//! document ([`openapi`]) and the tests are drawn from that one list. A handler is a thin twin of
//! a server function: it parses, calls one service, and shapes the answer. What it asks of the
//! caller is declared beside its path and enforced before it runs ([`endpoint`]).
//!
//! To add an endpoint: a file in `routes/` with its request, its answer, its handler and its
//! `endpoint()`; a line in [`routes::all`]; its permission in `menshen_domain::catalogue`; and its
//! cases in the contract tests. Errors are `menshen_domain::Error`, mapped once in [`error`], in the
//! shape of the document that the path belongs to (`family`).

mod body;
pub mod browser;
pub mod context;
mod csv_file;
mod docs;
pub mod endpoint;
pub mod error;
mod extract;
mod family;
mod layers;
pub mod metrics;
mod multipart;
pub mod openapi;
pub mod routes;
mod schema;
pub mod settings;
mod tree_view;
mod view;

pub use context::RequestContext;
pub use endpoint::{Access, Endpoint};
pub use layers::{not_found, wrap};
pub use settings::Server;

use axum::Router;
use jiff::tz::TimeZone;
use menshen_services::Services;
use std::sync::Arc;

/// What every handler can reach. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Api {
    /// The services.
    pub services: Services,
    /// The time zone of times in answers.
    pub zone: TimeZone,
    /// The settings of the server.
    pub server: Arc<Server>,
    /// What is counted, and when counting began.
    pub metrics: metrics::Recorder,
}

/// The REST routes, without the layers that [`wrap`] puts around everything.
pub fn router(api: &Api) -> Router<()> {
    let mut router = Router::new();
    for endpoint in routes::all() {
        router = endpoint.mount(router);
    }
    router.with_state(api.clone())
}
