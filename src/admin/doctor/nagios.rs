//! The answer for Nagios and those that run its plugins (Icinga, Naemon, Zabbix by a wrapper): state and numbers in the
//! first line, everything that was found below it, each kind once.

use super::findings::{Finding, Findings, Gravity};
use crate::admin::exit::Plugin;
use crate::admin::output::{AdminAnswer, View};
use crate::failure::Failure;
use crate::module::Text;

const SUMMARY: Text = Text::new(
    "__bad__ broken, __look__ to look at",
    "неисправностей: __bad__, требует внимания: __look__",
);
const FURTHER: Text = Text::new(", and __count__ more", ", и ещё __count__");

/// The answer.
pub(super) fn answer(view: &View, findings: &Findings<'_>) -> AdminAnswer {
    let count = |gravity| findings.count_of(gravity);
    let (bad, look, good) = (
        count(Gravity::Bad),
        count(Gravity::Look),
        count(Gravity::Good),
    );
    let state = match (bad, look) {
        (0, 0) => Plugin::Ok,
        (0, _) => Plugin::Warning,
        _ => Plugin::Critical,
    };
    let summary = view
        .say(&SUMMARY)
        .replace("__bad__", &bad.to_string())
        .replace("__look__", &look.to_string());
    let mut text = first_line(state, &summary);
    // Thresholds as they are: one thing to look at is a warning, one broken thing is critical.
    text.push_str(&format!(
        " | broken={bad};;0;0 look={look};0;;0 good={good};;;0\n"
    ));
    let mut first: Vec<&Finding> = Vec::new();
    let troubles = findings.list.iter();
    for finding in troubles.filter(|one| one.kind.gravity != Gravity::Good) {
        if first.iter().all(|known| known.kind.id != finding.kind.id) {
            first.push(finding);
        }
    }
    first.sort_by_key(|finding| std::cmp::Reverse(finding.kind.gravity));
    for finding in first {
        let id = finding.kind.id;
        let count = findings.counts.get(id).copied().unwrap_or(1);
        let more = match count {
            0 | 1 => String::new(),
            count => view
                .say(&FURTHER)
                .replace("__count__", &(count - 1).to_string()),
        };
        let word = finding.kind.gravity.word();
        text.push_str(&format!("{word} {id}: {}{more}\n", plain(&finding.text)));
    }
    AdminAnswer::new(text, state)
}

/// What cannot be found out is no state of the installation.
pub(in crate::admin) fn unknown(view: &View, failure: &Failure) -> AdminAnswer {
    let text = first_line(Plugin::Unknown, &plain(&view.failure(failure)));
    AdminAnswer::new(format!("{text}\n"), Plugin::Unknown)
}

fn first_line(state: Plugin, words: &str) -> String {
    format!("PMSSL {} - {words}", state.word())
}

/// One line without the character that begins the numbers.
fn plain(text: &str) -> String {
    text.replace('|', "/").replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::super::findings;
    use super::*;
    use crate::failure::{Language, Reason};

    const VIEW: View = View {
        language: Language::English,
        json: false,
        color: false,
    };

    fn told(kinds: &[&'static findings::FindingKind]) -> (String, u8) {
        let mut all = Findings::new(&VIEW);
        for (number, kind) in kinds.iter().enumerate() {
            all.add(kind, &format!("{number}|x"), "");
        }
        let answer = answer(&VIEW, &all);
        (answer.text, answer.end.number())
    }

    #[test]
    fn the_first_line_has_state_and_numbers() {
        let cases: [(&[&'static findings::FindingKind], &str, u8); 3] = [
            (
                &[&findings::SERVICES_GOOD],
                "PMSSL OK - 0 broken, 0 to look at | broken=0;;0;0 look=0;0;;0 good=1;;;0",
                0,
            ),
            (
                &[&findings::SERVICES_GOOD, &findings::OPTION],
                "PMSSL WARNING - 0 broken, 1 to look at | broken=0;;0;0 look=1;0;;0 good=1;;;0",
                1,
            ),
            (
                &[&findings::OPTION, &findings::OVER, &findings::OVER],
                "PMSSL CRITICAL - 2 broken, 1 to look at | broken=2;;0;0 look=1;0;;0 good=0;;;0",
                2,
            ),
        ];
        for (kinds, first, code) in cases {
            let (text, number) = told(kinds);
            assert_eq!((text.lines().next(), number), (Some(first), code));
            assert_eq!(text.matches('|').count(), 1, "{text}");
        }
    }

    #[test]
    fn each_kind_stands_once_and_the_gravest_first() {
        let (text, _) = told(&[&findings::OPTION, &findings::OVER, &findings::OVER]);
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines[0].starts_with("bad ") && lines[0].ends_with(", and 1 more"));
        assert!(lines[1].starts_with("look "));
    }

    #[test]
    fn what_cannot_be_examined_is_unknown() {
        let failure = Failure::new(Reason::Database)
            .detail(crate::domain::text::Words::verbatim("refused | twice"));
        let answer = unknown(&VIEW, &failure);
        assert_eq!(answer.end.number(), 3);
        assert!(answer.text.starts_with("PMSSL UNKNOWN - ") && !answer.text.contains('|'));
    }
}
