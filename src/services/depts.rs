//! Departments: a tree in which everybody sees and changes what is in her data scope.
//!
//! Whose sight a department is in is held in memory with the callers ([`crate::access`]), so every
//! change here is announced. A disabled department can't be chosen for users any more; those who
//! are in it still sign in, and data scopes go by it as before.

use crate::Changed;
use crate::access::Caller;
use crate::audit::Record;
use crate::core::Core;
use crate::roles::all_known;
use menshen_domain::dept::{self, Dept, DeptChange, DeptFilter, NewDept, Shown};
use menshen_domain::error::FieldError;
use menshen_domain::scope::DataScope;
use menshen_domain::tree::{self, Lineage, Node as _, Position};
use menshen_domain::{DeptId, Error, Kind, Result, Text, Tree};
use menshen_storage::{Conn, Event, Tx, depts};
use serde_json::{Value, json};
use std::sync::Arc;

/// Makes, changes and moves departments. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Depts {
    core: Arc<Core>,
}

fn missing() -> Error {
    Error::new(Kind::NotFound, "部门不存在", "There is no such department")
}

impl Depts {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The departments in the caller's sight as a tree, with those above them that lead there.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tree(&self, caller: &Caller) -> Result<Tree<Shown>> {
        let mut conn = self.core.db.read().await?;
        let all = depts::list(&mut conn).await?;
        let shown = all.into_iter().map(|d| Shown::to(caller.sight(), d));
        Ok(Tree::build(shown.collect()).leading_to(|s| s.in_scope))
    }

    /// The departments in the caller's sight that `filter` lets through, in order of the tree.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(&self, caller: &Caller, filter: &DeptFilter) -> Result<Vec<Dept>> {
        let mut conn = self.core.db.read().await?;
        let mut all = Tree::build(depts::list(&mut conn).await?).into_nodes();
        all.retain(|d| sees(caller, d) && filter.lets(d));
        Ok(all)
    }

    /// One department in the caller's sight.
    ///
    /// # Errors
    /// [`Kind::NotFound`], also for one out of sight.
    pub async fn get(&self, caller: &Caller, id: DeptId) -> Result<Dept> {
        let mut conn = self.core.db.read().await?;
        let dept = find(&mut conn, id).await?;
        Some(dept).filter(|d| sees(caller, d)).ok_or_else(missing)
    }

    /// Makes a department.
    ///
    /// # Errors
    /// [`Kind::Invalid`], naming the fields, also for a parent that is not there or out of sight;
    /// [`Kind::Forbidden`] at the top without the whole in sight; [`Kind::Conflict`] when a
    /// sibling has the name, and when it would be too deep.
    pub async fn create(&self, caller: &Caller, new: NewDept) -> Result<Dept> {
        let new = new.checked()?;
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let all = depts::list(&mut tx).await?;
        let above = parent(caller, &all, new.parent_id)?;
        Lineage::of(&all).place(None, new.parent_id.map(|p| p.0))?;
        name_is_free(&all, None, new.parent_id, &new.name)?;
        let path = above.map(|p| p.path.as_str());
        let by = Some(caller.id());
        let id = depts::insert(&mut tx, &new, path, by, self.core.now()).await?;
        let made = find(&mut tx, id).await?;
        self.close(tx, caller, "dept.create", None, Some(&made))
            .await?;
        Ok(made)
    }

    /// As [`Depts::change`]; gives back the department as it is now.
    ///
    /// # Errors
    /// As [`Depts::change`].
    pub async fn update(&self, caller: &Caller, id: DeptId, change: DeptChange) -> Result<Dept> {
        Ok(self.change(caller, id, change).await?.after)
    }

    /// Changes a department; with another parent it is moved, and all below it goes along.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; [`Kind::Invalid`], naming the fields, also for a parent that is not
    /// there or out of sight; [`Kind::Forbidden`] for a move to the top without the whole in
    /// sight, and for one that takes departments out of sight along; [`Kind::Conflict`] when a
    /// sibling has the name, and for a move below itself or too deep.
    pub async fn change(
        &self,
        caller: &Caller,
        id: DeptId,
        change: DeptChange,
    ) -> Result<Changed<Dept>> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let all = depts::list(&mut tx).await?;
        let before = all
            .iter()
            .find(|d| d.id == id && sees(caller, d))
            .ok_or_else(missing)?;
        let after = change.applied(before)?;
        let moved = after.parent_id != before.parent_id;
        let path = match moved {
            true => Some(new_path(caller, &all, before, after.parent_id)?),
            false => None,
        };
        if moved || after.name != before.name {
            name_is_free(&all, Some(id), after.parent_id, &after.name)?;
        }
        depts::update(&mut tx, &after, Some(caller.id()), self.core.now()).await?;
        if let Some(path) = path {
            depts::rewrite_paths(&mut tx, &before.path, &path).await?;
        }
        let after = find(&mut tx, id).await?;
        self.close(tx, caller, "dept.update", Some(before), Some(&after))
            .await?;
        let before = before.clone();
        Ok(Changed { before, after })
    }

    /// Puts a department below `parent` (none: at the top), in this place among those there. Where
    /// there is no room between two of them, all of them are numbered anew.
    ///
    /// # Errors
    /// As [`Depts::update`]; [`Kind::Invalid`] for a place beside one that does not stand there;
    /// [`Kind::Forbidden`] when departments out of sight would have to be numbered anew.
    pub async fn place(
        &self,
        caller: &Caller,
        id: DeptId,
        parent: Option<DeptId>,
        at: Position,
    ) -> Result<Dept> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let all = depts::list(&mut tx).await?;
        let before = all
            .iter()
            .find(|d| d.id == id && sees(caller, d))
            .ok_or_else(missing)?;
        let moved = parent != before.parent_id;
        let path = match moved {
            true => Some(new_path(caller, &all, before, parent)?),
            false => None,
        };
        if moved {
            name_is_free(&all, Some(id), parent, &before.name)?;
        }
        let numbers = Self::renumbered(caller, &all, before, parent, at)?;
        let mut after = Dept {
            parent_id: parent,
            ..before.clone()
        };
        let (by, now) = (Some(caller.id()), self.core.now());
        for (old, sort) in numbers {
            if old.id == id {
                after.sort = sort;
                continue;
            }
            let new = Dept {
                sort,
                ..old.clone()
            };
            depts::update(&mut tx, &new, by, now).await?;
            self.note(&mut tx, caller, "dept.update", Some(old), Some(&new))
                .await?;
        }
        depts::update(&mut tx, &after, by, now).await?;
        if let Some(path) = path {
            depts::rewrite_paths(&mut tx, &before.path, &path).await?;
        }
        let after = find(&mut tx, id).await?;
        self.close(tx, caller, "dept.update", Some(before), Some(&after))
            .await?;
        Ok(after)
    }

    /// The departments whose numbers change when `dept` goes below `parent`, and their new ones.
    fn renumbered<'a>(
        caller: &Caller,
        all: &'a [Dept],
        dept: &Dept,
        parent: Option<DeptId>,
        at: Position,
    ) -> Result<Vec<(&'a Dept, i64)>> {
        let siblings: Vec<(i64, i64)> = all
            .iter()
            .filter(|d| d.parent_id == parent && d.id != dept.id)
            .map(|d| (d.id.0, d.sort))
            .collect();
        let numbers = tree::arrange(&siblings, (dept.id.0, dept.sort), at)?;
        let found = numbers
            .into_iter()
            .filter_map(|(id, sort)| all.iter().find(|d| d.id.0 == id).map(|d| (d, sort)));
        let found: Vec<(&Dept, i64)> = found.collect();
        if found.iter().all(|(d, _)| sees(caller, d)) {
            Ok(found)
        } else {
            Err(Error::new(
                Kind::Forbidden {
                    missing: Vec::new(),
                },
                "这样排序要改动不在你数据范围内的部门",
                "That order would change departments outside your data scope",
            ))
        }
    }

    /// Deletes a department. Roles whose data scope names it name it no more.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; [`Kind::Conflict`], with the counts, while departments are below it
    /// or users in it.
    pub async fn delete(&self, caller: &Caller, id: DeptId) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let all = depts::list(&mut tx).await?;
        let dept = all
            .iter()
            .find(|d| d.id == id && sees(caller, d))
            .ok_or_else(missing)?;
        let below = all.iter().filter(|d| d.parent_id == Some(id)).count();
        let users = dept.users;
        if below > 0 || users > 0 {
            return Err(Error::new(
                Kind::Conflict,
                format!("该部门还有 {below} 个下级部门、{users} 个用户，不能删除"),
                format!(
                    "It can't be deleted: departments right below it: {below}; users in it: {users}"
                ),
            ));
        }
        depts::delete(&mut tx, id).await?;
        self.close(tx, caller, "dept.delete", Some(dept), None)
            .await
    }

    /// Writes the audit entry, has the change told, and commits.
    async fn close(
        &self,
        mut tx: Tx,
        caller: &Caller,
        action: &str,
        before: Option<&Dept>,
        after: Option<&Dept>,
    ) -> Result<()> {
        self.note(&mut tx, caller, action, before, after).await?;
        tx.announce(Event::Roles);
        tx.commit().await?;
        Ok(())
    }

    async fn note(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        action: &str,
        before: Option<&Dept>,
        after: Option<&Dept>,
    ) -> Result<()> {
        let mut record = Record::operation(action, caller);
        if let Some(dept) = after.or(before) {
            record = record.target("dept", dept.id, &dept.name);
        }
        record
            .change(&logged(before), &logged(after))
            .write(&self.core, tx)
            .await
    }
}

fn sees(caller: &Caller, dept: &Dept) -> bool {
    caller.sight().sees(Some(dept.id))
}

async fn find(conn: &mut Conn, id: DeptId) -> Result<Dept> {
    depts::get(conn, id).await?.ok_or_else(missing)
}

/// The department that another is to stand below; none for the top.
fn parent<'a>(caller: &Caller, all: &'a [Dept], id: Option<DeptId>) -> Result<Option<&'a Dept>> {
    let Some(id) = id else {
        // What stands at the top is in nobody's sight but of those who see all.
        return if caller.sight().scope == DataScope::All {
            Ok(None)
        } else {
            Err(Error::new(
                Kind::Forbidden {
                    missing: vec![format!("dataScope={}", DataScope::All.code())],
                },
                "顶级部门需要“全部”数据范围（dataScope）",
                "A department at the top needs a data scope (dataScope) of all",
            ))
        };
    };
    let Some(found) = all.iter().find(|d| d.id == id) else {
        return all_known("parentId", vec![id.0]).map(|()| None);
    };
    if sees(caller, found) {
        Ok(Some(found))
    } else {
        Err(Error::field(
            "parentId",
            Text::fixed("不在你的数据范围内", "is outside your data scope"),
        ))
    }
}

/// The path that `dept` has below `to`, if it may go there. Whoever is above it then sees all of
/// the branch, the caller maybe among them: so it must be in her sight already.
fn new_path(caller: &Caller, all: &[Dept], dept: &Dept, to: Option<DeptId>) -> Result<String> {
    let above = parent(caller, all, to)?;
    let lineage = Lineage::of(all);
    lineage.place(Some(dept.id.0), to.map(|p| p.0))?;
    let branch = lineage.branch(dept.id.0);
    let mut inside = all.iter().filter(|d| branch.contains(&d.id()));
    if inside.all(|d| sees(caller, d)) {
        Ok(dept::path(above.map(|p| p.path.as_str()), dept.id))
    } else {
        Err(Error::new(
            Kind::Forbidden {
                missing: Vec::new(),
            },
            "该部门的下级中有不在你数据范围内的部门，不能移动",
            "It can't be moved: departments below it are outside your data scope",
        ))
    }
}

/// Siblings are told apart by their names, in any letter case.
fn name_is_free(
    all: &[Dept],
    id: Option<DeptId>,
    parent: Option<DeptId>,
    name: &str,
) -> Result<()> {
    let key = name.to_lowercase();
    let taken = all
        .iter()
        .any(|d| Some(d.id) != id && d.parent_id == parent && d.name.to_lowercase() == key);
    if !taken {
        return Ok(());
    }
    Err(Error {
        fields: vec![FieldError {
            field: "deptName".into(),
            text: Text::fixed("已被使用", "is taken"),
        }],
        ..Error::new(
            Kind::Conflict,
            format!("同级已有名为“{name}”的部门"),
            format!("A department named “{name}” is there already, beside it"),
        )
    })
}

/// What an audit entry shows of a department.
fn logged(dept: Option<&Dept>) -> Value {
    let Some(dept) = dept else { return Value::Null };
    json!({
        "parentId": dept.parent_id,
        "path": dept.path,
        "name": dept.name,
        "sort": dept.sort,
        "leader": dept.leader,
        "phone": dept.phone,
        "email": dept.email,
        "status": dept.status.code(),
    })
}

#[cfg(test)]
mod tests;
