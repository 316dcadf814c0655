//! How hard the password that is being typed is to guess. The server measures it: what it goes by
//! is larger than the whole admin UI. Without JavaScript there is the rule beside the field.

use crate::browser;
use crate::calls::{Ask, ask_once};
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::account::Strength;
use std::time::Duration;

/// How long typing must rest before the server is asked.
const REST: Duration = Duration::from_millis(300);

/// A meter for the field that `field` finds.
#[derive(Clone, Copy)]
pub(crate) struct Meter {
    field: &'static str,
    found: RwSignal<Option<Strength>>,
    asked: StoredValue<String>,
    typed: StoredValue<u32>,
}

impl Meter {
    pub(crate) fn new(field: &'static str) -> Self {
        Self {
            field,
            found: RwSignal::new(None),
            asked: StoredValue::new(String::new()),
            typed: StoredValue::new(0),
        }
    }

    /// For the ear of the field's form.
    pub(crate) fn typed(self) {
        let turn = self.typed.get_value().wrapping_add(1);
        self.typed.set_value(turn);
        set_timeout(
            move || {
                if self.typed.try_get_value() == Some(turn) {
                    self.measure();
                }
            },
            REST,
        );
    }

    fn measure(self) {
        let password = browser::value(self.field);
        if self.asked.get_value() == password {
            return;
        }
        self.asked.set_value(password.clone());
        if password.is_empty() {
            self.found.set(None);
            return;
        }
        let ask = Ask::of("password_strength", &[("password", &password)]);
        ask_once::<Strength>(ask, move |answer| {
            // Something else may have been typed meanwhile.
            if self.asked.try_get_value().as_ref() == Some(&password) {
                self.found.try_set(answer.ok());
            }
        });
    }

    /// The meter itself; nothing while nothing is typed.
    pub(crate) fn view(self, ui: Ui) -> AnyView {
        let shown = move || self.found.get().map(|found| strength(ui, &found));
        view! {
            <div class="meter js-only" role="status">
                {move || shown()}
            </div>
        }
        .into_any()
    }
}

/// What was found: bars, a word, and advice.
pub(crate) fn strength(ui: Ui, found: &Strength) -> AnyView {
    let t = ui.t;
    let word = match found.score {
        0 => t.strength_0,
        1 => t.strength_1,
        2 => t.strength_2,
        3 => t.strength_3,
        _ => t.strength_4,
    };
    let bars: Vec<AnyView> = (0..4)
        .map(|bar| {
            let class = if bar < found.score.max(1) {
                "bar on"
            } else {
                "bar"
            };
            view! { <i class=class></i> }.into_any()
        })
        .collect();
    let advice: Vec<AnyView> = found
        .advice
        .iter()
        .take(3)
        .map(|text| view! { <li>{ui.sentence(text)}</li> }.into_any())
        .collect();
    let class = format!("strength score-{}", found.score.min(4));
    view! {
        <div class=class>
            <div class="bars" aria-hidden="true">
                {bars}
            </div>
            <p>
                <span class="hidden">{t.strength} {t.colon()}</span>
                <b>{word}</b>
            </p>
            <ul>{advice}</ul>
        </div>
    }
    .into_any()
}
