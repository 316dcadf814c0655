//! What second factors must and must not do.

use super::totp::Codes;
use super::*;
use crate::access::Client;
use crate::settings::{Binding, CaptchaMode};
use crate::testing::{Bench, Entry, OTHER_PASSWORD, PASSWORD, Phones, fields, missing};
use crate::{Credentials, Issued};
use menshen_domain::PageRequest;
use menshen_domain::log::{LogFilter, LogKind};
use menshen_domain::user::UserChange;
use std::collections::BTreeSet;
use tokio::task::JoinSet;

fn never(s: &mut crate::Settings) {
    s.captcha.mode = CaptchaMode::Never;
    s.captcha.page = CaptchaMode::Never;
}

/// An authenticator app that was shown a secret.
struct App(Codes);

impl App {
    fn shown(proposal: &Proposal) -> Self {
        let secret = totp_rs::Secret::try_from_base32(&proposal.secret).expect("base32");
        Self(Codes::new(secret.as_bytes(), "somebody").expect("codes"))
    }

    /// What it shows when its clock is `steps` steps ahead of the bench's.
    fn code(&self, bench: &Bench, steps: i64) -> String {
        let now = bench.services.now();
        self.0.at(Timestamp(now.0 + steps * 30_000_000))
    }

    /// A code that it does not show for long.
    fn wrong(&self, bench: &Bench) -> String {
        let near: Vec<String> = (-2..=20).map(|n| self.code(bench, n)).collect();
        let mut all = (0..1_000_000).map(|n| format!("{n:06}"));
        all.find(|c| !near.contains(c)).expect("one of a million")
    }
}

fn consent(password: &str) -> Consent {
    Consent {
        password: password.into(),
        end_other_sessions: false,
    }
}

async fn step(bench: &Bench) {
    bench.clock.forward(Duration::from_secs(30));
}

/// Sets up a second factor for somebody signed in; gives back her app and recovery codes.
async fn set_up(bench: &Bench, caller: &Caller) -> (App, Vec<String>) {
    let factors = &bench.services.second_factor;
    let proposal = factors.enroll(caller, PASSWORD).await.expect("enroll");
    let app = App::shown(&proposal);
    let code = app.code(bench, 0);
    let recovery = factors.confirm(caller, &code, false).await;
    step(bench).await;
    (app, recovery.expect("confirm"))
}

/// Somebody with a second factor.
async fn guarded(bench: &Bench, name: &str) -> (Caller, App, Vec<String>) {
    bench.user(name).await;
    let caller = bench.caller(name).await;
    let (app, recovery) = set_up(bench, &caller).await;
    (caller, app, recovery)
}

async fn half(bench: &Bench, client: &Client, name: &str) -> String {
    match bench.tries(client, name, PASSWORD).await {
        Err(Kind::OtpRequired { ticket }) => ticket,
        other => panic!("no ticket: {other:?}"),
    }
}

async fn finish(bench: &Bench, client: &Client, ticket: &str, code: &str) -> Result<Issued> {
    let sign_in = &bench.services.sign_in;
    sign_in.finish_by_api(client, ticket, code).await
}

/// Signs in with password and code in one go.
async fn with_code(bench: &Bench, client: &Client, name: &str, code: &str) -> Result<Issued> {
    let credentials = Credentials {
        otp: Some(code.to_owned()),
        ..bench.credentials(name, PASSWORD)
    };
    bench.services.sign_in.by_api(client, credentials).await
}

#[track_caller]
fn is_wrong_code(done: Result<Issued>) {
    let error = done.expect_err("a wrong code");
    assert_eq!(error.kind, Kind::Credentials, "{error}");
    assert_eq!(fields(&error), ["code"]);
}

#[track_caller]
fn is_over(done: Result<Issued>) {
    let error = done.expect_err("no ticket any more");
    assert_eq!(error.kind, Kind::Credentials, "{error}");
    assert_eq!(fields(&error), ["otpTicket"]);
}

/// What becomes of `count` people who hold tickets and show codes at once: none for who got in.
async fn parallel(
    bench: &Bench,
    count: u8,
    ip: impl Fn(u8) -> String,
    code: impl Fn() -> String,
) -> Vec<Option<Kind>> {
    let mut ready = Vec::new();
    for n in 0..count {
        let client = bench.from(&ip(n));
        let ticket = half(bench, &client, "lin").await;
        ready.push((client, ticket));
    }
    let mut running = JoinSet::new();
    for (client, ticket) in ready {
        let (services, code) = (bench.services.clone(), code());
        running.spawn(async move {
            let sign_in = &services.sign_in;
            let done = sign_in.finish_by_api(&client, &ticket, &code).await;
            done.err().map(|e| e.kind)
        });
    }
    running.join_all().await
}

async fn texts(bench: &Bench, query: &'static str) -> Vec<String> {
    let mut conn = bench.db.read().await.expect("conn");
    let rows: Vec<(String,)> = sqlx::query_as(query)
        .fetch_all(&mut *conn)
        .await
        .expect("query");
    rows.into_iter().map(|r| r.0).collect()
}

mod setting_up {
    use super::*;

    #[tokio::test]
    async fn a_secret_comes_into_force_with_its_first_code() {
        let bench = Bench::with(never).await;
        let id = bench.user("lin").await;
        let caller = bench.caller("lin").await;
        let factors = &bench.services.second_factor;
        let none = Standing {
            confirmed_at: None,
            recovery_left: 0,
            has_password: true,
        };
        assert_eq!(factors.standing(&caller).await.expect("standing"), none);

        let proposal = factors.enroll(&caller, PASSWORD).await.expect("enroll");
        assert!(proposal.uri.starts_with("otpauth://totp/Menshen:lin?"));
        assert!(proposal.uri.contains("issuer=Menshen"));
        assert!(proposal.uri.contains(&proposal.secret));
        assert!(proposal.qr.starts_with("data:image/svg+xml;base64,"));
        assert_eq!(factors.standing(&caller).await.expect("standing"), none);
        assert!(!factors.otp_enabled(id).await.expect("query"));
        bench.sign_in("lin").await;

        let app = App::shown(&proposal);
        let wrong = app.wrong(&bench);
        let error = factors
            .confirm(&caller, &wrong, false)
            .await
            .expect_err("wrong");
        assert_eq!(error.kind, Kind::Invalid);
        assert_eq!(fields(&error), ["code"]);
        bench.sign_in("lin").await;

        let code = app.code(&bench, 0);
        let codes = factors.confirm(&caller, &code, false).await.expect("right");
        assert_eq!(codes.len(), 10);
        assert!(factors.otp_enabled(id).await.expect("query"));
        let standing = factors.standing(&caller).await.expect("standing");
        assert_eq!(standing.confirmed_at, Some(bench.services.now()));
        assert_eq!(standing.recovery_left, 10);
        half(&bench, &bench.client(), "lin").await;
        let error = factors.confirm(&caller, &code, false).await;
        assert_eq!(error.expect_err("once").kind, Kind::Conflict);
    }

    #[tokio::test]
    async fn a_proposal_waits_for_fifteen_minutes() {
        let bench = Bench::with(never).await;
        bench.user("lin").await;
        let caller = bench.caller("lin").await;
        let factors = &bench.services.second_factor;
        let error = factors.confirm(&caller, "000000", false).await;
        assert_eq!(error.expect_err("nothing yet").kind, Kind::Conflict);
        let first = factors.enroll(&caller, PASSWORD).await.expect("enroll");
        let second = factors.enroll(&caller, PASSWORD).await.expect("enroll");
        assert_ne!(first.secret, second.secret);
        let code = App::shown(&first).code(&bench, 0);
        let error = factors.confirm(&caller, &code, false).await;
        assert_eq!(error.expect_err("the newest counts").kind, Kind::Invalid);

        bench.clock.forward(PROPOSAL);
        let code = App::shown(&second).code(&bench, 0);
        let error = factors.confirm(&caller, &code, false).await;
        assert_eq!(error.expect_err("too late").kind, Kind::Conflict);
        bench.clock.forward(Duration::from_secs(1));
        bench.services.sweep().await.expect("sweep");
        let left = texts(&bench, "SELECT kind FROM second_factor").await;
        assert!(left.is_empty(), "{left:?}");
    }

    #[tokio::test]
    async fn a_new_app_takes_over_with_its_first_code() {
        let bench = Bench::with(never).await;
        let (caller, old, old_recovery) = guarded(&bench, "lin").await;
        let factors = &bench.services.second_factor;
        let here = bench.client();
        let proposal = factors.enroll(&caller, PASSWORD).await.expect("enroll");
        let new = App::shown(&proposal);
        is_wrong_code(with_code(&bench, &here, "lin", &new.code(&bench, 0)).await);
        let done = with_code(&bench, &here, "lin", &old.code(&bench, 0)).await;
        done.expect("the old one goes on");
        let ticket = half(&bench, &here, "lin").await;

        let code = new.code(&bench, 0);
        factors.confirm(&caller, &code, false).await.expect("right");
        step(&bench).await;
        is_over(finish(&bench, &here, &ticket, &new.code(&bench, 0)).await);
        is_wrong_code(with_code(&bench, &here, "lin", &old.code(&bench, 0)).await);
        is_wrong_code(with_code(&bench, &here, "lin", &old_recovery[0]).await);
        let done = with_code(&bench, &here, "lin", &new.code(&bench, 0)).await;
        done.expect("the new one");
    }

    #[tokio::test]
    async fn req24_every_change_needs_the_password() {
        let bench = Bench::with(never).await;
        let (caller, _, _) = guarded(&bench, "lin").await;
        let factors = &bench.services.second_factor;
        for wrong in ["", "not the password", OTHER_PASSWORD] {
            let asked = consent(wrong);
            for error in [
                factors.enroll(&caller, wrong).await.expect_err("wrong"),
                factors
                    .renew_recovery_codes(&caller, &asked)
                    .await
                    .expect_err("wrong"),
                factors.disable(&caller, &asked).await.expect_err("wrong"),
            ] {
                assert_eq!(error.kind, Kind::Invalid);
                assert_eq!(fields(&error), ["password"]);
            }
        }
        for action in ["otp.enroll", "otp.renew_recovery_codes", "otp.disable"] {
            let entries = bench.audit(action).await;
            let refused: Vec<_> = entries.iter().filter(|e| e.success == 0).collect();
            // An empty one is not looked at.
            assert_eq!(refused.len(), 2, "{action}");
            assert_eq!(refused[0].detail()["reason"], "password");
        }
        half(&bench, &bench.client(), "lin").await;
        let done = factors.disable(&caller, &consent(PASSWORD)).await;
        done.expect("right");
        bench.sign_in("lin").await;
        let error = factors.disable(&caller, &consent(PASSWORD)).await;
        assert_eq!(error.expect_err("once").kind, Kind::NotFound);
        let error = factors
            .renew_recovery_codes(&caller, &consent(PASSWORD))
            .await;
        assert_eq!(error.expect_err("off").kind, Kind::NotFound);
        let left = texts(
            &bench,
            "SELECT kind FROM second_factor UNION ALL SELECT 'recovery' FROM recovery_code",
        )
        .await;
        assert!(left.is_empty(), "{left:?}");
    }

    #[tokio::test]
    async fn req24_a_change_ends_the_other_sessions_if_wanted() {
        let bench = Bench::with(never).await;
        bench.user("lin").await;
        let factors = &bench.services.second_factor;
        let ended = async |issued: &Issued| bench.by_token(issued).await.is_err();
        let (own, other) = (bench.sign_in("lin").await, bench.sign_in("lin").await);
        let caller = bench.by_token(&own).await.expect("caller");
        let (_, _) = set_up(&bench, &caller).await;
        assert!(!ended(&other).await, "not asked for");

        let proposal = factors.enroll(&caller, PASSWORD).await.expect("enroll");
        let app = App::shown(&proposal);
        let code = app.code(&bench, 0);
        factors.confirm(&caller, &code, true).await.expect("right");
        assert!(ended(&other).await && !ended(&own).await);
        let reason = bench.revoke_reason(&other).await;
        assert_eq!(reason.as_deref(), Some("otp_changed"));

        for change in ["renew", "disable"] {
            step(&bench).await;
            let code = app.code(&bench, 0);
            let other = with_code(&bench, &bench.client(), "lin", &code).await;
            let other = other.expect("sign in");
            let asked = Consent {
                end_other_sessions: true,
                ..consent(PASSWORD)
            };
            match change {
                "renew" => {
                    let done = factors.renew_recovery_codes(&caller, &asked).await;
                    done.expect("renew");
                }
                _ => factors.disable(&caller, &asked).await.expect("disable"),
            }
            assert!(ended(&other).await && !ended(&own).await, "{change}");
        }
    }

    #[tokio::test]
    async fn req15_neither_password_nor_code_can_be_guessed_here() {
        let bench = Bench::with(|s| {
            never(s);
            s.limits.delay_after = 3;
        })
        .await;
        bench.user("lin").await;
        let caller = bench.caller("lin").await;
        let factors = &bench.services.second_factor;
        let proposal = factors.enroll(&caller, PASSWORD).await.expect("enroll");
        let app = App::shown(&proposal);
        for _ in 0..3 {
            let wrong = app.wrong(&bench);
            let error = factors.confirm(&caller, &wrong, false).await;
            assert_eq!(error.expect_err("wrong").kind, Kind::Invalid);
        }
        let code = app.code(&bench, 0);
        let error = factors.confirm(&caller, &code, false).await;
        let kind = error.expect_err("too many").kind;
        assert_eq!(kind, Kind::TooMany { retry_after: 1 });
        bench.clock.forward(Duration::from_secs(1));
        let done = factors.confirm(&caller, &code, false).await;
        done.expect("after the wait");

        for _ in 0..3 {
            let error = factors.disable(&caller, &consent("wrong")).await;
            assert_eq!(error.expect_err("wrong").kind, Kind::Invalid);
        }
        let error = factors.disable(&caller, &consent(PASSWORD)).await;
        let kind = error.expect_err("too many").kind;
        assert_eq!(kind, Kind::TooMany { retry_after: 1 });
    }

    #[tokio::test]
    async fn req21_seeds_are_random_long_and_sealed() {
        let bench = Bench::with(never).await;
        let (lin, app, _) = guarded(&bench, "lin").await;
        let (han, _, _) = guarded(&bench, "han").await;
        let mut conn = bench.db.read().await.expect("conn");
        let mut sealed = Vec::new();
        for caller in [&lin, &han] {
            let row = second_factors::confirmed(&mut conn, caller.id()).await;
            sealed.push(row.expect("query").expect("there").secret_sealed);
        }
        drop(conn);
        let secrets = &bench.services.core.secrets;
        let opened = secrets.open(&sealed_for(lin.id()), &sealed[0]);
        let opened = opened.expect("opens");
        assert_eq!(opened.len() * 8, 160);
        assert_eq!(
            Codes::new(&opened, "lin").expect("codes").secret(),
            app.0.secret()
        );
        assert!(!sealed[0].windows(8).any(|w| w == &opened[..8]));
        // Put into another's row it opens nothing.
        assert!(secrets.open(&sealed_for(han.id()), &sealed[0]).is_err());
        let other = secrets.open(&sealed_for(han.id()), &sealed[1]);
        assert_ne!(other.expect("opens"), opened);
    }

    #[tokio::test]
    async fn req52_changes_are_audited_and_no_secret_is() {
        let bench = Bench::with(never).await;
        let (caller, app, recovery) = guarded(&bench, "lin").await;
        let here = bench.client();
        let code = app.code(&bench, 0);
        is_wrong_code(with_code(&bench, &here, "lin", &app.wrong(&bench)).await);
        let ticket = half(&bench, &here, "lin").await;
        finish(&bench, &here, &ticket, &code).await.expect("code");
        let done = with_code(&bench, &here, "lin", &recovery[0]).await;
        done.expect("recovery code");
        let factors = &bench.services.second_factor;
        let asked = consent(PASSWORD);
        let renewed = factors.renew_recovery_codes(&caller, &asked).await;
        let renewed = renewed.expect("renew");
        factors.disable(&caller, &asked).await.expect("disable");
        for action in [
            "otp.enroll",
            "otp.confirm",
            "otp.renew_recovery_codes",
            "otp.disable",
        ] {
            let entries = bench.audit(action).await;
            assert_eq!(entries.len(), 1, "{action}");
            assert_eq!(entries[0].kind, "operation");
            assert_eq!(entries[0].success, 1);
            assert_eq!(entries[0].actor_id, Some(caller.id().0));
            assert_eq!(entries[0].target_id, Some(caller.id().to_string()));
        }
        assert_eq!(bench.audit("sign_in.otp_due").await.len(), 1);
        let used = bench.audit("otp.use_recovery_code").await;
        assert_eq!(used[0].detail()["left"], 9);
        let sign_ins = bench.audit("sign_in").await;
        let failed: Vec<_> = sign_ins.iter().filter(|e| e.success == 0).collect();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].detail()["reason"], "otp");
        assert_eq!(failed[0].actor_id, Some(caller.id().0));
        let all = bench.whole_audit().await;
        let secret = app.0.secret();
        for secret in [&secret, &code, &ticket, &recovery[0], &renewed[0]] {
            assert!(!all.contains(secret.as_str()), "{secret}");
        }
    }
}

mod signing_in {
    use super::*;

    #[tokio::test]
    async fn req25_half_a_login_opens_nothing() {
        let bench = Bench::with(never).await;
        let (caller, app, _) = guarded(&bench, "lin").await;
        let here = bench.client();
        let sessions = async || texts(&bench, "SELECT id FROM session").await.len();
        let before = sessions().await;
        let ticket = half(&bench, &here, "lin").await;
        assert_eq!(sessions().await, before, "no session");
        let services = &bench.services;
        let (id, secret) = ticket.split_once('.').expect("two halves");
        for token in [ticket.as_str(), id, secret] {
            let done = services.access.by_token(token, here.clone()).await;
            assert_eq!(done.expect_err("no token").kind, Kind::Token);
            let done = services.sessions.renew(token, &here).await;
            assert_eq!(done.expect_err("no token").kind, Kind::Token);
            let session = menshen_domain::SessionId(token.to_owned());
            let done = services.access.by_session(&session, here.clone()).await;
            assert_eq!(done.expect_err("no session").kind, Kind::Token);
        }
        // Nor is it kept as it is.
        let kept = texts(&bench, "SELECT id || ' ' || data FROM one_time_code").await;
        assert!(kept.iter().all(|row| !row.contains(secret)), "{kept:?}");
        for code in ["", " ", "000", secret, &app.wrong(&bench)] {
            is_wrong_code(finish(&bench, &here, &ticket, code).await);
        }
        assert_eq!(sessions().await, before);

        let ticket = half(&bench, &here, "lin").await;
        let code = app.code(&bench, 0);
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        let issued = finish(&bench, &here, &ticket, &spaced).await;
        let issued = issued.expect("password and code");
        assert_eq!(issued.user_id, caller.id());
        bench.by_token(&issued).await.expect("a session");
        assert_eq!(sessions().await, before + 1);
    }

    /// Half a login by a code sent to a phone.
    async fn half_by_phone(bench: &Bench, phones: &Phones) -> String {
        const PHONE: &str = "15578906770";
        bench.clock.forward(Duration::from_secs(61));
        let codes = &bench.services.codes;
        let asking = bench.from("192.0.2.9");
        let sent = codes.send_for_sign_in(&asking, PHONE, None, None).await;
        sent.expect("sent");
        let credentials = bench.credentials(PHONE, &phones.last(PHONE));
        let sign_in = &bench.services.sign_in;
        let done = sign_in.by_phone(&bench.client(), credentials).await;
        match done.expect_err("a code is due").kind {
            Kind::OtpRequired { ticket } => ticket,
            other => panic!("no ticket: {other:?}"),
        }
    }

    #[tokio::test]
    async fn the_log_tells_the_first_factor_and_that_there_was_a_second() {
        let (bench, phones) = Bench::with_phones(never).await;
        let admin = bench.admin().await;
        let (caller, app, _) = guarded(&bench, "lin").await;
        let mut tx = bench.db.begin().await.expect("begin");
        sqlx::query(
            "UPDATE user_account SET phone = '15578906770', phone_verified = 1 WHERE id = $1",
        )
        .bind(caller.id().0)
        .execute(&mut *tx)
        .await
        .expect("proved");
        tx.commit().await.expect("commit");
        let before = bench.audit("sign_in").await.len();
        let here = bench.client();

        let ticket = half_by_phone(&bench, &phones).await;
        is_wrong_code(finish(&bench, &here, &ticket, &app.wrong(&bench)).await);
        let done = finish(&bench, &here, &ticket, &app.code(&bench, 0)).await;
        done.expect("both factors");
        let ticket = half_by_phone(&bench, &phones).await;
        is_over(finish(&bench, &bench.from("192.0.2.7"), &ticket, "1").await);
        let ticket = half(&bench, &here, "lin").await;
        let done = finish(&bench, &here, &ticket, &app.code(&bench, 0)).await;
        done.expect("both factors");
        step(&bench).await;
        let done = with_code(&bench, &here, "lin", &app.code(&bench, 0)).await;
        done.expect("both at once");

        let entries = bench.audit("sign_in").await;
        let told: Vec<_> = entries[before..].iter().map(Entry::detail).collect();
        let both = serde_json::json!({ "secondFactor": true });
        assert_eq!(
            told,
            [
                serde_json::json!({ "reason": "otp", "method": "sms" }),
                serde_json::json!({ "method": "sms", "secondFactor": true }),
                serde_json::json!({ "reason": "otp_ticket", "method": "sms" }),
                both.clone(),
                both,
            ]
        );
        let due = bench.audit("sign_in.otp_due").await;
        assert_eq!(due[0].detail()["method"], "sms");
        // Filtered by its method are sign-ins, and no halves of them.
        let filter = LogFilter {
            method: Some("sms".into()),
            ..LogFilter::default()
        };
        let page = PageRequest::default();
        let logs = &bench.services.logs;
        let found = logs.list(&admin, LogKind::Login, &filter, page).await;
        assert_eq!(found.expect("found").total, 3);
    }

    /// Whoever signs in without a code while codes come into force is out with the others, or is
    /// asked for one.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn req24_sign_ins_meanwhile_do_without_no_code() {
        for bench in [Bench::with(never).await, Bench::postgres(never).await] {
            for round in 0..10_u64 {
                let name = format!("lin{round}");
                bench.user(&name).await;
                let caller = bench.caller(&name).await;
                let factors = &bench.services.second_factor;
                let proposal = factors.enroll(&caller, PASSWORD).await.expect("enroll");
                let code = App::shown(&proposal).code(&bench, 0);
                let mut running = JoinSet::new();
                for _ in 0..3 {
                    let (services, client) = (bench.services.clone(), bench.client());
                    let right = bench.credentials(&name, PASSWORD);
                    running.spawn(async move { services.sign_in.by_api(&client, right).await });
                }
                tokio::time::sleep(Duration::from_millis(2 * round)).await;
                let done = factors.confirm(&caller, &code, true).await;
                done.expect("in force");
                for done in running.join_all().await {
                    match done {
                        Ok(issued) => {
                            let opens = bench.by_token(&issued).await;
                            assert!(opens.is_err(), "round {round}");
                        }
                        Err(error) => {
                            let due = matches!(error.kind, Kind::OtpRequired { .. });
                            assert!(due, "{error}");
                        }
                    }
                }
            }
            if bench.db.backend() == menshen_storage::Backend::Postgres {
                bench.drop_database().await;
            }
        }
    }

    #[tokio::test]
    async fn codes_do_not_wait_for_administrators() {
        let bench = Bench::postgres(never).await;
        let (_, app, _) = guarded(&bench, "lin").await;
        let mut import = bench.db.begin().await.expect("begin");
        import.serialise().await.expect("held");
        let done = tokio::time::timeout(Duration::from_mins(1), async {
            let here = bench.client();
            let ticket = half(&bench, &here, "lin").await;
            is_wrong_code(finish(&bench, &here, &ticket, &app.wrong(&bench)).await);
            finish(&bench, &here, &ticket, &app.code(&bench, 0)).await
        });
        let done = done.await.expect("nothing to wait for");
        done.expect("both factors");
        drop(import);
        bench.drop_database().await;
    }

    /// A node of an older version keeps no way of signing in with a ticket.
    #[tokio::test]
    async fn an_older_nodes_ticket_is_good() {
        let bench = Bench::with(never).await;
        let (_, app, _) = guarded(&bench, "lin").await;
        let here = bench.client();
        let ticket = half(&bench, &here, "lin").await;
        let kept = texts(&bench, "SELECT data FROM one_time_code").await;
        let mut data: serde_json::Value = serde_json::from_str(&kept[0]).expect("JSON");
        let object = data.as_object_mut().expect("an object");
        object.remove("method").expect("there");
        let mut tx = bench.db.begin().await.expect("begin");
        sqlx::query("UPDATE one_time_code SET data = $1")
            .bind(data.to_string())
            .execute(&mut *tx)
            .await
            .expect("aged");
        tx.commit().await.expect("commit");
        let done = finish(&bench, &here, &ticket, &app.code(&bench, 0)).await;
        done.expect("good");
    }

    #[tokio::test]
    async fn a_page_asks_for_the_code_too() {
        let bench = Bench::with(never).await;
        let (caller, app, _) = guarded(&bench, "lin").await;
        let here = bench.client();
        let sign_in = &bench.services.sign_in;
        let done = sign_in
            .by_page(&here, bench.credentials("lin", PASSWORD))
            .await;
        let Kind::OtpRequired { ticket } = done.expect_err("a code is due").kind else {
            panic!("no ticket");
        };
        let wrong = app.wrong(&bench);
        let done = sign_in.finish_by_page(&here, &ticket, &wrong).await;
        assert_eq!(done.expect_err("wrong").kind, Kind::Credentials);
        let code = app.code(&bench, 0);
        let opened = sign_in.finish_by_page(&here, &ticket, &code).await;
        let opened = opened.expect("password and code");
        let access = &bench.services.access;
        let inside = access.by_session(&opened.session_id, here.clone()).await;
        let inside = inside.expect("a session");
        assert_eq!(inside.id(), caller.id());
        assert!(inside.is_browser());
    }

    #[tokio::test]
    async fn req18_a_ticket_is_good_once_for_five_minutes_and_five_tries() {
        let bench = Bench::with(never).await;
        let (_, app, _) = guarded(&bench, "lin").await;
        let here = bench.client();
        let ticket = half(&bench, &here, "lin").await;
        let done = finish(&bench, &here, &ticket, &app.code(&bench, 0)).await;
        done.expect("right");
        step(&bench).await;
        is_over(finish(&bench, &here, &ticket, &app.code(&bench, 0)).await);

        let ticket = half(&bench, &here, "lin").await;
        for _ in 0..5 {
            is_wrong_code(finish(&bench, &here, &ticket, &app.wrong(&bench)).await);
        }
        is_over(finish(&bench, &here, &ticket, &app.code(&bench, 0)).await);

        let ticket = half(&bench, &here, "lin").await;
        bench.clock.forward(Duration::from_secs(299));
        is_wrong_code(finish(&bench, &here, &ticket, &app.wrong(&bench)).await);
        bench.clock.forward(Duration::from_secs(1));
        is_over(finish(&bench, &here, &ticket, &app.code(&bench, 0)).await);
        bench.services.sweep().await.expect("sweep");
        let left = texts(&bench, "SELECT id FROM one_time_code").await;
        assert!(left.is_empty(), "{left:?}");

        for odd in ["", ".", "x", "x.y", "\0.\0", &"9".repeat(10_000)] {
            is_over(finish(&bench, &here, odd, &app.code(&bench, 0)).await);
        }
    }

    #[tokio::test]
    async fn req18_a_ticket_is_bound_to_its_client_and_secret() {
        let bench = Bench::with(never).await;
        let (_, app, _) = guarded(&bench, "lin").await;
        let here = bench.client();
        let ticket = half(&bench, &here, "lin").await;
        let other_agent = Client {
            user_agent: "another".into(),
            ..here.clone()
        };
        let code = app.code(&bench, 0);
        is_over(finish(&bench, &bench.from("192.0.2.9"), &ticket, &code).await);
        is_over(finish(&bench, &other_agent, &ticket, &code).await);
        let (id, secret) = ticket.split_once('.').expect("two halves");
        let mut forged = secret.to_owned();
        let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
        forged.push(last);
        is_over(finish(&bench, &here, &format!("{id}.{forged}"), &code).await);
        is_over(finish(&bench, &here, &format!("{id}."), &code).await);
        let entries = bench.audit("sign_in").await;
        let reason = &entries.last().expect("an entry").detail()["reason"];
        assert_eq!(reason, "otp_ticket");
        // Whoever tries in vain uses up its tries; none of them spends the code.
        finish(&bench, &here, &ticket, &code).await.expect("right");
    }

    #[tokio::test]
    async fn a_ticket_is_bound_no_closer_than_a_session() {
        let home = ("192.0.2.1", "tests");
        let moved = ("198.51.100.1", "tests");
        let other = ("192.0.2.1", "curl/8");
        let all = [home, moved, other];
        for (binding, passing) in [
            (Binding::UaIp, vec![home]),
            (Binding::Ua, vec![home, moved]),
            (Binding::None, all.to_vec()),
        ] {
            for (ip, agent) in all {
                let bench = Bench::with(|s| {
                    never(s);
                    s.session.binding = binding;
                })
                .await;
                let (_, app, _) = guarded(&bench, "lin").await;
                let client = |(ip, agent): (&str, &str)| Client {
                    ip: ip.into(),
                    user_agent: agent.into(),
                    ..Client::default()
                };
                let ticket = half(&bench, &client(home), "lin").await;
                let code = app.code(&bench, 0);
                let done = finish(&bench, &client((ip, agent)), &ticket, &code).await;
                if passing.contains(&(ip, agent)) {
                    done.unwrap_or_else(|e| panic!("{binding:?}, {ip}, {agent}: {e:?}"));
                } else {
                    is_over(done);
                }
            }
        }
    }

    #[tokio::test]
    async fn req25_a_ticket_ends_with_what_it_stands_on() {
        let bench = Bench::with(never).await;
        let admin = bench.admin().await;
        let users = &bench.services.users;
        let here = bench.client();

        let (lin, app, _) = guarded(&bench, "lin").await;
        let ticket = half(&bench, &here, "lin").await;
        let change = UserChange {
            status: Some(menshen_domain::role::Status::Disabled),
            ..UserChange::default()
        };
        users.update(&admin, lin.id(), change).await.expect("off");
        is_over(finish(&bench, &here, &ticket, &app.code(&bench, 0)).await);

        let (han, app, _) = guarded(&bench, "han").await;
        let ticket = half(&bench, &here, "han").await;
        let sign_in = &bench.services.sign_in;
        let done = sign_in
            .change_password(&han, PASSWORD, OTHER_PASSWORD)
            .await;
        done.expect("change");
        is_over(finish(&bench, &here, &ticket, &app.code(&bench, 0)).await);

        let (mei, app, _) = guarded(&bench, "mei").await;
        let ticket = half(&bench, &here, "mei").await;
        let factors = &bench.services.second_factor;
        factors.reset(&admin, mei.id()).await.expect("reset");
        is_over(finish(&bench, &here, &ticket, &app.code(&bench, 0)).await);

        let (wei, app, _) = guarded(&bench, "wei").await;
        let ticket = half(&bench, &here, "wei").await;
        users.delete(&admin, wei.id()).await.expect("delete");
        is_over(finish(&bench, &here, &ticket, &app.code(&bench, 0)).await);
    }

    #[tokio::test]
    async fn req20_a_code_is_good_once_and_none_before_it() {
        let bench = Bench::with(never).await;
        bench.user("lin").await;
        let caller = bench.caller("lin").await;
        let factors = &bench.services.second_factor;
        let proposal = factors.enroll(&caller, PASSWORD).await.expect("enroll");
        let app = App::shown(&proposal);
        let here = bench.client();
        let first = app.code(&bench, 0);
        factors
            .confirm(&caller, &first, false)
            .await
            .expect("right");
        is_wrong_code(with_code(&bench, &here, "lin", &first).await);

        let ahead = app.code(&bench, 1);
        let done = with_code(&bench, &here, "lin", &ahead).await;
        done.expect("a clock one step ahead");
        is_wrong_code(with_code(&bench, &here, "lin", &ahead).await);
        step(&bench).await;
        is_wrong_code(with_code(&bench, &here, "lin", &ahead).await);
        step(&bench).await;
        step(&bench).await;
        is_wrong_code(with_code(&bench, &here, "lin", &app.code(&bench, -2)).await);
        is_wrong_code(with_code(&bench, &here, "lin", &app.code(&bench, 2)).await);
        let done = with_code(&bench, &here, "lin", &app.code(&bench, -1)).await;
        done.expect("a clock one step behind");
        let done = with_code(&bench, &here, "lin", &app.code(&bench, 0)).await;
        done.expect("the present one");
        is_wrong_code(with_code(&bench, &here, "lin", &app.code(&bench, -1)).await);
    }

    /// How many of 20 who show one code at once get in.
    async fn at_once(bench: &Bench, code: &str) -> usize {
        let code = code.to_owned();
        let kinds = parallel(
            bench,
            20,
            |n| format!("198.51.100.{n}"),
            move || code.clone(),
        )
        .await;
        kinds.iter().filter(|k| k.is_none()).count()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn req20_req22_a_code_lets_one_of_many_in() {
        for bench in [Bench::with(never).await, Bench::postgres(never).await] {
            let (_, app, recovery) = guarded(&bench, "lin").await;
            let code = app.code(&bench, 0);
            assert_eq!(at_once(&bench, &code).await, 1, "a code of the app");
            assert_eq!(at_once(&bench, &recovery[3]).await, 1, "a recovery code");
            if bench.db.backend() == menshen_storage::Backend::Postgres {
                bench.drop_database().await;
            }
        }
    }

    #[tokio::test]
    async fn req22_recovery_codes_are_good_once_and_kept_hashed() {
        let bench = Bench::with(never).await;
        let (caller, _, codes) = guarded(&bench, "lin").await;
        let (_, _, others) = guarded(&bench, "han").await;
        let here = bench.client();
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 10);
        for code in &codes {
            let digits: String = code.split('-').collect();
            assert_eq!(digits.len(), 12, "{code}");
            assert!(digits.bytes().all(|b| b.is_ascii_digit()), "{code}");
        }
        let mut conn = bench.db.read().await.expect("conn");
        let kept: Vec<(Vec<u8>,)> = sqlx::query_as("SELECT code_hash FROM recovery_code")
            .fetch_all(&mut *conn)
            .await
            .expect("query");
        drop(conn);
        let digits = codes[0].replace('-', "");
        let plain = crate::secrets::sha256(digits.as_bytes());
        for (hash,) in &kept {
            assert_eq!(hash.len(), 32);
            assert_ne!(
                hash.as_slice(),
                plain.as_slice(),
                "without a key it is guessed"
            );
        }

        is_wrong_code(with_code(&bench, &here, "lin", &others[0]).await);
        let done = with_code(&bench, &here, "lin", &codes[0]).await;
        done.expect("as it was shown");
        is_wrong_code(with_code(&bench, &here, "lin", &codes[0]).await);
        let ticket = half(&bench, &here, "lin").await;
        let bare = codes[1].replace('-', "");
        let done = finish(&bench, &here, &ticket, &bare).await;
        done.expect("without dashes");
        let factors = &bench.services.second_factor;
        let standing = factors.standing(&caller).await.expect("standing");
        assert_eq!(standing.recovery_left, 8);

        let asked = consent(PASSWORD);
        let renewed = factors.renew_recovery_codes(&caller, &asked).await;
        let renewed = renewed.expect("renew");
        assert_eq!(renewed.len(), 10);
        is_wrong_code(with_code(&bench, &here, "lin", &codes[2]).await);
        let done = with_code(&bench, &here, "lin", &renewed[9]).await;
        done.expect("a new one");
        let standing = factors.standing(&caller).await.expect("standing");
        assert_eq!(standing.recovery_left, 9);
    }
}

mod guessing {
    use super::*;

    #[tokio::test]
    async fn req15_a_right_password_resets_nothing_while_a_code_is_due() {
        let bench = Bench::sqlite().await;
        let (_, app, _) = guarded(&bench, "lin").await;
        let here = bench.from("198.51.100.7");
        for _ in 0..2 {
            bench.guess(&here, "lin").await;
        }
        for _ in 0..5 {
            // It does not count either: nobody gets a captcha for being slow with the code.
            half(&bench, &here, "lin").await;
        }
        assert_eq!(bench.guess(&here, "lin").await, Kind::Credentials);
        let done = bench.tries(&here, "lin", PASSWORD).await;
        assert_eq!(done.expect_err("three"), Kind::CaptchaRequired);

        let solved = bench.solved("lin", PASSWORD).await;
        let done = bench.services.sign_in.by_api(&here, solved).await;
        let Kind::OtpRequired { ticket } = done.expect_err("a code is due").kind else {
            panic!("no ticket");
        };
        let elsewhere = bench.from("198.51.100.8");
        let done = bench.tries(&elsewhere, "lin", PASSWORD).await;
        assert_eq!(done.expect_err("still"), Kind::CaptchaRequired);
        let done = finish(&bench, &here, &ticket, &app.code(&bench, 0)).await;
        done.expect("password and code");
        half(&bench, &elsewhere, "lin").await;
    }

    #[tokio::test]
    async fn req15_a_wrong_code_counts_like_a_wrong_password() {
        let bench = Bench::sqlite().await;
        let (_, app, _) = guarded(&bench, "lin").await;
        let here = bench.from("198.51.100.7");
        let ticket = half(&bench, &here, "lin").await;
        is_wrong_code(finish(&bench, &here, &ticket, &app.wrong(&bench)).await);
        is_wrong_code(finish(&bench, &here, &ticket, &app.wrong(&bench)).await);
        is_wrong_code(with_code(&bench, &here, "lin", &app.wrong(&bench)).await);
        for client in [&here, &bench.from("198.51.100.8")] {
            let done = bench.tries(client, "lin", PASSWORD).await;
            assert_eq!(done.expect_err("for the name"), Kind::CaptchaRequired);
        }
        let done = bench.tries(&here, "han", PASSWORD).await;
        assert_eq!(done.expect_err("for the address"), Kind::CaptchaRequired);
    }

    #[tokio::test]
    async fn req10_codes_must_wait_after_many_failures() {
        let bench = Bench::with(|s| {
            never(s);
            s.limits.delay_after = 4;
        })
        .await;
        let (_, app, _) = guarded(&bench, "lin").await;
        let (here, elsewhere) = (bench.from("198.51.100.7"), bench.from("198.51.100.8"));
        for _ in 0..4 {
            // A fresh ticket and a right password each time: they wash nothing clean.
            let ticket = half(&bench, &here, "lin").await;
            is_wrong_code(finish(&bench, &here, &ticket, &app.wrong(&bench)).await);
            bench.clock.forward(Duration::from_secs(1));
        }
        bench.clock.forward(Duration::from_secs(1));
        let ticket = half(&bench, &here, "lin").await;
        for wait in [1, 2, 4] {
            is_wrong_code(finish(&bench, &here, &ticket, &app.wrong(&bench)).await);
            let error = finish(&bench, &here, &ticket, &app.code(&bench, 0)).await;
            let kind = error.expect_err("not looked at").kind;
            let Kind::TooMany { retry_after } = kind else {
                panic!("no delay: {kind:?}");
            };
            assert_eq!(retry_after, wait * 2);
            bench.clock.forward(Duration::from_secs(retry_after));
        }
        // What was not looked at used up no try.
        let done = finish(&bench, &here, &ticket, &app.code(&bench, 0)).await;
        done.expect("after the wait");
        step(&bench).await;
        let ticket = half(&bench, &elsewhere, "lin").await;
        let done = finish(&bench, &elsewhere, &ticket, &app.code(&bench, 0)).await;
        done.expect("another address does not wait");
    }

    async fn looked_at(bench: &Bench, app: &App, ip: impl Fn(u8) -> String) -> usize {
        let wrong = app.wrong(bench);
        let kinds = parallel(bench, 40, ip, move || wrong.clone()).await;
        for kind in &kinds {
            assert!(
                matches!(kind, Some(Kind::Credentials | Kind::TooMany { .. })),
                "{kind:?}"
            );
        }
        let seen = |k: &&Option<Kind>| **k == Some(Kind::Credentials);
        kinds.iter().filter(seen).count()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn req15_parallel_codes_cannot_pass_the_counter() {
        let slow = |s: &mut crate::Settings| {
            never(s);
            s.limits.delay_after = 5;
            s.limits.name_failures = 8;
        };
        for bench in [Bench::with(slow).await, Bench::postgres(slow).await] {
            let (_, app, _) = guarded(&bench, "lin").await;
            let seen = looked_at(&bench, &app, |_| "198.51.100.1".into()).await;
            assert_eq!(seen, 5, "from one address");
            bench.clock.forward(Duration::from_hours(25));
            let seen = looked_at(&bench, &app, |n| format!("198.51.100.{n}")).await;
            assert_eq!(seen, 8, "from anywhere");
            if bench.db.backend() == menshen_storage::Backend::Postgres {
                bench.drop_database().await;
            }
        }
    }
}

mod resetting {
    use super::*;

    #[tokio::test]
    async fn an_administrator_takes_a_lost_factor_away() {
        let bench = Bench::with(never).await;
        let admin = bench.admin().await;
        let (lin, app, recovery) = guarded(&bench, "lin").await;
        let factors = &bench.services.second_factor;
        let here = bench.client();
        let open = with_code(&bench, &here, "lin", &app.code(&bench, 0)).await;
        let open = open.expect("sign in");
        factors.reset(&admin, lin.id()).await.expect("reset");
        let error = bench.by_token(&open).await.expect_err("ended");
        assert_eq!(error.kind, Kind::Token);
        let reason = bench.revoke_reason(&open).await;
        assert_eq!(reason.as_deref(), Some("otp_reset"));
        let entry = &bench.audit("user.reset_otp").await[0];
        assert_eq!(entry.actor_id, Some(admin.id().0));
        assert_eq!(entry.target_id, Some(lin.id().to_string()));
        let lin = bench.caller("lin").await;
        let standing = factors.standing(&lin).await.expect("standing");
        assert_eq!(standing.recovery_left, 0);
        let (_, _) = set_up(&bench, &lin).await;
        is_wrong_code(with_code(&bench, &here, "lin", &recovery[0]).await);
    }

    #[tokio::test]
    async fn the_command_line_helps_the_last_administrator() {
        let bench = Bench::with(never).await;
        let admin = bench.admin().await;
        let (_, _) = set_up(&bench, &admin).await;
        let ticket = half(&bench, &bench.client(), "root").await;
        assert!(!ticket.is_empty());
        let operator = &bench.services.operator;
        operator.reset_otp("ROOT").await.expect("reset");
        bench.sign_in("root").await;
        assert_eq!(bench.audit("user.reset_otp").await[0].actor_id, None);
        for name in ["root", "nobody"] {
            let error = operator.reset_otp(name).await.expect_err(name);
            assert_eq!(error.kind, Kind::NotFound);
        }
    }

    #[tokio::test]
    async fn req46_only_of_those_whom_she_outranks() {
        let bench = Bench::with(never).await;
        let admin = bench.admin().await;
        let codes = ["system:user:reset", "system:user:query"];
        let clerk = bench.with_permissions(&admin, "clerk", &codes).await;
        let (_, _) = set_up(&bench, &admin).await;
        let factors = &bench.services.second_factor;
        let error = factors.reset(&clerk, admin.id()).await.expect_err("more");
        assert_eq!(missing(&error), ["*:*:*"]);
        assert!(factors.otp_enabled(admin.id()).await.expect("query"));
        let error = factors.reset(&clerk, clerk.id()).await.expect_err("own");
        assert_eq!(error.kind, Kind::Conflict);
        let lin = bench.user("lin").await;
        for nobody in [lin, UserId(999_999)] {
            let error = factors.reset(&admin, nobody).await.expect_err("none");
            assert_eq!(error.kind, Kind::NotFound);
        }
    }
}
