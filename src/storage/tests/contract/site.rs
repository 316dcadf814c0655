//! A database for each case.

use menshen_domain::{Timestamp, UserId};
use menshen_storage::users::Account;
use menshen_storage::{Conn, Db, users};
use sqlx::{AssertSqlSafe, Connection as _};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The moment at which the cases happen.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// The moment `seconds` after [`NOW`].
pub(crate) fn later(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds * 1_000_000)
}

/// A database with its schema, and where it is.
pub(crate) struct Site {
    pub(crate) db: Db,
    pub(crate) url: String,
}

impl Site {
    /// Another process on the same database.
    pub(crate) async fn other(&self) -> Db {
        Db::connect(&self.url, 3).await.expect("connect again")
    }
}

const CONNECTIONS: u32 = 5;

/// Runs `case` on a SQLite file of its own.
pub(crate) async fn on_sqlite(case: impl AsyncFnOnce(&Site)) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}/t.db", dir.path().display());
    let db = Db::connect(&url, CONNECTIONS).await.expect("connect");
    db.migrate().await.expect("migrate");
    let site = Site { db, url };
    case(&site).await;
    site.db.close().await;
}

/// Runs `case` on a PostgreSQL database of its own.
pub(crate) async fn on_postgres(case: impl AsyncFnOnce(&Site)) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("MENSHEN_TEST_POSTGRES_URL") else {
        panic!(
            "there is no PostgreSQL to test on: run `make test` or `scripts/with-postgres cargo test`"
        );
    };
    let name = format!(
        "menshen_storage_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    administer(&server, &format!("CREATE DATABASE {name}")).await;
    let (base, _) = server.rsplit_once('/').expect("an address with a database");
    let url = format!("{base}/{name}");
    let db = Db::connect(&url, CONNECTIONS).await.expect("connect");
    db.migrate().await.expect("migrate");
    let site = Site { db, url };
    case(&site).await;
    site.db.close().await;
    administer(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

/// Runs one statement as the server's superuser.
async fn administer(server: &str, statement: &str) {
    sqlx::any::install_default_drivers();
    let mut conn = Conn::connect(server).await.expect("connect to PostgreSQL");
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(&mut conn)
        .await
        .expect("create or drop a database");
    conn.close().await.expect("close");
}

/// Runs a statement that the storage has no function for.
pub(crate) async fn run(conn: &mut Conn, statement: &'static str) {
    sqlx::query(statement)
        .execute(conn)
        .await
        .expect("a good statement");
}

/// Waits until `good` says yes, half a minute at the most.
pub(crate) async fn wait_until(what: &str, good: impl Fn() -> bool) {
    for _ in 0..3000 {
        if good() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain for: {what}");
}

/// A plain account.
pub(crate) fn account(username: &str) -> Account {
    Account {
        username: username.into(),
        user_code: format!("code-{username}"),
        sex: "2".into(),
        ..Account::default()
    }
}

/// Inserts an account and returns its id.
pub(crate) async fn add(db: &Db, account: &Account) -> UserId {
    let mut tx = db.begin().await.expect("begin");
    let id = users::insert(&mut tx, account, Some("hash"), false, None, NOW)
        .await
        .expect("insert");
    tx.commit().await.expect("commit");
    id
}

/// Inserts a plain account of that name.
pub(crate) async fn add_user(db: &Db, username: &str) -> UserId {
    add(db, &account(username)).await
}
