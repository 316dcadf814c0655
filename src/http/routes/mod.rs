//! One endpoint per file.

mod api_auth_login;
mod api_auth_logout;
mod api_login;
mod api_login_user;
mod api_logout;
mod api_refresh_token;
mod api_register;
mod api_sms;
mod auth_login;
mod auth_logout;
mod auth_me;
mod auth_otp;
mod auth_password;
mod auth_refresh_token;
mod auth_session;
mod auth_sessions;
pub(crate) mod auth_verify;
mod captcha;
mod captcha_audio;
mod check;
mod dept_add;
mod dept_get;
mod dept_list;
mod dept_remove;
mod dept_set;
mod dept_tree;
mod docs_page;
mod files;
mod health;
mod introspect;
mod jwks;
mod key_list;
mod key_revoke;
mod key_rotate;
mod log_filter;
mod logs;
mod menu_add;
mod menu_get;
mod menu_list;
mod menu_mine;
mod menu_remove;
mod menu_set;
mod menu_tree;
mod metrics;
mod openapi_json;
mod otp_confirm;
mod otp_disable;
mod otp_enroll;
mod otp_recovery;
mod otp_status;
mod passkey_add;
mod passkey_list;
mod passkey_login;
mod passkey_login_options;
mod passkey_options;
mod passkey_remove;
mod passkey_set;
mod perm_add;
mod perm_change;
mod perm_list;
mod perm_query;
mod perm_remove;
mod perm_set;
mod role_add;
mod role_get;
mod role_list;
mod role_remove;
mod role_set;
mod session_list;
mod session_revoke;
mod setting_list;
mod setting_set;
mod setting_test;
mod signin;
mod sorting;
mod test;
mod tokens_renew_access;
pub(crate) mod upload;
mod user_add;
mod user_bind;
mod user_export;
mod user_get;
mod user_import;
mod user_info;
mod user_list;
mod user_otp_reset;
mod user_passkey_reset;
mod user_password;
mod user_remove;
mod user_set;
mod user_status;

use crate::Endpoint;
use axum::http::Method;

/// Every endpoint of the REST face.
#[must_use]
pub fn all() -> Vec<Endpoint> {
    vec![
        captcha::endpoint(),
        captcha_audio::endpoint(),
        upload::endpoint(),
        files::endpoint(),
        auth_login::endpoint(),
        auth_otp::endpoint(),
        auth_logout::post(),
        auth_logout::get(),
        auth_me::endpoint(),
        auth_refresh_token::endpoint(),
        auth_session::endpoint(),
        auth_password::endpoint(),
        otp_status::endpoint(),
        otp_enroll::endpoint(),
        otp_confirm::endpoint(),
        otp_recovery::endpoint(),
        otp_disable::delete(),
        otp_disable::post(),
        passkey_list::endpoint(),
        passkey_options::endpoint(),
        passkey_add::endpoint(),
        passkey_set::endpoint(),
        passkey_remove::endpoint(),
        passkey_login_options::endpoint(),
        passkey_login::endpoint(),
        auth_sessions::list(),
        auth_sessions::end(),
        auth_sessions::end_others(),
        introspect::endpoint(),
        auth_verify::endpoint(Method::GET),
        auth_verify::endpoint(Method::POST),
        auth_verify::endpoint(Method::PUT),
        auth_verify::endpoint(Method::PATCH),
        auth_verify::endpoint(Method::DELETE),
        auth_verify::endpoint(Method::OPTIONS),
        test::endpoint(),
        role_list::endpoint(),
        role_add::endpoint(),
        role_get::endpoint(),
        role_set::endpoint(),
        role_remove::endpoint(),
        perm_list::endpoint(),
        perm_query::endpoint(),
        perm_set::endpoint(),
        perm_add::endpoint(),
        perm_change::endpoint(),
        perm_remove::endpoint(),
        dept_tree::endpoint(),
        dept_list::endpoint(),
        dept_get::endpoint(),
        dept_add::endpoint(),
        dept_set::endpoint(),
        dept_remove::endpoint(),
        menu_tree::endpoint(),
        menu_list::endpoint(),
        menu_mine::endpoint(),
        menu_get::endpoint(),
        menu_add::endpoint(),
        menu_set::endpoint(),
        menu_remove::endpoint(),
        user_list::endpoint(),
        user_info::endpoint(),
        user_add::endpoint(),
        user_get::endpoint(),
        user_set::endpoint(),
        user_remove::endpoint(),
        user_bind::endpoint(),
        user_otp_reset::endpoint(),
        user_passkey_reset::endpoint(),
        signin::endpoint(),
        tokens_renew_access::endpoint(),
        api_auth_login::get(),
        api_auth_login::post(),
        api_auth_logout::endpoint(),
        api_login::endpoint(),
        api_sms::endpoint(),
        api_refresh_token::endpoint(),
        api_logout::endpoint(),
        api_login_user::endpoint(),
        api_register::endpoint(),
        session_list::endpoint(),
        session_revoke::endpoint(),
        logs::list_login(),
        logs::export_login(),
        logs::list_operation(),
        logs::export_operation(),
        check::endpoint(),
        metrics::endpoint(),
        user_password::endpoint(),
        user_status::endpoint(),
        user_export::endpoint(),
        user_import::endpoint(),
        setting_list::endpoint(),
        setting_set::endpoint(),
        setting_test::endpoint(),
        key_list::endpoint(),
        key_rotate::endpoint(),
        key_revoke::endpoint(),
        jwks::endpoint(),
        openapi_json::endpoint(),
        docs_page::endpoint(),
        health::live(),
        health::ready(),
    ]
}
