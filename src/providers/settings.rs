//! The settings of the vendors. A section stands for itself: what it lacks is told by whoever is
//! made of it.

use crate::Problem;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What goes out to vendors, and how long they are waited for. Only the hosts that the settings name are asked, and redirects are not followed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Outbound {
    /// Whether vendors may have loopback, private and link-local addresses, and be spoken to without TLS: for a gateway in one's own house.
    pub allow_private: bool,
    /// How long a connection may take to come about, in seconds.
    pub connect_seconds: u64,
    /// How long a whole question and answer may take, in seconds.
    pub total_seconds: u64,
}

impl Default for Outbound {
    fn default() -> Self {
        Self {
            allow_private: false,
            connect_seconds: 5,
            total_seconds: 10,
        }
    }
}

/// Short messages through Aliyun (`sms.provider = "aliyun"`).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SmsAliyun {
    /// The address of Aliyun's API for text messages.
    pub url: String,
    /// The access key's id. Its user needs the action `dysms:SendSms` alone.
    #[serde(deserialize_with = "text")]
    pub access_key_id: Option<String>,
    /// The access key's secret.
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "left_out", deserialize_with = "secret")]
    pub access_key_secret: Option<SecretString>,
    /// The signature (签名) that stands before the message.
    #[serde(deserialize_with = "text")]
    pub sign_name: Option<String>,
    /// The template's code, as in `SMS_123456789`.
    #[serde(deserialize_with = "text")]
    pub template_code: Option<String>,
    /// The name of the template's variable that takes the one-time code.
    pub code_param: String,
}

impl Default for SmsAliyun {
    fn default() -> Self {
        Self {
            url: "https://dysmsapi.aliyuncs.com".to_owned(),
            access_key_id: None,
            access_key_secret: None,
            sign_name: None,
            template_code: None,
            code_param: "code".to_owned(),
        }
    }
}

/// Short messages through Tencent Cloud (`sms.provider = "tencent"`).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SmsTencent {
    /// The address of Tencent Cloud's API for text messages.
    pub url: String,
    /// The region that answers.
    pub region: String,
    /// The id of the API key.
    #[serde(deserialize_with = "text")]
    pub secret_id: Option<String>,
    /// The API key.
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "left_out", deserialize_with = "secret")]
    pub secret_key: Option<SecretString>,
    /// The application's id (SmsSdkAppId), as in `1400006666`.
    #[serde(deserialize_with = "text")]
    pub app_id: Option<String>,
    /// The signature (签名) that stands before the message.
    #[serde(deserialize_with = "text")]
    pub sign_name: Option<String>,
    /// The template's id, as in `449739`.
    #[serde(deserialize_with = "text")]
    pub template_id: Option<String>,
    /// The template's variables in their order, as in `["{code}", "5"]`; `{code}` becomes the one-time code.
    pub template_params: Vec<String>,
}

impl Default for SmsTencent {
    fn default() -> Self {
        Self {
            url: "https://sms.tencentcloudapi.com".to_owned(),
            region: "ap-guangzhou".to_owned(),
            secret_id: None,
            secret_key: None,
            app_id: None,
            sign_name: None,
            template_id: None,
            template_params: vec!["{code}".to_owned()],
        }
    }
}

/// How a gateway is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// GET; there is no body then.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
}

/// What a gateway's body is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BodyFormat {
    /// `application/x-www-form-urlencoded`, as in `to={phone}&text={code}`.
    Form,
    /// `application/json`, as in `{"to": "{phone}", "text": "{code}"}`.
    Json,
    /// `text/plain`; nothing is escaped.
    Text,
}

/// Short messages through any gateway that speaks HTTP (`sms.provider = "http"`). `{phone}` and `{code}` are replaced, escaped for where they stand.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SmsHttp {
    /// `get`, `post` or `put`.
    pub method: Method,
    /// The gateway's address, as in `https://sms.example.com/send?to={phone}`.
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "left_out", deserialize_with = "secret")]
    pub url: Option<SecretString>,
    /// Headers, as in `["Authorization: Bearer …"]`.
    #[schemars(with = "Vec<String>")]
    #[serde(serialize_with = "none_of_them")]
    pub headers: Vec<SecretString>,
    /// The body; none when not set.
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "left_out", deserialize_with = "secret")]
    pub body: Option<SecretString>,
    /// What the body is written in: `form`, `json` or `text`.
    pub format: BodyFormat,
    /// What an answer must contain, beside a status of 2xx, to count as a success, as in `"code":0`.
    #[serde(deserialize_with = "text")]
    pub expect: Option<String>,
}

impl Default for SmsHttp {
    fn default() -> Self {
        Self {
            method: Method::Post,
            url: None,
            headers: Vec::new(),
            body: None,
            format: BodyFormat::Json,
            expect: None,
        }
    }
}

/// Signing in from a WeChat mini-program (`LoginType` `min` or `mini`); off while neither `app_id` nor `secret` is set.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WechatMini {
    /// The address of WeChat's API.
    pub url: String,
    /// The mini-program's AppID.
    #[serde(deserialize_with = "text")]
    pub app_id: Option<String>,
    /// The mini-program's AppSecret.
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "left_out", deserialize_with = "secret")]
    pub secret: Option<SecretString>,
}

const WECHAT_URL: &str = "https://api.weixin.qq.com";

impl Default for WechatMini {
    fn default() -> Self {
        Self {
            url: WECHAT_URL.to_owned(),
            app_id: None,
            secret: None,
        }
    }
}

impl WechatMini {
    /// Whether anybody wants it.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.app_id.is_some() || self.secret.is_some()
    }
}

/// Signing in by scanning a code with WeChat (`LoginType` `wc`); off while neither `app_id` nor `secret` is set.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WechatScan {
    /// The address of WeChat's API.
    pub url: String,
    /// WeChat's page that shows the code to be scanned. The admin UI leads browsers there when `server.public_url` is set as well.
    pub login_url: String,
    /// The website application's AppID.
    #[serde(deserialize_with = "text")]
    pub app_id: Option<String>,
    /// The website application's AppSecret.
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "left_out", deserialize_with = "secret")]
    pub secret: Option<SecretString>,
}

impl Default for WechatScan {
    fn default() -> Self {
        Self {
            url: WECHAT_URL.to_owned(),
            login_url: "https://open.weixin.qq.com/connect/qrconnect".to_owned(),
            app_id: None,
            secret: None,
        }
    }
}

impl WechatScan {
    /// Whether anybody wants it.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.app_id.is_some() || self.secret.is_some()
    }
}

/// Signing in with WeCom (`LoginType` `qw` or `work`); off while neither `corp_id` nor `secret` is set.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Wecom {
    /// The address of WeCom's API.
    pub url: String,
    /// WeCom's page where members let a browser in. The admin UI leads browsers there when `agent_id` and `server.public_url` are set as well.
    pub login_url: String,
    /// The application's AgentId, as in `1000002`; the API does without it, WeCom's page does not.
    #[serde(deserialize_with = "text")]
    pub agent_id: Option<String>,
    /// The corporation's id.
    #[serde(deserialize_with = "text")]
    pub corp_id: Option<String>,
    /// The application's secret.
    #[schemars(with = "Option<String>")]
    #[serde(serialize_with = "left_out", deserialize_with = "secret")]
    pub secret: Option<SecretString>,
}

impl Default for Wecom {
    fn default() -> Self {
        Self {
            url: "https://qyapi.weixin.qq.com".to_owned(),
            login_url: "https://login.work.weixin.qq.com/wwlogin/sso/login".to_owned(),
            agent_id: None,
            corp_id: None,
            secret: None,
        }
    }
}

impl Wecom {
    /// Whether anybody wants it.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.corp_id.is_some() || self.secret.is_some()
    }
}

/// Gathers what a section lacks, so that all of it is told at once.
#[derive(Debug)]
pub(crate) struct Section {
    name: &'static str,
    missing: Vec<&'static str>,
}

impl Section {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            missing: Vec::new(),
        }
    }

    /// The value of `key`, or a note that it is missing.
    pub(crate) fn need<T: Clone + Default>(&mut self, key: &'static str, value: &Option<T>) -> T {
        if value.is_none() {
            self.missing.push(key);
        }
        value.clone().unwrap_or_default()
    }

    /// # Errors
    /// A sentence that names every key that is missing.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        if self.missing.is_empty() {
            return Ok(());
        }
        let keys: Vec<String> = self
            .missing
            .iter()
            .map(|key| format!("{}.{key}", self.name))
            .collect();
        Err(format!("{} must be set", keys.join(", ")))
    }
}

fn left_out<S: Serializer>(_: &Option<SecretString>, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_none()
}

fn none_of_them<S: Serializer>(_: &[SecretString], s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(std::iter::empty::<&str>())
}

/// What the environment and flags hand over comes as a number when it looks like one. Ids and
/// keys are text all the same.
struct Loose(String);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl serde::de::Visitor<'_> for LooseVisitor {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text (in quotation marks if it is made of digits)")
    }

    fn visit_str<E>(self, text: &str) -> Result<Loose, E> {
        Ok(Loose(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Loose, E> {
        Ok(Loose(number.to_string()))
    }

    fn visit_u128<E>(self, number: u128) -> Result<Loose, E> {
        Ok(Loose(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Loose, E> {
        Ok(Loose(number.to_string()))
    }
}

/// A text; an empty one is none, as an unset variable of a deployment's template leaves it.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<Loose>::deserialize(deserializer)?;
    Ok(text
        .map(|Loose(text)| text.trim().to_owned())
        .filter(|text| !text.is_empty()))
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(text(deserializer)?.map(SecretString::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn ids_may_look_like_numbers_and_empty_ones_are_none() {
        let tencent: SmsTencent =
            serde_json::from_str(r#"{"app_id": 1400006666, "template_id": "449739", "secret_key": 7, "secret_id": "", "sign_name": null}"#)
                .expect("settings");
        assert_eq!(tencent.app_id.as_deref(), Some("1400006666"));
        assert_eq!(tencent.template_id.as_deref(), Some("449739"));
        assert_eq!(tencent.secret_key.expect("set").expose_secret(), "7");
        assert_eq!(tencent.secret_id, None);
        assert_eq!(tencent.sign_name, None);
        assert!(serde_json::from_str::<SmsTencent>(r#"{"app_id": 1.5}"#).is_err());
    }

    #[test]
    fn req29_settings_print_and_write_no_secret() {
        let section: SmsHttp = serde_json::from_str(
            r#"{"url": "https://x/?key=hush", "headers": ["A: hush"], "body": "hush"}"#,
        )
        .expect("settings");
        let wecom: Wecom = serde_json::from_str(r#"{"secret": "hush"}"#).expect("settings");
        assert!(wecom.is_wanted());
        let told = format!(
            "{section:?} {wecom:?} {} {}",
            serde_json::to_string(&section).expect("JSON"),
            serde_json::to_string(&wecom).expect("JSON")
        );
        assert!(!told.contains("hush"), "{told}");
    }

    #[test]
    fn a_section_tells_all_that_it_lacks() {
        let mut section = Section::new("wecom");
        section.need("corp_id", &None::<String>);
        section.need("other", &Some("x".to_owned()));
        section.need("secret", &None::<SecretString>);
        assert_eq!(
            section.finish().expect_err("missing"),
            "wecom.corp_id, wecom.secret must be set"
        );
    }
}
