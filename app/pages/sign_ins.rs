//! The login log.

use super::records::{
    LogQuery, actor, by_address, by_code, by_result, by_time, export, forged, nothing, number,
    place,
};
use crate::calls::{load, read, show, show_answer};
use crate::components::icon::Icon;
use crate::components::list::{pager_up_to, search};
use crate::components::live::memo;
use crate::components::state::skeleton;
use crate::components::{client, when};
use crate::pages::{head, title};
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use menshen_domain::log::{self, LogEntry, LogPage};
use std::sync::Arc;

const BASE: &str = "/admin/sign-ins";

/// The list.
#[component]
pub(crate) fn SignIns() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let params = use_query_map();
    let query = memo(move || params.with(|p| LogQuery::read(BASE, p)));
    let entries = load(move || (query.with(|q| q.ask("list_sign_ins")), 0));
    let total = show_answer(
        entries,
        || "\u{a0}".into_any(),
        move |answer| match read::<LogPage>(answer) {
            Ok(page) => t.entries_found(page.total, &number(&page)).into_any(),
            Err(_) => "\u{a0}".into_any(),
        },
    );
    let actions = show_answer(
        entries,
        || ().into_any(),
        move |answer| match read::<LogPage>(answer) {
            Ok(page) => query.with_untracked(|q| export(ui, q, "/log/login/export", &page)),
            Err(_) => ().into_any(),
        },
    );
    let text = Signal::derive(move || query.with(|q| q.q.clone()));
    let keep = Signal::derive(move || query.with(LogQuery::kept));
    let to = move |text: String| query.with_untracked(|q| q.with(|q| q.q = text));
    view! {
        {title(t.sign_ins)}
        {head(t.sign_ins.into_any(), total, actions)}
        <div class="filters">
            {search(ui, BASE, t.search_names, text, keep, Arc::new(to))}
            {move || query.with(|q| by_time(ui, q))}
            {move || query.with(|q| by_result(ui, q))}
            {move || query.with(|q| by_method(ui, q))}
            {move || query.with(|q| by_address(ui, q))}
        </div>
        {show(
            ui,
            entries,
            move || skeleton(ui),
            move |page| query.with_untracked(|q| list(ui, q, &page)),
        )}
    }
}

fn by_method(ui: Ui, query: &LogQuery) -> AnyView {
    by_code(
        ui,
        "filter-method",
        ui.t.method,
        log::METHODS,
        &query.method,
        log::method,
        &|code| query.with(|q| code.clone_into(&mut q.method)),
    )
}

fn list(ui: Ui, query: &LogQuery, page: &LogPage) -> AnyView {
    let t = ui.t;
    if page.list.is_empty() {
        return nothing(ui, query, Icon::Enter, t.no_sign_ins, t.no_sign_ins_text);
    }
    let rows: Vec<AnyView> = page.list.iter().map(|e| row(ui, query, e)).collect();
    let foot = pager_up_to(ui, page.total, page.more, query.page, &|number| {
        query.with(|q| q.page = number)
    });
    view! {
        <div class="card table-card">
            <table class="table">
                <caption class="hidden">{t.sign_ins}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t.user}</th>
                        <th scope="col">{t.result}</th>
                        <th scope="col">{t.method}</th>
                        <th scope="col">{t.address}</th>
                        <th scope="col">{t.client}</th>
                        <th scope="col">{t.time}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {foot}
        </div>
    }
    .into_any()
}

fn row(ui: Ui, query: &LogQuery, entry: &LogEntry) -> AnyView {
    let t = ui.t;
    let method = match &entry.method {
        Some(method) => ui.say(&log::method(method)).into_any(),
        None => view! { <span class="quiet">"–"</span> }.into_any(),
    };
    view! {
        <tr>
            <td>
                <b>{actor(ui, entry)}</b>
            </td>
            <td data-label=t.result>
                <span class="outcome">
                    {outcome(ui, entry)}
                    {forged(ui, entry)}
                </span>
            </td>
            <td data-label=t.method>{method}</td>
            <td data-label=t.address>{place(ui, query, &entry.ip)}</td>
            <td data-label=t.client>{client(&entry.browser, &entry.os, &entry.user_agent)}</td>
            <td data-label=t.time>{when(ui, entry.at)}</td>
        </tr>
    }
    .into_any()
}

/// What happened: that it succeeded, or why it did not.
fn outcome(ui: Ui, entry: &LogEntry) -> AnyView {
    let t = ui.t;
    let reason = entry
        .reason
        .as_deref()
        .map(|code| ui.say(&log::reason(code)));
    let reason = reason.map(|reason| view! { <small class="quiet">{reason}</small> }.into_any());
    let (class, word) = match (entry.action.as_str(), entry.success) {
        ("sign_in", true) => ("state ok", t.succeeded.to_owned()),
        ("sign_in", false) => ("state bad", t.failed.to_owned()),
        (other, true) => ("state off", ui.say(&log::title(other))),
        (other, false) => ("state bad", ui.say(&log::title(other))),
    };
    view! {
        <span class=class>{word}</span>
        {reason}
    }
    .into_any()
}
