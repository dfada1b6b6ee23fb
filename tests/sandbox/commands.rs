//! WASI commands: what they see, how they leave, and what is refused. One is a component that a compiler made, others are core modules.

use crate::kit::{NOW, World, guest, options, said};
use headwater::sandbox::{CommandCall, CommandEnd, Sandbox, SandboxError, Used, WasiCommand};
use std::sync::Arc;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

async fn tool() -> WasiCommand {
    static TOOL: OnceCell<WasiCommand> = OnceCell::const_new();
    let load = async || Sandbox::new(options()).unwrap().load_command(&guest("tool")).await.unwrap();
    TOOL.get_or_init(load).await.clone()
}

async fn module(text: &str) -> WasiCommand {
    Sandbox::new(options()).unwrap().load_command(&wat::parse_str(text).unwrap()).await.unwrap()
}

fn call(world: &Arc<World>, argv: &[&str], stdin: &str) -> CommandCall {
    CommandCall {
        argv: argv.iter().map(|&text| text.to_owned()).collect(),
        env: vec![("LANGUAGE".to_owned(), "en".to_owned())],
        stdin: stdin.into(),
        seed: 1,
        now: NOW,
        stop: CancellationToken::new(),
        log: world.clone(),
    }
}

async fn run(what: &str, stdin: &str) -> CommandEnd {
    tool().await.run(call(&World::new(), &["tool.wasm", what], stdin)).await
}

/// Code and standard output.
async fn left(what: &str, stdin: &str) -> (i32, String) {
    let exit = run(what, stdin).await.result.unwrap();
    (exit.code, String::from_utf8(exit.stdout).unwrap())
}

#[tokio::test]
async fn it_reads_its_input_and_its_output_is_its_result() {
    assert_eq!(left("upper", "one\ntwö\n").await, (0, "ONE\nTWÖ\n".to_owned()));
    let large = "a".repeat(3_000_000);
    assert_eq!(left("upper", &large).await.1.len(), large.len());
    assert_eq!(run("upper", "").await.used, Used::default());
}

#[tokio::test]
async fn it_has_the_arguments_and_variables_that_it_was_given_and_no_others() {
    let expected = r#"(["tool.wasm", "say"], [("LANGUAGE", "en")])"#;
    assert_eq!(left("say", "").await, (0, format!("{expected}\n")));
}

#[tokio::test]
async fn it_leaves_with_a_code_and_last_words() {
    let world = World::new();
    let exit = tool().await.run(call(&world, &["tool.wasm", "leave"], "")).await.result.unwrap();
    // The toolchain makes 1 of every other code.
    assert_eq!((exit.code, exit.stdout.as_slice()), (1, b"before leaving\n".as_slice()));
    assert_eq!(exit.last_words.as_deref(), Some("no more of this"));
    assert_eq!(world.lines(), ["Stderr Info  no more of this"]);
}

#[tokio::test]
async fn there_are_no_files_and_no_sockets() {
    let exit = run("file", "").await.result.unwrap();
    assert_eq!(exit.code, 1);
    assert!(exit.last_words.unwrap().starts_with("no file: "));
    let failure = run("socket", "").await.result.unwrap_err();
    assert!(said(&failure).starts_with("not-granted: the task opened a socket"), "{failure:?}");
}

#[tokio::test]
async fn a_panic_is_told_as_a_tasks_is() {
    let failure = run("panic", "").await.result.unwrap_err();
    assert!(said(&failure).ends_with(": there is no such thing"), "{failure:?}");
}

#[tokio::test]
async fn the_clock_is_the_attempts_own() {
    let end = run("clock", "").await;
    assert!(end.used.clock);
    assert_eq!(end.result.unwrap().stdout, format!("{}\n", NOW.0 / 1_000).into_bytes());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endless_loop_can_be_stopped() {
    let call = call(&World::new(), &["tool.wasm", "endless"], "");
    let stop = call.stop.clone();
    let tool = tool().await;
    let running = tokio::spawn(async move { tool.run(call).await });
    left("upper", "a neighbour").await;
    stop.cancel();
    assert_eq!(said(&running.await.unwrap().result.unwrap_err()), "cancelled: the attempt was stopped");
}

/// A core module of preview 1 that imports these functions.
fn preview1(body: &str) -> String {
    let import = |name: &str, parameters: usize, results: &str| {
        format!(
            r#"(import "wasi_snapshot_preview1" "{name}" (func ${name} (param {}) {results}))"#,
            "i32 ".repeat(parameters)
        )
    };
    let i32 = "(result i32)";
    format!(
        r#"(module {} {} {} {} {} (memory (export "memory") 1) (func (export "_start") {body}))"#,
        import("fd_read", 4, i32),
        import("fd_write", 4, i32),
        import("args_get", 2, i32),
        import("args_sizes_get", 2, i32),
        import("proc_exit", 1, ""),
    )
}

#[tokio::test]
async fn a_core_module_reads_and_writes() {
    // One vector at 0: the bytes from 64 on. What was read stands at 8, and is written again.
    let echo = module(&preview1(
        "(i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 1024))
         (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
         (i32.store (i32.const 4) (i32.load (i32.const 8)))
         (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))",
    ))
    .await;
    let exit = echo.run(call(&World::new(), &["echo"], "to and fro")).await.result.unwrap();
    assert_eq!((exit.code, exit.stdout.as_slice()), (0, b"to and fro".as_slice()));
}

#[tokio::test]
async fn a_core_module_has_arguments_and_leaves_with_a_code() {
    // Pointers at 16, texts at 64; the second text, four letters, goes to standard error.
    let module = module(&preview1(
        "(drop (call $args_get (i32.const 16) (i32.const 64)))
         (i32.store (i32.const 0) (i32.load (i32.const 20))) (i32.store (i32.const 4) (i32.const 4))
         (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
         (call $proc_exit (i32.const 1))",
    ))
    .await;
    let exit = module.run(call(&World::new(), &["words", "last"], "")).await.result.unwrap();
    assert_eq!((exit.code, exit.last_words.as_deref()), (1, Some("last")));
}

#[tokio::test]
async fn what_is_no_command_is_refused() {
    let sandbox = Sandbox::new(options()).unwrap();
    let refused = async |bytes: &[u8]| sandbox.load_command(bytes).await.err().unwrap();
    assert!(matches!(refused(&guest("cli_words")).await, SandboxError::NoCommand));
    assert!(matches!(refused(b"no wasm at all").await, SandboxError::Compile(_)));
    assert!(matches!(refused(&wat::parse_str("(module)").unwrap()).await, SandboxError::NoPreview1 { .. }));
    let import = r#"(module (import "env" "anything" (func)) (memory (export "memory") 1) (func (export "_start")))"#;
    let error = refused(&wat::parse_str(import).unwrap()).await;
    assert!(matches!(error, SandboxError::NoPreview1 { .. }), "{error}");
}
