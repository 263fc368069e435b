//! What the steps came to, and how it is shown.

use std::time::Duration;

use super::words::{BAD, GOOD, LOOK, SKIPPED};
use crate::admin::exit::Code;
use crate::admin::output::{Cell, Tone, View};
use crate::domain::AccountId;
use crate::module::Text;

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    Look,
    Bad,
    Skipped,
}

impl Verdict {
    /// The word in JSON.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Look => "look",
            Self::Bad => "bad",
            Self::Skipped => "skipped",
        }
    }

    fn label(self) -> (Text, Tone) {
        match self {
            Self::Good => (GOOD, Tone::Good),
            Self::Look => (LOOK, Tone::Warning),
            Self::Bad => (BAD, Tone::Bad),
            Self::Skipped => (SKIPPED, Tone::Faint),
        }
    }
}

/// One step.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) name: &'static Text,
    pub(super) verdict: Verdict,
    pub(super) text: String,
    pub(super) remedy: Option<&'static Text>,
    pub(super) time: Duration,
}

/// All steps of one account.
pub(super) struct Report {
    pub(super) account: Option<(AccountId, String)>,
    pub(super) module: &'static str,
    pub(super) steps: Vec<Step>,
}

impl Report {
    /// The worst step decides.
    pub(super) fn code(&self) -> Code {
        let has = |verdict| self.steps.iter().any(|step| step.verdict == verdict);
        match (has(Verdict::Bad), has(Verdict::Look)) {
            (true, _) => Code::Failed,
            (_, true) => Code::Warnings,
            _ => Code::Done,
        }
    }
}

fn title(report: &Report) -> String {
    match &report.account {
        Some((id, name)) => format!("{id} {name} ({})", report.module),
        None => report.module.to_owned(),
    }
}

/// For people.
pub(super) fn text(view: &View, report: &Report) -> String {
    let rows: Vec<Vec<Cell>> = report
        .steps
        .iter()
        .map(|step| {
            let (label, tone) = step.verdict.label();
            vec![
                format!("  {}", view.say(step.name)).into(),
                Cell::toned(view.say(&label), tone),
                format!("{} ms", step.time.as_millis()).into(),
                step.text.as_str().into(),
            ]
        })
        .collect();
    let mut text = format!("{}\n", view.paint(Tone::Head, &title(report)));
    let table = view.table(&["", "", "", ""], &rows);
    // The heads are empty.
    text.push_str(table.split_once('\n').map_or("", |(_, rows)| rows));
    for remedy in report.steps.iter().filter_map(|step| step.remedy) {
        text.push_str(&format!("  -> {}\n", view.say(remedy)));
    }
    text
}

/// For programs.
pub(super) fn json(report: &Report) -> serde_json::Value {
    let steps: Vec<_> = report
        .steps
        .iter()
        .map(|step| {
            serde_json::json!({
                "step": step.name.en,
                "verdict": step.verdict.word(),
                "text": step.text,
                "remedy": step.remedy.map(|remedy| remedy.en),
                "milliseconds": u64::try_from(step.time.as_millis()).unwrap_or(u64::MAX),
            })
        })
        .collect();
    serde_json::json!({
        "account": report.account.as_ref().map(|(id, _)| id.0),
        "name": report.account.as_ref().map(|(_, name)| name),
        "module": report.module,
        "verdict": match report.code() {
            Code::Done => "good",
            Code::Warnings => "look",
            _ => "bad",
        },
        "steps": steps,
    })
}

#[cfg(test)]
mod tests {
    use super::super::words::TLS;
    use super::*;

    #[test]
    fn the_worst_step_decides() {
        let step = |verdict| Step {
            name: &TLS,
            verdict,
            text: String::new(),
            remedy: None,
            time: Duration::ZERO,
        };
        let code = |verdicts: &[Verdict]| {
            let steps = verdicts.iter().map(|verdict| step(*verdict)).collect();
            Report {
                account: None,
                module: "m",
                steps,
            }
            .code()
        };
        use Verdict::{Bad, Good, Look, Skipped};
        assert_eq!(code(&[Good, Skipped]), Code::Done);
        assert_eq!(code(&[Good, Look]), Code::Warnings);
        assert_eq!(code(&[Look, Bad, Good]), Code::Failed);
    }
}
