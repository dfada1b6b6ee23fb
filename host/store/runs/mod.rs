//! Runs as listings show them: what each was created with, and a summary of how it stands.
//!
//! Summaries are written in the same commits as the events they follow from, so a listing never contradicts a journal.

mod columns;
mod read;
mod write;

pub(super) use columns::{json_of, parsed, write_json};
pub(super) use write::{detach, insert, summarise};

use super::OwnerId;
use headwater_core::{
    journal::Created,
    model::{CallId, Digest, Element, Json, Outcome, RunId, State, StateName, StateType, Timestamp},
};
use serde::{Deserialize, Serialize};

/// What a run was created with, as far as listings need it.
#[derive(Clone, Debug, PartialEq)]
pub struct RunHeader {
    /// The run.
    pub run: RunId,
    /// The root of its tree: itself, or another.
    pub tree: RunId,
    /// The call that started it.
    pub parent: Option<ChildOf>,
    /// The flow's project.
    pub project: Option<String>,
    /// The flow's name.
    pub flow: String,
    /// Adjective-animal.
    pub name: String,
    /// Which agents may take it.
    pub labels: Vec<String>,
    /// The component that holds the flow.
    pub component: Digest,
    /// When.
    pub created_at: Timestamp,
    /// Of its tree at that time.
    pub epoch: u64,
}

/// The call that started a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildOf {
    /// The parent.
    pub run: RunId,
    /// The call in it.
    pub call: CallId,
    /// The element of a map.
    pub element: Element,
    /// Its lines belong to the parent's log.
    pub stream_logs: bool,
}

impl RunHeader {
    /// Of the first event of a journal.
    pub fn of(created: &Created, at: Timestamp) -> RunHeader {
        let parent = created.parent.as_ref().map(|parent| ChildOf {
            run: parent.run.clone(),
            call: parent.call,
            element: parent.element,
            stream_logs: parent.stream_logs,
        });
        RunHeader {
            run: created.run.clone(),
            tree: created.tree.clone(),
            parent,
            project: created.project.clone(),
            flow: created.flow.clone(),
            name: created.name.clone(),
            labels: created.labels.clone(),
            component: created.component.clone(),
            created_at: at,
            epoch: created.epoch,
        }
    }
}

/// How a run stands.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// Its state.
    pub state: State,
    /// 1, 2, …
    pub generation: u32,
    /// 1, 2, …
    pub chapter: u32,
    /// When its flow first ran.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Its result or failure.
    pub outcome: Option<Outcome>,
    /// What it waits for, or why it stands, for people.
    pub note: Option<String>,
    /// What its attempts in flight say of themselves. It is of no use once nobody drives the run.
    pub activity: Vec<Activity>,
}

/// What an attempt in flight says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Its call; none: it is of the run as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    /// The element of a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Element,
    /// What it waits for outside, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits: Option<String>,
    /// How far it is, in its author's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Json>,
}

impl Default for RunSummary {
    fn default() -> RunSummary {
        RunSummary {
            state: StateName::Pending.into(),
            generation: 1,
            chapter: 1,
            started_at: None,
            ended_at: None,
            outcome: None,
            note: None,
            activity: Vec::new(),
        }
    }
}

/// A run in a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What it was created with; `tree` is the present one.
    pub header: RunHeader,
    /// How it stands.
    pub summary: RunSummary,
    /// Who drives its tree. It may have died: `Store::owner_alive` says.
    pub owner: Option<OwnerId>,
    /// The present epoch of its tree.
    pub epoch: u64,
    /// When its tree has something to do, where it only waits.
    pub due_at: Option<Timestamp>,
}

/// Which runs to list; none: all. The newest first.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// In one of these states; empty: in any.
    pub states: Vec<StateWord>,
    /// Of this flow.
    pub flow: Option<String>,
    /// Of this project.
    pub project: Option<String>,
    /// Children of this run.
    pub parent: Option<RunId>,
    /// Not children.
    pub roots_only: bool,
    /// Created at that time or later.
    pub since: Option<Timestamp>,
    /// That come after this one in the listing: its next page.
    pub after: Option<RunId>,
    /// At most so many.
    pub limit: Option<u32>,
}

/// A word for states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateWord {
    /// All states of a type.
    Type(StateType),
    /// One of them.
    Name(StateName),
}

/// What a person's word for a run means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// This run.
    One(RunId),
    /// None.
    None,
    /// One of these: its id has to be given.
    Several(Vec<RunId>),
}
