//! One engine for all guests, a neighbour that runs beside each of them, and what the host's memory is.

use crate::wat;
use headwater::{
    engine::{Engine, EngineError, EngineOptions, Given, Launch, RunEnd, RunHandle, Sources},
    store::{Cursor, LogFilter},
};
use headwater_core::{
    journal::{Event, GrantedDir, Limits},
    model::{Failure, Outcome, RunId},
};
use serde_json::{Map, Value, json};
use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How long an activation and a description may take where they never end. The real limits are half a minute.
pub const SHORT: Duration = Duration::from_millis(500);
/// And where they do, on a machine that does much else.
pub const LONG: Duration = Duration::from_secs(600);
const NEIGHBOURS_STEPS: u64 = 300;
/// Of a flow that goes on for ever.
const EVENTS_MAX: u64 = 2_000;

/// A built component.
pub fn guest(name: &str) -> PathBuf {
    let folder = env::var_os("HEADWATER_TEST_GUESTS")
        .expect("HEADWATER_TEST_GUESTS names no folder: run the tests with `tests/run`");
    PathBuf::from(folder).join(format!("{name}.wasm"))
}

pub struct World {
    folder: tempfile::TempDir,
    engine: Arc<Engine>,
}

/// What the neighbour of a guest went through.
pub struct Neighbour {
    /// Of one step: 99 of 100 took no longer, in milliseconds.
    pub p99_ms: u64,
    pub steps: usize,
}

impl World {
    pub fn new(patience: Duration) -> World {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("data", "inside"), ("outside", "a secret of somebody else's")] {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("kept"), text).unwrap();
        }
        std::os::unix::fs::symlink("../outside", folder.path().join("data/link")).unwrap();
        let home = folder.path().join("home");
        let engine =
            Engine::open(EngineOptions { home, patience: Some(patience), ..EngineOptions::default() }).unwrap();
        World { folder, engine }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Without what differs from one execution, or one build of the guests, to the next; what is nested in the same words stands once.
    pub fn plain(&self, text: &str) -> String {
        const GREW: &str = "the memory was to grow to ";
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut parts: Vec<&str> = text.split(": ").collect();
        parts.dedup();
        let text = parts.join(": ");
        let text = match text.split_once(GREW).and_then(|(before, after)| Some((before, after.split_once(' ')?.1))) {
            Some((before, after)) => format!("{before}{GREW}… {after}"),
            None => text,
        };
        text.replace(&self.path().display().to_string(), "…").replace('|', "\\|")
    }

    /// Why a component is refused.
    pub async fn load(&self, component: &[u8]) -> String {
        let path = self.path().join("component.wasm");
        fs::write(&path, component).unwrap();
        match self.engine.component(&path).await {
            Ok(_) => "it was taken".to_owned(),
            Err(error) => chain(&error),
        }
    }

    /// How a flow ends whose task of a plugin is this one.
    pub async fn task(&self, component: &[u8], patience: Duration) -> String {
        let path = self.path().join("plugin.wasm");
        fs::write(&path, component).unwrap();
        let plugin = match self.engine.component(&path).await {
            Ok(component) => Given { name: "hostile".to_owned(), component },
            Err(error) => return chain(&error),
        };
        let launch = Launch {
            parameters: map(json!({ "patience_ms": patience.as_millis() as u64 })),
            sources: Sources { given: vec![plugin], ..Sources::default() },
            ..self.of("hostile_caller").await
        };
        self.run(launch).await
    }

    /// How its only flow ends.
    pub async fn flow(&self, component: &[u8]) -> String {
        let path = self.path().join("flow.wasm");
        fs::write(&path, component).unwrap();
        match self.engine.component(&path).await {
            Ok(component) => self.run(Launch::of(component)).await,
            Err(error) => chain(&error),
        }
    }

    /// How a flow of a built component ends that was granted a folder.
    pub async fn own(&self, component: &str, flow: &str, parameters: Value) -> String {
        let host = self.path().join("data").display().to_string();
        let launch = Launch {
            flow: Some(flow.to_owned()),
            parameters: map(parameters),
            dirs: vec![GrantedDir { guest: "/data".to_owned(), host, write: flow == "own_link" }],
            limits: Limits { events: Some(EVENTS_MAX), ..Limits::default() },
            ..self.of(component).await
        };
        self.run(launch).await
    }

    async fn of(&self, component: &str) -> Launch {
        Launch::of(self.engine.component(&guest(component)).await.unwrap())
    }

    async fn run(&self, launch: Launch) -> String {
        match self.engine.launch(launch).await {
            Ok(mut handle) => self.end(&mut handle).await,
            Err(error) => chain(&error),
        }
    }

    async fn end(&self, handle: &mut RunHandle) -> String {
        match handle.stopped().await {
            RunEnd::Ended { outcome: Outcome::Err(failure), .. } | RunEnd::Halted(failure) => said(&failure),
            RunEnd::Ended { outcome: Outcome::Ok(_), .. } => {
                format!("it completes, and the log says: {}", self.warned(handle.run()))
            }
            RunEnd::Left => "it was left".to_owned(),
        }
    }

    /// What the log of a run holds that is no line as the guest wrote it.
    fn warned(&self, run: &RunId) -> String {
        let (mut cursor, mut warned) = (Cursor::default(), Vec::new());
        loop {
            let more = self.engine.store().log(run, &LogFilter::all(), cursor, 1_000).unwrap();
            let Some((last, _)) = more.last() else { break };
            cursor = *last;
            let ours = |text: &String| text.contains("left out") || text.contains("… [cut");
            // Of a long line its end says what is missing.
            let end = |text: String| text.rsplit_once('…').map_or(text.clone(), |(_, end)| format!("…{end}"));
            warned.extend(more.into_iter().map(|(_, line)| line.text).filter(ours).map(end));
        }
        warned.join("; ")
    }

    /// A flow of many small steps, again and again for as long as something else goes on. Each time its result must be right.
    pub async fn neighbour(&self, goes_on: &AtomicBool) -> Neighbour {
        let mut steps_ms = Vec::new();
        loop {
            let launch = Launch {
                flow: Some("sequence".to_owned()),
                parameters: map(json!({ "steps": NEIGHBOURS_STEPS })),
                ..self.of("bench").await
            };
            let mut handle = self.engine.launch(launch).await.unwrap();
            match handle.stopped().await {
                RunEnd::Ended { outcome: Outcome::Ok(value), .. } => {
                    let value = self.engine.store().artifacts().value(&value).unwrap().to_value();
                    assert_eq!(value, json!(NEIGHBOURS_STEPS), "the neighbour's result");
                }
                end => panic!("the neighbour suffered: {end:?}"),
            }
            steps_ms.extend(self.steps_ms(handle.run()));
            if !goes_on.load(Ordering::SeqCst) {
                break;
            }
        }
        steps_ms.sort_unstable();
        let p99_ms = steps_ms[steps_ms.len() * 99 / 100];
        Neighbour { p99_ms, steps: steps_ms.len() }
    }

    /// How long each step took: from one activation to the next.
    fn steps_ms(&self, run: &RunId) -> Vec<u64> {
        let journal = self.engine.store().journal(run).unwrap();
        let activated = journal.iter().filter(|record| matches!(record.event, Event::Activated(_)));
        let at: Vec<_> = activated.map(|record| record.at).collect();
        at.windows(2).map(|two| two[1].since_ms(two[0])).collect()
    }

    /// Why no engine opens with this folder of compiled code.
    pub fn open_with_foreign_code(&self) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let home = self.path().join("another");
        let code = home.join("compiled");
        fs::create_dir_all(&code).unwrap();
        fs::set_permissions(&code, fs::Permissions::from_mode(0o777)).unwrap();
        match Engine::open(EngineOptions { home, ..EngineOptions::default() }) {
            Ok(_) => "it was opened".to_owned(),
            Err(error) => chain(&error),
        }
    }

    /// A folder that is a link to another one in every second moment, for as long as something else goes on.
    pub fn swap(&self, goes_on: &AtomicBool) {
        let (here, there) = (self.path().join("data/changing"), self.path().join("data/aside"));
        fs::create_dir(&here).unwrap();
        fs::write(here.join("kept"), "inside").unwrap();
        let link = self.path().join("data/to_outside");
        std::os::unix::fs::symlink("../outside", &link).unwrap();
        while goes_on.load(Ordering::SeqCst) {
            fs::rename(&here, &there).unwrap();
            fs::rename(&link, &here).unwrap();
            fs::rename(&here, &link).unwrap();
            fs::rename(&there, &here).unwrap();
        }
    }

    /// A component with nothing wrong runs to its end: the guests before it have left the engine whole.
    pub async fn is_whole(&self) {
        assert!(self.flow(&wat::good()).await.starts_with("it completes"));
    }
}

fn map(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("an object") };
    map
}

fn said(failure: &Failure) -> String {
    // The causes between are the same at each level of what is nested.
    let because = failure.chain.last().map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{}: {}{because}", failure.kind.as_str(), failure.message)
}

fn chain(error: &EngineError) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        // Some say their cause themselves.
        if !said.contains(&cause.to_string()) {
            said = format!("{said}: {cause}");
        }
        next = cause.source();
    }
    said
}

#[expect(unsafe_code, reason = "the C library's declaration: it takes a number, and looks at nothing but what is free")]
mod c {
    unsafe extern "C" {
        pub safe fn malloc_trim(keep_bytes: usize) -> std::ffi::c_int;
    }
}

/// Memory of this process that is in the machine's, without what the allocator keeps of what is free: the neighbour's thousands of steps
/// are more of it than any guest.
pub fn resident_bytes() -> u64 {
    let _ = c::malloc_trim(0);
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}
