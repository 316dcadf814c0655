//! The fields that one's own profile and an administrator's panel of a person have in common.

use super::field::{self, Field};
use crate::calls::Submit;
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::validate;

/// What the fields hold, and what goes with them.
pub(crate) struct Person<'a> {
    /// The value of the field with a name.
    pub value: &'a dyn Fn(&'static str) -> String,
    /// Whether it is the person herself who fills them in: her browser may help her.
    pub own: bool,
    /// What stands below the phone and below the e-mail.
    pub hints: [&'static str; 2],
}

/// Nickname, phone, sex and e-mail.
pub(crate) fn person(ui: Ui, form: Submit, person: &Person<'_>) -> AnyView {
    let t = ui.t;
    let [phone_hint, email_hint] = person.hints;
    let text = |name: &'static str, kind: &'static str, label: &'static str, token| Field {
        name,
        key: name,
        label,
        kind,
        value: (person.value)(name),
        autocomplete: if person.own { token } else { "off" },
        ..Field::default()
    };
    let nickname = text("nickname", "text", t.nickname, "name")
        .checked(|value| validate::text("nickname", value, 0, 50).map(drop));
    let phone = Field {
        hint: phone_hint,
        ..text("phone", "tel", t.phone, "tel")
    }
    .checked(|value| validate::phone(value).map(drop));
    let email = Field {
        hint: email_hint,
        ..text("email", "email", t.email, "email")
    }
    .checked(|value| validate::email(value).map(drop));
    view! {
        {field::input(ui, form, nickname)}
        <div class="pair">{field::input(ui, form, phone)} {sex(ui, form, (person.value)("sex"))}</div>
        {field::input(ui, form, email)}
    }
    .into_any()
}

fn sex(ui: Ui, form: Submit, value: String) -> AnyView {
    let t = ui.t;
    let options = [("2", t.sex_untold), ("1", t.sex_female), ("0", t.sex_male)];
    field::select(
        ui,
        form,
        Field {
            name: "sex",
            key: "sex",
            label: t.sex,
            value: if value.is_empty() {
                "2".to_owned()
            } else {
                value
            },
            ..Field::default()
        },
        options.map(|(code, name)| (code, name.to_owned())).to_vec(),
    )
}
