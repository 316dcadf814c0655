//! What passkeys must and must not do.

mod device;

use super::*;
use crate::settings::CaptchaMode;
use crate::testing::{Bench, OTHER_PASSWORD, PASSWORD, fields, missing};
use device::Device;
use menshen_domain::user::UserChange;
use sqlx::AssertSqlSafe;
use tokio::task::JoinSet;

const RP: &str = "example.com";
const ORIGIN: &str = "https://id.example.com";

fn on(s: &mut crate::Settings) {
    s.captcha.mode = CaptchaMode::Never;
    s.passkey.rp_id = RP.into();
    s.passkey.origins = vec![ORIGIN.into()];
}

async fn texts(bench: &Bench, query: &str) -> Vec<String> {
    let mut conn = bench.db.read().await.expect("conn");
    let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(query.to_owned()))
        .fetch_all(&mut *conn)
        .await
        .expect("query");
    rows.into_iter().map(|r| r.0).collect()
}

fn consent(password: &str) -> Consent {
    Consent {
        password: password.into(),
        end_other_sessions: false,
    }
}

async fn begun(bench: &Bench, caller: &Caller) -> Challenge {
    let begun = bench.services.passkeys.begin(caller, PASSWORD).await;
    begun.expect("a challenge")
}

fn enrolment(ticket: &str, name: &str, credential: Value) -> Enrolment {
    Enrolment {
        ticket: ticket.into(),
        name: name.into(),
        credential,
        end_other_sessions: false,
    }
}

/// Adds a passkey for somebody signed in.
async fn enrol(bench: &Bench, caller: &Caller, name: &str) -> (Device, PasskeyInfo) {
    let mut device = Device::new(RP, ORIGIN);
    let challenge = begun(bench, caller).await;
    let made = device.create(&challenge.public_key);
    let enrolment = enrolment(&challenge.ticket, name, made);
    let passkeys = &bench.services.passkeys;
    let added = passkeys.finish(caller, &enrolment).await;
    (device, added.expect("added"))
}

/// Somebody with a passkey.
async fn holder(bench: &Bench, name: &str) -> (Caller, Device, PasskeyInfo) {
    bench.user(name).await;
    let caller = bench.caller(name).await;
    let (device, info) = enrol(bench, &caller, "Phone").await;
    (caller, device, info)
}

async fn challenge(bench: &Bench) -> Challenge {
    let passkeys = &bench.services.passkeys;
    let begun = passkeys.login_options(&bench.client()).await;
    begun.expect("a challenge")
}

async fn show(bench: &Bench, ticket: &str, credential: &Value) -> Result<Issued> {
    let passkeys = &bench.services.passkeys;
    passkeys
        .enter_api(&bench.client(), ticket, credential)
        .await
}

async fn sign_in(bench: &Bench, device: &mut Device) -> Result<Issued> {
    let begun = challenge(bench).await;
    let shown = device.get(&begun.public_key);
    show(bench, &begun.ticket, &shown).await
}

/// Asserts the one refusal, and the reason that only the log is told.
async fn is_refused(bench: &Bench, done: Result<Issued>, reason: &str) {
    let error = done.expect_err(reason);
    assert_eq!(error.kind, Kind::Credentials, "{reason}: {error}");
    assert!(error.fields.is_empty(), "{reason}: {error}");
    assert_eq!(
        error.text.en,
        "Signing in with the passkey did not work. Try again, or use your password"
    );
    let entries = bench.audit("sign_in").await;
    let last = entries.last().expect("an entry");
    assert_eq!(last.success, 0, "{reason}");
    let told = json!({ "method": "passkey", "reason": reason });
    assert_eq!(last.detail(), told);
}

#[tokio::test]
async fn a_passkey_is_added_and_opens_both_doors() {
    let bench = Bench::with(on).await;
    let id = bench.user("lin").await;
    let caller = bench.caller("lin").await;
    let passkeys = &bench.services.passkeys;
    assert!(passkeys.configured());
    assert_eq!(passkeys.rp_id(), RP);
    assert_eq!(passkeys.list(&caller).await.expect("list"), []);

    let begun = begun(&bench, &caller).await;
    let options = &begun.public_key;
    assert_eq!(options["rp"], json!({ "id": RP, "name": "Menshen" }));
    assert_eq!(options["user"]["name"], "lin");
    let wanted = &options["authenticatorSelection"];
    assert_eq!(wanted["residentKey"], "required");
    assert_eq!(wanted["requireResidentKey"], true);
    assert_eq!(wanted["userVerification"], "required");
    assert_eq!(options["attestation"], "none");
    assert_eq!(options["excludeCredentials"], json!([]));
    assert_eq!(options["timeout"], 300_000);
    let bytes = URL_SAFE_NO_PAD.decode(options["challenge"].as_str().expect("text"));
    assert!(bytes.expect("base64url").len() >= 16, "128 bits");
    let mut device = Device::new(RP, ORIGIN);
    let made = device.create(options);
    let added = enrolment(&begun.ticket, " 手机 ", made);
    let added = passkeys.finish(&caller, &added).await.expect("added");
    assert_eq!((added.name.as_str(), added.last_used_at), ("手机", None));
    assert_eq!(added.created_at, bench.services.now());

    bench.clock.forward(Duration::from_secs(7));
    let issued = sign_in(&bench, &mut device).await.expect("in");
    assert_eq!(issued.user_id, id);
    bench.by_token(&issued).await.expect("a session");
    let listed = passkeys.list(&caller).await.expect("list");
    let used = PasskeyInfo {
        last_used_at: Some(bench.services.now()),
        ..added
    };
    assert_eq!(listed, [used]);
    let entries = bench.audit("sign_in").await;
    let last = entries.last().expect("an entry");
    assert_eq!((last.success, last.actor_id), (1, Some(id.0)));
    assert_eq!(last.detail(), json!({ "method": "passkey" }));

    let begun = challenge(&bench).await;
    assert_eq!(begun.public_key["rpId"], RP);
    assert_eq!(begun.public_key["userVerification"], "required");
    assert_eq!(begun.public_key["allowCredentials"], json!([]));
    let shown = device.get(&begun.public_key);
    let here = bench.client();
    let opened = passkeys.enter_page(&here, &begun.ticket, &shown).await;
    let opened = opened.expect("in");
    let access = &bench.services.access;
    let inside = access.by_session(&opened.session_id, here).await;
    let inside = inside.expect("a session");
    assert!(inside.is_browser() && inside.id() == id);
}

#[tokio::test]
async fn a_passkey_asks_for_no_code() {
    let bench = Bench::with(on).await;
    let (caller, mut device, _) = holder(&bench, "lin").await;
    let mut tx = bench.db.begin().await.expect("begin");
    menshen_storage::second_factors::propose(&mut tx, caller.id(), b"x", bench.services.now())
        .await
        .expect("propose");
    sqlx::query("UPDATE second_factor SET confirmed_at = 1")
        .execute(&mut *tx)
        .await
        .expect("confirmed");
    tx.commit().await.expect("commit");
    let by_password = bench.tries(&bench.client(), "lin", PASSWORD).await;
    assert!(matches!(by_password, Err(Kind::OtpRequired { .. })));
    sign_in(&bench, &mut device).await.expect("in");
}

#[tokio::test]
async fn while_they_are_off_all_say_so() {
    let bench = Bench::with(|s| s.captcha.mode = CaptchaMode::Never).await;
    bench.user("lin").await;
    let caller = bench.caller("lin").await;
    let (passkeys, here) = (&bench.services.passkeys, bench.client());
    assert!(!passkeys.configured());
    assert_eq!(passkeys.rp_id(), "");
    let (id, none) = (PasskeyId(1), Value::Null);
    for error in [
        passkeys.list(&caller).await.expect_err("off"),
        passkeys.begin(&caller, PASSWORD).await.expect_err("off"),
        passkeys
            .finish(&caller, &Enrolment::default())
            .await
            .expect_err("off"),
        passkeys.rename(&caller, id, "").await.expect_err("off"),
        passkeys
            .remove(&caller, id, &consent(""))
            .await
            .expect_err("off"),
        passkeys.login_options(&here).await.expect_err("off"),
        passkeys.enter_api(&here, "", &none).await.expect_err("off"),
        passkeys
            .enter_page(&here, "", &none)
            .await
            .expect_err("off"),
    ] {
        assert_eq!(error.kind, Kind::Invalid);
        assert_eq!(error.text.en, "Passkeys are not set up here");
    }
}

#[tokio::test]
async fn req23_a_challenge_is_answered_once_in_time_by_whom_it_was_given() {
    let bench = Bench::with(on).await;
    let (_, mut device, _) = holder(&bench, "lin").await;
    let first = challenge(&bench).await;
    let second = challenge(&bench).await;
    let shown = device.get(&second.public_key);
    let done = show(&bench, &first.ticket, &shown).await;
    is_refused(&bench, done, "passkey").await;
    // The wrong answer has spent the ticket too.
    let shown = device.get(&first.public_key);
    let done = show(&bench, &first.ticket, &shown).await;
    is_refused(&bench, done, "passkey_ticket").await;

    let shown = device.get(&second.public_key);
    show(&bench, &second.ticket, &shown).await.expect("in");
    let done = show(&bench, &second.ticket, &shown).await;
    is_refused(&bench, done, "passkey_ticket").await;

    let late = challenge(&bench).await;
    let shown = device.get(&late.public_key);
    bench.clock.forward(LIFETIME);
    let done = show(&bench, &late.ticket, &shown).await;
    is_refused(&bench, done, "passkey_ticket").await;
    bench.services.sweep().await.expect("sweep");
    let left = texts(&bench, "SELECT id FROM one_time_code").await;
    assert!(left.is_empty(), "{left:?}");

    let begun = challenge(&bench).await;
    let shown = device.get(&begun.public_key);
    let other = Client {
        user_agent: "another".into(),
        ..bench.client()
    };
    let passkeys = &bench.services.passkeys;
    let done = passkeys.enter_api(&other, &begun.ticket, &shown).await;
    is_refused(&bench, done, "passkey_ticket").await;
    for odd in ["x", "9.9"] {
        let done = show(&bench, odd, &shown).await;
        is_refused(&bench, done, "passkey_ticket").await;
    }
    for wrong in ["", "\0", &"9".repeat(201)] {
        let done = show(&bench, wrong, &shown).await;
        assert_eq!(fields(&done.expect_err("no ticket")), ["ticket"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn req23_a_ticket_lets_one_of_many_in() {
    let bench = Bench::with(on).await;
    let (_, mut device, _) = holder(&bench, "lin").await;
    let begun = challenge(&bench).await;
    let mut running = JoinSet::new();
    for _ in 0..10 {
        let shown = device.get(&begun.public_key);
        let (services, here) = (bench.services.clone(), bench.client());
        let ticket = begun.ticket.clone();
        running.spawn(async move {
            let done = services.passkeys.enter_api(&here, &ticket, &shown).await;
            done.is_ok()
        });
    }
    let inside = running.join_all().await;
    assert_eq!(inside.iter().filter(|inside| **inside).count(), 1);
}

#[tokio::test]
async fn what_the_ticket_stands_for_is_sealed_and_hashed() {
    let bench = Bench::with(on).await;
    let (caller, _, _) = holder(&bench, "lin").await;
    let (enrolment, login) = (begun(&bench, &caller).await, challenge(&bench).await);
    let kept = texts(&bench, "SELECT id || ' ' || data FROM one_time_code").await;
    assert_eq!(kept.len(), 2);
    for begun in [enrolment, login] {
        let secret = begun.public_key["challenge"].as_str().expect("text");
        assert!(kept.iter().all(|row| !row.contains(&begun.ticket)));
        assert!(kept.iter().all(|row| !row.contains(secret)));
    }
    let audit = bench.whole_audit().await;
    assert!(!audit.contains("challenge"), "{audit}");
}

#[tokio::test]
async fn wrong_answers_are_refused_one_and_the_same() {
    let bench = Bench::with(on).await;
    let (caller, mut device, _) = holder(&bench, "lin").await;
    type Change = fn(&mut Device);
    let changes: [(&str, Change); 5] = [
        ("another origin", |d| {
            d.origin = "https://example.org".into()
        }),
        ("a port", |d| d.origin = format!("{ORIGIN}:8443")),
        ("another name", |d| d.rp_id = "example.org".into()),
        ("no finger", |d| d.verifies = false),
        ("another user", |d| {
            d.handle = "AAAAAAAAAAAAAAAAAAAAAA".into()
        }),
    ];
    for (what, change) in changes {
        let handle = device.handle.clone();
        change(&mut device);
        let done = sign_in(&bench, &mut device).await;
        assert!(done.is_err(), "{what}");
        is_refused(&bench, done, "passkey").await;
        device.origin = ORIGIN.into();
        device.rp_id = RP.into();
        device.verifies = true;
        device.handle = handle;
    }
    let mut stranger = Device::new(RP, ORIGIN);
    let done = sign_in(&bench, &mut stranger).await;
    is_refused(&bench, done, "unknown").await;
    // A signature over something else.
    let begun = challenge(&bench).await;
    let mut shown = device.get(&begun.public_key);
    let other = device.get(&begun.public_key);
    shown["response"]["signature"] = other["response"]["signature"].clone();
    let done = show(&bench, &begun.ticket, &shown).await;
    is_refused(&bench, done, "passkey").await;

    for wrong in [
        Value::Null,
        json!({}),
        json!("x"),
        json!([]),
        json!({ "id": "x", "rawId": "?", "type": "public-key", "response": {} }),
    ] {
        let begun = challenge(&bench).await;
        let done = show(&bench, &begun.ticket, &wrong).await;
        assert_eq!(fields(&done.expect_err("no credential")), ["credential"]);
    }
    sign_in(&bench, &mut device).await.expect("good again");
    let name = caller.username().to_owned();
    let admin = bench.admin().await;
    let change = UserChange {
        status: Some(Status::Disabled),
        ..UserChange::default()
    };
    let users = &bench.services.users;
    users
        .update(&admin, caller.id(), change)
        .await
        .expect("off");
    let done = sign_in(&bench, &mut device).await;
    is_refused(&bench, done, "disabled").await;
    let entries = bench.audit("sign_in").await;
    assert_eq!(entries.last().expect("an entry").actor_name, name);
    users.delete(&admin, caller.id()).await.expect("deleted");
    let done = sign_in(&bench, &mut device).await;
    is_refused(&bench, done, "unknown").await;
}

#[tokio::test]
async fn a_counter_that_goes_back_is_refused_and_audited() {
    let bench = Bench::with(on).await;
    let (caller, mut device, _) = holder(&bench, "lin").await;
    device.counter = 41;
    sign_in(&bench, &mut device).await.expect("42");
    for copied in [40, 41] {
        device.counter = copied;
        let done = sign_in(&bench, &mut device).await;
        is_refused(&bench, done, "passkey_counter").await;
        let entries = bench.audit("sign_in").await;
        let last = entries.last().expect("an entry");
        assert_eq!(last.actor_id, Some(caller.id().0));
    }
    device.counter = 42;
    sign_in(&bench, &mut device).await.expect("43");
}

#[tokio::test]
async fn devices_that_do_not_count_are_taken() {
    let bench = Bench::with(on).await;
    let (_, mut device, _) = holder(&bench, "lin").await;
    device.step = 0;
    for _ in 0..2 {
        sign_in(&bench, &mut device).await.expect("in");
    }
}

#[tokio::test]
async fn an_enrolment_is_finished_once_in_time_by_the_session_that_began_it() {
    let bench = Bench::with(on).await;
    let (caller, _, _) = holder(&bench, "lin").await;
    let passkeys = &bench.services.passkeys;
    let mut device = Device::new(RP, ORIGIN);
    let refused = async |caller: &Caller, ticket: &str, made: Value| {
        let enrolment = enrolment(ticket, "Key", made);
        let done = passkeys.finish(caller, &enrolment).await;
        let error = done.expect_err("refused");
        assert_eq!(error.kind, Kind::Invalid, "{error}");
        fields(&error).join(" ")
    };
    let first = begun(&bench, &caller).await;
    let second = begun(&bench, &caller).await;
    let elsewhere = bench.caller("lin").await;
    let made = device.create(&first.public_key);
    assert_eq!(refused(&elsewhere, &first.ticket, made).await, "ticket");
    let made = device.create(&second.public_key);
    assert_eq!(refused(&caller, &first.ticket, made).await, "credential");
    let entries = bench.audit("passkey.add").await;
    let last = entries.last().expect("an entry");
    assert_eq!(
        (last.success, last.detail()),
        (0, json!({ "reason": "passkey" }))
    );
    let made = device.create(&first.public_key);
    assert_eq!(refused(&caller, &first.ticket, made).await, "ticket");
    let made = device.create(&second.public_key);
    bench.clock.forward(LIFETIME);
    assert_eq!(refused(&caller, &second.ticket, made).await, "ticket");

    type Change = fn(&mut Device);
    let changes: [Change; 3] = [
        |d| d.origin = "https://example.org".into(),
        |d| d.rp_id = "example.org".into(),
        |d| d.verifies = false,
    ];
    for change in changes {
        let mut device = Device::new(RP, ORIGIN);
        change(&mut device);
        let begun = begun(&bench, &caller).await;
        let made = device.create(&begun.public_key);
        assert_eq!(refused(&caller, &begun.ticket, made).await, "credential");
    }
    // A ticket for signing in is none for adding.
    let login = challenge(&bench).await;
    let made = device.create(&begun(&bench, &caller).await.public_key);
    assert_eq!(refused(&caller, &login.ticket, made).await, "ticket");

    let begun = begun(&bench, &caller).await;
    let made = device.create(&begun.public_key);
    for wrong in ["", "  ", &"长".repeat(51)] {
        let enrolment = enrolment(&begun.ticket, wrong, made.clone());
        let done = passkeys.finish(&caller, &enrolment).await;
        assert_eq!(fields(&done.expect_err("no name")), ["name"]);
    }
    let nothing = passkeys.finish(&caller, &Enrolment::default()).await;
    let error = nothing.expect_err("nothing");
    assert_eq!(fields(&error), ["name", "ticket", "credential"]);
    // None of that has spent the ticket.
    let longest = enrolment(&begun.ticket, &"长".repeat(50), made);
    passkeys.finish(&caller, &longest).await.expect("added");
    assert_eq!(passkeys.list(&caller).await.expect("list").len(), 2);
}

#[tokio::test]
async fn a_passkey_is_registered_once() {
    let bench = Bench::with(on).await;
    let (caller, mut device, _) = holder(&bench, "lin").await;
    bench.user("han").await;
    let han = bench.caller("han").await;
    let passkeys = &bench.services.passkeys;
    let begun_own = begun(&bench, &caller).await;
    let excluded = &begun_own.public_key["excludeCredentials"];
    let made = device.create(&begun_own.public_key);
    assert_eq!(excluded[0]["id"], made["id"]);
    assert_eq!(excluded.as_array().expect("a list").len(), 1);
    let again = enrolment(&begun_own.ticket, "Again", made);
    let done = passkeys.finish(&caller, &again).await;
    assert_eq!(fields(&done.expect_err("excluded")), ["credential"]);

    let begun = begun(&bench, &han).await;
    assert_eq!(begun.public_key["excludeCredentials"], json!([]));
    let stolen = enrolment(&begun.ticket, "Hers", device.create(&begun.public_key));
    let done = passkeys.finish(&han, &stolen).await;
    assert_eq!(done.expect_err("hers").kind, Kind::Conflict);
    assert_eq!(passkeys.list(&han).await.expect("list"), []);
}

#[tokio::test]
async fn there_are_twenty_at_most() {
    let bench = Bench::with(on).await;
    bench.user("lin").await;
    let caller = bench.caller("lin").await;
    let passkeys = &bench.services.passkeys;
    let mut device = Device::new(RP, ORIGIN);
    let begun_early = begun(&bench, &caller).await;
    for n in 0..20 {
        enrol(&bench, &caller, &format!("Key {n}")).await;
    }
    let one_more = passkeys.begin(&caller, PASSWORD).await;
    assert_eq!(one_more.expect_err("full").kind, Kind::Conflict);
    let made = device.create(&begun_early.public_key);
    let late = enrolment(&begun_early.ticket, "Late", made);
    let done = passkeys.finish(&caller, &late).await;
    assert_eq!(done.expect_err("full").kind, Kind::Conflict);
    let listed = passkeys.list(&caller).await.expect("list");
    assert_eq!(listed.len(), 20);
    assert_eq!(
        (listed[0].name.as_str(), listed[19].name.as_str()),
        ("Key 0", "Key 19")
    );
    let first = listed[0].id;
    let gone = passkeys.remove(&caller, first, &consent(PASSWORD)).await;
    gone.expect("removed");
    enrol(&bench, &caller, "Room again").await;
}

#[tokio::test]
async fn req24_a_change_needs_the_password_and_concerns_ones_own() {
    let bench = Bench::with(on).await;
    let (lin, mut device, info) = holder(&bench, "lin").await;
    let (han, _, _) = holder(&bench, "han").await;
    let passkeys = &bench.services.passkeys;
    for wrong in ["", "not the password"] {
        let done = passkeys.begin(&lin, wrong).await;
        assert_eq!(fields(&done.expect_err("wrong")), ["password"]);
        let done = passkeys.remove(&lin, info.id, &consent(wrong)).await;
        assert_eq!(fields(&done.expect_err("wrong")), ["password"]);
    }
    let entries = bench.audit("passkey.remove").await;
    let last = entries.last().expect("an entry");
    assert_eq!(
        (last.success, last.detail()),
        (0, json!({ "reason": "password" }))
    );

    let done = passkeys.rename(&han, info.id, "Mine").await;
    assert_eq!(done.expect_err("lin's").kind, Kind::NotFound);
    let done = passkeys.remove(&han, info.id, &consent(PASSWORD)).await;
    assert_eq!(done.expect_err("lin's").kind, Kind::NotFound);
    let done = passkeys.rename(&lin, PasskeyId(999), "x").await;
    assert_eq!(done.expect_err("none").kind, Kind::NotFound);
    for wrong in ["", &"x".repeat(51)] {
        let done = passkeys.rename(&lin, info.id, wrong).await;
        assert_eq!(fields(&done.expect_err("no name")), ["name"]);
    }
    let renamed = passkeys.rename(&lin, info.id, " Key ").await;
    let renamed = renamed.expect("renamed");
    assert_eq!(passkeys.list(&lin).await.expect("list"), [renamed]);
    let entries = bench.audit("passkey.update").await;
    let told = json!({ "before": { "name": "Phone" }, "after": { "name": "Key" } });
    assert_eq!(entries[0].detail(), told);
    assert_eq!(entries[0].target_kind.as_deref(), Some("passkey"));

    let elsewhere = bench.sign_in("lin").await;
    let ending = Consent {
        end_other_sessions: true,
        ..consent(PASSWORD)
    };
    passkeys
        .remove(&lin, info.id, &ending)
        .await
        .expect("removed");
    bench.by_token(&elsewhere).await.expect_err("ended");
    let done = sign_in(&bench, &mut device).await;
    is_refused(&bench, done, "unknown").await;
}

#[tokio::test]
async fn a_new_password_or_a_lost_code_leaves_them_alone() {
    let bench = Bench::with(on).await;
    let (lin, mut device, _) = holder(&bench, "lin").await;
    let services = &bench.services;
    let done = services
        .sign_in
        .change_password(&lin, PASSWORD, OTHER_PASSWORD)
        .await;
    done.expect("changed");
    sign_in(&bench, &mut device).await.expect("in");
    let reset = services.operator.reset_password("lin").await;
    reset.expect("reset");
    let issued = sign_in(&bench, &mut device).await.expect("in");
    let caller = bench.by_token(&issued).await.expect("a session");
    assert!(caller.must_change_password());
}

#[tokio::test]
async fn an_administrator_takes_lost_ones_away() {
    let bench = Bench::with(on).await;
    let (lin, mut device, _) = holder(&bench, "lin").await;
    enrol(&bench, &lin, "Second").await;
    let admin = bench.admin().await;
    enrol(&bench, &admin, "Root's").await;
    let clerk = ["system:user:reset"];
    let clerk = bench.with_permissions(&admin, "clerk", &clerk).await;
    let passkeys = &bench.services.passkeys;
    let done = passkeys.reset(&clerk, admin.id()).await;
    assert_eq!(missing(&done.expect_err("above")), ["*:*:*"]);
    let done = passkeys.reset(&clerk, clerk.id()).await;
    assert_eq!(done.expect_err("oneself").kind, Kind::Conflict);
    let done = passkeys.reset(&clerk, UserId(999)).await;
    assert_eq!(done.expect_err("nobody").kind, Kind::NotFound);
    let open = bench.sign_in("lin").await;
    assert_eq!(passkeys.reset(&admin, lin.id()).await.expect("reset"), 2);
    bench.by_token(&open).await.expect_err("ended");
    let reason = bench.revoke_reason(&open).await;
    assert_eq!(reason.as_deref(), Some("passkeys_reset"));
    let done = sign_in(&bench, &mut device).await;
    is_refused(&bench, done, "unknown").await;
    let done = passkeys.reset(&admin, lin.id()).await;
    assert_eq!(done.expect_err("none left").kind, Kind::NotFound);
    let entries = bench.audit("user.reset_passkeys").await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].detail()["passkeys"], 2);
}

#[tokio::test]
async fn req14_tries_and_challenges_are_limited_by_network() {
    let few = |s: &mut crate::Settings| {
        on(s);
        s.limits.delay_after = 3;
        s.limits.captchas_per_minute = 8;
    };
    let bench = Bench::with(few).await;
    let (_, mut device, _) = holder(&bench, "lin").await;
    let mut stranger = Device::new(RP, ORIGIN);
    for _ in 0..3 {
        let done = sign_in(&bench, &mut stranger).await;
        is_refused(&bench, done, "unknown").await;
    }
    let done = sign_in(&bench, &mut device).await;
    let Kind::TooMany { retry_after } = done.expect_err("too many").kind else {
        panic!("not too many");
    };
    assert!(retry_after >= 1);
    let passkeys = &bench.services.passkeys;
    let elsewhere = bench.from("198.51.100.1");
    let begun = passkeys.login_options(&elsewhere).await.expect("begun");
    let shown = device.get(&begun.public_key);
    let done = passkeys.enter_api(&elsewhere, &begun.ticket, &shown).await;
    done.expect("another network");
    bench.clock.forward(Duration::from_secs(60));
    sign_in(&bench, &mut device).await.expect("after the wait");

    for _ in 0..7 {
        challenge(&bench).await;
    }
    let here = bench.client();
    let error = passkeys.login_options(&here).await.expect_err("too many");
    assert!(matches!(error.kind, Kind::TooMany { .. }), "{error}");
    bench.clock.forward(Duration::from_secs(60));
    challenge(&bench).await;
}

#[tokio::test]
async fn failures_make_a_captcha_due_for_the_address() {
    let bench = Bench::with(|s| {
        on(s);
        s.captcha.mode = CaptchaMode::Adaptive;
    })
    .await;
    bench.user("lin").await;
    let mut stranger = Device::new(RP, ORIGIN);
    for _ in 0..3 {
        let done = sign_in(&bench, &mut stranger).await;
        is_refused(&bench, done, "unknown").await;
    }
    let done = bench.tries(&bench.client(), "lin", PASSWORD).await;
    assert_eq!(done.expect_err("a captcha"), Kind::CaptchaRequired);
}

#[tokio::test]
async fn what_one_node_began_another_finishes() {
    let bench = Bench::with(on).await;
    let (_, mut device, _) = holder(&bench, "lin").await;
    let (other, db) = bench.twin(on).await;
    let begun = challenge(&bench).await;
    let shown = device.get(&begun.public_key);
    let done = other
        .passkeys
        .enter_api(&bench.client(), &begun.ticket, &shown)
        .await;
    done.expect("in");
    db.close().await;
}
