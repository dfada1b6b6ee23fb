//! A flow of 300 calls of all kinds, for owners that are killed: whatever happens on the way, its result is the same.
//!
//! What acts leaves a line outside: in the granted folder, in a file beside the owner, or in its own output with a token of its own, so
//! that a test sees how often it was really done.

use headwater_sdk::prelude::*;
use std::{fs::OpenOptions, io::Write as _};

/// What the flow found: the same in every run.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Of the light tasks.
    pub total: u64,
    /// Of everything else, in the order of the code.
    pub words: Vec<String>,
}

#[task]
fn mix(a: u64, b: u64) -> Result<u64> {
    println!("mixing {a} and {b}");
    Ok((a * 31 + b) % 1_000_003)
}

/// Its first attempt fails.
#[task(retries = 2, retry_delay = "20ms")]
fn flaky(n: u64) -> Result<u64> {
    let attempt = this_attempt().number;
    println!("attempt {attempt} of {n}");
    if attempt == 1 { Err(Error::new(format_args!("the first attempt of {n} fails"))) } else { Ok(n) }
}

fn append(what: &str, word: &str) -> Result<()> {
    let attempt = this_attempt();
    let mut file = OpenOptions::new().create(true).append(true).open("/data/notes")?;
    file.write_all(format!("{what} {word} {} {}\n", attempt.number, attempt.idempotency_key).as_bytes())?;
    Ok(())
}

/// Leaves a line in the granted folder.
#[task(dir_rw = "/data")]
fn note(word: String) -> Result<String> {
    append("note", &word)?;
    println!("noted {word}");
    Ok(format!("note of {word}"))
}

/// The same, at most once.
#[task(dir_rw = "/data", on_crash = "fail")]
fn once(word: String) -> Result<()> {
    append("once", &word)
}

/// A program beside the owner.
#[task(program = [
    "sh", "-c",
    "echo \"local $0 $HEADWATER_IDEMPOTENCY_KEY\" >> \"$1\"; echo \"at work on $0\"; sleep 0.1; echo \"local $0\"",
    "{word}", "{file}"
])]
async fn local(word: String, file: String) -> Result<String>;

/// The same, at most once.
#[task(on_crash = "fail", program = [
    "sh", "-c", "echo \"local-once $0 $HEADWATER_IDEMPOTENCY_KEY\" >> \"$1\"; sleep 0.05; echo null", "{word}", "{file}"
])]
async fn local_once(word: String, file: String) -> Result<()>;

/// A program of the container that the flow run is in.
#[task(program = [
    "sh", "-c",
    "echo \"token $(cat /proc/sys/kernel/random/uuid)\"; echo \"inside for $0\"; sleep 0.2; echo \"inside $0\"", "{word}"
])]
async fn inside(word: String) -> Result<String>;

/// An image task.
#[task(image = "debian", command = [
    "sh", "-c",
    "echo \"token $(cat /proc/sys/kernel/random/uuid)\"; echo \"boxing $0\"; sleep 0.3; echo \"boxed $0\"", "{word}"
])]
async fn boxed(word: String) -> Result<String>;

/// A child of five calls.
#[flow]
async fn leaf(n: u64) -> Result<u64> {
    println!("leaf {n}");
    let one = mix(n, 1).submit();
    let other = mix(n, 2).submit();
    let (sum, word) = try_join!(mix(&one, &other), note(format!("leaf-{n}")))?;
    sleep(Duration::from_millis(20 + n * 5)).await?;
    Ok(sum + word.len() as u64)
}

/// A child of five calls, four of them programs of its container.
#[flow]
async fn contained(word: String) -> Result<Vec<String>> {
    println!("contained {word}");
    let (one, other) = try_join!(inside(format!("{word}-1")), inside(format!("{word}-2")))?;
    let third = inside(format!("{word}-3")).await?;
    let fourth = inside(format!("{word}-4")).await?;
    mix(third.len() as u64, fourth.len() as u64).await?;
    Ok(vec![one, other, third, fourth])
}

/// 19 calls and a question now and then.
async fn round(n: u64, file: &str) -> Result<(u64, Vec<String>)> {
    let mixed = try_join_all((0..14).map(|i| mix(n, i)));
    let noted = try_join_all((0..2).map(|i| note(format!("round-{n}-{i}"))));
    let (mixed, noted, local, flaky, ()) =
        try_join!(mixed, noted, local(format!("round-{n}"), file), flaky(n), sleep(Duration::from_millis(30)),)?;
    let mut words = noted;
    words.push(local);
    if n % 3 == 1 {
        words.push(wait_for_input::<String>(format!("what of round {n}?")).await?);
    }
    Ok((mixed.iter().sum::<u64>() + flaky, words))
}

async fn rounds(file: &str) -> Result<(u64, Vec<String>)> {
    let (mut total, mut words) = (0, Vec::new());
    for n in 0..8 {
        let (sum, more) = round(n, file).await?;
        total = mix(total % 1_000_003, sum % 1_000_003).await?;
        words.extend(more);
        println!("round {n} is over");
    }
    Ok((total, words))
}

async fn leaves() -> Result<u64> {
    let mut total = 0;
    for pair in 0..4 {
        let (one, other) = try_join!(leaf(2 * pair), leaf(2 * pair + 1))?;
        total += one + other;
    }
    Ok(total)
}

async fn boxes(image: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    for n in 0..3 {
        let (one, other) = try_join!(boxed(format!("box-{n}")).image(image), boxed(format!("crate-{n}")).image(image))?;
        words.extend([one, other]);
    }
    Ok(words)
}

async fn children_in_containers(image: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    for n in 0..3 {
        words.extend(contained(format!("child-{n}")).run_config(Docker::image(image)).await?);
    }
    Ok(words)
}

/// Six calls each.
async fn sidecars(image: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    for n in 0..3 {
        let container =
            docker::create_container(image).shell(format!("echo side {n}; sleep 0.4; echo end {n}")).submit();
        let started = docker::start_container(&container).submit();
        let code = docker::wait_on_container(&container).after(&started).submit();
        let logs = docker::get_container_logs(&container).after(&code).trigger(Trigger::AlwaysRun).submit();
        let removed =
            docker::remove_container(&container).force(true).after(&logs).trigger(Trigger::AlwaysRun).submit();
        let (code, logs, ()) = try_join!(code, logs, removed)?;
        words.push(format!("{code} {}", logs.replace('\n', " ").trim()));
        mix(n, 7).await?;
    }
    Ok(words)
}

/// What is done at most once may be lost; the result does not depend on it.
async fn at_most_once(file: &str) -> Result<Vec<String>> {
    for n in 0..8 {
        drop(once(format!("once-{n}")).await);
        drop(local_once(format!("once-{n}"), file).await);
    }
    Ok(Vec::new())
}

async fn maps() -> Result<(u64, Vec<String>)> {
    let mixed = mix::map((0..20).collect::<Vec<u64>>(), 3).await?;
    let noted = note::map((0..10).map(|n| format!("map-{n}")).collect::<Vec<_>>()).max_in_flight(3).await?;
    let failed = flaky::map(vec![100, 101]).retries(0).settle().await?;
    let failures = failed.iter().filter(|outcome| outcome.is_err()).count();
    Ok((mixed.iter().sum::<u64>() + failures as u64, noted))
}

/// Everything at once.
#[flow]
async fn kills(image: String, file: String) -> Result<Found> {
    println!("everything begins");
    let (rounds, leaves, boxes, contained, sidecars, maps, once) = try_join!(
        rounds(&file),
        leaves(),
        boxes(&image),
        children_in_containers(&image),
        sidecars(&image),
        maps(),
        at_most_once(&file),
    )?;
    println!("everything is over");
    let words = [rounds.1, boxes, contained, sidecars, maps.1, once].concat();
    Ok(Found { total: rounds.0 + leaves + maps.0, words })
}

/// A little of what runs in containers.
#[flow]
async fn places(image: String) -> Result<Vec<String>> {
    println!("places begin");
    let boxed = boxed("one").image(&image).await?;
    let contained = contained("two").run_config(Docker::image(&image)).await?;
    Ok([vec![boxed], contained].concat())
}

/// A little of everything that needs no container, for a kill at each event.
#[flow]
async fn steps(file: String) -> Result<Found> {
    println!("first step");
    let one = mix(1, 2).await?;
    let (word, local, leaf, flaky) = try_join!(note("step"), local("step", &file), leaf(one), flaky(5))?;
    println!("second step");
    sleep(Duration::from_millis(10)).await?;
    let answer = wait_for_input::<String>("how on?").await?;
    let noted = note::map(vec!["a", "b", "c"]).await?;
    once("last").await.ok();
    Ok(Found { total: one + leaf + flaky, words: [vec![word, local, answer], noted].concat() })
}

headwater_sdk::component!();
