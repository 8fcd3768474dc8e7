//! The OpenAPI 3.1 document, made from the table that makes the routes.

use super::{OPERATIONS, operations::Operation, schemas::SCHEMAS, told};
use axum::response::Response;
use serde_json::{Map, Value as Json, json};

pub(super) async fn document() -> Response {
    told(openapi())
}

fn openapi() -> Json {
    let mut paths: Map<String, Json> = Map::new();
    for operation in OPERATIONS {
        let path =
            paths.entry(operation.path).or_insert_with(|| json!({ "parameters": in_path(operation.path) }));
        path[operation.verb.name()] = described(operation);
    }
    let schemas: Map<String, Json> =
        SCHEMAS.iter().map(|(name, shape)| ((*name).to_owned(), shape.schema())).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rundgang",
            "version": "1",
            "description": "The book of a school's IT for programs. Within version 1 members are added and never taken away: \
                            leave aside what you do not know. Days have no time of day, since none is kept.",
            "license": { "name": "EUPL-1.2", "identifier": "EUPL-1.2" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token that the administration of the Träger makes on the page Konten, or with \
                                    rundgang-collector accounts --make-token.",
                },
            },
        },
    })
}

/// The numbers and names inside an address.
fn in_path(path: &str) -> Vec<Json> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str| {
        let schema = if name == "survey" {
            json!({ "type": "string" })
        } else {
            json!({ "type": "integer", "format": "int64" })
        };
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    };
    names.map(parameter).collect()
}

fn described(operation: &Operation) -> Json {
    let parameter = |parameter: &super::asked::Parameter| {
        json!({
            "name": parameter.name, "in": "query", "required": false,
            "description": parameter.about, "schema": parameter.shape.schema(),
        })
    };
    let content = |kind: &str, name: &str| json!({ kind: { "schema": { "$ref": format!("#/components/schemas/{name}") } } });
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": operation.query.iter().map(parameter).collect::<Vec<_>>(),
        "responses": {
            "200": { "description": "The answer", "content": content("application/json", operation.answer) },
            "default": {
                "description": "Why there is no answer",
                "content": content("application/problem+json", "Problem"),
            },
        },
    });
    if let Some(body) = operation.body {
        described["requestBody"] = json!({ "required": true, "content": content("application/json", body) });
    }
    if operation.action.is_none() {
        described["security"] = json!([]);
    }
    described
}
