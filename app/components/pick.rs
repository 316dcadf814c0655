//! Choosing several rows of a list: boxes, and the bar that says what can be done with the chosen.
//!
//! The boxes belong to the form of the bar, which leads to the list's address with the chosen ids
//! and a question, as in `?ids[]=3&ids[]=5&ask=disable`: with JavaScript or without it, the same
//! address shows the same question.
//!
//! Once the page is awake the boxes follow [`Picks`], which goes by ids: the rows of a list are
//! drawn into one another, and a box that kept its tick by itself would keep it for somebody else.

use super::confirm::navigator;
use super::icon::{Icon, icon};
use super::live::{effect, on};
use crate::browser;
use crate::i18n::Texts;
use crate::ui::Ui;
use leptos::ev::{MouseEvent, SubmitEvent};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

/// The form that the boxes belong to.
const FORM: &str = "bulk";
/// The name of the boxes of things with numbers, as server functions read it.
pub(crate) const IDS: &str = "ids[]";

/// The ids that an address names.
pub(crate) fn ids(params: &ParamsMap) -> Vec<String> {
    let all = params.get_all(IDS).unwrap_or_default();
    all.into_iter()
        .filter(|id| id.parse::<i64>().is_ok())
        .collect()
}

/// How the boxes stand.
#[derive(Debug, Default)]
struct Ticks {
    /// Whether the boxes follow this. Before the page is awake they are the browser's.
    awake: bool,
    /// The ids of the rows, in order.
    rows: Vec<String>,
    /// The ids of those that are ticked.
    ticked: Vec<String>,
    /// The box that was clicked last.
    last: Option<String>,
}

impl Ticks {
    fn has(&self, id: &str) -> bool {
        self.ticked.iter().any(|ticked| ticked == id)
    }

    /// What the box of a row shows; nothing to be changed before the page is awake.
    fn shown(&self, id: &str) -> Option<bool> {
        self.awake.then(|| self.has(id))
    }

    fn every(&self) -> bool {
        !self.ticked.is_empty() && self.rows.iter().all(|id| self.has(id))
    }

    fn some(&self) -> bool {
        !self.ticked.is_empty() && !self.every()
    }

    /// The box of `id` was clicked; with `shift` all from the last one on go with it.
    fn click(&mut self, id: &str, on: bool, shift: bool) {
        let last = self.last.replace(id.to_owned()).filter(|_| shift);
        let at = |id: &str| self.rows.iter().position(|row| row == id);
        let Some(to) = at(id) else { return };
        let from = last.and_then(|id| at(&id)).unwrap_or(to);
        let range = self.rows.get(from.min(to)..=from.max(to));
        let hit: Vec<String> = range.unwrap_or_default().to_vec();
        self.ticked.retain(|id| !hit.contains(id));
        if on {
            self.ticked.extend(hit);
        }
    }

    fn click_all(&mut self, on: bool) {
        self.ticked = if on { self.rows.clone() } else { Vec::new() };
    }

    /// These are the rows now: what is not among them any more is not ticked either.
    fn show(&mut self, rows: Vec<String>) {
        self.ticked.retain(|id| rows.contains(id));
        self.rows = rows;
    }

    fn clear(&mut self) {
        self.ticked.clear();
        self.last = None;
    }
}

/// What is ticked in a list. It belongs to the page, and outlives the rows.
#[derive(Clone, Copy)]
pub(crate) struct Picks {
    /// The name of the boxes.
    name: &'static str,
    ticks: RwSignal<Ticks>,
}

impl Picks {
    /// Nothing is ticked, and nothing again whenever `list` changes, the address of what is
    /// listed.
    pub(crate) fn new(name: &'static str, list: Signal<String>) -> Self {
        let picks = Self {
            name,
            ticks: RwSignal::new(Ticks::default()),
        };
        let before = StoredValue::new(list.get_untracked());
        effect(move || {
            let now = list.get();
            if before.with_value(|before| *before != now) {
                before.set_value(now);
                picks.clear();
            }
        });
        picks
    }

    /// These are the rows, by their ids. To be called whenever they were loaded.
    pub(crate) fn show(self, rows: Vec<String>) {
        self.ticks.update(|ticks| ticks.show(rows));
    }

    /// Nothing is ticked any more.
    pub(crate) fn clear(self) {
        self.ticks.update(Ticks::clear);
    }

    /// Has the boxes follow. Those that were ticked before the page woke up count, too.
    fn wake(self) {
        if self.ticks.with_untracked(|ticks| ticks.awake) {
            return;
        }
        let boxes = browser::boxes(&format!("input[name='{}'][form='{FORM}']", self.name));
        let ticked = boxes.into_iter().filter(|(_, on)| *on).map(|(id, _)| id);
        self.ticks.update(|ticks| {
            ticks.ticked = ticked.collect();
            ticks.awake = true;
        });
    }

    /// The box of the row `id`. A click with Shift ticks all from the last one on.
    pub(crate) fn row_box(self, id: String, label: String) -> AnyView {
        let Self { name, ticks } = self;
        let (value, clicked) = (id.clone(), id.clone());
        let click = move |event: MouseEvent| {
            let on = event_target_checked(&event);
            ticks.update(|ticks| ticks.click(&clicked, on, event.shift_key()));
        };
        view! {
            <input
                type="checkbox"
                class="pick"
                name=name
                value=value
                form=FORM
                aria-label=label
                autocomplete="off"
                prop:checked=move || ticks.with(|ticks| ticks.shown(&id))
                on:click=on(click)
            />
        }
        .into_any()
    }

    /// The box in the head, which stands for all rows of the page.
    pub(crate) fn all_box(self, ui: Ui) -> AnyView {
        let ticks = self.ticks;
        let click = move |event: MouseEvent| {
            let on = event_target_checked(&event);
            ticks.update(|ticks| ticks.click_all(on));
        };
        view! {
            <input
                type="checkbox"
                id="pick-all"
                class="pick js-only"
                aria-label=ui.t.pick_all
                autocomplete="off"
                prop:checked=move || ticks.with(Ticks::every)
                prop:indeterminate=move || ticks.with(Ticks::some)
                on:click=on(click)
            />
        }
        .into_any()
    }
}

/// What can be done with the chosen: the question, its label and its sign.
pub(crate) struct Action {
    pub ask: &'static str,
    pub label: &'static str,
    pub sign: Icon,
    pub class: &'static str,
}

/// The bar. `action`: the list's address; `keep`: what else the address says; `told` says how many
/// are ticked. The style sheet shows it while a box is.
pub(crate) fn bar(
    ui: Ui,
    picks: Picks,
    action: &'static str,
    keep: Vec<(&'static str, String)>,
    told: fn(&Texts, usize) -> String,
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
    effect(move || picks.wake());
    let count = move || picks.ticks.with(|ticks| ticks.ticked.len());
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
                {move || told(t, count())}
            </p> <div class="bulk-actions">{buttons}</div>
            <button
                type="button"
                class="icon-button js-only"
                aria-label=t.pick_none
                on:click=on(move |_: MouseEvent| picks.clear())
            >
                {icon(Icon::Close)}
            </button>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    fn list(ids: &[&str]) -> Ticks {
        Ticks {
            awake: true,
            rows: rows(ids),
            ..Ticks::default()
        }
    }

    #[test]
    fn shift_ticks_all_from_the_last_one_on_either_way() {
        let mut ticks = list(&["a", "b", "c", "d"]);
        ticks.click("c", true, true);
        assert_eq!(ticks.ticked, ["c"], "there is no last one yet");
        ticks.click("a", true, true);
        assert!(["a", "b", "c"].into_iter().all(|id| ticks.has(id)));
        assert!(ticks.some() && !ticks.every());
        ticks.click("d", true, false);
        assert!(ticks.every());
        ticks.click("b", false, true);
        assert_eq!(ticks.ticked, ["a"]);
        ticks.click("gone", true, true);
        ticks.click("d", true, true);
        assert_eq!(ticks.ticked, ["a", "d"], "what is no row starts no range");
    }

    #[test]
    fn what_is_listed_no_more_is_ticked_no_more() {
        let mut ticks = list(&["a", "b", "c"]);
        ticks.click_all(true);
        ticks.show(rows(&["x", "b", "a"]));
        assert_eq!(ticks.ticked, ["a", "b"], "those who stay keep their ticks");
        assert!(!ticks.has("x"), "where another stood");
        assert!(ticks.some());
        ticks.clear();
        assert!(!ticks.some() && !ticks.every());
    }

    #[test]
    fn boxes_are_left_alone_before_the_page_is_awake() {
        let mut ticks = Ticks::default();
        ticks.show(rows(&["a"]));
        assert_eq!(ticks.shown("a"), None);
        ticks.awake = true;
        assert_eq!(ticks.shown("a"), Some(false));
    }
}
