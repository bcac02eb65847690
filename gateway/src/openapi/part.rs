//! What one service says of itself, as far as clients of the gateway can see it.

use serde_json::{Map, Value};

use crate::routes;

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// The keys of a path item that are operations.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// One service's share of the document.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The service's name.
    pub(super) service: String,
    /// Path items, under the paths that clients use.
    pub(super) paths: Object,
    /// Components by kind and name.
    pub(super) components: Object,
}

impl Part {
    /// Reads the document of a service; none when it is no OpenAPI. Paths that no route leads to are left out.
    pub(super) fn of_service(service: &str, mut document: Value) -> Option<Self> {
        document.get("openapi")?.as_str().filter(|version| version.starts_with("3."))?;
        let Value::Object(paths) = document.get_mut("paths")?.take() else { return None };
        let public = |(path, item): (String, Value)| Some((routes::public(service, &path)?, item));
        let components = document.get_mut("components").map(Value::take);
        Some(Self {
            service: service.to_owned(),
            paths: paths.into_iter().filter_map(public).collect(),
            components: components.and_then(object).unwrap_or_default(),
        })
    }

    /// All operations.
    pub(super) fn operations(&self) -> impl Iterator<Item = &Object> {
        let items = self.paths.values().filter_map(Value::as_object);
        items.flat_map(|item| METHODS.iter().filter_map(|method| item.get(*method)?.as_object()))
    }

    /// All components: kind, name, definition.
    pub(super) fn definitions(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        let kinds = self.components.iter().filter_map(|(kind, named)| Some((kind, named.as_object()?)));
        kinds.flat_map(|(kind, named)| {
            named.iter().map(move |(name, value)| (kind.as_str(), name.as_str(), value))
        })
    }
}

/// The operations of a path item, to be changed.
pub(super) fn operations_mut(item: &mut Object) -> impl Iterator<Item = &mut Object> {
    let operations = item.iter_mut().filter(|(key, _)| METHODS.contains(&key.as_str()));
    operations.filter_map(|(_, operation)| operation.as_object_mut())
}

fn object(value: Value) -> Option<Object> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}
