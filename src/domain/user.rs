//! Users.

use crate::error::Problems;
use crate::ids::{DeptId, RoleId, UserId};
use crate::role::{RoleRef, Status};
use crate::{Error, Result, Text, Timestamp, validate};
use serde::{Deserialize, Serialize};

/// A user as it is kept, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The login name.
    pub username: String,
    /// A second, made-up login name (document E's `UserCode`).
    pub user_code: String,
    /// The name for people.
    pub nickname: String,
    /// The address of a picture; may be empty.
    pub avatar: String,
    /// A telephone number.
    pub phone: Option<String>,
    /// Whether the number was proved to be the user's.
    pub phone_verified: bool,
    /// An e-mail address.
    pub email: Option<String>,
    /// Whether the address was proved to be the user's.
    pub email_verified: bool,
    /// `0` male, `1` female, `2` not told.
    pub sex: String,
    /// Whether the user can sign in.
    pub status: Status,
    /// The department.
    pub dept_id: Option<DeptId>,
    /// The department's name.
    pub dept_name: Option<String>,
    /// A note for administrators.
    pub remark: Option<String>,
    /// A new password must be chosen before anything else.
    pub must_change_password: bool,
    /// When the password was changed last.
    pub password_changed_at: Option<Timestamp>,
    /// From which address the last sign-in came.
    pub login_ip: Option<String>,
    /// When the last sign-in was.
    pub login_at: Option<Timestamp>,
    /// Who made the account; none for a sign-up.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who changed it last.
    pub updated_by: Option<UserId>,
    /// When it was changed last.
    pub updated_at: Option<Timestamp>,
    /// The roles held, by sort.
    pub roles: Vec<RoleRef>,
}

impl User {
    /// What to call the user: the nickname, or the login name without one.
    #[must_use]
    pub fn display_name(&self) -> &str {
        if self.nickname.is_empty() {
            &self.username
        } else {
            &self.nickname
        }
    }
}

/// A user to be made.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewUser {
    /// The login name, see [`validate::username`].
    pub username: String,
    /// The first password, in clear.
    pub password: String,
    /// The name for people.
    pub nickname: Option<String>,
    /// The address of a picture.
    pub avatar: Option<String>,
    /// A telephone number, not verified.
    pub phone: Option<String>,
    /// An e-mail address, not verified.
    pub email: Option<String>,
    /// `0` male, `1` female, `2` not told.
    pub sex: Option<String>,
    /// Whether the user can sign in.
    pub status: Status,
    /// The department.
    pub dept_id: Option<DeptId>,
    /// A note for administrators.
    pub remark: Option<String>,
    /// Whether a new password must be chosen at the first sign-in.
    pub must_change_password: bool,
    /// The roles to hold.
    pub role_ids: Vec<RoleId>,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser")
            .field("username", &self.username)
            .field("password", &"[redacted]")
            .finish_non_exhaustive()
    }
}

/// A change of a user: what is `None` stays as it is, an empty text clears.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserChange {
    /// A new login name.
    pub username: Option<String>,
    /// A new password, set by an administrator; empty: unchanged.
    pub password: Option<String>,
    /// A new name for people.
    pub nickname: Option<String>,
    /// A new picture.
    pub avatar: Option<String>,
    /// A new telephone number; it starts unverified.
    pub phone: Option<String>,
    /// A new e-mail address; it starts unverified.
    pub email: Option<String>,
    /// A new sex.
    pub sex: Option<String>,
    /// A new status.
    pub status: Option<Status>,
    /// A new department; `Some(None)` for none.
    pub dept_id: Option<Option<DeptId>>,
    /// A new note.
    pub remark: Option<String>,
}

impl std::fmt::Debug for UserChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserChange")
            .field("username", &self.username)
            .field("password", &self.password.as_ref().map(|_| "[redacted]"))
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// How a list of users is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UserSort {
    /// By id.
    #[default]
    Id,
    /// By login name.
    Username,
    /// By the last sign-in; those who never did come last.
    LoginDate,
    /// By the time the account was made.
    CreateTime,
}

impl UserSort {
    /// All orders.
    pub const ALL: [Self; 4] = [Self::Id, Self::Username, Self::LoginDate, Self::CreateTime];

    /// The name that clients know it by.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Id => "userId",
            Self::Username => "username",
            Self::LoginDate => "loginDate",
            Self::CreateTime => "createTime",
        }
    }

    /// Reads a name; `None` for an unknown one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// Which users a list holds, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserFilter {
    /// Part of the login name, nickname, phone or e-mail.
    pub text: Option<String>,
    /// Part of the login name.
    pub username: Option<String>,
    /// Part of the nickname.
    pub nickname: Option<String>,
    /// Part of the phone.
    pub phone: Option<String>,
    /// Part of the e-mail.
    pub email: Option<String>,
    /// The status.
    pub status: Option<Status>,
    /// A role that they hold.
    pub role_id: Option<RoleId>,
    /// The department that they are in, or one below it.
    pub dept_id: Option<DeptId>,
    /// Whether their last sign-in was at this moment or later.
    pub signed_in_since: Option<Timestamp>,
    /// Whether they have no second factor.
    pub no_second_factor: bool,
    /// Whether they must choose a new password at the next sign-in.
    pub password_due: bool,
    /// The order.
    pub sort: UserSort,
    /// Whether the order is reversed.
    pub descending: bool,
}

/// What the plain fields of a user must be, for a new one and a changed one alike; `None` is not
/// checked.
#[derive(Debug, Default)]
pub struct Fields<'a> {
    /// The login name.
    pub username: Option<&'a str>,
    /// The name for people.
    pub nickname: Option<&'a str>,
    /// The address of a picture.
    pub avatar: Option<&'a str>,
    /// The telephone number.
    pub phone: Option<&'a str>,
    /// The e-mail address.
    pub email: Option<&'a str>,
    /// `0`, `1` or `2`.
    pub sex: Option<&'a str>,
    /// The note.
    pub remark: Option<&'a str>,
}

impl Fields<'_> {
    /// Notes in `problems` what is wrong with each field that is given.
    pub fn check(&self, problems: &mut Problems) {
        if let Some(v) = self.username {
            problems.take(validate::username(v));
        }
        if let Some(v) = self.nickname {
            problems.take(validate::text("nickname", v, 0, 50));
        }
        if let Some(v) = self.avatar {
            problems.take(validate::avatar(v));
        }
        if let Some(v) = self.phone {
            problems.take(validate::phone(v));
        }
        if let Some(v) = self.email {
            problems.take(validate::email(v));
        }
        if let Some(v) = self.sex {
            problems.take(sex(v));
        }
        if let Some(v) = self.remark {
            problems.take(validate::lines("remark", v, 0, 500));
        }
    }
}

fn sex(value: &str) -> Result<()> {
    if matches!(value, "" | "0" | "1" | "2") {
        Ok(())
    } else {
        Err(Error::field(
            "sex",
            Text::fixed(
                "应为 0（男）、1（女）或 2（未知）",
                "must be 0 (male), 1 (female) or 2 (not told)",
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_a_password() {
        let new = NewUser {
            password: "tell-nobody-this".into(),
            ..NewUser::default()
        };
        let change = UserChange {
            password: Some("tell-nobody-this".into()),
            ..UserChange::default()
        };
        assert!(!format!("{new:?}{change:?}").contains("tell-nobody"));
    }
}
