//! Who may call what: drawn from the lists that the program itself goes by, deny by default.

use crate::support::{Answer, Bench, Caller, PASSWORD, Person, Site};
use menshen_domain::catalogue::{self, CATALOGUE};
use menshen_http::{Access, Endpoint, routes};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// The callers of the matrix.
struct Cast {
    /// Holds nothing.
    nobody: Person,
    /// Holds what the route at hand names, and nothing else.
    exact: Person,
    /// Holds everything but that.
    rest: Person,
    /// Holds the administrators' role, and must choose a new password.
    due: i64,
    /// Whose record the others look at.
    target: i64,
}

impl Cast {
    async fn of(site: &Site) -> Self {
        // Some permission must be given for a role to be made; it is replaced before use.
        let some = [catalogue::LOG_LOGIN];
        let due = site
            .add_user(json!({
                "username": "due", "password": PASSWORD, "roleIds": [1],
                "mustChangePassword": true,
            }))
            .await;
        Self {
            nobody: site.person("nobody", &[]).await,
            exact: site.person("exact", &some).await,
            rest: site.person("rest", &some).await,
            due,
            target: site
                .add_user(json!({ "username": "target", "password": PASSWORD }))
                .await,
        }
    }

    /// Gives `exact` these codes alone, and `rest` all others.
    async fn split(&self, site: &Site, codes: &[&str]) {
        let admin = site.admin().await;
        let others: Vec<&str> = CATALOGUE
            .iter()
            .map(|e| e.code)
            .filter(|c| !codes.contains(c))
            .collect();
        for (role, permissions) in [(self.exact.role, codes), (self.rest.role, &others)] {
            let body = json!({ "roleId": role, "permissions": permissions });
            admin.put("/perm").json(&body).await.ok();
        }
    }
}

/// Calls an endpoint as well-formed as it takes for its guards to decide.
async fn call(caller: &Caller, endpoint: &Endpoint, cast: &Cast) -> Answer {
    // A record that the service asks a permission for has to be there; other ids need not, and
    // so nothing is changed or deleted on the way.
    let id = match endpoint.access {
        Access::OwnOr(_) => cast.target,
        _ => 999_999,
    };
    let mut path: String = endpoint
        .path
        .split('/')
        .map(|part| match part.starts_with('{') {
            true => id.to_string(),
            false => part.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("/");
    if endpoint
        .parameters
        .iter()
        .any(|p| p.name == "username" && p.place == "query")
    {
        path.push_str("?username=target");
    }
    let request = caller.call(endpoint.method.clone(), &path);
    match endpoint.body {
        Some(_) if endpoint.path == "/check" => {
            let body = json!({ "username": "target", "permission": "a:b:c" });
            request.json(&body).await
        }
        Some(_) => request.json(&json!({})).await,
        None => request.await,
    }
}

#[track_caller]
fn is_let_through(answer: &Answer, who: &str) {
    assert!(!matches!(answer.status, 401 | 403), "{who}: {answer:?}");
    assert!(answer.status < 500, "{who}: {answer:?}");
}

#[track_caller]
fn is_refused_for(answer: &Answer, who: &str, code: &str) {
    assert_eq!(answer.status, 403, "{who}: {answer:?}");
    answer.lacks(&[code]);
    let scope = format!("scope=\"{code}\"");
    let told = answer.header("www-authenticate");
    assert!(told.contains(&scope), "{who}: {answer:?}: {told}");
}

/// Somebody who shows whatever tokens a route may want, of a session of her own.
async fn with_all_tokens(site: &Site, username: &str) -> Caller {
    let tokens = site.login(username).await;
    site.bearer(&tokens.access)
        .with("x-refresh-token", &tokens.refresh)
        .with("cookie", &format!("token={}", tokens.refresh))
}

pub(crate) async fn req46_every_route_asks_what_it_declares(bench: &Bench) {
    let site = bench.site().await;
    let cast = Cast::of(&site).await;
    let admin = site.admin().await;
    let due = site.bearer(&site.login("due").await.access);
    let (nobody, exact, rest) = (&cast.nobody.caller, &cast.exact.caller, &cast.rest.caller);
    for endpoint in routes::all() {
        let what = format!("{endpoint:?}");
        let anonymous = call(&site.anonymous(), &endpoint, &cast).await;
        let signed_in = [("nobody", nobody), ("administrator", &admin)];
        match endpoint.access {
            Access::Public | Access::PublicOr(_) => {
                is_let_through(&anonymous, &format!("anonymous at {what}"));
                for (who, caller) in signed_in {
                    // A logout ends the session that it is shown: one of its own.
                    let own = match endpoint.path.ends_with("/logout") {
                        true => Some(site.person(&format!("leaver.{who}"), &[]).await.caller),
                        false => None,
                    };
                    let caller = own.as_ref().unwrap_or(caller);
                    let answer = call(caller, &endpoint, &cast).await;
                    is_let_through(&answer, &format!("{who} at {what}"));
                }
            }
            Access::Token => {
                anonymous.no_token();
                let bad = call(&site.bearer("bad"), &endpoint, &cast).await;
                bad.no_token();
                for who in ["nobody", "root", "due"] {
                    let caller = with_all_tokens(&site, who).await;
                    let answer = call(&caller, &endpoint, &cast).await;
                    if who == "due" && endpoint.path == "/test" {
                        answer.fails(403);
                    } else {
                        is_let_through(&answer, &format!("{who} at {what}"));
                    }
                }
            }
            Access::SignedIn | Access::SignedInAnyhow => {
                anonymous.no_token();
                for (who, caller) in signed_in {
                    let answer = call(caller, &endpoint, &cast).await;
                    is_let_through(&answer, &format!("{who} at {what}"));
                }
                let answer = call(&due, &endpoint, &cast).await;
                if endpoint.access == Access::SignedIn {
                    answer.fails(403);
                } else {
                    is_let_through(&answer, &format!("due at {what}"));
                }
            }
            Access::Secret => {
                // No user's token is the one that it wants.
                anonymous.no_token();
                for (_, caller) in signed_in {
                    call(caller, &endpoint, &cast).await.no_token();
                }
            }
            Access::Permission(code) | Access::OwnOr(code) | Access::ClientOr(code) => {
                cast.split(&site, &[code]).await;
                anonymous.no_token();
                call(&site.bearer("bad"), &endpoint, &cast).await.no_token();
                for (who, caller) in [("nobody", nobody), ("all others' holder", rest)] {
                    let answer = call(caller, &endpoint, &cast).await;
                    is_refused_for(&answer, &format!("{who} at {what}"), code);
                }
                for (who, caller) in [("its holder", exact), ("administrator", &admin)] {
                    let answer = call(caller, &endpoint, &cast).await;
                    is_let_through(&answer, &format!("{who} at {what}"));
                }
                let answer = call(&due, &endpoint, &cast).await;
                let said = answer.fails(403)["message"].to_string();
                assert!(said.contains("密码"), "a password is due: {what}: {said}");
            }
        }
    }
    // `due` is somebody who may do everything otherwise.
    let bound = admin.get(&format!("/user/{}", cast.due)).await.ok();
    assert_eq!(bound["roleIds"], json!([1]));
}

pub(crate) async fn req46_a_browser_may_what_a_token_may(bench: &Bench) {
    let site = bench.site().await;
    let cast = Cast::of(&site).await;
    let (nobody, exact) = (site.browser("nobody").await, site.browser("exact").await);
    for endpoint in routes::all() {
        let Access::Permission(code) = endpoint.access else {
            continue;
        };
        cast.split(&site, &[code]).await;
        let what = format!("{endpoint:?}");
        let answer = call(&nobody, &endpoint, &cast).await;
        is_refused_for(&answer, &what, code);
        is_let_through(&call(&exact, &endpoint, &cast).await, &what);
    }
}

#[test]
fn the_catalogue_knows_every_guarded_route_and_no_other() {
    let mut declared: BTreeMap<String, &str> = BTreeMap::new();
    for endpoint in routes::all() {
        if let Some(code) = endpoint.access.permission() {
            let route = format!("{} {}", endpoint.method, endpoint.path);
            declared.insert(route, code);
        }
    }
    let mut listed: BTreeMap<String, &str> = BTreeMap::new();
    for entry in CATALOGUE {
        for guard in entry.guards.iter().filter(|g| !g.starts_with("fn ")) {
            listed.insert((*guard).to_owned(), entry.code);
        }
    }
    assert_eq!(declared, listed);
    // Whatever is open to everybody is open on purpose.
    let open: Vec<String> = routes::all()
        .iter()
        .filter(|e| e.access.is_public())
        .map(|e| format!("{} {}", e.method, e.path))
        .collect();
    assert_eq!(
        open,
        [
            "GET /other/captcha",
            "GET /admin/captcha/{key}/audio",
            "GET /files/{name}",
            "POST /auth/login",
            "POST /auth/otp",
            "POST /auth/passkey/login/options",
            "POST /auth/passkey/login",
            "POST /user",
            "POST /signin",
            "POST /tokens/renew_access",
            "GET /api/auth/login",
            "POST /api/auth/login",
            "GET /api/auth/logout",
            "POST /api/login",
            "GET /api/sms",
            "POST /api/register",
            "GET /.well-known/jwks.json",
            "GET /openapi.json",
            "GET /docs",
            "GET /health/live",
            "GET /health/ready",
        ]
    );
}

/// Every server function: its name, its path and its method.
fn functions() -> Vec<(&'static str, &'static str, axum::http::Method)> {
    let mut all: Vec<_> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, method)| {
            let name = path
                .strip_prefix("/admin/fn/")
                .unwrap_or_else(|| panic!("{path} is not under /admin/fn/"));
            (name, path, method)
        })
        .collect();
    all.sort_unstable_by_key(|f| f.0);
    all
}

/// The permission that guards each server function, by the catalogue.
fn guarded() -> BTreeMap<&'static str, &'static str> {
    CATALOGUE
        .iter()
        .flat_map(|entry| entry.guards.iter().map(move |g| (g, entry.code)))
        .filter_map(|(guard, code)| guard.strip_prefix("fn ").map(|name| (name, code)))
        .collect()
}

pub(crate) async fn every_server_function_is_listed_once(bench: &Bench) {
    // The functions are known once the application is put together.
    let _site = bench.site().await;
    let known: Vec<&str> = functions().into_iter().map(|f| f.0).collect();
    assert!(known.len() > 10, "{known:?}");
    let mut listed: Vec<&str> = guarded().into_keys().collect();
    listed.extend(app::PUBLIC);
    listed.extend(app::SIGNED_IN);
    listed.sort_unstable();
    let unique: BTreeSet<&str> = listed.iter().copied().collect();
    assert_eq!(unique.len(), listed.len(), "listed twice: {listed:?}");
    assert_eq!(known, listed);
    let public: BTreeSet<&str> = app::PUBLIC.iter().copied().collect();
    assert_eq!(
        public,
        [
            "new_captcha",
            "passkey_options",
            "passkey_sign_in",
            "send_sms_code",
            "set_columns",
            "set_language",
            "set_theme",
            "sign_in",
            "sign_in_by_phone",
            "verify_otp"
        ]
        .into(),
        "what is open to everybody is open on purpose"
    );
}

pub(crate) async fn req46_every_server_function_asks_what_is_listed(bench: &Bench) {
    let site = bench.site().await;
    let cast = Cast::of(&site).await;
    let guarded = guarded();
    site.person("alone", &[]).await;
    let (nobody, exact) = (site.browser("nobody").await, site.browser("exact").await);
    let (rest, admin) = (site.browser("rest").await, site.browser("root").await);
    for (name, path, method) in functions() {
        let call = async |caller: &Caller| caller.call(method.clone(), path).form(&[]).await;
        let anonymous = call(&site.new_browser()).await;
        let forged = call(&site.new_browser().with("cookie", "menshen_session=x")).await;
        if app::PUBLIC.contains(&name) {
            is_let_through(&anonymous, name);
            continue;
        }
        assert_eq!(anonymous.status, 401, "{name}: {anonymous:?}");
        assert_eq!(forged.status, 401, "{name}: {forged:?}");
        let due = call(&site.browser("due").await).await;
        if let Some(code) = guarded.get(name) {
            cast.split(&site, &[code]).await;
            for (who, caller) in [("nobody", &nobody), ("all others' holder", &rest)] {
                let answer = call(caller).await;
                assert_eq!(answer.status, 403, "{who}: {answer:?}");
                assert!(
                    answer.text().contains(code),
                    "{who}: {answer:?} names {code}"
                );
            }
            for (who, caller) in [("its holder", &exact), ("administrator", &admin)] {
                is_let_through(&call(caller).await, &format!("{who} at {name}"));
            }
            assert_eq!(due.status, 403, "{name}: {due:?}");
        } else {
            // Whose sessions end when she asks for just that must be nobody else here.
            let (plain_one, root) = match name {
                "end_my_other_sessions" => ("alone", "alone"),
                _ => ("nobody", "root"),
            };
            // A session of its own: one of them ends it.
            let plain = call(&site.browser(plain_one).await).await;
            let any: &[&str] = match name {
                "role_options" => &[catalogue::USER_BIND, catalogue::ROLE_LIST],
                "user_depts" => &[
                    catalogue::DEPT_LIST,
                    catalogue::USER_ADD,
                    catalogue::USER_ALTER,
                ],
                _ => &[],
            };
            if !any.is_empty() {
                assert_eq!(plain.status, 403, "{plain:?}");
                for code in any {
                    assert!(plain.text().contains(code), "{plain:?}");
                    cast.split(&site, &[*code]).await;
                    is_let_through(&call(&exact).await, code);
                }
                cast.split(&site, any).await;
                assert_eq!(call(&rest).await.status, 403);
            } else {
                is_let_through(&plain, name);
            }
            is_let_through(&call(&site.browser(root).await).await, name);
            let open = [
                "sign_out",
                "change_password",
                "password_strength",
                "who_am_i",
            ];
            if open.contains(&name) {
                is_let_through(&due, &format!("due at {name}"));
            } else {
                assert_eq!(due.status, 403, "{name}: {due:?}");
            }
        }
    }
}

pub(crate) async fn an_access_token_opens_server_functions_too_or_none(bench: &Bench) {
    let site = bench.site().await;
    let person = site.person("anna", &[]).await;
    for (name, path, method) in functions() {
        if !guarded().contains_key(name) {
            continue;
        }
        let answer = person.caller.call(method, path).form(&[]).await;
        assert!(matches!(answer.status, 401 | 403), "{answer:?}");
    }
}

pub(crate) async fn pages_do_not_wait_for_routers_that_are_made(bench: &Bench) {
    let site = Arc::new(bench.site().await);
    let maker = Arc::clone(&site);
    let making = spawn_blocking(move || {
        for _ in 0..60 {
            maker.another_router();
        }
    });
    let browser = site.new_browser();
    let mut pages = 0;
    while !making.is_finished() || pages < 20 {
        browser.get("/admin/login").await.is(200);
        pages += 1;
    }
    making.await.expect("made");
}

pub(crate) async fn pages_are_for_the_signed_in(bench: &Bench) {
    let site = bench.site().await;
    for path in [
        "/admin",
        "/admin/users",
        "/admin/users/1",
        "/admin/roles",
        "/admin/roles/new",
        "/admin/password",
        "/admin/account",
        "/admin/account/factors",
    ] {
        let answer = site.new_browser().get(path).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        let to = answer.header("location");
        assert!(to.starts_with("/admin/login?next="), "{path}: {to}");
        // A token is no browser's session, and a forged cookie is none at all.
        let forged = site.new_browser().with("cookie", "menshen_session=abc");
        assert_eq!(forged.get(path).await.status, 303, "{path}");
    }
    site.add_user(json!({
        "username": "due", "password": PASSWORD, "roleIds": [1], "mustChangePassword": true,
    }))
    .await;
    let due = site.browser("due").await;
    for path in ["/admin", "/admin/users", "/admin/roles", "/admin/login"] {
        let answer = due.get(path).await;
        assert_eq!(answer.header("location"), "/admin/password", "{answer:?}");
    }
    let admin = site.browser("root").await;
    for path in [
        "/admin",
        "/admin/users",
        "/admin/users/1",
        "/admin/roles",
        "/admin/roles/new",
    ] {
        admin.get(path).await.is(200);
    }
}
