//! The file that the page of imports is sent, by a plain form or by the page itself.
//!
//! A form with a file in it is no server function's: this is a route beside them, with the same
//! guard and, further out, the same look at where the form comes from. It answers a plain form
//! with the page, which tells what came of the file and holds it for the next step; a report is
//! too long for a cookie, and its passwords are shown once.

use super::accepts_html;
use crate::boot::Outcome;
use crate::error::AppError;
use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::{Method, StatusCode, header, request::Parts};
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use menshen_domain::people::ImportReport;
use menshen_domain::{Error, Kind, Text, catalogue};
use menshen_services::spreadsheet;
use menshen_services::users::ImportOptions;
use menshen_services::{Caller, Identity, Services};

/// Where the file is sent.
pub(super) const PATH: &str = "/admin/users/import";

/// An empty file with the right columns.
pub(super) const TEMPLATE: &str = "/admin/users/import/template.csv";

/// The columns of that file.
const COLUMNS: [&str; 10] = [
    "username", "nickname", "password", "phone", "email", "sex", "status", "deptPath", "roles",
    "remark",
];

/// Answers with the empty file.
pub(super) async fn template() -> Response {
    let line = match spreadsheet::line(COLUMNS) {
        Ok(line) => line,
        Err(error) => return refused(error),
    };
    let mut file = spreadsheet::BYTE_ORDER_MARK.as_bytes().to_vec();
    file.extend(line);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"users.csv\"",
        ),
    ];
    (headers, file).into_response()
}

/// What was sent.
#[derive(Default)]
struct Sent {
    file: Vec<u8>,
    step: String,
}

/// Looks at the file, or makes its users, and tells what came of it.
pub(super) async fn handle<S, V>(services: Services, shell: S, request: Request) -> Response
where
    S: Fn() -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let caller = match allowed(&request) {
        Ok(caller) => caller,
        Err(error) if error.kind == Kind::Token && accepts_html(request.headers()) => {
            return Redirect::to("/admin/login").into_response();
        }
        Err(error) => return refused(error),
    };
    let (head, body) = request.into_parts();
    let plain = accepts_html(&head.headers);
    let sent = sent(Request::from_parts(head.clone(), body)).await;
    let (csv, report) = match sent {
        Ok(sent) => {
            let csv = String::from_utf8_lossy(&sent.file).into_owned();
            (csv, import(&services, &caller, sent).await)
        }
        Err(error) => (String::new(), Err(error)),
    };
    if !plain {
        return match report {
            Ok(report) => Json(report).into_response(),
            Err(error) => refused(error),
        };
    }
    // A file whose users were made is not to be sent again.
    let kept = report.as_ref().is_ok_and(|report| report.created == 0);
    let outcome = Outcome {
        report: report.map_err(plainly),
        csv: csv_if(kept, csv),
    };
    page(services, shell, head, outcome).await
}

fn csv_if(kept: bool, csv: String) -> String {
    if kept { csv } else { String::new() }
}

/// The guard.
fn allowed(request: &Request) -> Result<Caller, Error> {
    match request.extensions().get::<Identity>() {
        Some(Identity::SignedIn(caller)) => {
            caller.require(catalogue::USER_IMPORT)?;
            Ok(caller.clone())
        }
        _ => Err(Error::token()),
    }
}

async fn import(services: &Services, caller: &Caller, sent: Sent) -> Result<ImportReport, Error> {
    let options = ImportOptions {
        dry_run: !matches!(sent.step.as_str(), "import" | "partial"),
        partial: sent.step == "partial",
    };
    services.users.import(caller, sent.file, options).await
}

/// Reads the form: the file, or the one that the page held, and which step is wanted.
async fn sent(request: Request) -> Result<Sent, Error> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| unreadable())?;
    let mut sent = Sent::default();
    let mut held = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|_| unreadable())? {
        let name = field.name().unwrap_or_default().to_owned();
        let content = field.bytes().await.map_err(|_| unreadable())?;
        match name.as_str() {
            "file" => sent.file = content.to_vec(),
            "csv" => held = content.to_vec(),
            "step" => sent.step = String::from_utf8_lossy(&content).into_owned(),
            _ => {}
        }
    }
    if sent.file.is_empty() {
        sent.file = held;
    }
    if sent.file.is_empty() {
        return Err(Error::field(
            "file",
            Text::fixed("请选择文件", "choose a file"),
        ));
    }
    Ok(sent)
}

fn unreadable() -> Error {
    Error::field(
        "file",
        Text::fixed("表单无法解析，请重试", "can't be read. Try again"),
    )
}

/// An error as the page shows it.
fn plainly(error: Error) -> AppError {
    if error.kind == Kind::Internal {
        tracing::error!(%error, "an import failed");
    }
    AppError {
        kind: error.kind,
        text: error.text,
        fields: error.fields,
        request_id: Box::default(),
    }
}

/// An error as the page's own call is told it.
fn refused(error: Error) -> Response {
    let code = match error.kind {
        Kind::Token => StatusCode::UNAUTHORIZED,
        Kind::Forbidden { .. } | Kind::Locked => StatusCode::FORBIDDEN,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Kind::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    (code, Json(plainly(error))).into_response()
}

/// The page of imports with what came of the file, drawn as if it had been asked for.
async fn page<S, V>(services: Services, shell: S, head: Parts, outcome: Outcome) -> Response
where
    S: Fn() -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let mut request = Request::from_parts(head, Body::empty());
    *request.method_mut() = Method::GET;
    let context = move || {
        provide_context(services.clone());
        provide_context(outcome.clone());
    };
    leptos_axum::render_app_async_with_context(context, shell)(request).await
}
