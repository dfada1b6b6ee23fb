//! The docker operations of flows: a container's life, and each step done twice.

use super::world::{World, world};
use headwater::container::operations::{Context, before, run};
use headwater_core::model::{DockerOperation, Failure, FailureKind};
use serde_json::{Value, json};

async fn once(world: &World, key: &str, operation: DockerOperation, arguments: Value) -> Result<Value, Failure> {
    let labels = world.labels();
    let context =
        Context { durable: &world.durable, idempotency_key: key, labels: &labels, policy: &world.policy, before: None };
    run(&world.docker, operation, &arguments, &context).await
}

/// As after a crash between the act and its end.
async fn twice(world: &World, key: &str, operation: DockerOperation, arguments: Value) -> Value {
    let first = once(world, key, operation, arguments.clone()).await.unwrap();
    assert_eq!(once(world, key, operation, arguments).await.unwrap(), first);
    first
}

#[tokio::test(flavor = "multi_thread")]
async fn the_articles_container_lives_and_each_step_can_be_done_again() {
    use DockerOperation::*;
    let Some(world) = world("operations", true).await else { return };
    let create = json!({
        "docker_server_url": null,
        "image_name": world.image.name,
        "command": "/bin/sh -c 'echo \"hello $WHO\"; exit 3'",
        "environment": { "WHO": "Marvin" },
    });
    let id = twice(&world, "create", CreateContainer, create.clone()).await;
    assert_ne!(once(&world, "other call", CreateContainer, create).await.unwrap(), id);
    let one = json!({ "container_id": id });
    let early = once(&world, "early", WaitOnContainer, one.clone()).await.unwrap_err();
    assert_eq!(early.kind, FailureKind::InvalidInput);

    let recorded = before(&world.docker, StartContainer, &one).await.unwrap();
    once(&world, "start", StartContainer, one.clone()).await.unwrap();
    let code = twice(&world, "wait", WaitOnContainer, json!({ "container_id": id, "raise_on_exit_code": false })).await;
    assert_eq!(code, 3);
    let labels = world.labels();
    let started = world.docker.find(id.as_str().unwrap()).await.unwrap().unwrap().started_at;
    let context = Context {
        durable: &world.durable,
        idempotency_key: "start",
        labels: &labels,
        policy: &world.policy,
        before: recorded.as_ref(),
    };
    run(&world.docker, StartContainer, &one, &context).await.unwrap();
    assert_eq!(world.docker.find(id.as_str().unwrap()).await.unwrap().unwrap().started_at, started);

    let raised = once(&world, "raise", WaitOnContainer, one.clone()).await.unwrap_err();
    assert_eq!((raised.kind, raised.data.unwrap().as_str()), (FailureKind::ExitCode, "{\"exit_code\":3}"));
    assert_eq!(twice(&world, "logs", GetContainerLogs, one.clone()).await, "hello Marvin\n");
    let listed = once(&world, "list", ListContainers, json!({ "all": true })).await.unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    twice(&world, "stop", StopContainer, one.clone()).await;
    twice(&world, "remove", RemoveContainer, one.clone()).await;
    let gone = once(&world, "gone", GetContainerLogs, one).await.unwrap_err();
    assert_eq!(gone.kind, FailureKind::InvalidInput);
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_kills_what_does_not_listen() {
    use DockerOperation::*;
    let Some(world) = world("stopping", true).await else { return };
    let create = json!({ "image_name": world.image.name, "command": ["/bin/sleep", "600"] });
    let id = once(&world, "create", CreateContainer, create).await.unwrap();
    once(&world, "start", StartContainer, json!({ "container_id": id })).await.unwrap();
    let running = once(&world, "early", RemoveContainer, json!({ "container_id": id })).await.unwrap_err();
    assert!(running.message.contains("is running"), "{running}");
    once(&world, "stop", StopContainer, json!({ "container_id": id, "timeout": 0 })).await.unwrap();
    let code = once(&world, "wait", WaitOnContainer, json!({ "container_id": id, "raise_on_exit_code": false })).await;
    assert_eq!(code.unwrap(), 137);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_images_come_and_go() {
    use DockerOperation::*;
    let Some(world) = world("tags", false).await else { return };
    let target = format!("headwater-{}-copy", world.install);
    let named =
        twice(&world, "tag", TagImage, json!({ "image_name": world.image.name, "repository": target, "tag": "2" }))
            .await;
    assert_eq!(named, format!("{target}:2"));
    let listed = once(&world, "list", ListImages, json!({})).await.unwrap().to_string();
    assert!(listed.contains(&format!("{target}:2")));
    twice(&world, "remove", RemoveImage, json!({ "image_name": named })).await;
    let missing = json!({ "image_name": named, "command": ["true"] });
    let failure = once(&world, "create", CreateContainer, missing).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::ImageNotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_are_checked_and_other_peoples_containers_left_alone() {
    use DockerOperation::*;
    let Some(world) = world("foreign-op", true).await else { return };
    let unknown =
        once(&world, "create", CreateContainer, json!({ "image_name": "a:1", "privileged": true })).await.unwrap_err();
    assert_eq!(unknown.kind, FailureKind::InvalidInput);
    assert!(unknown.message.contains("privileged"), "{unknown}");
    let create = json!({ "image_name": world.image.name, "command": ["true"] });
    let id = once(&world, "mine", CreateContainer, create).await.unwrap();
    let labels = vec![("headwater.install".to_owned(), "somebody else".to_owned())];
    let context =
        Context { durable: &world.durable, idempotency_key: "k", labels: &labels, policy: &world.policy, before: None };
    let refused = run(&world.docker, RemoveContainer, &json!({ "container_id": id }), &context).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::NotGranted);
    let path =
        run(&world.docker, RemoveContainer, &json!({ "container_id": "../images/x" }), &context).await.unwrap_err();
    assert_eq!(path.kind, FailureKind::InvalidInput);
}
