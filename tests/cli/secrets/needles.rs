//! What is looked for: every form in which the guest tells a secret, made here by other means than the host's.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};
use std::{fs, path::Path, process::Command};

/// A text that must not be anywhere.
pub struct Needle {
    pub what: String,
    pub text: String,
}

/// All forms of a value, and of its lines that are long enough.
pub fn needles(name: &str, value: &str) -> Vec<Needle> {
    let mut needles = Vec::new();
    let lines = value.lines().filter(|line| line.len() >= 8 && !line.starts_with("-----"));
    let mut texts = vec![value];
    texts.extend(lines.filter(|line| *line != value));
    for text in texts {
        let mut add = |what: &str, form: String| {
            if !needles.iter().any(|known: &Needle| known.text == form) {
                needles.push(Needle { what: format!("{what} of {name}"), text: form });
            }
        };
        add("the text", text.to_owned());
        let json = serde_json::to_string(text).unwrap();
        add("the JSON", json[1..json.len() - 1].to_owned());
    }
    let mut add = |what: &str, form: String| needles.push(Needle { what: format!("{what} of {name}"), text: form });
    add("the base64", BASE64_STANDARD.encode(value).trim_end_matches('=').to_owned());
    add("the base64 of addresses", BASE64_URL_SAFE.encode(value).trim_end_matches('=').to_owned());
    // What stands before and behind decides three characters at the beginning and two at the end.
    let inner = |encoded: String| encoded[3..encoded.len() - 5].to_owned();
    add("the base64 behind two bytes", inner(BASE64_STANDARD.encode(format!("u:{value}"))));
    add("the base64 behind one byte", inner(BASE64_URL_SAFE.encode(format!("u{value}!"))));
    add("the hexadecimal", value.bytes().map(|byte| format!("{byte:02x}")).collect());
    let percent = |upper: bool| -> String {
        let escape = |byte: u8| if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
        let byte = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { escape(byte) };
        value.bytes().map(byte).collect()
    };
    add("the percent-encoding", percent(true));
    add("the percent-encoding with small digits", percent(false));
    needles
}

/// A place where something could have been left, with all that is there.
pub struct Surface {
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Surface {
    pub fn of(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Surface {
        Surface { name: name.into(), bytes: bytes.into() }
    }

    pub fn has(&self, needle: &Needle) -> bool {
        self.bytes.windows(needle.text.len()).any(|window| window == needle.text.as_bytes())
    }
}

/// Every file below this folder: the database, what it has not written back yet, artifacts, components, whatever else.
pub fn files(folder: &Path) -> Vec<Surface> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            // Of two processes, one may remove what the other lists.
            match (path.is_dir(), path.extension().is_some_and(|its| its == "cwasm")) {
                (true, _) => folders.push(path),
                (false, true) => {}
                (false, false) => {
                    found.extend(fs::read(&path).map(|bytes| Surface::of(path.display().to_string(), bytes)));
                }
            }
        }
    }
    found
}

/// What the container engine knows of the containers of this home, and what it has of their output.
pub fn containers(home: &Path) -> Vec<Surface> {
    let install = fs::read_to_string(home.join("install")).unwrap();
    let filter = format!("label=headwater.install={}", install.trim());
    let names = docker(&["ps", "--all", "--filter", &filter, "--format", "{{.Names}}"]);
    let names: Vec<String> = String::from_utf8(names).unwrap().lines().map(str::to_owned).collect();
    let look = |name: &String| {
        [
            Surface::of(format!("docker inspect {name}"), docker(&["inspect", name])),
            Surface::of(format!("docker logs {name}"), docker(&["logs", name])),
        ]
    };
    names.iter().flat_map(look).collect()
}

/// Both streams of a command.
pub fn docker(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("docker").args(arguments).output().unwrap();
    assert!(output.status.success(), "docker {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    [output.stdout, output.stderr].concat()
}
