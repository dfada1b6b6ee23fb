//! The places of one run: the container of its run config, and the holder of the network that its containers share.
//!
//! Made at the first act that needs them, shared by the run's attempts, removed when nothing has run in them for long, or the run has ended.

use super::{
    attempts::Context,
    places::{image, network, place_name},
    witness,
};
use crate::container::{ContainerError, Docker, Image, Place, PlaceSpec};
use headwater_core::{
    journal::PlaceKind,
    model::{Container, Failure},
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};
use tokio::sync::Mutex;

/// A place in which nothing has run for so long goes. Source: engine.md, section 8.
const IDLE_MAX: Duration = Duration::from_secs(10 * 60);

/// The places of one run, as its attempts share them.
#[derive(Clone, Default)]
pub(super) struct RunPlaces {
    open: Arc<Mutex<HashMap<PlaceKind, Open>>>,
    /// Container engines at which the run may leave something; none: the usual one.
    engines: Arc<Mutex<BTreeSet<Option<String>>>>,
}

#[derive(Clone)]
struct Open {
    number: u32,
    docker: Docker,
    name: String,
    /// None: the holder of the network only.
    place: Option<Arc<Place>>,
}

impl RunPlaces {
    /// A container engine that has just answered, and at which the run may leave something: that intent is durable.
    pub(super) async fn engine(&self, context: &Context, server: Option<&str>) -> Result<Docker, Failure> {
        let docker = context.engine.docker(server).await?;
        let mut engines = self.engines.lock().await;
        let server = server.map(str::to_owned);
        if !engines.contains(&server) {
            context.uses_engine(server.clone()).await?;
            engines.insert(server);
        }
        Ok(docker)
    }

    /// The container of the run's own config, made at the first act that needs it.
    pub(super) async fn of_run(&self, context: &Context, container: &Container) -> Result<Arc<Place>, Failure> {
        let mut open = self.open.lock().await;
        let mut dead = None;
        if let Some(Open { place: Some(place), number, .. }) = open.get(&PlaceKind::Run) {
            if place.gone().is_none() {
                return Ok(Arc::clone(place));
            }
            dead = Some(*number);
        }
        loop {
            let docker = self.engine(context, container.server.as_deref()).await?;
            let (number, durable) = context.place(PlaceKind::Run, dead).await?;
            let name = name_of(context, "run", number);
            witness::leave(&durable, context.handle.run(), format_args!("place {name}"))
                .map_err(ContainerError::from)?;
            let image = image(context, &docker, &durable, container).await?;
            let spec = PlaceSpec {
                name: name.clone(),
                labels: context.engine.places.labels(context.handle.run(), "run"),
                image: &image,
                container,
                network: network(container, None)?,
                policy: &context.engine.places.policy,
                env: context.created.config.env.clone(),
                from: 0,
            };
            context.makes_something();
            match docker.open(&durable, &spec).await {
                Ok(place) => {
                    let place = Arc::new(place);
                    open.insert(PlaceKind::Run, Open { number, docker, name, place: Some(Arc::clone(&place)) });
                    self.remove_when_idle(context, number);
                    return Ok(place);
                }
                // It died while nobody looked: the next one has the next number.
                Err(ContainerError::PlaceGone { .. }) if dead != Some(number) => dead = Some(number),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The name of the container whose network the run's containers share.
    pub(super) async fn network_holder(
        &self,
        context: &Context,
        docker: &Docker,
        image: &Image,
    ) -> Result<String, Failure> {
        let mut open = self.open.lock().await;
        let mut dead = None;
        if let Some(holder) = open.get(&PlaceKind::Pause) {
            match docker.find(&holder.name).await? {
                Some(found) if found.life == crate::container::Life::Running => return Ok(holder.name.clone()),
                _ => dead = Some(holder.number),
            }
        }
        loop {
            let (number, durable) = context.place(PlaceKind::Pause, dead).await?;
            let name = name_of(context, "pause", number);
            witness::leave(&durable, context.handle.run(), format_args!("place {name}"))
                .map_err(ContainerError::from)?;
            let labels = context.engine.places.labels(context.handle.run(), "pause");
            context.makes_something();
            match docker.open_pause(&durable, &name, &labels, image).await {
                Ok(()) => {
                    open.insert(
                        PlaceKind::Pause,
                        Open { number, docker: docker.clone(), name: name.clone(), place: None },
                    );
                    return Ok(name);
                }
                Err(ContainerError::PlaceGone { .. }) if dead != Some(number) => dead = Some(number),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The run's own container goes when nothing has run in it for long. The next one has the next number.
    fn remove_when_idle(&self, context: &Context, number: u32) {
        let (open, writer, epoch) = (Arc::downgrade(&self.open), context.engine.writer().clone(), context.epoch);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(IDLE_MAX).await;
                let Some(open) = open.upgrade() else { return };
                let mut open = open.lock().await;
                let Some(Open { number: present, docker, name, place: Some(place) }) =
                    open.get(&PlaceKind::Run).cloned()
                else {
                    return;
                };
                if present != number {
                    return;
                }
                // The map's and this one: no attempt holds it.
                if Arc::strong_count(&place) > 2 || !place.held().is_empty() {
                    continue;
                }
                if let Ok(durable) = writer.durable(writer.durable_position(), epoch).await {
                    let _ = docker.remove(&durable, &name).await;
                }
                open.remove(&PlaceKind::Run);
                return;
            }
        });
    }

    /// What there was goes: whatever comes after it is made anew.
    pub(super) async fn forget(&self) {
        self.open.lock().await.clear();
        self.engines.lock().await.clear();
    }
}

fn name_of(context: &Context, kind: &str, number: u32) -> String {
    place_name(context.handle.run(), kind, number)
}
