//! What a service says of itself: its OpenAPI and its keys.

use kit::Service;
use serde_json::Value;

use crate::Running;

/// Checks that a service serves its OpenAPI with every operation described, and the public halves of its keys.
///
/// # Panics
/// When it does not.
pub async fn described<S: Service>(service: &Running<S>) {
    let json = service.get("/openapi.json").await.expect(200);
    assert_eq!(json["info"]["title"], format!("Banter {}", S::NAME));
    for (path, item) in json["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            is_described(&format!("{method} {path}"), operation);
        }
    }
    let keys = service.get("/.well-known/jwks.json").await.expect(200);
    assert_eq!(keys["keys"][0]["crv"], "Ed25519");
    assert!(keys["keys"][0].get("d").is_none(), "only public halves");
}

fn is_described(name: &str, operation: &Value) {
    assert!(operation["operationId"].is_string() && operation["summary"].is_string(), "{name}");
    assert!(operation["responses"]["4XX"].is_object(), "{name}");
}
