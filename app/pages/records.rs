//! What the pages of the two logs share: the frame of the list, its state in the address, its
//! filters, the export. Entries come by time and in no other order: logs are long, and have an
//! index by time alone.

use crate::boot::ColumnsOf;
use crate::browser;
use crate::calls::{Ask, load, read, show, show_answer};
use crate::components::confirm::navigator;
use crate::components::icon::{Icon, icon};
use crate::components::list::{
    address, by_code, chip, known_of, later_page, nothing_found, page_of, pager_up_to, search,
    text_of, told,
};
use crate::components::live::{memo, on};
use crate::components::state::{empty, skeleton};
use crate::components::table::{Column, ColumnFn, Order, cells, choice, shown, table};
use crate::pages::{head, title};
use crate::server_fns::logs::LogQuery;
use crate::time::{count, iso};
use crate::ui::Ui;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use menshen_domain::catalogue::{LOG_EXPORT, USER_QUERY};
use menshen_domain::log::{LogEntry, LogPage};
use std::sync::Arc;

/// One of the two logs.
#[derive(Clone, Copy)]
pub(crate) struct Log {
    /// The page's address.
    pub base: &'static str,
    /// The server function that lists it.
    pub endpoint: &'static str,
    /// Where it is had as a file.
    pub export: &'static str,
    pub columns: ColumnsOf,
    /// The columns beside the first.
    pub column: ColumnFn,
    /// The first cell of a row.
    pub first: fn(Ui, &State, &LogEntry) -> AnyView,
    /// What a column tells of an entry.
    pub cell: fn(Ui, &State, &str, &LogEntry) -> AnyView,
    /// The filter that the other log does not have.
    pub own: Own,
}

/// The filter that one log has and the other has not.
#[derive(Clone, Copy)]
pub(crate) struct Own {
    /// Its name in the address.
    pub key: &'static str,
    /// What it can be; what else is set shows all the same.
    pub codes: &'static [&'static str],
    pub name: fn(&str) -> menshen_domain::Text,
}

/// What the page of a log says beside its entries.
pub(crate) struct Words {
    pub title: &'static str,
    pub search: &'static str,
    /// The head of the first column.
    pub first: &'static str,
    /// The label of [`Log::own`].
    pub own: &'static str,
    /// When there is nothing in the log: a sign, and what is said.
    pub none: (Icon, &'static str, &'static str),
}

/// What a log is asked for, and which it is.
#[derive(Clone, PartialEq)]
pub(crate) struct State {
    base: &'static str,
    query: LogQuery,
}

/// The presets of the filter by time.
const RANGES: &[&str] = &["today", "7d", "30d"];

impl State {
    /// What the server would not go by is left out: what is in here shows.
    pub(crate) fn read(base: &'static str, own: &str, params: &ParamsMap) -> Self {
        let if_own = |key: &str| {
            if key == own {
                text_of(params, key)
            } else {
                String::new()
            }
        };
        let query = LogQuery {
            q: text_of(params, "q"),
            result: known_of(params, "result", &["0", "1"]),
            method: if_own("method"),
            area: if_own("area"),
            ip: text_of(params, "ip"),
            range: known_of(params, "range", RANGES),
            from: text_of(params, "from"),
            to: text_of(params, "to"),
            order: known_of(params, "order", &["asc"]),
            page: page_of(params),
        };
        Self { base, query }
    }

    fn filters(&self) -> [(&'static str, &String); 7] {
        let query = &self.query;
        [
            ("result", &query.result),
            ("method", &query.method),
            ("area", &query.area),
            ("ip", &query.ip),
            ("range", &query.range),
            ("from", &query.from),
            ("to", &query.to),
        ]
    }

    /// What else the address says beside the search.
    fn kept(&self) -> Vec<(&'static str, String)> {
        let owned = |(key, value): (&'static str, &String)| (key, value.clone());
        let mut kept = self.filters().map(owned).to_vec();
        kept.push(("order", self.query.order.clone()));
        kept
    }

    fn ask(&self, endpoint: &'static str) -> Ask {
        let page = self.query.page.to_string();
        let pairs = self.pairs(&page).into_iter();
        let pairs: Vec<(String, &str)> = pairs
            .map(|(key, value)| (format!("query[{key}]"), value))
            .collect();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (k.as_str(), *v)).collect();
        Ask::of(endpoint, &pairs)
    }

    fn pairs<'a>(&'a self, page: &'a str) -> Vec<(&'static str, &'a str)> {
        let mut pairs = vec![("q", self.query.q.as_str())];
        pairs.extend(self.filters().map(|(key, value)| (key, value.as_str())));
        pairs.extend([("order", self.query.order.as_str()), ("page", page)]);
        pairs
    }

    /// The address that says this, under `base`.
    pub(crate) fn under(&self, base: &str) -> String {
        address(base, &self.pairs(&later_page(self.query.page)))
    }

    pub(crate) fn url(&self) -> String {
        self.under(self.base)
    }

    /// The address of the first page with something changed.
    fn with(&self, change: impl FnOnce(&mut LogQuery)) -> String {
        let mut state = self.clone();
        state.query.page = 1;
        change(&mut state.query);
        state.url()
    }

    fn filtered(&self) -> bool {
        !self.query.q.is_empty() || self.filters().iter().any(|(_, value)| !value.is_empty())
    }
}

/// The state of the page of a log.
pub(crate) fn state(log: Log) -> Memo<State> {
    let params = use_query_map();
    memo(move || params.with(|p| State::read(log.base, log.own.key, p)))
}

/// The page of a log; `over` is what opens over it.
pub(crate) fn page(ui: Ui, log: Log, state: Memo<State>, words: Words, over: AnyView) -> AnyView {
    let t = ui.t;
    let entries = load(move || (state.with(|s| s.ask(log.endpoint)), 0));
    let total = told(entries, move |page: LogPage| {
        let more = if page.more { "+" } else { "" };
        t.entries_found(page.total, &format!("{}{more}", count(page.total)))
    });
    let actions = show_answer(
        entries,
        || ().into_any(),
        move |answer| match read::<LogPage>(answer) {
            Ok(page) => state.with_untracked(|s| export(ui, s, log.export, &page)),
            Err(_) => ().into_any(),
        },
    );
    let text = Signal::derive(move || state.with(|s| s.query.q.clone()));
    let keep = Signal::derive(move || state.with(State::kept));
    let to = move |text: String| state.with_untracked(|s| s.with(|q| q.q = text));
    let Words {
        title: name,
        search: label,
        own,
        ..
    } = words;
    view! {
        {title(name)}
        {head(name.into_any(), total, actions)}
        <div class="filters">
            {search(ui, log.base, label, text, keep, Arc::new(to))}
            {move || state.with(|s| by_time(ui, s))}
            {move || state.with(|s| by_own(ui, log.own, own, s))}
            {move || state.with(|s| by_result(ui, s))}
            {move || state.with(|s| by_address(ui, s))}
            {choice(ui, log.columns, log.column)}
        </div>
        {show(
            ui,
            entries,
            move || skeleton(ui),
            move |page: LogPage| list(ui, log, state, &words, page),
        )}
        {over}
    }
    .into_any()
}

fn list(ui: Ui, log: Log, state: Memo<State>, words: &Words, page: LogPage) -> AnyView {
    if page.list.is_empty() {
        return state.with_untracked(|s| nothing(ui, s, words.none));
    }
    let (name, first) = (words.title, words.first);
    let held = StoredValue::new(page);
    let rows = move || {
        let chosen = ui.columns(log.columns).get();
        let columns = shown(ui, log.columns, &chosen, log.column);
        let state = state.get_untracked();
        let order = Order {
            sort: "",
            order: &state.query.order,
            usual: ("time", true),
            // The newest first is what is usual.
            to: &|_, order| state.with(|q| known_order(order).clone_into(&mut q.order)),
        };
        let heads = view! {
            {order.head(Column::new("first", first), ().into_any())}
            {order.heads(&columns)}
        };
        held.with_value(|page| {
            let entries = page.list.iter();
            let rows = entries.map(|entry| row(ui, log, &state, &columns, entry));
            let at = state.query.page;
            let to = |number| state.with(|q| q.page = number);
            let foot = pager_up_to(ui, page.total, page.more, at, &to);
            table(name, "", "", heads.into_any(), rows.collect(), foot)
        })
    };
    view! { {move || rows()} }.into_any()
}

/// How an address tells the order.
fn known_order(order: &str) -> &str {
    if order == "asc" { order } else { "" }
}

fn row(ui: Ui, log: Log, state: &State, columns: &[Column], entry: &LogEntry) -> AnyView {
    view! {
        <tr>
            <td>{(log.first)(ui, state, entry)}</td>
            {cells(columns, &|column| (log.cell)(ui, state, column, entry))}
        </tr>
    }
    .into_any()
}

/// Succeeded or failed.
fn by_result(ui: Ui, state: &State) -> AnyView {
    let t = ui.t;
    let name = |code: &str| {
        let name = match code {
            "0" => t.succeeded,
            _ => t.failed,
        };
        name.to_owned()
    };
    by_code(
        ui,
        "filter-result",
        t.result,
        &["0", "1"],
        &state.query.result,
        &name,
        &|code| state.with(|q| code.clone_into(&mut q.result)),
    )
}

/// The filter that the other log does not have.
fn by_own(ui: Ui, own: Own, label: &'static str, state: &State) -> AnyView {
    let (id, set) = match own.key {
        "method" => ("filter-method", &state.query.method),
        _ => ("filter-area", &state.query.area),
    };
    let name = |code: &str| ui.say(&(own.name)(code));
    by_code(ui, id, label, own.codes, set, &name, &|code| {
        state.with(|q| {
            let place = match own.key {
                "method" => &mut q.method,
                _ => &mut q.area,
            };
            code.clone_into(place);
        })
    })
}

/// A form in a menu, which adds its fields to the address; `without` are those that it replaces.
fn menu_form(
    ui: Ui,
    id: &'static str,
    state: &State,
    without: &[&str],
    fields: AnyView,
) -> AnyView {
    let kept: Vec<AnyView> = state
        .kept()
        .into_iter()
        .chain([("q", state.query.q.clone())])
        .filter(|(key, value)| !value.is_empty() && !without.contains(key))
        .map(|(key, value)| view! { <input type="hidden" name=key value=value /> }.into_any())
        .collect();
    let (go, base) = (navigator(), state.base);
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(body) = browser::form_body(&event) {
            let given: Vec<&str> = body.split('&').filter(|p| !p.ends_with('=')).collect();
            browser::hide_popover(id);
            go(&format!("{base}?{}", given.join("&")));
        }
    };
    view! {
        <form class="menu-form" method="get" action=base on:submit=on(on_submit)>
            {kept}
            {fields}
            <button type="submit" class="button small primary">
                {ui.t.apply}
            </button>
        </form>
    }
    .into_any()
}

/// A filter by the address.
fn by_address(ui: Ui, state: &State) -> AnyView {
    let t = ui.t;
    let ip = &state.query.ip;
    let fields = view! {
        <label class="menu-field">
            <span>{t.address}</span>
            <input
                class="input code"
                name="ip"
                value=ip.clone()
                maxlength="64"
                autocomplete="off"
                spellcheck="false"
            />
        </label>
    };
    let menu = menu_form(ui, "filter-address", state, &["ip"], fields.into_any());
    let set = Some(ip.clone()).filter(|ip| !ip.is_empty());
    let clear = state.with(|q| q.ip.clear());
    chip(ui, "filter-address", t.address, set, clear, menu)
}

/// A filter by time: what is usual as links, and any two days.
fn by_time(ui: Ui, state: &State) -> AnyView {
    let t = ui.t;
    let query = &state.query;
    let presets = [
        ("today", t.today),
        ("7d", t.seven_days),
        ("30d", t.thirty_days),
    ];
    let links: Vec<AnyView> = presets
        .iter()
        .map(|(code, name)| {
            let to = state.with(|q| {
                (*code).clone_into(&mut q.range);
                q.from.clear();
                q.to.clear();
            });
            let set = query.range == *code;
            view! {
                <a
                    class="menu-item"
                    href=to
                    aria-current=set.then_some("true")
                    data-noscroll="true"
                    on:click=on(|_: leptos::ev::MouseEvent| browser::hide_popover("filter-time"))
                >
                    {*name}
                </a>
            }
            .into_any()
        })
        .collect();
    let fields = view! {
        <label class="menu-field">
            <span>{t.first_day}</span>
            <input class="input" type="date" name="from" value=query.from.clone() />
        </label>
        <label class="menu-field">
            <span>{t.last_day_of_span}</span>
            <input class="input" type="date" name="to" value=query.to.clone() />
        </label>
    };
    let form = menu_form(
        ui,
        "filter-time",
        state,
        &["range", "from", "to"],
        fields.into_any(),
    );
    let named = presets.iter().find(|(code, _)| *code == query.range);
    let set = match (named, query.from.as_str(), query.to.as_str()) {
        (Some((_, name)), ..) => Some((*name).to_owned()),
        (None, "", "") => None,
        (None, from, to) => Some(format!("{from} – {to}")),
    };
    let clear = state.with(|q| {
        q.range.clear();
        q.from.clear();
        q.to.clear();
    });
    let menu = view! {
        {links}
        {form}
    };
    chip(ui, "filter-time", t.time, set, clear, menu.into_any())
}

/// A link to all that is filtered, as CSV.
fn export(ui: Ui, state: &State, path: &str, page: &LogPage) -> AnyView {
    if !ui.may(LOG_EXPORT) || page.list.is_empty() {
        return ().into_any();
    }
    let query = &state.query;
    let begin = page.begin.map(iso).unwrap_or_default();
    let end = page.end.map(iso).unwrap_or_default();
    let href = address(
        path,
        &[
            ("text", &query.q),
            ("status", &query.result),
            ("method", &query.method),
            ("area", &query.area),
            ("ip", &query.ip),
            ("beginTime", &begin),
            ("endTime", &end),
        ],
    );
    view! {
        <a class="button" href=href download="" rel="external">
            {icon(Icon::Download)}
            {ui.t.export_csv}
        </a>
    }
    .into_any()
}

/// Nothing that the filters let through, or nothing at all.
fn nothing(ui: Ui, state: &State, none: (Icon, &'static str, &'static str)) -> AnyView {
    if state.filtered() || state.query.page > 1 {
        return nothing_found(ui, state.base);
    }
    let (sign, title, text) = none;
    empty(sign, title, text, ().into_any())
}

/// Who did something: a link to her record, for who may see it.
pub(crate) fn actor(ui: Ui, entry: &LogEntry) -> AnyView {
    let name = match entry.actor_name.as_str() {
        "" => ui.t.nobody_known.to_owned(),
        name => name.to_owned(),
    };
    match entry.actor_id {
        Some(id) if ui.may(USER_QUERY) => view! {
            <a class="link" href=format!("/admin/users/{id}")>
                {name}
            </a>
        }
        .into_any(),
        Some(_) => name.into_any(),
        None => view! { <span class="quiet">{name}</span> }.into_any(),
    }
}

/// An address, as a link to everything from there.
pub(crate) fn place(ui: Ui, state: &State, ip: &str) -> AnyView {
    if ip.is_empty() {
        return view! { <span class="quiet">"–"</span> }.into_any();
    }
    let to = state.with(|q| ip.clone_into(&mut q.ip));
    view! {
        <a class="quiet-link" href=to title=ui.t.only_from_here data-noscroll="true">
            <code>{ip.to_owned()}</code>
        </a>
    }
    .into_any()
}

/// A word for an entry that is not as it was written.
pub(crate) fn forged(ui: Ui, entry: &LogEntry) -> AnyView {
    (!entry.valid)
        .then(|| view! { <span class="state bad">{ui.t.not_genuine}</span> }.into_any())
        .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&'static str, &str)]) -> State {
        let mut params = ParamsMap::new();
        for (key, value) in pairs {
            params.insert(*key, (*value).to_owned());
        }
        State::read("/admin/sign-ins", "method", &params)
    }

    #[test]
    fn an_address_says_what_was_read_from_it() {
        assert_eq!(read(&[]).url(), "/admin/sign-ins");
        assert!(!read(&[("page", "3")]).filtered());
        let state = read(&[
            ("q", "lin"),
            ("result", "1"),
            ("range", "7d"),
            ("page", "2"),
        ]);
        assert!(state.filtered());
        assert_eq!(
            state.url(),
            "/admin/sign-ins?q=lin&result=1&range=7d&page=2"
        );
        assert_eq!(
            state.with(|q| q.result.clear()),
            "/admin/sign-ins?q=lin&range=7d"
        );
    }

    #[test]
    fn what_does_not_act_is_not_kept() {
        let odd = read(&[("result", "2"), ("range", "9d"), ("area", "role")]);
        assert!(!odd.filtered());
        assert_eq!(odd.url(), "/admin/sign-ins");
        let acting = read(&[("method", "pigeon")]);
        assert_eq!(acting.url(), "/admin/sign-ins?method=pigeon");
    }
}
