//! What engines and registries say, and what we make of it.
//! The texts are those of Docker 20.10 and of common registries.

use super::*;
use bollard::errors::Error;

const ASKED: Asked<'_> = Asked { server: "unix:///s", what: "pull an image", name: "a:1" };

fn pull(message: &str) -> FailureKind {
    Failure::from(ASKED.pull_refused(Error::DockerStreamError { error: message.to_owned() })).kind
}

#[test]
fn pulls_fail_by_whose_fault_it_is() {
    assert_eq!(pull("manifest for a:1 not found: manifest unknown: manifest unknown"), FailureKind::ImageNotFound);
    assert_eq!(
        pull("pull access denied for a, repository does not exist or may require 'docker login'"),
        FailureKind::Unauthorized
    );
    assert_eq!(pull("unauthorized: authentication required"), FailureKind::Unauthorized);
    assert_eq!(pull("write /var/lib/docker/tmp/x: no space left on device"), FailureKind::DiskFull);
    assert_eq!(pull("dial tcp 127.0.0.1:1: connect: connection refused"), FailureKind::Unavailable);
}

#[test]
fn engines_refuse_in_words() {
    let refused = |status_code, message: &str| {
        let message = message.to_owned();
        Failure::from(ASKED.explain(Error::DockerResponseServerError { status_code, message }))
    };
    assert_eq!(refused(404, "No such image: a:1").kind, FailureKind::ImageNotFound);
    assert_eq!(refused(404, "No such container: a").kind, FailureKind::InvalidInput);
    assert_eq!(refused(500, "mkdir /x: no space left on device").kind, FailureKind::DiskFull);
    assert_eq!(refused(400, "invalid reference format").kind, FailureKind::InvalidInput);
    let other = refused(500, "something else");
    assert_eq!(other.kind, FailureKind::Crashed);
    assert_eq!(other.message, "the container engine refused to pull an image: something else");
    assert_eq!(Failure::from(ASKED.explain(Error::RequestTimeoutError)).kind, FailureKind::Unavailable);
}
