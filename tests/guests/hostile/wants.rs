//! Flows that want too much of the engine, and a task that never ends its line.

use headwater_sdk::prelude::*;
use std::io::Write as _;

#[task]
fn same(text: String) -> Result<String> {
    Ok(text)
}

#[task]
fn nothing(number: u8) -> Result<u8> {
    Ok(number)
}

#[flow]
async fn huge_argument() -> Result<()> {
    same("x".repeat(256 << 20)).await?;
    Ok(())
}

#[flow]
async fn huge_input(text: String) -> Result<()> {
    same(text).await?;
    Ok(())
}

/// Its own child, and so on.
#[flow]
async fn nests() -> Result<()> {
    nests().await
}

/// One call after the other, for ever.
#[flow]
async fn goes_on() -> Result<()> {
    loop {
        nothing(1).await?;
    }
}

#[flow]
async fn map_bomb() -> Result<()> {
    nothing::map(vec![1; 20_000_000]).await?;
    Ok(())
}

#[task]
fn prints() -> Result<()> {
    let text = "x".repeat(1 << 16);
    let mut out = std::io::stdout();
    for _ in 0..1_024 {
        out.write_all(text.as_bytes())?;
    }
    Err(Error::terminal("a line of 64 MiB has no end yet"))
}

#[flow]
async fn line_without_end() -> Result<()> {
    prints().await
}

headwater_sdk::component!();
