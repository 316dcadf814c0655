//! Language and theme.

use super::icon::{Icon, icon};
use super::live::{memo, on};
use crate::boot::Theme;
use crate::browser;
use crate::ui::Ui;
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos_router::hooks::use_url;
use menshen_domain::Lang;

/// The address of this page, to come back to.
pub(crate) fn here() -> Memo<String> {
    let url = use_url();
    memo(move || {
        url.with(|url| {
            if url.search().is_empty() {
                url.path().to_owned()
            } else {
                format!("{}?{}", url.path(), url.search())
            }
        })
    })
}

/// A button that leads to the page in the other language. It loads the page afresh: every text
/// changes.
pub(crate) fn language(ui: Ui, class: &'static str) -> AnyView {
    let here = here();
    let (code, name, tag) = match ui.lang {
        Lang::Zh => ("en", "English", "en"),
        Lang::En => ("zh", "中文", "zh-CN"),
    };
    view! {
        <form method="post" action="/admin/fn/set_language" class="inline">
            <input type="hidden" name="lang" value=code />
            <input type="hidden" name="back" value=here />
            <button type="submit" class=class lang=tag>
                {name}
            </button>
        </form>
    }
    .into_any()
}

pub(crate) fn name(ui: Ui, theme: Theme) -> &'static str {
    match theme {
        Theme::Light => ui.t.theme_light,
        Theme::Dark => ui.t.theme_dark,
        Theme::System => ui.t.theme_system,
    }
}

pub(crate) fn sign(theme: Theme) -> Icon {
    match theme {
        Theme::Light => Icon::Sun,
        Theme::Dark => Icon::Moon,
        Theme::System => Icon::Screen,
    }
}

/// A button for each theme, for a form that sends the chosen one.
pub(crate) fn themes(ui: Ui, class: &'static str) -> Vec<AnyView> {
    let one = |theme: Theme| {
        view! {
            <button
                type="submit"
                name="theme"
                value=theme.code()
                class=class
                aria-pressed=move || (ui.theme.get() == theme).to_string()
                on:click=on(move |event: MouseEvent| {
                    event.prevent_default();
                    choose(ui, theme);
                })
            >
                {icon(sign(theme))}
                {name(ui, theme)}
            </button>
        }
        .into_any()
    };
    Theme::ALL.into_iter().map(one).collect()
}

/// A button that opens the choice of themes.
pub(crate) fn theme(ui: Ui, class: &'static str, with_name: bool) -> AnyView {
    let here = here();
    let choices = themes(ui, "menu-item");
    view! {
        <button
            type="button"
            class=class
            popovertarget="theme-menu"
            aria-label=(!with_name).then_some(ui.t.theme)
        >
            {move || icon(sign(ui.theme.get()))}
            {with_name.then_some(ui.t.theme)}
        </button>
        <div id="theme-menu" class="menu" popover="auto">
            <form method="post" action="/admin/fn/set_theme">
                <input type="hidden" name="back" value=here />
                {choices}
            </form>
        </div>
    }
    .into_any()
}

/// Changes the theme at once, and remembers it.
pub(crate) fn choose(ui: Ui, theme: Theme) {
    ui.theme.set(theme);
    browser::remember("menshen_theme", theme.code());
    if let Some(html) = document().document_element() {
        html.set_class_name(&format!("js {}", theme.code()));
    }
    browser::hide_popover("theme-menu");
}
