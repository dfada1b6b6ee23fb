//! One seed: the tree undisturbed, then with all that may happen to it, and the two compared.

use crate::chance::{Rng, mix};
use crate::sim::{Action, Event, Sim, Stats};
use headwater_core::model::*;
use std::collections::BTreeSet;

/// How the tree ended.
struct End {
    outcome: Outcome,
    texts: BTreeSet<String>,
    lost: bool,
    /// No run of the tree failed: what a failing one has cancelled by then depends on time.
    all_well: bool,
    /// A failure was taken over: one of several that had been looked at, and not the one that the run had failed by.
    old_failure: bool,
}

/// What happened, or what is wrong.
pub fn check(seed: u64) -> Result<Stats, String> {
    let mut calm = Sim::new(seed, 1);
    calm.run();
    let fail = |sim: &Sim, which: &str| match sim.violations.first() {
        Some(first) => Err(format!("{first} ({which})")),
        None => Ok(()),
    };
    fail(&calm, "undisturbed")?;
    let length = calm.now - 1_000_000;
    let calm_end = end_of(&calm);

    let mut sim = Sim::new(seed, 2);
    let quiet = disturb(&mut sim, length);
    sim.run();
    fail(&sim, "disturbed")?;
    let end = end_of(&sim);
    let loose = sim.is_loose() || calm.is_loose();
    if quiet && !loose && !end.lost && !calm_end.lost {
        sim.stats.compared = true;
        if end.outcome != calm_end.outcome {
            return Err(format!("5: it ended as {:?}, undisturbed as {:?}", end.outcome, calm_end.outcome));
        }
        if end.all_well && calm_end.all_well && end.texts != calm_end.texts {
            let missing: Vec<_> = end.texts.symmetric_difference(&calm_end.texts).take(3).collect();
            return Err(format!("5: the log differs: {missing:?}"));
        }
    }
    if sim.world.healed
        && !loose
        && !end.old_failure
        && !sim.handles_failures()
        && end.outcome.failure().is_none_or(|f| !is_own(f))
    {
        let mut healed = Sim::new(seed, 3);
        healed.world.healed = true;
        healed.run();
        fail(&healed, "healed")?;
        let healed_end = end_of(&healed);
        if healed_end.outcome != end.outcome {
            return Err(format!("13: retried it ended as {:?}, unfailing as {:?}", end.outcome, healed_end.outcome));
        }
    }
    Ok(sim.stats)
}

fn is_own(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Panicked | FailureKind::Cancelled) || failure.message.contains("author")
}

fn end_of(sim: &Sim) -> End {
    let lost = sim.store.journals.values().flatten().any(|record| match &record.event {
        headwater_core::journal::Event::CallEnded(ended) => {
            ended.outcome.failure().is_some_and(|failure| failure.kind == FailureKind::Lost)
        }
        headwater_core::journal::Event::AttemptsEnded { ends } => ends
            .iter()
            .any(|end| end.last && end.outcome.failure().is_some_and(|failure| failure.kind == FailureKind::Lost)),
        _ => false,
    });
    let texts = sim.store.lines.values().flat_map(|lines| lines.values().cloned()).collect();
    let outcome = outcome_of(sim);
    let all_well = sim.store.journals.values().flatten().all(|record| match &record.event {
        headwater_core::journal::Event::Ended(ended) => ended.outcome.is_ok(),
        _ => true,
    });
    let old_failure = sim.store.journals.values().flatten().any(|record| match &record.event {
        headwater_core::journal::Event::CallEnded(ended) => {
            matches!(ended.how, headwater_core::journal::How::TakenOver(_)) && !ended.outcome.is_ok()
        }
        // A map has not failed by a skipped element, and keeps it.
        headwater_core::journal::Event::AttemptsEnded { ends } => {
            ends.iter().any(|end| end.last && end.outcome.is_skipped())
        }
        _ => false,
    });
    End { outcome, texts, lost, all_well, old_failure }
}

/// How the root ended.
pub fn outcome_of(sim: &Sim) -> Outcome {
    let ended = sim.store.journal(&sim.root).iter().rev().find_map(|record| match &record.event {
        headwater_core::journal::Event::Ended(ended) => Some(ended.outcome.clone()),
        _ => None,
    });
    match ended {
        // Numbers of calls follow the order of ends, and so differ between runs that are equal.
        Some(Outcome::Err(failure)) if failure.message.contains("nobody looked at") => {
            // Which one is named follows from them.
            Outcome::Err(Failure::new(FailureKind::Returned, "nobody looked at a failure"))
        }
        Some(Outcome::Err(failure)) => Outcome::Err(Failure { origin: None, ..failure }),
        Some(ok) => ok,
        None => Outcome::Ok(Payload::null()),
    }
}

/// Fills a world with misfortune. Whether nothing in it changes what the tree should end as.
fn disturb(sim: &mut Sim, length: u64) -> bool {
    sim.disturbed = true;
    let mut rng = Rng::new(mix(sim.seed, 99));
    let mut quiet = true;
    let crashes = rng.pick(&[0, 1, 1, 2, 3, 5]);
    let span = length + 60;
    for _ in 0..crashes {
        let action = if rng.percent(70) { Action::Crash } else { Action::TakeOver };
        sim.after(rng.between(1, span), Event::Happens(action));
    }
    for _ in 0..rng.pick(&[0, 0, 1, 2]) {
        let action = rng.pick(&[Action::ClockJump, Action::ContainerDies, Action::ContainerRestarts]);
        sim.after(rng.between(1, span), Event::Happens(action));
    }
    if rng.percent(45) {
        for _ in 0..rng.between(1, 3) {
            quiet = false;
            let action = rng.pick(&[Action::Cancel, Action::Cancel, Action::Pause, Action::Pause, Action::Force]);
            sim.after(rng.between(1, span), Event::Happens(action));
        }
    }
    if rng.percent(50) {
        sim.retries_left = rng.between(1, 2) as u32;
        sim.heal = rng.percent(60);
        quiet = false;
    }
    quiet
}
