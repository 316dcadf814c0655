//! Who we are to devices: the domain name that passkeys are bound to, and the pages that may use
//! them. Settings that can't work are told at the start, and not at the first sign-in.

use crate::settings::Passkey;
use std::time::Duration;
use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

/// How long the browser waits for the person: as long as a ticket is good.
const TIMEOUT: Duration = Duration::from_mins(5);

/// What the settings make of us; nothing while passkeys are off.
///
/// # Errors
/// A sentence that says what would be right.
pub(crate) fn relying_party(settings: &Passkey) -> Result<Option<Webauthn>, String> {
    let id = settings.rp_id.as_str();
    if id.is_empty() {
        return match settings.origins.is_empty() {
            true => Ok(None),
            false => Err("passkey.origins is set, but passkey.rp_id is not".to_owned()),
        };
    }
    check_id(id)?;
    if settings.rp_name.trim().is_empty() {
        return Err("passkey.rp_name must not be empty".to_owned());
    }
    let origins = origins(settings)?;
    let unfit = |origin: &Url| format!("passkey.origins: {origin} does not fit passkey.rp_id");
    let (first, rest) = origins
        .split_first()
        .ok_or("passkey.origins must name an origin")?;
    let builder = WebauthnBuilder::new(id, first).map_err(|_| unfit(first))?;
    let builder = rest
        .iter()
        .fold(builder, WebauthnBuilder::append_allowed_origin)
        .rp_name(&settings.rp_name)
        .timeout(TIMEOUT);
    builder.build().map(Some).map_err(|_| unfit(first))
}

fn check_id(id: &str) -> Result<(), String> {
    let alone = Url::parse(&format!("https://{id}/"))
        .ok()
        .is_some_and(|url| url.domain() == Some(id) && url.port().is_none());
    if alone && !id.ends_with('.') {
        return Ok(());
    }
    Err(format!(
        "passkey.rp_id: “{id}” must be a domain name in lower case and nothing else, as in \
         example.com; no address, scheme or port"
    ))
}

/// The pages' origins; the domain name's own when none are set.
fn origins(settings: &Passkey) -> Result<Vec<Url>, String> {
    if settings.origins.is_empty() {
        return origin(&settings.rp_id, &format!("https://{}", settings.rp_id)).map(|o| vec![o]);
    }
    let id = &settings.rp_id;
    settings.origins.iter().map(|o| origin(id, o)).collect()
}

fn origin(id: &str, text: &str) -> Result<Url, String> {
    let wrong = |what: &str| format!("passkey.origins: “{text}” {what}");
    let url =
        Url::parse(text).map_err(|_| wrong("must be an origin, as in https://example.com"))?;
    let domain = url.domain().unwrap_or_default();
    let below = |name: &str, domain: &str| {
        domain == name
            || domain
                .strip_suffix(name)
                .is_some_and(|rest| rest.ends_with('.'))
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && below("localhost", domain)) {
        return Err(wrong(
            "must begin with https:// (browsers take http:// for localhost alone)",
        ));
    }
    // The browser tells no path, and no slash at the end.
    if url.origin().ascii_serialization() != text.trim_end_matches('/') {
        return Err(wrong(
            "must be scheme, name and port alone, as in https://example.com:8443",
        ));
    }
    if !below(id, domain) {
        return Err(wrong(&format!(
            "does not fit passkey.rp_id: its name must be {id} or end in .{id}"
        )));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(rp_id: &str, origins: &[&str]) -> Passkey {
        Passkey {
            rp_id: rp_id.into(),
            origins: origins.iter().map(|o| (*o).to_owned()).collect(),
            ..Passkey::default()
        }
    }

    fn allowed(rp_id: &str, origins: &[&str]) -> Vec<String> {
        let party = relying_party(&settings(rp_id, origins)).expect("good");
        let party = party.expect("on");
        let urls = party.get_allowed_origins().iter();
        urls.map(|u| u.origin().ascii_serialization()).collect()
    }

    #[test]
    fn passkeys_are_off_by_default() {
        assert!(relying_party(&Passkey::default()).expect("good").is_none());
    }

    #[test]
    fn the_origin_is_derived_from_the_name() {
        assert_eq!(allowed("example.com", &[]), ["https://example.com"]);
        let set = ["https://id.example.com:8443", "https://example.com/"];
        assert_eq!(
            allowed("example.com", &set),
            ["https://id.example.com:8443", "https://example.com"]
        );
        let local = ["http://localhost:3000"];
        assert_eq!(allowed("localhost", &local), local);
    }

    #[test]
    fn settings_that_can_not_work_are_told() {
        for (rp_id, origins, said) in [
            ("", &["https://example.com"][..], "passkey.rp_id is not"),
            ("Example.com", &[], "lower case"),
            ("https://example.com", &[], "domain name"),
            ("example.com:8443", &[], "domain name"),
            ("example.com/x", &[], "domain name"),
            ("example.com.", &[], "domain name"),
            ("192.0.2.1", &[], "domain name"),
            ("[::1]", &[], "domain name"),
            ("exa mple", &[], "domain name"),
            ("example.com", &["example.com"], "must be an origin"),
            ("example.com", &["http://example.com"], "https://"),
            ("example.com", &["https://example.com/login"], "alone"),
            ("example.com", &["https://u@example.com"], "alone"),
            ("example.com", &["https://example.org"], "does not fit"),
            ("example.com", &["https://myexample.com"], "does not fit"),
            (
                "id.example.com",
                &["https://example.com"],
                "must be id.example.com",
            ),
            (
                "example.com",
                &["https://example.com", "https://192.0.2.1"],
                "192.0.2.1",
            ),
        ] {
            let problem = relying_party(&settings(rp_id, origins)).expect_err(rp_id);
            assert!(problem.contains(said), "{rp_id} {origins:?}: {problem}");
            assert!(problem.contains("passkey."), "{problem}");
        }
        let nameless = Passkey {
            rp_name: " ".into(),
            ..settings("example.com", &[])
        };
        let problem = relying_party(&nameless).expect_err("nameless");
        assert!(problem.contains("passkey.rp_name"), "{problem}");
    }
}
