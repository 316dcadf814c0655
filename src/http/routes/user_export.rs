//! `GET /user/export`: what `GET /user/list` would list, all of it, as a CSV file.

use super::user_list;
use crate::error::ApiError;
use crate::extract::{Query, SignedIn};
use crate::{Access, Api, Endpoint};
use crate::{csv_file, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use futures_util::stream;
use menshen_domain::{Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    let mut endpoint = csv_file::declare(
        Endpoint::new(
            Method::GET,
            "/user/export",
            Access::Permission(catalogue::USER_EXPORT),
            Text::fixed("导出用户", "Export users"),
            handle,
        )
        .tag("Menshen"),
    );
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
    let pieces = stream::try_unfold((api, export), async |(api, mut export)| {
        let piece = export.next().await?;
        Ok(piece.map(|users| {
            let rows = users.into_iter().map(|user| view::exported(&api, user));
            (rows.collect(), (api, export))
        }))
    });
    csv_file::download(&name, view::EXPORTED, pieces)
}
