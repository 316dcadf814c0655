//! Roles and the permission catalogue.

use super::Done;
#[cfg(feature = "ssr")]
use super::forms;
#[cfg(feature = "ssr")]
use crate::calls::{Runner, run};
use crate::error::AppError;
use leptos::prelude::*;
use menshen_domain::Page;
use menshen_domain::role::Role;
use menshen_domain::session::RoleOption;
use serde::{Deserialize, Serialize};

/// The questions that pages ask.
#[cfg(feature = "ssr")]
pub(crate) static QUESTIONS: &[(&str, Runner)] = &[
    ("list_roles", run::<ListRoles>),
    ("get_role", run::<GetRole>),
    ("role_options", run::<RoleOptions>),
];

/// Which roles are listed: exactly what the page's address says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RoleQuery {
    /// Part of a name or key.
    pub q: String,
    /// `0` or `1`; anything else for both.
    pub status: String,
    /// From 1.
    pub page: i64,
}

/// Lists roles. `system:role:list`.
#[server(prefix = "/admin/fn", endpoint = "list_roles")]
pub(crate) async fn list_roles(
    #[server(default)] query: RoleQuery,
) -> Result<Page<Role>, AppError> {
    use super::users::PAGE_SIZE;
    use crate::server::guard;
    use menshen_domain::PageRequest;
    use menshen_domain::role::{RoleFilter, Status};
    let caller = guard::require(menshen_domain::catalogue::ROLE_LIST)?;
    let filter = RoleFilter {
        text: Some(query.q).filter(|text| !text.is_empty()),
        status: Status::parse(&query.status).ok(),
        ..RoleFilter::default()
    };
    let page = PageRequest::bounded(Some(query.page), Some(PAGE_SIZE));
    Ok(guard::services()?.roles.list(&caller, filter, page).await?)
}

/// One role. `system:role:query`.
#[server(prefix = "/admin/fn", endpoint = "get_role")]
pub(crate) async fn get_role(#[server(default)] id: i64) -> Result<Role, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::ROLE_QUERY)?;
    Ok(guard::services()?.roles.get(&caller, id.into()).await?)
}

/// Creates a role. `system:role:add`.
#[server(prefix = "/admin/fn", endpoint = "create_role")]
pub(crate) async fn create_role(
    #[server(default)] name: String,
    #[server(default)] key: String,
    #[server(default)] sort: String,
    #[server(default)] disabled: bool,
    #[server(default)] data_scope: String,
    #[server(default)] remark: String,
    #[server(default)] permissions: Vec<String>,
    #[server(default)] more: String,
    #[server(default)] dept_ids: Vec<i64>,
    #[server(default)] menu_ids: Vec<i64>,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::role::NewRole;
    let caller = guard::require(menshen_domain::catalogue::ROLE_ADD)?;
    let new = NewRole {
        name,
        key,
        sort: parse_sort(&sort)?,
        status: forms::starting(disabled),
        data_scope: parse_scope(&data_scope)?,
        remark: Some(remark).filter(|text| !text.is_empty()),
        permissions: all_patterns(permissions, &more),
        dept_ids: dept_ids.into_iter().map(Into::into).collect(),
        menu_ids: menu_ids.into_iter().map(Into::into).collect(),
    };
    let role = guard::services()?.roles.create(&caller, new).await?;
    answer::done("/admin/roles", |t| t.role_created(&role.name));
    Ok(Done::name(role.name))
}

/// Changes a role. `system:role:alter`.
#[server(prefix = "/admin/fn", endpoint = "update_role")]
pub(crate) async fn update_role(
    #[server(default)] id: i64,
    name: Option<String>,
    key: Option<String>,
    sort: Option<String>,
    data_scope: Option<String>,
    remark: Option<String>,
    #[server(default)] permissions: Vec<String>,
    #[server(default)] more: String,
    #[server(default)] tree: bool,
    #[server(default)] dept_ids: Vec<i64>,
    #[server(default)] depts: bool,
    #[server(default)] menu_ids: Vec<i64>,
    #[server(default)] menus: bool,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::role::RoleChange;
    let caller = guard::require(menshen_domain::catalogue::ROLE_ALTER)?;
    let change = RoleChange {
        name,
        key,
        sort: sort.as_deref().map(parse_sort).transpose()?,
        data_scope: data_scope.as_deref().map(parse_scope).transpose()?,
        remark: remark.map(|text| Some(text).filter(|text| !text.is_empty())),
        // No box ticked means no permission, but only when the tree was on the form.
        permissions: tree.then(|| all_patterns(permissions, &more)),
        dept_ids: depts.then(|| dept_ids.into_iter().map(Into::into).collect()),
        menu_ids: menus.then(|| menu_ids.into_iter().map(Into::into).collect()),
        ..RoleChange::default()
    };
    let role = guard::services()?
        .roles
        .update(&caller, id.into(), change)
        .await?;
    answer::done("/admin/roles", |t| t.role_saved_with(&role.name, 0, 0));
    Ok(Done::name(role.name))
}

/// Enables (`0`) or disables (`1`) a role. `system:role:alter`.
#[server(prefix = "/admin/fn", endpoint = "set_role_status")]
pub(crate) async fn set_role_status(
    #[server(default)] id: i64,
    #[server(default)] status: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::role::{RoleChange, Status};
    let caller = guard::require(menshen_domain::catalogue::ROLE_ALTER)?;
    let change = RoleChange {
        status: Some(Status::parse(&status)?),
        ..RoleChange::default()
    };
    let role = guard::services()?
        .roles
        .update(&caller, id.into(), change)
        .await?;
    answer::done("/admin/roles", |t| t.role_status(role.status, &role.name));
    Ok(Done::name(role.name))
}

/// Deletes a role; one that is held only with `force`, once its key was typed.
/// `system:role:remove`.
#[server(prefix = "/admin/fn", endpoint = "delete_role")]
pub(crate) async fn delete_role(
    #[server(default)] id: i64,
    #[server(default)] name: String,
    #[server(default)] force: bool,
    #[server(default)] typed: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::ROLE_REMOVE)?;
    let roles = guard::services()?.roles;
    if force {
        let role = roles.get(&caller, id.into()).await?;
        forms::confirmed(&typed, &role.key)?;
    }
    roles.delete(&caller, id.into(), force).await?;
    answer::done("/admin/roles", |t| t.role_deleted(&name));
    Ok(Done::name(name))
}

/// The roles to choose from, for who gives roles or sees them: `system:user:bind` or
/// `system:role:list`.
#[server(prefix = "/admin/fn", endpoint = "role_options")]
pub(crate) async fn role_options() -> Result<Vec<RoleOption>, AppError> {
    use crate::server::guard;
    use menshen_domain::catalogue::{ROLE_LIST, USER_BIND};
    guard::require_any(&[USER_BIND, ROLE_LIST])?;
    Ok(guard::services()?.roles.options().await?)
}

#[cfg(feature = "ssr")]
fn parse_sort(text: &str) -> menshen_domain::Result<i64> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| {
        menshen_domain::Error::field(
            "roleSort",
            menshen_domain::Text::fixed("应为整数", "must be a whole number"),
        )
    })
}

#[cfg(feature = "ssr")]
fn parse_scope(code: &str) -> menshen_domain::Result<menshen_domain::scope::DataScope> {
    use menshen_domain::scope::DataScope;
    if code.is_empty() {
        return Ok(DataScope::default());
    }
    DataScope::from_code(code).ok_or_else(|| {
        menshen_domain::Error::field(
            "dataScope",
            menshen_domain::Text::fixed("应为 1 到 5", "must be from 1 to 5"),
        )
    })
}

/// The ticked boxes, and the patterns written by hand, separated by spaces, commas or lines.
#[cfg(feature = "ssr")]
fn all_patterns(mut ticked: Vec<String>, more: &str) -> Vec<String> {
    ticked.extend(
        more.split(|c: char| c.is_whitespace() || c == ',' || c == '，')
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
    );
    ticked.sort();
    ticked.dedup();
    ticked
}
