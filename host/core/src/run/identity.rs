//! Names and seeds that follow from what they name, so that every owner finds the same ones.

use crate::model::{CallKind, CallOptions, Digest, Element, Hasher, RunId};

/// A generation of a run, as far as the ids of its children follow from it.
#[derive(Clone, Debug)]
pub struct Maker {
    /// The run.
    pub run: RunId,
    /// Its project.
    pub project: Option<String>,
    /// Its chapter.
    pub chapter: u32,
    /// Its generation.
    pub generation: u32,
}

impl Maker {
    /// The id of the child flow run that a call of this generation makes: by the author's idempotency key, or by the call's place.
    pub fn child_id(&self, kind: &CallKind, options: &CallOptions, element: Element) -> RunId {
        match (&options.idempotency_key, kind) {
            (Some(key), CallKind::Flow(called)) => {
                shared_child(called.project.as_deref().or(self.project.as_deref()), &called.flow, key, element)
            }
            _ => child(&self.run, self.chapter, &options.key, element, self.generation),
        }
    }
}

/// The id of a child flow run: from its parent, chapter, key, element and the generation whose call made it.
pub fn child(parent: &RunId, chapter: u32, key: &str, element: Element, generation: u32) -> RunId {
    run_id(
        Hasher::new()
            .part("child")
            .part(parent.as_str())
            .part(chapter.to_le_bytes())
            .part(key)
            .part(element_text(element))
            .part(generation.to_le_bytes()),
    )
}

/// The id of a child that the author named by an idempotency key: two calls with one key share one child.
pub fn shared_child(project: Option<&str>, flow: &str, key: &str, element: Element) -> RunId {
    run_id(
        Hasher::new().part("shared").part(project.unwrap_or_default()).part(flow).part(key).part(element_text(element)),
    )
}

/// What an act passes on so that the outside can tell a repetition: the same in all attempts and generations.
pub fn idempotency_key(run: &RunId, chapter: u32, key: &str, element: Element, input: &Digest) -> String {
    let digest = Hasher::new()
        .part("act")
        .part(run.as_str())
        .part(chapter.to_le_bytes())
        .part(key)
        .part(element_text(element))
        .part(input.as_str())
        .digest();
    // 128 bits are plenty, and container names stay readable.
    digest.hex().chars().take(32).collect()
}

/// The seed of one attempt: the same when that attempt is run again, another in the next.
pub fn attempt_seed(run_seed: u64, chapter: u32, key: &str, element: Element, number: u32) -> u64 {
    Hasher::new()
        .part("attempt")
        .part(run_seed.to_le_bytes())
        .part(chapter.to_le_bytes())
        .part(key)
        .part(element_text(element))
        .part(number.to_le_bytes())
        .seed()
}

/// The seed of what a chapter's flow sees: another in each, since each begins anew.
pub fn chapter_seed(run_seed: u64, chapter: u32) -> u64 {
    if chapter == 1 {
        return run_seed;
    }
    Hasher::new().part("chapter").part(run_seed.to_le_bytes()).part(chapter.to_le_bytes()).seed()
}

/// A number from 0.0 to 1.0 for the jitter of a retry's delay.
pub fn chance(run_seed: u64, key: &str, element: Element, number: u32) -> f64 {
    let seed = Hasher::new()
        .part("jitter")
        .part(run_seed.to_le_bytes())
        .part(key)
        .part(element_text(element))
        .part(number.to_le_bytes())
        .seed();
    // 53 bits fit a float exactly.
    (seed >> 11) as f64 / (1u64 << 53) as f64
}

fn element_text(element: Element) -> String {
    element.map(|element| element.to_string()).unwrap_or_default()
}

/// Written like a UUID of version 8 (RFC 9562): a hash of our own making.
fn run_id(hasher: Hasher) -> RunId {
    let digest = hasher.digest();
    let hex = digest.hex();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    RunId::new(format!("{}-{}-8{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32)))
}
