use super::*;
use crate::settings::Outbound;
use crate::testing::{FixedClock, open, source};
use menshen_domain::Kind;
use std::time::Duration;
use wiremock::matchers::{body_json, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const SESSION: &str = "/sns/jscode2session";
const STABLE: &str = "/cgi-bin/stable_token";
const PHONE: &str = "/wxa/business/getuserphonenumber";
const GRANT: &str = "/sns/oauth2/access_token";
const PROFILE: &str = "/sns/userinfo";

/// As WeChat answers: JSON that is called text.
fn said(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.to_string(), "text/plain")
}

fn trouble(code: i64) -> ResponseTemplate {
    said(&json!({ "errcode": code, "errmsg": "no good, hint: [x] rid: y" }))
}

async fn answer(server: &MockServer, at: &str, with: ResponseTemplate, times: u64) {
    Mock::given(path(at))
        .respond_with(with)
        .expect(times)
        .mount(server)
        .await;
}

fn mini_on(server: &MockServer, clock: Arc<FixedClock>) -> MiniProgram {
    let settings = WechatMini {
        url: server.uri(),
        app_id: Some("wx1".to_owned()),
        secret: Some("hush".into()),
    };
    MiniProgram::new(&settings, &open(), clock).expect("a provider")
}

fn mini(server: &MockServer) -> MiniProgram {
    mini_on(server, FixedClock::at(0))
}

fn scan(server: &MockServer) -> Scan {
    let settings = WechatScan {
        url: server.uri(),
        login_url: format!("{}/connect/qrconnect", server.uri()),
        app_id: Some("wx2".to_owned()),
        secret: Some("hush".into()),
    };
    Scan::new(&settings, &open()).expect("a provider")
}

fn session() -> ResponseTemplate {
    said(&json!({ "openid": "o1", "session_key": "sealed", "unionid": "u1" }))
}

fn token(token: &str) -> ResponseTemplate {
    said(&json!({ "access_token": token, "expires_in": 7200 }))
}

fn phone(country: Value, app: &str) -> ResponseTemplate {
    said(&json!({
        "errcode": 0,
        "errmsg": "ok",
        "phone_info": {
            "phoneNumber": "+8613800138000",
            "purePhoneNumber": "13800138000",
            "countryCode": country,
            "watermark": { "timestamp": 1_637_744_274, "appid": app }
        }
    }))
}

#[tokio::test]
async fn credentials_are_checked_and_a_refusal_names_what_is_wrong() {
    for (code, mini_works, scan_works, named) in [
        (0, true, true, ""),
        (40029, false, true, "refused"),
        (40013, false, false, "id"),
        (40125, false, false, "secret"),
        (40164, false, false, "address"),
        (48001, false, false, "refused"),
    ] {
        let server = MockServer::start().await;
        let told = match code {
            0 => token("t"),
            code => trouble(code),
        };
        answer(&server, STABLE, told, 1).await;
        let told = trouble(if code == 0 { 40029 } else { code });
        answer(&server, GRANT, told, 1).await;
        let probes = [
            (mini(&server).probe().await, mini_works),
            (scan(&server).probe().await, scan_works),
        ];
        for (done, works) in probes {
            assert_eq!(done.is_ok(), works, "{code}");
            if let Err(error) = done {
                assert_eq!(error.kind, Kind::Upstream);
                assert!(error.text.en.contains(named), "{code}: {error}");
                assert!(source(&error).contains(&code.to_string()));
                assert!(!error.to_string().contains("hush"));
            }
        }
    }
}

#[tokio::test]
async fn a_mini_programs_code_becomes_an_identity() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path(SESSION))
        .and(query_param("appid", "wx1"))
        .and(query_param("secret", "hush"))
        .and(query_param("js_code", "c&1"))
        .and(query_param("grant_type", "authorization_code"))
        .respond_with(session())
        .expect(1)
        .mount(&server)
        .await;
    let identity = mini(&server).identify("c&1", None).await.expect("somebody");
    assert_eq!(
        identity,
        OutsideIdentity {
            app_id: "wx1".to_owned(),
            subject: "o1".to_owned(),
            union_id: Some("u1".to_owned()),
            ..OutsideIdentity::default()
        }
    );
}

#[tokio::test]
async fn req29_nothing_secret_is_in_what_a_provider_prints_or_tells() {
    let server = MockServer::start().await;
    let leak = json!({ "errcode": 40125, "errmsg": "invalid appsecret hush for c1" });
    answer(&server, SESSION, said(&leak), 1).await;
    let provider = mini(&server);
    let error = provider.identify("c1", None).await.expect_err("refused");
    assert_eq!(error.kind, Kind::Upstream);
    assert_eq!(
        source(&error),
        "WeChat: 40125 invalid appsecret *** for ***"
    );
    let told = format!("{provider:?} {error:?}");
    assert!(!told.contains("hush"), "{told}");
}

#[tokio::test]
async fn refused_codes_are_credentials_and_are_asked_about_once() {
    for (code, kind) in [
        (40029, Kind::Credentials),
        (40163, Kind::Credentials),
        (40226, Kind::Credentials),
        (45011, Kind::TooMany { retry_after: 60 }),
        (-1, Kind::Upstream),
        (40013, Kind::Upstream),
    ] {
        let server = MockServer::start().await;
        answer(&server, SESSION, trouble(code), 1).await;
        let error = mini(&server).identify("c1", None).await.expect_err("no");
        assert_eq!(error.kind, kind, "{code}");
        let server = MockServer::start().await;
        answer(&server, GRANT, trouble(code), 1).await;
        answer(&server, PROFILE, trouble(0), 0).await;
        let error = scan(&server).identify("c1", None).await.expect_err("no");
        assert_eq!(error.kind, kind, "{code}");
    }
}

#[tokio::test]
async fn a_code_that_cant_be_one_is_not_asked_about() {
    let server = MockServer::start().await;
    answer(&server, SESSION, session(), 0).await;
    let long = "x".repeat(513);
    for bad in ["", " ", "a\nb", "微", long.as_str()] {
        let error = mini(&server).identify(bad, None).await.expect_err(bad);
        assert_eq!(error.kind, Kind::Credentials);
        let error = mini(&server)
            .identify("c1", Some(bad))
            .await
            .expect_err(bad);
        assert_eq!(error.kind, Kind::Credentials);
        let error = scan(&server).identify(bad, None).await.expect_err(bad);
        assert_eq!(error.kind, Kind::Credentials);
    }
}

#[tokio::test]
async fn nonsense_and_stumbles_are_upstreams_and_cost_no_second_use_of_a_code() {
    for with in [
        ResponseTemplate::new(500),
        ResponseTemplate::new(302).insert_header("location", "https://a.example"),
        ResponseTemplate::new(200).set_body_string("<html>"),
        said(&json!({ "session_key": "x" })),
        said(&json!({ "openid": "" })),
        said(&json!([])),
    ] {
        let server = MockServer::start().await;
        answer(&server, SESSION, with, 1).await;
        let error = mini(&server).identify("c1", None).await.expect_err("no");
        assert_eq!(error.kind, Kind::Upstream);
        assert!(error.text.zh.contains("微信登录暂时不可用"));
        assert!(error.text.en.contains("WeChat"));
    }
}

#[tokio::test]
async fn a_phone_code_becomes_a_number_and_the_token_is_held() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path(STABLE))
        .and(body_json(json!({
            "grant_type": "client_credential",
            "appid": "wx1",
            "secret": "hush",
            "force_refresh": false
        })))
        .respond_with(token("t1"))
        .expect(2)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path(PHONE))
        .and(query_param("access_token", "t1"))
        .and(body_json(json!({ "code": "p1" })))
        .respond_with(phone(json!("86"), "wx1"))
        .expect(3)
        .mount(&server)
        .await;
    answer(&server, SESSION, session(), 3).await;
    let clock = FixedClock::at(0);
    let provider = mini_on(&server, clock.clone());
    for wait in [0, 6000, 1000] {
        clock.forward(Duration::from_secs(wait));
        let identity = provider.identify("c1", Some("p1")).await.expect("somebody");
        assert_eq!(identity.phone.as_deref(), Some("13800138000"));
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    for code in [40001, 40014, 42001] {
        let server = MockServer::start().await;
        Mock::given(path(STABLE))
            .respond_with(token("t1"))
            .up_to_n_times(1)
            .expect(1)
            .mount(&server)
            .await;
        answer(&server, STABLE, token("t2"), 1).await;
        Mock::given(path(PHONE))
            .and(query_param("access_token", "t1"))
            .respond_with(trouble(code))
            .expect(1)
            .mount(&server)
            .await;
        Mock::given(path(PHONE))
            .and(query_param("access_token", "t2"))
            .respond_with(phone(json!(86), "wx1"))
            .expect(1)
            .mount(&server)
            .await;
        answer(&server, SESSION, session(), 1).await;
        let identity = mini(&server).identify("c1", Some("p1")).await;
        assert!(identity.expect("somebody").phone.is_some(), "{code}");
    }
    let server = MockServer::start().await;
    answer(&server, STABLE, token("t"), 2).await;
    answer(&server, PHONE, trouble(40001), 2).await;
    answer(&server, SESSION, session(), 1).await;
    let error = mini(&server).identify("c1", Some("p1")).await;
    assert_eq!(error.expect_err("never good").kind, Kind::Upstream);
}

#[tokio::test]
async fn a_refused_phone_code_is_credentials() {
    for with in [trouble(40029), trouble(40013), phone(json!("86"), "wx9")] {
        let server = MockServer::start().await;
        answer(&server, STABLE, token("t"), 1).await;
        answer(&server, PHONE, with, 1).await;
        answer(&server, SESSION, session(), 1).await;
        let error = mini(&server).identify("c1", Some("p1")).await;
        assert_eq!(error.expect_err("refused").kind, Kind::Credentials);
    }
}

#[tokio::test]
async fn without_a_token_no_code_is_used_up() {
    let server = MockServer::start().await;
    answer(&server, STABLE, ResponseTemplate::new(503), 2).await;
    answer(&server, SESSION, session(), 0).await;
    let error = mini(&server).identify("c1", Some("p1")).await;
    assert_eq!(error.expect_err("down").kind, Kind::Upstream);
}

#[tokio::test]
async fn a_stand_in_may_know_the_older_token_alone() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/cgi-bin/token"))
        .and(query_param("grant_type", "client_credential"))
        .and(query_param("appid", "wx1"))
        .and(query_param("secret", "hush"))
        .respond_with(token("t1"))
        .expect(1)
        .mount(&server)
        .await;
    answer(&server, PHONE, phone(json!("86"), "wx1"), 1).await;
    answer(&server, SESSION, session(), 1).await;
    let identity = mini(&server).identify("c1", Some("p1")).await;
    assert!(identity.expect("somebody").phone.is_some());
}

#[test]
fn a_number_abroad_is_not_one_here() {
    let mainland = Some("13800138000".to_owned());
    assert_eq!(number(&json!("86"), "13800138000"), mainland);
    assert_eq!(number(&json!(86), "13800138000"), mainland);
    assert_eq!(number(&json!("+86"), "13800138000"), mainland);
    assert_eq!(
        number(&json!("1"), "3800138000"),
        Some("+13800138000".to_owned())
    );
    for (country, pure) in [
        (json!("86"), ""),
        (json!("86"), "138-0"),
        (json!(null), "13800138000"),
        (json!(""), "13800138000"),
        (json!([86]), "13800138000"),
    ] {
        assert_eq!(number(&country, pure), None, "{country} {pure}");
    }
}

#[tokio::test]
async fn a_scan_becomes_an_identity_with_a_name() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path(GRANT))
        .and(query_param("appid", "wx2"))
        .and(query_param("secret", "hush"))
        .and(query_param("code", "c1"))
        .and(query_param("grant_type", "authorization_code"))
        .respond_with(said(&json!({
            "access_token": "at", "expires_in": 7200, "refresh_token": "rt",
            "openid": "o2", "scope": "snsapi_login", "unionid": "u2"
        })))
        .expect(1)
        .mount(&server)
        .await;
    // Reading is harmless: it is tried again.
    Mock::given(path(PROFILE))
        .respond_with(ResponseTemplate::new(502))
        .up_to_n_times(1)
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path(PROFILE))
        .and(query_param("access_token", "at"))
        .and(query_param("openid", "o2"))
        .respond_with(said(&json!({
            "openid": "o2", "nickname": " 李\u{7}雷 ", "sex": 1, "province": "", "city": "",
            "country": "", "headimgurl": "https://thirdwx.qlogo.cn/x/0", "privilege": [],
            "unionid": "u2"
        })))
        .expect(1)
        .mount(&server)
        .await;
    let identity = scan(&server).identify("c1", Some("ignored")).await;
    assert_eq!(
        identity.expect("somebody"),
        OutsideIdentity {
            app_id: "wx2".to_owned(),
            subject: "o2".to_owned(),
            union_id: Some("u2".to_owned()),
            name: "李雷".to_owned(),
            avatar: "https://thirdwx.qlogo.cn/x/0".to_owned(),
            phone: None,
        }
    );
}

#[tokio::test]
async fn two_people_in_one_sign_in_are_nonsense() {
    let server = MockServer::start().await;
    let grant = json!({ "access_token": "at", "openid": "o2" });
    answer(&server, GRANT, said(&grant), 1).await;
    answer(&server, PROFILE, said(&json!({ "openid": "o3" })), 1).await;
    let error = scan(&server).identify("c1", None).await.expect_err("no");
    assert_eq!(error.kind, Kind::Upstream);
}

#[test]
fn pictures_are_addresses_of_the_web() {
    assert_eq!(picture("http://a.example/1"), "http://a.example/1");
    for bad in ["", "javascript:alert(1)", "data:text/html,x", "/x"] {
        assert_eq!(picture(bad), "", "{bad}");
    }
    assert_eq!(
        picture(&format!("https://a.example/{}", "x".repeat(500))),
        ""
    );
}

#[test]
fn what_is_missing_is_told() {
    let client = Client::new(&Outbound::default()).expect("client");
    let settings = WechatMini {
        app_id: Some("wx1".to_owned()),
        ..WechatMini::default()
    };
    let problem = MiniProgram::new(&settings, &client, FixedClock::at(0)).expect_err("no secret");
    assert_eq!(problem, "wechat_mini.secret must be set");
    let problem = Scan::new(&WechatScan::default(), &client).expect_err("nothing");
    assert_eq!(
        problem,
        "wechat_scan.app_id, wechat_scan.secret must be set"
    );
}

#[test]
fn browsers_are_led_to_the_page_with_the_code() {
    let settings = WechatScan {
        app_id: Some("wx2".to_owned()),
        secret: Some("hush".into()),
        ..WechatScan::default()
    };
    let scan = Scan::new(&settings, &open()).expect("a provider");
    let page = scan.page("https://id.example.com/a?b=c", "s-1");
    assert_eq!(
        page.expect("a page"),
        "https://open.weixin.qq.com/connect/qrconnect?appid=wx2\
         &redirect_uri=https%3A%2F%2Fid.example.com%2Fa%3Fb%3Dc\
         &response_type=code&scope=snsapi_login&state=s-1#wechat_redirect"
    );
}
