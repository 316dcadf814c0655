//! Schemas for people: as rows of a table, and as an example.
//!
//! What a schema refers to is not told again with it: a link leads there.

use maud::{Markup, PreEscaped, html};
use serde_json::{Map, Value, json};

/// How deep rows and examples go.
const DEPTH: usize = 6;

/// A field.
#[derive(Debug)]
pub(super) struct Row {
    /// Where it stands, as in `data.list[].roleId`.
    pub(super) name: String,
    /// Its type and bounds.
    pub(super) kind: Markup,
    pub(super) required: bool,
    pub(super) about: String,
}

/// The schemas of a document.
#[derive(Clone, Copy)]
pub(super) struct Schemas<'a>(pub(super) &'a Value);

impl<'a> Schemas<'a> {
    /// What a reference leads to; anything else is itself.
    pub(super) fn resolve(self, value: &'a Value) -> &'a Value {
        value["$ref"]
            .as_str()
            .and_then(|r| self.0.pointer(r.trim_start_matches('#')))
            .unwrap_or(value)
    }

    /// The fields of an object, and those of the objects in it that have no name.
    pub(super) fn rows(self, schema: &'a Value) -> Vec<Row> {
        let whole = self.resolve(schema);
        let mut rows = Vec::new();
        walk(whole, "", DEPTH, &mut rows);
        let any = alternatives(whole).into_iter().flatten();
        let elsewhere = any.filter_map(name_of).count() > 0;
        if elsewhere || (rows.is_empty() && !types(whole).contains(&"object")) {
            let row = Row {
                name: "body".to_owned(),
                kind: kind(whole),
                required: true,
                about: about(schema),
            };
            rows.insert(0, row);
        }
        rows
    }

    /// A value of the schema.
    pub(super) fn example(self, schema: &'a Value) -> Value {
        self.made(schema, DEPTH)
    }

    fn made(self, schema: &'a Value, depth: usize) -> Value {
        let schema = self.resolve(schema);
        let given = schema
            .get("example")
            .or_else(|| schema["examples"].get(0))
            .or_else(|| schema.get("const"))
            .or_else(|| schema["enum"].get(0));
        if let Some(given) = given {
            return given.clone();
        }
        if depth == 0 {
            return Value::Null;
        }
        if let Some(any) = alternatives(schema) {
            return any.first().map_or(Value::Null, |s| self.made(s, depth - 1));
        }
        match types(schema).first().copied() {
            Some("object") => self.object(schema, depth),
            Some("array") => json!([self.made(&schema["items"], depth - 1)]),
            Some("string") => text(schema["format"].as_str()).into(),
            Some("integer" | "number") => schema["minimum"]
                .as_i64()
                .filter(|n| *n > 0)
                .unwrap_or(1)
                .into(),
            Some("boolean") => true.into(),
            _ => Value::Null,
        }
    }

    fn object(self, schema: &'a Value, depth: usize) -> Value {
        let fields = schema["properties"].as_object().into_iter().flatten();
        let made: Map<String, Value> = fields
            .map(|(name, field)| (name.clone(), self.made(field, depth - 1)))
            .collect();
        Value::Object(made)
    }
}

/// The name of the schema that this one refers to.
pub(super) fn name_of(schema: &Value) -> Option<&str> {
    schema["$ref"]
        .as_str()?
        .strip_prefix("#/components/schemas/")
}

/// A link to where the schema of this name is told.
pub(super) fn link(name: &str) -> Markup {
    html! { a href={ "#schema-" (name) } { (name) } }
}

/// A type with its bounds, in a line.
pub(super) fn kind(schema: &Value) -> Markup {
    if let Some(name) = name_of(schema) {
        return link(name);
    }
    if let Some(any) = alternatives(schema) {
        let mut kinds: Vec<String> = any.iter().map(|s| kind(s).into_string()).collect();
        kinds.dedup();
        return PreEscaped(kinds.join(" | "));
    }
    if let Some(values) = schema["enum"].as_array() {
        let texts: Vec<String> = values.iter().map(Value::to_string).collect();
        return html! { (texts.join(" | ")) };
    }
    let names = types(schema);
    let format = schema["format"].as_str().filter(|f| *f != "int64");
    html! {
        @if names.contains(&"array") {
            "[" (kind(&schema["items"])) "]"
            @if names.contains(&"null") { " | null" }
        } @else if names.is_empty() {
            "any"
        } @else {
            (names.join(" | "))
        }
        @if let Some(format) = format { " (" (format) ")" }
        @if let Some(range) = range(schema) { ", " (range) }
    }
}

fn walk(schema: &Value, prefix: &str, depth: usize, rows: &mut Vec<Row>) {
    if depth == 0 || name_of(schema).is_some() {
        return;
    }
    for one in alternatives(schema).into_iter().flatten() {
        walk(one, prefix, depth - 1, rows);
    }
    if types(schema).contains(&"array") {
        walk(&schema["items"], &format!("{prefix}[]"), depth - 1, rows);
    }
    let required = schema["required"].as_array();
    for (key, field) in schema["properties"].as_object().into_iter().flatten() {
        let name = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        rows.push(Row {
            kind: kind(field),
            required: required.is_some_and(|r| r.iter().any(|n| n == key)),
            about: about(field),
            name: name.clone(),
        });
        walk(field, &name, depth - 1, rows);
    }
}

fn text(format: Option<&str>) -> &'static str {
    match format {
        Some("date-time") => "2026-01-01T12:00:00+08:00",
        Some("date") => "2026-01-01",
        Some("uuid") => "018f0000-0000-7000-8000-000000000000",
        _ => "string",
    }
}

fn alternatives(schema: &Value) -> Option<&Vec<Value>> {
    schema["anyOf"]
        .as_array()
        .or_else(|| schema["oneOf"].as_array())
}

fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ if schema["properties"].is_object() => vec!["object"],
        _ => Vec::new(),
    }
}

fn range(schema: &Value) -> Option<String> {
    let pair = |low: &str, high: &str| {
        let (low, high) = (schema[low].as_i64(), schema[high].as_i64());
        match (low, high.filter(|h| *h < 1_000_000_000)) {
            (Some(low), Some(high)) => Some(format!("{low}–{high}")),
            (Some(low), None) => Some(format!("≥ {low}")),
            (None, Some(high)) => Some(format!("≤ {high}")),
            (None, None) => None,
        }
    };
    pair("minLength", "maxLength").or_else(|| pair("minimum", "maximum"))
}

/// What a schema says of itself, in a line.
pub(super) fn about(schema: &Value) -> String {
    let own = schema["description"].as_str();
    own.unwrap_or_default().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_becomes_rows_and_an_example() {
        let document = json!({ "components": { "schemas": { "Role": {
            "type": "object",
            "properties": {
                "id": { "type": "integer", "format": "int64", "minimum": 1, "description": "Its id" },
                "status": { "type": "string", "enum": ["0", "1"] },
                "note": { "type": ["string", "null"], "maxLength": 9 },
            },
            "required": ["id"],
        } } } });
        let schema = json!({
            "type": "object",
            "properties": {
                "list": { "type": "array", "items": { "$ref": "#/components/schemas/Role" } },
                "at": { "type": "object", "properties": { "x": {} }, "required": ["x"] },
            },
        });
        let schemas = Schemas(&document);
        let rows = schemas.rows(&schema);
        let told: Vec<String> = rows
            .iter()
            .map(|r| format!("{} {} {}", r.name, r.kind.0, r.required))
            .collect();
        assert_eq!(
            told,
            [
                "list [<a href=\"#schema-Role\">Role</a>] false",
                "at object false",
                "at.x any true"
            ]
        );
        let of_role = schemas.rows(&schema["properties"]["list"]["items"]);
        let told: Vec<String> = of_role
            .iter()
            .map(|r| format!("{} {} {}", r.name, r.kind.0, r.required))
            .collect();
        assert_eq!(
            told,
            [
                "id integer, ≥ 1 true",
                "status &quot;0&quot; | &quot;1&quot; false",
                "note string | null, ≤ 9 false",
            ]
        );
        assert_eq!(
            schemas.example(&schema),
            json!({
                "list": [{ "id": 1, "status": "0", "note": "string" }],
                "at": { "x": null },
            })
        );
    }

    #[test]
    fn alternatives_that_are_told_elsewhere_are_linked() {
        let document = json!({});
        let schema = json!({ "anyOf": [
            { "$ref": "#/components/schemas/One" },
            { "type": "array", "items": { "$ref": "#/components/schemas/One" } },
        ] });
        let rows = Schemas(&document).rows(&schema);
        let link = "<a href=\"#schema-One\">One</a>";
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].kind.0, format!("{link} | [{link}]"));
    }

    #[test]
    fn a_schema_that_holds_itself_ends() {
        let document = json!({ "components": { "schemas": { "Node": {
            "type": "object",
            "properties": { "children": {
                "type": "array", "items": { "$ref": "#/components/schemas/Node" },
            } },
        } } } });
        let schema = json!({ "$ref": "#/components/schemas/Node" });
        let schemas = Schemas(&document);
        assert_eq!(schemas.rows(&schema).len(), 1);
        assert!(schemas.example(&schema).is_object());
    }
}
