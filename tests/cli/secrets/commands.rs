//! `secret set`, `ls`, `rm`, and the key.

use super::Keyed;
use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
};

#[test]
fn a_secret_is_set_listed_replaced_and_removed() {
    let home = Keyed::new();
    let none = home.headwater(&["secret", "ls"]);
    assert_eq!((none.code, none.stdout.lines().count()), (0, 1), "{}", none.stderr);
    let set = home.fed(&["secret", "set", "API_TOKEN"], b"correct horse\n");
    assert_eq!((set.code, set.stdout.as_str()), (0, "secret `API_TOKEN` is set\n"), "{}", set.stderr);
    let again = home.fed(&["--json", "secret", "set", "API_TOKEN"], b"correct horse battery staple, and more");
    assert_eq!(again.stdout, "{\"name\":\"API_TOKEN\",\"replaced\":true}\n");
    home.set("db.password-2", "four");

    let listed = home.headwater(&["secret", "ls"]);
    let lines: Vec<Vec<&str>> = listed.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["NAME", "SET", "LENGTH"]);
    assert_eq!((lines[1][0], lines[1][3], lines[2][0], lines[2][3]), ("API_TOKEN", "long", "db.password-2", "short"));
    let objects = home.headwater(&["secret", "ls", "--json"]).objects();
    assert_eq!((objects.len(), &objects[0]["name"], &objects[0]["length"]), (2, &"API_TOKEN".into(), &"long".into()));
    assert!(objects[0]["set_at"].as_u64().unwrap() > 1_700_000_000_000);

    assert_eq!(home.headwater(&["secret", "rm", "API_TOKEN"]).stdout, "secret `API_TOKEN` is removed\n");
    let gone = home.headwater(&["secret", "rm", "API_TOKEN"]);
    assert_eq!(gone.code, 2);
    assert!(gone.stderr.starts_with("error: there is no secret `API_TOKEN` in the store"), "{}", gone.stderr);
    assert_eq!(home.headwater(&["secret", "ls"]).stdout.lines().count(), 2);
}

#[test]
fn a_value_on_the_command_line_is_refused_and_not_repeated() {
    let home = Keyed::new();
    for arguments in [
        &["secret", "set", "TOKEN", "hunter2hunter2"][..],
        &["secret", "set", "TOKEN=hunter2hunter2"],
        &["secret", "set", "TOKEN", "-hunter2hunter2"],
        &["secret", "set", "TOKEN", "--value=hunter2hunter2"],
        &["run", ".", "--secret", "TOKEN=hunter2hunter2"],
    ] {
        let said = home.fed(arguments, b"");
        assert_eq!(said.code, 2, "{arguments:?}");
        assert!(!said.stderr.contains("hunter2") && !said.stdout.contains("hunter2"), "{}", said.stderr);
        let why = "error: the value of a secret is not given on the command line, where the shell's history and every process";
        if arguments[0] == "secret" {
            assert!(said.stderr.starts_with(why), "{}", said.stderr);
        }
    }
}

#[test]
fn what_cannot_be_a_secret_is_refused() {
    let home = Keyed::new();
    let long = vec![b'x'; 16 * 1024 + 1];
    for (input, why) in [
        (&b""[..], "the value is empty"),
        (b"\n", "the value is empty"),
        (b"abc\n", "the value has fewer than 4 bytes"),
        (b"abc\xff\xfe", "the value is no UTF-8 text"),
        (b"abc\0def", "the value has a zero byte in it"),
        (&long, "the value has more than 16384 bytes"),
    ] {
        let said = home.fed(&["secret", "set", "TOKEN"], input);
        assert_eq!(said.code, 2);
        assert!(said.stderr.starts_with(&format!("error: {why}")), "{}", said.stderr);
    }
    for name in ["", "a b", "ü", "a/b"] {
        let said = home.fed(&["secret", "set", name], b"value");
        assert_eq!(said.code, 2);
        assert!(said.stderr.starts_with("error: the name of a secret has only letters"), "{}", said.stderr);
    }
    assert!(!home.0.path().join("config").exists(), "no key was made for nothing");
}

#[test]
fn the_key_is_the_users_alone_and_lies_outside_the_store() {
    let home = Keyed::new();
    home.set("TOKEN", "correct horse");
    let key = home.0.path().join("config/secret.key");
    assert_eq!(fs::metadata(&key).unwrap().mode() & 0o777, 0o600);

    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let open = home.fed(&["secret", "set", "OTHER"], b"value");
    assert_eq!(open.code, 2);
    assert!(open.stderr.contains("may be read by others (mode 644): `chmod 600` it"), "{}", open.stderr);

    let inside = Keyed::new();
    let mut command = inside.command(&["secret", "set", "TOKEN"]);
    command.env("HEADWATER_SECRET_KEY_FILE", inside.0.path().join("home/secret.key"));
    let said = crate::kit::fed(command, b"value");
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("would lie in the store that it opens"), "{}", said.stderr);
}

#[test]
fn a_key_from_the_environment_goes_before_the_file() {
    let home = Keyed::new();
    let with = |key: &str, arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.env("HEADWATER_SECRET_KEY", key);
        crate::kit::fed(command, b"correct horse")
    };
    let bad = with("c2hvcnQ=", &["secret", "set", "TOKEN"]);
    assert_eq!(bad.code, 2);
    assert!(bad.stderr.starts_with("error: `HEADWATER_SECRET_KEY` is no key"), "{}", bad.stderr);
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    assert_eq!(with(key, &["secret", "set", "TOKEN"]).code, 0);
    assert!(!home.0.path().join("config").exists());
    // The file's key is gone, or was never there: nothing is sealed with another beside it.
    let said = home.fed(&["secret", "set", "OTHER"], b"value");
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("but the store has secrets that were sealed with one"), "{}", said.stderr);
}
