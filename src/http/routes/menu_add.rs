//! `POST /menu`.

use super::dept_add::place;
use super::role_list::status;
use crate::error::ApiError;
use crate::extract::{Body, SignedIn};
use crate::tree_view::{self, MenuView};
use crate::{Access, Api, Endpoint, RequestContext, schema, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::menu::{MenuKind, NewMenu};
use menshen_domain::{MenuId, Text, catalogue};
use schemars::JsonSchema;
use serde::Deserialize;

/// A menu to be made. Names are taken in camelCase and snake_case alike.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MenuReq {
    /// The menu above it; 0, `null` or nothing for the top.
    parent_id: Option<i64>,
    /// The Chinese name, 1 to 50 characters.
    #[schemars(with = "schema::Name")]
    menu_name: Option<String>,
    /// The English name, at most 50 characters; the Chinese one by default.
    #[schemars(with = "Option<schema::ShortText>")]
    name_en: Option<String>,
    /// `dir`, `page` (the default) or `button`.
    #[schemars(with = "Option<schema::MenuType>")]
    menu_type: Option<String>,
    /// The front end's route, or an http(s) address, at most 200 characters.
    #[schemars(with = "Option<schema::MenuPath>")]
    path: Option<String>,
    /// The front end's component, at most 200 characters.
    #[schemars(with = "Option<schema::Component>")]
    component: Option<String>,
    /// The icon's name, at most 100 characters.
    #[schemars(with = "Option<schema::Icon>")]
    icon: Option<String>,
    /// A known permission, or a pattern that matches one, without which it is not shown.
    #[schemars(with = "Option<schema::PatternOrEmpty>")]
    permission: Option<String>,
    /// Where it stands among its siblings; 0 by default.
    #[schemars(with = "Option<schema::Sort>")]
    order_num: Option<i64>,
    /// Another word for `orderNum`.
    #[schemars(with = "Option<schema::Sort>")]
    sort: Option<i64>,
    /// Whether it is shown in menus; `true` by default.
    visible: Option<bool>,
    /// `0` active (the default), `1` disabled.
    #[schemars(with = "Option<schema::StatusOrEmpty>")]
    status: Option<String>,
}

/// A menu's id; 0 stands for the top.
pub(super) fn above(id: i64) -> Option<MenuId> {
    (id != 0).then_some(MenuId(id))
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/menu",
        Access::Permission(catalogue::MENU_ADD),
        Text::fixed("新增菜单", "Add a menu"),
        handle,
    )
    .tag("Menshen")
    .takes::<MenuReq>()
    .gives::<view::Answer<MenuView>>(200, "The menu as it was made")
    .fails(
        400,
        "A field is not good, or the parent or the permission is not there",
    )
    .fails(409, "It would be too deep")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Body(request): Body<MenuReq>,
) -> Result<Response, ApiError> {
    let kind = request.menu_type.as_deref().map(MenuKind::parse);
    let new = NewMenu {
        parent_id: request.parent_id.and_then(above),
        name_zh: request.menu_name.unwrap_or_default(),
        name_en: request.name_en.unwrap_or_default(),
        kind: kind.transpose()?.unwrap_or_default(),
        path: request.path.unwrap_or_default(),
        component: request.component.unwrap_or_default(),
        icon: request.icon.unwrap_or_default(),
        permission: request.permission,
        sort: place(request.order_num, request.sort)?.unwrap_or(0),
        visible: request.visible.unwrap_or(true),
        status: status(request.status.as_deref())?.unwrap_or_default(),
    };
    let made = api.services.menus.create(&caller, new).await?;
    let menu = tree_view::menu(&api, made);
    Ok(view::ok(&context, &view::ADDED, menu))
}
