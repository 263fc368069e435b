//! Secrets for a check with typed settings: from the environment, from a file, from the terminal;
//! never from the argument list, which every user of the machine can read.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::Path;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;

use crate::cli;
use crate::failure::{Failure, Reason};

/// The variable.
pub(in crate::admin) const VARIABLE: &str = "PMSSL_SECRET";

/// Longest line that is read of a file, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Finds the secret of a setting.
///
/// # Errors
/// An unreadable file; no terminal to ask on.
pub(super) fn obtain(label: &str, file: Option<&Path>) -> Result<SecretString, Failure> {
    if let Some(file) = file {
        let line = line_of(file).map_err(|error| {
            Failure::field(Reason::PlatformFile, file.display().to_string()).because(error)
        })?;
        return Ok(first_line(&line));
    }
    if let Ok(text) = std::env::var(VARIABLE) {
        return Ok(first_line(&text));
    }
    if !std::io::stdin().is_terminal() {
        return Err(cli::needed("--secret-file").detail(words!(
            "Without a terminal the secret comes from a file or from the variable {VARIABLE}",
            "Без терминала секрет берётся из файла или из переменной {VARIABLE}"
        )));
    }
    ask(label).map_err(|error| Failure::new(Reason::BrokenInput).because(error))
}

/// The first line of a file or a pipe: nothing else of it matters, and it may have no end.
fn line_of(file: &Path) -> std::io::Result<String> {
    let mut line = String::new();
    BufReader::new(File::open(file)?.take(LONGEST)).read_line(&mut line)?;
    Ok(line)
}

fn first_line(text: &str) -> SecretString {
    SecretString::from(text.lines().next().unwrap_or_default().to_owned())
}

/// Asks on the terminal without showing what is typed.
fn ask(label: &str) -> std::io::Result<SecretString> {
    let mut terminal = File::options().read(true).write(true).open("/dev/tty")?;
    write!(terminal, "{label}: ")?;
    terminal.flush()?;
    let quiet = Quiet::new(&terminal)?;
    let typed = type_line(BufReader::new(&terminal));
    drop(quiet);
    writeln!(terminal)?;
    Ok(first_line(&typed?))
}

/// A terminal that shows nothing and gives its keys one by one, Ctrl-C among them: as a signal it would
/// end the program before the terminal is as it was.
struct Quiet<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Quiet<'a> {
    fn new(terminal: &'a File) -> std::io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut quiet = before.clone();
        quiet
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(terminal, OptionalActions::Flush, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.terminal, OptionalActions::Flush, &self.before);
    }
}

/// A line of keys, with the few that every terminal edits with.
fn type_line(keys: impl BufRead) -> std::io::Result<String> {
    const CTRL_C: u8 = 3;
    const CTRL_D: u8 = 4;
    const CTRL_U: u8 = 21;
    const CTRL_Z: u8 = 26;
    const CTRL_BACKSLASH: u8 = 28;
    let mut line = Vec::new();
    for key in keys.bytes() {
        match key? {
            b'\n' | b'\r' | CTRL_D => break,
            CTRL_C | CTRL_Z | CTRL_BACKSLASH => {
                // Not `Interrupted`: readers try again after that.
                return Err(std::io::Error::other("it was interrupted"));
            }
            CTRL_U => line.clear(),
            8 | 127 => {
                // A whole character: its first byte is none that continues one.
                while line.pop().is_some_and(|byte: u8| byte & 0xc0 == 0x80) {}
            }
            key => line.push(key),
        }
    }
    String::from_utf8(line)
        .map_err(|_| std::io::Error::new(std::io::ErrorKind::InvalidData, "it is not UTF-8 text"))
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

    #[test]
    fn an_endless_file_ends_and_a_pipe_is_read_up_to_its_first_line() {
        let secret = obtain("Password", Some(Path::new("/dev/zero"))).unwrap();
        assert_eq!(secret.expose_secret().len(), 64 * 1024);
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"pass\nmore").unwrap();
        let place = format!("/dev/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&reader));
        // Its other end stays open.
        let secret = obtain("Password", Some(Path::new(&place))).unwrap();
        assert_eq!(secret.expose_secret(), "pass");
    }

    #[test]
    fn a_typed_line_is_edited_and_ends_with_the_usual_keys() {
        for (keys, line) in [
            ("pass word\nmore", "pass word"),
            ("pass\r", "pass"),
            ("pasé\u{7f}x\u{8}s\u{4}", "pass"),
            ("wrong\u{15}right\n", "right"),
            ("\u{7f}\n", ""),
        ] {
            assert_eq!(type_line(keys.as_bytes()).unwrap(), line, "{keys:?}");
        }
        for keys in ["pas\u{3}s\n", "\u{1a}", "\u{1c}"] {
            assert!(type_line(keys.as_bytes()).is_err(), "{keys:?}");
        }
    }

    #[test]
    fn the_terminal_is_as_it_was_after_ctrl_c() {
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let name = Path::new(name.to_str().unwrap());
        let terminal = File::options().read(true).write(true).open(name).unwrap();
        let before = tcgetattr(&terminal).unwrap().local_modes;
        assert!(before.contains(LocalModes::ECHO | LocalModes::ISIG));
        let quiet = Quiet::new(&terminal).unwrap();
        let during = tcgetattr(&terminal).unwrap().local_modes;
        assert!(!during.intersects(LocalModes::ECHO | LocalModes::ISIG));
        rustix::io::write(&master, b"sec\x03").unwrap();
        assert!(type_line(BufReader::new(&terminal)).is_err());
        drop(quiet);
        assert_eq!(tcgetattr(&terminal).unwrap().local_modes, before);
    }
}
