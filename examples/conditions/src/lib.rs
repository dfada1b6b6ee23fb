//! An image that is chosen by a condition: what a light task finds out decides which container the heavy one runs in, and what comes after it.

use headwater_sdk::prelude::*;

/// What a text is like.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// How many words it has.
    pub words: u64,
    /// Whether these are more than the small image is for.
    pub is_long: bool,
}

/// What was found in a text, and where.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The longest word, the first of several.
    pub word: String,
    /// The version of the Python that looked for it.
    pub python: String,
}

/// Looks how long a text is: a light task, in a sandbox.
#[task]
fn look_at(text: String, words_max: u64) -> Result<Look> {
    let words = text.split_whitespace().count() as u64;
    Ok(Look { words, is_long: words > words_max })
}

/// Looks for the longest word: in a container, of whichever image the call says.
#[task(
    image = "python:3.9-slim",
    command = ["python3", "-c", r#"
import json, platform, sys
words = open(sys.argv[1]).read().split()
print(json.dumps(dict(word=max(words, key=len), python=platform.python_version())))
"#, "{in}/text"]
)]
async fn longest_word(text: String) -> Result<Found>;

/// Has a second look at what came from a long text.
#[task]
fn check(text: String, found: Found) -> Result<()> {
    match text.split_whitespace().any(|word| word == found.word) {
        true => Ok(()),
        false => Err(Error::terminal(format_args!("`{}` is no word of the text", found.word))),
    }
}

/// Finds the longest word of a text, in the image that is right for it.
#[flow]
async fn conditions(
    #[default("a flow picks the image of a task by what another one found")] text: String,
    #[default(20)] words_max: u64,
    #[default("python:3.9-slim")] small_image: String,
    #[default("python:3.8-slim")] large_image: String,
) -> Result<Found> {
    let look = look_at(&text, words_max).await?;
    log::info!("{} words: {}", look.words, if look.is_long { "the large image" } else { "the small image" });
    if !look.is_long {
        return longest_word(&text).image(small_image).await;
    }
    let found = longest_word(&text).image(large_image).named("longest word of a long text").await?;
    check(&text, &found).await?;
    Ok(found)
}

headwater_sdk::component!();

#[cfg(test)]
mod tests;
