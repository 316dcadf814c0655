//! Data scope: whose records the holder of a role sees.

use crate::ids::DeptId;
use serde::{Deserialize, Serialize};

/// A role's data scope, with the one-digit code that clients know it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum DataScope {
    /// Everybody (`1`).
    #[default]
    #[serde(rename = "1")]
    All,
    /// A list of departments (`2`).
    #[serde(rename = "2")]
    Custom,
    /// The holder's own department (`3`).
    #[serde(rename = "3")]
    OwnDept,
    /// The holder's department and those below it (`4`).
    #[serde(rename = "4")]
    OwnAndBelow,
    /// Nobody but the holder (`5`).
    #[serde(rename = "5")]
    SelfOnly,
}

impl DataScope {
    /// All scopes.
    pub const ALL: [Self; 5] = [
        Self::All,
        Self::Custom,
        Self::OwnDept,
        Self::OwnAndBelow,
        Self::SelfOnly,
    ];

    /// The code that clients and the database know it by.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::All => "1",
            Self::Custom => "2",
            Self::OwnDept => "3",
            Self::OwnAndBelow => "4",
            Self::SelfOnly => "5",
        }
    }

    /// Reads a code; `None` for anything but `1` to `5`.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// How much it shows compared with the others; the widest of a user's roles wins.
    #[must_use]
    pub fn width(self) -> u8 {
        match self {
            Self::SelfOnly => 0,
            Self::OwnDept => 1,
            Self::OwnAndBelow => 2,
            Self::Custom => 3,
            Self::All => 4,
        }
    }
}

/// What a user sees in the end, computed from the user's roles and department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// The widest scope among the user's active roles; [`DataScope::SelfOnly`] without any.
    pub scope: DataScope,
    /// The departments in sight, all roles together; every department when `scope` is all.
    pub depts: Vec<DeptId>,
}

impl Sight {
    /// Sees nobody but oneself.
    #[must_use]
    pub fn own() -> Self {
        Self {
            scope: DataScope::SelfOnly,
            depts: Vec::new(),
        }
    }

    /// Sees everybody.
    #[must_use]
    pub fn everybody() -> Self {
        Self {
            scope: DataScope::All,
            depts: Vec::new(),
        }
    }

    /// Whether a user of department `dept` is in sight (oneself always is; ask that apart).
    #[must_use]
    pub fn sees(&self, dept: Option<DeptId>) -> bool {
        self.scope == DataScope::All || dept.is_some_and(|d| self.depts.contains(&d))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip_and_all_is_the_widest() {
        for scope in DataScope::ALL {
            assert_eq!(DataScope::from_code(scope.code()), Some(scope));
            assert!(scope.width() <= DataScope::All.width());
        }
        assert_eq!(DataScope::from_code("6"), None);
    }

    #[test]
    fn sight_is_by_department() {
        let sight = Sight {
            scope: DataScope::Custom,
            depts: vec![DeptId(2)],
        };
        assert!(sight.sees(Some(DeptId(2))));
        assert!(!sight.sees(Some(DeptId(3))));
        assert!(!sight.sees(None));
        assert!(!Sight::own().sees(Some(DeptId(2))));
        assert!(Sight::everybody().sees(None));
    }
}
