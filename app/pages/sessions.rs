//! Everybody who is signed in.

use crate::pages::{head, title};
use crate::ui::ui;
use leptos::prelude::*;

/// The list.
#[component]
pub(crate) fn Sessions() -> impl IntoView {
    let t = ui().t;
    view! {
        {title(t.sessions)}
        {head(t.sessions.into_any(), ().into_any(), ().into_any())}
    }
}
