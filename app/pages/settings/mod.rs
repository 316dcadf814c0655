//! Settings that can be changed while the program runs, and those that can't: an index, and a page
//! for each section.

mod form;
mod setting;

use crate::calls::{Ask, lacking, load, show};
use crate::components::icon::{Icon, icon};
use crate::components::live::memo;
use crate::components::state::skeleton;
use crate::components::when;
use crate::pages::{head, title};
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use menshen_domain::catalogue::SETTING_QUERY;
use menshen_domain::setting::{Area, SectionView};

/// The address of the index of ways to sign in.
const SIGN_IN: &str = "sign-in";

/// The page.
#[component]
pub(crate) fn Settings() -> impl IntoView {
    let ui = ui();
    let params = use_params_map();
    let code = memo(move || params.with(|p| p.get_str("section").unwrap_or_default().to_owned()));
    let version = RwSignal::new(0_u32);
    if !ui.may(SETTING_QUERY) {
        return view! {
            {title(ui.t.settings)}
            {head(ui.t.settings.into_any(), ().into_any(), ().into_any())}
            {lacking(ui, SETTING_QUERY)}
        }
        .into_any();
    }
    (move || match code.get().as_str() {
        "" => index(ui, false),
        SIGN_IN => index(ui, true),
        code => section(ui, code.to_owned(), version),
    })
    .into_any()
}

/// The sections, in their areas.
fn index(ui: Ui, sign_in_only: bool) -> AnyView {
    let t = ui.t;
    let sections = load(move || (Ask::of("list_settings", &[]), 0));
    let (name, about) = if sign_in_only {
        (t.sign_in_methods, t.sign_in_methods_text)
    } else {
        (t.settings, t.settings_text)
    };
    view! {
        {title(name)}
        {head(name.into_any(), about.into_any(), ().into_any())}
        {show(
            ui,
            sections,
            move || skeleton(ui),
            move |sections: Vec<SectionView>| areas(ui, &sections, sign_in_only),
        )}
    }
    .into_any()
}

fn areas(ui: Ui, sections: &[SectionView], sign_in_only: bool) -> AnyView {
    let t = ui.t;
    let all = [
        (Area::SignIn, t.sign_in_methods),
        (Area::Protection, t.protection),
        (Area::Sessions, t.sessions_and_tokens),
        (Area::Program, t.program_settings),
    ];
    let areas: Vec<AnyView> = all
        .into_iter()
        .filter(|(area, _)| !sign_in_only || *area == Area::SignIn)
        .map(|(area, name)| {
            let rows: Vec<AnyView> = sections
                .iter()
                .filter(|s| s.area == area)
                .map(|s| row(ui, s))
                .collect();
            view! {
                <section class="settings-area">
                    <h2>{name}</h2>
                    <ul class="card settings-list">{rows}</ul>
                </section>
            }
            .into_any()
        })
        .collect();
    view! { <div class="settings-index">{areas}</div> }.into_any()
}

fn row(ui: Ui, section: &SectionView) -> AnyView {
    view! {
        <li>
            <a class="settings-row" href=format!("/admin/settings/{}", section.code)>
                <span class="settings-row-name">
                    <b>{ui.say(&section.name)}</b>
                    <small>{ui.say(&section.about)}</small>
                </span>
                <span class="settings-row-state">{states(ui, section)}</span>
                {icon(Icon::Right)}
            </a>
        </li>
    }
    .into_any()
}

/// What is to be known of a section at a glance.
fn states(ui: Ui, section: &SectionView) -> AnyView {
    let t = ui.t;
    let trouble = section
        .trouble
        .is_some()
        .then(|| view! { <span class="state bad">{t.not_in_force}</span> }.into_any());
    let on = section.on.map(|on| {
        let (class, word) = if on {
            ("state ok", t.on)
        } else {
            ("state off", t.off)
        };
        view! { <span class=class>{word}</span> }.into_any()
    });
    let changed = (section.changed > 0).then(|| {
        view! { <span class="tag">{t.settings_changed(section.changed)}</span> }.into_any()
    });
    let fixed = (section.area == Area::Program).then(|| {
        view! {
            <span class="tag">
                {icon(Icon::Lock)}
                {t.read_only}
            </span>
        }
        .into_any()
    });
    view! {
        {changed}
        {fixed}
        {trouble}
        {on}
    }
    .into_any()
}

/// One section.
fn section(ui: Ui, code: String, version: RwSignal<u32>) -> AnyView {
    let loaded = load(move || {
        (
            Ask::of("get_settings", &[("section", &code)]),
            version.get(),
        )
    });
    view! {
        {title(ui.t.settings)}
        {show(
            ui,
            loaded,
            move || skeleton(ui),
            move |section: SectionView| page(ui, version, &section),
        )}
    }
    .into_any()
}

fn page(ui: Ui, version: RwSignal<u32>, section: &SectionView) -> AnyView {
    let t = ui.t;
    let heading = view! {
        {ui.say(&section.name)}
        " "
        <span class="head-state">{states(ui, section)}</span>
    };
    let last = section.changed_at.map(|at| {
        let by = section.changed_by.clone().unwrap_or_default();
        view! {
            <span aria-hidden="true">" · "</span>
            {t.last_change}
            " "
            {when(ui, at)}
            " "
            {by}
        }
        .into_any()
    });
    let below = view! {
        {ui.say(&section.about)}
        {last}
    };
    let back = if section.area == Area::SignIn {
        ("/admin/settings/sign-in", t.sign_in_methods)
    } else {
        ("/admin/settings", t.settings)
    };
    let back = view! {
        <a class="button" href=back.0>
            {icon(Icon::Left)}
            {back.1}
        </a>
    };
    let trouble = section.trouble.as_ref().map(|text| {
        view! {
            <div class="alert settings-trouble" role="alert">
                {icon(Icon::Alert)}
                <p>{ui.say(text)}</p>
            </div>
        }
        .into_any()
    });
    view! {
        {head(heading.into_any(), below.into_any(), back.into_any())}
        {trouble}
        {form::form(ui, version, section)}
    }
    .into_any()
}
