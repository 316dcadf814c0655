//! Everybody who is signed in: who, from where, since when; ending one, several, or all of
//! somebody's. The list follows what happens by itself.

use crate::boot::ColumnsOf;
use crate::browser;
use crate::calls::{Ask, Loaded, Submit, load, read, show, show_answer};
use crate::components::confirm::{confirm, navigator};
use crate::components::copy::{copyable, menu_entry};
use crate::components::field::{alert, submit};
use crate::components::icon::{Icon, icon};
use crate::components::list::{
    address, by_code, chip, id_of, known_of, later_page, menu_link, nothing_found, page_of,
    pager_up_to, row_menu, search, text_of, told, with,
};
use crate::components::live::memo;
use crate::components::pick::{Action, Picks, bar};
use crate::components::state::{empty, skeleton};
use crate::components::table::{Column, Order, actions_head, cells, choice, shown, table};
use crate::components::{avatar, client, when};
use crate::i18n::Texts;
use crate::live;
use crate::pages::{head, title};
use crate::server_fns::Done;
use crate::time::count;
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use menshen_domain::Page;
use menshen_domain::catalogue::{SESSION_REVOKE, USER_QUERY};
use menshen_domain::people::PickedUser;
use menshen_domain::session::{MANY, OpenSession, SessionKind, SessionSort};
use std::sync::Arc;

const BASE: &str = "/admin/sessions";
/// The name of the boxes, and of what is ticked in an address.
const SID: &str = "sid";

/// Which sessions are listed: exactly what the page's address says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Query {
    q: String,
    kind: String,
    /// A user's id.
    user: String,
    sort: String,
    order: String,
    page: i64,
}

/// What sessions are opened by.
const KINDS: [SessionKind; 2] = [SessionKind::Browser, SessionKind::Api];

impl Query {
    /// What the server would not go by is left out: what is in here shows.
    fn read(params: &ParamsMap) -> Self {
        Self {
            q: text_of(params, "q"),
            kind: known_of(params, "kind", &KINDS.map(SessionKind::code)),
            user: id_of(params, "user"),
            sort: known_of(params, "sort", &SessionSort::ALL.map(SessionSort::code)),
            order: known_of(params, "order", &["asc", "desc"]),
            page: page_of(params),
        }
    }

    fn pairs<'a>(&'a self, page: &'a str) -> [(&'static str, &'a str); 6] {
        [
            ("q", &self.q),
            ("kind", &self.kind),
            ("user", &self.user),
            ("sort", &self.sort),
            ("order", &self.order),
            ("page", page),
        ]
    }

    fn ask(&self) -> Ask {
        Ask::of("list_sessions", &self.pairs(&self.page.to_string()))
    }

    fn url(&self) -> String {
        address(BASE, &self.pairs(&later_page(self.page)))
    }

    /// The address of the first page with something changed.
    fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut query = Self {
            page: 1,
            ..self.clone()
        };
        change(&mut query);
        query.url()
    }

    /// This address, with a question.
    fn asking(&self, question: &str) -> String {
        with(self.url(), "ask", question)
    }

    fn filtered(&self) -> bool {
        !(self.q.is_empty() && self.kind.is_empty() && self.user.is_empty())
    }
}

/// What is asked before sessions end.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    /// `?ask=end-SESSION`
    One(String),
    /// `?ask=all-USER`
    All(i64),
    /// `?ask=selected&sid=…&sid=…`
    Several(Vec<String>),
}

impl Asked {
    fn read(params: &ParamsMap) -> Option<Self> {
        let ask = params.get_str("ask")?;
        if ask == "selected" {
            return params.get_all(SID).map(Self::Several);
        }
        match ask.split_once('-')? {
            ("end", id) => Some(Self::One(id.to_owned())),
            ("all", id) => Some(Self::All(id.parse().ok()?)),
            _ => None,
        }
    }
}

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Shared {
    query: Memo<Query>,
    asked: Memo<Option<Asked>>,
    /// Counts changes, so that the list is loaded again after each.
    version: RwSignal<u32>,
    /// The sessions that are ticked.
    picks: Picks,
}

impl Shared {
    fn url(self) -> String {
        self.query.with_untracked(Query::url)
    }
}

/// The list.
#[component]
pub(crate) fn Sessions() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let params = use_query_map();
    let query = memo(move || params.with(Query::read));
    let shared = Shared {
        query,
        asked: memo(move || params.with(Asked::read)),
        version: RwSignal::new(0),
        picks: Picks::new(SID, Signal::derive(move || query.with(Query::url))),
    };
    let heard = live::on(ui, &["sessions"]);
    let sessions = load(move || {
        let version = shared.version.get().wrapping_add(heard.get());
        (query.with(Query::ask), version)
    });
    let theirs = load(move || {
        let ask = match shared.asked.get() {
            Some(Asked::All(user)) => Ask::of("list_sessions", &[("user", &user.to_string())]),
            _ => Ask::NOTHING,
        };
        (ask, shared.version.get())
    });
    let mine = load(move || {
        let ask = match shared.asked.get() {
            Some(Asked::Several(ids)) => Ask::of("my_session_among", &[("ids", &ids.join(" "))]),
            _ => Ask::NOTHING,
        };
        (ask, 0)
    });
    let owner = load(move || {
        let user = query.with(|q| q.user.clone());
        let ask = match user.as_str() {
            "" => Ask::NOTHING,
            user => Ask::of("session_owner", &[("user", user)]),
        };
        (ask, 0)
    });
    let total = told(sessions, move |page: Page<OpenSession>| {
        so_many(ui, page.total)
    });
    let total = view! {
        {total}
        <span aria-hidden="true">" · "</span>
        {live::mark(ui)}
    }
    .into_any();
    let text = Signal::derive(move || query.with(|q| q.q.clone()));
    let keep = Signal::derive(move || {
        let q = query.get();
        vec![
            ("kind", q.kind),
            ("user", q.user),
            ("sort", q.sort),
            ("order", q.order),
        ]
    });
    let to = move |text: String| query.with_untracked(|q| q.with(|q| q.q = text));
    view! {
        {title(t.sessions)}
        {head(t.sessions.into_any(), total, ().into_any())}
        <div class="filters">
            {search(ui, BASE, t.search_sessions, text, keep, Arc::new(to))}
            {move || query.with(|q| by_kind(ui, q))}
            {show_answer(
                owner,
                || ().into_any(),
                move |answer| by_user(ui, query, read(answer).unwrap_or_default()),
            )}
            {choice(ui, ColumnsOf::Sessions, column)}
        </div>
        {show(ui, sessions, move || skeleton(ui), move |page| list(ui, shared, page))}
        {several_question(ui, shared, mine)}
        {all_question(ui, shared, theirs)}
    }
}

fn so_many(ui: Ui, total: i64) -> String {
    let more = if total > MANY { "+" } else { "" };
    let shown = total.min(MANY);
    let number = format!("{}{more}", count(shown));
    ui.t.sessions_total(shown, &number)
}

fn kind(ui: Ui, kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Browser => ui.t.kind_browser,
        SessionKind::Api => ui.t.kind_api,
    }
}

fn by_kind(ui: Ui, query: &Query) -> AnyView {
    let name = |code: &str| {
        let known = SessionKind::from_code(code).unwrap_or(SessionKind::Api);
        kind(ui, known).to_owned()
    };
    by_code(
        ui,
        "filter-kind",
        ui.t.kind,
        &KINDS.map(SessionKind::code),
        &query.kind,
        &name,
        &|code| query.with(|q| code.clone_into(&mut q.kind)),
    )
}

/// The user whose sessions are shown, when it is one alone; by her number, if she is out of sight.
/// Such a list is linked to; here it can only be left.
fn by_user(ui: Ui, query: Memo<Query>, owner: Option<PickedUser>) -> AnyView {
    let view = move || {
        query.with(|query| {
            if query.user.is_empty() {
                return ().into_any();
            }
            let known = owner.as_ref().filter(|o| o.id.to_string() == query.user);
            let name = known.map_or_else(|| format!("#{}", query.user), |o| o.name.clone());
            let clear = query.with(|q| q.user.clear());
            let menu = view! {
                <a class="menu-item" href=clear.clone()>
                    {ui.t.of_everybody}
                </a>
            };
            let menu = menu.into_any();
            chip(ui, "filter-user", ui.t.user, Some(name), clear, menu)
        })
    };
    view! { {move || view()} }.into_any()
}

/// A column by its code.
fn column(ui: Ui, code: &'static str) -> Column {
    let t = ui.t;
    match code {
        "address" => Column::new(code, t.address),
        "client" => Column::new(code, t.client),
        "kind" => Column::new(code, t.kind),
        "seen" => Column::new(code, t.last_seen).sorts("lastSeenTime", true),
        "since" => Column::new(code, t.since)
            .sorts("loginTime", true)
            .class("since"),
        _ => Column::new(code, t.ends)
            .sorts("expireTime", true)
            .class("ends"),
    }
}

fn list(ui: Ui, shared: Shared, page: Page<OpenSession>) -> AnyView {
    let query = shared.query.get_untracked();
    let ids = page.list.iter().map(|session| session.id.0.clone());
    shared.picks.show(ids.collect());
    if page.list.is_empty() {
        return nobody(ui, &query);
    }
    let may_end = ui.may(SESSION_REVOKE);
    let total = page.total;
    let held = StoredValue::new(page.list);
    let question = move || {
        let asked = shared.asked.get().filter(|_| ui.may(SESSION_REVOKE))?;
        held.with_value(|list| question(ui, shared, list, &asked))
    };
    let rows = move || {
        let chosen = ui.columns(ColumnsOf::Sessions).get();
        held.with_value(|list| filled(ui, shared, may_end, &chosen, total, list))
    };
    view! {
        {move || rows()}
        {move || question()}
    }
    .into_any()
}

/// The table, with the chosen columns.
fn filled(
    ui: Ui,
    shared: Shared,
    may_end: bool,
    chosen: &str,
    total: i64,
    list: &[OpenSession],
) -> AnyView {
    let t = ui.t;
    let query = shared.query.get_untracked();
    let columns = shown(ui, ColumnsOf::Sessions, chosen, column);
    let order = Order {
        sort: &query.sort,
        order: &query.order,
        usual: ("lastSeenTime", true),
        to: &|sort, order| {
            query.with(|q| {
                sort.clone_into(&mut q.sort);
                order.clone_into(&mut q.order);
            })
        },
    };
    let all = may_end.then(|| shared.picks.all_box(ui));
    let heads = view! {
        <th scope="col">{all} {t.user}</th>
        {order.heads(&columns)}
        {actions_head(ui)}
    };
    let rows: Vec<AnyView> = list
        .iter()
        .map(|session| row(ui, shared, &query, &columns, may_end, session))
        .collect();
    let foot = pager_up_to(ui, total.min(MANY), total > MANY, query.page, &|number| {
        query.with(|q| q.page = number)
    });
    let below = view! {
        {may_end.then(|| bulk(ui, shared, &query))}
        {foot}
    };
    let (heads, below) = (heads.into_any(), below.into_any());
    table(t.sessions, "", "sessions", heads, rows, below)
}

fn nobody(ui: Ui, query: &Query) -> AnyView {
    let t = ui.t;
    if query.filtered() || query.page > 1 {
        nothing_found(ui, BASE)
    } else {
        empty(
            Icon::Screen,
            t.no_sessions,
            t.no_sessions_text,
            ().into_any(),
        )
    }
}

fn name_of(session: &OpenSession) -> &str {
    match session.nickname.as_str() {
        "" => &session.username,
        name => name,
    }
}

fn row(
    ui: Ui,
    shared: Shared,
    query: &Query,
    columns: &[Column],
    may_end: bool,
    session: &OpenSession,
) -> AnyView {
    let t = ui.t;
    let user = session.user_id.0;
    let name = name_of(session).to_owned();
    let tick = may_end.then(|| {
        let label = t.select_session(&name, &session.ip);
        shared.picks.row_box(session.id.0.clone(), label)
    });
    let who = view! {
        {avatar(&name, &session.avatar, user)}
        <span>
            <b>{name.clone()}</b>
            <small class="code">{session.username.clone()}</small>
        </span>
    };
    let who = if ui.may(USER_QUERY) {
        view! {
            <a class="who" href=format!("/admin/users/{user}")>
                {who}
            </a>
        }
        .into_any()
    } else {
        view! { <span class="who">{who}</span> }.into_any()
    };
    let own = session
        .current
        .then(|| view! { <span class="tag strong">{t.this_session}</span> }.into_any());
    let menu = may_end.then(|| menu(ui, query, session, &name));
    view! {
        <tr>
            <td>
                <div class="picked">{tick} {who} {own}</div>
            </td>
            {cells(columns, &|column| cell(ui, column, session))}
            <td class="row-actions">{menu}</td>
        </tr>
    }
    .into_any()
}

/// What a column tells of a session.
fn cell(ui: Ui, column: &str, session: &OpenSession) -> AnyView {
    match column {
        "address" => copyable(ui, session.ip.as_str()),
        "client" => client(&session.browser, &session.os, &session.user_agent),
        "kind" => kind(ui, session.kind).into_any(),
        "seen" => when(ui, session.seen_at),
        "since" => when(ui, session.opened_at),
        _ => until(ui, session),
    }
}

/// When a session ends at the latest: a time to come.
fn until(ui: Ui, session: &OpenSession) -> AnyView {
    let at = session.expires_at;
    let exact = move || {
        let zone = ui.local.get().then(|| browser::zone_minutes(at.0));
        crate::time::exact(ui.t, at, zone)
    };
    let left = move || ui.t.in_time((at.0 - ui.now.get()) / 60_000_000);
    view! {
        <time datetime=crate::time::iso(at) title=exact>
            {move || left()}
        </time>
    }
    .into_any()
}

fn menu(ui: Ui, query: &Query, session: &OpenSession, name: &str) -> AnyView {
    let t = ui.t;
    let (id, user) = (&session.id.0, session.user_id.0);
    let menu = format!("session-menu-{id}");
    let items = vec![
        menu_link(
            Icon::Close,
            t.end_session,
            query.asking(&format!("end-{id}")),
            "menu-item danger",
        ),
        menu_link(
            Icon::Ban,
            t.end_all_of_user,
            query.asking(&format!("all-{user}")),
            "menu-item danger",
        ),
        menu_link(
            Icon::Filter,
            t.only_this_user,
            query.with(|q| q.user = user.to_string()),
            "menu-item",
        ),
        menu_entry(ui, t.copy_session_id, id.clone(), menu.clone()),
    ];
    row_menu(menu, t.actions_for(name), items)
}

/// The bar that ends what is ticked.
fn bulk(ui: Ui, shared: Shared, query: &Query) -> AnyView {
    let page = later_page(query.page);
    let kept = query
        .pairs(&page)
        .map(|(key, value)| (key, value.to_owned()));
    let end = Action {
        ask: "selected",
        label: ui.t.end_selected,
        sign: Icon::Close,
        class: "button small danger",
    };
    bar(
        ui,
        shared.picks,
        BASE,
        kept.into(),
        |t, n| t.picked(n),
        vec![end],
    )
}

/// What is shown in a question: what will happen, and a warning when it is oneself.
fn text(ui: Ui, form: Submit, text: String, own: bool) -> AnyView {
    view! {
        <p>{text}</p>
        {own.then(|| view! { <p class="note">{icon(Icon::Alert)} {ui.t.own_session_ends}</p> }.into_any())}
        {alert(ui, form, &[])}
    }
    .into_any()
}

/// What comes after sessions have ended: the list, at `close`; or the login page, when the server
/// says that one's own was among them.
fn ended(
    ui: Ui,
    version: RwSignal<u32>,
    close: String,
    told: fn(&Texts, &Done) -> String,
) -> impl Fn(Done) + Send + Sync + 'static {
    let go = navigator();
    move |done: Done| {
        if done.to.is_empty() {
            ui.toast(told(ui.t, &done));
            go(&close);
            version.try_update(|v| *v = v.wrapping_add(1));
        } else {
            browser::go(&done.to);
        }
    }
}

/// The question about one of the sessions that are listed.
fn question(ui: Ui, shared: Shared, list: &[OpenSession], asked: &Asked) -> Option<AnyView> {
    let Asked::One(id) = asked else { return None };
    let session = list.iter().find(|session| session.id.0 == *id)?;
    Some(end_one(ui, shared.version, session, shared.url()))
}

/// Asks before a session ends. `version` counts what was done; `close`: the address without the
/// question.
pub(crate) fn end_one(
    ui: Ui,
    version: RwSignal<u32>,
    session: &OpenSession,
    close: String,
) -> AnyView {
    let t = ui.t;
    let after = ended(ui, version, close.clone(), |t, done| {
        t.session_ended(&done.name)
    });
    let form = Submit::new(ui, "end_session", after);
    let name = name_of(session).to_owned();
    let place = match (session.browser.as_str(), session.os.as_str()) {
        ("", "") => session.user_agent.clone(),
        (one, "") | ("", one) => one.to_owned(),
        (browser, system) => format!("{browser} · {system}"),
    };
    let about = t.end_session_text(&place, &session.ip);
    let act = view! {
        <input type="hidden" name="id" value=session.id.0.clone() />
        <input type="hidden" name="name" value=name.clone() />
        {submit(form, t.end_session, "button danger-solid")}
    };
    confirm(
        t.end_session_of(&name),
        text(ui, form, about, session.current),
        close,
        t.cancel,
        form.form("", "", act.into_any()),
    )
}

/// The question before several sessions end, once it is known whether one's own is among them,
/// which need not be on the page of the list that shows by now.
fn several_question(ui: Ui, shared: Shared, mine: Loaded) -> AnyView {
    show_answer(
        mine,
        || ().into_any(),
        move |answer| match shared.asked.get_untracked() {
            Some(Asked::Several(ids)) if !ids.is_empty() && ui.may(SESSION_REVOKE) => {
                let own = read::<bool>(answer).unwrap_or_default();
                end_several(ui, shared, &ids, own)
            }
            _ => ().into_any(),
        },
    )
}

fn end_several(ui: Ui, shared: Shared, ids: &[String], own: bool) -> AnyView {
    let t = ui.t;
    let after = ended(ui, shared.version, shared.url(), |t, done| {
        t.sessions_ended(done.count)
    });
    let form = Submit::new(ui, "end_sessions", move |done| {
        shared.picks.clear();
        after(done);
    });
    let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let act = view! {
        <input type="hidden" name="ids" value=ids.join(" ") />
        {submit(form, t.end_selected, "button danger-solid")}
    };
    confirm(
        t.end_sessions_question(count),
        text(ui, form, t.end_sessions_text.to_owned(), own),
        shared.url(),
        t.cancel,
        form.form("", "", act.into_any()),
    )
}

/// The question before all sessions of somebody end, once it is known how many they are.
fn all_question(ui: Ui, shared: Shared, theirs: Loaded) -> AnyView {
    show_answer(
        theirs,
        || ().into_any(),
        move |answer| {
            let Some(Asked::All(user)) = shared.asked.get_untracked() else {
                return ().into_any();
            };
            let known = read::<Page<OpenSession>>(answer).ok();
            let known = known.filter(|page| page.total > 0 && ui.may(SESSION_REVOKE));
            known
                .map(|page| end_all(ui, shared, user, &page))
                .into_any()
        },
    )
}

fn end_all(ui: Ui, shared: Shared, user: i64, page: &Page<OpenSession>) -> AnyView {
    let t = ui.t;
    let name = page
        .list
        .first()
        .map(name_of)
        .unwrap_or_default()
        .to_owned();
    // Of one's own, the one that asks goes on.
    let own = page.list.iter().any(|session| session.current)
        || ui
            .me
            .with_untracked(|me| me.as_ref().is_some_and(|me| me.id.0 == user));
    let ending = page.total - i64::from(own);
    let after = ended(ui, shared.version, shared.url(), |t, done| {
        t.sessions_of_ended(done.count, &done.name)
    });
    let form = Submit::new(ui, "end_user_sessions", after);
    let about = if own {
        t.own_session_stays.to_owned()
    } else {
        t.end_sessions_text.to_owned()
    };
    let act = view! {
        <input type="hidden" name="id" value=user.to_string() />
        {submit(form, t.end_all_of_user, "button danger-solid")}
    };
    confirm(
        t.end_all_of(ending, &name),
        text(ui, form, about, false),
        shared.url(),
        t.cancel,
        form.form("", "", act.into_any()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&'static str, &str)]) -> ParamsMap {
        let mut params = ParamsMap::new();
        for (key, value) in pairs {
            params.insert(*key, (*value).to_owned());
        }
        params
    }

    #[test]
    fn questions_are_read_from_the_address() {
        let read = |pairs| Asked::read(&params(pairs));
        assert_eq!(read(&[]), None);
        assert_eq!(
            read(&[("ask", "end-0199-a")]),
            Some(Asked::One("0199-a".to_owned()))
        );
        assert_eq!(read(&[("ask", "all-7")]), Some(Asked::All(7)));
        assert_eq!(read(&[("ask", "all-x")]), None);
        let several = read(&[("ask", "selected"), ("sid", "a"), ("sid", "b")]);
        assert_eq!(
            several,
            Some(Asked::Several(vec!["a".to_owned(), "b".to_owned()]))
        );
    }

    #[test]
    fn an_address_says_what_was_read_from_it() {
        let query = Query::read(&params(&[("q", "lin"), ("kind", "api"), ("page", "2")]));
        assert_eq!(query.url(), "/admin/sessions?q=lin&kind=api&page=2");
        assert_eq!(
            query.asking("end-x"),
            "/admin/sessions?q=lin&kind=api&page=2&ask=end-x"
        );
        assert_eq!(query.with(|q| q.q.clear()), "/admin/sessions?kind=api");
        let odd = [
            ("kind", "x"),
            ("user", "lin"),
            ("sort", "ip"),
            ("order", "up"),
        ];
        let odd = Query::read(&params(&odd));
        assert!(!odd.filtered());
        assert_eq!(
            odd.url(),
            "/admin/sessions",
            "what does not act is not kept"
        );
        let one = Query::read(&params(&[
            ("user", "7"),
            ("sort", "expireTime"),
            ("order", "asc"),
        ]));
        assert!(one.filtered());
        assert_eq!(
            one.url(),
            "/admin/sessions?user=7&sort=expireTime&order=asc"
        );
    }
}
