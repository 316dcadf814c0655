//! What the forms of several things have in common: how some fields are read, the forms that take
//! a change back, which send what was there before to the same server function, and what is
//! answered.

use super::{Done, one, undo};
use crate::boot::Undo;
use crate::i18n::Texts;
use crate::server::answer;
use menshen_domain::role::Status;
use menshen_domain::{Error, Result, Text};

/// A field of a form.
type Field = (String, String);

/// The status of something new, of which a form says whether it starts disabled.
pub(super) fn starting(disabled: bool) -> Status {
    if disabled {
        Status::Disabled
    } else {
        Status::Active
    }
}

/// Checks what has to be typed before something that can't be undone.
pub(super) fn confirmed(typed: &str, wanted: &str) -> Result<()> {
    if typed.trim() == wanted {
        return Ok(());
    }
    let text = Text::new(format!("应为 {wanted}"), format!("must be {wanted}"));
    Err(Error::field("typed", text))
}

/// Reads whom something is to stand below: an id; none for the top (`0`, or nothing).
pub(super) fn above(text: &str) -> Result<Option<i64>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let id: i64 = text
        .parse()
        .map_err(|_| Error::field("parentId", Text::fixed("应为编号", "must be an id")))?;
    Ok(Some(id).filter(|id| *id != 0))
}

/// Reads a place among siblings; nothing is 0.
pub(super) fn number(text: &str) -> Result<i64> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(0);
    }
    let wrong = Text::fixed("应为整数", "must be a whole number");
    text.parse().map_err(|_| Error::field("orderNum", wrong))
}

/// Those of these fields that were changed, as they were.
pub(super) fn changed<const N: usize>(
    before: [(&str, String); N],
    after: [(&str, String); N],
) -> Vec<Field> {
    before
        .into_iter()
        .zip(after)
        .filter(|(was, is)| was != is)
        .map(|((name, was), _)| (name.to_owned(), was))
        .collect()
}

/// Puts the `changed` fields of what `key` names back; nothing was changed, nothing is put back.
pub(super) fn back(endpoint: &str, key: Field, changed: Vec<Field>) -> Option<Undo> {
    if changed.is_empty() {
        return None;
    }
    let all: Vec<Field> = std::iter::once(key).chain(changed).collect();
    Some(undo(endpoint, &all))
}

/// Gives something back the status that it had.
pub(super) fn status_back(endpoint: &str, id: i64, before: Status, after: Status) -> Option<Undo> {
    let code = |status: Status| [("status", status.code().to_owned())];
    back(endpoint, one(id), changed(code(before), code(after)))
}

/// Puts something back to the place that it was moved from, if that was told.
pub(super) fn place_back(endpoint: &str, id: i64, parent: &str, position: &str) -> Option<Undo> {
    if parent.is_empty() {
        return None;
    }
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let place = vec![field("parent", parent), field("position", position)];
    back(endpoint, one(id), place)
}

/// What the log calls a field of a form. `bilingual`: its name is in two fields.
fn logged(field: &str, bilingual: bool) -> &str {
    match field {
        "name" if bilingual => "nameZh",
        "name_en" => "nameEn",
        other => other,
    }
}

/// Something was saved by `endpoint`: it is said on `page`, with the `fields` that are other than
/// they were, and taken back by what these were before.
pub(super) fn saved<const N: usize>(
    page: &str,
    endpoint: &str,
    key: Field,
    name: String,
    fields: [[(&str, String); N]; 2],
) -> Done {
    let [before, after] = fields;
    let bilingual = before.iter().any(|(field, _)| *field == "name_en");
    let changed = changed(before, after);
    let fields = changed.iter().map(|(field, _)| logged(field, bilingual));
    let done = Done {
        fields: fields.map(str::to_owned).collect(),
        ..Done::undoable(name, back(endpoint, key, changed))
    };
    let told = |t: &Texts| super::saved(t, &answer::say, &done);
    answer::done_with(page, told, done.undo.as_ref());
    done
}

/// Something was enabled or disabled by `endpoint`: it `was` otherwise before, or not.
pub(super) fn switched(
    endpoint: &str,
    id: i64,
    name: String,
    (was, is): (Status, Status),
    told: fn(&Texts, Status, &str) -> String,
) -> Done {
    let undo = status_back(endpoint, id, was, is);
    answer::stay(|t| told(t, is, &name), undo.as_ref());
    Done::undoable(name, undo)
}

/// Something was moved.
pub(super) fn moved(name: String, undo: Option<Undo>) -> Done {
    answer::stay(|t| t.moved(&name), undo.as_ref());
    Done::undoable(name, undo)
}

/// Something is gone.
pub(super) fn deleted(name: String) -> Done {
    answer::stay(|t| t.deleted_of(&name), None);
    Done::name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_to_confirm_is_just_that() {
        confirmed(" clerk ", "clerk").expect("the same");
        for wrong in ["", "Clerk", "clerks"] {
            let refused = confirmed(wrong, "clerk").expect_err(wrong);
            assert_eq!(refused.fields[0].field, "typed");
        }
    }

    #[test]
    fn only_what_was_changed_is_put_back() {
        let of = |name: &str, phone: &str| [("name", name.to_owned()), ("phone", phone.to_owned())];
        let back = |before, after| back("update_dept", one(5), changed(before, after));
        assert_eq!(back(of("a", ""), of("a", "")), None);
        let undo = back(of("研发", ""), of("研发", "1&2")).expect("a change");
        assert_eq!(undo.endpoint, "update_dept");
        assert_eq!(undo.body, "id=5&phone=");
    }

    #[test]
    fn what_was_saved_is_told_field_by_field() {
        let said = |before, after| {
            let key = ("code".to_owned(), "a:b:c".to_owned());
            let done = saved(
                "/",
                "update_permission",
                key,
                "下单".to_owned(),
                [before, after],
            );
            let t = crate::i18n::texts(menshen_domain::Lang::Zh);
            let say = |text: &Text| text.get(menshen_domain::Lang::Zh).to_owned();
            super::super::saved(t, &say, &done)
        };
        let of = |zh: &str, en: &str| [("name", zh.to_owned()), ("name_en", en.to_owned())];
        let told = said(of("订货", "Buy"), of("下单", "Order"));
        assert_eq!(told, "已保存 下单：中文名称、英文名称");
        let told = said(of("下单", "Order"), of("下单", "Order"));
        assert_eq!(told, "已保存 下单：没有字段变化");
    }

    #[test]
    fn a_status_is_put_back_if_it_was_another() {
        let (on, off) = (Status::Active, Status::Disabled);
        assert_eq!(status_back("set_dept_status", 5, off, off), None);
        let undo = status_back("set_dept_status", 5, on, off).expect("a change");
        assert_eq!(undo.body, "id=5&status=0");
    }

    #[test]
    fn a_move_is_taken_back_to_where_it_was_made_from() {
        assert_eq!(place_back("move_dept", 5, "", ""), None);
        let undo = place_back("move_dept", 5, "0", "7").expect("a place");
        assert_eq!(undo.body, "id=5&parent=0&position=7");
    }
}
