//! Ways to send short messages.

use menshen_services::outside::{Asking, SmsSender};

/// Writes codes to the log instead of sending them. Only for development: `menshen serve` takes
/// it with `--dev` alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogSender;

impl SmsSender for LogSender {
    fn send<'a>(&'a self, phone: &'a str, code: &'a str) -> Asking<'a, ()> {
        tracing::info!(phone, code, "a code for a phone (development)");
        Box::pin(std::future::ready(Ok(())))
    }
}
