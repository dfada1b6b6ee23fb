//! `headwater doctor`: what is there, what is missing, and what to do about it. It changes nothing but a file in the store's folder.

use super::{
    error::CliError,
    printer::{BAD, GOOD, Printer},
    settings::Settings,
    status::Status,
    toolchain::{self, TARGET},
};
use crate::{container::Docker, store::Store};
use serde_json::json;
use std::{error::Error, path::Path, process::Command, time::Duration};

/// How long the container engine has for its answer.
const DOCKER_ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    ok: bool,
    /// What was found, or why not.
    detail: String,
    /// What to do.
    hint: Option<String>,
}

impl Finding {
    fn ok(what: &'static str, detail: impl Into<String>) -> Finding {
        Finding { what, ok: true, detail: detail.into(), hint: None }
    }

    fn missing(what: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Finding {
        Finding { what, ok: false, detail: detail.into(), hint: Some(hint.into()) }
    }
}

pub(super) async fn doctor(settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let findings = [
        Finding::ok("headwater", env!("CARGO_PKG_VERSION")),
        store(settings.home()),
        version("rustup", "rustup is only needed where the active toolchain has no wasm target"),
        version("cargo", "install Rust: without it, `run` takes built components only"),
        target(),
        docker().await,
    ];
    for finding in &findings {
        let (word, style) = if finding.ok { ("ok", GOOD) } else { ("missing", BAD) };
        printer.both(
            &format!("{style}{word:<8}{style:#} {:<12} {}", finding.what, finding.detail),
            &json!({ "what": finding.what, "ok": finding.ok, "detail": finding.detail, "hint": finding.hint }),
        );
        if let Some(hint) = &finding.hint {
            printer.text(&format!("         {:<12} {hint}", ""));
        }
    }
    let broken = findings.iter().any(|finding| finding.what == "store" && !finding.ok);
    Ok(if broken { Status::Crashed } else { Status::Completed })
}

fn store(home: &Path) -> Finding {
    let written = Store::open(home).and_then(|store| store.become_owner());
    match written {
        Ok(_) => Finding::ok("store", format!("`{}` can be written", home.display())),
        Err(error) => Finding::missing(
            "store",
            format!("`{}`: {error}", home.display()),
            "set `HEADWATER_HOME`, or `--home`, to a folder on a local disk that you can write to",
        ),
    }
}

fn version(program: &'static str, hint: &str) -> Finding {
    match Command::new(program).arg("--version").output() {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            Finding::ok(program, text.lines().next().unwrap_or_default())
        }
        _ => Finding::missing(program, "not found", hint),
    }
}

fn target() -> Finding {
    match toolchain::find(Path::new(".")) {
        Some(found) => Finding::ok("wasm target", format!("`{TARGET}` of {}", found.name())),
        None => Finding::missing(
            "wasm target",
            format!("no toolchain has `{TARGET}`"),
            format!("`rustup target add {TARGET}`, or `sdk/wasm-target` in Headwater's sources"),
        ),
    }
}

async fn docker() -> Finding {
    let hint = "flows without containers run all the same; else start the engine, or set `DOCKER_HOST`";
    match tokio::time::timeout(DOCKER_ANSWERS_WITHIN, Docker::connect(None)).await {
        Ok(Ok(docker)) => Finding::ok("docker", format!("answers at `{}`", docker.server())),
        Ok(Err(error)) => {
            let causes = std::iter::successors(Some(&error as &dyn Error), |error| (*error).source());
            let causes: Vec<String> = causes.map(|error| error.to_string()).collect();
            Finding::missing("docker", causes.join(": "), hint)
        }
        Err(_) => Finding::missing("docker", "no answer within 2 s", hint),
    }
}
