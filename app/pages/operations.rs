//! The operation log.

use crate::pages::{head, title};
use crate::ui::ui;
use leptos::prelude::*;
use leptos_router::components::Outlet;

/// The list.
#[component]
pub(crate) fn Operations() -> impl IntoView {
    let t = ui().t;
    view! {
        {title(t.operations)}
        {head(t.operations.into_any(), ().into_any(), ().into_any())}
        <Outlet />
    }
}

/// The panel of one entry.
#[component]
pub(crate) fn Panel() -> impl IntoView {}
