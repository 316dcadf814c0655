//! What the ids in a change are called: roles, departments and menus that are still there, each
//! kind asked for at once, and none that the reader may not list.

use crate::access::Caller;
use menshen_domain::log::Operation;
use menshen_domain::{DeptId, Result, Text, catalogue};
use menshen_storage::{Conn, depts, menus, roles};
use std::collections::BTreeSet;

/// What an id can stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing {
    Role,
    Dept,
    Menu,
}

impl Thing {
    const ALL: [Self; 3] = [Self::Role, Self::Dept, Self::Menu];

    /// What stands in `field` of an entry about a thing of the kind `target`.
    fn of(field: &str, target: Option<&str>) -> Option<Self> {
        match (field, target) {
            ("roleIds", _) => Some(Self::Role),
            ("deptId" | "deptIds", _) | ("parentId", Some("dept")) => Some(Self::Dept),
            ("menuIds", _) | ("parentId", Some("menu")) => Some(Self::Menu),
            _ => None,
        }
    }

    /// The permission to list them.
    fn list(self) -> &'static str {
        match self {
            Self::Role => catalogue::ROLE_LIST,
            Self::Dept => catalogue::DEPT_LIST,
            Self::Menu => catalogue::MENU_LIST,
        }
    }

    /// What those of `ids` are called that `caller` sees.
    async fn names(
        self,
        conn: &mut Conn,
        caller: &Caller,
        ids: &[i64],
    ) -> Result<Vec<(i64, Text)>> {
        let plain = match self {
            Self::Menu => return Ok(menus::names(conn, ids).await?),
            Self::Role => roles::names(conn, ids).await?,
            Self::Dept => {
                let sees = |id: &i64| caller.sight().sees(Some(DeptId(*id)));
                let seen: Vec<i64> = ids.iter().copied().filter(sees).collect();
                depts::names(conn, &seen).await?
            }
        };
        let both = |name: String| Text::new(name.clone(), name);
        Ok(plain
            .into_iter()
            .map(|(id, name)| (id, both(name)))
            .collect())
    }
}

/// Names what the ids in `found` stand for.
///
/// # Errors
/// What the database says.
pub(super) async fn tell(conn: &mut Conn, caller: &Caller, found: &mut Operation) -> Result<()> {
    let target = found.entry.target_kind.clone();
    for thing in Thing::ALL {
        if !caller.may(thing.list()) {
            continue;
        }
        let about = |field: &str| Thing::of(field, target.as_deref()) == Some(thing);
        let ids: BTreeSet<i64> = found
            .changes
            .iter()
            .filter(|change| about(&change.field))
            .flat_map(|change| change.before.iter().chain(&change.after))
            .filter_map(|id| id.parse().ok())
            .collect();
        if ids.is_empty() {
            continue;
        }
        let ids: Vec<i64> = ids.into_iter().collect();
        let names = thing.names(conn, caller, &ids).await?;
        let names: Vec<(String, Text)> = names
            .into_iter()
            .map(|(id, name)| (id.to_string(), name))
            .collect();
        for change in found.changes.iter_mut().filter(|c| about(&c.field)) {
            let mine = |id: &String| change.before.contains(id) || change.after.contains(id);
            let mut told: Vec<_> = names.iter().filter(|(id, _)| mine(id)).cloned().collect();
            told.sort_by(|a, b| a.0.cmp(&b.0));
            change.names = told;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use menshen_domain::log::{LogFilter, LogKind};
    use menshen_domain::menu::NewMenu;
    use menshen_domain::role::RoleChange;
    use menshen_domain::user::UserChange;
    use menshen_domain::{Lang, PageRequest};

    /// The latest operation of that name, as `caller` reads it.
    async fn latest(bench: &Bench, caller: &Caller, action: &str) -> Operation {
        let logs = &bench.services.logs;
        let filter = LogFilter {
            action: Some(action.to_owned()),
            ..LogFilter::default()
        };
        let page = PageRequest::default();
        let kind = LogKind::Operation;
        let list = logs.list(caller, kind, &filter, page).await.expect("a log");
        let id = list.list.first().expect("an entry").id;
        logs.operation(caller, id).await.expect("the entry")
    }

    fn named(found: &Operation, field: &str) -> Vec<String> {
        let change = found.changes.iter().find(|c| c.field == field);
        let change = change.unwrap_or_else(|| panic!("{field} in {found:?}"));
        let values = change.before.iter().chain(&change.after);
        let name = |id: &String| match change.name_of(id) {
            Some(name) => name.get(Lang::En).to_owned(),
            None => format!("#{id}"),
        };
        values.map(name).collect()
    }

    #[tokio::test]
    async fn ids_are_named_as_far_as_the_reader_may_see() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let codes = ["monitor:log:operation", "system:menu:list"];
        let reader = bench.with_permissions(&admin, "reader", &codes).await;
        let [_, dev, front, sales] = bench.departments().await;
        let lin = bench.user("lin").await;
        let role = bench.role(&admin, "desk", &["system:user:list"]).await;
        let gone = bench.role(&admin, "gone", &["system:user:list"]).await;
        let services = &bench.services;
        let bound = services.users.bind(&admin, lin, vec![role, gone]).await;
        bound.expect("bound");
        let deleted = services.roles.delete(&admin, gone, true).await;
        deleted.expect("deleted");
        let moved = UserChange {
            dept_id: Some(Some(front)),
            ..UserChange::default()
        };
        let moved = services.users.update(&admin, lin, moved).await;
        moved.expect("moved");
        let menu = NewMenu {
            name_zh: "订单".to_owned(),
            name_en: "Orders".to_owned(),
            ..NewMenu::default()
        };
        let menu = services.menus.create(&admin, menu).await.expect("a menu");
        let change = RoleChange {
            menu_ids: Some(vec![menu.id]),
            dept_ids: Some(vec![front, sales]),
            ..RoleChange::default()
        };
        let changed = services.roles.update(&admin, role, change).await;
        changed.expect("changed");

        let bound = latest(&bench, &admin, "user.bind").await;
        assert_eq!(
            named(&bound, "roleIds"),
            ["Role desk".to_owned(), format!("#{gone}")]
        );
        let dept = async |id: DeptId| {
            let found = services.depts.get(&admin, id).await;
            found.expect("a department").name
        };
        let moved = latest(&bench, &admin, "user.update").await;
        assert_eq!(named(&moved, "deptId"), [dept(front).await]);
        let changed = latest(&bench, &admin, "role.update").await;
        assert_eq!(named(&changed, "menuIds"), ["Orders"]);
        let both = [dept(front).await, dept(sales).await];
        assert_eq!(named(&changed, "deptIds"), both);

        // Without the permission to list them they stay numbers.
        let bound = latest(&bench, &reader, "user.bind").await;
        assert_eq!(
            named(&bound, "roleIds"),
            [format!("#{role}"), format!("#{gone}")]
        );
        let changed = latest(&bench, &reader, "role.update").await;
        assert_eq!(named(&changed, "menuIds"), ["Orders"]);
        assert_eq!(
            named(&changed, "deptIds"),
            [format!("#{front}"), format!("#{sales}")]
        );

        // And departments out of sight, too. Her own entries are in her sight.
        let codes = ["monitor:log:operation", "system:dept:*", "system:user:*"];
        let clerk = bench.with_permissions(&admin, "clerk", &codes).await;
        let place = UserChange {
            dept_id: Some(Some(dev)),
            ..UserChange::default()
        };
        let placed = services.users.update(&admin, clerk.id(), place).await;
        placed.expect("placed");
        let placed = UserChange {
            dept_id: Some(Some(sales)),
            ..UserChange::default()
        };
        // Done by herself while she saw everybody.
        let clerk = bench.caller("clerk").await;
        let moved = services.users.update(&clerk, lin, placed).await;
        moved.expect("moved");
        // Of somebody out of sight she would be told nothing at all.
        let back = UserChange {
            dept_id: Some(Some(front)),
            ..UserChange::default()
        };
        let back = services.users.update(&admin, lin, back).await;
        back.expect("back");
        bench.narrow_role(&admin, "only-clerk", "4").await;
        let clerk = bench.caller("clerk").await;
        let moved = latest(&bench, &clerk, "user.update").await;
        assert_eq!(
            named(&moved, "deptId"),
            [dept(front).await, format!("#{sales}")]
        );
    }
}
