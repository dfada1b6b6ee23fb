//! Child flow runs in this process: started, joined, retried, told.

use super::{
    driver::{Driver, Parent},
    error::EngineError,
    handle::{Message, RunEnd, RunHandle},
    host::Engine,
    inbox::is_driven,
    launch::{checked_parameters, external_flows, plugins},
    sources::Components,
    take_up::TakingUp,
    values,
};
use futures_util::future::BoxFuture;
use headwater_core::{
    core::{ChildOrder, ChildStart, Input, Request, RequestKind},
    journal::{self, CONTRACT_VERSION, Created},
    model::{CallId, Element, Failure, FailureKind, Json, Outcome, RunId, State, StateName},
};
use std::{sync::Arc, time::Duration};

/// How often a run of another process is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How deep flow runs may call each other. Source: engine.md, section 11.
const DEPTH_MAX: u32 = 32;

impl Driver {
    /// Makes sure that a child is on its way. Its end comes as `ChildEnded`.
    ///
    /// Boxed, since it starts a driver, which may start children.
    pub(super) fn start_child(&mut self, start: ChildStart) -> BoxFuture<'_, ()> {
        Box::pin(self.start_or_refuse(start))
    }

    async fn start_or_refuse(&mut self, start: ChildStart) {
        // No generation of the child has ended: there is none.
        let (call, element, generation) = (start.call, start.element, u32::MAX);
        if let Err(error) = self.try_start_child(start).await {
            let kind = match error {
                EngineError::Limit { .. } => FailureKind::LimitExceeded,
                _ if error.is_users() => FailureKind::InvalidInput,
                _ => FailureKind::Crashed,
            };
            let mut failure = Failure { retryable: false, ..Failure::new(kind, error.to_string()) };
            failure.chain.extend(error.hints().iter().cloned());
            let (state, outcome) = (State::of_failure(kind), Outcome::Err(failure));
            self.handle.send(Input::ChildEnded { call, element, generation, state, outcome });
        }
    }

    async fn try_start_child(&mut self, start: ChildStart) -> Result<(), EngineError> {
        let parent = Parent { handle: self.handle.clone(), call: start.call, element: start.element };
        let engine = Arc::clone(&self.engine);
        // Of two that name one child, one looks after the other has begun it.
        let _alone = if start.shared { Some(engine.shared_starts.lock().await) } else { None };
        if let Some(handle) = self.engine.driven(&start.run) {
            // Somebody in this process drives it: its end is followed.
            follow(handle, parent, start);
            return Ok(());
        }
        if let Some(known) = self.engine.store().run(&start.run)? {
            return self.join(start, parent, known).await;
        }
        let created = self.created_for(&start).await?;
        let component = self.engine.component_of(&created.component).await?;
        let components = Components::find(&component, &self.engine.sources_of(&created).await?)?;
        if start.shared {
            // A tree of its own: another process may want it too.
            self.engine.claim(&created.tree).await?;
            if let Some(known) = self.engine.store().run(&start.run)? {
                return self.join(start, parent, known).await;
            }
        }
        let handle = self.engine.begin(created, components, Some(parent.clone()))?;
        self.has_child(handle, parent, start);
        Ok(())
    }

    fn has_child(&mut self, handle: RunHandle, parent: Parent, start: ChildStart) {
        self.children.retain(|(_, child)| child.end.borrow().is_none());
        self.children.push((start.call, handle.clone()));
        watch(handle, parent);
    }

    /// A child that exists: it goes on, it is retried until the wanted generation is reached, or its end is told.
    async fn join(&mut self, start: ChildStart, parent: Parent, known: crate::store::Run) -> Result<(), EngineError> {
        let in_this_tree = known.header.tree == self.handle.tree();
        let how = if in_this_tree {
            self.taking_up()
        } else {
            let claim = match self.engine.claim(&known.header.tree).await {
                Ok(claim) => claim,
                Err(EngineError::Driven { .. }) => {
                    follow_in_store(&self.engine, parent, start);
                    return Ok(());
                }
                Err(error) => return Err(error),
            };
            TakingUp { epoch: claim.epoch, taken_over: claim.taken_over, by_person: false }
        };
        let joined_only = start.shared && known.header.parent.as_ref().is_none_or(|of| of.run != *self.run());
        if joined_only {
            self.same_parameters(&start)?;
        }
        let ended = known.summary.state.is_final() && known.summary.ended_at.is_some();
        let retry = ended && known.summary.generation < start.generation && !joined_only;
        match (&known.summary.outcome, ended && !retry) {
            (Some(outcome), true) => {
                tell(&parent, &start, known.summary.state, outcome.clone(), known.summary.generation);
                Ok(())
            }
            _ => {
                let kind = RequestKind::RetryForParent { generation: start.generation };
                let request = Request { id: uuid::Uuid::new_v4().to_string(), kind };
                let first = retry.then_some(Message::Request(request, None));
                let handle = self.engine.load(&start.run, how, Some(parent.clone()), None, first).await?;
                self.has_child(handle, parent, start);
                Ok(())
            }
        }
    }

    fn same_parameters(&self, start: &ChildStart) -> Result<(), EngineError> {
        let parameters = values::object(self.engine.store(), &self.parted, start.call, &start.parameters);
        let recorded = self.engine.store().journal(&start.run)?;
        let Some(journal::Event::Created(created)) = recorded.first().map(|record| &record.event) else {
            return Ok(());
        };
        let theirs = self.engine.store().artifacts().value(&created.parameters)?;
        let ours = parameters.ok().and_then(|text| Json::parse(text).ok()).unwrap_or_default();
        let given = ours.to_value();
        let same = given
            .as_object()
            .is_some_and(|given| given.iter().all(|(name, value)| theirs.to_value().get(name) == Some(value)));
        if same {
            return Ok(());
        }
        Err(EngineError::refused(
            format!("the flow run `{}` with this idempotency key has other parameters", start.run),
            "another request needs another key",
        ))
    }

    async fn created_for(&mut self, start: &ChildStart) -> Result<Created, EngineError> {
        let mine = &self.core.state().created;
        let depth = mine.parent.as_ref().map_or(0, |parent| parent.depth) + 1;
        if depth > DEPTH_MAX {
            return Err(EngineError::Limit {
                message: format!("flow runs call each other more than {DEPTH_MAX} deep"),
                hints: vec![
                    "a flow that calls itself needs an end; continue as new instead of calling deeper".to_owned(),
                ],
            });
        }
        let component = self.components.flows.get(&start.child.flow).unwrap_or(&self.components.own);
        let flow = component.manifest().flow(&start.child.flow).filter(|flow| !flow.external).ok_or_else(|| {
            EngineError::refused(
                format!("no component here has the flow `{}`", start.child.flow),
                "give it with `--with PATH`",
            )
        })?;
        let store = self.engine.store();
        let refused = |failure: Failure| EngineError::Refused { message: failure.message, hints: failure.chain };
        let text = values::object(store, &self.parted, start.call, &start.parameters).map_err(refused)?;
        let given = serde_json::from_str(&text).unwrap_or_default();
        let parameters = checked_parameters(flow, given)?;
        let config = start.child.config.clone().or_else(|| flow.config.clone()).unwrap_or_else(|| mine.config.clone());
        let sources = self.engine.sources_of(mine).await?;
        let components = Components::find(component, &sources)?;
        let seed = seed_of(&start.run);
        Ok(Created {
            tree: if start.shared { start.run.clone() } else { self.handle.tree() },
            run: start.run.clone(),
            flow: flow.name.clone(),
            name: start.child.run_name.clone().unwrap_or_else(|| super::launch::run_name(seed)),
            project: flow.project.clone().or_else(|| start.child.project.clone()).or_else(|| mine.project.clone()),
            labels: config.labels.clone(),
            component: component.digest().clone(),
            plugins: plugins(&sources),
            external_flows: external_flows(&components),
            parameters: store.artifacts().put_value(Json::of(&serde_json::Value::Object(parameters)))?,
            config,
            parent: Some(journal::Parent {
                run: self.run().clone(),
                call: start.call,
                element: start.element,
                key: start.issued.options.key.clone(),
                depth,
                stream_logs: start.child.stream_logs,
            }),
            seed,
            grants: mine.grants.clone(),
            dirs: mine.dirs.clone(),
            programs: mine.programs,
            limits: mine.limits.clone(),
            retry: flow.retry.clone(),
            timeout_ms: flow.timeout_ms,
            careful: mine.careful,
            contract: CONTRACT_VERSION.to_owned(),
            epoch: self.epoch,
        })
    }

    /// Passes something on to a child. One that this run only joined is not its own to stop.
    pub(super) fn tell_child(&self, call: CallId, element: Element, run: &RunId, order: ChildOrder) {
        let own = self.engine.store().run(run).ok().flatten();
        let joined_only = own.and_then(|known| known.header.parent).is_some_and(|parent| parent.run != *self.run());
        if joined_only {
            if order == ChildOrder::Cancel {
                let failure = Failure::new(
                    FailureKind::Cancelled,
                    "the call was cancelled; the flow run that it had joined goes on",
                );
                // The call is over without the child.
                let (state, generation) = (StateName::Cancelled.into(), u32::MAX);
                self.handle.send(Input::ChildEnded {
                    call,
                    element,
                    generation,
                    state,
                    outcome: Outcome::Err(failure),
                });
            }
            return;
        }
        let Some(handle) = self.engine.driven(run) else { return };
        let kind = match order {
            ChildOrder::Cancel => RequestKind::Cancel,
            ChildOrder::Force => RequestKind::Force,
            ChildOrder::Pause => RequestKind::Pause,
            ChildOrder::Resume => RequestKind::Resume,
        };
        handle.order(kind);
    }
}

/// A child that stands still holds its parents up: they stand too, and go on together.
fn watch(mut handle: RunHandle, parent: Parent) {
    tokio::spawn(async move {
        if let RunEnd::Halted(failure) = handle.stopped().await {
            let message = format!("child flow run `{}` stands: {}", handle.run(), failure.message);
            parent.handle.send(Input::ReplayFailed(Failure { message, ..failure }));
        }
    });
}

/// Tells the end of a run that somebody else in this process drives. The end of an earlier generation, or one that was put down, is none:
/// then it is asked for again.
fn follow(mut handle: RunHandle, parent: Parent, start: ChildStart) {
    tokio::spawn(async move {
        match handle.stopped().await {
            RunEnd::Ended { state, outcome, generation } if generation >= start.generation => {
                tell(&parent, &start, state, outcome, generation);
            }
            RunEnd::Halted(failure) => parent.handle.send(Input::ReplayFailed(failure)),
            RunEnd::Ended { .. } | RunEnd::Left => {
                let _ = parent.handle.inbox.send(Message::ChildAgain(Box::new(start)));
            }
        }
    });
}

/// The same of a run that another process drives: its end is read from the store, and it is asked for again when nobody drives it.
fn follow_in_store(engine: &Arc<Engine>, parent: Parent, start: ChildStart) {
    let engine = Arc::downgrade(engine);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let Some(engine) = engine.upgrade() else { return };
            let Ok(Some(known)) = engine.store().run(&start.run) else { continue };
            if let (Some(outcome), Some(_), true) =
                (known.summary.outcome, known.summary.ended_at, known.summary.state.is_final())
            {
                return tell(&parent, &start, known.summary.state, outcome, known.summary.generation);
            }
            if !is_driven(engine.store(), &start.run).unwrap_or(true) {
                let _ = parent.handle.inbox.send(Message::ChildAgain(Box::new(start)));
                return;
            }
        }
    });
}

fn tell(parent: &Parent, start: &ChildStart, state: State, outcome: Outcome, generation: u32) {
    // A child that was only joined is not retried: its end counts as it is.
    let generation = if start.shared { generation.max(start.generation) } else { generation };
    let input = Input::ChildEnded { call: start.call, element: start.element, generation, state, outcome };
    let _ = parent.handle.inbox.send(Message::ChildEnded { run: start.run.clone(), input });
}

/// A child's seed follows from its id, and so from its parent.
fn seed_of(run: &RunId) -> u64 {
    headwater_core::model::Hasher::new().part("seed").part(run.as_str()).seed()
}
