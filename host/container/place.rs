//! An open place: programs are asked for, stopped, and their files fetched here.
//!
//! It may be a container or the owner's own machine; the engine sees no difference but in what `remove` and `kill` do.

use super::{
    ContainerError, Docker, Outputs, ProgramRequest, Running,
    request::check_id,
    running::{Answer, Gone},
    session::{Order, Orders, State},
};
use crate::{
    runner::protocol::message::{Request, StartFailure},
    store::Durable,
};
use bollard::query_parameters::KillContainerOptions;
use headwater_core::model::{Failure, FailureKind};
use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};
use tokio::sync::{mpsc, oneshot, watch};

/// A runner that starts answers within milliseconds; a machine under load takes longer.
const GREETED_WITHIN: Duration = Duration::from_secs(60);
/// After the grace of a stop: for the runner to kill, and for its answer to arrive.
const STOP_ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// An open place.
pub struct Place {
    pub(super) name: String,
    pub(super) orders: Orders,
    pub(super) state: watch::Receiver<State>,
    pub(super) buffered: Arc<AtomicUsize>,
    pub(super) home: Home,
}

pub(super) enum Home {
    Container {
        docker: Docker,
        id: String,
        image: String,
        argv: Vec<String>,
        /// As the spec or the image wants it.
        stop_signal: Option<String>,
    },
    Local {
        io: PathBuf,
    },
}

impl Place {
    /// The container's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The requests whose end nobody has acknowledged, and whether each has ended: what there is to resume.
    pub fn held(&self) -> Vec<(String, bool)> {
        match &*self.state.borrow() {
            State::Greeted(held) => held.clone(),
            State::Connecting | State::Waiting(_) | State::Gone(_) => Vec::new(),
        }
    }

    /// What the place waits for, where the engine does not answer.
    pub fn waits_for(&self) -> Option<String> {
        match &*self.state.borrow() {
            State::Waiting(why) => Some(why.clone()),
            State::Connecting | State::Greeted(_) | State::Gone(_) => None,
        }
    }

    /// Comes back when the place waits for its engine, or has gone: whoever shows what a run waits for is told.
    pub async fn until_waiting(&self) {
        let mut state = self.state.clone();
        // An error means that the session has ended, which it has told.
        let _ = state.wait_for(|state| matches!(state, State::Waiting(_) | State::Gone(_))).await;
    }

    /// Comes back when the place does not wait for its engine any more.
    pub async fn until_heard(&self) {
        let mut state = self.state.clone();
        let _ = state.wait_for(|state| !matches!(state, State::Waiting(_))).await;
    }

    /// Why there is nobody to talk to any more.
    pub fn gone(&self) -> Option<Gone> {
        match &*self.state.borrow() {
            State::Gone(gone) => Some(gone.clone()),
            State::Connecting | State::Greeted(_) | State::Waiting(_) => None,
        }
    }

    /// Starts a program. A request that the runner has already is not run again, and its answers come here.
    ///
    /// # Errors
    /// Where the request makes no sense, its files do not get there, or the place is gone.
    pub async fn run(&self, durable: &Durable, program: ProgramRequest) -> Result<Running, ContainerError> {
        durable.epoch()?;
        check_id(&program.request)?;
        if let Some(gone) = self.gone() {
            return Err(ContainerError::PlaceGone { name: self.name.clone(), why: gone.to_string() });
        }
        let id = program.request.clone();
        let run = self.prepare(durable, program).await?;
        durable.epoch()?;
        let running = self.resume(&id, 0);
        self.orders.send(Order::Ask(id, Box::new(Request::Run(run)), None));
        Ok(running)
    }

    /// The answers to a request of an earlier owner, or of a `Running` that was dropped, from this number on.
    pub fn resume(&self, request: &str, from: u64) -> Running {
        let (sender, answers) = mpsc::unbounded_channel();
        if let Some(gone) = self.gone() {
            // The session tells everybody it knows; it does not know this one.
            let _ = sender.send(Answer::Lost(gone));
        }
        self.orders.send(Order::Listen(request.to_owned(), from, sender));
        Running::new(request.to_owned(), answers, self.orders.clone(), self.buffered.clone())
    }

    /// Nobody wants the rest of its answers: they count as durable.
    pub fn forget(&self, request: &str) {
        self.orders.send(Order::Forget(request.to_owned()));
    }

    /// The answer of this number is durable.
    pub fn acknowledge(&self, number: u64) {
        self.orders.send(Order::Acknowledge(number));
    }

    /// Asks the runner to end an attempt with all that it started; comes back when the runner has heard it. Its end is an answer. Without a
    /// signal: as the spec or the image wants it.
    ///
    /// # Errors
    /// Where the runner does not answer in time: then `kill` is left.
    pub async fn stop<'a>(
        &self,
        durable: &Durable,
        request: &str,
        signal: impl Into<Option<&'a str>>,
        grace: Duration,
    ) -> Result<(), ContainerError> {
        durable.epoch()?;
        let grace_ms = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        let own = match &self.home {
            Home::Container { stop_signal, .. } => stop_signal.as_deref(),
            Home::Local { .. } => None,
        };
        let signal = signal.into().or(own).unwrap_or("SIGTERM").to_owned();
        let stop = Request::Stop { request: request.to_owned(), signal, grace_ms };
        self.ask(format!("{request}.stop"), stop).await
    }

    /// Tells the runner to end itself and all that is left in the place.
    ///
    /// # Errors
    /// Where the runner does not answer in time.
    pub async fn end(&self, durable: &Durable) -> Result<(), ContainerError> {
        durable.epoch()?;
        self.ask("end".to_owned(), Request::End).await
    }

    /// The engine's own kill, for a runner that does not answer. Comes back when it is dead.
    ///
    /// # Errors
    /// Where the engine refuses or does not answer.
    pub async fn kill(&self, durable: &Durable) -> Result<(), ContainerError> {
        durable.epoch()?;
        let Home::Container { docker, id, .. } = &self.home else { return Ok(()) };
        match docker.api.kill_container(id, None::<KillContainerOptions>).await {
            Ok(()) => {}
            // Not there, or not running: what was wanted.
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 404 | 409, .. }) => {}
            Err(error) => return Err(docker.asked("kill a container", id).explain(error)),
        }
        docker.wait_for_end(id).await.map(drop)
    }

    /// What an attempt has put into its output folder.
    ///
    /// # Errors
    /// Where there is no such folder any more, or it holds more than so many bytes.
    pub async fn fetch_outputs(&self, request: &str, bytes_max: u64) -> Result<Outputs, ContainerError> {
        check_id(request)?;
        match &self.home {
            Home::Container { docker, id, .. } => docker.get_files(id, request, bytes_max).await,
            Home::Local { io } => Ok(Outputs::folder(io.join(request).join("out"))),
        }
    }

    /// Removes the container with its volumes. Beside the owner there is nothing to remove.
    ///
    /// # Errors
    /// Where the engine refuses.
    pub async fn remove(&self, durable: &Durable) -> Result<(), ContainerError> {
        match &self.home {
            Home::Container { docker, id, .. } => docker.remove(durable, id).await,
            Home::Local { .. } => Ok(()),
        }
    }

    /// The failure of an attempt that was not started.
    pub fn failure(&self, reason: StartFailure, message: &str) -> Failure {
        let kind = match reason {
            StartFailure::ProgramNotFound | StartFailure::NotExecutable => FailureKind::ProgramNotFound,
            StartFailure::WorkingFolderNotFound | StartFailure::Invalid => FailureKind::InvalidInput,
            StartFailure::DiskFull => FailureKind::DiskFull,
            StartFailure::TooManyProcesses => FailureKind::LimitExceeded,
            StartFailure::Stopped => FailureKind::Cancelled,
            StartFailure::System => FailureKind::Crashed,
        };
        match &self.home {
            Home::Container { image, .. } => Failure::new(kind, format!("{message} (in the image `{image}`)")),
            Home::Local { .. } => Failure::new(kind, message),
        }
    }

    pub(super) async fn greeted(&self) -> Result<(), ContainerError> {
        let mut state = self.state.clone();
        let heard = state.wait_for(|state| matches!(state, State::Greeted(_) | State::Gone(_)));
        let name = || self.name.clone();
        match tokio::time::timeout(GREETED_WITHIN, heard).await {
            Ok(Ok(state)) => match &*state {
                State::Gone(Gone::Version(version)) => Err(ContainerError::Version { name: name(), version: *version }),
                State::Gone(gone) => Err(ContainerError::PlaceGone { name: name(), why: gone.to_string() }),
                _ => Ok(()),
            },
            Ok(Err(_)) | Err(_) => Err(ContainerError::NoAnswer { name: name(), within: GREETED_WITHIN }),
        }
    }

    async fn ask(&self, id: String, request: Request) -> Result<(), ContainerError> {
        let (confirm, confirmed) = oneshot::channel();
        self.orders.send(Order::Ask(id, Box::new(request), Some(confirm)));
        match tokio::time::timeout(STOP_ANSWERED_WITHIN, confirmed).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => {
                let why = self.gone().map_or_else(|| "the talk with it has ended".to_owned(), |gone| gone.to_string());
                Err(ContainerError::PlaceGone { name: self.name.clone(), why })
            }
            Err(_) => Err(ContainerError::NoAnswer { name: self.name.clone(), within: STOP_ANSWERED_WITHIN }),
        }
    }
}
