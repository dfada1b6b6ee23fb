//! A Rust flow, and two Python plugins that carry two versions of one library: neither a container nor a virtual environment keeps them apart.

use headwater_sdk::prelude::*;

/// What one version of the library makes of the tags.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The library's version.
    pub packaging: String,
    /// The tags in its order.
    pub ordered: Vec<String>,
    /// The tags that are no versions to it.
    pub refused: Vec<String>,
}

/// Both readings, and what they do not agree on.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// By the older version.
    pub yesterday: Reading,
    /// By the newer version.
    pub today: Reading,
    /// Tags that only the older one takes.
    pub lost: Vec<String>,
}

/// In Python, with `packaging` 21.3.
#[task(plugin = "yesterday", name = "read")]
async fn read_yesterday(tags: Vec<String>) -> Result<Reading>;

/// In Python, with `packaging` 25.0.
#[task(plugin = "today", name = "read")]
async fn read_today(tags: Vec<String>) -> Result<Reading>;

/// In Rust.
#[task]
fn compare(yesterday: Reading, today: Reading) -> Result<Comparison> {
    let lost = yesterday.ordered.iter().filter(|tag| !today.ordered.contains(tag)).cloned().collect();
    Ok(Comparison { yesterday, today, lost })
}

/// Reads the tags of a project with two versions of Python's library for versions.
#[flow]
async fn python_plugin(
    #[default(["2.0", "2004d", "1.0-final-patch2", "2.0rc1", "1.10", "1.9"].map(String::from).to_vec())] tags: Vec<
        String,
    >,
) -> Result<Comparison> {
    let yesterday = read_yesterday(&tags).submit();
    let today = read_today(&tags).submit();
    compare(&yesterday, &today).await
}

headwater_sdk::component!();

#[cfg(test)]
mod tests;
