//! The sessions of others, user by user: seeing them, counting them before something happens to
//! their users, ending them.

use super::Sessions;
use crate::access::Caller;
use crate::users::in_sight;
use menshen_domain::people::{MAX_AT_ONCE, Picked, PickedUser};
use menshen_domain::session::{OpenSession, SessionFilter};
use menshen_domain::user::User;
use menshen_domain::{Kind, Page, PageRequest, Result, UserId};
use menshen_storage::sessions::{self, Owner};
use menshen_storage::users;

impl Sessions {
    /// The open sessions of somebody whom the caller sees, the last seen first, one page of them.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::NotFound`], also for users out of sight.
    pub async fn list_of(
        &self,
        caller: &Caller,
        id: UserId,
        page: PageRequest,
    ) -> Result<Page<OpenSession>> {
        let mut conn = self.core.db.read().await?;
        in_sight(&mut conn, caller, id).await?;
        drop(conn);
        let all = SessionFilter::default();
        self.listed(caller, Owner::One(id), &all, page).await
    }

    /// Whose sessions those of `id` are; none for somebody out of the caller's sight.
    ///
    /// # Errors
    /// What the database says.
    pub async fn owner(&self, caller: &Caller, id: UserId) -> Result<Option<PickedUser>> {
        let mut conn = self.core.db.read().await?;
        match in_sight(&mut conn, caller, id).await {
            Ok(user) => Ok(Some(picked(&user))),
            Err(error) if error.kind == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Who these users are, as far as the caller sees them, and how many sessions of theirs are
    /// open: what one wants to know before something happens to them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn picked(&self, caller: &Caller, ids: &[UserId]) -> Result<Picked> {
        let ids = ids.get(..MAX_AT_ONCE).unwrap_or(ids);
        let mut conn = self.core.db.read().await?;
        let mut found = users::by_ids(&mut conn, ids).await?;
        found.retain(|u| u.id == caller.id() || caller.sight().sees(u.dept_id));
        let seen: Vec<UserId> = found.iter().map(|u| u.id).collect();
        let sessions = sessions::count_usable_of_users(&mut conn, self.usable(), &seen).await?;
        Ok(Picked {
            users: found.iter().map(picked).collect(),
            sessions,
        })
    }
}

fn picked(user: &User) -> PickedUser {
    PickedUser {
        id: user.id,
        name: user.display_name().to_owned(),
        status: user.status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use menshen_domain::catalogue;

    #[tokio::test]
    async fn what_hangs_on_users_is_counted_and_ended() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let lin = bench.user("lin").await;
        let han = bench.user("han").await;
        let first = bench.sign_in("lin").await;
        bench.sign_in("lin").await;
        let kept = bench.sign_in("han").await;
        let service = &bench.services.sessions;
        let picked = service.picked(&admin, &[han, lin, UserId(999)]).await;
        let picked = picked.expect("picked");
        let names: Vec<_> = picked.users.iter().map(|u| u.name.as_str()).collect();
        assert_eq!((names, picked.sessions), (vec!["han", "lin"], 3));
        let page = PageRequest::default();
        let listed = service.list_of(&admin, lin, page).await.expect("listed");
        assert_eq!(listed.total, 2);
        assert!(listed.list.iter().all(|s| s.user_id == lin));
        assert_eq!(service.revoke_user(&admin, lin).await.expect("ended").0, 2);
        assert_eq!(
            service.revoke_user(&admin, lin).await.expect("none left").0,
            0
        );
        assert!(bench.by_token(&first).await.is_err());
        bench.by_token(&kept).await.expect("hers goes on");
        assert_eq!(bench.audit("session.revoke_user").await.len(), 1);
        let own = service.revoke_user(&admin, admin.id()).await;
        assert_eq!(own.expect("the one that asks stays").0, 0);
    }

    #[tokio::test]
    async fn an_owner_is_named_to_who_sees_her() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let lin = bench.user("lin").await;
        let service = &bench.services.sessions;
        let owner = service.owner(&admin, lin).await.expect("an answer");
        assert_eq!(owner.expect("in sight").name, "lin");
        let nobody = service.owner(&admin, UserId(999)).await;
        assert_eq!(nobody.expect("an answer"), None);
        let codes = [catalogue::SESSION_LIST];
        bench.with_permissions(&admin, "han", &codes).await;
        bench.narrow_role(&admin, "only-han", "5").await;
        let han = bench.caller("han").await;
        assert_eq!(service.owner(&han, lin).await.expect("an answer"), None);
    }

    #[tokio::test]
    async fn who_holds_more_is_left_alone() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let revoke = [catalogue::SESSION_REVOKE];
        let clerk = bench.with_permissions(&admin, "clerk", &revoke).await;
        let refused = bench
            .services
            .sessions
            .revoke_user(&clerk, admin.id())
            .await;
        let kind = refused.expect_err("refused").kind;
        assert!(matches!(kind, Kind::Forbidden { .. }), "{kind:?}");
    }
}
