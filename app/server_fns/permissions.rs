//! The permission catalogue.

#[cfg(feature = "ssr")]
use crate::calls::{Runner, run};
use crate::error::AppError;
use leptos::prelude::*;
use menshen_domain::session::PermissionItem;

/// The questions that pages ask.
#[cfg(feature = "ssr")]
pub(crate) static QUESTIONS: &[(&str, Runner)] = &[("list_permissions", run::<ListPermissions>)];

/// The permission catalogue, for any signed-in caller: it is no secret.
#[server(prefix = "/admin/fn", endpoint = "list_permissions")]
pub(crate) async fn list_permissions() -> Result<Vec<PermissionItem>, AppError> {
    use crate::server::guard;
    guard::settled()?;
    Ok(guard::services()?.permissions.catalogue().await?)
}
