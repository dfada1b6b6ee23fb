//! The exact words of errors.

use crate::kit::{Home, guest};

fn told(home: &Home, arguments: &[&str]) -> String {
    let said = home.headwater(arguments);
    assert_eq!(said.code, 2, "{}", said.stderr);
    said.stderr.replace(&*home.path().to_string_lossy(), "HERE")
}

#[test]
fn of_paths() {
    let home = Home::new();
    assert_eq!(
        told(&home, &["run", "nowhere.wasm"]),
        "error: there is no component or crate folder `nowhere.wasm`\n  because: No such file or directory (os error 2)\n"
    );
    let folder = home.path().to_string_lossy().into_owned();
    assert_eq!(
        told(&home, &["run", &folder]),
        "error: `HERE` has no Cargo.toml\nhint: name a component (a `.wasm` file) or the folder of a crate\n"
    );
}

#[test]
fn of_flows_and_parameters() {
    let home = Home::new();
    let guest = guest("cli_ends");
    assert_eq!(
        told(&home, &["run", &guest, "--flow", "nothing"]),
        "error: the component `headwater-test-guests` has no flow `nothing`\n\
         hint: it has `asks_at_the_end`, `echo`, `fails`, `fails_below`, `late`, `lets_go`, `needs_engine`, `needs_program`, `rereads`, `waits`\n"
    );
    assert_eq!(
        told(&home, &["run", &guest, "--flow", "echo", "--param", "txt=a"]),
        "error: the parameters do not fit flow `echo`\n\
         hint: parameter `text` is missing: give it with `--param text=VALUE`\n\
         hint: there is no parameter `txt`: the flow has `text`\n"
    );
}

#[test]
fn of_runs() {
    let home = Home::new();
    assert_eq!(
        told(&home, &["flow-run", "show", "nobody"]),
        "error: there is no store in `HERE/home`: nothing has been run with this `HEADWATER_HOME`\n"
    );
    let guest = guest("cli_ends");
    assert_eq!(home.headwater(&["run", &guest, "--flow", "echo", "--param", "text=a", "--name", "calm-otter"]).code, 0);
    assert_eq!(
        told(&home, &["flow-run", "show", "nobody"]),
        "error: there is no flow run `nobody`\n\
         hint: `headwater flow-run ls` lists them; a run is named by its id, the beginning of it, or its name\n"
    );
    assert_eq!(
        told(&home, &["flow-run", "resume", "calm-otter"]),
        "error: flow run `calm-otter` has ended\nhint: it has completed: there is nothing to go on with\n"
    );
    assert_eq!(
        told(&home, &["flow-run", "retry", "calm-otter"]),
        "error: flow run `calm-otter` has completed: there is nothing to retry\n"
    );
}
