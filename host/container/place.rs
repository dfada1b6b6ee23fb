//! A container with our runner in it, made or found by name: where attempts run.
//!
//! A place lives once. One that has ended is never started again, and a name that is taken is adopted only if all our labels are on it.

use super::{
    ContainerError, Docker, Found, Image, InputFile, Life, Network, Outputs, Running,
    binary::{self, is_name_taken},
    body::{self, IO, Policy},
    files::{self, Content},
    link::{DockerLink, Link},
    running::{Answer, Gone},
    session::{self, Order, Orders, State},
    template::Template,
};
use crate::{
    runner::protocol::{
        client::Client,
        line::REQUEST_BYTES_MAX,
        message::{Request, Run, StartFailure},
    },
    store::Durable,
};
use bollard::{
    models::ContainerCreateBody,
    query_parameters::{
        CreateContainerOptionsBuilder, KillContainerOptions, RemoveContainerOptionsBuilder, StartContainerOptions,
    },
};
use headwater_core::model::{Container, Failure, FailureKind};
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
/// Standard input up to this rides in the request.
const STDIN_BYTES_MAX: usize = 64 * 1024;
/// The longest id of a request: a name in labels, folders and lines.
const ID_BYTES_MAX: usize = 120;

/// What place is wanted.
pub struct PlaceSpec<'a> {
    /// The container's name.
    pub name: String,
    /// `label::INSTALL`, `RUN` and so on; all of them must be on a container that is adopted.
    pub labels: Vec<(String, String)>,
    /// As `ensure_image` gave it.
    pub image: &'a Image,
    /// How it is started.
    pub container: &'a Container,
    /// What it can reach.
    pub network: Network,
    /// What the operator allows.
    pub policy: &'a Policy,
    /// Variables beside the spec's: the run config's, secrets by value.
    pub env: Vec<(String, String)>,
    /// The first number that is wanted; 0: all that nobody has acknowledged.
    pub from: u64,
}

/// What is to run in a place. `{in}`, `{out}` and `{name}` are filled in everywhere.
#[derive(Clone, Debug, Default)]
pub struct ProgramRequest {
    /// The attempt's id, never used twice in this place: letters, digits, `.`, `-`, `_`.
    pub request: String,
    /// Name and arguments; empty: what the image runs.
    pub argv: Vec<String>,
    /// Beside what the place has.
    pub env: Vec<(String, String)>,
    /// None: the place's.
    pub working_dir: Option<String>,
    /// For its standard input.
    pub stdin: Option<Vec<u8>>,
    /// For its input folder.
    pub inputs: Vec<InputFile>,
    /// What `{name}` stands for.
    pub values: Vec<(String, String)>,
    /// The same in all attempts of a call.
    pub idempotency_key: Option<String>,
}

/// An open place.
pub struct Place {
    pub(super) name: String,
    pub(super) orders: Orders,
    pub(super) state: watch::Receiver<State>,
    pub(super) buffered: Arc<AtomicUsize>,
    pub(super) home: Home,
}

pub(super) enum Home {
    Container { docker: Docker, id: String, image: String, argv: Vec<String> },
    Local { io: PathBuf },
}

impl Docker {
    /// Makes the place or adopts it, starts it, and waits until its runner has answered.
    ///
    /// # Errors
    /// Where the engine refuses, the name is another's, or the place has ended already.
    pub async fn open(&self, durable: &Durable, spec: &PlaceSpec<'_>) -> Result<Place, ContainerError> {
        let epoch = durable.epoch()?;
        let found = match self.find(&spec.name).await? {
            Some(found) => found,
            None => self.make(durable, spec, epoch).await?,
        };
        let (id, life) = (owned(found, &spec.name, &spec.labels)?, self.life(&spec.name).await?);
        let mut link = DockerLink::new(self.clone(), id.clone());
        link.attach().await;
        match life {
            Life::Created => {
                self.put_files(durable, &id, None).await?;
                self.start_place(durable, &id, &spec.image.name).await?;
            }
            Life::Running => {}
            Life::Exited { code, out_of_memory } => {
                let why = Gone::Exited { code, out_of_memory }.to_string();
                return Err(ContainerError::PlaceGone { name: spec.name.clone(), why });
            }
        }
        link.follow();
        let (orders, state, buffered) = session::start(Link::Docker(link), Client::new(epoch, spec.from));
        let argv = body::default_argv(spec.container, spec.image);
        let home = Home::Container { docker: self.clone(), id, image: spec.image.name.clone(), argv };
        let place = Place { name: spec.name.clone(), orders, state, buffered, home };
        place.greeted().await?;
        Ok(place)
    }

    /// The container that holds the network namespace of a run open: made or adopted, and running.
    ///
    /// # Errors
    /// Where the engine refuses, or the name is another's.
    pub async fn open_pause(
        &self,
        durable: &Durable,
        name: &str,
        labels: &[(String, String)],
        image: &Image,
    ) -> Result<(), ContainerError> {
        durable.epoch()?;
        let volume = self.binary_volume(durable, &image.name).await?;
        let container = Container { image: image.name.clone(), read_only_root: Some(true), ..Container::default() };
        let mut body = body::plain(&container, &Network::None, &Policy::default())?;
        body.entrypoint = Some(vec![binary::PROGRAM.to_owned(), "runner".to_owned(), "--pause".to_owned()]);
        body.labels = Some(body::label_map(labels));
        body.stop_signal = Some("SIGTERM".to_owned());
        if let Some(host) = &mut body.host_config {
            host.binds = Some(vec![format!("{volume}:{}:ro,nocopy", binary::FOLDER)]);
        }
        let found = match self.find(name).await? {
            Some(found) => found,
            None => self.create(durable, name, body, None).await?,
        };
        let (id, life) = (owned(found, name, labels)?, self.life(name).await?);
        match life {
            Life::Running => Ok(()),
            Life::Created => self.start_place(durable, &id, &image.name).await,
            Life::Exited { code, .. } => {
                let why = format!("it ended with code {code}");
                Err(ContainerError::PlaceGone { name: name.to_owned(), why })
            }
        }
    }

    async fn make(&self, durable: &Durable, spec: &PlaceSpec<'_>, epoch: u64) -> Result<Found, ContainerError> {
        let binary_volume = self.binary_volume(durable, &spec.image.name).await?;
        let wanted = body::Wanted {
            container: spec.container,
            image: spec.image,
            network: &spec.network,
            policy: spec.policy,
            labels: &spec.labels,
            env: &spec.env,
            binary_volume: &binary_volume,
            epoch,
        };
        self.create(durable, &spec.name, body::place(&wanted)?, spec.container.platform.as_deref()).await
    }

    /// Makes a container, or finds the one that has the name.
    pub(super) async fn create(
        &self,
        durable: &Durable,
        name: &str,
        body: ContainerCreateBody,
        platform: Option<&str>,
    ) -> Result<Found, ContainerError> {
        durable.epoch()?;
        let image = body.image.clone().unwrap_or_default();
        let mut options = CreateContainerOptionsBuilder::default().name(name);
        if let Some(platform) = platform {
            options = options.platform(platform);
        }
        match self.api.create_container(Some(options.build()), body).await {
            Ok(_) => {}
            Err(error) if is_name_taken(&error) => {}
            Err(error) => return Err(self.asked("make a container", &image).explain(error)),
        }
        self.find(name).await?.ok_or_else(|| ContainerError::NoSuchContainer(name.to_owned()))
    }

    /// Starts a container with our binary in it.
    async fn start_place(&self, durable: &Durable, id: &str, image: &str) -> Result<(), ContainerError> {
        match self.start(durable, id, image).await {
            Err(ContainerError::ProgramNotFound { message, .. }) if message.contains(binary::PROGRAM) => {
                self.refill_binary(durable, image).await?;
                self.start(durable, id, image).await
            }
            other => other,
        }
    }

    pub(super) async fn start(&self, durable: &Durable, id: &str, image: &str) -> Result<(), ContainerError> {
        durable.epoch()?;
        match self.api.start_container(id, None::<StartContainerOptions>).await {
            Ok(()) => Ok(()),
            Err(error) => match self.asked("start a container", id).explain(error) {
                ContainerError::Refused { why, .. } | ContainerError::InvalidSpec(why) if is_program_missing(&why) => {
                    Err(ContainerError::ProgramNotFound { image: image.to_owned(), message: why })
                }
                other => Err(other),
            },
        }
    }

    async fn life(&self, name: &str) -> Result<Life, ContainerError> {
        let found = self.find(name).await?.ok_or_else(|| ContainerError::NoSuchContainer(name.to_owned()))?;
        Ok(found.life)
    }

    /// Removes a container with its anonymous volumes. One that is not there is what was wanted.
    ///
    /// # Errors
    /// Where the engine refuses.
    pub async fn remove(&self, durable: &Durable, name: &str) -> Result<(), ContainerError> {
        durable.epoch()?;
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        match self.api.remove_container(name, Some(options)).await {
            Ok(()) => Ok(()),
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 404, .. }) => Ok(()),
            // Somebody else is removing it.
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 409, message })
                if message.contains("already in progress") =>
            {
                Ok(())
            }
            Err(error) => Err(self.asked("remove a container", name).explain(error)),
        }
    }
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

    /// Asks the runner to end an attempt with all that it started; comes back when the runner has heard it. Its end is an answer.
    ///
    /// # Errors
    /// Where the runner does not answer in time: then `kill` is left.
    pub async fn stop(
        &self,
        durable: &Durable,
        request: &str,
        signal: &str,
        grace: Duration,
    ) -> Result<(), ContainerError> {
        durable.epoch()?;
        let grace_ms = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        let stop = Request::Stop { request: request.to_owned(), signal: signal.to_owned(), grace_ms };
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

    async fn prepare(&self, durable: &Durable, program: ProgramRequest) -> Result<Run, ContainerError> {
        let ProgramRequest { request, argv, env, working_dir, stdin, mut inputs, values, idempotency_key } = program;
        let folder = match &self.home {
            Home::Container { .. } => PathBuf::from(IO).join(&request),
            Home::Local { io } => io.join(&request),
        };
        let path = |name| folder.join(name).to_string_lossy().into_owned();
        let template = Template { input: path("in"), output: path("out"), values: values.into_iter().collect() };
        let argv = match (&self.home, argv.is_empty()) {
            (Home::Container { argv, .. }, true) => argv.clone(),
            _ => argv,
        };
        let mut run = Run {
            argv: argv.iter().map(|word| template.fill(word)).collect(),
            env: env.iter().map(|(name, value)| (name.clone(), template.fill(value))).collect(),
            working_dir: working_dir.map(|folder| template.fill(&folder)),
            ..Run::default()
        };
        run.env.push(("HEADWATER_IN".to_owned(), template.input.clone()));
        run.env.push(("HEADWATER_OUT".to_owned(), template.output.clone()));
        run.env.extend(idempotency_key.map(|key| ("HEADWATER_IDEMPOTENCY_KEY".to_owned(), key)));
        match stdin.map(String::from_utf8) {
            None => {}
            Some(Ok(text)) if text.len() <= STDIN_BYTES_MAX => run.stdin = Some(text),
            Some(other) => {
                let bytes = other.map_or_else(std::string::FromUtf8Error::into_bytes, String::into_bytes);
                inputs.push(InputFile { name: ".stdin".to_owned(), content: Content::Bytes(bytes) });
                run.stdin_file = Some(".stdin".to_owned());
            }
        }
        match files::inline(&inputs) {
            Some(texts) => run.files = texts,
            None => self.put(durable, &request, &folder, &inputs).await?,
        }
        let size: usize =
            run.argv.iter().map(String::len).chain(run.env.iter().map(|(name, value)| name.len() + value.len())).sum();
        if size > REQUEST_BYTES_MAX / 4 {
            let what =
                format!("the command and variables of `{request}` have {size} bytes; pass large values as files");
            return Err(ContainerError::InvalidSpec(what));
        }
        Ok(run)
    }

    async fn put(
        &self,
        durable: &Durable,
        request: &str,
        folder: &std::path::Path,
        inputs: &[InputFile],
    ) -> Result<(), ContainerError> {
        match &self.home {
            Home::Container { docker, id, .. } => docker.put_files(durable, id, Some((request, inputs))).await,
            Home::Local { .. } => {
                files::write(folder, inputs).map_err(|error| ContainerError::Files { name: self.name.clone(), error })
            }
        }
    }
}

/// The id of a container that carries all our labels.
fn owned(found: Found, name: &str, labels: &[(String, String)]) -> Result<String, ContainerError> {
    let ours = labels.iter().all(|(key, value)| found.labels.get(key) == Some(value));
    if ours && !labels.is_empty() { Ok(found.id) } else { Err(ContainerError::NotOurs(name.to_owned())) }
}

fn check_id(id: &str) -> Result<(), ContainerError> {
    let letters = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if id.is_empty() || id.len() > ID_BYTES_MAX || !letters || id.starts_with('.') {
        return Err(ContainerError::InvalidSpec(format!("`{id}` is no id of a request")));
    }
    Ok(())
}

fn is_program_missing(why: &str) -> bool {
    ["executable file not found", "no such file or directory", "exec format error", "permission denied"]
        .iter()
        .any(|word| why.to_lowercase().contains(word))
}
