//! What other parts of the program, and other nodes, must hear of at once.

use std::fmt;

/// A change that makes something held in memory stale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A user was changed: status, roles, department, password duty.
    User(i64),
    /// Roles, departments or the permission catalogue were changed.
    Roles,
    /// A session was ended.
    Session(String),
    /// A signing key was added or dropped.
    Keys,
    /// An entry was written to a log: the first word of its action, as in `role` or `sign_in`.
    /// Nothing that is held in memory is stale for it.
    Log(String),
    /// Settings were changed.
    Settings,
    /// Events may have been missed: anything may have changed.
    Unknown,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Roles => f.write_str("roles"),
            Self::Session(id) => write!(f, "session:{id}"),
            Self::Keys => f.write_str("keys"),
            Self::Log(thing) => write!(f, "log:{thing}"),
            Self::Settings => f.write_str("settings"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

impl Event {
    /// Whether it is of use to pages that are open at this moment and to nobody else.
    #[must_use]
    pub fn is_fleeting(&self) -> bool {
        matches!(self, Self::Log(_))
    }

    /// Reads what [`fmt::Display`] wrote; what a newer version may have written counts as
    /// [`Event::Unknown`], so that neighbouring versions can run together.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.split_once(':') {
            Some(("user", id)) => id.parse().map_or(Self::Unknown, Self::User),
            Some(("session", id)) => Self::Session(id.to_owned()),
            Some(("log", thing)) => Self::Log(thing.to_owned()),
            None if text == "roles" => Self::Roles,
            None if text == "keys" => Self::Keys,
            None if text == "settings" => Self::Settings,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    #[test]
    fn events_read_what_they_write() {
        for event in [
            Event::User(7),
            Event::Roles,
            Event::Session("a-b".into()),
            Event::Keys,
            Event::Log("role".into()),
            Event::Settings,
            Event::Unknown,
        ] {
            assert_eq!(Event::parse(&event.to_string()), event);
        }
        assert_eq!(Event::parse("user:x"), Event::Unknown);
        assert_eq!(Event::parse("tomorrow:1"), Event::Unknown);
    }
}
