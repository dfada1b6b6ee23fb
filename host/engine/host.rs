//! The engine of one process.

use super::{
    error::{EngineError, RequestError},
    handle::{Message, RunHandle},
    inbox,
    places::Places,
    slots::Slots,
    sources::{Components, Given, GivenCommand, Sources},
};
use crate::{
    sandbox::{self, Component, Sandbox, SandboxError, WasiCommand},
    secret::{KeyPlace, Vault},
    store::{Owner, Store, Writer},
};
use headwater_core::{
    core::{Catalogue, RequestKind},
    journal::Created,
    model::{COMMAND_MARK, Digest, RunId},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How an engine is made.
#[derive(Clone, Default)]
pub struct EngineOptions {
    /// Where everything is kept: `HEADWATER_HOME`.
    pub home: PathBuf,
    /// How many attempts with a tag run at once in this process.
    pub tags: BTreeMap<String, u32>,
    /// Where the key of the store's secrets is; none: they cannot be read.
    pub secret_key: Option<KeyPlace>,
    /// How long an activation of a flow, and a component's describing itself, may take; none: as the sandbox's limits say.
    pub patience: Option<Duration>,
}

/// The engine of one process. It is the owner of what it drives.
pub struct Engine {
    pub(super) owner: Owner,
    pub(super) sandbox: Sandbox,
    pub(super) slots: Slots,
    pub(super) places: Places,
    vault: Vault,
    /// Two parents that name one child: one looks and begins after the other.
    pub(super) shared_starts: tokio::sync::Mutex<()>,
    /// Requests of other processes that were handed over and may come again.
    pub(super) brought: Mutex<HashSet<String>>,
    runs: Mutex<HashMap<RunId, RunHandle>>,
    components: Mutex<HashMap<Digest, Component>>,
    commands: Mutex<HashMap<Digest, WasiCommand>>,
}

impl Engine {
    /// Opens the store, becomes an owner in it, and listens to its inbox.
    ///
    /// # Errors
    /// Where the store or the sandbox cannot be had.
    pub fn open(options: EngineOptions) -> Result<Arc<Engine>, EngineError> {
        let store = Store::open(&options.home)?;
        let owner = store.become_owner()?;
        let defaults = sandbox::Options::default();
        let sandbox = Sandbox::new(sandbox::Options {
            cache: Some(options.home.join(sandbox::COMPILED)),
            activation_time_max: options.patience.unwrap_or(defaults.activation_time_max),
            describe_time_max: options.patience.unwrap_or(defaults.describe_time_max),
            ..defaults
        })?;
        let engine = Arc::new(Engine {
            vault: Vault::new(store, options.secret_key),
            owner,
            sandbox,
            slots: Slots::new(options.tags),
            places: Places::new(&options.home)
                .map_err(|source| EngineError::Unreadable { path: options.home.clone(), source })?,
            shared_starts: tokio::sync::Mutex::default(),
            brought: Mutex::default(),
            runs: Mutex::default(),
            components: Mutex::default(),
            commands: Mutex::default(),
        });
        inbox::listen(&engine)?;
        engine.sweep_at_start();
        Ok(engine)
    }

    /// The store.
    pub fn store(&self) -> &Store {
        self.owner.store()
    }

    /// Its secrets.
    pub(super) fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The writer of this owner.
    pub fn writer(&self) -> &Writer {
        self.owner.writer()
    }

    /// The sandbox.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// A component from a file. It is kept in the store, so that its runs can be replayed when the file has gone.
    ///
    /// # Errors
    /// Where the file cannot be read, or is no component that this host can run.
    pub async fn component(&self, path: &Path) -> Result<Component, EngineError> {
        let unreadable = |source| EngineError::Unreadable { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let unusable = |source| EngineError::Component { path: path.to_owned(), source };
        let component = self.sandbox.load(&bytes).await.map_err(unusable)?;
        self.store().components().put(&bytes)?;
        self.components().insert(component.digest().clone(), component.clone());
        Ok(component)
    }

    /// A component of the store.
    pub(super) async fn component_of(&self, digest: &Digest) -> Result<Component, EngineError> {
        if let Some(component) = self.components().get(digest) {
            return Ok(component.clone());
        }
        let bytes = self.store().components().get(digest)?;
        let component = self.sandbox.load(&bytes).await?;
        self.components().insert(digest.clone(), component.clone());
        Ok(component)
    }

    /// A WASI command from a file, kept in the store as components are; none: it is none.
    ///
    /// # Errors
    /// Where the file cannot be read, or is a command that this host cannot run.
    pub async fn command(&self, path: &Path) -> Result<Option<WasiCommand>, EngineError> {
        let unreadable = |source| EngineError::Unreadable { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let command = match self.sandbox.load_command(&bytes).await {
            Ok(command) => command,
            Err(SandboxError::NoCommand) => return Ok(None),
            Err(source) => return Err(EngineError::Component { path: path.to_owned(), source }),
        };
        self.store().components().put(&bytes)?;
        self.commands().insert(command.digest().clone(), command.clone());
        Ok(Some(command))
    }

    async fn command_of(&self, digest: &Digest) -> Result<WasiCommand, EngineError> {
        if let Some(command) = self.commands().get(digest) {
            return Ok(command.clone());
        }
        let command = self.sandbox.load_command(&self.store().components().get(digest)?).await?;
        self.commands().insert(digest.clone(), command.clone());
        Ok(command)
    }

    /// What the calls of a run can name, from what its journal says it was given.
    pub(super) async fn components_of(&self, created: &Created, component: &Digest) -> Result<Components, EngineError> {
        let own = self.component_of(component).await?;
        let sources = self.sources_of(created).await?;
        Components::find(&own, &sources)
    }

    pub(super) async fn sources_of(&self, created: &Created) -> Result<Sources, EngineError> {
        let mut sources = Sources::default();
        for (name, plugin) in &created.plugins {
            if let Some(name) = name.strip_prefix(COMMAND_MARK) {
                let command = self.command_of(&plugin.component).await?;
                sources.commands.push(GivenCommand { name: name.to_owned(), command });
                continue;
            }
            sources.given.push(Given { name: name.clone(), component: self.component_of(&plugin.component).await? });
        }
        Ok(sources)
    }

    /// What the core of a run needs to know.
    pub(super) fn catalogue(&self, components: &Components, created: &Created) -> Arc<Catalogue> {
        Arc::new(Catalogue {
            granted: created.grants.clone(),
            config: created.config.clone(),
            programs: created.programs,
            limited_tags: self.slots.tags(),
            ..components.catalogue()
        })
    }

    /// A run that this process drives.
    pub fn driven(&self, run: &RunId) -> Option<RunHandle> {
        self.runs().get(run).cloned()
    }

    pub(super) fn register(&self, handle: RunHandle) {
        self.runs().insert(handle.run().clone(), handle);
    }

    /// A detached child is a tree of its own from here on, with what is below it.
    pub(super) fn becomes_tree(&self, child: &RunHandle) {
        let old = child.tree();
        child.becomes_root();
        let mut below = vec![child.run().clone()];
        while let Some(parent) = below.pop() {
            let children: Vec<RunHandle> = self
                .runs()
                .values()
                .filter(|run| run.parent.as_ref() == Some(&parent) && run.tree() == old)
                .cloned()
                .collect();
            for handle in children {
                handle.belongs_to(child.run());
                below.push(handle.run().clone());
            }
        }
    }

    /// Whether no other run of this tree is driven here.
    pub(super) fn is_alone_in(&self, tree: &RunId, run: &RunId) -> bool {
        !self.runs().values().any(|other| other.run() != run && other.tree() == *tree)
    }

    pub(super) fn unregister(&self, run: &RunId) {
        self.runs().remove(run);
        self.slots.free_all(run);
    }

    /// Asks a run that this process drives for something, and waits until it has been recorded.
    ///
    /// # Errors
    /// Where the run refuses it, or is not driven here.
    pub async fn request(&self, run: &RunId, kind: RequestKind) -> Result<(), RequestError> {
        let not_here =
            || EngineError::refused(format!("run `{run}` is not driven by this process"), "take it up first");
        let handle = self.driven(run).ok_or_else(not_here)?;
        match handle.ask(uuid::Uuid::new_v4().to_string(), kind).await {
            Some(result) => result.map_err(RequestError::Refused),
            None => Err(not_here().into()),
        }
    }

    /// Puts down everything that this process drives, as it is: somebody can take it up again.
    pub fn leave(&self) {
        for handle in self.runs().values() {
            let _ = handle.inbox.send(Message::Leave);
        }
    }

    pub(super) fn runs(&self) -> MutexGuard<'_, HashMap<RunId, RunHandle>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn commands(&self) -> MutexGuard<'_, HashMap<Digest, WasiCommand>> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn components(&self) -> MutexGuard<'_, HashMap<Digest, Component>> {
        self.components.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
