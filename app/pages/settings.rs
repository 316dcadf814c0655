//! Settings that can be changed while the program runs.

use crate::pages::{head, title};
use crate::ui::ui;
use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn Settings() -> impl IntoView {
    let t = ui().t;
    view! {
        {title(t.settings)}
        {head(t.settings.into_any(), ().into_any(), ().into_any())}
    }
}
