//! Keys, polls, and what becomes of branches that lose.

use crate::{fail, work};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use headwater_sdk::prelude::*;
use headwater_sdk::testing::{Kit, Report};

fn keys<T>(report: &Report<T>) -> Vec<(&str, &str)> {
    report
        .calls
        .iter()
        .map(|call| (call.input.first().map_or("", |(_, json)| json.as_str()), call.key.as_str()))
        .collect()
}

#[flow]
async fn join_many(n: u64) -> Result<u64> {
    let all: Result<Vec<u64>> = join_all((0..n).map(|i| work("j", i))).await.into_iter().collect();
    Ok(all?.into_iter().sum())
}

#[test]
fn a_join_of_n_polls_its_leaves_twice_each() {
    for n in [1, 100, 100_000] {
        let report = Kit::new().run(join_many(n));
        assert_eq!(report.result.unwrap(), n * (n - 1) / 2);
        assert_eq!(report.leaf_polls, 2 * n);
    }
}

#[flow]
async fn nested_joins() -> Result<u64> {
    let row = |i: u64| async move { try_join_all((0..10).map(|k| work("x", i * 10 + k))).await };
    let rows = try_join_all((0..10).map(row)).await?;
    Ok(rows.into_iter().flatten().sum())
}

#[test]
fn joins_within_joins_poll_no_more() {
    let report = Kit::new().run(nested_joins());
    assert_eq!(report.result.unwrap(), 4950);
    assert_eq!(report.leaf_polls, 200);
}

#[flow]
async fn two_chains() -> Result<u64> {
    let chain = |name: &'static str, n: u64| async move {
        let mut sum = 0;
        for i in 0..n {
            sum += work(name, i).await?;
        }
        Ok::<u64, Error>(sum)
    };
    let (one, other) = try_join!(chain("a", 2), chain("b", 3))?;
    work("last", one + other).await
}

#[test]
fn keys_do_not_depend_on_the_order_of_ends() {
    let even = Kit::new().run(two_chains());
    let slow = Kit::new()
        .fake(work::TASK, |(_, n): (String, u64)| Ok(n))
        .takes(work::TASK, Duration::from_secs(1))
        .run(two_chains());
    let mut expected = vec![
        ("\"a\"", "0.0.0"),
        ("\"a\"", "0.0.1"),
        ("\"b\"", "0.1.0"),
        ("\"b\"", "0.1.1"),
        ("\"b\"", "0.1.2"),
        ("\"last\"", "1"),
    ];
    for report in [&even, &slow] {
        let mut keys = keys(report);
        keys.sort_unstable();
        expected.sort_unstable();
        assert_eq!(keys, expected);
    }
}

#[flow]
async fn uneven(slow_first: bool) -> Result<u64> {
    let wait = |long: bool| sleep(Duration::from_secs(if long { 2 } else { 1 }));
    let (one, other) = try_join!(
        async {
            wait(slow_first).await?;
            work("a", 1).await
        },
        async {
            wait(!slow_first).await?;
            work("b", 2).await
        }
    )?;
    Ok(one + other)
}

#[test]
fn ends_in_another_order_leave_the_keys() {
    let work_keys = |report: &Report<u64>| {
        let mut keys: Vec<(String, String)> =
            keys(report).iter().map(|(name, key)| ((*name).to_owned(), (*key).to_owned())).collect();
        keys.sort_unstable();
        keys
    };
    let (one, other) = (Kit::new().run(uneven(true)), Kit::new().run(uneven(false)));
    assert_eq!(work_keys(&one), work_keys(&other));
    assert_ne!(one.calls, other.calls, "the order of the calls does differ");
}

#[flow]
async fn race() -> Result<String> {
    let kept = work("kept", 1).submit();
    let said = select! {
        many = async { join_all((0..3).map(|i| work("slow", i))).await.len() } => format!("join of {many}"),
        _ = sleep(Duration::from_secs(1)) => "timer".to_owned(),
        kept = &kept => format!("kept {}", kept?),
    };
    (&kept).await?;
    Ok(said)
}

#[test]
fn losers_are_cancelled_and_handles_go_on() {
    let report = Kit::new().takes(work::TASK, Duration::from_secs(3)).run(race());
    assert_eq!(report.result.unwrap(), "timer");
    let mut cancelled = report.cancelled;
    cancelled.sort_unstable();
    assert_eq!(cancelled, [1, 2, 3], "the three of the join, and not the handle");
}

#[flow]
async fn biased() -> Result<u64> {
    let (one, other) = (work("one", 1).submit(), work("other", 2).submit());
    sleep(Duration::from_secs(1)).await?;
    select! {
        n = &other => n,
        n = &one => n,
    }
}

#[test]
fn of_several_that_have_ended_the_first_written_wins() {
    assert_eq!(Kit::new().run(biased()).result.unwrap(), 2);
}

#[flow]
async fn dropped_handle() -> Result<()> {
    work("spawned", 1).submit();
    let detached = work("detached", 2).submit();
    detached.detach();
    let cancelled = work("cancelled", 3).submit();
    cancelled.cancel();
    assert_eq!(cancelled.await.unwrap_err().kind(), FailureKind::Cancelled);
    Ok(())
}

#[test]
fn a_dropped_handle_goes_on() {
    let report = Kit::new().takes(work::TASK, Duration::from_secs(1)).run(dropped_handle());
    report.result.unwrap();
    // What is detached and no flow run is cancelled when the run ends.
    assert_eq!(report.cancelled, [2, 1]);
    assert_eq!(report.detached, [1]);
}

#[flow]
async fn first_error() -> Result<u64> {
    let branch = |i: u64| async move { if i == 1 { fail(i).await } else { work("w", i).await } };
    Ok(try_join_all((0..4).map(branch)).await?.into_iter().sum())
}

#[test]
fn try_join_stops_at_the_first_error() {
    let report = Kit::new().takes(work::TASK, Duration::from_secs(1)).run(first_error());
    let error = report.result.unwrap_err();
    assert_eq!(error.message(), "no 1");
    assert_eq!(report.cancelled.len(), 3);
    assert_eq!(report.elapsed, Duration::ZERO);
}

#[flow]
async fn in_time(limit_s: u64) -> Result<u64> {
    timeout(Duration::from_secs(limit_s), work("w", 5)).await?
}

#[test]
fn a_timeout_cancels_what_it_waited_for() {
    let run = |limit_s: u64| Kit::new().takes(work::TASK, Duration::from_secs(2)).run(in_time(limit_s));
    assert_eq!(run(3).result.unwrap(), 5);
    let late = run(1);
    assert_eq!(late.result.unwrap_err().kind(), FailureKind::TimedOut);
    assert_eq!(late.elapsed, Duration::from_secs(1));
    assert_eq!(late.cancelled.len(), 1);
}

#[flow]
async fn foreign_combinators(n: u64) -> Result<u64> {
    let row = |i: u64| async move { try_join_all((0..n).map(|k| work("x", i * n + k))).await };
    let mut rows: FuturesUnordered<_> = (0..n).map(row).collect();
    let theirs = async {
        let mut sum = 0;
        while let Some(row) = rows.next().await {
            sum += row?.into_iter().sum::<u64>();
        }
        Ok::<u64, Error>(sum)
    };
    let (sum, one) = try_join!(theirs, work("side", 1))?;
    let (a, b) = futures_util::future::join(work("a", 1), work("b", 2)).await;
    Ok(sum + one + a? + b?)
}

#[test]
fn combinators_from_elsewhere_work() {
    assert_eq!(Kit::new().run(foreign_combinators(5)).result.unwrap(), 300 + 1 + 3);
}

#[flow]
async fn shared_handle() -> Result<u64> {
    let handle = work("h", 4).submit();
    let (a, b, c) = try_join!(&handle, async { (&handle).await }, work("x", 1))?;
    Ok(a + b + c)
}

#[test]
fn several_strands_wait_for_one_handle() {
    assert_eq!(Kit::new().takes(work::TASK, Duration::from_secs(1)).run(shared_handle()).result.unwrap(), 9);
}

#[flow]
async fn many_races() -> Result<u64> {
    let mut sum = 0;
    for round in 0..4 {
        sum += select! {
            n = async { join_all((0..5).map(|i| work("slow", i))).await.len() as u64 } => n,
            _ = async { join_all((0..3).map(|i| work("slow", i))).await } => 100,
            done = sleep(Duration::from_millis(round)) => { done?; 1 },
        };
        let pair = try_join!(sleep(Duration::from_millis(1)), sleep(Duration::from_millis(2)))?;
        assert_eq!(pair, ((), ()));
    }
    Ok(sum)
}

#[test]
fn late_ends_of_losers_wake_nobody() {
    let report = Kit::new().takes(work::TASK, Duration::from_secs(1)).run(many_races());
    assert_eq!(report.result.unwrap(), 4);
    assert_eq!(report.cancelled.len(), 4 * 8);
}

#[flow]
async fn late_submit() -> Result<u64> {
    let mut call = work("w", 7);
    let first = select! {
        n = &mut call => n?,
        _ = sleep(Duration::from_millis(1)) => 0,
    };
    let handle = call.submit();
    Ok(first + handle.await?)
}

#[test]
fn a_call_that_runs_can_be_submitted_and_is_not_made_twice() {
    let report = Kit::new().takes(work::TASK, Duration::from_secs(1)).run(late_submit());
    assert_eq!(report.result.unwrap(), 7);
    assert_eq!(report.calls.len(), 2);
    assert!(report.cancelled.is_empty());
}

#[flow]
async fn empty_joins() -> Result<usize> {
    let none: [headwater_sdk::call::Call<u64>; 0] = [];
    Ok(join_all(none).await.len())
}

#[test]
fn a_join_of_nothing_ends_at_once() {
    assert_eq!(Kit::new().run(empty_joins()).result.unwrap(), 0);
}

#[flow]
async fn waits_for_ever() -> Result<()> {
    std::future::pending::<()>().await;
    Ok(())
}

#[test]
fn a_flow_that_waits_for_nothing_says_so() {
    let error = Kit::new().run(waits_for_ever()).result.unwrap_err();
    assert_eq!(error.message(), "the flow waits although no call is open: it waits for nothing");
}
