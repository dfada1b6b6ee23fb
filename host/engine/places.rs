//! Where acts happen outside this process: container engines, the places of runs, and the runner beside the owner.

use super::{attempts::Context, handle::Message, host::Engine};
use crate::{
    container::{ContainerError, Docker, Image, LocalPlaces, Network, Place, Policy, label},
    store::Durable,
};
use headwater_core::{
    journal::PlaceKind,
    model::{AttemptId, Container, Failure, FailureKind, Hasher, RunId},
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Mutex, oneshot};

/// An engine that has not answered by then is as good as none. Source: engine.md, section 8.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// What one process has to do with places.
pub(super) struct Places {
    /// Whoever shares the store shares it, in labels.
    pub(super) install: String,
    pub(super) policy: Policy,
    local_folder: LocalPlaces,
    engines: Mutex<HashMap<Option<String>, Docker>>,
    local: Mutex<Option<Arc<Place>>>,
    swept: AtomicBool,
    /// There once something was asked of a container engine.
    marker: PathBuf,
}

impl Places {
    pub(super) fn new(home: &Path) -> std::io::Result<Places> {
        Ok(Places {
            install: install(home)?,
            policy: Policy::default(),
            local_folder: LocalPlaces::new(home.join("local")),
            engines: Mutex::default(),
            local: Mutex::default(),
            swept: AtomicBool::new(false),
            marker: home.join("containers-used"),
        })
    }

    /// A container engine that has just answered.
    pub(super) async fn docker(&self, server: Option<&str>) -> Result<Docker, ContainerError> {
        let mut engines = self.engines.lock().await;
        let key = server.map(str::to_owned);
        if let Some(docker) = engines.get(&key) {
            // Whoever asks for an act wants to know within seconds whether there is anybody to ask.
            if let Ok(Ok(_)) = tokio::time::timeout(ANSWER_WITHIN, docker.find("headwater-is-there-anybody")).await {
                return Ok(docker.clone());
            }
        }
        let docker = Docker::connect(server).await?;
        engines.insert(key, docker.clone());
        Ok(docker)
    }

    /// The runner beside the owner.
    pub(super) async fn local(&self, durable: &Durable) -> Result<Arc<Place>, ContainerError> {
        let mut local = self.local.lock().await;
        if let Some(place) = local.as_ref().filter(|place| place.gone().is_none()) {
            return Ok(Arc::clone(place));
        }
        let place = Arc::new(self.local_folder.open(durable).await?);
        *local = Some(Arc::clone(&place));
        Ok(place)
    }

    /// Waits until nothing of an attempt of a dead owner lives.
    pub(super) async fn nothing_lives_of(&self, request: &str) -> std::io::Result<()> {
        self.local_folder.wait_for(request).await
    }

    pub(super) fn labels(&self, run: &RunId, kind: &str) -> Vec<(String, String)> {
        let label = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        vec![label(label::INSTALL, &self.install), label(label::RUN, run.as_str()), label(label::KIND, kind)]
    }
}

/// One line that tells the containers of this store from those of others.
fn install(home: &Path) -> std::io::Result<String> {
    let path = home.join("install");
    match std::fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        _ => {
            let id = uuid::Uuid::new_v4().to_string();
            // Two processes may come at once: the first one's word stands.
            match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => std::io::Write::write_all(&mut file, id.as_bytes()).map(|()| id),
                Err(_) => std::fs::read_to_string(&path).map(|text| text.trim().to_owned()),
            }
        }
    }
}

/// The image of a container, pulled if it is missing. What is being waited for is shown meanwhile.
pub(super) async fn image(
    context: &Context,
    docker: &Docker,
    durable: &Durable,
    container: &Container,
) -> Result<Image, Failure> {
    let name = container.image.clone();
    let registry = super::attempts::registry(context, container)?;
    let (pull, platform) = (container.pull, container.platform.as_deref());
    let pulled = docker
        .ensure_image_as(durable, &container.image, pull, platform, registry.as_ref(), |progress| {
            context.waits_for(Some(format!("image `{name}`: {}", progress.status)));
        })
        .await;
    context.waits_for(None);
    Ok(pulled?)
}

/// What the container of an attempt is called.
pub fn container_name(run: &RunId, chapter: u32, key: &str, attempt: AttemptId) -> String {
    let key = Hasher::new().part(in_chapter(chapter, key)).digest();
    let element = attempt.element.map(|element| format!("-{element}")).unwrap_or_default();
    format!("headwater-{run}-{}{element}-{}", key.hex().get(..12).unwrap_or_default(), attempt.number)
}

/// A key for what outlives a chapter: keys and numbers of attempts begin anew in each.
pub(super) fn in_chapter(chapter: u32, key: &str) -> String {
    if chapter == 1 { key.to_owned() } else { format!("{chapter}:{key}") }
}

/// What the container of a run's own config is called.
pub fn run_container_name(run: &RunId, number: u32) -> String {
    place_name(run, "run", number)
}

/// What a place of a run is called.
pub(super) fn place_name(run: &RunId, kind: &str, number: u32) -> String {
    format!("headwater-{run}-{kind}-{number}")
}

/// What a container can reach: nothing outside, unless policy says otherwise.
pub(super) fn network(container: &Container, holder: Option<String>) -> Result<Network, Failure> {
    match (container.network.as_deref(), holder) {
        (Some("private" | "none"), _) | (None, None) => Ok(Network::None),
        (None, Some(holder)) => Ok(Network::Shared(holder)),
        (Some(other), _) => {
            let message = format!(
                "the network `{other}` reaches outside, and nobody granted that: leave it out, or use `private`"
            );
            Err(Failure::new(FailureKind::NotGranted, message))
        }
    }
}

impl Context {
    /// Leave to leave something at a container engine.
    pub(super) async fn uses_engine(&self, server: Option<String>) -> Result<(), Failure> {
        let left = || Failure::new(FailureKind::Lost, "the run was put down");
        let (asker, answer) = oneshot::channel();
        self.handle.inbox.send(Message::Engine { server, asker }).map_err(|_| left())?;
        answer.await.map_err(|_| left())
    }

    /// The number of the run's place of this kind, and leave to make it: its intent is durable.
    pub(super) async fn place(&self, kind: PlaceKind, dead: Option<u32>) -> Result<(u32, Durable), Failure> {
        let left = || Failure::new(FailureKind::Lost, "the run was put down");
        let (asker, answer) = oneshot::channel();
        self.handle.inbox.send(Message::Place { kind, dead, asker }).map_err(|_| left())?;
        let number = answer.await.map_err(|_| left())?;
        Ok((number, self.durable().await?))
    }
}

impl Engine {
    /// A container engine that has just answered. The first time: what a crash has left there is cleared away beside.
    pub(super) async fn docker(self: &Arc<Engine>, server: Option<&str>) -> Result<Docker, ContainerError> {
        let docker = self.places.docker(server).await?;
        if !self.places.swept.swap(true, Ordering::Relaxed) {
            // From here on there may be something to sweep when this process is gone.
            let _ = std::fs::write(&self.places.marker, "");
            self.sweep_beside();
        }
        Ok(docker)
    }

    /// At every start of an owner, where an owner of this store has ever used a container engine.
    pub(super) fn sweep_at_start(self: &Arc<Engine>) {
        if self.places.marker.exists() && !self.places.swept.swap(true, Ordering::Relaxed) {
            self.sweep_beside();
        }
    }

    fn sweep_beside(self: &Arc<Engine>) {
        let engine = Arc::clone(self);
        tokio::spawn(async move {
            // What stays is tried again by the next owner.
            let _ = engine.sweep().await;
        });
    }

    /// Removes containers that a crash left: those of runs that have ended or do not exist. Best effort; what stays is tried again.
    pub async fn sweep(&self) -> Result<usize, ContainerError> {
        let docker = self.places.docker(None).await?;
        let filter = format!("{}={}", label::INSTALL, self.places.install);
        // The containers first, then the store: one that is made in between is not in the list.
        let found = docker.list(&filter).await?;
        let writer = self.writer();
        let durable = writer.durable(writer.durable_position(), 0).await.map_err(|_| crate::store::Fenced)?;
        let mut removed = 0;
        for container in found {
            let Some(run) = container.labels.get(label::RUN) else { continue };
            let run = RunId::new(run.as_str());
            let over = match self.store().run(&run) {
                // One that only stands has no end: it goes on with what is there.
                Ok(Some(known)) => known.summary.ended_at.is_some() && known.summary.state.is_final(),
                Ok(None) => true,
                Err(_) => false,
            };
            if container.labels.contains_key(label::KEEP) {
                continue;
            }
            if over && self.driven(&run).is_none() {
                docker.remove(&durable, &container.id).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

#[cfg(test)]
#[path = "places_tests.rs"]
mod tests;
