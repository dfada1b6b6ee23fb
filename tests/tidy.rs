//! The rules of this house that a machine can check, one test a rule. CONTRIBUTING.md lists them under the same numbers.
//!
//! Works on the text of the sources as rustfmt leaves it; it needs no compiler and takes milliseconds.
#![cfg(test)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 120;
const FUNCTION_LINES_USUAL: usize = 70;
/// One function in so many may be longer than usual.
const LONG_FUNCTIONS_ONE_IN: usize = 50;

const CORE_DEPENDENCIES: [&str; 4] = ["serde", "serde_json", "sha2", "thiserror"];

/// What one part of the host alone may know.
const SECRETS: [(&str, &[&str]); 3] = [
    ("host/store/", &["rusqlite::", "use rusqlite"]),
    ("host/container/", &["bollard::", "use bollard"]),
    ("host/sandbox/", &["wasmtime::", "use wasmtime", "wasmtime_wasi::", "wasmtime_wasi_http::"]),
];

/// Built from pieces so that this file does not contain what it looks for.
const UNFINISHED: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("unimplemented", "!("),
    concat!("to", "do!("),
    concat!("#[ig", "nore"),
];

/// What users get wrong, with what the compiler says to it: every line of these counts.
const MISTAKES: &str = "sdk/tests/mistakes/";

/// What `headwater new` writes: a user's code, with its tests in it.
const TEMPLATES: &str = "host/cli/new/templates/";

struct Source {
    path: String,
    text: String,
}

impl Source {
    /// Numbered lines of code: without those that are comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Unit tests lie in files beside what they test.
    fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name == "tests.rs"
            || name.ends_with("_tests.rs")
            || self.path.starts_with("tests/")
            || self.path.contains("/tests/")
    }
}

/// Collects what is wrong with one rule and fails with all of it at once.
struct Rule {
    number: u32,
    says: &'static str,
    wrong: String,
}

impl Rule {
    fn new(number: u32, says: &'static str) -> Self {
        Self { number, says, wrong: String::new() }
    }

    fn complain(&mut self, place: impl std::fmt::Display, what: impl std::fmt::Display) {
        let _ = writeln!(self.wrong, "  {place}: {what}");
    }

    fn hold(self) {
        assert!(self.wrong.is_empty(), "rule {} of CONTRIBUTING.md: {}\n{}", self.number, self.says, self.wrong);
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(extension: &str) -> Vec<Source> {
    let mut folders = vec![root().to_path_buf()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if path.extension().is_some_and(|its| its == extension) {
                found.push(read(path));
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn read(path: PathBuf) -> Source {
    let text = fs::read_to_string(&path).unwrap();
    Source { path: path.strip_prefix(root()).unwrap().to_string_lossy().into_owned(), text }
}

fn sources() -> Vec<Source> {
    files("rs")
}

fn host_sources() -> impl Iterator<Item = Source> {
    let of_host = |source: &Source| source.path.starts_with("host/") && !source.path.starts_with(TEMPLATES);
    sources().into_iter().filter(move |source| of_host(source) && !source.is_test())
}

/// Code that a macro writes into a user's crate cannot expect a lint: it may hold there.
fn generates(source: &Source) -> bool {
    source.path.starts_with("sdk/macros/src/")
}

/// Line, name and length of each function: from `fn` to the brace that closes it, which stands under it.
fn functions(source: &Source) -> Vec<(usize, String, usize)> {
    let lines: Vec<&str> = source.text.lines().collect();
    let starts = lines.iter().enumerate().filter_map(|(index, line)| Some((index, *line, function_name(line)?)));
    starts
        .filter_map(|(start, line, name)| {
            let indent = line.len() - line.trim_start().len();
            let end =
                |line: &&str| line.len() - line.trim_start().len() == indent && line.trim_start().starts_with('}');
            if line.trim_end().ends_with([';', '}']) {
                return None;
            }
            let length = lines[start + 1..].iter().position(end)? + 2;
            Some((start + 1, name, length))
        })
        .collect()
}

fn function_name(line: &str) -> Option<String> {
    const BEFORE: [&str; 8] = ["pub", "pub(crate)", "pub(super)", "async", "const", "unsafe", "extern", "\"C\""];
    let mut words = line.split_whitespace().skip_while(|word| BEFORE.contains(word));
    (words.next()? == "fn").then_some(())?;
    let name: String = words.next()?.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// Whether a `Result<…>` of the line has `String` as its last argument.
fn fails_with_a_string(code: &str) -> bool {
    code.split("Result<").skip(1).any(|rest| {
        let mut depth = 1;
        let end = rest.find(|c| {
            depth += i32::from(c == '<') - i32::from(c == '>');
            depth == 0
        });
        end.is_some_and(|end| rest[..end].trim_end().ends_with(", String"))
    })
}

/// The names in the tables of a manifest whose heading ends so: `[dependencies]`, `[dev-dependencies]`, …
fn dependencies(manifest: &str, tables: &[&str]) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(heading) = line.strip_prefix('[') {
            let heading = heading.trim_end_matches(']');
            inside = tables.iter().any(|table| heading == *table || heading.ends_with(&format!(".{table}")));
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            let name = line.split(['=', '.', ' ']).next().unwrap_or(line);
            names.push(name.trim_matches('"').to_owned());
        }
    }
    names
}

fn manifest(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

#[test]
fn rule_1_each_file_opens_with_what_it_is_for() {
    let mut rule = Rule::new(1, "a file opens with 2 to 10 lines of `//!`: its job and its invariant");
    for source in sources() {
        if !source.text.starts_with("//! ") && !source.path.starts_with(MISTAKES) {
            rule.complain(&source.path, "does not open with `//!`");
        }
    }
    rule.hold();
}

#[test]
fn rule_2_files_are_short() {
    let mut rule = Rule::new(2, "no file is longer than 500 lines; most stay under 200");
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > FILE_LINES_MAX {
            rule.complain(&source.path, format_args!("{lines} lines"));
        }
    }
    rule.hold();
}

#[test]
fn rule_3_functions_are_short() {
    let mut rule = Rule::new(3, "at most 2 % of the functions have more than 70 lines, none more than 120");
    let mut count = 0;
    let mut long = Vec::new();
    for source in sources() {
        for (line, name, length) in functions(&source) {
            count += 1;
            if length > FUNCTION_LINES_USUAL {
                long.push((format!("{}:{line}", source.path), format!("`{name}` has {length} lines"), length));
            }
        }
    }
    let too_many = long.len() * LONG_FUNCTIONS_ONE_IN > count;
    for (place, what, length) in long {
        if too_many || length > FUNCTION_LINES_MAX {
            rule.complain(place, what);
        }
    }
    rule.hold();
}

#[test]
fn rule_4_the_host_does_not_unwrap() {
    let mut rule =
        Rule::new(4, "outside tests the host has no `.unwrap()` and no `.expect(`: an error says what to do");
    for source in host_sources() {
        for (line, code) in source.code() {
            if code.contains(".unwrap()") || code.contains(".expect(") {
                rule.complain(format_args!("{}:{line}", source.path), code.trim());
            }
        }
    }
    rule.hold();
}

#[test]
fn rule_5_errors_are_types() {
    let mut rule = Rule::new(5, "an error is a type of its module, never a `String`");
    for source in sources().iter().filter(|source| !source.is_test()) {
        for (line, code) in source.code() {
            if fails_with_a_string(code) {
                rule.complain(format_args!("{}:{line}", source.path), code.trim());
            }
        }
    }
    rule.hold();
}

#[test]
fn rule_6_nothing_is_left_for_later() {
    let mut rule =
        Rule::new(6, "no notes to do something later, no skipped tests, no silenced lint: `#[expect(…, reason = …)]`");
    let silenced = concat!("[all", "ow(");
    for source in sources() {
        for (index, text) in source.text.lines().enumerate() {
            let silences = text.contains(silenced) && !generates(&source);
            if silences || UNFINISHED.iter().any(|word| text.contains(word)) {
                rule.complain(format_args!("{}:{}", source.path, index + 1), text.trim());
            }
        }
    }
    rule.hold();
}

#[test]
fn rule_7_the_core_is_pure() {
    let mut rule = Rule::new(7, "host/core depends on serde, serde_json, sha2 and thiserror, and on nothing else");
    let text = manifest("host/core/Cargo.toml").unwrap();
    for name in dependencies(&text, &["dependencies", "build-dependencies"]) {
        if !CORE_DEPENDENCIES.contains(&name.as_str()) {
            rule.complain("host/core/Cargo.toml", name);
        }
    }
    rule.hold();
}

#[test]
fn rule_8_one_part_of_the_host_knows_each_engine() {
    let mut rule = Rule::new(8, "only host/store knows SQL, only host/container Docker, only host/sandbox wasmtime");
    for source in host_sources() {
        for (line, code) in source.code() {
            for (home, names) in SECRETS {
                if !source.path.starts_with(home) && names.iter().any(|name| code.contains(name)) {
                    rule.complain(
                        format_args!("{}:{line}", source.path),
                        format_args!("belongs to {home}: {}", code.trim()),
                    );
                }
            }
        }
    }
    rule.hold();
}

#[test]
fn rule_9_sdk_and_host_share_only_the_contract() {
    let mut rule = Rule::new(9, "the SDK and the host do not depend on each other: they share sdk/wit");
    let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
    for source in files("toml").iter().filter(|source| source.path.ends_with("Cargo.toml")) {
        let forbidden: &[&str] = match source.path.as_str() {
            "Cargo.toml" | "host/core/Cargo.toml" => &["headwater-sdk", "headwater-sdk-macros"],
            path if path.starts_with("sdk/") => &["headwater", "headwater-core"],
            _ => &[],
        };
        for name in dependencies(&source.text, &tables).iter().filter(|name| forbidden.contains(&name.as_str())) {
            rule.complain(&source.path, name);
        }
    }
    rule.hold();
}

#[test]
fn rule_10_every_crate_takes_the_lints() {
    let mut rule = Rule::new(10, "each crate of the workspace has `[lints] workspace = true`");
    for source in files("toml").iter().filter(|source| source.path.ends_with("Cargo.toml")) {
        let inside = source.path == "Cargo.toml" || source.path.starts_with("host/") || source.path.starts_with("sdk/");
        if inside
            && !source.text.contains("[lints]\nworkspace = true")
            && !source.text.contains("lints.workspace = true")
        {
            rule.complain(&source.path, "does not take the workspace's lints");
        }
    }
    rule.hold();
}

#[test]
fn rule_11_no_guest_without_a_test() {
    let mut rule = Rule::new(11, "each guest, a folder or a file in tests/guests, is named by a test");
    let sources = sources();
    let of_guests = |source: &&Source| source.path.starts_with("tests/guests/");
    let guests: BTreeSet<&str> = sources
        .iter()
        .filter(of_guests)
        .filter_map(|source| source.path.split('/').nth(2))
        .map(|name| name.strip_suffix(".rs").unwrap_or(name))
        .filter(|name| *name != "src")
        .collect();
    for guest in guests {
        let named = |source: &Source| source.is_test() && !of_guests(&source) && source.text.contains(guest);
        if !sources.iter().any(named) {
            rule.complain(format_args!("tests/guests/{guest}"), "no test names it");
        }
    }
    rule.hold();
}

#[test]
fn a_string_as_error_is_told_from_one_as_value() {
    assert!(fails_with_a_string("fn f() -> Result<Vec<u8>, String> {"));
    assert!(!fails_with_a_string("fn f(m: HashMap<String, String>) -> Result<(), StoreError> {"));
    assert!(!fails_with_a_string("row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;"));
}

#[test]
fn functions_are_measured_from_name_to_brace() {
    let text = "impl A {\n    pub(crate) async fn long(\n        a: u8,\n    ) {\n        a;\n    }\n\n    fn none(&self);\n    fn one() {}\n}\n";
    let source = Source { path: "x.rs".to_owned(), text: text.to_owned() };
    assert_eq!(functions(&source), [(2, "long".to_owned(), 5)]);
}
