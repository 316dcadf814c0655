//! Accounts that come into being at a first sign-in with a phone or by way of a vendor.

use super::SignIns;
use crate::access::Client;
use crate::audit::Record;
use crate::settings::RegistrationMode;
use crate::users::{clash, count_sign_up, shown, user_code};
use menshen_domain::error::Problems;
use menshen_domain::user::Fields;
use menshen_domain::{Error, Kind, Result, UserId, validate};
use menshen_storage::users::{Account, LoginRow};
use menshen_storage::{Tx, users};
use serde_json::json;

/// What is known of somebody who comes for the first time.
#[derive(Debug, Default)]
pub(super) struct Newcomer {
    /// A name for people; one is made up when it is no good.
    pub(super) nickname: String,
    /// The address of a picture; left out when it is no good.
    pub(super) avatar: String,
    /// A telephone number.
    pub(super) phone: Option<String>,
    /// Whether it is proved.
    pub(super) phone_verified: bool,
}

impl Newcomer {
    /// Somebody who has proved a phone number, and told nothing else.
    pub(super) fn with_phone(phone: String) -> Self {
        Self {
            phone: Some(phone),
            phone_verified: true,
            ..Self::default()
        }
    }

    fn account(self, user_code: String) -> Account {
        let nickname = validate::text("nickname", &self.nickname, 1, 50);
        let digits = user_code.trim_start_matches('u');
        let mut picture = Problems::default();
        Fields {
            avatar: Some(&self.avatar),
            ..Fields::default()
        }
        .check(&mut picture);
        let avatar = picture.finish().map(|()| self.avatar.trim().to_owned());
        Account {
            username: user_code.clone(),
            nickname: nickname.unwrap_or_else(|_| format!("用户{digits}")),
            avatar: avatar.unwrap_or_default(),
            phone: self.phone,
            phone_verified: self.phone_verified,
            sex: "2".to_owned(),
            user_code,
            ..Account::default()
        }
    }
}

impl SignIns {
    /// Makes an account without a password in the transaction of its first sign-in. A number
    /// that it proves is taken from all who only told it.
    pub(super) async fn make(
        &self,
        tx: &mut Tx,
        client: &Client,
        newcomer: Newcomer,
    ) -> Result<LoginRow> {
        if self.core.settings().registration.mode == RegistrationMode::Closed {
            return Err(Error::new(
                Kind::Forbidden {
                    missing: Vec::new(),
                },
                "还没有账号，且注册已关闭，请联系管理员",
                "There is no account yet, and registration is closed. Please ask an administrator",
            ));
        }
        count_sign_up(&self.core, tx, client).await?;
        let account = newcomer.account(user_code(&self.core));
        let now = self.core.now();
        let id = users::insert(tx, &account, None, false, None, now)
            .await
            .map_err(clash)?;
        let proved = account.phone.as_deref().filter(|_| account.phone_verified);
        let lapsed = match proved {
            Some(phone) => self.lapse(tx, phone, id).await?,
            None => Vec::new(),
        };
        let user = users::find(tx, id).await?.ok_or_else(gone)?;
        let mut after = shown(&user);
        after["phoneTakenFrom"] = json!(lapsed);
        Record::anonymous("user.sign_up", client)
            .actor(id)
            .target("user", id, &user.username)
            .change(&json!(null), &after)
            .write(&self.core, tx)
            .await?;
        users::login_row(tx, id).await?.ok_or_else(gone)
    }

    /// Keeps what came of a proof that was good, but makes no account: its code is spent, and the
    /// log tells why nobody came in. The transaction in which the account was to be made must be
    /// over.
    pub(super) async fn not_made(
        &self,
        client: &Client,
        method: &str,
        name: &str,
        code: Option<&str>,
        error: Error,
    ) -> Result<Error> {
        let reason = match error.kind {
            Kind::Forbidden { .. } => "registration_closed",
            Kind::TooMany { .. } => "registration_limit",
            _ => return Ok(error),
        };
        let mut tx = self.core.db.begin().await?;
        if let Some(code) = code {
            self.codes.spend(&mut tx, code).await?;
        }
        Record::login("sign_in", false, name, client)
            .reason(reason)
            .method(method)
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Ok(error)
    }

    /// Takes a number that `holder` has proved from all who only told it.
    async fn lapse(&self, tx: &mut Tx, phone: &str, holder: UserId) -> Result<Vec<UserId>> {
        let phones = validate::phone_spellings(phone);
        let lapsed = users::lapse_phone(tx, &phones, holder).await?;
        for user in &lapsed {
            tx.announce(menshen_storage::Event::User(user.0));
        }
        Ok(lapsed)
    }
}

fn gone() -> Error {
    Error::internal("an account just made is gone")
}
