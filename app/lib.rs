//! The admin UI of Menshen: one crate, compiled for the server (`ssr`) and to WebAssembly
//! (`hydrate`).
//!
//! The server renders every page whole, so that all of it works without JavaScript: lists are
//! links and GET forms, changes are POST forms to the server functions. The browser then hydrates
//! the same views and makes them quicker. In the browser this crate sees `menshen-domain` alone.
//!
//! - `pages/`: one file or folder for each page.
//! - `components/`: what pages are made of.
//! - `server_fns/`: the calls from pages to services. Each asks the guard in its first line.
//! - `i18n/`: every text, in both languages, as typed catalogues.
//! - `server/`: what only the server does: the router, the guard, cookies, the HTML shell.
//!
//! To add a page: a file in `pages/`, its route in `App`, its entry in `components/shell.rs`,
//! its texts in `i18n/texts.rs`. To add a server function: put it into `server_fns/` with an
//! explicit endpoint, name it in `menshen_domain::catalogue` at the permission that guards it (or
//! in [`PUBLIC`] or [`SIGNED_IN`]), and ask the guard first.

#![expect(
    unreachable_pub,
    reason = "leptos's component macro makes the type of a component's properties `pub`"
)]

mod boot;
mod browser;
mod calls;
mod components;
mod error;
mod i18n;
mod pages;
mod server_fns;
mod time;
mod ui;

#[cfg(feature = "ssr")]
mod server;

#[cfg(feature = "ssr")]
pub use server::{Site, routes};
pub use server_fns::{PUBLIC, SIGNED_IN};

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

/// All pages. Each is rendered whole before its first byte is sent (`SsrMode::Async`), so that
/// status, redirects and the page without JavaScript are right.
#[component]
pub(crate) fn App() -> impl IntoView {
    use pages::{
        account, departments, import, keys, kit, login::Login, menus, not_found::NotFound,
        operations, overview::Overview, password::Password, permissions, roles, sessions, settings,
        sign_ins, users,
    };

    provide_meta_context();
    ui::provide();
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/admin/login") view=Login ssr=SsrMode::Async />
                <Route path=path!("/admin/password") view=Password ssr=SsrMode::Async />
                <ParentRoute path=path!("/admin") view=components::shell::Shell ssr=SsrMode::Async>
                    <Route path=path!("") view=Overview ssr=SsrMode::Async />
                    <Route path=path!("users/import") view=import::Import ssr=SsrMode::Async />
                    <ParentRoute path=path!("users") view=users::Users ssr=SsrMode::Async>
                        <Route path=path!("") view=|| () ssr=SsrMode::Async />
                        <Route path=path!("new") view=users::create::Create ssr=SsrMode::Async />
                        <Route path=path!(":id") view=users::panel::Panel ssr=SsrMode::Async />
                    </ParentRoute>
                    <ParentRoute path=path!("departments") view=departments::Departments ssr=SsrMode::Async>
                        <Route path=path!("") view=|| () ssr=SsrMode::Async />
                        <Route path=path!("new") view=departments::Create ssr=SsrMode::Async />
                        <Route path=path!(":id") view=departments::Panel ssr=SsrMode::Async />
                    </ParentRoute>
                    <Route path=path!("sessions") view=sessions::Sessions ssr=SsrMode::Async />
                    <Route path=path!("roles") view=roles::Roles ssr=SsrMode::Async />
                    <Route path=path!("roles/new") view=roles::editor::Create ssr=SsrMode::Async />
                    <Route path=path!("roles/:id") view=roles::editor::Edit ssr=SsrMode::Async />
                    <ParentRoute path=path!("permissions") view=permissions::Permissions ssr=SsrMode::Async>
                        <Route path=path!("") view=|| () ssr=SsrMode::Async />
                        <Route path=path!("new") view=permissions::Create ssr=SsrMode::Async />
                        <Route path=path!(":code") view=permissions::Panel ssr=SsrMode::Async />
                    </ParentRoute>
                    <ParentRoute path=path!("menus") view=menus::Menus ssr=SsrMode::Async>
                        <Route path=path!("") view=|| () ssr=SsrMode::Async />
                        <Route path=path!("new") view=menus::Create ssr=SsrMode::Async />
                        <Route path=path!(":id") view=menus::Panel ssr=SsrMode::Async />
                    </ParentRoute>
                    <Route path=path!("sign-ins") view=sign_ins::SignIns ssr=SsrMode::Async />
                    <ParentRoute path=path!("operations") view=operations::Operations ssr=SsrMode::Async>
                        <Route path=path!("") view=|| () ssr=SsrMode::Async />
                        <Route path=path!(":id") view=operations::Panel ssr=SsrMode::Async />
                    </ParentRoute>
                    <Route path=path!("settings") view=settings::Settings ssr=SsrMode::Async />
                    <Route path=path!("settings/:section") view=settings::Settings ssr=SsrMode::Async />
                    <Route path=path!("keys") view=keys::Keys ssr=SsrMode::Async />
                    <Route path=path!("account") view=account::Account ssr=SsrMode::Async />
                    <Route path=path!("account/:section") view=account::Account ssr=SsrMode::Async />
                    <Route path=path!("_kit") view=kit::Kit ssr=SsrMode::Async />
                </ParentRoute>
                <Route path=path!("/admin/*any") view=NotFound ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}

/// Wakes the page that the server rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_body(App);
}
