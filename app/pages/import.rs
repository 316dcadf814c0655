//! Importing users from a file.

use crate::pages::{head, title};
use crate::ui::ui;
use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn Import() -> impl IntoView {
    let t = ui().t;
    view! {
        {title(t.import_users)}
        {head(t.import_users.into_any(), ().into_any(), ().into_any())}
    }
}
