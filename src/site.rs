//! The admin UI's files, inside the binary: compressed beforehand, named by their content, cached
//! for good.

use app::Site;
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::sync::LazyLock;

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
/// cargo-leptos gives it this name: the script that loads what is split off.
const SPLIT: &str = "pkg/__wasm_split.______________________.js";

/// The addresses of script, WebAssembly and style sheet, and of what is loaded later.
#[must_use]
pub fn site() -> Site {
    let later = Files::iter()
        .filter(|path| path.starts_with("pkg/") && path.ends_with(".wasm") && path != WASM)
        .map(|path| address(&path))
        .collect();
    Site {
        js: address(SCRIPT),
        wasm: address(WASM),
        css: address(STYLE),
        split: Files::get(SPLIT).map(|_| address(SPLIT)),
        later,
    }
}

/// `pkg/menshen.js` → `/admin/pkg/0123456789abcdef/menshen.js`. The files name each other by their
/// plain names, so what they are all made of stands in the folder's name and not in theirs.
fn address(path: &str) -> String {
    let name = path.strip_prefix("pkg/").unwrap_or(path);
    format!("/admin/pkg/{}/{name}", *EDITION)
}

/// A piece of the hash of all files.
static EDITION: LazyLock<String> = LazyLock::new(|| {
    let mut all: Vec<_> = Files::iter()
        .filter(|path| path.starts_with("pkg/") && !path.ends_with(".br"))
        .filter_map(|path| Some((Files::get(&path)?.metadata.sha256_hash(), path)))
        .collect();
    all.sort_by(|(_, a), (_, b)| a.cmp(b));
    let mut digest = Sha256::new();
    for (hash, path) in all {
        digest.update(path.as_bytes());
        digest.update(hash);
    }
    let digest = digest.finalize();
    digest[..8].iter().map(|b| format!("{b:02x}")).collect()
});

/// The routes of the files.
pub fn routes() -> Router<()> {
    Router::new()
        .route("/admin/pkg/{edition}/{name}", get(package))
        .route("/admin/pkg/{name}", get(async || menshen_http::not_found()))
        .route(
            "/favicon.svg",
            get(async |headers: HeaderMap| public("favicon.svg", &headers)),
        )
        .route(
            "/favicon.ico",
            get(async |headers: HeaderMap| public("favicon.svg", &headers)),
        )
}

async fn package(Path((edition, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    // What is compressed is chosen by what the browser takes, not by name.
    if edition != *EDITION || name.ends_with(".br") {
        return menshen_http::not_found();
    }
    serve(
        &format!("pkg/{name}"),
        &headers,
        "public, max-age=31536000, immutable",
    )
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
