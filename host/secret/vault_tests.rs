//! Set, read again, replaced, removed; and with the wrong key.

use super::*;
use std::path::Path;

fn vault(folder: &Path, key: &str) -> Vault {
    let store = Store::open(&folder.join("home")).unwrap();
    Vault::new(store, Some(KeyPlace::File(folder.join(key))))
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

#[test]
fn a_secret_is_read_as_it_was_set_last() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(folder.path(), "key");
    assert!(matches!(vault.get("TOKEN"), Err(SecretError::NoSuch(_))));
    assert!(!vault.set("TOKEN", &secret("first value"), Timestamp(1)).unwrap());
    assert!(vault.set("TOKEN", &secret("another"), Timestamp(2)).unwrap());
    assert_eq!(vault.get("TOKEN").unwrap().expose(), "another");
    let listed = Listed { name: "TOKEN".to_owned(), set_at: Timestamp(2), length: Length::Short };
    assert_eq!(vault.list().unwrap(), [listed]);
    vault.remove("TOKEN").unwrap();
    assert!(matches!(vault.remove("TOKEN"), Err(SecretError::NoSuch(_))));
    assert!(vault.list().unwrap().is_empty());
}

#[test]
fn another_key_opens_nothing_and_says_which_was_tried() {
    let folder = tempfile::tempdir().unwrap();
    let first = vault(folder.path(), "key");
    first.set("TOKEN", &secret("first value"), Timestamp(1)).unwrap();
    let gone = vault(folder.path(), "other");
    assert!(matches!(gone.set("MORE", &secret("more"), Timestamp(2)), Err(SecretError::KeyGone { .. })));
    // A key that somebody brings along is his decision.
    let other = tempfile::tempdir().unwrap();
    vault(other.path(), "key").set("X", &secret("values"), Timestamp(1)).unwrap();
    std::fs::copy(other.path().join("key"), folder.path().join("other")).unwrap();
    gone.set("MORE", &secret("more"), Timestamp(2)).unwrap();
    let message = gone.get("TOKEN").unwrap_err().to_string();
    assert!(message.contains("`TOKEN`") && message.contains("other"), "{message}");
    assert_eq!(gone.get("MORE").unwrap().expose(), "more");
    assert_eq!(first.get("TOKEN").unwrap().expose(), "first value");
}
