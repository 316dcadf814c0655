//! Days, as the server's time zone has them.

use crate::core::Core;
use jiff::civil::Date;
use jiff::{ToSpan as _, Zoned};
use menshen_domain::{Error, Result, Text, Timestamp};

/// The days that somebody asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// `today`, `7d` or `30d`; anything else for what `from` and `to` say.
    pub range: String,
    /// The first day, as in `2026-01-31`; empty for the first of all.
    pub from: String,
    /// The last day; empty for the last of all.
    pub to: String,
}

/// A day, and the moments that it begins and ends at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Day {
    /// `YYYY-MM-DD`.
    pub(crate) date: String,
    /// Its first moment.
    pub(crate) begin: Timestamp,
    /// The first moment after it.
    pub(crate) end: Timestamp,
}

fn now(core: &Core) -> Result<Zoned> {
    let now = jiff::Timestamp::from_microsecond(core.now().0).map_err(Error::internal)?;
    Ok(now.to_zoned(core.settings().zone.0.clone()))
}

fn day(core: &Core, date: Date) -> Result<Day> {
    let start = |date: Date| -> Result<Timestamp> {
        let zone = core.settings().zone.0.clone();
        let midnight = date.to_zoned(zone).map_err(Error::internal)?;
        Ok(Timestamp(midnight.timestamp().as_microsecond()))
    };
    Ok(Day {
        date: date.strftime("%Y-%m-%d").to_string(),
        begin: start(date)?,
        end: start(date.checked_add(1.day()).map_err(Error::internal)?)?,
    })
}

/// A moment for people, as in `2026-01-31 09:30:00 +08:00`.
pub(crate) fn moment(core: &Core, at: Timestamp) -> Result<String> {
    let at = jiff::Timestamp::from_microsecond(at.0).map_err(Error::internal)?;
    let at = at.to_zoned(core.settings().zone.0.clone());
    Ok(at.strftime("%Y-%m-%d %H:%M:%S %:z").to_string())
}

/// The last `count` days, today last.
pub(crate) fn last(core: &Core, count: i64) -> Result<Vec<Day>> {
    let today = now(core)?.date();
    (0..count)
        .rev()
        .map(|back| {
            day(
                core,
                today.checked_sub(back.days()).map_err(Error::internal)?,
            )
        })
        .collect()
}

/// The same time of day a week ago.
pub(crate) fn week_ago(core: &Core) -> Result<Timestamp> {
    let then = now(core)?.checked_sub(7.days()).map_err(Error::internal)?;
    Ok(Timestamp(then.timestamp().as_microsecond()))
}

/// The first and the last moment of what is asked for, as far as it has any.
pub(crate) fn span(core: &Core, span: &Span) -> Result<(Option<Timestamp>, Option<Timestamp>)> {
    let back = match span.range.as_str() {
        "today" => Some(1),
        "7d" => Some(7),
        "30d" => Some(30),
        _ => None,
    };
    if let Some(back) = back {
        let begin = last(core, back)?.first().map(|day| day.begin);
        return Ok((begin, None));
    }
    let from = asked(core, "from", &span.from)?;
    let to = asked(core, "to", &span.to)?;
    let (begin, end) = (from.map(|d| d.begin), to.map(|d| Timestamp(d.end.0 - 1)));
    if begin.zip(end).is_some_and(|(begin, end)| begin > end) {
        let text = Text::fixed("不应早于开始日期", "must not be before the first day");
        return Err(Error::field("to", text));
    }
    Ok((begin, end))
}

fn asked(core: &Core, field: &'static str, text: &str) -> Result<Option<Day>> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || {
        let text = Text::fixed("应形如 2026-01-31", "must be written like 2026-01-31");
        Error::field(field, text)
    };
    let date = Date::strptime("%Y-%m-%d", text).map_err(|_| wrong())?;
    if !(1970..=9998).contains(&date.year()) {
        return Err(wrong());
    }
    day(core, date).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use menshen_domain::Kind;

    /// Friday, 15 January 2027, 16:00 in Shanghai.
    async fn shanghai() -> Bench {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
        Bench::with(|s| s.zone = crate::settings::Zone(zone)).await
    }

    fn days(from: &str, to: &str) -> Span {
        Span {
            from: from.into(),
            to: to.into(),
            ..Span::default()
        }
    }

    #[tokio::test]
    async fn days_begin_at_midnight_in_the_servers_zone() {
        let bench = shanghai().await;
        let core = &bench.services.core;
        let list = last(core, 14).expect("days");
        let dates: Vec<&str> = list.iter().map(|d| d.date.as_str()).collect();
        assert_eq!((dates[0], dates[13]), ("2027-01-02", "2027-01-15"));
        assert!(list.windows(2).all(|w| w[0].end == w[1].begin));
        let today = &list[13];
        assert_eq!(core.now().0 - today.begin.0, 16 * 3_600_000_000);
        let week = week_ago(core).expect("a moment");
        assert_eq!(core.now().0 - week.0, 7 * 24 * 3_600_000_000);
    }

    #[tokio::test]
    async fn spans_are_presets_or_days() {
        let bench = shanghai().await;
        let core = &bench.services.core;
        let list = last(core, 30).expect("days");
        for (range, first) in [("today", 29), ("7d", 23), ("30d", 0)] {
            let preset = Span {
                range: range.into(),
                ..days("2020-01-01", "nonsense")
            };
            let found = span(core, &preset).expect("a span");
            assert_eq!(found, (Some(list[first].begin), None), "{range}");
        }
        assert_eq!(span(core, &Span::default()).expect("all"), (None, None));
        let (begin, end) = span(core, &days("2027-01-14", "2027-01-14")).expect("a day");
        assert_eq!(begin, Some(list[28].begin));
        assert_eq!(end, Some(Timestamp(list[28].end.0 - 1)));
        for (from, to, field) in [
            ("2027-13-01", "", "from"),
            ("", "yesterday", "to"),
            ("2027-01-02", "2027-01-01", "to"),
            ("9999-12-31", "", "from"),
        ] {
            let error = span(core, &days(from, to)).expect_err("no span");
            assert_eq!(error.kind, Kind::Invalid);
            assert_eq!(error.fields[0].field, field, "{from} {to}");
        }
    }
}
