//! Tasks that fill a Jinja template.
//!
//! A name that the context does not have is an error, and so is anything done with it: a report with holes is worse than none.

mod fill;

use fill::Escape;
use headwater_sdk::prelude::*;

/// The text that the template makes of the context.
#[task(timeout = "60s")]
fn render(template: String, context: serde_json::Value, escape: Escape) -> Result<String> {
    Ok(fill::fill(&template, &context, escape)?)
}

/// The same as a file of this name and media type.
#[task(timeout = "60s")]
fn render_file(
    template: String,
    context: serde_json::Value,
    escape: Escape,
    name: String,
    media_type: String,
) -> Result<Artifact> {
    Artifact::write(name, media_type, fill::fill(&template, &context, escape)?.as_bytes())
}

headwater_sdk::component!();

#[cfg(test)]
mod tests;
