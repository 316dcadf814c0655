//! `PUT /perm/{code}`: changes what the catalogue says of a code that is not built in.

use super::perm_add::{AboutReq, AboutView, at_code};
use crate::error::ApiError;
use crate::extract::{Body, Code, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, catalogue};

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
