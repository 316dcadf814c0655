//! `POST /api/login` (document E): one route, many ways in.

use crate::error::ApiError;
use crate::extract::{Body, SignedIn, camel};
use crate::layers::bearer;
use crate::view::Times;
use crate::{Access, Api, Endpoint, RequestContext, schema};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use menshen_domain::error::Problems;
use menshen_domain::user::User;
use menshen_domain::{Error, FieldError, Kind, Text, Timestamp, validate};
use menshen_services::tokens::AccessToken;
use menshen_services::{Caller, Credentials, Form, Issued, Vendor, VendorCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What somebody signs in with. Names are taken in PascalCase, camelCase and snake_case.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct MultiLoginReq {
    /// Login name, user code, phone number or e-mail address; for `sms` the phone number; for the
    /// others the code that the vendor gave.
    #[serde(alias = "loginCode")]
    #[schemars(with = "schema::LoginCode")]
    login_code: Option<String>,
    /// The SHA-256 of the password in lowercase hex, or the password itself; for `sms` the code
    /// that was sent.
    #[serde(alias = "password")]
    password: Option<String>,
    /// `psw` (the default), `sms`, `min` or `mini` (WeChat mini-program), `qw` or `work` (WeCom),
    /// `wc` (scanning with WeChat).
    #[serde(alias = "loginType")]
    #[schemars(with = "Option<schema::LoginType>")]
    login_type: Option<String>,
    /// `phone` and `phoneCode` for `mini`; `otp`, the second factor's code, for all.
    #[serde(alias = "param")]
    param: Option<BTreeMap<String, String>>,
    /// The captcha's key, when one was solved.
    #[serde(alias = "captchaKey")]
    captcha_key: Option<String>,
    /// The captcha's answer.
    #[serde(alias = "captchaCode")]
    captcha_code: Option<String>,
}

impl MultiLoginReq {
    /// A value in `Param`, under its name in camelCase, PascalCase or snake_case.
    fn param(&self, name: &str) -> Option<String> {
        let first = name.chars().next().map(|c| c.to_ascii_uppercase());
        let pascal: String = first.into_iter().chain(name.chars().skip(1)).collect();
        let (_, value) = self
            .param
            .iter()
            .flatten()
            .find(|(key, _)| [name, &pascal].contains(&camel(key).as_str()))?;
        Some(value.trim().to_owned()).filter(|v| !v.is_empty())
    }
}

/// A way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Password,
    Phone,
    Vendor(Vendor),
}

impl Way {
    fn parse(login_type: Option<&str>) -> Result<Self, Error> {
        let given = login_type.unwrap_or_default().trim();
        Ok(match given.to_ascii_lowercase().as_str() {
            "" | "psw" => Self::Password,
            "sms" => Self::Phone,
            "min" | "mini" => Self::Vendor(Vendor::WechatMini),
            "qw" | "work" => Self::Vendor(Vendor::Wecom),
            "wc" => Self::Vendor(Vendor::WechatScan),
            _ => {
                let given: String = given.chars().take(20).collect();
                return Err(Error::field(
                    "LoginType",
                    Text::new(
                        format!("没有“{given}”这种登录方式；应为 psw、sms、mini、work 或 wc"),
                        format!("“{given}” is no way to sign in: psw, sms, mini, work and wc are"),
                    ),
                ));
            }
        })
    }
}

/// Document E's answer to a login.
#[derive(Serialize, JsonSchema)]
struct MultiLoginResp {
    #[serde(flatten)]
    token: ExpiringToken,
    /// Who signed in.
    user: UserOfE,
}

/// An access token and when it ends.
#[derive(Serialize, JsonSchema)]
pub(super) struct ExpiringToken {
    /// The HTTP status.
    code: u16,
    /// When the token ends, RFC 3339.
    expire: String,
    /// The access token.
    token: String,
}

impl ExpiringToken {
    pub(super) fn new(api: &Api, access: &AccessToken) -> Self {
        Self {
            code: 200,
            expire: Times(&api.zone).rfc3339(Timestamp::from_seconds(access.claims.exp)),
            token: access.token.clone(),
        }
    }
}

/// A user as document E tells it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UserOfE {
    id: i64,
    /// The login name.
    login_code: String,
    /// The made-up second login name.
    user_code: String,
    /// The nickname.
    user_name: String,
    phone: String,
    avatar: String,
    email: String,
    user_type: String,
    /// `0` active, `1` disabled.
    status: String,
}

impl UserOfE {
    /// The caller's own record.
    pub(super) async fn of(api: &Api, caller: &Caller) -> Result<Self, ApiError> {
        let (user, user_type) = api.services.users.own(caller).await?;
        Ok(Self::new(user, user_type))
    }

    fn new(user: User, user_type: String) -> Self {
        Self {
            id: user.id.0,
            user_name: user.display_name().to_owned(),
            login_code: user.username,
            user_code: user.user_code,
            phone: user.phone.unwrap_or_default(),
            avatar: user.avatar,
            email: user.email.unwrap_or_default(),
            user_type,
            status: user.status.code().to_owned(),
        }
    }
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/api/login",
        Access::Public,
        Text::fixed("登录接口", "Sign in, in one of many ways"),
        handle,
    )
    .tag("E")
    .takes::<MultiLoginReq>()
    .example(json!({ "LoginCode": "lin.wei", "Password": "quiet river seven" }))
    .gives::<MultiLoginResp>(200, "Signed in")
    .shows(json!({
        "code": 200,
        "expire": "2022-01-08T16:06:09+08:00",
        "token": "eyJ…",
        "user": {
            "Id": 19, "LoginCode": "u001641519161", "UserCode": "u001641519161",
            "UserName": "用户001641519161", "Phone": "15578906770", "Avatar": "", "Email": "",
            "UserType": "user", "Status": "0",
        },
    }))
    .fails(
        400,
        "A field is not good, the captcha is wrong, or the way is unknown or not set up",
    )
    .fails(
        401,
        "Wrong name, password or code; or a captcha, or a second factor is due",
    )
    .fails(403, "There is no account yet, and registration is closed")
    .fails(429, "Too many tries")
    .fails(502, "The vendor failed")
    .fails(503, "Too many sign-ins at once")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    caller: Result<SignedIn, ApiError>,
    headers: HeaderMap,
    Body(request): Body<MultiLoginReq>,
) -> Result<Json<MultiLoginResp>, ApiError> {
    // Only a token that is shown on purpose proves who is signed in; one that is good no more is
    // none.
    let caller = caller.ok().filter(|_| bearer(&headers).is_some());
    let caller = caller.map(|SignedIn(caller)| caller);
    let issued = sign_in(&api, &context, caller.as_ref(), request)
        .await
        .map_err(|error| named(error, "LoginCode"))?;
    let token = &issued.access.token;
    let caller = api
        .services
        .access
        .by_token(token, context.client.clone())
        .await?;
    Ok(Json(MultiLoginResp {
        token: ExpiringToken::new(&api, &issued.access),
        user: UserOfE::of(&api, &caller).await?,
    }))
}

async fn sign_in(
    api: &Api,
    context: &RequestContext,
    caller: Option<&Caller>,
    request: MultiLoginReq,
) -> Result<Issued, Error> {
    let way = Way::parse(request.login_type.as_deref())?;
    let otp = request.param("otp");
    let (phone, phone_code) = (request.param("phone"), request.param("phoneCode"));
    let mut problems = Problems::default();
    let given = request.login_code.unwrap_or_default();
    let most = match way {
        Way::Vendor(_) => 1000,
        Way::Password | Way::Phone => 254,
    };
    let login_code = problems.take(validate::text("LoginCode", &given, 1, most));
    let password = request.password.unwrap_or_default();
    if !matches!(way, Way::Vendor(_)) {
        problems.take(validate::password("Password", &password, 1));
    }
    problems.finish()?;
    let login_code = login_code.unwrap_or_default();
    let sign_in = &api.services.sign_in;
    if let Way::Vendor(vendor) = way {
        let shown = VendorCode {
            code: login_code,
            phone_code,
            phone,
            captcha_key: request.captcha_key,
            captcha_code: request.captcha_code,
            otp,
        };
        return sign_in
            .by_vendor(&context.client, caller, vendor, shown)
            .await;
    }
    let credentials = Credentials {
        username: login_code,
        password,
        form: Form::LoginCode,
        captcha_key: request.captcha_key,
        captcha_code: request.captcha_code,
        otp,
    };
    match way {
        Way::Phone => sign_in.by_phone(&context.client, credentials).await,
        _ => sign_in.by_api(&context.client, credentials).await,
    }
}

/// The fields at fault under the names that document E's clients know them by; a phone number is
/// `phone` to them.
pub(super) fn named(error: Error, phone: &'static str) -> Error {
    if error.kind != Kind::Invalid || error.fields.is_empty() {
        return error;
    }
    let name = |field: Cow<'static, str>| match field.as_ref() {
        "username" => "LoginCode".into(),
        "password" => "Password".into(),
        "nickname" => "UserName".into(),
        "phone" => phone.into(),
        "email" => "Email".into(),
        "loginType" => "LoginType".into(),
        _ => field,
    };
    let fields = error
        .fields
        .into_iter()
        .map(|f| FieldError {
            field: name(f.field),
            text: f.text,
        })
        .collect();
    Error {
        source: error.source,
        ..Error::fields(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::typed;

    #[test]
    fn every_way_and_alias_is_known() {
        for (given, way) in [
            (None, Way::Password),
            (Some(""), Way::Password),
            (Some("psw"), Way::Password),
            (Some("sms"), Way::Phone),
            (Some("min"), Way::Vendor(Vendor::WechatMini)),
            (Some("mini"), Way::Vendor(Vendor::WechatMini)),
            (Some("qw"), Way::Vendor(Vendor::Wecom)),
            (Some("work"), Way::Vendor(Vendor::Wecom)),
            (Some("wc"), Way::Vendor(Vendor::WechatScan)),
        ] {
            assert_eq!(Way::parse(given).expect("known"), way, "{given:?}");
        }
        let error = Way::parse(Some("fax")).expect_err("unknown");
        assert!(error.text.zh.contains("fax") && error.text.en.contains("fax"));
    }

    #[test]
    fn names_are_taken_in_three_spellings() {
        for body in [
            json!({ "LoginCode": "a", "LoginType": "b", "Param": { "PhoneCode": "c" } }),
            json!({ "loginCode": "a", "loginType": "b", "param": { "phoneCode": "c" } }),
            json!({ "login_code": "a", "login_type": "b", "Param": { "phone_code": "c" } }),
        ] {
            let request: MultiLoginReq = typed(body).expect("good");
            assert_eq!(request.login_code.as_deref(), Some("a"));
            assert_eq!(request.login_type.as_deref(), Some("b"));
            assert_eq!(request.param("phoneCode").as_deref(), Some("c"));
            assert_eq!(request.param("otp"), None);
        }
    }
}
