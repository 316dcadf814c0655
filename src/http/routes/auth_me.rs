//! `GET /auth/me` (document A).

use crate::error::ApiError;
use crate::extract::SignedIn;
use crate::{Access, Endpoint};
use axum::Json;
use axum::http::Method;
use menshen_domain::Text;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// Who is signed in.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MeResp {
    user_id: i64,
    username: String,
    nickname: String,
    avatar: String,
    /// The keys of the active roles held; left out when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    /// The patterns held and every known code that they cover; left out when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    perms: Vec<String>,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/auth/me",
        Access::SignedInAnyhow,
        Text::fixed("获取个人信息", "Who am I"),
        handle,
    )
    .tag("A")
    .gives::<MeResp>(200, "The user and what she may do")
    .shows(json!({
        "userId": 1, "username": "admin", "nickname": "管理员", "avatar": "",
        "roles": ["admin"], "perms": ["*:*:*"],
    }))
    .fails(401, "The access token is not good")
}

async fn handle(SignedIn(caller): SignedIn) -> Result<Json<MeResp>, ApiError> {
    let me = caller.me();
    Ok(Json(MeResp {
        user_id: me.id.0,
        username: me.username,
        nickname: me.nickname,
        avatar: me.avatar,
        roles: caller.role_keys().to_vec(),
        perms: me.permissions,
    }))
}
