//! Everything that Menshen keeps: SQLite and PostgreSQL behind one face.
//!
//! [`Db`] gives out connections for reading ([`Db::read`]) and transactions for changing
//! ([`Db::begin`]); each module holds the queries of one thing as plain functions over a
//! connection, so that a service puts as many of them into one transaction as its rule needs.
//! Every query is one SQL text that both databases take; what differs between them is in
//! [`db`] and in `migrations/`.
//!
//! To add a thing: a table in `migrations/sqlite` and `migrations/postgres` (a test holds them
//! alike), a module with its row type and queries, and its cases in `tests/contract.rs`, which
//! runs on both databases.

pub mod audit;
pub mod captchas;
pub mod db;
pub mod depts;
pub mod error;
pub mod events;
pub mod identities;
pub mod keys;
pub mod menus;
pub mod overview;
pub mod passkeys;
pub mod permissions;
pub mod roles;
pub mod seals;
pub mod second_factors;
pub mod sessions;
pub mod settings;
pub mod sms_codes;
mod sql;
pub mod throttle;
pub mod tickets;
pub mod uploads;
pub mod users;

pub use db::{Backend, Conn, Db, Reader, Tx};
pub use error::{Result, StorageError};
pub use events::Event;
