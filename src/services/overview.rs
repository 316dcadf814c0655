//! The overview: figures, the sign-ins of two weeks, the latest changes, and what needs attention.
//!
//! It is loaded often and must stay quick however much there is. Days that are over are counted
//! once and remembered for those who see everybody; what else is counted has an index that holds
//! it all, or is counted up to a bound.

use crate::days::{self, Day};
use crate::{Caller, Services};
use menshen_domain::log::LogKind;
use menshen_domain::scope::DataScope;
use menshen_domain::session::{self, Compared, Concern, ConcernKind, MANY, Overview};
use menshen_domain::{Result, Timestamp, catalogue};
use menshen_storage::overview::{Named, Run};
use menshen_storage::sessions::Owner;
use menshen_storage::{Conn, audit, keys, overview as storage, roles, sessions, users};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How many of the last sign-ins and changes are shown.
const LAST: i64 = 6;
/// How many days the chart shows.
const DAYS: i64 = 14;
/// How many of what needs attention are looked for.
const SOME: i64 = 100;
/// How many of them are named.
const NAMED: usize = 3;
/// A day is remembered when it has been over for so long: clocks of nodes differ a little.
const SETTLED: Duration = Duration::from_mins(10);
/// How long before its time a key is told of.
const KEY_NOTICE: Duration = Duration::from_hours(24 * 7);
const A_DAY: Duration = Duration::from_hours(24);

/// Sign-ins and failures of days that are over, by their first moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Past(Arc<Mutex<HashMap<i64, (i64, i64)>>>);

impl Past {
    fn get(&self, day: &Day) -> Option<(i64, i64)> {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.get(&day.begin.0).copied()
    }

    fn keep(&self, day: &Day, counted: (i64, i64)) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What left the chart is forgotten with everything else: it is soon counted again.
        if map.len() >= 64 {
            map.clear();
        }
        map.insert(day.begin.0, counted);
    }
}

impl Services {
    /// What `caller` may see of it, of the users in her sight. A role's figures are the role's.
    ///
    /// # Errors
    /// What the database says.
    pub async fn overview(&self, caller: &Caller) -> Result<Overview> {
        let mut shown = Overview {
            users: None,
            disabled_users: None,
            roles: None,
            sessions: None,
            without_factor: None,
            sign_ins: None,
            failures: None,
            throttled: None,
            days: None,
            last: None,
            actions: None,
            concerns: Vec::new(),
        };
        if caller.may(catalogue::LOG_OPERATION) {
            let latest = self.logs.latest(caller, LogKind::Operation, LAST).await?;
            shown.actions = Some(latest);
        }
        let mut conn = self.core.db.read().await?;
        if caller.may(catalogue::USER_LIST) {
            self.people(&mut conn, caller, &mut shown).await?;
        }
        if caller.may(catalogue::ROLE_LIST) {
            self.roles_shown(&mut conn, &mut shown).await?;
        }
        if caller.may(catalogue::SESSION_LIST) {
            let owner = Owner::InSight(caller.id(), caller.sight());
            let when = self.sessions.usable();
            let open = sessions::count_usable_of(&mut conn, when, owner, MANY).await?;
            shown.sessions = Some(open);
        }
        if caller.may(catalogue::LOG_LOGIN) {
            self.sign_ins_shown(&mut conn, caller, &mut shown).await?;
        }
        if caller.may(catalogue::SETTING_QUERY) {
            shown.concerns.extend(self.key_due(&mut conn).await?);
        }
        Ok(shown)
    }

    async fn people(&self, conn: &mut Conn, caller: &Caller, shown: &mut Overview) -> Result<()> {
        let (viewer, sight) = (caller.id(), caller.sight());
        let (all, disabled) = users::count(conn, viewer, sight).await?;
        let with = storage::with_factor(conn, viewer, sight).await?;
        shown.users = Some(all);
        shown.disabled_users = Some(disabled);
        shown.without_factor = Some((all - disabled - with).max(0));
        let bare = storage::wide_without_factor(conn, viewer, sight, SOME).await?;
        let due = storage::password_due(conn, viewer, sight, SOME).await?;
        let concerns = &mut shown.concerns;
        concerns.extend(concern(ConcernKind::WideWithoutFactor, bare));
        if due > 0 {
            concerns.push(Concern {
                kind: ConcernKind::OneTimePasswords,
                count: due,
                names: Vec::new(),
                id: None,
            });
        }
        Ok(())
    }

    async fn roles_shown(&self, conn: &mut Conn, shown: &mut Overview) -> Result<()> {
        shown.roles = Some(roles::count(conn).await?);
        let wide = storage::wide_roles(conn, SOME).await?;
        let off = storage::disabled_roles_held(conn, SOME).await?;
        shown.concerns.extend(concern(ConcernKind::WideRoles, wide));
        shown
            .concerns
            .extend(concern(ConcernKind::DisabledRoles, off));
        Ok(())
    }

    async fn sign_ins_shown(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        shown: &mut Overview,
    ) -> Result<()> {
        let (viewer, sight) = (caller.id(), caller.sight());
        let now = self.now();
        let list = days::last(&self.core, DAYS)?;
        let mut counted = Vec::with_capacity(list.len());
        for day in &list {
            counted.push(self.counted(conn, caller, day, now).await?);
        }
        let then = days::week_ago(&self.core)?;
        let same_day = list.iter().find(|day| day.begin <= then && then < day.end);
        let before = match same_day {
            Some(day) => audit::count_sign_ins(conn, viewer, sight, day.begin, then).await?,
            None => (0, 0),
        };
        let today = counted.last().copied().unwrap_or_default();
        let compared = |today, week_ago| Some(Compared { today, week_ago });
        shown.sign_ins = compared(today.0, before.0);
        shown.failures = compared(today.1, before.1);
        let days = list.into_iter().zip(counted);
        let days = days.map(|(day, (sign_ins, failures))| session::Day {
            date: day.date,
            sign_ins,
            failures,
        });
        shown.days = Some(days.collect());
        shown.last = Some(audit::last_sign_ins(conn, viewer, sight, LAST).await?);
        let waiting = self.throttled(conn, caller, now).await?;
        let names = waiting.into_iter().map(|run| (0, run.username)).collect();
        let locked = concern(ConcernKind::Throttled, names);
        shown.throttled = Some(locked.as_ref().map_or(0, |locked| locked.count));
        shown
            .concerns
            .extend(locked.map(|locked| Concern { id: None, ..locked }));
        Ok(())
    }

    /// The sign-ins and the failures of a day.
    async fn counted(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        day: &Day,
        now: Timestamp,
    ) -> Result<(i64, i64)> {
        let sight = caller.sight();
        let over = now.since(day.end) >= SETTLED && now > day.end;
        let kept = over && sight.scope == DataScope::All;
        if let Some(counted) = self.past.get(day).filter(|_| kept) {
            return Ok(counted);
        }
        let counted = audit::count_sign_ins(conn, caller.id(), sight, day.begin, day.end).await?;
        if kept {
            self.past.keep(day, counted);
        }
        Ok(counted)
    }

    /// The accounts against which there were so many failures that every try has to wait.
    async fn throttled(
        &self,
        conn: &mut Conn,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Vec<Run>> {
        let limits = &self.core.settings().limits;
        let longest = Duration::from_secs(limits.delay_max_seconds);
        let free = i64::from(limits.name_failures);
        let (viewer, sight) = (caller.id(), caller.sight());
        let runs = storage::runs(conn, viewer, sight, free - 1, now - longest, SOME).await?;
        Ok(runs
            .into_iter()
            .filter(|run| {
                let wait = crate::sign_in::wait(run.failures, limits.name_failures, longest);
                now.since(Timestamp(run.last_at)) < wait
            })
            .collect())
    }

    /// Whether the newest signing key is about to be followed by another, or should have been.
    async fn key_due(&self, conn: &mut Conn) -> Result<Option<Concern>> {
        let now = self.now();
        let lifetime =
            A_DAY * u32::try_from(self.core.settings().token.key_days.max(1)).unwrap_or(u32::MAX);
        let keys = keys::all(conn, now).await?;
        let Some(newest) = keys.iter().map(|key| key.created_at).max() else {
            return Ok(None);
        };
        let left = lifetime.saturating_sub(now.since(Timestamp(newest)));
        Ok((left <= KEY_NOTICE.min(lifetime / 4)).then(|| Concern {
            kind: ConcernKind::KeyDue,
            count: i64::try_from(left.as_secs().div_ceil(A_DAY.as_secs())).unwrap_or(0),
            names: Vec::new(),
            id: None,
        }))
    }
}

fn concern(kind: ConcernKind, found: Vec<Named>) -> Option<Concern> {
    let id = found.first().map(|first| first.0)?;
    Some(Concern {
        kind,
        count: i64::try_from(found.len()).unwrap_or(SOME),
        names: found.into_iter().take(NAMED).map(|named| named.1).collect(),
        id: Some(id),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Bench, PASSWORD};
    use menshen_domain::role::{RoleChange, Status};

    async fn shown(bench: &Bench, caller: &Caller) -> Overview {
        bench.services.overview(caller).await.expect("shown")
    }

    fn found(overview: &Overview, kind: ConcernKind) -> Option<&Concern> {
        overview.concerns.iter().find(|c| c.kind == kind)
    }

    #[tokio::test]
    async fn each_part_is_for_who_holds_its_permission() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        bench.user("han").await;
        let nobody = bench.caller("han").await;
        let seen = shown(&bench, &nobody).await;
        assert_eq!((seen.users, seen.roles, seen.sessions), (None, None, None));
        assert!(seen.sign_ins.is_none() && seen.days.is_none() && seen.last.is_none());
        assert!(seen.actions.is_none() && seen.concerns.is_empty());
        let lists = ["monitor:log:login"];
        let watcher = bench.with_permissions(&admin, "watcher", &lists).await;
        let seen = shown(&bench, &watcher).await;
        assert!(seen.days.is_some() && seen.throttled == Some(0));
        assert!(seen.users.is_none() && seen.actions.is_none());
        let seen = shown(&bench, &admin).await;
        assert_eq!(seen.users, Some(3));
        assert_eq!(seen.without_factor, Some(3));
        assert!(seen.actions.is_some_and(|list| !list.is_empty()));
    }

    #[tokio::test]
    async fn todays_sign_ins_are_compared_with_the_same_hours_a_week_ago() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        bench.user("lin").await;
        // 08:00 in UTC, a week ago: one before that hour of the day counts, one after does not.
        bench.sign_in("lin").await;
        bench.guess(&bench.client(), "lin").await;
        bench.clock.forward(Duration::from_hours(2));
        bench.sign_in("lin").await;
        bench.clock.forward(Duration::from_hours(24 * 7 - 1));
        bench.sign_in("lin").await;
        let seen = shown(&bench, &admin).await;
        let compared = |today, week_ago| Some(Compared { today, week_ago });
        // The administrator signed in at the beginning, too.
        assert_eq!(seen.sign_ins, compared(1, 2));
        assert_eq!(seen.failures, compared(0, 1));
        let days = seen.days.expect("days");
        assert_eq!(days.len(), 14);
        assert_eq!((days[6].sign_ins, days[6].failures), (3, 1));
        assert_eq!((days[13].sign_ins, days[13].failures), (1, 0));
        assert_eq!(days[13].date, "2027-01-22");
        // What is remembered is what was counted.
        bench.clock.forward(Duration::from_hours(24));
        let days = shown(&bench, &admin).await.days.expect("days");
        assert_eq!((days[5].sign_ins, days[12].sign_ins), (3, 1));
        assert_eq!(days[13].sign_ins, 0);
    }

    #[tokio::test]
    async fn what_is_too_wide_or_left_over_is_told() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let seen = shown(&bench, &admin).await;
        let bare = found(&seen, ConcernKind::WideWithoutFactor).expect("the administrator");
        assert_eq!((bare.count, bare.names[0].as_str()), (1, "root"));
        assert_eq!(bare.id, Some(1));
        assert!(found(&seen, ConcernKind::WideRoles).is_none(), "built in");
        let wide = bench.role(&admin, "wide", &["*:*:*"]).await;
        let lin = bench.user("lin").await;
        let users = &bench.services.users;
        users.bind(&admin, lin, vec![wide]).await.expect("bound");
        let seen = shown(&bench, &admin).await;
        let told = found(&seen, ConcernKind::WideRoles).expect("told");
        assert_eq!((told.count, told.id), (1, Some(wide.0)));
        assert_eq!(told.names, ["Role wide"]);
        let bare = found(&seen, ConcernKind::WideWithoutFactor).expect("both");
        assert_eq!(bare.count, 2);
        let off = RoleChange {
            status: Some(Status::Disabled),
            ..RoleChange::default()
        };
        let roles = &bench.services.roles;
        roles.update(&admin, wide, off).await.expect("disabled");
        users.reset_password(&admin, lin).await.expect("reset");
        let seen = shown(&bench, &admin).await;
        assert!(found(&seen, ConcernKind::WideRoles).is_none());
        let held = found(&seen, ConcernKind::DisabledRoles).expect("held");
        assert_eq!(held.id, Some(wide.0));
        let due = found(&seen, ConcernKind::OneTimePasswords).expect("due");
        assert_eq!(due.count, 1);
        let bare = found(&seen, ConcernKind::WideWithoutFactor).expect("one");
        assert_eq!(bare.count, 1);
    }

    #[tokio::test]
    async fn accounts_that_must_wait_are_told_while_they_must() {
        let bench = Bench::with(|s| {
            s.limits.name_failures = 4;
            s.limits.delay_after = 100;
            s.captcha.mode = crate::settings::CaptchaMode::Never;
        })
        .await;
        let admin = bench.admin().await;
        bench.user("lin").await;
        for name in ["lin", "nobody"] {
            for _ in 0..6 {
                bench.guess(&bench.client(), name).await;
            }
        }
        let seen = shown(&bench, &admin).await;
        assert_eq!(seen.throttled, Some(1), "accounts alone");
        let told = found(&seen, ConcernKind::Throttled).expect("told");
        assert_eq!(told.names, ["lin"]);
        bench.clock.forward(Duration::from_hours(1));
        assert_eq!(shown(&bench, &admin).await.throttled, Some(0));
    }

    #[tokio::test]
    async fn a_key_is_told_of_before_its_time() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        assert!(found(&shown(&bench, &admin).await, ConcernKind::KeyDue).is_none());
        bench.clock.forward(Duration::from_hours(24 * 85));
        let seen = shown(&bench, &admin).await;
        assert_eq!(found(&seen, ConcernKind::KeyDue).map(|c| c.count), Some(5));
        bench.clock.forward(Duration::from_hours(24 * 9));
        let seen = shown(&bench, &admin).await;
        assert_eq!(found(&seen, ConcernKind::KeyDue).map(|c| c.count), Some(0));
        let tokens = &bench.services.tokens;
        tokens.rotate_if_due().await.expect("renewed");
        assert!(found(&shown(&bench, &admin).await, ConcernKind::KeyDue).is_none());
    }

    #[tokio::test]
    async fn a_narrow_sight_sees_its_own() {
        let bench = Bench::sqlite().await;
        let admin = bench.admin().await;
        let lists = [
            "system:user:list",
            "monitor:log:login",
            "monitor:session:list",
        ];
        let lin = bench.with_permissions(&admin, "lin", &lists).await;
        bench.narrow_role(&admin, "only-lin", "5").await;
        let client = bench.client();
        let session = lin.session_id().clone();
        drop(lin);
        let credentials = bench.credentials("lin", PASSWORD);
        let issued = bench.services.sign_in.by_api(&client, credentials).await;
        let token = issued.expect("in").access.token;
        let lin = bench.services.access.by_token(&token, client).await;
        let lin = lin.expect("lin");
        assert_ne!(*lin.session_id(), session);
        let seen = shown(&bench, &lin).await;
        assert_eq!((seen.users, seen.sessions), (Some(1), Some(2)));
        assert_eq!(seen.sign_ins.map(|s| s.today), Some(2));
        assert!(found(&seen, ConcernKind::WideWithoutFactor).is_none());
        let everybody = shown(&bench, &admin).await;
        assert_eq!(everybody.sign_ins.map(|s| s.today), Some(3));
    }
}
