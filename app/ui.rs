//! What every view needs at hand: language, texts, who is signed in, toasts.

use crate::boot::{Boot, Flash, Theme};
use crate::browser;
use crate::calls::{Ask, ask_once};
use crate::components::live::effect;
use crate::error::AppError;
use crate::i18n::{Texts, texts};
use leptos::prelude::*;
use menshen_domain::session::{Me, Ways};
use menshen_domain::{Kind, Lang, Text};
use std::time::Duration;

/// A short message that something was done.
#[derive(Debug, Clone)]
pub(crate) struct Toast {
    pub id: u32,
    pub text: String,
    pub bad: bool,
}

/// The state that all views of a page share. `Copy`: views take it once and hand it on.
#[derive(Clone, Copy)]
pub(crate) struct Ui {
    pub t: &'static Texts,
    pub lang: Lang,
    pub me: RwSignal<Option<Me>>,
    pub theme: RwSignal<Theme>,
    pub folded: RwSignal<bool>,
    /// The least length of a password.
    pub password_min: usize,
    /// The ways in beside name and password.
    pub ways: Ways,
    /// The domain name that passkeys are bound to; empty when they are not set up.
    pub passkey_rp: StoredValue<String>,
    /// The time that relative times count from: the server's, and later the browser's.
    pub now: RwSignal<i64>,
    /// Whether exact times are told in the browser's zone; before hydration they are in UTC.
    pub local: RwSignal<bool>,
    pub toasts: RwSignal<Vec<Toast>>,
    flash: StoredValue<Option<Flash>>,
}

/// Makes the state from what the server knows of the request, and provides it.
pub(crate) fn provide() {
    // As a text of ours, so that the browser reads all JSON with the same code.
    let boot = SharedValue::new_str(|| serde_json::to_string(&read_boot()).unwrap_or_default());
    let boot: Boot = serde_json::from_slice(boot.into_inner().as_bytes()).unwrap_or_default();
    let notice = boot.flash.as_ref().and_then(|f| f.notice.clone());
    let ui = Ui {
        t: texts(boot.lang),
        lang: boot.lang,
        me: RwSignal::new(boot.me),
        theme: RwSignal::new(boot.theme),
        folded: RwSignal::new(boot.folded),
        password_min: boot.password_min,
        ways: boot.ways,
        passkey_rp: StoredValue::new(boot.passkey_rp),
        now: RwSignal::new(boot.now),
        local: RwSignal::new(false),
        toasts: RwSignal::new(
            notice
                .into_iter()
                .map(|text| Toast {
                    id: 0,
                    text,
                    bad: false,
                })
                .collect(),
        ),
        flash: StoredValue::new(boot.flash),
    };
    provide_context(ui);
    effect(move || {
        ui.local.set(true);
        ui.now.set(browser::now());
        set_interval(move || ui.now.set(browser::now()), Duration::from_secs(30));
    });
}

#[cfg(feature = "ssr")]
fn read_boot() -> Boot {
    crate::server::boot()
}

#[cfg(not(feature = "ssr"))]
fn read_boot() -> Boot {
    Boot::default()
}

/// The state of the page that is being built.
pub(crate) fn ui() -> Ui {
    expect_context()
}

impl Ui {
    /// Whether the signed-in person may do what `code` guards. Not tracked: when her roles change
    /// while she works, the server's refusal is what counts.
    pub(crate) fn may(self, code: &str) -> bool {
        self.me
            .with_untracked(|me| me.as_ref().is_some_and(|me| me.may(code)))
    }

    /// `text` in the page's language.
    pub(crate) fn say(self, text: &Text) -> String {
        text.get(self.lang).to_owned()
    }

    /// `text` in the page's language, with a capital letter in front: the domain's messages are
    /// written to follow a field's name.
    pub(crate) fn sentence(self, text: &Text) -> String {
        let text = text.get(self.lang);
        let mut chars = text.chars();
        chars.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(chars).collect()
        })
    }

    /// Shows a message for some seconds.
    pub(crate) fn toast(self, text: String) {
        self.push(text, false);
    }

    /// Shows an error until it is closed.
    pub(crate) fn toast_error(self, error: &AppError) {
        self.push(self.sentence(&error.text), true);
    }

    fn push(self, text: String, bad: bool) {
        let id = self
            .toasts
            .try_update(|list| {
                let id = list.iter().map(|t| t.id).max().unwrap_or(0) + 1;
                list.push(Toast { id, text, bad });
                id
            })
            .unwrap_or_default();
        if !bad {
            set_timeout(move || self.drop_toast(id), Duration::from_secs(7));
        }
    }

    /// Takes a message away.
    pub(crate) fn drop_toast(self, id: u32) {
        self.toasts.update(|list| list.retain(|t| t.id != id));
    }

    /// What came back for a form that was sent to `endpoint` without JavaScript.
    pub(crate) fn flash<T>(self, endpoint: &str, read: impl FnOnce(&Flash) -> T) -> Option<T> {
        self.flash
            .with_value(|flash| flash.as_ref().filter(|f| f.endpoint == endpoint).map(read))
    }

    /// A field of such a form as it was sent.
    pub(crate) fn sent(self, endpoint: &str, name: &str) -> Option<String> {
        self.flash(endpoint, |f| {
            f.form
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
        })
        .flatten()
    }

    /// What to do about an error beside showing it. A session that has ended leads back to the
    /// login page; when a permission turns out to be missing, what the page knows of the caller's
    /// permissions is brought up to date.
    pub(crate) fn react(self, problem: &AppError) {
        match problem.kind {
            Kind::Token => browser::sign_in_again(),
            Kind::Locked => browser::go("/admin"),
            Kind::Forbidden { .. } => ask_once(Ask::of("who_am_i", &[]), move |me| {
                if let Ok(me) = me {
                    self.me.set(Some(me));
                }
            }),
            _ => {}
        }
    }
}
