//! The key's file: made once, the user's alone, outside the store.

use super::*;
use std::os::unix::fs::PermissionsExt as _;

fn place(folder: &Path) -> (KeyPlace, PathBuf, PathBuf) {
    let (path, home) = (folder.join("config/deep/secret.key"), folder.join("home"));
    fs::create_dir(&home).unwrap();
    (KeyPlace::File(path.clone()), path, home)
}

#[test]
fn a_key_is_made_once_and_is_its_users_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (place, path, home) = place(folder.path());
    assert!(matches!(place.load(), Err(KeyError::NoFile(_))));
    let made = place.load_or_make(&home).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o777, 0o700);
    assert_eq!(place.load_or_make(&home).unwrap().bytes(), made.bytes());
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_key_that_others_may_read_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let (place, path, home) = place(folder.path());
    place.load_or_make(&home).unwrap();
    for mode in [0o640, 0o604, 0o644] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(place.load_or_make(&home), Err(KeyError::Open { mode: found, .. }) if found == mode));
    }
}

#[test]
fn no_key_is_made_in_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    fs::create_dir(&home).unwrap();
    let place = KeyPlace::File(home.join("keys/secret.key"));
    assert!(matches!(place.load_or_make(&home), Err(KeyError::InStore(_))));
}

#[test]
fn what_is_no_key_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (place, path, home) = place(folder.path());
    place.load_or_make(&home).unwrap();
    for text in [&b"short"[..], b"", b"\xff\xfe", b"not base64 at all, but long enough to be one"] {
        fs::write(&path, text).unwrap();
        assert!(matches!(place.load(), Err(KeyError::BadFile(_))));
    }
    let variable = |text: &str| KeyPlace::Variable(Zeroizing::new(text.to_owned()));
    assert!(matches!(variable("c2hvcnQ=").load(), Err(KeyError::BadVariable)));
    assert!(variable(&BASE64_STANDARD.encode([7; 32])).load().is_ok());
}
