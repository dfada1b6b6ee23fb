//! Example values of a JSON Schema, the plainest first; the others are what a flow may branch on: booleans, the values of an enum, the
//! cases of `oneOf` and `anyOf`, what may be left out, the empty list.
//!
//! A pattern is not solved: a text that has to match one is the word `example`.

use serde_json::{Map, Value, json};
use std::cell::Cell;

/// How many values one schema gives: an enum of more is not worth the drives.
const EXAMPLES_MAX: usize = 12;

/// How deep schemas are followed: one that holds itself ends here.
const DEPTH_MAX: usize = 8;

/// How many schemas within one are read: one that holds itself in many places would double at each depth.
const READ_MAX: usize = 20_000;

/// At least one value, each once, the plainest first.
pub fn examples(schema: &Value) -> Vec<Value> {
    let mut values = Reader { root: schema, left: Cell::new(READ_MAX) }.of(schema, 0);
    bound(&mut values);
    values
}

struct Reader<'a> {
    root: &'a Value,
    left: Cell<usize>,
}

impl Reader<'_> {
    /// Never empty.
    fn of(&self, schema: &Value, depth: usize) -> Vec<Value> {
        let Value::Object(fields) = schema else { return vec![Value::Null] };
        if let Some(value) = fields.get("const") {
            return vec![value.clone()];
        }
        let Some(left) = self.left.get().checked_sub(1) else { return vec![shallow(schema)] };
        self.left.set(left);
        let listed = |key: &str| fields.get(key).and_then(Value::as_array).filter(|values| !values.is_empty());
        let mut values: Vec<Value> = fields.get("default").cloned().into_iter().collect();
        if let Some(listed) = listed("enum").or_else(|| listed("examples")) {
            values.extend(listed.iter().cloned());
        } else if depth > DEPTH_MAX {
            values.push(shallow(schema));
        } else if let Some(of) = fields.get("$ref").and_then(Value::as_str) {
            values.extend(self.referred(of).map_or_else(|| vec![Value::Null], |schema| self.of(schema, depth + 1)));
        } else if let Some(cases) = listed("oneOf").or_else(|| listed("anyOf")) {
            values.extend(self.cases(cases, fields, depth));
        } else if let Some(parts) = listed("allOf") {
            values.push(self.all(parts, fields, depth));
        } else {
            values.extend(self.typed(schema, fields, depth));
        }
        bound(&mut values);
        values
    }

    fn referred(&self, of: &str) -> Option<&Value> {
        let pointer = of.strip_prefix('#')?;
        self.root.pointer(pointer)
    }

    /// A value of each case; what is no value at all stands last, as the less telling one.
    fn cases(&self, cases: &[Value], fields: &Map<String, Value>, depth: usize) -> Vec<Value> {
        let mut of_cases: Vec<Vec<Value>> = cases.iter().map(|case| self.of(case, depth + 1)).collect();
        of_cases.sort_by_key(|values| values.iter().all(Value::is_null));
        // The plainest of each case before the second of any.
        let longest = of_cases.iter().map(Vec::len).max().unwrap_or_default();
        let nth = |n: usize| of_cases.iter().filter_map(move |values| values.get(n).cloned()).collect::<Vec<_>>();
        let values = (0..longest).flat_map(nth);
        match self.of_object(fields, depth) {
            Some(common) => values.map(|value| merged(common.first(), value)).collect(),
            None => values.collect(),
        }
    }

    fn all(&self, parts: &[Value], fields: &Map<String, Value>, depth: usize) -> Value {
        let own = self.of_object(fields, depth).and_then(|values| values.into_iter().next());
        let values = parts.iter().filter_map(|part| self.of(part, depth + 1).into_iter().next());
        values.fold(own.unwrap_or_default(), |all, value| merged(Some(&all), value))
    }

    fn typed(&self, schema: &Value, fields: &Map<String, Value>, depth: usize) -> Vec<Value> {
        match fields.get("type") {
            Some(Value::String(word)) => self.of_type(word, schema, fields, depth),
            Some(Value::Array(words)) => {
                let mut words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
                words.sort_by_key(|word| *word == "null");
                words.into_iter().flat_map(|word| self.of_type(word, schema, fields, depth)).collect()
            }
            _ if fields.contains_key("properties") => self.of_type("object", schema, fields, depth),
            _ if fields.contains_key("items") || fields.contains_key("prefixItems") => {
                self.of_type("array", schema, fields, depth)
            }
            _ => vec![Value::Null],
        }
    }

    fn of_type(&self, word: &str, schema: &Value, fields: &Map<String, Value>, depth: usize) -> Vec<Value> {
        match word {
            "boolean" => vec![json!(false), json!(true)],
            "integer" | "number" => vec![number(schema, word == "integer")],
            "string" => vec![json!(text(schema))],
            "array" => self.list(fields, depth),
            "object" => self.of_object(fields, depth).unwrap_or_else(|| vec![json!({})]),
            _ => vec![Value::Null],
        }
    }

    /// With one element, then empty where that is allowed, then with other elements.
    fn list(&self, fields: &Map<String, Value>, depth: usize) -> Vec<Value> {
        let least = fields.get("minItems").and_then(Value::as_u64).unwrap_or_default() as usize;
        if let Some(places) = fields.get("prefixItems").and_then(Value::as_array) {
            let places: Vec<Vec<Value>> = places.iter().map(|place| self.of(place, depth + 1)).collect();
            return one_at_a_time(&places).into_iter().map(Value::Array).collect();
        }
        if fields.get("maxItems").and_then(Value::as_u64) == Some(0) {
            return vec![json!([])];
        }
        let of_items = fields.get("items").map_or_else(|| vec![Value::Null], |items| self.of(items, depth + 1));
        let mut values: Vec<Value> = of_items.into_iter().map(|item| self.repeated(item, least)).collect();
        if least == 0 {
            values.insert(1.min(values.len()), json!([]));
        }
        values
    }

    /// As many as there must be; one, where those are more than anybody reads.
    fn repeated(&self, item: Value, least: usize) -> Value {
        let least = least.max(1);
        let enough = self.left.get().checked_sub(size(&item).saturating_mul(least));
        self.left.set(enough.unwrap_or_else(|| self.left.get()));
        Value::Array(vec![item; enough.map_or(1, |_| least)])
    }

    /// With all that it may have, then with one thing changed or left out. None: the schema says nothing of an object.
    fn of_object(&self, fields: &Map<String, Value>, depth: usize) -> Option<Vec<Value>> {
        let Some(properties) = fields.get("properties").and_then(Value::as_object) else {
            let of_values = fields.get("additionalProperties").filter(|schema| schema.is_object())?;
            let values = self.of(of_values, depth + 1);
            let full = values.into_iter().map(|value| json!({ "example": value }));
            return Some(full.chain([json!({})]).collect());
        };
        let required = |name: &str| {
            fields
                .get("required")
                .and_then(Value::as_array)
                .is_some_and(|names| names.iter().any(|other| other == name))
        };
        let places: Vec<Vec<Option<Value>>> = properties
            .iter()
            .map(|(name, schema)| {
                let values = self.of(schema, depth + 1);
                // `null` says what leaving it out says.
                let optional = !required(name) && !values.contains(&Value::Null);
                values.into_iter().map(Some).chain(optional.then_some(None)).collect()
            })
            .collect();
        let object = |values: Vec<Option<Value>>| {
            let named = properties.keys().zip(values).filter_map(|(name, value)| Some((name.clone(), value?)));
            Value::Object(named.collect())
        };
        Some(one_at_a_time(&places).into_iter().map(object).collect())
    }
}

/// The first of each; then, for each other value of a place, that one among the first of the others.
fn one_at_a_time<T: Clone>(places: &[Vec<T>]) -> Vec<Vec<T>> {
    let plain: Vec<T> = places.iter().filter_map(|values| values.first().cloned()).collect();
    let mut all = vec![plain.clone()];
    for (place, values) in places.iter().enumerate() {
        for value in values.iter().skip(1) {
            let mut changed = plain.clone();
            if let Some(slot) = changed.get_mut(place) {
                *slot = value.clone();
                all.push(changed);
            }
        }
    }
    all
}

/// Values in a value, itself too.
fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(fields) => fields.values().map(size).sum(),
        _ => 0,
    }
}

fn merged(all: Option<&Value>, value: Value) -> Value {
    match (all, value) {
        (Some(Value::Object(all)), Value::Object(value)) => {
            Value::Object(all.iter().map(|(name, value)| (name.clone(), value.clone())).chain(value).collect())
        }
        (_, value) => value,
    }
}

/// Where a schema goes deeper than we follow.
fn shallow(schema: &Value) -> Value {
    match schema.get("type").and_then(Value::as_str) {
        Some("boolean") => json!(false),
        Some(word @ ("integer" | "number")) => number(schema, word == "integer"),
        Some("string") => json!(text(schema)),
        Some("array") => json!([]),
        Some("object") => json!({}),
        _ => Value::Null,
    }
}

/// 1, or the nearest number that is allowed.
fn number(schema: &Value, whole: bool) -> Value {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let step = bound("multipleOf").filter(|step| *step > 0.0);
    let least = bound("minimum").or(bound("exclusiveMinimum").map(|least| least + 1.0));
    let most = bound("maximum").or(bound("exclusiveMaximum").map(|most| most - if whole { 1.0 } else { 0.5 }));
    let mut value = step.unwrap_or(1.0);
    if let Some(most) = most {
        value = value.min(most);
    }
    if let Some(least) = least {
        value = value.max(least);
    }
    if let Some(step) = step {
        value = (value / step).ceil() * step;
    }
    if whole || value.fract() == 0.0 { json!(value as i64) } else { json!(value) }
}

/// A word, or what the format asks for, as long as it has to be.
fn text(schema: &Value) -> String {
    let word = match schema.get("format").and_then(Value::as_str).unwrap_or_default() {
        "date-time" => "2000-01-01T00:00:00Z",
        "date" => "2000-01-01",
        "time" => "00:00:00Z",
        "duration" => "PT1S",
        "email" | "idn-email" => "someone@example.org",
        "hostname" | "idn-hostname" => "example.org",
        "ipv4" | "ip" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "uri" | "url" | "iri" => "https://example.org/",
        "uri-reference" | "iri-reference" => "/example",
        "uuid" => "00000000-0000-4000-8000-000000000000",
        "json-pointer" => "/example",
        "regex" => "example",
        _ => "example",
    };
    let length = |key: &str| schema.get(key).and_then(Value::as_u64).map(|length| length as usize);
    let mut word: String = word.chars().take(length("maxLength").unwrap_or(usize::MAX)).collect();
    // More than anybody would want to read: a text that has to be that long is somebody's mistake.
    let least = length("minLength").unwrap_or_default().min(4096);
    word.extend(std::iter::repeat_n('e', least.saturating_sub(word.chars().count())));
    word
}

fn bound(values: &mut Vec<Value>) {
    let mut kept: Vec<Value> = Vec::new();
    for value in values.drain(..) {
        if kept.len() < EXAMPLES_MAX && !kept.contains(&value) {
            kept.push(value);
        }
    }
    *values = kept;
}

#[cfg(test)]
#[path = "example_tests.rs"]
mod tests;
