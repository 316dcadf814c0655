//! One setting: what it is, what it is set to, and where that comes from.

use crate::browser;
use crate::calls::Submit;
use crate::components::field::{Fault, fault, plain};
use crate::components::icon::{Icon, icon};
use crate::components::live::{effect, on};
use crate::time::count;
use crate::ui::Ui;
use leptos::ev::{Event, FocusEvent, MouseEvent};
use leptos::prelude::*;
use menshen_domain::setting::{self, Item, ItemField, Unit};

/// What the settings of a form have in common.
#[derive(Clone, Copy)]
pub(super) struct Shared {
    pub ui: Ui,
    pub form: Submit,
    pub dirty: RwSignal<bool>,
    /// Whether the caller may change them.
    pub may: bool,
    /// Whether nothing was saved since the page was loaded, so that what came back with a form
    /// that was refused is still to be shown.
    pub fresh: bool,
}

/// A row: on the left what it is, on the right its value.
pub(super) fn setting(shared: Shared, item: &Item) -> AnyView {
    let Shared { ui, may, .. } = shared;
    let id = format!("set-{}", item.name.replace(['.', '_'], "-"));
    let label = ui.say(&item.label);
    let label = if item.open && may {
        view! { <label for=id.clone()>{label}</label> }.into_any()
    } else {
        view! { <p class="setting-label">{label}</p> }.into_any()
    };
    let hint = spoken(&ui.say(&item.hint));
    let control = if item.open && may {
        control(shared, item, &id)
    } else {
        fixed(ui, item)
    };
    view! {
        <div class="setting">
            <div class="setting-about">
                {label} <p class="hint" id=format!("{id}-hint")>
                    {hint}
                </p> <code class="setting-name">{item.name.clone()}</code>
            </div>
            <div class="setting-control">{control}</div>
        </div>
    }
    .into_any()
}

/// A sentence of the documentation: what stands in backticks is code.
fn spoken(text: &str) -> Vec<AnyView> {
    text.split('`')
        .enumerate()
        .map(|(at, piece)| {
            let piece = piece.to_owned();
            if at % 2 == 1 {
                view! { <code>{piece}</code> }.into_any()
            } else {
                piece.into_any()
            }
        })
        .collect()
}

/// A value that can't be changed here, and why.
fn fixed(ui: Ui, item: &Item) -> AnyView {
    let t = ui.t;
    let value = match &item.field {
        ItemField::Secret | ItemField::SecretLines => is_set(ui, item),
        _ => named(ui, item, &item.value).into_any(),
    };
    let why = match &item.origin {
        Some(origin) => view! {
            <p class="setting-pin">
                {icon(Icon::Lock)} <span>{t.set_by} " " <code>{origin.clone()}</code></span>
            </p>
        }
        .into_any(),
        None if !item.open => view! {
            <p class="setting-pin">
                {icon(Icon::Lock)} <span>{t.from_configuration}</span>
            </p>
        }
        .into_any(),
        None => ().into_any(),
    };
    view! {
        <p class="setting-value">{value}</p>
        {why}
    }
    .into_any()
}

fn is_set(ui: Ui, item: &Item) -> AnyView {
    let (class, word) = match (item.is_lost(), item.is_set) {
        (true, _) => ("state bad", ui.t.unreadable),
        (false, true) => ("state ok", ui.t.is_set),
        (false, false) => ("state off", ui.t.not_set),
    };
    view! { <span class=class>{word}</span> }.into_any()
}

/// A value in words.
fn named(ui: Ui, item: &Item, value: &str) -> String {
    let t = ui.t;
    match &item.field {
        _ if value.is_empty() => t.not_set.to_owned(),
        ItemField::Flag => if value == "true" { t.on } else { t.off }.to_owned(),
        ItemField::Choice(choices) => choices
            .iter()
            .find(|(code, _)| code == value)
            .map_or_else(|| value.to_owned(), |(_, name)| ui.say(name)),
        ItemField::Number { unit, .. } => amount(ui, value, *unit),
        ItemField::Lines => value.replace('\n', ", "),
        _ if value == "true" => t.on.to_owned(),
        _ if value == "false" => t.off.to_owned(),
        _ => value.to_owned(),
    }
}

/// A number with what it counts, and long times in larger units too.
fn amount(ui: Ui, value: &str, unit: Unit) -> String {
    let Ok(n) = value.trim().parse::<i64>() else {
        return value.to_owned();
    };
    let amount = ui.t.amount(unit, n, &count(n));
    match unit {
        Unit::Seconds => match larger(ui, n) {
            Some(larger) => format!("{amount} ({larger})"),
            None => amount,
        },
        _ => amount,
    }
}

/// Seconds in the largest unit that measures them without a rest.
fn larger(ui: Ui, seconds: i64) -> Option<String> {
    let t = ui.t;
    [(86_400, 2), (3600, 1), (60, 0)]
        .into_iter()
        .find(|(of, _)| seconds >= *of && seconds % of == 0)
        .map(|(of, unit)| {
            let n = seconds / of;
            match unit {
                2 => t.amount(Unit::Days, n, &count(n)),
                1 => t.hours(n),
                _ => t.minutes(n),
            }
        })
}

/// The control, what is wrong with it, and the way back to its default.
fn control(shared: Shared, item: &Item, id: &str) -> AnyView {
    let Shared {
        ui, form, dirty, ..
    } = shared;
    let t = ui.t;
    let fault = fault(ui, form, item.name.as_str());
    let error_id = format!("{id}-error");
    let error = {
        let id = error_id.clone();
        move || {
            let id = id.clone();
            fault.text().map(|text| {
                view! {
                    <p class="error" id=id>
                        {text}
                    </p>
                }
                .into_any()
            })
        }
    };
    let about = {
        let hint = format!("{id}-hint");
        Signal::derive(move || match fault.invalid() {
            Some(_) => format!("{error_id} {hint}"),
            None => hint.clone(),
        })
    };
    let hidden = matches!(item.field, ItemField::Secret | ItemField::SecretLines);
    let sent_as = if hidden { "secrets" } else { "values" };
    let name = format!("{sent_as}[{}]", item.name);
    let sent = || ui.sent("save_settings", &name);
    let sent = shared.fresh.then(sent).flatten();
    let typed = RwSignal::new(sent.unwrap_or_else(|| item.value.clone()));
    let control = Control {
        id: id.to_owned(),
        name,
        typed,
        shown: followed(id, typed, dirty),
        invalid: Signal::derive(move || fault.invalid()),
        about,
    };
    if hidden {
        return view! {
            {secret(ui, item, control)}
            {move || error()}
        }
        .into_any();
    }
    let input = match &item.field {
        ItemField::Flag => {
            let choices = [("true", t.on), ("false", t.off)]
                .map(|(code, name)| (code.to_owned(), name.to_owned()));
            select(ui, item, control, choices.into())
        }
        ItemField::Choice(choices) => {
            let choices = choices
                .iter()
                .map(|(code, name)| (code.clone(), ui.say(name)))
                .collect();
            select(ui, item, control, choices)
        }
        ItemField::Lines => lines(control),
        ItemField::Number { min, max, unit } => number(ui, control, fault, (*min, *max), *unit),
        _ => line(control),
    };
    let default = item.default.clone();
    let back = {
        let default = default.clone();
        move || {
            let default = default.clone();
            (typed.with(|v| *v != default)).then(|| {
                view! {
                    <button
                        type="button"
                        class="setting-reset js-only"
                        on:click=on(move |_: MouseEvent| {
                            typed.set(default.clone());
                            fault.say(None);
                            dirty.set(true);
                        })
                    >
                        {t.reset_to_default}
                    </button>
                }
                .into_any()
            })
        }
    };
    let told = named(ui, item, &default);
    view! {
        {input}
        {move || error()}
        <p class="setting-default">
            <span>{t.default_value} {t.colon()} {told}</span>
            {move || back()}
        </p>
    }
    .into_any()
}

/// What the control `id` shows: it follows `typed` once the page is awake. Before that it is the
/// browser's, and what it holds by then counts.
fn followed(id: &str, typed: RwSignal<String>, dirty: RwSignal<bool>) -> Signal<Option<String>> {
    let awake = RwSignal::new(browser::is_awake());
    let control = format!("#{id}");
    effect(move || {
        if awake.get_untracked() {
            return;
        }
        let is_other = |held: &String| typed.with_untracked(|typed| plain(typed) != plain(held));
        if let Some(held) = browser::held(&control).filter(is_other) {
            typed.set(held);
            dirty.set(true);
        }
        awake.set(true);
    });
    Signal::derive(move || awake.get().then(|| typed.get()))
}

/// What the controls have in common.
struct Control {
    id: String,
    name: String,
    typed: RwSignal<String>,
    /// What is shown, once the page is awake.
    shown: Signal<Option<String>>,
    invalid: Signal<Option<&'static str>>,
    about: Signal<String>,
}

impl Control {
    /// Keeps what is typed.
    fn ear(&self) -> Box<dyn FnMut(Event)> {
        let typed = self.typed;
        on(move |event: Event| typed.set(event_target_value(&event)))
    }
}

fn select(ui: Ui, item: &Item, control: Control, choices: Vec<(String, String)>) -> AnyView {
    let typed = control.typed;
    let options: Vec<AnyView> = choices
        .into_iter()
        .map(|(code, name)| {
            let name = if code == item.default {
                ui.t.with_default(&name)
            } else {
                name
            };
            let selected = typed.with_untracked(|v| *v == code);
            view! {
                <option value=code selected=selected>
                    {name}
                </option>
            }
            .into_any()
        })
        .collect();
    let ear = control.ear();
    view! {
        <select
            id=control.id
            class="input"
            name=control.name
            prop:value=move || control.shown.get()
            aria-invalid=control.invalid
            aria-describedby=control.about
            on:change=ear
        >
            {options}
        </select>
    }
    .into_any()
}

/// A whole number, which is held to its bounds as one leaves it. Empty gives back the default.
fn number(ui: Ui, control: Control, fault: Fault, (min, max): (i64, i64), unit: Unit) -> AnyView {
    let typed = control.typed;
    let first = typed.get_untracked();
    let reading = move || {
        let n = typed.with(|v| v.trim().parse::<i64>().ok());
        n.filter(|_| unit == Unit::Seconds)
            .and_then(|n| larger(ui, n))
            .map(|text| format!("= {text}"))
            .unwrap_or_default()
    };
    let judge = move |text: &str| {
        let wrong = match text.trim() {
            "" => None,
            text => setting::number(text, min, max).err(),
        };
        fault.say(wrong.map(|text| ui.sentence(&text)));
    };
    let left = on(move |event: FocusEvent| judge(&event_target_value(&event)));
    let ear = on(move |event: Event| {
        let text = event_target_value(&event);
        if fault.is_shown() {
            judge(&text);
        }
        typed.set(text);
    });
    view! {
        <div class="with-unit">
            <input
                id=control.id
                class="input"
                type="number"
                name=control.name
                min=min.to_string()
                max=max.to_string()
                step="1"
                inputmode="numeric"
                autocomplete="off"
                value=first
                prop:value=move || control.shown.get()
                aria-invalid=control.invalid
                aria-describedby=control.about
                on:blur=left
                on:input=ear
            />
            <span class="unit">{ui.t.unit(unit)} " " {move || reading()}</span>
        </div>
    }
    .into_any()
}

fn line(control: Control) -> AnyView {
    let typed = control.typed;
    let first = typed.get_untracked();
    let ear = control.ear();
    view! {
        <input
            id=control.id
            class="input code"
            name=control.name
            maxlength="500"
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            value=first
            prop:value=move || control.shown.get()
            aria-invalid=control.invalid
            aria-describedby=control.about
            on:input=ear
        />
    }
    .into_any()
}

fn lines(control: Control) -> AnyView {
    let typed = control.typed;
    let first = typed.get_untracked();
    let ear = control.ear();
    view! {
        <textarea
            id=control.id
            class="input code"
            name=control.name
            rows="3"
            spellcheck="false"
            prop:value=move || control.shown.get()
            aria-invalid=control.invalid
            aria-describedby=control.about
            on:input=ear
        >
            {first}
        </textarea>
    }
    .into_any()
}

/// A secret is written and never shown: empty leaves it as it is.
fn secret(ui: Ui, item: &Item, control: Control) -> AnyView {
    let t = ui.t;
    let placeholder = if item.is_set {
        "••••••••••••"
    } else {
        ""
    };
    let input = match item.field {
        ItemField::SecretLines => view! {
            <textarea
                id=control.id
                class="input code"
                name=control.name
                rows="3"
                spellcheck="false"
                placeholder=placeholder
                aria-invalid=control.invalid
                aria-describedby=control.about
            ></textarea>
        }
        .into_any(),
        _ => view! {
            <input
                id=control.id
                class="input code"
                type="password"
                name=control.name
                maxlength="500"
                autocomplete="new-password"
                placeholder=placeholder
                aria-invalid=control.invalid
                aria-describedby=control.about
            />
        }
        .into_any(),
    };
    let clear = item.changed.then(|| {
        view! {
            <label class="check">
                <input type="checkbox" name="clear[]" value=item.name.clone() />
                <span>{t.remove_secret}</span>
            </label>
        }
        .into_any()
    });
    let told = match (item.is_lost(), item.is_set) {
        (true, _) => t.secret_lost,
        (false, true) => t.secret_replace,
        (false, false) => t.secret_none,
    };
    view! {
        {input}
        <p class="setting-default">
            {is_set(ui, item)}
            <span>{told}</span>
        </p>
        {clear}
    }
    .into_any()
}
