//! Sessions, sign-ins, and what the overview shows of them.

use crate::ids::{SessionId, UserId};
use crate::{RoleId, Timestamp};
use serde::{Deserialize, Serialize};

/// The signed-in person as the admin UI knows her.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// Her id.
    pub id: UserId,
    /// Her login name.
    pub username: String,
    /// What to call her.
    pub nickname: String,
    /// The address of her picture; may be empty.
    pub avatar: String,
    /// The permission patterns that she holds and every known code that they cover.
    pub permissions: Vec<String>,
    /// A new password must be chosen before anything else.
    pub must_change_password: bool,
}

impl Me {
    /// Whether she may do what `code` guards.
    #[must_use]
    pub fn may(&self, code: &str) -> bool {
        self.permissions.iter().any(|p| p == code)
    }
}

/// One try to sign in, as the login log keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// When.
    pub at: Timestamp,
    /// The name that was given.
    pub username: String,
    /// Whether it succeeded.
    pub success: bool,
    /// The client's address.
    pub ip: String,
    /// The client's User-Agent.
    pub user_agent: String,
}

/// The overview's figures. What the viewer has no permission for is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// How many users there are.
    pub users: Option<i64>,
    /// How many of them are disabled.
    pub disabled_users: Option<i64>,
    /// How many roles there are.
    pub roles: Option<i64>,
    /// How many sessions are open.
    pub sessions: Option<i64>,
    /// Successful sign-ins in the last 24 hours.
    pub sign_ins: Option<i64>,
    /// Failed sign-ins in the last 24 hours.
    pub failures: Option<i64>,
    /// The latest sign-ins, newest first.
    pub last: Option<Vec<SignIn>>,
}

/// A captcha for a form: the picture as a data URI, and the key to hand in with the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptchaPicture {
    /// `data:image/png;base64,…`.
    pub image: String,
    /// Names the captcha.
    pub key: String,
}

/// A code of the permission catalogue, as lists and editors show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionItem {
    /// The code.
    pub code: String,
    /// Its name in both languages.
    pub name: crate::Text,
    /// What it is for.
    pub description: String,
}

/// A role as far as a form that gives roles needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleOption {
    /// The role's id.
    pub id: RoleId,
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: String,
}

/// What opened a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionKind {
    /// A client of the REST API.
    Api,
    /// A browser in the admin UI.
    Browser,
}

impl SessionKind {
    /// The word that clients and the database know it by.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Browser => "browser",
        }
    }

    /// Reads the word; `None` for any other.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Api, Self::Browser]
            .into_iter()
            .find(|k| k.code() == code)
    }
}

/// A session that can still be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// Her login name.
    pub username: String,
    /// What opened it.
    pub kind: SessionKind,
    /// The address at sign-in.
    pub ip: String,
    /// The User-Agent at sign-in.
    pub user_agent: String,
    /// The browser or program, as far as the User-Agent tells; else empty.
    pub browser: String,
    /// The operating system, as far as the User-Agent tells; else empty.
    pub os: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was last seen in use, to the minute or so.
    pub seen_at: Timestamp,
    /// Its absolute end.
    pub expires_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Which sessions are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionFilter {
    /// Part of the user's name.
    pub username: Option<String>,
    /// Part of the address.
    pub ip: Option<String>,
    /// What opened them.
    pub kind: Option<SessionKind>,
}

/// The ways in that the login page offers beside name and password.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ways {
    /// A code sent to a phone.
    pub sms: bool,
    /// Scanning a code with WeChat.
    pub wechat: bool,
    /// WeCom.
    pub wecom: bool,
}
