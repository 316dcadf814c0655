//! Where a request comes from: worked out once, for REST and the admin UI alike.

use crate::layers;
use crate::settings::Server;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use menshen_domain::{Lang, Text};
use menshen_services::Client;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

/// Where a request comes from and how it came.
#[derive(Debug, Clone, Default)]
pub struct RequestContext {
    /// Address, User-Agent, request id, language.
    pub client: Client,
    /// Whether the client speaks TLS with us, or with a proxy that is believed.
    pub https: bool,
    /// The host that the client asked for, without its port.
    pub host: String,
    /// Whether an access token was shown, good or bad.
    pub(crate) bearer: bool,
}

impl RequestContext {
    /// `text` in the language of the answer.
    #[must_use]
    pub fn say<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.client.lang)
    }
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// Reads the context off a request's headers and its peer's address.
#[must_use]
pub fn read(
    server: &Server,
    headers: &HeaderMap,
    peer: Option<IpAddr>,
    request_id: String,
) -> RequestContext {
    let believed = peer.is_some_and(|p| server.trusts(p));
    let forwarded_https = believed
        && text(headers, "x-forwarded-proto")
            .split(',')
            .next_back()
            .is_some_and(|p| p.trim().eq_ignore_ascii_case("https"));
    let ip = if believed {
        forwarded_for(server, headers).or(peer)
    } else {
        peer
    };
    RequestContext {
        client: Client {
            ip: ip
                .map(|ip| ip.to_canonical().to_string())
                .unwrap_or_default(),
            user_agent: text(headers, header::USER_AGENT.as_str())
                .chars()
                .take(500)
                .collect(),
            request_id,
            lang: Lang::from_accept_language(&text(headers, header::ACCEPT_LANGUAGE.as_str())),
        },
        https: server.is_https() || forwarded_https,
        host: host(headers),
        bearer: layers::bearer(headers).is_some(),
    }
}

/// The host in the `Host` header; a port is digits after the last colon outside brackets.
fn host(headers: &HeaderMap) -> String {
    let value = text(headers, header::HOST.as_str());
    let name = match value.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => &value,
    };
    name.chars().take(255).collect()
}

/// The rightmost address in `X-Forwarded-For` that is not one of the proxies': whatever stands
/// further left was written by the client and may be forged. Some proxies write the client's port
/// behind it.
fn forwarded_for(server: &Server, headers: &HeaderMap) -> Option<IpAddr> {
    let values: Vec<String> = headers
        .get_all("x-forwarded-for")
        .iter()
        .map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned())
        .collect();
    let all = values.join(",");
    let mut last = None;
    for part in all.split(',').rev() {
        let part = part.trim();
        let with_port = || part.parse().map(|address: SocketAddr| address.ip());
        let Ok(ip) = part.parse::<IpAddr>().or_else(|_| with_port()) else {
            break;
        };
        last = Some(ip);
        if !server.trusts(ip) {
            break;
        }
    }
    last
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers
        .get(name)
        .map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn server() -> Server {
        serde_json::from_value(serde_json::json!({ "trusted_proxies": ["10.0.0.0/8"] }))
            .expect("settings")
    }

    #[test]
    fn a_host_is_told_without_its_port() {
        for (sent, host) in [
            ("id.example.com", "id.example.com"),
            ("127.0.0.1:3000", "127.0.0.1"),
            ("[::1]:3000", "[::1]"),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(ctx("192.0.2.1", &[("host", sent)]).host, host);
        }
    }

    fn ctx(peer: &str, headers: &[(&'static str, &'static str)]) -> RequestContext {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        read(&server(), &map, Some(peer.parse().expect("ip")), "r".into())
    }

    #[test]
    fn req45_forged_proxy_headers_are_ignored() {
        let forged = [
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-proto", "https"),
        ];
        let direct = ctx("192.0.2.9", &forged);
        assert_eq!(
            (direct.client.ip.as_str(), direct.https),
            ("192.0.2.9", false)
        );
        let proxied = ctx("10.0.0.1", &forged);
        assert_eq!(
            (proxied.client.ip.as_str(), proxied.https),
            ("1.2.3.4", true)
        );
        let chained = ctx(
            "10.0.0.1",
            &[("x-forwarded-for", "6.6.6.6, 1.2.3.4, 10.0.0.7")],
        );
        assert_eq!(chained.client.ip, "1.2.3.4");
        for (written, ip) in [
            ("1.2.3.4:5678", "1.2.3.4"),
            ("[2001:db8::7]:80, 10.0.0.7:443", "2001:db8::7"),
        ] {
            let ported = ctx("10.0.0.1", &[("x-forwarded-for", written)]);
            assert_eq!(ported.client.ip, ip);
        }
        let junk = ctx("10.0.0.1", &[("x-forwarded-for", "junk")]);
        assert_eq!(junk.client.ip, "10.0.0.1");
    }
}
