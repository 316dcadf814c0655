//! What the admin UI shows of users beside their records.

use crate::dept::Shown;
use crate::error::FieldError;
use crate::ids::{DeptId, UserId};
use crate::log::LogEntry;
use crate::role::{RoleRef, Status};
use crate::tree::{Branch, Tree};
use crate::{Text, Timestamp};
use serde::{Deserialize, Serialize};

/// The most users that are changed at once.
pub const MAX_AT_ONCE: usize = 200;

/// One of several users whom something is to happen to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickedUser {
    /// Who.
    pub id: UserId,
    /// What to call her.
    pub name: String,
    /// Whether she can sign in.
    pub status: Status,
}

/// The users whom something is to happen to, and what hangs on it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picked {
    /// Who they are.
    pub users: Vec<PickedUser>,
    /// How many sessions of theirs are open.
    pub sessions: i64,
}

/// A department to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeptOption {
    /// The department.
    pub id: DeptId,
    /// Its name.
    pub name: String,
    /// How many departments are above it.
    pub depth: usize,
    /// Whether users can be put into it: it is in sight and in use.
    pub open: bool,
}

impl DeptOption {
    /// A tree told line by line, each department before those below it.
    #[must_use]
    pub fn lines(tree: Tree<Shown>) -> Vec<Self> {
        fn add(branch: Branch<Shown>, depth: usize, into: &mut Vec<DeptOption>) {
            into.push(DeptOption {
                id: branch.node.dept.id,
                open: branch.node.in_scope && branch.node.dept.status == Status::Active,
                name: branch.node.dept.name,
                depth,
            });
            for child in branch.children {
                add(child, depth + 1, into);
            }
        }
        let mut lines = Vec::new();
        for root in tree.roots {
            add(root, 0, &mut lines);
        }
        lines
    }
}

/// A role that grants a permission, and the pattern by which it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grantor {
    /// The role.
    pub role: RoleRef,
    /// The pattern.
    pub pattern: String,
}

/// A permission that somebody holds, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Text,
    /// The roles that grant it. Without an active one among them it does not count.
    pub by: Vec<Grantor>,
}

impl Granted {
    /// Whether it counts: a role that is in use grants it.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.by.iter().any(|by| by.role.status == Status::Active)
    }
}

/// How a user's second factors stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factors {
    /// Since when codes of an app are asked for; none when they are not.
    pub totp_since: Option<Timestamp>,
    /// How many recovery codes are left.
    pub recovery_left: i64,
    /// How many passkeys there are.
    pub passkeys: i64,
}

/// The latest entries about a user; none of a log that the reader may not see.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Changes of the user, newest first.
    pub operations: Option<Vec<LogEntry>>,
    /// The user's sign-ins, and what ended them, newest first.
    pub sign_ins: Option<Vec<LogEntry>>,
}

/// A line of a file of users that is not good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadLine {
    /// The line of the file, from 1; the header is the first.
    pub line: usize,
    /// The login name that it gives.
    pub username: String,
    /// All that is wrong with it.
    pub errors: Vec<BadCell>,
}

/// What is wrong with one cell of such a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadCell {
    /// The column, and what would be right.
    pub error: FieldError,
    /// What stands there; empty for what is secret or is not there.
    pub value: String,
}

/// A password that was made up, told this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneTimePassword {
    /// Whose.
    pub username: String,
    /// The password; it must be changed at the first sign-in.
    pub password: String,
}

impl std::fmt::Debug for OneTimePassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneTimePassword")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// What came of an import, or would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// How many lines there are below the header.
    pub total: usize,
    /// How many of them are good.
    pub good: usize,
    /// How many are bad.
    pub bad: usize,
    /// How many users were made.
    pub created: usize,
    /// Whether nothing was to be made.
    pub dry_run: bool,
    /// The bad lines.
    pub lines: Vec<BadLine>,
    /// The passwords of those who were made without one.
    pub passwords: Vec<OneTimePassword>,
}
