//! Secrets for a check with typed settings: from the environment, from a file, from the terminal;
//! never from the argument list, which every user of the machine can read.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::Path;

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use secrecy::SecretString;

use crate::cli;
use crate::failure::{Failure, Reason};

/// The variable.
pub(super) const VARIABLE: &str = "PMSSL_SECRET";

/// Finds the secret of a setting.
///
/// # Errors
/// An unreadable file; no terminal to ask on.
pub(super) fn obtain(label: &str, file: Option<&Path>) -> Result<SecretString, Failure> {
    if let Some(file) = file {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Failure::field(Reason::PlatformFile, file.display().to_string()).because(error)
        })?;
        return Ok(first_line(&text));
    }
    if let Ok(text) = std::env::var(VARIABLE) {
        return Ok(first_line(&text));
    }
    if !std::io::stdin().is_terminal() {
        return Err(cli::missing("--secret-file").detail(format!(
            "Without a terminal the secret comes from a file or from the variable {VARIABLE}"
        )));
    }
    ask(label).map_err(|error| Failure::new(Reason::BrokenInput).because(error))
}

fn first_line(text: &str) -> SecretString {
    SecretString::from(text.lines().next().unwrap_or_default().to_owned())
}

/// Asks on the terminal without showing what is typed.
fn ask(label: &str) -> std::io::Result<SecretString> {
    let mut terminal = File::options().read(true).write(true).open("/dev/tty")?;
    write!(terminal, "{label}: ")?;
    terminal.flush()?;
    let before = tcgetattr(&terminal)?;
    let mut quiet = before.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &quiet)?;
    let mut line = String::new();
    let outcome = BufReader::new(&terminal).read_line(&mut line);
    tcsetattr(&terminal, OptionalActions::Flush, &before)?;
    writeln!(terminal)?;
    outcome?;
    Ok(first_line(&line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_file_gives_its_first_line() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b" pass word #1\r\nsecond\n").unwrap();
        let secret = obtain("Password", Some(file.path())).unwrap();
        assert_eq!(secret.expose_secret(), " pass word #1");
        let failure = obtain("Password", Some(Path::new("/nonexistent"))).unwrap_err();
        assert_eq!(failure.object(), "/nonexistent");
    }
}
