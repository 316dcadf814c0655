//! One endpoint per file.

mod auth_login;
mod auth_logout;
mod auth_me;
mod auth_password;
mod auth_refresh_token;
mod auth_session;
mod captcha;
mod captcha_audio;
mod files;
mod health;
mod jwks;
mod perm_list;
mod perm_query;
mod perm_set;
mod role_add;
mod role_get;
mod role_list;
mod role_remove;
mod role_set;
mod test;
pub(crate) mod upload;
mod user_add;
mod user_bind;
mod user_get;
mod user_info;
mod user_list;
mod user_remove;
mod user_set;

use crate::Endpoint;

/// Every endpoint of the REST face.
#[must_use]
pub fn all() -> Vec<Endpoint> {
    vec![
        captcha::endpoint(),
        captcha_audio::endpoint(),
        upload::endpoint(),
        files::endpoint(),
        auth_login::endpoint(),
        auth_logout::post(),
        auth_logout::get(),
        auth_me::endpoint(),
        auth_refresh_token::endpoint(),
        auth_session::endpoint(),
        auth_password::endpoint(),
        test::endpoint(),
        role_list::endpoint(),
        role_add::endpoint(),
        role_get::endpoint(),
        role_set::endpoint(),
        role_remove::endpoint(),
        perm_list::endpoint(),
        perm_query::endpoint(),
        perm_set::endpoint(),
        user_list::endpoint(),
        user_info::endpoint(),
        user_add::endpoint(),
        user_get::endpoint(),
        user_set::endpoint(),
        user_remove::endpoint(),
        user_bind::endpoint(),
        jwks::endpoint(),
        health::live(),
        health::ready(),
    ]
}
