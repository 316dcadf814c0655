//! The operation log, and over it the panel of one entry: what was so before and what is so since.

use super::records::{self, Log, Own, State, Words, actor, forged, place};
use crate::boot::ColumnsOf;
use crate::browser;
use crate::calls::{Ask, load, read, show, show_answer};
use crate::components::confirm::panel;
use crate::components::copy::{self, copyable};
use crate::components::icon::Icon;
use crate::components::live::memo;
use crate::components::state::skeleton;
use crate::components::table::Column;
use crate::components::{client, when};
use crate::pages::title;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_params_map;
use menshen_domain::log::{self, Change, LogEntry, Operation};

const BASE: &str = "/admin/operations";

const LOG: Log = Log {
    base: BASE,
    endpoint: "list_operations",
    export: "/log/operation/export",
    columns: ColumnsOf::Operations,
    column,
    first,
    cell,
    own: Own {
        key: "area",
        codes: log::AREAS,
        name: log::area,
    },
};

/// What the list and its panel share.
#[derive(Clone, Copy)]
struct Shared {
    state: Memo<State>,
}

/// The list.
#[component]
pub(crate) fn Operations() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let state = records::state(LOG);
    provide_context(Shared { state });
    let words = Words {
        title: t.operations,
        search: t.search_actions,
        first: t.what,
        own: t.area,
        none: (Icon::Note, t.no_operations, t.no_operations_text),
    };
    let over = view! { <Outlet /> };
    records::page(ui, LOG, state, words, over.into_any())
}

/// A column by its code.
fn column(ui: Ui, code: &'static str) -> Column {
    let t = ui.t;
    let label = match code {
        "target" => t.target,
        "who" => t.who,
        "address" => t.address,
        "client" => t.client,
        _ => return Column::new(code, t.time).sorts("time", true),
    };
    Column::new(code, label)
}

fn first(ui: Ui, state: &State, entry: &LogEntry) -> AnyView {
    let href = state.under(&format!("{BASE}/{}", entry.id));
    let refused = (!entry.success)
        .then(|| view! { <span class="state bad">{ui.t.refused}</span> }.into_any());
    view! {
        <a class="who" href=href data-noscroll="true">
            <span>
                <b>{ui.say(&log::title(&entry.action))}</b>
                <small class="code">{entry.action.clone()}</small>
            </span>
        </a>
        {refused}
        {forged(ui, entry)}
    }
    .into_any()
}

/// What a column tells of a change.
fn cell(ui: Ui, state: &State, column: &str, entry: &LogEntry) -> AnyView {
    match column {
        "target" => target(entry),
        "who" => actor(ui, entry),
        "address" => place(ui, state, &entry.ip),
        "client" => client(&entry.browser, &entry.os, &entry.user_agent),
        _ => when(ui, entry.at),
    }
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
    let close = Signal::derive(move || shared.state.with(State::url));
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
    // An id says more with the name of what it stands for.
    let told = |value: &String| match change.name_of(value) {
        Some(name) => format!("{} #{value}", ui.say(name)),
        None => value.clone(),
    };
    let gone: Vec<AnyView> = change
        .before
        .iter()
        .map(|value| view! { <del>{told(value)}</del> }.into_any())
        .collect();
    let come: Vec<AnyView> = change
        .after
        .iter()
        .map(|value| view! { <ins>{told(value)}</ins> }.into_any())
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
        text => copyable(ui, text),
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
    let text = json.to_owned();
    view! {
        <section class="section">
            <details class="raw">
                <summary>
                    <h3>"JSON"</h3>
                </summary>
                {copy::button(ui, ui.t.copy, "button small js-only", false, move || text.clone())}
                <pre tabindex="0">{json.to_owned()}</pre>
            </details>
        </section>
    }
    .into_any()
}
