//! The calls from pages to services. Each asks the guard in its first line, calls one use case
//! and shapes its answer; no rule lives here.
//!
//! Every argument may be left out, so that the guard answers before anybody complains of the
//! input.

#![expect(
    clippy::too_many_arguments,
    reason = "the arguments of a server function are the fields of its form"
)]

pub(crate) mod account;
pub(crate) mod depts;
#[cfg(feature = "ssr")]
mod forms;
pub(crate) mod logs;
pub(crate) mod look;
pub(crate) mod menus;
pub(crate) mod permissions;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod users;

#[cfg(feature = "ssr")]
use crate::calls::Runner;
use crate::i18n::Texts;
use menshen_domain::{Text, log};
use serde::{Deserialize, Serialize};

/// A field of a form that a change may leave out. Sent empty it empties what it is about: an
/// `Option` in a form takes empty for left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
#[cfg_attr(
    not(feature = "ssr"),
    expect(dead_code, reason = "forms are read by the server alone")
)]
pub(crate) struct Given(pub Option<String>);

impl Given {
    /// What was sent, where empty says nothing.
    #[cfg(feature = "ssr")]
    fn filled(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty())
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Some(text)))
    }
}

/// What a change came to: one type for all of them, because the browser needs little and would
/// have to load the code to read each.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Done {
    /// What was changed, by its name for people.
    pub name: String,
    /// A secret that is shown this once.
    pub secret: String,
    /// Where to go on.
    pub to: String,
    /// How many were changed.
    pub count: i64,
    /// The fields that are other than they were, by their names in the log.
    pub fields: Vec<String>,
    /// How many permissions came, and how many went.
    pub permissions: (usize, usize),
    /// How many roles came, and how many went.
    pub roles: (usize, usize),
    /// How it is taken back, if it can be.
    pub undo: Option<crate::boot::Undo>,
}

impl std::fmt::Debug for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Done")
            .field("name", &self.name)
            .field("to", &self.to)
            .field("count", &self.count)
            .field("fields", &self.fields)
            .field("permissions", &self.permissions)
            .field("roles", &self.roles)
            .field("undo", &self.undo)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "ssr")]
impl Done {
    /// `name` was changed.
    fn name(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// `name` was changed, which `undo` takes back.
    fn undoable(name: impl Into<String>, undo: Option<crate::boot::Undo>) -> Self {
        Self {
            undo,
            ..Self::name(name)
        }
    }

    /// `count` were changed, which `undo` takes back.
    fn several(count: i64, undo: Option<crate::boot::Undo>) -> Self {
        Self {
            count,
            undo,
            ..Self::default()
        }
    }

    /// A secret that is shown this once.
    fn secret(secret: impl Into<String>) -> Self {
        Self {
            secret: secret.into(),
            ..Self::default()
        }
    }

    /// Go on to `to`.
    fn to(to: impl Into<String>) -> Self {
        Self {
            to: to.into(),
            ..Self::default()
        }
    }
}

/// What a change has altered, field by field; `say` says a text of the domain.
pub(crate) fn changes(t: &Texts, say: &dyn Fn(&Text) -> String, done: &Done) -> String {
    let (added, removed) = done.permissions;
    let fields = done.fields.iter().map(|name| match name.as_str() {
        "permissions" => t.permissions_saved(added, removed),
        name => say(&log::field(name)),
    });
    let fields: Vec<String> = fields.collect();
    fields.join(&t.comma())
}

/// That something was saved, and what is other than it was.
pub(crate) fn saved(t: &Texts, say: &dyn Fn(&Text) -> String, done: &Done) -> String {
    let mut what = changes(t, say, done);
    if what.is_empty() {
        t.nothing_changed.clone_into(&mut what);
    }
    format!("{}{}{what}", t.saved_of(&done.name), t.colon())
}

/// A form that takes something back. Other than in an address, empty fields count.
#[cfg(feature = "ssr")]
fn undo(endpoint: &str, fields: &[(String, String)]) -> crate::boot::Undo {
    use crate::browser::escape;
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect();
    crate::boot::Undo {
        endpoint: endpoint.to_owned(),
        body: pairs.join("&"),
    }
}

/// The field of a form that names what it is about.
#[cfg(feature = "ssr")]
fn one(id: i64) -> (String, String) {
    ("id".to_owned(), id.to_string())
}

/// What answers a question of a page on the server itself.
#[cfg(feature = "ssr")]
pub(crate) fn question(endpoint: &str) -> Option<Runner> {
    [
        account::QUESTIONS,
        depts::QUESTIONS,
        logs::QUESTIONS,
        menus::QUESTIONS,
        permissions::QUESTIONS,
        roles::QUESTIONS,
        sessions::QUESTIONS,
        settings::QUESTIONS,
        users::QUESTIONS,
    ]
    .into_iter()
    .flatten()
    .find(|(name, _)| *name == endpoint)
    .map(|(_, run)| *run)
}

/// Server functions that anybody may call.
pub static PUBLIC: &[&str] = &[
    "new_captcha",
    "passkey_options",
    "passkey_sign_in",
    "send_sms_code",
    "set_columns",
    "set_language",
    "set_theme",
    "sign_in",
    "sign_in_by_phone",
    "verify_otp",
];

/// Server functions that ask for a session but for no permission of the catalogue.
///
/// `sign_out`, `change_password`, `password_strength` and `who_am_i` stay open while a new
/// password is due.
/// `list_permissions`: the catalogue is no secret. `role_options` asks for `system:user:bind` or
/// `system:role:list`, whichever the caller has, and `user_depts` for `system:dept:list`,
/// `system:user:add` or `system:user:alter`.
pub static SIGNED_IN: &[&str] = &[
    "add_passkey",
    "begin_otp",
    "begin_passkey",
    "change_password",
    "confirm_otp",
    "disable_otp",
    "end_my_other_sessions",
    "end_my_session",
    "list_permissions",
    "my_account",
    "my_factor",
    "my_passkeys",
    "my_sessions",
    "otp_picture",
    "overview",
    "password_strength",
    "remove_avatar",
    "remove_passkey",
    "rename_passkey",
    "renew_recovery_codes",
    "role_options",
    "set_avatar",
    "sign_out",
    "update_profile",
    "user_depts",
    "who_am_i",
];

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_was_emptied_is_told_apart_from_one_left_out() {
        let form = serde_qs::Config::new(5, false);
        let sent = form.deserialize_str::<depts::UpdateDept>("id=1&leader=&email=a@b.c");
        let sent = sent.expect("a form");
        assert_eq!(sent.leader, Given(Some(String::new())));
        assert_eq!(sent.leader.filled(), None);
        assert_eq!(sent.email.filled(), Some("a@b.c"));
        assert_eq!(sent.phone, Given(None));
    }
}
