//! The start page: the figures that the viewer may see, the sign-ins of two weeks, what needs
//! attention, and what happened last. It follows what happens by itself.

use super::operations::target;
use crate::calls::{Ask, load, show};
use crate::components::icon::{Icon, icon};
use crate::components::state::{empty, skeleton};
use crate::components::{chart, when};
use crate::live;
use crate::pages::{head, title};
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use menshen_domain::log::{self, LogEntry};
use menshen_domain::session::{
    Compared, Concern, ConcernKind, Day, MANY, Overview as Figures, SignIn,
};

/// What the page is loaded again for.
const FOLLOWED: &[&str] = &[
    "users",
    "roles",
    "sessions",
    "sign-ins",
    "operations",
    "keys",
];

/// The overview.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let heard = live::on(ui, FOLLOWED);
    let figures = load(move || (Ask::of("overview", &[]), heard.get()));
    let name = ui
        .me
        .with_untracked(|me| me.as_ref().map(|me| me.nickname.clone()))
        .unwrap_or_default();
    let below = view! {
        {t.welcome(&name)}
        <span aria-hidden="true">" · "</span>
        {live::mark(ui)}
    };
    view! {
        {title(t.overview)}
        {head(t.overview.into_any(), below.into_any(), ().into_any())}
        {show(ui, figures, move || skeleton(ui), move |figures| content(ui, figures))}
    }
}

fn content(ui: Ui, shown: Figures) -> AnyView {
    let t = ui.t;
    let cards = cards(ui, &shown);
    let bare = cards.is_empty()
        && shown.days.is_none()
        && shown.actions.is_none()
        && shown.concerns.is_empty();
    if bare {
        return empty(
            Icon::Shield,
            t.nothing_here,
            t.nothing_here_text,
            ().into_any(),
        );
    }
    let watched = shown.users.is_some() || shown.roles.is_some() || shown.throttled.is_some();
    let concerns = watched.then(|| concerns(ui, &shown.concerns));
    let weeks = shown.days.map(|days| weeks(ui, &days));
    let actions = shown.actions.map(|list| actions(ui, &list));
    let last = shown.last.map(|list| last(ui, list));
    view! {
        <ul class="figures">{cards}</ul>
        <div class="board">{weeks} {concerns}</div>
        <div class="board even">{actions} {last}</div>
    }
    .into_any()
}

fn cards(ui: Ui, shown: &Figures) -> Vec<AnyView> {
    let t = ui.t;
    let mut cards = Vec::new();
    let mut card = |sign, label, number: String, below: String, href| {
        cards.push(figure(sign, label, number, below, href));
    };
    if let Some(users) = shown.users {
        let off = t.of_them_disabled(&count(shown.disabled_users.unwrap_or(0)));
        card(Icon::Users, t.users, count(users), off, "/admin/users");
    }
    if let Some(sessions) = shown.sessions {
        let more = if sessions >= MANY { "+" } else { "" };
        let number = format!("{}{more}", count(sessions));
        let now = t.right_now.to_owned();
        card(
            Icon::Screen,
            t.open_sessions,
            number,
            now,
            "/admin/sessions",
        );
    }
    let compared = |figure: Compared| (count(figure.today), t.week_ago(&count(figure.week_ago)));
    if let Some((today, before)) = shown.sign_ins.map(compared) {
        let href = "/admin/sign-ins?result=0&range=today";
        card(Icon::Enter, t.sign_ins_today, today, before, href);
    }
    if let Some((today, before)) = shown.failures.map(compared) {
        let href = "/admin/sign-ins?result=1&range=today";
        card(Icon::Ban, t.failed_today, today, before, href);
    }
    if let Some(throttled) = shown.throttled {
        let href = "/admin/sign-ins?result=1&range=today";
        let below = t.throttled_below.to_owned();
        card(Icon::Lock, t.throttled, count(throttled), below, href);
    }
    if let Some(without) = shown.without_factor {
        let below = t.of_active.to_owned();
        let number = count(without);
        let href = "/admin/users?status=0&factor=none";
        card(Icon::Key, t.without_factor, number, below, href);
    }
    if let Some(roles) = shown.roles {
        let below = String::new();
        card(Icon::Shield, t.roles, count(roles), below, "/admin/roles");
    }
    cards
}

fn figure(
    sign: Icon,
    label: &'static str,
    number: String,
    below: String,
    href: &'static str,
) -> AnyView {
    view! {
        <li>
            <a class="card figure" href=href>
                <span class="figure-label">{icon(sign)} {label}</span>
                <strong>{number}</strong>
                <span class="quiet">
                    {if below.is_empty() { "\u{a0}".to_owned() } else { below }}
                </span>
            </a>
        </li>
    }
    .into_any()
}

fn weeks(ui: Ui, days: &[Day]) -> AnyView {
    view! {
        <section class="card padded" aria-labelledby="weeks-title">
            <h2 id="weeks-title">{ui.t.two_weeks}</h2>
            {chart::days(ui, "chart", days)}
        </section>
    }
    .into_any()
}

/// What somebody should look at, each with the way there.
fn concerns(ui: Ui, list: &[Concern]) -> AnyView {
    let t = ui.t;
    let items: Vec<AnyView> = list.iter().map(|c| concern(ui, c)).collect();
    let body = if items.is_empty() {
        view! {
            <p class="all-well">
                {icon(Icon::Check)}
                {t.all_well}
            </p>
        }
        .into_any()
    } else {
        view! { <ul class="concerns">{items}</ul> }.into_any()
    };
    view! {
        <section class="card padded" aria-labelledby="concerns-title">
            <h2 id="concerns-title">{t.attention}</h2>
            {body}
        </section>
    }
    .into_any()
}

fn concern(ui: Ui, concern: &Concern) -> AnyView {
    let t = ui.t;
    let n = concern.count;
    let one = concern.id.filter(|_| n == 1);
    let (sign, text, href) = match concern.kind {
        ConcernKind::WideRoles => {
            let href = one.map_or("/admin/roles".to_owned(), |id| format!("/admin/roles/{id}"));
            (Icon::Shield, t.wide_roles(n), href)
        }
        ConcernKind::WideWithoutFactor => {
            let role = concern.id.unwrap_or(1);
            let href = format!("/admin/users?role={role}&factor=none");
            (Icon::Key, t.wide_without_factor(n), href)
        }
        ConcernKind::OneTimePasswords => {
            let href = "/admin/users?status=0&due=password".to_owned();
            (Icon::Lock, t.passwords_due(n), href)
        }
        ConcernKind::Throttled => {
            let href = "/admin/sign-ins?result=1&range=today".to_owned();
            (Icon::Ban, t.accounts_wait(n), href)
        }
        ConcernKind::DisabledRoles => {
            let href = "/admin/roles?status=1".to_owned();
            (Icon::Shield, t.disabled_held(n), href)
        }
        ConcernKind::KeyDue => (Icon::Refresh, t.key_due(n), "/admin/keys".to_owned()),
    };
    let names = concern.names.join(&t.comma());
    let more = n > i64::try_from(concern.names.len()).unwrap_or(0) && !names.is_empty();
    view! {
        <li>
            <a class="concern" href=href>
                {icon(sign)}
                <span>
                    {text}
                    {(!names.is_empty())
                        .then(|| {
                            view! {
                                <small>{names} {if more { "…" } else { "" }}</small>
                            }
                            .into_any()
                        })}
                </span>
                {icon(Icon::Right)}
            </a>
        </li>
    }
    .into_any()
}

/// The latest changes: who did what to what.
fn actions(ui: Ui, list: &[LogEntry]) -> AnyView {
    let t = ui.t;
    let items: Vec<AnyView> = list
        .iter()
        .map(|entry| {
            let who = match entry.actor_name.as_str() {
                "" => t.nobody_known.to_owned(),
                name => name.to_owned(),
            };
            view! {
                <li>
                    <a class="event" href=format!("/admin/operations/{}", entry.id)>
                        <span>
                            <b>{who}</b>
                            " · "
                            {ui.say(&log::title(&entry.action))}
                            " · "
                            {target(entry)}
                            {(!entry.success)
                                .then(|| {
                                    view! { <span class="state bad">{t.refused}</span> }.into_any()
                                })}
                        </span>
                        {when(ui, entry.at)}
                    </a>
                </li>
            }
            .into_any()
        })
        .collect();
    recent(
        t.last_actions,
        "actions-title",
        "/admin/operations",
        t.all_operations,
        items,
        t.no_operations,
    )
}

fn last(ui: Ui, list: Vec<SignIn>) -> AnyView {
    let t = ui.t;
    let items: Vec<AnyView> = list
        .into_iter()
        .map(|entry| {
            let (class, word) = if entry.success {
                ("state ok", t.succeeded)
            } else {
                ("state bad", t.failed)
            };
            view! {
                <li class="event">
                    <span title=entry.user_agent>
                        <b>{entry.username}</b>
                        " "
                        <span class=class>{word}</span>
                        " "
                        <code class="quiet">{entry.ip}</code>
                    </span>
                    {when(ui, entry.at)}
                </li>
            }
            .into_any()
        })
        .collect();
    recent(
        t.last_sign_ins,
        "last-title",
        "/admin/sign-ins",
        t.all_sign_ins,
        items,
        t.no_sign_ins,
    )
}

/// A short list of what happened last, with the way to all of it.
fn recent(
    heading: &'static str,
    id: &'static str,
    href: &'static str,
    all: &'static str,
    items: Vec<AnyView>,
    none: &'static str,
) -> AnyView {
    let body = if items.is_empty() {
        view! { <p class="hint">{none}</p> }.into_any()
    } else {
        view! { <ul class="events">{items}</ul> }.into_any()
    };
    view! {
        <section class="card padded" aria-labelledby=id>
            <div class="recent-head">
                <h2 id=id>{heading}</h2>
                <a class="link" href=href>
                    {all}
                </a>
            </div>
            {body}
        </section>
    }
    .into_any()
}
