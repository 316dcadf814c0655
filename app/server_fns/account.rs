//! One's own account: signing in and out, the password, and what the overview shows.

pub(crate) mod factor;
pub(crate) mod own;
pub(crate) mod passkeys;
pub(crate) mod ways;

use super::Done;
#[cfg(feature = "ssr")]
use crate::calls::{Runner, run};
use crate::error::AppError;
use leptos::prelude::*;
use menshen_domain::session::{self, CaptchaPicture, Me};
use serde::{Deserialize, Serialize};

/// The questions that pages ask.
#[cfg(feature = "ssr")]
pub(crate) static QUESTIONS: &[(&str, Runner)] = &[
    ("new_captcha", run::<NewCaptcha>),
    ("who_am_i", run::<WhoAmI>),
    ("my_account", run::<own::MyAccount>),
    ("my_sessions", run::<own::MySessions>),
    ("my_factor", run::<factor::MyFactor>),
    ("my_passkeys", run::<passkeys::MyPasskeys>),
    ("otp_picture", run::<factor::OtpPicture>),
    ("password_strength", run::<factor::PasswordStrength>),
    ("overview", run::<Overview>),
];

/// A captcha for the login page, for the way in `way`; none when none is due. Public.
#[server(prefix = "/admin/fn", endpoint = "new_captcha")]
pub(crate) async fn new_captcha(
    #[server(default)] username: String,
    #[server(default)] way: String,
) -> Result<Option<CaptchaPicture>, AppError> {
    use crate::server::guard;
    let client = guard::client()?;
    let services = guard::services()?;
    let due = if way == "sms" {
        services.codes.captcha_on_page(&client, &username).await?
    } else {
        let username = Some(username.as_str()).filter(|name| !name.is_empty());
        services.sign_in.captcha_on_page(username, &client).await?
    };
    if due {
        Ok(Some(services.captcha.create(&client).await?))
    } else {
        Ok(None)
    }
}

/// Signs in, and tells where to go on. Public.
#[server(prefix = "/admin/fn", endpoint = "sign_in")]
pub(crate) async fn sign_in(
    #[server(default)] username: String,
    #[server(default)] password: String,
    #[server(default)] captcha_key: String,
    #[server(default)] captcha_code: String,
    #[server(default)] next: String,
) -> Result<Done, AppError> {
    use crate::server::guard;
    use menshen_domain::error::Problems;
    use menshen_domain::validate;
    let client = guard::client()?;
    // What is plainly not filled in costs no captcha.
    let mut problems = Problems::default();
    problems.take(validate::text("username", &username, 1, 254));
    if password.is_empty() {
        problems.take(validate::text("password", "", 1, 1));
    }
    if !captcha_key.is_empty() {
        problems.take(validate::text("captcha", &captcha_code, 1, 50));
    }
    problems.finish()?;
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let opened = guard::services()?
        .sign_in
        .by_page(
            &client,
            menshen_services::Credentials {
                username,
                password,
                captcha_key: given(captcha_key),
                captcha_code: given(captcha_code),
                ..menshen_services::Credentials::default()
            },
        )
        .await?;
    enter(opened, &next).await
}

/// Finishes a sign-in with the second factor's code, and tells where to go on. Public.
#[server(prefix = "/admin/fn", endpoint = "verify_otp")]
pub(crate) async fn verify_otp(
    #[server(default)] otp_ticket: String,
    #[server(default)] otp_code: String,
    #[server(default)] next: String,
) -> Result<Done, AppError> {
    use crate::server::guard;
    use menshen_domain::validate;
    let client = guard::client()?;
    validate::text("otpTicket", &otp_ticket, 1, 200)?;
    validate::text("code", &otp_code, 1, 50)?;
    let opened = guard::services()?
        .sign_in
        .finish_by_page(&client, &otp_ticket, &otp_code)
        .await?;
    enter(opened, &next).await
}

/// A challenge for a passkey, and the ticket that goes with its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Challenge {
    pub ticket: String,
    /// The options for the browser, in JSON.
    pub options: String,
}

/// Begins a sign-in with a passkey. Public.
#[server(prefix = "/admin/fn", endpoint = "passkey_options")]
pub(crate) async fn passkey_options() -> Result<Challenge, AppError> {
    use crate::server::guard;
    let client = guard::client()?;
    let begun = guard::services()?.passkeys.login_options(&client).await?;
    Ok(Challenge {
        ticket: begun.ticket,
        options: begun.public_key.to_string(),
    })
}

/// Signs in with what a passkey answered, and tells where to go on. Public.
#[server(prefix = "/admin/fn", endpoint = "passkey_sign_in")]
pub(crate) async fn passkey_sign_in(
    #[server(default)] ticket: String,
    #[server(default)] credential: String,
    #[server(default)] next: String,
) -> Result<Done, AppError> {
    use crate::server::guard;
    let client = guard::client()?;
    // What is no JSON is no passkey either: the service says what it should be.
    let credential = serde_json::from_str(&credential).unwrap_or_default();
    let opened = guard::services()?
        .passkeys
        .enter_page(&client, &ticket, &credential)
        .await?;
    enter(opened, &next).await
}

/// Gives the browser its new session and leads it on.
#[cfg(feature = "ssr")]
async fn enter(opened: menshen_services::Opened, next: &str) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let to = guard::enter(&guard::session()?, opened, next).await?;
    answer::go(&to);
    Ok(Done::to(to))
}

/// Ends the session.
#[server(prefix = "/admin/fn", endpoint = "sign_out")]
pub(crate) async fn sign_out() -> Result<Done, AppError> {
    use crate::server::{answer, guard, internal};
    let caller = guard::signed_in()?;
    guard::services()?.sessions.end(&caller).await?;
    guard::session()?.flush().await.map_err(internal)?;
    answer::go("/admin/login");
    Ok(Done::to("/admin/login"))
}

/// Changes one's own password, and goes on to `next`.
#[server(prefix = "/admin/fn", endpoint = "change_password")]
pub(crate) async fn change_password(
    #[server(default)] current_password: String,
    #[server(default)] new_password: String,
    #[server(default)] repeat_password: String,
    #[server(default)] next: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard, internal};
    let caller = guard::signed_in()?;
    if new_password != repeat_password {
        return Err(menshen_domain::Error::field(
            "repeatPassword",
            menshen_domain::Text::fixed("两次输入不一致", "does not match the new password"),
        )
        .into());
    }
    guard::services()?
        .sign_in
        .change_password(&caller, &current_password, &new_password)
        .await?;
    guard::session()?.cycle_id().await.map_err(internal)?;
    // The page that follows is loaded afresh, with and without JavaScript.
    answer::tell(|t| t.password_changed.to_owned());
    let to = answer::safe_next(&next);
    answer::go(&to);
    Ok(Done::to(to))
}

/// Who is signed in, and what she may do.
#[server(prefix = "/admin/fn", endpoint = "who_am_i")]
pub(crate) async fn who_am_i() -> Result<Me, AppError> {
    Ok(crate::server::guard::signed_in()?.me())
}

/// The overview's figures; what the caller may not see is left out.
#[server(prefix = "/admin/fn", endpoint = "overview")]
pub(crate) async fn overview() -> Result<session::Overview, AppError> {
    let caller = crate::server::guard::settled()?;
    Ok(crate::server::guard::services()?.overview(&caller).await?)
}
