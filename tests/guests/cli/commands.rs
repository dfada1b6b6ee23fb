//! A flow whose tasks are WASI commands, which lie beside it.

use headwater_sdk::prelude::*;

#[value]
struct Length {
    letters: u64,
    language: String,
}

#[task(wasm = "tool.wasm", args = ["upper"])]
async fn upper(text: String) -> Result<String>;

#[task(wasm = "tool.wasm", args = ["upper"], json_on_stdin = true)]
async fn upper_json(text: String, more: u64) -> Result<headwater_sdk::serde_json::Value>;

#[task(wasm = "tool.wasm", args = ["length"], env = ["LANGUAGE={language}"])]
async fn length(text: String, language: String) -> Result<Length>;

#[task(wasm = "tool.wasm", args = ["{what}"])]
async fn text(what: String) -> Result<String>;

#[task(wasm = "tool.wasm", args = ["{what}"])]
async fn number(what: String) -> Result<u64>;

#[task(wasm = "tool.wasm", args = ["{what}"])]
async fn file(what: String) -> Result<Artifact>;

#[task(wasm = "tool.wasm", args = ["leave"], skip_codes = [1])]
async fn skipped() -> Result<()>;

#[task(wasm = "tool.wasm", args = ["endless"], timeout = "50ms")]
async fn endless() -> Result<()>;

#[task(wasm = "tool.wasm", args = ["upper"], cache_for = "ever")]
async fn cached(text: String) -> Result<String>;

/// All that goes well.
#[flow]
async fn commands() -> Result<(String, headwater_sdk::serde_json::Value, Length, Artifact)> {
    let lines = upper("one\ntwo\n").submit();
    let json = upper_json("three", 4).submit();
    let length = length("five", "en").submit();
    let bytes = file("bytes").submit();
    Ok((lines.await?, json.await?, length.await?, bytes.await?))
}

/// What one of them says.
#[flow]
async fn says(what: String) -> Result<String> {
    text(what).await
}

/// What one of them says, as a number.
#[flow]
async fn counts(what: String) -> Result<u64> {
    number(what).await
}

/// Chooses not to run, and so does what comes after.
#[flow]
async fn skips() -> Result<()> {
    skipped().await
}

/// Runs too long.
#[flow]
async fn hangs() -> Result<()> {
    endless().await
}

/// Asks for the same thing in each run.
#[flow]
async fn once() -> Result<String> {
    cached("same").await
}

/// Waits for an answer before the command runs.
#[flow]
async fn later() -> Result<String> {
    let word: String = wait_for_input("which word?").await?;
    upper(word).await
}

headwater_sdk::component!();
