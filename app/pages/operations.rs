//! The operation log, and over it the panel of one entry: what was so before and what is so since.

use super::records::{
    LogQuery, actor, by_address, by_code, by_result, by_time, export, forged, nothing, number,
    place,
};
use crate::browser;
use crate::calls::{Ask, load, read, show, show_answer};
use crate::components::confirm::panel;
use crate::components::icon::{Icon, icon};
use crate::components::list::{pager_up_to, search};
use crate::components::live::{memo, on};
use crate::components::state::skeleton;
use crate::components::{client, when};
use crate::pages::{head, title};
use crate::ui::{Ui, ui};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::{use_params_map, use_query_map};
use menshen_domain::log::{self, Change, LogEntry, LogPage, Operation};
use std::sync::Arc;

const BASE: &str = "/admin/operations";

/// What the list and its panel share.
#[derive(Clone, Copy)]
struct Shared {
    query: Memo<LogQuery>,
}

/// The list.
#[component]
pub(crate) fn Operations() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let params = use_query_map();
    let query = memo(move || params.with(|p| LogQuery::read(BASE, p)));
    provide_context(Shared { query });
    let entries = load(move || (query.with(|q| q.ask("list_operations")), 0));
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
            Ok(page) => query.with_untracked(|q| export(ui, q, "/log/operation/export", &page)),
            Err(_) => ().into_any(),
        },
    );
    let text = Signal::derive(move || query.with(|q| q.q.clone()));
    let keep = Signal::derive(move || query.with(LogQuery::kept));
    let to = move |text: String| query.with_untracked(|q| q.with(|q| q.q = text));
    view! {
        {title(t.operations)}
        {head(t.operations.into_any(), total, actions)}
        <div class="filters">
            {search(ui, BASE, t.search_actions, text, keep, Arc::new(to))}
            {move || query.with(|q| by_time(ui, q))}
            {move || query.with(|q| by_area(ui, q))}
            {move || query.with(|q| by_result(ui, q))}
            {move || query.with(|q| by_address(ui, q))}
        </div>
        {show(
            ui,
            entries,
            move || skeleton(ui),
            move |page| query.with_untracked(|q| list(ui, q, &page)),
        )}
        <Outlet />
    }
}

fn by_area(ui: Ui, query: &LogQuery) -> AnyView {
    by_code(
        ui,
        "filter-area",
        ui.t.area,
        log::AREAS,
        &query.area,
        log::area,
        &|code| query.with(|q| code.clone_into(&mut q.area)),
    )
}

fn list(ui: Ui, query: &LogQuery, page: &LogPage) -> AnyView {
    let t = ui.t;
    if page.list.is_empty() {
        return nothing(ui, query, Icon::Note, t.no_operations, t.no_operations_text);
    }
    let rows: Vec<AnyView> = page.list.iter().map(|e| row(ui, query, e)).collect();
    let foot = pager_up_to(ui, page.total, page.more, query.page, &|number| {
        query.with(|q| q.page = number)
    });
    view! {
        <div class="card table-card">
            <table class="table">
                <caption class="hidden">{t.operations}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t.what}</th>
                        <th scope="col">{t.target}</th>
                        <th scope="col">{t.who}</th>
                        <th scope="col">{t.address}</th>
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
    let href = query.under(&format!("{BASE}/{}", entry.id));
    view! {
        <tr>
            <td>
                <a class="who" href=href data-noscroll="true">
                    <span>
                        <b>{ui.say(&log::title(&entry.action))}</b>
                        <small class="code">{entry.action.clone()}</small>
                    </span>
                </a>
                {(!entry.success)
                    .then(|| view! { <span class="state bad">{t.refused}</span> }.into_any())}
                {forged(ui, entry)}
            </td>
            <td data-label=t.target>{target(entry)}</td>
            <td data-label=t.who>{actor(ui, entry)}</td>
            <td data-label=t.address>{place(ui, query, &entry.ip)}</td>
            <td data-label=t.time>{when(ui, entry.at)}</td>
        </tr>
    }
    .into_any()
}

/// What it was done to, by its name or else by its number.
pub(crate) fn target(entry: &LogEntry) -> AnyView {
    let named = entry.target_name.as_deref().filter(|name| !name.is_empty());
    match (named, entry.target_id.as_deref()) {
        (Some(name), _) => name.to_owned().into_any(),
        (None, Some(id)) => view! { <code>{id.to_owned()}</code> }.into_any(),
        (None, None) => view! { <span class="quiet">"–"</span> }.into_any(),
    }
}

/// The panel of one entry.
#[component]
pub(crate) fn Panel() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let shared = expect_context::<Shared>();
    let params = use_params_map();
    let id = memo(move || params.with(|p| p.get_str("id").unwrap_or_default().to_owned()));
    let entry = load(move || (Ask::of("get_operation", &[("id", &id.get())]), 0));
    let close = Signal::derive(move || shared.query.with(LogQuery::url));
    let plain = move || view! { <h2 id="panel-title">{t.operation}</h2> }.into_any();
    let heading = show_answer(entry, plain, move |answer| {
        read::<Operation>(answer).map_or_else(|_| plain(), |found| heading(ui, &found.entry))
    });
    let body = show(
        ui,
        entry,
        move || skeleton(ui),
        move |found: Operation| parts(ui, &found),
    );
    view! {
        {title(t.operation)}
        {panel(ui, heading, close, RwSignal::new(false), body)}
    }
}

fn heading(ui: Ui, entry: &LogEntry) -> AnyView {
    view! {
        <div class="panel-title">
            <h2 id="panel-title">{ui.say(&log::title(&entry.action))}</h2>
            <p>
                {target(entry)}
                {(!entry.success)
                    .then(|| view! { <span class="state bad">{ui.t.refused}</span> }.into_any())}
                {forged(ui, entry)}
            </p>
        </div>
    }
    .into_any()
}

fn parts(ui: Ui, found: &Operation) -> AnyView {
    view! {
        {changes(ui, found)}
        {facts(ui, found)}
        {json(ui, &found.json)}
    }
    .into_any()
}

/// Field by field, what went and what came.
fn changes(ui: Ui, found: &Operation) -> AnyView {
    let t = ui.t;
    if found.changes.is_empty() && found.same.is_empty() {
        return ().into_any();
    }
    let fields: Vec<AnyView> = found.changes.iter().map(|c| change(ui, c)).collect();
    let none = found
        .changes
        .is_empty()
        .then(|| view! { <p class="hint">{t.nothing_changed}</p> }.into_any());
    let same = (!found.same.is_empty()).then(|| {
        let names: Vec<String> = found.same.iter().map(|f| ui.say(&log::field(f))).collect();
        view! {
            <details class="same">
                <summary>{t.unchanged(found.same.len())}</summary>
                <p class="hint">{names.join(&t.comma())}</p>
            </details>
        }
        .into_any()
    });
    view! {
        <section class="section">
            <h3>{t.changes}</h3>
            {none}
            <dl class="changes">{fields}</dl>
            {same}
        </section>
    }
    .into_any()
}

fn change(ui: Ui, change: &Change) -> AnyView {
    let t = ui.t;
    let (class, word) = match (change.before.is_empty(), change.after.is_empty()) {
        (true, _) if change.kept == 0 => ("tag added", t.added),
        (_, true) if change.kept == 0 => ("tag removed", t.removed),
        _ => ("tag", t.changed),
    };
    let gone: Vec<AnyView> = change
        .before
        .iter()
        .map(|value| view! { <del>{value.clone()}</del> }.into_any())
        .collect();
    let come: Vec<AnyView> = change
        .after
        .iter()
        .map(|value| view! { <ins>{value.clone()}</ins> }.into_any())
        .collect();
    let kept = (change.kept > 0)
        .then(|| view! { <span class="hint">{t.items_kept(change.kept)}</span> }.into_any());
    view! {
        <div class="change">
            <dt>
                <b>{ui.say(&log::field(&change.field))}</b>
                " "
                <code>{change.field.clone()}</code>
                <span class=class>{word}</span>
            </dt>
            <dd>{gone} {come} {kept}</dd>
        </div>
    }
    .into_any()
}

fn facts(ui: Ui, found: &Operation) -> AnyView {
    let t = ui.t;
    let entry = &found.entry;
    let code = |text: &str| match text {
        "" => view! { <span class="quiet">"–"</span> }.into_any(),
        text => view! { <code>{text.to_owned()}</code> }.into_any(),
    };
    let fact = |name: String, value: AnyView| {
        view! {
            <dt>{name}</dt>
            <dd>{value}</dd>
        }
        .into_any()
    };
    let session = entry.session_id.as_ref().map_or("", |id| id.0.as_str());
    let mut list = vec![
        fact(t.who.to_owned(), actor(ui, entry)),
        fact(t.time.to_owned(), exactly(ui, entry)),
        fact(t.action.to_owned(), code(&entry.action)),
    ];
    if let Some(kind) = &entry.target_kind {
        let id = entry.target_id.clone().unwrap_or_default();
        list.push(fact(t.target.to_owned(), code(&format!("{kind} {id}"))));
    }
    for (name, value) in &found.facts {
        let value = match name.as_str() {
            "reason" => ui.say(&log::reason(value)),
            _ => value.clone(),
        };
        list.push(fact(ui.say(&log::field(name)), value.into_any()));
    }
    let agent = client(&entry.browser, &entry.os, &entry.user_agent);
    list.extend([
        fact(t.address.to_owned(), code(&entry.ip)),
        fact(t.client.to_owned(), agent),
        fact(t.session.to_owned(), code(session)),
        fact(t.request_id.to_owned(), code(&entry.request_id)),
    ]);
    view! {
        <section class="section">
            <h3>{t.facts}</h3>
            <dl class="facts">{list}</dl>
        </section>
    }
    .into_any()
}

/// The exact time first, because here it matters.
fn exactly(ui: Ui, entry: &LogEntry) -> AnyView {
    let at = entry.at;
    let exact = move || {
        let zone = ui.local.get().then(|| browser::zone_minutes(at.0));
        crate::time::exact(ui.t, at, zone)
    };
    view! {
        {move || exact()}
        " "
        <span class="quiet">{when(ui, at)}</span>
    }
    .into_any()
}

fn json(ui: Ui, json: &str) -> AnyView {
    let t = ui.t;
    let done = RwSignal::new(false);
    let text = json.to_owned();
    let copy = move |_: MouseEvent| {
        done.set(browser::copy(&text));
    };
    view! {
        <section class="section">
            <details class="raw">
                <summary>
                    <h3>"JSON"</h3>
                </summary>
                <button type="button" class="button small js-only" on:click=on(copy)>
                    {move || {
                        if done.get() { icon(Icon::Check) } else { icon(Icon::Copy) }
                    }}
                    {move || if done.get() { t.copied } else { t.copy }}
                </button>
                <pre tabindex="0">{json.to_owned()}</pre>
            </details>
        </section>
    }
    .into_any()
}
