//! What calls had seen: the edges of the run graph that no argument shows.

use crate::work;
use headwater_sdk::prelude::*;
use headwater_sdk::testing::{Kit, Report};

/// Each call's first argument, and the first arguments of the calls it had seen.
fn seen<T>(report: &Report<T>) -> Vec<String> {
    let name = |call: &u32| report.calls[*call as usize].input[0].1.trim_matches('"').to_owned();
    (0..report.calls.len() as u32)
        .map(|call| {
            let seen: Vec<String> = report.calls[call as usize].seen.iter().map(name).collect();
            format!("{} <- {}", name(&call), seen.join(" "))
        })
        .collect()
}

#[flow]
async fn frontier() -> Result<()> {
    work("a", 0).await?;
    let (c, d) = (work("c", 0).submit(), work("d", 0).submit());
    d.await?;
    work("after d", 0).await?;
    c.await?;
    work("after both", 0).await?;
    Ok(())
}

#[test]
fn an_end_takes_the_place_of_what_its_call_had_seen() {
    let report = Kit::new().run(frontier());
    report.result.as_ref().unwrap();
    assert_eq!(seen(&report), ["a <- ", "c <- a", "d <- a", "after d <- d", "after both <- c after d"]);
}

#[flow]
async fn strands() -> Result<()> {
    work("before", 0).await?;
    let branch = |name: &'static str| async move {
        work(name, 0).await?;
        work(name, 1).await
    };
    try_join!(branch("a"), branch("b"))?;
    work("after", 0).await?;
    Ok(())
}

#[test]
fn a_strand_begins_with_its_parents_and_a_join_has_the_branches() {
    let report = Kit::new().run(strands());
    report.result.as_ref().unwrap();
    assert_eq!(seen(&report), ["before <- ", "a <- before", "b <- before", "a <- a", "b <- b", "after <- a b"]);
    assert_eq!(report.calls[5].seen, [3, 4]);
}

#[flow]
async fn winner() -> Result<()> {
    let slow = work("handle", 0).submit();
    select! {
        _ = async { sleep(Duration::from_secs(1)).await?; work("loser", 0).await } => {},
        n = &slow => { n?; },
    }
    work("after", 0).await?;
    Ok(())
}

#[test]
fn after_a_select_the_winner_counts() {
    let report = Kit::new().run(winner());
    report.result.unwrap();
    assert_eq!(report.calls.last().unwrap().seen, [0]);
}

#[flow]
async fn through_arguments() -> Result<()> {
    let h = work("h", 0).submit();
    let g = work("g", &h).submit();
    g.await?;
    h.await?;
    work("after", 0).await?;
    Ok(())
}

#[test]
fn what_follows_through_an_argument_is_not_named_twice() {
    let report = Kit::new().run(through_arguments());
    report.result.as_ref().unwrap();
    assert_eq!(seen(&report).last().unwrap(), "after <- g");
}

#[flow]
async fn twice() -> Result<()> {
    let (one, other) = (work("one", 0).submit(), work("other", 0).submit());
    (&one).await?;
    (&other).await?;
    (&other).await?;
    (&one).await?;
    work("after", 0).await?;
    Ok(())
}

#[test]
fn an_end_seen_twice_counts_once() {
    let report = Kit::new().run(twice());
    report.result.as_ref().unwrap();
    assert_eq!(seen(&report).last().unwrap(), "after <- one other");
}

#[flow]
async fn two_fan_outs(n: u64) -> Result<u64> {
    let first = try_join_all((0..n).map(|i| work("first", i))).await?;
    let second = try_join_all(first.iter().map(|i| work("second", *i))).await?;
    Ok(second.into_iter().sum())
}

#[test]
fn a_fan_out_after_a_fan_out_names_the_same() {
    let report = Kit::new().run(two_fan_outs(50));
    assert_eq!(report.result.unwrap(), 1225);
    let (first, second) = report.calls.split_at(50);
    assert!(first.iter().all(|call| call.seen.is_empty() && call.same_as.is_none()));
    assert_eq!(second[0].seen, (0..50).collect::<Vec<u32>>());
    assert_eq!(second[0].same_as, None);
    assert!(second[1..].iter().all(|call| call.same_as == Some(50)));
}

#[flow]
async fn one_by_one(n: u64) -> Result<()> {
    let handles: Vec<_> = (0..n).map(|i| work("h", i).submit()).collect();
    for handle in &handles {
        handle.await?;
    }
    work("after", 0).await?;
    Ok(())
}

#[test]
fn a_row_of_handles_is_seen_whole() {
    let report = Kit::new().run(one_by_one(50_000));
    report.result.unwrap();
    assert_eq!(report.calls.last().unwrap().seen.len(), 50_000);
}
