//! `GET /menu/mine`: what the caller's front end shows her.

use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::tree_view::{self, MenuView};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::Text;

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/menu/mine",
        Access::SignedIn,
        Text::fixed(
            "我的菜单：有效角色关联的、启用且可见的菜单",
            "One's own menus: active and visible ones that one's active roles are linked to",
        ),
        handle,
    )
    .tag("Menshen")
    .gives::<view::Answer<Vec<MenuView>>>(200, "The tree")
    .fails(403, "A password change is due")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
) -> Result<Response, ApiError> {
    let tree = api.services.menus.mine(&caller).await?;
    let tree = tree_view::menu_tree(&api, tree);
    Ok(view::ok(&context, &view::FETCHED, tree))
}
