//! The settings of the server.

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// Where and how the server listens.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// The address and port to listen on.
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// The address that browsers use, as in `https://id.example.com`. With `https://` cookies are `Secure`.
    pub public_url: Option<String>,
    /// Addresses or networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed, as in `["10.0.0.0/8"]`.
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<Network>,
    /// Origins whose pages may call the REST API from a browser, as in `["https://app.example.com"]`.
    pub cors_origins: Vec<String>,
    /// The time zone of times in answers, as in `Asia/Shanghai`; the machine's when not set.
    pub time_zone: Option<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            public_url: None,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            time_zone: None,
        }
    }
}

impl Server {
    /// Whether browsers reach the server over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url
            .as_deref()
            .is_some_and(|url| url.to_ascii_lowercase().starts_with("https://"))
    }

    /// Whether `peer` is a proxy whose headers are believed.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        // Beside IPv6, IPv4 peers are written `::ffff:10.0.0.1`.
        let peer = peer.to_canonical();
        self.trusted_proxies.iter().any(|n| n.0.contains(&peer))
    }
}

/// A network, or a single address as a network of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Network(pub IpNet);

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map(Self)
            .map_err(|_| {
                serde::de::Error::custom(format!(
                    "“{text}” is neither an address (10.0.0.1) nor a network (10.0.0.0/8)"
                ))
            })
    }
}
