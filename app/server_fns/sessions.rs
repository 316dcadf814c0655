//! Everybody's sessions.

use super::Done;
#[cfg(feature = "ssr")]
use crate::calls::{Runner, run};
use crate::error::AppError;
use leptos::prelude::*;
use menshen_domain::Page;
use menshen_domain::people::PickedUser;
use menshen_domain::session::OpenSession;

/// The questions that pages ask.
#[cfg(feature = "ssr")]
pub(crate) static QUESTIONS: &[(&str, Runner)] = &[
    ("list_sessions", run::<ListSessions>),
    ("session_owner", run::<SessionOwner>),
    ("my_session_among", run::<MySessionAmong>),
];

/// Lists open sessions. `monitor:session:list`.
#[server(prefix = "/admin/fn", endpoint = "list_sessions")]
pub(crate) async fn list_sessions(
    #[server(default)] q: String,
    #[server(default)] kind: String,
    #[server(default)] user: String,
    #[server(default)] sort: String,
    #[server(default)] order: String,
    #[server(default)] page: String,
) -> Result<Page<OpenSession>, AppError> {
    use super::users::PAGE_SIZE;
    use crate::server::guard;
    use menshen_domain::session::{SessionFilter, SessionKind, SessionSort};
    use menshen_domain::{PageRequest, UserId, catalogue};
    let caller = guard::require(catalogue::SESSION_LIST)?;
    let filter = SessionFilter {
        text: Some(q).filter(|text| !text.is_empty()),
        kind: SessionKind::from_code(&kind),
        user_id: user.parse().ok().map(UserId),
        sort: SessionSort::from_code(&sort).unwrap_or_default(),
        ascending: order == "asc",
        ..SessionFilter::default()
    };
    let page = PageRequest::bounded(page.parse().ok(), Some(PAGE_SIZE));
    let sessions = guard::services()?.sessions;
    Ok(sessions.browse(&caller, &filter, page).await?)
}

/// Whose sessions a list is narrowed to; nobody for who is out of sight. `monitor:session:list`.
#[server(prefix = "/admin/fn", endpoint = "session_owner")]
pub(crate) async fn session_owner(
    #[server(default)] user: i64,
) -> Result<Option<PickedUser>, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::SESSION_LIST)?;
    let sessions = guard::services()?.sessions;
    Ok(sessions.owner(&caller, user.into()).await?)
}

/// Whether the session that asks is among these: their ids, parted by spaces.
/// `monitor:session:list`.
#[server(prefix = "/admin/fn", endpoint = "my_session_among")]
pub(crate) async fn my_session_among(#[server(default)] ids: String) -> Result<bool, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::SESSION_LIST)?;
    Ok(each(&ids).contains(caller.session_id()))
}

/// Ends a session; `name` is whose it is. `monitor:session:revoke`.
#[server(prefix = "/admin/fn", endpoint = "end_session")]
pub(crate) async fn end_session(
    #[server(default)] id: String,
    #[server(default)] name: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::SessionId;
    let caller = guard::require(menshen_domain::catalogue::SESSION_REVOKE)?;
    let id = SessionId(id);
    let sessions = guard::services()?.sessions;
    sessions.revoke(&caller, &id).await?;
    if id == *caller.session_id() {
        return leave().await;
    }
    answer::stay(|t| t.session_ended(&name), None);
    Ok(Done::name(name))
}

/// Ends all sessions of a user; of one's own, all but this one. `monitor:session:revoke`.
#[server(prefix = "/admin/fn", endpoint = "end_user_sessions")]
pub(crate) async fn end_user_sessions(#[server(default)] id: i64) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::SESSION_REVOKE)?;
    let sessions = guard::services()?.sessions;
    let (ended, name) = sessions.revoke_user(&caller, id.into()).await?;
    let count = i64::try_from(ended).unwrap_or(i64::MAX);
    answer::stay(|t| t.sessions_of_ended(count, &name), None);
    Ok(Done {
        name,
        count,
        ..Done::default()
    })
}

/// Ends several sessions: their ids, parted by spaces. `monitor:session:revoke`.
#[server(prefix = "/admin/fn", endpoint = "end_sessions")]
pub(crate) async fn end_sessions(#[server(default)] ids: String) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::SESSION_REVOKE)?;
    let ids = each(&ids);
    let sessions = guard::services()?.sessions;
    let ended = sessions.revoke_several(&caller, &ids).await?;
    if ids.contains(caller.session_id()) {
        return leave().await;
    }
    let count = i64::try_from(ended).unwrap_or(i64::MAX);
    answer::to_list("/admin/sessions", |t| t.sessions_ended(count));
    Ok(Done {
        count,
        ..Done::default()
    })
}

/// The ids that a form names.
#[cfg(feature = "ssr")]
fn each(ids: &str) -> Vec<menshen_domain::SessionId> {
    let ids = ids.split_whitespace();
    ids.map(|id| menshen_domain::SessionId(id.to_owned()))
        .collect()
}

/// The session that asks has ended: its browser goes to the login page.
#[cfg(feature = "ssr")]
pub(super) async fn leave() -> Result<Done, AppError> {
    use crate::server::{answer, guard, internal};
    guard::session()?.flush().await.map_err(internal)?;
    answer::go("/admin/login");
    Ok(Done::to("/admin/login"))
}
