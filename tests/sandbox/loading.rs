//! Components: what is refused before anything of it runs, and what is kept of what was compiled.

use crate::kit::{World, call, guest, options, probe};
use headwater::sandbox::{Options, Sandbox, SandboxError, limits};
use std::fs;

async fn refused(bytes: &[u8]) -> SandboxError {
    Sandbox::new(options()).unwrap().load(bytes).await.err().unwrap()
}

#[tokio::test]
async fn a_component_says_what_it_holds_and_what_it_asks_for() {
    let probe = probe().await;
    assert_eq!((probe.manifest().name.as_str(), probe.manifest().sdk.as_str()), ("probe", "none"));
    assert!(probe.manifest().task("echo").is_some() && probe.manifest().flow("two_calls").is_some());
    assert!(probe.imports().iter().any(|import| import == "headwater:flow/calls@0.1.0"));
    assert!(probe.digest().as_str().starts_with("sha256:"));
}

#[tokio::test]
async fn compiled_code_and_manifest_are_kept_and_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let cached = || Options { cache: Some(folder.path().join("code")), ..options() };
    let bytes = guest("probe");
    let first = Sandbox::new(cached()).unwrap();
    let manifest = first.load(&bytes).await.unwrap().manifest().clone();
    let kept = || fs::read_dir(folder.path().join("code")).unwrap().count();
    assert_eq!(kept(), 2);
    let second = Sandbox::new(cached()).unwrap();
    let component = second.load(&bytes).await.unwrap();
    assert_eq!(component.manifest(), &manifest);
    // Nothing of it ran: the manifest was kept, too.
    assert_eq!(second.instances_created(), 0);
    component.run_task(call(&World::new(), "echo", "{}")).await.result.unwrap();
    assert_eq!(kept(), 2);
}

#[tokio::test]
async fn what_is_no_component_is_refused() {
    assert!(matches!(refused(b"no wasm at all").await, SandboxError::Compile(_)));
    assert!(matches!(refused(&wat::parse_str("(module)").unwrap()).await, SandboxError::Compile(_)));
    let large = vec![0; limits::COMPONENT_BYTES_MAX + 1];
    assert!(matches!(refused(&large).await, SandboxError::TooLarge { .. }));
}

#[tokio::test]
async fn an_import_that_nobody_gives_is_named() {
    let component = wat::parse_str(r#"(component (import "wasi:keyvalue/store@0.2.0" (instance)))"#).unwrap();
    let error = refused(&component).await.to_string();
    assert_eq!(
        error,
        "the component imports `wasi:keyvalue/store@0.2.0`, which this host does not give: of WASI, it gives \
         version 0.2 for the command line, and outgoing HTTP: build it for wasm32-wasip2"
    );
    let component = wat::parse_str(r#"(component (import "some:body/else" (instance)))"#).unwrap();
    assert!(matches!(refused(&component).await, SandboxError::UnknownImport { .. }));
}

#[tokio::test]
async fn a_component_of_another_contract_is_refused() {
    let import = r#"(component (import "headwater:flow/logging@0.1.0" (instance (export "shout" (func)))))"#;
    assert!(matches!(refused(&wat::parse_str(import).unwrap()).await, SandboxError::Contract(_)));
    let error = refused(&wat::parse_str("(component)").unwrap()).await;
    assert!(matches!(error, SandboxError::MissingExport { export: "headwater:flow/tasks" }), "{error}");
}

#[tokio::test]
async fn threads_and_wide_memories_are_refused() {
    for module in ["(memory i64 1)", "(memory 1 1 shared)"] {
        let component = format!("(component (core module {module}))");
        assert!(matches!(refused(&wat::parse_str(component).unwrap()).await, SandboxError::Compile(_)), "{module}");
    }
}
