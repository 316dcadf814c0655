//! The login log.

use super::records::{self, Log, Own, State, Words, actor, forged, place};
use crate::boot::ColumnsOf;
use crate::components::icon::Icon;
use crate::components::table::Column;
use crate::components::{client, when};
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use menshen_domain::log::{self, LogEntry};

const LOG: Log = Log {
    base: "/admin/sign-ins",
    endpoint: "list_sign_ins",
    export: "/log/login/export",
    columns: ColumnsOf::SignIns,
    column,
    first,
    cell,
    own: Own {
        key: "method",
        codes: log::METHODS,
        name: log::method,
    },
};

/// The list.
#[component]
pub(crate) fn SignIns() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let words = Words {
        title: t.sign_ins,
        search: t.search_names,
        first: t.user,
        own: t.method,
        none: (Icon::Enter, t.no_sign_ins, t.no_sign_ins_text),
    };
    records::page(ui, LOG, records::state(LOG), words, ().into_any())
}

/// A column by its code.
fn column(ui: Ui, code: &'static str) -> Column {
    let t = ui.t;
    let label = match code {
        "result" => t.result,
        "method" => t.method,
        "address" => t.address,
        "client" => t.client,
        _ => return Column::new(code, t.time).sorts("time", true),
    };
    Column::new(code, label)
}

fn first(ui: Ui, _: &State, entry: &LogEntry) -> AnyView {
    view! { <b>{actor(ui, entry)}</b> }.into_any()
}

/// What a column tells of a sign-in.
fn cell(ui: Ui, state: &State, column: &str, entry: &LogEntry) -> AnyView {
    match column {
        "result" => view! {
            <span class="outcome">
                {outcome(ui, entry)}
                {forged(ui, entry)}
            </span>
        }
        .into_any(),
        "method" => match &entry.method {
            Some(method) => ui.say(&log::method(method)).into_any(),
            None => view! { <span class="quiet">"–"</span> }.into_any(),
        },
        "address" => place(ui, state, &entry.ip),
        "client" => client(&entry.browser, &entry.os, &entry.user_agent),
        _ => when(ui, entry.at),
    }
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
