//! `GET /admin/live`: word of changes for an open page, as server-sent events. Each says the names
//! of what changed; its id is the moment up to which that is all, which the browser shows when it
//! connects anew.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use menshen_domain::{Kind, Timestamp};
use menshen_services::live::Watch;
use menshen_services::{Identity, Services};
use std::convert::Infallible;
use std::time::Duration;

/// Keeps proxies from taking a quiet connection for a dead one, and tells the page that it lives.
const QUIET: Duration = Duration::from_secs(20);
/// How long a browser waits before it connects anew.
const RETRY: Duration = Duration::from_secs(2);

/// Answers for the signed-in browser session alone.
pub(crate) fn live(services: &Services, request: &Request) -> Response {
    let Some(Identity::SignedIn(caller)) = request.extensions().get::<Identity>() else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    if !caller.is_browser() {
        return StatusCode::FORBIDDEN.into_response();
    }
    match services.live.watch(caller, since(request)) {
        Ok(watch) => stream(watch),
        Err(error) => match error.kind {
            Kind::TooMany { retry_after } => later(StatusCode::TOO_MANY_REQUESTS, retry_after),
            Kind::Busy { retry_after } => later(StatusCode::SERVICE_UNAVAILABLE, retry_after),
            _ => StatusCode::FORBIDDEN.into_response(),
        },
    }
}

/// From when on the page wants to hear: what it heard last, or when it was drawn.
fn since(request: &Request) -> Option<Timestamp> {
    let last = header_text(request.headers(), "last-event-id");
    let drawn = request
        .uri()
        .query()
        .and_then(|query| query.strip_prefix("since="));
    last.or(drawn)?.parse().ok().map(Timestamp)
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let text = headers.get(name)?.to_str().ok()?;
    Some(text).filter(|text| !text.is_empty())
}

fn later(status: StatusCode, seconds: u64) -> Response {
    (status, [(header::RETRY_AFTER, seconds.to_string())]).into_response()
}

fn stream(watch: Watch) -> Response {
    // The first thing sent says how to connect anew; it makes the browser know at once that the
    // connection stands.
    let hello = Event::default().retry(RETRY).comment("here");
    let events = unfold((Some(hello), watch), |(hello, mut watch)| async move {
        if let Some(hello) = hello {
            return Some((Ok::<_, Infallible>(hello), (None, watch)));
        }
        let (topics, until) = watch.next().await?;
        let event = Event::default()
            .id(until.0.to_string())
            .data(topics.join(" "));
        Some((Ok(event), (None, watch)))
    });
    let beat = Event::default().event("beat").data("here");
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(QUIET).event(beat))
        .into_response();
    // nginx would hold it back otherwise.
    response.headers_mut().insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn asked(uri: &str, last: Option<&str>) -> Option<i64> {
        let mut request = Request::builder().uri(uri);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let request = request.body(Body::empty()).expect("a request");
        since(&request).map(|at| at.0)
    }

    #[test]
    fn what_was_heard_last_counts_before_what_was_drawn() {
        assert_eq!(asked("/admin/live?since=7", None), Some(7));
        assert_eq!(asked("/admin/live?since=7", Some("9")), Some(9));
        assert_eq!(asked("/admin/live?since=7", Some("")), Some(7));
        assert_eq!(asked("/admin/live", None), None);
        assert_eq!(asked("/admin/live?since=x", None), None);
    }
}
