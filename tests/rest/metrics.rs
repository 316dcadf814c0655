//! The server's own figures.

use crate::support::{Answer, Bench, Caller};
use menshen::settings::Settings;
use secrecy::SecretString;

const TOKEN: &str = "the token of prometheus";

fn with_token(settings: &mut Settings) {
    settings.metrics.token = Some(SecretString::from(TOKEN));
}

async fn read(caller: &Caller) -> Answer {
    caller.get("/metrics").await
}

/// The value of a sample, by the start of its line.
fn sample(text: &str, name: &str, labels: &[&str]) -> Option<f64> {
    text.lines()
        .filter(|line| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with([' ', '{']))
        })
        .find(|line| labels.iter().all(|label| line.contains(label)))
        .and_then(|line| line.rsplit(' ').next())
        .map(|value| value.parse().expect("a number"))
}

pub(crate) async fn req56_figures_are_not_public(bench: &Bench) {
    let off = bench.site().await;
    read(&off.anonymous()).await.no_token();
    read(&off.bearer("")).await.no_token();
    read(&off.admin().await).await.no_token();
    let site = bench.site_with(with_token).await;
    read(&site.anonymous()).await.no_token();
    for wrong in ["x", "the token of prometheuS", ""] {
        read(&site.bearer(wrong)).await.no_token();
    }
    // An administrator's token is none of these either, nor is her browser.
    read(&site.admin().await).await.no_token();
    read(&site.browser("root").await).await.no_token();
    read(&site.bearer(TOKEN)).await.is(200);
    let open = bench.site_with(|s| s.metrics.public = true).await;
    read(&open.anonymous()).await.is(200);
}

pub(crate) async fn figures_are_told_in_prometheus_text(bench: &Bench) {
    let site = bench.site_with(with_token).await;
    let caller = site.bearer(TOKEN);
    // Other cases count in the same process: what matters is what is added.
    let failures = [
        "result=\"failure\"",
        "method=\"password\"",
        "reason=\"unknown\"",
    ];
    let before = read(&caller).await.is(200).text();
    let failed = sample(&before, "menshen_sign_ins_total", &failures).unwrap_or_default();
    site.try_login("nobody", "wrong").await.is(401);
    site.try_login("nobody", "wrong").await.is(401);
    let anna = site.person("anna", &[]).await;
    anna.caller.get(&format!("/user/{}", anna.id)).await.ok();
    site.anonymous()
        .get("/metrics-of-nothing/x")
        .await
        .fails(404);
    let odd = axum::http::Method::from_bytes(b"MADEUP").expect("a method");
    site.anonymous().call(odd, "/user/list").await.fails(405);
    let answer = read(&caller).await.is(200);
    let kind = answer.header("content-type");
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text();
    let now = sample(&text, "menshen_sign_ins_total", &failures).expect("counted");
    assert!(now >= failed + 2.0, "{failed} → {now}");
    assert!(sample(&text, "menshen_sign_ins_total", &["result=\"success\""]).is_some());
    let by_template = ["method=\"GET\"", "route=\"/user/{uid}\"", "status=\"200\""];
    assert!(sample(&text, "menshen_http_requests_total", &by_template) >= Some(1.0));
    let buckets = ["route=\"/user/{uid}\"", "le=\"0.005\""];
    let bucket = sample(
        &text,
        "menshen_http_request_duration_seconds_bucket",
        &buckets,
    );
    assert!(bucket.is_some(), "{text}");
    // Never by what a client made up.
    assert!(!text.contains("metrics-of-nothing"), "{text}");
    assert!(!text.contains(&format!("/user/{}\"", anna.id)), "{text}");
    assert!(!text.contains("MADEUP"), "{text}");
    let other = ["route=\"other\"", "status=\"404\""];
    assert!(sample(&text, "menshen_http_requests_total", &other).is_some());
    // The administrator's, who made Anna, and Anna's.
    assert_eq!(sample(&text, "menshen_sessions_active", &[]), Some(2.0));
    assert_eq!(
        sample(&text, "menshen_password_hashing_queue", &[]),
        Some(0.0)
    );
    assert!(sample(&text, "process_start_time_seconds", &[]) > Some(1.7e9));
    let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
    assert_eq!(sample(&text, "menshen_build_info", &[&version]), Some(1.0));
    for line in text.lines().filter(|l| l.starts_with("# TYPE ")) {
        let again = text.lines().filter(|l| *l == line).count();
        assert_eq!(again, 1, "{line}");
    }
}

pub(crate) async fn figures_are_told_while_the_database_is_down(bench: &Bench) {
    let site = bench.site_with(with_token).await;
    read(&site.bearer(TOKEN)).await.is(200);
    site.db.close().await;
    let text = read(&site.bearer(TOKEN)).await.is(200).text();
    assert_eq!(sample(&text, "menshen_sessions_active", &[]), None);
    assert!(sample(&text, "menshen_build_info", &[]).is_some());
}
