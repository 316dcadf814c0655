//! The own account: profile, password, second factor, sessions, language and theme. Each section
//! has its own address.

mod factors;
mod look;
mod passkeys;
mod password;
mod profile;
mod sessions;

use crate::calls::{Ask, ask_once};
use crate::components::icon::{Icon, icon};
use crate::components::live::memo;
use crate::components::state::trouble;
use crate::error::AppError;
use crate::pages::{head, title};
use crate::ui::{Ui, ui};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use menshen_domain::session::Me;
use menshen_domain::{Error, Kind};

/// A section: the end of its address, its sign, its name, what it shows.
struct Section {
    path: &'static str,
    sign: Icon,
    name: fn(Ui) -> &'static str,
    view: fn(Ui) -> AnyView,
}

static SECTIONS: &[Section] = &[
    Section {
        path: "",
        sign: Icon::Person,
        name: |ui| ui.t.profile_section,
        view: profile::section,
    },
    Section {
        path: "password",
        sign: Icon::Key,
        name: |ui| ui.t.password,
        view: password::section,
    },
    Section {
        path: "factors",
        sign: Icon::Phone,
        name: |ui| ui.t.second_factor,
        view: factors::section,
    },
    Section {
        path: "sessions",
        sign: Icon::Screen,
        name: |ui| ui.t.my_sessions,
        view: sessions::section,
    },
    Section {
        path: "look",
        sign: Icon::Globe,
        name: |ui| ui.t.look_section,
        view: look::section,
    },
];

fn address(path: &str) -> String {
    if path.is_empty() {
        "/admin/account".to_owned()
    } else {
        format!("/admin/account/{path}")
    }
}

/// The page.
#[component]
pub(crate) fn Account() -> impl IntoView {
    let ui = ui();
    let t = ui.t;
    let params = use_params_map();
    let at = memo(move || params.with(|p| p.get_str("section").unwrap_or_default().to_owned()));
    let links: Vec<AnyView> = SECTIONS
        .iter()
        .map(|section| {
            view! {
                <li>
                    <a
                        class="section-link"
                        href=address(section.path)
                        aria-current=move || {
                            at.with(|at| at == section.path).then_some("page")
                        }
                    >
                        {icon(section.sign)}
                        {(section.name)(ui)}
                    </a>
                </li>
            }
            .into_any()
        })
        .collect();
    let body = move || {
        let here = at.with(|at| SECTIONS.iter().find(|section| section.path == at));
        match here {
            Some(section) => (section.view)(ui),
            None => nowhere(ui),
        }
    };
    view! {
        {title(t.my_account)}
        {head(t.my_account.into_any(), t.my_account_text.into_any(), ().into_any())}
        <div class="account-page">
            <nav class="section-nav" aria-label=t.my_account>
                <ul>{links}</ul>
            </nav>
            <div class="account-body">{move || body()}</div>
        </div>
    }
}

fn nowhere(ui: Ui) -> AnyView {
    #[cfg(feature = "ssr")]
    crate::server::status(axum::http::StatusCode::NOT_FOUND);
    let text = ui.t.not_found_text;
    let error = Error::new(Kind::NotFound, text, text);
    trouble(ui, &AppError::found(error))
}

/// A card with a heading; `id` is that of the heading.
fn card(id: &'static str, heading: &'static str, mark: AnyView, body: AnyView) -> AnyView {
    view! {
        <section class="card padded" aria-labelledby=id>
            <div class="card-head">
                <h2 id=id tabindex="-1">
                    {heading}
                </h2>
                {mark}
            </div>
            {body}
        </section>
    }
    .into_any()
}

/// Says why a password is needed first, and leads to where it is set.
fn password_first(ui: Ui, why: &'static str) -> AnyView {
    view! {
        <p class="note">
            {icon(Icon::Info)} <span>{why} " "</span>
            <a class="link" href="/admin/account/password">
                {ui.t.set_password}
            </a>
        </p>
    }
    .into_any()
}

/// The foot of a form that can be left: back to `cancel`, or on with `send`.
fn submit_row(ui: Ui, cancel: &'static str, send: AnyView) -> AnyView {
    view! {
        <div class="actions start">
            {send} <a class="button" href=cancel data-noscroll="true">
                {ui.t.cancel}
            </a>
        </div>
    }
    .into_any()
}

/// Brings what the frame shows of the person up to date.
fn refresh_me(ui: Ui) {
    ask_once::<Me>(Ask::of("who_am_i", &[]), move |me| {
        if let Ok(me) = me {
            ui.me.set(Some(me));
        }
    });
}
