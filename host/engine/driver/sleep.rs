//! Rest and sleep: a run that waits for nothing but time or somebody's word gives up its instance, and, as a whole tree, its memory and its
//! owner. This process, if it lives, wakes it; else whoever wants something of it.

use super::{Driver, Stop};
use crate::{
    engine::{
        clock,
        error::EngineError,
        handle::{Channels, Message, Rest, RunEnd},
        host::Engine,
        run_places::RunPlaces,
        take_up::TakingUp,
    },
    store::{Batch, Op},
};
use futures_util::future::BoxFuture;
use headwater_core::model::RunId;
use std::sync::Arc;

/// A wait longer than this is worth the milliseconds that it costs to load and replay a run.
const SLEEP_WORTH_MS: u64 = 1_000;

impl Driver {
    /// What the run waits for, if that is only time or somebody's word, for long enough.
    pub(super) fn rest(&self) -> Option<Rest> {
        let told = self.settled.is_empty() && self.answers.is_empty();
        if !self.core.waits_only_for_children() || self.core.waits_for_disk() || !told {
            return None;
        }
        let mut until = self.core.wake_at();
        if !self.core.is_idle() {
            for (_, child) in &self.children {
                if child.end.borrow().is_some() {
                    continue;
                }
                let rest = (*child.rest.borrow())?;
                until = [until, rest.until].into_iter().flatten().min();
            }
            // A child that somebody else drives may end at any moment.
            let here = self.children.iter().filter(|(_, child)| child.end.borrow().is_none()).count();
            if here != self.core.open_children() {
                return None;
            }
        }
        until.is_none_or(|at| at.since_ms(clock::now()) > SLEEP_WORTH_MS).then_some(Rest { until })
    }

    /// Gives up what a resting run does not need, tells whoever wants to know, and, at the root of a tree, goes to sleep.
    pub(super) fn rests(&mut self, rest: Option<Rest>) -> Option<Stop> {
        let changed = self.handle.rest.send_if_modified(|present| std::mem::replace(present, rest) != rest);
        let rest = rest?;
        self.seat.empty();
        match &self.parent {
            Some(parent) => {
                if changed {
                    let _ = parent.handle.inbox.send(Message::ChildRests);
                }
                None
            }
            None if self.handle.tree() == *self.run() => Some(Stop::Sleep(rest)),
            None => None,
        }
    }
}

/// The end of a driver, or its sleep.
pub(super) async fn stop_or_sleep(driver: Driver, stop: Stop) {
    match stop {
        Stop::Sleep(rest) => driver.sleep(rest).await,
        stop => driver.stop(stop).await,
    }
}

impl Driver {
    async fn sleep(mut self, rest: Rest) {
        self.leave_children().await;
        let run = self.run().clone();
        let release = Op::ReleaseTree { tree: run.clone(), due_at: rest.until };
        let position = self.engine.writer().append(Batch { run: run.clone(), ops: vec![release] });
        let released = self.engine.writer().durable(position, self.epoch).await;
        let Driver { engine, handle, inbox, end, run_places, .. } = self;
        let channels = Channels { handle, inbox, end };
        match released {
            // A task of its own: that of a driver takes many times the room.
            Ok(_) => drop(tokio::spawn(asleep(engine, channels, rest, run_places))),
            Err(error) => put_down(&engine, &channels, RunEnd::Halted(crate::engine::values::store_failure(&error))),
        }
    }
}

/// What waits. The run's container is looked after meanwhile: it goes when it has been idle for long.
fn asleep(engine: Arc<Engine>, mut channels: Channels, rest: Rest, places: RunPlaces) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let first = tokio::select! {
            message = channels.inbox.recv() => match message {
                Some(Message::Leave) | None => return put_down(&engine, &channels, RunEnd::Left),
                first => first,
            },
            () = tokio::time::sleep_until(clock::instant_of(rest.until.unwrap_or_default())), if rest.until.is_some() => None,
        };
        tokio::spawn(wake_and_drive(engine, channels, first, places));
    })
}

async fn wake_and_drive(engine: Arc<Engine>, channels: Channels, first: Option<Message>, _looked_after: RunPlaces) {
    let run = channels.handle.run().clone();
    match wake(&engine, &run, channels, first).await {
        Ok((driver, stop)) => stop_or_sleep(driver, stop).await,
        Err((channels, error)) => {
            let end = match error {
                EngineError::Driven { .. } => RunEnd::Left,
                error => RunEnd::Halted(headwater_core::model::Failure::new(
                    headwater_core::model::FailureKind::Crashed,
                    error.to_string(),
                )),
            };
            put_down(&engine, &channels, end);
        }
    }
}

fn put_down(engine: &Engine, channels: &Channels, end: RunEnd) {
    engine.unregister(channels.handle.run());
    channels.end.send_replace(Some(end));
}

type Woken = Result<(Driver, Stop), (Channels, EngineError)>;

async fn wake(engine: &Arc<Engine>, run: &RunId, channels: Channels, first: Option<Message>) -> Woken {
    let claim = match engine.claim(run).await {
        Ok(claim) => claim,
        Err(error) => return Err((channels, error)),
    };
    let how = TakingUp { epoch: claim.epoch, taken_over: claim.taken_over, by_person: false };
    let (core, components, input) = match engine.read(run, how, None).await {
        Ok(read) => read,
        Err(error) => return Err((channels, error)),
    };
    if let Some(first) = first {
        let _ = channels.handle.inbox.send(first);
    }
    let mut driver = Driver::new(engine, core, components, claim.epoch, None, channels);
    let stop = driver.go_on(input, None).await;
    Ok((driver, stop))
}
