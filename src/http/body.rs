//! Bodies are read whole before anything answers: a client that is still sending when the answer
//! comes would see a reset connection instead of it.

use crate::Api;
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
/// How many bodies larger than [`MAX_BODY`] are held at once; more of them wait. They come before
/// anybody knows who sends them.
const LARGE_AT_ONCE: usize = 16;

static LARGE: Semaphore = Semaphore::const_new(LARGE_AT_ONCE);

/// How large a body may be, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// The most bytes that are kept.
    bytes: usize,
    /// The bound that is told.
    told: usize,
    time: Duration,
}

impl Bounds {
    /// Those for a request, by its path.
    pub(crate) fn of(api: &Api, request: &Request) -> Self {
        if request.method() == Method::POST && UPLOADS.contains(&request.uri().path()) {
            let told = api.services.settings().upload.max_bytes;
            Self {
                bytes: told.saturating_add(FORM),
                told,
                time: MAX_UPLOAD_TIME,
            }
        } else {
            Self {
                bytes: MAX_BODY,
                told: MAX_BODY,
                time: MAX_TIME,
            }
        }
    }
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
    let (bytes, place) = tokio::time::timeout(bounds.time, read(body, bounds))
        .await
        .map_err(|_| ApiError::timeout())??;
    parts.extensions.insert(Buffered(bytes.clone()));
    Ok((Request::from_parts(parts, Body::from(bytes)), place))
}

async fn read(body: Body, bounds: Bounds) -> Result<(Bytes, Place), ApiError> {
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
        Err(ApiError::too_large(bounds.told))
    } else {
        Ok((kept.into(), place))
    }
}
