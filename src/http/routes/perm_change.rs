//! `PUT /perm/{code}`: changes what the catalogue says of a code that is not built in.

use super::perm_add::{AboutView, at_code};
use crate::error::ApiError;
use crate::extract::{Body, Code, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, schema, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::permission::About;
use menshen_domain::{Text, catalogue};
use schemars::JsonSchema;
use serde::Deserialize;

/// What is to be said of a code. What is not sent stays as it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AboutReq {
    /// The Chinese name, 1 to 50 characters.
    #[schemars(with = "Option<schema::Name>")]
    name: Option<String>,
    /// The English name, at most 50 characters; empty: the same as the Chinese one.
    #[schemars(with = "Option<schema::ShortText>")]
    name_en: Option<String>,
    /// What it is for, at most 500 characters.
    #[schemars(with = "Option<schema::Remark>")]
    description: Option<String>,
}

impl From<AboutReq> for About {
    fn from(r: AboutReq) -> Self {
        Self {
            name: r.name,
            name_en: r.name_en,
            description: r.description,
        }
    }
}

pub(super) fn endpoint() -> Endpoint {
    at_code(Endpoint::new(
        Method::PUT,
        "/perm/{code}",
        Access::Permission(catalogue::PERM_ALTER),
        Text::fixed("修改权限标识", "Change a code's name or description"),
        handle,
    ))
    .takes::<AboutReq>()
    .gives::<view::Answer<AboutView>>(200, "The code as it is now")
    .fails(404, "No such code")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Code(code): Code,
    Body(request): Body<AboutReq>,
) -> Result<Response, ApiError> {
    let permissions = &api.services.permissions;
    let changed = permissions.update(&caller, &code, &request.into()).await?;
    Ok(view::ok(&context, &view::CHANGED, AboutView::from(changed)))
}
