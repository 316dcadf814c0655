//! `GET /docs`: the API's documentation, to be read in a browser.

use crate::{Access, Endpoint, RequestContext, docs};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use menshen_domain::Text;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/docs",
        Access::Public,
        Text::fixed("接口文档页面", "The documentation as a page"),
        handle,
    )
    .tag("Menshen")
    .gives_media(
        200,
        "text/html",
        "The page, in the language of `Accept-Language`",
    )
}

async fn handle(context: RequestContext) -> Response {
    let page = docs::page(context.client.lang);
    let mut response = page.html.as_str().into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::VARY, "accept-language"),
        (header::CONTENT_LANGUAGE, context.client.lang.tag()),
        (header::CONTENT_SECURITY_POLICY, page.policy.as_str()),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    response
}
