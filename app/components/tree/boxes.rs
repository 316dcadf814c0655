//! A tree of boxes to tick, as a part of a form: plain check boxes, which work without JavaScript.

use crate::browser;
use crate::components::icon::{Icon, icon};
use crate::components::live::on;
use crate::ui::Ui;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

/// A box, with all below it.
#[derive(Debug, Clone)]
pub(crate) struct Twig {
    pub id: i64,
    pub name: String,
    /// What kind of thing it is; may be empty.
    pub about: String,
    /// It can't be ticked or cleared here.
    pub fixed: bool,
    pub below: Vec<Twig>,
}

/// The boxes, which send their ids as `name`. What is in `held` is ticked; what of it is not among
/// the boxes, or can't be changed, is sent along as it is.
pub(crate) fn boxes(
    ui: Ui,
    name: &'static str,
    label: &'static str,
    held: &[i64],
    fixed: bool,
    twigs: &[Twig],
) -> AnyView {
    let mut free = Vec::new();
    ids(twigs, &mut free);
    let kept: Vec<AnyView> = held
        .iter()
        .filter(|id| !free.contains(id))
        .map(|id| view! { <input type="hidden" name=name value=id.to_string() /> }.into_any())
        .collect();
    view! {
        <fieldset class="bare boxes" disabled=fixed aria-label=label>
            {kept} {list(ui, name, held, twigs)}
        </fieldset>
    }
    .into_any()
}

/// The ids that can be ticked and cleared.
fn ids(twigs: &[Twig], into: &mut Vec<i64>) {
    for twig in twigs {
        if !twig.fixed {
            into.push(twig.id);
        }
        ids(&twig.below, into);
    }
}

fn list(ui: Ui, name: &'static str, held: &[i64], twigs: &[Twig]) -> AnyView {
    let items: Vec<AnyView> = twigs
        .iter()
        .map(|twig| item(ui, name, held, twig))
        .collect();
    view! { <ul>{items}</ul> }.into_any()
}

fn item(ui: Ui, name: &'static str, held: &[i64], twig: &Twig) -> AnyView {
    let t = ui.t;
    let branch = !twig.below.is_empty();
    let fold = branch.then(|| {
        view! {
            <details class="twist" open=true>
                <summary aria-label=t.below_of(&twig.name)>{icon(Icon::Down)}</summary>
            </details>
        }
        .into_any()
    });
    let all = branch.then(|| {
        view! {
            <button
                type="button"
                class="quiet-button js-only"
                aria-label=t.all_below(&twig.name)
                title=t.all_below(&twig.name)
                on:click=on(|event: MouseEvent| tick_all(&event))
            >
                {t.with_all_below}
            </button>
        }
        .into_any()
    });
    let below = branch.then(|| list(ui, name, held, &twig.below));
    let about = (!twig.about.is_empty())
        .then(|| view! { <span class="quiet">{twig.about.clone()}</span> }.into_any());
    view! {
        <li>
            <div class="box-row">
                {fold.unwrap_or_else(|| view! { <span class="twist"></span> }.into_any())}
                <label class="check">
                    <input
                        type="checkbox"
                        name=name
                        value=twig.id.to_string()
                        checked=held.contains(&twig.id)
                        disabled=twig.fixed
                    />
                    <span>{twig.name.clone()} " " {about}</span>
                </label>
                {all}
            </div>
            {below}
        </li>
    }
    .into_any()
}

/// Ticks the box and all below it; clears them when they were all ticked.
fn tick_all(event: &MouseEvent) {
    let item = event
        .current_target()
        .and_then(|t| t.dyn_into::<Element>().ok())
        .and_then(|e| e.closest("li").ok().flatten());
    let Some(item) = item else { return };
    let inputs: Vec<HtmlInputElement> = browser::all(&item, "input[type=checkbox]:enabled")
        .into_iter()
        .filter_map(|e| e.dyn_into().ok())
        .collect();
    let ticked = inputs.iter().all(HtmlInputElement::checked);
    for input in &inputs {
        input.set_checked(!ticked);
    }
    // As if it had been done by hand: the form has changed.
    if let Some(first) = inputs.first()
        && let Ok(typed) = bubbling("input")
    {
        _ = first.dispatch_event(&typed);
    }
}

fn bubbling(kind: &str) -> Result<web_sys::Event, leptos::wasm_bindgen::JsValue> {
    let init = web_sys::EventInit::new();
    init.set_bubbles(true);
    web_sys::Event::new_with_event_init_dict(kind, &init)
}
