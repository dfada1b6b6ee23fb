//! `docs/cli.md` is what the command line says of itself. `HEADWATER_WRITE=1` writes the page anew.

use clap::{Command, CommandFactory as _};
use std::{fmt::Write as _, path::Path};

const HEAD: &str = "\
# The command line

Made from the command itself: `headwater COMMAND --help` says the same. Exit codes: 0 Completed, 1 Failed, 2 usage or input (nothing was
started), 3 Crashed, 4 Cancelled, 5 not finished.
";

/// A command and those below it, each as its long help shows it.
fn sections(command: &mut Command, path: &str, text: &mut String) {
    let help = command.clone().bin_name(path).render_long_help().to_string();
    writeln!(text, "\n## `{path}`\n\n```text\n{}\n```", help.trim_end()).unwrap();
    let below: Vec<String> = command
        .get_subcommands()
        .filter(|command| !command.is_hide_set() && command.get_name() != "help")
        .map(|command| command.get_name().to_owned())
        .collect();
    for name in below {
        if let Some(command) = command.find_subcommand_mut(&name) {
            sections(command, &format!("{path} {name}"), text);
        }
    }
}

#[test]
fn the_page_says_what_the_commands_say() {
    let mut text = HEAD.to_owned();
    // Pages have one width, terminals have another.
    sections(&mut super::Arguments::command().term_width(120), "headwater", &mut text);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let text = lines.join("\n") + "\n";
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    if std::env::var_os("HEADWATER_WRITE").is_some() {
        std::fs::write(&page, &text).unwrap();
    }
    let said = std::fs::read_to_string(&page).unwrap_or_default();
    assert!(said == text, "docs/cli.md is not what the commands say: run this test with HEADWATER_WRITE=1");
}
