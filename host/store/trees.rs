//! Trees: who drives which root flow run and its in-process children, since which epoch, and when one that only waits is due.
//!
//! The check whether the owner lives and the claim are one transaction, so that two processes cannot both find it dead.

use super::{
    Owner, OwnerId, Store, StoreError,
    owners::{alive, not_fenced},
};
use headwater_core::model::{RunId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// A tree is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// To be shown to runners and recorded.
    pub epoch: u64,
    /// Another process drove it before: `OwnerChanged` has to be recorded and be durable before anything of it runs.
    pub taken_over: bool,
}

/// Why a tree is not ours.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ClaimError {
    /// A living process drives it.
    #[error("run `{tree}` is being driven by owner `{by}`")]
    Owned {
        /// Which.
        tree: RunId,
        /// By whom.
        by: OwnerId,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the store knows of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Its root.
    pub tree: RunId,
    /// None: it only waits, or has ended.
    pub owner: Option<OwnerId>,
    /// How often its owner has changed, from 1.
    pub epoch: u64,
    /// When it has something to do, where it only waits.
    pub due_at: Option<Timestamp>,
}

impl Owner {
    /// Takes a tree that no living process drives, and makes one that does not exist: whoever may start the same run as others claims it
    /// first and looks then whether it is there. What was appended before is durable when this returns, a release of the same tree with it.
    ///
    /// # Errors
    /// `Owned` where a living process drives it.
    pub fn claim(&self, tree: &RunId) -> Result<Claim, ClaimError> {
        self.writer().flush()?;
        let home = self.store().home();
        self.store().write(|tx| {
            not_fenced(tx, self.id())?;
            let me = self.id().as_str();
            let Some((owner, last_owner, epoch)) = row(tx, tree)? else {
                tx.execute(
                    "insert into trees (tree, owner, last_owner, epoch) values (?1, ?2, ?2, 1)",
                    params![tree.as_str(), me],
                )?;
                return Ok(Ok(Claim { epoch: 1, taken_over: false }));
            };
            if let Some(by) = owner.filter(|by| by.as_str() != me)
                && alive(home, tx, &by)?
            {
                return Ok(Err(ClaimError::Owned { tree: tree.clone(), by }));
            }
            let taken_over = last_owner != me;
            let epoch = epoch + i64::from(taken_over);
            tx.execute(
                "update trees set owner = ?2, last_owner = ?2, epoch = ?3, due_at = null where tree = ?1",
                params![tree.as_str(), me, epoch],
            )?;
            Ok(Ok(Claim { epoch: epoch.cast_unsigned(), taken_over }))
        })?
    }
}

impl Store {
    /// What is known of a tree.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn tree(&self, tree: &RunId) -> Result<Option<Tree>, StoreError> {
        self.read(|db| {
            let mut statement = db.prepare_cached("select tree, owner, epoch, due_at from trees where tree = ?1")?;
            Ok(statement.query_row([tree.as_str()], tree_of).optional()?)
        })
    }

    /// Who drives a tree; where it sleeps or has ended, who drove it last.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn last_owner(&self, tree: &RunId) -> Result<Option<OwnerId>, StoreError> {
        self.read(|db| Ok(row(db, tree)?.map(|(owner, last, _)| owner.unwrap_or_else(|| OwnerId::new(&last)))))
    }

    /// Trees without an owner that have something to do by now, those that are overdue the longest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn due(&self, now: Timestamp) -> Result<Vec<Tree>, StoreError> {
        let sql = "select tree, owner, epoch, due_at from trees where owner is null and due_at is not null and due_at <= ?1 order by due_at, tree";
        self.read(|db| {
            Ok(db.prepare_cached(sql)?.query_map([now.0.cast_signed()], tree_of)?.collect::<Result<_, _>>()?)
        })
    }

    /// When the next tree without an owner has something to do.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "select min(due_at) from trees where owner is null and due_at is not null";
        let due: Option<i64> = self.read(|db| Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?))?;
        Ok(due.map(|at| Timestamp(at.cast_unsigned())))
    }

    /// Trees whose owner died or was fenced while it drove them.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn orphans(&self) -> Result<Vec<Tree>, StoreError> {
        self.read(|db| {
            let sql = "select tree, owner, epoch, due_at from trees where owner is not null order by tree";
            let owned = db.prepare_cached(sql)?.query_map([], tree_of)?.collect::<Result<Vec<_>, _>>()?;
            let mut orphans = Vec::new();
            for tree in owned {
                let lives = match &tree.owner {
                    Some(owner) => alive(self.home(), db, owner)?,
                    None => true,
                };
                if !lives {
                    orphans.push(tree);
                }
            }
            Ok(orphans)
        })
    }
}

/// The living owner of a tree.
pub(super) fn living_owner(store: &Store, db: &Connection, tree: &RunId) -> Result<Option<OwnerId>, StoreError> {
    match row(db, tree)? {
        Some((Some(owner), ..)) if alive(store.home(), db, &owner)? => Ok(Some(owner)),
        _ => Ok(None),
    }
}

fn row(db: &Connection, tree: &RunId) -> Result<Option<(Option<OwnerId>, String, i64)>, StoreError> {
    let mut statement = db.prepare_cached("select owner, last_owner, epoch from trees where tree = ?1")?;
    let found = statement.query_row([tree.as_str()], |row| {
        let owner: Option<String> = row.get(0)?;
        Ok((owner.map(|owner| OwnerId::new(&owner)), row.get(1)?, row.get(2)?))
    });
    Ok(found.optional()?)
}

fn tree_of(row: &Row<'_>) -> rusqlite::Result<Tree> {
    let owner: Option<String> = row.get(1)?;
    let due_at: Option<i64> = row.get(3)?;
    Ok(Tree {
        tree: RunId::new(row.get::<_, String>(0)?),
        owner: owner.map(|owner| OwnerId::new(&owner)),
        epoch: row.get::<_, i64>(2)?.cast_unsigned(),
        due_at: due_at.map(|at| Timestamp(at.cast_unsigned())),
    })
}
