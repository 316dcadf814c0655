use crate::testing::{Bench, missing as lacking};
use crate::{Caller, Issued};
use menshen_domain::session::{OpenSession, SessionFilter, SessionKind};
use menshen_domain::user::UserChange;
use menshen_domain::{DeptId, Error, Kind, PageRequest, SessionId, UserId};
use std::time::Duration;

const ALL: PageRequest = PageRequest {
    page_num: 1,
    page_size: 200,
};

async fn own(bench: &Bench, caller: &Caller) -> Vec<OpenSession> {
    let found = bench.services.sessions.list_own(caller, ALL).await;
    let found = found.expect("listed");
    assert_eq!(found.total, i64::try_from(found.list.len()).expect("few"));
    found.list
}

async fn seen_by(bench: &Bench, caller: &Caller, filter: SessionFilter) -> Vec<String> {
    let sessions = &bench.services.sessions;
    let found = sessions
        .list_all(caller, &filter, ALL)
        .await
        .expect("listed");
    let mut names: Vec<String> = found.list.into_iter().map(|s| s.username).collect();
    names.sort();
    names
}

async fn is_good(bench: &Bench, issued: &Issued) -> bool {
    match bench.by_token(issued).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind, Kind::Token);
            false
        }
    }
}

async fn revoke(bench: &Bench, caller: &Caller, id: &SessionId) -> Result<(), Error> {
    bench.services.sessions.revoke(caller, id).await
}

#[tokio::test]
async fn one_sees_ones_own_sessions_and_which_one_asks() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    bench.user("han").await;
    bench.sign_in("han").await;
    let client = crate::Client {
        user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0".into(),
        ..bench.from("198.51.100.7")
    };
    let credentials = bench.credentials("lin", crate::testing::PASSWORD);
    let other = bench.services.sign_in.by_api(&client, credentials).await;
    let other = other.expect("signed in");
    bench.clock.forward(Duration::from_secs(10));
    let caller = bench.caller("lin").await;
    let list = own(&bench, &caller).await;
    assert_eq!(list.len(), 2, "{list:?}");
    assert!(list[0].current && !list[1].current);
    assert_eq!(list[0].id, *caller.session_id());
    let seen = &list[1];
    assert_eq!(seen.id, other.session_id);
    assert_eq!(
        (seen.username.as_str(), seen.kind),
        ("lin", SessionKind::Api)
    );
    assert_eq!(seen.ip, "198.51.100.7");
    assert_eq!(
        (seen.browser.as_str(), seen.os.as_str()),
        ("Firefox 128", "Linux")
    );
    assert_eq!(seen.opened_at + Duration::from_secs(10), list[0].opened_at);
    assert!(seen.expires_at > seen.seen_at);
}

#[tokio::test]
async fn req33_a_session_of_ones_own_ends_at_once() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    bench.user("han").await;
    let (here, there) = (bench.sign_in("lin").await, bench.sign_in("lin").await);
    let hers = bench.sign_in("han").await;
    let caller = bench.by_token(&here).await.expect("caller");
    assert!(is_good(&bench, &there).await);
    let sessions = &bench.services.sessions;
    let done = sessions.end_own(&caller, &there.session_id).await;
    done.expect("ended");
    assert!(!is_good(&bench, &there).await);
    assert!(is_good(&bench, &here).await);
    let renewed = sessions.renew(&there.refresh, &bench.client()).await;
    assert_eq!(renewed.expect_err("ended").kind, Kind::Token);
    // Twice, another's, and one that never was: all the same.
    for id in [
        there.session_id.clone(),
        hers.session_id.clone(),
        SessionId("00000000-0000-7000-8000-000000000000".into()),
    ] {
        let refused = sessions.end_own(&caller, &id).await.expect_err("none");
        assert_eq!(refused.kind, Kind::NotFound, "{id}");
    }
    assert!(is_good(&bench, &hers).await);
    let entries = bench.audit("session.revoke").await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].target_kind.as_deref(), Some("session"));
    assert_eq!(
        entries[0].target_id.as_deref(),
        Some(there.session_id.0.as_str())
    );
    let reason = bench.revoke_reason(&there).await;
    assert_eq!(reason.as_deref(), Some("revoked_by_owner"));
    // The one that asks, too.
    let done = sessions.end_own(&caller, caller.session_id()).await;
    done.expect("ended");
    assert!(!is_good(&bench, &here).await);
}

#[tokio::test]
async fn all_other_sessions_end_together() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    bench.user("han").await;
    let here = bench.sign_in("lin").await;
    let (one, two) = (bench.sign_in("lin").await, bench.sign_in("lin").await);
    let hers = bench.sign_in("han").await;
    let caller = bench.by_token(&here).await.expect("caller");
    for issued in [&one, &two, &hers] {
        assert!(is_good(&bench, issued).await);
    }
    let sessions = &bench.services.sessions;
    assert_eq!(sessions.end_others(&caller).await.expect("ended"), 2);
    for issued in [&one, &two] {
        assert!(!is_good(&bench, issued).await);
    }
    for issued in [&here, &hers] {
        assert!(is_good(&bench, issued).await);
    }
    assert_eq!(sessions.end_others(&caller).await.expect("none"), 0);
    let entries = bench.audit("session.revoke_others").await;
    assert_eq!(entries.len(), 1, "nothing happened the second time");
    assert_eq!(entries[0].detail()["ended"], 2);
}

#[tokio::test]
async fn what_can_be_used_no_more_is_not_shown() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let lin = bench.user("lin").await;
    bench.user("han").await;
    bench.sign_in("lin").await;
    let ended = bench.sign_in("han").await;
    let page = bench.solved("han", crate::testing::PASSWORD).await;
    let opened = bench.services.sign_in.by_page(&bench.client(), page).await;
    let opened = opened.expect("opened");
    let filter = SessionFilter::default;
    assert_eq!(
        seen_by(&bench, &admin, filter()).await,
        ["han", "han", "lin", "root"]
    );
    let caller = bench.by_token(&ended).await.expect("caller");
    bench.services.sessions.end(&caller).await.expect("ended");
    assert_eq!(
        seen_by(&bench, &admin, filter()).await,
        ["han", "lin", "root"]
    );
    // A browser's is idle after half an hour and the minute to which it is known.
    bench.clock.forward(Duration::from_mins(31));
    let there = bench
        .services
        .access
        .by_session(&opened.session_id, bench.client())
        .await;
    assert_eq!(there.expect_err("idle").kind, Kind::Token);
    assert_eq!(seen_by(&bench, &admin, filter()).await, ["lin", "root"]);
    let change = UserChange {
        status: Some(menshen_domain::role::Status::Disabled),
        ..UserChange::default()
    };
    let done = bench.services.users.update(&admin, lin, change).await;
    done.expect("disabled");
    assert_eq!(seen_by(&bench, &admin, filter()).await, ["root"]);
    // No token of a session that was not seen for so long is good any more.
    bench.clock.forward(Duration::from_hours(24 * 7));
    assert_eq!(seen_by(&bench, &admin, filter()).await, [""; 0]);
}

#[tokio::test]
async fn sessions_are_filtered_and_paged() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    for name in ["lin", "Linda", "han"] {
        bench.user(name).await;
        bench.sign_in(name).await;
    }
    let page = bench.solved("han", crate::testing::PASSWORD).await;
    let opened = bench
        .services
        .sign_in
        .by_page(&bench.from("2001:db8::7"), page)
        .await;
    opened.expect("opened");
    let by = |username: Option<&str>, ip: Option<&str>, kind| SessionFilter {
        username: username.map(str::to_owned),
        ip: ip.map(str::to_owned),
        kind,
        ..SessionFilter::default()
    };
    let browser = Some(SessionKind::Browser);
    assert_eq!(
        seen_by(&bench, &admin, by(Some("LIN"), None, None)).await,
        ["Linda", "lin"]
    );
    assert_eq!(
        seen_by(&bench, &admin, by(Some("%"), None, None)).await,
        [""; 0]
    );
    assert_eq!(
        seen_by(&bench, &admin, by(None, Some("2001:"), None)).await,
        ["han"]
    );
    assert_eq!(
        seen_by(&bench, &admin, by(None, None, browser)).await,
        ["han"]
    );
    assert_eq!(
        seen_by(&bench, &admin, by(Some("lin"), None, browser)).await,
        [""; 0]
    );
    let page = PageRequest {
        page_num: 2,
        page_size: 2,
    };
    let sessions = &bench.services.sessions;
    let found = sessions
        .list_all(&admin, &SessionFilter::default(), page)
        .await;
    let found = found.expect("listed");
    assert_eq!((found.total, found.list.len()), (5, 2));
}

#[tokio::test]
async fn req46_sessions_keep_to_the_data_scope() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let [_, dev, front, sales] = bench.departments().await;
    let put = async |user: UserId, dept: DeptId| {
        let change = UserChange {
            dept_id: Some(Some(dept)),
            ..UserChange::default()
        };
        let done = bench.services.users.update(&admin, user, change).await;
        done.expect("put there");
    };
    for (name, dept) in [("below", front), ("beside", sales)] {
        put(bench.user(name).await, dept).await;
    }
    let (below, beside) = (bench.sign_in("below").await, bench.sign_in("beside").await);
    let codes = ["monitor:session:list", "monitor:session:revoke"];
    let watcher = bench.with_permissions(&admin, "watcher", &codes).await;
    put(watcher.id(), dev).await;
    bench.narrow_role(&admin, "only-watcher", "4").await;
    let watcher = bench.caller("watcher").await;
    let list = seen_by(&bench, &watcher, SessionFilter::default()).await;
    assert_eq!(list, ["below", "watcher", "watcher"]);
    let refused = revoke(&bench, &watcher, &beside.session_id).await;
    assert_eq!(refused.expect_err("out of sight").kind, Kind::NotFound);
    assert!(is_good(&bench, &beside).await);
    assert!(is_good(&bench, &below).await);
    revoke(&bench, &watcher, &below.session_id)
        .await
        .expect("ended");
    assert!(!is_good(&bench, &below).await);
    let reason = bench.revoke_reason(&below).await;
    assert_eq!(reason.as_deref(), Some("revoked_by_administrator"));
    let entries = bench.audit("session.revoke").await;
    assert_eq!(entries[0].actor_name, "watcher");
}

#[tokio::test]
async fn req46_nobody_ends_the_session_of_whoever_holds_more() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let codes = ["monitor:session:list", "monitor:session:revoke"];
    let watcher = bench.with_permissions(&admin, "watcher", &codes).await;
    let refused = revoke(&bench, &watcher, admin.session_id()).await;
    let refused = refused.expect_err("holds more");
    assert_eq!(lacking(&refused), ["*:*:*"]);
    assert!(bench.audit("session.revoke").await.is_empty());
    // One's own, one may.
    revoke(&bench, &watcher, watcher.session_id())
        .await
        .expect("ended");
    let twice = revoke(&bench, &admin, watcher.session_id()).await;
    assert_eq!(twice.expect_err("ended before").kind, Kind::NotFound);
}

#[tokio::test]
async fn all_sessions_of_somebody_end_together() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let lin = bench.user("lin").await;
    let (first, second) = (bench.sign_in("lin").await, bench.sign_in("lin").await);
    let sessions = &bench.services.sessions;
    let (ended, whose) = sessions.revoke_user(&admin, lin).await.expect("ended");
    assert_eq!((ended, whose.as_str()), (2, "lin"));
    assert!(!is_good(&bench, &first).await && !is_good(&bench, &second).await);
    let (ended, _) = sessions.revoke_user(&admin, lin).await.expect("none");
    assert_eq!(ended, 0);
    let other = bench.sign_in("root").await;
    let own = sessions.revoke_user(&admin, admin.id()).await;
    assert_eq!(own.expect("her others").0, 1);
    assert!(!is_good(&bench, &other).await);
    let lists = ["monitor:session:revoke"];
    let han = bench.with_permissions(&admin, "han", &lists).await;
    let error = sessions.revoke_user(&han, admin.id()).await;
    let error = error.expect_err("she holds more");
    assert!(matches!(error.kind, Kind::Forbidden { .. }), "{error}");
    let gone = sessions.revoke_user(&admin, UserId(999)).await;
    assert_eq!(gone.expect_err("nobody").kind, Kind::NotFound);
}

#[tokio::test]
async fn several_sessions_end_together_or_not_at_all() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    bench.user("lin").await;
    let (first, second) = (bench.sign_in("lin").await, bench.sign_in("lin").await);
    let (one, two) = (first.session_id.clone(), second.session_id.clone());
    let sessions = &bench.services.sessions;
    let lists = ["monitor:session:revoke"];
    let han = bench.with_permissions(&admin, "han", &lists).await;
    let both = [one.clone(), admin.session_id().clone()];
    let error = sessions.revoke_several(&han, &both).await;
    let error = error.expect_err("the administrator holds more");
    assert!(matches!(error.kind, Kind::Forbidden { .. }), "{error}");
    assert!(is_good(&bench, &first).await, "nothing was done");
    let unknown = SessionId("no-such".into());
    let all = [one.clone(), unknown, two, one];
    let ended = sessions.revoke_several(&admin, &all).await;
    assert_eq!(ended.expect("ended"), 2);
    assert!(!is_good(&bench, &first).await && !is_good(&bench, &second).await);
    let many = vec![SessionId("x".into()); super::MOST_AT_ONCE + 1];
    let error = sessions.revoke_several(&admin, &many).await;
    assert_eq!(error.expect_err("too many").kind, Kind::Invalid);
}

#[tokio::test]
async fn sessions_are_found_by_any_of_their_words_and_by_user() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let lin = bench.user("lin").await;
    let named = UserChange {
        nickname: Some("林薇".into()),
        ..UserChange::default()
    };
    let users = &bench.services.users;
    users.update(&admin, lin, named).await.expect("named");
    bench.sign_in("lin").await;
    for (text, expected) in [("LIN", 1), ("林", 1), ("192.0.2", 2), ("nothing", 0)] {
        let filter = SessionFilter {
            text: Some(text.into()),
            ..SessionFilter::default()
        };
        let found = bench.services.sessions.browse(&admin, &filter, ALL).await;
        assert_eq!(found.expect("found").total, expected, "{text}");
    }
    let filter = SessionFilter {
        user_id: Some(lin),
        ..SessionFilter::default()
    };
    let found = bench.services.sessions.browse(&admin, &filter, ALL).await;
    let found = found.expect("found").list;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].nickname, "林薇");
}
