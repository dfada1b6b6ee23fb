//! What the attempts of a run that this process drives say of themselves: for a person at the foot of the terminal, for machines as events.

use super::{Viewer, progress};
use crate::{engine::RunHandle, store::Activity};
use headwater_core::model::{CallId, Element, Json, RunId};
use serde_json::json;
use std::collections::HashMap;

/// How many attempts have a line of their own.
const LINES_MAX: usize = 4;

/// How wide a name is.
const NAME_COLUMNS: usize = 24;

/// One attempt, or a run as a whole.
pub(super) struct Doing {
    run: RunId,
    activity: Activity,
}

/// What was told of each last.
pub(super) type Told = HashMap<(RunId, Option<CallId>, Element), Json>;

/// Of this run and those below it.
pub(super) fn all(viewer: &Viewer<'_>, handle: &RunHandle) -> Vec<Doing> {
    let below = viewer.tree.runs().filter(|run| *run != handle.run()).filter_map(|run| viewer.engine.driven(run));
    let of_run = |handle: RunHandle| {
        let run = handle.run().clone();
        handle.activity().into_iter().map(move |activity| Doing { run: run.clone(), activity })
    };
    std::iter::once(handle.clone()).chain(below).flat_map(of_run).collect()
}

/// What is waited for outside.
pub(super) fn waits(doings: &[Doing]) -> Option<String> {
    doings.iter().find_map(|doing| doing.activity.waits.clone())
}

/// Lines for the foot of a terminal: a bar or a text for each that says how far it is.
pub(super) fn lines(viewer: &Viewer<'_>, doings: &[Doing]) -> String {
    let said = doings.iter().filter_map(|doing| Some((doing, doing.activity.progress.as_ref()?)));
    let line = |(doing, said): (&Doing, &Json)| {
        let bar = progress::bar(said).map(|bar| format!("{bar} ")).unwrap_or_default();
        let name: String = name(viewer, doing).chars().take(NAME_COLUMNS).collect();
        format!("\n  {name:<NAME_COLUMNS$} {bar}{}", progress::words(said))
    };
    let (shown, more): (Vec<_>, usize) = (said.clone().take(LINES_MAX).collect(), said.skip(LINES_MAX).count());
    let mut lines: String = shown.into_iter().map(line).collect();
    if more > 0 {
        lines.push_str(&format!("\n  and {more} more"));
    }
    lines
}

/// An event for each whose progress is news.
pub(super) fn events(viewer: &Viewer<'_>, doings: &[Doing], told: &mut Told) {
    for doing in doings {
        let Some(said) = &doing.activity.progress else { continue };
        let whose = (doing.run.clone(), doing.activity.call, doing.activity.element);
        if told.get(&whose) == Some(said) {
            continue;
        }
        told.insert(whose, said.clone());
        let run_name = viewer.tree.state(&doing.run).map(|state| state.created.name.clone());
        viewer.viewing.printer.object(&json!({
            "event": "progress",
            "run": doing.run.as_str(),
            "run_name": run_name,
            "call": doing.activity.call,
            "call_name": label(viewer, doing),
            "element": doing.activity.element,
            "progress": said,
        }));
    }
}

fn label(viewer: &Viewer<'_>, doing: &Doing) -> Option<String> {
    Some(viewer.tree.state(&doing.run)?.call(doing.activity.call?)?.label().to_owned())
}

fn name(viewer: &Viewer<'_>, doing: &Doing) -> String {
    let element = doing.activity.element.map(|element| format!("[{element}]")).unwrap_or_default();
    format!("{}{element}", label(viewer, doing).unwrap_or_default())
}
