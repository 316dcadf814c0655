//! `GET /session/list`: who is signed in where, in the caller's data scope.

use super::auth_sessions::{SessionView, shown};
use crate::error::ApiError;
use crate::extract::{Query, SignedIn};
use crate::view::{self, List};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::session::{SessionFilter, SessionKind};
use menshen_domain::{Error, PageRequest, Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/session/list",
        Access::Permission(catalogue::SESSION_LIST),
        Text::fixed("在线会话列表", "List everyone's sessions"),
        handle,
    )
    .tag("Menshen")
    .query("pageNum", "integer", "The page, from 1")
    .query(
        "pageSize",
        "integer",
        "Sessions on a page: 10 by default, 200 at most",
    )
    .query("username", "string", "Part of the user's name")
    .query("ip", "string", "Part of the address")
    .query("kind", "string", "What opened it")
    .one_of(&["api", "browser"])
    .gives::<view::Answer<List<SessionView>>>(200, "Those that can be used, the last seen first")
    .fails(400, "A parameter is not good")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    query: Query,
) -> Result<Response, ApiError> {
    let page = PageRequest::bounded(query.number("pageNum")?, query.number("pageSize")?);
    let filter = SessionFilter {
        username: query.text("username"),
        ip: query.text("ip"),
        kind: kind(query.text("kind").as_deref())?,
        ..SessionFilter::default()
    };
    let sessions = &api.services.sessions;
    let found = sessions.list_all(&caller, &filter, page).await?;
    let list = List {
        total: found.total,
        list: found.list.into_iter().map(|s| shown(&api, s)).collect(),
    };
    Ok(view::ok(&context, &view::QUERIED, list))
}

fn kind(text: Option<&str>) -> Result<Option<SessionKind>, ApiError> {
    let read = |code: &str| {
        SessionKind::from_code(code).ok_or_else(|| {
            Error::field(
                "kind",
                Text::fixed("应为 api 或 browser", "must be api or browser"),
            )
        })
    };
    Ok(text.map(read).transpose()?)
}
