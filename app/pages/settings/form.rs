//! The form of a section, and the one that tries it out.

use super::setting::{Shared, setting};
use crate::calls::Submit;
use crate::components::field::{self, Field, alert, submit};
use crate::components::guard::guard_staying;
use crate::components::icon::{Icon, icon};
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::catalogue::SETTING_ALTER;
use menshen_domain::setting::{Part, SectionView};
use menshen_domain::validate;

/// The settings, part by part, with what saves them.
pub(super) fn form(ui: Ui, version: RwSignal<u32>, section: &SectionView) -> AnyView {
    let t = ui.t;
    let dirty = RwSignal::new(false);
    let open = section.is_open() && ui.may(SETTING_ALTER);
    let form = Submit::new(ui, "save_settings", move |done| {
        dirty.try_set(false);
        ui.toast_done(t.settings_saved(&done.name, &done.to), done.undo);
        version.try_update(|v| *v += 1);
    });
    let guard = guard_staying(dirty);
    let shared = Shared {
        ui,
        form,
        dirty,
        may: open,
        fresh: version.get_untracked() == 0,
    };
    let parts: Vec<AnyView> = section.parts.iter().map(|p| part(shared, p)).collect();
    let test = (section.testable && ui.may(SETTING_ALTER)).then(|| test(ui, section));
    if !open {
        return view! {
            <div class="settings">
                <div class="note">
                    {icon(Icon::Lock)}
                    <p>
                        {if section.is_open() { t.settings_no_permission } else { t.settings_fixed }}
                    </p>
                </div>
                {parts}
                {test}
            </div>
        }
        .into_any();
    }
    let unsaved = move || {
        dirty
            .get()
            .then(|| view! { <p class="settings-unsaved">{t.unsaved}</p> }.into_any())
    };
    let fields = view! {
        <input type="hidden" name="section" value=section.code.clone() />
        {general(ui, form, section)}
        {parts}
        <div class="settings-foot card">
            <div role="status" class="settings-foot-text">
                {move || unsaved()}
                <p class="hint">{t.settings_at_once}</p>
            </div>
            <button type="reset" class="button js-only">
                {t.discard}
            </button>
            {submit(form, t.save_changes, "button primary")}
        </div>
    };
    let whole = form.form_with(
        "settings-form",
        "settings-form",
        Some(Box::new(move || dirty.set(true))),
        // What was saved is asked for anew, and with it every field is made anew.
        Some(Box::new(move || {
            dirty.set(false);
            version.update(|v| *v += 1);
        })),
        fields.into_any(),
    );
    view! {
        <div class="settings">{whole} {test}</div>
        {guard.question(ui)}
    }
    .into_any()
}

/// What is wrong with the form as a whole: with none of its settings.
fn general(ui: Ui, form: Submit, section: &SectionView) -> AnyView {
    let names: Vec<String> = section
        .parts
        .iter()
        .flat_map(|p| &p.items)
        .map(|i| i.name.clone())
        .collect();
    let view = move || {
        form.problem.with(|p| {
            p.as_ref()
                .filter(|p| !p.fields.iter().any(|f| names.iter().any(|n| *n == f.field)))
                .map(|p| field::warning(ui, p))
        })
    };
    view! { {move || view()} }.into_any()
}

/// The settings of one section of the configuration. Those of a vendor that is not chosen are
/// folded away.
fn part(shared: Shared, part: &Part) -> AnyView {
    let Shared { ui, form, may, .. } = shared;
    let items: Vec<AnyView> = part.items.iter().map(|i| setting(shared, i)).collect();
    let Some(name) = part.name.as_ref().map(|name| ui.say(name)) else {
        return view! { <section class="card settings-part">{items}</section> }.into_any();
    };
    if !may {
        return view! {
            <section class="card settings-part">
                <h2>{name}</h2>
                {items}
            </section>
        }
        .into_any();
    }
    // What was refused must be in sight, wherever it is.
    let prefix = format!("{}.", part.code);
    let in_use = part.in_use;
    let shown = move || {
        in_use
            || form.problem.with(|p| {
                p.as_ref()
                    .is_some_and(|p| p.fields.iter().any(|f| f.field.starts_with(&prefix)))
            })
    };
    let tag = in_use.then(|| view! { <span class="tag strong">{ui.t.chosen}</span> }.into_any());
    view! {
        <details class="card settings-part" open=shown>
            <summary>
                <h2>{name}</h2>
                {tag}
                {icon(Icon::Down)}
            </summary>
            {items}
        </details>
    }
    .into_any()
}

/// Tries out what is saved.
fn test(ui: Ui, section: &SectionView) -> AnyView {
    let t = ui.t;
    let works = RwSignal::new(false);
    let form = Submit::new(ui, "test_settings", move |_| {
        works.try_set(true);
    })
    .refused(move |_| {
        works.try_set(false);
    });
    let sms = section.code == "sms";
    let phone = sms.then(|| {
        field::input(
            ui,
            form,
            Field {
                name: "phone",
                key: "phone",
                label: t.phone,
                kind: "tel",
                value: ui.sent("test_settings", "phone").unwrap_or_default(),
                required: true,
                autocomplete: "tel",
                inputmode: "tel",
                ..Field::default()
            }
            .checked(|value| validate::phone_key(value).map(drop)),
        )
    });
    let code = section.code.clone();
    let fields = view! {
        <input type="hidden" name="section" value=section.code.clone() />
        {phone}
        <div>
            {submit(form, if sms { t.send_test } else { t.check_credentials }, "button")}
        </div>
        {alert(ui, form, &["phone"])}
        <div role="status">
            {move || {
                (works.get() && form.problem.with(Option::is_none))
                    .then(|| {
                        view! {
                            <p class="settings-works">
                                {icon(Icon::Check)} {t.settings_tested(&code)}
                            </p>
                        }
                        .into_any()
                    })
            }}
        </div>
    };
    view! {
        <section class="card padded settings-test">
            <h2>{t.try_out}</h2>
            <p class="hint">{if sms { t.try_out_sms } else { t.try_out_vendor }}</p>
            {form.form("test-form", "settings-test-form", fields.into_any())}
        </section>
    }
    .into_any()
}
