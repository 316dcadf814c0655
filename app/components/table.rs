//! A plain table: what is not sorted, filtered or paged.

use crate::ui::Ui;
use leptos::prelude::*;

/// A table in a card. `caption` is told to screen readers; the last column, whose head they alone
/// hear too, holds what can be done with a row.
pub(crate) fn table(
    ui: Ui,
    caption: &'static str,
    heads: &[&'static str],
    rows: Vec<AnyView>,
) -> AnyView {
    let heads: Vec<AnyView> = heads
        .iter()
        .map(|head| view! { <th scope="col">{*head}</th> }.into_any())
        .collect();
    view! {
        <div class="card table-card">
            <table class="table">
                <caption class="hidden">{caption}</caption>
                <thead>
                    <tr>
                        {heads} <th scope="col">
                            <span class="hidden">{ui.t.actions}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
