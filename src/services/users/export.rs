//! Users as a file: all that a list would show, a piece at a time, however many they are.

use super::Users;
use crate::access::Caller;
use crate::audit::Record;
use crate::core::Core;
use crate::exports::{PIECE, Place};
use crate::users::departments;
use menshen_domain::user::{User, UserFilter};
use menshen_domain::{Result, UserId, catalogue};
use menshen_storage::{depts, users};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;

/// A user with the names that lead to the department.
#[derive(Debug, Clone)]
pub struct Exported {
    /// The user.
    pub user: User,
    /// The departments' names from the root down, joined by `/`; empty without a department.
    pub dept_path: String,
}

/// An export under way.
#[derive(Debug)]
pub struct Export {
    core: Arc<Core>,
    ids: std::vec::IntoIter<UserId>,
    paths: HashMap<i64, String>,
    _place: Place,
}

impl Export {
    /// How many users are still to come, at most.
    #[must_use]
    pub fn left(&self) -> usize {
        self.ids.len()
    }

    /// The next users; none at the end. Who was deleted meanwhile is left out.
    ///
    /// # Errors
    /// What the database says.
    pub async fn next(&mut self) -> Result<Option<Vec<Exported>>> {
        let ids: Vec<UserId> = self.ids.by_ref().take(PIECE).collect();
        if ids.is_empty() {
            return Ok(None);
        }
        let mut conn = self.core.db.read().await?;
        let found = users::by_ids(&mut conn, &ids).await?;
        let with_path = |user: User| Exported {
            dept_path: user
                .dept_id
                .and_then(|d| self.paths.get(&d.0))
                .cloned()
                .unwrap_or_default(),
            user,
        };
        Ok(Some(found.into_iter().map(with_path).collect()))
    }
}

impl Users {
    /// Begins an export of the users in the caller's sight that `filter` lets through, in its
    /// order. It is noted in the log before anything is handed out.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::Forbidden`] without `system:user:export`;
    /// [`menshen_domain::Kind::TooMany`] and [`menshen_domain::Kind::Busy`] while as many exports
    /// as may be are under way.
    pub async fn export(&self, caller: &Caller, filter: UserFilter) -> Result<Export> {
        caller.require(catalogue::USER_EXPORT)?;
        let place = self.core.exports.place(caller.id())?;
        let mut conn = self.core.db.read().await?;
        // The ids alone, of all of them: what is read later, piece by piece, is then neither
        // missed nor told twice, whoever is added or deleted meanwhile.
        let ids = users::ids(&mut conn, caller.id(), caller.sight(), &filter).await?;
        let paths = departments::paths(&depts::all(&mut conn).await?);
        drop(conn);
        let mut tx = self.core.db.begin().await?;
        Record::operation("user.export", caller)
            .detail(&json!({ "count": ids.len(), "filter": filter }))
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(Export {
            core: self.core.clone(),
            ids: ids.into_iter(),
            paths,
            _place: place,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use crate::users::tests::{new, scoped};
    use menshen_domain::scope::DataScope;
    use menshen_domain::user::{NewUser, UserSort};
    use menshen_domain::{DeptId, Kind};

    async fn all(export: &mut Export) -> Vec<(String, String)> {
        let mut all = Vec::new();
        while let Some(piece) = export.next().await.expect("a piece") {
            assert!(piece.len() <= PIECE);
            all.extend(piece.into_iter().map(|e| (e.user.username, e.dept_path)));
        }
        all
    }

    #[tokio::test]
    async fn it_keeps_to_the_sight_and_the_filter() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let [top, rd, web, sales] = bench.departments().await;
        let users = &bench.services.users;
        for (name, dept) in [("a", rd), ("b", web), ("c", sales), ("d", top)] {
            let name = format!("in-{name}");
            let user = NewUser {
                dept_id: Some(dept),
                ..new(&name)
            };
            users.create(&admin, user).await.expect("made");
        }
        let export = [catalogue::USER_EXPORT];
        let (scope, dept) = (DataScope::OwnAndBelow, Some(rd.0));
        let viewer = scoped(&bench, &admin, "viewer", &export, scope, dept).await;
        let filter = UserFilter {
            sort: UserSort::Username,
            descending: true,
            ..UserFilter::default()
        };
        let mut running = users.export(&viewer, filter.clone()).await.expect("begun");
        assert_eq!(running.left(), 3);
        let text = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let expected = [
            text("viewer", "总公司/研发"),
            text("in-b", "总公司/研发/前端"),
            text("in-a", "总公司/研发"),
        ];
        assert_eq!(all(&mut running).await, expected);
        let narrowed = UserFilter {
            dept_id: Some(DeptId(web.0)),
            ..filter
        };
        let mut running = users.export(&viewer, narrowed).await.expect("begun");
        assert_eq!(all(&mut running).await, expected[1..2]);
        let entries = bench.audit("user.export").await;
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].detail()["count"], 3);
        assert_eq!(entries[1].detail()["filter"]["dept_id"], web.0);
        assert_eq!(entries[0].actor_id, Some(viewer.id().0));
    }

    #[tokio::test]
    async fn it_asks_for_the_permission() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let lister = bench
            .with_permissions(&admin, "lister", &[catalogue::USER_LIST])
            .await;
        let users = &bench.services.users;
        let refused = users.export(&lister, UserFilter::default()).await;
        let missing = vec![catalogue::USER_EXPORT.to_owned()];
        let error = refused.expect_err("refused");
        assert_eq!(error.kind, Kind::Forbidden { missing });
        assert!(bench.audit("user.export").await.is_empty());
    }

    #[tokio::test]
    async fn it_goes_on_past_a_piece_and_leaves_out_who_is_gone() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let mut tx = bench.db.begin().await.expect("begin");
        for n in 0..PIECE + 7 {
            let account = menshen_storage::users::Account {
                username: format!("user{n}"),
                user_code: format!("code{n}"),
                sex: "2".into(),
                ..Default::default()
            };
            users::insert(&mut tx, &account, None, false, None, bench.services.now())
                .await
                .expect("insert");
        }
        tx.commit().await.expect("commit");
        let service = &bench.services.users;
        let begun = service.export(&admin, UserFilter::default()).await;
        let mut running = begun.expect("begun");
        let first = running.next().await.expect("a piece").expect("some");
        assert_eq!(first.len(), PIECE);
        let left = running.ids.as_slice()[0];
        service.delete(&admin, left).await.expect("deleted");
        assert_eq!(all(&mut running).await.len(), 7);
    }
}
