//! What pages that are open in a browser are told of: the names of what changed, and nothing
//! more.

use crate::catalogue::{
    DEPT_LIST, LOG_LOGIN, LOG_OPERATION, MENU_LIST, PERM_LIST, ROLE_LIST, ROLE_QUERY, SESSION_LIST,
    SETTING_QUERY, USER_BIND, USER_LIST, USER_QUERY,
};

/// A kind of thing that can change.
#[derive(Debug)]
pub struct Topic {
    /// What pages know it by.
    pub name: &'static str,
    /// The permissions with which one may know of changes; any of them will do, and none is asked
    /// for when the list is empty.
    pub needs: &'static [&'static str],
}

const fn topic(name: &'static str, needs: &'static [&'static str]) -> Topic {
    Topic { name, needs }
}

/// All topics. At most 32: they are kept as bits.
pub static TOPICS: &[Topic] = &[
    // What the caller herself may do, and whether she is still signed in.
    topic("me", &[]),
    topic("users", &[USER_LIST, USER_QUERY]),
    topic("roles", &[ROLE_LIST, ROLE_QUERY, USER_BIND]),
    topic("permissions", &[PERM_LIST]),
    topic("depts", &[DEPT_LIST]),
    topic("menus", &[MENU_LIST]),
    topic("sessions", &[SESSION_LIST]),
    topic("sign-ins", &[LOG_LOGIN]),
    topic("operations", &[LOG_OPERATION]),
    topic("settings", &[SETTING_QUERY]),
    topic("keys", &[SETTING_QUERY]),
];

/// Where a topic stands among [`TOPICS`].
#[must_use]
pub fn place(name: &str) -> Option<usize> {
    TOPICS.iter().position(|topic| topic.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use std::collections::BTreeSet;

    #[test]
    fn topics_are_few_and_known_by_one_name() {
        let names: BTreeSet<&str> = TOPICS.iter().map(|t| t.name).collect();
        assert_eq!(names.len(), TOPICS.len());
        assert!(TOPICS.len() <= 32);
        assert_eq!(place("me"), Some(0));
        assert_eq!(place("weather"), None);
    }

    #[test]
    fn what_they_need_is_in_the_catalogue() {
        for code in TOPICS.iter().flat_map(|t| t.needs) {
            assert!(catalogue::find(code).is_some(), "{code}");
        }
    }
}
