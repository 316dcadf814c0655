//! What pages of other origins may do that the settings list, and what is left to everybody else.

use crate::support::{Bench, Caller, PASSWORD, Site, Tokens};
use axum::http::Method;
use serde_json::{Value, json};

const FRIEND: &str = "https://app.example.com";
const STRANGER: &str = "https://evil.example";
/// What makes an OPTIONS a browser's preflight.
const PREFLIGHT: [(&str, &str); 2] = [("origin", FRIEND), ("access-control-request-method", "GET")];

async fn site(bench: &Bench) -> Site {
    bench
        .site_with(|s| s.server.cors_origins = vec![FRIEND.to_owned()])
        .await
}

pub(crate) async fn options_without_a_preflight_go_to_the_routes(bench: &Bench) {
    let site = site(bench).await;
    for headers in [&PREFLIGHT[..0], &PREFLIGHT[..1], &PREFLIGHT[1..]] {
        let ask = async |path: &str| {
            let mut request = site.anonymous().call(Method::OPTIONS, path);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            request.await
        };
        ask("/nothing").await.fails(404);
        let refused = ask("/role/list").await;
        refused.fails(405);
        assert!(refused.header("allow").contains("GET"), "{refused:?}");
    }
}

/// A proxy may repeat the method of what it guards: a 200 would let it pass.
pub(crate) async fn req45_no_preflight_passes_a_guarded_page(bench: &Bench) {
    let site = site(bench).await;
    let admin = site.admin().await;
    let path = "/auth/verify?permission=system:role:list";
    for headers in [
        &PREFLIGHT[..0],
        &PREFLIGHT[..1],
        &PREFLIGHT[1..],
        &PREFLIGHT[..],
    ] {
        let ask = async |caller: &Caller| {
            let mut request = caller.call(Method::OPTIONS, path);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            request.await
        };
        ask(&site.anonymous()).await.no_token();
        let passed = ask(&admin).await.is(200);
        assert_eq!(passed.header("x-menshen-user"), "root");
    }
}

pub(crate) async fn a_preflight_is_answered_for_listed_origins(bench: &Bench) {
    let site = site(bench).await;
    for (origin, told) in [(FRIEND, FRIEND), (STRANGER, "")] {
        let answer = site
            .anonymous()
            .call(Method::OPTIONS, "/role/list")
            .header("origin", origin)
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "authorization")
            .await
            .is(200);
        assert_eq!(answer.header("access-control-allow-origin"), told);
        assert!(answer.header("vary").contains("origin"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(!answer.header("x-request-id").is_empty());
    }
}

pub(crate) async fn listed_pages_are_told_of_refusals(bench: &Bench) {
    let site = site(bench).await;
    let admin = site.admin().await;
    let file = |caller: &Caller, length: usize| {
        let content = vec![b'x'; length];
        caller
            .post("/other/upload")
            .parts(&[("name=\"file\"; filename=\"x\"", &content[..])])
    };
    for (origin, told) in [(FRIEND, FRIEND), (STRANGER, "")] {
        for (request, status) in [
            (admin.post("/role").body(vec![b'x'; 1_100_000]), 413),
            (file(&admin, 6 * 1024 * 1024), 413),
            (file(&site.anonymous(), 2 * 1024 * 1024), 401),
            (site.anonymous().get("/role/list"), 401),
            (site.anonymous().get("/nothing"), 404),
        ] {
            let answer = request.header("origin", origin).await;
            answer.fails(status);
            let allowed = answer.header("access-control-allow-origin");
            assert_eq!(allowed, told, "{answer:?}");
            assert!(answer.header("vary").contains("origin"), "{answer:?}");
        }
    }
}

/// The page of a listed origin in a browser that is signed in to the admin UI as well.
async fn page(site: &Site, origin: &str) -> Caller {
    let browser = site.browser("root").await;
    browser
        .with("origin", origin)
        .with("sec-fetch-site", "same-site")
}

pub(crate) async fn listed_pages_sign_in_beside_the_admin_uis_cookie(bench: &Bench) {
    let site = site(bench).await;
    let page = page(&site, FRIEND).await;
    let root = json!({ "username": "root", "password": PASSWORD });
    let login = page.post("/auth/login").json(&root).await.is(200);
    let tokens = Tokens::of(&login);
    // Header and cookie that are the same show that the page knows the token.
    let renewed = page
        .post("/auth/session")
        .header("x-refresh-token", &tokens.refresh)
        .await
        .is(204);
    let tokens = Tokens::of(&renewed);
    let out = page.post("/auth/logout");
    out.header("x-refresh-token", &tokens.refresh).await.is(200);
    site.bearer(&tokens.access).get("/test").await.no_token();

    let b = page.post("/signin").json(&root).await.is(200).raw();
    let refresh = json!({ "refresh_token": b["data"]["refresh_token"] });
    page.post("/tokens/renew_access")
        .json(&refresh)
        .await
        .is(200);
    let e = json!({ "LoginCode": "root", "Password": PASSWORD });
    page.post("/api/login").json(&e).await.is(200);
    let anna = json!({ "LoginCode": "anna", "Password": PASSWORD, "UserName": "Anna" });
    page.post("/api/register").json(&anna).await.is(200);
    // Passkeys are not set up here, which the route itself says.
    page.post("/auth/passkey/login/options").await.fails(400);
    let ben = json!({ "username": "ben", "password": PASSWORD });
    page.post("/user").json(&ben).await.is(201);
}

pub(crate) async fn req42_the_admin_uis_cookie_is_nothing_to_listed_pages(bench: &Bench) {
    let site = site(bench).await;
    let page = page(&site, FRIEND).await;
    let role = json!({ "roleName": "x", "roleKey": "x" });
    for (method, path, body) in [
        (Method::POST, "/role", role.clone()),
        (Method::PUT, "/user/1", json!({ "nickname": "x" })),
        (Method::DELETE, "/user/999", Value::Null),
        (
            Method::PUT,
            "/auth/password",
            json!({ "currentPassword": PASSWORD, "newPassword": "staple battery correct" }),
        ),
        (Method::POST, "/auth/session", Value::Null),
    ] {
        page.call(method, path).json(&body).await.no_token();
    }
    page.post("/auth/logout").await.fails(403);
    let admin_ui = page
        .post("/admin/fn/sign_in")
        .header("accept", "text/html")
        .form(&[("username", "root"), ("password", PASSWORD)]);
    admin_ui.await.is(403);
    // What it shows itself counts.
    page.post("/role")
        .header(
            "authorization",
            format!("Bearer {}", site.login("root").await.access),
        )
        .json(&role)
        .await
        .is(200);
    let stranger = self::page(&site, STRANGER).await;
    let root = json!({ "username": "root", "password": PASSWORD });
    for (path, body) in [("/auth/login", &root), ("/signin", &root), ("/user", &root)] {
        stranger.post(path).json(body).await.fails(403);
    }
}
