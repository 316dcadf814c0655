//! The OpenAPI 3.1 document, drawn from the list of endpoints.
//!
//! What an endpoint says of itself stands in its own file. What all of them have in common is
//! added here: the answers that follow from what an endpoint asks and takes, and the headers that
//! answers have by their status.

use crate::endpoint::{Access, Answer, Body, Endpoint, Parameter, SchemaFn, Shape};
use crate::family::Family;
use crate::routes;
use axum::http::Method;
use menshen_domain::{Lang, Text, catalogue};
use schemars::SchemaGenerator;
use schemars::generate::{Contract, SchemaSettings};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in routes::all() {
        let operation = operation(&endpoint, &mut schemas);
        let path = paths
            .entry(endpoint.path.to_owned())
            .or_insert_with(|| json!({}));
        path[endpoint.method.as_str().to_ascii_lowercase()] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Menshen",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Sign-in, users, roles and permissions.",
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags().iter().map(|(name, about)| json!({
            "name": name,
            "description": about.get(Lang::En),
        })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "securitySchemes": security_schemes(),
            "headers": headers(),
        },
    })
}

/// The document as compact JSON, drawn once.
#[must_use]
pub fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| document().to_string());
    &TEXT
}

const ABOUT: &str = "\
Menshen serves five published API documents from one identity store. Documents A and C make up the \
canonical API at the root, which Menshen's own routes join; B, D and E are other doors into the same \
services.\n\n\
* JSON in and out, in UTF-8. Names of request fields are taken in camelCase and in snake_case alike \
(`roleName` is `role_name`); unknown fields are ignored.\n\
* A canonical answer is `{code, msg, message, data}`: `code` is the HTTP status, and `msg` and \
`message` are always equal. An error has `data: null`, and `errors: [{field, message}]` where fields \
are at fault.\n\
* Messages follow `Accept-Language`: Chinese by default, English on request. `code` never changes \
with the language.\n\
* Times are `YYYY-MM-DD HH:MM:SS` in camelCase fields and RFC 3339 in snake_case fields, in the \
server's time zone. Ids are whole numbers from 1 to 2^53 - 1.\n\
* Every answer carries `X-Request-Id`. A wrong method is 405 with `Allow`, an unknown address 404, a \
body that is larger than 1 MiB 413, one that does not arrive within 30 seconds 408: all in the shape \
of errors of the document that the path belongs to.\n\
* `x-permission` names the permission that an operation asks for; `always: false` says that it is \
asked for others' records, or for more than anybody may do.";

/// The tags in their order: the API documents, and what Menshen adds.
#[must_use]
pub fn tags() -> [(&'static str, Text); 6] {
    [
        (
            "A",
            Text::fixed(
                "文档 A：图片验证码登录、自动续期的访问令牌、文件上传（/auth、/other）",
                "Document A: login with a captcha, a self-renewing access token, upload (/auth, /other)",
            ),
        ),
        (
            "C",
            Text::fixed(
                "文档 C：登录与会话、角色、权限、用户（/auth、/role、/perm、/user、/test）",
                "Document C: login and sessions, roles, permissions, users (/auth, /role, /perm, /user, /test)",
            ),
        ),
        (
            "Menshen",
            Text::fixed(
                "门神自己的接口，与文档 C 同一风格",
                "What Menshen adds, in document C's style",
            ),
        ),
        (
            "B",
            Text::fixed(
                "文档 B：访问令牌与刷新令牌成对的登录（/signin、/tokens）",
                "Document B: sign-in with a pair of access and refresh token (/signin, /tokens)",
            ),
        ),
        (
            "D",
            Text::fixed(
                "文档 D：浏览器 Cookie 登录（/api/auth）",
                "Document D: login with a browser's cookie (/api/auth)",
            ),
        ),
        (
            "E",
            Text::fixed(
                "文档 E：密码、短信、微信、企业微信多种登录与注册（/api）",
                "Document E: login by password, SMS, WeChat or WeCom, and registration (/api)",
            ),
        ),
    ]
}

/// The generators of schemas: what is taken and what is given differ in which fields must be
/// there.
struct Schemas {
    taken: SchemaGenerator,
    given: SchemaGenerator,
}

impl Schemas {
    fn new() -> Self {
        let generator = |contract| {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
            settings.contract = contract;
            settings.into_generator()
        };
        Self {
            taken: generator(Contract::Deserialize),
            given: generator(Contract::Serialize),
        }
    }

    fn finish(mut self) -> Value {
        let mut all = self.taken.take_definitions(true);
        all.extend(self.given.take_definitions(true));
        all.sort_keys();
        Value::Object(all)
    }
}

fn security_schemes() -> Value {
    json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token, in `Authorization: Bearer …` (the word in any letter case).",
        },
        "basic": {
            "type": "http",
            "scheme": "basic",
            "description": "A client of the settings and its secret (`introspection.clients`).",
        },
        "metrics": {
            "type": "http",
            "scheme": "bearer",
            "description": "The token of the settings (`metrics.token`), which is no access token.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "menshen_session",
            "description": "The browser's session, as the admin UI and document D have it; over TLS its \
                name is `__Host-menshen_session`.",
        },
        "refreshCookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": "token",
            "description": "The refresh token in the cookie `token`.",
        },
        "refreshHeader": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Refresh-Token",
            "description": "The refresh token in the header `X-Refresh-Token`.",
        },
    })
}

fn headers() -> Value {
    json!({
        "RequestId": {
            "description": "The request's id, as the log has it",
            "required": true,
            "schema": { "type": "string" },
        },
        "Authenticate": {
            "description": "How to authenticate, and what is missing (RFC 6750, section 3)",
            "schema": { "type": "string" },
        },
        "RetryAfter": {
            "description": "Seconds until another try is worth it",
            "required": true,
            "schema": { "type": "integer", "minimum": 0 },
        },
    })
}

fn operation(endpoint: &Endpoint, schemas: &mut Schemas) -> Value {
    let mut operation = json!({
        "operationId": operation_id(endpoint),
        "summary": endpoint.about.get(Lang::En),
        "description": description(endpoint),
        "tags": endpoint.tag.split(", ").collect::<Vec<_>>(),
        "parameters": endpoint.parameters.iter().map(parameter).collect::<Vec<_>>(),
        "responses": answers(endpoint, schemas),
        "security": security(endpoint),
    });
    if let Some(body) = &endpoint.body {
        operation["requestBody"] = request_body(body, &mut schemas.taken);
    }
    if let Some(code) = endpoint.access.permission() {
        let name = catalogue::find(code).map(|e| &e.name);
        operation["x-permission"] = json!({
            "code": code,
            "name": name.map(|n| n.en.to_string()),
            "nameZh": name.map(|n| n.zh.to_string()),
            "always": matches!(endpoint.access, Access::Permission(_)),
        });
    }
    operation
}

/// The name that tools know an operation by.
pub(crate) fn operation_id(endpoint: &Endpoint) -> String {
    let words = endpoint
        .path
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty());
    let method = endpoint.method.as_str().to_ascii_lowercase();
    std::iter::once(method.as_str())
        .chain(words)
        .collect::<Vec<_>>()
        .join("_")
}

fn description(endpoint: &Endpoint) -> String {
    let mut parts = vec![endpoint.about.get(Lang::Zh).to_owned()];
    if let Some(details) = &endpoint.details {
        parts.push(details.get(Lang::Zh).to_owned());
        parts.push(details.get(Lang::En).to_owned());
    }
    if let Some(asks) = asks(endpoint.access) {
        parts.push(asks.get(Lang::En).to_owned());
    }
    parts.join("\n\n")
}

/// What an endpoint asks of its caller, in words.
pub(crate) fn asks(access: Access) -> Option<Text> {
    let (zh, en) = match access {
        Access::Public => return None,
        Access::Token => ("凭令牌调用。", "Goes by the token."),
        Access::SignedIn => (
            "需要登录，且没有待修改的密码。",
            "For whoever is signed in and has no password to change first.",
        ),
        Access::SignedInAnyhow => ("需要登录。", "For whoever is signed in."),
        Access::Permission(code) => {
            return Some(Text::new(
                format!("需要权限 `{code}`。"),
                format!("Needs the permission `{code}`."),
            ));
        }
        Access::OwnOr(code) => {
            return Some(Text::new(
                format!("需要登录；操作他人的记录需要权限 `{code}`。"),
                format!("For whoever is signed in; others' records need the permission `{code}`."),
            ));
        }
        Access::PublicOr(code) => {
            return Some(Text::new(
                format!("任何人可调用；拥有权限 `{code}` 者可以做更多。"),
                format!("For anybody; with the permission `{code}` it does more."),
            ));
        }
        Access::ClientOr(code) => {
            return Some(Text::new(
                format!("供设置中登记的客户端调用，或需要权限 `{code}`。"),
                format!("For the clients of the settings; others need the permission `{code}`."),
            ));
        }
        Access::Secret => (
            "凭设置中的专用令牌调用。",
            "For whoever shows the token of the settings.",
        ),
    };
    Some(Text::fixed(zh, en))
}

fn parameter(parameter: &Parameter) -> Value {
    let mut schema = json!({ "type": parameter.kind });
    for (keyword, value) in &parameter.detail {
        schema[keyword] = value.clone();
    }
    let mut out = json!({
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.about,
        "schema": schema,
    });
    let may_be_empty = parameter.place == "query" && !parameter.required;
    if may_be_empty && matches!(parameter.kind, "integer" | "boolean" | "number") {
        // It counts as not sent.
        out["allowEmptyValue"] = true.into();
    }
    out
}

fn request_body(body: &Body, generator: &mut SchemaGenerator) -> Value {
    let schema = (body.schema)(generator);
    let whole = resolved(&schema, generator);
    // Without a body it is an empty object: that will do where no field must be there.
    let may_be_missing = whole["type"] == "object"
        && whole["required"].as_array().is_none_or(Vec::is_empty)
        && whole["oneOf"].is_null();
    let mut content = Map::new();
    for media in &body.media {
        let mut one = json!({ "schema": schema });
        if let Some(example) = &body.example {
            one["example"] = example.clone();
        }
        content.insert((*media).to_owned(), one);
    }
    json!({ "required": !may_be_missing, "content": content })
}

/// A schema, or the one that it refers to.
fn resolved(schema: &Value, generator: &SchemaGenerator) -> Value {
    schema["$ref"]
        .as_str()
        .and_then(|r| r.rsplit('/').next())
        .and_then(|name| generator.definitions().get(name))
        .unwrap_or(schema)
        .clone()
}

fn security(endpoint: &Endpoint) -> Value {
    let both: &[&[&str]] = &[&["bearer"], &["session"]];
    let ways: Vec<Value> = match (endpoint.credentials, endpoint.access) {
        (Some(ways), _) => ways.iter().map(|w| together(w)).collect(),
        (None, Access::Public) => Vec::new(),
        (None, Access::PublicOr(_)) => {
            let nothing: &[&str] = &[];
            std::iter::once(nothing)
                .chain(both.iter().copied())
                .map(together)
                .collect()
        }
        (None, _) => both.iter().map(|w| together(w)).collect(),
    };
    ways.into()
}

fn together(schemes: &[&str]) -> Value {
    let names = schemes.iter().map(|s| ((*s).to_owned(), json!([])));
    Value::Object(names.collect())
}

fn answers(endpoint: &Endpoint, schemas: &mut Schemas) -> Value {
    let mut all: Map<String, Value> = Map::new();
    for given in &endpoint.answers {
        all.insert(
            given.status.to_string(),
            answer(given, endpoint.failure, &mut schemas.given),
        );
    }
    for (status, about, due) in common(endpoint) {
        if due && !all.contains_key(&status.to_string()) {
            let given = Answer {
                status,
                about,
                shape: Shape::Failure,
                headers: Vec::new(),
                example: None,
            };
            all.insert(
                status.to_string(),
                answer(&given, endpoint.failure, &mut schemas.given),
            );
        }
    }
    all.sort_keys();
    Value::Object(all)
}

fn answer(given: &Answer, failure: SchemaFn, generator: &mut SchemaGenerator) -> Value {
    let mut headers = json!({ "X-Request-Id": { "$ref": "#/components/headers/RequestId" } });
    if matches!(given.status, 401 | 403) {
        headers["WWW-Authenticate"] = json!({ "$ref": "#/components/headers/Authenticate" });
    }
    if matches!(given.status, 429 | 503) {
        headers["Retry-After"] = json!({ "$ref": "#/components/headers/RetryAfter" });
    }
    for (name, about) in &given.headers {
        headers[*name] = json!({
            "description": about,
            "required": true,
            "schema": { "type": "string" },
        });
    }
    let mut out = json!({ "description": given.about, "headers": headers });
    let content = match given.shape {
        Shape::Empty => return out,
        Shape::Json(schema) => ("application/json", json!({ "schema": schema(generator) })),
        Shape::Failure => ("application/json", json!({ "schema": failure(generator) })),
        Shape::Media(media) => (media, json!({})),
    };
    let (media, mut content) = content;
    if let Some(example) = &given.example {
        content["example"] = example.clone();
    }
    out["content"] = json!({ media: content });
    out
}

/// What an endpoint answers with by what it asks and takes.
fn common(endpoint: &Endpoint) -> [(u16, &'static str, bool); 6] {
    let has = |place: &str| endpoint.parameters.iter().any(|p| p.place == place);
    let ids = endpoint
        .parameters
        .iter()
        .any(|p| p.place == "path" && p.kind == "integer");
    let changes = endpoint.method != Method::GET;
    let due = endpoint.access.permission().is_some() || endpoint.access == Access::SignedIn;
    [
        (
            400,
            "A parameter or the body is not good",
            ids || has("query") || endpoint.body.is_some(),
        ),
        (
            401,
            "The access token is not good",
            endpoint.access != Access::Public && Family::of(endpoint.path) != Family::Account,
        ),
        (
            403,
            "The permission is missing, a password change is due, or a page of another site sent it",
            due || changes,
        ),
        (404, "There is no such thing", ids),
        (
            413,
            "The body is larger than is taken",
            endpoint.body.is_some(),
        ),
        (
            500,
            "A fault of the server; the log has it under the request's id",
            true,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// `docs/api.md` has a line for each route, with the file of its handler and those of its
    /// tests: `| \`GET /x\` | \`file\` | \`test\`, … |`.
    #[test]
    fn every_route_is_in_the_page_about_the_api_and_no_other() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let page = std::fs::read_to_string(root.join("docs/api.md")).expect("docs/api.md");
        let mut told = std::collections::BTreeMap::new();
        for line in page.lines().filter(|l| l.contains("` | `src/")) {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let (route, file) = (cells[0].trim_matches('`'), cells[1].trim_matches('`'));
            for test in cells[2].split(", ").map(|t| t.trim_matches('`')) {
                assert!(root.join(test).is_file(), "{route}: {test}");
            }
            let before = told.insert(route.to_owned(), file.to_owned());
            assert!(before.is_none_or(|b| b == file), "{route}: two handlers");
        }
        for endpoint in routes::all() {
            let route = format!("{} {}", endpoint.method, endpoint.path);
            let file = endpoint.file.replace('\\', "/");
            assert_eq!(
                told.remove(&route).as_deref(),
                Some(file.as_str()),
                "docs/api.md lacks: | `{route}` | `{file}` | `tests/rest/….rs` |"
            );
        }
        assert!(
            told.is_empty(),
            "docs/api.md has more than there is: {told:?}"
        );
    }

    #[test]
    fn a_schema_is_either_taken_or_given() {
        let mut schemas = Schemas::new();
        for endpoint in routes::all() {
            operation(&endpoint, &mut schemas);
        }
        let given = schemas.given.definitions().clone();
        for (name, schema) in schemas.taken.definitions() {
            assert!(given.get(name).is_none_or(|g| g == schema), "{name}");
        }
    }

    #[test]
    fn every_operation_is_told_whole() {
        let document = document();
        let known: Vec<&str> = tags().iter().map(|t| t.0).collect();
        for (path, methods) in document["paths"].as_object().expect("paths") {
            for (method, operation) in methods.as_object().expect("methods") {
                let what = format!("{method} {path}");
                for tag in operation["tags"].as_array().expect("tags") {
                    assert!(known.contains(&tag.as_str().expect("tag")), "{what}: {tag}");
                }
                let in_path: BTreeSet<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
                let named: BTreeSet<&str> = operation["parameters"]
                    .as_array()
                    .expect("parameters")
                    .iter()
                    .filter(|p| p["in"] == "path")
                    .map(|p| p["name"].as_str().expect("name"))
                    .collect();
                assert_eq!(in_path, named, "{what}");
                let answers = operation["responses"].as_object().expect("answers");
                assert!(answers.keys().any(|s| s.starts_with(['2', '3'])), "{what}");
                assert!(answers.contains_key("500"), "{what}");
                for scheme in operation["security"].as_array().expect("security") {
                    for name in scheme.as_object().expect("names").keys() {
                        let schemes = &document["components"]["securitySchemes"];
                        assert!(schemes.get(name).is_some(), "{what}: {name}");
                    }
                }
            }
        }
    }

    #[test]
    fn operation_ids_are_unique_and_references_resolve() {
        let document = document();
        let mut ids = BTreeSet::new();
        for methods in document["paths"].as_object().expect("paths").values() {
            for operation in methods.as_object().expect("methods").values() {
                let id = operation["operationId"].as_str().expect("id").to_owned();
                assert!(ids.insert(id.clone()), "{id} twice");
            }
        }
        let text = document.to_string();
        for part in text.split(r##""$ref":"#"##).skip(1) {
            let pointer = part.split('"').next().expect("pointer");
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }
}
