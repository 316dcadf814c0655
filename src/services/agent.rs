//! What a User-Agent tells of the program and the system behind it: a hint for people, never a
//! proof of anything.

use std::sync::LazyLock;
use woothee::parser::Parser;

static PARSER: LazyLock<Parser> = LazyLock::new(Parser::new);

/// The browser or program with its major version, and the system; empty where it is not told.
pub(crate) fn describe(user_agent: &str) -> (String, String) {
    let Some(found) = PARSER.parse(user_agent) else {
        return (String::new(), String::new());
    };
    let known = |text: &str| match text {
        "UNKNOWN" => String::new(),
        known => known.to_owned(),
    };
    let mut browser = known(found.name);
    let major = found.version.split('.').next().unwrap_or_default();
    if !browser.is_empty() && major.bytes().all(|b| b.is_ascii_digit()) && !major.is_empty() {
        browser = format!("{browser} {major}");
    }
    (browser, known(found.os))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_and_systems_are_told() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
                      (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
        assert_eq!(
            describe(chrome),
            ("Chrome 131".to_owned(), "Windows 10".to_owned())
        );
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
        assert_eq!(
            describe(firefox),
            ("Firefox 128".to_owned(), "Linux".to_owned())
        );
        for unknown in ["", "-", "rest-tests/1.0", "\u{fffd}\u{fffd}", "林薇"] {
            assert_eq!(describe(unknown), (String::new(), String::new()));
        }
    }
}
