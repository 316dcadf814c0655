//! Connections, transactions and change events: all that differs between the two databases.

use crate::error::{Result, StorageError};
use crate::events::Event;
use sqlx::any::AnyPoolOptions;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgListener;
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Connection as _, Transaction};
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/postgres");

/// PostgreSQL's channel for change events.
const CHANNEL: &str = "menshen_change";
/// PostgreSQL's channel for what makes nothing stale (see [`Event::is_fleeting`]). A node of an
/// older version takes every word on the other one that it does not know for a change, and empties
/// its memory for it.
const FLEETING_CHANNEL: &str = "menshen_fleeting";
/// How often a server beside SQLite looks for what the command line changed.
const POLL: Duration = Duration::from_millis(500);
/// How long a request waits for a connection before it is told that the database is busy.
const ACQUIRE: Duration = Duration::from_secs(10);

/// A connection to either database.
pub type Conn = AnyConnection;
/// A connection for reading.
pub type Reader = PoolConnection<Any>;

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// One file of SQLite.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

type Subscriber = Box<dyn Fn(&Event) + Send + Sync>;

struct Inner {
    backend: Backend,
    url: String,
    read: AnyPool,
    write: AnyPool,
    subscribers: RwLock<Vec<Subscriber>>,
    /// Whether changes made elsewhere reach this process. While they don't, nothing that was
    /// read before may be trusted.
    hearing: AtomicBool,
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Db")
            .field("backend", &self.0.backend)
            .finish()
    }
}

impl Db {
    /// Connects to `sqlite://path`, `sqlite::memory:`-free, or `postgres://…`. A missing SQLite
    /// file and its folder are made. `connections` bounds the pool (of readers, for SQLite).
    ///
    /// # Errors
    /// [`StorageError::Url`] for an address of another kind; what the database says otherwise.
    pub async fn connect(url: &str, connections: u32) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let backend = backend_of(url)?;
        let (read, write) = match backend {
            Backend::Sqlite => sqlite_pools(url, connections).await?,
            Backend::Postgres => {
                let pool = AnyPoolOptions::new()
                    .max_connections(connections)
                    .acquire_timeout(ACQUIRE)
                    .connect(url)
                    .await;
                if matches!(pool, Err(sqlx::Error::PoolTimedOut)) {
                    // The pool has tried again and again, and does not tell what went wrong.
                    Self::probe(url).await?;
                }
                let pool = pool?;
                (pool.clone(), pool)
            }
        };
        Ok(Self(Arc::new(Inner {
            backend,
            url: url.to_owned(),
            read,
            write,
            subscribers: RwLock::default(),
            hearing: AtomicBool::new(backend == Backend::Sqlite),
        })))
    }

    /// Tries once whether PostgreSQL can be reached. SQLite's file always can, or can be made.
    ///
    /// # Errors
    /// What the driver says, which holds no password; [`StorageError::Busy`] when it takes too
    /// long.
    pub async fn probe(url: &str) -> Result<()> {
        sqlx::any::install_default_drivers();
        if backend_of(url)? == Backend::Sqlite {
            return Ok(());
        }
        let connected = tokio::time::timeout(ACQUIRE, AnyConnection::connect(url)).await;
        let connection = connected.map_err(|_| StorageError::Busy)??;
        Ok(connection.close().await?)
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.0.backend
    }

    /// Brings the schema up to date. Several nodes may call it at once.
    ///
    /// # Errors
    /// [`StorageError::Migrate`].
    pub async fn migrate(&self) -> Result<()> {
        match self.0.backend {
            Backend::Sqlite => {
                // Here sqlx takes no lock of its own: the write lock is held from the first look
                // at what is there until all of it is done.
                let mut tx = self.0.write.begin_with("BEGIN IMMEDIATE").await?;
                SQLITE.run_direct(None, &mut *tx, false).await?;
                tx.commit().await?;
            }
            Backend::Postgres => POSTGRES.run(&self.0.write).await?,
        }
        Ok(())
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// [`StorageError::Busy`] when none comes free in time.
    pub async fn read(&self) -> Result<Reader> {
        Ok(self.0.read.acquire().await?)
    }

    /// Begins a transaction for changing. On SQLite it takes the write lock at once, so that what
    /// it reads can't change before it writes.
    ///
    /// # Errors
    /// [`StorageError::Busy`] when the database is taken for too long.
    pub async fn begin(&self) -> Result<Tx> {
        let inner = match self.0.backend {
            Backend::Sqlite => self.0.write.begin_with("BEGIN IMMEDIATE").await?,
            Backend::Postgres => self.0.write.begin().await?,
        };
        Ok(Tx {
            inner,
            db: self.clone(),
            events: Vec::new(),
        })
    }

    /// Calls `subscriber` for every change, made here or elsewhere. For a change made here that
    /// happens before [`Tx::commit`] returns.
    pub fn subscribe(&self, subscriber: impl Fn(&Event) + Send + Sync + 'static) {
        if let Ok(mut list) = self.0.subscribers.write() {
            list.push(Box::new(subscriber));
        }
    }

    /// Whether changes made elsewhere reach this process right now.
    #[must_use]
    pub fn hears_changes(&self) -> bool {
        self.0.hearing.load(Ordering::Acquire)
    }

    fn tell(&self, event: &Event) {
        if let Ok(list) = self.0.subscribers.read() {
            for subscriber in list.iter() {
                subscriber(event);
            }
        }
    }

    fn set_hearing(&self, hearing: bool) {
        self.0.hearing.store(hearing, Ordering::Release);
        self.tell(&Event::Unknown);
    }

    /// Listens for changes made by other processes, for as long as the program runs.
    pub async fn listen(self) {
        match self.0.backend {
            Backend::Sqlite => self.poll_events().await,
            Backend::Postgres => self.listen_postgres().await,
        }
    }

    async fn listen_postgres(&self) {
        loop {
            if let Err(error) = self.listen_postgres_once().await {
                tracing::warn!(%error, "no word of changes on other nodes; reading every request from the database");
            }
            self.set_hearing(false);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn listen_postgres_once(&self) -> Result<()> {
        let mut listener = PgListener::connect(&self.0.url).await?;
        listener.listen_all([CHANNEL, FLEETING_CHANNEL]).await?;
        self.set_hearing(true);
        // `None` says that the connection was lost: what was told meanwhile is gone.
        while let Some(notice) = listener.try_recv().await? {
            let event = Event::parse(notice.payload());
            // What a newer version may tell there is no change, whatever it is.
            if notice.channel() == CHANNEL || event.is_fleeting() {
                self.tell(&event);
            }
        }
        Ok(())
    }

    async fn poll_events(&self) {
        let mut last: Option<i64> = None;
        loop {
            match self.new_events(last).await {
                Ok((newest, events)) => {
                    last = Some(newest);
                    for event in events {
                        self.tell(&event);
                    }
                }
                Err(error) => tracing::warn!(%error, "could not look for changes"),
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn new_events(&self, last: Option<i64>) -> Result<(i64, Vec<Event>)> {
        let mut conn = self.read().await?;
        let Some(last) = last else {
            let (newest,): (i64,) = sqlx::query_as("SELECT COALESCE(MAX(id), 0) FROM change_event")
                .fetch_one(&mut *conn)
                .await?;
            // What was told before this first look is not known.
            return Ok((newest, vec![Event::Unknown]));
        };
        let rows: Vec<(i64, String)> =
            sqlx::query_as("SELECT id, event FROM change_event WHERE id > $1 ORDER BY id")
                .bind(last)
                .fetch_all(&mut *conn)
                .await?;
        let newest = rows.last().map_or(last, |row| row.0);
        // The oldest are dropped: after a long pause some may be gone unread.
        let gap = rows.first().is_some_and(|row| row.0 != last + 1);
        let missed = gap.then_some(Event::Unknown);
        let events = rows.iter().map(|row| Event::parse(&row.1));
        Ok((newest, missed.into_iter().chain(events).collect()))
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ping(&self) -> Result<()> {
        let mut conn = self.read().await?;
        sqlx::query("SELECT 1").execute(&mut *conn).await?;
        Ok(())
    }

    /// What SQLite says of the integrity of its file: `ok`, or what is wrong. PostgreSQL watches
    /// over its own files.
    ///
    /// # Errors
    /// What the database says.
    pub async fn integrity(&self) -> Result<String> {
        if self.0.backend == Backend::Postgres {
            return Ok("ok".to_owned());
        }
        let mut conn = self.read().await?;
        let (said,): (String,) = sqlx::query_as("PRAGMA integrity_check")
            .fetch_one(&mut *conn)
            .await?;
        Ok(said)
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.0.read.close().await;
        self.0.write.close().await;
    }
}

/// A transaction. Dropped without [`Tx::commit`], it is rolled back.
pub struct Tx {
    inner: Transaction<'static, Any>,
    db: Db,
    events: Vec<Event>,
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tx")
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

impl Tx {
    /// Has `event` told to everybody once this transaction is committed.
    pub fn announce(&mut self, event: Event) {
        if !self.events.contains(&event) {
            self.events.push(event);
        }
    }

    /// Lets one transaction at a time past this point, on all nodes: for rules that look at
    /// several rows before they change one. SQLite has one writer in any case.
    ///
    /// # Errors
    /// What the database says.
    pub async fn serialise(&mut self) -> Result<()> {
        const LOCK: i64 = 0x6d65_6e73_6865_6e01; // "menshen", 1
        if self.db.backend() == Backend::Postgres {
            sqlx::query("SELECT CAST(1 AS BIGINT) FROM pg_advisory_xact_lock($1)")
                .bind(LOCK)
                .execute(&mut *self.inner)
                .await?;
        }
        Ok(())
    }

    /// Makes the changes lasting and tells of them. Once begun it runs to its end even when the
    /// caller goes away, so that no change is made without being told.
    ///
    /// # Errors
    /// What the database says; nothing was changed then.
    pub async fn commit(mut self) -> Result<()> {
        let task = tokio::spawn(async move {
            for event in &self.events {
                record(self.db.backend(), &mut self.inner, event).await?;
            }
            self.inner.commit().await?;
            for event in &self.events {
                self.db.tell(event);
            }
            Ok(())
        });
        task.await.unwrap_or_else(|error| {
            Err(StorageError::Database(sqlx::Error::Protocol(
                error.to_string(),
            )))
        })
    }
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.inner
    }
}

async fn record(backend: Backend, conn: &mut Conn, event: &Event) -> Result<()> {
    match backend {
        Backend::Postgres => {
            let channel = if event.is_fleeting() {
                FLEETING_CHANNEL
            } else {
                CHANNEL
            };
            sqlx::query("SELECT CAST(1 AS BIGINT) FROM pg_notify($1, $2)")
                .bind(channel)
                .bind(event.to_string())
                .execute(conn)
                .await?;
        }
        // Beside SQLite there is the command line alone, which shows no pages.
        Backend::Sqlite if event.is_fleeting() => {}
        Backend::Sqlite => {
            // The newest thousand are enough: a server looks every half second, and one that is
            // started later has nothing in memory that could be stale.
            sqlx::query(
                "INSERT INTO change_event (event, at) VALUES ($1, CAST(strftime('%s', 'now') AS INTEGER) * 1000000)",
            )
            .bind(event.to_string())
            .execute(&mut *conn)
            .await?;
            sqlx::query(
                "DELETE FROM change_event WHERE id < (SELECT MAX(id) FROM change_event) - 1000",
            )
            .execute(conn)
            .await?;
        }
    }
    Ok(())
}

fn backend_of(url: &str) -> Result<Backend> {
    if url.starts_with("sqlite:") {
        Ok(Backend::Sqlite)
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Ok(Backend::Postgres)
    } else {
        Err(StorageError::Url(
            "the database address must begin with sqlite:// or postgres://".to_owned(),
        ))
    }
}

/// The path of the file that `sqlite://path?…` names; `None` for another kind of address.
#[must_use]
pub fn sqlite_path(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    Some(rest.split('?').next().unwrap_or(rest))
}

async fn sqlite_pools(url: &str, readers: u32) -> Result<(AnyPool, AnyPool)> {
    let path = sqlite_path(url).unwrap_or_default();
    if path.is_empty() || path.contains(":memory:") {
        return Err(StorageError::Url(
            "SQLite needs a file: write sqlite://data/menshen.db".to_owned(),
        ));
    }
    if let Some(folder) = std::path::Path::new(path).parent()
        && !folder.as_os_str().is_empty()
    {
        std::fs::create_dir_all(folder)
            .map_err(|e| StorageError::Url(format!("cannot make the folder of {path}: {e}")))?;
    }
    make_private(path)
        .map_err(|e| StorageError::Url(format!("cannot make the file {path}: {e}")))?;
    let write = sqlite_pool(
        &format!("sqlite://{path}?mode=rwc"),
        1,
        "PRAGMA query_only = OFF",
    )
    .await?;
    let read = sqlite_pool(
        &format!("sqlite://{path}?mode=rw"),
        readers,
        "PRAGMA query_only = ON",
    )
    .await?;
    Ok((read, write))
}

/// Makes the file, if it is not there, for its owner alone (mode 0600). SQLite gives those beside
/// it, the log of writes and its index, the same mode.
fn make_private(path: &str) -> std::io::Result<()> {
    // What is escaped names another file, which the driver makes.
    if path.contains('%') {
        return Ok(());
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

async fn sqlite_pool(url: &str, connections: u32, role: &'static str) -> Result<AnyPool> {
    let pool = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .after_connect(move |conn, _| {
            Box::pin(async move {
                // `synchronous = FULL` makes an acknowledged change survive a power cut too.
                for pragma in [
                    "PRAGMA journal_mode = WAL",
                    "PRAGMA synchronous = FULL",
                    "PRAGMA busy_timeout = 5000",
                    "PRAGMA foreign_keys = ON",
                    role,
                ] {
                    sqlx::raw_sql(AssertSqlSafe(pragma))
                        .execute(&mut *conn)
                        .await?;
                }
                Ok(())
            })
        })
        .connect(url)
        .await?;
    Ok(pool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(
            sqlite_path("sqlite://data/x.db?mode=rwc"),
            Some("data/x.db")
        );
        assert_eq!(sqlite_path("sqlite:///var/x.db"), Some("/var/x.db"));
        assert_eq!(sqlite_path("postgres://x"), None);
        assert!(backend_of("mysql://x").is_err());
    }
}
