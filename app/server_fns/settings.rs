//! Settings and signing keys.

use super::Done;
#[cfg(feature = "ssr")]
use super::forms;
#[cfg(feature = "ssr")]
use crate::calls::{Runner, run};
use crate::error::AppError;
use leptos::prelude::*;
use menshen_domain::setting::{KeyRing, SectionView};
use std::collections::BTreeMap;

/// The questions that pages ask.
#[cfg(feature = "ssr")]
pub(crate) static QUESTIONS: &[(&str, Runner)] = &[
    ("list_settings", run::<ListSettings>),
    ("get_settings", run::<GetSettings>),
    ("list_keys", run::<ListKeys>),
];

/// How many letters of a key's name are typed to revoke it.
pub(crate) const TYPED: usize = 6;

/// All sections, without what is in them. `system:setting:query`.
#[server(prefix = "/admin/fn", endpoint = "list_settings")]
pub(crate) async fn list_settings() -> Result<Vec<SectionView>, AppError> {
    use crate::server::guard;
    guard::require(menshen_domain::catalogue::SETTING_QUERY)?;
    let mut sections = guard::services()?.configuration.list().await?;
    for section in &mut sections {
        section.parts.clear();
    }
    Ok(sections)
}

/// One section. `system:setting:query`.
#[server(prefix = "/admin/fn", endpoint = "get_settings")]
pub(crate) async fn get_settings(
    #[server(default)] section: String,
) -> Result<SectionView, AppError> {
    use crate::server::guard;
    guard::require(menshen_domain::catalogue::SETTING_QUERY)?;
    Ok(guard::services()?.configuration.section(&section).await?)
}

/// Changes settings of a section; an empty value gives one back its default, an empty secret leaves
/// it as it is, and `clear` names the secrets to be removed. `system:setting:alter`.
#[server(prefix = "/admin/fn", endpoint = "save_settings")]
pub(crate) async fn save_settings(
    #[server(default)] section: String,
    #[server(default)] values: BTreeMap<String, String>,
    #[server(default)] secrets: BTreeMap<String, String>,
    #[server(default)] clear: Vec<String>,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard, lang};
    let caller = guard::require(menshen_domain::catalogue::SETTING_ALTER)?;
    let given = secrets.into_iter().filter(|(_, v)| !v.trim().is_empty());
    let fields = clear
        .into_iter()
        .map(|name| (name, None))
        .chain(values.into_iter().chain(given).map(|(n, v)| (n, Some(v))))
        .collect();
    let configuration = guard::services()?.configuration;
    let changed = configuration.change(&caller, &section, fields).await?;
    let lang = guard::parts().map(|parts| lang(&parts)).unwrap_or_default();
    let names: Vec<&str> = changed.labels.iter().map(|label| label.get(lang)).collect();
    // What has changed stands in `to`: there is nowhere else to go.
    let done = Done {
        name: changed.section.name.get(lang).to_owned(),
        to: names.join(if lang == menshen_domain::Lang::Zh {
            "、"
        } else {
            ", "
        }),
        undo: changed.back.map(|back| put_back(section, back)),
        ..Done::default()
    };
    answer::stay(
        |t| t.settings_saved(&done.name, &done.to),
        done.undo.as_ref(),
    );
    Ok(done)
}

/// Gives settings of a section back the values that they had.
#[cfg(feature = "ssr")]
fn put_back(section: String, values: menshen_services::configuration::Fields) -> crate::boot::Undo {
    let value = |(name, text): (String, Option<String>)| {
        (format!("values[{name}]"), text.unwrap_or_default())
    };
    let fields: Vec<_> = std::iter::once(("section".to_owned(), section))
        .chain(values.into_iter().map(value))
        .collect();
    super::undo("save_settings", &fields)
}

/// Tries a section out as it is saved. `system:setting:alter`.
#[server(prefix = "/admin/fn", endpoint = "test_settings")]
pub(crate) async fn test_settings(
    #[server(default)] section: String,
    #[server(default)] phone: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::SETTING_ALTER)?;
    let configuration = guard::services()?.configuration;
    configuration.test(&caller, &section, Some(&phone)).await?;
    answer::done(&format!("/admin/settings/{section}"), |t| {
        t.settings_tested(&section)
    });
    Ok(Done::name(section))
}

/// The signing keys. `system:setting:query`.
#[server(prefix = "/admin/fn", endpoint = "list_keys")]
pub(crate) async fn list_keys() -> Result<KeyRing, AppError> {
    use crate::server::guard;
    guard::require(menshen_domain::catalogue::SETTING_QUERY)?;
    Ok(guard::services()?.tokens.ring().await?)
}

/// Makes a new signing key. `system:setting:alter`.
#[server(prefix = "/admin/fn", endpoint = "rotate_key")]
pub(crate) async fn rotate_key() -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::SETTING_ALTER)?;
    let key = guard::services()?.tokens.rotate_by(&caller).await?;
    answer::done("/admin/keys", |t| t.key_made(&key.kid));
    Ok(Done::name(key.kid))
}

/// Revokes a signing key, the beginning of whose name was typed. `system:setting:alter`.
#[server(prefix = "/admin/fn", endpoint = "revoke_key")]
pub(crate) async fn revoke_key(
    #[server(default)] kid: String,
    #[server(default)] typed: String,
) -> Result<Done, AppError> {
    use crate::server::{answer, guard};
    let caller = guard::require(menshen_domain::catalogue::SETTING_ALTER)?;
    let wanted: String = kid.chars().take(TYPED).collect();
    forms::confirmed(&typed, &wanted)?;
    guard::services()?.tokens.revoke_by(&caller, &kid).await?;
    answer::done("/admin/keys", |t| t.key_revoked(&kid));
    Ok(Done::name(kid))
}
