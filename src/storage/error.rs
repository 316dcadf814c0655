//! What can go wrong with a database.

use menshen_domain::{Error, Kind};

/// The result of a query.
pub type Result<T, E = StorageError> = std::result::Result<T, E>;

/// A failure of the database or of what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Two rows would be the same where they must differ. Holds the constraint's name or columns,
    /// in which the column's name occurs on both databases.
    #[error("unique constraint violated: {0}")]
    Unique(String),
    /// No connection came free in time.
    #[error("the database is busy")]
    Busy,
    /// A text that the database can't take: PostgreSQL's hold no NUL, its indexes nothing of
    /// several kilobytes.
    #[error("a text that can't be stored: {0}")]
    Text(sqlx::Error),
    /// Anything else.
    #[error(transparent)]
    Database(sqlx::Error),
    /// The migrations could not be applied.
    #[error("migration failed: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The address of the database can't be used.
    #[error("{0}")]
    Url(String),
}

impl StorageError {
    /// Whether it is a clash on a unique index over `column`.
    #[must_use]
    pub fn is_unique(&self, column: &str) -> bool {
        matches!(self, Self::Unique(what) if what.contains(column))
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db) if db.is_unique_violation() => Self::Unique(
                db.constraint()
                    .map_or_else(|| db.message().to_owned(), str::to_owned),
            ),
            // SQLite's SQLITE_BUSY, when another process holds the write lock for too long.
            sqlx::Error::Database(db) if db.code().as_deref() == Some("5") => Self::Busy,
            sqlx::Error::PoolTimedOut => Self::Busy,
            // PostgreSQL's character_not_in_repertoire and program_limit_exceeded.
            sqlx::Error::Database(db)
                if matches!(db.code().as_deref(), Some("22021" | "54000")) =>
            {
                Self::Text(error)
            }
            // PostgreSQL's deadlock_detected and serialization_failure: another try will do.
            sqlx::Error::Database(db)
                if matches!(db.code().as_deref(), Some("40P01" | "40001")) =>
            {
                Self::Busy
            }
            // SQLite's bound on what LIKE looks for.
            sqlx::Error::Database(db) if db.message().contains("pattern too complex") => {
                Self::Text(error)
            }
            _ => Self::Database(error),
        }
    }
}

impl From<StorageError> for Error {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Busy => Self {
                source: Some(Box::new(error)),
                ..Self::new(
                    Kind::Busy { retry_after: 1 },
                    "服务繁忙，请稍后再试",
                    "The service is busy. Please try again shortly",
                )
            },
            StorageError::Text(_) => Self {
                source: Some(Box::new(error)),
                ..Self::new(
                    Kind::Invalid,
                    "请求中的文字过长，或含有无法保存的字符",
                    "The request holds text that is too long or has characters that can't be kept",
                )
            },
            other => Self::internal(other),
        }
    }
}
