//! Rotation, exchange, binding and the ends of sessions.

use super::*;
use crate::settings::{Binding, Settings};
use crate::testing::{Bench, PASSWORD};
use menshen_domain::user::UserChange;
use proptest::prelude::*;
use tokio::task::JoinSet;

async fn renew(bench: &Bench, refresh: &str) -> Result<Issued, Kind> {
    let client = bench.client();
    let done = bench.services.sessions.renew(refresh, &client).await;
    done.map_err(|e| e.kind)
}

async fn good(bench: &Bench, refresh: &str) -> Issued {
    renew(bench, refresh).await.expect("renewed")
}

async fn exchange(bench: &Bench, access: &str) -> Result<AccessToken, Kind> {
    let client = bench.client();
    let done = bench.services.sessions.exchange(access, &client).await;
    done.map_err(|e| e.kind)
}

async fn uses(bench: &Bench, access: &str) -> Result<Caller, Kind> {
    let access = bench.services.access.by_token(access, bench.client());
    access.await.map_err(|e| e.kind)
}

fn is_theft(kind: &Kind) -> bool {
    matches!(kind, Kind::Forbidden { missing } if missing.is_empty())
}

async fn start() -> (Bench, Issued) {
    start_with(|_| {}).await
}

async fn start_with(change: impl FnOnce(&mut Settings)) -> (Bench, Issued) {
    let bench = Bench::with(change).await;
    bench.user("lin").await;
    let issued = bench.sign_in("lin").await;
    (bench, issued)
}

async fn is_over(bench: &Bench, issued: &Issued) {
    assert_eq!(renew(bench, &issued.refresh).await.err(), Some(Kind::Token));
    let used = uses(bench, &issued.access.token).await;
    assert_eq!(used.err(), Some(Kind::Token));
    let exchanged = exchange(bench, &issued.access.token).await;
    assert_eq!(exchanged.err(), Some(Kind::Token));
}

#[tokio::test]
async fn a_renewal_gives_a_new_pair_in_the_same_session() {
    let (bench, first) = start().await;
    bench.clock.forward(Duration::from_mins(5));
    let second = good(&bench, &first.refresh).await;
    assert_eq!(second.session_id, first.session_id);
    assert_eq!(second.user_id, first.user_id);
    assert_ne!(second.refresh, first.refresh);
    assert_ne!(second.access.token, first.access.token);
    assert_eq!(
        second.access.claims.exp,
        first.access.claims.exp + 300,
        "its time begins anew"
    );
    let caller = uses(&bench, &second.access.token).await.expect("good");
    assert_eq!(caller.username(), "lin");
    uses(&bench, &first.access.token)
        .await
        .expect("until it expires");
}

mod renewed_access {
    use super::*;

    async fn access(bench: &Bench, refresh: &str, client: &Client) -> Result<AccessToken, Kind> {
        let done = bench.services.sessions.renew_access(refresh, client).await;
        done.map_err(|e| e.kind)
    }

    #[tokio::test]
    async fn the_refresh_token_stays() {
        let (bench, first) = start().await;
        let client = bench.client();
        for _ in 0..3 {
            bench.clock.forward(Duration::from_mins(20));
            let renewed = access(&bench, &first.refresh, &client).await;
            let renewed = renewed.expect("renewed").token;
            uses(&bench, &renewed).await.expect("good");
        }
        // It is still good for a new pair, after which it is good no more.
        let second = good(&bench, &first.refresh).await;
        uses(&bench, &second.access.token).await.expect("good");
        let stolen = access(&bench, &first.refresh, &client).await;
        assert!(is_theft(&stolen.expect_err("replaced")));
        is_over(&bench, &second).await;
    }

    #[tokio::test]
    async fn req37_it_is_bound_to_its_client() {
        let (bench, first) = start().await;
        let thief = bench.from("203.0.113.7");
        let stolen = access(&bench, &first.refresh, &thief).await;
        assert!(is_theft(&stolen.expect_err("another client")));
        is_over(&bench, &first).await;
        let reason = bench.revoke_reason(&first).await;
        assert_eq!(reason.as_deref(), Some("client_changed"));
    }

    #[tokio::test]
    async fn req34_it_ends() {
        let (bench, first) = start().await;
        let client = bench.client();
        bench.clock.forward(Duration::from_secs(7 * 24 * 3600));
        let late = access(&bench, &first.refresh, &client).await;
        assert_eq!(late.expect_err("expired"), Kind::Token);
        let unknown = access(&bench, "nothing", &client).await;
        assert_eq!(unknown.expect_err("unknown"), Kind::Token);
    }
}

#[tokio::test]
async fn req34_refresh_tokens_are_long_random_and_kept_hashed() {
    let (bench, issued) = start().await;
    assert_eq!(issued.refresh.len(), 43, "256 bits in base64url");
    let other = bench.sign_in("lin").await;
    assert_ne!(issued.refresh, other.refresh);
    assert_ne!(issued.session_id, other.session_id);
    let mut conn = bench.db.read().await.expect("conn");
    let rows: Vec<(Vec<u8>,)> = sqlx::query_as("SELECT hash FROM refresh_token")
        .fetch_all(&mut *conn)
        .await
        .expect("query");
    assert_eq!(rows.len(), 2);
    let hash = sha256(issued.refresh.as_bytes()).to_vec();
    assert!(rows.iter().any(|r| r.0 == hash));
}

#[tokio::test]
async fn unknown_refresh_tokens_end_nothing() {
    let (bench, issued) = start().await;
    for odd in [
        "",
        "unknown",
        "a\0b",
        &issued.access.token,
        &issued.refresh[1..],
        &format!("{} ", issued.refresh),
        &issued.refresh.to_uppercase(),
    ] {
        assert_eq!(renew(&bench, odd).await.err(), Some(Kind::Token), "{odd}");
    }
    good(&bench, &issued.refresh).await;
}

#[tokio::test]
async fn req36_a_lost_answer_may_be_asked_for_again() {
    let (bench, first) = start().await;
    for _ in 0..5 {
        good(&bench, &first.refresh).await;
    }
    let last = good(&bench, &first.refresh).await;
    uses(&bench, &first.access.token)
        .await
        .expect("what came before it does not count as newer");
    good(&bench, &first.refresh).await;
    uses(&bench, &last.access.token).await.expect("good");
    assert_eq!(bench.revoke_reason(&first).await, None);
}

/// After something issued later was used, the old token is in the wrong hands.
async fn assert_reuse_is_theft(bench: &Bench, old: &Issued, newer: &Issued) {
    let thief = Client {
        ip: "192.0.2.1".into(),
        user_agent: "tests".into(),
        request_id: "the thief's".into(),
        ..Client::default()
    };
    let error = bench
        .services
        .sessions
        .renew(&old.refresh, &thief)
        .await
        .expect_err("theft");
    assert!(is_theft(&error.kind), "{error:?}");
    is_over(bench, newer).await;
    is_over(bench, old).await;
    assert_eq!(
        bench.revoke_reason(old).await.as_deref(),
        Some("refresh_reused")
    );
    let entries = bench.audit("session_revoked").await;
    let entry = entries.last().expect("an entry");
    assert_eq!(entry.kind, "login");
    assert_eq!(entry.success, 0);
    assert_eq!(entry.actor_id, Some(old.user_id.0));
    assert_eq!(entry.actor_name, "lin");
    assert_eq!(entry.session_id.as_ref(), Some(&old.session_id.0));
    assert_eq!(
        (entry.ip.as_str(), entry.user_agent.as_str()),
        ("192.0.2.1", "tests")
    );
    assert_eq!(entry.detail()["reason"], "refresh_reused");
}

#[tokio::test]
async fn req35_reuse_after_the_next_refresh_token_was_used() {
    let (bench, first) = start().await;
    let second = good(&bench, &first.refresh).await;
    let third = good(&bench, &second.refresh).await;
    assert_reuse_is_theft(&bench, &first, &third).await;
    assert_eq!(bench.audit("session_revoked").await.len(), 1);
}

#[tokio::test]
async fn req35_reuse_after_the_next_access_token_was_used() {
    let (bench, first) = start().await;
    let second = good(&bench, &first.refresh).await;
    uses(&bench, &second.access.token).await.expect("good");
    assert_reuse_is_theft(&bench, &first, &second).await;
}

#[tokio::test]
async fn req35_reuse_after_the_next_access_token_was_exchanged() {
    let (bench, first) = start().await;
    let second = good(&bench, &first.refresh).await;
    exchange(&bench, &second.access.token).await.expect("good");
    assert_reuse_is_theft(&bench, &first, &second).await;
}

#[tokio::test]
async fn req35_reuse_after_an_exchanged_token_was_used() {
    let (bench, first) = start().await;
    let second = good(&bench, &first.refresh).await;
    let third = good(&bench, &first.refresh).await;
    let exchanged = exchange(&bench, &second.access.token).await.expect("good");
    uses(&bench, &exchanged.token).await.expect("good");
    assert_eq!(
        exchanged.claims.generation(),
        second.access.claims.generation()
    );
    good(&bench, &third.refresh).await;
    assert_reuse_is_theft(&bench, &first, &third).await;
}

#[tokio::test]
async fn req35_only_that_session_ends() {
    let (bench, first) = start().await;
    let other = bench.sign_in("lin").await;
    let second = good(&bench, &first.refresh).await;
    uses(&bench, &second.access.token).await.expect("good");
    assert_reuse_is_theft(&bench, &first, &second).await;
    uses(&bench, &other.access.token).await.expect("good");
    good(&bench, &other.refresh).await;
}

#[tokio::test]
async fn req36_dropping_every_tenth_answer_logs_nobody_out() {
    let (bench, mut held) = start().await;
    let mut dropped = 0;
    for n in 0..300 {
        let answer = renew(&bench, &held.refresh).await;
        let answer = answer.unwrap_or_else(|e| panic!("renewal {n}: {e:?}"));
        if n % 10 == 9 {
            dropped += 1;
            continue;
        }
        held = answer;
        if n % 3 != 0 {
            uses(&bench, &held.access.token).await.expect("good");
        }
        bench.clock.forward(Duration::from_mins(10));
    }
    assert_eq!(dropped, 30);
    assert!(bench.audit("session_revoked").await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn req36_concurrent_renewals_are_all_answered_and_leave_one_branch() {
    for bench in [Bench::sqlite().await, Bench::postgres(|_| {}).await] {
        bench.user("lin").await;
        let first = bench.sign_in("lin").await;
        let mut tabs = JoinSet::new();
        for _ in 0..6 {
            let (services, client) = (bench.services.clone(), bench.client());
            let refresh = first.refresh.clone();
            tabs.spawn(async move { services.sessions.renew(&refresh, &client).await });
        }
        let mut pairs: Vec<Issued> = tabs
            .join_all()
            .await
            .into_iter()
            .map(|done| done.expect("each tab"))
            .collect();
        pairs.sort_by_key(|p| p.access.claims.generation());
        let generations: Vec<i64> = pairs.iter().map(|p| p.access.claims.generation()).collect();
        assert_eq!(generations, [2, 3, 4, 5, 6, 7], "each its own");
        for pair in &pairs {
            uses(&bench, &pair.access.token).await.expect("each works");
        }
        let newest = pairs.last().expect("six");
        let next = good(&bench, &newest.refresh).await;
        uses(&bench, &next.access.token).await.expect("lives on");
        let kind = renew(&bench, &pairs[2].refresh)
            .await
            .expect_err("one branch");
        assert!(is_theft(&kind), "{kind:?}");
        is_over(&bench, &next).await;
        if bench.db.backend() == menshen_storage::Backend::Postgres {
            bench.drop_database().await;
        }
    }
}

#[tokio::test]
async fn req36_of_two_who_only_renew_the_second_is_noticed() {
    let (bench, first) = start().await;
    let one = good(&bench, &first.refresh).await;
    let other = good(&bench, &first.refresh).await;
    let next = good(&bench, &one.refresh).await;
    // Its answer may be lost, too.
    let again = good(&bench, &one.refresh).await;
    uses(&bench, &again.access.token).await.expect("lives on");
    let kind = renew(&bench, &other.refresh).await.expect_err("beside it");
    assert!(is_theft(&kind), "{kind:?}");
    is_over(&bench, &next).await;
    let reason = bench.revoke_reason(&first).await;
    assert_eq!(reason.as_deref(), Some("refresh_reused"));
}

#[tokio::test]
async fn renewals_do_not_wait_for_administrators() {
    let bench = Bench::postgres(|_| {}).await;
    bench.user("lin").await;
    let first = bench.sign_in("lin").await;
    // As an import does, for as long as it takes.
    let mut import = bench.db.begin().await.expect("begin");
    import.serialise().await.expect("held");
    let (sessions, client) = (&bench.services.sessions, bench.client());
    let renewals = async {
        let second = good(&bench, &first.refresh).await;
        let access = sessions.renew_access(&second.refresh, &client).await;
        exchange(&bench, &access.expect("renewed").token)
            .await
            .expect("exchanged");
        second
    };
    let second = tokio::time::timeout(Duration::from_mins(1), renewals).await;
    let second = second.expect("nothing to wait for");
    assert_reuse_is_theft(&bench, &first, &second).await;
    drop(import);
    bench.drop_database().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn req33_renewals_meanwhile_keep_no_session_from_ending() {
    for bench in [Bench::sqlite().await, Bench::postgres(|_| {}).await] {
        let admin = bench.admin().await;
        for round in 0..10 {
            let name = format!("lin{round}");
            let id = bench.user(&name).await;
            let first = bench.sign_in(&name).await;
            let mut tabs = JoinSet::new();
            for _ in 0..3 {
                let (services, client) = (bench.services.clone(), bench.client());
                let refresh = first.refresh.clone();
                tabs.spawn(async move { services.sessions.renew(&refresh, &client).await });
            }
            let disabled = UserChange {
                status: Some(Status::Disabled),
                ..UserChange::default()
            };
            let done = bench.services.users.update(&admin, id, disabled).await;
            done.expect("disabled");
            for renewed in tabs.join_all().await {
                match renewed {
                    Ok(pair) => is_over(&bench, &pair).await,
                    Err(error) => assert_eq!(error.kind, Kind::Token),
                }
            }
            is_over(&bench, &first).await;
        }
        if bench.db.backend() == menshen_storage::Backend::Postgres {
            bench.drop_database().await;
        }
    }
}

#[tokio::test]
async fn req34_a_refresh_token_ends_and_so_does_its_session() {
    let (bench, first) = start_with(|s| {
        s.token.refresh_seconds = 1000;
        s.session.max_seconds = 1500;
    })
    .await;
    assert_eq!(
        first.refresh_expires_at,
        bench.services.now() + Duration::from_secs(1000)
    );
    bench.clock.forward(Duration::from_secs(999));
    let second = good(&bench, &first.refresh).await;
    let end = bench.services.now() + Duration::from_secs(501);
    assert_eq!(second.refresh_expires_at, end, "never past the session");
    assert_eq!(second.access.claims.exp, end.seconds());
    bench.clock.forward(Duration::from_secs(1));
    let late = renew(&bench, &first.refresh).await;
    assert_eq!(late.err(), Some(Kind::Token), "expired, not stolen");
    bench.clock.forward(Duration::from_secs(499));
    let third = good(&bench, &second.refresh).await;
    uses(&bench, &third.access.token).await.expect("in time");
    bench.clock.forward(Duration::from_secs(1));
    is_over(&bench, &third).await;
    is_over(&bench, &second).await;
    assert_eq!(bench.revoke_reason(&third).await, None);
}

fn from(ip: &str, user_agent: &str) -> Client {
    Client {
        ip: ip.into(),
        user_agent: user_agent.into(),
        ..Client::default()
    }
}

#[tokio::test]
async fn req37_a_session_is_bound_to_its_client() {
    let home = ("192.0.2.1", "tests");
    let moved = ("198.51.100.1", "tests");
    let other = ("192.0.2.1", "curl/8");
    let odd = ("192.0.2.1", "Tests");
    let all = [home, moved, other, odd];
    for (binding, passing) in [
        (Binding::UaIp, vec![home]),
        (Binding::Ua, vec![home, moved]),
        (Binding::None, all.to_vec()),
    ] {
        for (ip, agent) in all {
            for by_exchange in [false, true] {
                let (bench, issued) = start_with(|s| s.session.binding = binding).await;
                let client = from(ip, agent);
                let sessions = &bench.services.sessions;
                let done = if by_exchange {
                    let done = sessions.exchange(&issued.access.token, &client).await;
                    done.map(drop)
                } else {
                    sessions.renew(&issued.refresh, &client).await.map(drop)
                };
                let what = format!("{binding:?}, {ip}, {agent}, exchange: {by_exchange}");
                if passing.contains(&(ip, agent)) {
                    done.expect(&what);
                    uses(&bench, &issued.access.token).await.expect(&what);
                    continue;
                }
                let error = done.expect_err(&what);
                assert!(is_theft(&error.kind), "{what}: {error:?}");
                is_over(&bench, &issued).await;
                let reason = bench.revoke_reason(&issued).await;
                assert_eq!(reason.as_deref(), Some("client_changed"));
                let entries = bench.audit("session_revoked").await;
                assert_eq!(entries.len(), 1);
                assert_eq!(entries[0].detail()["reason"], "client_changed");
                assert_eq!(
                    (entries[0].ip.as_str(), entries[0].user_agent.as_str()),
                    (ip, agent)
                );
            }
        }
    }
}

#[tokio::test]
async fn req35_another_client_with_an_old_token_ends_the_session_too() {
    let (bench, first) = start().await;
    let second = good(&bench, &first.refresh).await;
    let thief = from("203.0.113.9", "tests");
    let done = bench.services.sessions.renew(&first.refresh, &thief).await;
    assert!(is_theft(&done.expect_err("theft").kind));
    is_over(&bench, &second).await;
}

mod exchanging {
    use super::*;

    #[tokio::test]
    async fn a_good_token_is_exchanged_as_often_as_one_likes() {
        let (bench, issued) = start().await;
        let mut newest = issued.access.clone();
        for _ in 0..5 {
            bench.clock.forward(Duration::from_mins(2));
            // Two tabs.
            let one = exchange(&bench, &issued.access.token).await.expect("one");
            let two = exchange(&bench, &issued.access.token).await.expect("two");
            let chained = exchange(&bench, &newest.token).await.expect("chained");
            for token in [&one, &two, &chained] {
                assert_eq!(token.claims.sid, issued.session_id.0);
                assert_eq!(
                    token.claims.exp,
                    bench.services.now().seconds() + 900,
                    "fifteen minutes from now"
                );
                uses(&bench, &token.token).await.expect("good");
            }
            newest = chained;
        }
        good(&bench, &issued.refresh).await;
    }

    #[tokio::test]
    async fn one_that_expired_less_than_ten_minutes_ago_too() {
        for (minutes, seconds, passes) in [
            (15, 0, true),
            (24, 59, true),
            (25, 0, false),
            (60 * 24, 0, false),
        ] {
            let (bench, issued) = start().await;
            let passed = Duration::from_secs(minutes * 60 + seconds);
            bench.clock.forward(passed);
            let used = uses(&bench, &issued.access.token).await;
            assert_eq!(used.err(), Some(Kind::Token), "for anything else");
            let done = exchange(&bench, &issued.access.token).await;
            assert_eq!(done.is_ok(), passes, "after {passed:?}");
            match done {
                Ok(token) => {
                    uses(&bench, &token.token).await.expect("good");
                }
                Err(kind) => assert_eq!(kind, Kind::Token),
            }
            assert_eq!(bench.revoke_reason(&issued).await, None);
        }
    }

    #[tokio::test]
    async fn an_expired_one_only_while_nothing_newer_was_issued() {
        let (bench, issued) = start().await;
        bench.clock.forward(Duration::from_mins(14));
        let newer = exchange(&bench, &issued.access.token).await.expect("good");
        bench.clock.forward(Duration::from_mins(2));
        let done = exchange(&bench, &issued.access.token).await;
        assert_eq!(done.err(), Some(Kind::Token));
        uses(&bench, &newer.token)
            .await
            .expect("that ended nothing");
        bench.clock.forward(Duration::from_mins(14));
        let newest = exchange(&bench, &newer.token)
            .await
            .expect("expired, but newest");
        let done = exchange(&bench, &newer.token).await;
        assert_eq!(done.err(), Some(Kind::Token), "it was exchanged");
        uses(&bench, &newest.token).await.expect("good");

        let (bench, issued) = start().await;
        bench.clock.forward(Duration::from_mins(16));
        good(&bench, &issued.refresh).await;
        let done = exchange(&bench, &issued.access.token).await;
        assert_eq!(done.err(), Some(Kind::Token), "a renewal is newer too");
    }

    /// Tabs that wake up together, each with the token that expired while they slept.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_several_at_once_one_is_given_a_new_one_for_an_expired_one() {
        for bench in [Bench::sqlite().await, Bench::postgres(|_| {}).await] {
            bench.user("lin").await;
            for round in 0..10 {
                let issued = bench.sign_in("lin").await;
                bench.clock.forward(Duration::from_mins(16));
                let mut tabs = JoinSet::new();
                for _ in 0..3 {
                    let (services, client) = (bench.services.clone(), bench.client());
                    let token = issued.access.token.clone();
                    tabs.spawn(async move { services.sessions.exchange(&token, &client).await });
                }
                let (given, refused): (Vec<_>, Vec<_>) =
                    tabs.join_all().await.into_iter().partition(Result::is_ok);
                assert_eq!(given.len(), 1, "round {round}");
                for tab in refused {
                    assert_eq!(tab.expect_err("refused").kind, Kind::Token);
                }
                assert_eq!(
                    bench.revoke_reason(&issued).await,
                    None,
                    "nobody is put out"
                );
                for token in given {
                    let token = token.expect("given").token;
                    uses(&bench, &token).await.expect("good");
                }
                good(&bench, &issued.refresh).await;
            }
            if bench.db.backend() == menshen_storage::Backend::Postgres {
                bench.drop_database().await;
            }
        }
    }

    #[tokio::test]
    async fn the_sessions_absolute_end_ends_the_chain() {
        let (bench, issued) = start_with(|s| s.session.max_seconds = 3600).await;
        let end = bench.services.now() + Duration::from_secs(3600);
        let mut token = issued.access.clone();
        while bench.services.now() + Duration::from_mins(14) < end {
            bench.clock.forward(Duration::from_mins(14));
            token = exchange(&bench, &token.token).await.expect("good");
            assert!(token.claims.exp <= end.seconds());
        }
        bench.clock.forward(end.since(bench.services.now()));
        let done = exchange(&bench, &token.token).await;
        assert_eq!(done.err(), Some(Kind::Token), "grace does not go past it");
    }
}

mod ending {
    use super::*;

    async fn end_by(
        bench: &Bench,
        access: Option<&str>,
        refresh: Option<&str>,
    ) -> Result<(), Kind> {
        let sessions = &bench.services.sessions;
        let done = sessions.end_by(access, refresh, &bench.client()).await;
        done.map_err(|e| e.kind)
    }

    #[tokio::test]
    async fn req33_either_token_logs_out() {
        for (with_access, with_refresh) in [(true, false), (false, true), (true, true)] {
            let (bench, issued) = start().await;
            let other = bench.sign_in("lin").await;
            uses(&bench, &issued.access.token).await.expect("held");
            let access = with_access.then_some(issued.access.token.as_str());
            let refresh = with_refresh.then_some(issued.refresh.as_str());
            end_by(&bench, access, refresh).await.expect("logged out");
            is_over(&bench, &issued).await;
            let again = end_by(&bench, access, refresh).await;
            assert_eq!(again.err(), Some(Kind::Token));
            assert_eq!(
                bench.revoke_reason(&issued).await.as_deref(),
                Some("signed_out")
            );
            let entries = bench.audit("sign_out").await;
            assert_eq!(entries.len(), 1);
            assert_eq!(entries[0].session_id.as_ref(), Some(&issued.session_id.0));
            assert_eq!(entries[0].actor_name, "lin");
            uses(&bench, &other.access.token).await.expect("the other");
        }
    }

    #[tokio::test]
    async fn neither_token_logs_nobody_out() {
        let (bench, issued) = start().await;
        for (access, refresh) in [
            (None, None),
            (Some("bad"), None),
            (None, Some("bad")),
            (Some("bad"), Some("bad")),
            (Some(issued.refresh.as_str()), None),
            (None, Some(issued.access.token.as_str())),
        ] {
            let done = end_by(&bench, access, refresh).await;
            assert_eq!(done.err(), Some(Kind::Token));
        }
        uses(&bench, &issued.access.token).await.expect("goes on");
        // An expired access token does not stand in a good refresh token's way.
        bench.clock.forward(Duration::from_mins(20));
        let expired = Some(issued.access.token.as_str());
        let done = end_by(&bench, expired, None).await;
        assert_eq!(done.err(), Some(Kind::Token));
        let done = end_by(&bench, expired, Some(&issued.refresh)).await;
        done.expect("logged out");
        is_over(&bench, &issued).await;
    }

    #[tokio::test]
    async fn an_expired_refresh_token_logs_nobody_out() {
        let (bench, issued) = start_with(|s| s.token.refresh_seconds = 60).await;
        bench.clock.forward(Duration::from_mins(1));
        let done = end_by(&bench, None, Some(&issued.refresh)).await;
        assert_eq!(done.err(), Some(Kind::Token));
        uses(&bench, &issued.access.token).await.expect("goes on");
    }

    #[tokio::test]
    async fn req33_what_ends_a_users_sessions_ends_them_at_once() {
        for how in ["disable", "delete", "reset", "set"] {
            let (bench, issued) = start().await;
            let admin = bench.admin().await;
            let other = bench.user("other").await;
            let others = bench.sign_in("other").await;
            uses(&bench, &issued.access.token).await.expect("held");
            let id = issued.user_id;
            let users = &bench.services.users;
            let change = match how {
                "disable" => UserChange {
                    status: Some(Status::Disabled),
                    ..UserChange::default()
                },
                _ => UserChange {
                    password: Some("another long password".into()),
                    ..UserChange::default()
                },
            };
            let reason = match how {
                "delete" => {
                    users.delete(&admin, id).await.expect("delete");
                    "user_deleted"
                }
                "reset" => {
                    users.reset_password(&admin, id).await.expect("reset");
                    "password_reset"
                }
                "disable" => {
                    users.update(&admin, id, change).await.expect("disable");
                    "user_disabled"
                }
                _ => {
                    users.update(&admin, id, change).await.expect("set");
                    "password_reset"
                }
            };
            is_over(&bench, &issued).await;
            assert_eq!(bench.revoke_reason(&issued).await.as_deref(), Some(reason));
            uses(&bench, &others.access.token).await.expect("the other");
            good(&bench, &others.refresh).await;
            assert_ne!(other, id);
            if how == "disable" {
                let enable = UserChange {
                    status: Some(Status::Active),
                    ..UserChange::default()
                };
                users.update(&admin, id, enable).await.expect("enable");
                is_over(&bench, &issued).await;
                bench.sign_in("lin").await;
            }
        }
    }

    #[tokio::test]
    async fn a_browser_keeps_data_with_its_session() {
        let bench = Bench::sqlite().await;
        bench.user("lin").await;
        let opened = bench
            .services
            .sign_in
            .by_page(&bench.client(), bench.solved("lin", PASSWORD).await)
            .await
            .expect("sign in");
        let sessions = &bench.services.sessions;
        let data = async |hash: &[u8]| sessions.cookie_data(hash).await.expect("query");
        assert_eq!(data(b"one").await, None);
        let id = &opened.session_id;
        sessions.set_cookie(id, b"one", "{}").await.expect("set");
        let end = bench.services.now() + Duration::from_hours(12);
        assert_eq!(data(b"one").await, Some(("{}".into(), end)));
        // A new cookie at a change of privilege.
        sessions.set_cookie(id, b"two", "{1}").await.expect("set");
        assert_eq!(data(b"one").await, None);
        assert_eq!(data(b"two").await, Some(("{1}".into(), end)));
        sessions.drop_cookie(b"two").await.expect("drop");
        assert_eq!(data(b"two").await, None);
        sessions.set_cookie(id, b"two", "{1}").await.expect("set");
        bench.clock.forward(Duration::from_hours(12));
        assert_eq!(data(b"two").await, None, "it has ended");
    }

    #[tokio::test]
    async fn an_ended_sessions_cookie_is_no_good() {
        let bench = Bench::sqlite().await;
        bench.user("lin").await;
        let opened = bench
            .services
            .sign_in
            .by_page(&bench.client(), bench.solved("lin", PASSWORD).await)
            .await
            .expect("sign in");
        let sessions = &bench.services.sessions;
        let id = &opened.session_id;
        sessions.set_cookie(id, b"one", "{}").await.expect("set");
        let caller = bench.services.access.by_session(id, bench.client()).await;
        sessions.end(&caller.expect("caller")).await.expect("end");
        let data = sessions.cookie_data(b"one").await.expect("query");
        assert_eq!(data, None);
        let caller = bench.services.access.by_session(id, bench.client()).await;
        assert_eq!(caller.expect_err("ended").kind, Kind::Token);
        // Nor does a late write of the browser's data wake it.
        sessions.set_cookie(id, b"one", "{}").await.expect("set");
        let data = sessions.cookie_data(b"one").await.expect("query");
        assert_eq!(data, None);
    }
}

/// What happens to a session, by the number of the pair whose token is shown.
#[derive(Debug, Clone, Copy)]
enum Step {
    Renew(usize),
    Use(usize),
    Exchange(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..12_usize).prop_map(Step::Renew),
        2 => (0..12_usize).prop_map(Step::Use),
        1 => (0..12_usize).prop_map(Step::Exchange),
    ]
}

/// The rule in the contract's words, over pairs in the order in which they were issued: a
/// refresh token is answered until something issued after it has been used. Besides, what was
/// issued for the same token as another that was renewed since is answered no more.
#[derive(Default)]
struct Model {
    used: Vec<bool>,
    renewed: Vec<bool>,
    /// For which pair's refresh token each was issued.
    parent: Vec<Option<usize>>,
    over: bool,
}

impl Model {
    fn renew(&mut self, n: usize) -> Result<(), &'static str> {
        if self.over {
            return Err("over");
        }
        let beside = |m: &usize| *m != n && self.parent[*m] == self.parent[n];
        let other_branch = (0..self.used.len()).filter(beside).any(|m| self.renewed[m]);
        if other_branch || self.used[n + 1..].contains(&true) {
            self.over = true;
            return Err("theft");
        }
        self.used[n] = true;
        self.renewed[n] = true;
        self.used.push(false);
        self.renewed.push(false);
        self.parent.push(Some(n));
        Ok(())
    }

    fn use_access(&mut self, n: usize) -> Result<(), &'static str> {
        if self.over {
            return Err("over");
        }
        self.used[n] = true;
        Ok(())
    }
}

fn named(kind: &Kind) -> &'static str {
    match kind {
        Kind::Token => "over",
        kind if is_theft(kind) => "theft",
        other => panic!("{other:?}"),
    }
}

async fn play(bench: &Bench, steps: &[Step]) {
    let first = bench.sign_in("lin").await;
    let mut access = vec![vec![first.access.token.clone()]];
    let mut refresh = vec![first.refresh.clone()];
    let mut model = Model {
        used: vec![false],
        renewed: vec![false],
        parent: vec![None],
        over: false,
    };
    for (at, step) in steps.iter().enumerate() {
        let so_far = &steps[..=at];
        match *step {
            Step::Renew(n) => {
                let n = n % refresh.len();
                let done = renew(bench, &refresh[n]).await;
                let got = done.as_ref().map(drop).map_err(named);
                assert_eq!(got, model.renew(n), "{so_far:?}");
                if let Ok(issued) = done {
                    access.push(vec![issued.access.token]);
                    refresh.push(issued.refresh);
                }
            }
            Step::Use(n) => {
                let n = n % access.len();
                let token = access[n].last().expect("one");
                let done = uses(bench, token).await;
                let got = done.map(drop).map_err(|k| named(&k));
                assert_eq!(got, model.use_access(n), "{so_far:?}");
            }
            Step::Exchange(n) => {
                let n = n % access.len();
                let token = access[n].last().expect("one");
                let done = exchange(bench, token).await;
                let got = done.as_ref().map(drop).map_err(named);
                assert_eq!(got, model.use_access(n), "{so_far:?}");
                access[n].extend(done.ok().map(|t| t.token));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn req36_rotation_follows_the_contracts_rule(
        games in proptest::collection::vec(proptest::collection::vec(step(), 1..25), 1..4)
    ) {
        thread_local! {
            static SITE: (tokio::runtime::Runtime, Bench) = {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("runtime");
                let bench = runtime.block_on(async {
                    let bench = Bench::sqlite().await;
                    bench.user("lin").await;
                    bench
                });
                (runtime, bench)
            };
        }
        SITE.with(|(runtime, bench)| {
            for game in &games {
                runtime.block_on(play(bench, game));
            }
        });
    }
}
