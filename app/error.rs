//! The error of every server function: the domain's error as it travels to the browser.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use menshen_domain::{FieldError, Kind, Text};
use serde::{Deserialize, Serialize};

/// What a server function answers when it refuses or fails. It holds nothing that the person may
/// not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AppError {
    pub kind: Kind,
    pub text: Text,
    pub fields: Vec<FieldError>,
    /// Finds the request in the server's log; empty when it never reached the server.
    pub request_id: Box<str>,
}

impl AppError {
    /// The request got no answer.
    pub(crate) fn unreachable() -> Self {
        Self::ours(Text::fixed(
            "连接不上服务器，请检查网络后再试",
            "The server can't be reached. Check the connection and try again",
        ))
    }

    /// The answer was not one of ours: a proxy's, or that of another version.
    pub(crate) fn unreadable() -> Self {
        Self::ours(Text::fixed(
            "服务器的回答无法识别，请刷新页面后再试",
            "The server's answer made no sense. Reload the page and try again",
        ))
    }

    /// What is found wrong before anything is sent, by the rules that the server goes by.
    pub(crate) fn found(error: menshen_domain::Error) -> Self {
        Self {
            kind: error.kind,
            text: error.text,
            fields: error.fields,
            request_id: Box::default(),
        }
    }

    /// The browser gave no passkey: it was cancelled, took too long, or there is none.
    pub(crate) fn no_passkey() -> Self {
        Self::ours(Text::fixed(
            "没有使用通行密钥，请重试，或改用密码登录",
            "No passkey was used. Try again, or use your password",
        ))
    }

    fn ours(text: Text) -> Self {
        Self {
            kind: Kind::Internal,
            text,
            fields: Vec::new(),
            request_id: Box::default(),
        }
    }

    /// The request's id, for whoever is asked for help; none where what was typed is to be put
    /// right, which needs nobody's.
    pub(crate) fn reference(&self) -> Option<String> {
        let own = matches!(
            self.kind,
            Kind::Invalid
                | Kind::Captcha
                | Kind::CaptchaRequired
                | Kind::Credentials
                | Kind::OtpRequired { .. }
        );
        (!own && !self.request_id.is_empty()).then(|| self.request_id.to_string())
    }

    /// What is wrong with `field`.
    pub(crate) fn field(&self, field: &str) -> Option<&Text> {
        self.fields
            .iter()
            .find(|f| f.field == field)
            .map(|f| &f.text)
    }

    /// Whether the error is about none of a form's fields, so that the form as a whole shows it.
    pub(crate) fn is_general(&self, shown: &[&str]) -> bool {
        !self
            .fields
            .iter()
            .any(|f| shown.contains(&f.field.as_ref()))
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    #[cfg(feature = "ssr")]
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        crate::server::answer::refuse(&error)
    }

    #[cfg(not(feature = "ssr"))]
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::unreadable()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_needs_help_is_told_which_request_it_was() {
        let told = |kind: Kind| {
            let error = AppError {
                request_id: "r-1".into(),
                kind,
                ..AppError::unreadable()
            };
            error.reference().is_some()
        };
        let missing = Vec::new();
        assert!(told(Kind::Forbidden { missing }) && told(Kind::Conflict));
        assert!(told(Kind::TooMany { retry_after: 1 }) && told(Kind::Upstream));
        assert!(told(Kind::Internal) && told(Kind::NotFound));
        assert!(!told(Kind::Invalid) && !told(Kind::Credentials) && !told(Kind::Captcha));
        assert_eq!(AppError::unreachable().reference(), None);
    }
}
