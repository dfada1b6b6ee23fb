//! `headwater build`: where the component is; compiler errors as they are.

use crate::{kit::Home, new_user::NewUser};
use headwater_core::model::Digest;
use serde_json::Value;
use std::fs;

#[test]
fn build_says_where_the_component_lies_and_what_it_is() {
    let user = NewUser::new();
    assert_eq!(user.headwater(".", &["new", "demo"]).code, 0);
    let said = user.headwater("demo", &["build", "--json"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let object: Value = serde_json::from_str(&said.stdout).unwrap();
    let path = object["path"].as_str().unwrap();
    let bytes = fs::read(path).unwrap();
    let digest = Digest::of(&bytes);
    assert!(path.ends_with("/demo.wasm"), "{path}");
    assert_eq!((&object["bytes"], &object["digest"]), (&bytes.len().into(), &digest.as_str().into()));
    let said = user.headwater(".", &["build", "demo"]);
    assert_eq!(said.stdout, format!("{path}\n{} bytes, {digest}\n", bytes.len()));

    let hello = user.headwater(".", &["run", path]);
    assert!(hello.stdout.contains("Hello, World!"), "{}", hello.stderr);
    // The home is emptied, and the crate builds all the same.
    fs::remove_dir_all(user.home()).unwrap();
    assert_eq!(user.headwater("demo", &["build"]).code, 0);

    user.edit("demo/src/lib.rs", "greet(&name)", "great(&name)");
    let said = user.headwater("demo", &["run", "."]);
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    assert!(said.stderr.contains("error[E0425]: cannot find function `great` in this scope"), "{}", said.stderr);
    assert!(said.stderr.contains("error: `.` does not build\n"), "{}", said.stderr);
}

#[test]
fn what_is_no_crate_is_not_built() {
    let home = Home::new();
    let path = home.path().to_string_lossy().into_owned();
    let said = home.headwater(&["build", &path]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.starts_with(&format!("error: `{path}` has no Cargo.toml\n")), "{}", said.stderr);
    let file = home.path().join("a.wasm");
    fs::write(&file, "").unwrap();
    let said = home.headwater(&["build", &file.to_string_lossy()]);
    assert_eq!(said.code, 2);
    assert_eq!(
        said.stderr,
        format!("error: `{}` is a file\nhint: name the folder of a crate, the one with Cargo.toml\n", file.display())
    );
}
