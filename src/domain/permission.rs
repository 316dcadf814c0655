//! Permission codes and patterns.
//!
//! A code has three segments, `area:thing:action`. In a pattern `*` stands for any one segment.

use crate::error::{Error, Problems, Result};
use crate::role::RoleRef;
use crate::text::Text;
use crate::validate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// The pattern that matches every code.
pub const EVERYTHING: &str = "*:*:*";

const SEGMENTS: usize = 3;
const MAX_LENGTH: usize = 100;

/// A permission code, or a pattern of codes: three segments, any of which may be `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(String);

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`crate::Kind::Invalid`] on `permissions` when it does not have three segments of
    /// `a–z 0–9 _ -`, or is longer than 100 characters.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let segments: Vec<&str> = text.split(':').collect();
        let good = segments.len() == SEGMENTS
            && text.len() <= MAX_LENGTH
            && segments.iter().all(|s| is_segment(s));
        if good {
            Ok(Self(text.to_owned()))
        } else {
            let shown: String = text.chars().take(MAX_LENGTH).collect();
            Err(Error::field(
                "permissions",
                Text::new(
                    format!("“{shown}”不是权限标识，应形如 system:user:list，其中一段可以是 *"),
                    format!(
                        "“{shown}” is not a permission; write it like system:user:list, where a segment may be *"
                    ),
                ),
            ))
        }
    }

    /// The pattern as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a segment is `*`.
    #[must_use]
    pub fn is_wild(&self) -> bool {
        self.0.split(':').any(|s| s == "*")
    }

    /// Whether everything that `other` matches is matched by this one too. For a plain code that
    /// is the question whether the code is granted.
    #[must_use]
    pub fn covers(&self, other: &str) -> bool {
        covers(&self.0, other)
    }
}

/// Reads a code of the catalogue: a pattern without `*`.
///
/// # Errors
/// [`crate::Kind::Invalid`] on `code`.
pub fn code(text: &str) -> Result<String> {
    match Pattern::parse(text) {
        Ok(pattern) if !pattern.is_wild() => Ok(pattern.0),
        _ => Err(Error::field(
            "code",
            Text::fixed(
                "应形如 shop:order:list：三段，只含小写字母、数字、_ 和 -，至多 100 个字符",
                "must be written like shop:order:list: three segments of lowercase letters, digits, _ and -, at most 100 characters",
            ),
        )),
    }
}

/// What is said of a code of the catalogue, for a new one; in a change `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its Chinese name, 1 to 50 characters.
    pub name: Option<String>,
    /// Its English name, at most 50 characters; empty: the same as the Chinese one.
    pub name_en: Option<String>,
    /// What it is for, at most 500 characters.
    pub description: Option<String>,
}

impl About {
    /// The same with its texts trimmed and all of them there, what is `None` taken from
    /// `before`.
    ///
    /// # Errors
    /// [`crate::Kind::Invalid`], naming every field at fault.
    pub fn checked(&self, before: &Described) -> Result<Described> {
        let mut problems = Problems::default();
        let name = self.name.as_deref().unwrap_or(&before.name);
        let name_en = self.name_en.as_deref();
        let name_en = name_en.unwrap_or_else(|| own_english(&before.name, &before.name_en));
        let description = self.description.as_deref().unwrap_or(&before.description);
        let name = problems.take(validate::text("name", name, 1, 50));
        let name_en = problems.take(validate::text("nameEn", name_en, 0, 50));
        let description = problems.take(validate::lines("description", description, 0, 500));
        problems.finish()?;
        let name = name.unwrap_or_default();
        Ok(Described {
            name_en: name_en
                .filter(|n| !n.is_empty())
                .unwrap_or_else(|| name.clone()),
            name,
            description: description.unwrap_or_default(),
        })
    }
}

/// An English name that was not made from the Chinese one; else nothing, so that it follows when
/// that changes.
pub(crate) fn own_english<'a>(zh: &str, en: &'a str) -> &'a str {
    if en == zh { "" } else { en }
}

/// What the catalogue says of a code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    /// Its Chinese name.
    pub name: String,
    /// Its English name.
    pub name_en: String,
    /// What it is for; may be empty.
    pub description: String,
}

/// A code of the catalogue, with what hangs on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The code.
    pub code: String,
    /// Its name in both languages.
    pub name: Text,
    /// What it is for; empty for a built-in one, whose guards tell.
    pub description: String,
    /// Whether Menshen itself asks for it: then it can't be changed.
    pub builtin: bool,
    /// The REST routes (`METHOD /path`) and server functions (`fn name`) that ask for it.
    pub guards: Vec<String>,
    /// How many roles grant exactly it, and not only by a pattern.
    pub exact: i64,
    /// The roles that grant it; none when the viewer may not see roles.
    pub roles: Option<Vec<Granting>>,
}

/// How a role comes to grant a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granting {
    /// The role.
    pub role: RoleRef,
    /// What it holds: the code itself, or a pattern that covers it.
    pub pattern: String,
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn is_segment(s: &str) -> bool {
    s == "*"
        || (!s.is_empty()
            && s.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-'))
}

fn covers(pattern: &str, other: &str) -> bool {
    let mut theirs = other.split(':');
    let mut count = 0;
    for mine in pattern.split(':') {
        match theirs.next() {
            Some(segment) if mine == "*" || mine == segment => count += 1,
            _ => return false,
        }
    }
    count == SEGMENTS && theirs.next().is_none()
}

/// The patterns that somebody holds, all active roles together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants(BTreeSet<String>);

impl Grants {
    /// Whether `code` (or all of a pattern) is granted by a single one of these.
    #[must_use]
    pub fn allow(&self, code: &str) -> bool {
        self.0.contains(code) || self.0.iter().any(|held| covers(held, code))
    }

    /// Which of `wanted` are not granted.
    #[must_use]
    pub fn missing<'a>(&self, wanted: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let lacking: BTreeSet<&str> = wanted.into_iter().filter(|w| !self.allow(w)).collect();
        lacking.into_iter().map(str::to_owned).collect()
    }

    /// The patterns, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether nothing is granted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a client is shown: the patterns held and every known code that they cover, sorted, so
    /// that a front end may look for `*:*:*` or for a plain code.
    #[must_use]
    pub fn expanded<'a>(&'a self, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut all: BTreeSet<&str> = self.iter().collect();
        all.extend(known.into_iter().filter(|code| self.allow(code)));
        all.into_iter().map(str::to_owned).collect()
    }
}

impl<S: Into<String>> FromIterator<S> for Grants {
    fn from_iter<I: IntoIterator<Item = S>>(iter: I) -> Self {
        Self(iter.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment() -> impl Strategy<Value = String> {
        prop_oneof![Just("*".to_owned()), "[a-z][a-z0-9_-]{0,5}"]
    }
    fn pattern() -> impl Strategy<Value = String> {
        [segment(), segment(), segment()].prop_map(|s| s.join(":"))
    }
    fn code() -> impl Strategy<Value = String> {
        // Few letters, so that codes and patterns meet often enough to test both outcomes.
        "[ab]:[ab]:[ab]"
    }
    fn small_pattern() -> impl Strategy<Value = String> {
        "[ab*]:[ab*]:[ab*]"
    }

    proptest! {
        #[test]
        fn every_well_formed_pattern_parses_and_covers_itself(p in pattern()) {
            let parsed = Pattern::parse(&p).expect("well-formed");
            prop_assert!(parsed.covers(&p));
            prop_assert_eq!(parsed.is_wild(), p.contains('*'));
        }

        #[test]
        fn everything_covers_every_pattern(p in pattern()) {
            prop_assert!(covers(EVERYTHING, &p));
        }

        #[test]
        fn covering_means_matching_every_code_the_other_matches(
            p in small_pattern(), q in small_pattern(), c in code()
        ) {
            if covers(&p, &q) && covers(&q, &c) {
                prop_assert!(covers(&p, &c));
            }
        }

        #[test]
        fn covering_is_transitive_and_antisymmetric(
            p in small_pattern(), q in small_pattern(), r in small_pattern()
        ) {
            if covers(&p, &q) && covers(&q, &r) {
                prop_assert!(covers(&p, &r));
            }
            if covers(&p, &q) && covers(&q, &p) {
                prop_assert_eq!(p, q);
            }
        }

        #[test]
        fn a_star_is_one_segment_never_two(c in "[a-z]{1,3}(:[a-z]{1,3}){0,5}") {
            prop_assert_eq!(covers(EVERYTHING, &c), c.split(':').count() == 3);
        }

        #[test]
        fn missing_is_exactly_what_is_not_allowed(
            held in proptest::collection::vec(small_pattern(), 0..4),
            wanted in proptest::collection::vec(code(), 0..6)
        ) {
            let grants: Grants = held.iter().cloned().collect();
            let missing = grants.missing(wanted.iter().map(String::as_str));
            for w in &wanted {
                prop_assert_eq!(missing.contains(w), !held.iter().any(|h| covers(h, w)));
            }
        }

        #[test]
        fn parsing_never_panics(s in ".*") {
            drop(Pattern::parse(&s));
        }
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for bad in [
            "", "a", "a:b", "a:b:c:d", "a::c", "A:b:c", "a:b:c*", "a b:c:d", "**:b:c",
        ] {
            assert!(Pattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_code_is_plain() {
        assert_eq!(
            super::code(" shop:order:list ").expect("good"),
            "shop:order:list"
        );
        for bad in [
            "",
            "shop:order",
            "shop:*:list",
            "Shop:order:list",
            "a:b:c:d",
        ] {
            let error = super::code(bad).expect_err(bad);
            assert_eq!(error.fields[0].field, "code", "{bad}");
        }
    }

    #[test]
    fn what_is_said_of_a_code_is_checked_and_completed() {
        let about = |name: Option<&str>, name_en: Option<&str>| About {
            name: name.map(str::to_owned),
            name_en: name_en.map(str::to_owned),
            description: None,
        };
        let before = Described {
            name: "订单".into(),
            name_en: "Orders".into(),
            description: "old".into(),
        };
        let same = about(None, None).checked(&before).expect("good");
        assert_eq!(same, before);
        let fresh = about(Some(" 商品 "), None);
        let fresh = fresh.checked(&Described::default()).expect("good");
        assert_eq!(
            (fresh.name.as_str(), fresh.name_en.as_str()),
            ("商品", "商品")
        );
        // What was made from the Chinese name follows it; what was given stays.
        let followed = about(Some("货品"), None).checked(&fresh).expect("good");
        assert_eq!(followed.name_en, "货品");
        let kept = about(Some("单据"), None).checked(&before).expect("good");
        assert_eq!(kept.name_en, "Orders");
        let none = about(None, Some(&"x".repeat(51)));
        let error = none.checked(&Described::default()).expect_err("bad");
        let named: Vec<_> = error.fields.iter().map(|f| f.field.as_ref()).collect();
        assert_eq!(named, ["name", "nameEn"]);
    }

    #[test]
    fn expansion_keeps_patterns_and_adds_known_codes() {
        let grants: Grants = ["system:user:*"].into_iter().collect();
        assert_eq!(
            grants.expanded(["system:user:list", "system:role:list"]),
            ["system:user:*", "system:user:list"]
        );
    }
}
