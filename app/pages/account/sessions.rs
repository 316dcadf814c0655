//! Where one is signed in oneself.

use super::card;
use crate::calls::{Ask, Submit, load, show};
use crate::components::confirm::{Question, ask, confirm, navigator};
use crate::components::copy::copyable;
use crate::components::field::{alert, submit};
use crate::components::icon::{Icon, icon};
use crate::components::live::memo;
use crate::components::state::skeleton;
use crate::components::table::plain;
use crate::components::when;
use crate::ui::Ui;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use menshen_domain::Page;
use menshen_domain::session::{OpenSession, SessionKind};

const HERE: &str = "/admin/account/sessions";

/// The section.
pub(super) fn section(ui: Ui) -> AnyView {
    let version = RwSignal::new(0_u32);
    let query = use_query_map();
    let asked = memo(move || query.with(|q| q.get_str("ask").unwrap_or_default().to_owned()));
    let sessions = load(move || (Ask::of("my_sessions", &[]), version.get()));
    show(
        ui,
        sessions,
        move || skeleton(ui),
        move |page: Page<OpenSession>| list(ui, version, asked, page),
    )
}

fn list(ui: Ui, version: RwSignal<u32>, asked: Memo<String>, page: Page<OpenSession>) -> AnyView {
    let t = ui.t;
    let others = page.list.iter().filter(|s| !s.current).count();
    let rows: Vec<AnyView> = page.list.iter().map(|s| row(ui, s)).collect();
    let all = (others > 0).then(|| {
        view! {
            <a
                class="button small danger"
                href=format!("{HERE}?ask=others")
                data-noscroll="true"
            >
                {icon(Icon::Out)}
                {t.end_others}
            </a>
        }
        .into_any()
    });
    let held = StoredValue::new(page.list);
    let question = move || {
        let asked = asked.get();
        if asked == "others" {
            return (others > 0).then(|| ask_others(ui, version, others));
        }
        let id = asked.strip_prefix("end-")?;
        held.with_value(|list| {
            let mut others = list.iter().filter(|session| !session.current);
            let session = others.find(|session| session.id.0 == id)?;
            Some(ask_one(ui, version, session))
        })
    };
    let body = view! {
        <p class="quiet">{t.my_sessions_text}</p>
        {plain(ui, t.my_sessions, &[t.client, t.address, t.signed_in_at, t.last_seen], rows)}
        {move || question()}
    };
    card(
        "sessions-title",
        t.my_sessions,
        all.into_any(),
        body.into_any(),
    )
}

/// What somebody signed in with, as far as its User-Agent tells.
fn client(ui: Ui, session: &OpenSession) -> String {
    let known: Vec<&str> = [session.browser.as_str(), session.os.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    match (known.is_empty(), session.kind) {
        (false, _) => known.join(" · "),
        (true, SessionKind::Browser) => ui.t.some_browser.to_owned(),
        (true, SessionKind::Api) => ui.t.some_program.to_owned(),
    }
}

fn row(ui: Ui, session: &OpenSession) -> AnyView {
    let t = ui.t;
    let name = client(ui, session);
    let sign = match session.kind {
        SessionKind::Browser => Icon::Globe,
        SessionKind::Api => Icon::Code,
    };
    let label = t.end_own_session(&name);
    let act = if session.current {
        view! { <span class="tag strong">{t.this_session}</span> }.into_any()
    } else {
        view! {
            <a
                class="button small"
                href=format!("{HERE}?ask=end-{}", session.id)
                aria-label=label.clone()
                title=label
                data-noscroll="true"
            >
                {t.end}
            </a>
        }
        .into_any()
    };
    view! {
        <tr>
            <td>
                <span class="who" title=session.user_agent.clone()>
                    {icon(sign)}
                    <span>
                        <b>{name}</b>
                        <small>
                            {match session.kind {
                                SessionKind::Browser => t.by_browser,
                                SessionKind::Api => t.by_api,
                            }}
                        </small>
                    </span>
                </span>
            </td>
            <td data-label=t.address>
                {copyable(ui, session.ip.as_str())}
            </td>
            <td data-label=t.signed_in_at>{when(ui, session.opened_at)}</td>
            <td data-label=t.last_seen>{when(ui, session.seen_at)}</td>
            <td class="row-actions">{act}</td>
        </tr>
    }
    .into_any()
}

/// Asks before one of the others ends.
fn ask_one(ui: Ui, version: RwSignal<u32>, session: &OpenSession) -> AnyView {
    let t = ui.t;
    let question = Question {
        title: t.end_own_session_question.to_owned(),
        text: t.end_session_text(&client(ui, session), &session.ip),
        close: HERE.to_owned(),
        then: HERE.to_owned(),
        endpoint: "end_my_session",
        fields: &[("id", session.id.0.clone())],
        typed: None,
        act: t.end_session,
        told: |t, _| t.own_session_ended.to_owned(),
    };
    ask(ui, version, question)
}

/// Asks before all others end.
fn ask_others(ui: Ui, version: RwSignal<u32>, others: usize) -> AnyView {
    let t = ui.t;
    let go = navigator();
    let form = Submit::new(ui, "end_my_other_sessions", move |done| {
        ui.toast(t.other_sessions_ended(&done.name));
        go(HERE);
        version.update(|v| *v += 1);
    });
    let text = view! {
        <p>{t.end_others_text}</p>
        {alert(ui, form, &[])}
    };
    let act = submit(form, t.end_others, "button danger-solid");
    confirm(
        t.end_others_question(others),
        text.into_any(),
        HERE.to_owned(),
        t.cancel,
        form.form("", "", act),
    )
}
