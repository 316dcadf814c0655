//! CSV (RFC 4180) that spreadsheet programs read and write: with a byte order mark, so that they
//! take it for UTF-8, and with nothing in it that they would take for a formula.

use csv::{ReaderBuilder, StringRecord, Terminator, WriterBuilder};
use menshen_domain::{Error, Result, Text};
use std::borrow::Cow;

/// Stands at the beginning of a file: without it, spreadsheet programs don't take it for UTF-8.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What a formula begins with, for some spreadsheet program or other; East Asian ones take the
/// wide forms too.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// White space that some programs skip at the beginning of a cell.
const BLANKS: [char; 3] = ['\t', '\r', '\n'];
/// Where a program parts cells that does not part them at commas: behind each a cell may begin.
/// Such a program takes a quote within a cell for text, and so a line break for the line's end.
const SEPARATORS: [char; 4] = [';', '\t', '\r', '\n'];
/// What may stand before the sign without making the cell a text. The apostrophe does make it
/// one, but is here for the sake of those that were there before one was added.
const SKIPPED: [char; 3] = ['\'', '"', ' '];

/// Whether some program could take `piece` for a formula, but for the apostrophes before it.
fn is_formula(piece: &str, opens: bool) -> bool {
    let blank = opens && piece.trim_start_matches('\'').starts_with(BLANKS);
    blank || piece.trim_start_matches(SKIPPED).starts_with(SIGNS)
}

/// What programs could make cells of, each with the separator behind it; and whether it is the
/// first.
fn pieces(cell: &str) -> impl Iterator<Item = (&str, bool)> {
    let pieces = cell.split_inclusive(SEPARATORS).enumerate();
    pieces.map(|(at, piece)| (piece, at == 0))
}

/// A cell's text so written that no spreadsheet program takes it, or what it makes of it by
/// parting cells elsewhere, for a formula: with an apostrophe before it. [`unescape`] takes it
/// away again.
#[must_use]
pub fn escape(cell: &str) -> Cow<'_, str> {
    if !pieces(cell).any(|(piece, opens)| is_formula(piece, opens)) {
        return Cow::Borrowed(cell);
    }
    let mut out = String::with_capacity(cell.len() + 4);
    for (piece, opens) in pieces(cell) {
        if is_formula(piece, opens) {
            out.push('\'');
        }
        out.push_str(piece);
    }
    Cow::Owned(out)
}

/// What [`escape`] was given.
#[must_use]
pub fn unescape(cell: &str) -> Cow<'_, str> {
    if !cell.contains('\'') {
        return Cow::Borrowed(cell);
    }
    let plain = |(piece, opens): (&'_ str, bool)| match piece.strip_prefix('\'') {
        Some(rest) if is_formula(rest, opens) => rest.to_owned(),
        _ => piece.to_owned(),
    };
    Cow::Owned(pieces(cell).map(plain).collect())
}

/// One line of a file, its end included.
///
/// # Errors
/// [`menshen_domain::Kind::Internal`] when it can't be written, which memory always can.
pub fn line<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> Result<Vec<u8>> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    for cell in cells {
        let cell = escape(cell.as_ref());
        writer
            .write_field(cell.as_bytes())
            .map_err(Error::internal)?;
    }
    writer
        .write_record(None::<&[u8]>)
        .map_err(Error::internal)?;
    writer
        .into_inner()
        .map_err(|e| Error::internal(e.to_string()))
}

/// One line that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// In which line of the file it begins, from 1.
    pub line: usize,
    /// Its cells.
    pub cells: Vec<String>,
}

/// A file that was read: what its columns are called, and what stands below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The first line.
    pub header: Vec<String>,
    /// The others, without empty ones.
    pub rows: Vec<Row>,
}

fn bad(text: Text) -> Error {
    Error::field("file", text)
}

/// Reads a file of at most `max_rows` lines below its header.
///
/// # Errors
/// [`menshen_domain::Kind::Invalid`] on `file` when it is not UTF-8, is empty, is too long, or has
/// a quote that nothing closes or that closes within a cell.
pub fn read(file: &[u8], max_rows: usize) -> Result<Sheet> {
    let text = std::str::from_utf8(file).map_err(|_| {
        bad(Text::fixed(
            "应为 UTF-8 编码的 CSV（在表格软件里选“CSV UTF-8”保存）",
            "must be CSV in UTF-8 (in a spreadsheet program, save it as “CSV UTF-8”)",
        ))
    })?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    check_quotes(text)?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut lines = Lines::of(text);
    let mut rows = Vec::new();
    let mut header = None;
    let mut record = StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|_| bad(Text::fixed("不是合法的 CSV", "is not CSV")))?
    {
        let begins = record.position().map_or(0, csv::Position::byte);
        let line = lines.at(usize::try_from(begins).unwrap_or(usize::MAX));
        let cells: Vec<String> = record.iter().map(|c| unescape(c).into_owned()).collect();
        if header.is_none() {
            header = Some(cells);
        } else if rows.len() == max_rows {
            return Err(bad(Text::new(
                format!("至多 {max_rows} 行，请分成几个文件"),
                format!("must not hold more than {max_rows} lines; split it"),
            )));
        } else {
            rows.push(Row { line, cells });
        }
    }
    let header = header.ok_or_else(|| {
        bad(Text::fixed(
            "是空的：第一行应是列名",
            "is empty: the first line names the columns",
        ))
    })?;
    Ok(Sheet { header, rows })
}

/// Whether every cell that begins with a quote ends with one (RFC 4180, 2.5 to 2.7). The reader
/// takes what is not so as well, and makes one cell of several lines: users would be lost in it
/// without a word.
fn check_quotes(text: &str) -> Result<()> {
    let mut chars = text.chars().peekable();
    let (mut line, mut begins) = (1_usize, true);
    while let Some(c) = chars.next() {
        if c != '"' || !begins {
            begins = matches!(c, ',' | '\r' | '\n');
            line += usize::from(c == '\n' || (c == '\r' && chars.peek() != Some(&'\n')));
            continue;
        }
        let opened = line;
        loop {
            match chars.next() {
                None => return Err(misquoted(opened)),
                Some('"') if chars.peek() == Some(&'"') => drop(chars.next()),
                Some('"') => break,
                Some(c) => line += usize::from(c == '\n'),
            }
        }
        if !matches!(chars.peek(), None | Some(',' | '\r' | '\n')) {
            return Err(misquoted(opened));
        }
        begins = false;
    }
    Ok(())
}

fn misquoted(line: usize) -> Error {
    bad(Text::new(
        format!("第 {line} 行有一个没有配对的引号"),
        format!("has a quote in line {line} that is not closed at the end of its cell"),
    ))
}

/// Counts lines. The reader does too, but tells where it began to look for a record, which may be
/// the end of the line before it, or empty lines that it skips.
struct Lines<'a> {
    text: &'a [u8],
    seen: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            seen: 0,
            line: 1,
        }
    }

    /// The line of the first byte from `offset` on that is no end of a line. Offsets must grow.
    fn at(&mut self, offset: usize) -> usize {
        while let Some(byte) = self.text.get(self.seen) {
            let next = self.text.get(self.seen + 1);
            let ends = *byte == b'\n' || (*byte == b'\r' && next != Some(&b'\n'));
            if self.seen >= offset && !matches!(byte, b'\n' | b'\r') {
                break;
            }
            self.line += usize::from(ends);
            self.seen += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
        let sheet = read(text.as_bytes(), 100).expect("a file");
        sheet.rows.into_iter().map(|r| (r.line, r.cells)).collect()
    }

    #[test]
    fn quotes_are_closed_where_their_cell_ends() {
        for (file, line) in [
            ("a,b\nc,\"d\ne,f\n", 2),
            ("a\n\"b", 2),
            ("a,b\r\n\"c\"d,e\r\n", 2),
            ("a\n\nb\n\"c\nd\"e\n", 4),
            ("\"", 1),
            ("\"a\"\"", 1),
        ] {
            let error = read(file.as_bytes(), 100).expect_err(file);
            let told = format!("line {line} ");
            assert!(error.text.en.contains(&told), "{file:?}: {error:?}");
        }
        for file in [
            "a,b\n\"c\"\"d\",\"e\nf\"\r\n",
            "a\nb\"c\n",
            "\"a\"",
            "a,\"\"\n",
            "\"a\"\r\n\"b\"",
        ] {
            read(file.as_bytes(), 100).unwrap_or_else(|e| panic!("{file:?}: {e:?}"));
        }
    }

    fn cells(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|c| (*c).to_owned()).collect()
    }

    #[test]
    fn req50_formulas_are_escaped() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+8613800000000", "'+8613800000000"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t1", "'\t1"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            ("\n=1", "'\n'=1"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("''=1", "'''=1"),
            ("林薇", "林薇"),
            ("'quoted'", "'quoted'"),
            ("a=1", "a=1"),
            ("", ""),
            ("'", "'"),
        ] {
            assert_eq!(escape(cell), written);
            assert_eq!(unescape(written), cell);
        }
        // What nobody escaped is left alone.
        assert_eq!(unescape("=1"), "=1");
    }

    #[test]
    fn req50_formulas_behind_other_separators_are_escaped() {
        for (cell, written) in [
            ("a;=1", "a;'=1"),
            ("a;\"=1\"", "a;'\"=1\""),
            ("a; =1", "a;' =1"),
            ("a\t+1", "a\t'+1"),
            ("a\r\n-1", "a\r\n'-1"),
            ("a;'@x;＝1", "a;''@x;'＝1"),
            ("=1;=2", "'=1;'=2"),
            ("a;b; c=1", "a;b; c=1"),
            ("a;'b'", "a;'b'"),
            ("a,=1", "a,=1"),
        ] {
            assert_eq!(escape(cell), written);
            assert_eq!(unescape(written), cell);
        }
    }

    #[test]
    fn lines_are_written_as_rfc_4180_has_them() {
        let written = line(["a", "b,c", "\"d\"", "e\r\nf", "", "=g"]).expect("written");
        let expected = "a,\"b,c\",\"\"\"d\"\"\",\"e\r\nf\",,'=g\r\n";
        assert_eq!(String::from_utf8(written).expect("text"), expected);
    }

    #[test]
    fn rows_know_their_lines() {
        let file = "a,b\r\n1,2\r\n\r\n\"3\r\n4\",5\r\n6,7";
        let expected = [
            (2, cells(&["1", "2"])),
            (4, cells(&["3\r\n4", "5"])),
            (6, cells(&["6", "7"])),
        ];
        assert_eq!(rows(file), expected);
        assert_eq!(rows(&file.replace("\r\n", "\n"))[2].0, 6);
        assert_eq!(rows(&file.replace("\r\n", "\r"))[2].0, 6);
        assert_eq!(rows(&format!("\u{feff}\r\n\n{file}"))[0].0, 4);
    }

    #[test]
    fn rows_may_be_shorter_or_longer() {
        let expected = [(2, cells(&["1"])), (3, cells(&["1", "2", "3"]))];
        assert_eq!(rows("a,b\n1\n1,2,3\n"), expected);
        assert!(rows("a,b").is_empty());
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let refused = |file: &[u8]| {
            let error = read(file, 2).expect_err("refused");
            assert_eq!(error.fields[0].field, "file");
            error.fields[0].text.en.to_string()
        };
        assert!(refused(b"").contains("empty"));
        assert!(refused("\u{feff}\r\n\n".as_bytes()).contains("empty"));
        // 用户 in GBK.
        assert!(refused(b"username\n\xd3\xc3\xbb\xa7").contains("UTF-8"));
        assert!(refused(b"a\n1\n2\n3").contains("more than 2"));
        assert_eq!(read(b"a\n1\n2\n", 2).expect("two").rows.len(), 2);
    }

    proptest! {
        #[test]
        fn req50_any_text_comes_back(table in proptest::collection::vec(
            proptest::collection::vec("['=+@\t\r\n\",;a＝ ]{0,9}|(?s).{0,20}", 2..5), 1..5,
        )) {
            let mut file = BYTE_ORDER_MARK.as_bytes().to_vec();
            file.extend(line(["header"]).expect("written"));
            for cells in &table {
                file.extend(line(cells).expect("written"));
            }
            let sheet = read(&file, 100).expect("read");
            let back: Vec<_> = sheet.rows.into_iter().map(|r| r.cells).collect();
            prop_assert_eq!(back, table);
        }

        #[test]
        fn req50_no_cell_begins_like_a_formula(
            cell in "['\"=+@\t\r\n; -]{0,9}(?s).{0,20}['\"=+@\t\r\n;a -]{0,9}",
        ) {
            let escaped = escape(&cell);
            prop_assert!(!escaped.starts_with(BLANKS), "{escaped:?}");
            for piece in escaped.split(SEPARATORS) {
                let told = piece.trim_start_matches(['"', ' ']);
                prop_assert!(!told.starts_with(SIGNS), "{escaped:?}");
            }
            prop_assert_eq!(unescape(&escaped), cell.as_str());
        }

        #[test]
        fn no_bytes_panic(file in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(read(&file, 10));
        }

        #[test]
        fn lines_only_grow(file in "[a,\"\r\n]{0,60}") {
            if let Ok(sheet) = read(file.as_bytes(), 1000) {
                let count = file.lines().count() + file.matches('\r').count();
                let lines: Vec<usize> = sheet.rows.iter().map(|r| r.line).collect();
                prop_assert!(lines.is_sorted_by(|a, b| a < b), "{lines:?}");
                prop_assert!(lines.iter().all(|l| *l <= count + 1), "{lines:?}");
            }
        }
    }
}
