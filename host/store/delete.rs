//! Deleting a run with everything that only it has: its children in the same tree, their journals, logs and requests.
//!
//! Artifacts stay until `gc` finds that nothing names them.

use super::{Store, StoreError, trees::living_owner};
use headwater_core::model::RunId;
use rusqlite::OptionalExtension as _;

impl Store {
    /// Deletes a root run and its tree.
    ///
    /// # Errors
    /// `NoSuchRun`; `NotARoot`; `Driven` where a living process drives it.
    pub fn delete(&self, run: &RunId) -> Result<(), StoreError> {
        self.write(|tx| {
            let sql = "select tree from runs where run = ?1";
            let tree: Option<String> = tx.query_row(sql, [run.as_str()], |row| row.get(0)).optional()?;
            let root = RunId::new(tree.ok_or_else(|| StoreError::NoSuchRun { run: run.clone() })?);
            if root != *run {
                return Err(StoreError::NotARoot { run: run.clone(), root });
            }
            if let Some(owner) = living_owner(self, tx, run)? {
                return Err(StoreError::Driven { run: run.clone(), owner: owner.to_string() });
            }
            for sql in [
                "delete from events where run in (select no from runs where tree = ?1)",
                "delete from log where run in (select no from runs where tree = ?1)",
                "delete from requests where run in (select run from runs where tree = ?1)",
                "delete from cache where run in (select run from runs where tree = ?1)",
                "delete from runs where tree = ?1",
                "delete from trees where tree = ?1",
            ] {
                tx.execute(sql, [run.as_str()])?;
            }
            Ok(())
        })
    }
}
