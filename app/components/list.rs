//! What lists are made of: search, filters, sorting, paging. All of it is links and GET forms
//! whose state is the address; JavaScript only makes it quicker.

use super::icon::{Icon, icon};
use super::live::{effect, on};
use super::state::empty;
use crate::browser;
use crate::calls::{Loaded, Submit, read, show_answer};
use crate::server_fns::users::PAGE_SIZE;
use crate::time::count;
use crate::ui::Ui;
use leptos::ev;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use leptos_router::params::ParamsMap;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;

/// How long to wait for the next letter before searching.
const PAUSE: Duration = Duration::from_millis(250);

/// These pairs as a form sends them, without the empty ones.
pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (key, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(key);
        out.push('=');
        out.push_str(&browser::escape(value));
    }
    out
}

/// The pairs of a body that [`form`] made.
pub(crate) fn unform(body: &str) -> Vec<(String, String)> {
    use leptos_router::location::Url;
    body.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (Url::unescape(key), Url::unescape(value)))
        .collect()
}

/// The address `base` with a query string of these pairs.
pub(crate) fn address(base: &str, pairs: &[(&str, &str)]) -> String {
    match form(pairs) {
        query if query.is_empty() => base.to_owned(),
        query => format!("{base}?{query}"),
    }
}

/// The search box. `value`: what the address says; `to`: the address for a text; `keep`: what
/// else the address says, for the form without JavaScript.
pub(crate) fn search(
    ui: Ui,
    action: &'static str,
    label: &'static str,
    value: Signal<String>,
    keep: Signal<Vec<(&'static str, String)>>,
    to: Arc<dyn Fn(String) -> String + Send + Sync>,
) -> AnyView {
    let node = NodeRef::<Input>::new();
    let navigate = use_navigate();
    let search = move |text: String| {
        if text != value.get_untracked() {
            navigate(
                &to(text),
                NavigateOptions {
                    replace: true,
                    scroll: false,
                    ..NavigateOptions::default()
                },
            );
        }
    };
    let mut later = debounce(PAUSE, search.clone());
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let Some(input) = node.get_untracked() {
            search(input.value());
        }
    };
    // Follow the address when something else changes it.
    effect(move || {
        let value = value.get();
        if let Some(input) = node.get_untracked()
            && input.value().trim() != value
            && document().active_element().as_ref() != Some(input.as_ref())
        {
            input.set_value(&value);
        }
    });
    let kept = move || {
        keep.get()
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| view! { <input type="hidden" name=key value=value /> }.into_any())
            .collect::<Vec<AnyView>>()
    };
    view! {
        <form class="search" role="search" method="get" action=action on:submit=on(on_submit)>
            {icon(Icon::Search)}
            <input
                id="search"
                type="search"
                name="q"
                node_ref=node
                value=value.get_untracked()
                placeholder=label
                aria-label=label
                autocomplete="off"
                spellcheck="false"
                maxlength="100"
                on:input=on(move |event: ev::Event| {
                    later(event_target_value(&event).trim().to_owned());
                })
            />
            <kbd aria-hidden="true" class="js-only">
                "/"
            </kbd>
            {move || kept()}
            <button type="submit" class="button small no-js">
                {ui.t.search}
            </button>
        </form>
    }
    .into_any()
}

/// An address with one more pair, unless its value is empty.
pub(crate) fn with(url: String, key: &str, value: &str) -> String {
    match (value, url.contains('?')) {
        ("", _) => url,
        (_, true) => format!("{url}&{key}={value}"),
        (_, false) => format!("{url}?{key}={value}"),
    }
}

/// The number of a page as an address tells it: the first is not told.
pub(crate) fn later_page(page: i64) -> String {
    if page > 1 {
        page.to_string()
    } else {
        String::new()
    }
}

/// A text of an address.
pub(crate) fn text_of(params: &ParamsMap, key: &str) -> String {
    params.get_str(key).unwrap_or_default().trim().to_owned()
}

/// The same, if it is one of `known`: what a list does not go by is left out of its state.
pub(crate) fn known_of(params: &ParamsMap, key: &str, known: &[&str]) -> String {
    let text = text_of(params, key);
    if known.contains(&text.as_str()) {
        text
    } else {
        String::new()
    }
}

/// The same, if it is an id.
pub(crate) fn id_of(params: &ParamsMap, key: &str) -> String {
    let id = text_of(params, key).parse::<i64>();
    id.map_or_else(|_| String::new(), |id| id.to_string())
}

/// The page of an address, from 1.
pub(crate) fn page_of(params: &ParamsMap) -> i64 {
    text_of(params, "page").parse().unwrap_or(1).max(1)
}

/// The question that an address asks about one thing of a list, as in `?ask=delete-5`.
pub(crate) fn asked_of(params: &ParamsMap) -> Option<(String, i64)> {
    let (what, id) = params.get_str("ask")?.split_once('-')?;
    Some((what.to_owned(), id.parse().ok()?))
}

/// One way to set a filter: its name, the address that sets it, and whether it is set.
pub(crate) struct Choice {
    pub name: String,
    pub href: String,
    pub set: bool,
}

/// A filter: a chip that opens the choices; once set, it says so and can be taken away.
pub(crate) fn filter(
    ui: Ui,
    id: &'static str,
    label: &'static str,
    clear: String,
    choices: Vec<Choice>,
) -> AnyView {
    let set = choices.iter().find(|c| c.set).map(|c| c.name.clone());
    let links: Vec<AnyView> = choices
        .into_iter()
        .map(|choice| {
            view! {
                <a
                    class="menu-item"
                    href=choice.href
                    aria-current=choice.set.then_some("true")
                    data-noscroll="true"
                    on:click=on(move |_: ev::MouseEvent| browser::hide_popover(id))
                >
                    {choice.name}
                </a>
            }
            .into_any()
        })
        .collect();
    chip(ui, id, label, set, clear, links.into_any())
}

/// A filter by one of some codes, named by `name`; `to` makes the address of a code, and of none.
/// Whatever is `set` shows, also when it is not among those that are offered.
pub(crate) fn by_code(
    ui: Ui,
    id: &'static str,
    label: &'static str,
    codes: &[&str],
    set: &str,
    name: &dyn Fn(&str) -> String,
    to: &dyn Fn(&str) -> String,
) -> AnyView {
    let other = (!set.is_empty() && !codes.contains(&set)).then_some(set);
    let choices = codes.iter().copied().chain(other);
    let choices = choices.map(|code| Choice {
        name: name(code),
        href: to(code),
        set: set == code,
    });
    filter(ui, id, label, to(""), choices.collect())
}

/// The filter by status.
pub(crate) fn by_status(ui: Ui, set: &str, to: &dyn Fn(&str) -> String) -> AnyView {
    let name = |code: &str| {
        let name = match code {
            "0" => ui.t.active,
            _ => ui.t.disabled,
        };
        name.to_owned()
    };
    let label = ui.t.status;
    by_code(ui, "filter-status", label, STATUSES, set, &name, to)
}

/// The codes of [`by_status`].
pub(crate) const STATUSES: &[&str] = &["0", "1"];

/// A chip that opens a menu. Once something is set it says what, and can be taken away by the
/// link `clear`.
pub(crate) fn chip(
    ui: Ui,
    id: &'static str,
    label: &'static str,
    set: Option<String>,
    clear: String,
    menu: AnyView,
) -> AnyView {
    let menu = view! {
        <div id=id class="menu" popover="auto">
            {menu}
        </div>
    };
    match set {
        Some(name) => {
            let remove = ui.t.remove_filter(label);
            view! {
                <span class="chip set">
                    <button type="button" popovertarget=id>
                        {label}
                        {ui.t.colon()}
                        <b>{name}</b>
                    </button>
                    <a href=clear aria-label=remove data-noscroll="true">
                        {icon(Icon::Close)}
                    </a>
                </span>
                {menu}
            }
            .into_any()
        }
        None => view! {
            <button type="button" class="chip" popovertarget=id>
                {icon(Icon::Plus)}
                {label}
            </button>
            {menu}
        }
        .into_any(),
    }
}

/// The head of a column that sorts, with something before its label: `state` is none when the
/// list is not sorted by it, else whether downwards.
pub(crate) fn sortable(
    label: &'static str,
    href: String,
    state: Option<bool>,
    class: Option<&'static str>,
    before: AnyView,
) -> AnyView {
    let sort = match state {
        None => None,
        Some(false) => Some("ascending"),
        Some(true) => Some("descending"),
    };
    let sign = match state {
        None => "",
        Some(false) => "↑",
        Some(true) => "↓",
    };
    view! {
        <th scope="col" class=class aria-sort=sort>
            {before} <a href=href data-noscroll="true">
                {label}
                <span class="sort" aria-hidden="true">
                    {sign}
                </span>
            </a>
        </th>
    }
    .into_any()
}

/// How many a page of a list may hold.
pub(crate) const PAGE_SIZES: [i64; 3] = [PAGE_SIZE, 50, 100];

/// The page size that an address asks for, if it is one of [`PAGE_SIZES`]; else the usual one.
pub(crate) fn page_size(wanted: i64) -> i64 {
    PAGE_SIZES
        .into_iter()
        .find(|size| *size == wanted)
        .unwrap_or(PAGE_SIZE)
}

/// Which part of a list is shown.
#[derive(Clone, Copy)]
pub(crate) struct Paging {
    /// How many there are.
    pub total: i64,
    /// Whether there may be more than were counted.
    pub more: bool,
    /// From 1.
    pub page: i64,
    /// How many on a page.
    pub size: i64,
}

/// The foot of a list: which part of it is shown, and the way to the other parts.
pub(crate) fn pager(ui: Ui, total: i64, page: i64, to: &dyn Fn(i64) -> String) -> AnyView {
    let size = PAGE_SIZE;
    let more = false;
    pager_of(
        ui,
        Paging {
            total,
            more,
            page,
            size,
        },
        to,
        ().into_any(),
    )
}

/// The foot of a list of which there may be `more` than were counted.
pub(crate) fn pager_up_to(
    ui: Ui,
    total: i64,
    more: bool,
    page: i64,
    to: &dyn Fn(i64) -> String,
) -> AnyView {
    let size = PAGE_SIZE;
    let paging = Paging {
        total,
        more,
        page,
        size,
    };
    pager_of(ui, paging, to, ().into_any())
}

/// The same, with a choice of how many a page holds; `to` makes the address of a page of a size.
pub(crate) fn pager_sized(ui: Ui, paging: Paging, to: &dyn Fn(i64, i64) -> String) -> AnyView {
    let t = ui.t;
    let sizes: Vec<AnyView> = PAGE_SIZES
        .into_iter()
        .map(|size| {
            let current = (size == paging.size).then_some("true");
            view! {
                <a
                    href=to(1, size)
                    aria-current=current
                    aria-label=t.per_page(size)
                    data-noscroll="true"
                >
                    {size}
                </a>
            }
            .into_any()
        })
        .collect();
    let sizes = (paging.total > PAGE_SIZE).then(|| {
        view! {
            <div class="page-sizes" role="group" aria-label=t.page_size>
                <span>{t.page_size}</span>
                {sizes}
            </div>
        }
        .into_any()
    });
    let size = paging.size;
    pager_of(ui, paging, &|page| to(page, size), sizes.into_any())
}

fn pager_of(ui: Ui, paging: Paging, to: &dyn Fn(i64) -> String, sizes: AnyView) -> AnyView {
    let t = ui.t;
    let Paging {
        total,
        more,
        page,
        size,
    } = paging;
    let mut all = count(total);
    if more {
        all.push('+');
    }
    let page = page.max(1);
    let pages = (total + size - 1) / size;
    let first = ((page - 1) * size + 1).min(total);
    let last = (page * size).min(total);
    let step = |there: bool, number: i64, label: &'static str, sign: Icon| {
        if there {
            view! {
                <a class="icon-button framed" href=to(number) aria-label=label title=label>
                    {icon(sign)}
                </a>
            }
            .into_any()
        } else {
            view! {
                <span class="icon-button framed" aria-hidden="true">
                    {icon(sign)}
                </span>
            }
            .into_any()
        }
    };
    view! {
        <nav class="pager" aria-label=t.pages>
            {sizes} <p>{t.range(&count(first), &count(last), &all)}</p>
            {step(page > 1, (page - 1).min(pages).max(1), t.previous_page, Icon::Left)}
            {step(page < pages, page + 1, t.next_page, Icon::Right)}
        </nav>
    }
    .into_any()
}

/// What stands in for a list that its filters have emptied; `all` is its address without them.
pub(crate) fn nothing_found(ui: Ui, all: &'static str) -> AnyView {
    let t = ui.t;
    let link = view! {
        <a class="button" href=all>
            {t.clear_filters}
        </a>
    };
    empty(
        Icon::Search,
        t.nothing_found,
        t.nothing_found_text,
        link.into_any(),
    )
}

/// A sentence about what was loaded, below the name of the page.
pub(crate) fn told<T: DeserializeOwned>(
    source: Loaded,
    tell: impl Fn(T) -> String + Send + Sync + 'static,
) -> AnyView {
    show_answer(
        source,
        || "\u{a0}".into_any(),
        move |answer| match read::<T>(answer) {
            Ok(found) => tell(found).into_any(),
            Err(_) => "\u{a0}".into_any(),
        },
    )
}

/// A button that enables what has this id, in the menu `menu` or outside of any.
pub(crate) fn enable_form(
    ui: Ui,
    enable: Submit,
    id: i64,
    menu: String,
    class: &'static str,
) -> AnyView {
    let fields = view! {
        <input type="hidden" name="id" value=id.to_string() />
        <input type="hidden" name="status" value="0" />
        <button
            type="submit"
            class=class
            on:click=on(move |_: ev::MouseEvent| browser::hide_popover(&menu))
        >
            {icon(Icon::Check)}
            {ui.t.enable}
        </button>
    };
    enable.form("", "", fields.into_any())
}

/// The menu at the end of a row.
pub(crate) fn row_menu(id: String, label: String, items: Vec<AnyView>) -> AnyView {
    view! {
        <button type="button" class="icon-button" popovertarget=id.clone() aria-label=label>
            {icon(Icon::More)}
        </button>
        <div id=id class="menu" popover="auto">
            {items}
        </div>
    }
    .into_any()
}

/// A link in a row's menu.
pub(crate) fn menu_link(
    sign: Icon,
    label: &'static str,
    href: String,
    class: &'static str,
) -> AnyView {
    view! {
        <a class=class href=href data-noscroll="true" on:click=on(hide_menu)>
            {icon(sign)}
            {label}
        </a>
    }
    .into_any()
}

/// Closes the menu that was chosen from.
fn hide_menu(event: ev::MouseEvent) {
    let menu = event
        .current_target()
        .and_then(|t| t.dyn_into::<web_sys::Element>().ok())
        .and_then(|e| e.closest("[popover]").ok().flatten());
    if let Some(menu) = menu {
        browser::hide_popover(&menu.id());
    }
}
