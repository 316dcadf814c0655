//! The login log.

use crate::pages::{head, title};
use crate::ui::ui;
use leptos::prelude::*;

/// The list.
#[component]
pub(crate) fn SignIns() -> impl IntoView {
    let t = ui().t;
    view! {
        {title(t.sign_ins)}
        {head(t.sign_ins.into_any(), ().into_any(), ().into_any())}
    }
}
