//! The log of a tree, by who said what, so that two executions can be compared.

use crate::story::Told;
use headwater::store::{Cursor, LogFilter, LogLine, Source, Store};
use headwater_core::model::{Element, RunId};
use std::collections::BTreeMap;

/// Path of the run, key of the call (none: flow code), element.
pub type Speaker = (String, Option<String>, Element);

/// What a speaker said in its attempts whose end is known, in their order; and what it said in others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    pub attempts: BTreeMap<u32, Vec<String>>,
    pub lost: BTreeMap<u32, Vec<String>>,
    /// Its last attempt was lost, and it is one that is not tried again.
    pub for_good: bool,
}

/// Every line of a run and its children.
pub fn all(store: &Store, run: &RunId) -> Vec<LogLine> {
    let (mut cursor, mut lines) = (Cursor::default(), Vec::new());
    loop {
        let more = store.log(run, &LogFilter::all(), cursor, 1_000).unwrap();
        let Some((last, _)) = more.last() else { return lines };
        cursor = *last;
        lines.extend(more.into_iter().map(|(_, line)| line));
    }
}

/// By speakers; remarks of the engine are left out.
pub fn by_speaker(store: &Store, told: &[Told]) -> BTreeMap<Speaker, Said> {
    let mut speakers: BTreeMap<Speaker, Said> = BTreeMap::new();
    for line in all(store, &told[0].run) {
        if line.source == Source::Engine {
            continue;
        }
        let run = told.iter().find(|told| told.run == line.run).unwrap();
        let speaker = (run.path.clone(), line.call.map(|call| run.call(call).options.key.clone()), line.element);
        let said = speakers.entry(speaker).or_default();
        let number = line.attempt.unwrap_or_default();
        let lost = line.call.is_some_and(|call| {
            let attempt = headwater_core::model::AttemptId { call, element: line.element, number };
            run.ended.get(&attempt) == Some(&false)
        });
        let attempts = if lost { &mut said.lost } else { &mut said.attempts };
        attempts.entry(number).or_default().push(line.text);
    }
    for run in told {
        for attempt in run.ended.iter().filter_map(|(attempt, known)| (!known).then_some(attempt)) {
            let call = run.call(attempt.call);
            if call.at_most_once() {
                let speaker = (run.path.clone(), Some(call.options.key.clone()), attempt.element);
                speakers.entry(speaker).or_default().for_good = true;
            }
        }
    }
    speakers
}

/// Tokens differ in every attempt of every execution; each attempt has one.
fn without_tokens(lines: &[String]) -> Vec<String> {
    let known = |line: &String| if line.starts_with("token ") { "token".to_owned() } else { line.clone() };
    lines.iter().map(known).collect()
}

/// What was said in an undisturbed execution and in another one must be the same, but for attempts that were lost.
pub fn compare(undisturbed: &BTreeMap<Speaker, Said>, other: &BTreeMap<Speaker, Said>) {
    let said = |said: &Said| said.attempts.values().map(|lines| without_tokens(lines)).collect::<Vec<_>>();
    let for_good = |speaker: &Speaker| other.get(speaker).is_some_and(|said| said.for_good);
    for (speaker, expected) in undisturbed.iter().filter(|(speaker, _)| !for_good(speaker)) {
        let found = other.get(speaker).map(said).unwrap_or_default();
        assert_eq!(
            said(expected),
            found,
            "lines of {speaker:?} (lost: {:?})",
            other.get(speaker).map(|said| &said.lost)
        );
    }
    for (speaker, found) in other {
        let expected = undisturbed.get(speaker);
        assert!(expected.is_some() || found.attempts.is_empty(), "{speaker:?} said {found:?}");
        for lines in found.lost.values() {
            let first = expected.and_then(|said| said.attempts.values().next()).map(|lines| without_tokens(lines));
            let first = first.unwrap_or_default();
            let lines = without_tokens(lines);
            assert!(
                first.starts_with(&lines),
                "a lost attempt of {speaker:?} said {lines:?}, not the beginning of {first:?}"
            );
        }
    }
}
