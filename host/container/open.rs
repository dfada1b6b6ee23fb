//! Making a place, or adopting the one that is there: create, files, start, `hello`.
//!
//! A place lives once. One that has ended is never started again, and a name that is taken is adopted only if all our labels are on it.

use super::{
    ContainerError, Docker, Found, Image, Life, Network, Place, binary,
    body::{self, Policy},
    link::{DockerLink, Link},
    place::Home,
    running::Gone,
    session,
};
use crate::store::Durable;
use headwater_core::model::Container;

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
    /// Variables beside the spec's: the run config's. Secrets are none of them: they come with each request.
    pub env: Vec<(String, String)>,
    /// The first number that is wanted; 0: all that nobody has acknowledged.
    pub from: u64,
}

impl Docker {
    /// Makes the place or adopts it, starts it, and waits until its runner has answered.
    ///
    /// # Errors
    /// Where the engine refuses, the name is another's, or the place has ended already.
    pub async fn open(&self, durable: &Durable, spec: &PlaceSpec<'_>) -> Result<Place, ContainerError> {
        let epoch = durable.epoch()?;
        let (id, life) = owned(self.make(durable, spec, epoch).await?, &spec.name, &spec.labels)?;
        let mut link = DockerLink::new(self.clone(), id.clone());
        link.attach().await;
        match life {
            Life::Created => {
                // Root makes its folders itself; an archive costs a fifth of the whole opening (measured).
                if !is_root(spec.container.user.as_deref().unwrap_or(&spec.image.user)) {
                    self.put_files(durable, &id, None).await?;
                }
                self.start_place(durable, &id, &spec.image.name).await?;
            }
            Life::Running => {}
            Life::Exited { code, out_of_memory } => {
                let why = Gone::Exited { code, out_of_memory }.to_string();
                return Err(ContainerError::PlaceGone { name: spec.name.clone(), why });
            }
        }
        link.follow();
        let (orders, state, buffered) = session::start(Link::Docker(link), epoch, spec.from);
        let argv = body::default_argv(spec.container, spec.image);
        let stop_signal = spec.container.stop_signal.clone().or_else(|| spec.image.stop_signal.clone());
        let home = Home::Container { docker: self.clone(), id, image: spec.image.name.clone(), argv, stop_signal };
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
        let (id, life) = owned(self.create(durable, name, body, None).await?, name, labels)?;
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
}

/// Of a container that carries all our labels.
fn owned(found: Found, name: &str, labels: &[(String, String)]) -> Result<(String, Life), ContainerError> {
    let ours = labels.iter().all(|(key, value)| found.labels.get(key) == Some(value));
    if ours && !labels.is_empty() { Ok((found.id, found.life)) } else { Err(ContainerError::NotOurs(name.to_owned())) }
}

fn is_root(user: &str) -> bool {
    matches!(user.split(':').next(), Some("" | "root" | "0"))
}
