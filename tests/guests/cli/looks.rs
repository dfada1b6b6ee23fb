//! Flows to look at: tables and texts that they leave, how far they are, chapters.

use headwater_sdk::prelude::*;

/// A row of a table.
#[value]
#[derive(Debug, Clone)]
pub struct Total {
    /// Where.
    pub region: String,
    /// How many.
    pub orders: u64,
    /// Of what, if it is known.
    pub best: Option<String>,
}

/// What a report leaves to be looked at.
#[value]
#[derive(Debug, Clone)]
pub struct Report {
    /// A table.
    pub totals: Artifact,
    /// A text.
    pub summary: Artifact,
}

#[task]
fn total(region: String, orders: u64) -> Result<Total> {
    let best = (orders > 1).then(|| format!("{region}'s best"));
    Ok(Total { region, orders, best })
}

#[task]
fn write_up(totals: Vec<Total>) -> Result<Report> {
    let orders: u64 = totals.iter().map(|total| total.orders).sum();
    let summary = Artifact::markdown("summary", format!("# Orders\n\n{orders} in all\n"))?;
    Ok(Report { totals: Artifact::table("totals", totals)?, summary })
}

#[task]
fn keep(name: String, bytes: u64) -> Result<Artifact> {
    Artifact::write(name, "application/octet-stream", &vec![0; bytes as usize])
}

/// A value that is too large for the journal.
#[task]
fn large(letters: u64) -> Result<String> {
    Ok("x".repeat(letters as usize))
}

/// Leaves a table, a text, a file with a way in its name, and a large value.
#[flow]
async fn reports() -> Result<Report> {
    let totals = try_join!(total("north", 3), total("south", 1))?;
    let report = write_up([totals.0, totals.1]).await?;
    keep("../away/zeros.bin", 100).await?;
    large(40_000).await?;
    Ok(report)
}

/// How far a task is.
#[value]
#[derive(Debug, Clone)]
pub struct Steps {
    /// So many.
    pub done: u64,
    /// Of so many.
    pub of: u64,
}

/// Says how far it is, and then waits for nobody.
#[task]
fn works(steps: u64) -> Result<u64> {
    for done in 0..=steps {
        heartbeat(&Steps { done, of: steps });
    }
    Ok(steps)
}

/// Says how far it is again and again, until it is cancelled.
#[task]
fn works_for_ever() -> Result<()> {
    for round in 0_u64.. {
        heartbeat(&0.25);
        std::hint::black_box(round);
    }
    Ok(())
}

/// One task that says how far it is a hundred thousand times.
#[flow]
async fn busy() -> Result<u64> {
    works(100_000).await
}

/// One task that never comes to an end.
#[flow]
async fn busy_for_ever() -> Result<()> {
    works_for_ever().await
}

#[task]
fn add(to: u64) -> Result<u64> {
    println!("{}", to + 1);
    Ok(to + 1)
}

/// Counts, so many a chapter, and asks before it goes on from one number.
#[flow]
async fn counts(
    #[default(0)] from: u64,
    #[default(1_000)] up_to: u64,
    #[default(100)] in_a_chapter: u64,
    ask_at: Option<u64>,
) -> Result<u64> {
    log::info!("from {from}");
    let mut count = from;
    while count < up_to {
        if count > from && count.is_multiple_of(in_a_chapter) {
            return counts::again(count, up_to, in_a_chapter, ask_at);
        }
        if ask_at == Some(count) {
            wait_for_input::<()>("shall it go on?").await?;
        }
        count = add(count).await?;
    }
    Ok(count)
}

/// Returns what another flow would go on with.
#[flow]
async fn mixes_up() -> Result<u64> {
    counts::again(0, 1, 1, None)
}

/// Goes on as new below a call: that is the child's affair.
#[flow]
async fn counts_below() -> Result<u64> {
    counts(0, 20, 10, None).await
}

/// Nothing.
#[flow]
async fn below(number: u32) -> Result<u32> {
    Ok(number)
}

/// A flow run for each of many.
#[flow]
async fn many_below() -> Result<u32> {
    Ok(below::map((0..450).collect::<Vec<u32>>()).await?.into_iter().sum())
}

headwater_sdk::component!();
