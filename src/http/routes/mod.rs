//! One endpoint per file.

mod auth_login;
mod auth_logout;
mod auth_me;
mod auth_password;
mod auth_refresh_token;
mod auth_session;
mod auth_sessions;
mod auth_verify;
mod captcha;
mod captcha_audio;
mod check;
mod docs_page;
mod health;
mod introspect;
mod jwks;
mod log_filter;
mod logs;
mod metrics;
mod openapi_json;
mod perm_list;
mod perm_query;
mod perm_set;
mod role_add;
mod role_get;
mod role_list;
mod role_remove;
mod role_set;
mod session_list;
mod session_revoke;
mod test;
mod user_add;
mod user_bind;
mod user_get;
mod user_info;
mod user_list;
mod user_remove;
mod user_set;

use crate::Endpoint;
use axum::http::Method;

/// Every endpoint of the REST face.
#[must_use]
pub fn all() -> Vec<Endpoint> {
    vec![
        captcha::endpoint(),
        captcha_audio::endpoint(),
        auth_login::endpoint(),
        auth_logout::post(),
        auth_logout::get(),
        auth_me::endpoint(),
        auth_refresh_token::endpoint(),
        auth_session::endpoint(),
        auth_password::endpoint(),
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
        user_list::endpoint(),
        user_info::endpoint(),
        user_add::endpoint(),
        user_get::endpoint(),
        user_set::endpoint(),
        user_remove::endpoint(),
        user_bind::endpoint(),
        session_list::endpoint(),
        session_revoke::endpoint(),
        logs::list_login(),
        logs::export_login(),
        logs::list_operation(),
        logs::export_operation(),
        check::endpoint(),
        metrics::endpoint(),
        jwks::endpoint(),
        openapi_json::endpoint(),
        docs_page::endpoint(),
        health::live(),
        health::ready(),
    ]
}
