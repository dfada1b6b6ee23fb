//! The audit: what a task that asks for nothing can import, and what stands behind it. Read from real components and from the list that the
//! linker is made of; then each function that could reach outside is called.

use crate::kit::{World, call, guest, options, said};
use headwater::sandbox::{Bound, Component, Sandbox, SandboxError, binding, bindings};
use std::collections::BTreeSet;

async fn load(name: &str) -> Component {
    Sandbox::new(options()).unwrap().load(&guest(name)).await.unwrap()
}

/// Not one of these may ever stand behind an import: real files, sockets, HTTP, clocks, chance.
const REAL: [&str; 5] = ["wasi:filesystem/", "wasi:sockets/", "wasi:http/", "wasi:clocks/", "wasi:random/"];

#[tokio::test]
async fn every_import_of_a_component_is_bound_to_a_stub_to_nothing_or_to_a_refusal() {
    for name in ["grants_outside", "grants_http", "probe", "hello"] {
        let component = load(name).await;
        assert!(!component.imports().is_empty());
        for import in component.imports() {
            let bound = binding(import).unwrap_or_else(|| panic!("`{import}` of {name} is in no list"));
            if bound.purely == Bound::Values {
                assert!(
                    ["wasi:io/", "wasi:http/types", "wasi:sockets/network", "headwater:flow/"]
                        .iter()
                        .any(|values| bound.interface.starts_with(values)),
                    "{import}"
                );
            }
        }
    }
}

#[test]
fn the_list_has_each_interface_once_and_says_what_a_grant_changes() {
    let listed = bindings();
    let names: BTreeSet<&str> = listed.iter().map(|binding| binding.interface).collect();
    assert_eq!(names.len(), listed.len());
    let granted: BTreeSet<&str> =
        listed.iter().filter(|binding| binding.granted.is_some()).map(|binding| binding.interface).collect();
    assert_eq!(
        granted,
        BTreeSet::from([
            "wasi:cli/environment",
            "wasi:clocks/monotonic-clock",
            "wasi:clocks/wall-clock",
            "wasi:filesystem/preopens",
            "wasi:filesystem/types",
            "wasi:http/outgoing-handler",
            "wasi:random/insecure",
            "wasi:random/random",
        ]),
        "nothing else can be granted"
    );
    for binding in &listed {
        let real = REAL.iter().any(|real| binding.interface.starts_with(real));
        let reaches = binding.purely == Bound::Values
            && !["wasi:http/types", "wasi:sockets/network"].contains(&binding.interface);
        assert!(!real || !reaches, "{binding:?}");
    }
}

#[tokio::test]
async fn the_linker_has_what_is_in_the_list_and_nothing_else() {
    let sandbox = Sandbox::new(options()).unwrap();
    let load = async |interface: &str| {
        let text = format!(r#"(component (import "{interface}" (instance)))"#);
        sandbox.load(&wat::parse_str(text).unwrap()).await.map(drop).unwrap_err()
    };
    for binding in bindings() {
        let error = load(&format!("{}@0.2.0", binding.interface)).await;
        assert!(matches!(error, SandboxError::MissingExport { .. }), "{}: {error}", binding.interface);
    }
    for interface in
        ["wasi:http/incoming-handler@0.2.0", "wasi:cli/run@0.2.0", "wasi:clocks/timezone@0.2.0", "wasi:cli/exit@0.3.0"]
    {
        let error = load(interface).await;
        assert!(matches!(error, SandboxError::UnknownImport { .. }), "{interface}: {error}");
    }
}

#[tokio::test]
async fn each_function_that_could_reach_outside_reaches_nothing() {
    let outside = load("grants_outside").await;
    let run = async |task: &str| outside.run_task(call(&World::new(), task, "{}")).await;
    let seen = run("look").await.result.unwrap();
    assert_eq!(seen.to_value(), "0 0 0 None [false, false, false] true");
    assert_eq!(run("draw").await.result.unwrap(), run("draw").await.result.unwrap());
    let no_network =
        "not-granted: the task opened a socket, and no network was granted: use a task with an image or a program";
    for task in ["open_tcp", "open_udp", "look_up"] {
        assert_eq!(said(&run(task).await.result.unwrap_err()), no_network, "{task}");
    }
    assert_eq!(
        said(&run("send").await.result.unwrap_err()),
        "not-granted: the task sent an HTTP request to `localhost`, and does not ask for it: write `http = \"localhost\"` in its \
         attribute, and allow it with `--allow-http localhost`"
    );
    assert_eq!(
        said(&run("leave").await.result.unwrap_err()),
        "panicked: the code called `exit`: return a value or an error instead"
    );
}
