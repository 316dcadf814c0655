//! Who calls a server function, and whether she may. Every one asks here in its first line.

use crate::error::AppError;
use axum::http::request::Parts;
use leptos::prelude::use_context;
use menshen_domain::Error;
use menshen_domain::session::Ways;
use menshen_services::{Caller, Client, Identity, Opened, Services};
use tower_sessions::Session;

/// The caller, when she holds the permission `code`.
pub(crate) fn require(code: &str) -> Result<Caller, AppError> {
    let caller = settled()?;
    caller.require(code)?;
    Ok(caller)
}

/// The caller, when she holds any of the permissions `codes`.
pub(crate) fn require_any(codes: &[&str]) -> Result<Caller, AppError> {
    let caller = settled()?;
    if codes.iter().any(|code| caller.may(code)) {
        Ok(caller)
    } else {
        Err(Error::forbidden(codes.iter().copied()).into())
    }
}

/// The caller, when she is signed in and no new password is due.
pub(crate) fn settled() -> Result<Caller, AppError> {
    let caller = signed_in()?;
    caller.require_usable()?;
    Ok(caller)
}

/// The caller, when she is signed in. Only for what must be open while a new password is due.
pub(crate) fn signed_in() -> Result<Caller, AppError> {
    match parts().and_then(|p| p.extensions.get::<Identity>().cloned()) {
        Some(Identity::SignedIn(caller)) => Ok(caller),
        _ => Err(Error::token().into()),
    }
}

/// The use cases.
pub(crate) fn services() -> Result<Services, AppError> {
    use_context::<Services>().ok_or_else(|| missing("the services"))
}

/// Where the request comes from.
pub(crate) fn client() -> Result<Client, AppError> {
    parts()
        .and_then(|p| p.extensions.get::<Client>().cloned())
        .ok_or_else(|| missing("the client"))
}

/// The browser's session.
pub(crate) fn session() -> Result<Session, AppError> {
    parts()
        .and_then(|p| p.extensions.get::<Session>().cloned())
        .ok_or_else(|| missing("the session"))
}

/// Gives a browser its new session, and tells where it goes on: to `next`, unless a new password
/// is due.
pub(crate) async fn enter(
    browser: &Session,
    opened: Opened,
    next: &str,
) -> menshen_domain::Result<String> {
    use super::{answer, internal};
    browser.cycle_id().await.map_err(internal)?;
    browser
        .insert("sid", opened.session_id)
        .await
        .map_err(internal)?;
    Ok(if opened.must_change_password {
        "/admin/password".to_owned()
    } else {
        answer::safe_next(next)
    })
}

/// The request's head.
pub(crate) fn parts() -> Option<Parts> {
    use_context::<Parts>()
}

/// The present moment in microseconds, for relative times.
pub(crate) fn now() -> i64 {
    use_context::<Services>().map_or(0, |services| services.now().0)
}

/// The least length of a password, for hints.
pub(crate) fn password_min() -> usize {
    use_context::<Services>().map_or(0, |services| services.settings().password.min_length)
}

/// The ways in that the login page offers beside name and password.
pub(crate) fn ways() -> Ways {
    use_context::<Services>().map_or_else(Ways::default, |services| services.sign_in.ways())
}

/// The domain name that passkeys are bound to; empty when they are not set up.
pub(crate) fn passkey_rp() -> String {
    use_context::<Services>().map_or_else(String::new, |s| s.passkeys.rp_id())
}

/// Whether the server runs with `--dev`.
pub(crate) fn dev() -> bool {
    use_context::<Services>().is_some_and(|services| services.settings().dev.on)
}

fn missing(what: &str) -> AppError {
    Error::internal(format!("{what} of this request was not provided")).into()
}
