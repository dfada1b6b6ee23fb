//! A WASI command is as pure as the component's own code, and known by its digest and by how it is started.

use crate::calls::task_named;
use headwater_core::core::Catalogue;
use headwater_core::journal::{IssuedCall, Work};
use headwater_core::model::*;
use std::{collections::BTreeMap, sync::Arc};

/// The call of a task whose program has these arguments, where `tool.wasm` has these bytes.
fn resolved(argv: &[&str], tool: Option<&[u8]>) -> IssuedCall {
    let program = Program { argv: argv.iter().map(|&text| text.to_owned()).collect(), ..Program::default() };
    let task = TaskDeclaration {
        name: "tool".to_owned(),
        description: String::new(),
        parameters: vec![],
        returns: Json::parse("true").unwrap(),
        body: TaskBody::Program(program),
        grants: vec![],
        retry: None,
        timeout_ms: None,
        cache: None,
        on_crash: None,
        tags: vec![],
    };
    let manifest = Manifest { tasks: vec![task], ..Manifest::default() };
    let commands: BTreeMap<_, _> = tool.map(|bytes| ("tool.wasm".to_owned(), Digest::of(bytes))).into_iter().collect();
    let catalogue = Catalogue { manifest: Arc::new(manifest), commands, ..Catalogue::default() };
    catalogue.resolve(task_named("call", "tool").0)
}

#[test]
fn it_needs_no_container_and_no_leave_for_programs() {
    let call = resolved(&["wasm:tool.wasm", "-v"], Some(b"one"));
    assert_eq!((call.work, call.refused), (Work::Pure, None));
    let program = resolved(&["tool.wasm", "-v"], Some(b"one"));
    assert_eq!((program.work, program.refused.unwrap().kind), (Work::Program, FailureKind::NotGranted));
}

#[test]
fn other_bytes_and_other_arguments_are_another_target() {
    let target = |argv: &[&str], tool: &[u8]| resolved(argv, Some(tool)).target.unwrap();
    let one = target(&["wasm:tool.wasm"], b"one");
    assert_eq!(one, target(&["wasm:tool.wasm"], b"one"));
    assert_ne!(one, target(&["wasm:tool.wasm"], b"other"));
    assert_ne!(one, target(&["wasm:tool.wasm", "-v"], b"one"));
}

#[test]
fn one_that_was_not_given_is_refused() {
    let refused = resolved(&["wasm:tool.wasm"], None).refused.unwrap();
    assert_eq!(refused.message, "this run was given no WASI command `tool.wasm`");
    assert_eq!(refused.kind, FailureKind::InvalidInput);
}
