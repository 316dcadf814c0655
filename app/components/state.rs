//! What stands in for content: loading, nothing there, not allowed, gone wrong.

use super::copy::copyable;
use super::icon::{Icon, icon};
use super::live::{effect, on};
use crate::error::AppError;
use crate::ui::Ui;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use menshen_domain::{Kind, catalogue};

/// Shows what was loaded, or why it could not be.
pub(crate) fn loaded<T>(
    ui: Ui,
    result: Result<T, AppError>,
    view: impl FnOnce(T) -> AnyView,
) -> AnyView {
    match result {
        Ok(value) => view(value),
        Err(error) => trouble(ui, &error),
    }
}

/// Why something could not be shown, and what to do about it.
pub(crate) fn trouble(ui: Ui, error: &AppError) -> AnyView {
    let t = ui.t;
    let again = error.clone();
    effect(move || {
        if matches!(again.kind, Kind::Token | Kind::Locked) {
            ui.react(&again);
        }
    });
    match &error.kind {
        Kind::Forbidden { missing } => forbidden(ui, missing, reference(ui, error)),
        Kind::NotFound => view! {
            <section class="blank">
                {icon(Icon::Search)} <h2>{t.gone_title}</h2> <p>{ui.sentence(&error.text)}</p>
                {reference(ui, error)} <a class="button" href="/admin">
                    {t.to_overview}
                </a>
            </section>
        }
        .into_any(),
        _ => view! {
            <section class="blank" role="alert">
                {icon(Icon::Alert)} <h2>{t.failed_title}</h2> <p>{ui.sentence(&error.text)}</p>
                {reference(ui, error)}
                // A link to the page itself: it works without JavaScript too.
                <a class="button" href="" rel="external" on:click=on(reload)>
                    {icon(Icon::Refresh)}
                    {t.try_again}
                </a>
            </section>
        }
        .into_any(),
    }
}

/// Which request it was, if there was one.
fn reference(ui: Ui, error: &AppError) -> AnyView {
    let id = error.reference().map(|id| {
        view! {
            <p class="hint">
                {ui.t.request_id} " " {copyable(ui, id)}
            </p>
        }
        .into_any()
    });
    id.into_any()
}

fn reload(event: MouseEvent) {
    event.prevent_default();
    _ = location().reload();
}

fn forbidden(ui: Ui, missing: &[String], reference: AnyView) -> AnyView {
    let t = ui.t;
    let named: Vec<AnyView> = missing
        .iter()
        .map(|code| {
            let name = catalogue::find(code).map(|entry| ui.say(&entry.name));
            view! {
                <li>
                    {name.map(|name| view! { <b>{name}</b> }.into_any())} " "
                    {copyable(ui, code.as_str())}
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <section class="blank">
            {icon(Icon::Lock)} <h2>{t.forbidden_title}</h2> <p>{t.forbidden_text}</p>
            <ul class="missing">{named}</ul> <p class="hint">{t.forbidden_hint}</p>
            {reference}
            <a class="button" href="/admin">
                {t.to_overview}
            </a>
        </section>
    }
    .into_any()
}

/// Nothing there, and what to do next.
pub(crate) fn empty(sign: Icon, title: &'static str, text: &'static str, next: AnyView) -> AnyView {
    view! {
        <section class="blank">{icon(sign)} <h2>{title}</h2> <p>{text}</p> {next}</section>
    }
    .into_any()
}

/// Grey bars where a list will be.
pub(crate) fn skeleton(ui: Ui) -> AnyView {
    let rows: Vec<AnyView> = (0..8)
        .map(|_| {
            view! {
                <div class="skeleton-row">
                    <i></i>
                    <i></i>
                    <i></i>
                </div>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="card skeleton" role="status" aria-label=ui.t.loading>
            {rows}
        </div>
    }
    .into_any()
}
