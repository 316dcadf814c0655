use super::{PER_SESSION, Watch};
use crate::testing::{Bench, PASSWORD};
use crate::{Caller, Opened};
use menshen_domain::role::{RoleChange, Status};
use menshen_domain::{Kind, UserId};
use std::time::Duration;

/// Signs in to the admin UI.
async fn page(bench: &Bench, name: &str) -> (Caller, Opened) {
    let solved = bench.solved(name, PASSWORD).await;
    let client = bench.client();
    let opened = bench.services.sign_in.by_page(&client, solved).await;
    let opened = opened.expect("opened");
    let access = &bench.services.access;
    let caller = access.by_session(&opened.session_id, client).await;
    (caller.expect("signed in"), opened)
}

async fn told(watch: &mut Watch) -> Option<Vec<&'static str>> {
    let next = tokio::time::timeout(Duration::from_mins(1), watch.next()).await;
    next.expect("in time").map(|(topics, _)| topics)
}

async fn hears_nothing(watch: &mut Watch) {
    let next = tokio::time::timeout(Duration::from_millis(900), watch.next()).await;
    assert!(next.is_err(), "{next:?}");
}

#[tokio::test]
async fn changes_are_told_by_name() {
    let bench = Bench::sqlite().await;
    bench.admin().await;
    let (root, _) = page(&bench, "root").await;
    let mut watch = bench.services.live.watch(&root, None).expect("told");
    let role = bench.role(&root, "auditor", &["system:role:list"]).await;
    let topics = told(&mut watch).await.expect("topics");
    for topic in ["roles", "operations"] {
        assert!(topics.contains(&topic), "{topics:?}");
    }
    assert!(!topics.contains(&"sign-ins"), "{topics:?}");
    bench.guess(&bench.client(), "root").await;
    assert_eq!(told(&mut watch).await, Some(vec!["sessions", "sign-ins"]));
    hears_nothing(&mut watch).await;
    for status in [Status::Disabled, Status::Active] {
        let change = RoleChange {
            status: Some(status),
            ..RoleChange::default()
        };
        let roles = &bench.services.roles;
        roles.update(&root, role, change).await.expect("changed");
    }
    assert!(told(&mut watch).await.is_some(), "both at once");
    hears_nothing(&mut watch).await;
}

#[tokio::test]
async fn one_is_told_what_one_may_know_of_at_that_moment() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    let lin = bench.user("lin").await;
    let (caller, _) = page(&bench, "lin").await;
    let mut watch = bench.services.live.watch(&caller, None).expect("told");
    bench.guess(&bench.client(), "root").await;
    hears_nothing(&mut watch).await;
    let role = bench.role(&admin, "watch", &["monitor:log:login"]).await;
    let bound = bench.services.users.bind(&admin, lin, vec![role]).await;
    bound.expect("bound");
    assert!(told(&mut watch).await.expect("topics").contains(&"me"));
    bench.guess(&bench.client(), "root").await;
    assert_eq!(told(&mut watch).await, Some(vec!["sign-ins"]));
}

#[tokio::test]
async fn a_watch_ends_with_its_session() {
    let bench = Bench::sqlite().await;
    let admin = bench.admin().await;
    bench.user("lin").await;
    let (caller, opened) = page(&bench, "lin").await;
    let mut watch = bench.services.live.watch(&caller, None).expect("told");
    let sessions = &bench.services.sessions;
    let done = sessions.revoke(&admin, &opened.session_id).await;
    done.expect("ended");
    assert_eq!(told(&mut watch).await, Some(vec!["me"]));
    assert_eq!(told(&mut watch).await, None);
}

#[tokio::test]
async fn listening_is_no_use_of_a_session() {
    let bench = Bench::with(|s| s.session.page_idle_seconds = 600).await;
    bench.user("lin").await;
    let (caller, _) = page(&bench, "lin").await;
    let access = &bench.services.access;
    for _ in 0..5 {
        bench.clock.forward(Duration::from_secs(120));
        access.still(&caller).await.expect("still in");
    }
    bench.clock.forward(Duration::from_secs(120));
    let over = access.still(&caller).await.expect_err("idle");
    assert_eq!(over.kind, Kind::Token);
}

#[tokio::test]
async fn pages_of_a_session_are_bounded_and_make_room() {
    let bench = Bench::sqlite().await;
    bench.user("lin").await;
    let (caller, _) = page(&bench, "lin").await;
    let live = &bench.services.live;
    let mut open: Vec<Watch> = (0..PER_SESSION)
        .map(|_| live.watch(&caller, None).expect("told"))
        .collect();
    let error = live.watch(&caller, None).expect_err("too many");
    assert!(matches!(error.kind, Kind::TooMany { .. }), "{error}");
    open.pop();
    open.push(live.watch(&caller, None).expect("room again"));
    live.close();
    for watch in &mut open {
        assert_eq!(told(watch).await, None);
    }
    assert!(
        live.watch(&caller, None).is_err(),
        "and none begins any more"
    );
}

#[tokio::test]
async fn ones_own_change_is_told_to_oneself() {
    use super::{bit, changed_by};
    use menshen_storage::Event;
    let own = changed_by(&Event::User(7), 7);
    assert_ne!(own & bit("me"), 0);
    assert_eq!(changed_by(&Event::User(7), UserId(8).0) & bit("me"), 0);
    assert_eq!(
        changed_by(&Event::Log("sms_code".into()), 7),
        bit("operations")
    );
}

#[tokio::test]
async fn what_changed_before_one_listened_is_told_first() {
    let bench = Bench::sqlite().await;
    bench.admin().await;
    let (root, _) = page(&bench, "root").await;
    bench.clock.forward(Duration::from_secs(1));
    let drawn = bench.services.now();
    bench.clock.forward(Duration::from_secs(1));
    bench.role(&root, "auditor", &["system:role:list"]).await;
    bench.clock.forward(Duration::from_secs(1));
    let live = &bench.services.live;
    let mut watch = live.watch(&root, Some(drawn)).expect("told");
    let (topics, until) = watch.next().await.expect("told");
    assert!(topics.contains(&"roles") && !topics.contains(&"sign-ins"));
    let mut again = live.watch(&root, Some(until)).expect("told");
    hears_nothing(&mut again).await;
}
