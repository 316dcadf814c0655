//! Connections, transactions and change events.

use crate::site::{NOW, Site, add_user, later, run, wait_until};
use menshen_domain::role::RoleFilter;
use menshen_domain::{PageRequest, SessionId};
use menshen_storage::{Backend, Db, Event, captchas, roles, sessions, throttle, users};
use sqlx::postgres::PgListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;

/// How soon another process must know of a change. Machines of CI are slow at times: what it
/// finds there is whether, and not when.
fn within() -> Duration {
    match std::env::var_os("CI") {
        Some(_) => Duration::from_secs(30),
        None => Duration::from_millis(1500),
    }
}

/// What a database tells.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Vec<Event>>>);

impl Ear {
    fn on(db: &Db) -> Self {
        let ear = Self::default();
        let inner = ear.0.clone();
        db.subscribe(move |event| inner.lock().expect("a sound lock").push(event.clone()));
        ear
    }

    fn heard(&self) -> Vec<Event> {
        self.0.lock().expect("a sound lock").clone()
    }

    fn forget(&self) {
        self.0.lock().expect("a sound lock").clear();
    }

    async fn hears(&self, event: &Event) -> bool {
        let wait = async {
            while !self.heard().contains(event) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(within(), wait).await.is_ok()
    }
}

async fn failures(db: &Db, key: &str) -> i64 {
    let mut conn = db.read().await.expect("conn");
    let count = throttle::get(&mut conn, key, later(-1000)).await;
    count.expect("count").failures
}

async fn hit(db: &Db, key: &str) {
    let mut tx = db.begin().await.expect("begin");
    throttle::hit(&mut tx, key, NOW, later(-1000))
        .await
        .expect("hit");
    tx.commit().await.expect("commit");
}

pub(crate) async fn it_knows_its_backend_and_answers(site: &Site) {
    let sqlite = site.url.starts_with("sqlite:");
    assert_eq!(site.db.backend() == Backend::Sqlite, sqlite);
    site.db.ping().await.expect("a sign of life");
    assert!(!format!("{:?}", site.db).contains("://"), "no address");
}

pub(crate) async fn a_closed_database_gives_an_error(site: &Site) {
    let other = site.other().await;
    other.close().await;
    other.ping().await.expect_err("closed");
    other.read().await.expect_err("closed");
    other.begin().await.expect_err("closed");
    site.db.ping().await.expect("this one goes on");
}

pub(crate) async fn what_is_not_committed_is_gone(site: &Site) {
    {
        let mut tx = site.db.begin().await.expect("begin");
        throttle::hit(&mut tx, "k", NOW, NOW).await.expect("hit");
        tx.announce(Event::Roles);
    }
    assert_eq!(failures(&site.db, "k").await, 0);
    // Another process is not held up by what was dropped.
    let other = site.other().await;
    hit(&other, "k").await;
    assert_eq!(failures(&site.db, "k").await, 1);
    other.close().await;
}

pub(crate) async fn a_commit_outlives_its_caller(site: &Site) {
    let ear = Ear::on(&site.db);
    let mut tx = site.db.begin().await.expect("begin");
    throttle::hit(&mut tx, "k", NOW, NOW).await.expect("hit");
    tx.announce(Event::Roles);
    {
        let mut commit = Box::pin(tx.commit());
        // Once begun, then the caller goes away.
        let begun = std::future::poll_fn(|cx| {
            std::task::Poll::Ready(commit.as_mut().poll(cx).is_pending())
        });
        begun.await;
    }
    wait_until("the commit", || ear.heard() == [Event::Roles]).await;
    assert_eq!(failures(&site.db, "k").await, 1);
}

pub(crate) async fn abandoned_begins_leave_nothing_locked(site: &Site) {
    for micros in (0..300).chain((300..3000).step_by(50)) {
        let begin = tokio::time::timeout(Duration::from_micros(micros), site.db.begin());
        drop(begin.await);
    }
    hit(&site.db, "k").await;
    let other = site.other().await;
    hit(&other, "k").await;
    assert_eq!(failures(&site.db, "k").await, 2);
    other.close().await;
}

pub(crate) async fn abandoned_work_leaves_nothing_locked(site: &Site) {
    let mut tasks = JoinSet::new();
    for i in 0..100_u64 {
        let db = site.db.clone();
        tasks.spawn(async move {
            let work = async {
                let mut tx = db.begin().await.expect("begin");
                tx.serialise().await.expect("turn");
                for _ in 0..3 {
                    throttle::hit(&mut tx, "k", NOW, NOW).await.expect("hit");
                }
                // Never committed.
                tokio::time::sleep(Duration::from_millis(1)).await;
            };
            drop(tokio::time::timeout(Duration::from_micros(i * 400), work).await);
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no panic");
    }
    assert_eq!(failures(&site.db, "k").await, 0);
    for _ in 0..10 {
        hit(&site.db, "k").await;
    }
    assert_eq!(failures(&site.db, "k").await, 10);
}

pub(crate) async fn serialise_lets_one_at_a_time(site: &Site) {
    let inside = Arc::new(AtomicUsize::new(0));
    let other = site.other().await;
    let mut tasks = JoinSet::new();
    for i in 0..12 {
        let db = if i % 2 == 0 { &site.db } else { &other }.clone();
        let inside = inside.clone();
        tasks.spawn(async move {
            let mut tx = db.begin().await.expect("begin");
            tx.serialise().await.expect("turn");
            let before = inside.fetch_add(1, Ordering::SeqCst);
            // What is read here can't change before it is written.
            let seen = throttle::get(&mut tx, "k", NOW).await.expect("get");
            tokio::time::sleep(Duration::from_millis(3)).await;
            throttle::clear(&mut tx, "k").await.expect("clear");
            for _ in 0..=seen.failures {
                throttle::hit(&mut tx, "k", NOW, NOW).await.expect("hit");
            }
            inside.fetch_sub(1, Ordering::SeqCst);
            tx.commit().await.expect("commit");
            before
        });
    }
    while let Some(before) = tasks.join_next().await {
        assert_eq!(before.expect("no panic"), 0, "two at a time");
    }
    assert_eq!(failures(&site.db, "k").await, 12);
    other.close().await;
}

pub(crate) async fn a_write_is_read_by_the_next(site: &Site) {
    for i in 1..=20 {
        hit(&site.db, "k").await;
        assert_eq!(failures(&site.db, "k").await, i);
    }
}

pub(crate) async fn events_are_told_before_commit_returns(site: &Site) {
    let ear = Ear::on(&site.db);
    let mut tx = site.db.begin().await.expect("begin");
    tx.announce(Event::User(7));
    tx.announce(Event::Keys);
    assert!(ear.heard().is_empty(), "not before the commit");
    tx.commit().await.expect("commit");
    assert_eq!(ear.heard(), [Event::User(7), Event::Keys]);
}

pub(crate) async fn events_of_a_rollback_are_never_told(site: &Site) {
    let ear = Ear::on(&site.db);
    let other = site.other().await;
    let far = Ear::on(&other);
    let listening = tokio::spawn(other.clone().listen());
    settle(&other, &far).await;
    let mut tx = site.db.begin().await.expect("begin");
    tx.announce(Event::User(7));
    drop(tx);
    // A sign that everything before it has come through.
    let mut tx = site.db.begin().await.expect("begin");
    tx.announce(Event::User(8));
    tx.commit().await.expect("commit");
    assert!(far.hears(&Event::User(8)).await);
    assert_eq!(ear.heard(), [Event::User(8)]);
    assert_eq!(far.heard(), [Event::User(8)]);
    listening.abort();
    other.close().await;
}

pub(crate) async fn an_event_is_told_once_a_transaction(site: &Site) {
    let ear = Ear::on(&site.db);
    let mut tx = site.db.begin().await.expect("begin");
    for _ in 0..3 {
        tx.announce(Event::Roles);
        tx.announce(Event::Session("s".into()));
    }
    tx.commit().await.expect("commit");
    assert_eq!(ear.heard(), [Event::Roles, Event::Session("s".into())]);
}

/// Waits until `db` listens, and forgets what was told by that.
async fn settle(db: &Db, ear: &Ear) {
    wait_until("listening", || {
        db.hears_changes() && ear.heard().contains(&Event::Unknown)
    })
    .await;
    ear.forget();
}

pub(crate) async fn events_reach_another_process(site: &Site) {
    let other = site.other().await;
    let far = Ear::on(&other);
    let listening = tokio::spawn(other.clone().listen());
    settle(&other, &far).await;
    for event in [
        Event::User(7),
        Event::Roles,
        Event::Session("0199-a".into()),
        Event::Keys,
        Event::Unknown,
    ] {
        let mut tx = site.db.begin().await.expect("begin");
        tx.announce(event.clone());
        tx.commit().await.expect("commit");
        assert!(far.hears(&event).await, "{event} is not told in time");
        far.forget();
    }
    listening.abort();
    other.close().await;
}

/// A node of an older version may know no word of logs, and take it for a change where it hears
/// it: what makes nothing stale is not told where changes are.
pub(crate) async fn what_makes_nothing_stale_is_told_apart(site: &Site) {
    let other = site.other().await;
    let far = Ear::on(&other);
    let listening = tokio::spawn(other.clone().listen());
    settle(&other, &far).await;
    let mut older = None;
    if site.db.backend() == Backend::Postgres {
        let mut listener = PgListener::connect(&site.url).await.expect("connect");
        listener.listen("menshen_change").await.expect("listen");
        older = Some(listener);
    }
    let log = Event::Log("role".into());
    let mut tx = site.db.begin().await.expect("begin");
    tx.announce(log.clone());
    tx.announce(Event::User(8));
    tx.commit().await.expect("commit");
    assert!(far.hears(&Event::User(8)).await);
    if let Some(older) = &mut older {
        let first = older.recv().await.expect("told");
        assert_eq!(first.payload(), "user:8", "the older node");
        assert!(far.hears(&log).await, "nodes of this version");
        // A newer version may tell what is not known yet.
        let mut conn = site.db.read().await.expect("conn");
        run(
            &mut conn,
            "SELECT CAST(1 AS BIGINT) FROM pg_notify('menshen_fleeting', 'weather:fine')",
        )
        .await;
        drop(conn);
    }
    let mut tx = site.db.begin().await.expect("begin");
    tx.announce(Event::User(9));
    tx.commit().await.expect("commit");
    assert!(far.hears(&Event::User(9)).await);
    assert!(!far.heard().contains(&Event::Unknown), "{:?}", far.heard());
    drop(older);
    listening.abort();
    other.close().await;
}

/// Between its start and its first look a process may have read what was then changed.
pub(crate) async fn a_late_listener_trusts_nothing_from_before(site: &Site) {
    let other = site.other().await;
    let far = Ear::on(&other);
    let mut tx = site.db.begin().await.expect("begin");
    tx.announce(Event::Roles);
    tx.commit().await.expect("commit");
    let listening = tokio::spawn(other.clone().listen());
    assert!(far.hears(&Event::Unknown).await);
    listening.abort();
    other.close().await;
}

pub(crate) async fn changes_are_heard_while_listening(site: &Site) {
    let other = site.other().await;
    let far = Ear::on(&other);
    if other.backend() == Backend::Sqlite {
        assert!(other.hears_changes(), "nobody else serves from the file");
        other.close().await;
        return;
    }
    assert!(!other.hears_changes(), "before it listens");
    let listening = tokio::spawn(other.clone().listen());
    settle(&other, &far).await;
    assert!(other.hears_changes());

    let mut conn = site.db.read().await.expect("conn");
    run(
        &mut conn,
        "SELECT CAST(1 AS BIGINT) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'LISTEN%') gone",
    )
    .await;
    drop(conn);
    wait_until("a connection that is lost is noticed", || {
        far.heard().contains(&Event::Unknown)
    })
    .await;
    settle(&other, &far).await;
    let mut tx = site.db.begin().await.expect("begin");
    tx.announce(Event::User(9));
    tx.commit().await.expect("commit");
    assert!(far.hears(&Event::User(9)).await, "and it hears again");
    listening.abort();
    other.close().await;
}

/// PostgreSQL's text holds no NUL, and its indexes no endless text: whoever sends such text made
/// the fault.
pub(crate) async fn odd_text_is_bad_input_and_no_fault(site: &Site) {
    let odd = "a\0b";
    let mut results: Vec<Result<(), menshen_storage::StorageError>> = Vec::new();
    let mut conn = site.db.read().await.expect("conn");
    results.push(users::for_login(&mut conn, odd).await.map(drop));
    results.push(users::find_by_name(&mut conn, odd).await.map(drop));
    let filter = RoleFilter {
        text: Some(odd.into()),
        ..RoleFilter::default()
    };
    let page = PageRequest::default();
    results.push(roles::list(&mut conn, &filter, page).await.map(drop));
    results.push(captchas::peek(&mut conn, odd, NOW).await.map(drop));
    let id = SessionId(odd.into());
    results.push(sessions::find(&mut conn, &id).await.map(drop));
    drop(conn);
    let noise: String = (0..20_000_u32)
        .map(|i| {
            char::from(b'!' + u8::try_from(i.wrapping_mul(2_654_435_761) >> 25).unwrap_or(0) % 90)
        })
        .collect();
    for text in [odd, &noise] {
        let mut tx = site.db.begin().await.expect("begin");
        results.push(throttle::hit(&mut tx, text, NOW, NOW).await.map(drop));
    }
    for result in results {
        if let Err(error) = result {
            let shown = error.to_string();
            let kind = menshen_domain::Error::from(error).kind;
            assert_eq!(kind, menshen_domain::Kind::Invalid, "{shown}");
        }
    }
    add_user(&site.db, "and-goes-on").await;
}
