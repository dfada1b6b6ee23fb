//! `gc`: what it removes, what it leaves, and that it says so.

use crate::kit::{Home, guest, said};
use headwater_core::model::Digest;
use serde_json::json;
use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, SystemTime},
};

#[test]
fn components_go_when_no_run_names_them() {
    let home = Home::new();
    let echo = ["run", &guest("cli_ends"), "--flow", "echo", "--name", "calm-otter", "--param", "text=a"];
    assert_eq!(home.headwater(&echo).code, 0);
    let components = home.path().join("home/components");
    let of_run = files_of(&components);
    let left = Digest::of(b"a component whose run was deleted");
    let orphan = components.join(&left.hex()[..2]).join(&left.hex()[2..]);
    fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    fs::write(&orphan, b"a component whose run was deleted").unwrap();

    let gc = || {
        let mut command = home.command(&["gc", "--json"]);
        command.env("DOCKER_HOST", format!("unix://{}", home.path().join("no.sock").display()));
        said(command).objects().remove(0)
    };
    let compiled = home.path().join("home/compiled");
    let of_run_compiled = plain_files_of(&compiled);
    assert!(!of_run_compiled.is_empty());
    let orphans =
        [format!("{}-0.cwasm", left.hex()), format!("{}-0.json", left.hex()), format!("{}-0.7.0", left.hex())];
    for orphan in &orphans {
        fs::write(compiled.join(orphan), b"compiled").unwrap();
    }
    let nothing = json!({ "artifacts": 0, "components": 0, "compiled": 0, "bytes": 0, "volumes": null });
    assert_eq!(gc(), nothing, "all is young");
    for file in files_of(&components).iter().chain(&plain_files_of(&compiled)) {
        make_old(file);
    }
    let swept = json!({ "artifacts": 0, "components": 1, "compiled": 3, "bytes": 33 + 3 * 8, "volumes": null });
    assert_eq!(gc(), swept);
    assert_eq!((files_of(&components), plain_files_of(&compiled)), (of_run, of_run_compiled.clone()));
    assert_eq!(home.headwater(&["flow-run", "delete", "calm-otter"]).code, 0);
    let swept = gc();
    assert_eq!((&swept["components"], &swept["compiled"]), (&json!(1), &json!(of_run_compiled.len())));
    assert!(files_of(&components).is_empty() && plain_files_of(&compiled).is_empty());
}

#[test]
fn volumes_of_earlier_releases_go() {
    let home = Home::new();
    assert_eq!(home.headwater(&["run", &guest("cli_ends"), "--flow", "echo", "--param", "text=a"]).code, 0);
    let own = Digest::of(&fs::read(env!("CARGO_BIN_EXE_headwater")).unwrap());
    let volume = |name: &str, made: &str| json!({ "Name": name, "CreatedAt": made, "Driver": "local", "Mountpoint": "", "Labels": {}, "Options": {}, "Scope": "local" });
    let old = "2020-01-01T00:00:00Z";
    let own = format!("headwater-bin-{}", own.hex());
    let engine = Engine::start(
        &home.path().join("engine.sock"),
        &json!({ "Warnings": [], "Volumes": [
            volume("headwater-bin-old", old),
            volume("headwater-bin-old-whole", old),
            volume("headwater-bin-used", old),
            volume("headwater-bin-young", "2999-01-01T00:00:00Z"),
            volume(&own, old),
            volume(&format!("{own}-whole"), old),
        ] })
        .to_string(),
    );
    let mut command = home.command(&["gc"]);
    command.env("DOCKER_HOST", &engine.address);
    let said = said(command);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert_eq!(
        said.stdout,
        "removed 0 artifacts, 0 components and 0 compiled files, 0 B freed; 1 volume of earlier releases\n"
    );
    let asked: Vec<String> = engine.removed.lock().unwrap().clone();
    assert_eq!(asked, ["headwater-bin-old", "headwater-bin-old-whole", "headwater-bin-used"]);
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let below = |path: &Path| fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let mut files: Vec<_> = below(folder).iter().filter(|path| path.is_dir()).flat_map(|path| below(path)).collect();
    files.sort();
    files
}

fn plain_files_of(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn make_old(path: &Path) {
    let file = fs::File::open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(2 * 60 * 60)).unwrap();
}

/// A container engine that knows volumes only: real ones cannot be made old.
struct Engine {
    address: String,
    removed: Arc<Mutex<Vec<String>>>,
}

impl Engine {
    fn start(socket: &Path, volumes: &str) -> Engine {
        let listener = UnixListener::bind(socket).unwrap();
        let (removed, volumes) = (Arc::<Mutex<Vec<String>>>::default(), volumes.to_owned());
        let names = Arc::clone(&removed);
        thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), &volumes, &names);
            }
        });
        Engine { address: format!("unix://{}", socket.display()), removed }
    }
}

/// One request a connection.
fn answer(mut stream: UnixStream, volumes: &str, removed: &Mutex<Vec<String>>) {
    let mut head = BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let Some(first) = head.next() else { return };
    head.for_each(drop);
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap().split('?').next().unwrap());
    let (status, body) = match (method, path.rsplit('/').next().unwrap()) {
        ("DELETE", name) => {
            removed.lock().unwrap().push(name.to_owned());
            if name.ends_with("used") {
                ("409 Conflict", r#"{"message":"volume is in use"}"#)
            } else {
                ("204 No Content", "")
            }
        }
        (_, "volumes") => ("200 OK", volumes),
        (_, "version") => ("200 OK", r#"{"ApiVersion":"1.47","Version":"27"}"#),
        _ => ("200 OK", "OK"),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\n");
    // An answer without a body must not say that it has one.
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let _ = write!(stream, "{head}{length}\r\n{body}");
}
