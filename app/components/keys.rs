//! The shortcuts of the keyboard: one table, one ear for all of them, and the sheet that lists
//! them, drawn from the same table.
//!
//! Shortcuts of a single key are not heard while somebody types or a dialog is open, nor with
//! Ctrl, Alt or ⌘. They can be turned off (WCAG 2.1.4): who speaks to her computer would set them
//! off by words. To add one: a line in [`CHAPTERS`]. Those that lead to the pages of the navigation
//! stand with these.

use super::confirm::backdrop;
use super::icon::{Icon, icon};
use super::live::{effect, on};
use super::shell::{Frame, pages, stops};
use crate::browser;
use crate::ui::Ui;
use leptos::ev::{self, Event, KeyboardEvent, MouseEvent};
use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

/// How long after the first key of two the second may come.
const PAUSE: i64 = 1_200_000;

/// What a shortcut does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Palette,
    Sheet,
    Search,
    New,
    /// Goes to a page of the navigation.
    Go(&'static str),
    Down,
    Up,
    Pick,
    /// The browser does it by itself; the sheet tells of it.
    Native,
}

struct Key {
    /// The key as the browser names it; `mod+` for Ctrl or ⌘.
    key: &'static str,
    label: fn(Ui) -> &'static str,
    deed: Deed,
}

struct Chapter {
    label: fn(Ui) -> &'static str,
    keys: &'static [Key],
}

const fn key(key: &'static str, label: fn(Ui) -> &'static str, deed: Deed) -> Key {
    Key { key, label, deed }
}

static CHAPTERS: &[Chapter] = &[
    Chapter {
        label: |ui| ui.t.keys_everywhere,
        keys: &[
            key("mod+k", |ui| ui.t.palette, Deed::Palette),
            key("/", |ui| ui.t.keys_search, Deed::Search),
            key("n", |ui| ui.t.keys_new, Deed::New),
            key("?", |ui| ui.t.shortcuts, Deed::Sheet),
            key("Escape", |ui| ui.t.close, Deed::Native),
        ],
    },
    Chapter {
        label: |ui| ui.t.keys_in_list,
        keys: &[
            key("j", |ui| ui.t.keys_down, Deed::Down),
            key("k", |ui| ui.t.keys_up, Deed::Up),
            key("Enter", |ui| ui.t.keys_open, Deed::Native),
            key("x", |ui| ui.t.keys_pick, Deed::Pick),
        ],
    },
];

/// The key before that of a page of the navigation.
const GO: &str = "g";

/// What a key leads to.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    Deed(Deed),
    /// It may be the first of two.
    Begins,
    Nothing,
}

/// Looks a key up; `first` is the one before it, when that began something.
fn find(first: Option<&str>, pressed: &str) -> Found {
    if first == Some(GO)
        && let Some(page) = pages().find(|page| page.key == pressed)
    {
        return Found::Deed(Deed::Go(page.href));
    }
    if pressed == GO {
        return Found::Begins;
    }
    let heard = |key: &&Key| key.deed != Deed::Native && key.key == pressed;
    let mut all = CHAPTERS.iter().flat_map(|chapter| chapter.keys);
    all.find(heard)
        .map_or(Found::Nothing, |key| Found::Deed(key.deed))
}

/// Listens for the shortcuts, as long as the frame is there.
pub(crate) fn listen(ui: Ui, frame: Frame) {
    effect(move || {
        frame.apple.set(browser::apple());
        let begun = StoredValue::new(None);
        let handle = window_event_listener(ev::keydown, move |event| {
            pressed(ui, frame, begun, &event);
        });
        on_cleanup(move || handle.remove());
    });
}

/// `begun`: the first key of two, and when it was pressed.
fn pressed(ui: Ui, frame: Frame, begun: StoredValue<Option<(String, i64)>>, event: &KeyboardEvent) {
    let Some(key) = chord(event) else { return };
    let single = !key.starts_with("mod+");
    if single && (!ui.keys.get_untracked() || typing(event) || dialog_open()) {
        begun.set_value(None);
        return;
    }
    let now = browser::now();
    let first = begun.get_value().filter(|(_, at)| now - at < PAUSE);
    begun.set_value(None);
    match find(first.as_ref().map(|(key, _)| key.as_str()), &key) {
        Found::Deed(deed) => {
            // Only walking goes on while the key is held.
            if !event.repeat() || matches!(deed, Deed::Down | Deed::Up) {
                act(frame, deed);
            }
            event.prevent_default();
        }
        Found::Begins => begun.set_value(Some((key, now))),
        Found::Nothing => {}
    }
}

/// A key with what is held beside it, as the table writes it; none for what no shortcut is.
fn chord(event: &KeyboardEvent) -> Option<String> {
    // What the browser fills in by itself comes as an event without a key.
    let key = js_sys::Reflect::get(event, &"key".into())
        .ok()?
        .as_string()?;
    let held = event.ctrl_key() || event.meta_key();
    if event.default_prevented()
        || event.is_composing()
        || event.alt_key()
        || (held && event.shift_key())
    {
        return None;
    }
    Some(if held {
        format!("mod+{}", key.to_lowercase())
    } else {
        key
    })
}

fn typing(event: &KeyboardEvent) -> bool {
    const FIELDS: &str = "input:not([type=checkbox], [type=radio]), textarea, select, \
                          [contenteditable]";
    event
        .target()
        .and_then(|t| t.dyn_into::<Element>().ok())
        .is_some_and(|e| e.matches(FIELDS).unwrap_or(false))
}

fn dialog_open() -> bool {
    browser::find("dialog:modal").is_some()
}

fn act(frame: Frame, deed: Deed) {
    match deed {
        Deed::Palette => {
            frame.sheet.set(false);
            frame.palette.update(|open| *open = !*open);
        }
        Deed::Sheet => frame.sheet.set(true),
        Deed::Search => {
            let field =
                browser::find("#search").and_then(|e| e.dyn_into::<HtmlInputElement>().ok());
            if let Some(field) = field {
                _ = field.focus();
                field.select();
            }
        }
        // Links are pressed rather than followed: who may not see a page has no link to it, and
        // unsaved changes are asked about.
        Deed::New => browser::press("[data-new]"),
        Deed::Go(href) => browser::press(&format!("a.nav[href=\"{href}\"]")),
        Deed::Down => step(true),
        Deed::Up => step(false),
        Deed::Pick => {
            let row = rows().into_iter().find(holds_focus);
            let tick = row.and_then(|row| {
                row.query_selector("input[type=checkbox]:not(:disabled)")
                    .ok()
                    .flatten()
            });
            if let Some(tick) = tick.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
                tick.click();
            }
        }
        Deed::Native => {}
    }
}

/// The rows of the page's list that are to be seen: of a table, or of a tree.
fn rows() -> Vec<Element> {
    let Some(main) = browser::find("#main") else {
        return Vec::new();
    };
    browser::all(&main, ".table tbody tr, [data-node]")
        .into_iter()
        .filter(|row| row.get_client_rects().length() > 0)
        .collect()
}

fn holds_focus(row: &Element) -> bool {
    let focused = document().active_element();
    focused.is_some_and(|focused| row.contains(Some(&focused)))
}

/// Moves the focus to the next row, or the one before: to what opens it, so that Enter does.
fn step(down: bool) {
    let rows = rows();
    let Some(row) =
        next(rows.iter().position(holds_focus), rows.len(), down).and_then(|at| rows.get(at))
    else {
        return;
    };
    let opens = ["a.who, .outline-link", "a[href]", "button"]
        .iter()
        .find_map(|what| row.query_selector(what).ok().flatten());
    let target = opens.unwrap_or_else(|| {
        _ = row.set_attribute("tabindex", "-1");
        row.clone()
    });
    if let Ok(target) = target.dyn_into::<HtmlElement>() {
        _ = target.focus();
    }
}

/// The row after the one at `at`; from nowhere, the first or the last.
fn next(at: Option<usize>, rows: usize, down: bool) -> Option<usize> {
    let last = rows.checked_sub(1)?;
    Some(match (at, down) {
        (None, true) => 0,
        (None, false) => last,
        (Some(at), true) => (at + 1).min(last),
        (Some(at), false) => at.saturating_sub(1),
    })
}

/// The sheet, while it is open.
pub(crate) fn sheet(ui: Ui, frame: Frame) -> AnyView {
    let view = move || frame.sheet.get().then(|| dialog(ui, frame));
    view! { {view} }.into_any()
}

fn dialog(ui: Ui, frame: Frame) -> AnyView {
    let t = ui.t;
    let node = NodeRef::<Dialog>::new();
    browser::modal(node);
    let close = move || frame.sheet.set(false);
    let (press, click) = backdrop(close);
    let mut chapters: Vec<AnyView> = CHAPTERS.iter().map(|c| told(ui, frame, c)).collect();
    chapters.push(untrack(|| ways(ui)));
    view! {
        <dialog
            class="confirm sheet"
            node_ref=node
            aria-labelledby="sheet-title"
            on:close=on(move |_: Event| close())
            on:mousedown=press
            on:click=click
        >
            <header class="sheet-head">
                <h2 id="sheet-title">{t.shortcuts}</h2>
                <button
                    type="button"
                    class="icon-button"
                    aria-label=t.close
                    data-focus=""
                    on:click=on(move |_: MouseEvent| close())
                >
                    {icon(Icon::Close)}
                </button>
            </header>
            <div class="sheet-chapters">{chapters}</div>
            {switch(ui)}
        </dialog>
    }
    .into_any()
}

fn told(ui: Ui, frame: Frame, chapter: &'static Chapter) -> AnyView {
    let apple = frame.apple.get_untracked();
    let rows = chapter
        .keys
        .iter()
        .map(|key| line((key.label)(ui), vec![cap(key.key, apple)]));
    part((chapter.label)(ui), rows.collect())
}

/// The ways to the pages that the caller may see.
fn ways(ui: Ui) -> AnyView {
    let rows = stops(ui).map(|page| {
        let caps = vec![cap(GO, false), cap(page.key, false)];
        line((page.label)(ui), caps)
    });
    part(ui.t.palette_go, rows.collect())
}

fn part(label: &'static str, rows: Vec<AnyView>) -> AnyView {
    view! {
        <section>
            <h3>{label}</h3>
            <dl>{rows}</dl>
        </section>
    }
    .into_any()
}

fn line(label: &'static str, caps: Vec<String>) -> AnyView {
    let caps: Vec<AnyView> = caps
        .into_iter()
        .map(|cap| view! { <kbd>{cap}</kbd> }.into_any())
        .collect();
    view! {
        <dt>{label}</dt>
        <dd>{caps}</dd>
    }
    .into_any()
}

/// What is printed on a key.
fn cap(name: &'static str, apple: bool) -> String {
    match name.strip_prefix("mod+") {
        Some(key) if apple => format!("⌘ {}", key.to_uppercase()),
        Some(key) => format!("Ctrl {}", key.to_uppercase()),
        None if name == "Escape" => "Esc".to_owned(),
        None => name.to_owned(),
    }
}

/// Turns the shortcuts of a single key on and off.
fn switch(ui: Ui) -> AnyView {
    let t = ui.t;
    let changed = move |event: Event| {
        let heard = event_target_checked(&event);
        ui.keys.set(heard);
        browser::remember("menshen_keys", if heard { "on" } else { "off" });
    };
    view! {
        <label class="check sheet-switch">
            <input type="checkbox" role="switch" prop:checked=ui.keys on:change=on(changed) />
            <span>
                {t.keys_switch}
                <span class="hint">{t.keys_switch_hint}</span>
            </span>
        </label>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let keys = || CHAPTERS.iter().flat_map(|chapter| chapter.keys);
        for key in keys() {
            let same = keys().filter(|k| k.key == key.key).count();
            assert_eq!(same, 1, "{:?}", key.key);
            // What stands alone can't begin something, or it would have to wait.
            assert_ne!(key.key, GO);
        }
    }

    #[test]
    fn every_page_has_its_key() {
        for page in pages() {
            let found = Found::Deed(Deed::Go(page.href));
            assert_eq!(find(Some(GO), page.key), found, "{}", page.href);
        }
    }

    #[test]
    fn two_keys_are_heard_one_after_the_other() {
        assert_eq!(find(None, "g"), Found::Begins);
        assert_eq!(find(Some("g"), "u"), Found::Deed(Deed::Go("/admin/users")));
        assert_eq!(find(None, "u"), Found::Nothing);
        assert_eq!(find(Some("g"), "j"), Found::Deed(Deed::Down));
        assert_eq!(find(None, "mod+k"), Found::Deed(Deed::Palette));
        assert_eq!(find(None, "J"), Found::Nothing);
        assert_eq!(find(None, "Enter"), Found::Nothing);
    }

    #[test]
    fn walking_stops_at_the_ends() {
        assert_eq!(next(None, 0, true), None);
        assert_eq!(next(None, 3, true), Some(0));
        assert_eq!(next(None, 3, false), Some(2));
        assert_eq!(next(Some(2), 3, true), Some(2));
        assert_eq!(next(Some(0), 3, false), Some(0));
        assert_eq!(next(Some(1), 3, true), Some(2));
    }

    #[test]
    fn keys_are_called_what_is_printed_on_them() {
        assert_eq!(cap("mod+k", false), "Ctrl K");
        assert_eq!(cap("mod+k", true), "⌘ K");
        assert_eq!(cap("Escape", false), "Esc");
        assert_eq!(cap("g", false), "g");
    }
}
