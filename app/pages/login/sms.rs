//! Signing in with a code that is sent to a phone: first the number (and a captcha, when one is
//! due), then the code.

use super::captcha_when_due;
use super::ways::{SMS, address};
use crate::browser;
use crate::calls::{Loaded, Submit};
use crate::components::field::{self, Field, alert, submit};
use crate::components::live::on;
use crate::error::AppError;
use crate::ui::Ui;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use menshen_domain::{FieldError, Kind, validate};
use std::time::Duration;

/// How many seconds lie between two codes.
const PAUSE: u32 = 60;

/// The state of both steps; it outlives a change of tabs.
#[derive(Clone, Copy)]
pub(super) struct Sms {
    send: Submit,
    enter: Submit,
    /// The number as it was typed last.
    phone: StoredValue<String>,
    /// Whether a code is under way to it.
    sent: RwSignal<bool>,
    /// Seconds until another code may be asked for.
    left: RwSignal<u32>,
    captcha: Loaded,
    focus_captcha: StoredValue<bool>,
}

impl Sms {
    /// `ticket` takes what the second step goes on from when a second factor is due.
    pub(super) fn new(
        ui: Ui,
        captcha: Loaded,
        focus_captcha: StoredValue<bool>,
        ticket: RwSignal<Option<String>>,
    ) -> Self {
        // What forms without JavaScript led to.
        let was_sent = ui.flash("send_sms_code", |f| f.error.is_none()) == Some(true);
        let was_wrong = ui.sent("sign_in_by_phone", "phone");
        let phone = StoredValue::new(
            was_wrong
                .clone()
                .or_else(|| ui.sent("send_sms_code", "phone"))
                .unwrap_or_default(),
        );
        let sent = RwSignal::new(was_sent || was_wrong.is_some());
        let left = RwSignal::new(0);
        let send = Submit::new(ui, "send_sms_code", move |done| {
            phone.try_set_value(done.name);
            sent.try_set(true);
            // After another number the seconds may be counted already.
            let counting = left.try_get_untracked().is_some_and(|left| left > 0);
            left.try_set(PAUSE);
            if !counting {
                count_down(left);
            }
            browser::focus("#field-sms_code");
        })
        .place(super::on_its_field)
        .refused(move |problem| super::again(problem, captcha, focus_captcha));
        let enter = Submit::new(ui, "sign_in_by_phone", |done| browser::go(&done.to))
            .place(on_the_code)
            .refused(move |problem| {
                if let Kind::OtpRequired { ticket: given } = &problem.kind {
                    ticket.set(Some(given.clone()));
                    browser::focus("#field-otp_code");
                    return;
                }
                browser::clear("#field-sms_code");
                browser::focus("form [aria-invalid=true], form .alert");
            });
        Self {
            send,
            enter,
            phone,
            sent,
            left,
            captcha,
            focus_captcha,
        }
    }

    /// Tells an error above the first field.
    pub(super) fn tell(self, problem: AppError) {
        self.sent.set(false);
        self.send.problem.set(Some(problem));
    }

    /// The step whose turn it is.
    pub(super) fn view(self, ui: Ui, next: String) -> AnyView {
        let step = move || {
            if self.sent.get() {
                self.code(ui, &next)
            } else {
                self.number(ui, &next)
            }
        };
        view! { {move || step()} }.into_any()
    }

    fn number(self, ui: Ui, next: &str) -> AnyView {
        let t = ui.t;
        let fields = view! {
            {alert(ui, self.send, &["phone", "captcha"])}
            {field::input(
                ui,
                self.send,
                Field {
                    name: "phone",
                    key: "phone",
                    label: t.phone,
                    kind: "tel",
                    value: self.phone.get_value(),
                    hint: t.sms_hint,
                    required: true,
                    first: true,
                    autocomplete: "tel",
                    inputmode: "tel",
                    ..Field::default()
                }
                    .checked(|value| validate::phone_key(value).map(drop)),
            )}
            {captcha_when_due(ui, self.send, self.captcha, self.focus_captcha, address(SMS, next))}
            {submit(self.send, t.send_code, "button primary wide")}
        };
        self.send
            .form("send-code", "card gate-card", fields.into_any())
    }

    fn code(self, ui: Ui, next: &str) -> AnyView {
        let t = ui.t;
        let phone = self.phone.get_value();
        let back = move || {
            self.sent.set(false);
            self.enter.problem.set(None);
            self.captcha.refetch();
            browser::focus("#field-phone");
        };
        let again = move |event: MouseEvent| {
            event.prevent_default();
            if self.left.get_untracked() == 0 {
                back();
            }
        };
        // A number may be mistyped, and waits for no code.
        let another = move |event: MouseEvent| {
            event.prevent_default();
            back();
        };
        let label = move || match self.left.get() {
            0 => t.send_again.to_owned(),
            left => t.send_again_in(left),
        };
        let fields = view! {
            <p class="quiet">
                {t.code_sent(&phone)} " "
                <a class="link" href=address(SMS, next) rel="external" on:click=on(another)>
                    {t.another_number}
                </a>
            </p>
            <input type="hidden" name="phone" value=phone />
            <input type="hidden" name="next" value=next.to_owned() />
            {alert(ui, self.enter, &["code"])}
            {field::input(
                ui,
                self.enter,
                Field {
                    name: "sms_code",
                    key: "code",
                    label: t.otp_code,
                    hint: t.sms_code_hint,
                    required: true,
                    first: true,
                    code: true,
                    autocomplete: "one-time-code",
                    inputmode: "numeric",
                    ..Field::default()
                },
            )}
            {submit(self.enter, t.sign_in, "button primary wide")}
            <a
                class="button wide"
                href=address(SMS, next)
                rel="external"
                aria-disabled=move || (self.left.get() > 0).then_some("true")
                on:click=on(again)
            >
                {label}
            </a>
        };
        self.enter
            .form("enter-code", "card gate-card", fields.into_any())
    }
}

/// Counts the seconds, one after the other.
fn count_down(left: RwSignal<u32>) {
    set_timeout(
        move || {
            if let Some(now) = left.try_get_untracked().filter(|now| *now > 0) {
                left.set(now - 1);
                count_down(left);
            }
        },
        Duration::from_secs(1),
    );
}

/// Puts the refusal of a code under its field.
fn on_the_code(mut problem: AppError) -> AppError {
    if problem.kind == Kind::Credentials {
        problem.fields = vec![FieldError {
            field: "code".into(),
            text: problem.text.clone(),
        }];
    }
    problem
}
