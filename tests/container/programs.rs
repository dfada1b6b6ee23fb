//! Programs in a place: lines, codes, files, floods, stops.

use super::world::{finish, first_line, next, program, shell, world};
use headwater::{
    container::{Answer, ContainerError, Docker, InputFile, ProgramRequest},
    runner::protocol::message::StartFailure,
};
use headwater_core::model::{Container, Failure, FailureKind, Resources};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_its_input_and_its_output_comes_back() {
    let Some(world) = world("files", true).await else { return };
    let place = world.open("p").await;
    let arguments = serde_json::json!({"name": "Marvin", "n": 3});
    let script = "cat {in}/arguments.json; echo; cat {in}/name $HEADWATER_IN/n; echo; cat; echo '{name} {n}' $HEADWATER_IDEMPOTENCY_KEY; \
                  mkdir {out}/deep; echo page > {out}/deep/page.html; echo '[7]' > $HEADWATER_OUT/result.json";
    let request = ProgramRequest {
        inputs: InputFile::of_arguments(arguments.as_object().unwrap()),
        values: vec![("name".to_owned(), "Marvin".to_owned()), ("n".to_owned(), "3".to_owned())],
        stdin: Some(b"from stdin\n".to_vec()),
        idempotency_key: Some("key-1".to_owned()),
        ..shell("a.1", script)
    };
    let mut running = place.run(&world.durable, request).await.unwrap();
    let (lines, ended) = finish(&mut running).await;
    assert_eq!(lines, ["{\"n\":3,\"name\":\"Marvin\"}", "Marvin3", "from stdin", "Marvin 3 key-1"]);
    assert_eq!((ended.code, ended.outputs, ended.result.as_deref()), (Some(0), 2, Some("[7]\n")));
    assert_eq!(running.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_inputs_and_outputs_go_by_archive_for_any_user() {
    let Some(world) = world("archive", true).await else { return };
    let container = Container { user: Some("1234".to_owned()), read_only_root: Some(true), ..world.container() };
    let place = world.docker.open(&world.durable, &world.spec("p", &container)).await.unwrap();
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
    let input = InputFile { name: "blob".to_owned(), content: headwater::container::Content::Bytes(bytes.clone()) };
    let request = ProgramRequest {
        inputs: vec![input],
        stdin: Some(bytes.clone()),
        ..shell("a.1", "cat {in}/blob > {out}/copy; cat > {out}/stdin; id -u")
    };
    let mut running = place.run(&world.durable, request).await.unwrap();
    let (lines, ended) = tokio::time::timeout(Duration::from_secs(60), async {
        let mut lines = Vec::new();
        loop {
            match next(&mut running).await {
                Answer::Line { line, .. } => lines.push(line.text),
                Answer::Ended { ended, .. } => return (lines, ended),
                _ => {}
            }
        }
    })
    .await
    .unwrap();
    assert_eq!(lines, ["1234"]);
    assert_eq!(ended.outputs, 2);
    let mut found = Vec::new();
    let mut outputs = place.fetch_outputs("a.1", u64::MAX).await.unwrap();
    outputs
        .each(|file, reader| {
            let mut content = Vec::new();
            reader.read_to_end(&mut content)?;
            found.push((file.name.clone(), content));
            Ok(())
        })
        .unwrap();
    found.sort();
    assert_eq!(found, [("copy".to_owned(), bytes.clone()), ("stdin".to_owned(), bytes)]);
    assert!(place.fetch_outputs("a.1", 1_000).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_arrives_whole_and_once() {
    let Some(world) = world("flood", true).await else { return };
    let place = world.open("p").await;
    let mut running = place.run(&world.durable, program("a.1", &["seq", "20000"])).await.unwrap();
    let (lines, _) = finish(&mut running).await;
    assert_eq!(lines, (1..=20_000).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_programs_and_folders_are_named() {
    let Some(world) = world("missing", true).await else { return };
    let place = world.open("p").await;
    let mut running = place.run(&world.durable, program("a.1", &["no-such-program"])).await.unwrap();
    let failed = failure(&mut running).await;
    assert_eq!(failed.0, StartFailure::ProgramNotFound);
    let failure_of = place.failure(failed.0, &failed.1);
    assert_eq!(failure_of.kind, FailureKind::ProgramNotFound);
    assert_eq!(
        failure_of.message,
        format!("there is no program `no-such-program` (in the image `{}`)", world.image.name)
    );
    let request = ProgramRequest { working_dir: Some("/no/such".to_owned()), ..program("a.2", &["true"]) };
    let mut running = place.run(&world.durable, request).await.unwrap();
    assert_eq!(failure(&mut running).await.0, StartFailure::WorkingFolderNotFound);
}

async fn failure(running: &mut headwater::container::Running) -> (StartFailure, String) {
    loop {
        match next(running).await {
            Answer::Taken => {}
            Answer::Failed { reason, message, .. } => return (reason, message),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_kills_grandchildren_before_it_says_so() {
    let Some(world) = world("stop", true).await else { return };
    let place = world.open("p").await;
    let script = "setsid sh -c 'trap \"\" TERM; echo $$; while :; do sleep 9; done' & trap '' TERM; wait; wait";
    let mut running = place.run(&world.durable, shell("a.1", script)).await.unwrap();
    let pid = first_line(&mut running).await;
    place.stop(&world.durable, "a.1", Some("TERM"), Duration::from_millis(50)).await.unwrap();
    let (_, ended) = finish(&mut running).await;
    assert!(ended.stopped);
    let mut running =
        place.run(&world.durable, shell("a.2", &format!("cat /proc/{pid}/stat || echo gone"))).await.unwrap();
    assert_eq!(finish(&mut running).await.0, ["gone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_takes_too_much_memory_is_told_apart() {
    let Some(world) = world("memory", true).await else { return };
    let resources = Resources { memory: Some(24 * 1024 * 1024), ..Resources::default() };
    let container = Container { resources, ..world.container() };
    let place = world.docker.open(&world.durable, &world.spec("p", &container)).await.unwrap();
    let mut running =
        place.run(&world.durable, shell("a.1", "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done")).await.unwrap();
    let (_, ended) = finish(&mut running).await;
    assert!(ended.out_of_memory, "{ended:?}");
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_known_at_once() {
    let begun = Instant::now();
    let missing = Docker::connect(Some("unix:///no/such/socket")).await.err().unwrap();
    assert!(matches!(missing, ContainerError::DaemonUnreachable { .. }), "{missing}");
    // Listens, and never answers.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("tcp://{}", listener.local_addr().unwrap());
    let silent = Docker::connect(Some(&server)).await.err().unwrap();
    assert_eq!(Failure::from(silent).kind, FailureKind::Unavailable);
    assert!(begun.elapsed() < Duration::from_secs(10), "the limit is 2 s; the rest is for a slow machine");
    assert!(matches!(Docker::connect(Some("ftp://x")).await, Err(ContainerError::BadServer(_))));
}
