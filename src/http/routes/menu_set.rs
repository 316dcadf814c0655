//! `PUT /menu/{menuId}`: changes the fields that are sent, and no others; `parentId` moves it.

use super::dept_add::place;
use super::menu_add::above;
use super::role_list::status;
use crate::error::ApiError;
use crate::extract::{Body, Id, SignedIn, sent};
use crate::tree_view::{self, MenuView};
use crate::{Access, Api, Endpoint, RequestContext, schema, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::menu::{MenuChange, MenuKind};
use menshen_domain::{MenuId, Text, catalogue};
use schemars::JsonSchema;
use serde::Deserialize;

/// A change of a menu. What is not sent stays as it is; an empty text clears.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MenuChangeReq {
    /// The menu to stand below from now on, with all that is below it; 0 or `null` for the top.
    #[schemars(with = "Option<i64>")]
    #[serde(default, deserialize_with = "sent")]
    parent_id: Option<Option<i64>>,
    /// A new Chinese name.
    #[schemars(with = "Option<schema::Name>")]
    menu_name: Option<String>,
    /// A new English name.
    #[schemars(with = "Option<schema::ShortText>")]
    name_en: Option<String>,
    /// `dir`, `page` or `button`.
    #[schemars(with = "Option<schema::MenuType>")]
    menu_type: Option<String>,
    /// Another route or address.
    #[schemars(with = "Option<schema::MenuPath>")]
    path: Option<String>,
    /// Another component.
    #[schemars(with = "Option<schema::Component>")]
    component: Option<String>,
    /// Another icon.
    #[schemars(with = "Option<schema::Icon>")]
    icon: Option<String>,
    /// Another permission; `null` or an empty text for none.
    #[schemars(with = "Option<schema::PatternOrEmpty>")]
    #[serde(default, deserialize_with = "sent")]
    permission: Option<Option<String>>,
    /// A new place among its siblings.
    #[schemars(with = "Option<schema::Sort>")]
    order_num: Option<i64>,
    /// Another word for `orderNum`.
    #[schemars(with = "Option<schema::Sort>")]
    sort: Option<i64>,
    /// Whether it is shown in menus.
    visible: Option<bool>,
    /// `0` active, `1` disabled.
    #[schemars(with = "Option<schema::StatusOrEmpty>")]
    status: Option<String>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::PUT,
        "/menu/{menuId}",
        Access::Permission(catalogue::MENU_ALTER),
        Text::fixed("修改或移动菜单", "Change or move a menu"),
        handle,
    )
    .tag("Menshen")
    .id("menuId")
    .takes::<MenuChangeReq>()
    .gives::<view::Answer<MenuView>>(200, "The menu as it is now")
    .fails(
        400,
        "A field is not good, or the parent or the permission is not there",
    )
    .fails(404, "No such menu")
    .fails(
        409,
        "It would stand below itself or too deep, or be a button with menus below it",
    )
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Id(id): Id,
    Body(request): Body<MenuChangeReq>,
) -> Result<Response, ApiError> {
    let kind = request.menu_type.as_deref().map(MenuKind::parse);
    let change = MenuChange {
        parent_id: request.parent_id.map(|p| p.and_then(above)),
        name_zh: request.menu_name,
        name_en: request.name_en,
        kind: kind.transpose()?,
        path: request.path,
        component: request.component,
        icon: request.icon,
        permission: request.permission,
        sort: place(request.order_num, request.sort)?,
        visible: request.visible,
        status: status(request.status.as_deref())?,
    };
    let changed = api
        .services
        .menus
        .update(&caller, MenuId(id), change)
        .await?;
    let menu = tree_view::menu(&api, changed);
    Ok(view::ok(&context, &view::CHANGED, menu))
}
