//! Any gateway that speaks HTTP, by templates.

use super::UNAVAILABLE;
use crate::outbound::{Again, Vendor};
use crate::settings::{BodyFormat, Method as Verb, Section, SmsHttp};
use crate::signing::escaped;
use crate::{Client, Problem};
use menshen_domain::Result;
use menshen_services::outside::{Asking, SmsSender};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request, Url};
use secrecy::{ExposeSecret as _, SecretString};

const VENDOR: Vendor = Vendor {
    name: "SMS gateway",
    unavailable: UNAVAILABLE,
};

const PHONE: &str = "{phone}";
const CODE: &str = "{code}";

/// Sends through a gateway that the settings describe.
#[derive(Debug)]
pub struct GatewaySender {
    client: Client,
    method: Method,
    // All of these can hold the gateway's key.
    url: SecretString,
    headers: Vec<(HeaderName, SecretString)>,
    body: Option<SecretString>,
    format: BodyFormat,
    expect: Option<String>,
}

impl GatewaySender {
    /// A sender that goes by the settings.
    ///
    /// # Errors
    /// What the settings lack, or what is wrong with a template.
    pub fn new(settings: &SmsHttp, client: &Client) -> Result<Self, Problem> {
        let mut section = Section::new("sms_http");
        let url = section.need("url", &settings.url);
        section.finish()?;
        let sender = Self {
            client: client.clone(),
            method: match settings.method {
                Verb::Get => Method::GET,
                Verb::Post => Method::POST,
                Verb::Put => Method::PUT,
            },
            url,
            headers: settings
                .headers
                .iter()
                .map(header)
                .collect::<Result<_, _>>()?,
            body: settings.body.clone(),
            format: settings.format,
            expect: settings.expect.clone(),
        };
        sender.check()?;
        Ok(sender)
    }

    /// Tries the templates out.
    fn check(&self) -> Result<(), Problem> {
        if self.method == Method::GET && self.body.is_some() {
            return Err("sms_http.body: a get has none; set sms_http.method = \"post\"".to_owned());
        }
        let body = self.body.as_ref().map_or("", |b| b.expose_secret());
        let templates = [self.url.expose_secret(), body];
        for name in [PHONE, CODE] {
            let in_headers = self
                .headers
                .iter()
                .any(|(_, v)| v.expose_secret().contains(name));
            if !in_headers && !templates.iter().any(|t| t.contains(name)) {
                return Err(format!(
                    "sms_http: {name} stands neither in url, headers nor body"
                ));
            }
        }
        let one = self.address("+8613800138000", "012345")?;
        let other = self.address("1", "9")?;
        if one.origin() != other.origin() {
            return Err("sms_http.url: the host must not hold {phone} or {code}".to_owned());
        }
        if self.format == BodyFormat::Json
            && let Some(body) = self.filled_body("+8613800138000", "012345")
        {
            serde_json::from_str::<serde::de::IgnoredAny>(&body).map_err(|e| {
                format!(
                    "sms_http.body is no JSON at line {} column {}; {PHONE} and {CODE} stand in \
                     quotation marks there",
                    e.line(),
                    e.column()
                )
            })?;
        }
        Ok(())
    }

    fn address(&self, phone: &str, code: &str) -> Result<Url, Problem> {
        let text = fill(self.url.expose_secret(), escaped, phone, code);
        self.client.address("sms_http.url", &text)
    }

    fn filled_body(&self, phone: &str, code: &str) -> Option<String> {
        let escape = match self.format {
            BodyFormat::Form => escaped,
            BodyFormat::Json => in_json,
            BodyFormat::Text => str::to_owned,
        };
        let template = self.body.as_ref()?.expose_secret();
        Some(fill(template, escape, phone, code))
    }

    fn filled_headers(&self, phone: &str, code: &str) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        if self.body.is_some() {
            let kind = match self.format {
                BodyFormat::Form => "application/x-www-form-urlencoded",
                BodyFormat::Json => "application/json",
                BodyFormat::Text => "text/plain; charset=utf-8",
            };
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        for (name, template) in &self.headers {
            let value = fill(template.expose_secret(), str::to_owned, phone, code);
            let mut value = HeaderValue::from_str(&value)
                .map_err(|_| VENDOR.unavailable(format!("no header: {name}")))?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok(headers)
    }

    fn request(&self, phone: &str, code: &str) -> Result<Request> {
        let url = self
            .address(phone, code)
            .map_err(|problem| VENDOR.unavailable(problem))?;
        let mut request = Request::new(self.method.clone(), url);
        *request.headers_mut() = self.filled_headers(phone, code)?;
        *request.body_mut() = self.filled_body(phone, code).map(Into::into);
        Ok(request)
    }

    async fn deliver(&self, phone: &str, code: &str) -> Result<()> {
        let request = self.request(phone, code)?;
        let answer = self.client.ask(&VENDOR, request, Again::Unsent).await?;
        let answer = answer.succeeded(&VENDOR)?;
        let text = String::from_utf8_lossy(&answer.body);
        match &self.expect {
            // What it says instead stays out of the log: a gateway may repeat the key and the
            // code, and nobody knows in which form.
            Some(expected) if !text.contains(expected.as_str()) => {
                Err(VENDOR.unavailable(format!(
                    "the answer ({}, {} bytes) does not contain what sms_http.expect says",
                    answer.status,
                    answer.body.len()
                )))
            }
            _ => Ok(()),
        }
    }
}

/// Puts both values into a template, in one pass, so that a value is never taken for a template.
fn fill(template: &str, escape: impl Fn(&str) -> String, phone: &str, code: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix(PHONE) {
            out.push_str(&escape(phone));
            rest = after;
        } else if let Some(after) = rest.strip_prefix(CODE) {
            out.push_str(&escape(code));
            rest = after;
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// `text` as it stands between the quotation marks of a JSON string.
fn in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// `Name: value`. What is wrong is told without the line itself: it can hold a secret.
fn header(line: &SecretString) -> Result<(HeaderName, SecretString), Problem> {
    let (name, value) = line
        .expose_secret()
        .split_once(':')
        .ok_or("sms_http.headers: write each as \"Name: value\"")?;
    let name: HeaderName = name
        .trim()
        .parse()
        .map_err(|_| "sms_http.headers: a name holds what a header's name can't".to_owned())?;
    let value = value.trim();
    HeaderValue::from_str(value)
        .map_err(|_| format!("sms_http.headers: the value of {name} is none of a header"))?;
    Ok((name, value.into()))
}

impl SmsSender for GatewaySender {
    fn send<'a>(&'a self, phone: &'a str, code: &'a str) -> Asking<'a, ()> {
        Box::pin(self.deliver(phone, code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Outbound;
    use crate::testing::{open, source};
    use menshen_domain::Kind;
    use proptest::prelude::*;
    use serde_json::json;
    use wiremock::matchers::{any, body_json, body_string, header, method, path, query_param};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    const NUMBER: &str = "+8613800138000";

    fn post(url: &str, format: BodyFormat, body: &str) -> SmsHttp {
        SmsHttp {
            url: Some(url.into()),
            format,
            body: Some(body.into()),
            ..SmsHttp::default()
        }
    }

    fn problem(settings: &SmsHttp) -> Problem {
        GatewaySender::new(settings, &open()).expect_err("no good")
    }

    #[tokio::test]
    async fn values_are_escaped_for_an_address() {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path("/send/%2B8613800138000"))
            .and(query_param("to", NUMBER))
            .and(query_param("text", "code 123456"))
            .respond_with(ResponseTemplate::new(204))
            .expect(1)
            .mount(&server)
            .await;
        let settings = SmsHttp {
            method: Verb::Get,
            url: Some(
                format!(
                    "{}/send/{{phone}}?to={{phone}}&text=code%20{{code}}",
                    server.uri()
                )
                .into(),
            ),
            ..SmsHttp::default()
        };
        let sender = GatewaySender::new(&settings, &open()).expect("a sender");
        sender.send(NUMBER, "123456").await.expect("sent");
    }

    #[tokio::test]
    async fn values_are_escaped_for_json_and_headers_are_sent() {
        let server = MockServer::start().await;
        Mock::given(method("PUT"))
            .and(header("content-type", "application/json"))
            .and(header("authorization", "Bearer key"))
            .and(header("x-to", NUMBER))
            .and(body_json(
                json!({ "to": NUMBER, "args": { "a\"b": "12\"34" } }),
            ))
            .respond_with(ResponseTemplate::new(200))
            .expect(1)
            .mount(&server)
            .await;
        let settings = SmsHttp {
            method: Verb::Put,
            headers: vec!["Authorization: Bearer key".into(), "X-To:{phone}".into()],
            ..post(
                &server.uri(),
                BodyFormat::Json,
                r#"{"to": "{phone}", "args": {"a\"b": "{code}"}}"#,
            )
        };
        let sender = GatewaySender::new(&settings, &open()).expect("a sender");
        sender.send(NUMBER, "12\"34").await.expect("sent");
        assert!(!format!("{sender:?}").contains("key"));
    }

    #[tokio::test]
    async fn values_are_escaped_for_a_form() {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(header("content-type", "application/x-www-form-urlencoded"))
            .and(body_string("to=%2B8613800138000&text=123%26456&x={y}"))
            .respond_with(ResponseTemplate::new(200))
            .expect(1)
            .mount(&server)
            .await;
        let settings = post(
            &server.uri(),
            BodyFormat::Form,
            "to={phone}&text={code}&x={y}",
        );
        let sender = GatewaySender::new(&settings, &open()).expect("a sender");
        sender.send(NUMBER, "123&456").await.expect("sent");
    }

    #[tokio::test]
    async fn success_is_a_status_and_a_text_and_nothing_is_sent_twice() {
        let text = "{phone} {code}";
        for (status, answer, good) in [
            (200, r#"{"code":0}"#, true),
            (201, r#"[{"code":0}]"#, true),
            (200, r#"{"code":7,"hush":"123456"}"#, false),
            (500, r#"{"code":0}"#, false),
            (302, r#"{"code":0}"#, false),
            (404, "", false),
        ] {
            let server = MockServer::start().await;
            Mock::given(any())
                .respond_with(ResponseTemplate::new(status).set_body_string(answer))
                .expect(1)
                .mount(&server)
                .await;
            let url = format!("{}/?key=hush", server.uri());
            let settings = SmsHttp {
                expect: Some(r#""code":0"#.to_owned()),
                ..post(&url, BodyFormat::Text, text)
            };
            let sender = GatewaySender::new(&settings, &open()).expect("a sender");
            let sent = sender.send(NUMBER, "123456").await;
            assert_eq!(sent.is_ok(), good, "{status} {answer}");
            if let Err(error) = sent {
                assert_eq!(error.kind, Kind::Upstream);
                let told = format!("{error} {}", source(&error));
                assert!(!told.contains("hush") && !told.contains("123456"), "{told}");
            }
        }
    }

    #[test]
    fn templates_that_are_no_good_are_told_before_anything_is_sent() {
        let good = r#"{"to": "{phone}", "text": "{code}"}"#;
        assert_eq!(problem(&SmsHttp::default()), "sms_http.url must be set");
        let bare = post(
            "https://a.example",
            BodyFormat::Json,
            r#"{"to": {phone}, "t": {code}}"#,
        );
        assert!(problem(&bare).contains("quotation marks"));
        let codeless = post(
            "https://a.example",
            BodyFormat::Json,
            r#"{"to": "{phone}"}"#,
        );
        assert!(problem(&codeless).contains("{code}"));
        let host = post("https://{phone}.example/", BodyFormat::Json, good);
        assert!(problem(&host).contains("sms_http.url"));
        let scheme = post("file:///etc/{phone}", BodyFormat::Json, good);
        assert!(problem(&scheme).contains("https://"));
        let get = SmsHttp {
            method: Verb::Get,
            ..post("https://a.example", BodyFormat::Json, good)
        };
        assert!(problem(&get).contains("sms_http.body"));
        for line in ["no colon", "b ad: x", "a: b\nc: d"] {
            let settings = SmsHttp {
                headers: vec![line.into()],
                ..post("https://a.example", BodyFormat::Json, good)
            };
            let problem = problem(&settings);
            assert!(problem.starts_with("sms_http.headers"), "{problem}");
        }
        let closed = Client::new(&Outbound::default()).expect("client");
        let private = post("http://10.0.0.8/{phone}", BodyFormat::Json, good);
        let problem = GatewaySender::new(&private, &closed).expect_err("private");
        assert!(problem.contains("outbound.allow_private"), "{problem}");
    }

    proptest! {
        #[test]
        fn what_is_filled_in_comes_out_again(phone in ".*", code in ".*") {
            let json = fill(r#"{"p":"{phone}","c":"{code}"}"#, in_json, &phone, &code);
            let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
            prop_assert_eq!(value["p"].as_str(), Some(phone.as_str()));
            prop_assert_eq!(value["c"].as_str(), Some(code.as_str()));
            let url = fill("https://a.example/?p={phone}&c={code}", escaped, &phone, &code);
            let url: Url = url.parse().expect("url");
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs, [("p".to_owned(), phone), ("c".to_owned(), code)]);
        }
    }
}
