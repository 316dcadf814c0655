//! The components, each in every state.

use crate::pages::{head, title};
use crate::ui::ui;
use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn Kit() -> impl IntoView {
    let t = ui().t;
    view! {
        {title(t.components)}
        {head(t.components.into_any(), ().into_any(), ().into_any())}
    }
}
