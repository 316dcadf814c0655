//! Errors as clients see them. The one place where a kind of error becomes a status.
//!
//! A handler returns [`ApiError`]; it travels in the response's extensions to the outermost layer
//! (`layers`), which knows the language and the request id, tells by the path whose shape the
//! answer must have (`Family`), and writes the body.

use crate::context::RequestContext;
use crate::family::Family;
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use menshen_domain::file::size_text;
use menshen_domain::{Error, Kind};
use serde_json::{Value, json};
use std::sync::Arc;

/// An error on its way to the client.
#[derive(Debug, Clone)]
pub struct ApiError {
    pub(crate) error: Arc<Error>,
    pub(crate) status: StatusCode,
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let status = match &error.kind {
            Kind::Invalid | Kind::Captcha => StatusCode::BAD_REQUEST,
            Kind::Credentials | Kind::CaptchaRequired | Kind::OtpRequired { .. } | Kind::Token => {
                StatusCode::UNAUTHORIZED
            }
            Kind::Forbidden { .. } | Kind::Locked => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Kind::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Kind::Upstream => StatusCode::BAD_GATEWAY,
            Kind::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self {
            error: Arc::new(error),
            status,
        }
    }
}

impl ApiError {
    /// An error whose status is not its kind's: what HTTP itself refuses.
    pub(crate) fn with_status(status: StatusCode, zh: &'static str, en: &'static str) -> Self {
        Self {
            error: Arc::new(Error::new(Kind::Invalid, zh, en)),
            status,
        }
    }

    pub(crate) fn not_found() -> Self {
        Self::with_status(
            StatusCode::NOT_FOUND,
            "没有这个地址",
            "There is nothing at this address",
        )
    }

    pub(crate) fn method() -> Self {
        Self::with_status(
            StatusCode::METHOD_NOT_ALLOWED,
            "该地址不支持这种请求方法",
            "This address does not take this method",
        )
    }

    /// The body has more than `max` bytes.
    pub(crate) fn too_large(max: usize) -> Self {
        let size = size_text(max);
        let zh = format!("请求内容超过 {size}");
        let en = format!("The body is larger than {size}");
        Error::new(Kind::TooLarge, zh, en).into()
    }

    pub(crate) fn broken_off() -> Self {
        Self::with_status(
            StatusCode::BAD_REQUEST,
            "请求内容不完整",
            "The body broke off before its end",
        )
    }

    pub(crate) fn timeout() -> Self {
        Self::with_status(
            StatusCode::REQUEST_TIMEOUT,
            "请求内容没有及时到达",
            "The body did not arrive in time",
        )
    }

    /// A page of another site makes a browser change something here.
    pub(crate) fn foreign() -> Self {
        let kind = Kind::Forbidden {
            missing: Vec::new(),
        };
        Error::new(
            kind,
            "不接受来自其他网站的请求",
            "A request from another site is not taken",
        )
        .into()
    }

    /// The response whole, in the client's language and in the shape of `family`.
    pub(crate) fn render(&self, context: &RequestContext, family: Family) -> Response<Body> {
        let status = family.status(self);
        let mut response = (status, axum::Json(family.body(self, context))).into_response();
        self.add_headers(&mut response, context);
        response
    }

    /// The canonical body.
    pub(crate) fn canonical(&self, context: &RequestContext) -> Value {
        let message = self.error.message(context.client.lang);
        let mut body = json!({
            "code": self.status.as_u16(),
            "msg": message,
            "message": message,
            "data": null,
        });
        if !self.error.fields.is_empty() {
            body["errors"] = self
                .error
                .fields
                .iter()
                .map(|f| json!({ "field": f.field, "message": f.text.get(context.client.lang) }))
                .collect();
        }
        if self.error.kind == Kind::CaptchaRequired {
            body["captchaRequired"] = Value::Bool(true);
        }
        if let Kind::OtpRequired { ticket } = &self.error.kind {
            body["otpRequired"] = Value::Bool(true);
            body["otpTicket"] = Value::String(ticket.clone());
        }
        body
    }

    fn add_headers(&self, response: &mut Response<Body>, context: &RequestContext) {
        let headers = response.headers_mut();
        let mut set = |name, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        };
        // RFC 6750, section 3; whoever shows no token hears of no error (3.1).
        match &self.error.kind {
            Kind::Token if context.bearer => set(
                header::WWW_AUTHENTICATE,
                r#"Bearer realm="menshen", error="invalid_token""#.to_owned(),
            ),
            Kind::Token | Kind::Credentials | Kind::CaptchaRequired | Kind::OtpRequired { .. } => {
                set(
                    header::WWW_AUTHENTICATE,
                    r#"Bearer realm="menshen""#.to_owned(),
                );
            }
            Kind::Forbidden { missing } if !missing.is_empty() => set(
                header::WWW_AUTHENTICATE,
                format!(
                    r#"Bearer realm="menshen", error="insufficient_scope", scope="{}""#,
                    missing.join(" ")
                ),
            ),
            Kind::TooMany { retry_after } | Kind::Busy { retry_after } => {
                set(header::RETRY_AFTER, retry_after.to_string());
            }
            _ => {}
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response<Body> {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
