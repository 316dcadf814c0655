//! The password.

use super::card;
use crate::calls::{Ask, load, show};
use crate::components::state::skeleton;
use crate::pages::password::form;
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::account::Factor;

/// The section.
pub(super) fn section(ui: Ui) -> AnyView {
    let t = ui.t;
    let factor = load(|| (Ask::of("my_factor", &[]), 0));
    show(
        ui,
        factor,
        move || skeleton(ui),
        move |factor: Factor| {
            let (heading, text) = if factor.has_password {
                (t.change_password, t.password_ends_sessions)
            } else {
                (t.set_password, t.set_password_text)
            };
            let body = view! {
                <div>
                    <p class="quiet">{text}</p>
                    <p class="hint">{t.password_rule(ui.password_min)}</p>
                </div>
                {form(ui, factor.has_password, "/admin/account/password", "stack-form")}
            };
            card("password-title", heading, ().into_any(), body.into_any())
        },
    )
}
