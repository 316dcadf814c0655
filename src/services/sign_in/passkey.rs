//! Signing in with a passkey: counting the tries, and letting in or turning away whoever
//! [`crate::passkeys`] has looked at. There is no name to count by, so the client's network
//! stands for one.

use super::{Counters, SignIns, Way, check_delay};
use crate::access::Client;
use crate::audit::Record;
use crate::sessions::{Issued, Opened};
use menshen_domain::{Error, Kind, Result, UserId};
use menshen_storage::Tx;
use menshen_storage::users::LoginRow;

/// What the login log calls this way in.
const METHOD: &str = "passkey";

impl SignIns {
    /// Counts a try as if it had failed; letting in takes that back.
    pub(crate) async fn admit_passkey(&self, client: &Client) -> Result<()> {
        self.count(&counters(client), |failures| {
            check_delay(&self.core, &failures.pair, &failures.run)
        })
        .await
    }

    /// The last step into the REST API. The device has asked for a finger or a PIN: a passkey is
    /// both factors, and no code is asked for.
    pub(crate) async fn enter_api_by_passkey(
        &self,
        mut tx: Tx,
        user: &LoginRow,
        client: &Client,
    ) -> Result<Issued> {
        forgive(&mut tx, client).await?;
        self.open_api(tx, user, client, Way::of(METHOD)).await
    }

    /// The last step into the admin UI, as [`SignIns::enter_api_by_passkey`].
    pub(crate) async fn enter_page_by_passkey(
        &self,
        mut tx: Tx,
        user: &LoginRow,
        client: &Client,
    ) -> Result<Opened> {
        forgive(&mut tx, client).await?;
        self.open_page(tx, user, client, Way::of(METHOD)).await
    }

    /// Turns somebody away: the log is told why, and the client is not. What else the
    /// transaction did stays done.
    pub(crate) async fn refuse_passkey(
        &self,
        mut tx: Tx,
        user: Option<&LoginRow>,
        client: &Client,
        reason: &str,
    ) -> Result<Error> {
        let name = user.map_or("", |user| &user.username);
        let mut record = Record::login("sign_in", false, name, client)
            .reason(reason)
            .method(METHOD);
        if let Some(user) = user {
            record = record.actor(UserId(user.id));
        }
        record.write(&self.core, &mut tx).await?;
        tx.commit().await?;
        Ok(refused())
    }
}

/// The address's own counter is the one of all sign-ins: after a few failures they need a captcha.
fn counters(client: &Client) -> Counters {
    let from = client.network();
    Counters {
        name: format!("passkey:name:{from}"),
        pair: format!("passkey:pair:{from}"),
        run: format!("passkey:run:{from}"),
        ..Counters::new("passkey", client)
    }
}

async fn forgive(tx: &mut Tx, client: &Client) -> Result<()> {
    let counters = counters(client);
    counters.take_back(tx).await?;
    counters.clear(tx).await
}

/// One answer for an unknown passkey, a bad signature, a ticket that is over and a disabled
/// account.
fn refused() -> Error {
    Error::new(
        Kind::Credentials,
        "通行密钥登录未成功，请重试，或改用密码登录",
        "Signing in with the passkey did not work. Try again, or use your password",
    )
}
