//! Signing in with a code that is sent to a phone. (WeChat's and WeCom's pages are links, see
//! `server/vendor.rs`.)

use crate::error::AppError;
use crate::server_fns::Done;
use leptos::prelude::*;

/// Sends a code to sign in with. Public.
#[server(prefix = "/admin/fn", endpoint = "send_sms_code")]
pub(crate) async fn send_sms_code(
    #[server(default)] phone: String,
    #[server(default)] captcha_key: String,
    #[server(default)] captcha_code: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    use menshen_domain::error::Problems;
    use menshen_domain::validate;
    let client = guard::client()?;
    // What is plainly not filled in costs no captcha.
    let mut problems = Problems::default();
    problems.take(validate::phone_key(&phone));
    if !captcha_key.is_empty() {
        problems.take(validate::text("captcha", &captcha_code, 1, 50));
    }
    problems.finish()?;
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    guard::services()?
        .codes
        .send_for_page(
            &client,
            &phone,
            given(&captcha_key).as_deref(),
            given(&captcha_code).as_deref(),
        )
        .await?;
    answer::step("send_sms_code", &[("phone", &phone)]);
    Ok(Done::name(phone))
}

/// Signs in with a phone number and the code sent to it, and tells where to go on. Public.
#[server(prefix = "/admin/fn", endpoint = "sign_in_by_phone")]
pub(crate) async fn sign_in_by_phone(
    #[server(default)] phone: String,
    #[server(default)] sms_code: String,
    #[server(default)] next: String,
) -> Result<Done, AppError> {
    use crate::server::guard;
    use menshen_domain::error::Problems;
    use menshen_domain::validate;
    let client = guard::client()?;
    let mut problems = Problems::default();
    problems.take(validate::phone_key(&phone));
    problems.take(validate::text("code", &sms_code, 1, 50));
    problems.finish()?;
    let opened = guard::services()?
        .sign_in
        .by_phone_page(&client, &phone, &sms_code)
        .await?;
    super::enter(opened, &next).await
}
