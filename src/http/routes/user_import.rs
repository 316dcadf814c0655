//! `POST /user/import`: makes users from a CSV file.

use crate::body::Buffered;
use crate::error::ApiError;
use crate::extract::{Query, SignedIn};
use crate::view::{self, FieldFailure};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::{FromRequest as _, Multipart, Request, State};
use axum::http::{Method, header};
use axum::response::Response;
use menshen_domain::people::{BadLine, ImportReport, OneTimePassword};
use menshen_domain::{Error, Kind, Text, catalogue};
use menshen_services::users::ImportOptions;
use schemars::JsonSchema;
use serde::Serialize;

/// A CSV file in UTF-8: the first line names the columns, in any order. `username` must be there;
/// `password`, `nickname`, `phone`, `email`, `sex`, `status`, `deptPath` (or `deptId`, or
/// `deptName`), `roles` (keys, separated by `;`) and `remark` may be; `createTime`, `loginDate`
/// and `loginIp` are ignored.
#[derive(JsonSchema)]
#[schemars(transparent)]
#[expect(dead_code, reason = "tells the OpenAPI document what the body is")]
struct UserFile(String);

/// What came of an import.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ReportView {
    /// How many lines there are below the header.
    total: usize,
    /// How many of them are good.
    good: usize,
    /// How many are bad.
    bad: usize,
    /// How many users were made.
    created: usize,
    /// Whether nothing was to be made.
    dry_run: bool,
    /// The bad lines, each with all that is wrong with it.
    lines: Vec<LineView>,
    /// The passwords of those who were made without one. They are told this once, and must be
    /// changed at the first sign-in.
    passwords: Vec<PasswordView>,
}

/// A bad line.
#[derive(Serialize, JsonSchema)]
struct LineView {
    /// The line of the file, from 1; the header is the first.
    line: usize,
    /// The login name that it gives.
    username: String,
    /// What is wrong: the column, or `line`, and why.
    errors: Vec<FieldFailure>,
}

/// A password that was made up.
#[derive(Serialize, JsonSchema)]
struct PasswordView {
    username: String,
    password: String,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/user/import",
        Access::Permission(catalogue::USER_IMPORT),
        Text::fixed("导入用户", "Import users; needs system:user:add too"),
        handle,
    )
    .tag("Menshen")
    .details(Text::fixed(
        "没有写部门的行归入导入者自己的部门，除非导入者的数据范围是全部；\
         自己的部门不在数据范围内时，该行须写部门。",
        "A line that names no department comes to the importer's own, unless she sees everybody; \
         where her own is not in her sight, the line must name one.",
    ))
    .query(
        "dryRun",
        "string",
        "Only say what would come of it; without a value it is true",
    )
    .one_of(&["true", "false", "1", "0"])
    .query(
        "partial",
        "string",
        "Make the users of the good lines, though others are bad",
    )
    .one_of(&["true", "false", "1", "0"])
    .takes_as::<UserFile>("text/csv")
    .consumes("multipart/form-data")
    .gives::<view::Answer<ReportView>>(
        200,
        "What came of it. With a bad line, and without `partial`, nothing was made",
    )
    .fails(400, "It is no CSV file, or has a column that there is none")
    .fails(415, "It is neither text/csv nor multipart/form-data")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    query: Query,
    request: Request,
) -> Result<Response, ApiError> {
    let options = ImportOptions {
        dry_run: query.flag_or_bare("dryRun")?,
        partial: query.flag("partial")?,
    };
    let file = file(request).await?;
    let users = &api.services.users;
    let report = users.import(&caller, file, options).await?;
    let text = said(&report);
    Ok(view::ok(&context, &text, shown(&context, report)))
}

/// The file: the body itself, or what the form's field `file` holds.
async fn file(request: Request) -> Result<Vec<u8>, ApiError> {
    let media = request.headers().get(header::CONTENT_TYPE);
    let media = media.and_then(|m| m.to_str().ok()).unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("text/csv") {
        return Ok(Buffered::of(&request).to_vec());
    }
    if !essence.eq_ignore_ascii_case("multipart/form-data") {
        return Err(Error::new(
            Kind::Unsupported,
            "应为 CSV 文件：请求体（text/csv），或表单字段 file（multipart/form-data）",
            "It must be a CSV file: the body (text/csv), or the form's field file \
             (multipart/form-data)",
        )
        .into());
    }
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| no_form())?;
    while let Some(field) = form.next_field().await.map_err(|_| no_form())? {
        if field.name() == Some("file") {
            let bytes = field.bytes().await.map_err(|_| no_form())?;
            return Ok(bytes.to_vec());
        }
    }
    Err(Error::field(
        "file",
        Text::fixed("表单里没有这个字段", "is not among the form's fields"),
    )
    .into())
}

fn no_form() -> ApiError {
    Error::field(
        "body",
        Text::fixed("表单无法解析", "the form can't be read"),
    )
    .into()
}

fn said(report: &ImportReport) -> Text {
    let (total, bad, created) = (report.total, report.bad, report.created);
    if report.dry_run {
        return Text::new(
            format!("检查了 {total} 行，{bad} 行有误"),
            format!("{total} lines checked, {bad} of them bad"),
        );
    }
    if created == 0 && bad > 0 {
        return Text::new(
            format!("{bad} 行有误，没有导入任何用户"),
            format!("{bad} lines are bad: no user was made"),
        );
    }
    Text::new(
        format!("导入了 {created} 个用户，{bad} 行有误"),
        format!("{created} users made, {bad} lines bad"),
    )
}

fn shown(context: &RequestContext, report: ImportReport) -> ReportView {
    let line = |bad: BadLine| LineView {
        line: bad.line,
        username: bad.username,
        errors: bad
            .errors
            .iter()
            .map(|cell| view::field_failure(context, &cell.error))
            .collect(),
    };
    let password = |told: OneTimePassword| PasswordView {
        username: told.username,
        password: told.password,
    };
    ReportView {
        total: report.total,
        good: report.good,
        bad: report.bad,
        created: report.created,
        dry_run: report.dry_run,
        lines: report.lines.into_iter().map(line).collect(),
        passwords: report.passwords.into_iter().map(password).collect(),
    }
}
