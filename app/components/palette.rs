//! The command palette: one box that goes to a page, finds a user or a role, or does something.
//!
//! It is a combobox in a modal dialog: the focus stays in the box, the arrow keys walk through
//! the list below. What leads to a page is a link, so that it goes the way of every other link:
//! unsaved changes are asked about, and Ctrl with a click opens another tab. Without JavaScript
//! there is no button for it; all that it offers is on the pages.

mod fuzzy;

use super::confirm::backdrop;
use super::icon::{Icon, icon};
use super::live::{effect, memo, on};
use super::look;
use super::shell::{Frame, stops};
use crate::boot::Theme;
use crate::browser;
use crate::calls::{Ask, ask_once};
use crate::i18n::Texts;
use crate::ui::Ui;
use leptos::ev::{Event, KeyboardEvent, MouseEvent};
use leptos::html::Dialog;
use leptos::prelude::*;
use menshen_domain::catalogue::{
    DEPT_ADD, MENU_ADD, PERM_ALTER, ROLE_ADD, ROLE_LIST, ROLE_QUERY, SETTING_ALTER, USER_ADD,
    USER_IMPORT, USER_LIST, USER_QUERY,
};
use menshen_domain::role::Role;
use menshen_domain::user::User;
use menshen_domain::{Lang, Page};
use std::time::Duration;

/// How long to wait for the next letter before the server is asked.
const PAUSE: Duration = Duration::from_millis(200);
/// How many users, and how many roles, are shown.
const FOUND: usize = 6;
/// How many of those used last come first.
const RECENT: usize = 5;
/// Where the browser keeps them. Pages and actions only: whom somebody looked up is nobody's
/// business after she has signed out.
const KEPT: &str = "menshen_recent";

/// The headings of the list, in its order. What the server finds comes last, so that nothing
/// moves under somebody's finger when it arrives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Recent,
    Page,
    Action,
    User,
    Role,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Recent,
        Self::Page,
        Self::Action,
        Self::User,
        Self::Role,
    ];

    fn label(self, t: &'static Texts) -> &'static str {
        match self {
            Self::Recent => t.palette_recent,
            Self::Page => t.palette_go,
            Self::Action => t.actions,
            Self::User => t.users,
            Self::Role => t.roles,
        }
    }
}

/// What choosing an entry does.
#[derive(Clone, PartialEq)]
enum Act {
    Go(String),
    Do(Deed),
}

#[derive(Clone, Copy, PartialEq)]
enum Deed {
    Language,
    Theme(Theme),
    Shortcuts,
    SignOut,
}

/// An entry of the list.
#[derive(Clone, PartialEq)]
struct Item {
    kind: Kind,
    /// What it is kept by when it was used; empty for what is not kept.
    key: String,
    sign: Icon,
    label: String,
    /// What stands beside the label: an address, a login name.
    aside: String,
    act: Act,
}

/// An entry that is there from the start, with all the words that find it.
struct Known {
    item: Item,
    words: Vec<String>,
}

/// An action that leads to a page.
struct Link {
    href: &'static str,
    sign: Icon,
    label: fn(&'static Texts) -> &'static str,
    needs: Option<&'static str>,
}

const fn to(
    href: &'static str,
    sign: Icon,
    label: fn(&'static Texts) -> &'static str,
    needs: Option<&'static str>,
) -> Link {
    Link {
        href,
        sign,
        label,
        needs,
    }
}

#[rustfmt::skip]
static LINKS: &[Link] = &[
    to("/admin/users/new", Icon::Plus, |t| t.new_user, Some(USER_ADD)),
    to("/admin/users/import", Icon::Upload, |t| t.import_users, Some(USER_IMPORT)),
    to("/admin/departments/new", Icon::Plus, |t| t.new_department, Some(DEPT_ADD)),
    to("/admin/roles/new", Icon::Plus, |t| t.new_role, Some(ROLE_ADD)),
    to("/admin/permissions/new", Icon::Plus, |t| t.new_permission, Some(PERM_ALTER)),
    to("/admin/menus/new", Icon::Plus, |t| t.new_menu, Some(MENU_ADD)),
    to("/admin/keys?ask=rotate", Icon::Refresh, |t| t.palette_rotate, Some(SETTING_ALTER)),
    to("/admin/account", Icon::Person, |t| t.my_account, None),
    to("/admin/account/password", Icon::Key, |t| t.change_password, None),
];

/// All that is there from the start: the pages, then the actions.
fn known(ui: Ui) -> Vec<Known> {
    let foreign = ui.in_lang(match ui.lang {
        Lang::Zh => Lang::En,
        Lang::En => Lang::Zh,
    });
    let mut all: Vec<Known> = stops(ui)
        .map(|stop| {
            let name = (stop.label)(ui).to_owned();
            let also = (stop.label)(foreign).to_owned();
            link(Kind::Page, stop.href, stop.sign, name, also)
        })
        .collect();
    if ui.dev {
        let (name, also) = (ui.t.components.to_owned(), foreign.t.components.to_owned());
        all.push(link(Kind::Page, "/admin/_kit", Icon::Columns, name, also));
    }
    let links = LINKS
        .iter()
        .filter(|link| link.needs.is_none_or(|code| ui.may(code)));
    all.extend(links.map(|entry| {
        let (name, also) = ((entry.label)(ui.t), (entry.label)(foreign.t));
        let (name, also) = (name.to_owned(), also.to_owned());
        link(Kind::Action, entry.href, entry.sign, name, also)
    }));
    all.extend(deeds(ui, foreign));
    all
}

fn link(kind: Kind, href: &'static str, sign: Icon, label: String, also: String) -> Known {
    Known {
        words: vec![label.clone(), also, href.to_owned()],
        item: Item {
            kind,
            key: href.to_owned(),
            sign,
            label,
            aside: href.split('?').next().unwrap_or_default().to_owned(),
            act: Act::Go(href.to_owned()),
        },
    }
}

fn deeds(ui: Ui, foreign: Ui) -> Vec<Known> {
    let (t, other) = (ui.t, foreign.t);
    let deed = |key: &str, sign, label: String, also: String, deed| Known {
        words: vec![label.clone(), also],
        item: Item {
            kind: Kind::Action,
            key: key.to_owned(),
            sign,
            label,
            aside: String::new(),
            act: Act::Do(deed),
        },
    };
    let mut all = vec![deed(
        "language",
        Icon::Globe,
        t.palette_language.to_owned(),
        other.palette_language.to_owned(),
        Deed::Language,
    )];
    let now = ui.theme.get_untracked();
    all.extend(
        Theme::ALL
            .into_iter()
            .filter(|theme| *theme != now)
            .map(|theme| {
                deed(
                    theme.code(),
                    look::sign(theme),
                    t.palette_theme(look::name(ui, theme)),
                    other.palette_theme(look::name(foreign, theme)),
                    Deed::Theme(theme),
                )
            }),
    );
    all.push(deed(
        "shortcuts",
        Icon::Keyboard,
        t.shortcuts.to_owned(),
        other.shortcuts.to_owned(),
        Deed::Shortcuts,
    ));
    all.push(deed(
        "sign-out",
        Icon::Out,
        t.sign_out.to_owned(),
        other.sign_out.to_owned(),
        Deed::SignOut,
    ));
    all
}

/// What of `known` is shown for `query`, best first in each group; with nothing typed, what was
/// used last comes first of all.
fn chosen(known: &[Known], recent: &[String], query: &str) -> Vec<Item> {
    if query.is_empty() {
        let used = |item: &Item| recent.contains(&item.key);
        let mut out: Vec<Item> = recent
            .iter()
            .filter_map(|key| known.iter().find(|k| k.item.key == *key))
            .map(|k| Item {
                kind: Kind::Recent,
                ..k.item.clone()
            })
            .collect();
        let rest = known.iter().map(|k| &k.item).filter(|item| !used(item));
        out.extend(rest.cloned());
        return out;
    }
    let mut scored: Vec<(i32, &Item)> = known
        .iter()
        .filter_map(|k| {
            let best = k.words.iter().filter_map(|word| fuzzy::score(query, word));
            Some((best.max()?, &k.item))
        })
        .collect();
    // Stable: of two that are as good, the order of the navigation.
    scored.sort_by_key(|(points, _)| -points);
    [Kind::Page, Kind::Action]
        .into_iter()
        .flat_map(|kind| scored.iter().filter(move |(_, item)| item.kind == kind))
        .map(|(_, item)| (*item).clone())
        .collect()
}

/// The keys of what was used last, with `key` in front.
fn used_now(recent: Vec<String>, key: &str) -> Vec<String> {
    let mut out = vec![key.to_owned()];
    out.extend(recent.into_iter().filter(|other| other != key));
    out.truncate(RECENT);
    out
}

fn recent() -> Vec<String> {
    let kept = browser::kept(KEPT);
    kept.lines().take(RECENT).map(str::to_owned).collect()
}

/// The button in the top bar: it looks like a search box, and like an icon where it is narrow.
pub(crate) fn button(ui: Ui, frame: Frame) -> AnyView {
    let t = ui.t;
    let keys = move || if frame.apple.get() { "⌘ K" } else { "Ctrl K" };
    view! {
        <button
            type="button"
            class="palette-button js-only"
            aria-label=t.palette
            aria-haspopup="dialog"
            aria-keyshortcuts="Control+K Meta+K"
            title=t.palette
            on:click=on(move |_: MouseEvent| frame.palette.set(true))
        >
            {icon(Icon::Search)}
            <span>{t.palette_prompt}</span>
            <kbd>{keys}</kbd>
        </button>
    }
    .into_any()
}

/// The palette itself, while it is open.
pub(crate) fn palette(ui: Ui, frame: Frame) -> AnyView {
    let view = move || frame.palette.get().then(|| dialog(ui, frame));
    view! { {view} }.into_any()
}

/// What the parts of the open palette share.
#[derive(Clone, Copy)]
struct State {
    ui: Ui,
    frame: Frame,
    query: RwSignal<String>,
    users: RwSignal<Vec<Item>>,
    roles: RwSignal<Vec<Item>>,
    /// How many questions are not answered yet.
    open: RwSignal<u32>,
    /// Which entry is the current one.
    at: RwSignal<usize>,
    items: Memo<Vec<Item>>,
}

fn dialog(ui: Ui, frame: Frame) -> AnyView {
    let t = ui.t;
    let query = RwSignal::new(String::new());
    let users = RwSignal::new(Vec::new());
    let roles = RwSignal::new(Vec::new());
    let (known, recent) = (untrack(|| known(ui)), recent());
    let items = memo(move || {
        let mut all = query.with(|q| chosen(&known, &recent, q));
        all.extend(users.get());
        all.extend(roles.get());
        all
    });
    let state = State {
        ui,
        frame,
        query,
        users,
        roles,
        open: RwSignal::new(0),
        at: RwSignal::new(0),
        items,
    };
    let node = NodeRef::<Dialog>::new();
    browser::modal(node);
    let (press, click) = backdrop(move || frame.palette.set(false));
    view! {
        <dialog
            class="palette"
            node_ref=node
            aria-label=t.palette
            on:close=on(move |_: Event| frame.palette.set(false))
            on:mousedown=press
            on:click=click
        >
            <div class="palette-inner">
                {field(state)} {move || list(state)}
                <p class="hidden" role="status">
                    {move || t.palette_found(items.with(Vec::len))}
                </p>
                <footer class="palette-foot" aria-hidden="true">
                    <span>
                        <kbd>"↑"</kbd>
                        <kbd>"↓"</kbd>
                        {t.palette_walk}
                    </span>
                    <span>
                        <kbd>"↵"</kbd>
                        {t.palette_choose}
                    </span>
                    <span>
                        <kbd>"Esc"</kbd>
                        {t.close}
                    </span>
                </footer>
            </div>
        </dialog>
    }
    .into_any()
}

fn field(state: State) -> AnyView {
    let t = state.ui.t;
    let mut later = debounce(PAUSE, move |text: String| ask(state, &text));
    let typed = move |event: Event| {
        let text = event_target_value(&event).trim().to_owned();
        if state.query.with_untracked(|q| *q == text) {
            return;
        }
        state.users.set(Vec::new());
        state.roles.set(Vec::new());
        state.at.set(0);
        state.query.set(text.clone());
        // Until the server is asked it counts as one question, so that nobody is told too early
        // that there is nothing.
        state.open.set(u32::from(!text.is_empty()));
        later(text);
    };
    effect(move || {
        let at = state.at.get();
        request_animation_frame(move || browser::show_option(&option_id(at)));
    });
    view! {
        <div class="palette-field">
            {icon(Icon::Search)}
            <input
                type="text"
                role="combobox"
                aria-label=t.palette_prompt
                aria-autocomplete="list"
                aria-controls="palette-list"
                aria-expanded=move || state.items.with(|i| !i.is_empty()).to_string()
                aria-activedescendant=move || {
                    state.items.with(|i| !i.is_empty()).then(|| option_id(state.at.get()))
                }
                placeholder=t.palette_hint
                data-focus=""
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                maxlength="100"
                on:input=on(typed)
                on:keydown=on(move |event| pressed(state, &event))
            />
        </div>
    }
    .into_any()
}

fn option_id(at: usize) -> String {
    format!("palette-{at}")
}

fn pressed(state: State, event: &KeyboardEvent) {
    // While characters are composed, the keys belong to the input method.
    if event.is_composing() {
        return;
    }
    let n = state.items.with_untracked(Vec::len);
    let at = state.at.get_untracked();
    match event.key().as_str() {
        "ArrowDown" if n > 0 => state.at.set((at + 1) % n),
        "ArrowUp" if n > 0 => state.at.set((at + n - 1) % n),
        "Enter" => browser::press(&format!("#{}", option_id(at))),
        _ => return,
    }
    event.prevent_default();
}

/// Asks the server for users and roles of that name.
fn ask(state: State, text: &str) {
    let ui = state.ui;
    // One letter says something in Chinese, and little elsewhere.
    let enough = text.chars().count() > 1 || !text.is_ascii();
    let wanted = |code: &str| enough && untrack(|| ui.may(code));
    let (users, roles) = (wanted(USER_LIST), wanted(ROLE_LIST));
    state.open.try_set(u32::from(users) + u32::from(roles));
    let question = |endpoint| Ask::of(endpoint, &[("query[q]", text), ("query[page]", "1")]);
    if users {
        let text = text.to_owned();
        ask_once::<Page<User>>(question("list_users"), move |answer| {
            let list = answer.map(|page| page.list).unwrap_or_default();
            let found = list.iter().take(FOUND).map(|user| of_user(ui, user));
            state.arrived(&text, state.users, found.collect());
        });
    }
    if roles {
        let text = text.to_owned();
        ask_once::<Page<Role>>(question("list_roles"), move |answer| {
            let list = answer.map(|page| page.list).unwrap_or_default();
            let found = list.iter().take(FOUND).map(|role| of_role(ui, role));
            state.arrived(&text, state.roles, found.collect());
        });
    }
}

impl State {
    /// Takes what was found, unless something else was typed, or the palette closed, meanwhile.
    fn arrived(self, text: &str, place: RwSignal<Vec<Item>>, found: Vec<Item>) {
        let asked = self.query.try_with_untracked(|q| q == text);
        if asked == Some(true) {
            place.set(found);
            self.open.update(|n| *n = n.saturating_sub(1));
        }
    }

    fn choose(self, item: &Item) {
        if !item.key.is_empty() {
            browser::keep(KEPT, &used_now(recent(), &item.key).join("\n"));
        }
        self.frame.palette.set(false);
        match item.act {
            // The link itself goes there.
            Act::Go(_) => {}
            Act::Do(Deed::Theme(theme)) => look::choose(self.ui, theme),
            Act::Do(Deed::Language) => {
                browser::press("form[action='/admin/fn/set_language'] button");
            }
            Act::Do(Deed::SignOut) => browser::press("form[action='/admin/fn/sign_out'] button"),
            Act::Do(Deed::Shortcuts) => {
                let sheet = self.frame.sheet;
                // Once this dialog has given the focus back: the next one gives it back in turn.
                set_timeout(move || sheet.set(true), Duration::from_millis(60));
            }
        }
    }
}

fn of_user(ui: Ui, user: &User) -> Item {
    let href = if untrack(|| ui.may(USER_QUERY)) {
        format!("/admin/users/{}", user.id)
    } else {
        format!("/admin/users?q={}", browser::escape(&user.username))
    };
    Item {
        kind: Kind::User,
        key: String::new(),
        sign: Icon::Person,
        label: user.display_name().to_owned(),
        aside: user.username.clone(),
        act: Act::Go(href),
    }
}

fn of_role(ui: Ui, role: &Role) -> Item {
    let href = if untrack(|| ui.may(ROLE_QUERY)) {
        format!("/admin/roles/{}", role.id)
    } else {
        format!("/admin/roles?q={}", browser::escape(&role.key))
    };
    Item {
        kind: Kind::Role,
        key: String::new(),
        sign: Icon::Shield,
        label: role.name.clone(),
        aside: role.key.clone(),
        act: Act::Go(href),
    }
}

fn list(state: State) -> AnyView {
    let t = state.ui.t;
    let items = state.items.get();
    let none = items.is_empty();
    let mut numbered: Vec<(usize, Item)> = items.into_iter().enumerate().collect();
    let groups: Vec<AnyView> = Kind::ALL
        .into_iter()
        .filter_map(|kind| {
            let (these, others) = numbered.drain(..).partition(|(_, item)| item.kind == kind);
            numbered = others;
            group(state, kind, these)
        })
        .collect();
    view! {
        <div
            id="palette-list"
            class="palette-list"
            role="listbox"
            aria-label=t.palette
            hidden=none
        >
            {groups}
        </div>
        {none.then(|| {
            let text = move || {
                if state.open.get() > 0 { t.loading } else { t.nothing_found }
            };
            view! { <p class="palette-none">{text}</p> }.into_any()
        })}
    }
    .into_any()
}

fn group(state: State, kind: Kind, items: Vec<(usize, Item)>) -> Option<AnyView> {
    if items.is_empty() {
        return None;
    }
    let label = kind.label(state.ui.t);
    let options: Vec<AnyView> = items
        .into_iter()
        .map(|(at, item)| option(state, at, item))
        .collect();
    let group = view! {
        <div role="group" aria-label=label>
            <div class="group" role="presentation" aria-hidden="true">
                {label}
            </div>
            {options}
        </div>
    };
    Some(group.into_any())
}

fn option(state: State, at: usize, item: Item) -> AnyView {
    let inner = view! {
        {icon(item.sign)}
        <span class="palette-label">{item.label.clone()}</span>
        <span class="palette-aside">{item.aside.clone()}</span>
    };
    let selected = move || (state.at.get() == at).to_string();
    // The focus stays in the field.
    let held = on(|event: MouseEvent| event.prevent_default());
    let moved = on(move |_: MouseEvent| {
        if state.at.get_untracked() != at {
            state.at.set(at);
        }
    });
    let href = match &item.act {
        Act::Go(href) => Some(href.clone()),
        Act::Do(_) => None,
    };
    let click = on(move |_: MouseEvent| state.choose(&item));
    match href {
        Some(href) => view! {
            <a
                id=option_id(at)
                class="palette-option"
                role="option"
                href=href
                tabindex="-1"
                aria-selected=selected
                on:mousedown=held
                on:mousemove=moved
                on:click=click
            >
                {inner}
            </a>
        }
        .into_any(),
        None => view! {
            <div
                id=option_id(at)
                class="palette-option"
                role="option"
                aria-selected=selected
                on:mousedown=held
                on:mousemove=moved
                on:click=click
            >
                {inner}
            </div>
        }
        .into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(key: &'static str, name: &str, also: &str) -> Known {
        link(Kind::Page, key, Icon::Home, name.into(), also.into())
    }

    fn keys(items: &[Item]) -> Vec<&str> {
        items.iter().map(|item| item.key.as_str()).collect()
    }

    #[test]
    fn both_languages_and_the_address_find_a_page() {
        let known = [
            page("/admin/users", "Users", "用户"),
            page("/admin/menus", "Menus", "菜单"),
            page("/admin/sign-ins", "Sign-ins", "登录"),
        ];
        let found = |query: &str| chosen(&known, &[], query);
        assert_eq!(keys(&found("us"))[0], "/admin/users");
        assert_eq!(keys(&found("菜单")), ["/admin/menus"]);
        assert_eq!(keys(&found("sign-in")), ["/admin/sign-ins"]);
        assert!(found("qqq").is_empty());
    }

    #[test]
    fn what_was_used_last_comes_first_and_once() {
        let known = [page("/a", "A", "甲"), page("/b", "B", "乙")];
        let recent = ["/b".to_owned(), "/gone".to_owned()];
        let all = chosen(&known, &recent, "");
        assert_eq!(keys(&all), ["/b", "/a"]);
        assert!(all[0].kind == Kind::Recent && all[1].kind == Kind::Page);
    }

    #[test]
    fn few_are_kept_and_none_twice() {
        let mut recent = Vec::new();
        for key in ["a", "b", "c", "a", "d", "e", "f"] {
            recent = used_now(recent, key);
        }
        assert_eq!(recent, ["f", "e", "d", "a", "c"]);
    }
}
