//! `GET /auth/sessions`, `DELETE /auth/sessions/{sid}`, `DELETE /auth/sessions`: where one is
//! signed in oneself.

use crate::error::ApiError;
use crate::extract::{Query, Sid, SignedIn};
use crate::view::{self, List, Times};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::page::MAX_PAGE_SIZE;
use menshen_domain::session::OpenSession;
use menshen_domain::{PageRequest, Text};
use schemars::JsonSchema;
use serde::Serialize;

pub(super) static ENDED: Text = Text::fixed("会话已结束", "The session has ended");

/// A session that can still be used.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionView {
    session_id: String,
    user_id: i64,
    username: String,
    /// `api` or `browser`.
    kind: &'static str,
    ip: String,
    user_agent: String,
    /// As far as the User-Agent tells.
    browser: String,
    /// As far as the User-Agent tells.
    os: String,
    /// `YYYY-MM-DD HH:MM:SS`.
    login_time: String,
    /// To the minute or so.
    last_seen_time: String,
    expire_time: String,
    /// Whether it is the one that asks.
    current: bool,
}

pub(super) fn shown(api: &Api, session: OpenSession) -> SessionView {
    let times = Times(&api.zone);
    SessionView {
        session_id: session.id.0,
        user_id: session.user_id.0,
        username: session.username,
        kind: session.kind.code(),
        ip: session.ip,
        user_agent: session.user_agent,
        browser: session.browser,
        os: session.os,
        login_time: times.plain(session.opened_at),
        last_seen_time: times.plain(session.seen_at),
        expire_time: times.plain(session.expires_at),
        current: session.current,
    }
}

pub(super) fn list() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/auth/sessions",
        Access::SignedInAnyhow,
        Text::fixed("自己的会话", "List one's own sessions"),
        handle_list,
    )
    .tag("Menshen")
    .query("pageNum", "integer", "The page, from 1")
    .query(
        "pageSize",
        "integer",
        "Sessions on a page: 200 by default and at most",
    )
    .gives::<view::Answer<List<SessionView>>>(200, "Those that can be used, the last seen first")
    .fails(400, "A parameter is not good")
}

async fn handle_list(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    query: Query,
) -> Result<Response, ApiError> {
    let size = query.number("pageSize")?.unwrap_or(MAX_PAGE_SIZE);
    let page = PageRequest::bounded(query.number("pageNum")?, Some(size));
    let found = api.services.sessions.list_own(&caller, page).await?;
    let list = List {
        total: found.total,
        list: found.list.into_iter().map(|s| shown(&api, s)).collect(),
    };
    Ok(view::ok(&context, &view::QUERIED, list))
}

pub(super) fn end() -> Endpoint {
    Endpoint::new(
        Method::DELETE,
        "/auth/sessions/{sid}",
        Access::SignedInAnyhow,
        Text::fixed("结束自己的一个会话", "End one of one's own sessions"),
        handle_end,
    )
    .tag("Menshen")
    .parameter("sid", "path", "string", true, "The session's id")
    .gives::<view::Answer<()>>(200, "It has ended, at once")
    .fails(404, "There is none of one's own with this id")
}

async fn handle_end(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Sid(sid): Sid,
) -> Result<Response, ApiError> {
    api.services.sessions.end_own(&caller, &sid).await?;
    Ok(view::ok(&context, &ENDED, ()))
}

/// How many sessions were ended.
#[derive(Debug, Serialize, JsonSchema)]
struct Ended {
    ended: u64,
}

pub(super) fn end_others() -> Endpoint {
    Endpoint::new(
        Method::DELETE,
        "/auth/sessions",
        Access::SignedInAnyhow,
        Text::fixed(
            "结束自己的其他会话",
            "End all of one's own sessions but this one",
        ),
        handle_end_others,
    )
    .tag("Menshen")
    .gives::<view::Answer<Ended>>(200, "They have ended, at once")
}

async fn handle_end_others(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
) -> Result<Response, ApiError> {
    let ended = api.services.sessions.end_others(&caller).await?;
    Ok(view::ok(&context, &ENDED, Ended { ended }))
}
