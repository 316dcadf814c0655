//! Roles.

use crate::error::Problems;
use crate::ids::{DeptId, MenuId, RoleId, UserId};
use crate::scope::DataScope;
use crate::{Error, Result, Text, Timestamp, validate};
use serde::{Deserialize, Serialize};

/// Whether a role or a user is in use, with the one-digit code that clients know it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Status {
    /// In use (`0`).
    #[default]
    #[serde(rename = "0")]
    Active,
    /// Disabled: a role grants nothing, a user can't sign in (`1`).
    #[serde(rename = "1")]
    Disabled,
}

impl Status {
    /// The code that clients and the database know it by.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Active => "0",
            Self::Disabled => "1",
        }
    }

    /// Reads `0` or `1`.
    ///
    /// # Errors
    /// [`crate::Kind::Invalid`] on `status` for anything else.
    pub fn parse(code: &str) -> Result<Self> {
        match code {
            "0" => Ok(Self::Active),
            "1" => Ok(Self::Disabled),
            _ => Err(Error::field(
                "status",
                Text::fixed(
                    "应为 0（正常）或 1（停用）",
                    "must be 0 (active) or 1 (disabled)",
                ),
            )),
        }
    }
}

/// What other permissions would do to the users who hold a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// Whether the role counts: a disabled one grants nothing, whatever it says.
    pub active: bool,
    /// What its holders would gain and lose, the first [`Effect::MOST`] codes of it.
    pub codes: Vec<CodeEffect>,
    /// How many codes they would gain or lose in all.
    pub total: usize,
}

impl Effect {
    /// How many codes are looked at one by one.
    pub const MOST: usize = 6;
}

/// What becomes of one permission code, for the users who hold a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeEffect {
    /// The code.
    pub code: String,
    /// Whether the role would grant it from now on, instead of granting it no longer.
    pub gained: bool,
    /// How many users would gain or lose it.
    pub people: i64,
    /// For how many nothing changes, because other roles of theirs grant it too.
    pub spared: i64,
    /// The names of these roles, by sort.
    pub through: Vec<String>,
}

/// A role as it is kept, with what hangs on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its name for people.
    pub name: String,
    /// Its unique key for programs.
    pub key: String,
    /// Where it stands in lists; small numbers first.
    pub sort: i64,
    /// Whether it grants anything.
    pub status: Status,
    /// Whose records its holders see.
    pub data_scope: DataScope,
    /// Built in: it can't be deleted, disabled or lose its key.
    pub builtin: bool,
    /// A note.
    pub remark: Option<String>,
    /// Who made it; none for the built-in ones.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who changed it last.
    pub updated_by: Option<UserId>,
    /// When it was changed last.
    pub updated_at: Option<Timestamp>,
    /// The permission patterns it grants, sorted.
    pub permissions: Vec<String>,
    /// The menu entries it shows, sorted.
    pub menu_ids: Vec<MenuId>,
    /// The departments of a custom data scope, sorted.
    pub dept_ids: Vec<DeptId>,
    /// How many users hold it: all of them, whoever asks and whomever she sees.
    pub holders: i64,
}

impl Role {
    /// When it was changed last, or made, if it never was.
    #[must_use]
    pub fn changed_at(&self) -> Timestamp {
        self.updated_at.unwrap_or(self.created_at)
    }

    /// Who did that, if it is known.
    #[must_use]
    pub fn changed_by(&self) -> Option<UserId> {
        match self.updated_at {
            Some(_) => self.updated_by,
            None => self.created_by,
        }
    }
}

/// As much of a role as a user's record shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRef {
    /// Its id.
    pub id: RoleId,
    /// Its name for people.
    pub name: String,
    /// Its unique key for programs.
    pub key: String,
    /// Whether it grants anything.
    pub status: Status,
}

/// A role to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewRole {
    /// Its name for people, 1 to 50 characters.
    pub name: String,
    /// Its unique key, see [`validate::role_key`].
    pub key: String,
    /// Where it stands in lists.
    pub sort: i64,
    /// Whether it grants anything.
    pub status: Status,
    /// Whose records its holders see.
    pub data_scope: DataScope,
    /// A note, at most 500 characters.
    pub remark: Option<String>,
    /// The permission patterns it grants.
    pub permissions: Vec<String>,
    /// The menu entries it shows.
    pub menu_ids: Vec<MenuId>,
    /// The departments of a custom data scope.
    pub dept_ids: Vec<DeptId>,
}

/// A change of a role: what is `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleChange {
    /// A new name.
    pub name: Option<String>,
    /// A new key.
    pub key: Option<String>,
    /// A new place in lists.
    pub sort: Option<i64>,
    /// A new status.
    pub status: Option<Status>,
    /// A new data scope.
    pub data_scope: Option<DataScope>,
    /// A new note; `Some(None)` clears it.
    pub remark: Option<Option<String>>,
    /// All permission patterns it is to grant.
    pub permissions: Option<Vec<String>>,
    /// All menu entries it is to show.
    pub menu_ids: Option<Vec<MenuId>>,
    /// All departments of its custom data scope.
    pub dept_ids: Option<Vec<DeptId>>,
    /// When the role as it was seen had been changed last ([`Role::changed_at`]): if that is not
    /// so any more, nothing is changed.
    pub seen: Option<Timestamp>,
}

/// How a list of roles is ordered. What is alike comes by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RoleSort {
    /// By where they stand in lists.
    #[default]
    RoleSort,
    /// By name.
    RoleName,
    /// By key.
    RoleKey,
    /// By the last change, or the making of what was never changed.
    UpdateTime,
}

impl RoleSort {
    /// All orders.
    pub const ALL: [Self; 4] = [
        Self::RoleSort,
        Self::RoleName,
        Self::RoleKey,
        Self::UpdateTime,
    ];

    /// The name that clients know it by.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::RoleSort => "roleSort",
            Self::RoleName => "roleName",
            Self::RoleKey => "roleKey",
            Self::UpdateTime => "updateTime",
        }
    }

    /// Reads a name; `None` for an unknown one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// Which roles a list holds, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleFilter {
    /// Part of the name.
    pub name: Option<String>,
    /// Part of the key.
    pub key: Option<String>,
    /// Part of the name or of the key.
    pub text: Option<String>,
    /// The status.
    pub status: Option<Status>,
    /// The order.
    pub sort: RoleSort,
    /// Whether the order is reversed.
    pub descending: bool,
}

/// What a role's name, key, sort and remark must be, for a new role and a changed one alike.
///
/// # Errors
/// [`crate::Kind::Invalid`], naming every field at fault.
pub fn check(
    name: Option<&str>,
    key: Option<&str>,
    sort: Option<i64>,
    remark: Option<&str>,
) -> Result<()> {
    let mut problems = Problems::default();
    if let Some(name) = name {
        problems.take(validate::text("roleName", name, 1, 50));
    }
    if let Some(key) = key {
        problems.take(validate::role_key(key));
    }
    if let Some(sort) = sort {
        problems.take(validate::range("roleSort", sort, 0, 1_000_000));
    }
    if let Some(remark) = remark {
        problems.take(validate::lines("remark", remark, 0, 500));
    }
    problems.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_at_fault_is_named() {
        let error = check(Some(""), Some("a b"), Some(-1), None).expect_err("all wrong");
        let named: Vec<_> = error.fields.iter().map(|f| f.field.as_ref()).collect();
        assert_eq!(named, ["roleName", "roleKey", "roleSort"]);
        check(Some("审计员"), Some("auditor"), Some(3), Some("")).expect("all right");
    }

    #[test]
    fn status_is_nought_or_one() {
        assert_eq!(Status::parse("1").expect("1"), Status::Disabled);
        assert!(Status::parse("2").is_err());
    }
}
