//! The permission catalogue.

#[cfg(feature = "ssr")]
use super::forms;
use super::{Done, Given};
#[cfg(feature = "ssr")]
use crate::calls::{Runner, run};
use crate::error::AppError;
use leptos::prelude::*;
use menshen_domain::permission::Listed;
use menshen_domain::session::PermissionItem;

/// The questions that pages ask.
#[cfg(feature = "ssr")]
pub(crate) static QUESTIONS: &[(&str, Runner)] = &[
    ("list_permissions", run::<ListPermissions>),
    ("list_catalogue", run::<ListCatalogue>),
];

#[cfg(feature = "ssr")]
const PAGE: &str = "/admin/permissions";

/// The permission catalogue, for any signed-in caller: it is no secret.
#[server(prefix = "/admin/fn", endpoint = "list_permissions")]
pub(crate) async fn list_permissions() -> Result<Vec<PermissionItem>, AppError> {
    use crate::server::guard;
    guard::settled()?;
    Ok(guard::services()?.permissions.catalogue().await?)
}

/// The permission catalogue, with what each code guards and which roles grant it.
/// `system:perm:list`.
#[server(prefix = "/admin/fn", endpoint = "list_catalogue")]
pub(crate) async fn list_catalogue() -> Result<Vec<Listed>, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::PERM_LIST)?;
    Ok(guard::services()?.permissions.listed(&caller).await?)
}

/// Adds a code to the catalogue. `system:perm:alter`.
#[server(prefix = "/admin/fn", endpoint = "create_permission")]
pub(crate) async fn create_permission(
    #[server(default)] code: String,
    #[server(default)] name: String,
    #[server(default)] name_en: String,
    #[server(default)] description: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::permission::About;
    let caller = guard::require(menshen_domain::catalogue::PERM_ALTER)?;
    let about = About {
        name: Some(name),
        name_en: Some(name_en),
        description: Some(description),
    };
    let made = guard::services()?
        .permissions
        .create(&caller, &code, &about)
        .await?;
    answer::done(PAGE, |t| t.permission_created(&made.code));
    Ok(Done::name(made.code))
}

/// Changes what the catalogue says of a code. `system:perm:alter`.
#[server(prefix = "/admin/fn", endpoint = "update_permission")]
pub(crate) async fn update_permission(
    #[server(default)] code: String,
    #[server(default)] name: Given,
    #[server(default)] name_en: Given,
    #[server(default)] description: Given,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::permission::About;
    let caller = guard::require(menshen_domain::catalogue::PERM_ALTER)?;
    let about = About {
        name: name.0,
        name_en: name_en.0,
        description: description.0,
    };
    let changed = guard::services()?
        .permissions
        .change(&caller, &code, &about)
        .await?;
    let both = [fields(&changed.before), fields(&changed.after)];
    let name = answer::say(&changed.after.name);
    let key = ("code".to_owned(), changed.after.code);
    Ok(forms::saved(PAGE, "update_permission", key, name, both))
}

/// What [`update_permission`] changes, as its form says it.
#[cfg(feature = "ssr")]
fn fields(item: &PermissionItem) -> [(&'static str, String); 3] {
    [
        ("name", item.name.zh.to_string()),
        ("name_en", item.name.en.to_string()),
        ("description", item.description.clone()),
    ]
}

/// Removes a code from the catalogue; one that roles grant only with `force`, once the code itself
/// was typed. `system:perm:alter`.
#[server(prefix = "/admin/fn", endpoint = "delete_permission")]
pub(crate) async fn delete_permission(
    #[server(default)] code: String,
    #[server(default)] force: bool,
    #[server(default)] typed: String,
) -> Result<Done, AppError> {
    use crate::server::guard;
    let caller = guard::require(menshen_domain::catalogue::PERM_ALTER)?;
    if force {
        forms::confirmed(&typed, &code)?;
    }
    guard::services()?
        .permissions
        .delete(&caller, &code, force)
        .await?;
    Ok(forms::deleted(code))
}
