//! The one binary: the command, the owner of runs, and process 1 in containers.

use std::process::ExitCode;

fn main() -> ExitCode {
    headwater::cli::main()
}
