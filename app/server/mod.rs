//! What only the server does: the router, the HTML shell, and the gate before the pages.

pub(crate) mod answer;
pub(crate) mod cookies;
pub(crate) mod guard;
mod import;
mod live;
pub(crate) mod upload;
mod vendor;

use crate::App;
use crate::boot::{Boot, ColumnsOf, Outcome, Theme};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use leptos::prelude::*;
use leptos_axum::{AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list};
use leptos_meta::MetaTags;
use menshen_domain::{Error, Lang};
use menshen_services::{Client, Identity, Services};
use std::sync::{Arc, LazyLock};
use upload::Upload;

/// Where the browser finds the compiled half of the admin UI.
#[derive(Debug, Clone)]
pub struct Site {
    /// The URL of the JavaScript that loads the WebAssembly.
    pub js: String,
    /// The URL of the WebAssembly.
    pub wasm: String,
    /// The URL of the style sheet.
    pub css: String,
    /// The URL of the JavaScript that loads the rest of the WebAssembly.
    pub split: Option<String>,
    /// The URLs of the rest of the WebAssembly: what the pages behind the login page need.
    pub later: Vec<String>,
}

/// The list of pages, drawn up once: while leptos does that, pages that are being rendered by other
/// threads of the process never end (<https://github.com/leptos-rs/leptos/issues/4773>).
static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// All pages and server functions. The layers around it put `Client`, `Identity` and the browser's
/// session into the request's extensions.
pub fn routes(services: Services, site: Site) -> Router {
    let options = LeptosOptions::builder()
        .output_name("menshen")
        .site_root("target/site")
        .site_pkg_dir("pkg")
        .build();
    let site = Arc::new(site);
    let vendors = vendor::routes(services.clone(), Arc::clone(&site));
    let shell = {
        let (site, options) = (Arc::clone(&site), options.clone());
        move || shell(&site, options.clone())
    };
    let told = services.clone();
    let of_import = {
        let (services, shell) = (services.clone(), shell.clone());
        move |request: Request| import::handle(services.clone(), shell.clone(), request)
    };
    Router::new()
        .route(import::PATH, post(of_import))
        .route(import::TEMPLATE, get(import::template))
        .leptos_routes_with_context(
            &options,
            PAGES.clone(),
            move || provide_context(services.clone()),
            shell,
        )
        .route(
            "/admin/live",
            get(move |request: Request| std::future::ready(live::live(&told, &request))),
        )
        .route("/admin/", get(|| async { Redirect::permanent("/admin") }))
        .with_state(options)
        .merge(vendors)
        .layer(from_fn(gate))
}

/// The document around the pages.
fn shell(site: &Site, options: LeptosOptions) -> impl IntoView + use<> {
    let parts = use_context::<Parts>();
    let (lang, theme) = parts
        .as_ref()
        .map(|parts| (lang(parts), theme(parts)))
        .unwrap_or_default();
    let nonce = leptos::nonce::use_nonce();
    protect(nonce.as_ref().map_or("", |n| n));
    let inside = parts
        .as_ref()
        .is_some_and(|parts| needs_all(parts.uri.path()));
    let later: Vec<_> = site
        .later
        .iter()
        .filter(|_| inside)
        .map(|url| preload(url.clone()))
        .collect();
    let split = site.split.clone().filter(|_| inside).map(|url| {
        view! { <link rel="modulepreload" href=url nonce=nonce.clone() /> }
    });
    let start = format!(
        "import init,{{hydrate}} from \"{}\";init({{module_or_path:\"{}\"}}).then(hydrate)",
        site.js, site.wasm
    );
    view! {
        <!DOCTYPE html>
        <html lang=lang.tag() class=theme.code()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content=color_scheme(theme) />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href=site.css.clone() />
                <link rel="modulepreload" href=site.js.clone() nonce=nonce.clone() />
                {preload(site.wasm.clone())}
                {split}
                {later}
                // Lets the style sheet show what only works with JavaScript.
                <script nonce=nonce.clone()>"document.documentElement.classList.add('js')"</script>
                <script type="module" nonce=nonce>
                    {start}
                </script>
                <AutoReload options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// Has the browser fetch WebAssembly before it is asked for.
fn preload(url: String) -> impl IntoView {
    view! {
        <link
            rel="preload"
            href=url
            r#as="fetch"
            r#type="application/wasm"
            crossorigin="anonymous"
        />
    }
}

/// Whether a page needs more of the WebAssembly than signing in does.
fn needs_all(path: &str) -> bool {
    is_page(path) && path != "/admin/password"
}

fn color_scheme(theme: Theme) -> &'static str {
    match theme {
        Theme::Light => "light",
        Theme::Dark => "dark",
        Theme::System => "light dark",
    }
}

/// The headers of every page: it is not kept by anybody, and runs no script but our own.
fn protect(nonce: &str) {
    let Some(response) = use_context::<ResponseOptions>() else {
        return;
    };
    // cargo-leptos' watcher reloads the page through a socket on another port.
    let watch = if std::env::var_os("LEPTOS_WATCH").is_some() {
        "; connect-src 'self' ws:"
    } else {
        ""
    };
    let policy = format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data: https:; object-src 'none'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self'{watch}"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// The fields of a form that was sent without JavaScript, so that a page can show them again.
#[derive(Debug, Clone)]
pub(crate) struct Sent(pub(crate) Bytes);

/// Who may pass: nobody reaches a page for the signed-in without being so. (That no other site
/// sends a form is seen to further out, for REST and pages alike.)
async fn gate(request: Request, next: Next) -> Response {
    if request.method() == Method::POST {
        return form(request, next).await;
    }
    if let Some(to) = detour(&request) {
        return no_store(Redirect::to(&to).into_response());
    }
    no_store(next.run(request).await)
}

/// Keeps what a plain form sent, for [`answer`].
async fn form(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    // How long a body may be is seen to further out, too.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if parts.uri.path() != import::PATH
        && let Some(form) = Upload::of(&parts.headers, &body)
    {
        // Its reader takes it from here; there are no other fields.
        parts.extensions.insert(form);
        let request = Request::from_parts(parts, Body::empty());
        return no_store(next.run(request).await);
    }
    if accepts_html(&parts.headers) {
        parts.extensions.insert(Sent(body.clone()));
    }
    let request = Request::from_parts(parts, Body::from(body));
    no_store(next.run(request).await)
}

fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        const { HeaderValue::from_static("no-store") },
    );
    response
}

pub(crate) fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.contains("text/html"))
}

/// Where a GET of a page leads instead: to the login page without a session, away from it with
/// one, to the password page while a new password is due.
fn detour(request: &Request) -> Option<String> {
    let path = request.uri().path();
    let inside = is_page(path);
    match request.extensions().get::<Identity>() {
        Some(Identity::SignedIn(caller)) if caller.must_change_password() => {
            (path != "/admin/password" && (inside || path == "/admin/login"))
                .then(|| "/admin/password".to_owned())
        }
        Some(Identity::SignedIn(_)) => (path == "/admin/login").then(|| {
            let query = request.uri().query().unwrap_or_default();
            let next = query.split('&').find_map(|pair| pair.strip_prefix("next="));
            answer::safe_next(&leptos_router::location::Url::unescape(
                next.unwrap_or_default(),
            ))
        }),
        _ => inside.then(|| {
            let here = request
                .uri()
                .path_and_query()
                .map_or(path, |whole| whole.as_str());
            let next: String = leptos_router::location::Url::escape(here);
            format!("/admin/login?next={next}")
        }),
    }
}

/// Whether `path` is a page for the signed-in. What is not known here is answered with 404, by
/// whoever asks.
fn is_page(path: &str) -> bool {
    let rest = path.strip_prefix("/admin").unwrap_or_default();
    let first = rest.split('/').nth(1).unwrap_or_default();
    matches!(
        first,
        "" | "account"
            | "departments"
            | "keys"
            | "menus"
            | "operations"
            | "password"
            | "permissions"
            | "roles"
            | "sessions"
            | "settings"
            | "sign-ins"
            | "users"
            | "_kit"
    )
}

/// The language that was chosen, or else that of the browser.
pub(crate) fn lang(parts: &Parts) -> Lang {
    cookies::read(&parts.headers, cookies::LANG)
        .and_then(Lang::from_tag)
        .or_else(|| parts.extensions.get::<Client>().map(|c| c.lang))
        .unwrap_or_default()
}

/// The theme that was chosen.
fn theme(parts: &Parts) -> Theme {
    cookies::read(&parts.headers, cookies::THEME)
        .map(Theme::from_code)
        .unwrap_or_default()
}

/// The facts of the request that is being answered.
pub(crate) fn boot() -> Boot {
    let Some(parts) = use_context::<Parts>() else {
        // While the list of routes is drawn up there is no request.
        return Boot::default();
    };
    Boot {
        lang: lang(&parts),
        theme: theme(&parts),
        folded: cookies::read(&parts.headers, cookies::NAV) == Some("folded"),
        columns: ColumnsOf::ALL
            .map(|of| of.shown(cookies::read(&parts.headers, of.cookie())))
            .into(),
        import: use_context::<Outcome>(),
        keys_off: cookies::read(&parts.headers, cookies::KEYS) == Some("off"),
        dev: guard::dev(),
        now: guard::now(),
        password_min: guard::password_min(),
        ways: guard::ways(),
        passkey_rp: guard::passkey_rp(),
        me: match parts.extensions.get::<Identity>() {
            Some(Identity::SignedIn(caller)) => Some(caller.me()),
            _ => None,
        },
        flash: answer::take_flash(&parts),
    }
}

/// Sets the status of the answer.
pub(crate) fn status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// The error of something that has no domain error of its own.
pub(crate) fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_for_the_signed_in_are_known() {
        for page in [
            "/admin",
            "/admin/",
            "/admin/users",
            "/admin/users/5",
            "/admin/roles/new",
            "/admin/password",
        ] {
            assert!(is_page(page), "{page}");
        }
        for other in ["/admin/login", "/admin/nowhere", "/admin/pkg/x.js"] {
            assert!(!is_page(other), "{other}");
        }
    }
}
