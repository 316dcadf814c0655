//! `GET /session/list`: who is signed in where, in the caller's data scope.

use super::auth_sessions::{SessionView, shown};
use super::sorting;
use crate::error::ApiError;
use crate::extract::{Query, SignedIn};
use crate::view::{self, List};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::session::{SessionFilter, SessionKind, SessionSort};
use menshen_domain::{Error, PageRequest, Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    let endpoint = Endpoint::new(
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
    .one_of(&["api", "browser"]);
    sorting::declare(endpoint, &SessionSort::ALL.map(SessionSort::code))
        .gives::<view::Answer<List<SessionView>>>(
            200,
            "Those that can be used, the last seen first unless it is sorted otherwise",
        )
        .fails(400, "A parameter is not good")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    query: Query,
) -> Result<Response, ApiError> {
    let page = PageRequest::bounded(query.number("pageNum")?, query.number("pageSize")?);
    let sort = sorting::by(&query, &SessionSort::ALL, SessionSort::code)?;
    let descending = sorting::descending(&query)?;
    let filter = SessionFilter {
        username: query.text("username"),
        ip: query.text("ip"),
        kind: kind(query.text("kind").as_deref())?,
        // As in every list, upwards; as it comes by itself, the last seen first.
        ascending: !descending.unwrap_or(sort.is_none()),
        sort: sort.unwrap_or_default(),
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
