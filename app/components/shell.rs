//! The frame around every page for the signed-in: side navigation, top bar, account menu.

use super::icon::{Icon, icon, mark};
use super::live::{effect, memo, on};
use super::{avatar, keys, look, palette, toast};
use crate::browser;
use crate::calls::{Ask, Loaded, load, read, show_answer};
use crate::live;
use crate::server_fns::roles::Known;
use crate::ui::{Ui, ui};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;
use leptos_router::location::Url;
use menshen_domain::catalogue::{
    self, DEPT_LIST, LOG_LOGIN, LOG_OPERATION, MENU_LIST, PERM_LIST, ROLE_LIST, ROLE_QUERY,
    SESSION_LIST, SETTING_QUERY, USER_LIST, USER_QUERY,
};
use menshen_domain::dept::Dept;
use menshen_domain::log::{self, Operation};
use menshen_domain::menu::Menu;
use menshen_domain::setting::{self, SectionView};
use menshen_domain::user::User;
use std::borrow::Cow;

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
            entry(WAYS, "w", Icon::Doors, |ui| ui.t.sign_in_methods, Some(SETTING_QUERY)),
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

/// The list of the ways to sign in. Their settings stand under it, and have the addresses of all
/// settings.
const WAYS: &str = "/admin/settings/sign-in";

/// Where a page stands, as an address.
fn standing(path: &str) -> Cow<'_, str> {
    match path.strip_prefix("/admin/settings/") {
        Some(code) if setting::WAYS.contains(&code) => format!("{WAYS}/{code}").into(),
        _ => path.into(),
    }
}

/// The entry under which a page stands: the one whose address tells most of the page's.
fn entry_of(path: &str) -> Option<(&'static Group, &'static Entry)> {
    let path = standing(path);
    NAVIGATION
        .iter()
        .flat_map(|group| group.entries.iter().map(move |entry| (group, entry)))
        .filter(|(_, entry)| leads_to(entry.href, &path))
        .max_by_key(|(_, entry)| entry.href.len())
}

/// The list in which something is open, and what of it: the rest of the address.
fn open_in(path: &str) -> Option<(&'static str, String)> {
    let (_, entry) = entry_of(path)?;
    let below = standing(path).get(entry.href.len() + 1..)?.to_owned();
    (!below.is_empty()).then_some((entry.href, below))
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
    let opened = Opened(ArcRwSignal::new(None));
    provide_context(opened.clone());
    let trail = breadcrumb(ui, path, opened);
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
                {top(ui, frame, trail)} <main id="main" tabindex="-1">
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

fn top(ui: Ui, frame: Frame, breadcrumb: AnyView) -> AnyView {
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
            {breadcrumb}
            {palette::button(ui, frame)} <div class="tools">
                {look::language(ui, "icon-button text")} {look::theme(ui, "icon-button", false)}
                {account(ui, frame)}
            </div>
        </header>
    }
    .into_any()
}

/// What is open of a list and that list, where it has a name: the title of the page tells it too.
#[derive(Clone)]
pub(crate) struct Opened(ArcRwSignal<Option<String>>);

impl Opened {
    pub(crate) fn name(&self) -> Option<String> {
        self.0.get()
    }
}

/// Asks what that is called which is open of a list.
fn name_of_open(ui: Ui, path: Memo<String>) -> Loaded {
    let heard = live::on(ui, &["users", "roles", "depts", "menus"]);
    let asks = memo(move || path.with(|path| question(ui, path)));
    load(move || (asks.get(), heard.get()))
}

/// The question of [`name_of_open`]: that of the page itself, which is guarded as ever.
fn question(ui: Ui, path: &str) -> Ask {
    let Some((list, below)) = open_in(path) else {
        return Ask::NOTHING;
    };
    let (endpoint, argument, needs) = match list {
        "/admin/users" => ("get_user", "id", USER_QUERY),
        "/admin/departments" => ("get_dept", "id", DEPT_LIST),
        "/admin/roles" => ("get_role", "id", ROLE_QUERY),
        "/admin/menus" => ("get_menu", "id", MENU_LIST),
        "/admin/operations" => ("get_operation", "id", LOG_OPERATION),
        "/admin/settings" | WAYS => ("get_settings", "section", SETTING_QUERY),
        _ => return Ask::NOTHING,
    };
    if (argument == "id" && below.parse::<i64>().is_err()) || !ui.may(needs) {
        return Ask::NOTHING;
    }
    Ask::of(endpoint, &[(argument, &below)])
}

/// What the answer to [`question`] says that it is called.
fn told_name(ui: Ui, path: &str, answer: &str) -> Option<String> {
    match open_in(path)?.0 {
        "/admin/users" => {
            let user = read::<User>(answer).ok()?;
            Some(user.display_name().to_owned())
        }
        "/admin/departments" => read::<Dept>(answer).ok().map(|dept| dept.name),
        "/admin/roles" => read::<Known>(answer).ok().map(|known| known.role.name),
        "/admin/menus" => read::<Menu>(answer).ok().map(|menu| ui.say(&menu.name)),
        "/admin/operations" => {
            let found = read::<Operation>(answer).ok()?;
            Some(ui.say(&log::title(&found.entry.action)))
        }
        "/admin/settings" | WAYS => {
            let section = read::<SectionView>(answer).ok()?;
            Some(ui.say(&section.name))
        }
        _ => None,
    }
}

/// What a permission is called: those of the catalogue by their names, others by their codes.
fn permission(ui: Ui, below: &str) -> String {
    let code = Url::unescape(below);
    let known = catalogue::find(&code).map(|entry| ui.say(&entry.name));
    known.unwrap_or(code)
}

/// Where the page stands: group, list, and what is open of it.
fn breadcrumb(ui: Ui, path: Memo<String>, opened: Opened) -> AnyView {
    let trail = show_answer(
        name_of_open(ui, path),
        || ().into_any(),
        move |answer| {
            let at = path.get_untracked();
            let told = told_name(ui, &at, answer);
            let opened = opened.clone();
            let items = move || {
                path.with(|path| {
                    // Of what was open before, when something else is.
                    let told = told.clone().filter(|_| *path == at);
                    trail(ui, path, told, &opened)
                })
            };
            view! { {items} }.into_any()
        },
    );
    view! {
        <nav class="breadcrumb" aria-label=ui.t.breadcrumb>
            <ol>{trail}</ol>
        </nav>
    }
    .into_any()
}

fn trail(ui: Ui, path: &str, told: Option<String>, opened: &Opened) -> AnyView {
    let t = ui.t;
    let open = open_in(path);
    let told = match &open {
        Some(("/admin/permissions", below)) if below != "new" => Some(permission(ui, below)),
        _ => told,
    };
    let entry = entry_of(path);
    let list = entry.map(|(_, entry)| (entry.label)(ui));
    let title = told
        .as_ref()
        .zip(list)
        .map(|(name, list)| format!("{name} · {list}"));
    opened.0.set(title);
    match entry {
        Some((Group { label: None, .. }, entry)) => {
            let label = (entry.label)(ui);
            view! { <li aria-current="page">{label}</li> }.into_any()
        }
        Some((group, entry)) => {
            let group = group.label.map(|label| label(ui));
            let list = (entry.label)(ui);
            let plain = open.and_then(|(list, below)| leaf(ui, list, &below));
            match told.or_else(|| plain.map(str::to_owned)) {
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
    }
}

/// What is open of a list, as long as its name is not known: `below` is the rest of the address.
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
            ("/admin/settings/sms", "/admin/settings/sign-in"),
            ("/admin/settings/limits", "/admin/settings"),
        ] {
            assert!(is_here(path, href), "{path}");
        }
        let open = |path| open_in(path).map(|(_, below)| below);
        assert_eq!(open("/admin/settings/sms").as_deref(), Some("sms"));
        assert_eq!(open("/admin/settings/limits").as_deref(), Some("limits"));
        assert_eq!(open("/admin/users/5").as_deref(), Some("5"));
        for path in ["/admin", "/admin/users", "/admin/settings/sign-in"] {
            assert_eq!(open(path), None, "{path}");
        }
        assert!(entry_of("/admin/account").is_none() && entry_of("/admin/_kit").is_none());
    }
}
