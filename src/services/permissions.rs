//! The permission catalogue: what is built in, and what the database adds to it.

use crate::Changed;
use crate::access::Caller;
use crate::audit::Record;
use crate::core::Core;
use crate::roles::not_too_many;
use menshen_domain::permission::{self, About, Described, Granting, Listed};
use menshen_domain::session::PermissionItem;
use menshen_domain::{Error, FieldError, Kind, Pattern, Result, RoleId, Text, catalogue, validate};
use menshen_storage::{Conn, Event, Tx, permissions};
use serde_json::{Value, json};
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

/// Reads the permission catalogue, and adds to it. Cheap to clone.
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
            validate::holds(&item.code, filter.code.as_deref())
                && (validate::holds(&item.name.zh, filter.name.as_deref())
                    || validate::holds(&item.name.en, filter.name.as_deref()))
                && validate::holds(&item.description, filter.description.as_deref())
        });
        Ok(all)
    }

    /// Every code with what it guards and, for a caller who may see roles, which roles grant it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn listed(&self, caller: &Caller) -> Result<Vec<Listed>> {
        let mut conn = self.core.db.read().await?;
        let known = catalogue_of(&mut conn).await?;
        let patterns = permissions::patterns(&mut conn).await?;
        let may_see_roles = caller.may(catalogue::ROLE_LIST);
        Ok(known
            .into_iter()
            .map(|item| {
                let roles: Vec<Granting> = patterns
                    .iter()
                    .filter(|(_, p)| Pattern::parse(p).is_ok_and(|p| p.covers(&item.code)))
                    .map(|(role, pattern)| Granting {
                        role: role.clone(),
                        pattern: pattern.clone(),
                    })
                    .collect();
                let exact = roles.iter().filter(|g| g.pattern == item.code).count();
                let entry = catalogue::find(&item.code);
                Listed {
                    builtin: entry.is_some(),
                    guards: entry.map_or_else(Vec::new, |e| {
                        e.guards.iter().map(|g| (*g).to_owned()).collect()
                    }),
                    description: match entry {
                        Some(_) => String::new(),
                        None => item.description,
                    },
                    code: item.code,
                    name: item.name,
                    exact: i64::try_from(exact).unwrap_or(i64::MAX),
                    roles: may_see_roles.then_some(roles),
                }
            })
            .collect())
    }

    /// Adds a code to the catalogue. Nobody is given it by that: whoever holds a pattern that
    /// covers it holds it from now on, and may grant it; nobody else may.
    ///
    /// # Errors
    /// [`Kind::Invalid`], naming the fields; [`Kind::Forbidden`] for a built-in code;
    /// [`Kind::Conflict`] when it is there already.
    pub async fn create(
        &self,
        caller: &Caller,
        code: &str,
        about: &About,
    ) -> Result<PermissionItem> {
        let code = own_code(code)?;
        let about = about.checked(&Described::default())?;
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        if permissions::find(&mut tx, &code).await?.is_some() {
            return Err(Error::new(
                Kind::Conflict,
                format!("权限“{code}”已存在"),
                format!("The permission “{code}” is there already"),
            ));
        }
        let by = Some(caller.id());
        permissions::insert(&mut tx, &code, &about, by, self.core.now()).await?;
        let record =
            Record::operation("permission.create", caller).change(&Value::Null, &logged(&about));
        self.close(tx, record, &code, &about).await?;
        Ok(item(code, about))
    }

    /// As [`Permissions::change`]; gives back what is said of it now.
    ///
    /// # Errors
    /// As [`Permissions::change`].
    pub async fn update(
        &self,
        caller: &Caller,
        code: &str,
        about: &About,
    ) -> Result<PermissionItem> {
        Ok(self.change(caller, code, about).await?.after)
    }

    /// Changes what the catalogue says of a code.
    ///
    /// # Errors
    /// [`Kind::Invalid`], naming the fields; [`Kind::Forbidden`] for a built-in code;
    /// [`Kind::NotFound`].
    pub async fn change(
        &self,
        caller: &Caller,
        code: &str,
        about: &About,
    ) -> Result<Changed<PermissionItem>> {
        let code = own_code(code)?;
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let before = find(&mut tx, &code).await?;
        let about = about.checked(&before)?;
        let by = Some(caller.id());
        permissions::update(&mut tx, &code, &about, by, self.core.now()).await?;
        let record = Record::operation("permission.update", caller)
            .change(&logged(&before), &logged(&about));
        self.close(tx, record, &code, &about).await?;
        Ok(Changed {
            before: item(code.clone(), before),
            after: item(code, about),
        })
    }

    /// Removes a code from the catalogue; with `force`, from the roles that grant it too. Patterns
    /// that cover it stay, and so does what menus ask for: nobody is shown more by it.
    ///
    /// # Errors
    /// [`Kind::Invalid`] for what is no code; [`Kind::Forbidden`] for a built-in one;
    /// [`Kind::NotFound`]; [`Kind::Conflict`], with the count, while roles grant exactly it and
    /// `force` is not given.
    pub async fn delete(&self, caller: &Caller, code: &str, force: bool) -> Result<()> {
        let code = own_code(code)?;
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let about = find(&mut tx, &code).await?;
        let roles: Vec<RoleId> = permissions::granted_by(&mut tx, &code).await?;
        let n = roles.len();
        if n > 0 && !force {
            return Err(Error::new(
                Kind::Conflict,
                format!("还有 {n} 个角色拥有该权限；用 force=true 从角色中收回后删除"),
                format!("{n} roles grant this permission; with force=true they grant it no more"),
            ));
        }
        permissions::delete(&mut tx, &code).await?;
        let mut before = logged(&about);
        before["roleIds"] = json!(roles);
        let record = Record::operation("permission.delete", caller).change(&before, &Value::Null);
        self.close(tx, record, &code, &about).await
    }

    /// Writes the audit entry, has the change told, and commits.
    async fn close(&self, mut tx: Tx, record: Record, code: &str, about: &Described) -> Result<()> {
        record
            .target("permission", code, &about.name)
            .write(&self.core, &mut tx)
            .await?;
        tx.announce(Event::Roles);
        tx.commit().await?;
        Ok(())
    }
}

/// # Errors
/// [`Kind::Invalid`] for what is no code; [`Kind::Forbidden`] for a built-in one.
fn own_code(code: &str) -> Result<String> {
    let code = permission::code(code)?;
    if catalogue::find(&code).is_none() {
        return Ok(code);
    }
    Err(Error::new(
        Kind::Forbidden {
            missing: Vec::new(),
        },
        format!("“{code}”是内置权限，不能增删改"),
        format!("“{code}” is built in: it can't be added, changed or removed"),
    ))
}

fn missing() -> Error {
    Error::new(Kind::NotFound, "权限不存在", "There is no such permission")
}

async fn find(conn: &mut Conn, code: &str) -> Result<Described> {
    let row = permissions::find(conn, code).await?.ok_or_else(missing)?;
    Ok(Described {
        name: row.name_zh,
        name_en: row.name_en,
        description: row.description,
    })
}

fn item(code: String, about: Described) -> PermissionItem {
    PermissionItem {
        code,
        name: Text::new(about.name, about.name_en),
        description: about.description,
    }
}

/// What an audit entry shows of a code.
fn logged(about: &Described) -> Value {
    json!({
        "name": about.name,
        "nameEn": about.name_en,
        "description": about.description,
    })
}

/// The catalogue: what is built in, then what was added.
pub(crate) async fn catalogue_of(conn: &mut Conn) -> Result<Vec<PermissionItem>> {
    let built_in = catalogue::CATALOGUE.iter().map(|e| PermissionItem {
        code: e.code.to_owned(),
        name: e.name.clone(),
        description: e.guards.join(", "),
    });
    let added = permissions::all(conn)
        .await?
        .into_iter()
        // What was added once and has become built in since is told once.
        .filter(|row| catalogue::find(&row.code).is_none())
        .map(|row| PermissionItem {
            code: row.code,
            name: Text::new(row.name_zh, row.name_en),
            description: row.description,
        });
    Ok(built_in.chain(added).collect())
}

/// Every code of the catalogue.
pub(crate) async fn known_codes(conn: &mut Conn) -> Result<Vec<String>> {
    let all = catalogue_of(conn).await?;
    Ok(all.into_iter().map(|item| item.code).collect())
}

/// Whether a text is a code of the catalogue, or a pattern that matches at least one.
pub(crate) async fn is_known(conn: &mut Conn, text: &str) -> Result<bool> {
    let known = catalogue_of(conn).await?;
    Ok(matches_one(&known, text))
}

fn matches_one(known: &[PermissionItem], text: &str) -> bool {
    Pattern::parse(text).is_ok_and(|pattern| known.iter().any(|item| pattern.covers(&item.code)))
}

/// Checks patterns that a role is to grant: each must be a known code, or match at least one.
/// Gives them back sorted, each once.
pub(crate) async fn checked(conn: &mut Conn, wanted: &[String]) -> Result<Vec<String>> {
    not_too_many("permissions", wanted.len())?;
    let known = catalogue_of(conn).await?;
    let mut good = BTreeSet::new();
    let mut unknown = BTreeSet::new();
    for text in wanted.iter().map(|t| t.trim()).filter(|t| !t.is_empty()) {
        if matches_one(&known, text) {
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

#[cfg(test)]
mod tests;
