//! The one binary: the command, the owner of runs, and process 1 in containers.

fn main() {}
