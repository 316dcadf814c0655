//! Lists as CSV files (RFC 4180).

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use menshen_domain::{Error, Result};

/// Says to a spreadsheet that the text is UTF-8.
const BOM: &str = "\u{feff}";

/// A CSV file to be downloaded as `name`.
pub(crate) fn sheet<const N: usize>(
    name: &'static str,
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<Response> {
    let mut writer = csv::Writer::from_writer(BOM.as_bytes().to_vec());
    writer.write_record(head).map_err(Error::internal)?;
    for row in rows {
        writer
            .write_record(row.map(harmless))
            .map_err(Error::internal)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| Error::internal(error.to_string()))?;
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""))
        .map_err(Error::internal)?;
    Ok((
        [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/csv; charset=utf-8"),
            ),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        bytes,
    )
        .into_response())
}

/// A text that a spreadsheet takes as text, not as a formula.
fn harmless(text: String) -> String {
    let first = text.trim_start_matches(' ').chars().next();
    let formula = matches!(
        first,
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    );
    if formula { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn req50_formulas_are_escaped() {
        for formula in [
            "=1+1",
            "+1",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            " =1",
            "＝1",
            "=cmd|' /C calc'!A0",
        ] {
            assert_eq!(harmless(formula.to_owned()), format!("'{formula}"));
        }
        for plain in ["", "lin", "1", "a=b", "::1", "林薇"] {
            assert_eq!(harmless(plain.to_owned()), plain);
        }
    }
}
