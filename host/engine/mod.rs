//! The shell around the pure core: runs carried out, one driver a run.
