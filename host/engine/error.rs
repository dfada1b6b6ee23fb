//! Why a run cannot be begun, taken up, or asked for something. What goes wrong in a run is a `Failure` of the model instead.

use crate::{sandbox::SandboxError, store::StoreError};
use headwater_core::{
    model::{Failure, RunId},
    run::IllegalEvent,
};
use std::path::PathBuf;

/// Why the engine could not do it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The component cannot be used.
    #[error("`{}` cannot be used", .path.display())]
    Component {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: SandboxError,
    },
    /// The sandbox cannot be made, or a component of the store cannot be used.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A file cannot be read.
    #[error("`{}` cannot be read", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The user asked for something that cannot be: nothing was started.
    #[error("{message}")]
    Refused {
        /// What and why.
        message: String,
        /// What to do.
        hints: Vec<String>,
    },
    /// A limit was reached: nothing was started.
    #[error("{message}")]
    Limit {
        /// Which.
        message: String,
        /// What to do.
        hints: Vec<String>,
    },
    /// Another process drives the run.
    #[error("run `{run}` is driven by another process")]
    Driven {
        /// Which.
        run: RunId,
    },
    /// The journal cannot be followed.
    #[error(
        "the journal of run `{run}` cannot be followed: this is a bug in headwater, or the store was changed by hand"
    )]
    Journal {
        /// Whose.
        run: RunId,
        /// How.
        #[source]
        source: IllegalEvent,
    },
}

impl EngineError {
    /// A mistake of the user's.
    pub fn refused(message: impl Into<String>, hint: impl Into<String>) -> EngineError {
        EngineError::Refused { message: message.into(), hints: vec![hint.into()] }
    }

    /// Whether nothing was started because of what the user gave.
    pub fn is_users(&self) -> bool {
        match self {
            EngineError::Refused { .. }
            | EngineError::Limit { .. }
            | EngineError::Component { .. }
            | EngineError::Unreadable { .. } => true,
            EngineError::Store(_)
            | EngineError::Sandbox(_)
            | EngineError::Driven { .. }
            | EngineError::Journal { .. } => false,
        }
    }

    /// What to do.
    pub fn hints(&self) -> &[String] {
        match self {
            EngineError::Refused { hints, .. } | EngineError::Limit { hints, .. } => hints,
            _ => &[],
        }
    }
}

/// Why a request had no effect.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The run refused it.
    #[error("{0}")]
    Refused(Failure),
    /// It could not be brought to the run.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for RequestError {
    fn from(error: StoreError) -> RequestError {
        RequestError::Engine(EngineError::Store(error))
    }
}
