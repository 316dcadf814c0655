//! The frame around every page for the signed-in: side navigation, top bar, account menu.

use super::icon::{Icon, icon, mark};
use super::live::{effect, memo, on};
use super::{avatar, keys, look, palette, toast};
use crate::browser;
use crate::live;
use crate::ui::{Ui, ui};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;
use menshen_domain::catalogue::{
    DEPT_LIST, LOG_LOGIN, LOG_OPERATION, MENU_LIST, PERM_LIST, ROLE_LIST, SESSION_LIST,
    SETTING_QUERY, USER_LIST,
};

/// A page of the navigation.
pub(crate) struct Entry {
    pub href: &'static str,
    /// The key that leads to it, after `g`.
    pub key: &'static str,
    pub sign: Icon,
    pub label: fn(Ui) -> &'static str,
    /// It is there for who holds this permission; without one, for everybody.
    needs: Option<&'static str>,
}

const fn entry(
    href: &'static str,
    key: &'static str,
    sign: Icon,
    label: fn(Ui) -> &'static str,
    needs: Option<&'static str>,
) -> Entry {
    Entry {
        href,
        key,
        sign,
        label,
        needs,
    }
}

/// A heading, and the entries under it.
struct Group {
    label: Option<fn(Ui) -> &'static str>,
    entries: &'static [Entry],
}

#[rustfmt::skip]
static NAVIGATION: &[Group] = &[
    Group {
        label: None,
        entries: &[
            entry("/admin", "h", Icon::Home, |ui| ui.t.overview, None),
        ],
    },
    Group {
        label: Some(|ui| ui.t.people),
        entries: &[
            entry("/admin/users", "u", Icon::Users, |ui| ui.t.users, Some(USER_LIST)),
            entry("/admin/departments", "d", Icon::Tree, |ui| ui.t.departments, Some(DEPT_LIST)),
            entry("/admin/sessions", "s", Icon::Screen, |ui| ui.t.sessions, Some(SESSION_LIST)),
        ],
    },
    Group {
        label: Some(|ui| ui.t.access),
        entries: &[
            entry("/admin/roles", "r", Icon::Shield, |ui| ui.t.roles, Some(ROLE_LIST)),
            entry("/admin/permissions", "p", Icon::Key, |ui| ui.t.permissions, Some(PERM_LIST)),
            entry("/admin/menus", "m", Icon::List, |ui| ui.t.menus, Some(MENU_LIST)),
        ],
    },
    Group {
        label: Some(|ui| ui.t.records),
        entries: &[
            entry("/admin/sign-ins", "i", Icon::Enter, |ui| ui.t.sign_ins, Some(LOG_LOGIN)),
            entry("/admin/operations", "o", Icon::Note, |ui| ui.t.operations, Some(LOG_OPERATION)),
        ],
    },
    Group {
        label: Some(|ui| ui.t.system),
        entries: &[
            // The ways in.
            entry("/admin/settings/sign-in", "w", Icon::Doors, |ui| ui.t.sign_in_methods, Some(SETTING_QUERY)),
            entry("/admin/keys", "k", Icon::Lock, |ui| ui.t.keys, Some(SETTING_QUERY)),
            entry("/admin/settings", "t", Icon::Gear, |ui| ui.t.settings, Some(SETTING_QUERY)),
        ],
    },
];

/// Every page of the navigation, in its order.
pub(crate) fn pages() -> impl Iterator<Item = &'static Entry> {
    NAVIGATION.iter().flat_map(|group| group.entries)
}

/// Those that the caller may see.
pub(crate) fn stops(ui: Ui) -> impl Iterator<Item = &'static Entry> {
    pages().filter(move |entry| entry.needs.is_none_or(|code| ui.may(code)))
}

fn leads_to(href: &str, path: &str) -> bool {
    path == href
        || (href != "/admin"
            && path
                .strip_prefix(href)
                .is_some_and(|rest| rest.starts_with('/')))
}

/// The entry under which a page stands: the one whose address tells most of the page's.
fn entry_of(path: &str) -> Option<(&'static Group, &'static Entry)> {
    NAVIGATION
        .iter()
        .flat_map(|group| group.entries.iter().map(move |entry| (group, entry)))
        .filter(|(_, entry)| leads_to(entry.href, path))
        .max_by_key(|(_, entry)| entry.href.len())
}

fn is_here(path: &str, href: &str) -> bool {
    entry_of(path).is_some_and(|(_, entry)| entry.href == href)
}

/// What opens over every page.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    /// Whether the command palette is open.
    pub palette: RwSignal<bool>,
    /// Whether the list of the shortcuts is.
    pub sheet: RwSignal<bool>,
    /// Whether ⌘ stands for Ctrl here; known once the page is awake.
    pub apple: RwSignal<bool>,
}

/// The frame.
#[component]
pub(crate) fn Shell() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let path = use_location().pathname;
    live::listen(ui);
    // The page's section, without what stands in it: opening a panel moves no focus.
    let section = memo(move || path.with(|p| p.split('/').take(3).collect::<Vec<_>>().join("/")));
    let before = StoredValue::new(section.get_untracked());
    effect(move || {
        let now = section.get();
        browser::hide_popover("drawer");
        if before.get_value() != now {
            before.set_value(now);
            browser::focus("#main");
        }
    });
    let frame = Frame {
        palette: RwSignal::new(false),
        sheet: RwSignal::new(false),
        apple: RwSignal::new(false),
    };
    keys::listen(ui, frame);
    let skip = |event: MouseEvent| {
        event.prevent_default();
        browser::focus("#main");
    };
    view! {
        <a class="skip" href="#main" on:click=on(skip)>
            {t.skip}
        </a>
        <div class="progress" aria-hidden="true"></div>
        <div class="app" class:folded=ui.folded class:keyless=move || !ui.keys.get()>
            <aside class="side">
                {brand()} {navigation(ui, path, t.navigation)} {fold(ui)}
            </aside>
            <div class="page">
                {top(ui, frame, path)} <main id="main" tabindex="-1">
                    <Outlet />
                </main>
            </div>
        </div>
        <div id="drawer" class="drawer" popover="auto">
            {brand()}
            {navigation(ui, path, t.navigation)}
        </div>
        {toast::toasts(ui)}
        {palette::palette(ui, frame)}
        {keys::sheet(ui, frame)}
    }
}

fn brand() -> AnyView {
    view! {
        <a class="brand" href="/admin" aria-label="Menshen">
            {mark()}
            <span>"Menshen"</span>
        </a>
    }
    .into_any()
}

fn navigation(ui: Ui, path: Memo<String>, label: &'static str) -> AnyView {
    let groups = move || {
        NAVIGATION
            .iter()
            .filter_map(|group| {
                let entries: Vec<AnyView> = group
                    .entries
                    .iter()
                    .filter(|entry| entry.needs.is_none_or(|code| ui.may(code)))
                    .map(|entry| {
                        let label = (entry.label)(ui);
                        view! {
                            <li>
                                <a
                                    class="nav"
                                    href=entry.href
                                    title=label
                                    aria-current=move || {
                                        path.with(|p| is_here(p, entry.href)).then_some("page")
                                    }
                                >
                                    {icon(entry.sign)}
                                    <span>{label}</span>
                                </a>
                            </li>
                        }
                        .into_any()
                    })
                    .collect();
                (!entries.is_empty()).then(|| {
                    view! {
                        {group
                            .label
                            .map(|label| view! { <p class="group">{label(ui)}</p> }.into_any())}
                        <ul>{entries}</ul>
                    }
                    .into_any()
                })
            })
            .collect::<Vec<AnyView>>()
    };
    view! { <nav aria-label=label>{move || groups()}</nav> }.into_any()
}

fn fold(ui: Ui) -> AnyView {
    let t = ui.t;
    let label = memo(move || {
        if ui.folded.get() {
            t.nav_unfold
        } else {
            t.nav_fold
        }
    });
    view! {
        <button
            type="button"
            class="nav fold js-only"
            aria-label=label
            title=label
            on:click=on(move |_: MouseEvent| {
                let folded = !ui.folded.get_untracked();
                ui.folded.set(folded);
                browser::remember("menshen_nav", if folded { "folded" } else { "open" });
            })
        >
            {icon(Icon::Fold)}
            <span>{t.nav_fold}</span>
        </button>
    }
    .into_any()
}

fn top(ui: Ui, frame: Frame, path: Memo<String>) -> AnyView {
    view! {
        <header class="top">
            <button
                type="button"
                class="icon-button only-narrow"
                popovertarget="drawer"
                aria-label=ui.t.open_navigation
            >
                {icon(Icon::Menu)}
            </button>
            {breadcrumb(ui, path)}
            {palette::button(ui, frame)} <div class="tools">
                {look::language(ui, "icon-button text")} {look::theme(ui, "icon-button", false)}
                {account(ui, frame)}
            </div>
        </header>
    }
    .into_any()
}

/// Where the page stands: group, list, and what is open of it.
fn breadcrumb(ui: Ui, path: Memo<String>) -> AnyView {
    let t = ui.t;
    let items = move || {
        path.with(|path| match entry_of(path) {
            Some((Group { label: None, .. }, entry)) => {
                let label = (entry.label)(ui);
                view! { <li aria-current="page">{label}</li> }.into_any()
            }
            Some((group, entry)) => {
                let group = group.label.map(|label| label(ui));
                let list = (entry.label)(ui);
                let below = path.get(entry.href.len() + 1..).unwrap_or_default();
                match leaf(ui, entry.href, below) {
                    None => view! {
                        <li class="quiet">{group}</li>
                        <li aria-current="page">{list}</li>
                    }
                    .into_any(),
                    Some(leaf) => view! {
                        <li class="quiet">{group}</li>
                        <li>
                            <a href=entry.href>{list}</a>
                        </li>
                        <li aria-current="page">{leaf}</li>
                    }
                    .into_any(),
                }
            }
            None if path == "/admin/_kit" => {
                view! { <li aria-current="page">{t.components}</li> }.into_any()
            }
            None => view! { <li aria-current="page">{t.my_account}</li> }.into_any(),
        })
    };
    view! {
        <nav class="breadcrumb" aria-label=t.breadcrumb>
            <ol>{move || items()}</ol>
        </nav>
    }
    .into_any()
}

/// What is open of a list: `below` is the rest of the address.
fn leaf(ui: Ui, list: &str, below: &str) -> Option<&'static str> {
    let t = ui.t;
    match (list, below) {
        (_, "") => None,
        ("/admin/users", "new") => Some(t.new_user),
        ("/admin/users", "import") => Some(t.import_users),
        ("/admin/users", _) => Some(t.edit_user),
        ("/admin/departments", "new") => Some(t.new_department),
        ("/admin/departments", _) => Some(t.edit_department),
        ("/admin/roles", "new") => Some(t.new_role),
        ("/admin/roles", _) => Some(t.edit_role),
        ("/admin/permissions", "new") => Some(t.new_permission),
        ("/admin/permissions", _) => Some(t.edit_permission),
        ("/admin/menus", "new") => Some(t.new_menu),
        ("/admin/menus", _) => Some(t.edit_menu),
        ("/admin/operations", _) => Some(t.operation),
        _ => None,
    }
}

fn account(ui: Ui, frame: Frame) -> AnyView {
    let t = ui.t;
    let picture = move || {
        ui.me.with(|me| {
            me.as_ref()
                .map(|me| avatar(&me.nickname, &me.avatar, me.id.0))
        })
    };
    let names = move || {
        ui.me.with(|me| {
            me.as_ref().map(|me| {
                view! {
                    <b>{me.nickname.clone()}</b>
                    <small>{me.username.clone()}</small>
                }
                .into_any()
            })
        })
    };
    view! {
        <button
            type="button"
            class="account"
            popovertarget="account-menu"
            aria-label=t.account
            id="account"
        >
            {move || picture()}
        </button>
        <div id="account-menu" class="menu" popover="auto">
            <div class="menu-head">{move || names()}</div>
            <a class="menu-item" href="/admin/account">
                {icon(Icon::Person)}
                {t.my_account}
            </a>
            <a class="menu-item" href="/admin/account/password">
                {icon(Icon::Key)}
                {t.change_password}
            </a>
            <button
                type="button"
                class="menu-item js-only"
                on:click=on(move |_: MouseEvent| {
                    browser::hide_popover("account-menu");
                    frame.sheet.set(true);
                })
            >
                {icon(Icon::Keyboard)}
                {t.shortcuts}
            </button>
            // A plain form on purpose: the page that follows is loaded afresh, and nothing of
            // this session stays in memory.
            <form method="post" action="/admin/fn/sign_out">
                <button type="submit" class="menu-item">
                    {icon(Icon::Out)}
                    {t.sign_out}
                </button>
            </form>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_addresses_and_keys_of_their_own() {
        for page in pages() {
            let same = |of: fn(&Entry) -> &str| pages().filter(|p| of(p) == of(page)).count();
            assert_eq!(same(|p| p.href), 1, "{}", page.href);
            assert_eq!(same(|p| p.key), 1, "{}", page.href);
            assert_eq!(page.key.chars().count(), 1, "{}", page.href);
        }
    }

    #[test]
    fn what_is_open_of_a_list_stands_under_it() {
        for (path, href) in [
            ("/admin", "/admin"),
            ("/admin/users/5", "/admin/users"),
            ("/admin/settings/sign-in", "/admin/settings/sign-in"),
            ("/admin/settings/sms", "/admin/settings"),
        ] {
            assert!(is_here(path, href), "{path}");
        }
        assert!(entry_of("/admin/account").is_none() && entry_of("/admin/_kit").is_none());
    }
}
