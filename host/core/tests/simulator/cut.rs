//! A journal that ends anywhere: after each of its events another owner takes over, and the run ends as it would have.
//!
//! The store loses whole steps at most; this is stricter, and needs no luck with moments.

use crate::owner::Owner;
use crate::seed::outcome_of;
use crate::sim::Sim;
use crate::world::Place;
use headwater_core::journal::{Event, Issued, Record};
use headwater_core::model::*;

/// How many cuts were tried; none where the tree is more than one run, or its result depends on luck.
pub fn check(seed: u64) -> Result<u32, String> {
    let mut calm = Sim::new(seed, 1);
    calm.run();
    let root = calm.root.clone();
    let journal = calm.store.journal(&root).to_vec();
    if calm.is_loose() || calm.store.journals.len() > 1 || !calm.violations.is_empty() {
        return Ok(0);
    }
    let expected = outcome_of(&calm);
    for cut in 1..journal.len() {
        let mut sim = Sim::new(seed, 1_000 + cut as u64);
        sim.now += 1_000;
        // The first owner is dead.
        sim.owners.insert(1, Owner { alive: false, ..Owner::new(1, 0) });
        remember(&mut sim, &journal[..cut]);
        sim.store.journals.insert(root.clone(), journal[..cut].to_vec());
        sim.run();
        // The lines of the time before are not here.
        if let Some(wrong) = sim.violations.iter().find(|wrong| !wrong.starts_with("11:")) {
            return Err(format!("cut after event {}: {wrong}", cut - 1));
        }
        let found = outcome_of(&sim);
        if found != expected {
            return Err(format!("5: cut after event {} it ends as {found:?}, whole as {expected:?}", cut - 1));
        }
    }
    Ok(journal.len() as u32 - 1)
}

/// The world knows what has failed before.
fn remember(sim: &mut Sim, journal: &[Record]) {
    let mut keys = Vec::new();
    for record in journal {
        match &record.event {
            Event::Activated(activated) => keys.extend(activated.commands.iter().filter_map(|command| match command {
                Issued::Call(call) => Some(call.options.key.clone()),
                Issued::Cancel(_) | Issued::Detach(_) => None,
            })),
            Event::AttemptsEnded { ends } => {
                for end in ends {
                    failed(sim, &keys, end.attempt, &end.outcome);
                }
            }
            Event::CallEnded(ended) if ended.attempt > 0 => {
                failed(
                    sim,
                    &keys,
                    AttemptId { call: ended.call, element: None, number: ended.attempt },
                    &ended.outcome,
                );
            }
            _ => {}
        }
    }
}

fn failed(sim: &mut Sim, keys: &[String], attempt: AttemptId, outcome: &Outcome) {
    let key = keys[attempt.call as usize].clone();
    let place = Place { path: "/".to_owned(), key, element: attempt.element };
    let own = outcome.failure().is_some_and(|failure| failure.message.starts_with("the world's"));
    if own {
        sim.world.failed.entry(place).or_default().insert(attempt.number);
    }
}
