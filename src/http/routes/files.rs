//! `GET /files/{name}`: what was uploaded. Its random name is all that one has to know.

use crate::error::ApiError;
use crate::{Access, Api, Endpoint};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use menshen_domain::Text;
use menshen_services::uploads::Served;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/files/{name}",
        Access::Public,
        Text::fixed("获取已上传的文件", "Get an uploaded file"),
        handle,
    )
    .tag("Menshen")
    .parameter("name", "path", "string", true, "The file's random name")
    .empty(200, "The file")
    .empty(304, "It is the one whose ETag was sent")
    .fails(404, "No such file")
    .fails(502, "The store for files can't be reached")
}

async fn handle(
    State(api): State<Api>,
    headers: HeaderMap,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    // A path that is no text names no file.
    let Ok(Path(name)) = name else {
        return Err(ApiError::not_found());
    };
    let holds = |tag: &str| held(&headers, tag);
    let file = api.services.uploads.open(&name, holds).await?;
    Ok(served(file))
}

/// Whether `If-None-Match` names the tag (RFC 9110, section 13.1.2).
fn held(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .map(|one| one.trim().trim_start_matches("W/"))
        .any(|one| one == "*" || one.trim_matches('"') == tag)
}

fn served(file: Served) -> Response {
    let mut response = match file.content {
        Some(content) => content.into_response(),
        None => StatusCode::NOT_MODIFIED.into_response(),
    };
    let way = if file.media.is_picture() {
        "inline"
    } else {
        "attachment"
    };
    let tag = format!("\"{}\"", file.tag);
    for (name, value) in [
        (header::CONTENT_TYPE, file.media.mime()),
        (header::CONTENT_DISPOSITION, &disposition(way, &file.name)),
        (header::ETAG, &tag),
        // What is under a name never changes.
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Whatever a browser takes it for, it runs nothing and belongs to no site.
        (
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'",
        ),
        // Pictures are shown by pages of other origins too.
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// `Content-Disposition` (RFC 6266), for those who know other scripts and those who do not.
fn disposition(way: &str, name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| match c {
            ' '..='~' if !matches!(c, '"' | '\\' | '%') => c,
            _ => '_',
        })
        .collect();
    let encoded: String = name
        .bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect();
    format!("{way}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn req48_names_cant_break_out_of_their_header() {
        assert_eq!(
            disposition("inline", "a b.png"),
            "inline; filename=\"a b.png\"; filename*=UTF-8''a%20b.png"
        );
        let odd = disposition("attachment", "林\"\\\r\n;x=1.pdf");
        assert_eq!(
            odd,
            "attachment; filename=\"_____;x=1.pdf\"; \
             filename*=UTF-8''%E6%9E%97%22%5C%0D%0A%3Bx%3D1.pdf"
        );
        HeaderValue::from_str(&odd).expect("a header");
    }

    #[test]
    fn tags_are_found_in_lists() {
        let held = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(value));
            held(&headers, "abc")
        };
        assert!(held("\"abc\""));
        assert!(held("\"x\", W/\"abc\""));
        assert!(held("*"));
        assert!(!held("\"abcd\""));
        assert!(!held(""));
    }
}
