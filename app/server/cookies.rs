//! The admin UI's own cookies: none of them holds a secret but the flash, which lives for a page.
//! Those that remember columns are named in [`crate::boot::ColumnsOf`].

use axum::http::{HeaderMap, HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// The language, `zh` or `en`.
pub(crate) const LANG: &str = "menshen_lang";
/// The theme, `light`, `dark` or `system`.
pub(crate) const THEME: &str = "menshen_theme";
/// `folded` when the side navigation is.
pub(crate) const NAV: &str = "menshen_nav";
/// `off` when the shortcuts of a single key are.
pub(crate) const KEYS: &str = "menshen_keys";
/// What a form led to, see [`crate::boot::Flash`].
pub(crate) const FLASH: &str = "menshen_flash";
/// What a browser takes along to a vendor's page, see `vendor`. Over TLS with the prefix that lets
/// no other host set it.
pub(crate) fn trip(tls: bool) -> &'static str {
    if tls {
        "__Host-menshen_trip"
    } else {
        "menshen_trip"
    }
}

/// A cookie's value as the browser sent it.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Sets a choice of look that lasts a year.
pub(crate) fn remember(name: &str, value: &str) {
    set(&format!(
        "{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax"
    ));
}

/// Sets the flash, or takes it away when `value` is empty.
pub(crate) fn flash(value: &str) {
    set(&flash_cookie(value));
}

/// The flash as a header's value.
pub(crate) fn flash_cookie(value: &str) -> String {
    let age = if value.is_empty() { 0 } else { 60 };
    format!("{FLASH}={value}; Path=/admin; Max-Age={age}; HttpOnly; SameSite=Strict")
}

/// The keepsake of a browser that leaves for a vendor as a header's value, or its removal when
/// `value` is empty. It comes back with a link from the vendor's page, for which `Strict` is too
/// strict.
pub(crate) fn trip_cookie(value: &str, tls: bool) -> String {
    let age = if value.is_empty() { 0 } else { 600 };
    let (name, secure) = (trip(tls), if tls { "; Secure" } else { "" });
    format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}")
}

fn set(cookie: &str) {
    if let (Some(response), Ok(value)) = (
        use_context::<ResponseOptions>(),
        HeaderValue::from_str(cookie),
    ) {
        response.append_header(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=1; menshen_lang=en"),
        );
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("menshen_theme=dark"),
        );
        assert_eq!(read(&headers, LANG), Some("en"));
        assert_eq!(read(&headers, THEME), Some("dark"));
        assert_eq!(read(&headers, NAV), None);
    }
}
