//! The permission catalogue.

use crate::pages::{head, title};
use crate::ui::ui;
use leptos::prelude::*;
use leptos_router::components::Outlet;

/// The tree.
#[component]
pub(crate) fn Permissions() -> impl IntoView {
    let t = ui().t;
    view! {
        {title(t.permissions)}
        {head(t.permissions.into_any(), ().into_any(), ().into_any())}
        <Outlet />
    }
}

/// The panel that makes a code.
#[component]
pub(crate) fn Create() -> impl IntoView {}

/// The panel that edits one.
#[component]
pub(crate) fn Panel() -> impl IntoView {}
