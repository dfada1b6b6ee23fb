//! The one binary: the command, the owner of runs, and process 1 in containers.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = headwater::runner::main_if_asked() {
        return code;
    }
    headwater::cli::main()
}
