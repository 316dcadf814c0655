//! Whether somebody may do something, and why: for people who wonder, and for services that ask.

use crate::access::Caller;
use crate::core::Core;
use crate::permissions::catalogue_of;
use crate::users::{find_by_name_in_sight, in_sight};
use menshen_domain::people::{Granted, Grantor};
use menshen_domain::permission::Pattern;
use menshen_domain::role::{RoleRef, Status};
use menshen_domain::user::User;
use menshen_domain::{Error, Result, Text, UserId, catalogue, validate};
use menshen_storage::{Conn, roles};
use std::sync::Arc;

/// The most codes that are asked for at once.
const MAX_CODES: usize = 200;

/// Answers whether somebody may do something. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Checks {
    core: Arc<Core>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The code that was asked for.
    pub permission: String,
    /// Whether it is granted.
    pub allowed: bool,
    /// Which roles grant it, by which patterns; or why it is not granted.
    pub because: Text,
}

/// A role that somebody holds, with what it would grant.
struct Held {
    role: RoleRef,
    patterns: Vec<Pattern>,
}

impl Held {
    /// The pattern by which it grants `code`.
    fn grants(&self, code: &str) -> Option<&Pattern> {
        self.patterns.iter().find(|p| p.covers(code))
    }

    fn is_active(&self) -> bool {
        self.role.status == Status::Active
    }
}

/// A permission code that somebody may be asked for: no pattern.
///
/// # Errors
/// [`menshen_domain::Kind::Invalid`] on `field`.
pub(crate) fn plain_code(field: &'static str, code: &str) -> Result<String> {
    match Pattern::parse(code) {
        Ok(pattern) if !pattern.is_wild() => Ok(pattern.to_string()),
        _ => {
            let shown: String = code.chars().take(100).collect();
            Err(Error::field(
                field,
                Text::new(
                    format!("“{shown}”不是权限标识，应形如 system:user:list，不含 *"),
                    format!(
                        "“{shown}” is not a permission code; write it like system:user:list, without *"
                    ),
                ),
            ))
        }
    }
}

impl Checks {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Whether the caller, or with `system:user:query` the user of that name, may do what each of
    /// `codes` guards.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::Forbidden`]; [`menshen_domain::Kind::NotFound`], also for users
    /// out of sight; [`menshen_domain::Kind::Invalid`] on `permission` for what is no code.
    pub async fn ask(
        &self,
        caller: &Caller,
        username: Option<&str>,
        codes: &[String],
    ) -> Result<Vec<Verdict>> {
        let own =
            username.is_none_or(|n| validate::name_key(n) == validate::name_key(caller.username()));
        if !own {
            caller.require(catalogue::USER_QUERY)?;
        }
        if codes.is_empty() || codes.len() > MAX_CODES {
            return Err(Error::field(
                "permission",
                Text::new(
                    format!("应有 1 到 {MAX_CODES} 个权限标识"),
                    format!("must be 1 to {MAX_CODES} permission codes"),
                ),
            ));
        }
        let codes: Vec<String> = codes
            .iter()
            .map(|code| plain_code("permission", code))
            .collect::<Result<_>>()?;
        let mut conn = self.core.db.read().await?;
        let user = if own {
            in_sight(&mut conn, caller, caller.id()).await?
        } else {
            find_by_name_in_sight(&mut conn, caller, username.unwrap_or_default()).await?
        };
        let held = held(&mut conn, &user).await?;
        Ok(codes
            .into_iter()
            .map(|code| judge(&user, &held, code))
            .collect())
    }

    /// Every permission that the roles of a user grant, with the roles and patterns that do, in
    /// the catalogue's order. With `system:user:query`, unless it is oneself.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::Forbidden`]; [`menshen_domain::Kind::NotFound`], also for users
    /// out of sight.
    pub async fn granted(&self, caller: &Caller, id: UserId) -> Result<Vec<Granted>> {
        if id != caller.id() {
            caller.require(catalogue::USER_QUERY)?;
        }
        let mut conn = self.core.db.read().await?;
        let user = in_sight(&mut conn, caller, id).await?;
        let held = held(&mut conn, &user).await?;
        let known = catalogue_of(&mut conn).await?;
        let granted = known.into_iter().map(|item| Granted {
            by: grantors(&held, &item.code),
            code: item.code,
            name: item.name,
        });
        Ok(granted.filter(|g| !g.by.is_empty()).collect())
    }
}

/// The roles that a user holds, with what they grant.
async fn held(conn: &mut Conn, user: &User) -> Result<Vec<Held>> {
    let mut held = Vec::new();
    for role in &user.roles {
        let patterns = roles::patterns_of(conn, &[role.id]).await?;
        held.push(Held {
            role: role.clone(),
            patterns: patterns
                .iter()
                .filter_map(|p| Pattern::parse(p).ok())
                .collect(),
        });
    }
    Ok(held)
}

fn grantors(held: &[Held], code: &str) -> Vec<Grantor> {
    held.iter()
        .filter_map(|h| {
            Some(Grantor {
                role: h.role.clone(),
                pattern: h.grants(code)?.to_string(),
            })
        })
        .collect()
}

fn judge(user: &User, held: &[Held], code: String) -> Verdict {
    let granting = |active: bool| -> Vec<(&RoleRef, &Pattern)> {
        held.iter()
            .filter(|h| h.is_active() == active)
            .filter_map(|h| Some((&h.role, h.grants(&code)?)))
            .collect()
    };
    let (by, idle) = (granting(true), granting(false));
    let (allowed, because) = if user.status == Status::Disabled {
        (false, Text::fixed("用户已停用", "The user is disabled"))
    } else if !by.is_empty() && user.must_change_password {
        (
            false,
            Text::fixed(
                "用户须先修改密码",
                "The user must choose a new password first",
            ),
        )
    } else if !by.is_empty() {
        (true, named("由角色授予：", "Granted by ", &by))
    } else if !idle.is_empty() {
        (
            false,
            named(
                "授予此权限的角色已停用：",
                "The role that would grant it is disabled: ",
                &idle,
            ),
        )
    } else {
        (
            false,
            Text::fixed(
                "没有角色授予此权限",
                "No role that the user holds grants it",
            ),
        )
    };
    Verdict {
        permission: code,
        allowed,
        because,
    }
}

/// `lead`, and each role with the pattern by which it grants.
fn named(zh: &str, en: &str, roles: &[(&RoleRef, &Pattern)]) -> Text {
    let list: Vec<(String, String)> = roles
        .iter()
        .map(|(role, pattern)| {
            (
                format!("{}（{}，{pattern}）", role.name, role.key),
                format!("{} ({}, {pattern})", role.name, role.key),
            )
        })
        .collect();
    let join = |pick: fn(&(String, String)) -> &str, by: &str| {
        list.iter().map(pick).collect::<Vec<_>>().join(by)
    };
    Text::new(
        format!("{zh}{}", join(|l| l.0.as_str(), "、")),
        format!("{en}{}", join(|l| l.1.as_str(), ", ")),
    )
}

#[cfg(test)]
mod tests;
