//! WeChat: mini-programs, and scanning a code on a web page.

use crate::errcode::{Refusal, bad_code, check_code, filled, read, tidy};
use crate::outbound::{Again, Answer, Base, Vendor};
use crate::settings::{Section, WechatMini, WechatScan};
use crate::token::{Fresh, TokenCache};
use crate::{Client, Problem};
use menshen_domain::{Clock, Error, Result, Text};
use menshen_services::outside::{Asking, IdentityProvider, OutsideIdentity};
use reqwest::{Method, Request, StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

const VENDOR: Vendor = Vendor {
    name: "WeChat",
    unavailable: Text::fixed(
        "微信登录暂时不可用，请稍后再试",
        "Signing in with WeChat is not possible for the moment. Please try again later",
    ),
};

/// The phone code belongs to another mini-program. With a token of our own it can mean nothing else.
const OTHER_APP: i64 = 40013;
/// The longest name that is taken over, in characters.
const NAME_MAX: usize = 50;
/// The longest address of a picture that is taken over.
const AVATAR_MAX: usize = 500;

/// What both ways of signing in have in common: the application and the way to WeChat.
#[derive(Debug)]
struct App {
    client: Client,
    base: Base,
    id: String,
    secret: SecretString,
}

impl App {
    async fn get(&self, path: &str, query: &[(&str, &str)], again: Again) -> Result<Answer> {
        let request = Request::new(Method::GET, self.base.at(path, query));
        self.client.ask(&VENDOR, request, again).await
    }

    async fn post(&self, url: Url, body: &Value, again: Again) -> Result<Answer> {
        let mut request = Request::new(Method::POST, url);
        request.headers_mut().insert(
            reqwest::header::CONTENT_TYPE,
            reqwest::header::HeaderValue::from_static("application/json"),
        );
        *request.body_mut() = Some(body.to_string().into());
        self.client.ask(&VENDOR, request, again).await
    }

    fn refused_code(&self, refusal: &Refusal, code: &str) -> Error {
        refusal.of_code(&VENDOR, &[code, self.secret.expose_secret()])
    }

    fn refused_us(&self, refusal: &Refusal) -> Error {
        refusal.of_us(&VENDOR, &[self.secret.expose_secret()])
    }

    fn refused_credentials(&self, refusal: &Refusal) -> Error {
        refusal.of_credentials(&VENDOR, &[self.secret.expose_secret()])
    }
}

/// Signing in from a mini-program.
#[derive(Debug)]
pub struct MiniProgram {
    app: App,
    token: TokenCache,
}

/// `session_key`, which comes along, is not even read.
#[derive(Deserialize)]
struct Session {
    openid: String,
    unionid: Option<String>,
}

#[derive(Deserialize)]
struct AccessToken {
    access_token: SecretString,
    expires_in: u64,
}

#[derive(Deserialize)]
struct PhoneReply {
    phone_info: PhoneInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhoneInfo {
    pure_phone_number: String,
    /// A text in the description, a number in the example.
    country_code: Value,
    watermark: Option<Watermark>,
}

#[derive(Deserialize)]
struct Watermark {
    appid: String,
}

impl MiniProgram {
    /// A provider that goes by the settings.
    ///
    /// # Errors
    /// What the settings lack.
    pub fn new(
        settings: &WechatMini,
        client: &Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Problem> {
        let mut section = Section::new("wechat_mini");
        let app = App {
            client: client.clone(),
            base: client.base("wechat_mini.url", &settings.url)?,
            id: section.need("app_id", &settings.app_id),
            secret: section.need("secret", &settings.secret),
        };
        section.finish()?;
        Ok(Self {
            token: TokenCache::new(clock, client.patience()),
            app,
        })
    }

    async fn session(&self, code: &str) -> Result<Session> {
        let query = [
            ("appid", self.app.id.as_str()),
            ("secret", self.app.secret.expose_secret()),
            ("js_code", code),
            ("grant_type", "authorization_code"),
        ];
        // A code is good once: after a stumble nobody knows whether it still is.
        let answer = self.app.get("sns/jscode2session", &query, Again::Unsent);
        let session: Session =
            read(&VENDOR, answer.await?)?.map_err(|r| self.app.refused_code(&r, code))?;
        if session.openid.is_empty() {
            return Err(VENDOR.unavailable("no openid in the answer"));
        }
        Ok(session)
    }

    /// An access token. The stable kind is the same for all who ask: nodes do not take each
    /// other's away.
    async fn ask_token(&self) -> Result<Result<AccessToken, Refusal>> {
        let (id, secret) = (self.app.id.as_str(), self.app.secret.expose_secret());
        let url = self.app.base.at("cgi-bin/stable_token", &[]);
        let question = json!({
            "grant_type": "client_credential",
            "appid": id,
            "secret": secret,
            "force_refresh": false,
        });
        let mut answer = self.app.post(url, &question, Again::Stumbled).await?;
        if answer.status == StatusCode::NOT_FOUND {
            // Something that stands in for WeChat, and knows the older way alone.
            let query = [
                ("grant_type", "client_credential"),
                ("appid", id),
                ("secret", secret),
            ];
            answer = self
                .app
                .get("cgi-bin/token", &query, Again::Stumbled)
                .await?;
        }
        read(&VENDOR, answer)
    }

    async fn fetch_token(&self) -> Result<Fresh> {
        let token = self.ask_token().await?;
        let token = token.map_err(|r| self.app.refused_us(&r))?;
        Ok(Fresh {
            token: token.access_token,
            seconds: token.expires_in,
        })
    }

    async fn token(&self, stale: Option<&SecretString>) -> Result<SecretString> {
        self.token.get(stale, self.fetch_token()).await
    }

    /// The phone number that WeChat vouches for.
    async fn phone(&self, code: &str, token: SecretString) -> Result<String> {
        let reply = match self.ask_phone(code, &token).await? {
            // The token is looked at before the code, which is therefore still good.
            Err(refusal) if refusal.is_stale_token() => {
                let token = self.token(Some(&token)).await?;
                self.ask_phone(code, &token).await?
            }
            reply => reply,
        };
        let info = reply
            .map_err(|refusal| self.refused_phone(&refusal, code))?
            .phone_info;
        if info.watermark.is_some_and(|w| w.appid != self.app.id) {
            return Err(bad_code(&VENDOR, "the phone number is for another app"));
        }
        number(&info.country_code, &info.pure_phone_number)
            .ok_or_else(|| VENDOR.unavailable("no phone number in the answer"))
    }

    async fn ask_phone(
        &self,
        code: &str,
        token: &SecretString,
    ) -> Result<Result<PhoneReply, Refusal>> {
        let query = [("access_token", token.expose_secret())];
        let url = self.app.base.at("wxa/business/getuserphonenumber", &query);
        let question = json!({ "code": code });
        let answer = self.app.post(url, &question, Again::Unsent).await?;
        read(&VENDOR, answer)
    }

    fn refused_phone(&self, refusal: &Refusal, code: &str) -> Error {
        if refusal.code == OTHER_APP {
            return bad_code(&VENDOR, "40013: the phone code is for another app");
        }
        self.app.refused_code(refusal, code)
    }

    async fn exchange(&self, code: &str, phone_code: Option<&str>) -> Result<OutsideIdentity> {
        check_code(&VENDOR, code)?;
        // First what can be asked for again, so that its failure costs nobody a code.
        let token = match phone_code {
            Some(phone_code) => {
                check_code(&VENDOR, phone_code)?;
                Some(self.token(None).await?)
            }
            None => None,
        };
        let session = self.session(code).await?;
        let phone = match (phone_code, token) {
            (Some(phone_code), Some(token)) => Some(self.phone(phone_code, token).await?),
            _ => None,
        };
        Ok(OutsideIdentity {
            app_id: self.app.id.clone(),
            subject: session.openid,
            union_id: filled(session.unionid),
            phone,
            ..OutsideIdentity::default()
        })
    }
}

/// A mainland number as it is dialled there; others with their country's code, so that nobody
/// abroad holds the number of somebody here.
fn number(country: &Value, pure: &str) -> Option<String> {
    let digits =
        |text: &str| (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let country = match country {
        Value::String(text) => text.trim_start_matches('+').to_owned(),
        other => other.to_string(),
    };
    match country.as_str() {
        _ if !digits(pure) || !digits(&country) => None,
        "86" => Some(pure.to_owned()),
        country => Some(format!("+{country}{pure}")),
    }
}

impl IdentityProvider for MiniProgram {
    fn identify<'a>(
        &'a self,
        code: &'a str,
        phone_code: Option<&'a str>,
    ) -> Asking<'a, OutsideIdentity> {
        Box::pin(self.exchange(code, phone_code))
    }

    fn probe(&self) -> Asking<'_, ()> {
        Box::pin(async move {
            let asked = self.ask_token().await?;
            asked
                .map(drop)
                .map_err(|r| self.app.refused_credentials(&r))
        })
    }
}

/// Signing in by scanning a code with WeChat.
#[derive(Debug)]
pub struct Scan {
    app: App,
    page: Base,
}

#[derive(Deserialize)]
struct Grant {
    access_token: SecretString,
    openid: String,
    unionid: Option<String>,
}

#[derive(Deserialize)]
struct Profile {
    openid: String,
    #[serde(default)]
    nickname: String,
    #[serde(default)]
    headimgurl: String,
    unionid: Option<String>,
}

impl Scan {
    /// A provider that goes by the settings.
    ///
    /// # Errors
    /// What the settings lack.
    pub fn new(settings: &WechatScan, client: &Client) -> Result<Self, Problem> {
        let mut section = Section::new("wechat_scan");
        let app = App {
            client: client.clone(),
            base: client.base("wechat_scan.url", &settings.url)?,
            id: section.need("app_id", &settings.app_id),
            secret: section.need("secret", &settings.secret),
        };
        let page = client.base("wechat_scan.login_url", &settings.login_url)?;
        section.finish()?;
        Ok(Self { app, page })
    }

    async fn ask_grant(&self, code: &str) -> Result<Result<Grant, Refusal>> {
        let query = [
            ("appid", self.app.id.as_str()),
            ("secret", self.app.secret.expose_secret()),
            ("code", code),
            ("grant_type", "authorization_code"),
        ];
        let answer = self
            .app
            .get("sns/oauth2/access_token", &query, Again::Unsent);
        read(&VENDOR, answer.await?)
    }

    async fn grant(&self, code: &str) -> Result<Grant> {
        let asked = self.ask_grant(code).await?;
        asked.map_err(|r| self.app.refused_code(&r, code))
    }

    async fn profile(&self, grant: &Grant) -> Result<Profile> {
        let query = [
            ("access_token", grant.access_token.expose_secret()),
            ("openid", grant.openid.as_str()),
            ("lang", "zh_CN"),
        ];
        let answer = self
            .app
            .get("sns/userinfo", &query, Again::Stumbled)
            .await?;
        let hidden = [grant.access_token.expose_secret()];
        read(&VENDOR, answer)?.map_err(|r| r.of_us(&VENDOR, &hidden))
    }

    async fn exchange(&self, code: &str) -> Result<OutsideIdentity> {
        check_code(&VENDOR, code)?;
        let grant = self.grant(code).await?;
        let profile = self.profile(&grant).await?;
        if grant.openid.is_empty() || grant.openid != profile.openid {
            return Err(VENDOR.unavailable("two answers name two openids"));
        }
        Ok(OutsideIdentity {
            app_id: self.app.id.clone(),
            subject: grant.openid,
            union_id: filled(profile.unionid).or(filled(grant.unionid)),
            name: tidy(&profile.nickname, NAME_MAX),
            avatar: picture(&profile.headimgurl),
            phone: None,
        })
    }
}

/// The address of a picture; nothing when it is none.
fn picture(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && text.len() <= AVATAR_MAX => {
            text.to_owned()
        }
        _ => String::new(),
    }
}

impl IdentityProvider for Scan {
    fn identify<'a>(&'a self, code: &'a str, _: Option<&'a str>) -> Asking<'a, OutsideIdentity> {
        Box::pin(self.exchange(code))
    }

    fn page(&self, redirect: &str, state: &str) -> Option<String> {
        let mut url = self.page.with(&[
            ("appid", &self.app.id),
            ("redirect_uri", redirect),
            ("response_type", "code"),
            ("scope", "snsapi_login"),
            ("state", state),
        ]);
        url.set_fragment(Some("wechat_redirect"));
        Some(url.into())
    }

    /// There is nothing harmless to ask for: a code that is none is refused as such only after
    /// the application's id and secret were found good.
    fn probe(&self) -> Asking<'_, ()> {
        Box::pin(async move {
            match self.ask_grant("menshen-probe").await? {
                Err(refusal) if !refusal.is_of_code() => {
                    Err(self.app.refused_credentials(&refusal))
                }
                _ => Ok(()),
            }
        })
    }
}

#[cfg(test)]
mod tests;
