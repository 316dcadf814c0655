//! Ways to send short messages.

mod aliyun;
mod gateway;
mod tencent;

pub use aliyun::AliyunSender;
pub use gateway::GatewaySender;
pub use tencent::TencentSender;

use crate::outbound::Vendor;
use menshen_domain::{Error, Kind, Text};
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

const UNAVAILABLE: Text = Text::fixed(
    "短信服务暂时不可用，请稍后再试",
    "Text messages can't be sent for the moment. Please try again later",
);

/// The vendor finds that this number has had enough messages for `seconds`.
fn too_many(vendor: &Vendor, seconds: u64, said: impl AsRef<str>) -> Error {
    let text = Text::fixed(
        "向该号码发送短信过于频繁，请稍后再试",
        "Too many messages to this number. Please try again later",
    );
    let kind = Kind::TooMany {
        retry_after: seconds,
    };
    vendor.error(kind, text, said)
}

/// The vendor does not take this number.
fn bad_phone(vendor: &Vendor, text: Text, said: impl AsRef<str>) -> Error {
    Error {
        source: Some(vendor.source(said)),
        ..Error::field("phone", text)
    }
}

const NO_SUCH_NUMBER: Text = Text::fixed(
    "应为能接收短信的手机号码",
    "must be a mobile number that can receive text messages",
);

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
