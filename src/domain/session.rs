//! Sessions, sign-ins, and what the overview shows of them.

use crate::ids::{SessionId, UserId};
use crate::log::LogEntry;
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
    /// How many sessions are open, counted up to [`MANY`].
    pub sessions: Option<i64>,
    /// Active users without a second factor.
    pub without_factor: Option<i64>,
    /// Successful sign-ins of today.
    pub sign_ins: Option<Compared>,
    /// Failed sign-ins of today.
    pub failures: Option<Compared>,
    /// Accounts that nobody can sign in to at this moment, after too many failures.
    pub throttled: Option<i64>,
    /// The sign-ins of the last two weeks, day by day, today last.
    pub days: Option<Vec<Day>>,
    /// The latest sign-ins, newest first.
    pub last: Option<Vec<SignIn>>,
    /// The latest changes, newest first.
    pub actions: Option<Vec<LogEntry>>,
    /// What somebody should look at.
    pub concerns: Vec<Concern>,
}

/// What is counted for the admin UI is counted up to this: nobody needs to know more exactly.
pub const MANY: i64 = 10_000;

/// A figure of today, and the same a week ago until the same time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// Since midnight.
    pub today: i64,
    /// A week ago, from midnight to the same time of day.
    pub week_ago: i64,
}

/// The sign-ins of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// `YYYY-MM-DD`, in the server's time zone.
    pub date: String,
    /// How many succeeded.
    pub sign_ins: i64,
    /// How many failed.
    pub failures: i64,
}

/// Something that needs attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concern {
    /// What it is.
    pub kind: ConcernKind,
    /// How many there are of it; for a key, the days until it is due.
    pub count: i64,
    /// The names of the first of them.
    pub names: Vec<String>,
    /// The id of the first of them: a role.
    pub id: Option<i64>,
}

/// What can need attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConcernKind {
    /// Roles beside the built-in one that grant everything.
    WideRoles,
    /// People who may do everything, and whom a password alone keeps out of other hands.
    WideWithoutFactor,
    /// One-time passwords that were not changed yet.
    OneTimePasswords,
    /// Accounts with too many failures.
    Throttled,
    /// Disabled roles that somebody holds still.
    DisabledRoles,
    /// The signing key is to be renewed soon, or should have been.
    KeyDue,
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
    /// What to call her; may be empty.
    pub nickname: String,
    /// The address of her picture; may be empty.
    pub avatar: String,
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

/// How a list of sessions is ordered. Each order has an index to go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SessionSort {
    /// By when they were last seen in use.
    #[default]
    LastSeenTime,
    /// By when they were opened.
    LoginTime,
    /// By their absolute end.
    ExpireTime,
}

impl SessionSort {
    /// All orders.
    pub const ALL: [Self; 3] = [Self::LastSeenTime, Self::LoginTime, Self::ExpireTime];

    /// The name that clients know it by.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::LastSeenTime => "lastSeenTime",
            Self::LoginTime => "loginTime",
            Self::ExpireTime => "expireTime",
        }
    }

    /// Reads a name; `None` for an unknown one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// Which sessions are wanted, and in which order: the latest first, unless it is `ascending`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionFilter {
    /// Part of the user's login name, of what she is called, or of the address.
    pub text: Option<String>,
    /// Whose.
    pub user_id: Option<UserId>,
    /// Part of the user's name.
    pub username: Option<String>,
    /// Part of the address.
    pub ip: Option<String>,
    /// What opened them.
    pub kind: Option<SessionKind>,
    /// The order.
    pub sort: SessionSort,
    /// Whether the earliest come first.
    pub ascending: bool,
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
