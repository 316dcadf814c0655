//! Users: making, changing, deleting them, and giving them roles.

mod bulk;
mod departments;
mod export;
mod import;

pub use bulk::{Bulk, BulkChange};
pub use export::{Export, Exported};
pub use import::ImportOptions;

use crate::Changed;
use crate::access::{self, Access, Caller, Client};
use crate::audit::Record;
use crate::core::Core;
use crate::passwords;
use crate::permissions;
use crate::quota::Quota;
use crate::roles::{all_known, may_show, not_too_many};
use crate::settings::RegistrationMode;
use crate::uploads::change_picture;
use menshen_domain::error::Problems;
use menshen_domain::ids::ADMIN_ROLE;
use menshen_domain::role::Status;
use menshen_domain::scope::{DataScope, Sight};
use menshen_domain::user::{Fields, NewUser, User, UserChange, UserFilter};
use menshen_domain::{
    DeptId, Error, Kind, Page, PageRequest, Result, RoleId, Text, UserId, catalogue, permission,
    validate,
};
use menshen_storage::users::Account;
use menshen_storage::{
    Conn, Event, StorageError, Tx, depts, roles, second_factors, sessions, users,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// Makes and changes users. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Users {
    core: Arc<Core>,
}

/// What document D tells of what somebody may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank {
    /// The key of the first active role by sort; empty without one.
    pub role: String,
    /// 0 for one who may do everything, else the sort of that role, at least 1.
    pub permission: i64,
    /// Whether a second factor is in use.
    pub otp: bool,
}

/// A user with all that `GET /user/info` tells.
#[derive(Debug, Clone)]
pub struct UserInfo {
    /// The user.
    pub user: User,
    /// The department's path of ids, as in `0,1`; empty without one.
    pub dept_path: String,
    /// The patterns that the active roles grant and every known code that they cover.
    pub permissions: Vec<String>,
    /// The keys of the active roles.
    pub role_keys: Vec<String>,
    /// Whose records are in sight.
    pub sight: Sight,
}

fn missing() -> Error {
    Error::new(Kind::NotFound, "用户不存在", "There is no such user")
}

fn registration_closed() -> Error {
    Error::new(
        Kind::Forbidden {
            missing: Vec::new(),
        },
        "注册已关闭，请联系管理员",
        "Registration is closed. Please ask an administrator",
    )
}

fn taken(field: &'static str) -> Error {
    Error::field(field, Text::fixed("已被使用", "is taken"))
}

impl Users {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Begins a change before which a password was hashed. That took a while: the caller may be
    /// signed out by now, or hold less. She is given back as she is now, holding `codes`; until
    /// the transaction ends nobody takes anything from her.
    ///
    /// # Errors
    /// [`Kind::Token`]; [`Kind::Forbidden`], naming what is missing.
    async fn begin_again(&self, caller: &Caller, codes: &[&str]) -> Result<(Tx, Caller)> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let caller = Access::again_in(&mut tx, caller, self.core.now()).await?;
        for code in codes {
            caller.require(code)?;
        }
        Ok((tx, caller))
    }

    /// One page of the users in the caller's sight that `filter` lets through.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: UserFilter,
        page: PageRequest,
    ) -> Result<Page<User>> {
        let mut conn = self.core.db.read().await?;
        Ok(users::list(&mut conn, caller.id(), caller.sight(), &filter, page).await?)
    }

    /// One user: oneself, or with `system:user:query` whoever is in sight.
    ///
    /// # Errors
    /// [`Kind::Forbidden`]; [`Kind::NotFound`], also for users out of sight.
    pub async fn get(&self, caller: &Caller, id: UserId) -> Result<User> {
        if id != caller.id() {
            caller.require(catalogue::USER_QUERY)?;
        }
        let mut conn = self.core.db.read().await?;
        in_sight(&mut conn, caller, id).await
    }

    /// Everything about oneself, or, with `system:user:query`, about the user of that name.
    ///
    /// # Errors
    /// [`Kind::Forbidden`]; [`Kind::NotFound`].
    pub async fn info(&self, caller: &Caller, username: Option<&str>) -> Result<UserInfo> {
        let own =
            username.is_none_or(|n| validate::name_key(n) == validate::name_key(caller.username()));
        let mut conn = self.core.db.read().await?;
        let user = if own {
            in_sight(&mut conn, caller, caller.id()).await?
        } else {
            caller.require(catalogue::USER_QUERY)?;
            find_by_name_in_sight(&mut conn, caller, username.unwrap_or_default()).await?
        };
        let reach = Access::reach(&mut conn, user.id, user.dept_id).await?;
        let known = permissions::known_codes(&mut conn).await?;
        let dept = match user.dept_id {
            Some(id) => depts::find(&mut conn, id.0).await?,
            None => None,
        };
        Ok(UserInfo {
            dept_path: dept.map(|d| d.path).unwrap_or_default(),
            permissions: reach.grants.expanded(known.iter().map(String::as_str)),
            role_keys: reach.role_keys,
            sight: reach.sight,
            user,
        })
    }

    /// What the caller may do, as document D tells it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rank(&self, caller: &Caller) -> Result<Rank> {
        let mut conn = self.core.db.read().await?;
        let first = roles::active_of(&mut conn, caller.id())
            .await?
            .into_iter()
            .next();
        let everything = caller.grants().missing([permission::EVERYTHING]).is_empty();
        Ok(Rank {
            permission: match &first {
                _ if everything => 0,
                Some(role) => role.sort.max(1),
                None => 1,
            },
            role: first.map(|role| role.role_key).unwrap_or_default(),
            otp: second_factors::is_on(&mut conn, caller.id()).await?,
        })
    }

    /// The caller's own record, and what type of user it is (document E's `UserType`).
    ///
    /// # Errors
    /// [`Kind::NotFound`] when it was deleted meanwhile.
    pub async fn own(&self, caller: &Caller) -> Result<(User, String)> {
        let mut conn = self.core.db.read().await?;
        let user = find(&mut conn, caller.id()).await?;
        let kind = users::type_of(&mut conn, user.id).await?;
        Ok((user, kind.unwrap_or_default()))
    }

    /// Makes a user for somebody who is signed in: with `system:user:add` as [`Users::create`],
    /// else as a stranger signs up.
    ///
    /// # Errors
    /// As [`Users::create`] and [`Users::sign_up`]; [`Kind::Locked`] while a new password is due;
    /// [`Kind::Forbidden`], naming the permission, while registration is closed.
    pub async fn create_or_sign_up(&self, caller: &Caller, new: NewUser) -> Result<User> {
        caller.require_usable()?;
        if caller.require(catalogue::USER_ADD).is_ok() {
            return self.create(caller, new).await;
        }
        if self.core.settings().registration.mode == RegistrationMode::Closed {
            return Err(Error::forbidden([catalogue::USER_ADD]));
        }
        self.sign_up(&caller.client, new).await
    }

    /// Signs a stranger up: a plain account with a name, a password and contact data, and no
    /// permission.
    ///
    /// # Errors
    /// [`Kind::Forbidden`] while registration is closed; [`Kind::TooMany`]; [`Kind::Invalid`],
    /// naming the fields, also for a name that is taken.
    pub async fn sign_up(&self, client: &Client, new: NewUser) -> Result<User> {
        let good = check_password(&self.core, &new);
        let digest = passwords::digest(&new.password);
        self.sign_up_with(client, &new, good, digest).await
    }

    /// Signs a stranger up whose client may send the password's SHA-256 (document E).
    ///
    /// # Errors
    /// As [`Users::sign_up`].
    pub async fn register(&self, client: &Client, new: NewUser) -> Result<User> {
        if !passwords::is_digest(&new.password) {
            return self.sign_up(client, new).await;
        }
        let good = passwords::check_new_digest("password", &new.password, &words_of(&new));
        let digest = passwords::digest_or_sent(&new.password);
        self.sign_up_with(client, &new, good, digest).await
    }

    async fn sign_up_with(
        &self,
        client: &Client,
        new: &NewUser,
        good: Result<()>,
        digest: Zeroizing<String>,
    ) -> Result<User> {
        if self.core.settings().registration.mode == RegistrationMode::Closed {
            return Err(registration_closed());
        }
        let new = NewUser {
            username: new.username.clone(),
            nickname: new.nickname.clone(),
            phone: new.phone.clone(),
            email: new.email.clone(),
            sex: new.sex.clone(),
            ..NewUser::default()
        };
        let creation = Creation::checked_with(&new, good)?;
        let mut tx = self.core.db.begin().await?;
        count_sign_up(&self.core, &mut tx, client).await?;
        tx.commit().await?;
        let hash = self.core.hasher.hash(digest).await?;
        let mut tx = self.core.db.begin().await?;
        let user = insert_account(&self.core, &mut tx, &creation, &hash, None).await?;
        Record::anonymous("user.sign_up", client)
            .actor(user.id)
            .target("user", user.id, &user.username)
            .change(&Value::Null, &shown(&user))
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Makes a user. One without a department comes to the caller's own, unless the caller sees
    /// everybody.
    ///
    /// # Errors
    /// [`Kind::Invalid`], naming the fields, also for a name that is taken; [`Kind::Forbidden`]
    /// without `system:user:add`, when the roles would grant what the caller does not hold, or
    /// when a department in her sight is needed; [`Kind::Token`] when she was signed out
    /// meanwhile.
    pub async fn create(&self, caller: &Caller, new: NewUser) -> Result<User> {
        let mut creation = Creation::checked(&self.core, &new)?;
        let hash = self
            .core
            .hasher
            .hash(passwords::digest(&new.password))
            .await?;
        let (mut tx, caller) = self.begin_again(caller, &[catalogue::USER_ADD]).await?;
        let caller = &caller;
        let dept = match new.dept_id {
            None => departments::unnamed(&mut tx, caller).await?,
            named => named,
        };
        self.check_dept(&mut tx, caller, dept).await?;
        creation.account.dept_id = dept;
        if !new.role_ids.is_empty() {
            caller.require(catalogue::USER_BIND)?;
        }
        let user = insert_account(&self.core, &mut tx, &creation, &hash, Some(caller.id())).await?;
        let user = if new.role_ids.is_empty() {
            user
        } else {
            self.bind_in(&mut tx, caller, &user, &new.role_ids).await?
        };
        Record::operation("user.create", caller)
            .target("user", user.id, &user.username)
            .change(&Value::Null, &shown(&user))
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Makes a user with a password that is made up, told this once, and must be changed at the
    /// first sign-in.
    ///
    /// # Errors
    /// As [`Users::create`].
    pub async fn create_with_one_time(
        &self,
        caller: &Caller,
        new: NewUser,
    ) -> Result<(User, String)> {
        let password = self.core.one_time_password();
        let new = NewUser {
            password: password.clone(),
            must_change_password: true,
            ..new
        };
        Ok((self.create(caller, new).await?, password))
    }

    async fn check_dept(&self, tx: &mut Tx, caller: &Caller, dept: Option<DeptId>) -> Result<()> {
        let Some(dept) = dept else {
            return if caller.sight().sees(None) {
                Ok(())
            } else {
                Err(departments::dept_due())
            };
        };
        let unknown = roles::unknown_depts(tx, &[dept.0]).await?;
        all_known("deptId", unknown)?;
        if !caller.sight().sees(Some(dept)) {
            return Err(Error::field(
                "deptId",
                Text::fixed("不在你的数据范围内", "is outside your data scope"),
            ));
        }
        let found = depts::get(tx, dept).await?;
        if found.is_some_and(|d| d.status == Status::Disabled) {
            return Err(Error::field(
                "deptId",
                Text::fixed("该部门已停用", "is a disabled department"),
            ));
        }
        Ok(())
    }

    /// As [`Users::change`]; gives back the user as she is now.
    ///
    /// # Errors
    /// As [`Users::change`].
    pub async fn update(&self, caller: &Caller, id: UserId, change: UserChange) -> Result<User> {
        Ok(self.change(caller, id, change).await?.after)
    }

    /// Changes a user. Everybody may change her own nickname, picture, phone, e-mail and sex;
    /// the rest, and others, need `system:user:alter` (and a password `system:user:reset`).
    ///
    /// # Errors
    /// [`Kind::Forbidden`], naming what is missing; [`Kind::NotFound`]; [`Kind::Invalid`],
    /// naming the fields; [`Kind::Conflict`] for disabling oneself or the last administrator.
    pub async fn change(
        &self,
        caller: &Caller,
        id: UserId,
        change: UserChange,
    ) -> Result<Changed<User>> {
        let own = id == caller.id();
        if !own {
            caller.require(catalogue::USER_ALTER)?;
        }
        let mut problems = Problems::default();
        Fields {
            username: change.username.as_deref(),
            nickname: change.nickname.as_deref(),
            avatar: change.avatar.as_deref(),
            phone: change.phone.as_deref(),
            email: change.email.as_deref(),
            sex: change.sex.as_deref(),
            remark: change.remark.as_deref(),
        }
        .check(&mut problems);
        problems.finish()?;
        let password = change.password.clone().filter(|p| !p.is_empty());
        let hash = match &password {
            Some(password) => Some(self.new_password(caller, id, password).await?),
            None => None,
        };
        let (mut tx, caller) = if hash.is_some() {
            let codes = [catalogue::USER_ALTER, catalogue::USER_RESET];
            self.begin_again(caller, &codes).await?
        } else {
            let mut tx = self.core.db.begin().await?;
            tx.serialise().await?;
            (tx, caller.clone())
        };
        let changed = self
            .change_in(&mut tx, &caller, id, change, hash.as_deref())
            .await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Changes a user in a transaction that changes are made in one after the other; the fields
    /// are good.
    async fn change_in(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        id: UserId,
        change: UserChange,
        hash: Option<&str>,
    ) -> Result<Changed<User>> {
        let before = in_sight(tx, caller, id).await?;
        let after = changed(&before, change)?;
        self.check_change(tx, caller, &before, &after).await?;
        let now = self.core.now();
        users::update(tx, id, &after, Some(caller.id()), now)
            .await
            .map_err(clash)?;
        if before.dept_id != after.dept_id {
            sees_no_more(tx, caller, id, after.dept_id).await?;
        }
        change_picture(tx, &before.avatar, &after.avatar, now).await?;
        let disabled = before.status == Status::Active && after.status == Status::Disabled;
        if let Some(hash) = hash {
            // An administrator knows this password: it lasts for one sign-in.
            users::set_password(tx, id, hash, true, now).await?;
        }
        if disabled || hash.is_some() {
            let reason = if disabled {
                access::DISABLED
            } else {
                "password_reset"
            };
            sessions::revoke_all(tx, id, None, reason, now).await?;
        }
        let user = find(tx, id).await?;
        let mut after = shown(&user);
        if hash.is_some() {
            after["password"] = json!("changed");
        }
        Record::operation("user.update", caller)
            .target("user", id, &user.username)
            .change(&shown(&before), &after)
            .write(&self.core, tx)
            .await?;
        tx.announce(Event::User(id.0));
        Ok(Changed {
            before,
            after: user,
        })
    }

    async fn new_password(&self, caller: &Caller, id: UserId, password: &str) -> Result<String> {
        if id == caller.id() {
            return Err(Error::field(
                "password",
                Text::fixed(
                    "自己的密码请用 PUT /auth/password 修改，需要当前密码",
                    "change your own with PUT /auth/password, which asks for the current one",
                ),
            ));
        }
        caller.require(catalogue::USER_RESET)?;
        let user = {
            let mut conn = self.core.db.read().await?;
            in_sight(&mut conn, caller, id).await?
        };
        let min = self.core.settings().password.min_length;
        passwords::check_new("password", password, min, &[&user.username, &user.nickname])?;
        self.core.hasher.hash(passwords::digest(password)).await
    }

    async fn check_change(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        before: &User,
        after: &Account,
    ) -> Result<()> {
        let was = Account::from(before);
        let privileged = was.username != after.username
            || was.status != after.status
            || was.dept_id != after.dept_id
            || was.remark != after.remark;
        if before.id == caller.id() {
            if privileged {
                caller.require(catalogue::USER_ALTER)?;
            }
            caller.require_usable()?;
        } else {
            outranks(tx, caller, before).await?;
        }
        if was.dept_id != after.dept_id {
            self.check_dept(tx, caller, after.dept_id).await?;
        }
        if before.status == Status::Active && after.status == Status::Disabled {
            if before.id == caller.id() {
                return Err(Error::new(
                    Kind::Conflict,
                    "不能停用自己",
                    "You can't disable yourself",
                ));
            }
            keep_an_administrator(tx, before).await?;
        }
        if was.username != after.username
            && let Some(other) = users::for_login(tx, &after.username).await?
            && other.id != before.id.0
        {
            return Err(taken("username"));
        }
        Ok(())
    }

    /// Deletes a user; her sessions end.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; [`Kind::Conflict`] for oneself and for the last active administrator;
    /// [`Kind::Forbidden`] for somebody who holds more than the caller.
    pub async fn delete(&self, caller: &Caller, id: UserId) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        self.delete_in(&mut tx, caller, id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Deletes a user in a transaction that changes are made in one after the other; gives back
    /// who it was.
    async fn delete_in(&self, tx: &mut Tx, caller: &Caller, id: UserId) -> Result<User> {
        if id == caller.id() {
            return Err(Error::new(
                Kind::Conflict,
                "不能删除自己",
                "You can't delete yourself",
            ));
        }
        let user = in_sight(tx, caller, id).await?;
        keep_an_administrator(tx, &user).await?;
        outranks(tx, caller, &user).await?;
        let now = self.core.now();
        users::soft_delete(tx, id, Some(caller.id()), now).await?;
        sessions::revoke_all(tx, id, None, "user_deleted", now).await?;
        change_picture(tx, &user.avatar, "", now).await?;
        Record::operation("user.delete", caller)
            .target("user", id, &user.username)
            .change(&shown(&user), &Value::Null)
            .write(&self.core, tx)
            .await?;
        tx.announce(Event::User(id.0));
        Ok(user)
    }

    /// Replaces the roles that a user holds.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; [`Kind::Invalid`], naming unknown ids; [`Kind::Forbidden`] when a
    /// role grants what the caller does not hold; [`Kind::Conflict`] when the last active
    /// administrator would lose the role.
    pub async fn bind(
        &self,
        caller: &Caller,
        id: UserId,
        role_ids: Vec<RoleId>,
    ) -> Result<Changed<User>> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let before = in_sight(&mut tx, caller, id).await?;
        let after = self.rebind_in(&mut tx, caller, &before, &role_ids).await?;
        tx.commit().await?;
        Ok(Changed { before, after })
    }

    /// Replaces the roles of a user who is in sight, in a transaction that changes are made in
    /// one after the other; gives back the user as she is then.
    async fn rebind_in(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        before: &User,
        role_ids: &[RoleId],
    ) -> Result<User> {
        let id = before.id;
        if id != caller.id() {
            outranks(tx, caller, before).await?;
        }
        let after = self.bind_in(tx, caller, before, role_ids).await?;
        Record::operation("user.bind", caller)
            .target("user", id, &before.username)
            .change(&shown(before), &shown(&after))
            .write(&self.core, tx)
            .await?;
        tx.announce(Event::User(id.0));
        Ok(after)
    }

    async fn bind_in(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        user: &User,
        wanted: &[RoleId],
    ) -> Result<User> {
        not_too_many("roleIds", wanted.len())?;
        let wanted: BTreeSet<RoleId> = wanted.iter().copied().collect();
        let ids: Vec<i64> = wanted.iter().map(|r| r.0).collect();
        all_known("roleIds", roles::unknown_roles(tx, &ids).await?)?;
        let held: BTreeSet<RoleId> = user.roles.iter().map(|r| r.id).collect();
        let added: Vec<RoleId> = wanted.difference(&held).copied().collect();
        let patterns = roles::patterns_of(tx, &added).await?;
        let lacking = caller.grants().missing(patterns.iter().map(String::as_str));
        if !lacking.is_empty() {
            return Err(Error::forbidden(lacking));
        }
        for id in &added {
            if let Some(role) = roles::find(tx, *id).await? {
                may_show(caller, role.data_scope, &role.dept_ids)?;
            }
        }
        if held.contains(&ADMIN_ROLE) && !wanted.contains(&ADMIN_ROLE) {
            keep_an_administrator(tx, user).await?;
        }
        let wanted: Vec<RoleId> = wanted.into_iter().collect();
        users::set_roles(tx, user.id, &wanted).await?;
        if !added.is_empty() {
            sees_no_more(tx, caller, user.id, user.dept_id).await?;
        }
        find(tx, user.id).await
    }

    /// Gives a user a random password that must be changed at the next sign-in; her sessions
    /// end. It is shown this once.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; [`Kind::Forbidden`]; [`Kind::Conflict`] for oneself; [`Kind::Token`]
    /// when the caller was signed out meanwhile.
    pub async fn reset_password(&self, caller: &Caller, id: UserId) -> Result<String> {
        let password = self.core.one_time_password();
        not_oneself(caller, id)?;
        let digest = passwords::digest(&password);
        self.replace_password(caller, id, self.core.hasher.hash(digest).await?)
            .await?;
        Ok(password)
    }

    /// Gives a user this password, which must be changed at the next sign-in; her sessions end.
    ///
    /// # Errors
    /// As [`Users::reset_password`]; [`Kind::Invalid`] on `password` when it is weak.
    pub async fn set_password(&self, caller: &Caller, id: UserId, password: &str) -> Result<()> {
        not_oneself(caller, id)?;
        let hash = self.new_password(caller, id, password).await?;
        self.replace_password(caller, id, hash).await
    }

    async fn replace_password(&self, caller: &Caller, id: UserId, hash: String) -> Result<()> {
        let (mut tx, caller) = self.begin_again(caller, &[catalogue::USER_RESET]).await?;
        let caller = &caller;
        let user = in_sight(&mut tx, caller, id).await?;
        outranks(&mut tx, caller, &user).await?;
        let now = self.core.now();
        users::set_password(&mut tx, id, &hash, true, now).await?;
        sessions::revoke_all(&mut tx, id, None, "password_reset", now).await?;
        Record::operation("user.reset_password", caller)
            .target("user", id, &user.username)
            .write(&self.core, &mut tx)
            .await?;
        tx.announce(Event::User(id.0));
        tx.commit().await?;
        Ok(())
    }

    /// Makes the first administrator when there is none: with the given name and password, or as
    /// `admin` with a random password that must be changed. Returns the name, and the random
    /// password to be shown once.
    ///
    /// # Errors
    /// [`Kind::Invalid`] when the given name or password is not good.
    pub async fn first_administrator(
        &self,
        username: Option<&str>,
        password: Option<&str>,
    ) -> Result<Option<(String, Option<String>)>> {
        let mut conn = self.core.db.read().await?;
        if users::active_holders(&mut conn, ADMIN_ROLE, None).await? > 0 {
            return Ok(None);
        }
        drop(conn);
        let random = password.is_none();
        let new = NewUser {
            username: username.unwrap_or("admin").to_owned(),
            password: password.map_or_else(|| self.core.one_time_password(), str::to_owned),
            nickname: Some("管理员".to_owned()),
            must_change_password: random,
            ..NewUser::default()
        };
        let creation = Creation::checked(&self.core, &new)?;
        let hash = self
            .core
            .hasher
            .hash(passwords::digest(&new.password))
            .await?;
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        if users::active_holders(&mut tx, ADMIN_ROLE, None).await? > 0 {
            return Ok(None);
        }
        let user = insert_account(&self.core, &mut tx, &creation, &hash, None).await?;
        users::set_roles(&mut tx, user.id, &[ADMIN_ROLE]).await?;
        Record::anonymous("user.first_administrator", &Client::default())
            .target("user", user.id, &user.username)
            .write(&self.core, &mut tx)
            .await?;
        tx.announce(Event::User(user.id.0));
        tx.commit().await?;
        Ok(Some((user.username, random.then_some(new.password))))
    }
}

/// Counts a new account against the address that it is made from.
pub(crate) async fn count_sign_up(core: &Core, conn: &mut Conn, client: &Client) -> Result<()> {
    let quota = Quota {
        key: format!("sign_up:{}", client.network()),
        most: core.settings().registration.per_hour.into(),
        window: Duration::from_hours(1),
        refusal: Text::fixed(
            "注册过于频繁，请一小时后再试",
            "Too many accounts from this address. Please try again in an hour",
        ),
    };
    quota.count_within(conn, core.now()).await
}

/// The words that a new user's password must not be made of.
fn words_of(new: &NewUser) -> [&str; 2] {
    [
        new.username.as_str(),
        new.nickname.as_deref().unwrap_or_default(),
    ]
}

fn check_password(core: &Core, new: &NewUser) -> Result<()> {
    let min = core.settings().password.min_length;
    passwords::check_new("password", &new.password, min, &words_of(new))
}

/// A new user code: nobody has chosen it, and it says nothing.
pub(crate) fn user_code(core: &Core) -> String {
    format!(
        "u{:09}{:06}",
        core.random_below(1_000_000_000),
        core.random_below(1_000_000)
    )
}

/// A user to be made, its fields found good.
pub(crate) struct Creation {
    account: Account,
    must_change_password: bool,
}

impl Creation {
    /// # Errors
    /// [`Kind::Invalid`], naming every field at fault.
    pub(crate) fn checked(core: &Core, new: &NewUser) -> Result<Self> {
        Self::checked_with(new, check_password(core, new))
    }

    /// As [`Creation::checked`], with the password found `good` or not beforehand.
    fn checked_with(new: &NewUser, good: Result<()>) -> Result<Self> {
        let mut problems = Problems::default();
        Fields {
            username: Some(&new.username),
            nickname: new.nickname.as_deref(),
            avatar: new.avatar.as_deref(),
            phone: new.phone.as_deref(),
            email: new.email.as_deref(),
            sex: new.sex.as_deref(),
            remark: new.remark.as_deref(),
        }
        .check(&mut problems);
        problems.take(good);
        problems.finish()?;
        let text = |value: &Option<String>| value.as_deref().unwrap_or_default().trim().to_owned();
        let given = |value: &Option<String>| Some(text(value)).filter(|v| !v.is_empty());
        Ok(Self {
            account: Account {
                username: validate::username(&new.username)?,
                nickname: text(&new.nickname),
                avatar: text(&new.avatar),
                phone: validate::phone(&text(&new.phone))?,
                email: validate::email(&text(&new.email))?,
                sex: given(&new.sex).unwrap_or_else(|| "2".to_owned()),
                status: new.status,
                dept_id: new.dept_id,
                remark: given(&new.remark),
                ..Account::default()
            },
            must_change_password: new.must_change_password,
        })
    }
}

pub(crate) async fn insert_account(
    core: &Core,
    tx: &mut Tx,
    creation: &Creation,
    hash: &str,
    by: Option<UserId>,
) -> Result<User> {
    // Asked first, so that PostgreSQL's transaction is not spoilt by the clash; the unique
    // index has the last word when two come at once.
    let name = &creation.account.username;
    if users::for_login(tx, name).await?.is_some() {
        return Err(taken("username"));
    }
    let id = insert_unasked(core, tx, creation, hash, by).await?;
    find(tx, id).await
}

/// Inserts an account of which it is known that the name is free.
async fn insert_unasked(
    core: &Core,
    tx: &mut Tx,
    creation: &Creation,
    hash: &str,
    by: Option<UserId>,
) -> Result<UserId> {
    let account = Account {
        user_code: user_code(core),
        ..creation.account.clone()
    };
    let must_change = creation.must_change_password;
    let id = users::insert(tx, &account, Some(hash), must_change, by, core.now())
        .await
        .map_err(clash)?;
    change_picture(tx, "", &account.avatar, core.now()).await?;
    Ok(id)
}

/// One's own password is changed with the current one.
fn not_oneself(caller: &Caller, id: UserId) -> Result<()> {
    if id != caller.id() {
        return Ok(());
    }
    Err(Error::new(
        Kind::Conflict,
        "请用“修改密码”修改自己的密码（PUT /auth/password）",
        "Change your own password with “Change password” (PUT /auth/password)",
    ))
}

pub(crate) fn clash(error: StorageError) -> Error {
    if error.is_unique("username") {
        taken("username")
    } else if error.is_unique("phone") {
        taken("phone")
    } else if error.is_unique("email") {
        taken("email")
    } else {
        error.into()
    }
}

async fn find(conn: &mut Conn, id: UserId) -> Result<User> {
    users::find(conn, id).await?.ok_or_else(missing)
}

fn seen(caller: &Caller, user: User) -> Result<User> {
    if user.id == caller.id() || caller.sight().sees(user.dept_id) {
        Ok(user)
    } else {
        Err(missing())
    }
}

pub(crate) async fn in_sight(conn: &mut Conn, caller: &Caller, id: UserId) -> Result<User> {
    seen(caller, find(conn, id).await?)
}

pub(crate) async fn find_by_name_in_sight(
    conn: &mut Conn,
    caller: &Caller,
    username: &str,
) -> Result<User> {
    let user = users::find_by_name(conn, username).await?;
    seen(caller, user.ok_or_else(missing)?)
}

/// Whoever could lock out, rename or reset somebody with more permissions could become her.
pub(crate) async fn outranks(conn: &mut Conn, caller: &Caller, user: &User) -> Result<()> {
    let ids: Vec<RoleId> = user.roles.iter().map(|r| r.id).collect();
    let patterns = roles::patterns_of(conn, &ids).await?;
    let missing = caller.grants().missing(patterns.iter().map(String::as_str));
    if !missing.is_empty() {
        return Err(Error::forbidden(missing));
    }
    sees_no_more(conn, caller, user.id, user.dept_id).await
}

/// Whoever sees more than the caller is not hers to become, nor hers to make.
pub(crate) async fn sees_no_more(
    conn: &mut Conn,
    caller: &Caller,
    id: UserId,
    dept: Option<DeptId>,
) -> Result<()> {
    let mine = caller.sight();
    if mine.scope == DataScope::All {
        return Ok(());
    }
    let hers = Access::reach(conn, id, dept).await?.sight;
    if hers.scope != DataScope::All && hers.depts.iter().all(|d| mine.depts.contains(d)) {
        return Ok(());
    }
    Err(Error::new(
        Kind::Forbidden {
            missing: vec![format!("dataScope={}", hers.scope.code())],
        },
        "该用户的数据范围（dataScope）超出你的",
        "The user's data scope (dataScope) is wider than your own",
    ))
}

pub(crate) async fn keep_an_administrator(conn: &mut Conn, user: &User) -> Result<()> {
    let is_one = user.status == Status::Active && user.roles.iter().any(|r| r.id == ADMIN_ROLE);
    if is_one && users::active_holders(conn, ADMIN_ROLE, Some(user.id)).await? == 0 {
        return Err(Error::new(
            Kind::Conflict,
            "这是最后一个可用的管理员",
            "This is the last active administrator",
        ));
    }
    Ok(())
}

fn changed(before: &User, change: UserChange) -> Result<Account> {
    let mut account = Account::from(before);
    if let Some(username) = change.username {
        account.username = validate::username(&username)?;
    }
    if let Some(nickname) = change.nickname {
        account.nickname = nickname.trim().to_owned();
    }
    if let Some(avatar) = change.avatar {
        account.avatar = avatar.trim().to_owned();
    }
    if let Some(phone) = change.phone {
        let phone = validate::phone(&phone)?;
        account.phone_verified &= phone == account.phone;
        account.phone = phone;
    }
    if let Some(email) = change.email {
        let email = validate::email(&email)?;
        account.email_verified &= email == account.email;
        account.email = email;
    }
    if let Some(sex) = change.sex.filter(|s| !s.is_empty()) {
        account.sex = sex;
    }
    account.status = change.status.unwrap_or(account.status);
    account.dept_id = change.dept_id.unwrap_or(account.dept_id);
    if let Some(remark) = change.remark {
        account.remark = Some(remark.trim().to_owned()).filter(|r| !r.is_empty());
    }
    Ok(account)
}

/// What an audit entry shows of a user.
pub(crate) fn shown(user: &User) -> Value {
    json!({
        "username": user.username,
        "nickname": user.nickname,
        "avatar": user.avatar,
        "phone": user.phone,
        "email": user.email,
        "sex": user.sex,
        "status": user.status.code(),
        "deptId": user.dept_id,
        "remark": user.remark,
        "roleIds": user.roles.iter().map(|r| r.id).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests;
