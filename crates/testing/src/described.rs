//! What a service says of itself: its OpenAPI and its keys.

use std::collections::BTreeSet;

use kit::Service;
use serde_json::Value;

use crate::Running;

/// Checks that a service serves its OpenAPI with every operation described, and the public halves of its keys.
///
/// # Panics
/// When it does not.
pub async fn described<S: Service>(service: &Running<S>) {
    let json = service.get("/openapi.json").await.expect(200);
    assert_eq!(json.pointer("/info/title"), Some(&format!("Banter {}", S::NAME).into()));
    let mut ids = BTreeSet::new();
    for (path, item) in object(&json, "/paths") {
        for (method, operation) in item.as_object().unwrap() {
            let is_text = |field| operation.get(field).is_some_and(Value::is_string);
            assert!(is_text("operationId") && is_text("summary"), "{method} {path}");
            assert!(ids.insert(operation["operationId"].to_string()), "{method} {path}: the id is another's");
            assert!(!object(operation, "/responses/4XX").is_empty(), "{method} {path}");
        }
    }
    let keys = service.get("/.well-known/jwks.json").await.expect(200);
    let key = object(&keys, "/keys/0");
    assert_eq!(key.get("crv"), Some(&"Ed25519".into()));
    assert!(!key.contains_key("d"), "only public halves");
}

fn object<'a>(json: &'a Value, place: &str) -> &'a serde_json::Map<String, Value> {
    json.pointer(place).and_then(Value::as_object).unwrap_or_else(|| panic!("no {place} in {json}"))
}
