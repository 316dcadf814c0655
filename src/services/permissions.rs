//! The permission catalogue: what is built in, and what the database adds to it.

use crate::core::Core;
use crate::roles::not_too_many;
use menshen_domain::session::PermissionItem;
use menshen_domain::{Error, FieldError, Pattern, Result, Text, catalogue};
use menshen_storage::{Conn, permissions};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which codes a list holds: those in which each given text occurs, in any letter case.
#[derive(Debug, Clone, Default)]
pub struct PermissionFilter {
    /// Part of the code.
    pub code: Option<String>,
    /// Part of the name, in either language.
    pub name: Option<String>,
    /// Part of the description.
    pub description: Option<String>,
}

/// Reads the permission catalogue. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Permissions {
    core: Arc<Core>,
}

impl Permissions {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Every code, the built-in ones first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn catalogue(&self) -> Result<Vec<PermissionItem>> {
        let mut conn = self.core.db.read().await?;
        catalogue_of(&mut conn).await
    }

    /// The codes that `filter` lets through.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(&self, filter: &PermissionFilter) -> Result<Vec<PermissionItem>> {
        let mut all = self.catalogue().await?;
        all.retain(|item| {
            holds(&item.code, filter.code.as_deref())
                && (holds(&item.name.zh, filter.name.as_deref())
                    || holds(&item.name.en, filter.name.as_deref()))
                && holds(&item.description, filter.description.as_deref())
        });
        Ok(all)
    }
}

fn holds(text: &str, part: Option<&str>) -> bool {
    part.map(str::trim)
        .is_none_or(|p| text.to_lowercase().contains(&p.to_lowercase()))
}

async fn catalogue_of(conn: &mut Conn) -> Result<Vec<PermissionItem>> {
    let built_in = catalogue::CATALOGUE.iter().map(|e| PermissionItem {
        code: e.code.to_owned(),
        name: e.name.clone(),
        description: e.guards.join(", "),
    });
    let added = permissions::all(conn)
        .await?
        .into_iter()
        .map(|row| PermissionItem {
            code: row.code,
            name: Text::new(row.name_zh, row.name_en),
            description: row.description,
        });
    Ok(built_in.chain(added).collect())
}

/// Checks patterns that a role is to grant: each must be a known code, or match at least one.
/// Gives them back sorted, each once.
pub(crate) async fn checked(conn: &mut Conn, wanted: &[String]) -> Result<Vec<String>> {
    not_too_many("permissions", wanted.len())?;
    let known = catalogue_of(conn).await?;
    let mut good = BTreeSet::new();
    let mut unknown = BTreeSet::new();
    for text in wanted.iter().map(|t| t.trim()).filter(|t| !t.is_empty()) {
        let matches = Pattern::parse(text)
            .is_ok_and(|pattern| known.iter().any(|item| pattern.covers(&item.code)));
        if matches {
            good.insert(text.to_owned());
        } else {
            unknown.insert(text.chars().take(100).collect::<String>());
        }
    }
    if unknown.is_empty() {
        return Ok(good.into_iter().collect());
    }
    let list = unknown.into_iter().collect::<Vec<_>>().join(", ");
    Err(Error::fields(vec![FieldError {
        field: "permissions".into(),
        text: Text::new(
            format!("未知的权限标识：{list}"),
            format!("unknown permissions: {list}"),
        ),
    }]))
}
