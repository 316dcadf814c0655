//! `GET /setting`: every setting, what it is, its value, and where that comes from.

use crate::error::ApiError;
use crate::view::{self, List, Times};
use crate::{Access, Api, Endpoint, RequestContext};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::setting::{Item, ItemField, SectionView, Unit};
use menshen_domain::{Text, catalogue};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A choice that a setting offers.
#[derive(Debug, Serialize, JsonSchema)]
struct OptionView {
    /// The code, which is the value.
    code: String,
    /// Its name.
    name: String,
}

/// A setting.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SettingView {
    /// Its name, as in `captcha.mode`.
    name: String,
    /// What it is called.
    label: String,
    /// What it is.
    hint: String,
    /// `number`, `flag`, `choice`, `text`, `list` or `secret`.
    kind: &'static str,
    /// The value in force; `null` for a secret and for what has none.
    value: Value,
    /// The value without a change.
    default: Value,
    /// Whether there is a value, also for a secret.
    is_set: bool,
    /// Whether it was set here, and not left at its default.
    changed: bool,
    /// What sets it in the configuration, which nothing here overrides.
    origin: Option<String>,
    /// Whether it can be changed here.
    open: bool,
    /// The least number.
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<i64>,
    /// The greatest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<i64>,
    /// What a number counts: `count`, `seconds`, `days` or `characters`.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'static str>,
    /// What a choice offers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<OptionView>,
}

/// Settings that are changed together.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SettingSectionView {
    /// Its name in addresses.
    section: String,
    /// What it is called.
    name: String,
    /// What it is about.
    about: String,
    /// For a way to sign in: whether it is on.
    on: Option<bool>,
    /// Whether it can be tried out as it stands.
    testable: bool,
    /// Who changed something here last; empty when nobody did.
    update_by: String,
    /// When; empty when nobody did.
    update_time: String,
    /// Why what was set here is not in force, if so.
    trouble: Option<String>,
    settings: Vec<SettingView>,
}

pub(super) fn section(
    api: &Api,
    context: &RequestContext,
    section: SectionView,
) -> SettingSectionView {
    let say = |text: &Text| context.say(text).to_owned();
    let items = section.parts.into_iter().flat_map(|part| part.items);
    SettingSectionView {
        name: say(&section.name),
        about: say(&section.about),
        on: section.on,
        testable: section.testable,
        update_by: section.changed_by.unwrap_or_default(),
        update_time: section
            .changed_at
            .map(|at| Times(&api.zone).plain(at))
            .unwrap_or_default(),
        trouble: section.trouble.as_ref().map(say),
        settings: items.map(|item| setting(context, item)).collect(),
        section: section.code,
    }
}

fn setting(context: &RequestContext, item: Item) -> SettingView {
    let say = |text: &Text| context.say(text).to_owned();
    let (min, max, unit) = match item.field {
        ItemField::Number { min, max, unit } => (Some(min), Some(max), Some(word(unit))),
        _ => (None, None, None),
    };
    SettingView {
        label: say(&item.label),
        hint: say(&item.hint),
        kind: kind(&item.field),
        value: value(&item.field, &item.value),
        default: value(&item.field, &item.default),
        is_set: item.is_set,
        changed: item.changed,
        origin: item.origin,
        open: item.open,
        min,
        max,
        unit,
        options: match &item.field {
            ItemField::Choice(choices) => choices
                .iter()
                .map(|(code, name)| OptionView {
                    code: code.clone(),
                    name: say(name),
                })
                .collect(),
            _ => Vec::new(),
        },
        name: item.name,
    }
}

fn word(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "count",
        Unit::Seconds => "seconds",
        Unit::Days => "days",
        Unit::Characters => "characters",
    }
}

fn kind(field: &ItemField) -> &'static str {
    match field {
        ItemField::Number { .. } => "number",
        ItemField::Flag => "flag",
        ItemField::Choice(_) => "choice",
        ItemField::Line => "text",
        ItemField::Lines => "list",
        ItemField::Secret | ItemField::SecretLines => "secret",
    }
}

/// A value as JSON has it.
fn value(field: &ItemField, text: &str) -> Value {
    match field {
        ItemField::Secret | ItemField::SecretLines => Value::Null,
        ItemField::Lines => text.lines().map(Value::from).collect(),
        _ if text.is_empty() => Value::Null,
        ItemField::Number { .. } => text.parse::<i64>().map_or(Value::Null, Value::from),
        ItemField::Flag => Value::Bool(text == "true"),
        ItemField::Choice(_) | ItemField::Line => text.into(),
    }
}

pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(
        Method::GET,
        "/setting",
        Access::Permission(catalogue::SETTING_QUERY),
        Text::fixed("查看设置", "See settings"),
        handle,
    )
    .tag("Menshen")
    .details(Text::fixed(
        "密钥与口令从不返回，只说明是否已设置。由配置文件、环境变量或启动参数明确设定的，`origin` 说明出处，不能在此修改。",
        "Secrets are never answered, only whether they are set. What a file, a variable or a flag \
         sets explicitly can't be changed here; `origin` names it.",
    ))
    .gives::<view::Answer<List<SettingSectionView>>>(200, "Every section")
}

async fn handle(State(api): State<Api>, context: RequestContext) -> Result<Response, ApiError> {
    let sections = api.services.configuration.list().await?;
    let list = List::all(sections, |s| section(&api, &context, s));
    Ok(view::ok(&context, &view::QUERIED, list))
}
