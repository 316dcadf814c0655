//! The overview's figures.

use crate::{Caller, Services};
use menshen_domain::session::Overview;
use menshen_domain::{Result, catalogue};
use menshen_storage::{audit, roles, sessions, users};
use std::time::Duration;

/// How many of the last sign-ins are shown.
const LAST: i64 = 10;

impl Services {
    /// The figures that `caller` may see, of the users in her sight. A role's are the role's.
    ///
    /// # Errors
    /// What the database says.
    pub async fn overview(&self, caller: &Caller) -> Result<Overview> {
        let now = self.now();
        let day = now - Duration::from_hours(24);
        let idle = Duration::from_secs(self.settings().session.page_idle_seconds);
        let (viewer, sight) = (caller.id(), caller.sight());
        let mut conn = self.core.db.read().await?;
        let mut overview = Overview {
            users: None,
            disabled_users: None,
            roles: None,
            sessions: None,
            sign_ins: None,
            failures: None,
            last: None,
        };
        if caller.may(catalogue::USER_LIST) {
            let (all, disabled) = users::count(&mut conn, viewer, sight).await?;
            overview.users = Some(all);
            overview.disabled_users = Some(disabled);
        }
        if caller.may(catalogue::ROLE_LIST) {
            overview.roles = Some(roles::count(&mut conn).await?);
        }
        if caller.may(catalogue::SESSION_LIST) {
            let open = sessions::count_open(&mut conn, viewer, sight, now, now - idle).await?;
            overview.sessions = Some(open);
        }
        if caller.may(catalogue::LOG_LOGIN) {
            let (good, bad) = audit::count_sign_ins(&mut conn, viewer, sight, day).await?;
            overview.sign_ins = Some(good);
            overview.failures = Some(bad);
            let last = audit::last_sign_ins(&mut conn, viewer, sight, LAST).await?;
            overview.last = Some(last);
        }
        Ok(overview)
    }
}
