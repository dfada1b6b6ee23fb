//! `headwater new`: what it makes builds, runs and is tested; what it refuses.

use crate::{kit::Home, new_user::NewUser};
use std::{fs, path::Path};

#[test]
fn a_new_flow_is_tested_and_runs_and_its_tests_notice_a_change() {
    let user = NewUser::new();
    let said = user.headwater(".", &["new", "demo"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert_eq!(
        said.stdout,
        "`demo` is a flow of two tasks, with tests. Next:\n  cd demo\n  cargo test\n  headwater run .\nthen change `src/lib.rs`\n"
    );
    let tested = user.cargo("demo", &["test"]);
    assert_eq!(tested.code, 0, "{}", tested.stderr);
    assert!(tested.stdout.contains("4 passed"), "{}", tested.stdout);
    let run = user.headwater("demo", &["run", ".", "--param", "name=Ada"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains(r#"Result: "Hello, Ada! Your name has 3 letters.""#), "{}", run.stdout);

    user.edit("demo/src/lib.rs", "has {letters} letters", "has {letters} sides");
    let tested = user.cargo("demo", &["test"]);
    assert_ne!(tested.code, 0);
    assert!(tested.stdout.contains("the_flow_greets_and_counts ... FAILED"), "{}", tested.stdout);
}

#[test]
fn a_new_plugin_is_tested_and_used_from_a_new_flow() {
    let user = NewUser::new();
    let said = user.headwater(".", &["new", "words", "--plugin"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    assert!(said.stdout.contains("  cd words\n  cargo test\n  headwater build .\n"), "{}", said.stdout);
    let tested = user.cargo("words", &["test"]);
    assert_eq!(tested.code, 0, "{}", tested.stderr);
    assert!(tested.stdout.contains("2 passed"), "{}", tested.stdout);

    assert_eq!(user.headwater(".", &["new", "demo"]).code, 0);
    let readme = fs::read_to_string(user.path().join("words/README.md")).unwrap();
    let blocks: Vec<&str> = readme.split("```").collect();
    let block = |language: &str| blocks.iter().find_map(|block| block.strip_prefix(language)).unwrap().to_owned();
    user.edit("demo/src/lib.rs", "/// Another one.", &format!("/// The plugin's.{}\n/// Another one.", block("rust")));
    user.edit("demo/src/lib.rs", "count_letters(&name))?", "count_words(\"a b c d\"))?");
    fs::write(user.path().join("demo/headwater.toml"), block("toml")).unwrap();
    let run = user.headwater("demo", &["run", "."]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains(r#"Result: "Hello, World! Your name has 4 letters.""#), "{}", run.stdout);
}

#[test]
fn nothing_in_a_new_crate_points_into_a_checkout() {
    let home = Home::new();
    let made = home.json(&["new", &home.path().join("demo").to_string_lossy(), "--json"]);
    assert_eq!((&made["name"], &made["kind"]), (&"demo".into(), &"flow".into()));
    let checkout = env!("CARGO_MANIFEST_DIR");
    let mut left = vec![home.path().to_owned()];
    let mut files = 0;
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                left.push(entry.path());
                continue;
            }
            let text = fs::read_to_string(entry.path()).unwrap();
            assert!(!text.contains(checkout), "{}", entry.path().display());
            if entry.file_name() == "Cargo.toml" {
                assert!(!text.contains("workspace = true"), "{text}");
            }
            files += 1;
        }
    }
    assert!(files > 40, "{files} files");
}

#[test]
fn the_sdk_is_unpacked_once_and_again_where_it_was_removed() {
    let home = Home::new();
    let make = |name: &str| home.json(&["new", &home.path().join(name).to_string_lossy(), "--json"]);
    let sdk = make("one")["sdk"].as_str().unwrap().to_owned();
    let lib = Path::new(&sdk).join("src/lib.rs");
    fs::write(&lib, "whoever comes second leaves it alone").unwrap();
    assert_eq!(make("two")["sdk"], sdk.as_str());
    assert_eq!(fs::read_to_string(&lib).unwrap(), "whoever comes second leaves it alone");
    fs::remove_dir_all(&sdk).unwrap();
    make("three");
    assert!(fs::read_to_string(&lib).unwrap().starts_with("//! Write Headwater flows"));
    let beside = fs::read_dir(Path::new(&sdk).parent().unwrap()).unwrap();
    assert_eq!(beside.count(), 1, "nothing unfinished is left");
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let home = Home::new();
    let folder = home.path().join("demo");
    let path = folder.to_string_lossy().into_owned();
    fs::create_dir(&folder).unwrap();
    assert_eq!(home.headwater(&["new", &path]).code, 0, "an empty one will do");
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    let said = home.headwater(&["new", &path, "--plugin"]);
    assert_eq!(said.code, 2);
    assert_eq!(
        said.stderr,
        format!(
            "error: the folder `{path}` is there already and not empty\n\
             hint: take another name, or remove what is in it\n"
        )
    );
    assert_eq!(fs::read_to_string(folder.join("README.md")).unwrap(), readme);
}

#[test]
fn names_that_no_crate_can_have() {
    const HINT: &str = "hint: take lower-case letters, digits, `-` and `_`, a letter first: `headwater new my-flow`\n";
    let home = Home::new();
    for (name, why) in [
        ("7up", "it does not begin with a lower-case letter"),
        ("Demo", "it does not begin with a lower-case letter"),
        ("my flow", "it contains ` `"),
        ("caf\u{e9}", "it contains `\u{e9}`"),
        ("match", "the name has a meaning of its own in Rust"),
        ("std", "the name has a meaning of its own in Rust"),
        ("headwater-sdk", "it is the SDK's"),
    ] {
        let said = home.headwater(&["new", &home.path().join(name).to_string_lossy()]);
        assert_eq!(said.code, 2, "{name}");
        assert_eq!(said.stderr, format!("error: a crate cannot be called `{name}`: {why}\n{HINT}"));
        assert!(!home.path().join(name).exists());
    }
    let said = home.headwater(&["new", "/"]);
    assert_eq!(said.code, 2);
    assert_eq!(said.stderr, "error: `/` does not end in a name\nhint: name the crate: `headwater new my-flow`\n");
}
