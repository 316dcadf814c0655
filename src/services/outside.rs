//! The outside world: what the services ask of vendors. The clients are in `providers`.

use crate::files::FileStore;
use crate::settings::{Changes, Settings};
use menshen_domain::Result;
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What a vendor is waited for with. A vendor that can't be reached, or answers nonsense, is
/// [`menshen_domain::Kind::Upstream`].
pub type Asking<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A way to send a one-time code to a phone.
pub trait SmsSender: std::fmt::Debug + Send + Sync + 'static {
    /// Sends `code` to `phone`: digits, with a leading `+` and the country's code unless it is a
    /// number of mainland China. It is never sent twice; an error may come of a message that
    /// arrives all the same.
    ///
    /// A number that the vendor does not take is [`menshen_domain::Kind::Invalid`] on `phone`; one
    /// that it finds to have had enough is [`menshen_domain::Kind::TooMany`].
    fn send<'a>(&'a self, phone: &'a str, code: &'a str) -> Asking<'a, ()>;
}

/// Who a vendor says that somebody is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutsideIdentity {
    /// The vendor's application in which `subject` is good: an app id, or a corporation's id.
    pub app_id: String,
    /// The vendor's lasting id for the person: an openid, or a user id.
    pub subject: String,
    /// The id that several applications of one owner share, if the vendor tells it.
    pub union_id: Option<String>,
    /// A name to greet her with, at most 50 characters; empty when the vendor tells none.
    pub name: String,
    /// The address of a picture; empty when the vendor tells none.
    pub avatar: String,
    /// A phone number that the vendor itself vouches for: digits alone for one of mainland China,
    /// others with `+` and the country's code.
    pub phone: Option<String>,
}

/// A vendor that tells who somebody is.
pub trait IdentityProvider: std::fmt::Debug + Send + Sync + 'static {
    /// Exchanges the one-use `code` that the vendor gave the client. `phone_code` is the second
    /// one, for a phone number, where the vendor has such a thing.
    ///
    /// A code that the vendor refuses is [`menshen_domain::Kind::Credentials`]; it counts as used
    /// up whatever went wrong. A vendor without phone codes takes no notice of one.
    fn identify<'a>(
        &'a self,
        code: &'a str,
        phone_code: Option<&'a str>,
    ) -> Asking<'a, OutsideIdentity>;

    /// The vendor's own page where a browser is let in. From there it comes back to `redirect`
    /// with a code and with `state` as it was. None for a vendor without such a page, or while
    /// what it takes is not set.
    fn page(&self, redirect: &str, state: &str) -> Option<String> {
        let _ = (redirect, state);
        None
    }
    /// Asks the vendor whether our credentials are good, with nobody to identify.
    ///
    /// Anything but a yes is [`menshen_domain::Kind::Upstream`], whose text says which of the
    /// settings the vendor refused, and whose source is what the vendor said.
    fn probe(&self) -> Asking<'_, ()>;
}

/// What a setting is in the configuration: the file, the environment, the flags, and what is so
/// without them.
#[derive(Debug, Clone, Default)]
pub struct Configured {
    /// Its value; `null` for a secret.
    pub value: Value,
    /// Whether it has one.
    pub is_set: bool,
    /// What sets it explicitly, and so for good: a file, a variable or a flag. `None` when it is
    /// open to change.
    pub origin: Option<String>,
}

/// What an [`Outfit`] makes of settings.
#[derive(Debug)]
pub struct Fitted {
    /// The settings that rules go by.
    pub settings: Settings,
    /// The vendors that they name.
    pub outside: Outside,
}

/// Makes settings and vendors anew when settings are changed. The composition root owns one: it
/// alone knows all settings and all vendors.
pub trait Outfit: std::fmt::Debug + Send + Sync + 'static {
    /// What the configuration says of each setting, by its name.
    fn configured(&self) -> &BTreeMap<String, Configured>;

    /// The configuration with `changes` over it, checked as a whole.
    ///
    /// # Errors
    /// A sentence that names a setting with which the program would not start.
    fn fit(&self, changes: &Changes) -> std::result::Result<Fitted, String>;
}

/// The vendors that the settings name; `None` for what is not set up.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// Sends short messages.
    pub sms: Option<Arc<dyn SmsSender>>,
    /// WeChat mini-programs (`min`, `mini`).
    pub wechat_mini: Option<Arc<dyn IdentityProvider>>,
    /// Scanning a code with WeChat (`wc`).
    pub wechat_scan: Option<Arc<dyn IdentityProvider>>,
    /// WeCom (`qw`, `work`).
    pub wecom: Option<Arc<dyn IdentityProvider>>,
    /// The address that browsers use for this server, to which vendors lead them back.
    pub public_url: Option<String>,
    /// Keeps uploaded files.
    pub files: Option<Arc<dyn FileStore>>,
}
