//! What is typed, chosen and pressed.

use super::{HERE, Side, row};
use crate::calls::Submit;
use crate::components::field::{self, Field, checkbox, submit};
use crate::components::icon::{Icon, icon};
use crate::components::look::themes;
use crate::components::strength::strength;
use crate::components::tree::{BoxTwig, boxes, choice};
use crate::error::AppError;
use leptos::prelude::*;
use menshen_domain::account::Strength;
use menshen_domain::{FieldError, Kind, Text, validate};

pub(super) fn button(class: &'static str, label: &'static str) -> AnyView {
    view! {
        <button type="button" class=class>
            {label}
        </button>
    }
    .into_any()
}

pub(super) fn buttons(side: Side) -> AnyView {
    let t = side.ui.t;
    let rests = Submit::new(side.ui, "", |_| {});
    rests.pending.set(true);
    let with_icon = view! {
        <button type="button" class="button primary">
            {icon(Icon::Plus)}
            {t.new_user}
        </button>
    };
    let bare = view! {
        <button type="button" class="icon-button framed" aria-label=t.edit>
            {icon(Icon::Edit)}
        </button>
    };
    let small = view! {
        <button type="button" class="icon-button small" aria-label=t.close>
            {icon(Icon::Close)}
        </button>
    };
    let link = view! {
        <a class="button" href=HERE data-noscroll="true">
            {icon(Icon::Left)}
            {t.settings}
        </a>
    };
    row(vec![
        button("button primary", t.save),
        with_icon.into_any(),
        button("button", t.cancel),
        button("button small", t.copy),
        button("button danger", t.delete),
        button("button small danger", t.delete),
        button("button danger-solid", t.delete),
        submit(rests, t.save, "button primary"),
        bare.into_any(),
        small.into_any(),
        link.into_any(),
        button("quiet-button", t.clear_filters),
    ])
}

pub(super) fn fields(side: Side) -> AnyView {
    let ui = side.ui;
    let t = ui.t;
    let form = Submit::new(ui, "", |_| {});
    form.problem.set(Some(refused("kitError")));
    let field = |name, label| Field {
        name,
        key: name,
        label,
        required: true,
        ..Field::default()
    };
    let views = [
        field(own!(side, "empty"), t.username).checked(|value| validate::username(value).map(drop)),
        Field {
            value: "lin.wei".to_owned(),
            code: true,
            ..field(own!(side, "filled"), t.username)
        },
        Field {
            hint: t.role_key_hint,
            required: false,
            ..field(own!(side, "hint"), t.role_key)
        },
        Field {
            key: "kitError",
            value: "12".to_owned(),
            ..field(own!(side, "error"), t.phone)
        },
        Field {
            value: "admin".to_owned(),
            disabled: true,
            ..field(own!(side, "disabled"), t.role_key)
        },
    ]
    .map(|field| field::input(ui, form, field));
    let areas = [
        Field {
            required: false,
            ..field(own!(side, "long"), t.remark)
        },
        Field {
            key: "kitError",
            value: "12".to_owned(),
            ..field(own!(side, "long-error"), t.remark)
        },
        Field {
            value: side.say("只读", "Read only"),
            disabled: true,
            ..field(own!(side, "long-disabled"), t.remark)
        },
    ]
    .map(|field| field::textarea(ui, form, field));
    view! {
        <div class="stack">
            {views.into_iter().collect::<Vec<_>>()} {areas.into_iter().collect::<Vec<_>>()}
        </div>
    }
    .into_any()
}

/// What a server says that refuses a field.
fn refused(field: &'static str) -> AppError {
    let text = Text::fixed("应为 11 位手机号", "must be a phone number of 11 digits");
    AppError {
        kind: Kind::Invalid,
        text: text.clone(),
        fields: vec![FieldError {
            field: field.into(),
            text,
        }],
        ..AppError::unreachable()
    }
}

pub(super) fn password(side: Side) -> AnyView {
    let ui = side.ui;
    let form = Submit::new(ui, "", |_| {});
    form.problem.set(Some(refused("kitError")));
    let field = |name, key| Field {
        name,
        key,
        label: ui.t.first_password,
        autocomplete: "new-password",
        ..Field::default()
    };
    let good = own!(side, "password");
    view! {
        <div class="stack">
            {field::password(ui, form, field(good, good))}
            {field::password(ui, form, field(own!(side, "password-error"), "kitError"))}
        </div>
    }
    .into_any()
}

/// From the worst to the best.
pub(super) fn strengths(side: Side) -> AnyView {
    let advice = Text::fixed("避免常见的单词和年份", "avoid common words and years");
    let all: Vec<AnyView> = (0..=4)
        .map(|score| {
            let found = Strength {
                score,
                good: score > 2,
                advice: (score < 3).then(|| advice.clone()).into_iter().collect(),
            };
            strength(side.ui, &found)
        })
        .collect();
    view! { <div class="stack kit-strengths">{all}</div> }.into_any()
}

pub(super) fn choices(side: Side) -> AnyView {
    let ui = side.ui;
    let t = ui.t;
    let form = Submit::new(ui, "", |_| {});
    form.problem.set(Some(refused("kitError")));
    let field = |name, key| Field {
        name,
        key,
        label: t.sex,
        ..Field::default()
    };
    let options = || {
        vec![
            ("2", t.sex_untold.to_owned()),
            ("0", t.sex_male.to_owned()),
            ("1", t.sex_female.to_owned()),
        ]
    };
    let fixed = Field {
        disabled: true,
        ..field(own!(side, "select-disabled"), "")
    };
    let places = Signal::stored(vec![
        ("0".to_owned(), t.at_the_top.to_owned()),
        ("1".to_owned(), side.say("总公司", "Head office")),
        (
            "2".to_owned(),
            side.say("\u{2003}研发部", "\u{2003}Engineering"),
        ),
    ]);
    let place = Field {
        name: own!(side, "place"),
        label: t.stands_below,
        ..Field::default()
    };
    let tick = |name, label: &'static str, ticked| {
        checkbox(
            name,
            "true".to_owned(),
            ticked,
            label.to_owned(),
            ().into_any(),
        )
    };
    view! {
        <div class="stack">
            {field::select(ui, form, field(own!(side, "select"), ""), options())}
            {field::select(ui, form, field(own!(side, "select-error"), "kitError"), options())}
            {field::select(ui, form, fixed, options())} {choice(ui, form, place, places, |_| ())}
            {tick(own!(side, "box-1"), t.must_change, true)}
            {tick(own!(side, "box-2"), t.start_disabled, false)} <label class="check">
                <input type="checkbox" disabled=true checked=true />
                <span>{t.builtin}</span>
            </label> <label class="check">
                <input type="checkbox" prop:indeterminate=true />
                <span>{side.say("部分", "Some of them")}</span>
            </label>
        </div>
    }
    .into_any()
}

pub(super) fn twigs(side: Side) -> AnyView {
    let twig = |id, name, about: &str, fixed, below| BoxTwig {
        id,
        name,
        about: about.to_owned(),
        fixed,
        below,
    };
    let about = side.ui.t.disabled;
    let all = [twig(
        1,
        side.say("总公司", "Head office"),
        "",
        false,
        vec![
            twig(2, side.say("研发部", "Engineering"), "", false, Vec::new()),
            twig(
                3,
                side.say("旧部门", "Former department"),
                about,
                false,
                Vec::new(),
            ),
            twig(
                4,
                side.say("看不到的部门", "One out of reach"),
                "",
                true,
                Vec::new(),
            ),
        ],
    )];
    let t = side.ui.t;
    view! {
        <div class="stack">
            {boxes(side.ui, own!(side, "twigs"), t.departments, &[2, 4], false, &all)}
            {boxes(side.ui, own!(side, "twigs-fixed"), t.departments, &[2], true, &all)}
        </div>
    }
    .into_any()
}

pub(super) fn few(side: Side) -> AnyView {
    view! { <div class="choice-row">{themes(side.ui, "choice")}</div> }.into_any()
}
