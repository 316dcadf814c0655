//! One's own second factor, and how hard a password is to guess.

use crate::error::AppError;
use crate::server_fns::Done;
use leptos::prelude::*;
use menshen_domain::account::{Factor, Strength};

#[cfg(feature = "ssr")]
const PAGE: &str = "/admin/account/factors";

/// How one's own second factor stands.
#[server(prefix = "/admin/fn", endpoint = "my_factor")]
pub(crate) async fn my_factor() -> Result<Factor, AppError> {
    use crate::server::guard;
    let caller = guard::settled()?;
    let factors = guard::services()?.second_factor;
    let standing = factors.standing(&caller).await?;
    Ok(Factor {
        confirmed_at: standing.confirmed_at,
        recovery_left: standing.recovery_left,
        has_password: standing.has_password,
    })
}

/// Proposes a secret for one's authenticator app; the answer's secret is its `otpauth://`
/// address.
#[server(prefix = "/admin/fn", endpoint = "begin_otp")]
pub(crate) async fn begin_otp(#[server(default)] password: String) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::settled()?;
    let factors = guard::services()?.second_factor;
    let proposal = factors.enroll(&caller, &password).await?;
    answer::reveal("begin_otp", &proposal.uri);
    Ok(Done::secret(proposal.uri))
}

/// An `otpauth://` address as a QR code: the `data:` address of an SVG.
#[server(prefix = "/admin/fn", endpoint = "otp_picture")]
pub(crate) async fn otp_picture(#[server(default)] uri: String) -> Result<String, AppError> {
    use crate::server::guard;
    guard::settled()?;
    Ok(guard::services()?.second_factor.picture(&uri)?)
}

/// Puts the proposed secret into force with its first code; the answer's secret is the recovery
/// codes, one on a line.
#[server(prefix = "/admin/fn", endpoint = "confirm_otp")]
pub(crate) async fn confirm_otp(
    #[server(default)] otp_code: String,
    #[server(default)] end_other_sessions: bool,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::validate;
    let caller = guard::settled()?;
    let code = validate::text("code", &otp_code, 1, 50)?;
    let factors = guard::services()?.second_factor;
    let codes = factors
        .confirm(&caller, &code, end_other_sessions)
        .await?
        .join("\n");
    answer::reveal("confirm_otp", &codes);
    Ok(Done::secret(codes))
}

/// Makes new recovery codes; the answer's secret is they, one on a line.
#[server(prefix = "/admin/fn", endpoint = "renew_recovery_codes")]
pub(crate) async fn renew_recovery_codes(
    #[server(default)] password: String,
    #[server(default)] end_other_sessions: bool,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::settled()?;
    let factors = guard::services()?.second_factor;
    let consent = menshen_services::second_factor::Consent {
        password,
        end_other_sessions,
    };
    let codes = factors.renew_recovery_codes(&caller, &consent).await?;
    let codes = codes.join("\n");
    answer::reveal("renew_recovery_codes", &codes);
    Ok(Done::secret(codes))
}

/// Turns one's own second factor off.
#[server(prefix = "/admin/fn", endpoint = "disable_otp")]
pub(crate) async fn disable_otp(
    #[server(default)] password: String,
    #[server(default)] end_other_sessions: bool,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::settled()?;
    let factors = guard::services()?.second_factor;
    let consent = menshen_services::second_factor::Consent {
        password,
        end_other_sessions,
    };
    factors.disable(&caller, &consent).await?;
    answer::done(PAGE, |t| t.otp_turned_off.to_owned());
    Ok(Done::default())
}

/// How hard a password that one thinks of is to guess. Nothing is kept of it.
#[server(prefix = "/admin/fn", endpoint = "password_strength")]
pub(crate) async fn password_strength(
    #[server(default)] password: String,
) -> Result<Strength, AppError> {
    use crate::server::guard;
    let caller = guard::signed_in()?;
    Ok(guard::services()?.password_strength(&caller, &password))
}
