//! What the pages of the two logs share: the state in the address, its filters, the export.

use crate::browser;
use crate::calls::Ask;
use crate::components::confirm::navigator;
use crate::components::icon::{Icon, icon};
use crate::components::list::{Choice, address, chip, filter};
use crate::components::live::on;
use crate::components::state::empty;
use crate::time::iso;
use crate::ui::Ui;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use menshen_domain::Text;
use menshen_domain::catalogue::{LOG_EXPORT, USER_QUERY};
use menshen_domain::log::{LogEntry, LogPage};

/// What a log is asked for: exactly what the page's address says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogQuery {
    pub base: &'static str,
    pub q: String,
    /// `0` for what succeeded, `1` for what failed.
    pub result: String,
    pub method: String,
    pub area: String,
    pub ip: String,
    /// `today`, `7d` or `30d`.
    pub range: String,
    pub from: String,
    pub to: String,
    pub page: i64,
}

impl LogQuery {
    pub(crate) fn read(base: &'static str, params: &ParamsMap) -> Self {
        let text = |key: &str| params.get_str(key).unwrap_or_default().trim().to_owned();
        Self {
            base,
            q: text("q"),
            result: text("result"),
            method: text("method"),
            area: text("area"),
            ip: text("ip"),
            range: text("range"),
            from: text("from"),
            to: text("to"),
            page: text("page").parse().unwrap_or(1).max(1),
        }
    }

    fn filters(&self) -> [(&'static str, &String); 7] {
        [
            ("result", &self.result),
            ("method", &self.method),
            ("area", &self.area),
            ("ip", &self.ip),
            ("range", &self.range),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    /// What else the address says beside the search.
    pub(crate) fn kept(&self) -> Vec<(&'static str, String)> {
        let owned = |(key, value): (&'static str, &String)| (key, value.clone());
        self.filters().map(owned).to_vec()
    }

    fn pairs<'a>(&'a self, page: &'a str) -> Vec<(&'static str, &'a str)> {
        let mut pairs = vec![("q", self.q.as_str())];
        pairs.extend(self.filters().map(|(key, value)| (key, value.as_str())));
        pairs.push(("page", page));
        pairs
    }

    pub(crate) fn ask(&self, endpoint: &'static str) -> Ask {
        Ask::of(endpoint, &self.pairs(&self.page.to_string()))
    }

    /// The address that says this, under `base`.
    pub(crate) fn under(&self, base: &str) -> String {
        let page = if self.page > 1 {
            self.page.to_string()
        } else {
            String::new()
        };
        address(base, &self.pairs(&page))
    }

    pub(crate) fn url(&self) -> String {
        self.under(self.base)
    }

    /// The address of the first page with something changed.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut query = Self {
            page: 1,
            ..self.clone()
        };
        change(&mut query);
        query.url()
    }

    pub(crate) fn filtered(&self) -> bool {
        !self.q.is_empty() || self.filters().iter().any(|(_, value)| !value.is_empty())
    }
}

/// How many there are, and whether there are more.
pub(crate) fn number(page: &LogPage) -> String {
    let more = if page.more { "+" } else { "" };
    format!("{}{more}", crate::time::count(page.total))
}

/// Succeeded or failed.
pub(crate) fn by_result(ui: Ui, query: &LogQuery) -> AnyView {
    let t = ui.t;
    let to = |code: &str| query.with(|q| q.result = code.to_owned());
    let choice = |code: &str, name: &str| Choice {
        name: name.to_owned(),
        href: to(code),
        set: query.result == code,
    };
    filter(
        ui,
        "filter-result",
        t.result,
        to(""),
        vec![choice("0", t.succeeded), choice("1", t.failed)],
    )
}

/// A filter by one of some codes.
pub(crate) fn by_code(
    ui: Ui,
    id: &'static str,
    label: &'static str,
    codes: &[&'static str],
    set: &str,
    name: fn(&str) -> Text,
    to: &dyn Fn(&str) -> String,
) -> AnyView {
    let choices = codes
        .iter()
        .map(|code| Choice {
            name: ui.say(&name(code)),
            href: to(code),
            set: set == *code,
        })
        .collect();
    filter(ui, id, label, to(""), choices)
}

/// A form in a menu, which adds its fields to the address; `without` are those that it replaces.
fn menu_form(
    ui: Ui,
    id: &'static str,
    query: &LogQuery,
    without: &[&str],
    fields: AnyView,
) -> AnyView {
    let kept: Vec<AnyView> = query
        .kept()
        .into_iter()
        .chain([("q", query.q.clone())])
        .filter(|(key, value)| !value.is_empty() && !without.contains(key))
        .map(|(key, value)| view! { <input type="hidden" name=key value=value /> }.into_any())
        .collect();
    let (go, base) = (navigator(), query.base);
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
pub(crate) fn by_address(ui: Ui, query: &LogQuery) -> AnyView {
    let t = ui.t;
    let fields = view! {
        <label class="menu-field">
            <span>{t.address}</span>
            <input
                class="input code"
                name="ip"
                value=query.ip.clone()
                maxlength="64"
                autocomplete="off"
                spellcheck="false"
            />
        </label>
    };
    let menu = menu_form(ui, "filter-address", query, &["ip"], fields.into_any());
    let set = Some(query.ip.clone()).filter(|ip| !ip.is_empty());
    let clear = query.with(|q| q.ip.clear());
    chip(ui, "filter-address", t.address, set, clear, menu)
}

/// A filter by time: what is usual as links, and any two days.
pub(crate) fn by_time(ui: Ui, query: &LogQuery) -> AnyView {
    let t = ui.t;
    let presets = [
        ("today", t.today),
        ("7d", t.seven_days),
        ("30d", t.thirty_days),
    ];
    let links: Vec<AnyView> = presets
        .iter()
        .map(|(code, name)| {
            let to = query.with(|q| {
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
        query,
        &["range", "from", "to"],
        fields.into_any(),
    );
    let named = presets.iter().find(|(code, _)| *code == query.range);
    let set = match (named, query.from.as_str(), query.to.as_str()) {
        (Some((_, name)), ..) => Some((*name).to_owned()),
        (None, "", "") => None,
        (None, from, to) => Some(format!("{from} – {to}")),
    };
    let clear = query.with(|q| {
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
pub(crate) fn export(ui: Ui, query: &LogQuery, path: &str, page: &LogPage) -> AnyView {
    if !ui.may(LOG_EXPORT) || page.list.is_empty() {
        return ().into_any();
    }
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
pub(crate) fn nothing(
    ui: Ui,
    query: &LogQuery,
    sign: Icon,
    title: &'static str,
    text: &'static str,
) -> AnyView {
    let t = ui.t;
    if query.filtered() || query.page > 1 {
        let link = view! {
            <a class="button" href=query.base>
                {t.clear_filters}
            </a>
        };
        empty(
            Icon::Search,
            t.nothing_found,
            t.nothing_found_text,
            link.into_any(),
        )
    } else {
        empty(sign, title, text, ().into_any())
    }
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
pub(crate) fn place(ui: Ui, query: &LogQuery, ip: &str) -> AnyView {
    if ip.is_empty() {
        return view! { <span class="quiet">"–"</span> }.into_any();
    }
    let to = query.with(|q| ip.clone_into(&mut q.ip));
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

    fn read(pairs: &[(&'static str, &str)]) -> LogQuery {
        let mut params = ParamsMap::new();
        for (key, value) in pairs {
            params.insert(*key, (*value).to_owned());
        }
        LogQuery::read("/admin/sign-ins", &params)
    }

    #[test]
    fn an_address_says_what_was_read_from_it() {
        assert_eq!(read(&[]).url(), "/admin/sign-ins");
        assert!(!read(&[("page", "3")]).filtered());
        let query = read(&[
            ("q", "lin"),
            ("result", "1"),
            ("range", "7d"),
            ("page", "2"),
        ]);
        assert!(query.filtered());
        assert_eq!(
            query.url(),
            "/admin/sign-ins?q=lin&result=1&range=7d&page=2"
        );
        assert_eq!(
            query.with(|q| q.result.clear()),
            "/admin/sign-ins?q=lin&range=7d"
        );
    }
}
