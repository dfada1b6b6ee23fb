//! Images: there or pulled, and what they say about themselves.
//!
//! Invariant: a pull that failed never leads to the image that was here before.

use super::{ContainerError, Docker, Registry, reference::Reference};
use crate::store::Durable;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt;
use headwater_core::model::PullPolicy;
use std::time::Duration;
use tokio::time::timeout;

/// A layer that is extracted says nothing for a while; a registry that says nothing for this long has gone.
const PULL_STALLED_AFTER: Duration = Duration::from_secs(300);

/// What an image says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// As asked for, with its tag.
    pub name: String,
    /// The engine's id, a digest.
    pub id: String,
    /// Before the command.
    pub entrypoint: Vec<String>,
    /// Name and arguments, or arguments of the entrypoint.
    pub command: Vec<String>,
    /// `NAME=value`.
    pub env: Vec<String>,
    /// Empty: `/`.
    pub working_dir: String,
    /// Empty: root.
    pub user: String,
    /// How its programs want to be asked to stop.
    pub stop_signal: Option<String>,
    /// Paths that get a volume of their own.
    pub volumes: Vec<String>,
}

/// How far a pull has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// A layer's id; none: of the whole.
    pub layer: Option<String>,
    /// `Downloading`, `Extracting`, …
    pub status: String,
    /// Bytes so far.
    pub current: Option<u64>,
    /// Of so many.
    pub total: Option<u64>,
}

impl From<bollard::models::CreateImageInfo> for Progress {
    fn from(info: bollard::models::CreateImageInfo) -> Progress {
        let detail = info.progress_detail.unwrap_or_default();
        let bytes = |count: Option<i64>| count.and_then(|count| u64::try_from(count).ok());
        Progress {
            layer: info.id,
            status: info.status.unwrap_or_default(),
            current: bytes(detail.current),
            total: bytes(detail.total),
        }
    }
}

impl Docker {
    /// The image, pulled as the policy says; without one, `latest` is always pulled and others where they are missing.
    ///
    /// # Errors
    /// Where it is not to be had.
    pub async fn ensure_image(
        &self,
        durable: &Durable,
        image: &str,
        pull: Option<PullPolicy>,
        platform: Option<&str>,
        progress: impl FnMut(Progress),
    ) -> Result<Image, ContainerError> {
        self.ensure_image_as(durable, image, pull, platform, None, progress).await
    }

    /// The same with credentials for its registry.
    ///
    /// # Errors
    /// Where it is not to be had.
    pub async fn ensure_image_as(
        &self,
        durable: &Durable,
        image: &str,
        pull: Option<PullPolicy>,
        platform: Option<&str>,
        registry: Option<&Registry>,
        progress: impl FnMut(Progress),
    ) -> Result<Image, ContainerError> {
        let reference = Reference::parse(image)?;
        let policy = pull.unwrap_or_else(|| reference.default_policy());
        if policy != PullPolicy::Always {
            match self.image(&reference.name).await {
                Err(ContainerError::ImageNotFound { .. }) if policy == PullPolicy::IfNotPresent => {}
                other => return other,
            }
        }
        self.pull(durable, &reference, platform, registry, progress).await?;
        self.image(&reference.name).await
    }

    /// An image that is here.
    ///
    /// # Errors
    /// Where it is not.
    pub async fn image(&self, name: &str) -> Result<Image, ContainerError> {
        let found = self.api.inspect_image(name).await;
        let found = found.map_err(|error| self.asked("inspect an image", name).explain(error))?;
        let config = found.config.unwrap_or_default();
        Ok(Image {
            name: name.to_owned(),
            id: found.id.unwrap_or_default(),
            entrypoint: config.entrypoint.unwrap_or_default(),
            command: config.cmd.unwrap_or_default(),
            env: config.env.unwrap_or_default(),
            working_dir: config.working_dir.unwrap_or_default(),
            user: config.user.unwrap_or_default(),
            stop_signal: config.stop_signal.filter(|signal| !signal.is_empty()),
            volumes: config.volumes.unwrap_or_default(),
        })
    }

    /// Fetches an image from its registry.
    pub(super) async fn pull(
        &self,
        durable: &Durable,
        reference: &Reference,
        platform: Option<&str>,
        registry: Option<&Registry>,
        mut progress: impl FnMut(Progress),
    ) -> Result<(), ContainerError> {
        durable.epoch()?;
        let mut options = CreateImageOptionsBuilder::default().from_image(&reference.repository).tag(&reference.tag);
        if let Some(platform) = platform {
            options = options.platform(platform);
        }
        let asked = self.asked("pull an image", &reference.name);
        // bollard writes credentials with `+` and `/`, and engines read them as base64 of addresses: some passwords would be refused.
        let api = self.api.clone().with_request_modifier(|mut request| {
            if let Some(value) = request.headers_mut().get_mut("x-registry-auth")
                && let Some(other) =
                    value.to_str().ok().and_then(|text| text.replace('+', "-").replace('/', "_").parse().ok())
            {
                *value = other;
            }
            request
        });
        let mut pulled = api.create_image(Some(options.build()), None, registry.map(Registry::credentials)).boxed();
        let stalled = |_| ContainerError::PullFailed {
            image: reference.name.clone(),
            why: format!("nothing came for {PULL_STALLED_AFTER:?}"),
        };
        while let Some(step) = timeout(PULL_STALLED_AFTER, pulled.next()).await.map_err(stalled)? {
            progress(step.map_err(|error| asked.pull_refused(error))?.into());
        }
        Ok(())
    }
}
