//! WeCom: the members of a corporation.

use crate::errcode::{Refusal, check_code, filled, read};
use crate::outbound::{Again, Base, Vendor};
use crate::settings::{Section, Wecom as Settings};
use crate::token::{Fresh, TokenCache};
use crate::{Client, Problem};
use menshen_domain::{Clock, Error, Kind, Result, Text};
use menshen_services::outside::{Asking, IdentityProvider, OutsideIdentity};
use reqwest::{Method, Request};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use std::sync::Arc;

const VENDOR: Vendor = Vendor {
    name: "WeCom",
    unavailable: Text::fixed(
        "企业微信登录暂时不可用，请稍后再试",
        "Signing in with WeCom is not possible for the moment. Please try again later",
    ),
};

/// Signing in with WeCom.
#[derive(Debug)]
pub struct Wecom {
    client: Client,
    base: Base,
    page: Base,
    agent_id: Option<String>,
    corp_id: String,
    secret: SecretString,
    token: TokenCache,
}

#[derive(Deserialize)]
struct AccessToken {
    access_token: SecretString,
    expires_in: u64,
}

/// The newer interface writes `userid`, the older one `UserId`. Somebody who is no member has an
/// openid instead.
#[derive(Deserialize)]
struct Member {
    userid: Option<String>,
    #[serde(rename = "UserId")]
    older_userid: Option<String>,
}

impl Wecom {
    /// A provider that goes by the settings.
    ///
    /// # Errors
    /// What the settings lack.
    pub fn new(
        settings: &Settings,
        client: &Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Problem> {
        let mut section = Section::new("wecom");
        let provider = Self {
            client: client.clone(),
            base: client.base("wecom.url", &settings.url)?,
            page: client.base("wecom.login_url", &settings.login_url)?,
            agent_id: settings.agent_id.clone(),
            corp_id: section.need("corp_id", &settings.corp_id),
            secret: section.need("secret", &settings.secret),
            token: TokenCache::new(clock, client.patience()),
        };
        section.finish()?;
        Ok(provider)
    }

    async fn ask_token(&self) -> Result<Result<AccessToken, Refusal>> {
        let query = [
            ("corpid", self.corp_id.as_str()),
            ("corpsecret", self.secret.expose_secret()),
        ];
        let request = Request::new(Method::GET, self.base.at("cgi-bin/gettoken", &query));
        let answer = self.client.ask(&VENDOR, request, Again::Stumbled).await?;
        read(&VENDOR, answer)
    }

    async fn fetch_token(&self) -> Result<Fresh> {
        let asked = self.ask_token().await?;
        let token = asked.map_err(|r| r.of_us(&VENDOR, &[self.secret.expose_secret()]))?;
        Ok(Fresh {
            token: token.access_token,
            seconds: token.expires_in,
        })
    }

    async fn token(&self, stale: Option<&SecretString>) -> Result<SecretString> {
        self.token.get(stale, self.fetch_token()).await
    }

    async fn ask_member(
        &self,
        code: &str,
        token: &SecretString,
    ) -> Result<Result<Member, Refusal>> {
        let query = [("access_token", token.expose_secret()), ("code", code)];
        let url = self.base.at("cgi-bin/auth/getuserinfo", &query);
        // A code is good once: after a stumble nobody knows whether it still is.
        let request = Request::new(Method::GET, url);
        let answer = self.client.ask(&VENDOR, request, Again::Unsent).await?;
        read(&VENDOR, answer)
    }

    async fn exchange(&self, code: &str) -> Result<OutsideIdentity> {
        check_code(&VENDOR, code)?;
        let token = self.token(None).await?;
        let reply = match self.ask_member(code, &token).await? {
            // The token is looked at before the code, which is therefore still good.
            Err(refusal) if refusal.is_stale_token() => {
                let token = self.token(Some(&token)).await?;
                self.ask_member(code, &token).await?
            }
            reply => reply,
        };
        let member = reply.map_err(|refusal| refusal.of_code(&VENDOR, &[code]))?;
        let subject = filled(member.userid)
            .or(filled(member.older_userid))
            .ok_or_else(stranger)?;
        Ok(OutsideIdentity {
            app_id: self.corp_id.clone(),
            subject,
            ..OutsideIdentity::default()
        })
    }
}

fn stranger() -> Error {
    let text = Text::fixed(
        "你不是该企业的成员",
        "You are not a member of this corporation",
    );
    VENDOR.error(Kind::Credentials, text, "no user id: not a member")
}

impl IdentityProvider for Wecom {
    fn identify<'a>(&'a self, code: &'a str, _: Option<&'a str>) -> Asking<'a, OutsideIdentity> {
        Box::pin(self.exchange(code))
    }

    fn page(&self, redirect: &str, state: &str) -> Option<String> {
        let url = self.page.with(&[
            ("login_type", "CorpApp"),
            ("appid", &self.corp_id),
            ("agentid", self.agent_id.as_deref()?),
            ("redirect_uri", redirect),
            ("state", state),
        ]);
        Some(url.into())
    }

    fn probe(&self) -> Asking<'_, ()> {
        Box::pin(async move {
            let hidden = [self.secret.expose_secret()];
            let refused = |r: Refusal| r.of_credentials(&VENDOR, &hidden);
            self.ask_token().await?.map(drop).map_err(refused)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Outbound;
    use crate::testing::{FixedClock, open, source};
    use serde_json::{Value, json};
    use std::time::Duration;
    use wiremock::matchers::{method, path, query_param};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    const TOKEN: &str = "/cgi-bin/gettoken";
    const MEMBER: &str = "/cgi-bin/auth/getuserinfo";

    fn said(body: &Value) -> ResponseTemplate {
        ResponseTemplate::new(200).set_body_json(body)
    }

    fn token(token: &str) -> ResponseTemplate {
        said(&json!({
            "errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200
        }))
    }

    fn member() -> ResponseTemplate {
        said(&json!({ "errcode": 0, "errmsg": "ok", "userid": "lilei", "user_ticket": "x" }))
    }

    fn trouble(code: i64) -> ResponseTemplate {
        said(&json!({ "errcode": code, "errmsg": "no good, from ip: 1.2.3.4" }))
    }

    async fn answer(server: &MockServer, at: &str, with: ResponseTemplate, times: u64) {
        Mock::given(path(at))
            .respond_with(with)
            .expect(times)
            .mount(server)
            .await;
    }

    fn wecom_on(server: &MockServer, clock: Arc<FixedClock>) -> Wecom {
        let settings = Settings {
            url: server.uri(),
            agent_id: Some("1000002".to_owned()),
            corp_id: Some("ww1".to_owned()),
            secret: Some("hush".into()),
            ..Settings::default()
        };
        Wecom::new(&settings, &open(), clock).expect("a provider")
    }

    fn wecom(server: &MockServer) -> Wecom {
        wecom_on(server, FixedClock::at(0))
    }

    #[tokio::test]
    async fn browsers_are_led_to_the_page_of_the_application() {
        let server = MockServer::start().await;
        let page = wecom(&server).page("https://id.example.com/a", "s-1");
        assert_eq!(
            page.expect("a page"),
            "https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=CorpApp&appid=ww1\
             &agentid=1000002&redirect_uri=https%3A%2F%2Fid.example.com%2Fa&state=s-1"
        );
        let nameless = Wecom {
            agent_id: None,
            ..wecom(&server)
        };
        assert_eq!(nameless.page("https://id.example.com/a", "s-1"), None);
    }

    #[tokio::test]
    async fn a_code_becomes_a_member_and_the_token_is_held() {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path(TOKEN))
            .and(query_param("corpid", "ww1"))
            .and(query_param("corpsecret", "hush"))
            .respond_with(token("t1"))
            .expect(2)
            .mount(&server)
            .await;
        Mock::given(method("GET"))
            .and(path(MEMBER))
            .and(query_param("access_token", "t1"))
            .and(query_param("code", "c1"))
            .respond_with(member())
            .expect(3)
            .mount(&server)
            .await;
        let clock = FixedClock::at(0);
        let provider = wecom_on(&server, clock.clone());
        for wait in [0, 6000, 1000] {
            clock.forward(Duration::from_secs(wait));
            let identity = provider.identify("c1", None).await.expect("somebody");
            assert_eq!(
                identity,
                OutsideIdentity {
                    app_id: "ww1".to_owned(),
                    subject: "lilei".to_owned(),
                    ..OutsideIdentity::default()
                }
            );
        }
        assert!(!format!("{provider:?}").contains("hush"));
        assert!(!format!("{provider:?}").contains("t1"));
    }

    #[tokio::test]
    async fn the_older_spelling_is_read_and_strangers_are_refused() {
        for (body, subject) in [
            (
                json!({ "errcode": 0, "UserId": "lilei", "DeviceId": "" }),
                Some("lilei"),
            ),
            (
                json!({ "errcode": 0, "userid": "a", "UserId": "a" }),
                Some("a"),
            ),
            (json!({ "errcode": 0, "OpenId": "o1" }), None),
            (json!({ "errcode": 0, "openid": "o1", "userid": "" }), None),
        ] {
            let server = MockServer::start().await;
            answer(&server, TOKEN, token("t"), 1).await;
            answer(&server, MEMBER, said(&body), 1).await;
            match (wecom(&server).identify("c1", None).await, subject) {
                (Ok(identity), Some(subject)) => assert_eq!(identity.subject, subject),
                (Err(error), None) => assert_eq!(error.kind, Kind::Credentials),
                (other, _) => panic!("{body}: {other:?}"),
            }
        }
    }

    #[tokio::test]
    async fn credentials_are_checked_and_a_refusal_names_what_is_wrong() {
        let server = MockServer::start().await;
        answer(&server, TOKEN, token("t"), 2).await;
        let provider = wecom(&server);
        provider.probe().await.expect("good");
        provider.probe().await.expect("asked anew each time");
        for (code, named) in [(40013, "id"), (40001, "secret"), (60020, "address")] {
            let server = MockServer::start().await;
            answer(&server, TOKEN, trouble(code), 1).await;
            let error = wecom(&server).probe().await.expect_err("refused");
            assert_eq!(error.kind, Kind::Upstream);
            assert!(error.text.en.contains(named), "{code}: {error}");
        }
    }

    #[tokio::test]
    async fn a_refused_token_is_renewed_once() {
        for code in [40014, 42001] {
            let server = MockServer::start().await;
            Mock::given(path(TOKEN))
                .respond_with(token("t1"))
                .up_to_n_times(1)
                .expect(1)
                .mount(&server)
                .await;
            answer(&server, TOKEN, token("t2"), 1).await;
            Mock::given(path(MEMBER))
                .and(query_param("access_token", "t1"))
                .respond_with(trouble(code))
                .expect(1)
                .mount(&server)
                .await;
            Mock::given(path(MEMBER))
                .and(query_param("access_token", "t2"))
                .respond_with(member())
                .expect(1)
                .mount(&server)
                .await;
            wecom(&server).identify("c1", None).await.expect("somebody");
        }
        let server = MockServer::start().await;
        answer(&server, TOKEN, token("t"), 2).await;
        answer(&server, MEMBER, trouble(42001), 2).await;
        let error = wecom(&server).identify("c1", None).await.expect_err("no");
        assert_eq!(error.kind, Kind::Upstream);
    }

    #[tokio::test]
    async fn refusals_are_told_by_their_kind() {
        for (code, kind) in [
            (40029, Kind::Credentials),
            (41008, Kind::Credentials),
            (60020, Kind::Upstream),
            (-1, Kind::Upstream),
        ] {
            let server = MockServer::start().await;
            answer(&server, TOKEN, token("t"), 1).await;
            answer(&server, MEMBER, trouble(code), 1).await;
            let error = wecom(&server).identify("c1", None).await.expect_err("no");
            assert_eq!(error.kind, kind, "{code}");
            assert!(source(&error).contains(&code.to_string()));
        }
    }

    #[tokio::test]
    async fn without_a_token_no_code_is_used_up() {
        for (with, asked) in [(trouble(40001), 1), (ResponseTemplate::new(502), 2)] {
            let server = MockServer::start().await;
            answer(&server, TOKEN, with, asked).await;
            answer(&server, MEMBER, member(), 0).await;
            let error = wecom(&server).identify("c1", None).await.expect_err("no");
            assert_eq!(error.kind, Kind::Upstream);
            assert!(error.text.zh.contains("企业微信登录暂时不可用"));
        }
        let server = MockServer::start().await;
        answer(&server, TOKEN, token("t"), 0).await;
        let error = wecom(&server).identify("", None).await.expect_err("no");
        assert_eq!(error.kind, Kind::Credentials);
    }

    #[test]
    fn what_is_missing_is_told() {
        let client = Client::new(&Outbound::default()).expect("client");
        let problem =
            Wecom::new(&Settings::default(), &client, FixedClock::at(0)).expect_err("nothing");
        assert_eq!(problem, "wecom.corp_id, wecom.secret must be set");
    }
}
