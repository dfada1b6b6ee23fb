//! The tutorial and the README, carried out as they stand: a block of commands is run, a block of code is written into the file that the
//! line before it names, and what a block of commands shows is what came out.

use crate::{kit, new_user::NewUser};
use std::{fs, path::Path};

/// One fenced block.
struct Block {
    language: String,
    text: String,
    /// The words since the block before.
    before: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let (mut blocks, mut before, mut open) = (Vec::new(), String::new(), None::<Block>);
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                open = Some(Block {
                    language: language.to_owned(),
                    text: String::new(),
                    before: std::mem::take(&mut before),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.text += &format!("{line}\n"),
            (None, None) => before += &format!("{line}\n"),
        }
    }
    blocks
}

/// The file that a page names last before a block.
fn file_named(before: &str) -> String {
    let names = before.split('`').skip(1).step_by(2);
    let file = names.filter(|name| name == &"headwater.toml" || name.ends_with(".rs")).last();
    file.unwrap_or_else(|| panic!("no file is named before the block: {before}")).to_owned()
}

/// Each line that is shown, in order, somewhere in what came out; `…` stands for anything.
fn shows(said: &str, shown: &[&str]) -> Result<(), String> {
    let mut rest = said;
    for part in shown.iter().flat_map(|line| line.split('…')).map(str::trim).filter(|part| !part.is_empty()) {
        let at = rest.find(part).ok_or_else(|| format!("`{part}` is not in what came out:\n{said}"))?;
        rest = &rest[at + part.len()..];
    }
    Ok(())
}

/// Commands of the README that are not carried out here, and what does.
const ELSEWHERE: [(&str, &str); 3] = [
    ("examples/run", "`tests/examples`, with its images"),
    ("tests/run", "it carries this out"),
    ("cargo install --path .", "the binary under test is what it installs"),
];

/// The README's image is one that everybody can pull; here it is one of the tests'. None: there is no Docker.
fn with_image(command: &str) -> Option<String> {
    const IMAGE: &str = "python:3.12-slim";
    if !command.contains(IMAGE) {
        return Some(command.to_owned());
    }
    Some(command.replace(IMAGE, &kit::image()?))
}

/// A page and the folder in which its commands run.
struct Reading<'a> {
    user: &'a NewUser,
    folder: String,
}

impl Reading<'_> {
    fn file(&self, block: &Block) {
        let path = self.user.path().join(&self.folder).join(file_named(&block.before));
        fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        fs::write(path, &block.text).unwrap();
    }

    fn commands(&mut self, block: &Block) {
        let (mut command, mut shown) = (None, Vec::new());
        for line in block.text.lines().chain(["$ "]) {
            match line.strip_prefix("$ ") {
                None => shown.push(line),
                Some(next) => {
                    if let Some(command) = command.replace(next.to_owned()) {
                        self.command(&command, &std::mem::take(&mut shown));
                    }
                }
            }
        }
    }

    fn command(&mut self, command: &str, shown: &[&str]) {
        let program = command.split('#').next().unwrap_or_default().trim();
        if ELSEWHERE.iter().any(|(known, _)| *known == program) {
            return;
        }
        let Some(command) = with_image(command) else { return };
        // Where a command leaves the shell, the next one goes on.
        let line = format!("{{ {command}\n}} 2>&1 && pwd > \"$HEADWATER_HOME.pwd\"");
        let said = self.user.shell(&self.folder, &line);
        assert_eq!(said.code, 0, "`{command}` failed:\n{}{}", said.stdout, said.stderr);
        shows(&said.stdout, shown).unwrap_or_else(|wrong| panic!("`{command}`: {wrong}"));
        let folder = fs::read_to_string(self.user.home().with_extension("pwd")).unwrap();
        self.folder = folder.trim().to_owned();
    }
}

fn carry_out(page: &str) {
    let user = NewUser::new();
    let mut reading = Reading { user: &user, folder: ".".to_owned() };
    for block in blocks(page) {
        match block.language.as_str() {
            "console" => reading.commands(&block),
            "rust" | "toml" => reading.file(&block),
            other => panic!("nobody runs a block of `{other}`"),
        }
    }
}

#[test]
fn the_tutorial_does_what_it_says() {
    carry_out(include_str!("../../docs/tutorial.md"));
}

#[test]
fn the_readme_does_what_it_says() {
    carry_out(include_str!("../../README.md"));
}
