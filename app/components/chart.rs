//! A chart of days: two bars for each, drawn as SVG, with the same as a table for who can't or
//! would not see it. The words stand beside the drawing, so that they stay readable however small
//! it gets.

use crate::time::count;
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::session::Day;
use std::fmt::Write as _;

/// The height of the drawing, in its own units, and the width of a day.
const HEIGHT: i64 = 1000;
const WIDTH: i64 = 100;
/// What is more than nothing shows.
const LEAST: i64 = 12;

/// A round number that is not below `n`.
fn round_up(n: i64) -> i64 {
    let mut step = 1;
    loop {
        for of in [1, 2, 4, 5, 10] {
            if of * step >= n {
                return of * step;
            }
        }
        step *= 10;
    }
}

fn height(n: i64, top: i64) -> i64 {
    match n {
        ..=0 => 0,
        n => (n.saturating_mul(HEIGHT) / top).max(LEAST),
    }
}

/// The bars. All of it is numbers and words of ours.
fn drawing(ui: Ui, days: &[Day], top: i64) -> String {
    let width = WIDTH * i64::try_from(days.len()).unwrap_or(0);
    let mut out = String::new();
    for part in [0, HEIGHT / 2, HEIGHT] {
        _ = write!(
            out,
            r#"<line class="chart-line" x1="0" y1="{part}" x2="{width}" y2="{part}" vector-effect="non-scaling-stroke"/>"#
        );
    }
    let mut x = 0;
    for day in days {
        let (good, bad) = (height(day.sign_ins, top), height(day.failures, top));
        let words = ui.t.day_told(
            &told(ui, &day.date),
            &count(day.sign_ins),
            &count(day.failures),
        );
        _ = write!(
            out,
            r#"<g class="chart-day"><title>{words}</title><rect class="chart-all" x="{x}" y="0" width="{WIDTH}" height="{HEIGHT}"/><rect class="chart-good" x="{}" y="{}" width="38" height="{good}"/><rect class="chart-bad" x="{}" y="{}" width="20" height="{bad}"/></g>"#,
            x + 18,
            HEIGHT - good,
            x + 62,
            HEIGHT - bad,
        );
        x += WIDTH;
    }
    out
}

/// Year, month and day of `YYYY-MM-DD`.
fn parts(date: &str) -> Option<(i64, i64, i64)> {
    let mut parts = date.split('-').map(str::parse);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(y)), Some(Ok(m)), Some(Ok(d))) => Some((y, m, d)),
        _ => None,
    }
}

/// A day as the language writes it.
fn told(ui: Ui, date: &str) -> String {
    parts(date).map_or_else(|| date.to_owned(), |(y, m, d)| ui.t.date(y, m, d))
}

/// The sign-ins and failures of some days. `id`: what the ids of its parts begin with.
pub(crate) fn days(ui: Ui, id: &'static str, days: &[Day]) -> AnyView {
    let t = ui.t;
    let most = days.iter().map(|d| d.sign_ins.max(d.failures)).max();
    let top = round_up(most.unwrap_or(0).max(2));
    let sum = |of: fn(&Day) -> i64| count(days.iter().map(of).sum());
    let told = t.days_told(&sum(|d| d.sign_ins), &sum(|d| d.failures));
    let drawn = format!(
        r#"<title id="{id}-title">{}</title><desc id="{id}-told">{told}</desc>{}"#,
        t.two_weeks,
        drawing(ui, days, top)
    );
    let width = WIDTH * i64::try_from(days.len()).unwrap_or(0);
    let marks: Vec<AnyView> = days
        .iter()
        .map(|day| {
            let short = parts(&day.date).map_or_else(String::new, |(_, m, d)| t.short_date(m, d));
            view! { <li>{short}</li> }.into_any()
        })
        .collect();
    view! {
        <figure class="chart">
            <figcaption class="chart-legend">
                <span class="chart-key good">{t.succeeded}</span>
                <span class="chart-key bad">{t.failed}</span>
            </figcaption>
            <div class="chart-plot">
                <div class="chart-scale" aria-hidden="true">
                    <span>{count(top)}</span>
                    <span>{count(top / 2)}</span>
                    <span>"0"</span>
                </div>
                <svg
                    role="img"
                    aria-labelledby=format!("{id}-title {id}-told")
                    viewBox=format!("0 0 {width} {HEIGHT}")
                    preserveAspectRatio="none"
                    inner_html=drawn
                ></svg>
                <ol class="chart-marks" aria-hidden="true">
                    {marks}
                </ol>
            </div>
            {table(ui, days)}
        </figure>
    }
    .into_any()
}

fn table(ui: Ui, days: &[Day]) -> AnyView {
    let t = ui.t;
    let rows: Vec<AnyView> = days
        .iter()
        .rev()
        .map(|day| {
            view! {
                <tr>
                    <th scope="row">{told(ui, &day.date)}</th>
                    <td>{count(day.sign_ins)}</td>
                    <td>{count(day.failures)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <details class="chart-table">
            <summary>{t.as_table}</summary>
            <table>
                <caption class="hidden">{t.two_weeks}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t.day}</th>
                        <th scope="col">{t.succeeded}</th>
                        <th scope="col">{t.failed}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_round_numbers_that_halve() {
        for (n, expected) in [
            (2, 2),
            (3, 4),
            (5, 5),
            (7, 10),
            (11, 20),
            (130, 200),
            (4001, 5000),
        ] {
            assert_eq!(round_up(n), expected);
        }
    }

    #[test]
    fn bars_fit_and_little_shows() {
        assert_eq!(height(0, 100), 0);
        assert_eq!(height(1, 100_000), LEAST);
        assert_eq!(height(50, 100), HEIGHT / 2);
        assert_eq!(height(100, 100), HEIGHT);
    }
}
