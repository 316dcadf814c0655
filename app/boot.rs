//! What the server tells the browser about the request, so that both render the same page.

use crate::error::AppError;
use menshen_domain::Lang;
use menshen_domain::people::ImportReport;
use menshen_domain::session::{Me, Ways};
use serde::{Deserialize, Serialize};

/// Light, dark, or as the system has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    Light,
    Dark,
    #[default]
    System,
}

impl Theme {
    pub(crate) const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::System];

    /// The value of the cookie, and the class of `<html>`.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::System => "system",
        }
    }

    /// Anything unknown is `System`.
    #[cfg(feature = "ssr")]
    pub(crate) fn from_code(code: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|t| t.code() == code)
            .unwrap_or_default()
    }
}

/// The field by which a form says that it takes something back; and where its refusal is told,
/// instead of in the form of that server function.
pub(crate) const UNDO: &str = "undo";

/// How something that was done is taken back: by sending `body` to the server function `endpoint`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Undo {
    /// The server function.
    pub endpoint: String,
    /// Its form, as a browser sends it.
    pub body: String,
}

/// What a form that was sent without JavaScript led to. It comes in a cookie that lives for one
/// page.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Flash {
    /// Which server function answered.
    pub endpoint: String,
    /// Why it refused.
    pub error: Option<AppError>,
    /// What it did.
    pub notice: Option<String>,
    /// How that is taken back.
    #[serde(default)]
    pub undo: Option<Undo>,
    /// The same on its way through a cookie.
    #[serde(default)]
    pub sealed: Option<String>,
    /// A secret that is shown once: a one-time password.
    pub secret: Option<String>,
    /// The fields as they were sent, secrets left out.
    pub form: Vec<(String, String)>,
}

impl std::fmt::Debug for Flash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flash")
            .field("endpoint", &self.endpoint)
            .field("error", &self.error)
            .field("notice", &self.notice)
            .field("undo", &self.undo)
            .field("sealed", &self.sealed)
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

/// A list whose columns, beside the first, can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnsOf {
    Users,
    Roles,
    Sessions,
    SignIns,
    Operations,
}

impl ColumnsOf {
    pub(crate) const ALL: [Self; 5] = [
        Self::Users,
        Self::Roles,
        Self::Sessions,
        Self::SignIns,
        Self::Operations,
    ];

    /// What a form calls it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Roles => "roles",
            Self::Sessions => "sessions",
            Self::SignIns => "sign-ins",
            Self::Operations => "operations",
        }
    }

    /// The cookie that remembers the choice.
    pub(crate) fn cookie(self) -> &'static str {
        match self {
            Self::Users => "menshen_cols_users",
            Self::Roles => "menshen_cols_roles",
            Self::Sessions => "menshen_cols_sessions",
            Self::SignIns => "menshen_cols_sign_ins",
            Self::Operations => "menshen_cols_operations",
        }
    }

    /// All columns, in their order.
    pub(crate) fn all(self) -> &'static [&'static str] {
        match self {
            Self::Users => &[
                "roles", "dept", "status", "phone", "email", "login", "created",
            ],
            Self::Roles => &[
                "permissions",
                "scope",
                "holders",
                "status",
                "sort",
                "change",
            ],
            Self::Sessions => &["address", "client", "kind", "seen", "since", "ends"],
            Self::SignIns => &["result", "method", "address", "client", "time"],
            Self::Operations => &["target", "who", "address", "client", "time"],
        }
    }

    /// Those that it has unless others are chosen.
    #[cfg(feature = "ssr")]
    fn usual(self) -> String {
        match self {
            Self::Users => "roles.dept.status.login".to_owned(),
            Self::Operations => "target.who.address.time".to_owned(),
            _ => self.all().join("."),
        }
    }

    /// A choice of columns as it is kept: those that there are, in their order. `-` for none.
    pub(crate) fn keep(self, chosen: &[&str]) -> String {
        let known = self.all().iter().copied();
        let known: Vec<&str> = known.filter(|column| chosen.contains(column)).collect();
        if known.is_empty() {
            "-".to_owned()
        } else {
            known.join(".")
        }
    }

    /// The columns that are shown, separated by dots, by what a browser has kept.
    #[cfg(feature = "ssr")]
    pub(crate) fn shown(self, kept: Option<&str>) -> String {
        kept.map_or_else(
            || self.usual(),
            |kept| self.keep(&kept.split('.').collect::<Vec<_>>()),
        )
    }
}

/// What came of a file of users that was sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// What is wrong with its lines, or what was made of them; or why it could not be read.
    pub report: Result<ImportReport, AppError>,
    /// The file itself, so that a page without JavaScript can send it again.
    pub csv: String,
}

/// The facts of a request that a page is rendered from.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Boot {
    pub lang: Lang,
    pub theme: Theme,
    /// Whether the side navigation is folded.
    pub folded: bool,
    /// The columns of each of [`ColumnsOf::ALL`], separated by dots.
    #[serde(default)]
    pub columns: Vec<String>,
    /// What came of the file that was sent to the page of imports.
    #[serde(default)]
    pub import: Option<Outcome>,
    /// Whether the shortcuts of a single key are turned off.
    pub keys_off: bool,
    /// Whether the server runs with `--dev`.
    pub dev: bool,
    /// The server's time in microseconds, which relative times count from.
    pub now: i64,
    /// The least length of a password.
    pub password_min: usize,
    /// The ways in beside name and password.
    pub ways: Ways,
    /// The domain name that passkeys are bound to; empty when they are not set up.
    pub passkey_rp: String,
    /// Who is signed in.
    pub me: Option<Me>,
    pub flash: Option<Flash>,
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_choice_of_columns_is_kept_in_their_order() {
        let of = ColumnsOf::Users;
        assert_eq!(of.shown(None), "roles.dept.status.login");
        assert_eq!(of.shown(Some("email.roles.nonsense")), "roles.email");
        assert_eq!(of.shown(Some("-")), "-");
        assert_eq!(of.keep(&[]), "-");
        for of in ColumnsOf::ALL {
            let usual = of.shown(None);
            assert_eq!(of.shown(Some(&usual)), usual, "{}", of.code());
        }
    }

    #[test]
    fn each_list_has_its_place_among_all() {
        for (at, of) in ColumnsOf::ALL.into_iter().enumerate() {
            assert_eq!(of as usize, at);
        }
    }
}
