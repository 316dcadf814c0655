//! One's own account in the admin UI, and the login page's other ways in: what forms without
//! JavaScript and links lead to.

use crate::otp::App;
use crate::support::{Answer, Bench, Caller, PASSWORD, Site, percent};
use axum::routing::get;
use axum::{Json, Router};
use image::{ImageFormat, Rgb, RgbImage};
use menshen_services::settings::RegistrationMode;
use serde_json::{Value, json};
use std::io::Cursor;

const HEAD: &str = "name=\"file\"; filename=\"a.png\"";

async fn call(browser: &Caller, function: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("/admin/fn/{function}");
    browser.post(&path).form(fields).await
}

async fn form(browser: &Caller, function: &str, page: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("/admin/fn/{function}");
    browser
        .post(&path)
        .header("accept", "text/html")
        .header("referer", format!("http://localhost{page}"))
        .form(fields)
        .await
        .is(303)
}

fn png() -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    RgbImage::from_pixel(16, 16, Rgb([200, 10, 10]))
        .write_to(&mut out, ImageFormat::Png)
        .expect("encoded");
    out.into_inner()
}

async fn lin(site: &Site) -> Caller {
    site.add_user(json!({ "username": "lin", "password": PASSWORD, "nickname": "林薇" }))
        .await;
    site.browser("lin").await
}

pub(crate) async fn a_profile_and_a_picture_are_ones_own_to_change(bench: &Bench) {
    let site = bench.site().await;
    let lin = lin(&site).await;
    let fields = [("nickname", "小林"), ("phone", ""), ("sex", "1")];
    let saved = form(&lin, "update_profile", "/admin/account", &fields).await;
    assert_eq!(saved.header("location"), "/admin/account");
    let refused = call(&lin, "update_profile", &[("email", "nonsense")]).await;
    assert_eq!(refused.is(400).raw()["fields"][0]["field"], "email");

    let sent = lin
        .post("/admin/fn/set_avatar")
        .header("accept", "text/html")
        .parts(&[(HEAD, &png()[..])])
        .await
        .is(303);
    assert_eq!(sent.header("location"), "/admin/account");
    let account = call(&lin, "my_account", &[]).await.is(200).raw();
    let user = &account["user"];
    assert_eq!(user["nickname"], "小林");
    assert_eq!(user["sex"], "1");
    assert_eq!(user["phone"], Value::Null);
    let avatar = user["avatar"].as_str().expect("an address").to_owned();
    assert!(avatar.starts_with("/files/"), "{avatar}");
    site.anonymous().get(&avatar).await.is(200);
    lin.get("/admin/account").await.is(200);

    call(&lin, "remove_avatar", &[]).await.is(200);
    let account = call(&lin, "my_account", &[]).await.is(200).raw();
    assert_eq!(account["user"]["avatar"], "");
}

pub(crate) async fn what_is_no_picture_is_refused(bench: &Bench) {
    let site = bench.site().await;
    let lin = lin(&site).await;
    let mut pdf = b"%PDF-1.7\n".to_vec();
    pdf.extend(b"\nstartxref\n0\n%%EOF\n");
    // More than other bodies may have: it is looked at all the same.
    let large = vec![b'x'; 2 * 1024 * 1024];
    for (content, status) in [(&pdf, 415), (&large, 415), (&Vec::new(), 400)] {
        let answer = lin
            .post("/admin/fn/set_avatar")
            .parts(&[(HEAD, &content[..])]);
        answer.await.is(status);
    }
    call(&lin, "set_avatar", &[]).await.is(400);
    let nobody = site.new_browser();
    let answer = nobody
        .post("/admin/fn/set_avatar")
        .parts(&[(HEAD, &png()[..])]);
    answer.await.is(401);
}

pub(crate) async fn a_second_factor_is_set_up_without_scripts(bench: &Bench) {
    const PAGE: &str = "/admin/account/factors";
    let site = bench.site().await;
    let lin = lin(&site).await;
    let wrong = [("password", "not the one at all")];
    form(&lin, "begin_otp", PAGE, &wrong).await;
    let page = lin.get(PAGE).await.is(200).text();
    assert!(page.contains("is not your current password") || page.contains("当前密码不正确"));

    form(&lin, "begin_otp", PAGE, &[("password", PASSWORD)]).await;
    let page = lin.get(PAGE).await.is(200).text();
    assert!(page.contains("data:image/svg+xml;base64,"), "the QR code");
    let (_, rest) = page.split_once("id=\"secret\"").expect("the secret");
    let (_, rest) = rest.split_once('>').expect("its element");
    let secret: String = rest
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    let app = App::of(&secret);
    let (_, rest) = page
        .split_once("name=\"uri\" value=\"")
        .expect("its address");
    let (uri, _) = rest.split_once('"').expect("its end");
    let uri = uri.replace("&amp;", "&");

    // A wrong code leaves the secret where it is.
    let fields = [("uri", uri.as_str()), ("otp_code", "abc")];
    form(&lin, "confirm_otp", PAGE, &fields).await;
    let page = lin.get(PAGE).await.is(200).text();
    assert!(page.contains(&secret), "it is still shown");

    let code = app.code(&site, 0);
    let fields = [("uri", uri.as_str()), ("otp_code", code.as_str())];
    form(&lin, "confirm_otp", PAGE, &fields).await;
    let page = lin.get(PAGE).await.is(200).text();
    assert_eq!(page.matches("<li><code>").count(), 10, "ten recovery codes");
    let page = lin.get(PAGE).await.is(200).text();
    assert_eq!(page.matches("<li><code>").count(), 0, "shown once");
    let factor = call(&lin, "my_factor", &[]).await.is(200).raw();
    assert_eq!(factor["recovery_left"], 10);

    call(&lin, "disable_otp", &wrong).await.is(400);
    call(&lin, "disable_otp", &[("password", PASSWORD)])
        .await
        .is(200);
    let factor = call(&lin, "my_factor", &[]).await.is(200).raw();
    assert_eq!(factor["confirmed_at"], Value::Null);
}

pub(crate) async fn own_sessions_are_ended_from_the_page(bench: &Bench) {
    let site = bench.site().await;
    let here = lin(&site).await;
    let (there, third) = (site.browser("lin").await, site.browser("lin").await);
    let list = call(&here, "my_sessions", &[]).await.is(200).raw();
    let list = list["list"].as_array().expect("a list");
    assert_eq!(list.len(), 3);
    let own = |list: &[Value], current: bool| {
        let found = list.iter().find(|s| s["current"] == current);
        found.expect("one")["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    };
    call(&here, "end_my_session", &[("id", "no-such")])
        .await
        .is(404);
    call(&here, "end_my_session", &[("id", &own(list, false))])
        .await
        .is(200);
    let left = [&there, &third];
    let mut open = 0;
    for browser in left {
        open += u16::from(call(browser, "who_am_i", &[]).await.status == 200);
    }
    assert_eq!(open, 1, "one of them was ended");
    let ended = call(&here, "end_my_other_sessions", &[])
        .await
        .is(200)
        .raw();
    assert_eq!(ended["name"], "1");
    // The one that asks is ended like a sign-out.
    let gone = call(&here, "end_my_session", &[("id", &own(list, true))]).await;
    assert_eq!(gone.is(200).raw()["to"], "/admin/login");
    call(&here, "who_am_i", &[]).await.is(401);
}

pub(crate) async fn a_password_is_measured_and_not_kept(bench: &Bench) {
    let site = bench.site().await;
    let lin = lin(&site).await;
    let weak = call(&lin, "password_strength", &[("password", "password1234")]).await;
    let weak = weak.is(200).raw();
    assert_eq!(weak["good"], false);
    assert!(!weak["advice"].as_array().expect("advice").is_empty());
    let thought = "a heron by the quiet lock";
    let strong = call(&lin, "password_strength", &[("password", thought)]).await;
    assert_eq!(strong.is(200).raw()["score"], 4);
    assert!(!site.whole_database().await.contains(thought));
    assert!(!crate::support::log().contains(thought));
}

/// What stands in for WeCom; its one good code is `good`.
async fn wecom() -> String {
    let app = Router::new()
        .route(
            "/cgi-bin/gettoken",
            get(|| async {
                Json(json!({ "errcode": 0, "access_token": "t", "expires_in": 7200 }))
            }),
        )
        .route(
            "/cgi-bin/auth/getuserinfo",
            get(|uri: axum::http::Uri| async move {
                if uri.query().is_some_and(|q| q.contains("code=good")) {
                    Json(json!({ "errcode": 0, "errmsg": "ok", "userid": "lilei" }))
                } else {
                    Json(json!({ "errcode": 40029, "errmsg": "invalid code" }))
                }
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await.expect("served") });
    url
}

async fn with_wecom(bench: &Bench) -> Site {
    let url = wecom().await;
    bench
        .site_with(|s| {
            s.server.public_url = Some("http://id.example.com".to_owned());
            s.registration.mode = RegistrationMode::Open;
            s.outbound.allow_private = true;
            s.wecom.url = url;
            s.wecom.corp_id = Some("ww1".to_owned());
            s.wecom.agent_id = Some("1000002".to_owned());
            s.wecom.secret = Some("hush".into());
        })
        .await
}

/// Leaves for WeCom's page; gives back the `state` that it gets.
async fn leave(browser: &Caller, next: &str) -> String {
    let path = format!("/admin/login/start/wecom?next={}", percent(next));
    let left = browser.get(&path).await.is(303);
    let to = left.header("location");
    assert!(
        to.starts_with("https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=CorpApp&"),
        "{to}"
    );
    assert!(
        to.contains("redirect_uri=http%3A%2F%2Fid.example.com%2Fadmin%2Flogin%2Fcallback%2Fwecom"),
        "{to}"
    );
    let cookie = left.cookie("menshen_trip").expect("a keepsake");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let (_, state) = to.rsplit_once("state=").expect("a state");
    state.to_owned()
}

fn callback(code: &str, state: &str) -> String {
    format!("/admin/login/callback/wecom?code={code}&state={state}")
}

pub(crate) async fn a_browser_goes_to_a_vendor_and_comes_back_in(bench: &Bench) {
    let site = with_wecom(bench).await;
    let page = site.new_browser().get("/admin/login").await.is(200).text();
    assert!(page.contains("/admin/login/start/wecom"), "the link");
    assert!(!page.contains("/admin/login/start/wechat"), "not set up");

    let browser = site.new_browser();
    let state = leave(&browser, "/admin/account?x=1").await;
    let back = browser.get(&callback("good", &state)).await.is(200);
    // A redirect would leave the session's strict cookie behind.
    assert!(
        back.text().contains("content=\"0;url=/admin/account?x=1\""),
        "{back:?}"
    );
    let me = call(&browser, "who_am_i", &[]).await.is(200).raw();
    let id = me["id"].clone();
    // The same person again, and the state is spent with its cookie.
    let answer = browser.get(&callback("good", &state)).await.is(200);
    assert!(answer.text().contains("0;url=/admin/login"), "{answer:?}");
    let other = site.new_browser();
    let state = leave(&other, "").await;
    other.get(&callback("good", &state)).await.is(200);
    let me = call(&other, "who_am_i", &[]).await.is(200).raw();
    assert_eq!(me["id"], id);
}

pub(crate) async fn req18_nobody_comes_back_from_another_browsers_trip(bench: &Bench) {
    let site = with_wecom(bench).await;
    let (browser, victim) = (site.new_browser(), site.new_browser());
    let state = leave(&browser, "//evil.example/admin").await;
    leave(&victim, "").await;
    for path in [
        callback("good", &state),
        callback("good", ""),
        "/admin/login/callback/wechat?code=good&state=x".to_owned(),
        "/admin/login/callback/nobody".to_owned(),
    ] {
        let answer = victim.get(&path).await.is(200);
        assert!(answer.text().contains("0;url=/admin/login\""), "{answer:?}");
        call(&victim, "who_am_i", &[]).await.is(401);
    }
    // What went wrong is told on the login page, once.
    let page = victim.get("/admin/login").await.is(200).text();
    assert!(page.contains("role=\"alert\""), "{page}");
    let page = victim.get("/admin/login").await.is(200).text();
    assert!(!page.contains("role=\"alert\""));

    // A code that the vendor refuses, and none at all.
    for code in ["bad", ""] {
        let state = leave(&browser, "//evil.example/admin").await;
        let answer = browser.get(&callback(code, &state)).await.is(200);
        assert!(answer.text().contains("0;url=/admin/login\""), "{answer:?}");
        call(&browser, "who_am_i", &[]).await.is(401);
    }
    // A vendor that is not set up leads nowhere.
    let nowhere = browser.get("/admin/login/start/wechat").await.is(303);
    assert_eq!(nowhere.header("location"), "/admin/login");
}
