//! `GET /menu/list`: menus, flat.

use super::role_list::status;
use crate::error::ApiError;
use crate::extract::{Query, SignedIn};
use crate::tree_view::{self, MenuView};
use crate::view::{self, List};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::menu::{MenuFilter, MenuKind};
use menshen_domain::{Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/menu/list",
        Access::Permission(catalogue::MENU_LIST),
        Text::fixed("菜单列表", "List menus"),
        handle,
    )
    .tag("Menshen")
    .query("menuName", "string", "Part of the name, in either language")
    .query("menuType", "string", "dir, page or button")
    .one_of(&["dir", "page", "button"])
    .query("status", "string", "0 or 1")
    .one_of(&["0", "1"])
    .gives::<view::Answer<List<MenuView>>>(200, "The menus, in order of the tree")
    .fails(400, "A parameter is not good")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    query: Query,
) -> Result<Response, ApiError> {
    let kind = query.text("menuType");
    let filter = MenuFilter {
        name: query.text("menuName"),
        kind: kind.as_deref().map(MenuKind::parse).transpose()?,
        status: status(query.text("status").as_deref())?,
    };
    let found = api.services.menus.list(&caller, &filter).await?;
    let list = List::all(found, |m| tree_view::menu(&api, m));
    Ok(view::ok(&context, &view::QUERIED, list))
}
