//! Bodies are read whole before anything answers: a client that is still sending when the answer
//! comes would see a reset connection instead of it.

use crate::error::ApiError;
use crate::routes::upload;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::http::Method;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Where files are sent to: documents' and pages'.
const UPLOADS: [&str; 2] = [upload::PATH, "/admin/fn/set_avatar"];
/// The largest body that is looked at, but for uploads.
const MAX_BODY: usize = 1024 * 1024;
/// What a form may take besides its file.
const FORM: usize = 64 * 1024;
/// How much of a larger one is read and thrown away so that its sender hears the refusal.
const MAX_DRAINED: usize = 64 * 1024 * 1024;
/// How long a body may take.
const MAX_TIME: Duration = Duration::from_secs(30);
/// How long an upload may take.
const MAX_UPLOAD_TIME: Duration = Duration::from_secs(120);
/// How many bodies larger than [`MAX_BODY`] are held at once; more of them wait.
const LARGE_AT_ONCE: usize = 16;

static LARGE: Semaphore = Semaphore::const_new(LARGE_AT_ONCE);

/// How large a body may be, and how long it may take.
#[derive(Debug, Clone)]
pub(crate) struct Bounds {
    /// The most bytes that are kept.
    bytes: usize,
    /// The bound that is told.
    told: usize,
    /// What is said of less than that, but more than is kept.
    refusal: Option<ApiError>,
    time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            bytes: MAX_BODY,
            told: MAX_BODY,
            refusal: None,
            time: MAX_TIME,
        }
    }
}

impl Bounds {
    /// Those of an upload of at most `max` bytes. Whoever may not upload hears so instead, and has
    /// no share of what is there for large bodies: a stranger who sends slowly keeps nobody waiting.
    pub(crate) fn of_upload(max: usize, may: Result<(), ApiError>) -> Self {
        match may {
            Ok(()) => Self {
                bytes: max.saturating_add(FORM),
                told: max,
                refusal: None,
                time: MAX_UPLOAD_TIME,
            },
            Err(refusal) => Self {
                told: max,
                refusal: Some(refusal),
                ..Self::default()
            },
        }
    }
}

/// Whether the request brings a file, which may be larger than other bodies.
pub(crate) fn is_upload(request: &Request) -> bool {
    request.method() == Method::POST && UPLOADS.contains(&request.uri().path())
}

/// A request's body, read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buffered(Bytes);

#[cfg(test)]
impl From<Vec<u8>> for Buffered {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl Buffered {
    pub(crate) fn of(request: &Request) -> Bytes {
        request
            .extensions()
            .get::<Self>()
            .cloned()
            .unwrap_or_default()
            .0
    }
}

/// A place among the large bodies; keep it until the request is answered.
pub(crate) type Place = Option<SemaphorePermit<'static>>;

/// Reads the body, and puts it back so that others can read it too.
pub(crate) async fn buffer(request: Request, bounds: Bounds) -> Result<(Request, Place), ApiError> {
    let (mut parts, body) = request.into_parts();
    let (bytes, place) = tokio::time::timeout(bounds.time, read(body, &bounds))
        .await
        .map_err(|_| ApiError::timeout())??;
    parts.extensions.insert(Buffered(bytes.clone()));
    Ok((Request::from_parts(parts, Body::from(bytes)), place))
}

async fn read(body: Body, bounds: &Bounds) -> Result<(Bytes, Place), ApiError> {
    let mut body = pin!(body);
    let mut place = None;
    let mut kept = Vec::new();
    let mut seen = 0_usize;
    while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        // The client went away, or broke the framing. Half of what was meant must not be taken
        // for the whole, which a CSV file that ends with a line would look like.
        let Ok(frame) = frame else {
            if seen > bounds.bytes {
                break;
            }
            return Err(ApiError::broken_off());
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        seen = seen.saturating_add(data.len());
        if seen > MAX_DRAINED {
            break;
        }
        if seen > MAX_BODY && seen <= bounds.bytes && place.is_none() {
            place = LARGE.acquire().await.ok();
        }
        if seen <= bounds.bytes {
            kept.extend_from_slice(&data);
        } else {
            kept = Vec::new();
            place = None;
        }
    }
    if seen > bounds.bytes {
        let small = seen <= bounds.told.saturating_add(FORM);
        let refusal = bounds.refusal.clone().filter(|_| small);
        Err(refusal.unwrap_or_else(|| ApiError::too_large(bounds.told)))
    } else {
        Ok((kept.into(), place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;
    use futures_util::{StreamExt as _, stream};
    use menshen_domain::Error;
    use std::convert::Infallible;

    const SOON: Duration = Duration::from_millis(200);

    /// A body of so many bytes in pieces of 64 KiB, after which its sender ends it or falls silent.
    fn body(bytes: usize, ends: bool) -> Request {
        let piece = |left: usize| {
            let now = left.min(64 * 1024);
            (left > 0).then(|| (Ok::<_, Infallible>(vec![b'x'; now]), left - now))
        };
        let sent = stream::unfold(bytes, move |left| std::future::ready(piece(left)));
        let body = if ends {
            Body::from_stream(sent)
        } else {
            Body::from_stream(sent.chain(stream::pending()))
        };
        Request::new(body)
    }

    fn stranger() -> Bounds {
        Bounds::of_upload(4 * MAX_BODY, Err(Error::token().into()))
    }

    fn known() -> Bounds {
        Bounds::of_upload(4 * MAX_BODY, Ok(()))
    }

    async fn status(request: Request, bounds: Bounds) -> Option<StatusCode> {
        buffer(request, bounds).await.err().map(|e| e.status)
    }

    #[tokio::test]
    async fn a_body_is_read_as_far_as_its_sender_may_send() {
        let unauthorized = Some(StatusCode::UNAUTHORIZED);
        let large = Some(StatusCode::PAYLOAD_TOO_LARGE);
        for (bytes, usual, strange, own) in [
            (MAX_BODY, None, None, None),
            (MAX_BODY + 1, large, unauthorized, None),
            (4 * MAX_BODY + FORM, large, unauthorized, None),
            (4 * MAX_BODY + FORM + 1, large, large, large),
        ] {
            let told = [
                status(body(bytes, true), Bounds::default()).await,
                status(body(bytes, true), stranger()).await,
                status(body(bytes, true), known()).await,
            ];
            assert_eq!(told, [usual, strange, own], "{bytes}");
        }
    }

    #[tokio::test]
    async fn a_body_that_does_not_end_in_time_is_a_408() {
        assert_eq!(Bounds::default().time, MAX_TIME);
        assert_eq!(stranger().time, MAX_TIME);
        assert_eq!(known().time, MAX_UPLOAD_TIME);
        for bounds in [Bounds::default(), stranger(), known()] {
            let bounds = Bounds {
                time: SOON,
                ..bounds
            };
            for bytes in [0, 100, 2 * MAX_BODY] {
                let told = status(body(bytes, false), bounds.clone()).await;
                assert_eq!(told, Some(StatusCode::REQUEST_TIMEOUT), "{bytes}");
            }
        }
    }

    #[tokio::test]
    async fn slow_strangers_keep_nobody_waiting() {
        let slow: Vec<_> = (0..2 * LARGE_AT_ONCE)
            .map(|_| tokio::spawn(buffer(body(2 * MAX_BODY, false), stranger())))
            .collect();
        // What they sent has been read.
        tokio::time::sleep(SOON).await;
        let upload = buffer(body(3 * MAX_BODY, true), known());
        let (request, place) = tokio::time::timeout(Duration::from_secs(20), upload)
            .await
            .expect("no waiting")
            .expect("read");
        assert_eq!(Buffered::of(&request).len(), 3 * MAX_BODY);
        assert!(place.is_some(), "it has one of the places");
        for task in slow {
            assert!(!task.is_finished());
            task.abort();
        }
    }
}
