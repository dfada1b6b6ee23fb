//! The keys of `headwater.toml`, against the command line, the page about them and the file that a new crate gets.

use super::project::{self, KEYS};
use clap::CommandFactory as _;

const PAGE: &str = include_str!("../../docs/headwater-toml.md");
const TEMPLATE: &str = include_str!("new/templates/flow/headwater.toml");

struct Key {
    name: &'static str,
    variable: &'static str,
    flag: &'static str,
}

/// What goes over each key.
const OVER: [Key; KEYS.len()] = [
    Key { name: "run.flow", variable: "HEADWATER_FLOW", flag: "flow" },
    Key { name: "run.limit", variable: "HEADWATER_LIMIT", flag: "limit" },
    Key { name: "run.careful", variable: "HEADWATER_CAREFUL", flag: "careful" },
    Key { name: "run.no_wait", variable: "HEADWATER_NO_WAIT", flag: "no-wait" },
    Key { name: "plugins.NAME", variable: "HEADWATER_WITH", flag: "with" },
];

#[test]
fn each_key_has_its_flag_and_its_variable() {
    assert_eq!(OVER.map(|key| key.name), KEYS);
    let command = super::Arguments::command();
    let run = command.find_subcommand("run").unwrap();
    for key in &OVER {
        let flag = run.get_arguments().find(|argument| argument.get_long() == Some(key.flag)).unwrap();
        assert_eq!(flag.get_env().unwrap(), key.variable, "{}", key.name);
    }
    let with_variable = run.get_arguments().filter(|argument| argument.get_env().is_some());
    assert_eq!(with_variable.count(), KEYS.len(), "each variable of `run` has a key");
}

#[test]
fn the_page_has_each_key_and_no_other() {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `run.") || line.starts_with("| `plugins."));
    let said: Vec<String> =
        rows.map(|row| row.split('|').take(4).map(str::trim).collect::<Vec<_>>().join("|")).collect();
    let wanted: Vec<String> =
        OVER.iter().map(|key| format!("|`{}`|`{}`|`--{}`", key.name, key.variable, key.flag)).collect();
    assert_eq!(said, wanted);
}

#[test]
fn a_new_crate_gets_each_key_as_a_comment() {
    let project = project::parse(TEMPLATE).unwrap();
    assert!(project.run.flow.is_none() && project.plugins.is_empty());
    let uncommented: Vec<&str> = TEMPLATE
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line))
        .collect();
    let project = project::parse(&uncommented.join("\n")).unwrap();
    assert!(project.run.flow.is_some() && project.run.limit.is_some() && project.run.careful.is_some());
    assert!(project.run.no_wait.is_some() && !project.plugins.is_empty());
    for key in &OVER {
        assert!(TEMPLATE.contains(&format!("{}, --{}\n", key.variable, key.flag)), "{}", key.name);
    }
}

#[test]
fn unknown_keys_are_refused_with_the_known_ones() {
    let said = project::parse("[run]\nflows = \"a\"\n").unwrap_err();
    assert_eq!(said.message(), "unknown field `flows`, expected one of `flow`, `limit`, `careful`, `no_wait`");
}
