//! Listings, names, children, trees that part, the cache, deletion.

use super::{World, batch, child, created, events, header, id, line};
use crate::store::{
    Activity, CacheEntry, CacheFill, Op, Resolved, RunFilter, RunHeader, RunSummary, StateWord, StoreError,
};
use headwater_core::model::{Json, Outcome, Payload, StateName, StateType, Timestamp};

#[test]
fn a_run_is_listed_as_it_stands() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    let summary = RunSummary {
        state: StateName::Completed.into(),
        generation: 2,
        started_at: Some(Timestamp(5)),
        ended_at: Some(Timestamp(9)),
        outcome: Some(Outcome::Ok(Payload::Inline(Json::parse("[1]").unwrap()))),
        chapter: 3,
        note: Some("all is well".to_owned()),
        activity: vec![Activity {
            call: Some(4),
            element: Some(7),
            progress: Some(Json::parse("0.5").unwrap()),
            waits: None,
        }],
    };
    let running = RunSummary { state: StateName::Running.into(), ..RunSummary::default() };
    for summary in [running, summary.clone()] {
        owner.writer().append(batch("a", vec![Op::Summary { run: id("a"), summary: Box::new(summary) }]));
    }
    owner.writer().flush().unwrap();
    let run = world.store.run(&id("a")).unwrap().unwrap();
    assert_eq!((&run.header, &run.summary), (&header("a"), &summary));
    assert_eq!((run.owner.as_ref(), run.epoch), (Some(owner.id()), 1));
    assert_eq!(world.store.run(&id("b")).unwrap(), None);
}

#[test]
fn listings_filter() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    for (run, flow, project, at) in [("a", "etl", Some("p"), 1), ("b", "etl", None, 2), ("c", "report", Some("p"), 3)] {
        let header = RunHeader {
            flow: flow.to_owned(),
            project: project.map(str::to_owned),
            created_at: Timestamp(at),
            ..header(run)
        };
        owner.writer().append(batch(run, vec![Op::NewRun(Box::new(header))]));
    }
    owner.writer().append(batch("a", vec![Op::NewRun(Box::new(child("d", "a", "a", true)))]));
    owner.writer().flush().unwrap();
    let list = |filter: RunFilter| -> Vec<String> {
        world.store.runs(&filter).unwrap().into_iter().map(|run| run.header.run.to_string()).collect()
    };
    let all = RunFilter::default();
    assert_eq!(list(all.clone()), ["d", "c", "b", "a"]);
    assert_eq!(list(RunFilter { roots_only: true, ..all.clone() }), ["c", "b", "a"]);
    assert_eq!(list(RunFilter { flow: Some("etl".to_owned()), ..all.clone() }), ["b", "a"]);
    assert_eq!(list(RunFilter { project: Some("p".to_owned()), ..all.clone() }), ["c", "a"]);
    assert_eq!(list(RunFilter { parent: Some(id("a")), ..all.clone() }), ["d"]);
    assert_eq!(list(RunFilter { since: Some(Timestamp(3)), limit: Some(1), ..all.clone() }), ["d"]);
    assert_eq!(list(RunFilter { states: vec![StateWord::Type(StateType::Pending)], ..all.clone() }).len(), 4);
    assert_eq!(list(RunFilter { states: vec![StateWord::Name(StateName::Running)], ..all.clone() }).len(), 0);
    let either = vec![StateWord::Type(StateType::Failed), StateWord::Name(StateName::Pending)];
    assert_eq!(list(RunFilter { states: either, flow: Some("report".to_owned()), ..all.clone() }), ["c"]);
    assert_eq!(list(RunFilter { after: Some(id("c")), limit: Some(1), ..all }), ["b"]);
}

#[test]
fn a_run_is_found_by_what_people_type() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    for run in ["abc1", "abd2", "x*yz"] {
        created(&owner, run, 1);
    }
    let resolve = |word: &str| world.store.resolve(word).unwrap();
    assert_eq!(resolve("abc1"), Resolved::One(id("abc1")));
    assert_eq!(resolve("abc"), Resolved::One(id("abc1")));
    assert_eq!(resolve("quiet-abd2"), Resolved::One(id("abd2")));
    assert_eq!(resolve("ab"), Resolved::Several(vec![id("abd2"), id("abc1")]));
    assert_eq!(resolve("x*"), Resolved::One(id("x*yz")));
    assert_eq!(resolve("*"), Resolved::None);
    assert_eq!(resolve("nobody"), Resolved::None);
}

#[test]
fn a_detached_child_becomes_a_tree_with_what_is_below_it() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    let children = [child("b", "a", "a", true), child("c", "b", "a", true), child("d", "a", "a", true)];
    owner.writer().append(batch("a", children.map(|child| Op::NewRun(Box::new(child))).to_vec()));
    owner
        .writer()
        .append(batch("a", vec![Op::Detach { run: id("b") }, Op::ReleaseTree { tree: id("a"), due_at: None }]));
    owner.writer().append(batch("c", vec![events("c", 0, 1)]));
    owner.writer().flush().unwrap();
    assert_eq!(world.store.members(&id("a")).unwrap(), [id("a"), id("d")]);
    assert_eq!(world.store.members(&id("b")).unwrap(), [id("b"), id("c")]);
    let tree = world.store.tree(&id("b")).unwrap().unwrap();
    assert_eq!((tree.owner.as_ref(), tree.epoch), (Some(owner.id()), 1));
    assert_eq!(world.store.tree(&id("a")).unwrap().unwrap().owner, None);
    assert_eq!(world.store.children(&id("a")).unwrap(), [(3, None, id("b")), (3, None, id("d"))]);
}

#[test]
fn a_result_is_cached_until_it_is_too_old() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 1);
    let fill = CacheFill {
        key: "k".to_owned(),
        value: Payload::Inline(Json::parse("1").unwrap()),
        run: id("a"),
        made_at: Timestamp(10),
        expires_at: Some(Timestamp(20)),
    };
    owner.writer().append(batch("a", vec![Op::CacheFill(Box::new(fill.clone()))]));
    owner.writer().flush().unwrap();
    let entry = CacheEntry { value: fill.value, run: id("a"), made_at: Timestamp(10) };
    assert_eq!(world.store.cached("k", Timestamp(19)).unwrap(), Some(entry));
    assert_eq!(world.store.cached("k", Timestamp(20)).unwrap(), None);
    assert_eq!(world.store.cached("other", Timestamp(0)).unwrap(), None);
}

#[test]
fn a_run_is_deleted_with_its_tree_once_nobody_drives_it() {
    let world = World::new();
    let owner = world.store.become_owner().unwrap();
    created(&owner, "a", 2);
    owner.writer().append(batch(
        "a",
        vec![
            Op::NewRun(Box::new(child("b", "a", "a", true))),
            events("b", 0, 1),
            Op::Log(vec![line("b", 1, 0, "hello")]),
        ],
    ));
    owner.writer().flush().unwrap();
    assert!(matches!(world.store.delete(&id("a")), Err(StoreError::Driven { .. })));
    owner.writer().append(batch("a", vec![Op::ReleaseTree { tree: id("a"), due_at: None }]));
    owner.writer().flush().unwrap();
    assert_eq!(world.store.delete(&id("b")).unwrap_err().to_string(), "run `b` belongs to run `a`: delete that one");
    world.store.delete(&id("a")).unwrap();
    assert!(matches!(world.store.journal(&id("b")), Err(StoreError::NoSuchRun { .. })));
    for table in ["runs", "events", "log", "trees"] {
        let rows: u32 = world
            .store
            .read(|db| Ok(db.query_row(&format!("select count(*) from {table}"), [], |row| row.get(0))?))
            .unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}
