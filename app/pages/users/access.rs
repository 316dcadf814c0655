//! What a user may do: the roles, and what comes of them.

use super::panel::{Parts, roles, show_tab};
use crate::components::live::on;
use crate::ui::Ui;
use leptos::ev::Event;
use leptos::prelude::*;
use menshen_domain::catalogue::group_name;
use menshen_domain::people::{Granted, Grantor};
use menshen_domain::role::Status;
use menshen_domain::user::User;

/// The tab.
pub(super) fn tab(ui: Ui, parts: Parts, user: &User) -> AnyView {
    let t = ui.t;
    let off = user.status == Status::Disabled;
    view! {
        {roles(ui, parts, user)}
        <section class="section">
            <div>
                <h3>{t.effective}</h3>
                <p class="hint">{if off { t.effective_off } else { t.effective_text }}</p>
            </div>
            {show_tab(ui, parts.permissions, move |all: Vec<Granted>| granted(ui, all))}
        </section>
    }
    .into_any()
}

fn granted(ui: Ui, all: Vec<Granted>) -> AnyView {
    let t = ui.t;
    if all.is_empty() {
        return view! { <p class="quiet">{t.no_permissions}</p> }.into_any();
    }
    let wanted = RwSignal::new(String::new());
    let mut groups: Vec<(String, Vec<Granted>)> = Vec::new();
    for one in all {
        let group = group_of(&one.code);
        match groups.iter_mut().find(|(g, _)| *g == group) {
            Some((_, list)) => list.push(one),
            None => groups.push((group, vec![one])),
        }
    }
    let groups: Vec<AnyView> = groups
        .into_iter()
        .map(|(name, list)| group(ui, wanted, &name, list))
        .collect();
    view! {
        <input
            type="search"
            class="input js-only"
            placeholder=t.filter_permissions
            aria-label=t.filter_permissions
            autocomplete="off"
            on:input=on(move |event: Event| {
                wanted.set(event_target_value(&event).trim().to_lowercase());
            })
        />
        <div class="granted">{groups}</div>
    }
    .into_any()
}

/// The group of a code: all of it but the last part.
fn group_of(code: &str) -> String {
    code.rsplit_once(':')
        .map_or(code, |(group, _)| group)
        .to_owned()
}

fn group(ui: Ui, wanted: RwSignal<String>, name: &str, list: Vec<Granted>) -> AnyView {
    let found: Vec<String> = list.iter().map(|one| sought(ui, one)).collect();
    let hidden = move || wanted.with(|w| !found.iter().any(|text| text.contains(w)));
    let n = list.iter().filter(|one| one.counts()).count();
    let rows: Vec<AnyView> = list.iter().map(|one| row(ui, wanted, one)).collect();
    view! {
        <details open=true hidden=hidden>
            <summary>
                <b>{ui.say(&group_name(name))}</b>
                <span class="quiet">{n}</span>
            </summary>
            <ul>{rows}</ul>
        </details>
    }
    .into_any()
}

/// What a permission is found by.
fn sought(ui: Ui, one: &Granted) -> String {
    let roles: Vec<&str> = one.by.iter().map(|by| by.role.name.as_str()).collect();
    format!("{} {} {}", one.code, ui.say(&one.name), roles.join(" ")).to_lowercase()
}

fn row(ui: Ui, wanted: RwSignal<String>, one: &Granted) -> AnyView {
    let found = sought(ui, one);
    let name = ui.say(&one.name);
    let code = (name != one.code).then(|| one.code.clone());
    let by: Vec<AnyView> = one.by.iter().map(|by| grantor(ui, by, &one.code)).collect();
    view! {
        <li class:off=!one.counts() hidden=move || wanted.with(|w| !found.contains(w))>
            <span>
                {name} " " {code.map(|code| view! { <code class="quiet">{code}</code> }.into_any())}
            </span>
            <span class="tags">{by}</span>
        </li>
    }
    .into_any()
}

/// The role that grants it; the pattern, when it is not the code itself.
fn grantor(ui: Ui, by: &Grantor, code: &str) -> AnyView {
    let off = by.role.status == Status::Disabled;
    let pattern = (by.pattern != code).then(|| by.pattern.clone());
    let title = if off { ui.t.role_disabled } else { "" };
    view! {
        <span class="tag" class:off=off title=title>
            {by.role.name.clone()}
            {pattern
                .map(|pattern| {
                    view! {
                        " "
                        <code>{pattern}</code>
                    }
                    .into_any()
                })}
        </span>
    }
    .into_any()
}
