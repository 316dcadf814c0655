//! Sending short messages: what the services ask of a gateway. The gateways are in `providers`.

use menshen_domain::Result;
use std::future::Future;
use std::pin::Pin;

/// What [`SmsSender::send`] returns.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// A way to send a one-time code to a phone.
pub trait SmsSender: std::fmt::Debug + Send + Sync + 'static {
    /// Sends `code` to `phone`.
    fn send<'a>(&'a self, phone: &'a str, code: &'a str) -> Sending<'a>;
}
