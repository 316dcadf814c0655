//! `POST /auth/introspect`: what a token is worth (RFC 7662).

use crate::error::ApiError;
use crate::extract::{FormBody, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use menshen_domain::{Error, Text, catalogue};
use menshen_services::introspection::Active;
use schemars::JsonSchema;
use serde::Serialize;

/// The form: `application/x-www-form-urlencoded`.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "it describes the form")]
struct IntrospectReq {
    /// The access token or refresh token in question.
    #[schemars(length(min = 1))]
    token: String,
    /// `access_token` or `refresh_token`; it is found out without.
    token_type_hint: Option<String>,
    /// The client's name, unless it is in `Authorization: Basic`.
    client_id: Option<String>,
    /// Its secret.
    client_secret: Option<String>,
}

/// What the token is worth (RFC 7662, section 2.2). When it is not active, nothing else is told.
#[derive(Debug, Serialize, JsonSchema)]
struct IntrospectResp {
    active: bool,
    #[serde(flatten)]
    about: Option<About>,
}

/// What an active token says.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct About {
    /// The permission patterns held and every known code that they cover, by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    username: String,
    /// `Bearer` for an access token, `refresh_token` for a refresh token, which opens nothing.
    token_type: &'static str,
    exp: i64,
    iat: i64,
    nbf: i64,
    sub: String,
    aud: String,
    iss: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    /// The session.
    sid: String,
    /// The user's id as a number.
    uid: i64,
    /// The keys of the active roles held.
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<String>>,
}

impl From<Active> for About {
    fn from(active: Active) -> Self {
        match active {
            Active::Access(claims, caller) => Self {
                scope: Some(caller.me().permissions.join(" ")),
                username: caller.username().to_owned(),
                token_type: "Bearer",
                exp: claims.exp,
                iat: claims.iat,
                nbf: claims.nbf,
                sub: claims.sub.clone(),
                aud: claims.aud.clone(),
                iss: claims.iss.clone(),
                jti: Some(claims.jti.clone()),
                sid: claims.sid.clone(),
                uid: claims.uid,
                roles: Some(caller.role_keys().to_vec()),
            },
            Active::Refresh(token) => Self {
                username: token.username,
                token_type: "refresh_token",
                exp: token.expires_at.seconds(),
                iat: token.issued_at.seconds(),
                nbf: token.issued_at.seconds(),
                sub: token.user_id.to_string(),
                aud: token.audience,
                iss: token.issuer,
                sid: token.session_id.0,
                uid: token.user_id.0,
                ..Self::default()
            },
        }
    }
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::POST,
        "/auth/introspect",
        Access::ClientOr(catalogue::SESSION_LIST),
        Text::fixed("令牌内省（RFC 7662）", "Introspect a token (RFC 7662)"),
        handle,
    )
    .tag("Menshen")
    .takes_as::<IntrospectReq>("application/x-www-form-urlencoded")
    .credentials(&[&["basic"], &["bearer"]])
    .gives::<IntrospectResp>(200, "What the token is worth")
    .fails(400, "There is no token in the form")
    .fails(401, "The client is not known, or its secret is wrong")
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    caller: Option<SignedIn>,
    headers: HeaderMap,
    form: FormBody,
) -> Response {
    match introspect(&api, &context, caller, &headers, &form).await {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => {
            let basic = error.status == axum::http::StatusCode::UNAUTHORIZED;
            let mut response = error.into_response();
            if basic {
                response.headers_mut().append(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static(r#"Basic realm="menshen""#),
                );
            }
            response
        }
    }
}

async fn introspect(
    api: &Api,
    context: &RequestContext,
    caller: Option<SignedIn>,
    headers: &HeaderMap,
    form: &FormBody,
) -> Result<IntrospectResp, ApiError> {
    let shown = credentials(headers, form);
    let known =
        |(id, secret): &(String, String)| api.services.introspection.knows_client(id, secret);
    match caller {
        _ if shown.iter().any(known) => {}
        Some(SignedIn(caller)) if shown.is_empty() => caller.require(catalogue::SESSION_LIST)?,
        _ => return Err(Error::token().into()),
    }
    let token = form.text("token").ok_or_else(|| {
        Error::field(
            "token",
            Text::fixed("请给出要检查的令牌", "give the token in question"),
        )
    })?;
    let found = api.services.introspection.of(&token, &context.client);
    let found = found.await?;
    Ok(IntrospectResp {
        active: found.is_some(),
        about: found.map(About::from),
    })
}

/// The client's name and secret, in each way in which they can be meant: from the form, or from
/// `Authorization: Basic`, where some send them as they are, and others form-encoded first, as
/// RFC 6749 (section 2.3.1) has it.
fn credentials(headers: &HeaderMap, form: &FormBody) -> Vec<(String, String)> {
    if let Some((id, secret)) = basic(headers) {
        let encoded = (decoded(&id), decoded(&secret));
        return vec![(id, secret), encoded];
    }
    let in_form = form.text("client_id").zip(form.text("client_secret"));
    in_form.into_iter().collect()
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// A form-encoded text.
fn decoded(text: &str) -> String {
    let pairs = serde_html_form::from_str::<Vec<(String, String)>>(&format!("x={text}"));
    match pairs.unwrap_or_default().as_slice() {
        [(_, value)] => value.clone(),
        _ => text.to_owned(),
    }
}
