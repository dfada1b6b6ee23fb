//! A schema in a few words: the shape of a value, as one would say it to a colleague. `--json` has the schema itself.

use headwater_core::model::TaskDeclaration;
use serde_json::Value;

/// How many fields or values are named.
const NAMED_MAX: usize = 6;

/// `text: string, times: integer? → [string]`
pub(super) fn of_task(task: &TaskDeclaration) -> String {
    let parameters = task.parameters.iter().map(|parameter| {
        let optional = if parameter.default.is_some() { " (has a default)" } else { "" };
        format!("{}: {}{optional}", parameter.name, shape(&parameter.schema.to_value()))
    });
    let parameters = parameters.collect::<Vec<_>>().join(", ");
    format!("({parameters}) → {}", shape(&task.returns.to_value()))
}

pub(super) fn shape(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return name.rsplit('/').next().unwrap_or(name).to_owned();
    }
    let list = |key: &str| schema.get(key).and_then(Value::as_array);
    if let Some(values) = list("enum") {
        return few(values.iter().map(Value::to_string), " | ");
    }
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    if let Some(choices) = list("anyOf").or_else(|| list("oneOf")) {
        let some: Vec<String> = choices.iter().map(shape).filter(|shape| shape != "null").collect();
        let optional = if some.len() < choices.len() { "?" } else { "" };
        return format!("{}{optional}", few(some.into_iter(), " | "));
    }
    match schema.get("type") {
        Some(Value::String(name)) => of_type(name, schema),
        Some(Value::Array(names)) => {
            let some = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            let some: Vec<String> = some.map(|name| of_type(name, schema)).collect();
            let optional = if some.len() < names.len() { "?" } else { "" };
            format!("{}{optional}", some.join(" | "))
        }
        _ => "any".to_owned(),
    }
}

fn of_type(name: &str, schema: &Value) -> String {
    let titled = schema.get("title").and_then(Value::as_str);
    match name {
        "array" => match (schema.get("prefixItems").and_then(Value::as_array), schema.get("items")) {
            (Some(parts), _) => format!("({})", few(parts.iter().map(shape), ", ")),
            (None, Some(item)) => format!("[{}]", shape(item)),
            (None, None) => "[any]".to_owned(),
        },
        "object" => match (schema.get("properties").and_then(Value::as_object), schema.get("additionalProperties")) {
            (Some(_), _) if titled.is_some() => titled.unwrap_or_default().to_owned(),
            (Some(fields), _) => format!("{{{}}}", few(fields.keys().cloned(), ", ")),
            (None, Some(value @ Value::Object(_))) => format!("{{string: {}}}", shape(value)),
            (None, _) => "object".to_owned(),
        },
        other => other.to_owned(),
    }
}

fn few(parts: impl Iterator<Item = String>, between: &str) -> String {
    let parts: Vec<String> = parts.collect();
    match parts.get(..NAMED_MAX) {
        Some(first) if parts.len() > NAMED_MAX => format!("{}{between}…", first.join(between)),
        _ => parts.join(between),
    }
}

#[cfg(test)]
#[path = "shape_tests.rs"]
mod tests;
