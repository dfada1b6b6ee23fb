//! Measures what the design promises, each number beside what a bare program reaches in the same run (`ceiling`). Run by `tests/bench`.
//!
//! Each group of rows has a process of its own, so that none is measured in the memory that another left behind. The process is this
//! program again: as the engine's it is also what the engine starts in containers.

mod asleep;
mod ceiling;
mod containers;
mod edit;
mod fan_out;
mod journals;
mod python;
mod row;
mod sandbox;
mod sizes;
mod start;
mod steps;
mod world;

use anyhow::{Context as _, Result, bail, ensure};
use row::Row;
use std::{
    io::Write as _,
    process::{Command, ExitCode, Stdio},
};

/// The groups, in the order in which they are shown.
const GROUPS: [&str; 13] = [
    "task",
    "sequence",
    "many",
    "journals",
    "start",
    "replay",
    "containers",
    "asleep",
    "neighbour",
    "fan-out",
    "edit",
    "python",
    "sizes",
];

/// What is wanted of this process.
#[derive(Default)]
struct Arguments {
    json: bool,
    /// Numbers that take long are made a tenth: to try a change, not to report.
    quick: bool,
    only: Vec<String>,
    /// One group, here.
    group: Option<String>,
    /// The bare program of a group.
    bare: Vec<String>,
}

fn main() -> ExitCode {
    if let Some(code) = headwater::runner::main_if_asked() {
        return code;
    }
    match run() {
        Ok(all_met) => ExitCode::from(u8::from(!all_met)),
        Err(error) => {
            // Nobody is left to hear that standard error is closed.
            let _ = writeln!(std::io::stderr(), "bench: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool> {
    let arguments = arguments()?;
    if let [what, rest @ ..] = arguments.bare.as_slice() {
        return bare(what, rest).map(|()| true);
    }
    if let Some(group) = &arguments.group {
        let rows = runtime()?.block_on(measure(group, arguments.quick))?;
        say(&serde_json::to_string(&rows)?)?;
        return Ok(true);
    }
    let mut all = Vec::new();
    for group in GROUPS.iter().filter(|group| arguments.only.is_empty() || arguments.only.iter().any(|o| o == *group)) {
        let rows = in_a_process(group, arguments.quick);
        let rows = rows.unwrap_or_else(|error| vec![Row::skipped(*group, format!("{error:#}"))]);
        if !arguments.json {
            say(row::table(&rows).trim_end())?;
        }
        all.extend(rows);
    }
    if arguments.json {
        say(&serde_json::to_string_pretty(&all)?)?;
    }
    Ok(all.iter().all(|row| row.met != Some(false)))
}

fn arguments() -> Result<Arguments> {
    let mut arguments = Arguments::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => arguments.json = true,
            "--quick" => arguments.quick = true,
            "--only" => arguments.only.push(words.next().context("`--only` wants a group")?),
            "--group" => arguments.group = Some(words.next().context("`--group` wants a group")?),
            "--bare" => arguments.bare = words.by_ref().collect(),
            // What cargo adds.
            "--bench" => {}
            other => bail!("`{other}` is unknown: --json, --quick, --only {}", GROUPS.join("|")),
        }
    }
    Ok(arguments)
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

fn say(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

async fn measure(group: &str, quick: bool) -> Result<Vec<Row>> {
    match group {
        "task" => sandbox::task().await,
        "sequence" => steps::sequence(quick).await,
        "many" => steps::many(quick).await,
        "journals" => journals::journals(quick).await,
        "start" => start::start().await,
        "replay" => steps::replay(quick).await,
        "containers" => containers::containers().await,
        "asleep" => asleep::asleep(quick).await,
        "neighbour" => sandbox::neighbour().await,
        "fan-out" => fan_out::fan_out(quick),
        "edit" => edit::edit(quick),
        "python" => python::python(quick).await,
        "sizes" => sizes::sizes(),
        other => bail!("there is no group `{other}`"),
    }
}

fn bare(what: &str, rest: &[String]) -> Result<()> {
    match (what, rest) {
        ("start", [compiled]) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            start::bare(&runtime, compiled.as_ref())
        }
        ("fan-out", [how, tasks]) => {
            let fanned = runtime()?.block_on(fan_out::measure(how, tasks.parse()?))?;
            say(&serde_json::to_string(&fanned)?)
        }
        _ => bail!("there is no bare program `{what}`"),
    }
}

fn in_a_process(group: &str, quick: bool) -> Result<Vec<Row>> {
    let mut arguments = vec!["--group", group];
    arguments.extend(quick.then_some("--quick"));
    let text = of_this_program(&arguments)?;
    Ok(serde_json::from_str(&text)?)
}

/// What this program says when it is started with these arguments.
fn of_this_program(arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(std::env::current_exe()?);
    let output = command.args(arguments).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "measuring `{}` ended with {}", arguments.join(" "), output.status);
    Ok(String::from_utf8(output.stdout)?)
}
