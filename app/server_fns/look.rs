//! Language and theme. Plain forms, so that they work without JavaScript too.

use super::Done;
use crate::error::AppError;
use leptos::prelude::*;

/// Chooses the language, `zh` or `en`, and goes back to the page.
#[server(prefix = "/admin/fn", endpoint = "set_language")]
pub(crate) async fn set_language(
    #[server(default)] lang: String,
    #[server(default)] back: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, cookies};
    let lang = menshen_domain::Lang::from_tag(&lang).unwrap_or_default();
    let code = match lang {
        menshen_domain::Lang::Zh => "zh",
        menshen_domain::Lang::En => "en",
    };
    cookies::remember(cookies::LANG, code);
    let to = answer::safe_next(&back);
    answer::go(&to);
    Ok(Done::to(to))
}

/// Chooses the theme, `light`, `dark` or `system`, and goes back to the page.
#[server(prefix = "/admin/fn", endpoint = "set_theme")]
pub(crate) async fn set_theme(
    #[server(default)] theme: String,
    #[server(default)] back: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, cookies};
    let theme = crate::boot::Theme::from_code(&theme);
    cookies::remember(cookies::THEME, theme.code());
    let to = answer::safe_next(&back);
    answer::go(&to);
    Ok(Done::to(to))
}

/// Chooses the columns of a list, by its [`crate::boot::ColumnsOf`] code, and goes back to the
/// page.
#[server(prefix = "/admin/fn", endpoint = "set_columns")]
pub(crate) async fn set_columns(
    #[server(default)] list: String,
    #[server(default)] columns: Vec<String>,
    #[server(default)] back: String,
) -> Result<Done, AppError> {
    use crate::boot::ColumnsOf;
    use crate::server::{answer, cookies};
    if let Some(of) = ColumnsOf::ALL.into_iter().find(|of| of.code() == list) {
        let chosen: Vec<&str> = columns.iter().map(String::as_str).collect();
        cookies::remember(of.cookie(), &of.keep(&chosen));
    }
    let to = answer::safe_next(&back);
    answer::go(&to);
    Ok(Done::to(to))
}
