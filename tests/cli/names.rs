//! Where the names of plugins come from, and what large parameters become.

use crate::kit::{Home, guest};
use std::fs;

#[test]
fn with_gives_a_component_by_its_own_name() {
    let home = Home::new();
    let flow = guest("cli_counts_by_package");
    let said = home.headwater(&["run", &flow, "--with", &guest("cli_words")]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.contains("Result: 11"), "{}", said.stdout);
    let said = home.headwater(&["run", &flow]);
    assert_eq!(said.code, 2);
    assert_eq!(
        said.stderr,
        "error: no component here has the task `count_letters` of plugin `headwater-test-guests`\n\
         hint: give it with `--with PATH`, or as `headwater-test-guests = \"PATH\"` under `[plugins]` in `headwater.toml`\n"
    );
}

/// A folder with the flow and a `headwater.toml` that names the plugin.
fn project(home: &Home, flow: &str) -> String {
    let folder = home.path().join("flows");
    fs::create_dir(&folder).unwrap();
    fs::create_dir(home.path().join("plugins")).unwrap();
    fs::copy(guest("cli_words"), home.path().join("plugins/words.wasm")).unwrap();
    fs::write(folder.join("headwater.toml"), "[plugins]\nwords = \"../plugins/words.wasm\"\n").unwrap();
    let path = folder.join("flow.wasm");
    fs::copy(guest(flow), &path).unwrap();
    path.to_string_lossy().into_owned()
}

#[test]
fn the_file_beside_the_flow_names_plugins() {
    let home = Home::new();
    let flow = project(&home, "cli_counts");
    let said = home.headwater(&["run", &flow, "--param", "text=a b c d"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.contains("Result: 4"), "{}", said.stdout);
}

#[test]
fn a_wrong_file_is_told() {
    let home = Home::new();
    let flow = project(&home, "cli_counts");
    let file = home.path().join("flows/headwater.toml");
    fs::write(&file, "[plugin]\nwords = 1\n").unwrap();
    let said = home.headwater(&["run", &flow]);
    assert_eq!(said.code, 2);
    let first = said.stderr.lines().next().unwrap().replace(&*file.to_string_lossy(), "FILE");
    assert_eq!(
        first,
        "error: `FILE`, line 1, is not as it should be: unknown field `plugin`, expected `run` or `plugins`"
    );
    assert_eq!(
        said.stderr.lines().nth(1).unwrap(),
        "hint: its keys are `run.flow`, `run.limit`, `run.careful`, `run.no_wait`, `plugins.NAME`"
    );
    fs::write(&file, "[plugins]\nwords = \"../plugins/gone.wasm\"\n").unwrap();
    let said = home.headwater(&["run", &flow]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("hint: `headwater.toml` names it for plugin `words`"), "{}", said.stderr);
}

#[test]
fn fifty_megabytes_arrive_unchanged() {
    let home = Home::new();
    let text: String = ('a'..='z').cycle().take(50_000_000).collect();
    let file = home.path().join("parameters.json");
    fs::write(&file, format!("{{\"text\":\"{text}\"}}")).unwrap();
    let flow = guest("cli_ends");
    let said = home.headwater(&[
        "run",
        &flow,
        "--flow",
        "echo",
        "--params-file",
        &file.to_string_lossy(),
        "--name",
        "calm-otter",
    ]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.contains("| 50000000 letters"), "{}", said.stdout);
    assert!(said.stdout.len() < 10_000, "{} bytes", said.stdout.len());
    let result = home.headwater(&["flow-run", "show", "calm-otter", "--result"]);
    assert!(result.stdout.trim_end() == format!("\"{text}\""), "{} bytes", result.stdout.len());
}
