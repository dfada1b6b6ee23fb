//! Acts as they were really done, against what the journals say: nothing before its intent, nothing again that is known to have ended.

use crate::{story::Told, world::World};
use headwater_core::model::{AttemptId, CallId, Element, RunId};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// One act.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Act {
    pub run: RunId,
    pub epoch: u64,
    /// None: a place of the run's.
    pub attempt: Option<AttemptId>,
    pub what: String,
}

/// The acts so far, in order.
pub fn acts(path: &Path) -> Vec<Act> {
    World::lines_of(path)
        .iter()
        .map(|line| parse(line).unwrap_or_else(|| panic!("no line of a witness: {line}")))
        .collect()
}

fn parse(line: &str) -> Option<Act> {
    let mut words = line.split(' ');
    let run = RunId::new(words.next()?);
    let mut named = |name: &str| (words.next()? == name).then(|| words.next()).flatten();
    let epoch = named("epoch")?.parse().ok()?;
    named("position")?;
    let rest: Vec<&str> = line.split(' ').skip(5).collect();
    let attempt = match rest.as_slice() {
        ["call", call, "element", element, "attempt", number, ..] => {
            Some(AttemptId { call: call.parse().ok()?, element: element.parse().ok(), number: number.parse().ok()? })
        }
        _ => None,
    };
    Some(Act { run, epoch, attempt, what: rest.join(" ") })
}

/// How things stood when an owner had died.
pub struct Moment {
    /// So many acts had been done.
    pub acts: usize,
    /// Calls and elements that had ended, with the run.
    done: BTreeSet<(RunId, CallId, Element)>,
}

/// Looks at the acts so far and at the journals after a death: every act has its intent.
pub fn after_a_death(acts: &[Act], told: &[Told]) -> Moment {
    for act in acts {
        let Some(attempt) = act.attempt else { continue };
        let run = told.iter().find(|told| told.run == act.run);
        let run = run.unwrap_or_else(|| panic!("an act of a run that is not recorded: {act:?}"));
        assert!(run.started.contains(&attempt), "done without a durable intent: {act:?}");
    }
    let mut done = BTreeSet::new();
    for run in told {
        for attempt in &run.started {
            if run.is_done(attempt.call, attempt.element) {
                done.insert((run.run.clone(), attempt.call, attempt.element));
            }
        }
    }
    Moment { acts: acts.len(), done }
}

/// Nothing that had ended at a moment was done again later; and no owner did one attempt twice.
pub fn nothing_again(acts: &[Act], moments: &[Moment]) {
    for moment in moments {
        for act in &acts[moment.acts..] {
            if let Some(attempt) = act.attempt {
                let slot = (act.run.clone(), attempt.call, attempt.element);
                assert!(!moment.done.contains(&slot), "done again after its end was recorded: {act:?}");
            }
        }
    }
    let mut seen = BTreeSet::new();
    for act in acts.iter().filter(|act| act.attempt.is_some()) {
        assert!(seen.insert((&act.run, act.epoch, act.attempt)), "one owner did it twice: {act:?}");
    }
}

/// Lines that tasks and programs left outside: `word name attempt key`, `word name key`. At most one for each attempt; what is at most
/// once, at most once.
pub fn outside(data: &[String], programs: &[String]) {
    let mut notes: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    let mut once: BTreeMap<&str, u32> = BTreeMap::new();
    for line in data {
        let words: Vec<&str> = line.split(' ').collect();
        let [kind, _, attempt, key] = words.as_slice() else { panic!("half a line: {line}") };
        *notes.entry((key, attempt)).or_default() += 1;
        if *kind == "once" {
            *once.entry(key).or_default() += 1;
        }
    }
    for line in programs {
        let words: Vec<&str> = line.split(' ').collect();
        let [kind, _, key] = words.as_slice() else { panic!("half a line: {line}") };
        if *kind == "local-once" {
            *once.entry(key).or_default() += 1;
        }
    }
    let twice: Vec<_> = notes.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "one attempt left two lines: {twice:?}");
    let twice: Vec<_> = once.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "what is to happen at most once happened twice: {twice:?}");
}
