//! What stands around every route, REST and admin UI alike.
//!
//! From the outside in: request id and context; security headers; CORS; panics; the body, read
//! whole (of uploads only if the sender may upload); the browser's session; who is asking.

use crate::body::{self, Bounds};
use crate::browser;
use crate::context::{self, RequestContext};
use crate::error::ApiError;
use crate::extract::BadToken;
use crate::family::Family;
use crate::metrics;
use crate::routes::auth_verify;
use crate::{Access, Api};
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use menshen_domain::{Error, Kind};
use menshen_services::{Caller, Client, Identity};
use std::net::SocketAddr;
use std::sync::Arc;
use tower::{Layer as _, ServiceExt as _};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the layers around all of `routes`.
pub fn wrap(routes: Router<()>, api: &Api) -> Router<()> {
    let inner = routes
        .fallback(async || ApiError::not_found())
        .method_not_allowed_fallback(async || ApiError::method())
        .layer(from_fn_with_state(api.clone(), identify))
        .layer(browser::layer(api))
        .layer(from_fn_with_state(api.clone(), whole_body))
        .layer(CatchPanicLayer::custom(panicked));
    // Outside of all that refuses: a page that may call is told of refusals too.
    let inner = match cors(&api.server.cors_origins) {
        Some(cors) => inner.layer(from_fn_with_state(cors, shared)),
        None => inner,
    };
    inner
        .layer(from_fn(security_headers))
        .layer(from_fn_with_state(api.clone(), outermost))
}

/// The answer of a route that has nothing there.
#[must_use]
pub fn not_found() -> Response {
    ApiError::not_found().into_response()
}

/// Gives the request its id and context, writes errors in the client's language, and the log.
async fn outermost(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|c| c.0.ip());
    let id = request_id(&api, request.headers(), peer);
    let context = context::read(&api.server, request.headers(), peer, id.clone());
    request.extensions_mut().insert(context.client.clone());
    request.extensions_mut().insert(context.clone());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let family = Family::of(&path);
    if family == Family::Account {
        HiddenQuery::take(&mut request);
    }
    let route = metrics::route(&request);
    let began = api.services.now();
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        report(&error, &id);
        let headers = std::mem::take(response.headers_mut());
        response = error.render(&context, family);
        merge(response.headers_mut(), headers);
    }
    finish(&mut response, &context, &id);
    if family == Family::Account {
        response.headers_mut().insert(
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        );
    }
    let took = api.services.now().since(began);
    metrics::count(&method, route, response.status(), took);
    // The path alone: a query string can hold what must not be kept.
    tracing::info!(
        request_id = %id,
        %method,
        path = %path.chars().take(200).collect::<String>().escape_debug(),
        status = response.status().as_u16(),
        micros = took.as_micros(),
        ip = %context.client.ip,
        "request"
    );
    response
}

/// A query string that can hold a password (document D): taken out of the address before anything
/// that writes addresses down sees it.
#[derive(Clone)]
pub(crate) struct HiddenQuery(pub(crate) String);

impl HiddenQuery {
    fn take(request: &mut Request) {
        let Some(query) = request.uri().query().map(str::to_owned) else {
            return;
        };
        // Should the bare path be no address of its own, there is nothing at it either.
        *request.uri_mut() = request.uri().path().parse().unwrap_or_default();
        request.extensions_mut().insert(Self(query));
    }
}

/// Headers that inner layers set (cookies, `Allow`) stay; those that describe a body go.
fn merge(into: &mut HeaderMap, from: HeaderMap) {
    let mut name = None;
    for (new_name, value) in from {
        name = new_name.or(name);
        if let Some(name) = &name
            && name != header::CONTENT_LENGTH
            && name != header::CONTENT_TYPE
        {
            into.append(name.clone(), value);
        }
    }
}

fn report(error: &ApiError, id: &str) {
    match (&error.error.kind, &error.error.source) {
        (Kind::Internal, source) => {
            tracing::error!(request_id = %id, source = ?source.as_ref().map(ToString::to_string), "internal error")
        }
        (Kind::Upstream, source) => {
            tracing::warn!(request_id = %id, source = ?source.as_ref().map(ToString::to_string), "a vendor failed")
        }
        (Kind::Busy { .. }, source) => {
            tracing::warn!(request_id = %id, source = ?source.as_ref().map(ToString::to_string), "busy")
        }
        _ => {}
    }
}

/// A proxy that is believed may hand its id on; from others it could forge the log.
fn request_id(api: &Api, headers: &HeaderMap, peer: Option<std::net::IpAddr>) -> String {
    let handed = headers.get(&REQUEST_ID).and_then(|v| v.to_str().ok());
    let good = |id: &&str| {
        (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    match handed.filter(good) {
        Some(id) if peer.is_some_and(|p| api.server.trusts(p)) => id.to_owned(),
        _ => api.services.request_id(),
    }
}

fn finish(response: &mut Response, context: &RequestContext, id: &str) {
    if context.https {
        secure_cookies(response.headers_mut());
        response.headers_mut().insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// Over TLS no cookie goes out without `Secure`.
fn secure_cookies(headers: &mut HeaderMap) {
    let cookies: Vec<HeaderValue> = headers
        .get_all(header::SET_COOKIE)
        .iter()
        .cloned()
        .collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        let secured = cookie
            .to_str()
            .ok()
            .filter(|c| {
                !c.split(';')
                    .any(|part| part.trim().eq_ignore_ascii_case("secure"))
            })
            .and_then(|c| HeaderValue::from_str(&format!("{c}; Secure")).ok());
        headers.append(header::SET_COOKIE, secured.unwrap_or(cookie));
    }
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    ApiError::from(Error::internal(format!("panic: {text}"))).into_response()
}

async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Forms without scripts find their way back by the Referer, which stays on this origin.
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

async fn whole_body(State(api): State<Api>, request: Request, next: Next) -> Response {
    let bounds = if body::is_upload(&request) {
        let max = api.services.settings().upload.max_bytes;
        let shown = Shown::by(&api, &request);
        Bounds::of_upload(max, may_upload(&api, shown).await)
    } else {
        Bounds::default()
    };
    match body::buffer(request, bounds).await {
        Ok((request, _place)) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// Whether the guard of uploads will let the sender through: asked before its body is read,
/// because a large one takes what others wait for.
async fn may_upload(api: &Api, shown: (Shown, Client)) -> Result<(), ApiError> {
    let identity = who(api, shown).await?.unwrap_or(Identity::Anonymous);
    Ok(Access::SignedIn.check(Some(&identity))?)
}

/// Shares answers with the pages of listed origins. The layer answers every OPTIONS itself, with
/// 200; only what a browser asks ahead of a request is for it. And never at `/auth/verify`, where
/// proxies repeat the method of what they guard, and a 200 lets it pass.
async fn shared(State(cors): State<CorsLayer>, request: Request, next: Next) -> Response {
    let asks_ahead = request.headers().contains_key(header::ORIGIN)
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
        && request.uri().path() != auth_verify::PATH;
    if *request.method() == Method::OPTIONS && !asks_ahead {
        return next.run(request).await;
    }
    let Ok(response) = cors.layer(next).oneshot(request).await;
    response
}

fn cors(origins: &[String]) -> Option<CorsLayer> {
    let list: Vec<HeaderValue> = origins.iter().filter_map(|o| o.parse().ok()).collect();
    if list.is_empty() {
        return None;
    }
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(list))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("x-refresh-token"),
        ])
        .expose_headers([
            header::AUTHORIZATION,
            HeaderName::from_static("x-refresh-token"),
            REQUEST_ID,
        ])
        .allow_credentials(true);
    Some(layer)
}

/// Finds out who is asking.
async fn identify(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let shown = Shown::by(&api, &request);
    match who(&api, shown).await {
        Ok(identity) => {
            if identity.is_none() {
                request.extensions_mut().insert(BadToken);
            }
            let identity = identity.unwrap_or(Identity::Anonymous);
            request.extensions_mut().insert(identity);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

/// What a request shows of who sends it.
enum Shown {
    /// A page of another site makes a browser send it.
    Foreign,
    Token(Arc<str>),
    /// The SHA-256 of the browser's session cookie.
    Cookie([u8; 32]),
    Nothing,
}

impl Shown {
    fn by(api: &Api, request: &Request) -> (Self, Client) {
        let extensions = request.extensions();
        let context = extensions.get::<RequestContext>().cloned();
        let context = context.unwrap_or_default();
        let shown = match bearer(request.headers()) {
            Some(token) => Self::Token(token),
            None => Self::by_browser(api, request, &context),
        };
        (shown, context.client)
    }

    /// What a browser shows by itself, which must never be enough for a page of another site to
    /// change something here.
    fn by_browser(api: &Api, request: &Request, context: &RequestContext) -> Self {
        let headers = request.headers();
        let safe = matches!(
            *request.method(),
            Method::GET | Method::HEAD | Method::OPTIONS
        );
        let admin = request.uri().path().starts_with("/admin");
        if safe || !(admin || browser::has_cookie(headers)) || !is_foreign(api, headers, context) {
            browser::cookie_hash(api, headers).map_or(Self::Nothing, Self::Cookie)
        } else if admin || is_stranger(api, headers, context) {
            Self::Foreign
        } else {
            // A listed page may call the API by what it shows itself: the cookie is the admin
            // UI's, and only happens to be there.
            Self::Nothing
        }
    }
}

/// Who is asking: by access token, or by the browser's session. None shows a token that is not
/// good.
async fn who(api: &Api, (shown, client): (Shown, Client)) -> Result<Option<Identity>, ApiError> {
    let access = &api.services.access;
    match shown {
        Shown::Foreign => Err(ApiError::foreign()),
        Shown::Token(token) => settle(access.by_token(&token, client).await),
        Shown::Cookie(hash) => {
            let found = settle(access.by_cookie(&hash, client).await)?;
            Ok(found.or(Some(Identity::Anonymous)))
        }
        Shown::Nothing => Ok(Some(Identity::Anonymous)),
    }
}

/// A token that is not good makes the request anonymous; a database that fails ends it.
fn settle(found: Result<Caller, Error>) -> Result<Option<Identity>, ApiError> {
    match found {
        Ok(caller) => Ok(Some(Identity::SignedIn(caller))),
        Err(error) if error.kind == Kind::Token => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The access token in `Authorization: Bearer …`, the word in any letter case.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<Arc<str>> {
    let value = headers.get(header::AUTHORIZATION)?;
    let text = String::from_utf8_lossy(value.as_bytes());
    let (scheme, token) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| Arc::from(token.trim()))
}

/// Whether a browser says that a page of another site sends the request. What is no browser says
/// nothing.
pub(crate) fn is_foreign(api: &Api, headers: &HeaderMap, context: &RequestContext) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return false;
    };
    let host = headers
        .get(header::HOST)
        .and_then(|h| h.to_str().ok())
        .unwrap_or_default();
    let scheme = if context.https { "https" } else { "http" };
    let public = api
        .server
        .public_url
        .as_deref()
        .map(|u| u.trim_end_matches('/'));
    *origin != format!("{scheme}://{host}") && public.is_none_or(|public| origin != public)
}

/// Whether a browser says that a page sends the request whose site is neither this one nor on
/// the list of those that may call the REST API.
pub(crate) fn is_stranger(api: &Api, headers: &HeaderMap, context: &RequestContext) -> bool {
    // A picture or a frame on one of our own pages is nobody's wish either.
    let embedded = headers
        .get("sec-fetch-dest")
        .is_some_and(|dest| dest != "empty" && dest != "document");
    let origin = headers.get(header::ORIGIN).and_then(|o| o.to_str().ok());
    let listed = origin.is_some_and(|o| api.server.cors_origins.iter().any(|l| l == o));
    embedded || (!listed && is_foreign(api, headers, context))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;

    #[test]
    fn the_word_bearer_is_taken_in_any_case() {
        for (value, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer abc", Some("abc")),
            ("BEARER  abc ", Some("abc")),
            ("Bearer", Some("")),
            ("Basic abc", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
            assert_eq!(bearer(&headers).as_deref(), token, "{value}");
        }
    }

    #[test]
    fn req40_cookies_get_secure_once() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::SET_COOKIE,
            HeaderValue::from_static("a=1; HttpOnly"),
        );
        headers.append(header::SET_COOKIE, HeaderValue::from_static("b=2; Secure"));
        secure_cookies(&mut headers);
        let all: Vec<_> = headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(all, ["a=1; HttpOnly; Secure", "b=2; Secure"]);
    }

    #[test]
    fn a_panic_becomes_a_500() {
        assert_eq!(
            panicked(Box::new("x")).status(),
            StatusCode::INTERNAL_SERVER_ERROR
        );
    }
}
