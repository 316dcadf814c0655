//! Counting requests, and telling what was counted in Prometheus' text format.
//!
//! A label never holds what a client made up: a request is counted under its route's template and
//! under a method that is known, else under `other`.

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode};
use menshen_domain::Timestamp;
use menshen_services::Services;
use menshen_services::figures::Figures;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

const REQUESTS: &str = "menshen_http_requests_total";
const DURATION: &str = "menshen_http_request_duration_seconds";
/// From a millisecond, which the hot path stays below, to what a client waits for.
const BUCKETS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// How often what was measured is put into its buckets when nobody asks for it.
const UPKEEP: Duration = Duration::from_secs(5);

/// What the process counts. There is one in a process. Cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    handle: PrometheusHandle,
    started: Timestamp,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorder")
    }
}

impl Recorder {
    /// The process's recorder; the first call makes it and puts it in its place.
    #[must_use]
    pub fn of_process(services: &Services) -> Self {
        static RECORDER: OnceLock<Recorder> = OnceLock::new();
        RECORDER
            .get_or_init(|| Self::install(services.now()))
            .clone()
    }

    fn install(started: Timestamp) -> Self {
        let builder = PrometheusBuilder::new();
        let matcher = Matcher::Full(DURATION.to_owned());
        let builder = builder
            .set_buckets_for_metric(matcher, BUCKETS)
            .unwrap_or_else(|error| {
                tracing::error!(%error, "durations are not put into buckets");
                PrometheusBuilder::new()
            });
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("something else counts already; what it counts is not told here");
        }
        metrics::describe_counter!(REQUESTS, "Requests by method, route and status.");
        metrics::describe_histogram!(DURATION, "How long requests take, by method and route.");
        metrics::describe_counter!(
            "menshen_sign_ins_total",
            "Sign-ins by result, by method (the first factor) and, for failures, by reason."
        );
        Self { handle, started }
    }

    /// Puts what was measured into its buckets now and then, for as long as the program runs.
    pub async fn upkeep(self) {
        let mut interval = tokio::time::interval(UPKEEP);
        loop {
            interval.tick().await;
            self.handle.run_upkeep();
        }
    }

    /// All that was counted, and these figures.
    pub(crate) fn render(&self, figures: &Figures) -> String {
        let mut text = self.handle.render();
        let mut gauge = |name: &str, labels: &str, help: &str, value: i64| {
            // Writing into a string does not fail.
            let _ = write!(
                text,
                "# HELP {name} {help}\n# TYPE {name} gauge\n{name}{labels} {value}\n\n"
            );
        };
        if let Some(sessions) = figures.sessions {
            gauge(
                "menshen_sessions_active",
                "",
                "Sessions that can be used.",
                sessions,
            );
        }
        let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        gauge(
            "menshen_password_hashing",
            "",
            "Passwords that are being hashed.",
            whole(figures.hashing),
        );
        gauge(
            "menshen_password_hashing_queue",
            "",
            "Passwords that wait for being hashed.",
            whole(figures.waiting),
        );
        gauge(
            "menshen_build_info",
            concat!("{version=\"", env!("CARGO_PKG_VERSION"), "\"}"),
            "The version of the program.",
            1,
        );
        gauge(
            "process_start_time_seconds",
            "",
            "When the process was started, in seconds since 1970.",
            self.started.seconds(),
        );
        text
    }
}

/// The template of the route that a request meets.
pub(crate) fn route(request: &Request) -> Option<MatchedPath> {
    request.extensions().get::<MatchedPath>().cloned()
}

/// Counts a request.
pub(crate) fn count(
    method: &Method,
    route: Option<MatchedPath>,
    status: StatusCode,
    took: Duration,
) {
    let method = known(method);
    let route = route.map_or_else(|| "other".to_owned(), |r| r.as_str().to_owned());
    let status = status.as_u16().to_string();
    metrics::histogram!(DURATION, "method" => method, "route" => route.clone())
        .record(took.as_secs_f64());
    metrics::counter!(REQUESTS, "method" => method, "route" => route, "status" => status)
        .increment(1);
}

/// The method, unless the client made it up.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
