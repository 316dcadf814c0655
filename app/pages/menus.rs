//! Menus.

use crate::pages::{head, title};
use crate::ui::ui;
use leptos::prelude::*;
use leptos_router::components::Outlet;

/// The tree.
#[component]
pub(crate) fn Menus() -> impl IntoView {
    let t = ui().t;
    view! {
        {title(t.menus)}
        {head(t.menus.into_any(), ().into_any(), ().into_any())}
        <Outlet />
    }
}

/// The panel that makes one.
#[component]
pub(crate) fn Create() -> impl IntoView {}

/// The panel that edits one.
#[component]
pub(crate) fn Panel() -> impl IntoView {}
