//! Which entries of a log are wanted: the query parameters that both logs and their exports take.

use crate::endpoint::Endpoint;
use crate::error::ApiError;
use crate::extract::Query;
use crate::schema;
use jiff::Span;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use menshen_domain::log::{self, LogFilter};
use menshen_domain::{Error, Text, Timestamp};

/// Adds the parameters to an endpoint's description.
pub(super) fn declare(endpoint: Endpoint) -> Endpoint {
    endpoint
        .tag("Menshen")
        .query(
            "text",
            "string",
            "Part of the name of who did it, or of what it was done to",
        )
        .query("username", "string", "Part of the name")
        .query("ip", "string", "Part of the address")
        .query("success", "string", "Whether it succeeded")
        .one_of(&["true", "false", "1", "0"])
        .query("status", "string", "0 for success, 1 for failure")
        .one_of(&["0", "1"])
        .query("action", "string", "What was done, as in role.update")
        .query(
            "area",
            "string",
            "The kind of action, as in role for all that is done to roles",
        )
        .query("method", "string", "By which way somebody signed in")
        .one_of(log::METHODS)
        .query(
            "target",
            "string",
            "What it was done to: its kind, its id, or part of its name",
        )
        .query(
            "beginTime",
            "string",
            "YYYY-MM-DD HH:MM:SS in the configured zone, or RFC 3339",
        )
        .detail("pattern", schema::MOMENT)
        .query(
            "endTime",
            "string",
            "YYYY-MM-DD HH:MM:SS in the configured zone, or RFC 3339; inclusive",
        )
        .detail("pattern", schema::MOMENT)
        .fails(400, "A parameter is not good")
}

/// Reads the parameters.
pub(super) fn read(query: &Query, zone: &TimeZone) -> Result<LogFilter, ApiError> {
    let begin = time(query, "beginTime", zone)?.map(|(from, _)| from);
    let end = time(query, "endTime", zone)?.map(|(_, to)| to);
    if begin.zip(end).is_some_and(|(begin, end)| begin > end) {
        return Err(Error::field(
            "endTime",
            Text::fixed("不应早于 beginTime", "must not be before beginTime"),
        )
        .into());
    }
    Ok(LogFilter {
        username: query.text("username"),
        ip: query.text("ip"),
        success: success(query)?,
        text: query.text("text"),
        action: query.text("action"),
        area: query.text("area"),
        method: method(query)?,
        target: query.text("target"),
        begin,
        end,
        oldest_first: false,
    })
}

fn method(query: &Query) -> Result<Option<String>, ApiError> {
    let method = query.text("method");
    if method
        .as_deref()
        .is_some_and(|m| !log::METHODS.contains(&m))
    {
        let known = log::METHODS.join(", ");
        let text = Text::new(
            format!("应为 {known} 之一"),
            format!("must be one of {known}"),
        );
        return Err(Error::field("method", text).into());
    }
    Ok(method)
}

fn success(query: &Query) -> Result<Option<bool>, ApiError> {
    let status = match query.text("status").as_deref() {
        None => None,
        Some("0") => Some(true),
        Some("1") => Some(false),
        Some(_) => {
            let text = Text::fixed("应为 0 或 1", "must be 0 or 1");
            return Err(Error::field("status", text).into());
        }
    };
    match query.text("success") {
        None => Ok(status),
        Some(_) => query.flag("success").map(Some),
    }
}

/// The first and the last moment that a time stands for: a day has many, a second has a million.
fn time(
    query: &Query,
    name: &'static str,
    zone: &TimeZone,
) -> Result<Option<(Timestamp, Timestamp)>, ApiError> {
    let Some(text) = query.text(name) else {
        return Ok(None);
    };
    let found = moment(text.trim(), zone).ok_or_else(|| {
        Error::field(
            name,
            Text::fixed(
                "应形如 2026-01-31 08:00:00 或 2026-01-31T08:00:00+08:00",
                "must be written like 2026-01-31 08:00:00 or 2026-01-31T08:00:00+08:00",
            ),
        )
    })?;
    Ok(Some(found))
}

fn moment(text: &str, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let last = |from: Timestamp, to: Timestamp| (from, Timestamp(to.0 - 1));
    // In a query string `+` is written `%2B`; unescaped it comes as a space.
    let offset = match text.rsplit_once(' ') {
        Some((start, offset)) if start.contains('T') => format!("{start}+{offset}"),
        _ => text.to_owned(),
    };
    if offset.contains(['T', 't'])
        && let Ok(at) = offset.parse::<jiff::Timestamp>()
    {
        let from = Timestamp(at.as_microsecond());
        let whole = at.subsec_nanosecond() == 0;
        return Some(last(
            from,
            Timestamp(from.0 + if whole { 1_000_000 } else { 1 }),
        ));
    }
    let at = |civil: DateTime| {
        let zoned = zone.to_zoned(civil).ok()?;
        Some(Timestamp(zoned.timestamp().as_microsecond()))
    };
    if let Ok(civil) = DateTime::strptime("%Y-%m-%d %H:%M:%S", text) {
        let from = at(civil)?;
        return Some(last(from, Timestamp(from.0 + 1_000_000)));
    }
    let day = Date::strptime("%Y-%m-%d", text).ok()?;
    let next = day.checked_add(Span::new().days(1)).ok()?;
    Some(last(
        at(day.to_datetime(jiff::civil::Time::midnight()))?,
        at(next.to_datetime(jiff::civil::Time::midnight()))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_both_forms() {
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        let noon = Timestamp::from_seconds(1_672_545_600);
        let second = Timestamp(noon.0 + 999_999);
        for text in [
            "2023-01-01 12:00:00",
            "2023-01-01T12:00:00+08:00",
            "2023-01-01T12:00:00 08:00",
            "2023-01-01T04:00:00Z",
            "2023-01-01t04:00:00z",
        ] {
            assert_eq!(moment(text, &zone), Some((noon, second)), "{text}");
        }
        let exact = moment("2023-01-01T04:00:00.5Z", &zone).expect("read");
        assert_eq!(
            exact,
            (Timestamp(noon.0 + 500_000), Timestamp(noon.0 + 500_000))
        );
        let (from, to) = moment("2023-01-01", &zone).expect("read");
        assert_eq!(from, Timestamp(noon.0 - 12 * 3_600_000_000));
        assert_eq!(to, Timestamp(noon.0 + 12 * 3_600_000_000 - 1));
        for wrong in [
            "",
            "yesterday",
            "2023-13-01 00:00:00",
            "2023-01-01 25:00:00",
            "2023-01-01T12:00:00",
            "1672545600",
            "9999-12-31 23:59:59 ",
            "99999-01-01 00:00:00",
            "-9999-01-01",
        ] {
            let _ = moment(wrong, &zone);
        }
        assert_eq!(moment("2023-13-01 00:00:00", &zone), None);
        assert_eq!(moment("2023-01-01T12:00:00", &zone), None);
        assert_eq!(moment("yesterday", &zone), None);
    }
}
