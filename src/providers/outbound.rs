//! The one way out: time-outs, what may be asked again, no redirects, no private addresses.

use crate::Problem;
use crate::addresses::{PublicOnly, is_public};
use crate::settings::Outbound;
use menshen_domain::{Error, Kind, Result, Text};
use reqwest::{Request, StatusCode, Url};
use serde::de::DeserializeOwned;
use std::net::IpAddr;
use std::time::Duration;

/// The most that is read of an answer, in bytes. What vendors say is short.
const ANSWER_MAX: usize = 64 * 1024;
/// The most characters of a vendor's message that go into the log.
const MESSAGE_MAX: usize = 200;

/// When a question may be put again, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// When no connection came about, so that it was never put: a message that may be on its
    /// way already, or a one-use code that may be used up.
    Unsent,
    /// When there was no connection or the vendor stumbled (5xx): it changes nothing there.
    Stumbled,
}

/// Asks vendors.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    allow_private: bool,
    patience: Duration,
}

impl Client {
    /// A client that goes by the settings.
    ///
    /// # Errors
    /// When TLS can't be set up: the system has no certificates of authorities.
    pub fn new(settings: &Outbound) -> Result<Self, Problem> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("menshen/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(settings.connect_seconds.max(1)))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // What may be asked twice is decided here and by nobody else.
            .retry(reqwest::retry::never())
            // A proxy out of the environment would choose where secrets go.
            .no_proxy();
        if !settings.allow_private {
            builder = builder.dns_resolver(PublicOnly);
        }
        Ok(Self {
            http: builder
                .build()
                .map_err(|e| format!("outbound: cannot set up TLS: {}", chain(&e.without_url())))?,
            allow_private: settings.allow_private,
            patience: Duration::from_secs(settings.total_seconds.max(1)),
        })
    }

    /// The longest that anything is waited for.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Reads the address of a vendor. `key` names the setting, as in `wecom.url`.
    pub(crate) fn address(&self, key: &str, text: &str) -> Result<Url, Problem> {
        // The address itself is not told: it can hold a secret.
        let url = Url::parse(text.trim()).map_err(|e| format!("{key}: no address: {e}"))?;
        let host = match (url.scheme(), url.host_str()) {
            ("http" | "https", Some(host)) => host,
            _ => return Err(format!("{key}: must begin with https:// or http://")),
        };
        // An address in digits does not go through the resolver.
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        if !self.allow_private && literal.is_some_and(|ip| !is_public(ip)) {
            return Err(format!(
                "{key}: {host} is a private address; set outbound.allow_private = true for a \
                 vendor in your own house"
            ));
        }
        Ok(url)
    }

    /// As [`Client::address`], for a vendor whose secrets must not travel in the clear; the
    /// paths of its API are put after it.
    pub(crate) fn base(&self, key: &str, text: &str) -> Result<Base, Problem> {
        let url = self.address(key, text)?;
        if url.scheme() != "https" && !self.allow_private {
            return Err(format!("{key}: must begin with https://"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("{key}: must not hold ? or #"));
        }
        Ok(Base(url))
    }

    /// Asks, and asks once more where that is allowed. Whatever status the answer has, it is an
    /// answer.
    pub(crate) async fn ask(
        &self,
        vendor: &Vendor,
        request: Request,
        again: Again,
    ) -> Result<Answer> {
        tokio::time::timeout(self.patience, self.ask_twice(request, again))
            .await
            .unwrap_or_else(|_| Err(Failure::late()))
            .map_err(|failure| vendor.unavailable(failure.text))
    }

    async fn ask_twice(&self, request: Request, again: Again) -> Result<Answer, Failure> {
        let second = request.try_clone();
        let first = self.ask_once(request).await;
        let repeat = match &first {
            Ok(answer) => again == Again::Stumbled && answer.status.is_server_error(),
            Err(failure) => failure.unsent || again == Again::Stumbled,
        };
        match second {
            Some(second) if repeat => self.ask_once(second).await,
            _ => first,
        }
    }

    async fn ask_once(&self, request: Request) -> Result<Answer, Failure> {
        let mut response = self.http.execute(request).await.map_err(Failure::from)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(Failure::from)? {
            if body.len() + part.len() > ANSWER_MAX {
                return Err(Failure::long());
            }
            body.extend_from_slice(&part);
        }
        Ok(Answer { status, body })
    }
}

/// Why there is no answer.
struct Failure {
    /// Nothing of the question has left the house.
    unsent: bool,
    text: String,
}

impl Failure {
    fn late() -> Self {
        Self {
            unsent: false,
            text: "no answer in time".to_owned(),
        }
    }

    fn long() -> Self {
        Self {
            unsent: false,
            text: "the answer is too long".to_owned(),
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self {
            unsent: error.is_connect(),
            // Addresses hold secrets in their query.
            text: chain(&error.without_url()),
        }
    }
}

/// An error and what is behind it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        // One that is inside of another still has its address.
        if !source.is::<reqwest::Error>() {
            text.push_str(": ");
            text.push_str(&source.to_string());
        }
        next = source.source();
    }
    text
}

/// Where a vendor's API begins.
#[derive(Debug, Clone)]
pub(crate) struct Base(Url);

impl Base {
    /// The address of `path` (without a leading slash), with `query`.
    pub(crate) fn at(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}/{path}", self.0.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The address itself, with `query`.
    pub(crate) fn with(&self, query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        url.query_pairs_mut().extend_pairs(query);
        url
    }
}

/// The `Host` header that a request to `url` carries; signatures cover it.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// What a vendor answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The answer's JSON, whatever its declared type: WeChat calls it `text/plain`.
    pub(crate) fn json<T: DeserializeOwned>(&self, vendor: &Vendor) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|e| {
            // serde's message may quote the answer; line and column do not.
            vendor.unavailable(format!(
                "the answer ({}) is not what is documented, at line {} column {}",
                self.status,
                e.line(),
                e.column()
            ))
        })
    }

    /// # Errors
    /// [`Kind::Upstream`] unless the status is 2xx.
    pub(crate) fn succeeded(self, vendor: &Vendor) -> Result<Self> {
        if self.status.is_success() {
            Ok(self)
        } else {
            Err(vendor.unavailable(format!("status {}", self.status)))
        }
    }
}

/// How errors of a vendor are told.
#[derive(Debug)]
pub(crate) struct Vendor {
    /// For the log.
    pub(crate) name: &'static str,
    /// For people.
    pub(crate) unavailable: Text,
}

impl Vendor {
    /// It can't be reached, or answers nonsense, or something that we must mend.
    pub(crate) fn unavailable(&self, source: impl AsRef<str>) -> Error {
        self.error(Kind::Upstream, self.unavailable.clone(), source)
    }

    /// An error with what the vendor said, for the log.
    pub(crate) fn error(&self, kind: Kind, text: Text, source: impl AsRef<str>) -> Error {
        Error {
            kind,
            text,
            fields: Vec::new(),
            source: Some(self.source(source)),
        }
    }

    /// What the vendor said, for the log.
    pub(crate) fn source(&self, said: impl AsRef<str>) -> Box<dyn std::error::Error + Send + Sync> {
        format!("{}: {}", self.name, said.as_ref()).into()
    }
}

/// A vendor's message made fit for the log: short, on one line, and without what is `hidden`;
/// some vendors repeat the question in it.
pub(crate) fn quoted(message: &str, hidden: &[&str]) -> String {
    let mut text = message.to_owned();
    for secret in hidden.iter().filter(|s| !s.is_empty()) {
        text = text.replace(secret, "***");
    }
    text.chars()
        .take(MESSAGE_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{VENDOR, open, outbound, source};
    use reqwest::Method;
    use wiremock::matchers::{method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    fn get(base: &str, at: &str) -> Request {
        Request::new(Method::GET, format!("{base}{at}").parse().expect("url"))
    }

    #[tokio::test]
    async fn req49_private_addresses_are_refused_unless_set() {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .respond_with(ResponseTemplate::new(200))
            .expect(0)
            .mount(&server)
            .await;
        let closed = Client::new(&Outbound::default()).expect("client");
        for literal in [
            server.uri().as_str(),
            "https://127.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]:8443/",
            "https://169.254.169.254/latest",
        ] {
            let problem = closed.address("wecom.url", literal).expect_err(literal);
            assert!(problem.contains("outbound.allow_private"), "{problem}");
            assert!(open().address("wecom.url", literal).is_ok());
        }
        // A name is looked at when it is resolved.
        let named = server.uri().replace("127.0.0.1", "localhost");
        closed.address("sms_http.url", &named).expect("a name");
        let error = closed
            .ask(&VENDOR, get(&named, "/"), Again::Stumbled)
            .await
            .err()
            .expect("refused");
        assert_eq!(error.kind, Kind::Upstream);
        assert!(source(&error).contains("private addresses only"), "{error}");
    }

    #[tokio::test]
    async fn req49_redirects_are_not_followed() {
        let server = MockServer::start().await;
        Mock::given(path("/from"))
            .respond_with(ResponseTemplate::new(302).insert_header("location", "/to"))
            .mount(&server)
            .await;
        Mock::given(path("/to"))
            .respond_with(ResponseTemplate::new(200))
            .expect(0)
            .mount(&server)
            .await;
        let answer = open()
            .ask(&VENDOR, get(&server.uri(), "/from"), Again::Stumbled)
            .await
            .expect("an answer");
        assert_eq!(answer.status, 302);
        let error = answer.succeeded(&VENDOR).err().expect("no success");
        assert_eq!(error.kind, Kind::Upstream);
    }

    #[tokio::test]
    async fn a_stumble_is_asked_again_once_and_only_where_that_is_safe() {
        for (again, asked) in [(Again::Stumbled, 2), (Again::Unsent, 1)] {
            let server = MockServer::start().await;
            Mock::given(method("GET"))
                .respond_with(ResponseTemplate::new(503))
                .expect(asked)
                .mount(&server)
                .await;
            let answer = open()
                .ask(&VENDOR, get(&server.uri(), "/"), again)
                .await
                .expect("an answer");
            assert_eq!(answer.status, 503);
        }
    }

    #[tokio::test]
    async fn req29_what_fails_is_told_without_the_address() {
        // Nobody ever listens on this port.
        let nobody = "http://127.0.0.1:1";
        let error = open()
            .ask(&VENDOR, get(nobody, "/x?secret=hush"), Again::Unsent)
            .await
            .err()
            .expect("nobody there");
        assert_eq!(error.kind, Kind::Upstream);
        assert!(source(&error).starts_with("Vendor: "), "{error}");
        assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
    }

    #[tokio::test]
    async fn a_slow_vendor_and_an_endless_answer_are_given_up() {
        let server = MockServer::start().await;
        Mock::given(path("/slow"))
            .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(20)))
            .expect(1)
            .mount(&server)
            .await;
        Mock::given(path("/long"))
            .respond_with(ResponseTemplate::new(200).set_body_bytes(vec![b' '; ANSWER_MAX + 1]))
            .mount(&server)
            .await;
        let hasty = Client::new(&Outbound {
            total_seconds: 3,
            ..outbound()
        })
        .expect("client");
        let patient = Client::new(&Outbound {
            total_seconds: 60,
            ..outbound()
        })
        .expect("client");
        for (client, at, said) in [(hasty, "/slow", "in time"), (patient, "/long", "too long")] {
            let error = client
                .ask(&VENDOR, get(&server.uri(), at), Again::Stumbled)
                .await
                .err()
                .expect(at);
            assert_eq!(error.kind, Kind::Upstream);
            assert!(source(&error).contains(said), "{error}");
        }
    }

    #[test]
    fn addresses_of_vendors_are_https_unless_the_house_is_open() {
        let closed = Client::new(&Outbound::default()).expect("client");
        assert!(closed.base("wecom.url", "https://a.example/x/").is_ok());
        for bad in [
            "http://a.example",
            "ftp://a.example",
            "a.example",
            "",
            "https://a.example/?x",
            "https://a.example/#x",
        ] {
            let problem = closed.base("wecom.url", bad).expect_err(bad);
            assert!(problem.starts_with("wecom.url: "), "{problem}");
        }
        let base = open()
            .base("wecom.url", "http://a.example/x/")
            .expect("good");
        let url = base.at("cgi-bin/y", &[("a", "1&2"), ("b", "é")]);
        assert_eq!(
            url.as_str(),
            "http://a.example/x/cgi-bin/y?a=1%262&b=%C3%A9"
        );
        assert_eq!(host(&url), "a.example");
        assert_eq!(
            host(&"http://a.example:81/".parse().expect("url")),
            "a.example:81"
        );
    }

    #[test]
    fn req29_quotes_hide_secrets_and_fit_on_a_line() {
        assert_eq!(
            quoted("bad\ncode 123456, 123456", &["123456", ""]),
            "bad code ***, ***"
        );
        assert_eq!(quoted(&"字".repeat(999), &[]).chars().count(), MESSAGE_MAX);
    }
}
