//! Compiled code and manifests in a folder, by digest.
//!
//! What lies there is run as machine code of ours: a folder that anybody else may write is refused, and a file is there whole or not at all.

use super::error::SandboxError;
use headwater_core::model::{Digest, Hasher as Parts, Manifest};
use sha2::{Digest as _, Sha256};
use std::{
    fs, hash, io,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};
use wasmtime::{Engine, component::Component};

/// The folder, and what makes its files ours: engine, settings and version.
pub(super) struct Cache {
    folder: PathBuf,
    tag: String,
}

impl Cache {
    /// Opens the folder, and makes it if it is missing.
    pub(super) fn open(folder: &Path, engine: &Engine) -> Result<Cache, SandboxError> {
        let unusable = |source| SandboxError::CacheFolder { folder: folder.to_owned(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
        let metadata = fs::metadata(folder).map_err(unusable)?;
        if metadata.uid() != rustix::process::geteuid().as_raw() || metadata.mode() & 0o022 != 0 {
            return Err(SandboxError::CacheFolderOpen { folder: folder.to_owned() });
        }
        Ok(Cache { folder: folder.to_owned(), tag: tag(engine) })
    }

    /// The compiled code; none if it is missing or of no use, for it is made anew then.
    #[expect(unsafe_code, reason = "wasmtime cannot know where machine code comes from; this folder's owner does")]
    pub(super) fn code(&self, engine: &Engine, digest: &Digest) -> Option<Component> {
        let path = self.path(digest, "cwasm");
        if !path.is_file() {
            return None;
        }
        // SAFETY: the file was written by `keep` into a folder that nobody else may write, by an engine with this very tag.
        unsafe { Component::deserialize_file(engine, path) }.ok()
    }

    /// The manifest, if it is there.
    pub(super) fn manifest(&self, digest: &Digest) -> Option<Manifest> {
        let text = fs::read(self.path(digest, "json")).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Keeps compiled code.
    pub(super) fn keep_code(&self, digest: &Digest, code: &[u8]) -> Result<(), SandboxError> {
        self.keep(digest, "cwasm", code)
    }

    /// Keeps a manifest.
    pub(super) fn keep_manifest(&self, digest: &Digest, manifest: &Manifest) -> Result<(), SandboxError> {
        let text = serde_json::to_vec(manifest).map_err(io::Error::other);
        let text = text.map_err(|source| self.not_written(digest, source))?;
        self.keep(digest, "json", &text)
    }

    fn keep(&self, digest: &Digest, kind: &str, bytes: &[u8]) -> Result<(), SandboxError> {
        let path = self.path(digest, kind);
        // The same may be kept twice at once: each has a file of its own, and the last to finish replaces an equal one.
        static KEPT: AtomicU64 = AtomicU64::new(0);
        let unfinished =
            path.with_extension(format!("{}.{}", std::process::id(), KEPT.fetch_add(1, Ordering::Relaxed)));
        let write = || {
            let mut file = fs::File::create(&unfinished)?;
            file.write_all(bytes)?;
            file.sync_data()?;
            fs::rename(&unfinished, &path)
        };
        write().map_err(|source| {
            fs::remove_file(&unfinished).ok();
            self.not_written(digest, source)
        })
    }

    fn not_written(&self, digest: &Digest, source: io::Error) -> SandboxError {
        SandboxError::CacheWrite { digest: digest.clone(), folder: self.folder.clone(), source }
    }

    fn path(&self, digest: &Digest, kind: &str) -> PathBuf {
        self.folder.join(format!("{}-{}.{kind}", digest.hex(), self.tag))
    }
}

/// How manifests are written: another number where they are read otherwise.
const MANIFESTS: &str = "2";

/// Sixteen digits for the version of the engine, its settings and the release of this host: other ones never meet our files.
fn tag(engine: &Engine) -> String {
    let mut hasher = StableHasher(Sha256::new());
    hash::Hash::hash(&engine.precompile_compatibility_hash(), &mut hasher);
    let seed = Parts::new().part(hasher.0.finalize()).part(env!("CARGO_PKG_VERSION")).part(MANIFESTS).seed();
    format!("{seed:016x}")
}

/// The standard hasher may change with the compiler; this one does not.
struct StableHasher(Sha256);

impl hash::Hasher for StableHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
