//! The page at `/docs`: the OpenAPI document, made to be read.
//!
//! It is drawn on the server, once for each language, from the same document that
//! `/openapi.json` serves, so that it needs nothing from another host and works without scripts;
//! a few lines of script add the search. Style and script stand in the page itself, and the policy
//! names them by their hashes.

mod fields;

use crate::endpoint::{Endpoint, Parameter};
use crate::{openapi, routes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fields::{Row, Schemas};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use menshen_domain::{Lang, Text, catalogue};
use menshen_services::secrets::sha256;
use serde_json::Value;
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
}

impl Page {
    fn draw(lang: Lang) -> Self {
        let document = openapi::document();
        let draw = Draw {
            lang,
            words: words(lang),
            document: &document,
            schemas: Schemas(&document),
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
                }
            }
        }
    }

    fn top(&self) -> Markup {
        let words = self.words;
        html! {
            header.top {
                h1 { (words.title) " " small { (env!("CARGO_PKG_VERSION")) } }
                p.quiet { (words.intro) }
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
                                td.kind { (self.schemas.kind(&told["schema"])) }
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
        html! {
            @for (media, content) in body["content"].as_object().into_iter().flatten() {
                h3 { (title) " " small { (media) } }
                (self.table(&self.schemas.rows(&content["schema"])))
                @if media.ends_with("json") { (self.example(content)) }
            }
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
            @for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
                details.answer {
                    summary {
                        span.status data-class=(&status[..1]) { (status) }
                        span { (inline(answer["description"].as_str().unwrap_or_default())) }
                    }
                    div.inside { (self.answer(answer)) }
                }
            }
        }
    }

    fn answer(&self, answer: &Value) -> Markup {
        let content = answer["content"].as_object();
        html! {
            @if content.is_none() { p.quiet { (self.words.no_body) } }
            @for (media, content) in content.into_iter().flatten() {
                p.quiet { (media) }
                @if content.get("schema").is_some() {
                    (self.table(&self.schemas.rows(&content["schema"])))
                    @if content.get("example").is_some() { (self.example(content)) }
                }
            }
            p.quiet { (self.words.headers) }
            ul {
                @for (name, header) in answer["headers"].as_object().into_iter().flatten() {
                    @let header = self.schemas.resolve(header);
                    li { code { (name) } " " (inline(header["description"].as_str().unwrap_or_default())) }
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
    fn sent(&self, content: &serde_json::Map<String, Value>) -> String {
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
