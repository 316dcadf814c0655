//! Settings as somebody sees them: values in force, where they come from, no secret.

use super::{Configuration, Held};
use crate::core::InForce;
use crate::outside::Configured;
use menshen_domain::setting::{self, Entry, Item, ItemField, Part, Section, SectionView};
use menshen_domain::{Result, Text, Timestamp, UserId};
use menshen_storage::users;
use serde_json::Value;
use std::collections::BTreeMap;

/// Why settings that were changed are not in force.
fn not_in_force(problem: &str) -> Text {
    Text::new(
        format!("在此保存的设置没有生效：{problem}"),
        format!("What was saved here is not in force: {problem}"),
    )
}

impl Configuration {
    /// Every section.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(&self) -> Result<Vec<SectionView>> {
        let held = self.0.held.lock().await;
        let names = self.names(&held).await?;
        let view = |section| self.section_view(&held, &names, section);
        Ok(setting::SECTIONS.iter().map(view).collect())
    }

    /// One section.
    ///
    /// # Errors
    /// [`menshen_domain::Kind::NotFound`]; what the database says.
    pub async fn section(&self, code: &str) -> Result<SectionView> {
        self.view_of(super::known(code)?).await
    }

    pub(super) async fn view_of(&self, section: &'static Section) -> Result<SectionView> {
        let held = self.0.held.lock().await;
        let names = self.names(&held).await?;
        Ok(self.section_view(&held, &names, section))
    }

    /// Who changed what is held, by name.
    async fn names(&self, held: &Held) -> Result<BTreeMap<i64, String>> {
        let mut names = BTreeMap::new();
        let mut conn = self.0.core.db.read().await?;
        let ids = held.rows.iter().flatten().filter_map(|row| row.updated_by);
        for id in ids {
            if !names.contains_key(&id)
                && let Some(user) = users::find(&mut conn, UserId(id)).await?
            {
                names.insert(id, user.username);
            }
        }
        Ok(names)
    }

    fn section_view(
        &self,
        held: &Held,
        names: &BTreeMap<i64, String>,
        section: &'static Section,
    ) -> SectionView {
        let in_force = self.0.core.in_force.load_full();
        let on = is_on(section, &in_force);
        let mut parts: Vec<Part> = Vec::new();
        for entry in section.entries {
            let item = self.item(held, entry);
            let place = entry.place().0;
            match parts.iter_mut().find(|p| p.code == place) {
                Some(part) => part.items.push(item),
                None => parts.push(Part {
                    code: place.to_owned(),
                    name: setting::part_name(place),
                    in_use: true,
                    items: vec![item],
                }),
            }
        }
        mark_those_in_use(section, &mut parts);
        let last = held
            .rows
            .iter()
            .flatten()
            .filter(|row| parts.iter().any(|p| p.code == row.key))
            .max_by_key(|row| row.updated_at);
        let items = || parts.iter().flat_map(|p| &p.items);
        let trouble = held.broken.iter().find(|(code, _)| *code == section.code);
        SectionView {
            code: section.code.to_owned(),
            area: section.area,
            name: section.name.clone(),
            about: section.about.clone(),
            on,
            testable: section.testable && on == Some(true),
            changed: i64::try_from(items().filter(|i| i.changed).count()).unwrap_or(0),
            changed_by: last.and_then(|r| names.get(&r.updated_by?).cloned()),
            changed_at: last.map(|r| Timestamp(r.updated_at)),
            trouble: trouble.map(|(_, problem)| not_in_force(problem)),
            parts,
        }
    }

    fn item(&self, held: &Held, entry: &Entry) -> Item {
        let none = Configured::default();
        let configured = self.0.outfit.configured();
        let configured = configured.get(entry.name).unwrap_or(&none);
        let open = entry.shape.is_open() && configured.origin.is_none();
        let stored = held.stored.get(entry.name).filter(|_| open);
        let lost = open && held.lost.contains(entry.name);
        let secret = entry.shape.is_secret();
        let shown = |value: &Value| match secret {
            true => String::new(),
            false => text(value, entry.shape.is_list()),
        };
        Item {
            name: entry.name.to_owned(),
            label: entry.label.clone(),
            hint: entry.hint.clone(),
            field: field(entry, &configured.value),
            value: shown(stored.unwrap_or(&configured.value)),
            default: shown(&configured.value),
            is_set: stored.is_some() || configured.is_set,
            changed: stored.is_some() || lost,
            origin: configured.origin.clone(),
            open,
        }
    }
}

/// What it is filled in with. That messages go to the log is for the configuration to say: who
/// may change settings must not make codes readable by that.
fn field(entry: &Entry, configured: &Value) -> ItemField {
    let mut field = ItemField::from(entry.shape);
    if let ItemField::Choice(choices) = &mut field
        && entry.name == "sms.provider"
        && configured != "log"
    {
        choices.retain(|(code, _)| code != "log");
    }
    field
}

/// A way to sign in is on or off; other sections are neither.
fn is_on(section: &Section, in_force: &InForce) -> Option<bool> {
    let outside = &in_force.outside;
    match section.code {
        "sms" => Some(outside.sms.is_some()),
        "wechat_mini" => Some(outside.wechat_mini.is_some()),
        "wechat_scan" => Some(outside.wechat_scan.is_some()),
        "wecom" => Some(outside.wecom.is_some()),
        "facade" => Some(in_force.settings.facade.get_login),
        _ => None,
    }
}

/// Of several senders of messages one is chosen.
fn mark_those_in_use(section: &Section, parts: &mut [Part]) {
    if section.code != "sms" {
        return;
    }
    let chosen = parts
        .iter()
        .flat_map(|p| &p.items)
        .find(|i| i.name == "sms.provider")
        .map(|i| format!("sms_{}", i.value));
    for part in parts.iter_mut().filter(|p| p.code != "sms") {
        part.in_use = chosen.as_ref() == Some(&part.code);
    }
}

/// A value as a form shows it.
pub(super) fn text(value: &Value, list: bool) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|i| text(i, list)).collect();
            items.join(if list { "\n" } else { ", " })
        }
        other => other.to_string(),
    }
}
