//! Flows that end in every way that a command line tells apart.

use headwater_sdk::prelude::*;

/// Gives back what it gets.
#[flow]
async fn echo(text: String) -> Result<String> {
    same(text).await
}

#[task]
fn same(text: String) -> Result<String> {
    // A line is one without its end, too.
    print!("{} letters", text.len());
    Ok(text)
}

/// Reads what it has made itself.
#[flow]
async fn rereads() -> Result<u64> {
    rewrite(3_000_000).await
}

#[task]
fn rewrite(bytes: u64) -> Result<u64> {
    let made = Artifact::write("zeros", "application/octet-stream", &vec![0; bytes as usize])?;
    Ok(made.read()?.len() as u64)
}

#[task(retries = 1)]
fn refuse(what: String) -> Result<()> {
    println!("refusing {what}");
    Err(Error::from(std::io::Error::other(format!("{what} is not allowed"))))
}

/// Fails, and so does what comes after.
#[flow]
async fn fails() -> Result<()> {
    let refused = refuse("coffee").submit();
    refuse("tea").named("never tried").after(&refused).await
}

/// Fails because its child does.
#[flow]
async fn fails_below() -> Result<()> {
    fails().await
}

/// Asks the container engine for something.
#[task(image = "alpine:3", command = ["true"])]
async fn in_image() -> Result<String>;

/// Needs a container engine.
#[flow]
async fn needs_engine() -> Result<String> {
    in_image().await
}

#[task(program = ["echo", "hello from a program"])]
async fn greeting() -> Result<String>;

/// Needs a program of the machine.
#[flow]
async fn needs_program() -> Result<String> {
    greeting().await
}

/// Waits for longer than anybody does.
#[flow]
async fn waits() -> Result<()> {
    log::info!("waiting");
    sleep(Duration::from_secs(3_600)).await?;
    Ok(())
}

/// Cannot be cancelled before somebody has answered: its clean-up asks.
#[flow]
async fn asks_at_the_end() -> Result<()> {
    let work = sleep(Duration::from_secs(3_600)).submit();
    let clean_up = wait_for_input::<bool>("is everything clean?").after(&work).trigger(Trigger::AllFinished).submit();
    log::info!("waiting");
    clean_up.await?;
    Ok(())
}

/// Lets a child go that outlives it.
#[flow]
async fn lets_go() -> Result<()> {
    late().submit().detach();
    Ok(())
}

#[flow]
async fn late() -> Result<()> {
    sleep(Duration::from_millis(300)).await?;
    println!("the child has ended");
    Ok(())
}

headwater_sdk::component!();
