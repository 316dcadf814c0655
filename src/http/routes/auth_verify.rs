//! `/auth/verify`: whether a request that came to a proxy may pass, for nginx's `auth_request`,
//! Traefik's ForwardAuth and Caddy's `forward_auth`. See `docs/forward-auth.md`.
//!
//! It takes any method, since some proxies repeat that of the request in question, and goes by
//! nothing that the proxy tells of that request: what is asked for is in this request's own query
//! or header, and more of it can only ask for more.

use crate::error::ApiError;
use crate::extract::{Query, SignedIn};
use crate::{Access, Endpoint, schema};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use menshen_domain::{Error, Text};
use serde_json::json;

/// The parameter that asks for a permission, and what it is easily taken for.
const NAMES: [&str; 2] = ["permission", "permissions"];
const PERMISSION: HeaderName = HeaderName::from_static("x-menshen-permission");
const USER_ID: HeaderName = HeaderName::from_static("x-menshen-user-id");
const USER: HeaderName = HeaderName::from_static("x-menshen-user");
const ROLES: HeaderName = HeaderName::from_static("x-menshen-roles");

pub(crate) const PATH: &str = "/auth/verify";

pub(super) fn endpoint(method: Method) -> Endpoint {
    Endpoint::new(
        method,
        PATH,
        Access::SignedIn,
        Text::fixed(
            "供反向代理验证请求（forward auth）",
            "Verify a request for a proxy (forward auth)",
        ),
        handle,
    )
    .tag("Menshen")
    .query(
        "permission",
        "array",
        "A permission that is needed; may be repeated, and then all are",
    )
    .detail(
        "items",
        json!({ "type": "string", "maxLength": schema::CODE_MAX, "pattern": schema::CODE }),
    )
    .parameter(
        "X-Menshen-Permission",
        "header",
        "string",
        false,
        "The same, by commas",
    )
    .detail("pattern", schema::CODES)
    .empty(200, "It may pass")
    .header("X-Menshen-User-Id", "The user's id")
    .header(
        "X-Menshen-User",
        "Her login name, percent-encoded where it is not ASCII",
    )
    .header(
        "X-Menshen-Roles",
        "The keys of the active roles held, by commas, encoded alike",
    )
    .fails(
        400,
        "What is asked for is no permission code, or a parameter's name is mistaken",
    )
    .fails(401, "Nobody is signed in")
    .fails(403, "A permission is missing, or a password change is due")
}

async fn handle(
    SignedIn(caller): SignedIn,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    if let Some(name) = query.names().find(|name| is_mistaken(name)) {
        return Err(mistaken(name));
    }
    let mut wanted: Vec<String> = NAMES
        .into_iter()
        .filter_map(|name| query.list(name))
        .flatten()
        .collect();
    for value in headers.get_all(&PERMISSION) {
        let text = value.to_str().map_err(|_| unreadable())?;
        wanted.extend(text.split(',').map(str::to_owned));
    }
    caller.require_all(&wanted)?;
    let mut response = StatusCode::OK.into_response();
    let roles: Vec<String> = caller.role_keys().iter().map(|k| encoded(k)).collect();
    for (name, value) in [
        (USER_ID, caller.id().to_string()),
        (USER, encoded(caller.username())),
        (ROLES, roles.join(",")),
    ] {
        let value = HeaderValue::from_str(&value).map_err(Error::internal)?;
        response.headers_mut().insert(name, value);
    }
    Ok(response)
}

/// Whether a parameter can only be meant to ask for something, but is not read: to take no notice
/// would let everybody pass. Other names are no concern of ours, since a proxy may leave the query
/// of the request in question where it is.
fn is_mistaken(name: &str) -> bool {
    let read = NAMES.contains(&name.strip_suffix("[]").unwrap_or(name));
    let bare = name.split('[').next().unwrap_or_default().to_lowercase();
    let bare = bare.replace(['-', '_', '.', ' '], "");
    !read && NAMES.contains(&bare.as_str())
}

fn mistaken(name: &str) -> ApiError {
    let text = Text::fixed(
        "没有这个参数，请使用 permission",
        "is not known here: ask by permission",
    );
    Error::field(name.to_owned(), text).into()
}

fn unreadable() -> ApiError {
    let text = Text::fixed("请求头无法解析", "the header can't be read");
    Error::field("permission", text).into()
}

/// Percent-encoded (RFC 3986) where it is not plain ASCII, or would be taken for something else.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b'%' | b',') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nearly_right_is_mistaken() {
        for wrong in [
            "Permission",
            "PERMISSIONS",
            "perMission",
            "permission[0]",
            "_permission",
        ] {
            assert!(is_mistaken(wrong), "{wrong}");
        }
        for fine in [
            "permission",
            "permission[]",
            "permissions[]",
            "page",
            "role",
            "",
        ] {
            assert!(!is_mistaken(fine), "{fine}");
        }
    }

    #[test]
    fn names_are_encoded_for_headers() {
        assert_eq!(encoded("lin.wei"), "lin.wei");
        assert_eq!(encoded("林"), "%E6%9E%97");
        assert_eq!(encoded("a,b%c d\r\n"), "a%2Cb%25c%20d%0D%0A");
    }
}
