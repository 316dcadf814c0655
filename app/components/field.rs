//! Form fields: label, control, hint and error belong together, for eyes and for screen readers.
//!
//! The inputs are not controlled: the browser holds what is typed, so that a form that was filled
//! in before hydration keeps it. Each field is checked as one leaves it, by the domain's function
//! that the server asks too; one that must be filled in, and is empty, once it was changed: who
//! only passes through a form is not told off. What the server refuses lands on its field.

use super::copy::copyable;
use super::icon::{Icon, icon};
use super::live::{memo, on};
use crate::calls::Submit;
use crate::error::AppError;
use crate::ui::Ui;
use leptos::ev::{Event, FocusEvent, KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use menshen_domain::{Result, validate};
use std::sync::Arc;

/// Says what is wrong with a value.
pub(crate) type Check = Arc<dyn Fn(&str) -> Result<()> + Send + Sync>;

/// What a field is. Most of it may be left at its default.
#[derive(Clone)]
pub(crate) struct Field {
    /// The name that is sent; the element's id is `field-` and this.
    pub name: &'static str,
    /// Instead of the name in the element's id, where two forms of a page send the same name.
    pub id: &'static str,
    /// The name in the errors of the domain.
    pub key: &'static str,
    pub label: &'static str,
    /// The `type` of the input.
    pub kind: &'static str,
    pub value: String,
    pub hint: &'static str,
    pub required: bool,
    pub disabled: bool,
    /// The field that the focus starts in.
    pub first: bool,
    /// Shows what is typed in machine type.
    pub code: bool,
    pub autocomplete: &'static str,
    /// The keyboard that a telephone shows; empty for the usual one.
    pub inputmode: &'static str,
    /// The id of the list that offers values; empty for none.
    pub list: &'static str,
    pub check: Option<Check>,
}

impl Default for Field {
    fn default() -> Self {
        Self {
            name: "",
            id: "",
            key: "",
            label: "",
            kind: "text",
            value: String::new(),
            hint: "",
            required: false,
            disabled: false,
            first: false,
            code: false,
            autocomplete: "off",
            inputmode: "",
            list: "",
            check: None,
        }
    }
}

impl Field {
    /// Checks the value as one leaves the field.
    pub(crate) fn checked(
        self,
        check: impl Fn(&str) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self {
            check: Some(Arc::new(check)),
            ..self
        }
    }

    fn id(&self) -> String {
        let id = if self.id.is_empty() {
            self.name
        } else {
            self.id
        };
        format!("field-{id}")
    }
}

/// The error that a field shows, and who last had a say in it.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    form: Submit,
    /// What leaving or correcting the field found, since how many refusals; after the next one
    /// the server's word counts again.
    local: RwSignal<Option<(u32, Option<String>)>>,
    shown: Memo<Option<String>>,
}

/// Follows the errors of the field `key`.
pub(crate) fn fault(ui: Ui, form: Submit, key: impl Into<String>) -> Fault {
    follow(ui, form, key.into())
}

fn follow(ui: Ui, form: Submit, key: String) -> Fault {
    let local = RwSignal::new(None::<(u32, Option<String>)>);
    let shown = memo(move || match local.get() {
        Some((tries, text)) if tries == form.tries.get() => text,
        _ => form.problem.with(|p| {
            p.as_ref()
                .and_then(|p| p.field(&key).map(|text| ui.sentence(text)))
        }),
    });
    Fault { form, local, shown }
}

impl Fault {
    /// For `aria-invalid`.
    pub(crate) fn invalid(self) -> Option<&'static str> {
        self.shown.with(Option::is_some).then_some("true")
    }

    /// For `aria-describedby`.
    pub(crate) fn described(self, id: &str, hint: bool) -> Option<String> {
        match (self.shown.with(Option::is_some), hint) {
            (true, true) => Some(format!("{id}-error {id}-hint")),
            (true, false) => Some(format!("{id}-error")),
            (false, true) => Some(format!("{id}-hint")),
            (false, false) => None,
        }
    }

    /// What is wrong.
    pub(crate) fn text(self) -> Option<String> {
        self.shown.get()
    }

    /// Whether something is wrong, at this moment.
    pub(crate) fn is_shown(self) -> bool {
        self.shown.with_untracked(Option::is_some)
    }

    /// Shows what was found wrong here, or that nothing is; until the next refusal.
    pub(crate) fn say(self, text: Option<String>) {
        self.local
            .set(Some((self.form.tries.get_untracked(), text)));
    }

    fn judge(self, ui: Ui, rule: &Rule, value: &str) {
        let text = rule.verdict(value).err().map(|error| {
            let text = error.fields.first().map_or(&error.text, |f| &f.text);
            ui.sentence(text)
        });
        self.say(text);
    }
}

/// What is expected of a field.
#[derive(Clone)]
struct Rule {
    required: bool,
    check: Option<Check>,
}

impl Rule {
    fn verdict(&self, value: &str) -> Result<()> {
        match &self.check {
            _ if value.is_empty() && self.required => {
                validate::text("", value, 1, usize::MAX).map(drop)
            }
            Some(check) if !value.is_empty() => check(value),
            _ => Ok(()),
        }
    }
}

/// The error and the hint below a control.
pub(crate) fn below(id: &str, hint: &'static str, fault: Fault) -> AnyView {
    let error = format!("{id}-error");
    let hint_id = format!("{id}-hint");
    view! {
        {move || {
            fault
                .shown
                .get()
                .map(|text| {
                    let id = error.clone();
                    view! {
                        <p class="error" id=id>
                            {text}
                        </p>
                    }
                    .into_any()
                })
        }}
        {(!hint.is_empty())
            .then(|| {
                view! {
                    <p class="hint" id=hint_id>
                        {hint}
                    </p>
                }
                .into_any()
            })}
    }
    .into_any()
}

/// What the controls have in common: which errors they show, and what they do about them.
struct Wired {
    id: String,
    fault: Fault,
    /// For `aria-describedby`.
    described: Signal<Option<String>>,
    left: Box<dyn FnMut(FocusEvent)>,
    typed: Box<dyn FnMut(Event)>,
    below: AnyView,
}

fn wired(ui: Ui, form: Submit, field: &Field) -> Wired {
    let fault = fault(ui, form, field.key);
    let id = field.id();
    let (about, hinted) = (id.clone(), !field.hint.is_empty());
    let rule = Rule {
        required: field.required && !field.disabled,
        check: field.check.clone(),
    };
    let meanwhile = rule.clone();
    let changed = StoredValue::new(false);
    Wired {
        fault,
        described: Signal::derive(move || fault.described(&about, hinted)),
        left: on(move |event: FocusEvent| {
            let value = event_target_value(&event);
            if !value.is_empty() || changed.try_get_value() == Some(true) {
                fault.judge(ui, &rule, &value);
            }
        }),
        typed: on(move |event: Event| {
            changed.try_set_value(true);
            if fault.is_shown() {
                fault.judge(ui, &meanwhile, &event_target_value(&event));
            }
        }),
        below: below(&id, field.hint, fault),
        id,
    }
}

/// A field of one line.
pub(crate) fn input(ui: Ui, form: Submit, field: Field) -> AnyView {
    let wired = wired(ui, form, &field);
    let fault = wired.fault;
    view! {
        <div class="field">
            {label(ui, &field)}
            <input
                id=wired.id
                class="input"
                class:code=field.code
                name=field.name
                type=field.kind
                value=field.value.clone()
                required=field.required
                disabled=field.disabled
                autofocus=field.first
                data-focus=field.first.then_some("")
                autocomplete=field.autocomplete
                inputmode=(!field.inputmode.is_empty()).then_some(field.inputmode)
                list=(!field.list.is_empty()).then_some(field.list)
                autocapitalize="none"
                spellcheck="false"
                aria-invalid=move || fault.invalid()
                aria-describedby=wired.described
                on:blur=wired.left
                on:input=wired.typed
            />
            {wired.below}
        </div>
    }
    .into_any()
}

fn label(ui: Ui, field: &Field) -> AnyView {
    view! {
        <label for=field.id()>
            {field.label}
            {(!field.required && !field.disabled)
                .then(|| view! { <span class="optional">{ui.t.optional}</span> })}
        </label>
    }
    .into_any()
}

/// A field of several lines.
pub(crate) fn textarea(ui: Ui, form: Submit, field: Field) -> AnyView {
    let wired = wired(ui, form, &field);
    let fault = wired.fault;
    view! {
        <div class="field">
            {label(ui, &field)}
            <textarea
                id=wired.id
                class="input"
                name=field.name
                rows="3"
                disabled=field.disabled
                aria-invalid=move || fault.invalid()
                aria-describedby=wired.described
                on:blur=wired.left
                on:input=wired.typed
            >
                {field.value.clone()}
            </textarea>
            {wired.below}
        </div>
    }
    .into_any()
}

/// A choice from a list of codes and names.
pub(crate) fn select(
    ui: Ui,
    form: Submit,
    field: Field,
    options: Vec<(&'static str, String)>,
) -> AnyView {
    // A choice is never half typed: nothing is checked.
    let field = Field {
        check: None,
        ..field
    };
    let wired = wired(ui, form, &field);
    let fault = wired.fault;
    let options: Vec<AnyView> = options
        .into_iter()
        .map(|(code, name)| {
            view! {
                <option value=code selected=code == field.value>
                    {name}
                </option>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="field">
            <label for=wired.id.clone()>{field.label}</label>
            <select
                id=wired.id
                class="input"
                name=field.name
                disabled=field.disabled
                aria-invalid=move || fault.invalid()
                aria-describedby=wired.described
                on:change=wired.typed
            >
                {options}
            </select>
            {wired.below}
        </div>
    }
    .into_any()
}

/// A box to tick, which sends `true`.
pub(crate) fn checkbox(
    name: &'static str,
    value: String,
    checked: bool,
    label: String,
    hint: AnyView,
) -> AnyView {
    view! {
        <label class="check">
            <input type="checkbox" name=name value=value checked=checked />
            <span>{label} {hint}</span>
        </label>
    }
    .into_any()
}

/// A password, with a button that shows it and a word when Caps Lock is on.
pub(crate) fn password(ui: Ui, form: Submit, field: Field) -> AnyView {
    let t = ui.t;
    let wired = wired(ui, form, &field);
    let fault = wired.fault;
    let mut left = wired.left;
    let shown = RwSignal::new(false);
    let caps = RwSignal::new(false);
    let on_key = move |event: KeyboardEvent| {
        caps.set(event.get_modifier_state("CapsLock"));
    };
    view! {
        <div class="field">
            <label for=wired.id.clone()>{field.label}</label>
            <div class="with-button">
                <input
                    id=wired.id.clone()
                    class="input"
                    name=field.name
                    type=move || if shown.get() { "text" } else { "password" }
                    required=field.required
                    autofocus=field.first
                    data-focus=field.first.then_some("")
                    autocomplete=field.autocomplete
                    autocapitalize="none"
                    spellcheck="false"
                    maxlength="512"
                    aria-invalid=move || fault.invalid()
                    aria-describedby=wired.described
                    on:keydown=on(on_key)
                    on:keyup=on(on_key)
                    on:blur=on(move |event: FocusEvent| {
                        caps.set(false);
                        left(event);
                    })
                    on:input=wired.typed
                />
                <button
                    type="button"
                    class="inside js-only"
                    aria-controls=wired.id
                    aria-pressed=move || shown.get().to_string()
                    on:click=on(move |_: MouseEvent| shown.update(|s| *s = !*s))
                >
                    {move || if shown.get() { t.hide } else { t.show }}
                </button>
            </div>
            {move || {
                caps.get()
                    .then(|| {
                        view! {
                            <p class="warning" role="status">
                                {t.caps_lock}
                            </p>
                        }
                        .into_any()
                    })
            }}
            {wired.below}
        </div>
    }
    .into_any()
}

/// What is wrong with a form as a whole: the errors that are about none of its `fields`.
pub(crate) fn alert(ui: Ui, form: Submit, fields: &'static [&'static str]) -> AnyView {
    view! {
        {move || {
            form.problem
                .with(|p| {
                    p.as_ref().filter(|p| p.is_general(fields)).map(|p| warning(ui, p))
                })
        }}
    }
    .into_any()
}

/// An error in a box of its own.
pub(crate) fn warning(ui: Ui, error: &AppError) -> AnyView {
    let id = error.reference().map(|id| {
        view! {
            " "
            <span class="hint">{ui.t.request_id} " " {copyable(ui, id)}</span>
        }
        .into_any()
    });
    view! {
        <div class="alert" role="alert" tabindex="-1">
            {icon(Icon::Alert)} <p>{ui.sentence(&error.text)} {id}</p>
        </div>
    }
    .into_any()
}

/// The button that sends a form; it rests while the answer is under way.
pub(crate) fn submit(form: Submit, label: &'static str, class: &'static str) -> AnyView {
    let pending = form.pending;
    view! {
        <button
            type="submit"
            class=class
            aria-disabled=move || pending.get().then_some("true")
        >
            {move || {
                pending
                    .get()
                    .then(|| view! { <span class="spinner" aria-hidden="true"></span> }.into_any())
            }}
            {label}
        </button>
    }
    .into_any()
}

/// A text as it is kept: without space around it, its lines ended in one way.
pub(crate) fn plain(text: &str) -> String {
    text.trim().replace('\r', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_be_filled_in_is_missed_when_it_is_empty_and_nothing_else_is() {
        let rule = |required| Rule {
            required,
            check: Some(Arc::new(|value: &str| validate::username(value).map(drop))),
        };
        assert!(rule(true).verdict("").is_err() && rule(false).verdict("").is_ok());
        assert!(rule(true).verdict("lin wei").is_err());
        assert!(rule(false).verdict("lin wei").is_err());
        assert!(rule(true).verdict("lin.wei").is_ok());
        let unchecked = Rule {
            required: true,
            check: None,
        };
        assert!(unchecked.verdict("").is_err() && unchecked.verdict("x").is_ok());
    }
}
