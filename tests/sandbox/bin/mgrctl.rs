//! The program `mgrctl` of a world in tests: the client alone, which starts faster than the example `sandbox`, that
//! is `mgrctl`, too.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let program = PathBuf::from(arguments.next().unwrap_or_default());
    let arguments = arguments
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let code = pmssl_sandbox::mgrctl::client(&program, arguments);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
