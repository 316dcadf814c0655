//! Language and theme, kept in this browser.

use super::card;
use crate::components::look::themes;
use crate::ui::Ui;
use leptos::prelude::*;
use menshen_domain::Lang;

const HERE: &str = "/admin/account/look";

/// The section.
pub(super) fn section(ui: Ui) -> AnyView {
    let t = ui.t;
    let languages: Vec<AnyView> = [
        (Lang::Zh, "zh", "zh-CN", "中文"),
        (Lang::En, "en", "en", "English"),
    ]
    .into_iter()
    .map(|(lang, code, tag, name)| {
        view! {
            <button
                type="submit"
                name="lang"
                value=code
                class="choice"
                lang=tag
                aria-pressed=(ui.lang == lang).to_string()
            >
                {name}
            </button>
        }
        .into_any()
    })
    .collect();
    let body = view! {
        <p class="quiet">{t.look_text}</p>
        // Plain forms: in the other language every text of the page is another.
        <form method="post" action="/admin/fn/set_language" class="choices">
            <input type="hidden" name="back" value=HERE />
            <fieldset>
                <legend>{t.language}</legend>
                <div class="choice-row">{languages}</div>
            </fieldset>
        </form>
        <form method="post" action="/admin/fn/set_theme" class="choices">
            <input type="hidden" name="back" value=HERE />
            <fieldset>
                <legend>{t.theme}</legend>
                <div class="choice-row">{themes(ui, "choice")}</div>
            </fieldset>
        </form>
    };
    card("look-title", t.look_section, ().into_any(), body.into_any())
}
