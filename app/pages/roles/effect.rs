//! Whom a change of a role's permissions reaches, while it is being made.

use super::tree::Picked;
use crate::calls::{Ask, load, read, show_answer};
use crate::components::live::effect;
use crate::time::count;
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::role::{CodeEffect, Effect};
use std::time::Duration;

/// How long to wait for the next tick before the server is asked.
const PAUSE: Duration = Duration::from_millis(250);

/// Who of the role's holders gains and loses what, against what is saved.
pub(crate) fn reach(ui: Ui, role: i64, picked: Picked) -> AnyView {
    // What is asked about; nothing while nothing is changed.
    let asked = RwSignal::new(None::<String>);
    let settled = StoredValue::new(0_u32);
    effect(move || {
        let wanted = (picked.diff() != (0, 0)).then(|| picked.patterns());
        let turn = settled.get_value().wrapping_add(1);
        settled.set_value(turn);
        if wanted.is_none() {
            asked.set(None);
            return;
        }
        set_timeout(
            move || {
                if settled.try_get_value() == Some(turn) {
                    asked.try_set(wanted);
                }
            },
            PAUSE,
        );
    });
    let source = load(move || {
        let ask = asked.with(|asked| match asked {
            Some(patterns) => Ask::of(
                "role_effect",
                &[("id", &role.to_string()), ("permissions", patterns)],
            ),
            None => Ask::NOTHING,
        });
        (ask, 0)
    });
    // A refusal says nothing here: saving says it, beside the field.
    show_answer(
        source,
        || ().into_any(),
        move |answer| match read::<Option<Effect>>(answer) {
            Ok(Some(effect)) => shown(ui, &effect),
            _ => ().into_any(),
        },
    )
}

fn shown(ui: Ui, effect: &Effect) -> AnyView {
    let t = ui.t;
    if !effect.active {
        return view! { <p class="hint">{t.disabled_reaches_nobody}</p> }.into_any();
    }
    let lines: Vec<AnyView> = effect.codes.iter().map(|code| line(ui, code)).collect();
    let left = effect.total.saturating_sub(effect.codes.len());
    let more = (left > 0).then(|| view! { <li>{t.more_permissions(left)}</li> }.into_any());
    view! {
        <ul class="reach">{lines} {more}</ul>
    }
    .into_any()
}

/// `system:user:export: 12 people gain it; 2 have it already through Operations`
fn line(ui: Ui, code: &CodeEffect) -> AnyView {
    let t = ui.t;
    let (class, people) = if code.gained {
        ("added", t.gain_it(code.people, &count(code.people)))
    } else {
        ("removed", t.lose_it(code.people, &count(code.people)))
    };
    let spared = (code.spared > 0).then(|| {
        let through = code.through.join(&t.comma());
        let n = count(code.spared);
        let text = if code.gained {
            t.have_already(&n, &through)
        } else {
            t.keep_through(&n, &through)
        };
        view! { <span>{text}</span> }.into_any()
    });
    view! {
        <li>
            <code>{code.code.clone()}</code>
            <b class=class>{people}</b>
            {spared}
        </li>
    }
    .into_any()
}
