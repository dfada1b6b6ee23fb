//! How large components are: what is copied, kept and compiled at the first use.
//!
//! The plugins of this repository, as `tests/bench` has built them.

use crate::row::Row;
use anyhow::{Context as _, Result};
use std::{env, fs, path::PathBuf};

const PLUGINS: [&str; 5] = ["archive", "csv", "http", "jq", "template"];

pub fn sizes() -> Result<Vec<Row>> {
    let folder = env::var_os("HEADWATER_TEST_GUESTS").context("`tests/bench` sets HEADWATER_TEST_GUESTS")?;
    let folder = PathBuf::from(folder);
    let size = |name: &str| {
        let file = folder.join(name).with_extension("wasm");
        let length = fs::metadata(&file).with_context(|| format!("there is no `{}`", file.display()))?.len();
        Ok(Row::of(format!("size of plugin `{name}`"), length as f64 / 1024.0, "KiB"))
    };
    PLUGINS.into_iter().map(size).collect()
}
