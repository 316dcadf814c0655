//! One's own account, as its page shows it.

use crate::user::User;
use crate::{Text, Timestamp};
use serde::{Deserialize, Serialize};

/// The account of whoever asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Who it is.
    pub user: User,
    /// The largest picture that is taken, in bytes.
    pub picture_max: usize,
}

/// How the second factor of whoever asks stands, and what changing it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// Since when codes are asked for; none when they are not.
    pub confirmed_at: Option<Timestamp>,
    /// How many recovery codes are left.
    pub recovery_left: i64,
    /// Whether there is a password, which every change asks for.
    pub has_password: bool,
}

/// How hard a password is to guess.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strength {
    /// From 0 (at once) to 4 (not in centuries).
    pub score: u8,
    /// Whether it may be chosen.
    pub good: bool,
    /// What is weak about it, and what would help.
    pub advice: Vec<Text>,
}
