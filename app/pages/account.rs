//! The own account.

use crate::pages::{head, title};
use crate::ui::ui;
use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn Account() -> impl IntoView {
    let t = ui().t;
    view! {
        {title(t.my_account)}
        {head(t.my_account.into_any(), ().into_any(), ().into_any())}
    }
}
