//! Credentials as people have them.

use super::*;

fn parsed(text: &str, image: &str) -> Result<(String, String, String), NoCredentials> {
    let registry = Registry::parse(&Secret::new(text.to_owned()), image)?;
    Ok((registry.user, registry.password.expose().to_owned(), registry.server))
}

fn known(user: &str, password: &str, server: &str) -> Result<(String, String, String), NoCredentials> {
    Ok((user.to_owned(), password.to_owned(), server.to_owned()))
}

#[test]
fn a_pair_is_for_the_registry_of_the_image() {
    assert_eq!(parsed("me:pass:word", "registry.example/a/b:1"), known("me", "pass:word", "registry.example"));
    assert_eq!(parsed("me:password", "127.0.0.1:5000/a"), known("me", "password", "127.0.0.1:5000"));
    assert_eq!(parsed("me:password", "python:3.13"), known("me", "password", DOCKER_HUB));
    assert_eq!(parsed("me:password", "someone/image"), known("me", "password", DOCKER_HUB));
}

#[test]
fn json_is_read_as_docker_writes_it() {
    let auths = r#"{"auths":{"https://registry.example/v2/":{"auth":"bWU6cGFzc3dvcmQ="},"other":{}}}"#;
    assert_eq!(parsed(auths, "registry.example/a"), known("me", "password", "registry.example"));
    assert_eq!(parsed(auths, "python"), Err(NoCredentials::Elsewhere(DOCKER_HUB.to_owned())));
    let entry = r#"{"username":"me","password":"password"}"#;
    assert_eq!(parsed(entry, "registry.example/a"), known("me", "password", "registry.example"));
}

#[test]
fn what_has_no_credentials_is_told() {
    for text in ["password", ":password", "me:", "{", "{}", r#"{"auth":"!"}"#, r#"{"auth":"bWU="}"#] {
        assert_eq!(parsed(text, "python"), Err(NoCredentials::Unknown), "{text}");
    }
}
