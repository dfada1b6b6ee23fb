//! A run that this process drives, as others in the process see it.

use super::activities::{Activities, Whose};
use crate::store::{Activity, Durable};
use headwater_core::{
    core::{AttemptReport, ChildStart, Input, Request, RequestKind},
    journal::{Created, PlaceKind},
    model::{AttemptId, Failure, Outcome, RunId, State, Timestamp},
};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot, watch};

/// What reaches a driver.
pub(super) enum Message {
    /// Something happened to the run.
    Input(Input),
    /// Somebody asks for something and waits until it has been recorded.
    Request(Request, Option<oneshot::Sender<Result<(), Failure>>>),
    /// An attempt has come back. It wants to know when its end is durable.
    AttemptEnded {
        /// Which.
        attempt: AttemptId,
        /// How.
        report: AttemptReport,
        /// Told when it is.
        settled: Option<oneshot::Sender<Durable>>,
    },
    /// An attempt needs a place of the run's.
    Place {
        /// What for.
        kind: PlaceKind,
        /// The number of the one that has died.
        dead: Option<u32>,
        /// Told its number once its intent is durable.
        asker: oneshot::Sender<u32>,
    },
    /// An attempt is about to leave something at a container engine.
    Engine {
        /// Its address; none: the usual one.
        server: Option<String>,
        /// Told once that intent is durable.
        asker: oneshot::Sender<()>,
    },
    /// Attempts say something new of themselves, which others are to see.
    Activity,
    /// A child has ended.
    ChildEnded {
        /// Which run.
        run: RunId,
        /// Its end, for the core.
        input: Input,
    },
    /// A child was put down, or its end was that of an earlier generation: it is to be asked for again.
    ChildAgain(Box<ChildStart>),
    /// A child has come to rest: the run may rest too.
    ChildRests,
    /// Somebody wants something of a run of this tree: its root is not to sleep.
    Wake,
    /// The process is leaving: put everything down as it is.
    Leave,
}

/// How a run stands, as far as this process drives it.
#[derive(Clone, Debug)]
pub enum RunEnd {
    /// A generation is over and no other follows by itself; it is durable.
    Ended {
        /// Its state.
        state: State,
        /// Its result.
        outcome: Outcome,
        /// Which generation.
        generation: u32,
    },
    /// It stands still without an end in its journal.
    Halted(Failure),
    /// This process has put it down.
    Left,
}

/// A run that waits for nothing but time or somebody's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Until when, if it waits for time.
    pub until: Option<Timestamp>,
}

/// A run that this process drives. Cheap to clone.
#[derive(Clone)]
pub struct RunHandle {
    pub(super) run: RunId,
    pub(super) inbox: mpsc::UnboundedSender<Message>,
    pub(super) end: watch::Receiver<Option<RunEnd>>,
    pub(super) activities: Arc<Activities>,
    pub(super) rest: Arc<watch::Sender<Option<Rest>>>,
    /// The run whose call started it.
    pub(super) parent: Option<RunId>,
    /// The root of its present tree: a detached child becomes its own.
    pub(super) tree: Arc<Mutex<RunId>>,
}

/// The driver's ends of a handle.
pub(super) struct Channels {
    pub(super) handle: RunHandle,
    pub(super) inbox: mpsc::UnboundedReceiver<Message>,
    pub(super) end: watch::Sender<Option<RunEnd>>,
}

impl Channels {
    pub(super) fn of(created: &Created, tree: &RunId) -> Channels {
        let (sender, inbox) = mpsc::unbounded_channel();
        let (end, watched) = watch::channel(None);
        let handle = RunHandle {
            run: created.run.clone(),
            parent: created.parent.as_ref().map(|parent| parent.run.clone()),
            inbox: sender,
            end: watched,
            activities: Arc::default(),
            rest: Arc::new(watch::channel(None).0),
            tree: Arc::new(Mutex::new(tree.clone())),
        };
        Channels { handle, inbox, end }
    }
}

impl RunHandle {
    /// Which run.
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// Whether the run, with its children here, waits for nothing but time or somebody's word. It may go on at any moment.
    pub fn rest(&self) -> watch::Receiver<Option<Rest>> {
        self.rest.subscribe()
    }

    /// Waits until the run has ended, stands still, or was put down. A run that rests goes on by itself.
    pub async fn stopped(&mut self) -> RunEnd {
        match self.end.wait_for(Option::is_some).await {
            Ok(end) => end.clone().unwrap_or(RunEnd::Left),
            Err(_) => RunEnd::Left,
        }
    }

    /// What its attempts in flight say of themselves: a container engine that does not answer, an image that is pulled, how far they are.
    pub fn activity(&self) -> Vec<Activity> {
        self.activities.all()
    }

    /// Asks for something. Returns when it has been recorded, or why it was refused.
    pub(super) async fn ask(&self, id: String, kind: RequestKind) -> Option<Result<(), Failure>> {
        let (answer, answered) = oneshot::channel();
        self.inbox.send(Message::Request(Request { id, kind }, Some(answer))).ok()?;
        answered.await.ok()
    }

    /// The root of its present tree.
    pub(super) fn tree(&self) -> RunId {
        self.tree.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// It is a tree of its own from here on.
    pub(super) fn becomes_root(&self) {
        self.belongs_to(&self.run);
    }

    pub(super) fn belongs_to(&self, tree: &RunId) {
        *self.tree.lock().unwrap_or_else(PoisonError::into_inner) = tree.clone();
    }

    /// Asks for something without waiting for what becomes of it.
    pub(super) fn order(&self, kind: RequestKind) {
        let request = Request { id: uuid::Uuid::new_v4().to_string(), kind };
        // A driver that has gone has nothing left to be ordered.
        let _ = self.inbox.send(Message::Request(request, None));
    }

    /// Shows what the run as a whole waits for outside; none: nothing any more.
    pub(super) fn waits_for(&self, what: Option<String>) {
        self.shows(None, |activity| activity.waits = what);
    }

    /// Shows what one of its attempts, or the run as a whole, is at, here and in the store.
    pub(super) fn shows(&self, whose: Whose, change: impl FnOnce(&mut Activity)) {
        if self.activities.change(whose, change) {
            let _ = self.inbox.send(Message::Activity);
        }
    }

    pub(super) fn send(&self, input: Input) {
        // A driver that has gone has put its run down: whoever takes it up finds out from the journal.
        let _ = self.inbox.send(Message::Input(input));
    }
}
