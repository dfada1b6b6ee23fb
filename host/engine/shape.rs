//! The shape of a JSON Schema: which values it means, whatever words it uses for them. Two signatures are the same where their shapes are.
//!
//! Names, descriptions and formats of types do not count, nor do bounds of numbers, lengths and patterns: they differ between languages that mean
//! the same, and a value that is out of bounds is told when it comes. What remains is shown as a person would write it.

use serde_json::{Map, Value};
use std::{
    cmp::Ordering,
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

/// Parts of one schema that are read. A schema may name its definitions in chains that double at each link.
const PARTS_MAX: usize = 10_000;

/// An array of a fixed length up to this one is shown and compared by its elements.
const ROW_MAX: u64 = 32;

/// What the values of a type are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    Anything,
    Null,
    Bool,
    Integer,
    Number,
    Text,
    /// One value, as JSON.
    Constant(String),
    List(Box<Shape>),
    /// A fixed number of values.
    Row(Vec<Shape>),
    /// Texts to values.
    Map(Box<Shape>),
    Record(Name, BTreeMap<String, Field>, Rest),
    /// Sorted, each once.
    OneOf(Vec<Shape>),
    /// A type within itself, so many types further out.
    Again(Name, usize),
    /// Words of the schema language that are compared as they stand.
    Other(String),
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Field {
    shape: Shape,
    required: bool,
}

/// What a record may have beside its fields.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rest {
    Whatever,
    Nothing,
    All(Box<Shape>),
}

/// A type's name is for people: any two are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Name(Option<String>);

impl PartialEq for Name {
    fn eq(&self, _: &Name) -> bool {
        true
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, _: &Name) -> Ordering {
        Ordering::Equal
    }
}

impl Shape {
    /// The shape of a whole schema. One that is too large is what it is, word by word.
    pub(super) fn of(schema: &Value) -> Shape {
        let mut reader = Reader { root: schema, open: vec!["#"], parts: 0 };
        reader.read(schema, None).unwrap_or_else(|| Shape::Other(schema.to_string()))
    }

    fn one_of(members: impl IntoIterator<Item = Shape>) -> Shape {
        let mut all = Vec::new();
        for member in members {
            match member {
                Shape::OneOf(inner) => all.extend(inner),
                other => all.push(other),
            }
        }
        if all.contains(&Shape::Anything) {
            return Shape::Anything;
        }
        all.sort();
        all.dedup();
        if all.len() == 1 { all.remove(0) } else { Shape::OneOf(all) }
    }

    fn constant(value: &Value) -> Shape {
        if value.is_null() { Shape::Null } else { Shape::Constant(value.to_string()) }
    }
}

struct Reader<'a> {
    root: &'a Value,
    /// The references that lead to where it is.
    open: Vec<&'a str>,
    parts: usize,
}

impl<'a> Reader<'a> {
    /// None: there is too much of it.
    fn read(&mut self, schema: &'a Value, name: Option<&'a str>) -> Option<Shape> {
        self.parts += 1;
        if self.parts > PARTS_MAX {
            return None;
        }
        let fields = match schema {
            Value::Bool(true) => return Some(Shape::Anything),
            Value::Object(fields) => fields,
            other => return Some(Shape::Other(other.to_string())),
        };
        let list = |key: &str| fields.get(key).and_then(Value::as_array);
        if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
            return self.follow(reference);
        }
        if let Some(value) = fields.get("const") {
            return Some(Shape::constant(value));
        }
        if let Some(values) = list("enum") {
            return Some(Shape::one_of(values.iter().map(Shape::constant)));
        }
        if let Some(members) = list("anyOf").or(list("oneOf")) {
            let members: Option<Vec<_>> = members.iter().map(|member| self.read(member, None)).collect();
            return members.map(Shape::one_of);
        }
        if let Some([only]) = list("allOf").map(Vec::as_slice) {
            return self.read(only, name);
        }
        let name = name.or(fields.get("title").and_then(Value::as_str));
        match fields.get("type") {
            Some(Value::String(kind)) => self.of_kind(kind, fields, name),
            Some(Value::Array(kinds)) => {
                let kinds: Option<Vec<_>> =
                    kinds.iter().map(|kind| self.of_kind(kind.as_str().unwrap_or_default(), fields, name)).collect();
                kinds.map(Shape::one_of)
            }
            _ if fields.contains_key("properties") => self.record(fields, name),
            _ if says_nothing(fields) => Some(Shape::Anything),
            _ => Some(Shape::Other(schema.to_string())),
        }
    }

    fn follow(&mut self, reference: &'a str) -> Option<Shape> {
        let name = reference.rsplit('/').next().filter(|name| *name != "#");
        if let Some(further) = self.open.iter().rev().position(|open| *open == reference) {
            return Some(Shape::Again(Name(name.map(str::to_owned)), further));
        }
        let Some(target) = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)) else {
            return Some(Shape::Other(reference.to_owned()));
        };
        self.open.push(reference);
        let shape = self.read(target, name);
        self.open.pop();
        shape
    }

    fn of_kind(&mut self, kind: &str, fields: &'a Map<String, Value>, name: Option<&'a str>) -> Option<Shape> {
        Some(match kind {
            "null" => Shape::Null,
            "boolean" => Shape::Bool,
            "integer" => Shape::Integer,
            "number" => Shape::Number,
            "string" => Shape::Text,
            "array" => return self.list(fields),
            "object" => return self.record(fields, name),
            other => Shape::Other(other.to_owned()),
        })
    }

    fn list(&mut self, fields: &'a Map<String, Value>) -> Option<Shape> {
        if let Some(items) = fields.get("prefixItems").and_then(Value::as_array) {
            let items: Option<Vec<_>> = items.iter().map(|item| self.read(item, None)).collect();
            return items.map(Shape::Row);
        }
        let item = match fields.get("items") {
            Some(item) => self.read(item, None)?,
            None => Shape::Anything,
        };
        let length = fields.get("minItems").filter(|least| fields.get("maxItems") == Some(least));
        match length.and_then(Value::as_u64).filter(|length| *length <= ROW_MAX) {
            Some(length) => Some(Shape::Row((0..length).map(|_| item.clone()).collect())),
            None => Some(Shape::List(Box::new(item))),
        }
    }

    fn record(&mut self, fields: &'a Map<String, Value>, name: Option<&'a str>) -> Option<Shape> {
        let required: Vec<&str> =
            fields.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let mut known = BTreeMap::new();
        for (key, schema) in fields.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let field = Field { shape: self.read(schema, None)?, required: required.contains(&key.as_str()) };
            known.insert(key.clone(), field);
        }
        let rest = match fields.get("additionalProperties") {
            None | Some(Value::Bool(true)) => Rest::Whatever,
            Some(Value::Bool(false)) => Rest::Nothing,
            Some(schema) => Rest::All(Box::new(self.read(schema, None)?)),
        };
        Some(match rest {
            Rest::All(values) if known.is_empty() => Shape::Map(values),
            Rest::Whatever if known.is_empty() => Shape::Map(Box::new(Shape::Anything)),
            rest => Shape::Record(Name(name.map(str::to_owned)), known, rest),
        })
    }
}

/// Only words for people.
fn says_nothing(fields: &Map<String, Value>) -> bool {
    const FOR_PEOPLE: [&str; 7] = ["$schema", "$defs", "title", "description", "default", "examples", "deprecated"];
    fields.keys().all(|key| FOR_PEOPLE.contains(&key.as_str()))
}

impl Display for Shape {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Anything => f.write_str("anything"),
            Shape::Null => f.write_str("null"),
            Shape::Bool => f.write_str("boolean"),
            Shape::Integer => f.write_str("integer"),
            Shape::Number => f.write_str("number"),
            Shape::Text => f.write_str("string"),
            Shape::Constant(text) | Shape::Other(text) => f.write_str(text),
            Shape::List(item) => write!(f, "[{item}]"),
            Shape::Row(items) => write!(f, "({})", joined(items, ", ")),
            Shape::Map(values) => write!(f, "{{string: {values}}}"),
            Shape::OneOf(members) => f.write_str(&joined(members, " | ")),
            Shape::Again(name, _) => f.write_str(name.0.as_deref().unwrap_or("…")),
            Shape::Record(name, fields, rest) => {
                let mut parts: Vec<String> = fields
                    .iter()
                    .map(|(key, Field { shape, required })| {
                        format!("{key}{}: {shape}", if *required { "" } else { "?" })
                    })
                    .collect();
                match rest {
                    Rest::Whatever => {}
                    Rest::Nothing => parts.push("nothing else".to_owned()),
                    Rest::All(values) => parts.push(format!("…: {values}")),
                }
                let name = name.0.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
                write!(f, "{name}{{{}}}", parts.join(", "))
            }
        }
    }
}

fn joined(shapes: &[Shape], between: &str) -> String {
    shapes.iter().map(Shape::to_string).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
#[path = "shape_tests.rs"]
mod tests;
