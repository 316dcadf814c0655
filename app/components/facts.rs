//! What is known of something, as a list of names and values.

use super::copy::copyable;
use crate::ui::Ui;
use leptos::prelude::*;

/// A section of a panel that tells facts.
pub(crate) fn facts(heading: &'static str, items: Vec<(&'static str, AnyView)>) -> AnyView {
    let items: Vec<AnyView> = items
        .into_iter()
        .map(|(label, value)| {
            view! {
                <dt>{label}</dt>
                <dd>{value}</dd>
            }
            .into_any()
        })
        .collect();
    view! {
        <section class="section">
            <h3>{heading}</h3>
            <dl class="facts">{items}</dl>
        </section>
    }
    .into_any()
}

/// The same of texts; those that are empty are left out.
pub(crate) fn given(heading: &'static str, items: Vec<(&'static str, String)>) -> AnyView {
    let items = items.into_iter().filter(|(_, value)| !value.is_empty());
    facts(
        heading,
        items
            .map(|(label, value)| (label, value.into_any()))
            .collect(),
    )
}

/// A value that machines read, to be copied with one click.
pub(crate) fn code(ui: Ui, value: String) -> AnyView {
    copyable(ui, value)
}
