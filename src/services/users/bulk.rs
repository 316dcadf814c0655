//! Several users changed at once: all of them or none.
//!
//! Each change is the single one's, rules, audit entry and all; they are only made in one
//! transaction. What one of them refuses, all are refused, and the answer says who and why.

use super::{Users, in_sight};
use crate::access::Caller;
use menshen_domain::people::MAX_AT_ONCE;
use menshen_domain::role::Status;
use menshen_domain::user::{User, UserChange};
use menshen_domain::{DeptId, Error, FieldError, Kind, Result, RoleId, Text, UserId, catalogue};
use menshen_storage::Tx;

/// What is to happen to a user, as one of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkChange {
    /// She can sign in, or can't.
    Status(Status),
    /// She is moved to a department, or to none.
    Move(Option<DeptId>),
    /// She is given a role, beside those that she holds.
    Give(RoleId),
    /// A role is taken from her.
    Take(RoleId),
    /// She is deleted.
    Delete,
}

impl BulkChange {
    /// The permission that the single change asks for.
    fn permission(self) -> &'static str {
        match self {
            Self::Status(_) | Self::Move(_) => catalogue::USER_ALTER,
            Self::Give(_) | Self::Take(_) => catalogue::USER_BIND,
            Self::Delete => catalogue::USER_REMOVE,
        }
    }

    /// Whether it would leave `user` as she is.
    fn is_done(self, user: &User) -> bool {
        let holds = |role| user.roles.iter().any(|r| r.id == role);
        match self {
            Self::Status(status) => user.status == status,
            Self::Move(dept) => user.dept_id == dept,
            Self::Give(role) => holds(role),
            Self::Take(role) => !holds(role),
            Self::Delete => false,
        }
    }
}

/// What came of changing several users.
#[derive(Debug, Clone, Default)]
pub struct Bulk {
    /// Those who were changed, as they were before.
    pub changed: Vec<User>,
    /// How many were already as they were to be.
    pub unchanged: usize,
}

impl Users {
    /// Changes several users, each in her own way: all of them or none.
    ///
    /// # Errors
    /// [`Kind::Forbidden`]; [`Kind::Invalid`] on `ids` for none or too many; what the single
    /// change refuses, for one user as it is, for several as [`Kind::Conflict`] with a field for
    /// each user who stands in the way, called by her name.
    pub async fn bulk(&self, caller: &Caller, changes: &[(UserId, BulkChange)]) -> Result<Bulk> {
        for (_, change) in changes {
            caller.require(change.permission())?;
        }
        a_good_number(changes.len())?;
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let mut done = Bulk::default();
        let mut refused = Vec::new();
        for (id, change) in changes {
            match self.one_of_several(&mut tx, caller, *id, *change).await {
                Ok(Some(before)) => done.changed.push(before),
                Ok(None) => done.unchanged += 1,
                Err(error) if is_about_the_user(&error) => {
                    refused.push((name_of(&mut tx, caller, *id).await, error));
                }
                Err(error) => return Err(error),
            }
        }
        if refused.is_empty() {
            tx.commit().await?;
            Ok(done)
        } else {
            Err(refusal(refused, changes.len()))
        }
    }

    /// Changes one of several; gives back the user as she was, or none if nothing is to change.
    async fn one_of_several(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        id: UserId,
        change: BulkChange,
    ) -> Result<Option<User>> {
        let before = in_sight(tx, caller, id).await?;
        if change.is_done(&before) {
            return Ok(None);
        }
        let held = before.roles.iter().map(|r| r.id);
        match change {
            BulkChange::Status(status) => {
                let change = UserChange {
                    status: Some(status),
                    ..UserChange::default()
                };
                self.change_in(tx, caller, id, change, None).await?;
            }
            BulkChange::Move(dept) => {
                let change = UserChange {
                    dept_id: Some(dept),
                    ..UserChange::default()
                };
                self.change_in(tx, caller, id, change, None).await?;
            }
            BulkChange::Give(role) => {
                let wanted: Vec<RoleId> = held.chain([role]).collect();
                self.rebind_in(tx, caller, &before, &wanted).await?;
            }
            BulkChange::Take(role) => {
                let wanted: Vec<RoleId> = held.filter(|r| *r != role).collect();
                self.rebind_in(tx, caller, &before, &wanted).await?;
            }
            BulkChange::Delete => {
                self.delete_in(tx, caller, id).await?;
            }
        }
        Ok(Some(before))
    }
}

fn a_good_number(n: usize) -> Result<()> {
    if (1..=MAX_AT_ONCE).contains(&n) {
        return Ok(());
    }
    Err(Error::field(
        "ids",
        Text::new(
            format!("应选 1 到 {MAX_AT_ONCE} 个用户"),
            format!("must be 1 to {MAX_AT_ONCE} users"),
        ),
    ))
}

/// Whether an error refuses a change, rather than telling that nothing can be changed now.
fn is_about_the_user(error: &Error) -> bool {
    matches!(
        error.kind,
        Kind::Invalid | Kind::Forbidden { .. } | Kind::NotFound | Kind::Conflict
    )
}

/// What to call somebody in a refusal; who is out of sight has a number alone.
async fn name_of(tx: &mut Tx, caller: &Caller, id: UserId) -> String {
    in_sight(tx, caller, id)
        .await
        .map_or_else(|_| format!("#{id}"), |user| user.display_name().to_owned())
}

/// One answer for all who stand in the way.
fn refusal(refused: Vec<(String, Error)>, of: usize) -> Error {
    let n = refused.len();
    let mut refused = refused.into_iter();
    if of == 1
        && let Some((_, error)) = refused.next()
    {
        return error;
    }
    let fields = refused.map(|(name, error)| FieldError {
        field: name.into(),
        text: error.text,
    });
    Error {
        fields: fields.collect(),
        ..Error::new(
            Kind::Conflict,
            format!("选中的 {of} 个用户中有 {n} 个不能这样修改，因此没有作任何修改"),
            format!("{n} of the {of} users can't be changed so: nothing was changed"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use crate::users::tests::{new, scoped};
    use menshen_domain::PageRequest;
    use menshen_domain::ids::ADMIN_ROLE;
    use menshen_domain::scope::DataScope;
    use menshen_domain::user::{NewUser, UserFilter};

    const DISABLE: BulkChange = BulkChange::Status(Status::Disabled);

    async fn three(bench: &Bench) -> [UserId; 3] {
        [
            bench.user("lin").await,
            bench.user("han").await,
            bench.user("wu").await,
        ]
    }

    fn each(ids: &[UserId], change: BulkChange) -> Vec<(UserId, BulkChange)> {
        ids.iter().map(|id| (*id, change)).collect()
    }

    async fn statuses(bench: &Bench, admin: &Caller) -> Vec<(String, Status)> {
        let users = &bench.services.users;
        let page = PageRequest::default();
        let listed = users.list(admin, UserFilter::default(), page).await;
        let listed = listed.expect("list").list.into_iter();
        listed.map(|u| (u.username, u.status)).collect()
    }

    #[tokio::test]
    async fn all_are_changed_each_with_her_own_entry() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let ids = three(&bench).await;
        let open = bench.sign_in("lin").await;
        let users = &bench.services.users;
        let done = users.bulk(&admin, &each(&ids[..2], DISABLE)).await;
        assert_eq!(done.expect("done").changed.len(), 2);
        let done = users
            .bulk(&admin, &each(&ids, DISABLE))
            .await
            .expect("done");
        assert_eq!(done.changed.len(), 1);
        assert_eq!(done.changed[0].status, Status::Active, "as she was");
        assert_eq!(done.unchanged, 2);
        assert_eq!(bench.audit("user.update").await.len(), 3);
        assert!(bench.by_token(&open).await.is_err(), "her session ended");
        let active = BulkChange::Status(Status::Active);
        users.bulk(&admin, &each(&ids, active)).await.expect("back");
        let all = statuses(&bench, &admin).await;
        assert!(all.iter().all(|(_, s)| *s == Status::Active), "{all:?}");
    }

    #[tokio::test]
    async fn what_one_refuses_all_are_refused() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let [lin, han, _] = three(&bench).await;
        let users = &bench.services.users;
        let nobody = UserId(9999);
        let changes = each(&[lin, admin.id(), nobody, han], DISABLE);
        let error = users.bulk(&admin, &changes).await.expect_err("refused");
        assert_eq!(error.kind, Kind::Conflict);
        let named: Vec<_> = error.fields.iter().map(|f| f.field.to_string()).collect();
        assert_eq!(named, ["管理员", "#9999"]);
        assert!(error.fields[0].text.en.contains("yourself"));
        let all = statuses(&bench, &admin).await;
        assert!(all.iter().all(|(_, s)| *s == Status::Active), "{all:?}");
        assert!(bench.audit("user.update").await.is_empty());
        let herself = each(&[admin.id()], BulkChange::Delete);
        let alone = users.bulk(&admin, &herself).await.expect_err("refused");
        assert!(alone.text.en.contains("delete yourself") && alone.fields.is_empty());
    }

    #[tokio::test]
    async fn the_last_administrators_do_not_go_together() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let [lin, han, _] = three(&bench).await;
        let users = &bench.services.users;
        let give = BulkChange::Give(ADMIN_ROLE);
        users
            .bulk(&admin, &each(&[lin, han], give))
            .await
            .expect("given");
        let take = BulkChange::Take(ADMIN_ROLE);
        let all = each(&[lin, han, admin.id()], take);
        let error = users.bulk(&admin, &all).await.expect_err("refused");
        assert_eq!(error.fields.len(), 1);
        assert!(
            error.fields[0]
                .text
                .en
                .contains("last active administrator")
        );
        users
            .bulk(&admin, &each(&[lin, han], take))
            .await
            .expect("taken");
        let left = users.get(&admin, lin).await.expect("there");
        assert!(left.roles.is_empty());
    }

    #[tokio::test]
    async fn the_single_ones_rules_hold() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let [_, rd, web, sales] = bench.departments().await;
        let users = &bench.services.users;
        let mut ids = Vec::new();
        for (name, dept) in [("ann", rd), ("bob", web), ("cat", sales)] {
            let user = NewUser {
                dept_id: Some(dept),
                ..new(name)
            };
            ids.push(users.create(&admin, user).await.expect("made").id);
        }
        let (scope, dept) = (DataScope::OwnAndBelow, Some(rd.0));
        let alter = [catalogue::USER_ALTER];
        let clerk = scoped(&bench, &admin, "clerk", &alter, scope, dept).await;
        let out_of_sight = users.bulk(&clerk, &each(&ids, DISABLE)).await;
        assert_eq!(out_of_sight.expect_err("refused").fields.len(), 1);
        let too_far = each(&ids[..2], BulkChange::Move(Some(sales)));
        let too_far = users.bulk(&clerk, &too_far).await.expect_err("refused");
        assert_eq!(too_far.fields.len(), 2);
        let moved = each(&ids[..2], BulkChange::Move(Some(web)));
        let moved = users.bulk(&clerk, &moved).await.expect("moved");
        assert_eq!(moved.changed.len(), 1);
        assert_eq!(moved.changed[0].dept_id, Some(rd), "as she was");
        for other in [BulkChange::Give(ADMIN_ROLE), BulkChange::Delete] {
            let refused = users.bulk(&clerk, &each(&ids[..1], other)).await;
            let kind = refused.expect_err("refused").kind;
            assert!(matches!(kind, Kind::Forbidden { .. }), "{kind:?}");
        }
        let none = users.bulk(&admin, &[]).await.expect_err("refused");
        assert_eq!(none.fields[0].field, "ids");
    }
}
