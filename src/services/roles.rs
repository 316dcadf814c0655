//! Roles: what they grant, and who may grant it.

mod effect;

use crate::access::Caller;
use crate::audit::Record;
use crate::core::Core;
use crate::days;
use crate::permissions::{self, Permissions};
use menshen_domain::role::{self, NewRole, Role, RoleChange, RoleFilter, Status};
use menshen_domain::scope::DataScope;
use menshen_domain::session::RoleOption;
use menshen_domain::{
    DeptId, Error, FieldError, Kind, MenuId, Page, PageRequest, Result, RoleId, Text,
};
use menshen_storage::{Conn, Event, StorageError, Tx, roles, users};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A change that was made to a role.
#[derive(Debug, Clone)]
pub struct ChangedRole {
    /// The role as it was.
    pub before: Role,
    /// The role as it is.
    pub after: Role,
    /// Whether who made the change may take it back: what she took away she may not hold herself.
    pub reversible: bool,
}

/// Makes and changes roles. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Roles {
    core: Arc<Core>,
    permissions: Permissions,
}

fn missing() -> Error {
    Error::new(Kind::NotFound, "角色不存在", "There is no such role")
}

fn taken(key: &str) -> Error {
    Error {
        fields: vec![FieldError {
            field: "roleKey".into(),
            text: Text::fixed("已被使用", "is taken"),
        }],
        ..Error::new(
            Kind::Conflict,
            format!("角色标识“{key}”已被使用"),
            format!("The role key “{key}” is taken"),
        )
    }
}

fn protected() -> Error {
    Error::new(
        Kind::Forbidden {
            missing: Vec::new(),
        },
        "内置角色不能删除、停用，也不能修改标识和权限",
        "A built-in role can't be deleted or disabled, and keeps its key and its permissions",
    )
}

impl Roles {
    pub(crate) fn new(core: Arc<Core>, permissions: Permissions) -> Self {
        Self { core, permissions }
    }

    /// The permission catalogue that roles draw from.
    #[must_use]
    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    /// One page of the roles that `filter` lets through.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(
        &self,
        _: &Caller,
        filter: RoleFilter,
        page: PageRequest,
    ) -> Result<Page<Role>> {
        let mut conn = self.core.db.read().await?;
        Ok(roles::list(&mut conn, &filter, page).await?)
    }

    /// Every role's id, name and key.
    ///
    /// # Errors
    /// What the database says.
    pub async fn options(&self) -> Result<Vec<RoleOption>> {
        let mut conn = self.core.db.read().await?;
        Ok(roles::options(&mut conn).await?)
    }

    /// One role.
    ///
    /// # Errors
    /// [`Kind::NotFound`].
    pub async fn get(&self, _: &Caller, id: RoleId) -> Result<Role> {
        let mut conn = self.core.db.read().await?;
        find(&mut conn, id).await
    }

    /// The same, and the login name of who changed it last, if she is still there.
    ///
    /// # Errors
    /// As [`Roles::get`].
    pub async fn get_with_changer(&self, _: &Caller, id: RoleId) -> Result<(Role, Option<String>)> {
        let mut conn = self.core.db.read().await?;
        let role = find(&mut conn, id).await?;
        let changer = changer(&mut conn, &role).await?;
        Ok((role, changer))
    }

    /// Makes a role.
    ///
    /// # Errors
    /// [`Kind::Invalid`], naming the fields; [`Kind::Conflict`] when the key is taken;
    /// [`Kind::Forbidden`] when it would grant what the caller does not hold.
    pub async fn create(&self, caller: &Caller, new: NewRole) -> Result<Role> {
        role::check(
            Some(&new.name),
            Some(&new.key),
            Some(new.sort),
            new.remark.as_deref(),
        )?;
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let new = NewRole {
            name: new.name.trim().to_owned(),
            key: new.key.trim().to_owned(),
            remark: new
                .remark
                .map(|r| r.trim().to_owned())
                .filter(|r| !r.is_empty()),
            permissions: permissions::checked(&mut tx, &new.permissions).await?,
            menu_ids: known_menus(&mut tx, &new.menu_ids).await?,
            dept_ids: known_depts(&mut tx, &new.dept_ids).await?,
            ..new
        };
        may_grant(caller, &new.permissions)?;
        may_show(caller, new.data_scope, &new.dept_ids)?;
        key_is_free(&mut tx, &new.key, None).await?;
        let id = roles::insert(&mut tx, &new, Some(caller.id()), self.core.now())
            .await
            .map_err(|e| key_error(e, &new.key))?;
        let role = find(&mut tx, id).await?;
        Record::operation("role.create", caller)
            .target("role", id, &role.key)
            .change(&Value::Null, &shown(&role))
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(role)
    }

    /// As [`Roles::change`]; gives back the role as it is now.
    ///
    /// # Errors
    /// As [`Roles::change`].
    pub async fn update(&self, caller: &Caller, id: RoleId, change: RoleChange) -> Result<Role> {
        Ok(self.change(caller, id, change).await?.after)
    }

    /// Changes a role.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; [`Kind::Invalid`], naming the fields; [`Kind::Conflict`] when the key
    /// is taken, and when the role is not any more what was seen; [`Kind::Forbidden`] for a
    /// built-in role's protected fields, and when it would grant what the caller does not hold.
    pub async fn change(
        &self,
        caller: &Caller,
        id: RoleId,
        change: RoleChange,
    ) -> Result<ChangedRole> {
        role::check(
            change.name.as_deref(),
            change.key.as_deref(),
            change.sort,
            change.remark.as_ref().and_then(|r| r.as_deref()),
        )?;
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let before = find(&mut tx, id).await?;
        // Who changes a role by its editor sends all of it, and would undo what she did not see.
        if change.seen.is_some_and(|seen| seen != before.changed_at()) {
            return Err(self.meanwhile(&mut tx, &before).await?);
        }
        let after = self.changed(&mut tx, &before, change).await?;
        check_change(caller, &before, &after)?;
        if after.key != before.key {
            key_is_free(&mut tx, &after.key, Some(id)).await?;
        }
        roles::update(&mut tx, &after, Some(caller.id()), self.core.now())
            .await
            .map_err(|e| key_error(e, &after.key))?;
        if after.permissions != before.permissions {
            roles::set_permissions(&mut tx, id, &after.permissions).await?;
        }
        if after.menu_ids != before.menu_ids {
            roles::set_menus(&mut tx, id, &after.menu_ids).await?;
        }
        if after.dept_ids != before.dept_ids {
            roles::set_depts(&mut tx, id, &after.dept_ids).await?;
        }
        let role = find(&mut tx, id).await?;
        Record::operation("role.update", caller)
            .target("role", id, &role.key)
            .change(&shown(&before), &shown(&role))
            .write(&self.core, &mut tx)
            .await?;
        tx.announce(Event::Roles);
        tx.commit().await?;
        Ok(ChangedRole {
            reversible: check_change(caller, &role, &before).is_ok(),
            before,
            after: role,
        })
    }

    /// The refusal to change a role that somebody else has changed meanwhile.
    async fn meanwhile(&self, conn: &mut Conn, role: &Role) -> Result<Error> {
        let at = days::moment(&self.core, role.changed_at())?;
        let (zh, en) = match changer(conn, role).await? {
            Some(who) => (
                format!("{who} 已于 {at} 修改了该角色；请重新加载，看过之后再保存"),
                format!(
                    "This role was changed by {who} at {at}; load it again to see it, then save"
                ),
            ),
            None => (
                format!("该角色已于 {at} 被修改；请重新加载，看过之后再保存"),
                format!("This role was changed at {at}; load it again to see it, then save"),
            ),
        };
        Ok(Error::new(Kind::Conflict, zh, en))
    }

    async fn changed(&self, tx: &mut Tx, before: &Role, change: RoleChange) -> Result<Role> {
        let mut role = before.clone();
        if let Some(name) = change.name {
            role.name = name.trim().to_owned();
        }
        if let Some(key) = change.key {
            role.key = key.trim().to_owned();
        }
        role.sort = change.sort.unwrap_or(role.sort);
        role.status = change.status.unwrap_or(role.status);
        role.data_scope = change.data_scope.unwrap_or(role.data_scope);
        if let Some(remark) = change.remark {
            role.remark = remark
                .map(|r| r.trim().to_owned())
                .filter(|r| !r.is_empty());
        }
        if let Some(wanted) = change.permissions {
            role.permissions = permissions::checked(tx, &wanted).await?;
        }
        if let Some(wanted) = change.menu_ids {
            role.menu_ids = known_menus(tx, &wanted).await?;
        }
        if let Some(wanted) = change.dept_ids {
            role.dept_ids = known_depts(tx, &wanted).await?;
        }
        Ok(role)
    }

    /// Deletes a role. With `force`, whoever holds it holds it no more.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; [`Kind::Forbidden`] for a built-in role; [`Kind::Conflict`], with the
    /// count, while users hold it and `force` is not given.
    pub async fn delete(&self, caller: &Caller, id: RoleId, force: bool) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let role = find(&mut tx, id).await?;
        if role.builtin {
            return Err(protected());
        }
        if role.holders > 0 && !force {
            let n = role.holders;
            return Err(Error::new(
                Kind::Conflict,
                format!("还有 {n} 个用户拥有该角色；用 force=true 解除后删除"),
                format!("{n} users hold this role; with force=true they lose it"),
            ));
        }
        roles::delete(&mut tx, id).await?;
        Record::operation("role.delete", caller)
            .target("role", id, &role.key)
            .change(&shown(&role), &Value::Null)
            .write(&self.core, &mut tx)
            .await?;
        tx.announce(Event::Roles);
        tx.commit().await?;
        Ok(())
    }
}

async fn find(conn: &mut Conn, id: RoleId) -> Result<Role> {
    roles::find(conn, id).await?.ok_or_else(missing)
}

/// Who changed a role last, by the name that she signs in with; none when that is nobody who is
/// still there.
async fn changer(conn: &mut Conn, role: &Role) -> Result<Option<String>> {
    let Some(id) = role.changed_by() else {
        return Ok(None);
    };
    let user = users::find(conn, id).await?;
    Ok(user.map(|user| user.username))
}

/// `Admin` beside `admin` would be taken for it. The database itself tells them apart, and may hold
/// such pairs from earlier.
async fn key_is_free(tx: &mut Tx, key: &str, besides: Option<RoleId>) -> Result<()> {
    if roles::key_taken(tx, key, besides).await? {
        Err(taken(key))
    } else {
        Ok(())
    }
}

fn key_error(error: StorageError, key: &str) -> Error {
    if error.is_unique("role_key") {
        taken(key)
    } else {
        error.into()
    }
}

/// What an audit entry shows of a role.
fn shown(role: &Role) -> Value {
    json!({
        "name": role.name,
        "key": role.key,
        "sort": role.sort,
        "status": role.status.code(),
        "dataScope": role.data_scope.code(),
        "remark": role.remark,
        "permissions": role.permissions,
        "menuIds": role.menu_ids,
        "deptIds": role.dept_ids,
    })
}

fn check_change(caller: &Caller, before: &Role, after: &Role) -> Result<()> {
    let builtin_touched = after.key != before.key
        || after.status != before.status
        || after.permissions != before.permissions
        || after.data_scope != before.data_scope;
    if before.builtin && builtin_touched {
        return Err(protected());
    }
    // Taking away is no grant; adding is, and so is waking a role that granted nothing.
    let woken = before.status == Status::Disabled && after.status == Status::Active;
    let added: Vec<String> = after
        .permissions
        .iter()
        .filter(|p| woken || !before.permissions.contains(p))
        .cloned()
        .collect();
    may_grant(caller, &added)?;
    let widened = after.data_scope != before.data_scope || after.dept_ids != before.dept_ids;
    if woken || widened {
        may_show(caller, after.data_scope, &after.dept_ids)?;
    }
    Ok(())
}

/// Nobody can grant what they do not hold.
pub(crate) fn may_grant(caller: &Caller, patterns: &[String]) -> Result<()> {
    let missing = caller.grants().missing(patterns.iter().map(String::as_str));
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Error::forbidden(missing))
    }
}

/// Nobody can show others more than they see.
pub(crate) fn may_show(caller: &Caller, scope: DataScope, depts: &[DeptId]) -> Result<()> {
    let sight = caller.sight();
    let good = match scope {
        _ if sight.scope == DataScope::All => true,
        DataScope::All => false,
        DataScope::Custom => depts.iter().all(|d| sight.depts.contains(d)),
        // Wherever its holder is: a list of departments need not hold hers.
        DataScope::OwnDept | DataScope::OwnAndBelow => {
            sight.scope != DataScope::Custom && scope.width() <= sight.scope.width()
        }
        DataScope::SelfOnly => true,
    };
    if good {
        Ok(())
    } else {
        Err(Error::new(
            Kind::Forbidden {
                missing: vec![format!("dataScope={}", scope.code())],
            },
            "不能授予超出自己的数据范围（dataScope）",
            "A data scope (dataScope) wider than your own can't be granted",
        ))
    }
}

/// The most ids or codes that a list in a request may hold.
const MAX_LIST: usize = 2000;

/// # Errors
/// [`Kind::Invalid`] on `field` when its list is longer than any sensible one: a database takes
/// only so many values in a query.
pub(crate) fn not_too_many(field: &'static str, count: usize) -> Result<()> {
    if count <= MAX_LIST {
        return Ok(());
    }
    Err(Error::field(
        field,
        Text::new(
            format!("至多 {MAX_LIST} 项"),
            format!("must not hold more than {MAX_LIST}"),
        ),
    ))
}

async fn known_menus(conn: &mut Conn, ids: &[MenuId]) -> Result<Vec<MenuId>> {
    not_too_many("menuIds", ids.len())?;
    let ids: BTreeSet<i64> = ids.iter().map(|m| m.0).collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    all_known("menuIds", roles::unknown_menus(conn, &ids).await?)?;
    Ok(ids.into_iter().map(MenuId).collect())
}

async fn known_depts(conn: &mut Conn, ids: &[DeptId]) -> Result<Vec<DeptId>> {
    not_too_many("deptIds", ids.len())?;
    let ids: BTreeSet<i64> = ids.iter().map(|d| d.0).collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    all_known("deptIds", roles::unknown_depts(conn, &ids).await?)?;
    Ok(ids.into_iter().map(DeptId).collect())
}

/// # Errors
/// [`Kind::Invalid`] on `field`, naming every id that is not there.
pub(crate) fn all_known(field: &'static str, unknown: Vec<i64>) -> Result<()> {
    if unknown.is_empty() {
        return Ok(());
    }
    let list = unknown
        .iter()
        .map(i64::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    Err(Error::field(
        field,
        Text::new(
            format!("不存在的编号：{list}"),
            format!("unknown ids: {list}"),
        ),
    ))
}

#[cfg(test)]
mod tests;
