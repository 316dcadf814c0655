//! The OpenAPI 3.1 document, drawn from the list of endpoints.

use crate::endpoint::{Access, Endpoint, SchemaFn};
use crate::routes;
use menshen_domain::{Lang, catalogue};
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in routes::all() {
        let operation = operation(&endpoint, &mut generator);
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
            "description": "Sign-in, users, roles and permissions.",
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
            },
        },
    })
}

fn operation(endpoint: &Endpoint, generator: &mut SchemaGenerator) -> Value {
    let mut operation = json!({
        "operationId": operation_id(endpoint),
        "summary": endpoint.about.get(Lang::En),
        "description": endpoint.about.get(Lang::Zh),
        "tags": endpoint.tag.split(", ").collect::<Vec<_>>(),
        "parameters": parameters(endpoint),
        "responses": answers(endpoint, generator),
    });
    if let Some(body) = endpoint.body {
        let media = endpoint.media;
        operation["requestBody"] = json!({ "content": { media: { "schema": body(generator) } } });
    }
    if !endpoint.access.is_public() {
        operation["security"] = json!([{ "bearer": [] }]);
    }
    if let Some(code) = endpoint.access.permission() {
        operation["x-permission"] = json!({
            "code": code,
            "name": catalogue::find(code).map(|e| e.name.en.to_string()),
            "always": matches!(endpoint.access, Access::Permission(_)),
        });
    }
    operation
}

fn operation_id(endpoint: &Endpoint) -> String {
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

fn parameters(endpoint: &Endpoint) -> Value {
    endpoint
        .parameters
        .iter()
        .map(|p| {
            json!({
                "name": p.name,
                "in": p.place,
                "required": p.required,
                "description": p.about,
                "schema": { "type": p.kind },
            })
        })
        .collect()
}

fn content(schema: SchemaFn, generator: &mut SchemaGenerator) -> Value {
    json!({ "application/json": { "schema": schema(generator) } })
}

fn answers(endpoint: &Endpoint, generator: &mut SchemaGenerator) -> Value {
    let mut all: Map<String, Value> = Map::new();
    for (status, about, schema) in &endpoint.answers {
        let mut answer = json!({ "description": about });
        if let Some(schema) = schema {
            answer["content"] = content(*schema, generator);
        }
        all.insert(status.to_string(), answer);
    }
    for (status, about, due) in common(endpoint.access) {
        if due && !all.contains_key(status) {
            let failure = generator.subschema_for::<crate::view::Failure>();
            all.insert(
                status.to_owned(),
                json!({
                    "description": about,
                    "content": { "application/json": { "schema": failure } },
                }),
            );
        }
    }
    Value::Object(all)
}

/// What an endpoint answers with by what it asks.
fn common(access: Access) -> [(&'static str, &'static str, bool); 2] {
    [
        ("401", "The access token is not good", !access.is_public()),
        (
            "403",
            "The permission is missing, or a password change is due",
            access.permission().is_some(),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

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

    #[test]
    fn req46_every_route_is_guarded_as_the_catalogue_says() {
        let mut declared = BTreeSet::new();
        for endpoint in routes::all() {
            if let Some(code) = endpoint.access.permission() {
                declared.insert((code, format!("{} {}", endpoint.method, endpoint.path)));
            }
        }
        let catalogued: BTreeSet<_> = catalogue::CATALOGUE
            .iter()
            .flat_map(|e| e.guards.iter().map(move |g| (e.code, (*g).to_owned())))
            .filter(|(_, g)| !g.starts_with("fn "))
            .collect();
        assert_eq!(declared, catalogued);
    }

    #[test]
    fn what_asks_for_nothing_is_listed_here() {
        let public: Vec<String> = routes::all()
            .iter()
            .filter(|e| e.access.is_public())
            .map(|e| format!("{} {}", e.method, e.path))
            .collect();
        assert_eq!(
            public,
            [
                "GET /other/captcha",
                "GET /admin/captcha/{key}/audio",
                "GET /files/{name}",
                "POST /auth/login",
                "POST /user",
                "GET /.well-known/jwks.json",
                "GET /health/live",
                "GET /health/ready",
            ]
        );
    }
}
