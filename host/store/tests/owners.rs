//! Claims, take-over, fencing, requests from other processes.

use super::{World, batch, created, events, header, id};
use crate::store::{Claim, ClaimError, Fenced, Op, Request, RequestStatus, StoreError};
use headwater_core::model::{Json, Timestamp};

#[test]
fn a_living_owner_keeps_its_tree() {
    let world = World::new();
    let (one, two) = (world.store.become_owner().unwrap(), world.another().become_owner().unwrap());
    assert_eq!(one.claim(&id("a")).unwrap(), Claim { epoch: 1, taken_over: false });
    created(&one, "a", 1);
    let refused = two.claim(&id("a")).unwrap_err();
    assert!(matches!(&refused, ClaimError::Owned { by, .. } if by == one.id()));
    assert_eq!(refused.to_string(), format!("run `a` is being driven by owner `{}`", one.id()));
    assert!(two.store().owner_alive(one.id()).unwrap());
    assert_eq!(two.store().orphans().unwrap(), []);
}

#[test]
fn of_many_that_claim_a_dead_owners_tree_one_gets_it() {
    let world = World::new();
    let dead = world.store.become_owner().unwrap();
    created(&dead, "a", 1);
    dead.crash();
    let owners: Vec<_> = (0..6).map(|_| world.another().become_owner().unwrap()).collect();
    let claims: Vec<_> = std::thread::scope(|scope| {
        let claiming: Vec<_> = owners.iter().map(|owner| scope.spawn(|| owner.claim(&id("a")))).collect();
        claiming.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let won: Vec<_> = claims.iter().filter_map(|claim| claim.as_ref().ok()).collect();
    assert_eq!(won, [&Claim { epoch: 2, taken_over: true }]);
    assert!(claims.iter().all(|claim| matches!(claim, Ok(_) | Err(ClaimError::Owned { .. }))));
}

#[test]
fn many_processes_may_open_a_new_store_at_once() {
    let home = tempfile::TempDir::new().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| crate::store::Store::open(&home.path().join("new")).unwrap().become_owner().unwrap());
        }
    });
}

#[test]
fn a_dead_owner_loses_it_at_once_and_the_epoch_grows() {
    let world = World::new();
    let (one, two) = (world.store.become_owner().unwrap(), world.another().become_owner().unwrap());
    created(&one, "a", 1);
    one.crash();
    assert_eq!(two.store().orphans().unwrap().len(), 1);
    assert_eq!(two.claim(&id("a")).unwrap(), Claim { epoch: 2, taken_over: true });
    assert_eq!(two.claim(&id("a")).unwrap(), Claim { epoch: 2, taken_over: false });
    two.writer().append(batch("a", vec![events("a", 1, 1)]));
    two.writer().flush().unwrap();
    let run = world.store.run(&id("a")).unwrap().unwrap();
    assert_eq!((run.header.epoch, run.epoch, run.owner.as_ref()), (1, 2, Some(two.id())));
}

#[test]
fn whoever_drove_it_last_wakes_it_without_a_new_epoch() {
    let world = World::new();
    let (one, two) = (world.store.become_owner().unwrap(), world.another().become_owner().unwrap());
    created(&one, "a", 1);
    one.writer().append(batch("a", vec![Op::ReleaseTree { tree: id("a"), due_at: Some(Timestamp(50)) }]));
    // The claim comes after the release although nobody waited for that.
    assert_eq!(one.claim(&id("a")).unwrap(), Claim { epoch: 1, taken_over: false });
    assert_eq!(world.store.tree(&id("a")).unwrap().unwrap().owner.as_ref(), Some(one.id()));
    one.writer().append(batch("a", vec![Op::ReleaseTree { tree: id("a"), due_at: None }]));
    one.writer().flush().unwrap();
    assert_eq!(two.claim(&id("a")).unwrap(), Claim { epoch: 2, taken_over: true });
}

#[test]
fn trees_that_wait_are_found_when_due() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    for (run, due_at) in [("a", Some(300)), ("b", Some(100)), ("c", None), ("d", Some(200))] {
        created(&owner, run, 1);
        owner.writer().append(batch(run, vec![Op::ReleaseTree { tree: id(run), due_at: due_at.map(Timestamp) }]));
    }
    owner.writer().flush().unwrap();
    assert_eq!(world.store.next_due().unwrap(), Some(Timestamp(100)));
    let due: Vec<_> = world.store.due(Timestamp(200)).unwrap().into_iter().map(|tree| tree.tree).collect();
    assert_eq!(due, [id("b"), id("d")]);
    owner.claim(&id("b")).unwrap();
    assert_eq!(world.store.next_due().unwrap(), Some(Timestamp(200)));
}

#[tokio::test]
async fn a_fenced_owner_writes_nothing_and_its_tokens_are_void() {
    let world = World::new();
    let (one, two) = (world.store.become_owner().unwrap(), world.another().become_owner().unwrap());
    let position = created(&one, "a", 1);
    let token = one.writer().durable(position, 1).await.unwrap();
    two.store().fence(one.id()).unwrap();
    assert_eq!(two.claim(&id("a")).unwrap(), Claim { epoch: 2, taken_over: true });
    let late = one.writer().append(batch("a", vec![events("a", 1, 1)]));
    assert!(matches!(one.writer().durable(late, 1).await, Err(StoreError::Fenced(Fenced))));
    assert!(matches!(one.claim(&id("b")), Err(ClaimError::Store(StoreError::Fenced(_)))));
    assert_eq!(token.epoch(), Err(Fenced));
    assert_eq!(world.store.journal(&id("a")).unwrap().len(), 1);
}

#[tokio::test]
async fn an_owner_that_only_waits_finds_out_by_looking() {
    let world = World::new();
    let one = world.store.become_owner().unwrap();
    let position = created(&one, "a", 1);
    let token = one.writer().durable(position, 1).await.unwrap();
    one.check().unwrap();
    world.another().fence(one.id()).unwrap();
    assert!(matches!(one.check(), Err(StoreError::Fenced(_))));
    assert_eq!(token.epoch(), Err(Fenced));
}

#[test]
fn the_next_owner_sweeps_dead_ones() {
    let world = World::new();
    for _ in 0..3 {
        world.store.become_owner().unwrap().crash();
    }
    let owner = world.store.become_owner().unwrap();
    let files: Vec<_> =
        std::fs::read_dir(world.home.path().join("owners")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, [owner.id().as_str()]);
}

fn request(request: &str, run: &str) -> Request {
    Request {
        id: request.to_owned(),
        run: id(run),
        kind: "cancel".to_owned(),
        payload: Json::parse(r#"{"why":"tired"}"#).unwrap(),
        sender: "a person".to_owned(),
        at: Timestamp(9),
    }
}

#[test]
fn a_request_is_seen_taken_once_and_answered() {
    let world = World::new();
    let (owner, asking) = (world.store.become_owner().unwrap(), world.another());
    created(&owner, "a", 1);
    let mut changes = world.store.changes().unwrap();
    assert!(changes.any().unwrap());
    assert!(!changes.any().unwrap());
    asking.send_request(&request("r1", "a")).unwrap();
    asking.send_request(&request("r1", "a")).unwrap();
    assert!(changes.any().unwrap());
    assert_eq!(world.store.requests_for(owner.id()).unwrap(), [request("r1", "a")]);
    assert_eq!(world.store.requests_of_tree(&id("a")).unwrap().len(), 1);
    assert_eq!(asking.request_status(&"r1".to_owned()).unwrap(), RequestStatus::Waiting);

    let done = Json::parse("true").unwrap();
    owner
        .writer()
        .append(batch("a", vec![events("a", 1, 1), Op::TakeRequest { id: "r1".to_owned(), result: done.clone() }]));
    owner.writer().flush().unwrap();
    assert_eq!(world.store.requests_for(owner.id()).unwrap(), []);
    asking.send_request(&request("r1", "a")).unwrap();
    assert_eq!(world.store.requests_for(owner.id()).unwrap(), []);
    assert_eq!(asking.request_status(&"r1".to_owned()).unwrap(), RequestStatus::Taken(done));
    assert_eq!(asking.request_status(&"r2".to_owned()).unwrap(), RequestStatus::Unknown);
}

#[test]
fn requests_reach_only_who_drives_the_run() {
    let world = World::new();
    let (one, two) = (world.store.become_owner().unwrap(), world.another().become_owner().unwrap());
    created(&one, "a", 1);
    created(&two, "b", 1);
    world.store.send_request(&request("r1", "b")).unwrap();
    assert_eq!(world.store.requests_for(one.id()).unwrap(), []);
    assert_eq!(world.store.requests_for(two.id()).unwrap().len(), 1);
    assert!(matches!(world.store.send_request(&request("r2", "nobody")), Err(StoreError::NoSuchRun { .. })));
}

#[test]
fn two_processes_that_write_all_the_time_do_not_starve_each_other() {
    let world = World::new();
    std::thread::scope(|scope| {
        for run in ["a", "b"] {
            let store = world.another();
            scope.spawn(move || {
                let owner = store.become_owner().unwrap();
                owner.claim(&id(run)).unwrap();
                owner.writer().append(batch(run, vec![Op::NewRun(Box::new(header(run)))]));
                for number in 0..200 {
                    owner.writer().append(batch(run, vec![events(run, number, 1)]));
                    owner.writer().flush().unwrap();
                }
            });
        }
    });
    assert_eq!(world.store.journal(&id("a")).unwrap().len(), 200);
    assert_eq!(world.store.journal(&id("b")).unwrap().len(), 200);
}
