//! What every view needs at hand: language, texts, who is signed in, toasts.

use crate::boot::{Boot, ColumnsOf, Flash, Outcome, Theme, UNDO, Undo};
use crate::browser;
use crate::calls::{Ask, ask_once};
use crate::components::live::{effect, unless};
use crate::error::AppError;
use crate::i18n::{Texts, texts};
use crate::live::{self, Heard};
use leptos::prelude::*;
use leptos::reactive::graph::Observer;
use menshen_domain::session::{Me, Ways};
use menshen_domain::{Kind, Lang, Text};
use std::time::Duration;

/// A short message that something was done.
#[derive(Debug, Clone)]
pub(crate) struct Toast {
    pub id: u32,
    pub text: String,
    pub bad: bool,
    /// How it is taken back.
    pub undo: Option<Undo>,
}

/// The id of the message that came with the page.
const TOLD: u32 = 0;
/// How long a message stays.
const STAYS: Duration = Duration::from_secs(7);
/// How long one stays that offers to take something back.
const STAYS_WITH_UNDO: Duration = Duration::from_secs(15);
/// How long one stays that was pointed at, or had the focus, when its time was over.
const LINGERS: Duration = Duration::from_secs(4);

/// The state that all views of a page share. `Copy`: views take it once and hand it on.
#[derive(Clone, Copy)]
pub(crate) struct Ui {
    pub t: &'static Texts,
    pub lang: Lang,
    pub me: RwSignal<Option<Me>>,
    pub theme: RwSignal<Theme>,
    pub folded: RwSignal<bool>,
    /// The columns of each of [`ColumnsOf::ALL`], separated by dots.
    columns: [RwSignal<String>; ColumnsOf::ALL.len()],
    /// What came of a file of users that was sent without JavaScript.
    pub import: StoredValue<Option<Outcome>>,
    /// Whether the shortcuts of a single key are heard.
    pub keys: RwSignal<bool>,
    /// Whether the server runs with `--dev`.
    pub dev: bool,
    /// The least length of a password.
    pub password_min: usize,
    /// The ways in beside name and password.
    pub ways: Ways,
    /// The domain name that passkeys are bound to; empty when they are not set up.
    pub passkey_rp: StoredValue<String>,
    /// The time that relative times count from: the server's, and later the browser's.
    pub now: RwSignal<i64>,
    /// When the server drew the page.
    pub drawn: i64,
    /// What was heard to change since.
    pub live: Heard,
    /// Whether exact times are told in the browser's zone; before hydration they are in UTC.
    pub local: RwSignal<bool>,
    pub toasts: RwSignal<Vec<Toast>>,
    last_toast: StoredValue<u32>,
    /// The ids of those messages that somebody points at, or has the focus in; of one in which
    /// she has both, twice.
    held_toasts: StoredValue<Vec<u32>>,
    /// Counts what was taken back.
    pub undone: RwSignal<u32>,
    /// How many editors hold changes that are not saved.
    pub editing: RwSignal<u32>,
    /// Counts what was taken back: whatever a page has loaded is loaded again then, but not
    /// underneath what is being edited.
    pub taken_back: Memo<u32>,
    flash: StoredValue<Option<Flash>>,
}

/// Forms that have no place of their own for a refusal.
const TOLD_BY_TOAST: &[&str] = &[
    "bind_roles",
    "end_session",
    "give_role",
    "move_dept",
    "move_menu",
    "move_users",
    "remove_avatar",
    "set_dept_status",
    "set_menu_status",
    "set_role_status",
    "set_user_status",
    "set_users_status",
    "take_role",
    UNDO,
];

/// Makes the state from what the server knows of the request, and provides it.
pub(crate) fn provide() {
    // As a text of ours, so that the browser reads all JSON with the same code.
    let boot = SharedValue::new_str(|| serde_json::to_string(&read_boot()).unwrap_or_default());
    let boot: Boot = serde_json::from_slice(boot.into_inner().as_bytes()).unwrap_or_default();
    let notice = boot.flash.as_ref().and_then(|f| {
        let undo = f.undo.clone();
        f.notice.clone().map(|text| (text, undo))
    });
    let (undone, editing) = (RwSignal::new(0), RwSignal::new(0_u32));
    let ui = Ui {
        t: texts(boot.lang),
        lang: boot.lang,
        me: RwSignal::new(boot.me),
        theme: RwSignal::new(boot.theme),
        folded: RwSignal::new(boot.folded),
        columns: ColumnsOf::ALL.map(|of| {
            let chosen = boot.columns.get(of as usize).cloned();
            RwSignal::new(chosen.unwrap_or_default())
        }),
        import: StoredValue::new(boot.import),
        keys: RwSignal::new(!boot.keys_off),
        dev: boot.dev,
        password_min: boot.password_min,
        ways: boot.ways,
        passkey_rp: StoredValue::new(boot.passkey_rp),
        now: RwSignal::new(boot.now),
        drawn: boot.now,
        live: live::nothing(),
        local: RwSignal::new(false),
        last_toast: StoredValue::new(TOLD),
        held_toasts: StoredValue::new(Vec::new()),
        toasts: RwSignal::new(
            notice
                .into_iter()
                .map(|(text, undo)| Toast {
                    id: TOLD,
                    text,
                    bad: false,
                    undo,
                })
                .collect(),
        ),
        undone,
        editing,
        taken_back: unless(Signal::derive(move || editing.get() > 0), undone.into()),
        flash: StoredValue::new(boot.flash),
    };
    let refused = ui.flash.with_value(|flash| {
        let flash = flash.as_ref()?;
        let told = TOLD_BY_TOAST.contains(&flash.endpoint.as_str());
        flash.error.clone().filter(|_| told)
    });
    if let Some(error) = refused {
        let text = ui.told(&error);
        ui.toasts.update_untracked(|list| {
            list.push(Toast {
                id: TOLD,
                text,
                bad: true,
                undo: None,
            });
        });
    }
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
    /// Whether the signed-in person may do what `code` guards. Where a view follows signals it
    /// follows this too: when her roles change while she works, buttons come and go. What counts
    /// is the server's word.
    pub(crate) fn may(self, code: &str) -> bool {
        let held = |me: &Option<Me>| me.as_ref().is_some_and(|me| me.may(code));
        if Observer::get().is_some() {
            self.me.with(held)
        } else {
            self.me.with_untracked(held)
        }
    }

    /// The columns of a list that are shown, separated by dots.
    pub(crate) fn columns(self, of: ColumnsOf) -> RwSignal<String> {
        let [users, roles, sessions, sign_ins, operations] = self.columns;
        match of {
            ColumnsOf::Users => users,
            ColumnsOf::Roles => roles,
            ColumnsOf::Sessions => sessions,
            ColumnsOf::SignIns => sign_ins,
            ColumnsOf::Operations => operations,
        }
    }

    /// The same in another language.
    pub(crate) fn in_lang(self, lang: Lang) -> Self {
        Self {
            t: texts(lang),
            lang,
            ..self
        }
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
        self.push(text, false, None);
    }

    /// Shows a message that offers to take back what was done, by sending the form `undo.1` to
    /// the server function `undo.0`.
    pub(crate) fn toast_undo(self, text: String, undo: (&str, String)) {
        let (endpoint, body) = undo;
        let endpoint = endpoint.to_owned();
        self.push(text, false, Some(Undo { endpoint, body }));
    }

    /// Shows a message that something was done, and, if the server said how, offers to take it
    /// back.
    pub(crate) fn toast_done(self, text: String, undo: Option<Undo>) {
        match undo {
            Some(undo) => self.toast_undo(text, (&undo.endpoint, undo.body)),
            None => self.toast(text),
        }
    }

    /// Shows an error until it is closed.
    pub(crate) fn toast_error(self, error: &AppError) {
        self.push(self.told(error), true, None);
    }

    /// An error in a sentence; with the request's id, where that helps to find out more.
    fn told(self, error: &AppError) -> String {
        let mut text = self.sentence(&error.text);
        if let Some(id) = error.reference() {
            text.push_str(&format!(" ({} {id})", self.t.request_id));
        }
        text
    }

    fn push(self, text: String, bad: bool, undo: Option<Undo>) {
        // No id is given twice: the list of messages would take the new one for the old.
        let id = self
            .last_toast
            .try_update_value(|last| {
                *last += 1;
                *last
            })
            .unwrap_or_default();
        let toast = Toast {
            id,
            text,
            bad,
            undo,
        };
        self.let_go(&toast);
        self.toasts.update(|list| list.push(toast));
    }

    /// Has a message go after its time; an error stays until it is closed.
    fn let_go(self, toast: &Toast) {
        let id = toast.id;
        let stays = match toast.undo {
            Some(_) => STAYS_WITH_UNDO,
            None => STAYS,
        };
        if !toast.bad {
            self.drop_later(id, stays);
        }
    }

    fn drop_later(self, id: u32, after: Duration) {
        let go = move || {
            let held = self.held_toasts.try_with_value(|held| held.contains(&id));
            if !held.unwrap_or_default() {
                self.drop_toast(id);
            }
        };
        set_timeout(go, after);
    }

    /// Keeps a message that somebody points at, or has the focus in: she reads it, or is about to
    /// take back what it tells of.
    pub(crate) fn hold_toast(self, id: u32) {
        self.held_toasts.update_value(|held| held.push(id));
    }

    /// She does so no more.
    pub(crate) fn release_toast(self, id: u32) {
        self.held_toasts.update_value(|held| {
            if let Some(at) = held.iter().position(|other| *other == id) {
                held.swap_remove(at);
            }
        });
        let goes = |toast: &Toast| toast.id == id && !toast.bad;
        if self.toasts.with_untracked(|list| list.iter().any(goes)) {
            self.drop_later(id, LINGERS);
        }
    }

    /// Has what came with the page go like every other message: for who has no JavaScript it
    /// stays. To be called once the page is awake.
    pub(crate) fn let_go_of_told(self) {
        self.toasts.with_untracked(|list| {
            for toast in list.iter().filter(|toast| toast.id == TOLD) {
                self.let_go(toast);
            }
        });
    }

    /// Takes a message away.
    pub(crate) fn drop_toast(self, id: u32) {
        self.held_toasts
            .try_update_value(|held| held.retain(|other| *other != id));
        self.toasts
            .try_update(|list| list.retain(|toast| toast.id != id));
    }

    /// What came back for a form that was sent to `endpoint` without JavaScript.
    pub(crate) fn flash<T>(self, endpoint: &str, read: impl FnOnce(&Flash) -> T) -> Option<T> {
        self.flash
            .with_value(|flash| flash.as_ref().filter(|f| f.endpoint == endpoint).map(read))
    }

    /// All that such a form sent under a name: its ticked boxes.
    pub(crate) fn sent_all(self, endpoint: &str, name: &str) -> Option<Vec<String>> {
        self.flash(endpoint, |f| {
            let sent = f.form.iter().filter(|(key, _)| key == name);
            sent.map(|(_, value)| value.clone()).collect()
        })
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
                if let Ok(me) = me
                    && self.me.with_untracked(|known| known.as_ref() != Some(&me))
                {
                    self.me.set(Some(me));
                }
            }),
            _ => {}
        }
    }
}
