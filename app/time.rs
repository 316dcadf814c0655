//! Times as people read them: relative, with the exact one on hover.
//!
//! Server and browser must render the same text at first, so nothing here asks what time it is or
//! which zone this is: both are handed in.

use crate::i18n::Texts;
use menshen_domain::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Year, month, day, hour, minute, second of a moment in UTC.
fn parts(seconds: i64) -> (i64, i64, i64, i64, i64, i64) {
    // Howard Hinnant's civil_from_days: exact for every day of the Gregorian calendar.
    let days = seconds.div_euclid(DAY);
    let rest = seconds.rem_euclid(DAY);
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    (
        year,
        month,
        day,
        rest / HOUR,
        rest % HOUR / MINUTE,
        rest % MINUTE,
    )
}

/// For the `datetime` attribute.
pub(crate) fn iso(at: Timestamp) -> String {
    let (y, mo, d, h, mi, s) = parts(at.seconds());
    format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}Z")
}

/// The exact time as the language writes it. `zone`: minutes ahead of UTC; none: told in UTC, and
/// saying so.
pub(crate) fn exact(t: &Texts, at: Timestamp, zone: Option<i64>) -> String {
    let (y, mo, d, h, mi, s) = parts(at.seconds() + zone.unwrap_or(0) * MINUTE);
    let utc = if zone.is_none() { " UTC" } else { "" };
    format!("{} {h:02}:{mi:02}:{s:02}{utc}", t.date(y, mo, d))
}

/// How long ago, and the date when that is more than 30 days.
pub(crate) fn relative(t: &Texts, at: Timestamp, now: i64, zone: Option<i64>) -> String {
    let ago = Timestamp(now).seconds() - at.seconds();
    match ago {
        ..MINUTE => t.just_now.to_owned(),
        MINUTE..HOUR => t.minutes_ago(ago / MINUTE),
        HOUR..DAY => t.hours_ago(ago / HOUR),
        _ if ago < 30 * DAY => t.days_ago(ago / DAY),
        _ => {
            let (y, mo, d, ..) = parts(at.seconds() + zone.unwrap_or(0) * MINUTE);
            t.date(y, mo, d)
        }
    }
}

/// A count with its thousands set apart: 1,204.
pub(crate) fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    if n < 0 {
        out.push('−');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::texts;
    use menshen_domain::Lang;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(iso(Timestamp(0)), "1970-01-01T00:00:00Z");
        assert_eq!(
            iso(Timestamp::from_seconds(951_782_400)),
            "2000-02-29T00:00:00Z"
        );
        assert_eq!(
            iso(Timestamp::from_seconds(1_795_243_265)),
            "2026-11-21T06:41:05Z"
        );
        assert_eq!(iso(Timestamp::from_seconds(-1)), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn exact_times_name_their_zone_or_are_local() {
        let at = Timestamp::from_seconds(1_795_243_265);
        let (zh, en) = (texts(Lang::Zh), texts(Lang::En));
        assert_eq!(exact(en, at, None), "21 Nov 2026 06:41:05 UTC");
        assert_eq!(exact(en, at, Some(480)), "21 Nov 2026 14:41:05");
        assert_eq!(exact(zh, at, Some(480)), "2026年11月21日 14:41:05");
    }

    #[test]
    fn relative_times_grow_coarser() {
        let en = texts(Lang::En);
        let now = Timestamp::from_seconds(1_795_243_265);
        let ago = |seconds: i64| {
            relative(
                en,
                Timestamp::from_seconds(now.seconds() - seconds),
                now.0,
                None,
            )
        };
        assert_eq!(ago(-5), "just now");
        assert_eq!(ago(59), "just now");
        assert_eq!(ago(60), "1 minute ago");
        assert_eq!(ago(7200), "2 hours ago");
        assert_eq!(ago(3 * DAY), "3 days ago");
        assert_eq!(ago(40 * DAY), "12 Oct 2026");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1204), "1,204");
        assert_eq!(count(1_000_000), "1,000,000");
        assert_eq!(count(-1204), "−1,204");
    }
}
