//! Where uploaded files are kept: what is asked of the store. The clients are in `providers`.

use crate::outside::Asking;
use bytes::Bytes;
use menshen_domain::Timestamp;

/// A file that a store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The key that it was put under.
    pub key: String,
    /// When it was put there, by the store's clock.
    pub modified: Timestamp,
}

/// A store of files under keys of the form `folder/name`.
pub trait FileStore: std::fmt::Debug + Send + Sync + 'static {
    /// Keeps `content` under `key`: whole or not at all.
    fn put<'a>(&'a self, key: &'a str, content: Bytes) -> Asking<'a, ()>;

    /// What is kept under `key`; `None` when there is nothing.
    fn get<'a>(&'a self, key: &'a str) -> Asking<'a, Option<Bytes>>;

    /// Forgets what is kept under `key`; nothing there is fine.
    fn delete<'a>(&'a self, key: &'a str) -> Asking<'a, ()>;

    /// Everything in `folder`.
    fn list<'a>(&'a self, folder: &'a str) -> Asking<'a, Vec<Stored>>;
}
