//! The few things that views ask of the browser itself. Called from effects and event handlers
//! only, which never run on the server; [`escape`] apart, which works on both.

use crate::components::live::effect;
use crate::error::AppError;
use leptos::prelude::*;
use leptos::wasm_bindgen::closure::Closure;
use leptos::wasm_bindgen::{JsCast, JsValue};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
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
    let here = here();
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

/// Moves the focus to the first element that `selector` finds, once the page has been drawn.
pub(crate) fn focus_first(selector: String) {
    request_animation_frame(move || {
        if let Some(element) = find(&selector) {
            _ = element.focus();
        }
    });
}

/// Every element inside of `root` that `selector` finds, in order.
pub(crate) fn all(root: &web_sys::Element, selector: &str) -> Vec<web_sys::Element> {
    let Ok(found) = root.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|at| found.get(at).and_then(|node| node.dyn_into().ok()))
        .collect()
}

/// What an input holds; nothing where there is none.
pub(crate) fn value(selector: &str) -> String {
    held(selector).unwrap_or_default()
}

/// What a control of a form holds, of whatever kind it is.
pub(crate) fn held(selector: &str) -> Option<String> {
    let control = find(selector)?;
    let value = js_sys::Reflect::get(control.as_ref(), &"value".into()).ok()?;
    value.as_string()
}

/// The boxes that `selector` finds and that can be clicked: the value of each, and whether it is
/// ticked.
pub(crate) fn boxes(selector: &str) -> Vec<(String, bool)> {
    let Some(page) = document().document_element() else {
        return Vec::new();
    };
    let is = |element: &web_sys::Element, what| element.matches(what).unwrap_or_default();
    all(&page, selector)
        .iter()
        .filter(|element| !is(element, ":disabled"))
        .filter_map(|element| Some((element.get_attribute("value")?, is(element, ":checked"))))
        .collect()
}

/// What the page's element bears once it is awake.
const AWAKE: &str = "data-awake";

/// Says on the page that it is awake, once what wakes with it has run: from then on it hears
/// whoever uses it.
#[cfg(feature = "hydrate")]
pub(crate) fn mark_awake() {
    let mark = || {
        if let Some(page) = document().document_element() {
            _ = page.set_attribute(AWAKE, "");
        }
    };
    set_timeout(mark, std::time::Duration::ZERO);
}

/// Whether the page is awake. While it is not, what its controls hold is the browser's.
pub(crate) fn is_awake() -> bool {
    #[cfg(not(feature = "ssr"))]
    let page = document().document_element();
    #[cfg(feature = "ssr")]
    let page: Option<web_sys::Element> = None;
    page.is_some_and(|page| page.has_attribute(AWAKE))
}

/// The file that is chosen in an input.
pub(crate) fn chosen_file(selector: &str) -> Option<web_sys::File> {
    let input = find(selector)?.dyn_into::<HtmlInputElement>().ok()?;
    input.files()?.get(0)
}

/// Reads a picture, and hands it on as a `data:` address.
pub(crate) fn read_picture(file: &web_sys::File, then: impl FnOnce(String) + 'static) {
    let Ok(reader) = web_sys::FileReader::new() else {
        return;
    };
    let read = reader.clone();
    let done = Closure::once_into_js(move || {
        if let Some(address) = read.result().ok().and_then(|result| result.as_string()) {
            then(address);
        }
    });
    reader.set_onload(done.dyn_ref());
    _ = reader.read_as_data_url(file);
}

/// Opens the browser's way of printing the page.
pub(crate) fn print() {
    _ = window().print();
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

/// An address of this server, with its origin in front.
pub(crate) fn absolute(path: &str) -> String {
    location().origin().unwrap_or_default() + path
}

/// Hears an event of the window before anybody else, for as long as the view lives, or the effect
/// holds, that this is called in.
pub(crate) fn hear_first(event: &'static str, ear: impl FnMut(web_sys::Event) + 'static) {
    fn boxed(event: &'static str, ear: Box<dyn FnMut(web_sys::Event)>) {
        let ear = Closure::<dyn FnMut(web_sys::Event)>::wrap(ear);
        let listener = ear.as_ref().unchecked_ref();
        _ = window().add_event_listener_with_callback_and_bool(event, listener, true);
        let kept = send_wrapper::SendWrapper::new(ear);
        on_cleanup(move || {
            let ear = kept.take();
            let listener = ear.as_ref().unchecked_ref();
            _ = window().remove_event_listener_with_callback_and_bool(event, listener, true);
        });
    }
    boxed(event, Box::new(ear));
}

/// Hears that somebody went Back or Forward; answers whether it keeps that to itself.
type HistoryEar = Rc<dyn Fn() -> bool>;

thread_local! {
    /// Who hears of Back and Forward before the router does, the newest last.
    static HISTORY: RefCell<Vec<(u32, HistoryEar)>> = const { RefCell::new(Vec::new()) };
}

/// Makes [`hear_history_first`] work. To be called before there is a router: the listeners of a
/// window for an event that is its own are called in the order in which they came, whether they
/// capture or not.
#[cfg(feature = "hydrate")]
pub(crate) fn watch_history() {
    let ear = Closure::<dyn FnMut(web_sys::Event)>::new(|event: web_sys::Event| {
        let ears = HISTORY.with_borrow(|ears| ears.clone());
        if ears.iter().rev().any(|(_, ear)| ear()) {
            event.stop_immediate_propagation();
        }
    });
    let listener = ear.as_ref().unchecked_ref();
    _ = window().add_event_listener_with_callback("popstate", listener);
    ear.forget();
}

/// Hears of Back and Forward before the router does, which does not when `ear` answers that it
/// keeps it to itself; for as long as the view lives, or the effect holds, that this is called in.
pub(crate) fn hear_history_first(ear: impl Fn() -> bool + 'static) {
    thread_local! {
        static LAST: Cell<u32> = const { Cell::new(0) };
    }
    let number = LAST.get().wrapping_add(1);
    LAST.set(number);
    HISTORY.with_borrow_mut(|ears| ears.push((number, Rc::new(ear))));
    on_cleanup(move || HISTORY.with_borrow_mut(|ears| ears.retain(|(n, _)| *n != number)));
}

/// The address that the browser shows, without the server's.
pub(crate) fn here() -> String {
    location().pathname().unwrap_or_default() + &location().search().unwrap_or_default()
}

/// Makes `address` the newest entry of the history. The page itself changes by nothing.
pub(crate) fn stay_at(address: &str) {
    if let Ok(history) = window().history() {
        _ = history.push_state_with_url(&JsValue::NULL, "", Some(address));
    }
    // Where another entry was left, the browser scrolls to what that one showed.
    let (x, y) = (
        window().scroll_x().unwrap_or_default(),
        window().scroll_y().unwrap_or_default(),
    );
    request_animation_frame(move || window().scroll_to_with_x_and_y(x, y));
}

/// Goes back by one entry of the history.
pub(crate) fn back() {
    if let Ok(history) = window().history() {
        _ = history.back();
    }
}

/// Puts a text on the clipboard, and tells `then` whether it is there. Over plain HTTP browsers give
/// no clipboard; there, and where they refuse it, they copy what is selected.
pub(crate) fn copy(text: &str, then: impl FnOnce(bool) + 'static) {
    let Some(clipboard) = member(&window().navigator(), "clipboard") else {
        then(copy_selected(text));
        return;
    };
    let written = clipboard
        .unchecked_into::<web_sys::Clipboard>()
        .write_text(text);
    let text = text.to_owned();
    leptos::task::spawn_local(async move {
        let done = JsFuture::from(written).await.is_ok();
        then(done || copy_selected(&text));
    });
}

/// Copies a text by selecting it out of sight.
fn copy_selected(text: &str) -> bool {
    let document = document();
    let before = document
        .active_element()
        .and_then(|e| e.dyn_into::<HtmlElement>().ok());
    // Nothing outside of an open dialog can be selected.
    let dialog = before.as_ref().and_then(|e| e.closest("dialog").ok());
    let place = dialog
        .flatten()
        .or_else(|| document.body().map(web_sys::Element::from));
    let area = document
        .create_element("textarea")
        .ok()
        .and_then(|e| e.dyn_into::<web_sys::HtmlTextAreaElement>().ok());
    let (Some(place), Some(area)) = (place, area) else {
        return false;
    };
    area.set_class_name("hidden");
    area.set_value(text);
    _ = place.append_child(&area);
    _ = area.focus();
    area.select();
    let done = document
        .dyn_ref::<web_sys::HtmlDocument>()
        .is_some_and(|document| document.exec_command("copy").unwrap_or(false));
    area.remove();
    if let Some(before) = before {
        _ = before.focus();
    }
    done
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

/// Whether passkeys that are bound to the domain name `rp_id` can be used on this page, and the
/// browser knows their JSON form.
pub(crate) fn passkeys_work(rp_id: &str) -> bool {
    let host = location().hostname().unwrap_or_default();
    let fits = host
        .strip_suffix(rp_id)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let knows = || {
        function(
            &member(&window(), "PublicKeyCredential")?,
            "parseRequestOptionsFromJSON",
        )
    };
    !rp_id.is_empty() && fits && knows().is_some()
}

/// Has the device make a passkey for these options (JSON); gives back what is to be sent (JSON).
pub(crate) async fn passkey_create(options: &str) -> Result<String, AppError> {
    passkey("parseCreationOptionsFromJSON", "create", options).await
}

/// Has the device sign with a passkey for these options (JSON); gives back what is to be sent
/// (JSON).
pub(crate) async fn passkey_get(options: &str) -> Result<String, AppError> {
    passkey("parseRequestOptionsFromJSON", "get", options).await
}

async fn passkey(parser: &str, step: &str, options: &str) -> Result<String, AppError> {
    ceremony(parser, step, options)
        .await
        .ok_or_else(AppError::no_passkey)
}

async fn ceremony(parser: &str, step: &str, options: &str) -> Option<String> {
    let class = member(&window(), "PublicKeyCredential")?;
    let plain: JsValue = js_sys::JSON::parse(options).ok()?;
    let options: JsValue = function(&class, parser)?.call1(&class, &plain).ok()?;
    let wanted: JsValue = js_sys::Object::new().into();
    js_sys::Reflect::set(&wanted, &"publicKey".into(), &options).ok()?;
    let credentials = member(&window().navigator(), "credentials")?;
    let asked: JsValue = function(&credentials, step)?
        .call1(&credentials, &wanted)
        .ok()?;
    let promise: js_sys::Promise = asked.dyn_into().ok()?;
    let given: JsValue = JsFuture::from(promise).await.ok()?;
    let plain: JsValue = function(&given, "toJSON")?.call0(&given).ok()?;
    js_sys::JSON::stringify(&plain).ok()?.as_string()
}

/// A member of an object, when it has it.
fn member(of: &JsValue, name: &str) -> Option<JsValue> {
    let found = js_sys::Reflect::get(of, &name.into()).ok()?;
    (!found.is_undefined() && !found.is_null()).then_some(found)
}

/// A function of an object, when it has it.
fn function(of: &JsValue, name: &str) -> Option<js_sys::Function> {
    member(of, name)?.dyn_into().ok()
}

#[cfg(not(feature = "ssr"))]
thread_local! {
    /// How many questions are on their way.
    static ASKING: Cell<u32> = const { Cell::new(0) };
}

/// A question on its way. While there is one, the page says so in `data-asking`, which the style
/// sheet shows as a line at the top once it takes long.
#[cfg(not(feature = "ssr"))]
pub(crate) struct Asking;

/// A question sets out; it has come back, or is wanted no more, when this is dropped.
#[cfg(not(feature = "ssr"))]
pub(crate) fn asking() -> Asking {
    count_asking(1);
    Asking
}

#[cfg(not(feature = "ssr"))]
impl Drop for Asking {
    fn drop(&mut self) {
        count_asking(-1);
    }
}

#[cfg(not(feature = "ssr"))]
fn count_asking(change: i32) {
    let (before, now) = ASKING.with(|n| {
        let before = n.get();
        n.set(before.saturating_add_signed(change));
        (before, n.get())
    });
    if (before == 0) != (now == 0)
        && let Some(html) = document().document_element()
    {
        _ = html.toggle_attribute_with_force("data-asking", now > 0);
    }
}

/// What is kept in this browser under `key`; nothing where it keeps nothing.
pub(crate) fn kept(key: &str) -> String {
    window()
        .local_storage()
        .ok()
        .flatten()
        .and_then(|store| store.get_item(key).ok().flatten())
        .unwrap_or_default()
}

/// Keeps `value` in this browser, if it may.
pub(crate) fn keep(key: &str, value: &str) {
    if let Ok(Some(store)) = window().local_storage() {
        _ = store.set_item(key, value);
    }
}

/// Whether this is an Apple machine, whose shortcuts are made with ⌘.
pub(crate) fn apple() -> bool {
    window()
        .navigator()
        .platform()
        .is_ok_and(|name| name.starts_with("Mac") || name.starts_with("iP"))
}

/// Brings an entry of a list into sight, with as little movement as will do.
pub(crate) fn show_option(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        let how = web_sys::ScrollIntoViewOptions::new();
        how.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&how);
    }
}

/// Presses what `selector` finds.
pub(crate) fn press(selector: &str) {
    if let Some(element) = find(selector) {
        element.click();
    }
}

/// Plays a sound.
pub(crate) fn play(url: &str) {
    if let Ok(sound) = web_sys::HtmlAudioElement::new_with_src(url) {
        _ = sound.play();
    }
}
