//! The admin UI's files, inside the binary: compressed beforehand, named by their content, cached
//! for good.

use app::Site;
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::borrow::Cow;

/// What cargo-leptos puts together in `target/site`. In a debug build it is read from there when
/// asked for; in a release build it is part of the binary.
#[derive(RustEmbed)]
#[folder = "target/site"]
#[allow_missing = true]
#[exclude = "*.gz"]
struct Files;

const SCRIPT: &str = "pkg/menshen.js";
const WASM: &str = "pkg/menshen.wasm";
const STYLE: &str = "pkg/menshen.css";

/// The addresses of script, WebAssembly and style sheet, with a piece of their hash in each.
#[must_use]
pub fn site() -> Site {
    Site {
        js: address(SCRIPT),
        wasm: address(WASM),
        css: address(STYLE),
    }
}

/// `pkg/menshen.js` → `/admin/pkg/menshen.0123456789abcdef.js`
fn address(path: &str) -> String {
    let hash = Files::get(path)
        .map(|f| hash(&f))
        .unwrap_or_else(|| "missing".to_owned());
    match path.rsplit_once('.') {
        Some((stem, extension)) => format!("/admin/{stem}.{hash}.{extension}"),
        None => format!("/admin/{path}"),
    }
}

fn hash(file: &EmbeddedFile) -> String {
    let digest = file.metadata.sha256_hash();
    digest[..8].iter().map(|b| format!("{b:02x}")).collect()
}

/// The routes of the files.
pub fn routes() -> Router<()> {
    Router::new()
        .route("/admin/pkg/{name}", get(package))
        .route(
            "/favicon.svg",
            get(async |headers: HeaderMap| public("favicon.svg", &headers)),
        )
        .route(
            "/favicon.ico",
            get(async |headers: HeaderMap| public("favicon.svg", &headers)),
        )
}

async fn package(Path(name): Path<String>, headers: HeaderMap) -> Response {
    for path in [SCRIPT, WASM, STYLE] {
        if address(path) == format!("/admin/pkg/{name}") {
            return serve(path, &headers, "public, max-age=31536000, immutable");
        }
    }
    menshen_http::not_found()
}

fn public(path: &str, headers: &HeaderMap) -> Response {
    serve(path, headers, "public, max-age=86400")
}

fn serve(path: &str, headers: &HeaderMap, caching: &'static str) -> Response {
    let brotli = accepts_brotli(headers)
        .then(|| Files::get(&format!("{path}.br")))
        .flatten();
    let encoded = brotli.is_some();
    let Some(file) = brotli.or_else(|| Files::get(path)) else {
        return menshen_http::not_found();
    };
    let mut response = body(file.data).into_response();
    let out = response.headers_mut();
    out.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(media_type(path)),
    );
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if encoded {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

fn body(data: Cow<'static, [u8]>) -> axum::body::Body {
    match data {
        Cow::Borrowed(bytes) => axum::body::Body::from(bytes),
        Cow::Owned(bytes) => axum::body::Body::from(bytes),
    }
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .any(|coding| {
            let mut parts = coding.split(';');
            parts
                .next()
                .is_some_and(|name| name.trim().eq_ignore_ascii_case("br"))
                && !parts.any(|q| matches!(q.trim(), "q=0" | "q=0.0"))
        })
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_is_sent_only_to_those_who_take_it() {
        let accepts = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            accepts_brotli(&headers)
        };
        assert!(accepts("gzip, deflate, br"));
        assert!(accepts("br;q=0.5"));
        assert!(!accepts("br;q=0, gzip"));
        assert!(!accepts("gzip"));
    }
}
