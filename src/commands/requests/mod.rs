//! docs/requests.md, made as a whole: each line of its tables has samples, which are answered as the line says.

mod content;
mod corpus;
mod delivery;
mod dns;
mod form;
mod order;
mod text;

use std::fmt::Write as _;

use super::check_param::check;
use crate::certificate::Csr;
use crate::failure::{Failure, Reason};
use crate::module;

/// What becomes of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Accepted,
    /// It goes on, and a warning is told.
    Warned,
    /// It goes on without this part.
    LeftOut,
    Refused(Reason),
}

impl Outcome {
    fn of<T>(found: &Result<T, Failure>) -> Self {
        match found {
            Ok(_) => Self::Accepted,
            Err(failure) => Self::Refused(failure.reason()),
        }
    }
}

/// Samples, and what became of each.
type Samples = Vec<(String, Outcome)>;

/// A line of a table: what stands there, what happens, by which rule.
struct Line {
    stands: &'static str,
    happens: &'static str,
    rule: &'static str,
    outcome: Outcome,
    samples: Samples,
}

fn line(
    stands: &'static str,
    happens: &'static str,
    rule: &'static str,
    outcome: Outcome,
    samples: Samples,
) -> Line {
    Line {
        stands,
        happens,
        rule,
        outcome,
        samples,
    }
}

/// A part of the page: its title, what stands before its table and behind it.
struct Section {
    title: &'static str,
    before: &'static str,
    lines: Vec<Line>,
    behind: &'static str,
}

fn fixture(name: &str) -> String {
    let path = format!(
        "{}/src/certificate/fixtures/{name}.pem",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What `check_param` says to texts of CSRs, and what it logs.
fn requests(texts: impl IntoIterator<Item = String>) -> Samples {
    let globalsign = module::by_name("pmglobalsign").unwrap();
    let said = |text: String| {
        let outcome = Outcome::of(&check(globalsign, "csr", &text));
        let is_remarked = outcome == Outcome::Accepted
            && Csr::parse(&text).is_ok_and(|csr| !csr.remarks().is_empty());
        (
            text,
            if is_remarked {
                Outcome::Warned
            } else {
                outcome
            },
        )
    };
    texts.into_iter().map(said).collect()
}

const HEAD: &str = "\
# What is examined before payment

One examination, the same for all five vendors, looks at the CSR, the names and the form before anything is paid
for. `check_param` answers by it while the client fills in the form: with `--param csr` the whole CSR is examined.
A refusal rests on a rule that binds every public authority, or on the vendor's own documentation; what is merely
unusual is a warning in the log.

This page is made from the tests: every line below stands for samples that are answered as it says.
";

fn page(sections: &[Section]) -> String {
    let mut page = HEAD.to_owned();
    for section in sections {
        let _ = write!(page, "\n## {}\n\n", section.title);
        if !section.before.is_empty() {
            let _ = write!(page, "{}\n\n", section.before);
        }
        page.push_str("| what stands there | what happens | rule |\n|---|---|---|\n");
        for line in &section.lines {
            let _ = writeln!(
                page,
                "| {} | {} | {} |",
                line.stands, line.happens, line.rule
            );
        }
        if !section.behind.is_empty() {
            let _ = write!(page, "\n{}\n", section.behind);
        }
    }
    page
}

#[test]
#[allow(clippy::print_stdout)] // The counts are told.
fn the_page_says_what_becomes_of_every_sample() {
    let sections = [
        text::section(),
        content::section(),
        form::section(),
        order::section(),
        dns::section(),
        delivery::section(),
    ];
    let mut counts = [0; 4];
    let mut wrong = Vec::new();
    for line in sections.iter().flat_map(|section| &section.lines) {
        assert!(!line.samples.is_empty(), "{}", line.stands);
        for (sample, outcome) in &line.samples {
            if *outcome != line.outcome {
                wrong.push(format!("{}: {outcome:?}: {sample}", line.stands));
            }
            counts[match outcome {
                Outcome::Accepted => 0,
                Outcome::Warned => 1,
                Outcome::LeftOut => 2,
                Outcome::Refused(_) => 3,
            }] += 1;
        }
        // Nothing is refused without a reason that binds others.
        let is_refused = matches!(line.outcome, Outcome::Refused(_));
        assert!(!is_refused || !line.rule.is_empty(), "{}", line.stands);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let [accepted, warned, left_out, refused] = counts;
    println!(
        "proof: requests: {accepted} samples accepted, {warned} with a warning, {left_out} left out, {refused} refused"
    );
    let made = page(&sections);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/requests.md");
    if std::env::var_os("PMSSL_UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(
        kept == made,
        "docs/requests.md is out of date: run PMSSL_UPDATE=1 cargo test --lib requests"
    );
}
