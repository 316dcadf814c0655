//! One's own passkeys.

use super::Challenge;
use crate::error::AppError;
use crate::server_fns::Done;
use leptos::prelude::*;
use menshen_domain::passkey::PasskeyInfo;

#[cfg(feature = "ssr")]
const PAGE: &str = "/admin/account/factors";

/// One's own passkeys, oldest first; none where they are not set up.
#[server(prefix = "/admin/fn", endpoint = "my_passkeys")]
pub(crate) async fn my_passkeys() -> Result<Vec<PasskeyInfo>, AppError> {
    use crate::server::guard;
    let caller = guard::settled()?;
    Ok(guard::services()?.passkeys.list(&caller).await?)
}

/// Begins to add a passkey: what the device is to be given.
#[server(prefix = "/admin/fn", endpoint = "begin_passkey")]
pub(crate) async fn begin_passkey(
    #[server(default)] password: String,
) -> Result<Challenge, AppError> {
    use crate::server::guard;
    let caller = guard::settled()?;
    let passkeys = guard::services()?.passkeys;
    let begun = passkeys.begin(&caller, &password).await?;
    Ok(Challenge {
        ticket: begun.ticket,
        options: begun.public_key.to_string(),
    })
}

/// Adds the passkey that the device made.
#[server(prefix = "/admin/fn", endpoint = "add_passkey")]
pub(crate) async fn add_passkey(
    #[server(default)] ticket: String,
    #[server(default)] name: String,
    #[server(default)] credential: String,
    #[server(default)] end_other_sessions: bool,
) -> Result<Done, AppError> {
    use crate::server::guard;
    let caller = guard::settled()?;
    let enrolment = menshen_services::passkeys::Enrolment {
        ticket,
        name,
        // What is no JSON is no passkey either: the service says what it should be.
        credential: serde_json::from_str(&credential).unwrap_or_default(),
        end_other_sessions,
    };
    let passkeys = guard::services()?.passkeys;
    let added = passkeys.finish(&caller, &enrolment).await?;
    Ok(Done::name(added.name))
}

/// Gives one of one's own passkeys another name.
#[server(prefix = "/admin/fn", endpoint = "rename_passkey")]
pub(crate) async fn rename_passkey(
    #[server(default)] id: i64,
    #[server(default)] name: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::settled()?;
    let id = menshen_domain::PasskeyId(id);
    let passkeys = guard::services()?.passkeys;
    let renamed = passkeys.rename(&caller, id, &name).await?;
    answer::done(PAGE, |t| t.passkey_renamed(&renamed.name));
    Ok(Done::name(renamed.name))
}

/// Takes one of one's own passkeys away.
#[server(prefix = "/admin/fn", endpoint = "remove_passkey")]
pub(crate) async fn remove_passkey(
    #[server(default)] id: i64,
    #[server(default)] password: String,
    #[server(default)] end_other_sessions: bool,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::settled()?;
    let consent = menshen_services::second_factor::Consent {
        password,
        end_other_sessions,
    };
    let id = menshen_domain::PasskeyId(id);
    guard::services()?
        .passkeys
        .remove(&caller, id, &consent)
        .await?;
    answer::done(PAGE, |t| t.passkey_removed.to_owned());
    Ok(Done::default())
}
