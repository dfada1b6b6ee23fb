//! A run from its journal: after a crash of its owner, after a sleep, or since a person wants something of it.

use super::{
    driver::{Driver, Parent, Resumption},
    error::{EngineError, RequestError},
    handle::{Message, RunHandle},
    host::Engine,
    sources::Components,
};
use crate::{
    sandbox::Component,
    store::{Claim, ClaimError, StoreError},
};
use headwater_core::{
    core::{self, Core, Input, RequestKind},
    journal::{Created, Event, Record},
    model::{Digest, RunId},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::oneshot;

/// A parent that was taken up begins to go on with its children within this time, or has none to go on with.
const CHILD_TAKEN_UP_WITHIN: Duration = Duration::from_secs(10);

/// Between two looks whether it has.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(5);

/// How a run is taken up.
#[derive(Clone, Copy, Debug)]
pub(super) struct TakingUp {
    /// Of its tree.
    pub(super) epoch: u64,
    /// Another process drove it before.
    pub(super) taken_over: bool,
    /// A person asked for it.
    pub(super) by_person: bool,
}

impl Engine {
    /// Takes up the tree of a run that no living process drives, for a person. A run that this process drives already is given as it is.
    ///
    /// # Errors
    /// `Driven` where another process drives it; where its journal or its component cannot be had.
    pub async fn take_up(
        self: &Arc<Engine>,
        run: &RunId,
        component: Option<&Component>,
    ) -> Result<RunHandle, EngineError> {
        self.take_up_for(run, component, None).await
    }

    /// A new generation of a run that has ended otherwise than Completed.
    ///
    /// # Errors
    /// As `take_up`, or where the run refuses it.
    pub async fn retry(
        self: &Arc<Engine>,
        run: &RunId,
        component: Option<&Component>,
        again: Vec<String>,
    ) -> Result<RunHandle, RequestError> {
        let kind = RequestKind::Retry { component: component.map(|component| component.digest().clone()), again };
        let (asker, answered) = oneshot::channel();
        let request = core::Request { id: uuid::Uuid::new_v4().to_string(), kind };
        let handle = self.take_up_for(run, component, Some(Message::Request(request, Some(asker)))).await?;
        match answered.await {
            Ok(Ok(())) | Err(_) => Ok(handle),
            Ok(Err(failure)) => Err(RequestError::Refused(failure)),
        }
    }

    async fn take_up_for(
        self: &Arc<Engine>,
        run: &RunId,
        component: Option<&Component>,
        first: Option<Message>,
    ) -> Result<RunHandle, EngineError> {
        if let Some(handle) = self.driven(run) {
            if let Some(first) = first {
                let _ = handle.inbox.send(first);
            }
            return Ok(handle);
        }
        let known =
            self.store().run(run)?.ok_or_else(|| EngineError::from(StoreError::NoSuchRun { run: run.clone() }))?;
        let root = known.header.tree;
        let claim = self.claim(&root).await?;
        let how = TakingUp { epoch: claim.epoch, taken_over: claim.taken_over, by_person: true };
        let component = component.map(|component| component.digest().clone());
        if root == *run {
            return self.load(run, how, None, component, first).await;
        }
        // A child that has ended is loaded by itself; a living one is taken up by its parent's call.
        if known.summary.ended_at.is_some() {
            return self.load(run, how, None, component, first).await;
        }
        let mut root = self.load(&root, how, None, None, None).await?;
        let driven = tokio::time::timeout(CHILD_TAKEN_UP_WITHIN, async {
            loop {
                match self.driven(run) {
                    Some(handle) => return Some(handle),
                    None if root.end.borrow_and_update().is_some() => return None,
                    None => tokio::time::sleep(LOOK_AGAIN_AFTER).await,
                }
            }
        });
        let Some(handle) = driven.await.ok().flatten() else {
            // What was left for it may have been all that it waited for.
            let ended = self.store().run(run)?.is_some_and(|known| known.summary.ended_at.is_some());
            return if ended { Ok(root) } else { Err(not_driven(run, root.run())) };
        };
        if let Some(first) = first {
            let _ = handle.inbox.send(first);
        }
        Ok(handle)
    }

    pub(super) async fn claim(self: &Arc<Engine>, tree: &RunId) -> Result<Claim, EngineError> {
        let (engine, tree) = (Arc::clone(self), tree.clone());
        // The claim waits for the disk.
        let claimed = tokio::task::spawn_blocking(move || engine.owner.claim(&tree)).await;
        match claimed {
            Ok(Ok(claim)) => Ok(claim),
            Ok(Err(ClaimError::Owned { tree, .. })) => Err(EngineError::Driven { run: tree }),
            Ok(Err(ClaimError::Store(error))) => Err(error.into()),
            Err(_) => Err(StoreError::Stopped.into()),
        }
    }

    /// A driver for a run whose tree is ours.
    pub(super) async fn load(
        self: &Arc<Engine>,
        run: &RunId,
        how: TakingUp,
        parent: Option<Parent>,
        component: Option<Digest>,
        first: Option<Message>,
    ) -> Result<RunHandle, EngineError> {
        let (core, components, input) = self.read(run, how, component.as_ref()).await?;
        let tree = match self.store().run(run)? {
            Some(known) => known.header.tree,
            None => core.state().created.tree.clone(),
        };
        Ok(Driver::start_with(self, core, components, how.epoch, parent, Resumption { input, component, first, tree }))
    }

    /// A run as its journal has it, and what it is to be told first.
    pub(super) async fn read(
        self: &Arc<Engine>,
        run: &RunId,
        how: TakingUp,
        component: Option<&Digest>,
    ) -> Result<(Core, Components, Input), EngineError> {
        let records = self.store().journal(run)?;
        let (created, recorded) = parts(run, &records)?;
        let components = self.components_of(&created, component.unwrap_or(&recorded)).await?;
        let catalogue = self.catalogue(&components, &created);
        let journal = |source| EngineError::Journal { run: run.clone(), source };
        let core = Core::load(&records, catalogue).map_err(journal)?;
        // A child of a tree that was taken over may have been made after that: it is not behind the epoch then.
        let input = match how.taken_over && how.epoch > core.state().epoch {
            true => Input::TookOver { epoch: how.epoch, by_person: how.by_person },
            false => Input::Woken,
        };
        Ok((core, components, input))
    }
}

fn not_driven(run: &RunId, root: &RunId) -> EngineError {
    EngineError::refused(
        format!("the flow run `{run}` is not driven, although its root `{root}` was taken up"),
        format!("look at the root: `headwater flow-run show {root}`"),
    )
}

/// What a journal begins with, and the component of its present generation.
fn parts(run: &RunId, records: &[Record]) -> Result<(Created, Digest), EngineError> {
    let Some(Event::Created(created)) = records.first().map(|record| &record.event) else {
        return Err(StoreError::NoSuchRun { run: run.clone() }.into());
    };
    let changed = records.iter().rev().find_map(|record| match &record.event {
        Event::Retried(retried) => retried.component.clone(),
        Event::ComponentChanged { component } => Some(component.clone()),
        _ => None,
    });
    Ok(((**created).clone(), changed.unwrap_or_else(|| created.component.clone())))
}
