//! Flows whose graphs are told before they run: with branches, loops, failures that are caught, and examples that stop them.

use headwater_sdk::prelude::*;

/// What was found.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Whether somebody has to look.
    pub urgent: bool,
    /// What sort of thing it is.
    pub colour: Colour,
    /// Its parts.
    pub parts: Vec<String>,
}

/// One of three.
#[value]
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Colour {
    /// The first.
    Red,
    /// The second.
    Green,
    /// The third.
    Blue,
}

#[task]
fn look(text: String) -> Result<Found> {
    Ok(Found { urgent: text.len() > 5, colour: Colour::Green, parts: vec![text] })
}

#[task]
fn step(text: String) -> Result<String> {
    Ok(text)
}

#[task]
fn alarm(text: String) -> Result<()> {
    println!("{text}");
    Ok(())
}

#[task]
fn is_done(round: u32) -> Result<bool> {
    Ok(round > 1)
}

/// A task of another component.
#[task(plugin = "text", name = "word_count")]
async fn word_count(text: String) -> Result<u64>;

/// A flow of another component.
#[flow(name = "elsewhere")]
async fn elsewhere(text: String) -> Result<()>;

/// Each way of going somewhere else.
#[flow]
async fn branches(text: String) -> Result<String> {
    let found = look(text).await?;
    if found.urgent {
        alarm("look at this").await?;
    }
    match found.colour {
        Colour::Red => step("red").named("stop for red").await?,
        Colour::Green => step("green").await?,
        Colour::Blue => below("blue").await?,
    };
    for part in &found.parts {
        is_done(part.len() as u32).named("look at a part").await?;
    }
    match word_count("a b c").await {
        Ok(count) => Ok(count.to_string()),
        Err(_) => step("nobody counts").named("instead of counting").await,
    }
}

#[flow]
async fn below(text: String) -> Result<String> {
    let first = step(text).submit();
    step(&first).named("and again").await
}

/// Runs until a task says so.
#[flow]
async fn polls() -> Result<()> {
    for round in 0.. {
        if is_done(round).await? {
            break;
        }
        sleep(Duration::from_secs(60)).await?;
    }
    alarm("done").await
}

/// Never ends with any example.
#[flow]
async fn for_ever() -> Result<()> {
    loop {
        step("on").await?;
    }
}

/// Reads what no example is.
#[flow]
async fn picky(number: String) -> Result<u32> {
    let number = step(number).await?;
    number.parse().map_err(|_| Error::terminal(format!("`{number}` is no number")))
}

/// Panics for lack of imagination.
#[flow]
async fn panics() -> Result<()> {
    let found = look("x").await?;
    assert!(found.urgent, "this can never be");
    alarm("so it was").await
}

/// Asks, calls another component's flow, maps.
#[flow]
async fn all_sorts() -> Result<()> {
    let text = wait_for_input::<String>("which text?").await?;
    elsewhere(text).await?;
    let found = look("all").submit();
    let parts = step::map(vec!["a", "b", "c"]).submit();
    below::map(vec!["d", "e"]).await?;
    parts.await?;
    found.await?;
    Ok(())
}

headwater_sdk::component!();
