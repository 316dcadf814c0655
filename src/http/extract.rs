//! Extractors whose rejections have the family's own shape and name the field at fault.

use crate::Api;
use crate::body::Buffered;
use crate::error::ApiError;
use crate::family::Family;
use axum::extract::FromRequest;
use axum::extract::{FromRequestParts, OptionalFromRequestParts, Path, Request};
use axum::http::request::Parts;
use menshen_domain::ids::MAX_ID;
use menshen_domain::{Error, FieldError, Kind, SessionId, Text};
use menshen_services::{Caller, Identity};
use serde::de::{DeserializeOwned, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Whoever is signed in; 401 without.
pub(crate) struct SignedIn(pub(crate) Caller);

/// Says that an access token was shown that is not good: somebody believes to be signed in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BadToken;

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        match parts.extensions.get::<Identity>() {
            Some(Identity::SignedIn(caller)) => Ok(Self(caller.clone())),
            _ => Err(Error::token().into()),
        }
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, ApiError> {
        if parts.extensions.get::<BadToken>().is_some() {
            return Err(Error::token().into());
        }
        Ok(match parts.extensions.get::<Identity>() {
            Some(Identity::SignedIn(caller)) => Some(Self(caller.clone())),
            _ => None,
        })
    }
}

/// The id in the path: a whole number from 1 to what JavaScript holds exactly.
pub(crate) struct Id(pub(crate) i64);

impl FromRequestParts<Api> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let text = <Path<String> as FromRequestParts<Api>>::from_request_parts(parts, api)
            .await
            .map(|p| p.0)
            .ok();
        text.and_then(|t| t.parse::<i64>().ok())
            .filter(|id| (1..=MAX_ID).contains(id))
            .map(Self)
            .ok_or_else(|| {
                Error::field(
                    "id",
                    Text::fixed(
                        "地址中的编号应为正整数",
                        "the id in the address must be a positive whole number",
                    ),
                )
                .into()
            })
    }
}

/// The session's id in the path: a UUID. Anything else names no session.
pub(crate) struct Sid(pub(crate) SessionId);

impl FromRequestParts<Api> for Sid {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let text = <Path<String> as FromRequestParts<Api>>::from_request_parts(parts, api)
            .await
            .map(|Path(text)| text.to_ascii_lowercase())
            .unwrap_or_default();
        let good = text.len() == 36
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f' | b'-'));
        if good {
            Ok(Self(SessionId(text)))
        } else {
            let (zh, en) = ("没有这个会话", "There is no such session");
            Err(Error::new(Kind::NotFound, zh, en).into())
        }
    }
}

/// A form's fields (`application/x-www-form-urlencoded`), their names as they are.
pub(crate) struct FormBody(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for FormBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = Buffered::of(&request);
        serde_html_form::from_bytes(&bytes).map(Self).map_err(|_| {
            let text = Text::fixed("表单无法解析", "is no form that can be read");
            Error::field("body", text).into()
        })
    }
}

impl FormBody {
    /// The last value under `name`; an empty one counts as none.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let found = self.0.iter().rev().find(|(n, _)| n == name);
        found.map(|(_, v)| v.clone()).filter(|v| !v.is_empty())
    }
}

/// A permission code in the path, whatever it is: the service says whether it is one.
pub(crate) struct Code(pub(crate) String);

impl FromRequestParts<Api> for Code {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let text = <Path<String> as FromRequestParts<Api>>::from_request_parts(parts, api).await;
        // Bytes that are no text are no code either, nor is what no database would look for.
        let text = text.map(|p| p.0).ok().filter(|text| !text.contains('\0'));
        Ok(Self(text.unwrap_or_default()))
    }
}

/// The query string's pairs, their names in camelCase.
pub(crate) struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let pairs = pairs("query", parts.uri.query().unwrap_or_default().as_bytes())?;
        for (name, value) in &pairs {
            no_nul(name, value)?;
        }
        Ok(Self(pairs))
    }
}

/// A NUL is in no text that is kept, and the databases do not agree on what a filter means that
/// has one: SQLite ends it there, PostgreSQL refuses it.
///
/// # Errors
/// Names the field.
pub(crate) fn no_nul(name: &str, value: &str) -> Result<(), ApiError> {
    if !value.contains('\0') && !name.contains('\0') {
        return Ok(());
    }
    let text = Text::fixed(
        "含有不可见的控制字符",
        "must not contain control characters",
    );
    Err(Error::field(name.replace('\0', ""), text).into())
}

/// The pairs of a query string or a form, their names in camelCase. `place` is where they are.
pub(crate) fn pairs(place: &'static str, raw: &[u8]) -> Result<Vec<(String, String)>, ApiError> {
    let pairs: Vec<(String, String)> = serde_html_form::from_bytes(raw).map_err(|_| {
        ApiError::from(Error::field(
            place,
            Text::fixed(
                "查询参数或表单无法解析",
                "can't be read as a query string or form",
            ),
        ))
    })?;
    Ok(pairs
        .into_iter()
        .map(|(name, value)| (camel(&name), value))
        .collect())
}

impl Query {
    /// The names that were sent, in their order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The last value under `name`; an empty one counts as none.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let found = self.0.iter().rev().find(|(n, _)| n == name);
        found.map(|(_, v)| v.clone()).filter(|v| !v.is_empty())
    }

    /// Every value under `name` or `name[]`; `None` when there is neither.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        let bracketed = format!("{name}[]");
        let values: Vec<String> = self
            .0
            .iter()
            .filter(|(n, _)| n == name || *n == bracketed)
            .map(|(_, v)| v.clone())
            .collect();
        (!values.is_empty()).then_some(values)
    }

    /// The value under `name`, which must not be given twice with different ones.
    fn single(&self, name: &'static str) -> Result<Option<String>, ApiError> {
        let value = self.text(name);
        let mut all = self.0.iter().filter(|(n, _)| n == name);
        match &value {
            Some(value) if !all.all(|(_, v)| v == value) => Err(Error::field(
                name,
                Text::fixed("给出了多个不同的值", "was given more than once"),
            )
            .into()),
            _ => Ok(value),
        }
    }

    /// A whole number under `name`.
    pub(crate) fn number(&self, name: &'static str) -> Result<Option<i64>, ApiError> {
        self.single(name)?
            .map(|v| v.trim().parse::<i64>().map_err(|_| not_a_number(name)))
            .transpose()
    }

    /// As [`Query::flag`], but the bare name is a yes: for what makes less of a request, as
    /// `?dryRun` does, where a no would write what nobody meant to.
    pub(crate) fn flag_or_bare(&self, name: &'static str) -> Result<bool, ApiError> {
        let bare = self.0.iter().any(|(n, v)| n == name && v.is_empty());
        Ok(self.flag(name)? || bare)
    }

    /// `true`, `false`, `1` or `0` under `name`.
    pub(crate) fn flag(&self, name: &'static str) -> Result<bool, ApiError> {
        match self.single(name)?.as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => Err(not_a_flag(name)),
        }
    }
}

fn not_a_flag(name: &'static str) -> ApiError {
    Error::field(
        name,
        Text::fixed("应为 true 或 false", "must be true or false"),
    )
    .into()
}

fn not_a_number(name: &'static str) -> ApiError {
    Error::field(name, Text::fixed("应为整数", "must be a whole number")).into()
}

/// A JSON body. Field names are taken in camelCase and in snake_case alike; unknown ones are
/// ignored; without a body it is an empty object.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = Buffered::of(&request);
        let value = parse(&bytes)?;
        let written = match Family::of(request.uri().path()) {
            Family::SignIn => names(&value),
            _ => Vec::new(),
        };
        typed(value).map(Self).map_err(|e| as_written(e, &written))
    }
}

/// The body as JSON, whatever it holds; `None` without one.
pub(crate) struct RawBody(pub(crate) Option<Value>);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = Buffered::of(&request);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(None));
        }
        parse(&bytes).map(|v| Self(Some(v)))
    }
}

/// Bytes as JSON; an empty object when there are none.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(bytes).map_err(|e| {
        let (line, column) = (e.line(), e.column());
        Error::field(
            "body",
            Text::new(
                format!("不是合法的 JSON（第 {line} 行第 {column} 列）"),
                format!("is not JSON (line {line}, column {column})"),
            ),
        )
        .into()
    })
}

/// The names of an object's fields.
fn names(value: &Value) -> Vec<String> {
    let fields = value.as_object().into_iter().flatten();
    fields.map(|(name, _)| name.clone()).collect()
}

/// The fields at fault under the names that the client gave them.
fn as_written(error: ApiError, written: &[String]) -> ApiError {
    if written.is_empty() || error.error.fields.is_empty() {
        return error;
    }
    let name = |field: &str| written.iter().find(|name| camel(name) == field).cloned();
    let fields = error.error.fields.iter().map(|f| FieldError {
        field: name(&f.field).map_or_else(|| f.field.clone(), Into::into),
        text: f.text.clone(),
    });
    Error::fields(fields.collect()).into()
}

/// A JSON value as `T`; what does not fit is named.
pub(crate) fn typed<T: DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    serde_path_to_error::deserialize(ByName(whole_numbers(camel_keys(value)))).map_err(|e| {
        let path = e.path().to_string();
        let (below, text) = misfit(&e.inner().to_string());
        let field = match (path.as_str(), below) {
            (".", None) => "body".to_owned(),
            (".", Some(name)) => name,
            (path, None) => path.to_owned(),
            (path, Some(name)) => format!("{path}.{name}"),
        };
        Error::field(field, text).into()
    })
}

/// What serde says of a value that does not fit, in words for a client; and the field at fault,
/// where it is one within the value.
fn misfit(why: &str) -> (Option<String>, Text) {
    let named = |start: &str| {
        let name = why.strip_prefix(start)?.split('`').next()?;
        Some(name.to_owned())
    };
    if let Some(name) = named("missing field `") {
        return (Some(name), Text::fixed("必填", "is required"));
    }
    if let Some(name) = named("duplicate field `") {
        return (Some(name), Text::fixed("给出了两次", "is given twice"));
    }
    if why.starts_with("invalid value: integer") {
        return (None, Text::fixed("超出允许的范围", "is out of range"));
    }
    // What was sent stands before it, and may hold the same words.
    let wanted = match why.rsplit_once(", expected ") {
        Some((_, wanted)) => wanted,
        None => why.strip_prefix("expected ").unwrap_or_default(),
    };
    let (zh, en) = match wanted {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "isize" | "usize" => {
            ("应为整数", "must be a whole number")
        }
        "f32" | "f64" => ("应为数字", "must be a number"),
        "a boolean" => ("应为 true 或 false", "must be true or false"),
        "a string" | "a borrowed string" => ("应为文本", "must be a text"),
        "a string or a list of strings" => {
            ("应为文本或文本的列表", "must be a text or a list of texts")
        }
        "a map" => ("应为对象", "must be an object"),
        _ if wanted.starts_with("struct ") => ("应为对象", "must be an object"),
        "a sequence" => ("应为数组", "must be a list"),
        _ => ("类型不符", "has the wrong type"),
    };
    (None, Text::fixed(zh, en))
}

/// A struct is taken from an object alone: by itself serde takes its fields from a list too, by
/// their order.
struct ByName(Value);

impl<'de> Deserializer<'de> for ByName {
    type Error = serde_json::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        if self.0.is_array() {
            return Err(serde::de::Error::invalid_type(Unexpected::Seq, &visitor));
        }
        self.0.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.0.deserialize_option(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// An object's own names in camelCase; what they hold stays as it is.
fn camel_keys(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(name, v)| (camel(&name), v)).collect())
        }
        other => other,
    }
}

/// `94.0` is a whole number to JSON Schema, and to every client that has one type of number.
fn whole_numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) if float.fract() == 0.0 && float.abs() < LARGEST_EXACT => {
                // It has no fraction and few enough digits to be printed as what it is.
                format!("{float:.0}")
                    .parse::<i64>()
                    .map_or(Value::Number(number), Value::from)
            }
            _ => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(whole_numbers).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(n, v)| (n, whole_numbers(v)))
            .collect(),
        other => other,
    }
}

/// Up to here a float names one whole number (2^53).
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// `role_name` → `roleName`
pub(crate) fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        if c == '_' && !out.is_empty() {
            upper = true;
        } else if upper {
            out.extend(c.to_uppercase());
            upper = false;
        } else {
            out.push(c);
        }
    }
    out
}

/// Keeps `null` (`Some(None)`) apart from a field that was not sent (`None`).
pub(crate) fn sent<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_become_camel_case() {
        assert_eq!(camel("role_name"), "roleName");
        assert_eq!(camel("roleName"), "roleName");
        assert_eq!(camel("_x"), "_x");
        assert_eq!(camel("permissions[]"), "permissions[]");
    }

    #[test]
    fn a_wrong_type_is_named() {
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct T {
            #[expect(dead_code, reason = "only its type matters")]
            role_name: String,
        }
        let list = typed::<T>(serde_json::json!(["x"])).expect_err("no object");
        assert_eq!(list.error.fields[0].field, "body");
        let error = typed::<T>(serde_json::json!({ "role_name": 5 })).expect_err("wrong");
        assert_eq!(error.error.fields[0].field, "roleName");
    }

    #[test]
    fn a_misfit_is_told_in_words_of_ours() {
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[expect(dead_code, reason = "only its types matter")]
        struct T {
            new_password: String,
            #[serde(default)]
            role_id: Option<i64>,
            #[serde(default)]
            force: bool,
            #[serde(default)]
            ids: Vec<u32>,
            #[serde(default)]
            names: std::collections::BTreeMap<String, String>,
            #[serde(default)]
            below: Option<Box<T>>,
        }
        let told = |body: Value| {
            let error = typed::<T>(body).expect_err("a misfit");
            let field = &error.error.fields[0];
            (
                field.field.to_string(),
                field.text.zh.to_string(),
                field.text.en.to_string(),
            )
        };
        let with = |name: &str, value: Value| {
            let mut body = serde_json::json!({ "newPassword": "x" });
            body[name] = value;
            body
        };
        for (body, field, zh, en) in [
            (
                serde_json::json!([]),
                "body",
                "应为对象",
                "must be an object",
            ),
            (
                serde_json::json!("x"),
                "body",
                "应为对象",
                "must be an object",
            ),
            (serde_json::json!({}), "newPassword", "必填", "is required"),
            (
                with("below", serde_json::json!({})),
                "below.newPassword",
                "必填",
                "is required",
            ),
            (
                with("role_id", "2, expected struct T".into()),
                "roleId",
                "应为整数",
                "must be a whole number",
            ),
            (
                with("roleId", 1.5.into()),
                "roleId",
                "应为整数",
                "must be a whole number",
            ),
            (
                with("ids", serde_json::json!([1, -1])),
                "ids[1]",
                "超出允许的范围",
                "is out of range",
            ),
            (with("ids", "1".into()), "ids", "应为数组", "must be a list"),
            (
                with("force", 1.into()),
                "force",
                "应为 true 或 false",
                "must be true or false",
            ),
            (
                with("newPassword", 1.into()),
                "newPassword",
                "应为文本",
                "must be a text",
            ),
            (
                with("names", serde_json::json!([])),
                "names",
                "应为对象",
                "must be an object",
            ),
        ] {
            assert_eq!(told(body), (field.into(), zh.into(), en.into()));
        }
    }

    #[test]
    fn document_b_s_fields_are_named_as_they_were_written() {
        let error = |field: &'static str| {
            let text = Text::fixed("应为文本", "must be a text");
            ApiError::from(Error::field(field, text))
        };
        let written = ["refresh_token".to_owned()];
        for (field, told) in [("refreshToken", "refresh_token"), ("other", "other")] {
            let error = as_written(error(field), &written);
            assert_eq!(error.error.fields[0].field, told);
            assert!(error.error.text.en.starts_with(told));
        }
    }

    #[test]
    fn whole_numbers_may_have_a_point() {
        for (sent, taken) in [
            ("94.0", "94"),
            ("-0.0", "0"),
            ("1e3", "1000"),
            ("1.5", "1.5"),
        ] {
            let value: Value = serde_json::from_str(&format!("[{{\"a\":{sent}}}]")).expect("json");
            let whole = whole_numbers(value).to_string();
            assert_eq!(whole, format!("[{{\"a\":{taken}}}]"));
        }
        assert_eq!(
            typed::<Vec<i64>>(serde_json::json!([2.0])).ok(),
            Some(vec![2])
        );
        assert!(typed::<i64>(serde_json::json!(1e300)).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(parse(&bytes));
        }
    }
}
