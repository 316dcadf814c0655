//! Aliyun short messages: `SendSms` of 2017-05-25, signed in version 3.

use super::{DAY, HOUR, MINUTE, NO_SUCH_NUMBER, UNAVAILABLE, bad_phone, too_many};
use crate::outbound::{Again, Base, Vendor, host, quoted};
use crate::settings::{Section, SmsAliyun};
use crate::signing::{Signed, Signer, acs3, escaped, hex, sha256, utc};
use crate::{Client, Problem};
use menshen_domain::{Clock, Error, Random, Result};
use menshen_services::outside::{Asking, SmsSender};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Request};
use serde::Deserialize;
use std::sync::Arc;

const VENDOR: Vendor = Vendor {
    name: "Aliyun SMS",
    unavailable: UNAVAILABLE,
};

/// Sends through Aliyun.
#[derive(Debug)]
pub struct AliyunSender {
    client: Client,
    base: Base,
    signer: Signer,
    sign_name: String,
    template_code: String,
    code_param: String,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reply {
    code: String,
    #[serde(default)]
    message: String,
}

impl AliyunSender {
    /// A sender that goes by the settings.
    ///
    /// # Errors
    /// What the settings lack.
    pub fn new(
        settings: &SmsAliyun,
        client: &Client,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, Problem> {
        let mut section = Section::new("sms_aliyun");
        let sender = Self {
            client: client.clone(),
            base: client.base("sms_aliyun.url", &settings.url)?,
            signer: Signer {
                id: section.need("access_key_id", &settings.access_key_id),
                secret: section.need("access_key_secret", &settings.access_key_secret),
            },
            sign_name: section.need("sign_name", &settings.sign_name),
            template_code: section.need("template_code", &settings.template_code),
            code_param: settings.code_param.clone(),
            clock,
            random,
        };
        section.finish()?;
        Ok(sender)
    }

    /// The canonical query string, which is the one that is sent.
    fn query(&self, phone: &str, code: &str) -> String {
        let variables = serde_json::json!({ self.code_param.as_str(): code }).to_string();
        // In the order of their names, as the signature wants them. Numbers of other countries
        // go without their plus.
        let params: [(&str, &str); 4] = [
            ("PhoneNumbers", phone.trim_start_matches('+')),
            ("SignName", &self.sign_name),
            ("TemplateCode", &self.template_code),
            ("TemplateParam", &variables),
        ];
        params
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .join("&")
    }

    fn request(&self, phone: &str, code: &str) -> Result<Request> {
        let query = self.query(phone, code);
        let mut url = self.base.at("", &[]);
        url.set_query(Some(&query));
        let (host, body_hash) = (host(&url), sha256(""));
        let date = utc(self.clock.now(), "%Y-%m-%dT%H:%M:%SZ");
        let mut nonce = [0; 16];
        self.random.fill(&mut nonce);
        let nonce = hex(nonce);
        let headers: [(&str, &str); 6] = [
            ("host", host.as_str()),
            ("x-acs-action", "SendSms"),
            ("x-acs-content-sha256", &body_hash),
            ("x-acs-date", &date),
            ("x-acs-signature-nonce", &nonce),
            ("x-acs-version", "2017-05-25"),
        ];
        let authorization = acs3(
            &self.signer,
            &Signed {
                method: "POST",
                path: url.path(),
                query: &query,
                headers: &headers,
                body_hash: &body_hash,
            },
        );
        let mut request = Request::new(Method::POST, url.clone());
        // `host` is the client's own affair.
        let rest = headers[1..].iter().copied();
        for (name, value) in rest.chain([("authorization", authorization.as_str())]) {
            let value = HeaderValue::from_str(value)
                .map_err(|_| VENDOR.unavailable(format!("no header: {name}")))?;
            request
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
        Ok(request)
    }

    async fn deliver(&self, phone: &str, code: &str) -> Result<()> {
        if reads_as_mainland(phone) {
            return Err(bad_phone(&VENDOR, NO_SUCH_NUMBER, "not asked: ambiguous"));
        }
        let request = self.request(phone, code)?;
        let answer = self.client.ask(&VENDOR, request, Again::Unsent).await?;
        // Errors come with status 4xx and 5xx too, in the same shape.
        let reply: Reply = answer.json(&VENDOR)?;
        if answer.status.is_success() && reply.code == "OK" {
            return Ok(());
        }
        let said = format!(
            "{} {} {}",
            answer.status,
            quoted(&reply.code, &[]),
            // A refused signature repeats the whole request.
            quoted(&reply.message, &[code, phone.trim_start_matches('+')])
        );
        Err(refused(&reply, said))
    }
}

/// Aliyun reads eleven digits that begin with 1 as a number of mainland China, with or without
/// a plus. A North American number is written just so: its code would reach somebody else.
fn reads_as_mainland(phone: &str) -> bool {
    phone.len() == 12 && phone.starts_with("+1")
}

fn refused(reply: &Reply, said: String) -> Error {
    match reply.code.as_str() {
        "isv.MOBILE_NUMBER_ILLEGAL" => bad_phone(&VENDOR, NO_SUCH_NUMBER, said),
        "isv.BUSINESS_LIMIT_CONTROL" => too_many(&VENDOR, wait(&reply.message), said),
        "isv.DAY_LIMIT_CONTROL" => too_many(&VENDOR, DAY, said),
        _ => VENDOR.unavailable(said),
    }
}

/// The limit is told in words: 触发分钟级流控, 触发小时级流控, 触发天级流控.
fn wait(message: &str) -> u64 {
    if message.contains("天级") {
        DAY
    } else if message.contains("小时级") {
        HOUR
    } else {
        MINUTE
    }
}

impl SmsSender for AliyunSender {
    fn send<'a>(&'a self, phone: &'a str, code: &'a str) -> Asking<'a, ()> {
        Box::pin(self.deliver(phone, code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Outbound;
    use crate::testing::{Counting, FixedClock, open, source};
    use menshen_domain::Kind;
    use serde_json::json;
    use wiremock::matchers::{header, method, path, query_param};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    fn settings(url: &str) -> SmsAliyun {
        SmsAliyun {
            url: url.to_owned(),
            access_key_id: Some("testid".to_owned()),
            access_key_secret: Some("testsecret".into()),
            sign_name: Some("门神 测试".to_owned()),
            template_code: Some("SMS_123".to_owned()),
            ..SmsAliyun::default()
        }
    }

    fn sender(settings: &SmsAliyun, client: &Client) -> Result<AliyunSender, Problem> {
        // 2023-10-26T10:22:32Z
        let clock = FixedClock::at(1_698_315_752);
        AliyunSender::new(settings, client, clock, Arc::new(Counting))
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

    #[tokio::test]
    async fn a_message_is_asked_for_as_documented() {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path("/"))
            .and(query_param("PhoneNumbers", "85298765432"))
            .and(query_param("SignName", "门神 测试"))
            .and(query_param("TemplateCode", "SMS_123"))
            .and(query_param("TemplateParam", r#"{"code":"123456"}"#))
            .and(header("x-acs-action", "SendSms"))
            .and(header("x-acs-version", "2017-05-25"))
            .and(header("x-acs-date", "2023-10-26T10:22:32Z"))
            .and(header("host", server.address().to_string()))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({
                "Message": "OK", "RequestId": "AACBEEF", "Code": "OK", "BizId": "9006195451"
            })))
            .expect(1)
            .mount(&server)
            .await;
        let sender = sender(&settings(&server.uri()), &open()).expect("a sender");
        sender.send("+85298765432", "123456").await.expect("sent");
    }

    /// The expected value was computed apart from this code, with Python's hmac.
    #[test]
    fn the_request_is_signed() {
        let client = Client::new(&Outbound::default()).expect("client");
        let sender = sender(&settings("https://dysmsapi.aliyuncs.com"), &client).expect("a sender");
        let request = sender.request("13800138000", "123456").expect("a request");
        assert_eq!(
            request.url().as_str(),
            "https://dysmsapi.aliyuncs.com/?PhoneNumbers=13800138000&SignName=%E9%97%A8%E7%A5%9E\
             %20%E6%B5%8B%E8%AF%95&TemplateCode=SMS_123&TemplateParam=%7B%22code%22%3A%22123456\
             %22%7D"
        );
        assert_eq!(
            request.headers()["authorization"],
            "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;\
             x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,\
             Signature=71124ec193d299899cf643d5aea7414c515337e3381b4b67fc1f175fe91f2e88"
        );
    }

    #[tokio::test]
    async fn refusals_are_told_by_their_kind() {
        let code = |code: &str, message: &str| json!({ "Code": code, "Message": message });
        let error = answered(200, code("isv.MOBILE_NUMBER_ILLEGAL", "号码格式错误"))
            .await
            .expect_err("refused");
        assert_eq!(error.kind, Kind::Invalid);
        assert_eq!(error.fields[0].field, "phone");
        for (message, retry_after) in [
            ("触发分钟级流控Permits:1", 60),
            ("触发小时级流控Permits:5", 3600),
            ("触发天级流控Permits:10", 86_400),
        ] {
            let error = answered(200, code("isv.BUSINESS_LIMIT_CONTROL", message))
                .await
                .expect_err("refused");
            assert_eq!(error.kind, Kind::TooMany { retry_after });
        }
        let error = answered(200, code("isv.AMOUNT_NOT_ENOUGH", "账户余额不足"))
            .await
            .expect_err("refused");
        assert_eq!(error.kind, Kind::Upstream);
        assert!(error.text.zh.contains("短信服务暂时不可用"));
        assert!(source(&error).contains("isv.AMOUNT_NOT_ENOUGH 账户余额不足"));
    }

    #[tokio::test]
    async fn req29_what_the_vendor_repeats_is_not_kept() {
        let repeated = "The request signature does not conform. server CanonicalRequest is \
                        PhoneNumbers=13800138000&TemplateParam=%7B%22code%22%3A%22123456%22%7D";
        let body = json!({ "Code": "SignatureDoesNotMatch", "Message": repeated });
        let error = answered(400, body).await.expect_err("refused");
        assert_eq!(error.kind, Kind::Upstream);
        let told = format!("{error} {error:?}");
        assert!(told.contains("SignatureDoesNotMatch"), "{told}");
        assert!(
            !told.contains("123456") && !told.contains("13800138000"),
            "{told}"
        );
    }

    #[tokio::test]
    async fn a_message_that_may_be_on_its_way_is_not_sent_again() {
        // `answered` expects one request.
        let error = answered(503, json!({ "Code": "ServiceUnavailable" }))
            .await
            .expect_err("down");
        assert_eq!(error.kind, Kind::Upstream);
        let error = answered(502, json!("<html>")).await.expect_err("nonsense");
        assert_eq!(error.kind, Kind::Upstream);
    }

    #[tokio::test]
    async fn a_number_that_would_be_taken_for_another_is_refused() {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "Code": "OK" })))
            .expect(1)
            .mount(&server)
            .await;
        let sender = sender(&settings(&server.uri()), &open()).expect("a sender");
        let error = sender.send("+13800138000", "123456").await;
        assert_eq!(error.expect_err("refused").fields[0].field, "phone");
        sender.send("+8613800138000", "123456").await.expect("sent");
    }

    #[test]
    fn what_is_missing_is_told() {
        let client = Client::new(&Outbound::default()).expect("client");
        let problem = sender(&SmsAliyun::default(), &client).expect_err("nothing set");
        assert_eq!(
            problem,
            "sms_aliyun.access_key_id, sms_aliyun.access_key_secret, sms_aliyun.sign_name, \
             sms_aliyun.template_code must be set"
        );
        let sender = sender(&settings("https://dysmsapi.aliyuncs.com"), &client).expect("sender");
        assert!(!format!("{sender:?}").contains("testsecret"));
    }
}
