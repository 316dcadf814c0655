//! Whose shape an answer has. Three documents live beside the canonical API under paths of their
//! own; every error under such a path has that document's shape, whoever refuses: a guard, a
//! body that can't be read, an address that is not there.

use crate::context::RequestContext;
use crate::endpoint::{SchemaFn, schema_of};
use crate::error::ApiError;
use crate::view;
use axum::http::StatusCode;
use menshen_domain::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Which document a path belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Documents A and C, and what Menshen adds.
    Canonical,
    /// Document B: `/signin` and `/tokens/*`.
    SignIn,
    /// Document D: `/api/auth/*`.
    Account,
    /// Document E: everything else under `/api`.
    MultiLogin,
    /// Document E's `/api/login_user`, whose answers say whether it went well.
    LoginUser,
    /// Document E's `/api/register`, whose answers have an envelope of their own.
    Register,
}

impl Family {
    /// The family that `path` belongs to.
    pub(crate) fn of(path: &str) -> Self {
        let under = |root: &str| {
            path.strip_prefix(root)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if under("/signin") || under("/tokens") {
            Self::SignIn
        } else if under("/api/auth") {
            Self::Account
        } else if path == "/api/register" {
            Self::Register
        } else if path == "/api/login_user" {
            Self::LoginUser
        } else if under("/api") {
            Self::MultiLogin
        } else {
            Self::Canonical
        }
    }

    /// The status of an error. Document D knows 403 alone for who may not come in, a wrong captcha
    /// included.
    pub(crate) fn status(self, error: &ApiError) -> StatusCode {
        let turned_away =
            error.status == StatusCode::UNAUTHORIZED || error.error.kind == Kind::Captcha;
        match self {
            Self::Account if turned_away => StatusCode::FORBIDDEN,
            _ => error.status,
        }
    }

    /// The schema of its errors.
    pub(crate) fn schema(self) -> SchemaFn {
        match self {
            Self::Canonical => schema_of::<view::Failure>,
            Self::SignIn => schema_of::<SignInFailure>,
            Self::Account => schema_of::<AccountFailure>,
            Self::MultiLogin => schema_of::<MultiLoginFailure>,
            Self::LoginUser => schema_of::<LoginUserFailure>,
            Self::Register => schema_of::<Registered>,
        }
    }

    /// The body of an error, in the client's language.
    pub(crate) fn body(self, error: &ApiError, context: &RequestContext) -> Value {
        let status = self.status(error);
        let code = status.as_u16();
        let message = error.error.message(context.client.lang).to_owned();
        let due = Due::of(&error.error.kind);
        let body = match self {
            Self::Canonical => Ok(error.canonical(context)),
            Self::MultiLogin => serde_json::to_value(MultiLoginFailure { code, message, due }),
            Self::SignIn => serde_json::to_value(SignInFailure {
                code,
                msg: message,
                due,
            }),
            Self::Account => serde_json::to_value(AccountFailure {
                code,
                msg: status.canonical_reason().unwrap_or_default(),
                data: Reason {
                    reason: message,
                    due,
                },
            }),
            Self::LoginUser => serde_json::to_value(LoginUserFailure {
                success: false,
                data: None,
                code,
                error_code: code.to_string(),
                error_message: message.clone(),
                message,
                show_type: SHOW_ERROR,
            }),
            Self::Register => serde_json::to_value(Registered {
                success: false,
                error_code: code.to_string(),
                error_message: message,
                show_type: SHOW_ERROR,
                ..Registered::of(context)
            }),
        };
        body.unwrap_or_default()
    }
}

/// What a client must do before it tries again.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Due {
    /// `true` when a captcha must be solved first.
    #[serde(skip_serializing_if = "Option::is_none")]
    captcha_required: Option<bool>,
    /// `true` when the password was right and a second factor is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    otp_required: Option<bool>,
    /// What finishes the sign-in at `POST /auth/otp`, together with the second factor's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    otp_ticket: Option<String>,
}

impl Due {
    fn of(kind: &Kind) -> Self {
        match kind {
            Kind::CaptchaRequired => Self {
                captcha_required: Some(true),
                ..Self::default()
            },
            Kind::OtpRequired { ticket } => Self {
                otp_required: Some(true),
                otp_ticket: Some(ticket.clone()),
                ..Self::default()
            },
            _ => Self::default(),
        }
    }
}

/// An error of document B.
#[derive(Debug, Serialize, JsonSchema)]
struct SignInFailure {
    /// The HTTP status.
    code: u16,
    /// What went wrong, for people.
    msg: String,
    #[serde(flatten)]
    due: Due,
}

/// An error of document D.
#[derive(Debug, Serialize, JsonSchema)]
struct AccountFailure {
    /// The HTTP status.
    code: u16,
    /// What HTTP calls that status.
    msg: &'static str,
    /// More about it.
    data: Reason,
}

/// Why something was refused.
#[derive(Debug, Serialize, JsonSchema)]
struct Reason {
    /// What went wrong, for people.
    reason: String,
    #[serde(flatten)]
    due: Due,
}

/// An error of document E.
#[derive(Debug, Serialize, JsonSchema)]
struct MultiLoginFailure {
    /// The HTTP status.
    code: u16,
    /// What went wrong, for people.
    message: String,
    #[serde(flatten)]
    due: Due,
}

/// An error of document E's `/api/login_user`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LoginUserFailure {
    /// Always `false`.
    success: bool,
    /// Nobody: always `null`.
    data: Option<()>,
    /// The HTTP status.
    code: u16,
    /// What went wrong, for people.
    message: String,
    /// The HTTP status.
    error_code: String,
    /// The same as `message`.
    error_message: String,
    /// 2.
    show_type: u8,
}

/// How a client of document E shows an error: as a message.
const SHOW_ERROR: u8 = 2;

/// The answer of document E's `/api/register`, good or bad.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Registered {
    /// Whether there is a new account.
    success: bool,
    /// What happened, for people; empty for an error.
    data: String,
    /// Always 0.
    total: u32,
    /// Always 0.
    current: u32,
    /// Always 0.
    page_size: u32,
    /// The HTTP status of an error.
    error_code: String,
    /// What went wrong, for people.
    error_message: String,
    /// 2 for an error.
    show_type: u8,
    /// The request's id, as in `X-Request-Id`.
    trace_id: String,
    /// The host that was asked.
    host: String,
}

impl Registered {
    /// There is a new account; `data` says so.
    pub(crate) fn good(context: &RequestContext, data: String) -> Self {
        Self {
            success: true,
            data,
            ..Self::of(context)
        }
    }

    /// An answer to this request that says nothing yet.
    fn of(context: &RequestContext) -> Self {
        Self {
            trace_id: context.client.request_id.clone(),
            host: context.host.clone(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_one_family() {
        for (path, family) in [
            ("/signin", Family::SignIn),
            ("/signing", Family::Canonical),
            ("/tokens/renew_access", Family::SignIn),
            ("/tokens/nothing", Family::SignIn),
            ("/api/auth/login", Family::Account),
            ("/api/auth", Family::Account),
            ("/api/authority", Family::MultiLogin),
            ("/api/login", Family::MultiLogin),
            ("/api/nothing", Family::MultiLogin),
            ("/api", Family::MultiLogin),
            ("/apiary", Family::Canonical),
            ("/api/login_user", Family::LoginUser),
            ("/api/register", Family::Register),
            ("/auth/login", Family::Canonical),
            ("/", Family::Canonical),
        ] {
            assert_eq!(Family::of(path), family, "{path}");
        }
    }
}
