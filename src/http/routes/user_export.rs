//! `GET /user/export`: what `GET /user/list` would list, all of it, as a CSV file.

use super::user_list;
use crate::error::ApiError;
use crate::extract::{Query, SignedIn};
use crate::view;
use crate::{Access, Api, Endpoint};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, Method, header};
use axum::response::Response;
use futures_util::stream;
use menshen_domain::{Error, Text, catalogue};
use menshen_services::spreadsheet;
use menshen_services::users::Export;

const MEDIA: &str = "text/csv; charset=utf-8";

pub(super) fn endpoint() -> Endpoint {
    let mut endpoint = Endpoint::new(
        Method::GET,
        "/user/export",
        Access::Permission(catalogue::USER_EXPORT),
        Text::fixed("导出用户", "Export users"),
        handle,
    )
    .tag("Menshen")
    .gives_media(
        200,
        "text/csv",
        "A CSV file: in UTF-8 with a byte order mark, and with an apostrophe before what a \
         spreadsheet program would take for a formula",
    )
    .fails(400, "A parameter is not good");
    // The list's, except for the page.
    let parameters = user_list::endpoint().parameters;
    let of_list = parameters.into_iter();
    endpoint.parameters = of_list.filter(|p| !p.name.starts_with("page")).collect();
    endpoint
}

async fn handle(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    query: Query,
) -> Result<Response, ApiError> {
    let filter = user_list::filter(&api, &query)?;
    let export = api.services.users.export(&caller, filter).await?;
    let name = format!(
        "users-{}.csv",
        view::Times(&api.zone).stamp(api.services.now())
    );
    let mut response = Response::new(Body::from_stream(stream::try_unfold(
        Running {
            api,
            export,
            begun: false,
        },
        Running::next,
    )));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA));
    let disposition = format!("attachment; filename=\"{name}\"");
    let disposition = HeaderValue::from_str(&disposition).map_err(Error::internal)?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

/// A file that is written as fast as it is read, a piece at a time.
struct Running {
    api: Api,
    export: Export,
    begun: bool,
}

impl Running {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Error> {
        let mut piece = Vec::new();
        if !self.begun {
            self.begun = true;
            piece.extend_from_slice(spreadsheet::BYTE_ORDER_MARK.as_bytes());
            piece.extend(spreadsheet::line(view::EXPORTED)?);
            return Ok(Some((piece.into(), self)));
        }
        // The answer has begun: all that is left is to break it off, so that nobody takes half a
        // file for a whole one.
        let users = self.export.next().await.inspect_err(|error| {
            tracing::error!(%error, "an export broke off");
        })?;
        let Some(users) = users else { return Ok(None) };
        for user in users {
            piece.extend(spreadsheet::line(view::exported(&self.api, user))?);
        }
        Ok(Some((piece.into(), self)))
    }
}
