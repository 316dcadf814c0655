//! `GET /api/login_user` (document E): who is signed in.

use super::api_login::UserOfE;
use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::{Access, Api, Endpoint};
use axum::Json;
use axum::extract::State;
use axum::http::Method;
use menshen_domain::Text;
use schemars::JsonSchema;
use serde::Serialize;

/// Who is signed in.
#[derive(Debug, Serialize, JsonSchema)]
struct LoginUserResp {
    /// Always `true`.
    success: bool,
    /// The user.
    data: UserOfE,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/api/login_user",
        Access::SignedInAnyhow,
        Text::fixed("获取用户登录信息", "Who is signed in"),
        handle,
    )
    .tag("E")
    .gives::<LoginUserResp>(200, "The user")
    .fails(401, "The access token is not good")
}

async fn handle(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
) -> Result<Json<LoginUserResp>, ApiError> {
    Ok(Json(LoginUserResp {
        success: true,
        data: UserOfE::of(&api, &caller).await?,
    }))
}
