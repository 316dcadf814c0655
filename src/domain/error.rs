//! One error type with typed kinds; the REST face and the admin UI each map it once.

use crate::text::{Lang, Text};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// The result of everything that can fail for a reason that somebody is told.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong. It decides the HTTP status and what a client can do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The input is wrong; `fields` says where (400).
    Invalid,
    /// The captcha is wrong, used or expired (400).
    Captcha,
    /// Name or password wrong, user unknown or disabled: deliberately one kind (401).
    Credentials,
    /// A captcha must be solved before this login is looked at (401).
    CaptchaRequired,
    /// The password was right; a second factor is due (401).
    OtpRequired {
        /// What finishes the sign-in together with the second factor's code: one use, 5 minutes.
        ticket: String,
    },
    /// The access token is missing, malformed, expired or revoked (401).
    Token,
    /// The caller lacks permissions; they are named (403).
    Forbidden {
        /// The permission codes that would be needed.
        missing: Vec<String>,
    },
    /// Signed in, but locked out of use: disabled, or a password change is due (403).
    Locked,
    /// No such thing (404).
    NotFound,
    /// It clashes with what is there (409).
    Conflict,
    /// The content is larger than is taken (413).
    TooLarge,
    /// The content is of a kind that is not taken (415).
    Unsupported,
    /// Too many tries (429).
    TooMany {
        /// Seconds until another try is worth it.
        retry_after: u64,
    },
    /// A vendor that we depend on failed or refused us (502).
    Upstream,
    /// Overloaded for the moment (503).
    Busy {
        /// Seconds until another try is worth it.
        retry_after: u64,
    },
    /// A fault of ours; the details are in the log only (500).
    Internal,
}

/// What is wrong with one field of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name as the client sent it, in camelCase.
    pub field: Cow<'static, str>,
    /// What is wrong and what would be right.
    pub text: Text,
}

/// An error with its kind, its text for people and, for bad input, the fields at fault.
#[derive(Debug)]
pub struct Error {
    /// What kind of error.
    pub kind: Kind,
    /// What the person is told.
    pub text: Text,
    /// The fields at fault.
    pub fields: Vec<FieldError>,
    /// What really happened, for the log alone.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind` with a text in both languages.
    pub fn new(
        kind: Kind,
        zh: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            kind,
            text: Text::new(zh, en),
            fields: Vec::new(),
            source: None,
        }
    }

    /// Bad input in one field.
    pub fn field(field: impl Into<Cow<'static, str>>, text: Text) -> Self {
        Self::fields(vec![FieldError {
            field: field.into(),
            text,
        }])
    }

    /// Bad input in several fields; the first one's text is the message as a whole.
    #[must_use]
    pub fn fields(fields: Vec<FieldError>) -> Self {
        let text = fields.first().map_or_else(
            || Text::fixed("请求内容有误", "The request is not valid"),
            |first| {
                Text::new(
                    format!("{}：{}", first.field, first.text.zh),
                    format!("{}: {}", first.field, first.text.en),
                )
            },
        );
        Self {
            kind: Kind::Invalid,
            text,
            fields,
            source: None,
        }
    }

    /// The caller lacks `missing`.
    pub fn forbidden(missing: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let missing: Vec<String> = missing.into_iter().map(Into::into).collect();
        let list = missing.join(", ");
        Self::new(
            Kind::Forbidden { missing },
            format!("没有权限：{list}"),
            format!("Permission missing: {list}"),
        )
    }

    /// The access token is no good. The wording is the contract's, in every language.
    #[must_use]
    pub fn token() -> Self {
        Self::new(
            Kind::Token,
            "Invalid access token.",
            "Invalid access token.",
        )
    }

    /// Something of ours failed; `source` goes to the log, never to the client.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(
                Kind::Internal,
                "服务器内部错误，请稍后再试",
                "Something went wrong on our side. Please try again later",
            )
        }
    }

    /// The message in `lang`.
    #[must_use]
    pub fn message(&self, lang: Lang) -> &str {
        self.text.get(lang)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.text.en)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// Gathers what is wrong with several fields, so that a form learns all of it at once.
#[derive(Debug, Default)]
pub struct Problems(Vec<FieldError>);

impl Problems {
    /// Keeps a field's value, or notes what is wrong with it.
    pub fn take<T>(&mut self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.0.extend(error.fields);
                None
            }
        }
    }

    /// Notes that `field` is wrong.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, text: Text) {
        self.0.push(FieldError {
            field: field.into(),
            text,
        });
    }

    /// # Errors
    /// [`Kind::Invalid`] with every noted field, when there is one.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::fields(self.0))
        }
    }
}
