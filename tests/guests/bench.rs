//! What `tests/bench` measures: the smallest tasks, and flows of many of them. None says anything: the price is the engine's.

use headwater_sdk::prelude::*;

/// The next number.
#[task]
fn next(number: u64) -> Result<u64> {
    Ok(number + 1)
}

/// The same text.
#[task]
fn echo(text: String) -> Result<String> {
    Ok(text)
}

/// Never comes back.
#[task]
fn endless() -> Result<u64> {
    let mut number = 0_u64;
    loop {
        number = std::hint::black_box(number.wrapping_mul(31).wrapping_add(7));
    }
}

/// A program of the image that the run is in.
#[task(program = ["/bin/true"])]
async fn program() -> Result<()>;

/// Light tasks, one after the other.
#[flow]
async fn sequence(steps: u64) -> Result<u64> {
    let mut number = 0;
    for _ in 0..steps {
        number = next(number).await?;
    }
    Ok(number)
}

/// The same with a text that is passed on and on.
#[flow]
async fn echoes(steps: u64, text: String) -> Result<()> {
    let mut text = text;
    for _ in 0..steps {
        text = echo(text).await?;
    }
    Ok(())
}

/// Light tasks one after the other, then a wait for somebody's word.
#[flow]
async fn asleep(steps: u64) -> Result<u64> {
    let mut number = 0;
    for _ in 0..steps {
        number = next(number).await?;
    }
    Ok(number + wait_for_input::<u64>("how many more?").await?)
}

/// Light tasks all at once, as one call.
#[flow]
async fn mapped(tasks: u64) -> Result<u64> {
    let numbers: Vec<u64> = (0..tasks).collect();
    let numbers = next::map(&numbers).submit();
    numbers.await.map(|numbers| numbers.len() as u64)
}

/// Light tasks all at once, each a call of its own.
#[flow]
async fn joined(tasks: u64) -> Result<u64> {
    let numbers = try_join_all((0..tasks).map(next)).await?;
    Ok(numbers.len() as u64)
}

/// Programs, one after the other.
#[flow]
async fn programs(steps: u64) -> Result<()> {
    for _ in 0..steps {
        program().await?;
    }
    Ok(())
}

headwater_sdk::component!();
