//! Tencent Cloud short messages: `SendSms` of 2021-01-11, signed in version 3.

use super::{DAY, HOUR, MINUTE, NO_SUCH_NUMBER, UNAVAILABLE, bad_phone, too_many};
use crate::outbound::{Again, Base, Vendor, host, quoted};
use crate::settings::{Section, SmsTencent};
use crate::signing::{Signed, Signer, sha256, tc3};
use crate::{Client, Problem};
use menshen_domain::{Clock, Error, Result, Text};
use menshen_services::outside::{Asking, SmsSender};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Request};
use serde::Deserialize;
use serde_json::json;
use std::borrow::Cow;
use std::sync::Arc;

const VENDOR: Vendor = Vendor {
    name: "Tencent Cloud SMS",
    unavailable: UNAVAILABLE,
};

const ACTION: &str = "SendSms";
const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// Sends through Tencent Cloud.
#[derive(Debug)]
pub struct TencentSender {
    client: Client,
    base: Base,
    signer: Signer,
    region: String,
    app_id: String,
    sign_name: String,
    template_id: String,
    template_params: Vec<String>,
    clock: Arc<dyn Clock>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    response: Inner,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inner {
    #[serde(default)]
    send_status_set: Vec<Status>,
    error: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    code: String,
    #[serde(default)]
    message: String,
}

impl TencentSender {
    /// A sender that goes by the settings.
    ///
    /// # Errors
    /// What the settings lack.
    pub fn new(
        settings: &SmsTencent,
        client: &Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Problem> {
        let mut section = Section::new("sms_tencent");
        let sender = Self {
            client: client.clone(),
            base: client.base("sms_tencent.url", &settings.url)?,
            signer: Signer {
                id: section.need("secret_id", &settings.secret_id),
                secret: section.need("secret_key", &settings.secret_key),
            },
            region: settings.region.clone(),
            app_id: section.need("app_id", &settings.app_id),
            sign_name: section.need("sign_name", &settings.sign_name),
            template_id: section.need("template_id", &settings.template_id),
            template_params: settings.template_params.clone(),
            clock,
        };
        section.finish()?;
        if !sender.template_params.iter().any(|p| p.contains("{code}")) {
            return Err("sms_tencent.template_params must hold {code}".to_owned());
        }
        Ok(sender)
    }

    fn body(&self, phone: &str, code: &str) -> String {
        let params: Vec<String> = self
            .template_params
            .iter()
            .map(|param| param.replace("{code}", code))
            .collect();
        json!({
            "PhoneNumberSet": [e164(phone)],
            "SmsSdkAppId": self.app_id,
            "SignName": self.sign_name,
            "TemplateId": self.template_id,
            "TemplateParamSet": params,
        })
        .to_string()
    }

    fn request(&self, phone: &str, code: &str) -> Result<Request> {
        let url = self.base.at("", &[]);
        let (host, body) = (host(&url), self.body(phone, code));
        let now = self.clock.now();
        let signed = Signed {
            method: "POST",
            path: url.path(),
            query: "",
            headers: &[
                ("content-type", CONTENT_TYPE),
                ("host", &host),
                ("x-tc-action", &ACTION.to_lowercase()),
            ],
            body_hash: &sha256(&body),
        };
        let authorization = tc3(&self.signer, "sms", now, &signed);
        let timestamp = now.seconds().to_string();
        let mut request = Request::new(Method::POST, url.clone());
        for (name, value) in [
            ("authorization", authorization.as_str()),
            ("content-type", CONTENT_TYPE),
            ("x-tc-action", ACTION),
            ("x-tc-region", self.region.as_str()),
            ("x-tc-timestamp", timestamp.as_str()),
            ("x-tc-version", "2021-01-11"),
        ] {
            let value = HeaderValue::from_str(value)
                .map_err(|_| VENDOR.unavailable(format!("no header: {name}")))?;
            request
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
        *request.body_mut() = Some(body.into());
        Ok(request)
    }

    async fn deliver(&self, phone: &str, code: &str) -> Result<()> {
        let request = self.request(phone, code)?;
        let answer = self.client.ask(&VENDOR, request, Again::Unsent).await?;
        let answer = answer.succeeded(&VENDOR)?;
        let reply: Reply = answer.json(&VENDOR)?;
        let inner = reply.response;
        let status = inner
            .error
            .or_else(|| inner.send_status_set.into_iter().next())
            .ok_or_else(|| VENDOR.unavailable("no status in the answer"))?;
        if status.code == "Ok" {
            return Ok(());
        }
        let said = format!(
            "{} {}",
            quoted(&status.code, &[]),
            quoted(&status.message, &[code, phone])
        );
        Err(refused(&status.code, said))
    }
}

/// A mainland number with its country's code; others have it already.
fn e164(phone: &str) -> Cow<'_, str> {
    if phone.len() == 11 && phone.starts_with('1') {
        format!("+86{phone}").into()
    } else {
        phone.into()
    }
}

fn refused(code: &str, said: String) -> Error {
    match code {
        "InvalidParameterValue.IncorrectPhoneNumber" => bad_phone(&VENDOR, NO_SUCH_NUMBER, said),
        "FailedOperation.PhoneNumberInBlacklist" => {
            let text = Text::fixed(
                "该号码已退订或被屏蔽，无法接收短信",
                "takes no messages: it has unsubscribed or is blocked",
            );
            bad_phone(&VENDOR, text, said)
        }
        _ if code.starts_with("LimitExceeded") => too_many(&VENDOR, wait(code), said),
        _ => VENDOR.unavailable(said),
    }
}

/// The limit is told by the code's name, as in `LimitExceeded.PhoneNumberOneHourLimit`.
fn wait(code: &str) -> u64 {
    if code.contains("Daily") {
        DAY
    } else if code.contains("Hour") {
        HOUR
    } else {
        MINUTE
    }
}

impl SmsSender for TencentSender {
    fn send<'a>(&'a self, phone: &'a str, code: &'a str) -> Asking<'a, ()> {
        Box::pin(self.deliver(phone, code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Outbound;
    use crate::testing::{FixedClock, open, source};
    use menshen_domain::Kind;
    use wiremock::matchers::{body_json, header, method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    fn settings(url: &str) -> SmsTencent {
        SmsTencent {
            url: url.to_owned(),
            secret_id: Some("AKIDtest".to_owned()),
            secret_key: Some("testsecret".into()),
            app_id: Some("1400006666".to_owned()),
            sign_name: Some("门神".to_owned()),
            template_id: Some("449739".to_owned()),
            template_params: vec!["{code}".to_owned(), "5".to_owned()],
            ..SmsTencent::default()
        }
    }

    fn sender(settings: &SmsTencent, client: &Client) -> Result<TencentSender, Problem> {
        TencentSender::new(settings, client, FixedClock::at(1_551_113_065))
    }

    async fn answered(status: u16, body: serde_json::Value) -> Result<()> {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .expect(1)
            .mount(&server)
            .await;
        let sender = sender(&settings(&server.uri()), &open()).expect("a sender");
        sender.send("13800138000", "123456").await
    }

    fn status(code: &str, message: &str) -> serde_json::Value {
        json!({ "Response": {
            "SendStatusSet": [{
                "SerialNo": "5000:1045710669157053657849499619",
                "PhoneNumber": "+8613800138000",
                "Fee": 1,
                "SessionContext": "",
                "Code": code,
                "Message": message,
                "IsoCode": "CN"
            }],
            "RequestId": "a0aabda6-cf91-4f3e-a81f-9198114a2279"
        } })
    }

    #[tokio::test]
    async fn a_message_is_asked_for_as_documented() {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path("/"))
            .and(header("content-type", CONTENT_TYPE))
            .and(header("x-tc-action", "SendSms"))
            .and(header("x-tc-version", "2021-01-11"))
            .and(header("x-tc-region", "ap-guangzhou"))
            .and(header("x-tc-timestamp", "1551113065"))
            .and(body_json(json!({
                "PhoneNumberSet": ["+8613800138000"],
                "SmsSdkAppId": "1400006666",
                "SignName": "门神",
                "TemplateId": "449739",
                "TemplateParamSet": ["123456", "5"],
            })))
            .respond_with(ResponseTemplate::new(200).set_body_json(status("Ok", "send success")))
            .expect(1)
            .mount(&server)
            .await;
        let sender = sender(&settings(&server.uri()), &open()).expect("a sender");
        sender.send("13800138000", "123456").await.expect("sent");
    }

    /// The expected value was computed apart from this code, with Python's hmac.
    #[test]
    fn the_request_is_signed() {
        let client = Client::new(&Outbound::default()).expect("client");
        let settings = settings("https://sms.tencentcloudapi.com");
        let sender = sender(&settings, &client).expect("a sender");
        let request = sender.request("13800138000", "123456").expect("a request");
        assert_eq!(request.url().as_str(), "https://sms.tencentcloudapi.com/");
        let body = request.body().and_then(|b| b.as_bytes()).expect("a body");
        assert_eq!(
            std::str::from_utf8(body).expect("text"),
            r#"{"PhoneNumberSet":["+8613800138000"],"SmsSdkAppId":"1400006666","SignName":"门神","TemplateId":"449739","TemplateParamSet":["123456","5"]}"#
        );
        assert_eq!(
            request.headers()["authorization"],
            "TC3-HMAC-SHA256 Credential=AKIDtest/2019-02-25/sms/tc3_request, \
             SignedHeaders=content-type;host;x-tc-action, \
             Signature=f7ccbc92c73ae9d5b055b5056f3b909d0502edd1e187035b2c8ea1fe36be58d7"
        );
    }

    #[tokio::test]
    async fn refusals_are_told_by_their_kind() {
        for (code, retry_after) in [
            ("LimitExceeded.PhoneNumberThirtySecondLimit", 60),
            ("LimitExceeded.PhoneNumberOneHourLimit", 3600),
            ("LimitExceeded.PhoneNumberDailyLimit", 86_400),
        ] {
            let error = answered(200, status(code, "the number of sms messages"))
                .await
                .expect_err("refused");
            assert_eq!(error.kind, Kind::TooMany { retry_after });
        }
        for code in [
            "InvalidParameterValue.IncorrectPhoneNumber",
            "FailedOperation.PhoneNumberInBlacklist",
        ] {
            let error = answered(200, status(code, "+8613800138000 is not good"))
                .await
                .expect_err("refused");
            assert_eq!(error.kind, Kind::Invalid);
            assert_eq!(error.fields[0].field, "phone");
            assert!(!source(&error).contains("13800138000"), "{error}");
        }
        let failed = json!({ "Response": {
            "Error": {
                "Code": "AuthFailure.SignatureFailure",
                "Message": "The provided credentials could not be validated."
            },
            "RequestId": "ed93f3cb-f35e-473f-b9f3-0d451b8b79c6"
        } });
        let error = answered(200, failed).await.expect_err("refused");
        assert_eq!(error.kind, Kind::Upstream);
        assert!(source(&error).contains("AuthFailure.SignatureFailure The provided"));
    }

    #[tokio::test]
    async fn a_message_that_may_be_on_its_way_is_not_sent_again() {
        // `answered` expects one request.
        for (status, body) in [
            (500, json!("oops")),
            (200, json!({})),
            (200, json!({ "Response": { "RequestId": "x" } })),
        ] {
            let error = answered(status, body).await.expect_err("nonsense");
            assert_eq!(error.kind, Kind::Upstream);
            assert!(error.text.zh.contains("短信服务暂时不可用"));
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        let client = Client::new(&Outbound::default()).expect("client");
        let problem = sender(&SmsTencent::default(), &client).expect_err("nothing set");
        assert_eq!(
            problem,
            "sms_tencent.secret_id, sms_tencent.secret_key, sms_tencent.app_id, \
             sms_tencent.sign_name, sms_tencent.template_id must be set"
        );
        let without = SmsTencent {
            template_params: vec!["5".to_owned()],
            ..settings("https://sms.tencentcloudapi.com")
        };
        let problem = sender(&without, &client).expect_err("no code");
        assert!(problem.contains("{code}"), "{problem}");
        let good = settings("https://sms.tencentcloudapi.com");
        let sender = sender(&good, &client).expect("sender");
        assert!(!format!("{sender:?}").contains("testsecret"));
    }

    #[test]
    fn numbers_carry_their_country() {
        assert_eq!(e164("13800138000"), "+8613800138000");
        assert_eq!(e164("+85298765432"), "+85298765432");
        assert_eq!(e164("+13800138000"), "+13800138000");
    }
}
