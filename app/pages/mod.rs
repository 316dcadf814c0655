//! One file or folder for each page.

pub(crate) mod account;
mod branches;
pub(crate) mod departments;
pub(crate) mod import;
pub(crate) mod keys;
pub(crate) mod kit;
pub(crate) mod login;
pub(crate) mod menus;
pub(crate) mod not_found;
pub(crate) mod operations;
pub(crate) mod overview;
pub(crate) mod password;
pub(crate) mod permissions;
mod records;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod sign_ins;
pub(crate) mod users;

use crate::components::shell::Opened;
use crate::ui::Ui;
use leptos::prelude::*;
use leptos_meta::Title;

/// Names the page in the browser's title bar: by what is open of a list, where that has a name.
pub(crate) fn title(text: &'static str) -> AnyView {
    let opened = use_context::<Opened>();
    let whole = move || {
        let name = opened.as_ref().and_then(Opened::name);
        format!("{} · Menshen", name.as_deref().unwrap_or(text))
    };
    view! { <Title text=whole /> }.into_any()
}

/// The head of a page: its name, what there is to know at a glance, and what one can do.
pub(crate) fn head(title: AnyView, below: AnyView, actions: AnyView) -> AnyView {
    view! {
        <div class="head">
            <div>
                <h1>{title}</h1>
                <div class="sub">{below}</div>
            </div>
            <div class="head-actions">{actions}</div>
        </div>
    }
    .into_any()
}

/// A page without the shell: one card in the middle.
pub(crate) fn card_page(ui: Ui, heading: &'static str, text: AnyView, card: AnyView) -> AnyView {
    use crate::components::{icon, look, toast};
    view! {
        <main class="gate" id="main">
            <div class="gate-column">
                <div class="gate-head">
                    {icon::mark()} <h1>{heading}</h1> {text}
                </div>
                {card}
                <footer class="gate-foot">
                    {look::language(ui, "quiet-button")} <span aria-hidden="true">"·"</span>
                    {look::theme(ui, "quiet-button", true)}
                </footer>
            </div>
        </main>
        {toast::toasts(ui)}
    }
    .into_any()
}
