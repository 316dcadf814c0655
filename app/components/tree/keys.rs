//! The keyboard: arrows walk, Alt and an arrow moves, F2 renames.

use super::Tree;
use super::shape::Way;
use crate::browser;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// A key was pressed somewhere in the tree.
pub(super) fn pressed(tree: Tree, event: &KeyboardEvent) {
    let Some(at) = event.target().and_then(|t| t.dyn_into::<Element>().ok()) else {
        return;
    };
    // Only from a name or what folds a branch: other controls have keys of their own.
    let ours = at
        .matches(".outline-link, .twist > summary")
        .unwrap_or(false);
    if !ours || event.ctrl_key() || event.meta_key() || event.shift_key() {
        return;
    }
    let Some(row) = row_of(&at) else { return };
    let done = if event.alt_key() {
        moves(tree, &row, &event.key())
    } else {
        walks(tree, &row, &event.key())
    };
    if done {
        event.prevent_default();
    }
}

fn moves(tree: Tree, row: &Element, key: &str) -> bool {
    let way = match key {
        "ArrowUp" => Way::Up,
        "ArrowDown" => Way::Down,
        "ArrowRight" => Way::In,
        "ArrowLeft" => Way::Out,
        _ => return false,
    };
    // Also where there is no such step: Alt and an arrow would leave the page.
    if tree.moves()
        && let Some(id) = id_of(row)
    {
        tree.step(id, way);
        return true;
    }
    false
}

fn walks(tree: Tree, row: &Element, key: &str) -> bool {
    match key {
        "ArrowDown" => beside(row, 1),
        "ArrowUp" => beside(row, -1),
        "ArrowRight" => match fold_of(row) {
            Some(fold) if !fold.has_attribute("open") => {
                _ = fold.set_attribute("open", "");
            }
            Some(_) => beside(row, 1),
            None => {}
        },
        "ArrowLeft" => match fold_of(row) {
            Some(fold) if fold.has_attribute("open") => {
                _ = fold.remove_attribute("open");
            }
            _ => above(row),
        },
        "Home" => _ = rows(row).first().map(focus),
        "End" => _ = rows(row).last().map(focus),
        "F2" => {
            let id = id_of(row);
            let free = id.is_some_and(|id| tree.shape(|s| s.spot(id).is_some_and(|s| s.free)));
            if free && tree.editing.is_some() {
                tree.renaming.set(id);
            }
        }
        _ => return false,
    }
    true
}

/// The row that an element stands in.
pub(super) fn row_of(at: &Element) -> Option<Element> {
    at.closest(".outline-row").ok().flatten()
}

/// The id of a row's node.
pub(super) fn id_of(row: &Element) -> Option<i64> {
    row.get_attribute("data-node")?.parse().ok()
}

/// What folds the branch below a row.
pub(super) fn fold_of(row: &Element) -> Option<Element> {
    row.query_selector("details.twist").ok().flatten()
}

fn focus(row: &Element) {
    let link = row.query_selector(".outline-link").ok().flatten();
    if let Some(link) = link.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        _ = link.focus();
    }
}

/// The rows that show, in order.
fn rows(row: &Element) -> Vec<Element> {
    let all = row
        .closest(".tree-card")
        .ok()
        .flatten()
        .map(|tree| browser::all(&tree, ".outline-row"))
        .unwrap_or_default();
    // What stands in a folded branch is not drawn.
    all.into_iter()
        .filter(|e| e.get_client_rects().length() > 0)
        .collect()
}

fn beside(row: &Element, by: isize) {
    let rows = rows(row);
    let at = rows.iter().position(|e| e == row);
    let next = at.and_then(|at| at.checked_add_signed(by));
    if let Some(row) = next.and_then(|at| rows.get(at)) {
        focus(row);
    }
}

fn above(row: &Element) {
    let around = row
        .parent_element()
        .and_then(|item| item.parent_element())
        .and_then(|list| list.closest("li").ok().flatten());
    let row = around.and_then(|item| item.query_selector(".outline-row").ok().flatten());
    if let Some(row) = row {
        focus(&row);
    }
}
