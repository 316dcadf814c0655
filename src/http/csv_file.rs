//! CSV files that are written as fast as they are read, a piece at a time.

use crate::Endpoint;
use crate::error::ApiError;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::{Stream, StreamExt as _, stream};
use menshen_domain::Error;
use menshen_services::spreadsheet;

const MEDIA: &str = "text/csv; charset=utf-8";

/// Declares what [`download`] answers with, and when it does not.
pub(crate) fn declare(endpoint: Endpoint) -> Endpoint {
    endpoint
        .gives_media(
            200,
            "text/csv",
            "A CSV file: in UTF-8 with a byte order mark, and with an apostrophe before what a \
             spreadsheet program would take for a formula",
        )
        .fails(400, "A parameter is not good")
        .fails(429, "The caller's other exports are still under way")
        .fails(503, "Too many exports are under way")
}

/// A file to be downloaded under this name: what its columns are called, and below that the rows
/// of one piece after the other.
pub(crate) fn download<const N: usize>(
    name: &str,
    head: [&str; N],
    pieces: impl Stream<Item = Result<Vec<[String; N]>, Error>> + Send + 'static,
) -> Result<Response, ApiError> {
    let mut first = spreadsheet::BYTE_ORDER_MARK.as_bytes().to_vec();
    first.extend(spreadsheet::line(head)?);
    let first = stream::iter([Ok(Bytes::from(first))]);
    let mut response = Response::new(Body::from_stream(first.chain(pieces.map(written))));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA));
    let disposition = format!("attachment; filename=\"{name}\"");
    let disposition = HeaderValue::from_str(&disposition).map_err(Error::internal)?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

/// The answer has begun: when something fails, all that is left is to break it off, so that nobody
/// takes half a file for a whole one.
fn written<const N: usize>(piece: Result<Vec<[String; N]>, Error>) -> Result<Bytes, Error> {
    let lines = |rows: Vec<[String; N]>| {
        let mut out = Vec::new();
        for row in rows {
            out.extend(spreadsheet::line(row)?);
        }
        Ok(Bytes::from(out))
    };
    piece.and_then(lines).inspect_err(|error| {
        tracing::error!(%error, "an export broke off");
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(a: &str, b: &str) -> [String; 2] {
        [a.to_owned(), b.to_owned()]
    }

    #[tokio::test]
    async fn a_file_is_its_head_and_its_pieces() {
        let pieces = [
            Ok(vec![row("1", "=2"), row("3", "4")]),
            Ok(vec![row("5", "")]),
        ];
        let response = download("x.csv", ["a", "b"], stream::iter(pieces)).expect("a file");
        let disposition = &response.headers()[header::CONTENT_DISPOSITION];
        assert_eq!(disposition, "attachment; filename=\"x.csv\"");
        let body = axum::body::to_bytes(response.into_body(), 1000).await;
        let expected = "\u{feff}a,b\r\n1,'=2\r\n3,4\r\n5,\r\n";
        assert_eq!(body.expect("whole"), expected.as_bytes());
    }

    #[tokio::test]
    async fn a_file_that_fails_breaks_off() {
        let pieces = [Ok(vec![row("1", "2")]), Err(Error::internal("gone"))];
        let response = download("x.csv", ["a", "b"], stream::iter(pieces)).expect("a file");
        let body = axum::body::to_bytes(response.into_body(), 1000).await;
        assert!(body.is_err(), "{body:?}");
    }
}
