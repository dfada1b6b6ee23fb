//! The hunt: a run that tells its secrets in every form and on every way out, and then a search for them in all that it has left and said.
//! The same with masking off finds each of them, so the search is not blind.

use super::{
    Keyed, asked,
    needles::{Needle, Surface, containers, docker, files, needles},
};
use crate::kit::{Started, guest, image};
use std::path::PathBuf;

const TOKEN: &str = "correct/horse+battery?staple \"\u{fc}\" 100%";
const KEY: &str = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\nAASCBKcwggSjAgEAAoIBAQC7/+x\n-----END KEY-----";

/// What ends as it must not, with what the flow says of it.
const ENDS: [(&str, &str); 13] = [
    ("tells", "completed"),
    ("fails", "FailureKind::Returned"),
    ("panics", "FailureKind::Panicked"),
    ("returns", "FailureKind::InvalidResult"),
    ("returns_much", "FailureKind::InvalidResult"),
    ("writes", "FailureKind::InvalidResult"),
    ("boxed", "completed"),
    ("renamed", "completed"),
    ("program", "completed"),
    ("program_returns", "FailureKind::InvalidResult"),
    ("program_writes", "FailureKind::InvalidResult"),
    ("program_leaves", "FailureKind::InvalidResult"),
    ("program_fails", "FailureKind::ExitCode"),
];

/// Where a secret was told, and a mask stands now.
const TOLD: [&str; 11] = [
    "told by log: ",
    "told by standard output: ",
    "told by standard error: ",
    "told in pieces: ",
    "told by a failure: ",
    "told by its context: ",
    "told by a panic: ",
    "told by a program: ",
    "told by its errors: ",
    "told by a cause: ",
    "told by another name: ",
];

/// Where it was told otherwise: as JSON, where a result or a file is refused, and by a flow that was told the halves.
const TOLD_OTHERWISE: [&str; 7] = [
    "told by progress",
    "told by data",
    "told by the flow: ",
    "told by a result",
    "told by a large result: ",
    "told by an artifact: ",
    "told by a file: ",
];

fn all_needles() -> Vec<Needle> {
    needles("the token", TOKEN).into_iter().chain(needles("the key", KEY)).collect()
}

/// One run, looked at in its midst and at its end.
struct Hunt {
    home: Keyed,
    surfaces: Vec<Surface>,
    logs: String,
}

impl Drop for Hunt {
    fn drop(&mut self) {
        for surface in containers(&self.store()) {
            if let Some(name) = surface.name.strip_prefix("docker inspect ") {
                docker(&["rm", "--force", "--volumes", name]);
            }
        }
    }
}

impl Hunt {
    fn store(&self) -> PathBuf {
        self.home.0.path().join("home")
    }

    fn run(image: &str, masked: bool, json: bool) -> Hunt {
        let home = Keyed::new();
        home.set("HUNT_TOKEN", TOKEN);
        home.set("HUNT_KEY", KEY);
        let (guest, image) = (guest("cli_secrets"), format!("image={image}"));
        let mut arguments = vec!["run", &guest, "--deny-rest", "--flow", "hunt", "--param", &image];
        arguments.extend(["--secret", "HUNT_TOKEN", "--secret", "HUNT_KEY"]);
        arguments.extend(json.then_some("--json"));
        let mut command = home.command(&arguments);
        if !masked {
            command.env("HEADWATER_TEST_UNMASKED", "1");
        }
        let mut hunt = Hunt { home, surfaces: Vec::new(), logs: String::new() };
        let mut run = Started::of(command);
        let (child, call) = if json { hunt.asked_in_json(&mut run) } else { asked(&mut run) };
        hunt.surfaces.extend(containers(&hunt.store()));
        hunt.surfaces.extend(files(&hunt.store()));
        let answered = hunt.home.headwater(&["flow-run", "answer", &child, &call, "true"]);
        assert_eq!(answered.code, 0, "{}", answered.stderr);
        let (code, lines) = run.end();
        assert_eq!(code, 1, "the run fails with what it tells: {lines:#?}");
        hunt.surfaces.push(Surface::of("what `run` said", lines.join("\n")));
        hunt.look();
        hunt
    }

    fn asked_in_json(&self, run: &mut Started) -> (String, String) {
        let line = run.until("may the container go?");
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        (event["run"].as_str().unwrap().to_owned(), event["call"].to_string())
    }

    /// At the end: what every command says of the run, and every file of the store.
    fn look(&mut self) {
        let run = self.home.0.newest("hunt")["run"].as_str().unwrap().to_owned();
        for command in ["logs", "show"] {
            for json in [&[][..], &["--json"]] {
                let arguments = [&["flow-run", command, run.as_str()][..], json].concat();
                let said = self.home.headwater(&arguments);
                assert_eq!(said.code, 0, "{}", said.stderr);
                if arguments.len() == 3 && command == "logs" {
                    self.logs = said.stdout.clone();
                }
                self.surfaces.push(Surface::of(arguments.join(" "), said.stdout + &said.stderr));
            }
        }
        for command in [&["flow-run", "ls", "--all", "--json"][..], &["graph", &run, "--format", "json"]] {
            self.surfaces.push(Surface::of(command.join(" "), self.home.headwater(command).stdout));
        }
        self.surfaces.extend(containers(&self.store()));
        self.surfaces.extend(files(&self.store()));
    }
}

#[test]
fn no_secret_is_anywhere() {
    let Some(image) = image() else { return };
    for json in [false, true] {
        let hunt = Hunt::run(&image, true, json);
        let mut found = Vec::new();
        for surface in &hunt.surfaces {
            let there = all_needles().into_iter().filter(|needle| surface.has(needle));
            found.extend(there.map(|needle| format!("{} in {}", needle.what, surface.name)));
        }
        assert!(found.is_empty(), "{found:#?}");
        for (what, kind) in ENDS {
            assert!(
                hunt.logs.contains(&format!("{what} ended as {kind}")),
                "{what} did not end as {kind}:\n{}",
                hunt.logs
            );
        }
        for told in TOLD {
            assert!(hunt.logs.contains(&format!("{told}***")), "{told} is not in the log:\n{}", hunt.logs);
        }
        assert!(hunt.logs.contains("told by the flow: ***"), "{}", hunt.logs);
        // A cut line says so, and what was cut through is masked all the same.
        assert!(hunt.logs.lines().any(|line| line.contains("xxx***")), "{}", hunt.logs);
        assert!(hunt.surfaces.iter().any(|surface| surface.name.starts_with("docker logs")));
    }
}

#[test]
fn with_masking_off_every_form_is_found() {
    let Some(image) = image() else { return };
    let hunt = Hunt::run(&image, false, true);
    for needle in all_needles() {
        let found: Vec<&str> =
            hunt.surfaces.iter().filter(|surface| surface.has(&needle)).map(|surface| surface.name.as_str()).collect();
        assert!(!found.is_empty(), "{} ({}) is found nowhere", needle.what, needle.text);
    }
    // JSON has it as it is up to here.
    let text = Needle { what: String::new(), text: TOKEN[..28].to_owned() };
    for place in ["docker logs", "what `run` said", "flow-run logs", "flow-run show", "headwater.db"] {
        let mut surfaces = hunt.surfaces.iter().filter(|surface| surface.name.contains(place));
        assert!(surfaces.any(|surface| surface.has(&text)), "nothing is found in {place}");
    }
    for told in TOLD.into_iter().chain(TOLD_OTHERWISE) {
        let needle = Needle { what: String::new(), text: told.to_owned() };
        assert!(hunt.surfaces.iter().any(|surface| surface.has(&needle)), "`{told}` is nowhere");
    }
}
