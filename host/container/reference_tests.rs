//! Names of images as people write them.
//! Those without a slash are the ones that other systems never pulled.

use super::*;

#[test]
fn names_are_taken_apart() {
    let check = |name: &str, repository: &str, tag: &str, full: &str, policy: PullPolicy| {
        let reference = Reference::parse(name).unwrap();
        assert_eq!(
            (reference.repository.as_str(), reference.tag.as_str(), reference.name.as_str()),
            (repository, tag, full)
        );
        assert_eq!(reference.default_policy(), policy, "{name}");
    };
    check("python:3.9", "python", "3.9", "python:3.9", PullPolicy::IfNotPresent);
    check("python", "python", "latest", "python:latest", PullPolicy::Always);
    check("a/b:latest", "a/b", "latest", "a/b:latest", PullPolicy::Always);
    check("127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b", "latest", "127.0.0.1:5000/a/b:latest", PullPolicy::Always);
    check("127.0.0.1:5000/a:1", "127.0.0.1:5000/a", "1", "127.0.0.1:5000/a:1", PullPolicy::IfNotPresent);
    check("a@sha256:00ff", "a", "sha256:00ff", "a@sha256:00ff", PullPolicy::IfNotPresent);
    for bad in ["", ":1", "a:", "/a", "-a", "a b", "a?x=1", "a#b", "a%2f"] {
        assert!(Reference::parse(bad).is_err(), "{bad}");
    }
}
