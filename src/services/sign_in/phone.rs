//! Signing in with a code sent to a phone.
//!
//! It opens only an account that holds the number proved. Where there is none, the code proves
//! the number for a new account: who had only told it before gains nothing by that.

use super::newcomer::Newcomer;
use super::{Counters, Credentials, SignIns};
use crate::access::Client;
use crate::audit::Record;
use crate::codes::{self, Purpose};
use crate::sessions::Issued;
use crate::settings::CaptchaMode;
use menshen_domain::role::Status;
use menshen_domain::{Error, Kind, Result, UserId, validate};
use menshen_storage::users::LoginRow;
use menshen_storage::{Tx, users};

impl SignIns {
    /// Signs a client of the REST API in with a phone number as the name and the code sent to it
    /// as the password.
    ///
    /// # Errors
    /// [`Kind::Invalid`] when it is no phone number, or short messages are not set up;
    /// [`Kind::Credentials`] for a wrong or spent code and a disabled account;
    /// [`Kind::Forbidden`] for a new number while registration is closed; as
    /// [`SignIns::by_api`] otherwise. A code that was right is spent also where it makes no
    /// account.
    pub async fn by_phone(&self, client: &Client, credentials: Credentials) -> Result<Issued> {
        let mode = self.core.settings().captcha.mode;
        let (tx, user) = self.prove_phone(client, &credentials, mode).await?;
        let otp = credentials.otp.as_deref();
        self.enter_api(tx, &user, client, otp).await
    }

    /// The account that holds the number proved by the code, made where there is none; and the
    /// transaction in which its session is to be opened.
    pub(super) async fn prove_phone(
        &self,
        client: &Client,
        credentials: &Credentials,
        mode: CaptchaMode,
    ) -> Result<(Tx, LoginRow)> {
        if self.core.outside().sms.is_none() {
            return Err(codes::not_set_up());
        }
        let phone = validate::phone_key(&credentials.username)?;
        let solved = self.check_captcha(credentials).await?;
        let counters = Counters::new(&phone, client);
        self.admit(&counters, mode, solved).await?;
        let given = &credentials.password;
        let Some(code) = self.codes.check(Purpose::SignIn, &phone, given).await? else {
            self.note_failure_by("sms", client, &phone, None, "code")
                .await?;
            return Err(wrong_code());
        };
        self.sessions.warm().await?;
        let mut tx = self.core.db.begin().await?;
        tx.serialise().await?;
        if !self.codes.spend(&mut tx, &code).await? {
            return Err(wrong_code());
        }
        let phones = validate::phone_spellings(&phone);
        let mut user = match users::holder_of_phone(&mut tx, &phones).await? {
            Some(user) => user,
            None => {
                let newcomer = Newcomer::with_phone(phone.clone());
                match self.make(&mut tx, client, newcomer).await {
                    Ok(user) => user,
                    Err(error) => {
                        drop(tx);
                        let error = self.not_made(client, "sms", &phone, Some(&code), error);
                        return Err(error.await?);
                    }
                }
            }
        };
        user.method = "sms";
        if !is_active(&user) {
            return self.turn_away(tx, &user, client, wrong_code()).await;
        }
        self.forgive_in(&mut tx, &counters, &user).await?;
        Ok((tx, user))
    }

    /// Refuses somebody who is disabled; what else the transaction did stays done.
    pub(super) async fn turn_away<T>(
        &self,
        mut tx: Tx,
        user: &LoginRow,
        client: &Client,
        error: Error,
    ) -> Result<T> {
        Record::login("sign_in", false, &user.username, client)
            .actor(UserId(user.id))
            .reason("disabled")
            .method(user.method)
            .write(&self.core, &mut tx)
            .await?;
        tx.commit().await?;
        Err(error)
    }
}

pub(super) fn is_active(user: &LoginRow) -> bool {
    user.status == Status::Active.code()
}

/// One answer for a wrong code, one that is spent or expired, and a disabled account.
fn wrong_code() -> Error {
    Error::new(
        Kind::Credentials,
        "验证码不正确或已过期",
        "The code is wrong or has expired",
    )
}

#[cfg(test)]
mod tests;
