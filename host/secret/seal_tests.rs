//! What was sealed opens with its key and its name, and with nothing else.

use super::*;

fn key(byte: u8) -> Key {
    Key::new([byte; KEY_BYTES])
}

#[test]
fn a_value_opens_with_its_key_and_name_only() {
    let value = Secret::new("correct horse".to_owned());
    let sealed = key(1).seal("TOKEN", &value).unwrap();
    assert_eq!(key(1).open("TOKEN", &sealed), Ok(value.clone()));
    assert_eq!(key(2).open("TOKEN", &sealed), Err(NotOpened));
    assert_eq!(key(1).open("OTHER", &sealed), Err(NotOpened));
    assert_eq!(sealed.len(), value.expose().len() + OVERHEAD_BYTES);
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert_eq!(key(1).open("TOKEN", &changed), Err(NotOpened), "byte {at}");
        assert_eq!(key(1).open("TOKEN", &sealed[..at]), Err(NotOpened), "cut at {at}");
    }
}

#[test]
fn the_same_value_is_never_sealed_the_same_way_twice() {
    let value = Secret::new("correct horse".to_owned());
    assert_ne!(key(1).seal("TOKEN", &value).unwrap(), key(1).seal("TOKEN", &value).unwrap());
    assert_eq!(key(1).mark(), key(1).mark());
    assert_ne!(key(1).mark(), key(2).mark());
}
