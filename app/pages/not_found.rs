//! No such page.

use crate::components::icon::mark;
use crate::pages::title;
use crate::ui::ui;
use leptos::prelude::*;

/// What is shown for an address that leads nowhere, with status 404.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    let t = ui().t;
    #[cfg(feature = "ssr")]
    crate::server::status(axum::http::StatusCode::NOT_FOUND);
    view! {
        {title(t.not_found_title)}
        <main class="gate" id="main">
            <div class="gate-column">
                <section class="blank">
                    {mark()} <p class="big" aria-hidden="true">
                        "404"
                    </p> <h1>{t.not_found_title}</h1> <p>{t.not_found_text}</p>
                    <a class="button primary" href="/admin">
                        {t.to_overview}
                    </a>
                </section>
            </div>
        </main>
    }
}
