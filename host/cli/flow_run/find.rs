//! The run that a person means.

use crate::{
    cli::{error::CliError, words},
    store::{Resolved, Run, Store},
};
use headwater_core::model::RunId;

/// By its id, the beginning of one, or its name.
///
/// # Errors
/// Where it is none, or one of several.
pub(in crate::cli) fn find(store: &Store, word: &str) -> Result<Run, CliError> {
    match store.resolve(word)? {
        Resolved::One(run) => store.run(&run)?.ok_or_else(|| none(word)),
        Resolved::None => Err(none(word)),
        Resolved::Several(runs) => Err(several(store, word, &runs)),
    }
}

fn none(word: &str) -> CliError {
    CliError::user(format!("there is no flow run `{word}`"))
        .hint("`headwater flow-run ls` lists them; a run is named by its id, the beginning of it, or its name")
}

fn several(store: &Store, word: &str, runs: &[RunId]) -> CliError {
    let error = CliError::user(format!("`{word}` may be one of {}", words::counted(runs.len(), "flow run")));
    runs.iter().fold(error, |error, run| match store.run(run) {
        Ok(Some(run)) => error.hint(format!(
            "{} is `{}` of flow `{}`, made at {}",
            run.header.run,
            run.header.name,
            run.header.flow,
            words::date_time(run.header.created_at)
        )),
        _ => error.hint(run.to_string()),
    })
}
