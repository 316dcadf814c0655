//! `PUT /auth/password`: changing one's own password.

use crate::error::ApiError;
use crate::extract::{Body, SignedIn};
use crate::schema;
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::Text;
use schemars::JsonSchema;
use serde::Deserialize;

/// The current password and a new one.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PasswordReq {
    /// The current password. Left out or empty by an account that has none (`hasPassword` of
    /// `GET /auth/otp`), which must have signed in less than 10 minutes ago instead.
    #[schemars(extend("format" = "password"))]
    current_password: Option<String>,
    /// The new one: 12 to 128 characters (by default), hard to guess.
    #[schemars(with = "schema::NewPassword")]
    new_password: String,
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::PUT,
        "/auth/password",
        Access::SignedInAnyhow,
        Text::fixed("修改自己的密码", "Change one's own password"),
        handle,
    )
    .tag("Menshen")
    .details(Text::fixed(
        "由短信或第三方登录创建的账号没有密码：登录后 10 分钟内可不带 `currentPassword` 设置第一个密码，\
         之后返回 403，需重新登录。账号有没有密码见 `GET /auth/otp` 的 `hasPassword`。",
        "An account that was made by a short message or by way of a vendor has no password: within \
         10 minutes of signing in it may set its first without `currentPassword`; later the answer \
         is 403, and it must sign in again. `hasPassword` of `GET /auth/otp` tells whether there \
         is one.",
    ))
    .takes::<PasswordReq>()
    .gives::<view::Answer<()>>(200, "Changed; every session ends, sign in anew")
    .fails(
        400,
        "The current password is wrong, or the new one is not good",
    )
    .fails(401, "The access token is not good")
    .fails(
        403,
        "The account has no password yet, and its sign-in was too long ago; or a page of another \
         site sent it",
    )
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Body(request): Body<PasswordReq>,
) -> Result<Response, ApiError> {
    api.services
        .sign_in
        .change_password(
            &caller,
            request.current_password.as_deref().unwrap_or_default(),
            &request.new_password,
        )
        .await?;
    Ok(view::ok(&context, &view::CHANGED, ()))
}
