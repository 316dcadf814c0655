//! Menus.

#[cfg(feature = "ssr")]
use super::forms::{self, above, number};
#[cfg(feature = "ssr")]
use super::one;
use super::{Done, Given};
#[cfg(feature = "ssr")]
use crate::calls::{Runner, run};
use crate::error::AppError;
use leptos::prelude::*;
use menshen_domain::Tree;
use menshen_domain::menu::Menu;
use serde::{Deserialize, Serialize};

/// The questions that pages ask.
#[cfg(feature = "ssr")]
pub(crate) static QUESTIONS: &[(&str, Runner)] = &[
    ("list_menus", run::<ListMenus>),
    ("get_menu", run::<GetMenu>),
];

#[cfg(feature = "ssr")]
const PAGE: &str = "/admin/menus";

/// All menus, and which of them a role shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Menus {
    pub tree: Tree<Menu>,
    /// The ids of what the role shows whoever holds it alone; none when no role was named.
    pub shown: Option<Vec<i64>>,
}

/// All menus; with a role, also what whoever holds it alone is shown, which asks for
/// `system:role:query` too. `system:menu:list`.
#[server(prefix = "/admin/fn", endpoint = "list_menus")]
pub(crate) async fn list_menus(#[server(default)] role: i64) -> Result<Menus, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::MENU_LIST)?;
    let menus = guard::services()?.menus;
    let shown = match role {
        0 => None,
        role => {
            let shown = menus.shown_by(&caller, role.into()).await?;
            Some(shown.into_nodes().iter().map(|menu| menu.id.0).collect())
        }
    };
    Ok(Menus {
        tree: menus.tree(&caller).await?,
        shown,
    })
}

/// One menu. `system:menu:list`.
#[server(prefix = "/admin/fn", endpoint = "get_menu")]
pub(crate) async fn get_menu(#[server(default)] id: i64) -> Result<Menu, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::MENU_LIST)?;
    Ok(guard::services()?.menus.get(&caller, id.into()).await?)
}

/// Creates a menu. `system:menu:add`.
#[server(prefix = "/admin/fn", endpoint = "create_menu")]
pub(crate) async fn create_menu(
    #[server(default)] parent: String,
    #[server(default)] name: String,
    #[server(default)] name_en: String,
    #[server(default)] kind: String,
    #[server(default)] path: String,
    #[server(default)] component: String,
    #[server(default)] icon: String,
    #[server(default)] permission: String,
    #[server(default)] sort: String,
    visible: Option<bool>,
    #[server(default)] disabled: bool,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::menu::{MenuKind, NewMenu};
    let caller = guard::require(menshen_domain::catalogue::MENU_ADD)?;
    let new = NewMenu {
        parent_id: above(&parent)?.map(Into::into),
        name_zh: name,
        name_en,
        kind: match kind.as_str() {
            "" => MenuKind::default(),
            code => MenuKind::parse(code)?,
        },
        path,
        component,
        icon,
        permission: Some(permission),
        sort: number(&sort)?,
        visible: visible.unwrap_or(true),
        status: forms::starting(disabled),
    };
    let menu = guard::services()?.menus.create(&caller, new).await?;
    let name = answer::say(&menu.name);
    answer::done(PAGE, |t| t.menu_created(&name));
    Ok(Done::name(name))
}

/// Changes a menu. `system:menu:alter`.
#[server(prefix = "/admin/fn", endpoint = "update_menu")]
pub(crate) async fn update_menu(
    #[server(default)] id: i64,
    #[server(default)] name: Given,
    #[server(default)] name_en: Given,
    #[server(default)] kind: Given,
    #[server(default)] path: Given,
    #[server(default)] component: Given,
    #[server(default)] icon: Given,
    #[server(default)] permission: Given,
    #[server(default)] sort: Given,
    visible: Option<bool>,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::menu::{MenuChange, MenuKind};
    let caller = guard::require(menshen_domain::catalogue::MENU_ALTER)?;
    let change = MenuChange {
        name_zh: name.0,
        name_en: name_en.0,
        kind: kind.filled().map(MenuKind::parse).transpose()?,
        path: path.0,
        component: component.0,
        icon: icon.0,
        permission: permission.0.map(Some),
        sort: sort.filled().map(number).transpose()?,
        visible,
        ..MenuChange::default()
    };
    let changed = guard::services()?
        .menus
        .change(&caller, id.into(), change)
        .await?;
    let both = [fields(&changed.before), fields(&changed.after)];
    let name = answer::say(&changed.after.name);
    Ok(forms::saved(PAGE, "update_menu", one(id), name, both))
}

/// Enables (`0`) or disables (`1`) a menu. `system:menu:alter`.
#[server(prefix = "/admin/fn", endpoint = "set_menu_status")]
pub(crate) async fn set_menu_status(
    #[server(default)] id: i64,
    #[server(default)] status: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::menu::MenuChange;
    use menshen_domain::role::Status;
    let caller = guard::require(menshen_domain::catalogue::MENU_ALTER)?;
    let change = MenuChange {
        status: Some(Status::parse(&status)?),
        ..MenuChange::default()
    };
    let changed = guard::services()?
        .menus
        .change(&caller, id.into(), change)
        .await?;
    let (before, menu) = (changed.before, changed.after);
    let both = (before.status, menu.status);
    let name = answer::say(&menu.name);
    Ok(forms::switched(
        "set_menu_status",
        id,
        name,
        both,
        |t, status, name| t.menu_status(status, name),
    ))
}

/// Puts a menu below another (`0` or nothing: at the top), in this place among those there:
/// `first`, `last`, or the id of the one to stand before. With the place that it comes from, it is
/// told how to take the move back. `system:menu:alter`.
#[server(prefix = "/admin/fn", endpoint = "move_menu")]
pub(crate) async fn move_menu(
    #[server(default)] id: i64,
    #[server(default)] parent: String,
    #[server(default)] position: String,
    #[server(default)] from_parent: String,
    #[server(default)] from_position: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::tree::Position;
    let caller = guard::require(menshen_domain::catalogue::MENU_ALTER)?;
    let undo = forms::place_back("move_menu", id, &from_parent, &from_position);
    let parent = above(&parent)?.map(Into::into);
    let position = Position::parse(&position)?;
    let menu = guard::services()?
        .menus
        .place(&caller, id.into(), parent, position)
        .await?;
    Ok(forms::moved(answer::say(&menu.name), undo))
}

/// Deletes a menu. `system:menu:remove`.
#[server(prefix = "/admin/fn", endpoint = "delete_menu")]
pub(crate) async fn delete_menu(
    #[server(default)] id: i64,
    #[server(default)] name: String,
) -> Result<Done, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::MENU_REMOVE)?;
    guard::services()?.menus.delete(&caller, id.into()).await?;
    Ok(forms::deleted(name))
}

/// What a form says of a menu.
pub(crate) fn fields(menu: &Menu) -> [(&'static str, String); 9] {
    [
        ("name", menu.name.zh.to_string()),
        ("name_en", menu.name.en.to_string()),
        ("kind", menu.kind.code().to_owned()),
        ("path", menu.path.clone()),
        ("component", menu.component.clone()),
        ("icon", menu.icon.clone()),
        ("permission", menu.permission.clone().unwrap_or_default()),
        ("sort", menu.sort.to_string()),
        ("visible", menu.visible.to_string()),
    ]
}
