//! Taking an entry of the operation log apart: what changed, field by field.

use menshen_domain::log::{Change, LogEntry, Operation};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The entry, its changes, and what else it tells.
pub(super) fn of(entry: LogEntry) -> Operation {
    let detail: Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    let (before, after) = (fields(&detail["before"]), fields(&detail["after"]));
    let mut names: Vec<&String> = before.keys().collect();
    names.extend(after.keys().filter(|name| !before.contains_key(*name)));
    let (mut changes, mut same) = (Vec::new(), Vec::new());
    for name in names {
        let was = before.get(name).unwrap_or(&Value::Null);
        let is = after.get(name).unwrap_or(&Value::Null);
        match change(name, was, is) {
            Some(change) => changes.push(change),
            // What was empty before and after is not worth a word.
            None if is.is_null() => {}
            None => same.push(name.clone()),
        }
    }
    let facts = fields(&detail)
        .into_iter()
        .filter(|(name, _)| name != "before" && name != "after")
        .filter_map(|(name, value)| Some((name, told(&value)?)))
        .collect();
    let mut whole = serde_json::to_value(&entry).unwrap_or_default();
    whole["detail"] = detail;
    Operation {
        json: serde_json::to_string_pretty(&whole).unwrap_or_default(),
        entry,
        changes,
        same,
        facts,
    }
}

fn fields(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// A value in words; nothing for what is empty.
fn told(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The items of a list; a value that is none is its only item.
fn items(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(told).collect(),
        other => told(other).into_iter().collect(),
    }
}

fn change(name: &str, was: &Value, is: &Value) -> Option<Change> {
    if was == is {
        return None;
    }
    let (old, new) = (items(was), items(is));
    let kept = {
        let (old, new): (BTreeSet<_>, BTreeSet<_>) = (old.iter().collect(), new.iter().collect());
        old.intersection(&new).count()
    };
    let before: Vec<String> = old
        .iter()
        .filter(|item| !new.contains(item))
        .cloned()
        .collect();
    let after: Vec<String> = new
        .iter()
        .filter(|item| !old.contains(item))
        .cloned()
        .collect();
    (!before.is_empty() || !after.is_empty()).then(|| Change {
        field: name.to_owned(),
        before,
        after,
        kept,
        names: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use menshen_domain::Timestamp;
    use serde_json::json;

    fn taken_apart(detail: Value) -> Operation {
        of(LogEntry {
            id: 1,
            at: Timestamp(1),
            action: "role.update".into(),
            success: true,
            actor_id: None,
            actor_name: "root".into(),
            session_id: None,
            ip: String::new(),
            user_agent: String::new(),
            browser: String::new(),
            os: String::new(),
            target_kind: None,
            target_id: None,
            target_name: None,
            detail: detail.to_string(),
            reason: None,
            method: None,
            request_id: "r".into(),
            valid: true,
        })
    }

    fn told_of(change: &Change) -> (&str, Vec<&str>, Vec<&str>, usize) {
        (
            change.field.as_str(),
            change.before.iter().map(String::as_str).collect(),
            change.after.iter().map(String::as_str).collect(),
            change.kept,
        )
    }

    #[test]
    fn values_lists_and_what_stayed_are_told_apart() {
        let seen = taken_apart(json!({
            "before": { "name": "A", "sort": 1, "remark": null, "note": "", "permissions": ["a", "b"] },
            "after": { "name": "B", "sort": 1, "remark": "x", "note": null, "permissions": ["b", "c"] },
            "ended": 2,
        }));
        let changes: Vec<_> = seen.changes.iter().map(told_of).collect();
        assert_eq!(
            changes,
            [
                ("name", vec!["A"], vec!["B"], 0),
                ("remark", vec![], vec!["x"], 0),
                ("permissions", vec!["a"], vec!["c"], 1),
            ]
        );
        assert_eq!(seen.same, ["sort"]);
        assert_eq!(seen.facts, [("ended".to_owned(), "2".to_owned())]);
        let whole: Value = serde_json::from_str(&seen.json).expect("JSON");
        assert_eq!(whole["detail"]["ended"], 2);
    }

    #[test]
    fn what_is_made_is_all_new_and_what_is_deleted_all_gone() {
        let fields = json!({ "name": "A", "remark": null });
        let made = taken_apart(json!({ "before": null, "after": fields }));
        assert_eq!(made.changes.len(), 1);
        assert_eq!(told_of(&made.changes[0]), ("name", vec![], vec!["A"], 0));
        let gone = taken_apart(json!({ "before": fields, "after": null }));
        assert_eq!(told_of(&gone.changes[0]), ("name", vec!["A"], vec![], 0));
        for odd in [json!({}), json!(null), json!([1]), json!("x")] {
            assert!(taken_apart(odd).changes.is_empty());
        }
    }
}
