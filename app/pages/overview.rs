//! The start page: the figures that the viewer may see, and the last sign-ins.

use crate::calls::{Ask, load, show};
use crate::components::icon::{Icon, icon};
use crate::components::state::{empty, skeleton};
use crate::components::when;
use crate::pages::{head, title};
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use menshen_domain::session::{Overview as Figures, SignIn};

/// The overview.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let figures = load(|| (Ask::of("overview", &[]), 0));
    let name = ui
        .me
        .with_untracked(|me| me.as_ref().map(|me| me.nickname.clone()))
        .unwrap_or_default();
    view! {
        {title(t.overview)}
        {head(t.overview.into_any(), t.welcome(&name).into_any(), ().into_any())}
        {show(ui, figures, move || skeleton(ui), move |figures| content(ui, figures))}
    }
}

fn content(ui: Ui, figures: Figures) -> AnyView {
    let t = ui.t;
    let mut cards = Vec::new();
    if let Some(users) = figures.users {
        let off = figures.disabled_users.unwrap_or(0);
        cards.push(figure(
            Icon::Users,
            t.users,
            users,
            t.of_them_disabled(&count(off)),
            Some("/admin/users"),
        ));
    }
    if let Some(roles) = figures.roles {
        cards.push(figure(
            Icon::Shield,
            t.roles,
            roles,
            String::new(),
            Some("/admin/roles"),
        ));
    }
    if let Some(sessions) = figures.sessions {
        cards.push(figure(
            Icon::Screen,
            t.open_sessions,
            sessions,
            t.right_now.to_owned(),
            None,
        ));
    }
    if let Some(good) = figures.sign_ins {
        cards.push(figure(
            Icon::Enter,
            t.sign_ins,
            good,
            t.last_day.to_owned(),
            None,
        ));
    }
    if let Some(bad) = figures.failures {
        cards.push(figure(
            Icon::Ban,
            t.failed_sign_ins,
            bad,
            t.last_day.to_owned(),
            None,
        ));
    }
    let last = figures.last.map(|list| last(ui, list));
    if cards.is_empty() && last.is_none() {
        return empty(
            Icon::Shield,
            t.nothing_here,
            t.nothing_here_text,
            ().into_any(),
        );
    }
    view! {
        <ul class="figures">{cards}</ul>
        {last}
    }
    .into_any()
}

fn figure(
    sign: Icon,
    label: &'static str,
    number: i64,
    below: String,
    href: Option<&'static str>,
) -> AnyView {
    let inner = view! {
        <span class="figure-label">{icon(sign)} {label}</span>
        <strong>{count(number)}</strong>
        <span class="quiet">{if below.is_empty() { "\u{a0}".to_owned() } else { below }}</span>
    };
    match href {
        Some(href) => view! {
            <li>
                <a class="card figure" href=href>
                    {inner}
                </a>
            </li>
        }
        .into_any(),
        None => view! {
            <li>
                <div class="card figure">{inner}</div>
            </li>
        }
        .into_any(),
    }
}

fn last(ui: Ui, list: Vec<SignIn>) -> AnyView {
    let t = ui.t;
    let rows: Vec<AnyView> = list
        .into_iter()
        .map(|entry| {
            let result = if entry.success {
                view! { <span class="state ok">{t.succeeded}</span> }.into_any()
            } else {
                view! { <span class="state bad">{t.failed}</span> }.into_any()
            };
            let client = client(&entry.user_agent);
            view! {
                <tr>
                    <td>
                        <b>{entry.username}</b>
                    </td>
                    <td data-label=t.result>{result}</td>
                    <td data-label=t.address>
                        <code>{entry.ip}</code>
                    </td>
                    <td data-label=t.client>
                        <span class="cut" title=entry.user_agent>
                            {client}
                        </span>
                    </td>
                    <td data-label=t.time>{when(ui, entry.at)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <section aria-labelledby="last-title">
            <h2 id="last-title">{t.last_sign_ins}</h2>
            <div class="card table-card">
                <table class="table">
                    <caption class="hidden">{t.last_sign_ins}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t.user}</th>
                            <th scope="col">{t.result}</th>
                            <th scope="col">{t.address}</th>
                            <th scope="col">{t.client}</th>
                            <th scope="col">{t.time}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// A User-Agent in two words, such as `Chrome · Windows`; what is not known is shown as it is.
fn client(agent: &str) -> String {
    const BROWSERS: [(&str, &str); 5] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |table: &[(&str, &'static str)]| {
        table
            .iter()
            .find(|(part, _)| agent.contains(part))
            .map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::client;

    #[test]
    fn a_user_agent_is_told_in_two_words() {
        assert_eq!(
            client("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"),
            "Chrome · Linux"
        );
        assert_eq!(client("curl/8.5.0"), "curl/8.5.0");
    }
}
