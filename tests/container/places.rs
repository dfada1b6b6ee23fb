//! Places themselves: made, adopted, taken over, emptied, gone.

use super::world::{finish, first_line, next, program, shell, world};
use bollard::query_parameters::{AttachContainerOptionsBuilder, KillContainerOptions};
use headwater::{
    container::{Answer, ContainerError, Docker, Gone, Network, Place},
    runner::protocol::message::Stream,
};
use headwater_core::model::{Container, PullPolicy};
use tokio::io::AsyncWriteExt;

#[tokio::test(flavor = "multi_thread")]
async fn an_image_of_nothing_read_only_as_anybody_is_a_place() {
    let Some(world) = world("scratch", false).await else { return };
    let container = Container { user: Some("1234".to_owned()), read_only_root: Some(true), ..Container::default() };
    let place = world.docker.open(&world.durable, &world.spec("p", &container)).await.unwrap();
    let argv = ["/headwater/bin/headwater", "runner", "--no-such-thing"];
    let mut running = place.run(&world.durable, program("a.1", &argv)).await.unwrap();
    let (_, ended) = finish(&mut running).await;
    assert_eq!(ended.code, Some(3));
    place.end(&world.durable).await.unwrap();
    place.remove(&world.durable).await.unwrap();
    assert!(world.docker.find(&world.name("p")).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_had_taken_comes_to_the_next_owner_once() {
    let Some(world) = world("adopt", true).await else { return };
    let place = world.open("p").await;
    let script =
        "for i in $(seq 3000); do echo $i; done; read x < /tmp/go; for i in $(seq 3001 6000); do echo $i; done";
    let make = "/bin/busybox mkfifo /tmp/go; ";
    let mut running = place.run(&world.durable, shell("a.1", &format!("{make}{script}"))).await.unwrap();
    let mut taken = Vec::new();
    while taken.len() < 1_000 {
        if let Answer::Line { number, line } = next(&mut running).await {
            running.acknowledge(number);
            taken.push(line.text);
        }
    }
    // The owner dies: it has taken more than it had made durable.
    for _ in 0..100 {
        next(&mut running).await;
    }
    drop((running, place));

    let second = world.epoch(2).await;
    let container = world.container();
    let place = world.docker.open(&second, &world.spec("p", &container)).await.unwrap();
    assert_eq!(place.held(), [("a.1".to_owned(), false)]);
    let mut running = place.run(&second, shell("a.1", "echo never again")).await.unwrap();
    let mut go = place.run(&second, shell("a.2", "echo > /tmp/go")).await.unwrap();
    finish(&mut go).await;
    let mut highest = 1_000;
    loop {
        match next(&mut running).await {
            Answer::Taken => {}
            Answer::Line { number, line } => {
                running.acknowledge(number);
                assert!(line.ordinal <= highest + 1, "{line:?} after {highest}");
                if line.ordinal == highest + 1 {
                    highest = line.ordinal;
                    taken.push(line.text);
                }
            }
            Answer::Ended { .. } => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(taken, (1..=6_000).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_owner_shuts_the_first_out() {
    let Some(world) = world("epoch", true).await else { return };
    let first = world.open("p").await;
    let container = world.container();
    let second = world.docker.open(&world.epoch(2).await, &world.spec("p", &container)).await.unwrap();
    let mut stale = first.run(&world.durable, shell("a.1", "echo stale")).await.unwrap();
    assert_eq!(next(&mut stale).await, Answer::Lost(Gone::Refused(2)));
    let mut running = second.run(&world.epoch(2).await, shell("a.2", "echo fresh")).await.unwrap();
    assert_eq!(finish(&mut running).await.0, ["fresh"]);
    assert_eq!(second.held(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn torn_requests_of_others_do_no_harm() {
    let Some(world) = world("torn", true).await else { return };
    let place = world.open("p").await;
    let options = AttachContainerOptionsBuilder::default().stdin(true).stream(true).build();
    let mut other = world.engine.attach_container(place.name(), Some(options)).await.unwrap().input;
    for n in 0..50 {
        other.write_all(format!("\nhalf a request {n}").as_bytes()).await.unwrap();
        other.flush().await.unwrap();
        let mut running = place.run(&world.durable, shell(&format!("a.{n}"), "echo once")).await.unwrap();
        assert_eq!(finish(&mut running).await.0, ["once"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_killed_has_lost_what_was_open() {
    let Some(world) = world("killed", true).await else { return };
    let place = world.open("p").await;
    let mut running = place.run(&world.durable, shell("a.1", "echo up; sleep 600")).await.unwrap();
    first_line(&mut running).await;
    world.engine.kill_container(place.name(), None::<KillContainerOptions>).await.unwrap();
    let Answer::Lost(Gone::Exited { code: 137, .. }) = next(&mut running).await else { panic!("not lost") };
    let container = world.container();
    let again = world.docker.open(&world.durable, &world.spec("p", &container)).await;
    assert!(matches!(again, Err(ContainerError::PlaceGone { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_of_others_are_never_adopted() {
    let Some(world) = world("foreign", true).await else { return };
    let place = world.open("p").await;
    let container = world.container();
    let mut spec = world.spec("p", &container);
    spec.labels.push(("headwater.run".to_owned(), "another".to_owned()));
    assert!(matches!(world.docker.open(&world.durable, &spec).await, Err(ContainerError::NotOurs(_))));
    drop(place);
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_of_a_run_share_the_pause_containers_network() {
    let Some(world) = world("pause", true).await else { return };
    let pause = world.name("pause");
    world.docker.open_pause(&world.durable, &pause, &world.labels(), &world.image).await.unwrap();
    world.docker.open_pause(&world.durable, &pause, &world.labels(), &world.image).await.unwrap();
    let container = world.container();
    let mut namespaces = Vec::new();
    for what in ["one", "two"] {
        let mut spec = world.spec(what, &container);
        spec.network = Network::Shared(pause.clone());
        let place: Place = world.docker.open(&world.durable, &spec).await.unwrap();
        let script = "/bin/busybox readlink /proc/self/ns/net";
        let mut running = place.run(&world.durable, shell("a.1", script)).await.unwrap();
        namespaces.push(finish(&mut running).await.0);
    }
    assert_eq!(namespaces[0], namespaces[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_granted_that_policy_does_not_name() {
    let Some(world) = world("policy", true).await else { return };
    let mount = |source: &str| headwater_core::model::Mount {
        source: source.to_owned(),
        target: "/data".to_owned(),
        read_only: true,
    };
    let container = Container { mounts: vec![mount("allowed"), mount("/")], ..world.container() };
    let policy = headwater::container::Policy { mounts: vec!["allowed".to_owned()], ..Default::default() };
    let mut spec = world.spec("p", &container);
    spec.policy = &policy;
    let refused = world.docker.open(&world.durable, &spec).await.err().unwrap();
    assert_eq!(refused.to_string(), "mounting `/` is not allowed here; the operator can grant it");
    assert!(world.docker.find(&world.name("p")).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_image_is_named() {
    let Some(world) = world("image", true).await else { return };
    let name = "headwater-no-such-image:1";
    let never = world.docker.ensure_image(&world.durable, name, Some(PullPolicy::Never), None, |_| {}).await;
    assert!(matches!(never, Err(ContainerError::ImageNotFound { .. })));
    let unreachable =
        world.docker.ensure_image(&world.durable, "127.0.0.1:1/a:1", None, None, |_| {}).await.err().unwrap();
    assert!(matches!(unreachable, ContainerError::PullFailed { .. }), "{unreachable}");
    let here = world.docker.ensure_image(&world.durable, &world.image.name, None, None, |_| {}).await.unwrap();
    assert_eq!(here, world.image);
    let always =
        world.docker.ensure_image(&world.durable, &world.image.name, Some(PullPolicy::Always), None, |_| {}).await;
    assert!(always.is_err(), "the image that was here before must not be used");
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_found_by_label() {
    let Some(world) = world("list", true).await else { return };
    let _place = world.open("p").await;
    let label = format!("{}={}", headwater::container::label::INSTALL, world.install);
    let found = world.docker.list(&label).await.unwrap();
    assert_eq!(found.iter().map(|found| found.name.clone()).collect::<Vec<_>>(), [world.name("p")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_error_is_a_stream_of_its_own() {
    let Some(world) = world("stderr", true).await else { return };
    let place = world.open("p").await;
    let mut running = place.run(&world.durable, shell("a.1", "echo oops >&2")).await.unwrap();
    loop {
        if let Answer::Line { line, .. } = next(&mut running).await {
            assert_eq!((line.stream, line.text.as_str()), (Stream::Stderr, "oops"));
            break;
        }
    }
    let _: &Docker = &world.docker;
}
