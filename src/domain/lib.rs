//! The pure heart of Menshen: types, validation, permission patterns, data scopes, the clock.
//!
//! Nothing here reads a file, a socket or the time of day, and all of it builds for WebAssembly,
//! so that the browser's form, the server function and the REST handler check a field with one
//! and the same function.
//!
//! To add a rule: put the type in the file of its thing (`user`, `role`, …), give it a function
//! that returns [`Result`], write both languages of its message at the place of the error, and
//! test it beside the code.

pub mod account;
pub mod catalogue;
pub mod clock;
pub mod dept;
pub mod error;
pub mod file;
pub mod ids;
pub mod live;
pub mod log;
pub mod menu;
pub mod page;
pub mod passkey;
pub mod people;
pub mod permission;
pub mod role;
pub mod scope;
pub mod session;
pub mod setting;
pub mod text;
pub mod tree;
pub mod user;
pub mod validate;

pub use clock::{Clock, Random, Timestamp};
pub use error::{Error, FieldError, Kind, Result};
pub use ids::{DeptId, MenuId, PasskeyId, RoleId, SessionId, UserId};
pub use page::{Page, PageRequest};
pub use permission::{Grants, Pattern};
pub use text::{Lang, Text};
pub use tree::Tree;
