//! Users.

use super::Done;
#[cfg(feature = "ssr")]
use crate::calls::{Runner, run};
use crate::error::AppError;
use leptos::prelude::*;
use menshen_domain::Page;
use menshen_domain::user::User;
use serde::{Deserialize, Serialize};

/// The questions that pages ask.
#[cfg(feature = "ssr")]
pub(crate) static QUESTIONS: &[(&str, Runner)] = &[
    ("list_users", run::<ListUsers>),
    ("get_user", run::<GetUser>),
];

/// How many users or roles a page of a list holds.
pub(crate) const PAGE_SIZE: i64 = 20;

/// Which users are listed: exactly what the page's address says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct UserQuery {
    /// Part of a name, phone or e-mail.
    pub q: String,
    /// `0` or `1`; anything else for both.
    pub status: String,
    /// A role's id; anything else for all.
    pub role: String,
    /// A [`menshen_domain::user::UserSort`] code.
    pub sort: String,
    /// `desc`, or anything else.
    pub order: String,
    /// From 1.
    pub page: i64,
}

/// Lists users. `system:user:list`.
#[server(prefix = "/admin/fn", endpoint = "list_users")]
pub(crate) async fn list_users(
    #[server(default)] query: UserQuery,
) -> Result<Page<User>, AppError> {
    use crate::server::guard;
    use menshen_domain::role::Status;
    use menshen_domain::user::{UserFilter, UserSort};
    use menshen_domain::{PageRequest, RoleId, catalogue};
    let caller = guard::require(catalogue::USER_LIST)?;
    let filter = UserFilter {
        text: Some(query.q).filter(|text| !text.is_empty()),
        status: Status::parse(&query.status).ok(),
        role_id: query.role.parse().ok().map(RoleId),
        sort: UserSort::from_code(&query.sort).unwrap_or_default(),
        descending: query.order == "desc",
        ..UserFilter::default()
    };
    let page = PageRequest::bounded(Some(query.page), Some(PAGE_SIZE));
    Ok(guard::services()?.users.list(&caller, filter, page).await?)
}

/// One user. `system:user:query`.
#[server(prefix = "/admin/fn", endpoint = "get_user")]
pub(crate) async fn get_user(#[server(default)] id: i64) -> Result<User, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::USER_QUERY)?;
    Ok(guard::services()?.users.get(&caller, id.into()).await?)
}

/// Creates a user. `system:user:add`; giving roles asks for `system:user:bind` too.
#[server(prefix = "/admin/fn", endpoint = "create_user")]
pub(crate) async fn create_user(
    #[server(default)] username: String,
    #[server(default)] password: String,
    #[server(default)] nickname: String,
    #[server(default)] phone: String,
    #[server(default)] email: String,
    #[server(default)] sex: String,
    #[server(default)] remark: String,
    #[server(default)] disabled: bool,
    #[server(default)] must_change: bool,
    #[server(default)] role_ids: Vec<i64>,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::role::Status;
    use menshen_domain::user::NewUser;
    let caller = guard::require(menshen_domain::catalogue::USER_ADD)?;
    let new = NewUser {
        username,
        password,
        nickname: Some(nickname),
        avatar: None,
        phone: Some(phone),
        email: Some(email),
        sex: Some(sex),
        status: if disabled {
            Status::Disabled
        } else {
            Status::Active
        },
        dept_id: None,
        remark: Some(remark),
        must_change_password: must_change,
        role_ids: role_ids.into_iter().map(Into::into).collect(),
    };
    let user = guard::services()?.users.create(&caller, new).await?;
    answer::done("/admin/users", |t| t.user_created(user.display_name()));
    Ok(Done::name(user.display_name()))
}

/// Changes a user's record. `system:user:alter`.
#[server(prefix = "/admin/fn", endpoint = "update_user")]
pub(crate) async fn update_user(
    #[server(default)] id: i64,
    username: Option<String>,
    nickname: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    sex: Option<String>,
    remark: Option<String>,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::user::UserChange;
    let caller = guard::require(menshen_domain::catalogue::USER_ALTER)?;
    let change = UserChange {
        username,
        nickname,
        phone,
        email,
        sex,
        remark,
        ..UserChange::default()
    };
    let user = guard::services()?
        .users
        .update(&caller, id.into(), change)
        .await?;
    answer::done("/admin/users", |t| t.user_saved(user.display_name()));
    Ok(Done::name(user.display_name()))
}

/// Enables (`0`) or disables (`1`) a user. `system:user:alter`.
#[server(prefix = "/admin/fn", endpoint = "set_user_status")]
pub(crate) async fn set_user_status(
    #[server(default)] id: i64,
    #[server(default)] status: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::role::Status;
    use menshen_domain::user::UserChange;
    let caller = guard::require(menshen_domain::catalogue::USER_ALTER)?;
    let change = UserChange {
        status: Some(Status::parse(&status)?),
        ..UserChange::default()
    };
    let user = guard::services()?
        .users
        .update(&caller, id.into(), change)
        .await?;
    answer::done("/admin/users", |t| {
        t.user_status(user.status, user.display_name())
    });
    Ok(Done::name(user.display_name()))
}

/// Deletes a user. `system:user:remove`.
#[server(prefix = "/admin/fn", endpoint = "delete_user")]
pub(crate) async fn delete_user(
    #[server(default)] id: i64,
    #[server(default)] name: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::USER_REMOVE)?;
    guard::services()?.users.delete(&caller, id.into()).await?;
    answer::done("/admin/users", |t| t.user_deleted(&name));
    Ok(Done::name(name))
}

/// Gives a user exactly these roles. `system:user:bind`.
#[server(prefix = "/admin/fn", endpoint = "bind_roles")]
pub(crate) async fn bind_roles(
    #[server(default)] id: i64,
    #[server(default)] name: String,
    #[server(default)] role_ids: Vec<i64>,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::USER_BIND)?;
    let roles = role_ids.into_iter().map(Into::into).collect();
    guard::services()?
        .users
        .bind(&caller, id.into(), roles)
        .await?;
    answer::done("/admin/users", |t| t.roles_saved(&name));
    Ok(Done::name(name))
}

/// Replaces a user's password by a one-time one, and tells it. `system:user:reset`.
#[server(prefix = "/admin/fn", endpoint = "reset_password")]
pub(crate) async fn reset_password(#[server(default)] id: i64) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::USER_RESET)?;
    let secret = guard::services()?
        .users
        .reset_password(&caller, id.into())
        .await?;
    answer::reveal("reset_password", &secret);
    Ok(Done {
        secret,
        ..Done::default()
    })
}
