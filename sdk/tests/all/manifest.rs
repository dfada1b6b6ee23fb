//! What a component says about itself.

use headwater_sdk::bindings::headwater::flow::manifest_types::{Flow, Grant, Task, TaskBody};
use headwater_sdk::bindings::headwater::flow::types::OnCrash;
use headwater_sdk::prelude::*;

/// Says everything.
///
/// In two paragraphs.
#[task(
    name = "said",
    retries = 3,
    retry_delays = ["1s", "1m"],
    backoff = 2,
    jitter = 0.5,
    max_delay = "1h",
    timeout = "250ms",
    cache_for = "2d",
    on_crash = "fail",
    tags = ["a", "b"],
    dir = "in",
    dir_rw = ["out", "scratch"],
    http = "api.example.org:8443",
    env = ["LANG"],
    secret = "TOKEN",
    clock = true
)]
fn says_everything(
    /// How often.
    times: u64,
) -> Result<()> {
    let _ = times;
    Ok(())
}

#[task(plugin = "text", name = "word_count")]
async fn words(text: String) -> Result<u64>;

#[task(
    image = "pandoc/core:3.1",
    entrypoint = ["pandoc"],
    command = ["--to=html", "-o", "{out}/page.html", "{in}/markdown"],
    env = ["LANG=C"],
    working_dir = "/tmp",
    user = "1000:1000",
    network = "private",
    cpus = 0.5,
    memory = "512MiB",
    pull = "never",
    skip_codes = [3]
)]
async fn render(markdown: Artifact) -> Result<Artifact>;

#[task(program = ["python3", "-V"], json_on_stdin = true, env = ["A=b"])]
async fn version() -> Result<String>;

#[task(
    wasm = "tools/page.wasm",
    args = ["--limit", "{limit}"],
    env = ["LANG=C"],
    success_codes = [0, 2],
    skip_codes = [3],
    retry_codes = [4]
)]
async fn page(text: String, limit: u64) -> Result<String>;

#[flow(name = "described", project = "community", label = "docker", image = "busybox", timeout = "1h", retries = 2)]
async fn described(
    #[default("Marvin")] name: String,
    #[default(3)] times: u64,
    note: Option<String>,
) -> Result<Vec<String>> {
    let _ = (times, note);
    Ok(vec![name])
}

#[flow]
async fn elsewhere(n: u64) -> Result<()>;

fn task(name: &str) -> Task {
    let manifest = headwater_sdk::def::manifest("tests", "1.2.3");
    manifest.tasks.into_iter().find(|task| task.name == name).unwrap()
}

fn flow(name: &str) -> Flow {
    let manifest = headwater_sdk::def::manifest("tests", "1.2.3");
    manifest.flows.into_iter().find(|flow| flow.name == name).unwrap()
}

#[test]
fn a_task_says_all_its_policies() {
    let task = task("said");
    assert_eq!(task.description, "Says everything.\n\nIn two paragraphs.");
    assert_eq!(task.parameters[0].description, "How often.");
    let retry = task.retry.unwrap();
    assert_eq!(
        (retry.retries, retry.delays.as_slice(), retry.backoff, retry.jitter),
        (3, &[1_000, 60_000][..], 2.0, 0.5)
    );
    assert_eq!((retry.max_delay, task.timeout), (Some(3_600_000), Some(250)));
    assert_eq!(task.cache.unwrap().ttl, Some(172_800_000));
    assert_eq!(task.on_crash, Some(OnCrash::Fail));
    assert_eq!(task.tags, ["a", "b"]);
    let grants: Vec<String> = task
        .grants
        .into_iter()
        .map(|grant| match grant {
            Grant::Http(host) => format!("http {host}"),
            Grant::Dir((dir, write)) => format!("dir {dir} {write}"),
            Grant::Env(name) => format!("env {name}"),
            Grant::Secret(name) => format!("secret {name}"),
            Grant::Clock => "clock".to_owned(),
        })
        .collect();
    let asked = ["dir in false", "dir out true", "dir scratch true", "http api.example.org:8443"];
    assert_eq!(grants[..4], asked);
    assert_eq!(grants[4..], ["secret TOKEN", "clock", "env LANG"]);
    assert!(matches!(task.body, TaskBody::Here));
}

#[test]
fn a_plugins_task_has_a_name_here_and_one_there() {
    let TaskBody::Plugin(body) = task("words").body else { panic!("no plugin") };
    assert_eq!(body, ("text".to_owned(), "word_count".to_owned()));
}

#[test]
fn an_image_has_all_that_was_said() {
    let TaskBody::Container(container) = task("render").body else { panic!("no container") };
    assert_eq!(container.image, "pandoc/core:3.1");
    assert_eq!(container.entrypoint.unwrap(), ["pandoc"]);
    assert_eq!(container.command.unwrap().len(), 4);
    assert_eq!(container.env, [("LANG".to_owned(), "C".to_owned())]);
    assert_eq!((container.working_dir.as_deref(), container.user.as_deref()), (Some("/tmp"), Some("1000:1000")));
    assert_eq!((container.network.as_deref(), container.resources.memory), (Some("private"), Some(512 << 20)));
    assert_eq!((container.exit_codes.success, container.exit_codes.skip), (vec![0], vec![3]));
}

#[test]
fn a_program_has_its_arguments() {
    let TaskBody::Program(program) = task("version").body else { panic!("no program") };
    assert_eq!(program.argv, ["python3", "-V"]);
    assert!(program.json_on_stdin);
}

#[test]
fn a_command_is_a_program_with_a_mark() {
    let TaskBody::Program(program) = task("page").body else { panic!("no program") };
    assert_eq!(program.argv, ["wasm:tools/page.wasm", "--limit", "{limit}"]);
    assert_eq!(program.env, [("LANG".to_owned(), "C".to_owned())]);
    let codes = program.exit_codes;
    assert_eq!((codes.success, codes.skip, codes.retry), (vec![0, 2], vec![3], vec![4]));
    assert!(!program.json_on_stdin && program.working_dir.is_none());
}

#[test]
fn a_flow_has_defaults_and_a_configuration() {
    let flow = flow("described");
    let defaults: Vec<Option<&str>> = flow.parameters.iter().map(|parameter| parameter.default.as_deref()).collect();
    assert_eq!(defaults, [Some("\"Marvin\""), Some("3"), Some("null")]);
    assert_eq!((flow.project.as_deref(), flow.timeout, flow.external), (Some("community"), Some(3_600_000), false));
    let config = flow.config.unwrap();
    assert_eq!((config.labels, config.container.unwrap().image), (vec!["docker".to_owned()], "busybox".to_owned()));
    assert!(super::manifest::flow("elsewhere").external);
}

#[test]
fn schemas_are_json() {
    let flow = flow("described");
    let schema: serde_json::Value = serde_json::from_str(&flow.parameters[2].schema).unwrap();
    assert_eq!(schema["type"], serde_json::json!(["string", "null"]));
    let returns: serde_json::Value = serde_json::from_str(&flow.returns).unwrap();
    assert_eq!(returns["items"]["type"], "string");
    let artifact: serde_json::Value = serde_json::from_str(&task("render").returns).unwrap();
    assert_eq!(artifact["required"], serde_json::json!(["$artifact", "size"]));
}

#[test]
fn names_are_unique() {
    let manifest = headwater_sdk::def::manifest("tests", "1.2.3");
    let mut names: Vec<&str> = manifest.tasks.iter().map(|task| task.name.as_str()).collect();
    let count = names.len();
    names.dedup();
    assert_eq!((names.len(), manifest.sdk.as_str()), (count, "headwater-sdk 0.1.0"));
}
