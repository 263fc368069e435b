//! Arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    pmssl::run(std::env::args_os().collect())
}
