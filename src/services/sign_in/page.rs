//! The login page's other ways in: a code sent to a phone, and a vendor's own page.
//!
//! A browser that leaves for a vendor takes a keepsake along, sealed, in a cookie of its own, and
//! the vendor hands its `state` back. Only the browser that left comes in: a code that somebody
//! else was given can't be slipped in, and an address that was copied opens nothing.

use super::{Credentials, SignIns, Vendor, VendorCode};
use crate::access::Client;
use crate::sessions::Opened;
use crate::settings::CaptchaMode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use menshen_domain::session::Ways;
use menshen_domain::{Error, Kind, Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use subtle::ConstantTimeEq as _;

/// How long a browser may stay at a vendor's page.
const AWAY: Duration = Duration::from_mins(10);
/// The purpose under which keepsakes are sealed.
const PURPOSE: &str = "a browser at a vendor's page";

/// A browser that leaves for a vendor's page.
#[derive(Clone)]
pub struct Departure {
    /// Where it goes.
    pub url: String,
    /// What it must bring back, for a cookie that no script reads.
    pub keepsake: String,
}

impl std::fmt::Debug for Departure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Departure").finish_non_exhaustive()
    }
}

/// What a keepsake holds.
#[derive(Serialize, Deserialize)]
struct Keepsake {
    state: String,
    vendor: String,
    next: String,
    left_at: i64,
}

/// A browser that came back from the page for which it left.
#[derive(Debug, Clone)]
pub struct Trip {
    vendor: Vendor,
    /// Where it wanted to go on to when it left.
    pub next: String,
}

impl SignIns {
    /// The ways in that the login page can offer beside name and password.
    #[must_use]
    pub fn ways(&self) -> Ways {
        let there = |vendor| self.page_of(vendor, "").is_some();
        Ways {
            sms: self.core.outside().sms.is_some(),
            wechat: there(Vendor::WechatScan),
            wecom: there(Vendor::Wecom),
        }
    }

    /// Signs a browser in with a phone number and the code sent to it. A captcha was asked for
    /// when the code was sent; a code has few tries.
    ///
    /// # Errors
    /// As [`SignIns::by_phone`].
    pub async fn by_phone_page(&self, client: &Client, phone: &str, code: &str) -> Result<Opened> {
        let credentials = Credentials {
            username: phone.to_owned(),
            password: code.to_owned(),
            ..Credentials::default()
        };
        let (tx, user) = self
            .prove_phone(client, &credentials, CaptchaMode::Never)
            .await?;
        self.enter_page(tx, &user, client, None).await
    }

    /// Has a browser leave for the page of `vendor`; afterwards it wants to go on to `next`.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when the vendor's page is not set up.
    pub fn leave_for(&self, vendor: Vendor, next: &str) -> Result<Departure> {
        let state = self.core.random_text::<24>();
        let url = self.page_of(vendor, &state).ok_or_else(no_page)?;
        let keepsake = Keepsake {
            state,
            vendor: vendor.provider().to_owned(),
            next: next.to_owned(),
            left_at: self.core.now().0,
        };
        let json = serde_json::to_vec(&keepsake).map_err(Error::internal)?;
        let sealed = self.core.secrets.seal(PURPOSE, &json)?;
        Ok(Departure {
            url,
            keepsake: URL_SAFE_NO_PAD.encode(sealed),
        })
    }

    /// Knows a browser again that comes from the page of `vendor`, by its keepsake and by the
    /// `state` that the vendor hands back.
    ///
    /// # Errors
    /// [`Kind::Invalid`] when it is another browser, or was away too long.
    pub fn welcome_back(&self, vendor: Vendor, state: &str, keepsake: &str) -> Result<Trip> {
        let kept = self.read_keepsake(keepsake).ok_or_else(stranger)?;
        let same = bool::from(kept.state.as_bytes().ct_eq(state.as_bytes()));
        let late = Timestamp(kept.left_at) + AWAY < self.core.now();
        if same && !late && kept.vendor == vendor.provider() {
            Ok(Trip {
                vendor,
                next: kept.next,
            })
        } else {
            Err(stranger())
        }
    }

    /// Signs a browser in with the code that it brought from a vendor's page. The code is empty
    /// when its owner did not consent.
    ///
    /// # Errors
    /// [`Kind::Invalid`] without consent; else as [`SignIns::by_vendor`].
    pub async fn by_vendor_page(&self, client: &Client, trip: &Trip, code: &str) -> Result<Opened> {
        if code.is_empty() {
            return Err(Error::new(
                Kind::Invalid,
                "你取消了授权，没有登录",
                "You did not give your consent, so you are not signed in",
            ));
        }
        let shown = VendorCode {
            code: code.to_owned(),
            ..VendorCode::default()
        };
        let (tx, user) = self
            .prove_identity(client, None, trip.vendor, &shown, CaptchaMode::Never)
            .await?;
        self.enter_page(tx, &user, client, None).await
    }

    /// The address of a vendor's page. Vendors lead back to addresses that were registered with
    /// them alone, so ours must be known.
    fn page_of(&self, vendor: Vendor, state: &str) -> Option<String> {
        let outside = self.core.outside();
        let ours = outside.public_url.as_deref()?;
        let back = format!(
            "{}/admin/login/callback/{}",
            ours.trim_end_matches('/'),
            vendor.page_name()?
        );
        self.provider(vendor)?.page(&back, state)
    }

    fn read_keepsake(&self, keepsake: &str) -> Option<Keepsake> {
        let sealed = URL_SAFE_NO_PAD.decode(keepsake).ok()?;
        let json = self.core.secrets.open(PURPOSE, &sealed).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

impl Vendor {
    /// What the vendor is called in the addresses of the login page; none when it has no page.
    fn page_name(self) -> Option<&'static str> {
        match self {
            Self::WechatMini => None,
            Self::WechatScan => Some("wechat"),
            Self::Wecom => Some("wecom"),
        }
    }

    /// Reads such a name.
    #[must_use]
    pub fn from_page_name(name: &str) -> Option<Self> {
        [Self::WechatScan, Self::Wecom]
            .into_iter()
            .find(|vendor| vendor.page_name() == Some(name))
    }
}

fn no_page() -> Error {
    Error::new(
        Kind::NotFound,
        "没有这种登录方式",
        "There is no such way to sign in here",
    )
}

fn stranger() -> Error {
    Error::new(
        Kind::Invalid,
        "登录已超时，或不是在这个浏览器中开始的，请重新登录",
        "The sign-in took too long, or was not begun in this browser. Please begin again",
    )
}

#[cfg(test)]
mod tests;
