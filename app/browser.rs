//! The few things that views ask of the browser itself. Called from effects and event handlers
//! only, which never run on the server; [`escape`] apart, which works on both.

use crate::components::live::effect;
use crate::error::AppError;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlDialogElement, HtmlElement, HtmlInputElement};

/// The present moment in microseconds.
pub(crate) fn now() -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds since 1970 are far below 2^53"
    )]
    let millis = js_sys::Date::now() as i64;
    millis * 1000
}

/// How many minutes the browser's zone was ahead of UTC at `micros`.
pub(crate) fn zone_minutes(micros: i64) -> i64 {
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    let date = js_sys::Date::new(&((micros / 1000) as f64).into());
    #[expect(clippy::cast_possible_truncation, reason = "at most a day")]
    let behind = date.get_timezone_offset() as i64;
    -behind
}

/// Loads a page afresh, so that nothing of the previous session stays behind.
pub(crate) fn go(url: &str) {
    _ = location().assign(url);
}

/// Goes to the login page, and from there back to here.
pub(crate) fn sign_in_again() {
    let here = location().pathname().unwrap_or_default() + &location().search().unwrap_or_default();
    if !here.starts_with("/admin/login") {
        go(&format!("/admin/login?next={}", escape(&here)));
    }
}

/// Percent-encodes a query value.
pub(crate) fn escape(value: &str) -> String {
    leptos_router::location::Url::escape(value)
}

/// Moves the focus to the first element that `selector` finds, once the page has been drawn.
pub(crate) fn focus(selector: &'static str) {
    request_animation_frame(move || {
        if let Some(element) = find(selector) {
            _ = element.focus();
        }
    });
}

/// The first element that `selector` finds.
pub(crate) fn find(selector: &str) -> Option<HtmlElement> {
    document()
        .query_selector(selector)
        .ok()
        .flatten()
        .and_then(|e| e.dyn_into().ok())
}

/// Empties an input.
pub(crate) fn clear(selector: &str) {
    if let Some(input) = find(selector).and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
        input.set_value("");
    }
}

/// Sets a cookie that lives for a year and holds no secret.
pub(crate) fn remember(name: &str, value: &str) {
    if let Some(document) = document().dyn_ref::<web_sys::HtmlDocument>() {
        _ = document.set_cookie(&format!(
            "{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax"
        ));
    }
}

/// Opens the dialog of `node` as a modal one, although the server rendered it open (so that it
/// shows without JavaScript); gives the focus back when the view goes away.
pub(crate) fn modal(node: NodeRef<leptos::html::Dialog>) {
    effect(move || {
        let Some(dialog) = node.get() else { return };
        let before = document()
            .active_element()
            .and_then(|e| e.dyn_into::<HtmlElement>().ok());
        // Removing the attribute closes it without a `close` event.
        _ = dialog.remove_attribute("open");
        request_animation_frame(move || show(&dialog));
        let before = send_wrapper::SendWrapper::new(before);
        on_cleanup(move || {
            if let Some(before) = before.take() {
                request_animation_frame(move || _ = before.focus());
            }
        });
    });
}

fn show(dialog: &HtmlDialogElement) {
    if dialog.is_connected() && !dialog.open() {
        _ = dialog.show_modal();
        if let Some(first) = dialog
            .query_selector("[data-focus]")
            .ok()
            .flatten()
            .and_then(|e| e.dyn_into::<HtmlElement>().ok())
        {
            _ = first.focus();
        }
    }
}

/// Closes the popover with this id.
pub(crate) fn hide_popover(id: &str) {
    if let Some(element) = document()
        .get_element_by_id(id)
        .and_then(|e| e.dyn_into::<HtmlElement>().ok())
        && element.matches(":popover-open").unwrap_or(false)
    {
        _ = element.hide_popover();
    }
}

/// Puts a text on the clipboard.
pub(crate) fn copy(text: &str) {
    _ = window().navigator().clipboard().write_text(text);
}

/// What a form holds, as it would be sent; the pressed button included.
pub(crate) fn form_body(event: &leptos::ev::SubmitEvent) -> Option<String> {
    let form = leptos::form::form_data_from_event(event).ok()?;
    let params = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&form).ok()?;
    params.to_string().as_string()
}

/// Posts a form to a server function, and gives back its answer in JSON.
pub(crate) async fn post(endpoint: &str, body: &str) -> Result<String, AppError> {
    let answer = fetch(&format!("/admin/fn/{endpoint}"), body)
        .await
        .ok_or_else(AppError::unreachable)?;
    match answer {
        (true, text) => Ok(text),
        (false, text) => {
            Err(serde_json::from_slice(text.as_bytes()).unwrap_or_else(|_| AppError::unreadable()))
        }
    }
}

/// Posts a form with a file in it to `url`, and gives back the answer in JSON.
pub(crate) async fn post_form(url: &str, form: &web_sys::FormData) -> Result<String, AppError> {
    match send(url, "", form.as_ref()).await {
        Some((true, text)) => Ok(text),
        Some((false, text)) => {
            Err(serde_json::from_slice(text.as_bytes()).unwrap_or_else(|_| AppError::unreadable()))
        }
        None => Err(AppError::unreachable()),
    }
}

async fn fetch(url: &str, body: &str) -> Option<(bool, String)> {
    send(url, "application/x-www-form-urlencoded", &body.into()).await
}

/// Without a `media` type the browser finds the right one itself.
async fn send(
    url: &str,
    media: &str,
    body: &leptos::wasm_bindgen::JsValue,
) -> Option<(bool, String)> {
    let headers = web_sys::Headers::new().ok()?;
    _ = headers.set("Accept", "application/json");
    if !media.is_empty() {
        _ = headers.set("Content-Type", media);
    }
    let init = web_sys::RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(body);
    let response = JsFuture::from(window().fetch_with_str_and_init(url, &init))
        .await
        .ok()?;
    let response: web_sys::Response = response.dyn_into().ok()?;
    let text = JsFuture::from(response.text().ok()?).await.ok()?;
    Some((response.ok(), text.as_string()?))
}

/// Plays a sound.
pub(crate) fn play(url: &str) {
    if let Ok(sound) = web_sys::HtmlAudioElement::new_with_src(url) {
        _ = sound.play();
    }
}
