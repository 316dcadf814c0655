//! The login log and the operation log.

#[cfg(feature = "ssr")]
use crate::calls::{Runner, run};
use crate::error::AppError;
use leptos::prelude::*;
use menshen_domain::log::{LogPage, Operation};

/// The questions that pages ask.
#[cfg(feature = "ssr")]
pub(crate) static QUESTIONS: &[(&str, Runner)] = &[
    ("list_sign_ins", run::<ListSignIns>),
    ("list_operations", run::<ListOperations>),
    ("get_operation", run::<GetOperation>),
];

/// Lists sign-ins. `monitor:log:login`.
#[server(prefix = "/admin/fn", endpoint = "list_sign_ins")]
pub(crate) async fn list_sign_ins(
    #[server(default)] q: String,
    #[server(default)] result: String,
    #[server(default)] method: String,
    #[server(default)] ip: String,
    #[server(default)] range: String,
    #[server(default)] from: String,
    #[server(default)] to: String,
    #[server(default)] page: String,
) -> Result<LogPage, AppError> {
    use crate::server::guard;
    use menshen_domain::log::{LogFilter, LogKind};
    use menshen_services::logs::Span;
    let caller = guard::require(menshen_domain::catalogue::LOG_LOGIN)?;
    let filter = LogFilter {
        text: given(q),
        success: success(&result),
        method: given(method),
        ip: given(ip),
        ..LogFilter::default()
    };
    let span = Span { range, from, to };
    let (logs, page) = (guard::services()?.logs, paged(&page));
    let kind = LogKind::Login;
    Ok(logs.browse(&caller, kind, &filter, &span, page).await?)
}

/// Lists changes. `monitor:log:operation`.
#[server(prefix = "/admin/fn", endpoint = "list_operations")]
pub(crate) async fn list_operations(
    #[server(default)] q: String,
    #[server(default)] result: String,
    #[server(default)] area: String,
    #[server(default)] ip: String,
    #[server(default)] range: String,
    #[server(default)] from: String,
    #[server(default)] to: String,
    #[server(default)] page: String,
) -> Result<LogPage, AppError> {
    use crate::server::guard;
    use menshen_domain::log::{LogFilter, LogKind};
    use menshen_services::logs::Span;
    let caller = guard::require(menshen_domain::catalogue::LOG_OPERATION)?;
    let filter = LogFilter {
        text: given(q),
        success: success(&result),
        area: given(area),
        ip: given(ip),
        ..LogFilter::default()
    };
    let span = Span { range, from, to };
    let (logs, page) = (guard::services()?.logs, paged(&page));
    let kind = LogKind::Operation;
    Ok(logs.browse(&caller, kind, &filter, &span, page).await?)
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

#[cfg(feature = "ssr")]
fn given(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(feature = "ssr")]
fn success(result: &str) -> Option<bool> {
    match result {
        "0" => Some(true),
        "1" => Some(false),
        _ => None,
    }
}

#[cfg(feature = "ssr")]
fn paged(page: &str) -> menshen_domain::PageRequest {
    use super::users::PAGE_SIZE;
    menshen_domain::PageRequest::bounded(page.parse().ok(), Some(PAGE_SIZE))
}
