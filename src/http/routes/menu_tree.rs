//! `GET /menu`: all menus, as a tree.

use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::tree_view::{self, MenuView};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::{Text, catalogue};

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/menu",
        Access::Permission(catalogue::MENU_LIST),
        Text::fixed("菜单树", "All menus as a tree"),
        handle,
    )
    .tag("Menshen")
    .gives::<view::Answer<Vec<MenuView>>>(200, "The tree")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
) -> Result<Response, ApiError> {
    let tree = api.services.menus.tree(&caller).await?;
    let tree = tree_view::menu_tree(&api, tree);
    Ok(view::ok(&context, &view::QUERIED, tree))
}
