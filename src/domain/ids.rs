//! Ids are types: a role's id can't be handed in where a user's is due.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The largest id: what JavaScript's `Number` holds exactly (2^53 − 1).
pub const MAX_ID: i64 = 9_007_199_254_740_991;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }
    };
}

id!(
    /// A user's id.
    UserId
);
id!(
    /// A role's id.
    RoleId
);
id!(
    /// A department's id.
    DeptId
);
id!(
    /// A menu entry's id.
    MenuId
);
id!(
    /// A passkey's id.
    PasskeyId
);

/// The id of the role that is built in and may do everything.
pub const ADMIN_ROLE: RoleId = RoleId(1);

/// A session's id: a UUID in its hyphenated lowercase form, the `sid` of every token.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub String);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
