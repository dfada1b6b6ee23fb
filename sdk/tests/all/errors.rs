//! Errors: what becomes one, what it keeps on its way, and what the SDK says by itself.

use crate::{fail, work};
use headwater_sdk::prelude::*;
use headwater_sdk::testing::Kit;
use std::io;

#[task]
async fn parses(text: String) -> Result<u64> {
    Ok(text.parse()?)
}

#[task]
fn with_anyhow(what: String) -> anyhow::Result<u64> {
    use anyhow::Context;
    match what.as_str() {
        "theirs" => anyhow::bail!("any reason"),
        "io" => Err(io::Error::new(io::ErrorKind::NotFound, "no such page")).context("failed to open the book"),
        "ours" => Err(Error::terminal("for good").with_data(&7).into()),
        _ => Err(anyhow::Error::from(Error::terminal("for good").with_data(&7)).context("outside")),
    }
}

#[task]
fn with_io(kind: String) -> io::Result<()> {
    Err(io::Error::other(kind))
}

#[task]
fn panics(n: u64) -> Result<u64> {
    assert!(n > 3, "n is only {n}");
    Ok(n)
}

#[task]
fn skips(n: u64) -> Result<u64> {
    Err(Error::skip(format_args!("nothing to do for {n}")))
}

#[task]
async fn waits(n: u64) -> Result<u64> {
    std::future::pending::<()>().await;
    Ok(n)
}

#[flow]
async fn errors_of(which: u64) -> Result<u64> {
    match which {
        0 => parses("7x").await,
        1 => with_anyhow("theirs").await,
        2 => with_anyhow("io").await,
        3 => with_anyhow("ours").await,
        4 => with_anyhow("ours within").await,
        5 => with_io("broken").await.map(|()| 0),
        6 => panics(1).await,
        7 => skips(1).await,
        8 => waits(1).await,
        9 => work("downstream", skips(1).submit()).await,
        _ => fail(10).await.map_err(|error| error.context("the tenth")),
    }
}

fn error(which: u64) -> Error {
    Kit::new().run(errors_of(which)).result.unwrap_err()
}

#[test]
fn any_error_becomes_one() {
    assert_eq!(error(0).to_string(), "invalid digit found in string");
    assert!(error(0).is_retryable());
    assert_eq!(error(1).to_string(), "any reason");
    assert_eq!(error(2).to_string(), "failed to open the book: no such page");
    assert_eq!(error(5).to_string(), "broken");
    assert_eq!(error(10).to_string(), "the tenth: no 10");
}

#[test]
fn ours_survives_another_error_type() {
    for which in [3, 4] {
        let error = error(which);
        assert!(!error.is_retryable());
        assert_eq!(error.data::<u64>(), Some(7));
    }
    assert_eq!(error(4).to_string(), "outside: for good");
}

#[test]
fn kinds_are_kept() {
    assert_eq!(error(6).kind(), FailureKind::Panicked);
    assert!(error(7).is_skip());
    assert!(error(9).is_skip());
    assert_eq!(
        error(8).message(),
        "the task waited for something that only a flow can wait for: call it in the flow and pass its result"
    );
}

#[flow]
async fn forgets() -> Result<()> {
    let forgotten = work("forgotten", 1).named("the forgotten one");
    let _unused = fail(2);
    drop(forgotten);
    log::info!("done");
    Ok(())
}

#[test]
fn a_call_that_never_ran_is_named_in_the_log() {
    let report = Kit::new().run(forgets());
    report.result.unwrap();
    let lines: Vec<(&str, &str)> = report.log.iter().map(|line| (line.level.as_str(), line.message.as_str())).collect();
    assert_eq!(
        lines,
        [
            ("warn", "the call of `the forgotten one` was dropped and never ran: `.await` or `.submit()` it"),
            ("info", "done"),
            ("warn", "the call of `fail` was dropped and never ran: `.await` or `.submit()` it"),
        ]
    );
}

#[task(image = "busybox")]
async fn in_image(n: u64) -> Result<u64>;

#[flow]
async fn not_faked() -> Result<u64> {
    in_image(1).await
}

#[test]
fn the_kit_says_what_it_lacks() {
    let error = Kit::new().run(not_faked()).result.unwrap_err();
    assert_eq!(
        error.message(),
        "the test kit has no answer for `in_image`: give one with `.fake(in_image::TASK, |(..)| Ok(..))`"
    );
}

#[flow]
async fn onwards(number: u64, word: Option<String>) -> Result<u64> {
    let word = word.ok_or_else(|| Error::terminal("no word"))?;
    onwards::again(number + 1, Some(format!("{word}!")))
}

#[test]
fn going_on_as_new_carries_the_parameters_through_any_error() {
    let expected = r#"{"$again":{"flow":"onwards","parameters":{"number":8,"word":"a!"}}}"#;
    let again = || onwards::again::<u64>(8, Some("a!".to_owned())).unwrap_err();
    let through_anyhow = Error::wrap(anyhow::Error::from(again()).context("outside"));
    for error in [again(), again().context("outside"), through_anyhow] {
        assert!(!error.is_retryable());
        assert_eq!(error.data::<serde_json::Value>().unwrap().to_string(), expected);
    }
    let report = Kit::new().run(onwards(7, Some("a".to_owned())));
    let endless = "the flow went on as new 1000 times: end the run with `.cancelled_at(..)`";
    assert_eq!((report.error().message(), report.chapters.len()), (endless, 1_000));
}
