//! What a field may hold. The browser's forms, the server functions and the REST handlers all ask
//! these same functions.

use crate::{Error, Result, Text};
use std::borrow::Cow;

/// The longest password, in characters (OWASP ASVS 5.0, 6.2.9).
pub const PASSWORD_MAX: usize = 128;
/// The shortest password by default, in characters.
pub const PASSWORD_MIN: usize = 12;

/// One line of `min` to `max` characters without control characters, trimmed. Nothing in it turns
/// the direction of what stands around it in a list or a log, and what must not be empty shows
/// something.
///
/// # Errors
/// [`crate::Kind::Invalid`] on `field`.
pub fn text(
    field: impl Into<Cow<'static, str>>,
    value: &str,
    min: usize,
    max: usize,
) -> Result<String> {
    let field = field.into();
    let value = lines(field.clone(), value, min, max)?;
    if value.contains(['\n', '\t']) {
        return Err(Error::field(
            field,
            Text::fixed("应为一行", "must be one line, without tabs"),
        ));
    }
    if value.contains(turns) {
        return Err(hidden(field));
    }
    Ok(value)
}

/// Characters that turn the direction of the text behind them (UAX #9: embeddings, overrides and
/// isolates).
fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters that show nothing (Unicode's `Default_Ignorable_Code_Point`).
fn shows_nothing(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

fn hidden(field: Cow<'static, str>) -> Error {
    Error::field(
        field,
        Text::fixed("含有不可见的字符", "must not contain invisible characters"),
    )
}

/// As [`text`], but of several lines if one likes: a note.
///
/// # Errors
/// [`crate::Kind::Invalid`] on `field`.
pub fn lines(
    field: impl Into<Cow<'static, str>>,
    value: &str,
    min: usize,
    max: usize,
) -> Result<String> {
    let field = field.into();
    let value = value.trim();
    let length = value.chars().count();
    let blank = value.chars().all(|c| c.is_whitespace() || shows_nothing(c));
    if min == 1 && blank {
        return Err(Error::field(
            field,
            Text::fixed("不能为空", "must not be empty"),
        ));
    }
    if length < min || length > max {
        return Err(Error::field(
            field,
            Text::new(
                format!("应为 {min}–{max} 个字符"),
                format!("must have {min} to {max} characters"),
            ),
        ));
    }
    if value
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(Error::field(
            field,
            Text::fixed(
                "含有不可见的控制字符",
                "must not contain control characters",
            ),
        ));
    }
    Ok(value.to_owned())
}

/// A whole number from `min` to `max`.
///
/// # Errors
/// [`crate::Kind::Invalid`] on `field`.
pub fn range(field: &'static str, value: i64, min: i64, max: i64) -> Result<i64> {
    if (min..=max).contains(&value) {
        Ok(value)
    } else {
        Err(Error::field(
            field,
            Text::new(
                format!("应在 {min} 到 {max} 之间"),
                format!("must be from {min} to {max}"),
            ),
        ))
    }
}

/// Whether `part` occurs in `text`, in any letter case; nothing to look for is in every text.
#[must_use]
pub fn holds(text: &str, part: Option<&str>) -> bool {
    part.map(str::trim)
        .is_none_or(|p| text.to_lowercase().contains(&p.to_lowercase()))
}

/// A login name: 2 to 50 characters, no spaces, no control characters, no `@` (so that nobody can
/// take another's e-mail address as a name), and none that show nothing or are a letter's or a
/// digit's wide form (so that nobody can look like another).
///
/// # Errors
/// [`crate::Kind::Invalid`] on `username`.
pub fn username(value: &str) -> Result<String> {
    let value = text("username", value, 2, 50)?;
    if value.chars().any(|c| c.is_whitespace() || c == '@') {
        return Err(Error::field(
            "username",
            Text::fixed("不能含空格或 @", "must not contain spaces or @"),
        ));
    }
    if value.contains(shows_nothing) {
        return Err(hidden("username".into()));
    }
    let wide = |c| matches!(c, '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ');
    if value.contains(wide) {
        return Err(Error::field(
            "username",
            Text::fixed(
                "字母和数字应为半角",
                "must not contain full-width letters or digits",
            ),
        ));
    }
    Ok(value)
}

/// The form in which names are compared: case does not count.
#[must_use]
pub fn name_key(username: &str) -> String {
    username.trim().to_lowercase()
}

/// A role's key: 1 to 50 of `a–z A–Z 0–9 _ - : .`, starting with a letter.
///
/// # Errors
/// [`crate::Kind::Invalid`] on `roleKey`.
pub fn role_key(value: &str) -> Result<String> {
    let value = text("roleKey", value, 1, 50)?;
    let good = value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b':' | b'.'));
    if good {
        Ok(value)
    } else {
        Err(Error::field(
            "roleKey",
            Text::fixed(
                "应以字母开头，只含字母、数字和 _ - : .",
                "must start with a letter and hold only letters, digits and _ - : .",
            ),
        ))
    }
}

/// A password's length: `min` to [`PASSWORD_MAX`] characters, of any kind. Whether it is easy to
/// guess is asked by the service.
///
/// # Errors
/// [`crate::Kind::Invalid`] on `field`.
pub fn password(field: &'static str, value: &str, min: usize) -> Result<()> {
    let length = value.chars().count();
    if length < min {
        Err(Error::field(
            field,
            Text::new(
                format!("至少 {min} 个字符"),
                format!("must have at least {min} characters"),
            ),
        ))
    } else if length > PASSWORD_MAX {
        Err(Error::field(
            field,
            Text::new(
                format!("至多 {PASSWORD_MAX} 个字符"),
                format!("must have at most {PASSWORD_MAX} characters"),
            ),
        ))
    } else {
        Ok(())
    }
}

/// A telephone number: empty for none, else 5 to 20 digits, with a leading `+` if wanted, and with
/// no 0 that would make another number of a known one.
///
/// # Errors
/// [`crate::Kind::Invalid`] on `phone`.
pub fn phone(value: &str) -> Result<Option<String>> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(None);
    }
    let digits = value.strip_prefix('+').unwrap_or(value);
    if (5..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
        if has_zero_too_many(value) {
            return Err(Error::field(
                "phone",
                Text::fixed(
                    "前面多了 0：手机号码请直接填写，境外号码以 + 和国家代码开头",
                    "has a 0 too many in front: write a mobile number as it is, and one from abroad \
                     with + and its country code",
                ),
            ));
        }
        Ok(Some(value.to_owned()))
    } else {
        Err(Error::field(
            "phone",
            Text::fixed(
                "应为 5–20 位数字，可以 + 开头",
                "must be 5 to 20 digits, with a leading + if wanted",
            ),
        ))
    }
}

/// A telephone number in the one spelling that codes are sent to and limits are counted by: a
/// mobile number of mainland China has no country code, any other number a `+` instead of `00`.
///
/// # Errors
/// [`crate::Kind::Invalid`] on `phone`, also when it is empty.
pub fn phone_key(value: &str) -> Result<String> {
    let number = phone(value)?
        .ok_or_else(|| Error::field("phone", Text::fixed("不能为空", "must not be empty")))?;
    let mainland = ["+86", "0086", "86"]
        .into_iter()
        .find_map(|code| number.strip_prefix(code).filter(|rest| is_mainland(rest)));
    Ok(match (mainland, number.strip_prefix("00")) {
        (Some(short), _) => short.to_owned(),
        (None, Some(rest)) => format!("+{rest}"),
        (None, None) => number,
    })
}

/// Every way in which an account may spell the number that is `key` as [`phone_key`] gives it.
#[must_use]
pub fn phone_spellings(key: &str) -> [String; 4] {
    let same = || key.to_owned();
    if is_mainland(key) {
        return [
            same(),
            format!("+86{key}"),
            format!("0086{key}"),
            format!("86{key}"),
        ];
    }
    let zeros = key.strip_prefix('+').map(|rest| format!("00{rest}"));
    [same(), zeros.unwrap_or_else(same), same(), same()]
}

/// Whether a 0 stands where no number has one: before a country code, since none begins with 0, or
/// before a mobile number of mainland China. A vendor may leave it out and send all the same, past
/// what is counted for the number.
fn has_zero_too_many(number: &str) -> bool {
    let abroad = number
        .strip_prefix('+')
        .or_else(|| number.strip_prefix("00"));
    let national = match abroad {
        Some(rest) if rest.starts_with('0') => return true,
        Some(rest) => rest.strip_prefix("86"),
        None => Some(number.strip_prefix("86").unwrap_or(number)),
    };
    national
        .and_then(|rest| rest.strip_prefix('0'))
        .is_some_and(|rest| is_mainland(rest.strip_prefix("86").unwrap_or(rest)))
}

/// Eleven digits that begin with 1.
fn is_mainland(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && digits.bytes().all(|b| b.is_ascii_digit())
}

/// An e-mail address: empty for none, else `local@domain` of at most 254 characters (RFC 5321,
/// 4.5.3.1). Whether it exists is for a message sent to it to find out.
///
/// # Errors
/// [`crate::Kind::Invalid`] on `email`.
pub fn email(value: &str) -> Result<Option<String>> {
    let value = value.trim();
    if value.is_empty() {
        return Ok(None);
    }
    let good = value.len() <= 254
        && !value.chars().any(|c| c.is_whitespace() || c.is_control())
        && value.rsplit_once('@').is_some_and(|(local, domain)| {
            (1..=64).contains(&local.len())
                && !local.contains('@')
                && domain.split('.').count() >= 2
                && domain.split('.').all(|label| !label.is_empty())
        });
    if good {
        Ok(Some(value.to_owned()))
    } else {
        Err(Error::field(
            "email",
            Text::fixed(
                "应形如 name@example.com",
                "must be written like name@example.com",
            ),
        ))
    }
}

/// A picture's address: empty, a path on this server, or `https://` / `http://`. Anything else
/// (`javascript:`, `data:`) could run in somebody's browser, and a path that a browser takes for
/// another server's (`//`, `/\`) leads away. `/api/` is document D's, whose login and logout are
/// done by a mere `GET`: a picture must not do either for whoever looks at it.
///
/// # Errors
/// [`crate::Kind::Invalid`] on `avatar`.
pub fn avatar(value: &str) -> Result<String> {
    let value = text("avatar", value, 0, 500)?;
    let lower = value.to_ascii_lowercase();
    let good = value.is_empty()
        || (value.starts_with('/')
            && !value.starts_with("//")
            && !value.contains("/.")
            && !lower.starts_with("/api/"))
        || lower.starts_with("https://")
        || lower.starts_with("http://");
    // Browsers leave line breaks and tabs out and take a backslash for a slash.
    if good && !value.contains(['\n', '\t', '\\']) {
        Ok(value)
    } else {
        Err(Error::field(
            "avatar",
            Text::fixed(
                "应为 http(s):// 地址，或本站以 / 开头的路径",
                "must be an http(s):// address or a path on this server",
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn avatars_that_could_run_or_lead_away_are_refused() {
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "//evil.example/x",
            "/\\evil.example/x",
            "/\t/evil.example/x",
            "/api/auth/logout",
            "/x/../api/auth/logout",
            "/./api/auth/logout",
            "https://example.com/\nx",
            "x.png",
        ] {
            assert!(avatar(bad).is_err(), "{bad}");
        }
        for good in [
            "",
            " ",
            "/files/1.png",
            "https://example.com/a.gif",
            "HTTP://a.cn/x",
        ] {
            assert!(avatar(good).is_ok(), "{good}");
        }
        assert!(avatar(&format!("/{}", "x".repeat(500))).is_err());
    }

    #[test]
    fn names() {
        assert_eq!(username(" lin.wei ").expect("good"), "lin.wei");
        assert!(username("李").is_err());
        assert!(username("李雷").is_ok());
        assert!(username("a b").is_err());
        assert!(username("a@b.cn").is_err());
        assert!(username("a\0b").is_err());
        assert!(username(&"a".repeat(51)).is_err());
        assert!(username("张三（临时）").is_ok());
        for alike in [
            "ro\u{200b}ot",
            "root\u{202e}",
            "ro\u{ad}ot",
            "root\u{fe0f}",
            "admin\u{3164}",
            "\u{2060}\u{2060}",
            "ro\u{e0041}ot",
            "ｒｏｏｔ",
            "root１",
        ] {
            assert!(username(alike).is_err(), "{alike:?}");
        }
        assert_eq!(name_key("Lin.Wei"), name_key("LIN.wei"));
    }

    #[test]
    fn a_line_shows_something_and_is_one() {
        for bad in ["a\nb", "a\tb", "a\u{202e}b", "\u{2066}a", "a\u{7f}"] {
            assert!(text("x", bad, 0, 50).is_err(), "{bad:?}");
        }
        for blank in ["", " ", "\u{200b}", "\u{3164} \u{2060}"] {
            assert!(text("x", blank, 1, 50).is_err(), "{blank:?}");
            assert!(lines("x", blank, 1, 50).is_err(), "{blank:?}");
        }
        // Joiners make one sign of several, in emoji and in Persian.
        for good in ["👩\u{200d}💻", "می\u{200c}خواهم", "❤\u{fe0f}", " 李 雷 "] {
            assert_eq!(text("x", good, 1, 50).expect(good), good.trim());
        }
        assert_eq!(lines("x", " a\n\tb ", 0, 9).expect("two lines"), "a\n\tb");
    }

    #[test]
    fn a_text_is_searched_in_any_letter_case() {
        assert!(holds("Röntgen", Some(" RÖNT ")));
        assert!(holds("x", None));
        assert!(holds("x", Some("")));
        assert!(!holds("x", Some("%")));
    }

    #[test]
    fn phones_and_mails_may_be_empty_but_not_odd() {
        assert_eq!(phone("").expect("none"), None);
        assert_eq!(email(" ").expect("none"), None);
        assert!(phone("+8613800000000").is_ok());
        assert!(phone("12-34").is_err());
        assert!(email("a@b").is_err());
        assert!(email("a@b..cn").is_err());
        assert!(email("a@b.cn").is_ok());
    }

    #[test]
    fn a_number_has_one_spelling_that_counts() {
        for spelling in phone_spellings("13800000000") {
            assert_eq!(phone_key(&spelling).expect("good"), "13800000000");
        }
        for spelling in phone_spellings("+12025550123") {
            assert_eq!(phone_key(&spelling).expect("good"), "+12025550123");
        }
        assert_eq!(phone_key(" 12345 ").expect("good"), "12345");
        assert_eq!(phone_key("8612345").expect("good"), "8612345");
        assert!(phone_key("").is_err());
        assert!(phone_key("12-34").is_err());
    }

    #[test]
    fn no_zero_makes_another_number_of_a_known_one() {
        for disguised in [
            "013800001111",
            "+013800001111",
            "+008613800001111",
            "+08613800001111",
            "08613800001111",
            "00013800001111",
            "86013800001111",
            "+86013800001111",
            "0086013800001111",
            "+012345",
        ] {
            assert!(phone_key(disguised).is_err(), "{disguised}");
            assert!(phone(disguised).is_err(), "{disguised}");
        }
        // Landlines with their area, and numbers abroad.
        for good in [
            "01088888888",
            "075588888888",
            "+861088888888",
            "+86075588888888",
            "0012025550123",
            "+390612345678",
        ] {
            assert!(phone_key(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn passwords_are_counted_in_characters() {
        assert!(password("password", &"密".repeat(12), 12).is_ok());
        assert!(password("password", &"密".repeat(11), 12).is_err());
        assert!(password("password", &"x".repeat(129), 12).is_err());
    }

    proptest! {
        #[test]
        fn no_input_panics(s in ".*") {
            drop(username(&s));
            drop(role_key(&s));
            drop(phone(&s));
            drop(phone_key(&s));
            drop(phone_spellings(&s));
            drop(avatar(&s));
            drop(email(&s));
            drop(text("x", &s, 1, 10));
        }
    }
}
