//! Whom other permissions of a role would reach, before they are saved.

use super::{Roles, find};
use crate::access::Caller;
use crate::permissions::known_codes;
use menshen_domain::permission::Grants;
use menshen_domain::role::{CodeEffect, Effect, Status};
use menshen_domain::{Result, RoleId};
use menshen_storage::roles::SharedPattern;
use menshen_storage::{Conn, roles};
use std::collections::BTreeMap;

/// Another role that holders of this one hold.
struct Other {
    id: i64,
    name: String,
    grants: Grants,
}

impl Roles {
    /// What would change for the holders of a role if it granted `permissions`. Nothing is
    /// written; patterns that are none are passed over, as saving them would name them.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::NotFound`].
    pub async fn effect(&self, _: &Caller, id: RoleId, permissions: &[String]) -> Result<Effect> {
        let mut conn = self.core.db.read().await?;
        let role = find(&mut conn, id).await?;
        let before: Grants = role.permissions.iter().map(String::as_str).collect();
        let after: Grants = permissions.iter().map(String::as_str).collect();
        let changed: Vec<(String, bool)> = known_codes(&mut conn)
            .await?
            .into_iter()
            .filter_map(|code| {
                let gained = after.allow(&code);
                (before.allow(&code) != gained).then_some((code, gained))
            })
            .collect();
        let total = changed.len();
        let others = gathered(roles::shared_patterns(&mut conn, id).await?);
        let mut codes = Vec::with_capacity(total.min(Effect::MOST));
        for (code, gained) in changed.into_iter().take(Effect::MOST) {
            codes.push(of_code(&mut conn, id, role.holders, &others, code, gained).await?);
        }
        Ok(Effect {
            active: role.status == Status::Active,
            codes,
            total,
        })
    }
}

/// The roles, in their order, each with all that it grants.
fn gathered(rows: Vec<SharedPattern>) -> Vec<Other> {
    let mut patterns: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    let mut names: Vec<(i64, String)> = Vec::new();
    for row in rows {
        if names.last().is_none_or(|(id, _)| *id != row.id) {
            names.push((row.id, row.name));
        }
        patterns.entry(row.id).or_default().push(row.pattern);
    }
    names
        .into_iter()
        .map(|(id, name)| Other {
            grants: patterns
                .remove(&id)
                .unwrap_or_default()
                .into_iter()
                .collect(),
            id,
            name,
        })
        .collect()
}

async fn of_code(
    conn: &mut Conn,
    role: RoleId,
    holders: i64,
    others: &[Other],
    code: String,
    gained: bool,
) -> Result<CodeEffect> {
    let through: Vec<&Other> = others.iter().filter(|o| o.grants.allow(&code)).collect();
    let spared = if through.is_empty() {
        0
    } else {
        let ids: Vec<i64> = through.iter().map(|o| o.id).collect();
        roles::shared_holders(conn, role, &ids).await?
    };
    Ok(CodeEffect {
        code,
        gained,
        people: holders - spared,
        spared,
        through: through.iter().map(|o| o.name.clone()).collect(),
    })
}
