//! A container run step by step, as calls: pull, create, start, wait, fetch its lines, remove it.
//!
//! Everything is submitted before anything is awaited: so the lines are fetched and the container is removed also when it failed.

use headwater_sdk::prelude::*;

/// How the container ended.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its exit code.
    pub status_code: i64,
    /// What it wrote.
    pub lines: Vec<String>,
}

/// Shows what the container wrote. It runs also when that could not be fetched, and then has nothing to show.
#[task]
fn show(logs: Option<String>) -> Result<()> {
    match logs {
        Some(logs) => logs.lines().for_each(|line| println!("the container wrote: {line}")),
        None => println!("the container's lines could not be fetched"),
    }
    Ok(())
}

/// Runs a container of `image` that ends with `exit_code`.
#[flow]
async fn docker_sidecar(#[default("python:3.9-slim")] image: String, #[default(0)] exit_code: u8) -> Result<Outcome> {
    let (repository, tag) = parted(&image);
    let program = format!("print('Hello from a sidecar container'); raise SystemExit({exit_code})");

    let image = docker::pull_image(repository, tag).submit();
    let container =
        docker::create_container(&image).command(vec!["python3".to_owned(), "-c".to_owned(), program]).submit();
    let started = docker::start_container(&container).submit();
    // Once the container has started, wait until it has ended.
    let status_code = docker::wait_on_container(&container).after(&started).submit();
    // Its lines are wanted and it is to go whatever became of it, and of us.
    let logs = docker::get_container_logs(&container).after(&status_code).trigger(Trigger::AlwaysRun).submit();
    let shown = show(&logs).trigger(Trigger::AlwaysRun).submit();
    let removed = docker::remove_container(&container).force(true).after(&logs).trigger(Trigger::AlwaysRun).submit();

    let status_code = status_code.await?;
    let (logs, (), ()) = try_join!(logs, shown, removed)?;
    Ok(Outcome { status_code, lines: logs.lines().map(str::to_owned).collect() })
}

/// Repository and tag of an image's reference; a colon before a slash belongs to a registry's port.
fn parted(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (image, "latest"),
    }
}

headwater_sdk::component!();

#[cfg(test)]
mod tests;
