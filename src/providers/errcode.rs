//! How WeChat and WeCom answer: status 200 whatever happened, with `errcode` and `errmsg` when
//! it is no good (and, in some answers, with an `errcode` of 0 when it is).

use crate::outbound::{Answer, Vendor, quoted};
use menshen_domain::{Error, Kind, Result, Text};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The vendor refuses the code that the client brought: invalid, used, missing, expired, or its
/// bearer blocked for risk.
const CODE_REFUSED: [i64; 5] = [40029, 40163, 41008, 42003, 40226];
/// One person asks too often.
const PERSON_TOO_OFTEN: i64 = 45011;
/// The access token that we sent is invalid, not the latest, or expired.
const TOKEN_STALE: [i64; 3] = [40001, 40014, 42001];

/// A refusal, in the vendor's words.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: i64,
    message: String,
}

#[derive(Deserialize)]
struct Trouble {
    #[serde(default)]
    errcode: i64,
    #[serde(default)]
    errmsg: String,
}

/// Reads an answer: what it holds, or the vendor's refusal. Errors are for nonsense.
pub(crate) fn read<T: DeserializeOwned>(
    vendor: &Vendor,
    answer: Answer,
) -> Result<Result<T, Refusal>> {
    let answer = answer.succeeded(vendor)?;
    let trouble: Trouble = answer.json(vendor)?;
    if trouble.errcode == 0 {
        return answer.json(vendor).map(Ok);
    }
    Ok(Err(Refusal {
        code: trouble.errcode,
        message: trouble.errmsg,
    }))
}

impl Refusal {
    /// Whether another access token may be what is missing.
    pub(crate) fn is_stale_token(&self) -> bool {
        TOKEN_STALE.contains(&self.code)
    }

    fn said(&self, hidden: &[&str]) -> String {
        format!("{} {}", self.code, quoted(&self.message, hidden))
    }

    /// What the client is told when it brought a code.
    pub(crate) fn of_code(&self, vendor: &Vendor, hidden: &[&str]) -> Error {
        if CODE_REFUSED.contains(&self.code) {
            return bad_code(vendor, self.said(hidden));
        }
        if self.code == PERSON_TOO_OFTEN {
            let text = Text::fixed(
                "操作过于频繁，请稍后再试",
                "Too many tries. Please try again later",
            );
            return vendor.error(Kind::TooMany { retry_after: 60 }, text, self.said(hidden));
        }
        self.of_us(vendor, hidden)
    }

    /// Whether it is the code of the client that the vendor refuses: it looked at our credentials
    /// before, and found them good.
    pub(crate) fn is_of_code(&self) -> bool {
        CODE_REFUSED.contains(&self.code)
    }

    /// Which of our credentials the vendor refused, for whoever can mend it.
    pub(crate) fn of_credentials(&self, vendor: &Vendor, hidden: &[&str]) -> Error {
        let text = match self.code {
            40013 => Text::fixed(
                "应用编号（AppID 或企业 ID）无效",
                "The id of the application or corporation is not valid",
            ),
            40001 | 40125 => Text::fixed("密钥（Secret）不正确", "The secret is wrong"),
            40243 => Text::fixed("密钥（Secret）已被冻结", "The secret is frozen"),
            40164 | 60020 => Text::fixed(
                "本服务器的 IP 地址不在白名单中",
                "The address of this server is not among those that are allowed",
            ),
            _ => Text::fixed("凭据被拒绝", "The credentials were refused"),
        };
        vendor.error(Kind::Upstream, text, self.said(hidden))
    }

    /// What the client is told when the vendor refused us, not the client.
    pub(crate) fn of_us(&self, vendor: &Vendor, hidden: &[&str]) -> Error {
        vendor.unavailable(self.said(hidden))
    }
}

/// The code that the client brought opens nothing.
pub(crate) fn bad_code(vendor: &Vendor, said: impl AsRef<str>) -> Error {
    let text = Text::fixed(
        "授权码无效、已使用或已过期，请重新授权",
        "The code is invalid, used or expired. Please authorise again",
    );
    vendor.error(Kind::Credentials, text, said)
}

/// A code that can't be one is not worth a question.
///
/// # Errors
/// [`Kind::Credentials`].
pub(crate) fn check_code(vendor: &Vendor, code: &str) -> Result<()> {
    if (1..=512).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(bad_code(vendor, "no code, and not asked about"))
    }
}

/// A vendor's text about a person, made fit for a field: trimmed, without control characters, at
/// most `max` characters.
pub(crate) fn tidy(text: &str, max: usize) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.trim().chars().take(max).collect()
}

/// What is not empty.
pub(crate) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|t| !t.is_empty())
}
