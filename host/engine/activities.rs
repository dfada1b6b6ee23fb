//! What attempts in flight say of themselves: what each waits for outside, and how far it is. Whoever watches the run in this process reads
//! it here; the driver writes it into the store for everybody else, once a second at most, however often it changes.

use crate::store::Activity;
use headwater_core::model::{CallId, Element, Json};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How often the store is told.
pub(super) const SHOWN_EVERY: Duration = Duration::from_secs(1);

/// More of a progress is for nobody to read.
const PROGRESS_BYTES_MAX: usize = 1_024;
const PROGRESS_CHARS_KEPT: usize = 200;

/// Whose; none: the run's as a whole.
pub(super) type Whose = Option<(CallId, Element)>;

/// Of one run.
#[derive(Default)]
pub(super) struct Activities {
    known: Mutex<BTreeMap<Whose, Activity>>,
    /// Something has changed since the driver looked.
    changed: AtomicBool,
}

impl Activities {
    /// Changes what one of them says. True: nobody has told the driver that there is something new.
    pub(super) fn change(&self, whose: Whose, change: impl FnOnce(&mut Activity)) -> bool {
        let mut known = self.lock();
        let of_one = known.entry(whose).or_insert_with(|| Activity {
            call: whose.map(|(call, _)| call),
            element: whose.and_then(|(_, element)| element),
            ..Activity::default()
        });
        change(of_one);
        if of_one.waits.is_none() && of_one.progress.is_none() {
            known.remove(&whose);
        }
        !self.changed.swap(true, Ordering::Relaxed)
    }

    /// It is over. True as above.
    pub(super) fn remove(&self, whose: Whose) -> bool {
        self.lock().remove(&whose).is_some() && !self.changed.swap(true, Ordering::Relaxed)
    }

    /// All of it, in the order of calls and elements.
    pub(super) fn all(&self) -> Vec<Activity> {
        self.lock().values().cloned().collect()
    }

    /// The same, for the driver: what changes from here on is news.
    pub(super) fn take_news(&self) -> Vec<Activity> {
        self.changed.store(false, Ordering::Relaxed);
        self.all()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Whose, Activity>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A progress that a line has room for.
pub(super) fn short(progress: Json) -> Json {
    if progress.len() <= PROGRESS_BYTES_MAX {
        return progress;
    }
    let kept: String = progress.as_str().chars().take(PROGRESS_CHARS_KEPT).chain(['…']).collect();
    Json::of(&serde_json::Value::String(kept))
}

/// What a run waits for, in one sentence; none: nothing outside.
pub(super) fn note(activity: &[Activity]) -> Option<String> {
    let mut waits = activity.iter().filter_map(|activity| activity.waits.as_deref());
    let first = waits.next()?;
    match waits.filter(|other| *other != first).count() {
        0 => Some(first.to_owned()),
        more => Some(format!("{first} (and {more} more)")),
    }
}

#[cfg(test)]
#[path = "activities_tests.rs"]
mod tests;
