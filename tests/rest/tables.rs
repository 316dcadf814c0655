//! The API documents' own tables as expectations: which fields an answer has, of which type, and
//! which of them must be there.
//!
//! A table is kept as the document has it, a row a line: `|»» roleId|integer|true|…|`. The marks
//! before a name say how deep it stands; a type may be `integer`, `string(date-time)`,
//! `[integer]` (a list), or several with `¦` between them.

use serde_json::Value;

#[derive(Debug)]
struct Row {
    depth: usize,
    name: String,
    types: Vec<String>,
    required: bool,
}

fn rows(table: &str) -> Vec<Row> {
    table
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with('|') && !line.starts_with("|---"))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let name = cells[0].trim_start_matches('»');
            Row {
                depth: (cells[0].len() - name.len()) / '»'.len_utf8(),
                name: name.trim().to_owned(),
                types: cells[1].split('¦').map(str::to_owned).collect(),
                required: cells[2] == "true",
            }
        })
        .collect()
}

fn is_of(value: &Value, kind: &str) -> bool {
    if let Some(inner) = kind.strip_prefix('[').and_then(|k| k.strip_suffix(']')) {
        return value
            .as_array()
            .is_some_and(|list| list.iter().all(|item| is_of(item, inner)));
    }
    match kind {
        "integer" | "integer(int64)" => value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        "string(date-time)" => value
            .as_str()
            .is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
        other => panic!("a type that no table has: {other}"),
    }
}

fn check(rows: &[Row], value: &Value, place: &str) {
    let Some(depth) = rows.first().map(|r| r.depth) else {
        return;
    };
    let mut rest = rows;
    while let Some((row, after)) = rest.split_first() {
        let inner = after.iter().take_while(|r| r.depth > depth).count();
        let (fields, next) = after.split_at(inner);
        rest = next;
        let place = format!("{place}.{}", row.name);
        let Some(found) = value.get(&row.name) else {
            assert!(!row.required, "{place} is missing: {value}");
            continue;
        };
        assert!(
            row.types.iter().any(|kind| is_of(found, kind)),
            "{place} should be {:?}: {found}",
            row.types
        );
        match found {
            Value::Array(list) => list.iter().for_each(|item| check(fields, item, &place)),
            Value::Object(_) => check(fields, found, &place),
            _ => {}
        }
    }
}

/// Asserts that an answer's body is as a document's table says.
#[track_caller]
pub(crate) fn conforms(table: &str, body: &Value) {
    let rows = rows(table);
    assert!(!rows.is_empty(), "a table with rows");
    check(&rows, body, "body");
}

#[test]
fn a_table_is_held_against_an_answer() {
    let table = "
        |» code|integer|true|none||none|
        |» data|object|true|none||none|
        |»» list|[object]|true|none||none|
        |»»» id|integer(int64)|true|none||none|
        |»»» at|string(date-time)¦null|false|none||none|
        |» msg|string|true|none||none|";
    let good = serde_json::json!({
        "code": 200, "msg": "x",
        "data": { "list": [{ "id": 1 }, { "id": 2, "at": "2023-01-01T12:00:00+08:00" }] },
    });
    conforms(table, &good);
    for (pointer, wrong) in [
        ("/code", Value::from("200")),
        ("/data/list/1/id", Value::from(1.5)),
        ("/data/list/1/at", Value::from("2023-01-01 12:00:00")),
        ("/data", Value::Null),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).expect("a field") = wrong;
        let caught = std::panic::catch_unwind(|| conforms(table, &bad));
        assert!(caught.is_err(), "{pointer}");
    }
}
