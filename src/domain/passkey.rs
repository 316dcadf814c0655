//! Passkeys: what a user sees of her own.

use crate::ids::PasskeyId;
use crate::{Result, Timestamp, validate};
use serde::{Deserialize, Serialize};

/// The longest name of a passkey, in characters.
pub const NAME_MAX: usize = 50;
/// How many passkeys a user may have.
pub const MAX_PER_USER: usize = 20;

/// A passkey as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyInfo {
    /// Its id.
    pub id: PasskeyId,
    /// What its user calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When somebody signed in with it last.
    pub last_used_at: Option<Timestamp>,
}

/// A passkey's name: 1 to 50 characters, trimmed.
///
/// # Errors
/// [`crate::Kind::Invalid`] on `name`.
pub fn name(value: &str) -> Result<String> {
    validate::text("name", value, 1, NAME_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_to_fifty_characters() {
        assert_eq!(name(" 手机 ").expect("good"), "手机");
        let longest = "长".repeat(NAME_MAX);
        assert_eq!(name(&longest).expect("good"), longest);
        for wrong in ["", "  ", &"长".repeat(NAME_MAX + 1), "a\u{0}b"] {
            let error = name(wrong).expect_err("wrong");
            assert_eq!(error.fields[0].field, "name");
        }
    }
}
