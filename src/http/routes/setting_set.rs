//! `PUT /setting/{section}`: changes settings while the program runs.

use super::setting_list::{SettingSectionView, section};
use crate::error::ApiError;
use crate::extract::{Code, RawBody, SignedIn};
use crate::{Access, Api, Endpoint, RequestContext, view};
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use menshen_domain::error::Problems;
use menshen_domain::{Error, Text, catalogue};
use menshen_services::configuration::Fields;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A setting's value.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "for the document alone")]
enum SettingValue {
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// A choice's code, or text.
    Text(String),
    /// A list.
    List(Vec<String>),
    /// The default.
    Default(()),
}

/// Values by the names of settings; `null` for the default. Those that are not named stay as they
/// are.
#[derive(Debug, Deserialize, JsonSchema)]
#[expect(dead_code, reason = "for the document alone")]
struct SettingChangeReq(BTreeMap<String, SettingValue>);

/// An endpoint below `/setting/{section}`.
pub(super) fn at_section(endpoint: Endpoint) -> Endpoint {
    endpoint
        .tag("Menshen")
        .parameter(
            "section",
            "path",
            "string",
            true,
            "The section, as in `captcha`",
        )
        .fails(404, "There is no such section")
}

pub(super) fn endpoint() -> Endpoint {
    at_section(Endpoint::new(
        Method::PUT,
        "/setting/{section}",
        Access::Permission(catalogue::SETTING_ALTER),
        Text::fixed("修改设置", "Change settings"),
        handle,
    ))
    .details(Text::fixed(
        "字段名为设置的全名（如 `captcha.mode`，同节中不重名时也可只写 `mode`），未知的名称返回 400；\
         值为 null 时恢复默认；密钥则被移除，包括主密钥更换后已无法解密的。\
         修改后的设置会先整体检查，通过后立即在所有节点生效。",
        "Fields are named as settings are (`captcha.mode`; where the section has no other, `mode` will \
         do), and an unknown name is 400; null gives one back its default, and removes a secret, \
         also one that can't be opened since the master key changed. What results is checked as a \
         whole first, and is in force on every node at once.",
    ))
    .takes::<SettingChangeReq>()
    .example(json!({ "captcha.mode": "always", "captcha.page": null }))
    .gives::<view::Answer<SettingSectionView>>(200, "The section as it is now")
    .fails(
        400,
        "A setting is not good, is set by the configuration, or the program would not start with it",
    )
}

async fn handle(
    State(api): State<Api>,
    context: RequestContext,
    SignedIn(caller): SignedIn,
    Code(code): Code,
    RawBody(body): RawBody,
) -> Result<Response, ApiError> {
    let fields = fields(body)?;
    let configuration = &api.services.configuration;
    let changed = configuration.change(&caller, &code, fields).await?;
    let shown = section(&api, &context, changed.section);
    Ok(view::ok(&context, &view::CHANGED, shown))
}

/// The values as text, by the names that settings have.
fn fields(body: Option<Value>) -> Result<Fields, ApiError> {
    let sent = match body {
        None => return Ok(Fields::new()),
        Some(Value::Object(sent)) => sent,
        Some(_) => {
            let text = Text::fixed("应为对象", "must be an object");
            return Err(Error::field("body", text).into());
        }
    };
    let mut problems = Problems::default();
    let mut fields = Fields::new();
    for (name, value) in sent {
        let name = snake(&name);
        match text(value) {
            Ok(text) => _ = fields.insert(name, text),
            Err(problem) => problems.add(name, problem),
        }
    }
    problems.finish()?;
    Ok(fields)
}

/// A value as a form sends it; `None` for the default.
fn text(value: Value) -> Result<Option<String>, Text> {
    let lines = |items: &[Value]| -> Option<String> {
        let items: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
        let items = items?;
        let one_line = |item: &&str| !item.contains(['\n', '\r']);
        items.iter().all(one_line).then(|| items.join("\n"))
    };
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Bool(flag) => Ok(Some(flag.to_string())),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Array(items) => match lines(&items) {
            Some(text) => Ok(Some(text)),
            None => Err(Text::fixed(
                "应为单行文本的列表",
                "must be a list of texts of one line",
            )),
        },
        Value::Object(_) => Err(Text::fixed(
            "应为文本、数字、布尔值或列表",
            "must be a text, a number, true or false, or a list",
        )),
    }
}

/// A name in camelCase as settings are named.
fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_the_text_of_a_form() {
        let sent = json!({
            "captcha.mode": "always", "limits.delayAfter": 3, "facade.get_login": false,
            "sms_tencent.template_params": ["{code}", "5"], "wecom.secret": null,
        });
        let fields = fields(Some(sent)).expect("good");
        let expected = [
            ("captcha.mode", Some("always")),
            ("facade.get_login", Some("false")),
            ("limits.delay_after", Some("3")),
            ("sms_tencent.template_params", Some("{code}\n5")),
            ("wecom.secret", None),
        ];
        let got: Vec<_> = fields
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_deref()))
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for body in [
            json!([]),
            json!("x"),
            json!({ "a.b": {} }),
            json!({ "a.b": [1] }),
            json!({ "a.b": ["x\ny"] }),
        ] {
            assert!(fields(Some(body)).is_err());
        }
        assert!(fields(None).expect("nothing").is_empty());
    }
}
