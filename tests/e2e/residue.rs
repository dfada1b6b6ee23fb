//! What a world must not leave behind: containers, volumes, networks, processes.

use crate::world::World;
use std::{
    collections::BTreeSet,
    fs,
    process::Command,
    time::{Duration, Instant},
};

/// A variable that every process of a world has.
pub const MARK: &str = "HEADWATER_TEST_MARK";

/// A runner beside an owner that was killed ends what it runs, signal and grace included.
const GONE_WITHIN: Duration = Duration::from_secs(20);

fn docker(arguments: &[&str]) -> Vec<String> {
    let output = Command::new("docker").args(arguments).output().unwrap();
    assert!(output.status.success(), "docker {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Containers of this home, each with its name and state.
pub fn containers(world: &World) -> Vec<String> {
    let Ok(install) = fs::read_to_string(world.home().join("install")) else { return Vec::new() };
    let filter = format!("label=headwater.install={}", install.trim());
    docker(&["ps", "-a", "--no-trunc", "--filter", &filter, "--format", "{{.Names}} {{.State}}"])
}

/// Volumes of these containers. Ours are shared by all and stay.
pub fn volumes(containers: &[String]) -> BTreeSet<String> {
    let mut volumes = BTreeSet::new();
    for container in containers {
        let name = container.split(' ').next().unwrap();
        let format = "{{range .Mounts}}{{.Name}}\n{{end}}";
        let output = Command::new("docker").args(["inspect", "--format", format, name]).output().unwrap();
        // It may have gone in between.
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        volumes.extend(
            text.lines().filter(|line| !line.is_empty() && !line.starts_with("headwater-bin-")).map(str::to_owned),
        );
    }
    volumes
}

/// Those of these volumes that are still there.
pub fn left_of(volumes: &BTreeSet<String>) -> Vec<String> {
    let there: BTreeSet<String> = docker(&["volume", "ls", "--quiet"]).into_iter().collect();
    volumes.intersection(&there).cloned().collect()
}

/// Processes of this world, each with its command.
pub fn processes(world: &World) -> Vec<String> {
    let mark = format!("{MARK}={}", world.mark);
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(environment) = fs::read(entry.path().join("environ")) else { continue };
        if environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes()) {
            let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            found.push(format!(
                "{} {}",
                entry.file_name().display(),
                String::from_utf8_lossy(&command).replace('\0', " ")
            ));
        }
    }
    found
}

/// What a test that failed has left.
pub fn clear(world: &World) {
    for container in containers(world) {
        let name = container.split(' ').next().unwrap_or_default();
        let _ = Command::new("docker").args(["rm", "--force", "--volumes", name]).output();
    }
}

/// Nothing is left but the files.
pub fn none(world: &World, volumes: &BTreeSet<String>) {
    let begun = Instant::now();
    while !processes(world).is_empty() && begun.elapsed() < GONE_WITHIN {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(processes(world), Vec::<String>::new(), "processes are left");
    if crate::world::images().is_ok() {
        // What a killed owner had asked the engine to remove, the engine removes in its own time.
        let going = |container: &String| container.ends_with(" removing");
        while containers(world).iter().any(going) && begun.elapsed() < GONE_WITHIN {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(containers(world), Vec::<String>::new(), "containers are left");
        assert_eq!(left_of(volumes), Vec::<String>::new(), "volumes are left");
    }
}
