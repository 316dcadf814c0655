//! What happened to a user, and her sign-ins.

use super::panel::{Parts, show_tab};
use crate::components::list::address;
use crate::components::when;
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::log::{LogEntry, reason, title};
use menshen_domain::people::History;
use menshen_domain::user::User;

/// The tab.
pub(super) fn tab(ui: Ui, parts: Parts, user: &User) -> AnyView {
    let operations = address("/admin/operations", &[("q", &user.username)]);
    let sign_ins = address("/admin/sign-ins", &[("q", &user.username)]);
    show_tab(ui, parts.history, move |found: History| {
        both(ui, &operations, &sign_ins, found)
    })
}

fn both(ui: Ui, operations: &str, sign_ins: &str, found: History) -> AnyView {
    let t = ui.t;
    let changes = found.operations.map(|list| {
        let rows: Vec<AnyView> = list.iter().map(|entry| change(ui, entry)).collect();
        section(ui, t.changes, operations, rows)
    });
    let sign_ins = found.sign_ins.map(|list| {
        let rows: Vec<AnyView> = list.iter().map(|entry| sign_in(ui, entry)).collect();
        section(ui, t.sign_ins, sign_ins, rows)
    });
    view! {
        {changes}
        {sign_ins}
    }
    .into_any()
}

fn section(ui: Ui, heading: &'static str, all: &str, rows: Vec<AnyView>) -> AnyView {
    let t = ui.t;
    let list = if rows.is_empty() {
        view! { <p class="quiet">{t.nothing_yet}</p> }.into_any()
    } else {
        view! { <ul class="lines">{rows}</ul> }.into_any()
    };
    view! {
        <section class="section">
            <div class="section-head">
                <h3>{heading}</h3>
                <a class="link" href=all.to_owned() aria-label=format!("{}{}{heading}", t.see_all, t.colon())>
                    {t.see_all}
                </a>
            </div>
            {list}
        </section>
    }
    .into_any()
}

fn change(ui: Ui, entry: &LogEntry) -> AnyView {
    let by = ui.t.by(&entry.actor_name);
    view! {
        <li>
            <div>
                <b>{ui.say(&title(&entry.action))}</b>
                {(!entry.success)
                    .then(|| view! { <span class="state bad">{ui.t.failed}</span> }.into_any())}
                <p class="hint">{by}</p>
            </div>
            <span class="quiet">{when(ui, entry.at)}</span>
        </li>
    }
    .into_any()
}

fn sign_in(ui: Ui, entry: &LogEntry) -> AnyView {
    let why = entry.reason.as_deref().map(|code| ui.say(&reason(code)));
    let client = [entry.browser.as_str(), entry.os.as_str(), entry.ip.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    let class = if entry.success { "state" } else { "state bad" };
    view! {
        <li>
            <div>
                <span class=class>{ui.say(&title(&entry.action))}</span>
                {why
                    .map(|why| {
                        view! {
                            " "
                            <span class="quiet">{why}</span>
                        }
                        .into_any()
                    })}
                <p class="hint">{client}</p>
            </div>
            <span class="quiet">{when(ui, entry.at)}</span>
        </li>
    }
    .into_any()
}
