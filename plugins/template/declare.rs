//! How a flow declares the tasks of plugin `template`: copy this file, or the tasks that you call with their types, into your crate.
//! It needs `serde_json` among the crate's dependencies.

use headwater_sdk::prelude::*;

/// What is done to values so that they mean themselves in the text around them.
#[value]
#[derive(Clone, Copy, Debug, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Escape {
    /// Nothing.
    None,
    /// For HTML and XML: `<` becomes `&lt;`. The filter `safe` leaves a value as it is.
    Html,
    /// For JSON, YAML and JavaScript: each value is written as JSON.
    Json,
}

/// The text that the template makes of the context.
#[task(plugin = "template")]
pub async fn render(template: String, context: serde_json::Value, escape: Escape) -> Result<String>;

/// The same as a file of this name and media type.
#[task(plugin = "template")]
pub async fn render_file(
    template: String,
    context: serde_json::Value,
    escape: Escape,
    name: String,
    media_type: String,
) -> Result<Artifact>;
