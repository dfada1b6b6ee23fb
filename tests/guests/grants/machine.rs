//! Tasks that ask for a variable, for the machine's clock and randomness, and for nothing of it.

use headwater_sdk::prelude::*;
use std::{
    hash::{BuildHasher as _, RandomState},
    time::{Instant, SystemTime},
};

/// Everything that it sees of the environment.
fn environment() -> Vec<String> {
    std::env::vars().map(|(name, value)| format!("{name}={value}")).collect()
}

#[task(env = ["GREETING", "PLACE"])]
fn read_two() -> Result<Vec<String>> {
    Ok(environment())
}

#[task(env = "GREETING")]
fn read_one() -> Result<Vec<String>> {
    Ok(environment())
}

#[task]
fn read_none() -> Result<Vec<String>> {
    Ok(environment())
}

/// Reads a variable and keeps it to itself.
#[task(env = "GREETING")]
fn measure() -> Result<u64> {
    Ok(environment().iter().map(|line| line.len() as u64).sum())
}

/// Milliseconds since 1970, how long a nap of 50 ms was, and a number.
#[task(clock = true, cache_for = "ever")]
fn look() -> Result<(u64, u64, u64)> {
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(50));
    let slept = start.elapsed().as_millis() as u64;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(Error::terminal)?;
    Ok((now.as_millis() as u64, slept, wasip2::random::random::get_random_u64()))
}

/// Asks for the clock, and does not look at it.
#[task(clock = true)]
fn stay() -> Result<u64> {
    Ok(RandomState::new().hash_one("x"))
}

#[flow]
async fn variables() -> Result<(Vec<String>, Vec<String>, Vec<String>)> {
    Ok((read_two().await?, read_one().await?, read_none().await?))
}

#[flow]
async fn length() -> Result<u64> {
    measure().await
}

/// Nothing of a variable, and nothing of what else is asked for.
#[flow]
async fn none() -> Result<Vec<String>> {
    read_none().await
}

/// Reads a variable once somebody has answered.
#[flow]
async fn waits() -> Result<u64> {
    wait_for_input::<()>("may it go on?").await?;
    measure().await
}

#[flow]
async fn clocks() -> Result<((u64, u64, u64), (u64, u64, u64))> {
    stay().await?;
    Ok((look().await?, look().await?))
}

headwater_sdk::component!();
