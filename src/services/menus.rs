//! Menus: what front ends show, and to whom.
//!
//! Nothing of them is held in memory, so no change here needs to be told to other nodes.

use crate::Changed;
use crate::access::Caller;
use crate::audit::Record;
use crate::core::Core;
use crate::permissions;
use crate::roles::all_known;
use menshen_domain::menu::{Menu, MenuChange, MenuFilter, MenuKind, NewMenu};
use menshen_domain::role::Status;
use menshen_domain::tree::{self, Lineage, Position};
use menshen_domain::{Error, Grants, Kind, MenuId, Result, RoleId, Text, Tree, catalogue};
use menshen_storage::{Conn, Tx, menus, roles};
use serde_json::{Value, json};
use std::sync::Arc;

/// Makes, changes and moves menus. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Menus {
    core: Arc<Core>,
}

fn missing() -> Error {
    Error::new(Kind::NotFound, "菜单不存在", "There is no such menu")
}

impl Menus {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// All menus.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tree(&self, _: &Caller) -> Result<Tree<Menu>> {
        let mut conn = self.core.db.read().await?;
        Ok(Tree::build(menus::list(&mut conn).await?))
    }

    /// The menus that `filter` lets through, in order of the tree.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(&self, _: &Caller, filter: &MenuFilter) -> Result<Vec<Menu>> {
        let mut conn = self.core.db.read().await?;
        let mut all = Tree::build(menus::list(&mut conn).await?).into_nodes();
        all.retain(|m| filter.lets(m));
        Ok(all)
    }

    /// One menu.
    ///
    /// # Errors
    /// [`Kind::NotFound`].
    pub async fn get(&self, _: &Caller, id: MenuId) -> Result<Menu> {
        let mut conn = self.core.db.read().await?;
        find(&mut conn, id).await
    }

    /// What the caller's front end shows her.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mine(&self, caller: &Caller) -> Result<Tree<Menu>> {
        let mut conn = self.core.db.read().await?;
        let linked = menus::linked_to(&mut conn, caller.id()).await?;
        let linked = linked.into_iter().collect();
        let all = Tree::build(menus::list(&mut conn).await?);
        Ok(all.shown_to(caller.grants(), &linked))
    }

    /// What a front end shows somebody who holds this role and no other. Asks for
    /// `system:role:query`, because it tells what the role grants.
    ///
    /// # Errors
    /// [`Kind::Forbidden`]; [`Kind::NotFound`] when there is no such role.
    pub async fn shown_by(&self, caller: &Caller, role: RoleId) -> Result<Tree<Menu>> {
        caller.require(catalogue::ROLE_QUERY)?;
        let mut conn = self.core.db.read().await?;
        let found = roles::find(&mut conn, role).await?;
        let role = found
            .ok_or_else(|| Error::new(Kind::NotFound, "角色不存在", "There is no such role"))?;
        if role.status == Status::Disabled {
            return Ok(Tree::build(Vec::new()));
        }
        let grants: Grants = role.permissions.into_iter().collect();
        let linked = role.menu_ids.into_iter().collect();
        Ok(Tree::build(menus::list(&mut conn).await?).shown_to(&grants, &linked))
    }

    /// Makes a menu.
    ///
    /// # Errors
    /// [`Kind::Invalid`], naming the fields, also for a parent that is not there and a permission
    /// that is not known; [`Kind::Conflict`] when it would be too deep.
    pub async fn create(&self, caller: &Caller, new: NewMenu) -> Result<Menu> {
        let new = new.checked()?;
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let all = menus::list(&mut tx).await?;
        check_place(&all, None, new.parent_id)?;
        known(&mut tx, new.permission.as_deref()).await?;
        let id = menus::insert(&mut tx, &new, Some(caller.id()), self.core.now()).await?;
        let made = find(&mut tx, id).await?;
        self.close(tx, caller, "menu.create", None, Some(&made))
            .await?;
        Ok(made)
    }

    /// As [`Menus::change`]; gives back the menu as it is now.
    ///
    /// # Errors
    /// As [`Menus::change`].
    pub async fn update(&self, caller: &Caller, id: MenuId, change: MenuChange) -> Result<Menu> {
        Ok(self.change(caller, id, change).await?.after)
    }

    /// Changes a menu; with another parent it is moved, and all below it goes along.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; [`Kind::Invalid`], naming the fields, also for a parent that is not
    /// there and a new permission that is not known; [`Kind::Conflict`] for a move below itself
    /// or too deep, and for a button with something below it.
    pub async fn change(
        &self,
        caller: &Caller,
        id: MenuId,
        change: MenuChange,
    ) -> Result<Changed<Menu>> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let all = menus::list(&mut tx).await?;
        let before = all.iter().find(|m| m.id == id).ok_or_else(missing)?;
        let after = change.applied(before)?;
        if after.parent_id != before.parent_id {
            check_place(&all, Some(id), after.parent_id)?;
        }
        if after.kind == MenuKind::Button {
            nothing_below(&all, id)?;
        }
        // One that was dropped from the catalogue since may stay.
        if after.permission != before.permission {
            known(&mut tx, after.permission.as_deref()).await?;
        }
        menus::update(&mut tx, &after, Some(caller.id()), self.core.now()).await?;
        let after = find(&mut tx, id).await?;
        self.close(tx, caller, "menu.update", Some(before), Some(&after))
            .await?;
        let before = before.clone();
        Ok(Changed { before, after })
    }

    /// Puts a menu below `parent` (none: at the top), in this place among those there. Where there
    /// is no room between two of them, all of them are numbered anew.
    ///
    /// # Errors
    /// As [`Menus::update`]; [`Kind::Invalid`] for a place beside one that does not stand there.
    pub async fn place(
        &self,
        caller: &Caller,
        id: MenuId,
        parent: Option<MenuId>,
        at: Position,
    ) -> Result<Menu> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let all = menus::list(&mut tx).await?;
        let before = all.iter().find(|m| m.id == id).ok_or_else(missing)?;
        if parent != before.parent_id {
            check_place(&all, Some(id), parent)?;
        }
        let siblings: Vec<(i64, i64)> = all
            .iter()
            .filter(|m| m.parent_id == parent && m.id != id)
            .map(|m| (m.id.0, m.sort))
            .collect();
        let mut after = Menu {
            parent_id: parent,
            ..before.clone()
        };
        let (by, now) = (Some(caller.id()), self.core.now());
        for (other, sort) in tree::arrange(&siblings, (id.0, before.sort), at)? {
            if other == id.0 {
                after.sort = sort;
            } else if let Some(old) = all.iter().find(|m| m.id.0 == other) {
                let new = Menu {
                    sort,
                    ..old.clone()
                };
                menus::update(&mut tx, &new, by, now).await?;
                self.note(&mut tx, caller, "menu.update", Some(old), Some(&new))
                    .await?;
            }
        }
        menus::update(&mut tx, &after, by, now).await?;
        let after = find(&mut tx, id).await?;
        self.close(tx, caller, "menu.update", Some(before), Some(&after))
            .await?;
        Ok(after)
    }

    /// Deletes a menu; roles are linked to it no more.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; [`Kind::Conflict`], with the count, while something is below it.
    pub async fn delete(&self, caller: &Caller, id: MenuId) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let all = menus::list(&mut tx).await?;
        let menu = all.iter().find(|m| m.id == id).ok_or_else(missing)?;
        nothing_below(&all, id)?;
        menus::delete(&mut tx, id).await?;
        self.close(tx, caller, "menu.delete", Some(menu), None)
            .await
    }

    /// Writes the audit entry and commits.
    async fn close(
        &self,
        mut tx: Tx,
        caller: &Caller,
        action: &str,
        before: Option<&Menu>,
        after: Option<&Menu>,
    ) -> Result<()> {
        self.note(&mut tx, caller, action, before, after).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn note(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        action: &str,
        before: Option<&Menu>,
        after: Option<&Menu>,
    ) -> Result<()> {
        let mut record = Record::operation(action, caller);
        if let Some(menu) = after.or(before) {
            record = record.target("menu", menu.id, &menu.name.zh);
        }
        record
            .change(&logged(before), &logged(after))
            .write(&self.core, tx)
            .await
    }
}

async fn find(conn: &mut Conn, id: MenuId) -> Result<Menu> {
    menus::find(conn, id).await?.ok_or_else(missing)
}

/// Whether a menu (none: a new one) may stand below `parent`.
fn check_place(all: &[Menu], id: Option<MenuId>, parent: Option<MenuId>) -> Result<()> {
    let Some(parent) = parent else { return Ok(()) };
    let Some(above) = all.iter().find(|m| m.id == parent) else {
        return all_known("parentId", vec![parent.0]);
    };
    if above.kind == MenuKind::Button {
        return Err(Error::field(
            "parentId",
            Text::fixed(
                "按钮下不能再有菜单",
                "is a button, which nothing can stand below",
            ),
        ));
    }
    Lineage::of(all).place(id.map(|i| i.0), Some(parent.0))
}

fn nothing_below(all: &[Menu], id: MenuId) -> Result<()> {
    let below = all.iter().filter(|m| m.parent_id == Some(id)).count();
    if below == 0 {
        return Ok(());
    }
    Err(Error::new(
        Kind::Conflict,
        format!("该菜单还有 {below} 个下级菜单"),
        format!("Menus that are right below it: {below}"),
    ))
}

/// A menu asks for a code of the catalogue, or for a pattern that matches at least one.
async fn known(conn: &mut Conn, permission: Option<&str>) -> Result<()> {
    let Some(permission) = permission else {
        return Ok(());
    };
    if permissions::is_known(conn, permission).await? {
        return Ok(());
    }
    let shown: String = permission.chars().take(100).collect();
    Err(Error::field(
        "permission",
        Text::new(
            format!("未知的权限标识：{shown}"),
            format!("is no known permission: {shown}"),
        ),
    ))
}

/// What an audit entry shows of a menu.
fn logged(menu: Option<&Menu>) -> Value {
    let Some(menu) = menu else { return Value::Null };
    json!({
        "parentId": menu.parent_id,
        "nameZh": menu.name.zh,
        "nameEn": menu.name.en,
        "kind": menu.kind.code(),
        "path": menu.path,
        "component": menu.component,
        "icon": menu.icon,
        "permission": menu.permission,
        "sort": menu.sort,
        "visible": menu.visible,
        "status": menu.status.code(),
    })
}

#[cfg(test)]
mod tests;
