//! One test's own world: a home, a granted folder, a witness, and owners in processes of their own.

use crate::{
    owner::{self, What, Word},
    residue, story,
};
use headwater::store::{Request, RunFilter, Store};
use headwater_core::{
    journal::{Event, Issued},
    model::{CallKind, Json, Outcome, RunId, Timestamp},
};
use serde_json::{Map, Value};
use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Child,
    time::{Duration, Instant},
};

/// An owner that has not come to an end by then never will.
const STUCK_AFTER: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// Why there is no container engine.
#[derive(Debug)]
pub struct NoEngine(pub String);

/// The images that `tests/run` has found.
pub fn images() -> Result<Vec<String>, NoEngine> {
    match env::var("HEADWATER_TEST_NO_DOCKER") {
        Ok(reason) if !reason.is_empty() => return Err(NoEngine(reason)),
        _ => {}
    }
    match env::var("HEADWATER_TEST_IMAGES") {
        Ok(images) => Ok(images.split(',').map(str::to_owned).collect()),
        Err(_) => Err(NoEngine("HEADWATER_TEST_IMAGES names no image: run the tests with `tests/run`".to_owned())),
    }
}

/// A built component.
pub fn guest(name: &str) -> PathBuf {
    let folder = env::var_os("HEADWATER_TEST_GUESTS")
        .expect("HEADWATER_TEST_GUESTS names no folder: run the tests with `tests/run`");
    PathBuf::from(folder).join(format!("{name}.wasm"))
}

pub struct World {
    folder: tempfile::TempDir,
    /// In the environment of every process of this world.
    pub mark: String,
    pub store: Store,
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() && images().is_ok() {
            residue::clear(self);
        }
    }
}

/// How an owner was left.
pub enum Left {
    Killed,
    Said(Word),
}

impl World {
    pub fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "data"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let store = Store::open(&folder.path().join("home")).unwrap();
        let mark = folder.path().file_name().unwrap().to_string_lossy().into_owned();
        World { folder, mark, store }
    }

    /// Another world, which need not compile again what this one has compiled.
    pub fn another(&self) -> World {
        let world = World::new();
        let (from, to) = (self.home().join("compiled"), world.home().join("compiled"));
        fs::create_dir(&to).unwrap();
        fs::set_permissions(&to, fs::metadata(&from).unwrap().permissions()).unwrap();
        for file in fs::read_dir(from).unwrap().flatten() {
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
        world
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where programs beside the owner leave their lines.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("programs")
    }

    pub fn witness(&self) -> PathBuf {
        self.folder.path().join("witness")
    }

    pub fn launch(&self, flow: &str, parameters: Value) -> What {
        self.launch_of("kills", flow, parameters)
    }

    pub fn launch_of(&self, component: &str, flow: &str, parameters: Value) -> What {
        let Value::Object(parameters) = parameters else { panic!("parameters are an object") };
        What::Launch {
            component: guest(component),
            flow: flow.to_owned(),
            parameters: Map::from_iter(parameters),
            dir: self.data(),
        }
    }

    pub fn start(&self, what: What, more: &[(&str, String)]) -> Child {
        let mut variables =
            vec![("HEADWATER_TEST_WITNESS", self.witness().display().to_string()), (residue::MARK, self.mark.clone())];
        variables.extend(more.iter().cloned());
        owner::start(&self.home(), what, &self.said(), &variables)
    }

    fn said(&self) -> PathBuf {
        self.folder.path().join("said")
    }

    /// Drives with one owner: to its end, to its own death, or until it is killed.
    pub fn drive(&self, what: What, kill_after: Option<Duration>, more: &[(&str, String)]) -> Left {
        let begun = Instant::now();
        let mut owner = self.start(what, more);
        let mut answered = BTreeSet::new();
        loop {
            if let Some(status) = owner.try_wait().unwrap() {
                // One that aborts at a point has no exit code.
                return status.code().map_or(Left::Killed, |_| Left::Said(owner::word(&self.said())));
            }
            if kill_after.is_some_and(|after| begun.elapsed() >= after) {
                owner.kill().unwrap();
                owner.wait().unwrap();
                return Left::Killed;
            }
            if begun.elapsed() > STUCK_AFTER {
                let story = story::open_calls(&self.store);
                owner.kill().unwrap();
                owner.wait().unwrap();
                panic!("no end after {STUCK_AFTER:?}; open: {story}");
            }
            self.answer(&mut answered);
            let left = kill_after.map_or(LOOK_EVERY, |after| after.saturating_sub(begun.elapsed()));
            std::thread::sleep(left.min(LOOK_EVERY));
        }
    }

    /// The root, if it was recorded.
    pub fn root(&self) -> Option<RunId> {
        let filter = RunFilter { roots_only: true, ..RunFilter::default() };
        self.store.runs(&filter).unwrap().first().map(|run| run.header.run.clone())
    }

    /// How the run ended, if it has: its owner may have been killed before it could say so.
    pub fn ended(&self) -> Option<Word> {
        let run = self.root()?;
        let summary = self.store.run(&run).unwrap()?.summary;
        let outcome = match summary.outcome.filter(|_| summary.state.is_final())? {
            Outcome::Ok(payload) => {
                serde_json::json!({ "ok": self.store.artifacts().value(&payload).unwrap().to_value() })
            }
            Outcome::Err(failure) => serde_json::json!({ "err": failure }),
        };
        Some(Word { run: run.to_string(), state: owner::State { kind: format!("{:?}", summary.state.kind) }, outcome })
    }

    /// Answers every question that is open. The same question gets the same request, whoever asks.
    fn answer(&self, answered: &mut BTreeSet<u32>) {
        let Some(run) = self.root() else { return };
        for (call, prompt) in questions(&self.store, &run) {
            if answered.insert(call) {
                let value = serde_json::json!({ "call": call, "value": format!("answer to {prompt}") });
                self.request(&run, &format!("answer {call} of {run}"), "answer", &value);
            }
        }
    }

    /// Leaves a request in the inbox of the store.
    pub fn request(&self, run: &RunId, id: &str, kind: &str, payload: &Value) {
        let request = Request {
            id: id.to_owned(),
            run: run.clone(),
            kind: kind.to_owned(),
            payload: Json::of(payload),
            sender: "test".to_owned(),
            at: Timestamp(0),
        };
        self.store.send_request(&request).unwrap();
    }

    /// Lines of a file that witnesses write to; none where there is none.
    pub fn lines_of(path: &Path) -> Vec<String> {
        let text = fs::read_to_string(path).unwrap_or_default();
        // A writer that was killed may have left half a line.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(str::to_owned).collect()
    }
}

fn questions(store: &Store, run: &RunId) -> Vec<(u32, String)> {
    let mut asked = Vec::new();
    let mut next = 0;
    for record in store.journal(run).unwrap() {
        let Event::Activated(activated) = record.event else { continue };
        for command in activated.commands {
            let Issued::Call(call) = command else { continue };
            if let CallKind::Input { prompt, .. } = &call.kind {
                asked.push((next, prompt.clone()));
            }
            next += 1;
        }
    }
    asked
}
