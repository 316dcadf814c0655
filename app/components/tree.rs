//! Trees of things that one can fold, walk through with the arrow keys, rename in place and move:
//! departments, menus, and (without moving) the permission catalogue.
//!
//! They are nested lists. The rows hold links and menus of their own, which a `tree` in the sense
//! of ARIA must not; what folds a branch is a native `details`, so that it works without
//! JavaScript. With it, the arrow keys go from row to row, Alt and an arrow moves a row, F2 renames
//! it, and rows can be dragged. The dialog that moves ([`question`]) works without it too.

mod boxes;
mod keys;
mod moving;
mod shape;

pub(crate) use boxes::{Twig as BoxTwig, boxes};
pub(crate) use moving::{choice, options, question};
pub(crate) use shape::{Shape, Spot};

use super::guard;
use super::icon::{Icon, icon};
use super::live::{effect, on};
use crate::browser;
use crate::calls::{Ask, Submit, ask_once};
use crate::server_fns::Done;
use crate::ui::Ui;
use leptos::ev::{Event, MouseEvent};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use shape::{Place, Way};
use std::collections::BTreeSet;

/// The server functions that change a tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Editing {
    /// Takes `id`, `parent` and `position`; none where nothing is moved.
    pub move_fn: Option<&'static str>,
    /// Takes the fields `rename_key`, which is a row's key, and `rename_field`.
    pub rename_fn: &'static str,
    pub rename_key: &'static str,
    pub rename_field: &'static str,
}

/// What a tree remembers while it is drawn anew after each change.
#[derive(Clone, Copy)]
pub(crate) struct Tree {
    ui: Ui,
    /// Counts changes, so that the page loads the tree again.
    version: RwSignal<u32>,
    folded: RwSignal<BTreeSet<i64>>,
    renaming: RwSignal<Option<i64>>,
    /// Whom the focus goes to once the tree is drawn.
    focus: StoredValue<Option<i64>>,
    dragged: StoredValue<Option<i64>>,
    busy: StoredValue<bool>,
    shape: StoredValue<Shape>,
    editing: Option<Editing>,
    rename: Option<Submit>,
}

/// A row, with all below it.
pub(crate) struct Row {
    pub id: i64,
    /// What names it to the server function that renames it.
    pub key: String,
    pub name: String,
    /// What opens it; none when it can't be opened.
    pub href: Option<String>,
    /// What stands beside the name.
    pub beside: AnyView,
    /// The other columns; an empty one holds its place.
    pub cells: Vec<Cell>,
    pub menu: AnyView,
    /// It can be moved, where anything is, and renamed.
    pub free: bool,
    /// It is there for what is below it alone.
    pub inert: bool,
    /// It is shown as what does not count.
    pub dim: bool,
    pub below: Vec<Row>,
}

/// A column of a row; none when there is nothing to tell.
pub(crate) struct Cell {
    /// Empty where the view says itself what it is.
    pub label: &'static str,
    pub view: Option<AnyView>,
}

impl Tree {
    pub(crate) fn new(ui: Ui, version: RwSignal<u32>, editing: Option<Editing>) -> Self {
        let renaming = RwSignal::new(None::<i64>);
        // What is loaded anew meanwhile would take what is being written with it.
        guard::editing(Signal::derive(move || renaming.get().is_some()));
        let focus = StoredValue::new(None);
        let rename = editing.map(|editing| {
            Submit::new(ui, editing.rename_fn, move |done| {
                ui.toast_done(ui.t.renamed(&done.name), done.undo);
                focus.set_value(renaming.get_untracked());
                renaming.try_set(None);
                version.try_update(|v| *v += 1);
            })
            .refused(move |error| ui.toast_error(error))
        });
        Self {
            ui,
            version,
            folded: RwSignal::new(BTreeSet::new()),
            renaming,
            focus,
            dragged: StoredValue::new(None),
            busy: StoredValue::new(false),
            shape: StoredValue::new(Shape::default()),
            editing,
            rename,
        }
    }

    /// Tells what the tree looks like now; moves go by it.
    pub(crate) fn set_shape(self, shape: Shape) {
        self.shape.set_value(shape);
    }

    /// What the tree looks like.
    pub(crate) fn shape<T>(self, read: impl FnOnce(&Shape) -> T) -> T {
        self.shape.with_value(read)
    }

    /// Whether its nodes can be moved.
    pub(crate) fn moves(self) -> bool {
        self.move_fn().is_some()
    }

    /// The server function that moves them.
    fn move_fn(self) -> Option<&'static str> {
        self.editing.and_then(|editing| editing.move_fn)
    }

    fn step(self, id: i64, way: Way) {
        if let Some(place) = self.shape(|s| s.step(id, way)) {
            self.put(id, place);
        }
    }

    /// Moves a node, and offers to take it back.
    fn put(self, id: i64, place: Place) {
        let (Some(move_fn), Some(back)) = (self.move_fn(), self.shape(|s| s.place(id))) else {
            return;
        };
        if self.busy.get_value() {
            return;
        }
        self.busy.set_value(true);
        let told = self.told(id, place);
        let ask = Ask::of(
            move_fn,
            &[
                ("id", &id.to_string()),
                ("parent", &code(place.parent, "0")),
                ("position", &code(place.before, "last")),
                ("from_parent", &code(back.parent, "0")),
                ("from_position", &code(back.before, "last")),
            ],
        );
        ask_once::<Done>(ask, move |result| {
            // The page may be gone by now.
            self.busy.try_set_value(false);
            match result {
                Ok(done) => {
                    self.show_moved(id, place.parent);
                    self.tell(told, done);
                }
                Err(error) => {
                    self.ui.react(&error);
                    self.ui.toast_error(&error);
                }
            }
        });
    }

    /// Says what was moved, and offers to take it back. What was moved before that can't be taken
    /// back by itself any more: its place may be another's by now.
    fn tell(self, told: String, done: Done) {
        let before = self.move_fn();
        self.ui.toasts.update(|list| {
            list.retain(|t| {
                t.undo
                    .as_ref()
                    .is_none_or(|u| Some(u.endpoint.as_str()) != before)
            });
        });
        self.ui.toast_done(told, done.undo);
    }

    fn told(self, id: i64, place: Place) -> String {
        let t = self.ui.t;
        self.shape(|s| {
            let (nth, total) = s.ordinal(id, place);
            let name = s.name(Some(id)).unwrap_or_default();
            t.moved_to(name, s.name(place.parent).unwrap_or(t.top), nth, total)
        })
    }

    /// Has the tree loaded again, with the focus on what was moved.
    fn show_moved(self, id: i64, parent: Option<i64>) {
        if let Some(parent) = parent {
            self.folded.try_update(|f| f.remove(&parent));
        }
        self.focus.try_set_value(Some(id));
        self.version.try_update(|v| *v += 1);
    }
}

/// The tree. `columns`: the heads of the columns; `open`: all of it is unfolded, because something
/// is searched for.
pub(crate) fn tree(
    tree: Tree,
    class: &'static str,
    label: &'static str,
    columns: &[&'static str],
    open: bool,
    rows: Vec<Row>,
) -> AnyView {
    let t = tree.ui.t;
    let heads: Vec<AnyView> = columns
        .iter()
        .map(|name| view! { <span>{*name}</span> }.into_any())
        .collect();
    let list = list(tree, 1, open, rows, Some(label));
    let hint = tree.editing.map(|editing| {
        let keys = match editing.move_fn {
            Some(_) => t.tree_keys,
            None => t.rename_keys,
        };
        view! { <p class="hint outline-hint js-only">{keys}</p> }.into_any()
    });
    effect(move || {
        if let Some(id) = tree.focus.get_value() {
            tree.focus.set_value(None);
            browser::focus_first(format!("[data-node=\"{id}\"] .outline-link"));
        }
    });
    view! {
        <div
            class=format!("card tree-card {class}")
            on:keydown=on(move |event| keys::pressed(tree, &event))
            on:dragstart=on(move |event| moving::drag_start(tree, &event))
            on:dragover=on(move |event| moving::drag_over(tree, &event))
            on:dragend=on(move |_: leptos::ev::DragEvent| moving::drag_end(tree))
            on:drop=on(move |event| moving::dropped(tree, &event))
        >
            <div class="outline-heads" aria-hidden="true">
                <span>{label}</span>
                {heads}
                <span></span>
            </div>
            {list}
        </div>
        {hint}
    }
    .into_any()
}

/// An id as the server functions read it.
fn code(id: Option<i64>, none: &str) -> String {
    id.map_or(none.to_owned(), |id| id.to_string())
}

fn list(
    tree: Tree,
    level: usize,
    open: bool,
    rows: Vec<Row>,
    label: Option<&'static str>,
) -> AnyView {
    let items: Vec<AnyView> = rows
        .into_iter()
        .map(|row| item(tree, level, open, row))
        .collect();
    view! { <ul aria-label=label>{items}</ul> }.into_any()
}

fn item(tree: Tree, level: usize, open: bool, row: Row) -> AnyView {
    let Row {
        id,
        key,
        name,
        href,
        beside,
        cells,
        menu,
        free,
        inert,
        dim,
        below,
    } = row;
    let fold = if below.is_empty() {
        view! { <span class="twist"></span> }.into_any()
    } else {
        fold(tree, id, &name, open)
    };
    let cells: Vec<AnyView> = cells.into_iter().map(|c| cell(tree.ui, c)).collect();
    let movable = free && tree.moves();
    let grip =
        movable.then(|| view! { <span class="grip js-only">{icon(Icon::Drag)}</span> }.into_any());
    let below = (!below.is_empty()).then(|| list(tree, level + 1, open, below, None));
    view! {
        <li>
            <div
                class=format!("outline-row level-{}", level.min(10))
                class:inert=inert
                class:dim=dim
                data-node=id.to_string()
                draggable=movable.then_some("true")
            >
                <div class="outline-name">
                    {grip} {fold} {named(tree, id, key, name, href)} {beside}
                </div>
                <div class="outline-cells">{cells}</div>
                <div class="outline-menu">{menu}</div>
            </div>
            {below}
        </li>
    }
    .into_any()
}

fn cell(ui: Ui, cell: Cell) -> AnyView {
    let colon = ui.t.colon();
    let Cell { label, view } = cell;
    match view {
        Some(view) => {
            let label = (!label.is_empty()).then(|| {
                view! { <span class="hidden cell-label">{label} {colon}</span> }.into_any()
            });
            view! { <div class="outline-cell">{label} {view}</div> }.into_any()
        }
        None => view! { <div class="outline-cell nothing"></div> }.into_any(),
    }
}

fn fold(tree: Tree, id: i64, name: &str, open: bool) -> AnyView {
    let label = tree.ui.t.below_of(name);
    let toggled = move |event: Event| {
        let details = event
            .target()
            .and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        let Some(now_open) = details.map(|d| d.has_attribute("open")) else {
            return;
        };
        let known = tree.folded.with_untracked(|f| !f.contains(&id));
        if !open && now_open != known {
            tree.folded.update(|f| {
                if now_open {
                    f.remove(&id);
                } else {
                    f.insert(id);
                }
            });
        }
    };
    view! {
        <details
            class="twist"
            open=move || open || tree.folded.with(|f| !f.contains(&id))
            on:toggle=on(toggled)
        >
            <summary aria-label=label>{icon(Icon::Down)}</summary>
        </details>
    }
    .into_any()
}

/// The name: a link, or a field while it is being renamed.
fn named(tree: Tree, id: i64, key: String, name: String, href: Option<String>) -> AnyView {
    let view = move || {
        if tree.renaming.get() == Some(id) {
            return renaming(tree, id, key.clone(), name.clone());
        }
        match href.clone() {
            Some(href) => view! {
                <a class="outline-link" href=href data-noscroll="true" draggable="false">
                    {name.clone()}
                </a>
            }
            .into_any(),
            None => view! {
                <span class="outline-link" tabindex="-1">
                    {name.clone()}
                </span>
            }
            .into_any(),
        }
    };
    view! { {view} }.into_any()
}

fn renaming(tree: Tree, id: i64, key: String, name: String) -> AnyView {
    let (Some(editing), Some(form)) = (tree.editing, tree.rename) else {
        return ().into_any();
    };
    let t = tree.ui.t;
    let leave = move || {
        tree.renaming.set(None);
        browser::focus_first(format!("[data-node=\"{id}\"] .outline-link"));
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        // The tree's own keys are not for the field.
        event.stop_propagation();
        if event.key() == "Escape" {
            event.prevent_default();
            leave();
        }
    };
    browser::focus(".rename .input");
    let fields = view! {
        <input type="hidden" name=editing.rename_key value=key />
        <input
            class="input"
            name=editing.rename_field
            value=name.clone()
            aria-label=t.new_name_of(&name)
            maxlength="50"
            autocomplete="off"
            spellcheck="false"
            on:keydown=on(on_key)
        />
        <button type="submit" class="icon-button small" aria-label=t.save>
            {icon(Icon::Check)}
        </button>
        <button
            type="button"
            class="icon-button small"
            aria-label=t.cancel
            on:click=on(move |_: MouseEvent| leave())
        >
            {icon(Icon::Close)}
        </button>
    };
    form.form("", "rename", fields.into_any())
}

/// The entry of a row's menu that renames it in place.
pub(crate) fn rename_item(tree: Tree, id: i64, menu: String) -> AnyView {
    view! {
        <button
            type="button"
            class="menu-item js-only"
            on:click=on(move |_: MouseEvent| {
                browser::hide_popover(&menu);
                tree.renaming.set(Some(id));
            })
        >
            {icon(Icon::Edit)}
            {tree.ui.t.rename}
        </button>
    }
    .into_any()
}
