//! The tasks: each looks at one thing, or does one thing that it should not.

use crate::{
    headwater::flow::{
        artifacts, calls,
        logging::{self, Level},
        task_context,
        types::{CallOptions, Failure, FailureKind, Seen},
    },
    returned,
};
use std::{
    collections::HashMap,
    fmt::Debug,
    fs,
    hash::BuildHasher as _,
    hint,
    io::{self, Read as _, Write as _},
    net::TcpStream,
    process, thread,
    time::{Duration, Instant, SystemTime},
};

pub const NAMES: [&str; 25] = [
    "echo",
    "clock",
    "sleep",
    "random",
    "hash_seed",
    "environment",
    "stdin",
    "files",
    "socket",
    "exit",
    "endless",
    "memory",
    "panic",
    "recursion",
    "large",
    "not_json",
    "deep",
    "log",
    "flood",
    "calls",
    "attempt",
    "heartbeat",
    "artifact",
    "lost",
    "write",
];

pub fn run(task: &str, input: &str) -> Result<String, Failure> {
    match task {
        "echo" => Ok(input.to_owned()),
        "clock" => Ok(clock()),
        "sleep" => Ok(sleep()),
        "random" => Ok(random()),
        "hash_seed" => Ok(std::collections::hash_map::RandomState::new().hash_one("x").to_string()),
        "environment" => Ok(environment()),
        "stdin" => Ok(read_stdin()),
        "files" => list("/").or_else(|_| list(".")),
        "write" => write(),
        "socket" => TcpStream::connect("127.0.0.1:80").map(|_| "true".to_owned()).map_err(returned),
        "exit" => process::exit(3),
        "endless" => endless(),
        "memory" => Ok(memory()),
        "panic" => panic!("no such thing: {input}"),
        "recursion" => Ok(recursion(0).to_string()),
        "large" => Ok(large(input.parse().unwrap())),
        "not_json" => Ok("{".to_owned()),
        "deep" => Ok("[".repeat(10_000) + &"]".repeat(10_000)),
        "log" => Ok(log()),
        "flood" => Ok(flood()),
        "calls" => Ok(calls::sleep(1, &options()).to_string()),
        "attempt" => Ok(attempt()),
        "heartbeat" => loop {
            task_context::heartbeat("1");
        },
        "artifact" => artifact(input),
        "lost" => Err(Failure { kind: FailureKind::Lost, ..returned("I say that I am lost") }),
        other => Err(returned(format!("no task `{other}`"))),
    }
}

fn text(value: impl Debug) -> String {
    format!("{:?}", format!("{value:?}"))
}

fn clock() -> String {
    let wall = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
    let (first, start) = (wall(), Instant::now());
    let elapsed = start.elapsed().as_nanos();
    format!("[{first},{elapsed},{}]", wall())
}

fn sleep() -> String {
    let start = Instant::now();
    thread::sleep(Duration::from_secs(3_600));
    start.elapsed().as_secs().to_string()
}

fn random() -> String {
    let mut map = HashMap::new();
    map.insert("a", 1);
    text((wasi_random(), map))
}

/// The standard library asks for nothing but the seed of hash maps; this asks as `getrandom` does.
fn wasi_random() -> u64 {
    #[link(wasm_import_module = "wasi:random/random@0.2.0")]
    unsafe extern "C" {
        #[link_name = "get-random-u64"]
        fn get_random_u64() -> u64;
    }
    // SAFETY: the import takes nothing and returns a number.
    unsafe { get_random_u64() }
}

fn environment() -> String {
    text((std::env::vars().collect::<Vec<_>>(), std::env::args().collect::<Vec<_>>()))
}

fn read_stdin() -> String {
    let mut all = String::new();
    text((io::stdin().read_to_string(&mut all).unwrap(), all))
}

fn list(folder: &str) -> Result<String, Failure> {
    let entries = fs::read_dir(folder).map_err(returned)?;
    Ok(text(entries.map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>()))
}

fn write() -> Result<String, Failure> {
    fs::write("/data/new", "written").map_err(returned)?;
    fs::read_to_string("/data/new").map(text).map_err(returned)
}

/// Made in place: growing it would take twice the memory.
fn large(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 2);
    text.push('"');
    text.extend(std::iter::repeat_n('x', bytes));
    text.push('"');
    text
}

fn endless() -> ! {
    let mut turns = 0u64;
    loop {
        turns = hint::black_box(turns.wrapping_add(1));
    }
}

fn memory() -> String {
    let mut all = Vec::new();
    loop {
        all.push(hint::black_box(vec![1u8; 64 << 20]));
    }
}

fn recursion(depth: u64) -> u64 {
    if hint::black_box(depth) == u64::MAX { 0 } else { recursion(depth + 1) + hint::black_box(1) }
}

fn log() -> String {
    println!("to standard output");
    eprintln!("to standard error");
    logging::log(Level::Warn, "probe", "to the log");
    print!("without an end");
    io::stdout().flush().unwrap();
    "null".to_owned()
}

fn flood() -> String {
    let line = "y".repeat(1_000);
    for number in 0..20_000 {
        logging::log(Level::Info, "flood", &format!("{number} {line}"));
    }
    "null".to_owned()
}

fn attempt() -> String {
    let attempt = task_context::this_attempt();
    format!("[{:?},{},{},{:?}]", attempt.flow_run, attempt.call, attempt.number, attempt.idempotency_key)
}

fn artifact(input: &str) -> Result<String, Failure> {
    let mut all = Vec::new();
    let reader = artifacts::open(input)?;
    loop {
        let bytes = reader.read(4)?;
        if bytes.is_empty() {
            break;
        }
        all.extend(bytes);
    }
    all.reverse();
    let writer = artifacts::Writer::new("reversed", "text/plain");
    writer.write(&all)?;
    artifacts::Writer::finish(writer)
}

pub fn options() -> CallOptions {
    CallOptions {
        key: "0".to_owned(),
        seen: Seen::These(Vec::new()),
        name: None,
        tags: Vec::new(),
        after: Vec::new(),
        trigger: None,
        run_if_skipped: false,
        retry: None,
        timeout: None,
        cache: None,
        on_crash: None,
        idempotency_key: None,
        each: Vec::new(),
        max_in_flight: None,
        settle: false,
    }
}
