//! The examples give what their READMEs say, every time.

use crate::{
    here::{self, block_on},
    lines, residue,
    world::{self, World},
};
use headwater::store::RunFilter;
use serde_json::{Value, json};
use std::{path::Path, process::Command};

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The Python of an image, by the image's own word.
fn python(image: &str) -> String {
    output("docker", &["run", "--rm", "--network", "none", image, "python3", "-V"])
        .trim_start_matches("Python ")
        .to_owned()
}

/// Runs an example to its end: its state, its result, its log, itself in its world.
fn run(example: &str, flow: &str, parameters: Value) -> (String, Value, Vec<String>, World) {
    let world = World::new();
    let (state, value) = block_on(async {
        let engine = here::open(&world);
        let mut handle = here::launch(&engine, &world, example, flow, parameters).await;
        here::ended(&engine, &mut handle).await
    });
    let log = lines::all(&world.store, &world.root().unwrap()).into_iter().map(|line| line.text).collect();
    assert_eq!(residue::containers(&world), Vec::<String>::new());
    (state, value, log, world)
}

pub fn flow_of_flows() {
    let images = world::images().unwrap();
    let pythons: Vec<String> = images.iter().map(|image| python(image)).collect();
    for _ in 0..2 {
        check_flow_of_flows(&images, &pythons);
    }
}

fn check_flow_of_flows(images: &[String], pythons: &[String]) {
    let parent = "parent_docker_different_images_per_subflow";
    let parameters = json!({ "first_image": images[0], "second_image": images[1], "third_image": images[2] });
    let (state, value, log, world) = run("flow_of_flows", parent, parameters);
    assert_eq!((state.as_str(), &value), ("Completed", &json!(pythons)));
    let flows = [("first", 0), ("second", 1), ("first", 2)];
    let mut expected = vec![format!("Hello from {parent}!")];
    for (name, image) in flows {
        expected.push(format!("Hello {name} child flow from {name}_flow_docker!"));
        expected.push(pythons[image].clone());
        expected.push(format!("Running this task with Headwater and Python {}", pythons[image]));
    }
    assert_eq!(log, expected);
    let filter = RunFilter { parent: Some(world.root().unwrap()), ..RunFilter::default() };
    let children = world.store.runs(&filter).unwrap();
    assert_eq!(children.len(), 3);
    assert!(
        children
            .iter()
            .all(|child| child.header.labels == ["docker"] && child.header.project.as_deref() == Some("community"))
    );
}

pub fn images_per_task() {
    let images = world::images().unwrap();
    let pythons: Vec<String> = images.iter().map(|image| python(image)).collect();
    let expected = json!({
        "measured_on": pythons[0],
        "rows": { "python": pythons[0], "total": 10, "found": 4 },
        "largest": { "python": pythons[1], "total": 10, "found": 16 },
        "squares": { "python": pythons[2], "total": 10, "found": 30 },
    });
    for _ in 0..2 {
        let parameters =
            json!({ "image_a": images[0], "image_b": images[0], "image_c": images[1], "image_d": images[2] });
        let (state, value, ..) = run("images_per_task", "images_per_task", parameters);
        assert_eq!((state.as_str(), &value), ("Completed", &expected));
    }
}

pub fn docker_sidecar() {
    let image = &world::images().unwrap()[0];
    let line = "Hello from a sidecar container";
    for _ in 0..2 {
        let (state, value, log, _) = run("docker_sidecar", "docker_sidecar", json!({ "image": image }));
        assert_eq!((state.as_str(), value), ("Completed", json!({ "status_code": 0, "lines": [line] })));
        assert_eq!(log, [format!("the container wrote: {line}")]);
        let (state, failure, log, _) =
            run("docker_sidecar", "docker_sidecar", json!({ "image": image, "exit_code": 3 }));
        assert_eq!(state, "Failed");
        assert_eq!(
            (&failure["kind"], &failure["data"]),
            (&json!("exit-code"), &json!({ "exit_code": 3 })),
            "{failure}"
        );
        assert_eq!(log, [format!("the container wrote: {line}")]);
    }
}

/// A registry on this machine, and names in it that the engine does not have.
struct Registry {
    pid: String,
    names: Vec<String>,
    _folder: tempfile::TempDir,
}

impl Registry {
    fn with(images: &[String]) -> Registry {
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/registry");
        let said = output(script.to_str().unwrap(), &[folder.path().to_str().unwrap()]);
        let word = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
        let (address, pid) = (word("address="), word("pid="));
        let names: Vec<String> = images.iter().map(|image| format!("{address}/{image}")).collect();
        let registry = Registry { pid, names, _folder: folder };
        for (image, name) in images.iter().zip(&registry.names) {
            output("docker", &["tag", image, name]);
            output("docker", &["push", "--quiet", name]);
            output("docker", &["image", "rm", name]);
        }
        registry
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        for name in &self.names {
            // One that was not pulled is not there.
            let _ = Command::new("docker").args(["image", "rm", name]).output();
        }
        let _ = Command::new("kill").arg(&self.pid).status();
    }
}

pub fn images_are_pulled() {
    let images = world::images().unwrap();
    let pythons: Vec<String> = images.iter().map(|image| python(image)).collect();
    let registry = Registry::with(&images);
    let there =
        |name: &String| Command::new("docker").args(["image", "inspect", name]).output().unwrap().status.success();
    assert!(!registry.names.iter().any(there));
    check_flow_of_flows(&registry.names, &pythons);
    assert!(registry.names.iter().all(there));
}
