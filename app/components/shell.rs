//! The frame around every page for the signed-in: side navigation, top bar, account menu.

use super::icon::{Icon, icon, mark};
use super::live::{effect, memo, on};
use super::{avatar, look, toast};
use crate::browser;
use crate::ui::{Ui, ui};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;
use menshen_domain::catalogue::{ROLE_LIST, USER_LIST};

/// An entry of the navigation; with a permission, it is there for who holds it.
struct Entry {
    href: &'static str,
    sign: Icon,
    label: fn(Ui) -> &'static str,
    needs: Option<&'static str>,
}

/// A heading, and the entries under it.
struct Group {
    label: Option<fn(Ui) -> &'static str>,
    entries: &'static [Entry],
}

static NAVIGATION: &[Group] = &[
    Group {
        label: None,
        entries: &[Entry {
            href: "/admin",
            sign: Icon::Home,
            label: |ui| ui.t.overview,
            needs: None,
        }],
    },
    Group {
        label: Some(|ui| ui.t.people),
        entries: &[Entry {
            href: "/admin/users",
            sign: Icon::Users,
            label: |ui| ui.t.users,
            needs: Some(USER_LIST),
        }],
    },
    Group {
        label: Some(|ui| ui.t.access),
        entries: &[Entry {
            href: "/admin/roles",
            sign: Icon::Shield,
            label: |ui| ui.t.roles,
            needs: Some(ROLE_LIST),
        }],
    },
];

fn is_here(path: &str, href: &str) -> bool {
    path == href
        || (href != "/admin"
            && path
                .strip_prefix(href)
                .is_some_and(|rest| rest.starts_with('/')))
}

/// The frame.
#[component]
pub(crate) fn Shell() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let path = use_location().pathname;
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
    let skip = |event: MouseEvent| {
        event.prevent_default();
        browser::focus("#main");
    };
    view! {
        <a class="skip" href="#main" on:click=on(skip)>
            {t.skip}
        </a>
        <div class="app" class:folded=ui.folded>
            <aside class="side">
                {brand()} {navigation(ui, path, t.navigation)} {fold(ui)}
            </aside>
            <div class="page">
                {top(ui, path)} <main id="main" tabindex="-1">
                    <Outlet />
                </main>
            </div>
        </div>
        <div id="drawer" class="drawer" popover="auto">
            {brand()}
            {navigation(ui, path, t.navigation)}
        </div>
        {toast::toasts(ui)}
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
                    .filter(|entry| {
                        ui.me.with(|me| {
                            entry
                                .needs
                                .is_none_or(|code| me.as_ref().is_some_and(|me| me.may(code)))
                        })
                    })
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

fn top(ui: Ui, path: Memo<String>) -> AnyView {
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
            <div class="tools">
                {look::language(ui, "icon-button text")} {look::theme(ui, "icon-button", false)}
                {account(ui)}
            </div>
        </header>
    }
    .into_any()
}

/// Where the page stands: group, list, and what is open of it.
fn breadcrumb(ui: Ui, path: Memo<String>) -> AnyView {
    let t = ui.t;
    let items = move || {
        let path = path.get();
        let mut segments = path.split('/').skip(2);
        let first = segments.next().unwrap_or_default();
        let second = segments.next();
        let (group, href, list) = match first {
            "users" => (t.people, "/admin/users", t.users),
            "roles" => (t.access, "/admin/roles", t.roles),
            _ => {
                return view! { <li aria-current="page">{t.overview}</li> }.into_any();
            }
        };
        let leaf = match (first, second) {
            (_, None) => None,
            ("users", Some("new")) => Some(t.new_user),
            ("users", _) => Some(t.edit_user),
            (_, Some("new")) => Some(t.new_role),
            _ => Some(t.edit_role),
        };
        match leaf {
            None => view! {
                <li class="quiet">{group}</li>
                <li aria-current="page">{list}</li>
            }
            .into_any(),
            Some(leaf) => view! {
                <li class="quiet">{group}</li>
                <li>
                    <a href=href>{list}</a>
                </li>
                <li aria-current="page">{leaf}</li>
            }
            .into_any(),
        }
    };
    view! {
        <nav class="breadcrumb" aria-label=t.breadcrumb>
            <ol>{move || items()}</ol>
        </nav>
    }
    .into_any()
}

fn account(ui: Ui) -> AnyView {
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
            <a class="menu-item" href="/admin/password">
                {icon(Icon::Key)}
                {t.change_password}
            </a>
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
