//! Many documents become one: what is called the same and means the same is kept once; what only is called the same
//! gets its service's name before its own, in each of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::openapi::own::may_answer_for;
use crate::openapi::part::{Object, Part, operations_mut};

const COMPONENTS: &str = "#/components/";

/// `paths`, `components` and `tags` of all parts.
pub(super) fn merge(parts: &[&Part]) -> Object {
    let ambiguous = Ambiguous::of(parts);
    let (mut paths, mut components, mut tags) = (Object::new(), Object::new(), Vec::new());
    for part in parts {
        let naming = Naming { service: &part.service, ambiguous: &ambiguous };
        for (path, item) in &part.paths {
            paths.insert(path.clone(), naming.path_item(item.clone(), &mut tags));
        }
        for (kind, name, definition) in part.definitions() {
            let named = components.entry(kind).or_insert_with(|| Value::Object(Map::new()));
            if let Some(named) = named.as_object_mut() {
                named.insert(naming.component(kind, name), naming.renamed(definition.clone()));
            }
        }
    }
    let tags: Vec<Value> = tags.into_iter().map(|tag| json!({ "name": tag })).collect();
    Object::from_iter([
        ("paths".into(), Value::Object(paths)),
        ("components".into(), Value::Object(components)),
        ("tags".into(), Value::Array(tags)),
    ])
}

/// Names that mean several things.
#[derive(Debug, Default)]
struct Ambiguous {
    components: BTreeSet<(String, String)>,
    operations: BTreeSet<String>,
}

impl Ambiguous {
    fn of(parts: &[&Part]) -> Self {
        let (mut seen, mut operations) = (BTreeSet::new(), BTreeSet::new());
        let ids = parts.iter().flat_map(|part| part.operations()).filter_map(operation_id);
        for id in ids {
            if !seen.insert(id) {
                operations.insert(id.to_owned());
            }
        }
        Self { components: contested(parts), operations }
    }
}

fn operation_id(operation: &Object) -> Option<&str> {
    operation.get("operationId")?.as_str()
}

/// Components that several parts define, and not all the same; or the same in words, by others that are contested.
fn contested(parts: &[&Part]) -> BTreeSet<(String, String)> {
    let mut defined: BTreeMap<(&str, &str), Vec<&Value>> = BTreeMap::new();
    for (kind, name, definition) in parts.iter().flat_map(|part| part.definitions()) {
        defined.entry((kind, name)).or_default().push(definition);
    }
    let mut contested = BTreeSet::new();
    loop {
        let before = contested.len();
        for (&(kind, name), definitions) in &defined {
            let same = definitions.iter().all(|other| Some(other) == definitions.first());
            let several = definitions.len() > 1;
            if several && !(same && definitions.iter().all(|value| !mentions(value, &contested))) {
                contested.insert((kind.to_owned(), name.to_owned()));
            }
        }
        if contested.len() == before {
            return contested;
        }
    }
}

fn mentions(value: &Value, names: &BTreeSet<(String, String)>) -> bool {
    match value {
        Value::String(text) => {
            reference(text).is_some_and(|(kind, name, _)| names.contains(&(kind.to_owned(), name.to_owned())))
        }
        Value::Array(items) => items.iter().any(|item| mentions(item, names)),
        Value::Object(fields) => fields.values().any(|field| mentions(field, names)),
        _ => false,
    }
}

/// Kind and name of the component that a text points to, and what stands after them.
fn reference(text: &str) -> Option<(&str, &str, &str)> {
    let (kind, rest) = text.strip_prefix(COMPONENTS)?.split_once('/')?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (name, within) = rest.split_at_checked(end)?;
    Some((kind, name, within))
}

/// How the names of one service are in the common document.
struct Naming<'a> {
    service: &'a str,
    ambiguous: &'a Ambiguous,
}

impl Naming<'_> {
    fn component(&self, kind: &str, name: &str) -> String {
        let contested = self.ambiguous.components.contains(&(kind.to_owned(), name.to_owned()));
        if contested { format!("{}_{name}", self.service) } else { name.to_owned() }
    }

    /// References point to components by their new names.
    fn renamed(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(match reference(&text) {
                Some((kind, name, within)) => {
                    format!("{COMPONENTS}{kind}/{}{within}", self.component(kind, name))
                }
                None => text,
            }),
            Value::Array(items) => items.into_iter().map(|item| self.renamed(item)).collect(),
            Value::Object(fields) => {
                fields.into_iter().map(|(key, field)| (key, self.renamed(field))).collect()
            }
            other => other,
        }
    }

    fn path_item(&self, item: Value, tags: &mut Vec<String>) -> Value {
        let mut item = self.renamed(item);
        for operation in item.as_object_mut().into_iter().flat_map(operations_mut) {
            self.operation(operation, tags);
        }
        item
    }

    fn operation(&self, operation: &mut Object, tags: &mut Vec<String>) {
        if let Some(id) = operation_id(operation).filter(|id| self.ambiguous.operations.contains(*id)) {
            let id = format!("{}_{id}", self.service);
            operation.insert("operationId".into(), id.into());
        }
        let tag = self.tag(operation);
        if !tags.contains(&tag) {
            tags.push(tag.clone());
        }
        operation.insert("tags".into(), json!([tag]));
        if let Some(Value::Array(ways)) = operation.get_mut("security") {
            for way in ways {
                self.security(way);
            }
        }
        may_answer_for(operation);
    }

    /// A tag belongs to its service: several have messages.
    fn tag(&self, operation: &Object) -> String {
        let own = operation.get("tags").and_then(|tags| tags.get(0)?.as_str());
        own.map_or_else(|| self.service.to_owned(), |own| format!("{}: {own}", self.service))
    }

    /// What security asks for is named without a reference.
    fn security(&self, way: &mut Value) {
        if let Value::Object(schemes) = way {
            let named = std::mem::take(schemes).into_iter();
            *schemes = named.map(|(name, uses)| (self.component("securitySchemes", &name), uses)).collect();
        }
    }
}

#[cfg(test)]
mod tests;
