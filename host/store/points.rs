//! Points: named moments at which a test kills this process (style.md, habit 11).
//!
//! `HEADWATER_TEST_POINT=durable:17` aborts when the 17th batch of this process is on disk and nobody has been told; `appended:17` when it
//! has been taken from the queue and is not on disk. With a point set every commit is one batch, so each boundary between two batches is
//! reachable. Release builds have no points.

/// When to abort.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Points {
    appended: Option<u64>,
    durable: Option<u64>,
}

impl Points {
    /// As the environment says.
    pub(super) fn from_environment() -> Points {
        if !cfg!(debug_assertions) {
            return Points::default();
        }
        std::env::var("HEADWATER_TEST_POINT").map(|text| Points::parse(&text)).unwrap_or_default()
    }

    fn parse(text: &str) -> Points {
        let number = |name: &str| text.strip_prefix(name)?.strip_prefix(':')?.parse().ok();
        Points { appended: number("appended"), durable: number("durable") }
    }

    /// Whether any is set.
    pub(super) fn any(self) -> bool {
        self.appended.is_some() || self.durable.is_some()
    }

    /// Batch `number` is about to be committed.
    pub(super) fn appended(self, number: u64) {
        abort_at(self.appended, number);
    }

    /// Batch `number` has been committed.
    pub(super) fn durable(self, number: u64) {
        abort_at(self.durable, number);
    }
}

fn abort_at(point: Option<u64>, number: u64) {
    if point == Some(number) {
        std::process::abort();
    }
}
