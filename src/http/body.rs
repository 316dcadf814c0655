//! Bodies are read whole before anything answers: a client that is still sending when the answer
//! comes would see a reset connection instead of it.

use crate::error::ApiError;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use std::pin::pin;
use std::time::Duration;

/// The largest body that is looked at.
pub(crate) const MAX_BODY: usize = 1024 * 1024;
/// How much of a larger one is read and thrown away so that its sender hears the refusal.
const MAX_DRAINED: usize = 64 * 1024 * 1024;
/// How long a body may take.
const MAX_TIME: Duration = Duration::from_secs(30);

/// A request's body, read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buffered(Bytes);

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

/// Reads the body, and puts it back so that others can read it too.
pub(crate) async fn buffer(request: Request) -> Result<Request, ApiError> {
    let (mut parts, body) = request.into_parts();
    let bytes = tokio::time::timeout(MAX_TIME, read(body))
        .await
        .map_err(|_| ApiError::timeout())??;
    parts.extensions.insert(Buffered(bytes.clone()));
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

async fn read(body: Body) -> Result<Bytes, ApiError> {
    let mut body = pin!(body);
    let mut kept = Vec::new();
    let mut seen = 0_usize;
    while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        // The client went away, or broke the framing: what came so far decides.
        let Ok(frame) = frame else { break };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        seen = seen.saturating_add(data.len());
        if seen > MAX_DRAINED {
            break;
        }
        if seen <= MAX_BODY {
            kept.extend_from_slice(&data);
        }
    }
    if seen > MAX_BODY {
        Err(ApiError::too_large())
    } else {
        Ok(kept.into())
    }
}
