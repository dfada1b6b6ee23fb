//! Components from the texts of `tests/guests/hostile`. A text holds what is wrong with its guest; all else is added here, and is right:
//! memory, allocator, a manifest with one flow and one task, and the functions of the contract.
//!
//! A text finds in its memory: at 16 `null`, at 32 that as a task's result, at 48 as a flow's step, at 64 the step `waiting`, and nothing but
//! zeros from 512 on. The heap begins at 65536.

use std::{fmt::Write as _, fs, path::Path};
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding};

const MANIFEST: usize = 128;
const TEXTS: usize = 192;
const FLOW: usize = 8_192;
const TASK: usize = 12_288;
/// Bytes of a task in a manifest (`sdk/wit`, by the rules of the canonical ABI).
const TASK_BYTES: usize = 480;
/// A task of the flows that call it: this result, no parameters.
const RETURNS: &str = r#"{"type":"null"}"#;

/// What a text need not say, by the export that would say it.
const USUAL: [(&str, &str); 6] = [
    ("memory", r#"(memory (export "memory") 4)"#),
    (
        "cabi_realloc",
        r#"(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
             (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
             (global.set $heap (i32.add (local.get $at) (local.get 3)))
             (local.get $at))"#,
    ),
    (
        "headwater:flow/manifest@0.1.0#describe",
        r#"(func (export "headwater:flow/manifest@0.1.0#describe") (result i32) (i32.const 128))"#,
    ),
    (
        "headwater:flow/flow@0.1.0#start",
        r#"(func (export "headwater:flow/flow@0.1.0#start") (param i32 i32 i32 i32) (result i32) (i32.const 48))"#,
    ),
    (
        "headwater:flow/flow@0.1.0#resume",
        r#"(func (export "headwater:flow/flow@0.1.0#resume") (param i32) (result i32) (i32.const 48))"#,
    ),
    (
        "headwater:flow/tasks@0.1.0#run",
        r#"(func (export "headwater:flow/tasks@0.1.0#run") (param i32 i32 i32 i32) (result i32) (i32.const 32))"#,
    ),
];

/// A guest of this kind (a folder of texts): its name, what it does, its component.
pub struct Text {
    pub name: String,
    pub about: String,
    pub component: Vec<u8>,
}

/// The guests of a folder, by name.
pub fn texts(kind: &str) -> Vec<Text> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests/hostile").join(kind);
    let mut texts: Vec<Text> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let about =
                text.lines().next().unwrap().strip_prefix(";; ").expect("a text begins with what its guest does");
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            Text { about: about.to_owned(), component: component(&text), name }
        })
        .collect();
    texts.sort_by(|one, other| one.name.cmp(&other.name));
    texts
}

/// A component with nothing wrong.
pub fn good() -> Vec<u8> {
    component("")
}

fn component(text: &str) -> Vec<u8> {
    let mut module = wat::parse_str(module(text)).unwrap_or_else(|error| panic!("{error}\n{text}"));
    // A resolver of the contract: the type has no other door here than one that comes with an empty component.
    let DecodedWasm::Component(mut resolve, _) =
        wit_component::decode(&wat::parse_str("(component)").unwrap()).unwrap()
    else {
        panic!("a component")
    };
    let (package, _) = resolve.push_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk/wit")).unwrap();
    let world = resolve.select_world(&[package], Some("flow-component")).unwrap();
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

fn module(text: &str) -> String {
    let mut module = format!(
        "(module {text}\n(global $heap (mut i32) (i32.const 65536)) (global $task_size i32 (i32.const {TASK_BYTES}))\n"
    );
    for (export, usual) in USUAL {
        if !text.contains(&format!("(export \"{export}\")")) {
            module.push_str(usual);
        }
    }
    for (at, bytes) in data() {
        let bytes = bytes.iter().fold(String::new(), |mut all, byte| {
            let _ = write!(all, "\\{byte:02x}");
            all
        });
        let _ = write!(module, "\n(data (i32.const {at}) \"{bytes}\")");
    }
    module + ")"
}

/// What lies in every memory: where, and the bytes.
fn data() -> Vec<(usize, Vec<u8>)> {
    let mut texts = (TEXTS, Vec::new());
    let mut text = |text: &str| {
        let at = texts.0 + texts.1.len();
        texts.1.extend_from_slice(text.as_bytes());
        [at, text.len()]
    };
    let (name, version, misbehave, run, returns) =
        (text("hostile"), text("0.1.0"), text("misbehave"), text("run"), text(RETURNS));
    let none = [0, 0];
    let manifest = [name, version, name, [FLOW, 1], [TASK, 1]];
    // Name, no project, description, parameters, result; the rest is zeros: nothing.
    let flow = [&run[..], &[0, 0, 0], &none, &none, &returns].concat();
    let task = [misbehave, none, none, returns];
    vec![
        (16, b"null".to_vec()),
        (32, words(&[0, 16, 4])),
        (48, words(&[1, 16, 4])),
        texts,
        (MANIFEST, words(manifest.as_flattened())),
        (FLOW, words(&flow)),
        (TASK, words(task.as_flattened())),
    ]
}

fn words(words: &[usize]) -> Vec<u8> {
    words.iter().flat_map(|&word| u32::try_from(word).unwrap().to_le_bytes()).collect()
}

/// A text that is a whole component or module by itself.
pub fn parse(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

/// A component with as many instances more, of an empty module: `count`, so many times.
pub fn with_instances(component: &[u8], count: u8, times: usize) -> Vec<u8> {
    const MODULE: u8 = 1;
    const INSTANCES: u8 = 2;
    let empty = wat::parse_str("(module)").unwrap();
    let number = modules(component);
    let instance = [0, number, 0];
    let instances = [&[count][..], &instance.repeat(usize::from(count))].concat();
    let mut bigger = component.to_vec();
    let sections = std::iter::once((MODULE, &empty)).chain(std::iter::repeat_n((INSTANCES, &instances), times));
    for (kind, content) in sections {
        bigger.push(kind);
        bigger.extend(leb(content.len()));
        bigger.extend(content);
    }
    bigger
}

/// How many modules a component holds: its sections of that kind.
fn modules(component: &[u8]) -> u8 {
    let (mut at, mut modules) = (8, 0);
    while at < component.len() {
        let kind = component[at];
        let (mut size, mut shift) = (0, 0);
        loop {
            at += 1;
            size |= usize::from(component[at] & 0x7f) << shift;
            shift += 7;
            if component[at] < 0x80 {
                break;
            }
        }
        at += 1 + size;
        modules += u8::from(kind == 1);
    }
    modules
}

fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        bytes.push(if number == 0 { low } else { low | 0x80 });
        if number == 0 {
            return bytes;
        }
    }
}
