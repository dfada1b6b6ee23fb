//! Artifacts: bytes outside the journal, named by their content.
//!
//! A flow passes them on and never opens them; a task reads and writes them. Natively they live in the memory of the thread.

use crate::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod table;

/// What the host knows a table by.
const TABLE: &str = "application/vnd.headwater.table+json";

/// What it knows a text by that is Markdown.
const MARKDOWN: &str = "text/markdown";

/// Names bytes that the host keeps: a file in or out of a container, a large result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artifact {
    #[serde(rename = "$artifact")]
    digest: String,
    size: u64,
    #[serde(default)]
    media_type: String,
    #[serde(default)]
    name: String,
}

impl Artifact {
    /// Keeps these bytes, in a task.
    pub fn write(name: impl Into<String>, media_type: impl Into<String>, bytes: &[u8]) -> Result<Artifact> {
        let json = store::write(&name.into(), &media_type.into(), bytes).map_err(|failure| Error(Box::new(failure)))?;
        Ok(serde_json::from_str(&json)?)
    }

    /// Keeps a table for people to look at, in a task: `headwater flow-run artifact show` prints it. Each row is a struct or a map; its
    /// fields, in their order, are the columns.
    ///
    /// ```
    /// use headwater_sdk::prelude::*;
    ///
    /// #[value]
    /// struct Total {
    ///     region: String,
    ///     orders: u64,
    /// }
    ///
    /// #[task]
    /// fn totals() -> Result<Artifact> {
    ///     Artifact::table("totals", [Total { region: "north".to_owned(), orders: 3 }])
    /// }
    /// # fn main() {
    /// # assert_eq!(totals::body().unwrap().read_text().unwrap(), r#"{"columns":["region","orders"],"rows":[["north",3]]}"#);
    /// # }
    /// ```
    pub fn table<R: Serialize>(name: impl Into<String>, rows: impl IntoIterator<Item = R>) -> Result<Artifact> {
        Artifact::write(name, TABLE, table::json(rows)?.as_bytes())
    }

    /// Keeps a text in Markdown for people to look at, in a task.
    pub fn markdown(name: impl Into<String>, text: impl AsRef<str>) -> Result<Artifact> {
        Artifact::write(name, MARKDOWN, text.as_ref().as_bytes())
    }

    /// The bytes, in a task: of an artifact that was among its inputs, or that it made.
    pub fn read(&self) -> Result<Vec<u8>> {
        let json = serde_json::to_string(self)?;
        store::read(&json, self.size).map_err(|failure| Error(Box::new(failure)))
    }

    /// The bytes as text.
    pub fn read_text(&self) -> Result<String> {
        Ok(String::from_utf8(self.read()?)?)
    }

    /// What names the content: `sha256:` and its digest.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What sort of content it has, where that was said.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The file name it was made under.
    pub fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(target_family = "wasm")]
mod store {
    use crate::bindings::headwater::flow::{artifacts, types::Failure};

    /// What crosses at once: large enough that crossing costs little, small beside a sandbox's memory.
    const CHUNK_BYTES: u32 = 256 * 1024;

    pub(super) fn write(name: &str, media_type: &str, bytes: &[u8]) -> Result<String, Failure> {
        let writer = artifacts::Writer::new(name, media_type);
        for chunk in bytes.chunks(CHUNK_BYTES as usize) {
            writer.write(chunk)?;
        }
        artifacts::Writer::finish(writer)
    }

    pub(super) fn read(json: &str, size: u64) -> Result<Vec<u8>, Failure> {
        let reader = artifacts::open(json)?;
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        loop {
            let chunk = reader.read(CHUNK_BYTES)?;
            if chunk.is_empty() {
                return Ok(bytes);
            }
            bytes.extend_from_slice(&chunk);
        }
    }
}

#[cfg(not(target_family = "wasm"))]
mod store {
    use super::Artifact;
    use crate::bindings::headwater::flow::types::{Failure, FailureKind};
    use crate::error::failure;
    use std::cell::RefCell;
    use std::hash::{DefaultHasher, Hash, Hasher};

    thread_local! {
        static KEPT: RefCell<Vec<(String, Vec<u8>)>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn write(name: &str, media_type: &str, bytes: &[u8]) -> Result<String, Failure> {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let digest = format!("sha256:{:064x}", hasher.finish());
        KEPT.with(|kept| kept.borrow_mut().push((digest.clone(), bytes.to_vec())));
        let artifact =
            Artifact { digest, size: bytes.len() as u64, media_type: media_type.to_owned(), name: name.to_owned() };
        serde_json::to_string(&artifact).map_err(|error| failure(FailureKind::Returned, error.to_string(), false))
    }

    pub(super) fn read(json: &str, _: u64) -> Result<Vec<u8>, Failure> {
        let found = KEPT.with(|kept| {
            kept.borrow().iter().find(|(digest, _)| json.contains(digest.as_str())).map(|(_, bytes)| bytes.clone())
        });
        found.ok_or_else(|| {
            failure(FailureKind::Returned, format!("no artifact `{json}` was written on this thread"), false)
        })
    }
}
