//! Settings that are changed: what is taken, what is kept, and when it counts.

use super::*;
use crate::settings::{CaptchaMode, RegistrationMode};
use crate::testing::Bench;
use menshen_domain::setting::{Item, ItemField};

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs
        .iter()
        .map(|(name, text)| ((*name).to_owned(), Some((*text).to_owned())))
        .collect()
}

async fn change(bench: &Bench, caller: &Caller, section: &str, pairs: &[(&str, &str)]) -> usize {
    let configuration = &bench.services.configuration;
    let done = configuration.change(caller, section, fields(pairs)).await;
    done.expect("changed").labels.len()
}

/// The settings that a change is refused for.
async fn refused(
    bench: &Bench,
    caller: &Caller,
    section: &str,
    pairs: &[(&str, &str)],
) -> Vec<String> {
    let configuration = &bench.services.configuration;
    let done = configuration.change(caller, section, fields(pairs)).await;
    let error = done.expect_err("refused");
    assert_eq!(error.kind, Kind::Invalid, "{error}");
    error.fields.iter().map(|f| f.field.to_string()).collect()
}

async fn item(bench: &Bench, section: &str, name: &str) -> Item {
    let view = bench.services.configuration.section(section).await;
    let view = view.expect("a section");
    let found = view.parts.into_iter().flat_map(|p| p.items);
    found.into_iter().find(|i| i.name == name).expect(name)
}

async fn raw(bench: &Bench) -> String {
    let mut conn = bench.db.read().await.expect("conn");
    let rows = rows::all(&mut conn).await.expect("rows");
    rows.iter()
        .map(|r| format!("{}={}\n", r.key, r.value))
        .collect()
}

#[tokio::test]
async fn a_change_is_in_force_at_once_and_after_a_restart() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let changed = change(
        &bench,
        &admin,
        "registration",
        &[
            ("registration.mode", "closed"),
            ("registration.per_hour", " 7 "),
        ],
    )
    .await;
    assert_eq!(changed, 2);
    let settings = bench.services.settings();
    assert_eq!(settings.registration.mode, RegistrationMode::Closed);
    assert_eq!(settings.registration.per_hour, 7);
    let (twin, _db) = bench.twin(|_| {}).await;
    assert_eq!(twin.settings().registration.mode, RegistrationMode::Closed);
    let shown = item(&bench, "registration", "registration.per_hour").await;
    assert!(shown.changed && shown.open && shown.is_set);
    assert_eq!(
        (shown.value.as_str(), shown.default.as_str()),
        ("7", "1000")
    );
    let view = bench.services.configuration.section("registration").await;
    let view = view.expect("a section");
    assert_eq!(view.changed, 2);
    assert_eq!(view.changed_by.as_deref(), Some("root"));
    assert_eq!(view.changed_at, Some(bench.services.now()));
    // Back to the defaults: by nothing, and by the default's own value.
    let back = [("registration.mode", ""), ("registration.per_hour", "1000")];
    assert_eq!(change(&bench, &admin, "registration", &back).await, 2);
    let settings = bench.services.settings();
    assert_eq!(settings.registration.mode, RegistrationMode::Open);
    assert_eq!(change(&bench, &admin, "registration", &back).await, 0);
    let entries = bench.audit("setting.update").await;
    assert_eq!(entries.len(), 2, "what changes nothing is no operation");
    let expected = json!({
        "before": { "registration.mode": "open", "registration.per_hour": 1000 },
        "after": { "registration.mode": "closed", "registration.per_hour": 7 },
    });
    assert_eq!(entries[0].detail(), expected);
    assert_eq!(entries[0].target_id.as_deref(), Some("registration"));
}

#[tokio::test]
async fn another_node_hears_of_it() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let (twin, db) = bench.twin(|_| {}).await;
    let listening = tokio::spawn(db.listen());
    tokio::time::sleep(Duration::from_millis(700)).await;
    change(&bench, &admin, "captcha", &[("captcha.mode", "always")]).await;
    for _ in 0..3000 {
        if twin.settings().captcha.mode == CaptchaMode::Always {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(twin.settings().captcha.mode, CaptchaMode::Always);
    listening.abort();
}

#[tokio::test]
async fn what_is_not_taken_is_named_and_nothing_changes() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    for (section, pairs, named) in [
        (
            "captcha",
            &[("captcha.mode", "sometimes")][..],
            &["captcha.mode"][..],
        ),
        ("captcha", &[("captcha.page", "never")], &["captcha.page"]),
        (
            "captcha",
            &[("limits.delay_after", "3")],
            &["limits.delay_after"],
        ),
        (
            "token",
            &[("token.access_seconds", "901")],
            &["token.access_seconds"],
        ),
        ("token", &[("token.issuer", "me")], &["token.issuer"]),
        (
            "program",
            &[("server.listen", "0.0.0.0:1")],
            &["server.listen"],
        ),
        (
            "limits",
            &[("limits.delay_after", "0"), ("limits.sms_per_day", "x")],
            &["limits.delay_after", "limits.sms_per_day"],
        ),
        (
            "wecom",
            &[("wecom.corp_id", "ww1")],
            &["wecom.corp_id", "wecom.secret"],
        ),
    ] {
        assert_eq!(refused(&bench, &admin, section, pairs).await, named);
    }
    let configuration = &bench.services.configuration;
    let nowhere = configuration.change(&admin, "nowhere", Fields::new()).await;
    assert_eq!(nowhere.expect_err("none").kind, Kind::NotFound);
    assert_eq!(raw(&bench).await, "");
    assert!(bench.audit("setting.update").await.is_empty());
}

#[tokio::test]
async fn what_the_configuration_sets_is_shown_and_pinned() {
    let bench = Bench::sqlite().await;
    let pinned = item(&bench, "captcha", "captcha.page").await;
    assert_eq!(pinned.origin.as_deref(), Some("menshen.toml"));
    assert!(!pinned.open && !pinned.changed);
    assert_eq!(pinned.value, "always");
    assert!(matches!(pinned.field, ItemField::Choice(_)));
    let sections = bench.services.configuration.list().await.expect("all");
    assert_eq!(sections.len(), setting::SECTIONS.len());
    let program = sections.iter().find(|s| s.code == "program").expect("it");
    assert!(!program.is_open());
}

#[tokio::test]
async fn req29_secrets_are_sealed_and_told_to_nobody() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let secret = [("wecom.corp_id", "ww1"), ("wecom.secret", "tell-nobody")];
    change(&bench, &admin, "wecom", &secret).await;
    assert!(!raw(&bench).await.contains("tell-nobody"));
    let shown = item(&bench, "wecom", "wecom.secret").await;
    assert!(shown.is_set && shown.changed);
    let view = bench.services.configuration.section("wecom").await;
    let told = format!("{:?} {:?}", view.expect("it"), bench.services.configuration);
    assert!(!told.contains("tell-nobody"), "{told}");
    change(&bench, &admin, "wecom", &[("wecom.secret", "another-one")]).await;
    let entries = bench.audit("setting.update").await;
    let all: String = entries.iter().map(|e| e.detail.clone()).collect();
    assert!(!all.contains("tell-nobody") && !all.contains("another-one"));
    let expected = json!({
        "before": { "wecom.secret": "set" }, "after": { "wecom.secret": "changed" },
    });
    assert_eq!(entries[1].detail(), expected);
    // Another process opens it with the same key.
    let (twin, _db) = bench.twin(|_| {}).await;
    let held = twin.configuration.0.held.lock().await;
    assert_eq!(held.stored.get("wecom.secret"), Some(&json!("another-one")));
}

#[tokio::test]
async fn a_gateways_secrets_do_not_follow_it_to_another_address() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let first = [
        ("sms_http.url", "https://sms.example.com/{phone}/{code}"),
        ("sms_http.headers", "Authorization: hush"),
    ];
    change(&bench, &admin, "sms", &first).await;
    let moved = [("sms_http.url", "https://thief.example.com/{phone}/{code}")];
    let named = refused(&bench, &admin, "sms", &moved).await;
    assert_eq!(named, ["sms_http.headers"]);
    let again = [moved[0], ("sms_http.headers", "Authorization: other")];
    assert_eq!(change(&bench, &admin, "sms", &again).await, 2);
    // To send none any more is to give them again, too.
    let back = [first[0], ("sms_http.headers", "")];
    assert_eq!(change(&bench, &admin, "sms", &back).await, 2);
}

#[tokio::test]
async fn one_section_that_went_bad_leaves_the_others_in_force() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    change(&bench, &admin, "captcha", &[("captcha.mode", "always")]).await;
    let mut tx = bench.db.begin().await.expect("begin");
    let odd = r#"{"corp_id":"ww1","later":1,"secret":{"sealed":"AAAA"}}"#;
    rows::put(&mut tx, "wecom", odd, admin.id(), bench.services.now())
        .await
        .expect("put");
    tx.commit().await.expect("commit");
    let (twin, _db) = bench.twin(|_| {}).await;
    assert_eq!(twin.settings().captcha.mode, CaptchaMode::Always);
    let view = twin.configuration.section("wecom").await.expect("it");
    assert!(view.trouble.is_some());
    let view = twin.configuration.section("captcha").await.expect("it");
    assert!(view.trouble.is_none());
    // It keeps nobody from changing others, and can be mended.
    change(&bench, &admin, "limits", &[("limits.delay_after", "9")]).await;
    let whole = [("wecom.corp_id", "ww2"), ("wecom.secret", "good")];
    assert_eq!(change(&bench, &admin, "wecom", &whole).await, 2);
    let view = bench.services.configuration.section("wecom").await;
    assert!(view.expect("it").trouble.is_none());
}

#[tokio::test]
async fn a_secret_of_another_master_key_is_told_of_and_can_be_removed() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let mut tx = bench.db.begin().await.expect("begin");
    let odd = r#"{"corp_id":"ww1","later":1,"secret":{"sealed":"AAAA"}}"#;
    rows::put(&mut tx, "wecom", odd, admin.id(), bench.services.now())
        .await
        .expect("put");
    tx.commit().await.expect("commit");
    let configuration = &bench.services.configuration;
    configuration.reload().await.expect("reloaded");
    assert!(item(&bench, "wecom", "wecom.secret").await.is_lost());
    // The rest is of no use without it.
    let alone = [("wecom.secret", "")];
    let named = refused(&bench, &admin, "wecom", &alone).await;
    assert!(named.iter().any(|name| name == "wecom.secret"), "{named:?}");
    let all = [("wecom.corp_id", ""), ("wecom.secret", "")];
    assert_eq!(change(&bench, &admin, "wecom", &all).await, 2);
    assert_eq!(raw(&bench).await, "wecom={\"later\":1}\n");
    let view = configuration.section("wecom").await.expect("it");
    assert!(view.trouble.is_none() && view.changed == 0);
    assert!(!item(&bench, "wecom", "wecom.secret").await.is_lost());
    let entries = bench.audit("setting.update").await;
    assert_eq!(entries[0].detail()["before"]["wecom.secret"], "set");
    // Nothing is there any more to be removed.
    assert_eq!(change(&bench, &admin, "wecom", &alone).await, 0);
}

#[tokio::test]
async fn a_lost_secret_of_a_gateway_does_not_follow_it_either() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let mut tx = bench.db.begin().await.expect("begin");
    let odd = r#"{"headers":{"sealed":"AAAA"}}"#;
    rows::put(&mut tx, "sms_http", odd, admin.id(), bench.services.now())
        .await
        .expect("put");
    tx.commit().await.expect("commit");
    let moved = ("sms_http.url", "https://sms.example.com/{phone}/{code}");
    let named = refused(&bench, &admin, "sms", &[moved]).await;
    assert_eq!(named, ["sms_http.headers"]);
    let without = [moved, ("sms_http.headers", "")];
    assert_eq!(change(&bench, &admin, "sms", &without).await, 2);
}

#[tokio::test]
async fn a_change_tells_how_it_is_taken_back_unless_a_secret_is_in_it() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let configuration = &bench.services.configuration;
    let first = [("registration.per_hour", "7")];
    change(&bench, &admin, "registration", &first).await;
    let second = fields(&[
        ("registration.mode", "closed"),
        ("registration.per_hour", "9"),
    ]);
    let done = configuration.change(&admin, "registration", second);
    let back = done.await.expect("changed").back.expect("a way back");
    let expected = [
        ("registration.mode".to_owned(), None),
        ("registration.per_hour".to_owned(), Some("7".to_owned())),
    ];
    assert_eq!(back, Fields::from(expected));
    let done = configuration.change(&admin, "registration", back).await;
    done.expect("taken back");
    let settings = bench.services.settings();
    assert_eq!(settings.registration.mode, RegistrationMode::Open);
    assert_eq!(settings.registration.per_hour, 7);
    let same = fields(&first);
    let done = configuration.change(&admin, "registration", same).await;
    assert!(done.expect("nothing to do").back.is_none());
    let secret = fields(&[("wecom.corp_id", "ww1"), ("wecom.secret", "hush")]);
    let done = configuration.change(&admin, "wecom", secret).await;
    assert!(done.expect("changed").back.is_none());
}

#[tokio::test]
async fn a_test_message_is_sent_and_limited_and_what_failed_is_told() {
    let (bench, phones) = Bench::with_phones(|_| {}).await;
    let admin = bench.admin().await;
    let configuration = &bench.services.configuration;
    let bad = configuration.test(&admin, "sms", Some("12-34")).await;
    assert_eq!(bad.expect_err("no number").fields[0].field, "phone");
    configuration
        .test(&admin, "sms", Some(" 13800000000 "))
        .await
        .expect("sent");
    assert_eq!(phones.last("13800000000").len(), 6);
    assert_eq!(phones.count(), 1);
    for section in ["captcha", "wecom"] {
        let none = configuration.test(&admin, section, None).await;
        assert_eq!(none.expect_err("nothing to try").kind, Kind::Invalid);
    }
    for _ in 0..5 {
        configuration
            .test(&admin, "sms", Some("13800000000"))
            .await
            .expect("sent");
    }
    let enough = configuration.test(&admin, "sms", Some("13800000000")).await;
    assert!(matches!(
        enough.expect_err("enough").kind,
        Kind::TooMany { .. }
    ));
    bench.clock.forward(MINUTE);
    configuration
        .test(&admin, "sms", Some("13800000000"))
        .await
        .expect("sent");
    assert_eq!(bench.audit("setting.test").await.len(), 7);
    // Off means off, at once.
    change(&bench, &admin, "sms", &[("sms.provider", "none")]).await;
    let off = configuration.test(&admin, "sms", Some("13800000000")).await;
    assert_eq!(off.expect_err("off").kind, Kind::Invalid);
}
