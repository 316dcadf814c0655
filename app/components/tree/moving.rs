//! Moving by dragging, and by a dialog, which works without JavaScript too.

use super::keys::{fold_of, id_of, row_of};
use super::shape::{Place, Shape, Zone};
use super::{Tree, code};
use crate::browser;
use crate::calls::Submit;
use crate::components::confirm::{confirm, navigator};
use crate::components::field::{Field, alert, below, fault};
use crate::components::live::on;
use crate::ui::Ui;
use leptos::ev::{DragEvent, Event};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::Element;

/// The attribute that shows where it would be dropped.
const MARK: &str = "data-drop";

fn target_row(event: &DragEvent) -> Option<Element> {
    let at = event.target()?.dyn_into::<Element>().ok()?;
    row_of(&at)
}

fn unmark() {
    if let Some(marked) = browser::find(&format!("[{MARK}]")) {
        _ = marked.remove_attribute(MARK);
    }
}

pub(super) fn drag_start(tree: Tree, event: &DragEvent) {
    let Some(row) = target_row(event).filter(|row| row.has_attribute("draggable")) else {
        return;
    };
    tree.dragged.set_value(id_of(&row));
    if let Some(data) = event.data_transfer() {
        data.set_effect_allowed("move");
        // Firefox drags nothing that carries no data.
        _ = data.set_data(
            "text/plain",
            &row.get_attribute("data-node").unwrap_or_default(),
        );
    }
}

/// Where the dragged one would go if it were let go here.
fn aim(tree: Tree, event: &DragEvent) -> Option<(Element, Zone, i64, Place)> {
    let id = tree.dragged.get_value()?;
    let row = target_row(event)?;
    let target = id_of(&row)?;
    let area = row.get_bounding_client_rect();
    let at = (f64::from(event.client_y()) - area.top()) / area.height().max(1.0);
    let open = fold_of(&row).is_some_and(|fold| fold.has_attribute("open"));
    let found = |zone| {
        tree.shape(|s| s.dropped(id, target, zone, open))
            .map(|p| (zone, p))
    };
    let (zone, place) = if at < 0.3 {
        found(Zone::Before)
    } else if at > 0.7 {
        found(Zone::After)
    } else {
        found(Zone::Into)
    }?;
    Some((row, zone, id, place))
}

pub(super) fn drag_over(tree: Tree, event: &DragEvent) {
    let aimed = aim(tree, event);
    let now = aimed.as_ref().map(|(row, zone, ..)| (row, zone.code()));
    let marked =
        now.is_some_and(|(row, zone)| row.get_attribute(MARK).is_some_and(|mark| mark == zone));
    if !marked {
        unmark();
    }
    if let Some((row, zone)) = now {
        // Only what refuses the default can be dropped on.
        event.prevent_default();
        _ = row.set_attribute(MARK, zone);
    }
}

pub(super) fn dropped(tree: Tree, event: &DragEvent) {
    let aimed = aim(tree, event);
    drag_end(tree);
    if let Some((_, _, id, place)) = aimed {
        event.prevent_default();
        tree.put(id, place);
    }
}

pub(super) fn drag_end(tree: Tree) {
    tree.dragged.set_value(None);
    unmark();
}

/// A choice whose codes are known only at run time. `chosen` is told what was chosen.
pub(crate) fn choice(
    ui: Ui,
    form: Submit,
    field: Field,
    options: Signal<Vec<(String, String)>>,
    mut chosen: impl FnMut(String) + 'static,
) -> AnyView {
    let Field {
        name,
        key,
        label,
        value,
        ..
    } = field;
    let fault = fault(ui, form, key);
    let id = format!("field-{name}");
    let below = below(&id, "", fault);
    let about = id.clone();
    let entries = move || {
        options
            .get()
            .into_iter()
            .map(|(code, text)| {
                let selected = code == value;
                view! {
                    <option value=code selected=selected>
                        {text}
                    </option>
                }
                .into_any()
            })
            .collect::<Vec<AnyView>>()
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select
                id=id
                class="input"
                name=name
                aria-invalid=move || fault.invalid()
                aria-describedby=move || fault.described(&about, false)
                on:change=on(move |event: Event| chosen(event_target_value(&event)))
            >
                {entries}
            </select>
            {below}
        </div>
    }
    .into_any()
}

/// The nodes that something can stand below, indented, with the top first; `but`: what it is to
/// be put there, if it is in the tree already. Who sees a part of the tree alone can put nothing
/// at the top.
pub(crate) fn options(ui: Ui, shape: &Shape, but: Option<i64>) -> Vec<(String, String)> {
    let now = but.and_then(|but| shape.spot(but)).map(|s| s.parent);
    let whole = shape.0.iter().all(|s| s.free);
    let top = (whole || now == Some(None)).then(|| ("0".to_owned(), ui.t.at_the_top.to_owned()));
    let others = shape
        .0
        .iter()
        .filter(|s| s.roomy || now == Some(Some(s.id)))
        .filter(|s| but.is_none_or(|but| !shape.is_in(s.id, but)))
        .map(|s| {
            let indent = "\u{2003}".repeat(shape.depth(s.id));
            (s.id.to_string(), format!("{indent}{}", s.name))
        });
    top.into_iter().chain(others).collect()
}

/// The places among what is right below `parent`.
fn positions(ui: Ui, shape: &Shape, id: i64, parent: Option<i64>) -> Vec<(String, String)> {
    let t = ui.t;
    let others = shape.below(parent, id);
    let before = others.iter().map(|s| (s.id.to_string(), t.before(&s.name)));
    std::iter::once(("last".to_owned(), t.at_the_end.to_owned()))
        .chain(std::iter::once((
            "first".to_owned(),
            t.at_the_start.to_owned(),
        )))
        .chain(before)
        .collect()
}

/// The dialog that moves `id`, if it can be moved; `close`: the address without it.
pub(crate) fn question(tree: Tree, id: i64, close: String) -> Option<AnyView> {
    let (ui, t) = (tree.ui, tree.ui.t);
    let move_fn = tree.move_fn()?;
    let (name, now, parents) = tree.shape(|s| {
        let spot = s.spot(id).filter(|s| s.free)?;
        Some((spot.name.clone(), s.place(id)?, options(ui, s, Some(id))))
    })?;
    let go = navigator();
    let then = close.clone();
    let form = Submit::new(ui, move_fn, move |done| {
        go(&then);
        tree.show_moved(id, None);
        tree.tell(t.moved(&done.name), done);
    });
    let sent = |name: &str, other: String| ui.sent(move_fn, name).unwrap_or(other);
    let parent = sent("parent", code(now.parent, "0"));
    let position = sent("position", code(now.before, "last"));
    let chosen = RwSignal::new(parent.clone());
    let places = Signal::derive(move || {
        let parent = chosen.get().parse::<i64>().ok().filter(|p| *p != 0);
        tree.shape(|s| positions(ui, s, id, parent))
    });
    let parents = Signal::stored(parents);
    let fields = view! {
        {alert(ui, form, &["parentId", "position"])}
        <input type="hidden" name="id" value=id.to_string() />
        <input type="hidden" name="from_parent" value=code(now.parent, "0") />
        <input type="hidden" name="from_position" value=code(now.before, "last") />
        {choice(
            ui,
            form,
            Field {
                name: "parent",
                key: "parentId",
                label: t.stands_below,
                value: parent,
                ..Field::default()
            },
            parents,
            move |code| chosen.set(code),
        )}
        {choice(
            ui,
            form,
            Field {
                name: "position",
                key: "position",
                label: t.position,
                value: position,
                ..Field::default()
            },
            places,
            |_| (),
        )}
    };
    let pending = form.pending;
    let act = view! {
        <button
            type="submit"
            form="move-node"
            class="button primary"
            aria-disabled=move || pending.get().then_some("true")
        >
            {t.move_here}
        </button>
    };
    Some(confirm(
        t.move_of(&name),
        form.form("move-node", "stack", fields.into_any()),
        close,
        t.cancel,
        act.into_any(),
    ))
}
