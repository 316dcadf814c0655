//! How server functions answer: the one place where the domain's errors become the admin UI's,
//! and where forms sent without JavaScript get their redirect and their message.

use super::{Sent, accepts_html, cookies, guard, status};
use crate::boot::{Flash, UNDO, Undo};
use crate::error::AppError;
use crate::i18n::{Texts, texts};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use leptos::prelude::use_context;
use leptos::server_fn::error::ServerFnErrorErr;
use leptos_axum::ResponseOptions;
use menshen_domain::{Error, Kind, Text};
use menshen_services::{Client, Identity};

/// A cookie holds about 4,000 bytes; a longer form is not sent back, nor one that takes something
/// back.
const MAX_FLASH: usize = 3500;

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        let request_id = guard::parts()
            .and_then(|p| p.extensions.get::<Client>().map(|c| c.request_id.clone()))
            .unwrap_or_default();
        if error.kind == Kind::Internal {
            tracing::error!(%request_id, %error, "a server function failed");
        }
        let code = match &error.kind {
            Kind::Invalid | Kind::Captcha => StatusCode::BAD_REQUEST,
            Kind::Credentials | Kind::CaptchaRequired | Kind::OtpRequired { .. } | Kind::Token => {
                StatusCode::UNAUTHORIZED
            }
            Kind::Forbidden { .. } | Kind::Locked => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Kind::Upstream => StatusCode::BAD_GATEWAY,
            Kind::TooMany { retry_after } => {
                wait(*retry_after);
                StatusCode::TOO_MANY_REQUESTS
            }
            Kind::Busy { retry_after } => {
                wait(*retry_after);
                StatusCode::SERVICE_UNAVAILABLE
            }
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        status(code);
        let error = Self {
            kind: error.kind,
            text: error.text,
            fields: error.fields,
            request_id: request_id.into(),
        };
        failed(&error);
        error
    }
}

fn wait(seconds: u64) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// The request itself could not be read: that is the sender's fault, not ours.
pub(crate) fn refuse(error: &ServerFnErrorErr) -> AppError {
    match error {
        ServerFnErrorErr::Args(_)
        | ServerFnErrorErr::MissingArg(_)
        | ServerFnErrorErr::Deserialization(_)
        | ServerFnErrorErr::Request(_) => {
            Error::new(Kind::Invalid, "请求内容有误", "The request is not valid").into()
        }
        other => Error::internal(other.to_string()).into(),
    }
}

/// Whether a plain form was sent, which wants a page for an answer.
fn plain_form() -> Option<Parts> {
    guard::parts().filter(|p| p.method == Method::POST && accepts_html(&p.headers))
}

/// Leads a plain form on to `to`; does nothing for a call by JavaScript.
pub(crate) fn go(to: &str) {
    if plain_form().is_some()
        && let (Some(response), Ok(to)) =
            (use_context::<ResponseOptions>(), HeaderValue::from_str(to))
    {
        response.insert_header(header::LOCATION, to);
        response.set_status(StatusCode::SEE_OTHER);
    }
}

/// Leads a plain form on to `to`, where `notice` is shown.
pub(crate) fn done(to: &str, notice: impl FnOnce(&Texts) -> String) {
    done_with(to, notice, None);
}

/// The same, with `undo` offered beside it.
pub(crate) fn done_with(to: &str, notice: impl FnOnce(&Texts) -> String, undo: Option<&Undo>) {
    if let Some(parts) = plain_form() {
        offer(notice(texts(super::lang(&parts))), undo);
        go(to);
    }
}

/// `text` in the language of the page.
pub(crate) fn say(text: &Text) -> String {
    let lang = guard::parts().map(|parts| super::lang(&parts));
    text.get(lang.unwrap_or_default()).to_owned()
}

/// Leads a plain form back to the page that it stood on, without the question that it answered
/// there; `notice` is shown, and `undo` offered with it.
pub(crate) fn stay(notice: impl FnOnce(&Texts) -> String, undo: Option<&Undo>) {
    if let Some(parts) = plain_form() {
        done_with(&without(QUESTION, &back(&parts)), notice, undo);
    }
}

/// Leads a plain form on to the list `list` as it was left, whether the form stood on the list
/// itself or on a page over it; `notice` is shown.
pub(crate) fn to_list(list: &str, notice: impl FnOnce(&Texts) -> String) {
    if let Some(parts) = plain_form() {
        offer(notice(texts(super::lang(&parts))), None);
        go(&list_of(list, &back(&parts)));
    }
}

/// Has the next page show `notice`, and offer to take back what it tells of.
fn offer(notice: String, undo: Option<&Undo>) {
    let mut flash = Flash {
        notice: Some(notice),
        undo: undo.cloned(),
        ..Flash::default()
    };
    // Sealed, it takes a third more.
    if encode(&flash).len() > MAX_FLASH * 3 / 4 {
        flash.undo = None;
    }
    send(&flash);
}

/// What a question adds to an address. A browser writes the brackets of its own forms as
/// `%5B%5D`.
const QUESTION: &[&str] = &["ask", "ids", "ids[]", "ids%5B%5D", "sid"];

/// The list `list` with the state that `address` gives it, if that is its own or that of a page
/// over it.
fn list_of(list: &str, address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let over = path
        .strip_prefix(list)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if over && !query.is_empty() {
        without(&["tab"], &without(QUESTION, &format!("{list}?{query}")))
    } else {
        list.to_owned()
    }
}

/// An address without the parameters `names`.
fn without(names: &[&str], address: &str) -> String {
    let Some((path, query)) = address.split_once('?') else {
        return address.to_owned();
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !names.contains(&name)
        })
        .collect();
    if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", kept.join("&"))
    }
}

/// Has the next page show `notice`.
pub(crate) fn tell(notice: impl FnOnce(&Texts) -> String) {
    let lang = guard::parts().map(|parts| super::lang(&parts));
    offer(notice(texts(lang.unwrap_or_default())), None);
}

/// Leads a plain form back to its page, where `notice` is shown, and `secret` once.
pub(crate) fn reveal_saying(endpoint: &str, secret: &str, notice: impl FnOnce(&Texts) -> String) {
    if let Some(parts) = plain_form() {
        send(&Flash {
            endpoint: endpoint.to_owned(),
            secret: Some(secret.to_owned()),
            notice: Some(notice(texts(super::lang(&parts)))),
            ..Flash::default()
        });
        go(&back(&parts));
    }
}

/// Leads a plain form back to its page for the next step, which knows `fields` of this one.
pub(crate) fn step(endpoint: &str, fields: &[(&str, &str)]) {
    if let Some(parts) = plain_form() {
        send(&Flash {
            endpoint: endpoint.to_owned(),
            form: fields
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            ..Flash::default()
        });
        go(&back(&parts));
    }
}

/// Leads a plain form back to its page, where `secret` is shown once.
pub(crate) fn reveal(endpoint: &str, secret: &str) {
    if let Some(parts) = plain_form() {
        send(&Flash {
            endpoint: endpoint.to_owned(),
            secret: Some(secret.to_owned()),
            ..Flash::default()
        });
        go(&back(&parts));
    }
}

/// Leads a plain form that was refused back to its page, which shows why and what was typed.
fn failed(error: &AppError) {
    let Some(parts) = plain_form() else { return };
    let form = parts.extensions.get::<Sent>();
    let form = form.map(|sent| fields(&sent.0)).unwrap_or_default();
    // What takes something back is no form of the page, which must not take its error for its own.
    let endpoint = match form.iter().any(|(name, _)| name == UNDO) {
        true => UNDO,
        false => parts.uri.path().rsplit('/').next().unwrap_or_default(),
    };
    let mut flash = Flash {
        endpoint: endpoint.to_owned(),
        error: Some(error.clone()),
        form,
        ..Flash::default()
    };
    if encode(&flash).len() > MAX_FLASH {
        flash.form.clear();
    }
    send(&flash);
    if error.kind == Kind::Token {
        let next = crate::browser::escape(&back(&parts));
        go(&format!("/admin/login?next={next}"));
    } else {
        go(&back(&parts));
    }
}

/// The page that the form stood on: what the browser says, held to our own pages.
fn back(parts: &Parts) -> String {
    parts
        .headers
        .get(header::REFERER)
        .and_then(|v| v.to_str().ok())
        .and_then(|referer| referer.split_once("://"))
        .and_then(|(_, rest)| rest.find('/').map(|at| safe_next(&rest[at..])))
        .unwrap_or_else(|| "/admin".to_owned())
}

/// The fields of a form, without secrets.
fn fields(body: &[u8]) -> Vec<(String, String)> {
    let body = String::from_utf8_lossy(body);
    body.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (unescape(key), unescape(value)))
        .filter(|(key, _)| {
            !["password", "captcha", "otp_code", "sms_code", "secret"]
                .iter()
                .any(|secret| key.contains(secret))
        })
        .collect()
}

fn unescape(text: &str) -> String {
    leptos_router::location::Url::unescape(&text.replace('+', " "))
}

/// A place within the admin UI to go on to, or its start: `next` comes from a link that anybody
/// can write.
pub(crate) fn safe_next(next: &str) -> String {
    let inside = next
        .strip_prefix("/admin")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    let plain = !next.contains(['\\', '\r', '\n', '\0'])
        && !next.chars().any(char::is_control)
        && !next.starts_with("/admin/fn/");
    if inside && plain {
        next.to_owned()
    } else {
        "/admin".to_owned()
    }
}

pub(crate) fn encode(flash: &Flash) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(flash).unwrap_or_default())
}

fn send(flash: &Flash) {
    let sealed = flash.undo.as_ref().and_then(seal);
    cookies::flash(&encode(&Flash {
        sealed,
        undo: None,
        ..flash.clone()
    }));
}

/// What a click will carry out is sealed for this session: others may be able to set a cookie.
fn seal(undo: &Undo) -> Option<String> {
    let json = serde_json::to_vec(undo).ok()?;
    let sealed = guard::services().ok()?.seal(&purpose()?, &json).ok()?;
    Some(URL_SAFE_NO_PAD.encode(sealed))
}

fn open(sealed: &str) -> Option<Undo> {
    let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let json = guard::services().ok()?.open(&purpose()?, &sealed)?;
    serde_json::from_slice(&json).ok()
}

fn purpose() -> Option<String> {
    let parts = guard::parts()?;
    match parts.extensions.get::<Identity>() {
        Some(Identity::SignedIn(caller)) => Some(format!("undo {}", caller.session_id())),
        _ => None,
    }
}

/// The flash that came with the request; it is taken away with the answer.
pub(crate) fn take_flash(parts: &Parts) -> Option<Flash> {
    let value = cookies::read(&parts.headers, cookies::FLASH)?;
    cookies::flash("");
    let mut flash: Flash = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(value).ok()?).ok()?;
    flash.undo = flash.sealed.take().as_deref().and_then(open);
    Some(flash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_gone_on_to() {
        for good in [
            "/admin",
            "/admin/users?status=1&page=2",
            "/admin/roles/3#x",
            "/admin?x",
        ] {
            assert_eq!(safe_next(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "https://evil.example/admin",
            "/administrator",
            "/admin\\evil",
            "/admin/\r\nSet-Cookie: x",
            "/admin/fn/sign_out",
            "javascript:alert(1)",
        ] {
            assert_eq!(safe_next(bad), "/admin", "{bad}");
        }
    }

    #[test]
    fn questions_are_left_behind() {
        for (address, left) in [
            ("/admin/users", "/admin/users"),
            ("/admin/users?ask=disable-5", "/admin/users"),
            (
                "/admin/users?q=a&ask=disable&ids=1&ids=2&page=2",
                "/admin/users?q=a&page=2",
            ),
            (
                "/admin/users/5?q=a&tab=security&ask=end",
                "/admin/users/5?q=a&tab=security",
            ),
        ] {
            assert_eq!(without(QUESTION, address), left);
        }
    }

    #[test]
    fn a_list_comes_back_as_it_was() {
        for (address, left) in [
            ("/admin/users", "/admin/users"),
            (
                "/admin/users?q=a&ask=delete-5&page=2",
                "/admin/users?q=a&page=2",
            ),
            (
                "/admin/users/5?status=1&tab=access&ask=delete",
                "/admin/users?status=1",
            ),
            ("/admin/users/5?ask=delete", "/admin/users"),
            ("/admin/users/new?since=7", "/admin/users?since=7"),
            ("/admin/usersx?q=a", "/admin/users"),
            ("/admin/roles?q=a", "/admin/users"),
            ("/admin", "/admin/users"),
        ] {
            assert_eq!(list_of("/admin/users", address), left, "{address}");
        }
        let selected = "/admin/sessions?kind=api&ask=selected&sid=a&sid=b";
        assert_eq!(
            list_of("/admin/sessions", selected),
            "/admin/sessions?kind=api"
        );
    }

    #[test]
    fn a_form_is_kept_without_its_secrets() {
        let sent = fields(
            b"username=lin+wei&password=secret&captcha_code=7kqm&otp_code=123456&sms_code=1&secrets%5Bwecom.secret%5D=hush&x=%E6%9E%97",
        );
        assert_eq!(
            sent,
            [
                ("username".to_owned(), "lin wei".to_owned()),
                ("x".to_owned(), "林".to_owned())
            ]
        );
    }
}
