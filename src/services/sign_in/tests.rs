//! What signing in must and must not do.

use super::*;
use crate::Issued;
use crate::testing::{Bench, OTHER_PASSWORD, PASSWORD, fields};
use menshen_domain::role::Status as UserStatus;
use menshen_domain::user::{NewUser, UserChange};
use tokio::task::JoinSet;

fn never(s: &mut crate::Settings) {
    s.captcha.mode = CaptchaMode::Never;
    s.captcha.page = CaptchaMode::Never;
}

async fn set_status(bench: &Bench, admin: &Caller, user: UserId, status: UserStatus) {
    let change = UserChange {
        status: Some(status),
        ..UserChange::default()
    };
    let done = bench.services.users.update(admin, user, change).await;
    done.expect("status");
}

/// The parameters in the stored hash of a user's password.
async fn stored(bench: &Bench, user: UserId) -> String {
    let mut conn = bench.db.read().await.expect("conn");
    let row = users::login_row(&mut conn, user).await.expect("query");
    row.and_then(|r| r.password_hash).expect("a hash")
}

async fn seconds(bench: &Bench, n: u64) {
    bench.clock.forward(Duration::from_secs(n));
}

/// How long a try that is refused for now must wait.
fn delay(kind: &Kind) -> u64 {
    match kind {
        Kind::TooMany { retry_after } => *retry_after,
        other => panic!("not a delay: {other:?}"),
    }
}

#[tokio::test]
async fn a_name_is_taken_in_any_letter_case() {
    let bench = Bench::sqlite().await;
    let id = bench.user("Ärztin.Lin").await;
    for name in ["Ärztin.Lin", "ÄRZTIN.LIN", " ärztin.lin "] {
        let issued = bench.tries(&bench.client(), name, PASSWORD).await;
        assert_eq!(issued.expect("sign in").user_id, id);
    }
    assert_eq!(bench.audit("sign_in").await[2].actor_name, "Ärztin.Lin");
}

#[tokio::test]
async fn passwords_are_taken_whole_and_as_they_are() {
    let bench = Bench::with(never).await;
    let long = "长".repeat(40) + " quiet river, Seven gates & two gods " + &"x y".repeat(17);
    assert_eq!(long.chars().count(), 128);
    let new = NewUser {
        username: "lin".into(),
        password: long.clone(),
        ..NewUser::default()
    };
    let made = bench.services.users.sign_up(&bench.client(), new).await;
    made.expect("128 characters are fine");
    let short: String = long.chars().take(127).collect();
    for wrong in [
        short,
        format!("{long} "),
        long.to_uppercase(),
        String::new(),
    ] {
        let done = bench.tries(&bench.client(), "lin", &wrong).await;
        assert_eq!(done.expect_err("wrong"), Kind::Credentials);
    }
    let done = bench.tries(&bench.client(), "lin", &long).await;
    done.expect("right");
}

#[tokio::test]
async fn req12_unknown_wrong_disabled_and_deleted_look_the_same() {
    let bench = Bench::with(never).await;
    let admin = bench.admin().await;
    bench.user("lin").await;
    let disabled = bench.user("disabled").await;
    set_status(&bench, &admin, disabled, UserStatus::Disabled).await;
    let deleted = bench.user("deleted").await;
    let done = bench.services.users.delete(&admin, deleted).await;
    done.expect("delete");
    let mut seen = Vec::new();
    for (name, password) in [
        ("lin", "wrong"),
        ("nobody", "wrong"),
        ("disabled", PASSWORD),
        ("disabled", "wrong"),
        ("deleted", PASSWORD),
        ("", ""),
        ("%", "wrong"),
    ] {
        let credentials = bench.credentials(name, password);
        let by_api = bench
            .services
            .sign_in
            .by_api(&bench.client(), credentials.clone())
            .await
            .expect_err(name);
        let by_page = bench
            .services
            .sign_in
            .by_page(&bench.client(), credentials)
            .await
            .expect_err(name);
        for error in [by_api, by_page] {
            assert!(error.source.is_none());
            seen.push((error.kind, error.text, error.fields));
        }
    }
    for other in &seen[1..] {
        assert_eq!(other, &seen[0]);
    }
    assert_eq!(seen[0].0, Kind::Credentials);
}

#[tokio::test]
async fn req12_every_try_costs_a_hash() {
    let bench = Bench::with(|s| {
        never(s);
        s.password.workers = 1;
        s.password.queue = 0;
    })
    .await;
    let admin = bench.admin().await;
    bench.user("lin").await;
    let disabled = bench.user("disabled").await;
    set_status(&bench, &admin, disabled, UserStatus::Disabled).await;
    let full = bench.services.core.hasher.fill();
    for (name, password) in [
        ("lin", PASSWORD),
        ("lin", "wrong"),
        ("nobody", "wrong"),
        ("disabled", PASSWORD),
    ] {
        let done = bench.tries(&bench.client(), name, password).await;
        let kind = done.expect_err("there is no place to hash");
        assert!(matches!(kind, Kind::Busy { .. }), "{name}: {kind:?}");
    }
    drop(full);
    let done = bench.tries(&bench.client(), "lin", PASSWORD).await;
    done.expect("and goes on after");
}

#[tokio::test]
async fn req14_a_captcha_is_due_after_three_failures_for_the_name() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    bench.user("han").await;
    for n in 1..=3 {
        let kind = bench
            .guess(&bench.from(&format!("198.51.100.{n}")), "lin")
            .await;
        assert_eq!(kind, Kind::Credentials, "failure {n}");
    }
    let elsewhere = bench.from("198.51.100.9");
    for name in ["lin", "LIN ", "Lin"] {
        let kind = bench.guess(&elsewhere, name).await;
        assert_eq!(kind, Kind::CaptchaRequired);
    }
    let done = bench.tries(&elsewhere, "lin", PASSWORD).await;
    assert_eq!(
        done.expect_err("not looked at"),
        Kind::CaptchaRequired,
        "the right password too"
    );
    bench
        .tries(&elsewhere, "han", PASSWORD)
        .await
        .expect("another name is free");
    let solved = bench.solved("lin", "not the password").await;
    let error = bench
        .services
        .sign_in
        .by_api(&elsewhere, solved)
        .await
        .expect_err("wrong");
    assert_eq!(error.kind, Kind::Credentials, "now it is looked at");
    let solved = bench.solved("lin", PASSWORD).await;
    let done = bench.services.sign_in.by_api(&elsewhere, solved).await;
    done.expect("captcha and password");
    bench
        .tries(&elsewhere, "lin", PASSWORD)
        .await
        .expect("success ends the run");
}

#[tokio::test]
async fn req14_a_captcha_is_due_after_three_failures_from_the_address() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let here = bench.from("198.51.100.7");
    for name in ["a1", "a2", "a3"] {
        assert_eq!(bench.guess(&here, name).await, Kind::Credentials);
    }
    let done = bench.tries(&here, "lin", PASSWORD).await;
    assert_eq!(done.expect_err("not looked at"), Kind::CaptchaRequired);
    bench
        .tries(&bench.from("198.51.100.8"), "lin", PASSWORD)
        .await
        .expect("another address is free");
}

#[tokio::test]
async fn a_captcha_is_due_for_fifteen_minutes() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let here = bench.from("198.51.100.7");
    for _ in 0..3 {
        bench.guess(&here, "lin").await;
    }
    seconds(&bench, 15 * 60 - 1).await;
    assert_eq!(bench.guess(&here, "lin").await, Kind::CaptchaRequired);
    // Asking in vain does not put the end off.
    seconds(&bench, 2).await;
    let done = bench.tries(&here, "lin", PASSWORD).await;
    done.expect("no captcha any more");
}

#[tokio::test]
async fn captchas_are_always_or_never_due_by_setting() {
    let bench = Bench::with(|s| s.captcha.mode = CaptchaMode::Always).await;
    bench.user("lin").await;
    let done = bench.tries(&bench.client(), "lin", PASSWORD).await;
    assert_eq!(done.expect_err("due at once"), Kind::CaptchaRequired);
    let solved = bench.solved("lin", PASSWORD).await;
    let done = bench.services.sign_in.by_api(&bench.client(), solved).await;
    done.expect("solved");

    let bench = Bench::with(never).await;
    bench.user("lin").await;
    for _ in 0..10 {
        assert_eq!(bench.guess(&bench.client(), "lin").await, Kind::Credentials);
    }
    let done = bench.tries(&bench.client(), "lin", PASSWORD).await;
    done.expect("never due");
}

#[tokio::test]
async fn req16_a_captcha_that_came_along_must_be_right() {
    let bench = Bench::with(never).await;
    bench.user("lin").await;
    let good = bench.solved("lin", PASSWORD).await;
    for (key, code) in [
        (good.captcha_key.clone(), Some("nope".to_owned())),
        (good.captcha_key.clone(), good.captcha_code.clone()),
        (good.captcha_key.clone(), None),
        (None, Some("code".to_owned())),
        (Some("unknown".to_owned()), Some("code".to_owned())),
    ] {
        let wrong = Credentials {
            captcha_key: key,
            captcha_code: code,
            ..bench.credentials("lin", PASSWORD)
        };
        let done = bench.services.sign_in.by_api(&bench.client(), wrong).await;
        let error = done.expect_err("the first was wrong, the second spent, the rest nothing");
        assert_eq!(error.kind, Kind::Captcha);
        assert_eq!(fields(&error), ["captchaCode"]);
    }
    let empty = Credentials {
        captcha_key: Some(" ".into()),
        captcha_code: Some(String::new()),
        ..bench.credentials("lin", PASSWORD)
    };
    let done = bench.services.sign_in.by_api(&bench.client(), empty).await;
    done.expect("empty fields are none");
}

#[tokio::test]
async fn the_page_asks_for_its_own_captcha() {
    let bench = Bench::with(|s| s.captcha.mode = CaptchaMode::Never).await;
    bench.user("lin").await;
    let here = bench.client();
    let sign_in = &bench.services.sign_in;
    assert!(sign_in.captcha_on_page(None, &here).await.expect("query"));
    let done = sign_in
        .by_page(&here, bench.credentials("lin", PASSWORD))
        .await;
    let error = done.expect_err("always, by default");
    assert_eq!(error.kind, Kind::Captcha);
    assert_eq!(fields(&error), ["captchaCode"]);
    let done = sign_in
        .by_page(&here, bench.solved("lin", PASSWORD).await)
        .await;
    assert!(!done.expect("solved").must_change_password);
}

#[tokio::test]
async fn the_page_shows_a_captcha_when_it_is_due() {
    let bench = Bench::with(|s| s.captcha.page = CaptchaMode::Adaptive).await;
    bench.user("lin").await;
    let (here, there) = (bench.client(), bench.from("198.51.100.3"));
    let shown = async |name: Option<&str>, client: &Client| {
        let shown = bench.services.sign_in.captcha_on_page(name, client).await;
        shown.expect("query")
    };
    for _ in 0..2 {
        bench.guess(&here, "lin").await;
        assert!(!shown(Some("lin"), &here).await);
    }
    bench.guess(&here, "lin").await;
    assert!(shown(Some("LIN"), &there).await, "for the name");
    assert!(shown(None, &here).await, "for the address");
    assert!(shown(Some("han"), &here).await, "for the address");
    assert!(!shown(Some("han"), &there).await);
    seconds(&bench, 15 * 60 + 1).await;
    assert!(!shown(Some("lin"), &here).await);

    let bench = Bench::with(never).await;
    let shown = bench.services.sign_in.captcha_on_page(None, &here).await;
    assert!(!shown.expect("query"));
}

async fn parallel_guesses(bench: &Bench, tries: u8, ip: impl Fn(u8) -> String) -> usize {
    let mut running = JoinSet::new();
    for n in 0..tries {
        let services = bench.services.clone();
        let client = bench.from(&ip(n));
        let credentials = bench.credentials("lin", "not the password");
        running.spawn(async move {
            let done = services.sign_in.by_api(&client, credentials).await;
            done.expect_err("wrong").kind
        });
    }
    let kinds = running.join_all().await;
    for kind in &kinds {
        assert!(
            matches!(
                kind,
                Kind::Credentials | Kind::CaptchaRequired | Kind::TooMany { .. }
            ),
            "{kind:?}"
        );
    }
    kinds.iter().filter(|k| **k == Kind::Credentials).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn req15_parallel_guesses_cannot_pass_the_captcha() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let looked_at = parallel_guesses(&bench, 50, |n| format!("198.51.100.{n}")).await;
    assert_eq!(looked_at, 3, "for the name");
    let bench = Bench::sqlite().await;
    let looked_at = parallel_guesses(&bench, 50, |_| "198.51.100.1".into()).await;
    assert_eq!(looked_at, 3, "for the address");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn req15_parallel_guesses_cannot_pass_the_delay() {
    let slow = |s: &mut crate::Settings| {
        never(s);
        s.limits.delay_after = 5;
        s.limits.name_failures = 8;
    };
    let bench = Bench::with(slow).await;
    bench.user("lin").await;
    let looked_at = parallel_guesses(&bench, 50, |_| "198.51.100.1".into()).await;
    assert_eq!(looked_at, 5, "for the name from one address");
    let bench = Bench::with(slow).await;
    bench.user("lin").await;
    let looked_at = parallel_guesses(&bench, 50, |n| format!("198.51.100.{n}")).await;
    assert_eq!(looked_at, 8, "for the name from anywhere");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn req15_nor_on_postgres() {
    let bench = Bench::postgres(|_| {}).await;
    bench.user("lin").await;
    let looked_at = parallel_guesses(&bench, 50, |n| format!("198.51.100.{n}")).await;
    assert_eq!(looked_at, 3, "the captcha, for the name");
    bench.drop_database().await;
    let bench = Bench::postgres(|s| {
        never(s);
        s.limits.delay_after = 5;
    })
    .await;
    bench.user("lin").await;
    let looked_at = parallel_guesses(&bench, 50, |_| "198.51.100.1".into()).await;
    assert_eq!(looked_at, 5, "the delay");
    bench.drop_database().await;
}

#[tokio::test]
async fn req10_the_delay_doubles_up_to_its_end() {
    let bench = Bench::with(|s| {
        never(s);
        s.limits.delay_after = 4;
        s.limits.delay_max_seconds = 20;
    })
    .await;
    bench.user("lin").await;
    let here = bench.from("198.51.100.7");
    for _ in 0..4 {
        assert_eq!(bench.guess(&here, "lin").await, Kind::Credentials);
    }
    for wait in [1, 2, 4, 8, 16, 20, 20, 20] {
        assert_eq!(delay(&bench.guess(&here, "lin").await), wait);
        if wait > 1 {
            seconds(&bench, wait - 1).await;
            assert_eq!(delay(&bench.guess(&here, "lin").await), 1);
        }
        seconds(&bench, 1).await;
        assert_eq!(bench.guess(&here, "lin").await, Kind::Credentials);
    }
    let done = bench.tries(&here, "lin", PASSWORD).await;
    delay(&done.expect_err("the right password waits too"));
    bench
        .tries(&bench.from("198.51.100.8"), "lin", PASSWORD)
        .await
        .expect("another address does not wait");
    bench
        .tries(&here, "lin", PASSWORD)
        .await
        .expect_err("success elsewhere does not free the guesser");
    seconds(&bench, 20).await;
    bench.tries(&here, "lin", PASSWORD).await.expect("in time");
    assert_eq!(
        bench.guess(&here, "lin").await,
        Kind::Credentials,
        "and a success ends the run"
    );
}

#[tokio::test]
async fn req9_a_name_from_anywhere_waits_after_very_many() {
    let bench = Bench::with(|s| {
        never(s);
        s.limits.name_failures = 100;
        s.limits.delay_max_seconds = 300;
    })
    .await;
    bench.user("lin").await;
    bench.user("han").await;
    for n in 0..100 {
        let there = bench.from(&format!("198.51.100.{n}"));
        assert_eq!(bench.guess(&there, "lin").await, Kind::Credentials);
    }
    let fresh = bench.from("203.0.113.1");
    assert_eq!(delay(&bench.guess(&fresh, "lin").await), 1);
    let done = bench.tries(&fresh, "han", PASSWORD).await;
    done.expect("another name does not wait");
    seconds(&bench, 1).await;
    let done = bench.tries(&fresh, "lin", PASSWORD).await;
    done.expect("after the wait");
    let kind = bench.guess(&bench.from("203.0.113.2"), "lin").await;
    assert_eq!(kind, Kind::Credentials, "reset by success");
}

#[tokio::test]
async fn req11_hammering_locks_nobody_out() {
    let bench = Bench::with(|s| {
        never(s);
        s.limits.delay_after = 5;
        s.limits.name_failures = 10;
        s.limits.delay_max_seconds = 60;
    })
    .await;
    bench.user("lin").await;
    // From many addresses, and on and on: what is refused unseen must not put the end off.
    for n in 0..20 {
        bench
            .guess(&bench.from(&format!("198.51.100.{n}")), "lin")
            .await;
    }
    let mut waited = 0;
    let victim = bench.from("203.0.113.1");
    loop {
        match bench.tries(&victim, "lin", PASSWORD).await {
            Ok(_) => break,
            Err(kind) => delay(&kind),
        };
        let guesser = bench.from("198.51.100.1");
        delay(&bench.guess(&guesser, "lin").await);
        seconds(&bench, 1).await;
        waited += 1;
        assert!(waited <= 60, "locked out by somebody else's guesses");
    }
}

#[tokio::test]
async fn req11_a_guesser_without_captchas_delays_nobody() {
    let bench = Bench::with(|s| {
        s.limits.name_failures = 10;
    })
    .await;
    bench.user("lin").await;
    for n in 0..60 {
        bench
            .guess(&bench.from(&format!("198.51.100.{n}")), "lin")
            .await;
    }
    let solved = bench.solved("lin", PASSWORD).await;
    let done = bench
        .services
        .sign_in
        .by_api(&bench.from("203.0.113.1"), solved)
        .await;
    done.expect("with a captcha at once");
}

#[tokio::test]
async fn req9_success_resets_the_name_and_keeps_the_addresss_failures() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let guesser = bench.from("198.51.100.7");
    for name in ["a1", "a2"] {
        bench.guess(&guesser, name).await;
    }
    // A guesser with an account of his own can't wash the address clean.
    bench
        .tries(&guesser, "lin", PASSWORD)
        .await
        .expect("his own");
    assert_eq!(bench.guess(&guesser, "a3").await, Kind::Credentials);
    assert_eq!(bench.guess(&guesser, "a4").await, Kind::CaptchaRequired);

    // The name starts anew.
    for n in 0..3 {
        for _ in 0..2 {
            let kind = bench
                .guess(&bench.from(&format!("203.0.113.{n}")), "lin")
                .await;
            assert_eq!(kind, Kind::Credentials, "round {n}");
        }
        let home = bench.from("192.0.2.77");
        bench.tries(&home, "lin", PASSWORD).await.expect("sign in");
    }
}

#[tokio::test]
async fn req1_a_hash_is_renewed_when_parameters_change() {
    let bench = Bench::sqlite().await;
    let id = bench.user("lin").await;
    let old = stored(&bench, id).await;
    assert!(old.starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{old}");
    let (newer, _db) = bench
        .twin(|s| {
            s.password.memory_kib = 128;
            s.password.passes = 3;
        })
        .await;
    let wrong = bench.credentials("lin", "wrong");
    let done = newer.sign_in.by_api(&bench.client(), wrong).await;
    done.expect_err("wrong stays wrong");
    assert_eq!(stored(&bench, id).await, old);
    for round in 0..3 {
        let right = bench.credentials("lin", PASSWORD);
        let done = newer.sign_in.by_api(&bench.client(), right).await;
        done.unwrap_or_else(|e| panic!("round {round}: {e}"));
        let new = stored(&bench, id).await;
        assert!(new.starts_with("$argon2id$v=19$m=128,t=3,p=1$"), "{new}");
    }
    bench.sign_in("lin").await;
    let back = stored(&bench, id).await;
    assert!(back.starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{back}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn req1_parallel_sign_ins_survive_a_rehash() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let (newer, _db) = bench
        .twin(|s| {
            never(s);
            s.password.memory_kib = 4096;
        })
        .await;
    let mut running = JoinSet::new();
    for _ in 0..8 {
        let services = newer.clone();
        let (client, right) = (bench.client(), bench.credentials("lin", PASSWORD));
        running.spawn(async move { services.sign_in.by_api(&client, right).await });
    }
    for done in running.join_all().await {
        done.expect("each with the right password");
    }
}

#[tokio::test]
async fn the_real_parameters_are_the_ones_required() {
    // req1: argon2id, at least 19456 KiB, two passes, one lane.
    let settings = crate::settings::Password::default();
    assert!(settings.memory_kib >= 19_456);
    assert!(settings.passes >= 2);
    assert_eq!(settings.lanes, 1);
    assert!(settings.min_length >= 12);
}

#[tokio::test]
async fn req52_every_sign_in_is_audited_without_secrets() {
    let bench = Bench::with(never).await;
    let admin = bench.admin().await;
    let id = bench.user("lin").await;
    let odd = Client {
        user_agent: "evil\r\n2027-01-01 root signed in".into(),
        ..bench.from("198.51.100.7")
    };
    bench.guess(&odd, "lin").await;
    bench.guess(&odd, "nobody\n\u{1b}[31m").await;
    let issued = bench.tries(&odd, "LIN", PASSWORD).await.expect("sign in");
    set_status(&bench, &admin, id, UserStatus::Disabled).await;
    bench
        .tries(&odd, "lin", PASSWORD)
        .await
        .expect_err("disabled");
    let entries = bench.audit("sign_in").await;
    let entries: Vec<_> = entries.iter().filter(|e| e.ip == odd.ip).collect();
    let shown: Vec<_> = entries
        .iter()
        .map(|e| (e.success, e.actor_id, e.detail()["reason"].clone()))
        .collect();
    assert_eq!(
        shown,
        [
            (0, Some(id.0), "password".into()),
            (0, None, "unknown".into()),
            (1, Some(id.0), serde_json::Value::Null),
            (0, Some(id.0), "disabled".into()),
        ]
    );
    assert_eq!(entries[2].actor_name, "lin");
    assert_eq!(entries[2].session_id, Some(issued.session_id.0.clone()));
    for entry in &entries {
        assert_eq!(entry.kind, "login");
        assert_eq!(entry.mac.len(), 32);
        for text in [&entry.actor_name, &entry.user_agent] {
            assert!(!text.chars().any(char::is_control), "{text:?}");
        }
    }
    let all = bench.whole_audit().await;
    for secret in [
        PASSWORD,
        "not the password",
        &issued.access.token,
        &issued.refresh,
    ] {
        assert!(!all.contains(secret));
    }
}

/// While a password is verified, another transaction resets it: the session that the old one
/// would open must not outlive that.
async fn reset_overtakes_sign_in(bench: &Bench) {
    let id = bench.user("lin").await;
    let mut tx = bench.db.begin().await.expect("begin");
    tx.serialise().await.expect("turn");
    users::set_password(&mut tx, id, "new hash", true, bench.services.now())
        .await
        .expect("set");
    let (services, client) = (bench.services.clone(), bench.client());
    let right = bench.credentials("lin", PASSWORD);
    let signing_in = tokio::spawn(async move { services.sign_in.by_api(&client, right).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    sessions::revoke_all(&mut tx, id, None, "password_reset", bench.services.now())
        .await
        .expect("revoke");
    tx.commit().await.expect("commit");
    let done = signing_in.await.expect("no panic");
    assert_eq!(done.expect_err("overtaken").kind, Kind::Credentials);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn req33_a_reset_overtakes_a_sign_in_under_way() {
    reset_overtakes_sign_in(&Bench::sqlite().await).await;
    let bench = Bench::postgres(|_| {}).await;
    reset_overtakes_sign_in(&bench).await;
    bench.drop_database().await;
}

#[tokio::test]
async fn sign_ins_do_not_wait_for_administrators() {
    let bench = Bench::postgres(|_| {}).await;
    bench.user("lin").await;
    // As an import does, for as long as it takes.
    let mut import = bench.db.begin().await.expect("begin");
    import.serialise().await.expect("held");
    let done = tokio::time::timeout(Duration::from_mins(1), async {
        let caller = bench.caller("lin").await;
        let sign_in = &bench.services.sign_in;
        sign_in
            .change_password(&caller, PASSWORD, OTHER_PASSWORD)
            .await
    });
    let done = done.await.expect("nothing to wait for");
    done.expect("changed");
    drop(import);
    bench.drop_database().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn req33_sign_ins_meanwhile_keep_no_session_from_ending() {
    for bench in [Bench::with(never).await, Bench::postgres(never).await] {
        let admin = bench.admin().await;
        for round in 0..10_u64 {
            let name = format!("lin{round}");
            let id = bench.user(&name).await;
            let mut running = JoinSet::new();
            for _ in 0..3 {
                let (services, client) = (bench.services.clone(), bench.client());
                let right = bench.credentials(&name, PASSWORD);
                running.spawn(async move { services.sign_in.by_api(&client, right).await });
            }
            // Sooner or later while they are under way.
            tokio::time::sleep(Duration::from_millis(2 * round)).await;
            set_status(&bench, &admin, id, UserStatus::Disabled).await;
            let signed_in = running.join_all().await;
            set_status(&bench, &admin, id, UserStatus::Active).await;
            for done in signed_in {
                match done {
                    Ok(issued) => {
                        let opens = bench.by_token(&issued).await;
                        assert!(opens.is_err(), "round {round}");
                    }
                    Err(error) => assert_eq!(error.kind, Kind::Credentials),
                }
            }
        }
        if bench.db.backend() == menshen_storage::Backend::Postgres {
            bench.drop_database().await;
        }
    }
}

#[tokio::test]
async fn a_sign_in_is_noted_in_the_account() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    seconds(&bench, 5).await;
    let there = bench.from("198.51.100.7");
    bench.tries(&there, "lin", PASSWORD).await.expect("sign in");
    let mut conn = bench.db.read().await.expect("conn");
    let user = users::find_by_name(&mut conn, "lin").await.expect("query");
    let user = user.expect("there");
    assert_eq!(user.login_ip.as_deref(), Some("198.51.100.7"));
    assert_eq!(user.login_at, Some(bench.services.now()));
}

#[tokio::test]
async fn what_nobody_can_be_called_is_no_fault_of_ours() {
    for bench in [Bench::with(never).await, Bench::postgres(never).await] {
        let noise: String = (0..20_000_u32)
            .map(|i| {
                char::from(b'!' + u8::try_from(i.wrapping_mul(2_654_435_761) >> 26).unwrap_or(0))
            })
            .collect();
        for name in ["a\0b", &noise, "\u{feff}", "\u{202e}lin", "'; --"] {
            let credentials = Credentials {
                username: name.into(),
                password: "x\0y".into(),
                ..Credentials::default()
            };
            let done = bench
                .services
                .sign_in
                .by_api(&bench.client(), credentials.clone())
                .await;
            assert_eq!(done.expect_err("nobody").kind, Kind::Credentials);
            let captcha = Credentials {
                captcha_key: Some("a\0b".into()),
                captcha_code: Some("c\0d".into()),
                ..credentials
            };
            let done = bench
                .services
                .sign_in
                .by_api(&bench.client(), captcha)
                .await;
            let kind = done.expect_err("no captcha").kind;
            assert!(matches!(kind, Kind::Captcha | Kind::Invalid), "{kind:?}");
        }
        if bench.db.backend() == menshen_storage::Backend::Postgres {
            bench.drop_database().await;
        }
    }
}

mod changing {
    use super::*;

    async fn change(bench: &Bench, caller: &Caller, current: &str, new: &str) -> Result<()> {
        let sign_in = &bench.services.sign_in;
        sign_in.change_password(caller, current, new).await
    }

    async fn api(bench: &Bench, name: &str) -> (Issued, Caller) {
        let issued = bench.sign_in(name).await;
        let caller = bench.by_token(&issued).await.expect("caller");
        (issued, caller)
    }

    async fn browser(bench: &Bench, name: &str, password: &str) -> Caller {
        let credentials = bench.credentials(name, password);
        let opened = bench
            .services
            .sign_in
            .by_page(&bench.client(), credentials)
            .await
            .expect("sign in");
        bench
            .services
            .access
            .by_session(&opened.session_id, bench.client())
            .await
            .expect("caller")
    }

    #[tokio::test]
    async fn req6_a_change_needs_the_current_password() {
        let bench = Bench::with(never).await;
        bench.user("lin").await;
        let (_, caller) = api(&bench, "lin").await;
        for wrong in ["", "wrong", &PASSWORD.to_uppercase()] {
            let error = change(&bench, &caller, wrong, OTHER_PASSWORD)
                .await
                .expect_err("wrong");
            assert_eq!(error.kind, Kind::Invalid);
            assert_eq!(fields(&error), ["currentPassword"]);
        }
        bench.sign_in("lin").await;
    }

    #[tokio::test]
    async fn req15_the_current_password_cannot_be_guessed_here_either() {
        let bench = Bench::with(|s| {
            never(s);
            s.limits.delay_after = 3;
        })
        .await;
        bench.user("lin").await;
        let (_, caller) = api(&bench, "lin").await;
        for _ in 0..3 {
            let error = change(&bench, &caller, "wrong", OTHER_PASSWORD)
                .await
                .expect_err("wrong");
            assert_eq!(error.kind, Kind::Invalid);
        }
        let error = change(&bench, &caller, PASSWORD, OTHER_PASSWORD)
            .await
            .expect_err("too many");
        assert_eq!(delay(&error.kind), 1);
        seconds(&bench, 1).await;
        change(&bench, &caller, PASSWORD, OTHER_PASSWORD)
            .await
            .expect("after the wait");
    }

    #[tokio::test]
    async fn what_was_not_looked_at_is_no_failure() {
        let bench = Bench::with(|s| {
            never(s);
            s.password.workers = 1;
            s.password.queue = 0;
            s.limits.delay_after = 3;
        })
        .await;
        bench.user("lin").await;
        let (_, caller) = api(&bench, "lin").await;
        let full = bench.services.core.hasher.fill();
        for _ in 0..5 {
            for current in [PASSWORD, "wrong"] {
                let error = change(&bench, &caller, current, OTHER_PASSWORD)
                    .await
                    .expect_err("there is no place to hash");
                assert!(matches!(error.kind, Kind::Busy { .. }), "{error:?}");
            }
        }
        drop(full);
        change(&bench, &caller, PASSWORD, OTHER_PASSWORD)
            .await
            .expect("without a wait");
    }

    #[tokio::test]
    async fn req3_req5_a_new_password_must_be_good() {
        let bench = Bench::with(never).await;
        let admin = bench.admin().await;
        let user = bench.user("linwei.from.marketing").await;
        let named = UserChange {
            nickname: Some("Wei from Marketing".into()),
            ..UserChange::default()
        };
        let done = bench.services.users.update(&admin, user, named).await;
        done.expect("nickname");
        let (_, caller) = api(&bench, "linwei.from.marketing").await;
        let long = "x1Y_".repeat(32) + "!";
        for weak in [
            "",
            "short1!",
            "elevenchars",
            "password1234",
            "qwertyuiop123",
            "aaaaaaaaaaaaaaaa",
            "LINWEI.from.marketing",
            "wei FROM marketing",
            &long,
            PASSWORD,
        ] {
            let error = change(&bench, &caller, PASSWORD, weak)
                .await
                .expect_err(weak);
            assert_eq!(error.kind, Kind::Invalid, "{weak}");
            assert_eq!(fields(&error), ["newPassword"], "{weak}");
        }
        let (_, caller) = api(&bench, "linwei.from.marketing").await;
        change(&bench, &caller, PASSWORD, "十二个字的口令一定记得住哦")
            .await
            .expect("any script will do");
    }

    #[tokio::test]
    async fn req24_a_change_ends_every_session_but_a_browsers_own() {
        let bench = Bench::with(never).await;
        bench.user("lin").await;
        let (elsewhere, _) = api(&bench, "lin").await;
        let other = browser(&bench, "lin", PASSWORD).await;
        let own = browser(&bench, "lin", PASSWORD).await;
        change(&bench, &own, PASSWORD, OTHER_PASSWORD)
            .await
            .expect("change");
        let error = bench.by_token(&elsewhere).await.expect_err("ended");
        assert_eq!(error.kind, Kind::Token);
        let renewed = bench
            .services
            .sessions
            .renew(&elsewhere.refresh, &bench.client())
            .await;
        assert_eq!(renewed.expect_err("ended").kind, Kind::Token);
        assert_eq!(
            bench.revoke_reason(&elsewhere).await.as_deref(),
            Some("password_changed")
        );
        let access = &bench.services.access;
        let gone = access.by_session(other.session_id(), bench.client()).await;
        assert_eq!(gone.expect_err("ended").kind, Kind::Token);
        let on = access.by_session(own.session_id(), bench.client()).await;
        on.expect("goes on").require_usable().expect("usable");

        let done = bench.tries(&bench.client(), "lin", PASSWORD).await;
        assert_eq!(done.expect_err("the old one"), Kind::Credentials);
        let done = bench.tries(&bench.client(), "lin", OTHER_PASSWORD).await;
        let issued = done.expect("the new one");
        let caller = bench.by_token(&issued).await.expect("caller");
        let entries = bench.audit("user.change_password").await;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].kind, "operation");
        assert_eq!(entries[0].target_id, Some(own.id().to_string()));
        assert_eq!(entries[0].actor_id, Some(own.id().0));
        let all = bench.whole_audit().await;
        assert!(!all.contains(OTHER_PASSWORD) && !all.contains(PASSWORD));

        change(&bench, &caller, OTHER_PASSWORD, PASSWORD)
            .await
            .expect("change");
        let error = bench.by_token(&issued).await.expect_err("an API's ends");
        assert_eq!(error.kind, Kind::Token);
    }

    #[tokio::test]
    async fn req33_who_is_signed_out_meanwhile_changes_nothing() {
        let bench = Bench::with(never).await;
        let admin = bench.admin().await;
        let id = bench.user("lin").await;
        let (_, caller) = api(&bench, "lin").await;
        let services = &bench.services;
        let meanwhile = async {
            let (ended, _) = services
                .sessions
                .revoke_user(&admin, id)
                .await
                .expect("ended");
            assert_eq!(ended, 1);
        };
        let changing = change(&bench, &caller, PASSWORD, OTHER_PASSWORD);
        let done = services.core.hasher.hold_up(changing, meanwhile).await;
        assert_eq!(done.expect_err("signed out").kind, Kind::Token);
        assert!(bench.audit("user.change_password").await.is_empty());
        bench.sign_in("lin").await;
    }

    #[tokio::test]
    async fn req25_a_due_change_locks_everything_but_itself() {
        let bench = Bench::with(never).await;
        let admin = bench.admin().await;
        let id = bench.user("lin").await;
        let role = bench.role(&admin, "reader", &["system:user:list"]).await;
        let users = &bench.services.users;
        users.bind(&admin, id, vec![role]).await.expect("bind");
        let one_time = users.reset_password(&admin, id).await.expect("reset");
        let done = bench.tries(&bench.client(), "lin", PASSWORD).await;
        assert_eq!(done.expect_err("the old one"), Kind::Credentials);
        let issued = bench
            .tries(&bench.client(), "lin", &one_time)
            .await
            .expect("the one-time password opens");
        let caller = bench.by_token(&issued).await.expect("caller");
        assert!(caller.must_change_password());
        assert!(caller.me().must_change_password);
        assert!(caller.may("system:user:list"), "she holds it");
        let locked = caller.require("system:user:list").expect_err("locked");
        assert_eq!(locked.kind, Kind::Locked);
        let locked = caller.require_usable().expect_err("locked");
        assert_eq!(locked.kind, Kind::Locked);
        let access = &bench.services.access;
        let tested = access.test(&issued.access.token, bench.client()).await;
        assert_eq!(tested.expect_err("locked").kind, Kind::Locked);
        let own = UserChange {
            nickname: Some("Lin".into()),
            ..UserChange::default()
        };
        let done = users.update(&caller, id, own).await;
        assert_eq!(done.expect_err("locked").kind, Kind::Locked);

        change(&bench, &caller, &one_time, OTHER_PASSWORD)
            .await
            .expect("the change itself");
        let issued = bench
            .tries(&bench.client(), "lin", OTHER_PASSWORD)
            .await
            .expect("sign in");
        let caller = bench.by_token(&issued).await.expect("caller");
        caller.require("system:user:list").expect("usable");
    }
}
