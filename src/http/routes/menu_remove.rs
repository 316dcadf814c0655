//! `DELETE /menu/{menuId}`.

use crate::error::ApiError;
use crate::extract::{Id, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{MenuId, Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::DELETE,
        "/menu/{menuId}",
        Access::Permission(catalogue::MENU_REMOVE),
        Text::fixed("删除菜单", "Delete a menu"),
        handle,
    )
    .tag("Menshen")
    .id("menuId")
    .gives::<view::Answer<()>>(200, "Deleted")
    .fails(404, "No such menu")
    .fails(409, "Menus are below it; says how many")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
) -> Result<Response, ApiError> {
    api.services.menus.delete(&caller, MenuId(id)).await?;
    Ok(view::ok(&context, &view::DELETED, ()))
}
