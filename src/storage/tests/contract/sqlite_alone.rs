//! What holds of SQLite alone.

use crate::site::{NOW, add_user, on_sqlite, run, wait_until};
use menshen_storage::db::sqlite_path;
use menshen_storage::{Conn, Db, Event, StorageError, throttle};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

async fn pragma(conn: &mut Conn, text: &'static str) -> String {
    let as_text: Result<(String,), _> = sqlx::query_as(text).fetch_one(&mut *conn).await;
    match as_text {
        Ok((text,)) => text,
        Err(_) => {
            let (number,): (i64,) = sqlx::query_as(text).fetch_one(conn).await.expect(text);
            number.to_string()
        }
    }
}

#[tokio::test]
async fn every_connection_is_set_up() {
    on_sqlite(async |site| {
        let mut tx = site.db.begin().await.expect("begin");
        let mut reader = site.db.read().await.expect("reader");
        for conn in [&mut *tx, &mut *reader] {
            assert_eq!(pragma(conn, "PRAGMA journal_mode").await, "wal");
            assert_eq!(pragma(conn, "PRAGMA foreign_keys").await, "1");
            assert_eq!(pragma(conn, "PRAGMA busy_timeout").await, "5000");
            assert_eq!(pragma(conn, "PRAGMA synchronous").await, "2");
        }
        assert_eq!(pragma(&mut tx, "PRAGMA query_only").await, "0");
        assert_eq!(pragma(&mut reader, "PRAGMA query_only").await, "1");
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn its_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().expect("dir");
    let path = dir.path().join("own.db");
    let url = format!("sqlite://{}", path.display());
    let db = Db::connect(&url, 1).await.expect("connected");
    db.migrate().await.expect("migrated");
    for name in ["own.db", "own.db-wal", "own.db-shm"] {
        let file = std::fs::metadata(dir.path().join(name)).expect(name);
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
    }
    db.close().await;
}

#[tokio::test]
async fn the_file_passes_the_integrity_check() {
    on_sqlite(async |site| {
        for i in 0..20 {
            add_user(&site.db, &format!("user{i}")).await;
        }
        let mut conn = site.db.read().await.expect("reader");
        assert_eq!(pragma(&mut conn, "PRAGMA integrity_check").await, "ok");
        let broken: Vec<(String,)> = sqlx::query_as("PRAGMA foreign_key_check")
            .fetch_all(&mut *conn)
            .await
            .expect("check");
        assert!(broken.is_empty());
    })
    .await;
}

#[tokio::test]
async fn readers_cannot_write() {
    on_sqlite(async |site| {
        let mut conn = site.db.read().await.expect("reader");
        let error = throttle::hit(&mut conn, "k", NOW, NOW)
            .await
            .expect_err("read only");
        assert!(error.to_string().contains("readonly"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn readers_are_not_held_up_by_the_writer() {
    on_sqlite(async |site| {
        let mut tx = site.db.begin().await.expect("begin");
        throttle::hit(&mut tx, "k", NOW, NOW).await.expect("hit");
        let mut conn = site.db.read().await.expect("reader");
        let count = throttle::get(&mut conn, "k", NOW).await.expect("get");
        assert_eq!(count.failures, 0, "what is not committed is not seen");
    })
    .await;
}

/// Only the newest events are kept: whoever did not look for long can't know what is gone.
#[tokio::test]
async fn a_listener_that_missed_something_trusts_nothing() {
    on_sqlite(async |site| {
        let (count, heard) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (unknown, roles) = (count.clone(), heard.clone());
        site.db.subscribe(move |event| match event {
            Event::Unknown => _ = unknown.fetch_add(1, Ordering::SeqCst),
            _ => _ = roles.fetch_add(1, Ordering::SeqCst),
        });
        let listening = tokio::spawn(site.db.clone().listen());
        wait_until("the first look", || count.load(Ordering::SeqCst) == 1).await;
        let mut tx = site.db.begin().await.expect("begin");
        run(
            &mut tx,
            "INSERT INTO change_event (id, event, at) VALUES (1, 'roles', 0), (2, 'roles', 0)",
        )
        .await;
        tx.commit().await.expect("commit");
        wait_until("two events", || heard.load(Ordering::SeqCst) == 2).await;
        assert_eq!(count.load(Ordering::SeqCst), 1, "nothing was missed");
        let mut tx = site.db.begin().await.expect("begin");
        run(
            &mut tx,
            "INSERT INTO change_event (id, event, at) VALUES (4, 'roles', 0)",
        )
        .await;
        tx.commit().await.expect("commit");
        wait_until("the next event", || heard.load(Ordering::SeqCst) == 3).await;
        assert_eq!(count.load(Ordering::SeqCst), 2, "number 3 was missed");
        listening.abort();
    })
    .await;
}

/// What a server reads must not grow for ever.
#[tokio::test]
async fn old_events_are_dropped() {
    on_sqlite(async |site| {
        let mut tx = site.db.begin().await.expect("begin");
        run(
            &mut tx,
            "INSERT INTO change_event (id, event, at) VALUES (1, 'roles', 0), (5000, 'roles', 0)",
        )
        .await;
        tx.announce(Event::Roles);
        tx.commit().await.expect("commit");
        let mut conn = site.db.read().await.expect("reader");
        let left: Vec<(i64,)> = sqlx::query_as("SELECT id FROM change_event ORDER BY id")
            .fetch_all(&mut *conn)
            .await
            .expect("query");
        assert_eq!(left, [(5000,), (5001,)]);
    })
    .await;
}

#[tokio::test]
async fn the_folder_is_made() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("a/b/t.db");
    let url = format!("sqlite://{}", path.display());
    assert_eq!(sqlite_path(&url).map(Path::new), Some(path.as_path()));
    let db = Db::connect(&url, 1).await.expect("connect");
    db.migrate().await.expect("migrate");
    db.close().await;
    assert!(path.is_file());
}

#[tokio::test]
async fn addresses_of_nothing_lasting_are_refused() {
    for url in [
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite://",
        "mysql://localhost/x",
        "menshen.db",
    ] {
        let error = Db::connect(url, 1).await.expect_err(url);
        assert!(matches!(error, StorageError::Url(_)), "{url}: {error}");
    }
}

#[tokio::test]
async fn it_is_busy_when_no_connection_comes_free() {
    on_sqlite(async |site| {
        let tx = site.db.begin().await.expect("begin");
        // Nothing but the waiting below is under way, so that the clock jumps to its end.
        tokio::time::pause();
        let error = site.db.begin().await.expect_err("the writer is taken");
        tokio::time::resume();
        assert!(matches!(error, StorageError::Busy), "{error}");
        let error = menshen_domain::Error::from(error);
        assert!(matches!(error.kind, menshen_domain::Kind::Busy { .. }));
        drop(tx);
        site.db.begin().await.expect("and goes on after");
    })
    .await;
}
