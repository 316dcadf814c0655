//! How a user signs in, and where she is signed in: second factors and sessions.
//!
//! Another kind of factor is another line in [`factors`].

use super::panel::{Parts, danger_row, show_tab};
use crate::components::copy::copyable;
use crate::components::icon::{Icon, icon};
use crate::components::list::address;
use crate::components::when;
use crate::pages::sessions::end_one;
use crate::time::count;
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::Page;
use menshen_domain::catalogue::{SESSION_LIST, SESSION_REVOKE, USER_RESET};
use menshen_domain::people::Factors;
use menshen_domain::session::OpenSession;
use menshen_domain::user::User;

/// The tab.
pub(super) fn tab(ui: Ui, parts: Parts, user: &User) -> AnyView {
    let t = ui.t;
    let id = user.id.0;
    let own = ui
        .me
        .with_untracked(|me| me.as_ref().is_some_and(|me| me.id == user.id));
    let sessions = ui.may(SESSION_LIST).then(|| {
        view! {
            <section class="section">
                <h3>{t.sessions}</h3>
                {show_tab(
                    ui,
                    parts.sessions,
                    move |found: Page<OpenSession>| open_sessions(ui, parts, id, found),
                )}
            </section>
        }
        .into_any()
    });
    view! {
        <section class="section">
            <h3>{t.second_factors}</h3>
            {show_tab(
                ui,
                parts.factors,
                move |found: Factors| factors(ui, parts, id, own, &found),
            )}
        </section>
        {sessions}
    }
    .into_any()
}

fn factors(ui: Ui, parts: Parts, id: i64, own: bool, found: &Factors) -> AnyView {
    let t = ui.t;
    let app = match found.totp_since {
        Some(at) => view! {
            <span class="state">{t.turned_on}</span>
            " "
            <span class="quiet">{when(ui, at)}</span>
        }
        .into_any(),
        None => view! { <span class="state off">{t.not_set_up}</span> }.into_any(),
    };
    let on = found.totp_since.is_some();
    let left = found.recovery_left;
    let reset = (on && !own && ui.may(USER_RESET)).then(|| {
        let href = move || parts.shared.query.get().tab(id, "security", "otp");
        let link = view! {
            <a class="button danger" href=href data-noscroll="true">
                {icon(Icon::Refresh)}
                {t.reset_otp}
            </a>
        };
        danger_row(t.reset_otp, t.reset_otp_short, link.into_any())
    });
    let forget = (found.passkeys > 0 && !own && ui.may(USER_RESET)).then(|| {
        let href = move || parts.shared.query.get().tab(id, "security", "passkeys");
        let link = view! {
            <a class="button danger" href=href data-noscroll="true">
                {icon(Icon::Finger)}
                {t.reset_passkeys}
            </a>
        };
        danger_row(t.reset_passkeys, t.reset_passkeys_short, link.into_any())
    });
    view! {
        <dl class="facts">
            <dt>{t.authenticator}</dt>
            <dd>{app}</dd>
            {on
                .then(|| {
                    view! {
                        <dt>{t.recovery_codes}</dt>
                        <dd>{t.codes_left(left)}</dd>
                    }
                        .into_any()
                })}
            <dt>{t.passkeys}</dt>
            <dd>{count(found.passkeys)}</dd>
        </dl>
        {reset}
        {forget}
    }
    .into_any()
}

fn open_sessions(ui: Ui, parts: Parts, id: i64, found: Page<OpenSession>) -> AnyView {
    let t = ui.t;
    if found.list.is_empty() {
        return view! { <p class="quiet">{t.no_sessions}</p> }.into_any();
    }
    let may = ui.may(SESSION_REVOKE);
    let rows: Vec<AnyView> = found
        .list
        .iter()
        .map(|session| one(ui, parts, id, session, may))
        .collect();
    let shown = i64::try_from(found.list.len()).unwrap_or(i64::MAX);
    let more = (found.total > shown).then(|| {
        view! {
            <p class="hint">
                {t.sessions_shown(&count(shown), &count(found.total))} " "
                <a class="link" href=address("/admin/sessions", &[("user", &id.to_string())])>
                    {t.see_all}
                </a>
            </p>
        }
        .into_any()
    });
    let others = found.list.iter().any(|s| !s.current);
    let all = (may && others && found.total > 1).then(|| {
        let href = move || parts.shared.query.get().tab(id, "security", "end");
        view! {
            <div class="section-foot">
                <a class="button danger" href=href data-noscroll="true">
                    {icon(Icon::Out)}
                    {t.end_all_of_user}
                </a>
            </div>
        }
        .into_any()
    });
    let held = StoredValue::new(found.list);
    let question = move || {
        let asked = parts.asked.get();
        let session = asked.strip_prefix("end-").filter(|_| may)?;
        held.with_value(|list| {
            let mut others = list.iter().filter(|one| !one.current);
            let session = others.find(|one| one.id.0 == session)?;
            let shared = parts.shared;
            let close = shared.query.get_untracked().tab(id, "security", "");
            Some(end_one(ui, shared.version, session, close))
        })
    };
    view! {
        <ul class="lines">{rows}</ul>
        {more}
        {all}
        {move || question()}
    }
    .into_any()
}

fn one(ui: Ui, parts: Parts, id: i64, session: &OpenSession, may: bool) -> AnyView {
    let t = ui.t;
    let client = [session.browser.as_str(), session.os.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    let client = if client.is_empty() {
        t.unknown_client.to_owned()
    } else {
        client
    };
    let end = if session.current {
        view! { <span class="tag">{t.this_session}</span> }.into_any()
    } else if may {
        let ask = format!("end-{}", session.id);
        let href = move || parts.shared.query.get().tab(id, "security", &ask);
        let label = format!(
            "{}{}{client}{}{}",
            t.end_session,
            t.colon(),
            t.comma(),
            session.ip
        );
        view! {
            <a class="button small" href=href aria-label=label data-noscroll="true">
                {t.end}
            </a>
        }
        .into_any()
    } else {
        ().into_any()
    };
    view! {
        <li>
            <div>
                <b>{client.clone()}</b>
                <p class="hint">
                    {copyable(ui, session.ip.clone())}
                    " · "
                    {t.opened}
                    " "
                    {when(ui, session.opened_at)}
                    " · "
                    {t.last_seen}
                    " "
                    {when(ui, session.seen_at)}
                </p>
            </div>
            {end}
        </li>
    }
    .into_any()
}
