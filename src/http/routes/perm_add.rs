//! `POST /perm/{code}`: adds a code to the catalogue, for the services that use Menshen.

use crate::error::ApiError;
use crate::extract::{Body, Code, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, schema, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::permission::About;
use menshen_domain::session::PermissionItem;
use menshen_domain::{Text, catalogue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is said of a new code.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NewCodeReq {
    /// The Chinese name, 1 to 50 characters.
    #[schemars(with = "schema::Name")]
    name: Option<String>,
    /// The English name, at most 50 characters; the Chinese one by default.
    #[schemars(with = "Option<schema::ShortText>")]
    name_en: Option<String>,
    /// What it is for, at most 500 characters.
    #[schemars(with = "Option<schema::Remark>")]
    description: Option<String>,
}

impl From<NewCodeReq> for About {
    fn from(r: NewCodeReq) -> Self {
        Self {
            name: r.name,
            name_en: r.name_en,
            description: r.description,
        }
    }
}

/// A code of the catalogue, whole.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AboutView {
    /// The Chinese name.
    name: String,
    /// The English name.
    name_en: String,
    /// The code.
    permission: String,
    description: String,
}

impl From<PermissionItem> for AboutView {
    fn from(item: PermissionItem) -> Self {
        Self {
            name: item.name.zh.into_owned(),
            name_en: item.name.en.into_owned(),
            permission: item.code,
            description: item.description,
        }
    }
}

/// An endpoint at `/perm/{code}`.
pub(super) fn at_code(endpoint: Endpoint) -> Endpoint {
    endpoint
        .tag("Menshen")
        .parameter(
            "code",
            "path",
            "string",
            true,
            "The code, as in shop:order:list",
        )
        .detail("pattern", schema::CODE)
        .detail("maxLength", schema::CODE_MAX)
        .fails(400, "It is no code, or a field is not good")
        .fails(403, "The code is built in, or the permission is missing")
}

pub(super) fn endpoint() -> Endpoint {
    at_code(Endpoint::new(
        Method::POST,
        "/perm/{code}",
        Access::Permission(catalogue::PERM_ALTER),
        Text::fixed("新增权限标识", "Add a code to the catalogue"),
        handle,
    ))
    .takes::<NewCodeReq>()
    .gives::<view::Answer<AboutView>>(200, "The code as it was added")
    .fails(409, "It is there already")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Code(code): Code,
    Body(request): Body<NewCodeReq>,
) -> Result<Response, ApiError> {
    let permissions = &api.services.permissions;
    let made = permissions.create(&caller, &code, &request.into()).await?;
    Ok(view::ok(&context, &view::ADDED, AboutView::from(made)))
}
