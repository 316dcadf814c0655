//! The login log and the operation log.

#[cfg(feature = "ssr")]
use crate::calls::{Runner, run};
use crate::error::AppError;
use leptos::prelude::*;
use menshen_domain::log::{LogPage, Operation};
use serde::{Deserialize, Serialize};

/// The questions that pages ask.
#[cfg(feature = "ssr")]
pub(crate) static QUESTIONS: &[(&str, Runner)] = &[
    ("list_sign_ins", run::<ListSignIns>),
    ("list_operations", run::<ListOperations>),
    ("get_operation", run::<GetOperation>),
];

/// Which entries are listed: exactly what the page's address says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LogQuery {
    /// Part of a name.
    pub q: String,
    /// `0` for what succeeded, `1` for what failed; anything else for both.
    pub result: String,
    /// One of [`menshen_domain::log::METHODS`]; of sign-ins alone.
    pub method: String,
    /// One of [`menshen_domain::log::AREAS`]; of changes alone.
    pub area: String,
    /// Part of an address.
    pub ip: String,
    /// `today`, `7d` or `30d`; anything else for what `from` and `to` say.
    pub range: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// `asc` for the oldest first; anything else for the newest.
    pub order: String,
    /// From 1.
    pub page: i64,
}

/// Lists sign-ins. `monitor:log:login`.
#[server(prefix = "/admin/fn", endpoint = "list_sign_ins")]
pub(crate) async fn list_sign_ins(#[server(default)] query: LogQuery) -> Result<LogPage, AppError> {
    use crate::server::guard;
    use menshen_domain::log::LogKind;
    let caller = guard::require(menshen_domain::catalogue::LOG_LOGIN)?;
    let area = String::new();
    listed(&caller, LogKind::Login, LogQuery { area, ..query }).await
}

/// Lists changes. `monitor:log:operation`.
#[server(prefix = "/admin/fn", endpoint = "list_operations")]
pub(crate) async fn list_operations(
    #[server(default)] query: LogQuery,
) -> Result<LogPage, AppError> {
    use crate::server::guard;
    use menshen_domain::log::LogKind;
    let caller = guard::require(menshen_domain::catalogue::LOG_OPERATION)?;
    let method = String::new();
    listed(&caller, LogKind::Operation, LogQuery { method, ..query }).await
}

/// A page of a log.
#[cfg(feature = "ssr")]
async fn listed(
    caller: &menshen_services::Caller,
    kind: menshen_domain::log::LogKind,
    query: LogQuery,
) -> Result<LogPage, AppError> {
    use super::users::PAGE_SIZE;
    use menshen_domain::PageRequest;
    use menshen_domain::log::LogFilter;
    use menshen_services::logs::Span;
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let filter = LogFilter {
        text: given(query.q),
        success: match query.result.as_str() {
            "0" => Some(true),
            "1" => Some(false),
            _ => None,
        },
        method: given(query.method),
        area: given(query.area),
        ip: given(query.ip),
        oldest_first: query.order == "asc",
        ..LogFilter::default()
    };
    let span = Span {
        range: query.range,
        from: query.from,
        to: query.to,
    };
    let page = PageRequest::bounded(Some(query.page), Some(PAGE_SIZE));
    let logs = crate::server::guard::services()?.logs;
    Ok(logs.browse(caller, kind, &filter, &span, page).await?)
}

/// One change, field by field. `monitor:log:operation`.
#[server(prefix = "/admin/fn", endpoint = "get_operation")]
pub(crate) async fn get_operation(#[server(default)] id: String) -> Result<Operation, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::LOG_OPERATION)?;
    // What is no number is no entry either.
    let id = id.parse().unwrap_or_default();
    Ok(guard::services()?.logs.operation(&caller, id).await?)
}
