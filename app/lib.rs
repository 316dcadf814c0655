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
//! `/admin/_kit` (with `--dev`) shows every component in every state, in both themes.
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
mod live;
mod pages;
mod server_fns;
mod time;
mod ui;

#[cfg(feature = "ssr")]
mod server;

#[cfg(feature = "ssr")]
pub use server::{Site, routes};
pub use server_fns::{PUBLIC, SIGNED_IN};

use leptos::lazy;
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{Lazy, LazyRoute, SsrMode, path};

/// The pages behind the login page. They are one WebAssembly module of their own, which the
/// browser loads when the first of them is opened.
macro_rules! inside {
    ($($page:ident $route:ident => $view:path;)*) => {
        #[derive(Clone, Copy)]
        enum Inside {
            $($page,)*
        }

        #[lazy]
        fn inside(page: Inside) -> AnyView {
            match page {
                $(Inside::$page => $view().into_any(),)*
            }
        }

        $(
            struct $route;

            impl LazyRoute for $route {
                fn data() -> Self {
                    Self
                }

                async fn view(_: Self) -> AnyView {
                    inside(Inside::$page).await
                }

                async fn preload() {
                    #[cfg(feature = "hydrate")]
                    __preload_inside().await;
                }
            }
        )*
    };
}

inside! {
    Shell InsideShell => components::shell::Shell;
    Overview InsideOverview => pages::overview::Overview;
    Users InsideUsers => pages::users::Users;
    UserCreate InsideUserCreate => pages::users::create::Create;
    UserPanel InsideUserPanel => pages::users::panel::Panel;
    Import InsideImport => pages::import::Import;
    Departments InsideDepartments => pages::departments::Departments;
    DepartmentCreate InsideDepartmentCreate => pages::departments::Create;
    DepartmentPanel InsideDepartmentPanel => pages::departments::Panel;
    Sessions InsideSessions => pages::sessions::Sessions;
    Roles InsideRoles => pages::roles::Roles;
    RoleCreate InsideRoleCreate => pages::roles::editor::Create;
    RoleEdit InsideRoleEdit => pages::roles::editor::Edit;
    Permissions InsidePermissions => pages::permissions::Permissions;
    PermissionCreate InsidePermissionCreate => pages::permissions::Create;
    PermissionPanel InsidePermissionPanel => pages::permissions::Panel;
    Menus InsideMenus => pages::menus::Menus;
    MenuCreate InsideMenuCreate => pages::menus::Create;
    MenuPanel InsideMenuPanel => pages::menus::Panel;
    SignIns InsideSignIns => pages::sign_ins::SignIns;
    Operations InsideOperations => pages::operations::Operations;
    OperationPanel InsideOperationPanel => pages::operations::Panel;
    Settings InsideSettings => pages::settings::Settings;
    Keys InsideKeys => pages::keys::Keys;
    Account InsideAccount => pages::account::Account;
    Kit InsideKit => pages::kit::Kit;
}

/// All pages. Each is rendered whole before its first byte is sent (`SsrMode::Async`), so that
/// status, redirects and the page without JavaScript are right.
#[component]
pub(crate) fn App() -> impl IntoView {
    use pages::{login::Login, not_found::NotFound, password::Password};

    provide_meta_context();
    ui::provide();
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/admin/login") view=Login ssr=SsrMode::Async />
                <Route path=path!("/admin/password") view=Password ssr=SsrMode::Async />
                <ParentRoute
                    path=path!("/admin")
                    view={Lazy::<InsideShell>::new()}
                    ssr=SsrMode::Async
                >
                    <Route path=path!("") view={Lazy::<InsideOverview>::new()} ssr=SsrMode::Async />
                    <Route path=path!("users/import") view={Lazy::<InsideImport>::new()} ssr=SsrMode::Async />
                    <ParentRoute
                        path=path!("users")
                        view={Lazy::<InsideUsers>::new()}
                        ssr=SsrMode::Async
                    >
                        <Route path=path!("") view=|| () ssr=SsrMode::Async />
                        <Route path=path!("new") view={Lazy::<InsideUserCreate>::new()} ssr=SsrMode::Async />
                        <Route path=path!(":id") view={Lazy::<InsideUserPanel>::new()} ssr=SsrMode::Async />
                    </ParentRoute>
                    <ParentRoute
                        path=path!("departments")
                        view={Lazy::<InsideDepartments>::new()}
                        ssr=SsrMode::Async
                    >
                        <Route path=path!("") view=|| () ssr=SsrMode::Async />
                        <Route path=path!("new") view={Lazy::<InsideDepartmentCreate>::new()} ssr=SsrMode::Async />
                        <Route path=path!(":id") view={Lazy::<InsideDepartmentPanel>::new()} ssr=SsrMode::Async />
                    </ParentRoute>
                    <Route path=path!("sessions") view={Lazy::<InsideSessions>::new()} ssr=SsrMode::Async />
                    <Route path=path!("roles") view={Lazy::<InsideRoles>::new()} ssr=SsrMode::Async />
                    <Route path=path!("roles/new") view={Lazy::<InsideRoleCreate>::new()} ssr=SsrMode::Async />
                    <Route path=path!("roles/:id") view={Lazy::<InsideRoleEdit>::new()} ssr=SsrMode::Async />
                    <ParentRoute
                        path=path!("permissions")
                        view={Lazy::<InsidePermissions>::new()}
                        ssr=SsrMode::Async
                    >
                        <Route path=path!("") view=|| () ssr=SsrMode::Async />
                        <Route path=path!("new") view={Lazy::<InsidePermissionCreate>::new()} ssr=SsrMode::Async />
                        <Route path=path!(":code") view={Lazy::<InsidePermissionPanel>::new()} ssr=SsrMode::Async />
                    </ParentRoute>
                    <ParentRoute
                        path=path!("menus")
                        view={Lazy::<InsideMenus>::new()}
                        ssr=SsrMode::Async
                    >
                        <Route path=path!("") view=|| () ssr=SsrMode::Async />
                        <Route path=path!("new") view={Lazy::<InsideMenuCreate>::new()} ssr=SsrMode::Async />
                        <Route path=path!(":id") view={Lazy::<InsideMenuPanel>::new()} ssr=SsrMode::Async />
                    </ParentRoute>
                    <Route path=path!("sign-ins") view={Lazy::<InsideSignIns>::new()} ssr=SsrMode::Async />
                    <ParentRoute
                        path=path!("operations")
                        view={Lazy::<InsideOperations>::new()}
                        ssr=SsrMode::Async
                    >
                        <Route path=path!("") view=|| () ssr=SsrMode::Async />
                        <Route path=path!(":id") view={Lazy::<InsideOperationPanel>::new()} ssr=SsrMode::Async />
                    </ParentRoute>
                    <Route path=path!("settings") view={Lazy::<InsideSettings>::new()} ssr=SsrMode::Async />
                    <Route path=path!("settings/:section") view={Lazy::<InsideSettings>::new()} ssr=SsrMode::Async />
                    <Route path=path!("keys") view={Lazy::<InsideKeys>::new()} ssr=SsrMode::Async />
                    <Route path=path!("account") view={Lazy::<InsideAccount>::new()} ssr=SsrMode::Async />
                    <Route path=path!("account/:section") view={Lazy::<InsideAccount>::new()} ssr=SsrMode::Async />
                    <Route path=path!("_kit") view={Lazy::<InsideKit>::new()} ssr=SsrMode::Async />
                </ParentRoute>
                <Route path=path!("/admin/*any") view=NotFound ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}

/// Wakes the page that the server rendered, and says so on it.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    browser::watch_history();
    wasm_bindgen_futures::spawn_local(async {
        let body = leptos::tachys::dom::body();
        let app = leptos::mount::hydrate_from_async(body, App).await;
        app.forget();
        browser::mark_awake();
    });
}
