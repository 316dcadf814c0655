//! `GET /log/login` and `GET /log/operation`, and both as CSV: what happened, in the caller's
//! data scope.

use super::{log_filter, sorting};
use crate::error::ApiError;
use crate::extract::{Query, SignedIn};
use crate::view::{self, List, Times};
use crate::{Access, Api, Endpoint, RequestContext, csv_file};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use futures_util::stream;
use menshen_domain::log::{self, LogEntry, LogFilter, LogKind};
use menshen_domain::{Error, Lang, PageRequest, Text, catalogue};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A sign-in, or what ended one.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LoginView {
    log_id: i64,
    /// The user, when known.
    user_id: Option<i64>,
    /// The name that was given.
    username: String,
    ip: String,
    user_agent: String,
    /// As far as the User-Agent tells.
    browser: String,
    /// As far as the User-Agent tells.
    os: String,
    success: bool,
    /// `0` success, `1` failure.
    status: &'static str,
    /// `sign_in`, `sign_out` or `session_revoked`.
    action: String,
    /// What happened, in the language of the answer.
    message: String,
    /// The code of the reason of a failure.
    reason: Option<String>,
    /// `YYYY-MM-DD HH:MM:SS`.
    login_time: String,
    request_id: String,
    session_id: Option<String>,
    /// Whether the entry is as it was written.
    valid: bool,
}

/// A change.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OperationView {
    log_id: i64,
    /// Who did it, when known.
    user_id: Option<i64>,
    username: String,
    ip: String,
    user_agent: String,
    /// As far as the User-Agent tells.
    browser: String,
    /// As far as the User-Agent tells.
    os: String,
    success: bool,
    /// `0` success, `1` failure.
    status: &'static str,
    /// As in `role.update`.
    action: String,
    /// What the action is called, in the language of the answer.
    title: String,
    /// What kind of thing it was done to.
    target_kind: Option<String>,
    target_id: Option<String>,
    target_name: Option<String>,
    /// What was so before.
    before: Value,
    /// What is so since.
    after: Value,
    /// What else there is to say of it.
    detail: Value,
    /// `YYYY-MM-DD HH:MM:SS`.
    create_time: String,
    request_id: String,
    session_id: Option<String>,
    /// Whether the entry is as it was written.
    valid: bool,
}

fn status(success: bool) -> &'static str {
    if success { "0" } else { "1" }
}

/// What happened at a sign-in, in a few words.
fn message(entry: &LogEntry, lang: Lang) -> String {
    let what = log::title(&entry.action);
    match (&entry.reason, entry.success) {
        (Some(reason), _) => log::reason(reason).get(lang).to_owned(),
        (None, true) => match lang {
            Lang::Zh => format!("{}成功", what.zh),
            Lang::En => format!("{}: done", what.en),
        },
        (None, false) => match lang {
            Lang::Zh => format!("{}失败", what.zh),
            Lang::En => format!("{}: failed", what.en),
        },
    }
}

fn login(api: &Api, lang: Lang, entry: LogEntry) -> LoginView {
    LoginView {
        log_id: entry.id,
        user_id: entry.actor_id.map(|u| u.0),
        success: entry.success,
        status: status(entry.success),
        message: message(&entry, lang),
        login_time: Times(&api.zone).plain(entry.at),
        username: entry.actor_name,
        ip: entry.ip,
        user_agent: entry.user_agent,
        browser: entry.browser,
        os: entry.os,
        action: entry.action,
        reason: entry.reason,
        request_id: entry.request_id,
        session_id: entry.session_id.map(|s| s.0),
        valid: entry.valid,
    }
}

fn operation(api: &Api, lang: Lang, entry: LogEntry) -> OperationView {
    let mut detail: Value = serde_json::from_str(&entry.detail).unwrap_or_default();
    let mut take = |name: &str| {
        detail
            .as_object_mut()
            .and_then(|d| d.shift_remove(name))
            .unwrap_or_default()
    };
    OperationView {
        before: take("before"),
        after: take("after"),
        log_id: entry.id,
        user_id: entry.actor_id.map(|u| u.0),
        success: entry.success,
        status: status(entry.success),
        title: log::title(&entry.action).get(lang).to_owned(),
        create_time: Times(&api.zone).plain(entry.at),
        username: entry.actor_name,
        ip: entry.ip,
        user_agent: entry.user_agent,
        browser: entry.browser,
        os: entry.os,
        action: entry.action,
        target_kind: entry.target_kind,
        target_id: entry.target_id,
        target_name: entry.target_name,
        detail,
        request_id: entry.request_id,
        session_id: entry.session_id.map(|s| s.0),
        valid: entry.valid,
    }
}

/// Adds what a list takes beside the filter; `time` is what it is sorted by. Logs are long, and
/// have an index by time alone.
fn paged(endpoint: Endpoint, time: &'static str) -> Endpoint {
    let endpoint = endpoint
        .query("pageNum", "integer", "The page, from 1")
        .query(
            "pageSize",
            "integer",
            "Entries on a page: 10 by default, 200 at most",
        );
    log_filter::declare(sorting::declare(endpoint, &[time]))
}

/// Reads those parameters, and the filter.
fn wanted(
    api: &Api,
    query: &Query,
    time: &'static str,
) -> Result<(LogFilter, PageRequest), ApiError> {
    let sort = sorting::by(query, &[time], |code| code)?;
    let descending = sorting::descending(query)?;
    let filter = LogFilter {
        // As in every list, upwards; as it comes by itself, the newest first.
        oldest_first: !descending.unwrap_or(sort.is_none()),
        ..log_filter::read(query, &api.zone)?
    };
    let page = PageRequest::bounded(query.number("pageNum")?, query.number("pageSize")?);
    Ok((filter, page))
}

pub(super) fn list_login() -> Endpoint {
    let endpoint = Endpoint::new(
        Method::GET,
        "/log/login",
        Access::Permission(catalogue::LOG_LOGIN),
        Text::fixed("登录日志", "Read the login log"),
        handle_login,
    );
    paged(endpoint, "loginTime").gives::<view::Answer<List<LoginView>>>(
        200,
        "One page, newest first unless it is sorted otherwise, of those whom the caller sees",
    )
}

async fn handle_login(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    query: Query,
) -> Result<Response, ApiError> {
    let (filter, page) = wanted(&api, &query, "loginTime")?;
    let logs = &api.services.logs;
    let found = logs.list(&caller, LogKind::Login, &filter, page).await?;
    let lang = context.client.lang;
    let entries = found.list.into_iter();
    let list = List {
        total: found.total,
        list: entries.map(|e| login(&api, lang, e)).collect(),
    };
    Ok(view::ok(&context, &view::QUERIED, list))
}

pub(super) fn list_operation() -> Endpoint {
    let endpoint = Endpoint::new(
        Method::GET,
        "/log/operation",
        Access::Permission(catalogue::LOG_OPERATION),
        Text::fixed("操作日志", "Read the operation log"),
        handle_operation,
    );
    paged(endpoint, "createTime").gives::<view::Answer<List<OperationView>>>(
        200,
        "One page, newest first unless it is sorted otherwise, of those whom the caller sees",
    )
}

async fn handle_operation(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    query: Query,
) -> Result<Response, ApiError> {
    let (filter, page) = wanted(&api, &query, "createTime")?;
    let logs = &api.services.logs;
    let found = logs
        .list(&caller, LogKind::Operation, &filter, page)
        .await?;
    let lang = context.client.lang;
    let entries = found.list.into_iter();
    let list = List {
        total: found.total,
        list: entries.map(|e| operation(&api, lang, e)).collect(),
    };
    Ok(view::ok(&context, &view::QUERIED, list))
}

/// What a log is as a file.
struct File<V, const N: usize> {
    kind: LogKind,
    name: &'static str,
    /// Fields of the view, in their order.
    columns: [&'static str; N],
    view: fn(&Api, Lang, LogEntry) -> V,
}

const LOGIN_FILE: File<LoginView, 15> = File {
    kind: LogKind::Login,
    name: "login-log.csv",
    columns: [
        "logId",
        "loginTime",
        "username",
        "userId",
        "success",
        "action",
        "message",
        "reason",
        "ip",
        "browser",
        "os",
        "userAgent",
        "sessionId",
        "requestId",
        "valid",
    ],
    view: login,
};

const OPERATION_FILE: File<OperationView, 20> = File {
    kind: LogKind::Operation,
    name: "operation-log.csv",
    columns: [
        "logId",
        "createTime",
        "username",
        "userId",
        "success",
        "action",
        "title",
        "targetKind",
        "targetId",
        "targetName",
        "before",
        "after",
        "detail",
        "ip",
        "browser",
        "os",
        "userAgent",
        "sessionId",
        "requestId",
        "valid",
    ],
    view: operation,
};

impl<V: Serialize + 'static, const N: usize> File<V, N> {
    async fn handle(
        self,
        State(api): State<Api>,
        context: RequestContext,
        SignedIn(caller): SignedIn,
        query: Query,
    ) -> Result<Response, ApiError> {
        let filter = log_filter::read(&query, &api.zone)?;
        let logs = &api.services.logs;
        let export = logs.export(&caller, self.kind, filter).await?;
        let (name, columns) = (self.name, self.columns);
        let running = (self, api, context.client.lang, export);
        let pieces = stream::try_unfold(running, async |(file, api, lang, mut export)| {
            let Some(entries) = export.next().await? else {
                return Ok(None);
            };
            let rows = entries
                .into_iter()
                .map(|entry| file.row(&(file.view)(&api, lang, entry)));
            let rows: Vec<_> = rows.collect::<Result<_, Error>>()?;
            Ok(Some((rows, (file, api, lang, export))))
        });
        csv_file::download(name, columns, pieces)
    }

    /// An entry, cell by cell.
    fn row(&self, view: &V) -> Result<[String; N], Error> {
        let mut fields = serde_json::to_value(view).map_err(Error::internal)?;
        Ok(self.columns.map(|column| match fields[column].take() {
            Value::Null => String::new(),
            Value::String(text) => text,
            other => other.to_string(),
        }))
    }
}

pub(super) fn export_login() -> Endpoint {
    let endpoint = Endpoint::new(
        Method::GET,
        "/log/login/export",
        Access::Permission(catalogue::LOG_EXPORT),
        Text::fixed("导出登录日志", "Export the login log"),
        async |api, context, caller, query| LOGIN_FILE.handle(api, context, caller, query).await,
    );
    csv_file::declare(log_filter::declare(endpoint))
}

pub(super) fn export_operation() -> Endpoint {
    let endpoint = Endpoint::new(
        Method::GET,
        "/log/operation/export",
        Access::Permission(catalogue::LOG_EXPORT),
        Text::fixed("导出操作日志", "Export the operation log"),
        async |api, context, caller, query| {
            OPERATION_FILE.handle(api, context, caller, query).await
        },
    );
    csv_file::declare(log_filter::declare(endpoint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_a_file_is_a_field_of_its_entries() {
        fn check<V: JsonSchema, const N: usize>(file: &File<V, N>) {
            let schema = schemars::schema_for!(V);
            for column in file.columns {
                let found = schema.pointer(&format!("/properties/{column}"));
                assert!(found.is_some(), "{}: {column}", file.name);
            }
        }
        check(&LOGIN_FILE);
        check(&OPERATION_FILE);
    }
}
