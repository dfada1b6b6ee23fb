//! Programs beside the owner: the same door as a container's, and nothing left when the owner is gone.
//!
//! Needs no container engine.

use super::world::{binary, durable, finish, first_line, next, owner, program, shell};
use headwater::{
    container::{Answer, Content, InputFile, LocalPlaces, ProgramRequest},
    runner::protocol::message::StartFailure,
};
use headwater_core::model::FailureKind;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn files_go_in_and_out_beside_the_owner() {
    let folder = tempfile::tempdir().unwrap();
    let owner = owner(&folder.path().join("home"));
    let durable = durable(&owner, 1).await;
    let place = LocalPlaces::new(folder.path()).open_with_binary(&durable, binary()).await.unwrap();
    let large = InputFile { name: "large".to_owned(), content: Content::Bytes(vec![7; 100_000]) };
    let request = ProgramRequest {
        inputs: vec![large],
        stdin: Some(vec![0xFF; 10]),
        ..shell("a.1", "cat {in}/large > {out}/copy; cat > {out}/stdin; echo done; exit 5")
    };
    let mut running = place.run(&durable, request).await.unwrap();
    let mut code = None;
    while code.is_none() {
        if let Answer::Ended { ended, .. } = next(&mut running).await {
            code = ended.code;
        }
    }
    assert_eq!(code, Some(5));
    let mut sizes = Vec::new();
    let mut outputs = place.fetch_outputs("a.1", u64::MAX).await.unwrap();
    outputs
        .each(|file, reader| {
            sizes.push((file.name.clone(), std::io::copy(reader, &mut std::io::sink())?));
            Ok(())
        })
        .unwrap();
    sizes.sort();
    assert_eq!(sizes, [("copy".to_owned(), 100_000), ("stdin".to_owned(), 10)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_programs_at_once_each_get_their_own_lines() {
    let folder = tempfile::tempdir().unwrap();
    let owner = owner(&folder.path().join("home"));
    let durable = durable(&owner, 1).await;
    let place = LocalPlaces::new(folder.path()).open_with_binary(&durable, binary()).await.unwrap();
    let mut all = Vec::new();
    for n in 0..40 {
        all.push(
            place
                .run(&durable, shell(&format!("a.{n}"), &format!("for i in 1 2 3; do echo {n}.$i; done")))
                .await
                .unwrap(),
        );
    }
    for (n, running) in all.iter_mut().enumerate() {
        assert_eq!(finish(running).await.0, (1..=3).map(|i| format!("{n}.{i}")).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_lives_when_the_next_owner_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let owner = owner(&folder.path().join("home"));
    let durable = durable(&owner, 1).await;
    let places = LocalPlaces::new(folder.path());
    let place = places.open_with_binary(&durable, binary()).await.unwrap();
    let mut running = place.run(&durable, shell("a.1", "setsid sleep 600 & echo $!; sleep 600")).await.unwrap();
    let pid = first_line(&mut running).await;
    drop((running, place));
    places.wait_for("a.1").await.unwrap();
    places.wait_for("never-started").await.unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z"), "{stat}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stops_and_missing_programs_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let owner = owner(&folder.path().join("home"));
    let durable = durable(&owner, 1).await;
    let place = LocalPlaces::new(folder.path()).open_with_binary(&durable, binary()).await.unwrap();
    let mut running = place.run(&durable, shell("a.1", "echo up; sleep 600")).await.unwrap();
    first_line(&mut running).await;
    place.stop(&durable, "a.1", None, Duration::from_secs(60)).await.unwrap();
    let (_, ended) = finish(&mut running).await;
    assert!(ended.stopped && ended.signal == Some(15));
    let mut running = place.run(&durable, program("a.2", &["no-such-program"])).await.unwrap();
    while let Some(answer) = running.next().await {
        if let Answer::Failed { reason, message, .. } = answer {
            assert_eq!(reason, StartFailure::ProgramNotFound);
            assert_eq!(place.failure(reason, &message).kind, FailureKind::ProgramNotFound);
        }
    }
    place.end(&durable).await.unwrap();
}
