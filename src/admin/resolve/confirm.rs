//! The question before a person's word is written.

use std::io::{IsTerminal, Write};

use crate::admin::output::View;
use crate::cli;
use crate::failure::{Failure, Reason};

/// Asks on the terminal; without one nobody can say yes.
pub(in crate::admin) fn confirm(
    view: &View,
    evidence: &str,
    question: &str,
) -> Result<bool, Failure> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(cli::needed("--yes"));
    }
    let mut terminal = std::io::stderr();
    // A vendor's words must not rewrite the screen above a question about money.
    let text = view.harmless(&format!("{evidence}\n{question} [y/N] "));
    let told = write!(terminal, "{text}").and_then(|()| terminal.flush());
    let mut line = String::new();
    told.and_then(|()| stdin.read_line(&mut line))
        .map_err(|error| Failure::new(Reason::BrokenInput).because(error))?;
    Ok(is_yes(&line))
}

pub(super) fn is_yes(line: &str) -> bool {
    matches!(
        line.trim().to_lowercase().as_str(),
        "y" | "yes" | "д" | "да"
    )
}
