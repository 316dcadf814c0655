//! `GET /menu/{menuId}`.

use crate::error::ApiError;
use crate::extract::{Id, SignedIn};
use crate::tree_view::{self, MenuView};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{MenuId, Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/menu/{menuId}",
        Access::Permission(catalogue::MENU_LIST),
        Text::fixed("查询菜单", "Get a menu"),
        handle,
    )
    .tag("Menshen")
    .id("menuId")
    .gives::<view::Answer<MenuView>>(200, "The menu")
    .fails(400, "The id is no id")
    .fails(404, "No such menu")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
) -> Result<Response, ApiError> {
    let found = api.services.menus.get(&caller, MenuId(id)).await?;
    let menu = tree_view::menu(&api, found);
    Ok(view::ok(&context, &view::FETCHED, menu))
}
