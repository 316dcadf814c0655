//! The page at `/docs`: the OpenAPI document, made to be read.
//!
//! It is drawn on the server, once for each language, from the same document that
//! `/openapi.json` serves, so that it needs nothing from another host and works without scripts;
//! a few lines of script add the search. Style and script stand in the page itself, and the policy
//! names them by their hashes.
//!
//! What many operations share is told once and linked: schemas, and the headers of answers. Only
//! the schema of a body that one operation alone takes stands in that operation.

mod fields;

use crate::endpoint::{Endpoint, Parameter};
use crate::{openapi, routes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fields::{Row, Schemas, about, kind, link, name_of};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use menshen_domain::{Lang, Text, catalogue};
use menshen_services::secrets::sha256;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

/// The page, and the Content-Security-Policy that it is served with.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) html: String,
    pub(crate) policy: String,
}

/// The page in `lang`.
pub(crate) fn page(lang: Lang) -> &'static Page {
    static ZH: LazyLock<Page> = LazyLock::new(|| Page::draw(Lang::Zh));
    static EN: LazyLock<Page> = LazyLock::new(|| Page::draw(Lang::En));
    match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    }
}

const SCRIPT: &str = include_str!("docs/page.js");

/// The admin UI's colours and measures, without what is for Tailwind alone, and the page's own.
fn style() -> String {
    let tokens = include_str!("../../style/tokens.css");
    let plain = tokens.split("@theme").next().unwrap_or(tokens);
    format!("{plain}{}", include_str!("docs/page.css"))
}

/// The page's own texts; those about the API come from the endpoints.
struct Words {
    title: &'static str,
    intro: &'static str,
    search: &'static str,
    nothing: &'static str,
    expand: &'static str,
    collapse: &'static str,
    admin: &'static str,
    skip: &'static str,
    contents: &'static str,
    parameters: &'static str,
    name: &'static str,
    place: &'static str,
    kind: &'static str,
    about: &'static str,
    required: &'static str,
    body: &'static str,
    optional_body: &'static str,
    answers: &'static str,
    headers: &'static str,
    example: &'static str,
    see: &'static str,
    no_body: &'static str,
    json: &'static str,
    always: &'static str,
    schemas: &'static str,
}

static ZH: Words = Words {
    title: "门神 API",
    intro: "五份公开接口文档，同一份身份数据。JSON 收发；字段名用 camelCase 或 snake_case 均可；消息语言跟随 Accept-Language。",
    search: "搜索路径、说明或权限",
    nothing: "没有匹配的接口。",
    expand: "全部展开",
    collapse: "全部收起",
    admin: "管理后台",
    skip: "跳到正文",
    contents: "接口目录",
    parameters: "参数",
    name: "名称",
    place: "位置",
    kind: "类型",
    about: "说明",
    required: "必填",
    body: "请求体",
    optional_body: "请求体（可省略）",
    answers: "应答",
    headers: "应答头",
    example: "示例",
    see: "见",
    no_body: "无内容",
    json: "未注明媒体类型的应答为 application/json。",
    always: "每个应答都有",
    schemas: "数据结构",
};

static EN: Words = Words {
    title: "Menshen API",
    intro: "Five published API documents, one identity store. JSON in and out; field names in camelCase or snake_case; messages follow Accept-Language.",
    search: "Search paths, descriptions, permissions",
    nothing: "No operation matches.",
    expand: "Expand all",
    collapse: "Collapse all",
    admin: "Admin UI",
    skip: "Skip to the operations",
    contents: "Operations",
    parameters: "Parameters",
    name: "Name",
    place: "In",
    kind: "Type",
    about: "Description",
    required: "required",
    body: "Request body",
    optional_body: "Request body (may be left out)",
    answers: "Answers",
    headers: "Headers",
    example: "Example",
    see: "see",
    no_body: "no body",
    json: "Answers are application/json where no media type is told.",
    always: "on every answer",
    schemas: "Schemas",
};

fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    }
}

/// What is needed to draw an operation.
struct Draw<'a> {
    lang: Lang,
    words: &'static Words,
    document: &'a Value,
    schemas: Schemas<'a>,
    /// The schemas that stand in an operation.
    in_place: BTreeSet<&'a str>,
    /// The headers that answers share, by what they are referred to as.
    headers: BTreeMap<&'a str, Shared<'a>>,
}

/// A header of many answers.
struct Shared<'a> {
    name: &'a str,
    /// Whether every answer has it.
    always: bool,
}

/// The operations of a document.
fn operations(document: &Value) -> impl Iterator<Item = &Value> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(_, methods)| methods.as_object().into_iter().flatten().map(|m| m.1))
}

/// The schemas of bodies that one operation alone takes.
fn in_place(document: &Value) -> BTreeSet<&str> {
    let mut takers: BTreeMap<&str, usize> = BTreeMap::new();
    for operation in operations(document) {
        let content = operation["requestBody"]["content"].as_object();
        let names: BTreeSet<&str> = content
            .into_iter()
            .flatten()
            .filter_map(|(_, content)| name_of(&content["schema"]))
            .collect();
        for name in names {
            *takers.entry(name).or_default() += 1;
        }
    }
    takers.retain(|_, count| *count == 1);
    takers.into_keys().collect()
}

/// The headers that answers refer to.
fn shared_headers(document: &Value) -> BTreeMap<&str, Shared<'_>> {
    let answers: Vec<&Value> = operations(document)
        .flat_map(|o| {
            o["responses"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|a| a.1)
        })
        .collect();
    let mut found: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for answer in &answers {
        for (name, header) in answer["headers"].as_object().into_iter().flatten() {
            if let Some(header) = header_of(header) {
                found.entry(header).or_insert((name, 0)).1 += 1;
            }
        }
    }
    let shared = found.into_iter().map(|(header, (name, count))| {
        let always = count == answers.len();
        (header, Shared { name, always })
    });
    shared.collect()
}

/// The name of the header that this one refers to.
fn header_of(header: &Value) -> Option<&str> {
    header["$ref"]
        .as_str()?
        .strip_prefix("#/components/headers/")
}

impl Page {
    fn draw(lang: Lang) -> Self {
        let document = openapi::document();
        let draw = Draw {
            lang,
            words: words(lang),
            document: &document,
            schemas: Schemas(&document),
            in_place: in_place(&document),
            headers: shared_headers(&document),
        };
        let style = style();
        let html = draw.page(&style, &routes::all()).into_string();
        let hash = |text: &str| STANDARD.encode(sha256(text.as_bytes()));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src 'self'; \
             object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            hash(&style),
            hash(SCRIPT),
        );
        Self { html, policy }
    }
}

/// Those that are listed under `tag`.
fn at_home<'a>(endpoints: &'a [Endpoint], tag: &str) -> Vec<&'a Endpoint> {
    endpoints.iter().filter(|e| home(e) == tag).collect()
}

/// The document that an endpoint is listed under: the first of its tags.
fn home(endpoint: &Endpoint) -> &'static str {
    endpoint.tag.split(", ").next().unwrap_or(endpoint.tag)
}

fn heading(tag: &str, about: &Text, lang: Lang) -> (String, String) {
    let text = about.get(lang);
    let (name, rest) = text
        .split_once(['：', ':'])
        .unwrap_or((if tag == "Menshen" { "Menshen" } else { tag }, text));
    (name.to_owned(), rest.trim().to_owned())
}

impl Draw<'_> {
    fn page(&self, style: &str, endpoints: &[Endpoint]) -> Markup {
        let words = self.words;
        html! {
            (DOCTYPE)
            html lang=(self.lang.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (words.title) }
                    link rel="icon" href="/favicon.svg" type="image/svg+xml";
                    style { (PreEscaped(style)) }
                }
                body {
                    a.skip href="#main" { (words.skip) }
                    (self.contents(endpoints))
                    main #main {
                        (self.top())
                        p.nothing #nothing hidden { (words.nothing) }
                        @for (tag, about) in openapi::tags() {
                            (self.section(tag, &about, endpoints))
                        }
                        (self.shared_headers())
                        (self.shared_schemas())
                    }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    }

    fn contents(&self, endpoints: &[Endpoint]) -> Markup {
        html! {
            aside {
                a.brand href="#main" { img.mark src="/favicon.svg" alt="" width="26" height="26"; (self.words.title) }
                nav aria-label=(self.words.contents) {
                    @for (tag, about) in openapi::tags() {
                        @let own = at_home(endpoints, tag);
                        @if !own.is_empty() {
                            p.group { (heading(tag, &about, self.lang).0) }
                            @for endpoint in own {
                                a.entry href={ "#" (openapi::operation_id(endpoint)) } {
                                    (method(endpoint)) span.path { (endpoint.path) }
                                }
                            }
                        }
                    }
                    p.group { a.entry href="#headers" { (self.words.headers) } }
                    p.group { a.entry href="#schemas" { (self.words.schemas) } }
                }
            }
        }
    }

    fn top(&self) -> Markup {
        let words = self.words;
        html! {
            header.top {
                h1 { (words.title) " " small { (env!("CARGO_PKG_VERSION")) } }
                p.quiet { (words.intro) " " (words.json) }
                div.tools {
                    input #search type="search" placeholder=(words.search) aria-label=(words.search)
                        aria-keyshortcuts="/" hidden;
                    button #all type="button" data-expand=(words.expand) data-collapse=(words.collapse) hidden {
                        (words.expand)
                    }
                    a href="/openapi.json" { "openapi.json" }
                    a href="/admin" { (words.admin) }
                }
            }
        }
    }

    fn section(&self, tag: &'static str, about: &Text, endpoints: &[Endpoint]) -> Markup {
        let tagged: Vec<_> = endpoints
            .iter()
            .filter(|e| e.tag.split(", ").any(|t| t == tag))
            .collect();
        if tagged.is_empty() {
            return html! {};
        }
        let (name, rest) = heading(tag, about, self.lang);
        html! {
            section aria-labelledby={ "tag-" (tag) } {
                h2 id={ "tag-" (tag) } { (name) }
                p.quiet { (rest) }
                div.card {
                    @for endpoint in tagged {
                        @if home(endpoint) == tag {
                            (self.operation(endpoint))
                        } @else {
                            p.elsewhere {
                                (method(endpoint)) span.path { (endpoint.path) }
                                a href={ "#" (openapi::operation_id(endpoint)) } {
                                    (self.words.see) " " (home(endpoint))
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn operation(&self, endpoint: &Endpoint) -> Markup {
        let verb = endpoint.method.as_str().to_ascii_lowercase();
        let operation = &self.document["paths"][endpoint.path][&verb];
        let code = endpoint.access.permission();
        let name = code
            .and_then(catalogue::find)
            .map(|e| e.name.get(self.lang));
        html! {
            details.operation id=(openapi::operation_id(endpoint)) {
                summary {
                    (method(endpoint)) span.path { (endpoint.path) }
                    span.about { (endpoint.about.get(self.lang)) }
                    @if let Some(code) = code { code.permission title=[name] { (code) } }
                }
                div.inside {
                    @if let Some(details) = &endpoint.details { p { (inline(details.get(self.lang))) } }
                    @if let Some(asks) = openapi::asks(endpoint.access) { p.quiet { (inline(asks.get(self.lang))) } }
                    (self.parameters(endpoint, operation))
                    (self.body(operation))
                    (self.answers(operation))
                    h3 { "curl" }
                    pre tabindex="0" { (self.curl(endpoint, operation)) }
                }
            }
        }
    }

    fn parameters(&self, endpoint: &Endpoint, operation: &Value) -> Markup {
        let all: Vec<(&Parameter, &Value)> = endpoint
            .parameters
            .iter()
            .zip(operation["parameters"].as_array().into_iter().flatten())
            .collect();
        if all.is_empty() {
            return html! {};
        }
        let words = self.words;
        html! {
            h3 { (words.parameters) }
            div.scroll tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { (words.name) } th scope="col" { (words.place) }
                        th scope="col" { (words.kind) } th scope="col" { (words.about) }
                    } }
                    tbody {
                        @for (parameter, told) in all {
                            tr {
                                td { code { (parameter.name) } (self.must(parameter.required)) }
                                td { (parameter.place) }
                                td.kind { (kind(&told["schema"])) }
                                td { (inline(parameter.about)) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn must(&self, required: bool) -> Markup {
        html! { @if required { " " span.must { (self.words.required) } } }
    }

    fn body(&self, operation: &Value) -> Markup {
        let Some(body) = operation.get("requestBody") else {
            return html! {};
        };
        let title = if body["required"] == true {
            self.words.body
        } else {
            self.words.optional_body
        };
        let content = body["content"].as_object();
        html! {
            @for (media, content) in content.into_iter().flat_map(alike) {
                h3 { (title) " " small { (media.join(", ")) } }
                (self.taken(&content["schema"]))
                @if media.iter().any(|m| m.ends_with("json")) { (self.example(content)) }
            }
        }
    }

    /// The schema of a body: where it stands, or a link to that.
    fn taken(&self, schema: &Value) -> Markup {
        match name_of(schema) {
            Some(name) if self.in_place.contains(name) => {
                let about = about(self.schemas.resolve(schema));
                html! {
                    p.quiet id={ "schema-" (name) } { (inline(&about)) }
                    (self.table(&self.schemas.rows(schema)))
                }
            }
            Some(name) => html! { p { (link(name)) } },
            None => self.table(&self.schemas.rows(schema)),
        }
    }

    fn example(&self, content: &Value) -> Markup {
        let example = content
            .get("example")
            .cloned()
            .unwrap_or_else(|| self.schemas.example(&content["schema"]));
        html! {
            p.quiet { (self.words.example) }
            pre tabindex="0" { (pretty(&example)) }
        }
    }

    fn table(&self, rows: &[Row]) -> Markup {
        if rows.is_empty() {
            return html! {};
        }
        let words = self.words;
        html! {
            div.scroll tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { (words.name) } th scope="col" { (words.kind) }
                        th scope="col" { (words.about) }
                    } }
                    tbody {
                        @for row in rows {
                            tr {
                                td { code { (row.name) } (self.must(row.required)) }
                                td.kind { (row.kind) }
                                td { (inline(&row.about)) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn answers(&self, operation: &Value) -> Markup {
        html! {
            h3 { (self.words.answers) }
            ul.answers {
                @for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
                    li {
                        b class={ "status s" (&status[..1]) } { (status) } " "
                        (inline(answer["description"].as_str().unwrap_or_default()))
                        (self.answer(answer))
                    }
                }
            }
        }
    }

    fn answer(&self, answer: &Value) -> Markup {
        let content = answer["content"].as_object();
        let headers = answer["headers"].as_object();
        let (shared, own): (Vec<_>, Vec<_>) = headers
            .into_iter()
            .flatten()
            .partition(|(_, header)| header_of(header).is_some());
        html! {
            @if content.is_none() { " " small { (self.words.no_body) } }
            @for (media, content) in content.into_iter().flatten() {
                @if media != "application/json" { " " small { (media) } }
                @if let Some(name) = name_of(&content["schema"]) { " " (link(name)) }
            }
            @for (_, header) in shared { (self.sometimes(header)) }
            @if !own.is_empty() {
                ul {
                    @for (name, header) in own {
                        li { code { (name) } " " (inline(&about(header))) }
                    }
                }
            }
            @for (_, content) in content.into_iter().flatten() {
                @if content.get("schema").is_some_and(|s| name_of(s).is_none()) {
                    (self.table(&self.schemas.rows(&content["schema"])))
                }
                @if content.get("example").is_some() { (self.example(content)) }
            }
        }
    }

    /// A link to a header, unless every answer has it.
    fn sometimes(&self, header: &Value) -> Markup {
        let shared = header_of(header).and_then(|id| Some((id, self.headers.get(id)?)));
        html! {
            @if let Some((id, shared)) = shared {
                @if !shared.always {
                    " " a href={ "#header-" (id) } { code { (shared.name) } }
                }
            }
        }
    }

    fn shared_headers(&self) -> Markup {
        let all = &self.document["components"]["headers"];
        html! {
            section aria-labelledby="headers" {
                h2 #headers { (self.words.headers) }
                ul {
                    @for (id, shared) in &self.headers {
                        li id={ "header-" (id) } {
                            code { (shared.name) } " " (inline(&about(&all[*id])))
                            @if shared.always { " " small { (self.words.always) } }
                        }
                    }
                }
            }
        }
    }

    fn shared_schemas(&self) -> Markup {
        let all = self.document["components"]["schemas"].as_object();
        html! {
            section aria-labelledby="schemas" {
                h2 #schemas { (self.words.schemas) }
                div.card {
                    @for (name, schema) in all.into_iter().flatten() {
                        @if !self.in_place.contains(name.as_str()) {
                            details.schema id={ "schema-" (name) } {
                                summary {
                                    span.path { (name) }
                                    span.about { (inline(&about(schema))) }
                                }
                                div.inside { (self.table(&self.schemas.rows(schema))) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn curl(&self, endpoint: &Endpoint, operation: &Value) -> String {
        let mut path: String = endpoint.path.to_owned();
        let mut pairs = Vec::new();
        for told in operation["parameters"].as_array().into_iter().flatten() {
            let name = told["name"].as_str().unwrap_or_default();
            let value = match self.schemas.example(&told["schema"]) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            if told["in"] == "path" {
                path = path.replace(&format!("{{{name}}}"), &value);
            } else if told["in"] == "query" && told["required"] == true {
                pairs.push(format!("{name}={value}"));
            }
        }
        let query = if pairs.is_empty() {
            String::new()
        } else {
            format!("?{}", pairs.join("&"))
        };
        let mut out = format!("curl -X {} \"$url{path}{query}\"", endpoint.method);
        for header in shown(operation) {
            // Writing to a string can't fail.
            let _ = write!(out, " \\\n  {header}");
        }
        if let Some(content) = operation["requestBody"]["content"].as_object() {
            let _ = write!(out, "{}", self.sent(content));
        }
        out
    }

    /// The body, as curl takes it.
    fn sent(&self, content: &Map<String, Value>) -> String {
        let Some((media, first)) = content.iter().next() else {
            return String::new();
        };
        let example = first
            .get("example")
            .cloned()
            .unwrap_or_else(|| self.schemas.example(&first["schema"]));
        let quoted = |text: &str| text.replace('\'', "'\\''");
        let fields = || example.as_object().into_iter().flatten();
        match media.as_str() {
            "application/json" => format!(
                " \\\n  -H 'Content-Type: application/json' \\\n  -d '{}'",
                quoted(&example.to_string())
            ),
            "multipart/form-data" => fields()
                .map(|(name, _)| format!(" \\\n  -F '{name}=@file'"))
                .collect(),
            "application/x-www-form-urlencoded" => fields()
                .map(|(name, value)| {
                    let value = value.as_str().map_or(value.to_string(), str::to_owned);
                    format!(
                        " \\\n  --data-urlencode '{}'",
                        quoted(&format!("{name}={value}"))
                    )
                })
                .collect(),
            other => format!(" \\\n  -H 'Content-Type: {other}' \\\n  --data-binary @file"),
        }
    }
}

/// What a caller shows in the first of the ways that an operation takes.
fn shown(operation: &Value) -> Vec<&'static str> {
    let ways = operation["security"].as_array();
    let first = ways
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .find(|way| !way.is_empty());
    first
        .into_iter()
        .flat_map(|way| way.keys())
        .map(|name| match name.as_str() {
            "refreshCookie" => "-b \"token=$refresh\"",
            "refreshHeader" => "-H \"X-Refresh-Token: $refresh\"",
            "basic" => "-u \"$client:$secret\"",
            "metrics" => "-H \"Authorization: Bearer $metrics\"",
            _ => "-H \"Authorization: Bearer $token\"",
        })
        .collect()
}

/// The media types that come with the same schema and example, and those.
fn alike(content: &Map<String, Value>) -> Vec<(Vec<&str>, &Value)> {
    let mut all: Vec<(Vec<&str>, &Value)> = Vec::new();
    for (media, content) in content {
        match all.iter_mut().find(|(_, other)| *other == content) {
            Some((same, _)) => same.push(media),
            None => all.push((vec![media], content)),
        }
    }
    all
}

fn method(endpoint: &Endpoint) -> Markup {
    let name = endpoint.method.as_str();
    html! { span.method data-method=(name) { (name) } }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// Text with `code` in backticks.
fn inline(text: &str) -> Markup {
    html! {
        @for (i, part) in text.split('`').enumerate() {
            @if i % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_on_the_page_once_in_both_languages() {
        for lang in [Lang::Zh, Lang::En] {
            let html = &page(lang).html;
            for endpoint in routes::all() {
                let id = format!("id=\"{}\"", openapi::operation_id(&endpoint));
                assert_eq!(html.matches(&id).count(), 1, "{endpoint:?}");
            }
            assert!(html.contains("system:role:alter"));
        }
        assert!(page(Lang::Zh).html.contains("<html lang=\"zh-CN\""));
        assert!(page(Lang::En).html.contains("Change a role"));
    }

    /// What stands between `before` and the next quotation mark, each time.
    fn all<'a>(html: &'a str, before: &str) -> Vec<&'a str> {
        let parts = html.split(before).skip(1);
        parts.filter_map(|part| part.split('"').next()).collect()
    }

    #[test]
    fn what_is_shared_is_on_the_page_once_and_links_lead_there() {
        let document = openapi::document();
        for lang in [Lang::Zh, Lang::En] {
            let html = &page(lang).html;
            let ids = all(html, " id=\"");
            let distinct: BTreeSet<&str> = ids.iter().copied().collect();
            assert_eq!(ids.len(), distinct.len(), "an id twice");
            for kind in ["schemas", "headers"] {
                let components = document["components"][kind].as_object();
                for (name, component) in components.expect("components") {
                    let id = format!("{}-{name}", &kind[..6]);
                    assert!(distinct.contains(id.as_str()), "{id}");
                    for field in component["properties"].as_object().into_iter().flatten() {
                        let row = format!("<code>{}</code>", field.0);
                        assert!(html.contains(&row), "{id}: {row}");
                    }
                }
            }
            for target in all(html, "href=\"#") {
                assert!(distinct.contains(target), "{target}");
            }
        }
    }

    #[test]
    fn the_page_is_not_heavy() {
        for lang in [Lang::Zh, Lang::En] {
            let size = page(lang).html.len();
            assert!(size < 500_000, "{lang:?}: {size} bytes");
        }
    }

    #[test]
    fn the_page_asks_no_other_host_and_runs_nothing_else() {
        let page = page(Lang::En);
        for loads in [
            "src=\"http",
            "href=\"http",
            "url(",
            "@import",
            " onclick",
            " style=\"",
        ] {
            assert!(!page.html.contains(loads), "{loads}");
        }
        assert_eq!(page.html.matches("<script").count(), 1);
        let script = STANDARD.encode(sha256(SCRIPT.as_bytes()));
        assert!(page.policy.contains(&script));
        assert!(!page.policy.contains("unsafe"));
    }

    #[test]
    fn examples_can_be_pasted_into_a_shell() {
        let html = &page(Lang::En).html;
        assert!(html.contains("curl -X PUT &quot;$url/role/1&quot;"));
        assert!(html.contains("-H &quot;Authorization: Bearer $token&quot;"));
    }
}
