//! The places of one run: the container of its run config, and the holder of the network that its containers share.
//!
//! Made at the first act that needs them, shared by the run's attempts, removed when nothing has run in them for long, or the run has ended.

use super::{
    attempts::Context,
    places::{image, network},
    witness,
};
use crate::{
    container::{ContainerError, Docker, Image, Place, PlaceSpec, label},
    store::Durable,
};
use headwater_core::{
    journal::PlaceKind,
    model::{Container, Failure, RunId},
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// A place in which nothing has run for so long goes. Source: engine.md, section 8.
const IDLE_MAX: Duration = Duration::from_secs(10 * 60);

/// The places of one run, as its attempts share them.
#[derive(Clone, Default)]
pub(super) struct RunPlaces {
    open: Arc<Mutex<HashMap<PlaceKind, Open>>>,
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
            let (number, durable) = context.place(PlaceKind::Run, dead).await?;
            let name = name_of(context, "run", number);
            witness::leave(&durable, context.handle.run(), format_args!("place {name}"))
                .map_err(ContainerError::from)?;
            let docker = context.engine.docker(container.server.as_deref()).await?;
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

    /// The run has ended: its containers go, but those that are to be kept. Best effort: what stays is found by its labels at the next start
    /// of an owner.
    pub(super) async fn remove(&self, docker: Option<Docker>, run: &RunId, durable: &Durable) {
        let open = std::mem::take(&mut *self.open.lock().await);
        for place in open.into_values() {
            let _ = place.docker.remove(durable, &place.name).await;
        }
        let Some(docker) = docker else { return };
        for found in docker.list(&format!("{}={run}", label::RUN)).await.unwrap_or_default() {
            if !found.labels.contains_key(label::KEEP) {
                let _ = docker.remove(durable, &found.id).await;
            }
        }
    }
}

fn name_of(context: &Context, kind: &str, number: u32) -> String {
    format!("headwater-{}-{kind}-{number}", context.handle.run())
}
