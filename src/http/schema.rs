//! What fields may hold, as the OpenAPI document tells it: the same bounds as in
//! `menshen_domain::validate`, written as JSON Schema.
//!
//! A request names one where its field is plain text to Rust:
//! `#[schemars(with = "Option<schema::RoleKey>")]`. Without `Option` the field is required.

use menshen_domain::passkey::NAME_MAX as PASSKEY_NAME_MAX;
use menshen_domain::validate::{PASSWORD_MAX, PASSWORD_MIN};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// What is in no line of text, as a part of a class of characters.
macro_rules! unlined {
    () => {
        r"\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
    };
}

/// Characters that show nothing, as a part of a class of characters. A regular expression can't
/// escape the last ones in a way that all readers of the document know.
macro_rules! invisible {
    () => {
        concat!(
            r"\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e",
            r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8",
            "\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}",
        )
    };
}

/// A telephone number; country codes begin with no 0.
macro_rules! number {
    () => {
        r"(\+?[1-9][0-9]{4,19}|0[1-9][0-9]{3,18}|00[1-9][0-9]{2,17})"
    };
}

/// A telephone number.
pub(crate) const PHONE: &str = concat!("^", number!(), "$");
/// A telephone number, or an empty text.
const PHONE_OR_NONE: &str = concat!("^", number!(), "?$");
/// A line of text that may be empty.
const TEXT: &str = concat!("^[^", unlined!(), "]*$");
/// A line of text that shows something.
const FILLED: &str = concat!(
    "^[^",
    unlined!(),
    "]*[^\\s\\x00-\\x1f\\x7f-\\x9f",
    invisible!(),
    "][^",
    unlined!(),
    "]*$",
);
/// Text of several lines that may be empty.
const LINES: &str = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$";
/// A login name.
const USERNAME: &str = concat!(
    r"^[^\s@\x00-\x1f\x7f-\x9f０-９Ａ-Ｚａ-ｚ",
    invisible!(),
    "]*$",
);
/// Bytes in base64url without padding: groups of four, and a rest whose unused bits are zero.
const BASE64URL: &str =
    r"^([A-Za-z0-9_\-]{4})*([A-Za-z0-9_\-][AQgw]|[A-Za-z0-9_\-]{2}[AEIMQUYcgkosw048])?$";
/// A permission code: no pattern of codes.
pub(crate) const CODE: &str = r"^[a-z0-9_\-]+:[a-z0-9_\-]+:[a-z0-9_\-]+$";
/// The longest permission code, in characters.
pub(crate) const CODE_MAX: usize = 100;
/// Several permission codes, by commas.
pub(crate) const CODES: &str =
    r"^[a-z0-9_\-]+:[a-z0-9_\-]+:[a-z0-9_\-]+(,[a-z0-9_\-]+:[a-z0-9_\-]+:[a-z0-9_\-]+)*$";
/// A moment: a day or a second in the configured zone, or RFC 3339. Empty counts as not sent.
pub(crate) const MOMENT: &str = concat!(
    r"^((([12][0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])",
    r"|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))",
    r"|([12][0-9](0[48]|[2468][048]|[13579][26])|(12|16|20|24|28)00)-02-29)",
    r"( ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
    r"|T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+\-](0[0-9]|1[0-4]):[0-5][0-9]))?))?$",
);

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident => $schema:tt)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) enum $name {}

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )+};
}

fields! {
    /// A login name.
    Username => {
        "type": "string", "minLength": 2, "maxLength": 50,
        "pattern": USERNAME,
    }
    /// A login name as it is typed to sign in.
    LoginName => { "type": "string", "minLength": 2, "maxLength": 50 }
    /// A password as it is typed to sign in.
    LoginPassword => {
        "type": "string", "format": "password", "minLength": 2, "maxLength": PASSWORD_MAX,
    }
    /// A password to be set. That it must be hard to guess can't be said here.
    NewPassword => {
        "type": "string", "format": "password",
        "minLength": PASSWORD_MIN, "maxLength": PASSWORD_MAX,
    }
    /// As [`NewPassword`], or empty for no change.
    PasswordOrEmpty => {
        "type": "string", "format": "password", "maxLength": PASSWORD_MAX,
        "pattern": r"^([\s\S]{12,})?$",
    }
    /// A captcha's answer.
    CaptchaCode => { "type": "string", "minLength": 1, "maxLength": 50 }
    /// A captcha's key.
    CaptchaKey => { "type": "string", "minLength": 2, "maxLength": 50 }
    /// A name for people.
    Nickname => {
        "type": "string", "maxLength": 50, "pattern": TEXT,
    }
    /// A picture's address.
    Avatar => {
        "type": "string", "maxLength": 500,
        "pattern": r"^(|/|/[^/\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069][^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*|[hH][tT][tT][pP][sS]?://[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*)$",
    }
    /// A telephone number.
    Phone => { "type": "string", "pattern": PHONE_OR_NONE }
    /// An e-mail address.
    Email => {
        "type": "string", "maxLength": 254,
        "pattern": r"^([^\s@\x00-\x1f\x7f-\x9f]{1,64}@[^\s@.\x00-\x1f\x7f-\x9f]+(\.[^\s@.\x00-\x1f\x7f-\x9f]+)+)?$",
    }
    /// `0` male, `1` female, `2` not told; empty counts as not told.
    Sex => { "type": "string", "enum": ["0", "1", "2", ""] }
    /// `0` active, `1` disabled.
    Status => { "type": "string", "enum": ["0", "1"] }
    /// `0` active, `1` disabled; empty counts as not sent.
    StatusOrEmpty => { "type": "string", "enum": ["0", "1", ""] }
    /// `1` all, `2` custom, `3` own department, `4` own and below, `5` self only.
    DataScope => { "type": "string", "enum": ["1", "2", "3", "4", "5"] }
    /// A note.
    Remark => {
        "type": "string", "maxLength": 500, "pattern": LINES,
    }
    /// A password that proves who asks.
    Proof => { "type": "string", "format": "password", "minLength": 1 }
    /// What was handed out for the second half of a login.
    Ticket => { "type": "string", "minLength": 1, "maxLength": 200, "pattern": FILLED }
    /// An app's six digits, or a recovery code.
    OneTimeCode => { "type": "string", "minLength": 1, "maxLength": 50, "pattern": FILLED }
    /// A passkey's name.
    PasskeyName => { "type": "string", "minLength": 1, "maxLength": PASSKEY_NAME_MAX, "pattern": FILLED }
    /// An object whose fields are told elsewhere.
    AnyObject => { "type": "object" }
    /// A device's answer to `navigator.credentials.create`, in WebAuthn's JSON form.
    NewCredential => {
        "type": "object",
        "required": ["id", "rawId", "type", "response"],
        "properties": {
            "id": { "type": "string" },
            "rawId": { "type": "string", "pattern": BASE64URL },
            "type": { "type": "string", "enum": ["public-key"] },
            "response": {
                "type": "object",
                "required": ["clientDataJSON", "attestationObject"],
                "properties": {
                    "clientDataJSON": { "type": "string", "pattern": BASE64URL },
                    "attestationObject": { "type": "string", "pattern": BASE64URL },
                    "transports": { "type": "array", "items": { "type": "string" } },
                },
            },
            "clientExtensionResults": { "type": "object" },
        },
    }
    /// A device's answer to `navigator.credentials.get`, in WebAuthn's JSON form.
    ShownCredential => {
        "type": "object",
        "required": ["id", "rawId", "type", "response"],
        "properties": {
            "id": { "type": "string" },
            "rawId": { "type": "string", "pattern": BASE64URL },
            "type": { "type": "string", "enum": ["public-key"] },
            "response": {
                "type": "object",
                "required": ["clientDataJSON", "authenticatorData", "signature", "userHandle"],
                "properties": {
                    "clientDataJSON": { "type": "string", "pattern": BASE64URL },
                    "authenticatorData": { "type": "string", "pattern": BASE64URL },
                    "signature": { "type": "string", "pattern": BASE64URL },
                    "userHandle": { "type": ["string", "null"], "pattern": BASE64URL },
                },
            },
            "clientExtensionResults": { "type": "object" },
        },
    }
    /// A refresh token.
    RefreshToken => { "type": "string", "minLength": 1, "pattern": r"[^\s\x00-\x1f\x7f-\x9f]" }
    /// What somebody signs in as in document E: a name, a phone number, an address, or a vendor's
    /// code. All but a vendor's code have at most 254 characters, which can't be said here.
    LoginCode => { "type": "string", "minLength": 1, "maxLength": 1000, "pattern": FILLED }
    /// A way to sign in of document E; empty counts as `psw`.
    LoginType => {
        "type": "string", "enum": ["psw", "sms", "min", "mini", "qw", "work", "wc", ""],
    }
    /// A permission code.
    Code => { "type": "string", "maxLength": CODE_MAX, "pattern": CODE }
    /// Permission codes.
    Codes => {
        "type": "array", "minItems": 1, "maxItems": 200,
        "items": { "type": "string", "maxLength": CODE_MAX, "pattern": CODE },
    }
    /// A permission code or a pattern of codes; or empty for none.
    PatternOrEmpty => {
        "type": "string", "maxLength": CODE_MAX,
        "pattern": r"^((\*|[a-z0-9_\-]+):(\*|[a-z0-9_\-]+):(\*|[a-z0-9_\-]+))?$",
    }
    /// What kind of menu it is.
    MenuType => { "type": "string", "enum": ["dir", "page", "button"] }
    /// A front end's route, or an http(s) address.
    MenuPath => {
        "type": "string", "maxLength": 200,
        "pattern": r"^([^:\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*|[^:\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*[/?#][^:\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*:[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*|([hH][tT][tT][pP][sS]?)?:[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*)$",
    }
    /// A front end's component.
    Component => { "type": "string", "maxLength": 200, "pattern": TEXT }
    /// An icon's name.
    Icon => { "type": "string", "maxLength": 100, "pattern": TEXT }
    /// A name of a thing: something must be left when the spaces around it are gone.
    Name => { "type": "string", "minLength": 1, "maxLength": 50, "pattern": FILLED }
    /// A text of at most 50 characters that may be empty.
    ShortText => { "type": "string", "maxLength": 50, "pattern": TEXT }
    /// A role's name: something must be left when the spaces around it are gone.
    RoleName => {
        "type": "string", "minLength": 1, "maxLength": 50,
        "pattern": FILLED,
    }
    /// A role's key.
    RoleKey => { "type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9_:.\-]{0,49}$" }
    /// A place in lists.
    Sort => { "type": "integer", "minimum": 0, "maximum": 1_000_000 }
    /// Permission codes or patterns of them: a list, or document C's list of lists.
    Permissions => {
        "type": "array",
        "items": {
            "anyOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" } },
            ],
        },
        "examples": [["system:user:list", "system:role:*"]],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use menshen_domain::role;
    use menshen_domain::validate;

    /// Whether a value is as long as the schema wants it.
    fn fits<T: JsonSchema>(value: &str) -> bool {
        let schema = T::json_schema(&mut SchemaGenerator::default());
        let length = u64::try_from(value.chars().count()).expect("small");
        let bound = |name: &str| schema.get(name).and_then(serde_json::Value::as_u64);
        bound("minLength").is_none_or(|min| length >= min)
            && bound("maxLength").is_none_or(|max| length <= max)
    }

    #[test]
    fn bounds_are_those_that_are_checked() {
        for n in [1, 2, 50, 51, 64, 65, 128, 129, 500, 501] {
            let text = "x".repeat(n);
            assert_eq!(fits::<Username>(&text), validate::username(&text).is_ok());
            assert_eq!(
                fits::<RoleName>(&text),
                role::check(Some(&text), None, None, None).is_ok()
            );
            assert_eq!(
                fits::<Remark>(&text),
                role::check(None, None, None, Some(&text)).is_ok()
            );
            assert_eq!(
                fits::<NewPassword>(&text),
                validate::password("password", &text, PASSWORD_MIN).is_ok()
            );
        }
    }
}
