//! What whoever runs the program does from its command line, where no session stands behind it:
//! who can read the database's key may do everything.

use crate::access::{Client, DISABLED};
use crate::audit::Record;
use crate::core::Core;
use crate::passwords;
use crate::second_factor::take_away;
use crate::users::{Creation, insert_account, keep_an_administrator};
use menshen_domain::role::{RoleFilter, Status};
use menshen_domain::scope::Sight;
use menshen_domain::user::{NewUser, User, UserFilter};
use menshen_domain::{Error, Kind, Page, PageRequest, Result, RoleId, Text, UserId};
use menshen_storage::users::Account;
use menshen_storage::{Conn, Event, roles, sessions, users};
use std::sync::Arc;

/// A user to be made from the command line.
#[derive(Clone, Default)]
pub struct NewAccount {
    /// The login name.
    pub username: String,
    /// The password; without one a random one is made that must be changed.
    pub password: Option<String>,
    /// A name for people.
    pub nickname: Option<String>,
    /// The keys of the roles to hold.
    pub role_keys: Vec<String>,
}

impl std::fmt::Debug for NewAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewAccount")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// The command line's use cases. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Operator {
    core: Arc<Core>,
}

/// How the audit log names the command line.
fn client() -> Client {
    Client {
        ip: "local".to_owned(),
        user_agent: "menshen command line".to_owned(),
        ..Client::default()
    }
}

impl Operator {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Makes a user; returns the name, and the one-time password if none was given.
    ///
    /// # Errors
    /// [`Kind::Invalid`], naming the fields; [`Kind::NotFound`] for an unknown role key.
    pub async fn create_user(&self, account: NewAccount) -> Result<(String, Option<String>)> {
        let one_time = account
            .password
            .is_none()
            .then(|| self.core.one_time_password());
        let new = NewUser {
            username: account.username,
            password: account
                .password
                .or_else(|| one_time.clone())
                .unwrap_or_default(),
            nickname: account.nickname,
            must_change_password: one_time.is_some(),
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
        let mut role_ids = Vec::new();
        for key in &account.role_keys {
            role_ids.push(role_by_key(&mut tx, key).await?);
        }
        let user = insert_account(&self.core, &mut tx, &creation, &hash, None).await?;
        users::set_roles(&mut tx, user.id, &role_ids).await?;
        Record::anonymous("user.create", &client())
            .target("user", user.id, &user.username)
            .write(&self.core, &mut tx)
            .await?;
        tx.announce(Event::User(user.id.0));
        tx.commit().await?;
        Ok((user.username, one_time))
    }

    /// One page of all users.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list_users(&self, filter: &UserFilter, page: PageRequest) -> Result<Page<User>> {
        let mut conn = self.core.db.read().await?;
        Ok(users::list(&mut conn, UserId(0), &Sight::everybody(), filter, page).await?)
    }

    /// Gives a user a one-time password and ends the sessions.
    ///
    /// # Errors
    /// [`Kind::NotFound`].
    pub async fn reset_password(&self, username: &str) -> Result<String> {
        let password = self.core.one_time_password();
        let hash = self.core.hasher.hash(passwords::digest(&password)).await?;
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let user = by_name(&mut tx, username).await?;
        let now = self.core.now();
        users::set_password(&mut tx, user.id, &hash, true, now).await?;
        sessions::revoke_all(&mut tx, user.id, None, "password_reset", now).await?;
        Record::anonymous("user.reset_password", &client())
            .target("user", user.id, &user.username)
            .write(&self.core, &mut tx)
            .await?;
        tx.announce(Event::User(user.id.0));
        tx.commit().await?;
        Ok(password)
    }

    /// Takes a user's second factor away and ends the sessions: for the administrator who has
    /// lost hers, when there is no other.
    ///
    /// # Errors
    /// [`Kind::NotFound`], also for a user without one.
    pub async fn reset_otp(&self, username: &str) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let user = by_name(&mut tx, username).await?;
        take_away(&self.core, &mut tx, user.id).await?;
        Record::anonymous("user.reset_otp", &client())
            .target("user", user.id, &user.username)
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Disables a user and ends the sessions.
    ///
    /// # Errors
    /// [`Kind::NotFound`]; [`Kind::Conflict`] for the last active administrator.
    pub async fn disable_user(&self, username: &str) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        let user = by_name(&mut tx, username).await?;
        keep_an_administrator(&mut tx, &user).await?;
        let account = Account {
            status: Status::Disabled,
            ..Account::from(&user)
        };
        let now = self.core.now();
        users::update(&mut tx, user.id, &account, None, now).await?;
        sessions::revoke_all(&mut tx, user.id, None, DISABLED, now).await?;
        Record::anonymous("user.disable", &client())
            .target("user", user.id, &user.username)
            .write(&self.core, &mut tx)
            .await?;
        tx.announce(Event::User(user.id.0));
        tx.commit().await?;
        Ok(())
    }
}

async fn by_name(conn: &mut Conn, username: &str) -> Result<User> {
    users::find_by_name(conn, username).await?.ok_or_else(|| {
        Error::new(
            Kind::NotFound,
            format!("没有用户“{username}”"),
            format!("there is no user “{username}”"),
        )
    })
}

async fn role_by_key(conn: &mut Conn, key: &str) -> Result<RoleId> {
    let filter = RoleFilter {
        key: Some(key.to_owned()),
        ..RoleFilter::default()
    };
    let page = PageRequest::bounded(None, Some(200));
    let found = roles::list(conn, &filter, page).await?;
    found
        .list
        .into_iter()
        .find(|r| r.key == key)
        .map(|r| r.id)
        .ok_or_else(|| {
            Error::field(
                "role",
                Text::new(
                    format!("没有角色“{key}”"),
                    format!("there is no role “{key}”"),
                ),
            )
        })
}
