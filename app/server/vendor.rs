//! Signing in by way of a vendor's own page: `/admin/login/start/{vendor}` leads there, and the
//! vendor leads back to `/admin/login/callback/{vendor}`.
//!
//! What comes back is answered with a page of its own that goes on by itself, instead of with a
//! redirect: with a redirect the browser would still count as coming from the vendor's site, and
//! keep its new session's cookie (`SameSite=Strict`) to itself.

use super::{Site, answer, cookies, guard, lang};
use crate::boot::Flash;
use crate::error::AppError;
use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use leptos_router::location::Url;
use menshen_domain::{Error, Kind};
use menshen_services::{Client, Services, Trip, Vendor};
use serde::Deserialize;
use std::sync::Arc;
use tower_sessions::Session;

/// What these routes need.
#[derive(Clone)]
struct Doors {
    services: Services,
    site: Arc<Site>,
}

/// The two routes.
pub(super) fn routes(services: Services, site: Arc<Site>) -> Router {
    Router::new()
        .route("/admin/login/start/{vendor}", get(start))
        .route("/admin/login/callback/{vendor}", get(callback))
        .with_state(Doors { services, site })
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    next: String,
}

/// Leads to the vendor's page.
async fn start(
    State(doors): State<Doors>,
    Path(vendor): Path<String>,
    Query(wish): Query<Wish>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let next = answer::safe_next(&wish.next);
    let left = Vendor::from_page_name(&vendor)
        .ok_or_else(not_found)
        .and_then(|vendor| doors.services.sign_in.leave_for(vendor, &next));
    match left {
        Ok(departure) => {
            let cookie = cookies::trip_cookie(&departure.keepsake, doors.services.over_tls());
            with_cookies(Redirect::to(&departure.url).into_response(), &[cookie])
        }
        Err(error) => {
            let cookie = told(&parts, error);
            with_cookies(Redirect::to(&login(&next)).into_response(), &[cookie])
        }
    }
}

/// What a vendor hands back.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Return {
    code: String,
    state: String,
}

/// Takes in who comes back.
async fn callback(
    State(doors): State<Doors>,
    Path(vendor): Path<String>,
    Query(brought): Query<Return>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let tls = doors.services.over_tls();
    let mut cookies = vec![cookies::trip_cookie("", tls)];
    let keepsake = cookies::read(&parts.headers, cookies::trip(tls)).unwrap_or_default();
    let trip = Vendor::from_page_name(&vendor)
        .ok_or_else(not_found)
        .and_then(|v| {
            let sign_in = &doors.services.sign_in;
            sign_in.welcome_back(v, &brought.state, keepsake)
        });
    let outcome = match trip {
        Ok(trip) => {
            let entered = enter(&doors.services, &parts, &trip, &brought.code).await;
            entered.map_err(|error| (error, trip.next))
        }
        Err(error) => Err((error, String::new())),
    };
    let to = outcome.unwrap_or_else(|(error, next)| {
        cookies.push(told(&parts, error));
        login(&next)
    });
    with_cookies(onward(&doors.site, &parts, &to), &cookies)
}

async fn enter(
    services: &Services,
    parts: &Parts,
    trip: &Trip,
    code: &str,
) -> Result<String, Error> {
    let missing = |what: &str| Error::internal(format!("{what} of this request was not provided"));
    let client = parts.extensions.get::<Client>();
    let client = client.ok_or_else(|| missing("the client"))?;
    let browser = parts.extensions.get::<Session>();
    let browser = browser.ok_or_else(|| missing("the session"))?;
    let opened = services.sign_in.by_vendor_page(client, trip, code).await?;
    guard::enter(browser, opened, &trip.next).await
}

/// The login page, from which one goes on to `next`.
fn login(next: &str) -> String {
    if next.is_empty() || next == "/admin" {
        return "/admin/login".to_owned();
    }
    let next: String = Url::escape(next);
    format!("/admin/login?next={next}")
}

/// Has the login page tell an error; that a second factor is due is one, too.
fn told(parts: &Parts, error: Error) -> String {
    let request_id = parts.extensions.get::<Client>();
    let request_id = request_id.map(|c| c.request_id.clone()).unwrap_or_default();
    match error.kind {
        Kind::Internal => tracing::error!(%request_id, %error, "a sign-in failed"),
        Kind::Upstream => tracing::warn!(%request_id, %error, "a vendor failed"),
        _ => {}
    }
    let flash = Flash {
        endpoint: "vendor".to_owned(),
        error: Some(AppError {
            kind: error.kind,
            text: error.text,
            fields: error.fields,
            request_id: request_id.into(),
        }),
        ..Flash::default()
    };
    cookies::flash_cookie(&answer::encode(&flash))
}

fn not_found() -> Error {
    Error::new(
        Kind::NotFound,
        "没有这种登录方式",
        "There is no such way to sign in here",
    )
}

/// A page that goes on to `to` by itself.
fn onward(site: &Site, parts: &Parts, to: &str) -> Response {
    let t = crate::i18n::texts(lang(parts));
    let (to, css, tag) = (attribute(to), attribute(&site.css), lang(parts).tag());
    let (title, go_on) = (t.signing_in, t.go_on);
    let page = format!(
        "<!DOCTYPE html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta http-equiv=\"refresh\" content=\"0;url={to}\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"{css}\"></head><body><main class=\"gate\">\
         <p>{title} <a class=\"link\" href=\"{to}\">{go_on}</a></p></main></body></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
             form-action 'none'",
        ),
    ];
    (StatusCode::OK, headers, page).into_response()
}

fn attribute(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn with_cookies(mut response: Response, cookies: &[String]) -> Response {
    for cookie in cookies {
        if let Ok(value) = HeaderValue::from_str(cookie) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stays_within_its_attribute() {
        assert_eq!(
            attribute("/admin?x=\"><script>&y"),
            "/admin?x=&quot;&gt;&lt;script&gt;&amp;y"
        );
    }

    #[test]
    fn the_login_page_knows_where_to_go_on() {
        assert_eq!(login(""), "/admin/login");
        assert_eq!(login("/admin"), "/admin/login");
        assert_eq!(
            login("/admin/users?q=a&page=2"),
            "/admin/login?next=%2Fadmin%2Fusers%3Fq%3Da%26page%3D2"
        );
    }
}
