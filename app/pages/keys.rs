//! The keys that sign tokens.

use crate::pages::{head, title};
use crate::ui::ui;
use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn Keys() -> impl IntoView {
    let t = ui().t;
    view! {
        {title(t.keys)}
        {head(t.keys.into_any(), ().into_any(), ().into_any())}
    }
}
