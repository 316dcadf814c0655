//! Choosing several rows of a list: boxes, and the bar that says what can be done with the chosen.
//!
//! The boxes belong to the form of the bar, which leads to the list's address with the chosen ids
//! and a question, as in `?ids[]=3&ids[]=5&ask=disable`: with JavaScript or without it, the same
//! address shows the same question.

use super::confirm::navigator;
use super::icon::{Icon, icon};
use super::live::{effect, on};
use crate::browser;
use crate::ui::Ui;
use leptos::ev::{MouseEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos_router::params::ParamsMap;
use web_sys::HtmlInputElement;

/// The form that the boxes belong to.
const FORM: &str = "bulk";
/// The name of the boxes, as server functions read it.
pub(crate) const IDS: &str = "ids[]";
const BOXES: &str = "input[name='ids[]'][form='bulk']";
const ALL: &str = "#pick-all";

/// The ids that an address names.
pub(crate) fn ids(params: &ParamsMap) -> Vec<String> {
    let all = params.get_all(IDS).unwrap_or_default();
    all.into_iter()
        .filter(|id| id.parse::<i64>().is_ok())
        .collect()
}

/// The box of a row.
pub(crate) fn row_box(ui: Ui, id: i64, name: &str) -> AnyView {
    view! {
        <input
            type="checkbox"
            class="pick"
            name=IDS
            value=id.to_string()
            form=FORM
            aria-label=ui.t.pick(name)
            autocomplete="off"
        />
    }
    .into_any()
}

/// The box in the head, which stands for all rows of the page.
pub(crate) fn all_box(ui: Ui) -> AnyView {
    view! {
        <input
            type="checkbox"
            id="pick-all"
            class="pick js-only"
            aria-label=ui.t.pick_all
            autocomplete="off"
        />
    }
    .into_any()
}

/// Keeps the boxes together: put it on the table as `on:click`. A click with Shift ticks all from
/// the last one on.
pub(crate) fn picking(picked: RwSignal<usize>) -> Box<dyn FnMut(MouseEvent)> {
    let mut last: Option<usize> = None;
    on(move |event: MouseEvent| {
        let Some(hit) = event
            .target()
            .and_then(|t| t.dyn_into::<HtmlInputElement>().ok())
        else {
            return;
        };
        let boxes = boxes();
        if hit.matches(ALL).unwrap_or(false) {
            let checked = hit.checked();
            boxes.iter().for_each(|b| b.set_checked(checked));
        } else if let Some(at) = boxes.iter().position(|b| *b == hit) {
            if let (true, Some(from)) = (event.shift_key(), last) {
                let range = from.min(at)..=from.max(at);
                for other in boxes.get(range).unwrap_or_default() {
                    other.set_checked(hit.checked());
                }
            }
            last = Some(at);
        }
        tell(&boxes, picked);
    })
}

fn boxes() -> Vec<HtmlInputElement> {
    let Ok(found) = document().query_selector_all(BOXES) else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|at| found.get(at).and_then(|n| n.dyn_into().ok()))
        .collect()
}

/// Counts the ticked boxes, and has the one in the head say how it stands.
fn tell(boxes: &[HtmlInputElement], picked: RwSignal<usize>) {
    let n = boxes.iter().filter(|b| b.checked()).count();
    picked.set(n);
    if let Some(all) = browser::find(ALL).and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
        all.set_checked(n > 0 && n == boxes.len());
        all.set_indeterminate(n > 0 && n < boxes.len());
    }
}

/// What can be done with the chosen: the question, its label and its sign.
pub(crate) struct Action {
    pub ask: &'static str,
    pub label: &'static str,
    pub sign: Icon,
    pub class: &'static str,
}

/// The bar. `action`: the list's address; `keep`: what else the address says. The style sheet
/// shows it while a box is ticked.
pub(crate) fn bar(
    ui: Ui,
    action: &'static str,
    keep: Vec<(&'static str, String)>,
    picked: RwSignal<usize>,
    actions: Vec<Action>,
) -> AnyView {
    let t = ui.t;
    if actions.is_empty() {
        return ().into_any();
    }
    let kept: Vec<AnyView> = keep
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> }.into_any())
        .collect();
    let buttons: Vec<AnyView> = actions
        .into_iter()
        .map(|act| {
            view! {
                <button type="submit" name="ask" value=act.ask class=act.class>
                    {icon(act.sign)}
                    {act.label}
                </button>
            }
            .into_any()
        })
        .collect();
    let go = navigator();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(body) = browser::form_body(&event) {
            go(&format!("{action}?{body}"));
        }
    };
    // Boxes that were ticked before the page woke up count, too.
    effect(move || tell(&boxes(), picked));
    let none = move |_: MouseEvent| {
        let boxes = boxes();
        boxes.iter().for_each(|b| b.set_checked(false));
        tell(&boxes, picked);
    };
    let n = move || i64::try_from(picked.get()).unwrap_or_default();
    view! {
        <form
            id=FORM
            class="bulk-bar"
            method="get"
            action=action
            aria-label=t.with_picked
            on:submit=on(on_submit)
        >
            {kept} <p class="js-only" role="status">
                {move || t.picked(n())}
            </p> <div class="bulk-actions">{buttons}</div>
            <button
                type="button"
                class="icon-button js-only"
                aria-label=t.pick_none
                on:click=on(none)
            >
                {icon(Icon::Close)}
            </button>
        </form>
    }
    .into_any()
}
