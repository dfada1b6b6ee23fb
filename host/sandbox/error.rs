//! Why a component cannot be used. What goes wrong while a guest runs is a `Failure` of the model instead.

use super::limits;
use headwater_core::model::Digest;
use std::path::PathBuf;

/// Why the sandbox, or a component, cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// wasmtime refuses our settings on this machine.
    #[error("the wasm engine does not start on this machine: {0}")]
    Engine(#[source] wasmtime::Error),
    /// The folder of compiled code cannot be used.
    #[error("the folder of compiled code `{}` cannot be used", .folder.display())]
    CacheFolder {
        /// Which.
        folder: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Others could put code there that we would run.
    #[error("the folder of compiled code `{}` may be written by others than you: make it yours (`chown`) and close it (`chmod 700`)", .folder.display())]
    CacheFolderOpen {
        /// Which.
        folder: PathBuf,
    },
    /// Compiled code cannot be kept.
    #[error("the compiled code of {digest} cannot be kept in `{}`", .folder.display())]
    CacheWrite {
        /// Of the component.
        digest: Digest,
        /// Where.
        folder: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Larger than allowed.
    #[error("the component has {bytes} bytes, more than the {} allowed", limits::COMPONENT_BYTES_MAX)]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Not a component, or one that breaks a rule of wasm.
    #[error("not a component that can be compiled: {0:#}")]
    Compile(#[source] wasmtime::Error),
    /// It asks for something that this host does not have.
    #[error("the component imports `{import}`, which this host does not give: {hint}")]
    UnknownImport {
        /// The name.
        import: String,
        /// What to do.
        hint: &'static str,
    },
    /// Its imports have the right names and other types.
    #[error("the component was made for another version of the contract: {0:#}")]
    Contract(#[source] wasmtime::Error),
    /// It does not export what the contract says.
    #[error("the component does not export `{export}`: it is no flow component and no plugin")]
    MissingExport {
        /// Which interface.
        export: &'static str,
    },
    /// Nothing in it can be run.
    #[error("the component does not export `wasi:cli/run`: it is no WASI command")]
    NoCommand,
    /// No program of WASI's first preview.
    #[error("the core module is no WASI command: {reason}")]
    NoPreview1 {
        /// What is wrong with it.
        reason: String,
    },
    /// It failed while it described itself.
    #[error("the component cannot describe itself: {0}")]
    Describe(#[source] headwater_core::model::Failure),
    /// Compiling was broken off.
    #[error("compiling was broken off")]
    Interrupted,
}
