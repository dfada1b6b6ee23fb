//! A container engine that goes away and comes back, as its clients see it: the real one behind a socket of the test's.

use crate::{
    owner::What,
    residue,
    world::{self, World},
};
use headwater_core::model::RunId;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

const USUAL: &str = "/var/run/docker.sock";

/// What passes everything on until it is cut.
struct Wire {
    is_cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<UnixStream>>>,
}

impl Wire {
    fn at(path: &Path) -> Wire {
        let listener = UnixListener::bind(path).unwrap();
        let wire = Wire { is_cut: Arc::default(), open: Arc::default() };
        let (is_cut, open) = (Arc::clone(&wire.is_cut), Arc::clone(&wire.open));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let engine = UnixStream::connect(engine()).unwrap();
                for (mut from, mut to) in [
                    (client.try_clone().unwrap(), engine.try_clone().unwrap()),
                    (engine.try_clone().unwrap(), client.try_clone().unwrap()),
                ] {
                    std::thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(std::net::Shutdown::Write);
                    });
                }
                open.lock().unwrap().extend([client, engine]);
            }
        });
        wire
    }

    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

fn engine() -> String {
    let host = std::env::var("DOCKER_HOST").ok();
    host.as_deref().and_then(|host| host.strip_prefix("unix://")).unwrap_or(USUAL).to_owned()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The flow has returned, the engine does not answer: the run says so and goes on trying, whoever drives it.
pub fn a_run_has_ended_when_nothing_is_left() {
    let image = world::images().unwrap()[0].clone();
    let world = World::new();
    let socket = world.data().join("engine.sock");
    let wire = Wire::at(&socket);
    let variables = [("DOCKER_HOST", format!("unix://{}", socket.display()))];
    let parameters = json!({ "image": image, "file": world.data().join("there") });
    let mut owner = world.start(world.launch_of("acts", "leaves", parameters), &variables);
    let runs = |container: &String| container.ends_with(" running");
    until("the container runs", || residue::containers(&world).iter().any(runs));
    let summary = |run: &RunId| world.store.run(run).unwrap().unwrap().summary;
    let says_why = |run: &RunId| summary(run).note.is_some_and(|note| note.contains("cannot be reached"));
    let run = world.root().unwrap();

    wire.cut();
    fs::write(world.data().join("there"), "").unwrap();
    until("it says what it waits for", || says_why(&run));
    assert!(!summary(&run).state.is_final());
    world.request(&run, &format!("cancel {run}"), "cancel", &Value::Null);
    until("it is being cancelled", || format!("{:?}", summary(&run).state.name) == "Cancelling");
    owner.kill().unwrap();
    owner.wait().unwrap();

    let mut owner = world.start(What::Resume { run: run.to_string() }, &variables);
    until("the next owner drives it", || world.store.journal(&run).unwrap().last().is_some_and(is_taken_over));
    until("it says so too", || says_why(&run));
    assert!(residue::containers(&world).iter().any(runs), "nobody could have removed it");
    wire.mend();
    until("it has ended", || {
        let ended = summary(&run).ended_at.is_some();
        if ended {
            // Not a moment later.
            assert_eq!(residue::containers(&world), Vec::<String>::new());
        }
        ended
    });
    owner.wait().unwrap();
    let Some(word) = world.ended() else { panic!("it has ended") };
    assert_eq!(word.state.kind, "Cancelled", "{}", word.outcome);
    assert_eq!(summary(&run).note, None);
    residue::none(&world, &BTreeSet::new());
}

fn is_taken_over(record: &headwater_core::journal::Record) -> bool {
    matches!(record.event, headwater_core::journal::Event::OwnerChanged { .. })
}
