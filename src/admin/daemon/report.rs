//! What a run by hand tells: the table of `--once`, the lines of `--dry-run`. The log is English, always.

use chrono::NaiveDate;

use super::pass::{Count, Summary};
use crate::admin::output::{Cell, Tone, View};
use crate::domain::ItemId;
use crate::failure::Failure;
use crate::module::{self, Module, Text};
use crate::order::replacement::Decision;

const MODULE: Text = Text::new("module", "модуль");
const CALLS: Text = Text::new("calls", "вызовы");
const ENDED_EARLY: Text = Text::new("ended early: __why__", "закончен раньше: __why__");
const NOTHING: Text = Text::new("nothing to do", "делать нечего");
const LINE: Text = Text::new(
    "__module__ service __item__: __what__",
    "__module__, услуга __item__: __what__",
);
const AWAITED: Text = Text::new("its order is checked", "проверяется её заказ");
const NO_CERTIFICATE: Text = Text::new("it has no certificate", "у неё нет сертификата");
const ENDS: Text = Text::new(
    "its certificate expires on __end__: __what__",
    "её сертификат действует до __end__: __what__",
);

/// What a pass would look at.
#[derive(Debug)]
pub(super) struct DryRunLine {
    pub(super) module: &'static Module,
    pub(super) item: ItemId,
    pub(super) outcome: DryRunOutcome,
}

/// What becomes of one service.
#[derive(Debug)]
pub(super) enum DryRunOutcome {
    /// Its order is followed.
    Awaited,
    /// There is nothing to replace.
    NoCertificate,
    /// Its certificate ends and is replaced from a day on.
    Certificate {
        end: NaiveDate,
        due: NaiveDate,
        decision: Decision,
    },
}

impl DryRunOutcome {
    /// The word in JSON.
    fn word(&self) -> &'static str {
        match self {
            Self::Awaited => "followed",
            Self::NoCertificate => "no-certificate",
            Self::Certificate { decision, .. } => match decision {
                Decision::Nothing => "nothing",
                Decision::AskTerm => "ask-term",
                Decision::Reissue => "reissue",
                Decision::Notify => "notify",
                Decision::Task => "task",
                Decision::LeaveToRenewal => "left-to-renewal",
            },
        }
    }

    fn text(&self, view: &View) -> String {
        match self {
            Self::Awaited => view.say(&AWAITED).to_owned(),
            Self::NoCertificate => view.say(&NO_CERTIFICATE).to_owned(),
            Self::Certificate { end, due, decision } => {
                let what = view.say(&words(*decision));
                let what = what.replace("__due__", &due.to_string());
                let ends = view.say(&ENDS).replace("__end__", &end.to_string());
                ends.replace("__what__", &what)
            }
        }
    }
}

fn words(decision: Decision) -> Text {
    match decision {
        Decision::Nothing => Text::new("nothing before __due__", "до __due__ ничего не требуется"),
        Decision::AskTerm => Text::new(
            "the vendor is asked for the end of the term",
            "у поставщика запрашивается конец срока",
        ),
        Decision::Reissue => Text::new("a reissue is due", "пора перевыпускать"),
        Decision::Notify => Text::new(
            "a reissue is due, the client is told",
            "пора перевыпускать, клиент получит уведомление",
        ),
        Decision::Task => Text::new(
            "a reissue is due, the administrator gets a task",
            "пора перевыпускать, администратор получит задачу",
        ),
        Decision::LeaveToRenewal => Text::new("it is left to the renewal", "отложено до продления"),
    }
}

/// What a pass would look at.
pub(super) fn lines(view: &View, lines: &[DryRunLine]) -> Result<String, Failure> {
    if view.json {
        let all: Vec<_> = lines
            .iter()
            .map(|line| {
                serde_json::json!({
                    "module": line.module.name,
                    "item": line.item.0,
                    "outlook": line.outcome.word(),
                    "text": line.outcome.text(view),
                })
            })
            .collect();
        return view.json(&all);
    }
    if lines.is_empty() {
        return Ok(format!("{}\n", view.say(&NOTHING)));
    }
    let text = lines.iter().map(|line| {
        let text = view.say(&LINE).replace("__module__", line.module.name);
        let text = text.replace("__item__", &line.item.to_string());
        format!("{}\n", text.replace("__what__", &line.outcome.text(view)))
    });
    Ok(text.collect())
}

/// The summary of `--once`.
pub(super) fn summary(
    view: &View,
    summaries: &[Result<Summary, Failure>],
) -> Result<String, Failure> {
    if view.json {
        let all: Vec<_> = summaries.iter().map(|one| document(view, one)).collect();
        return view.json(&all);
    }
    let heads: Vec<&str> = [&MODULE]
        .into_iter()
        .chain(Count::ALL.iter().map(|(_, word)| word))
        .chain([&CALLS])
        .map(|text| view.say(text))
        .collect();
    // Passes end in any order. Names under which nothing stands would only hide the others.
    let mut passes: Vec<&Summary> = summaries
        .iter()
        .filter_map(|one| one.as_ref().ok())
        .filter(|one| one.found > 0 || one.calls > 0 || is_plain(one.module))
        .collect();
    passes.sort_by_key(|one| module::all().position(|module| module.name == one.module));
    let rows: Vec<Vec<Cell>> = passes
        .iter()
        .map(|summary| {
            let count = |count| summary.counts.get(&count).copied().unwrap_or_default();
            let numbers = Count::ALL.iter().map(|(one, _)| count(*one));
            std::iter::once(summary.module.into())
                .chain(
                    numbers
                        .map(u64::from)
                        .chain([summary.calls])
                        .map(|number| number.to_string().into()),
                )
                .collect()
        })
        .collect();
    let mut text = view.table(&heads, &rows);
    let mut remark = |tone, words: &str| text.push_str(&format!("{}\n", view.paint(tone, words)));
    for summary in passes {
        if let Some(why) = summary.ended_early {
            let early = view.say(&ENDED_EARLY).replace("__why__", view.say(&why));
            remark(Tone::Warning, &format!("{}: {early}", summary.module));
        }
    }
    for failure in summaries.iter().filter_map(|one| one.as_ref().err()) {
        remark(Tone::Bad, &view.failure(failure));
    }
    Ok(text)
}

fn is_plain(name: &str) -> bool {
    module::by_name(name).is_some_and(|module| !module.is_renamed())
}

fn document(view: &View, summary: &Result<Summary, Failure>) -> serde_json::Value {
    match summary {
        Ok(summary) => {
            let counts: serde_json::Map<String, serde_json::Value> = Count::ALL
                .iter()
                .map(|(count, word)| {
                    let number = summary.counts.get(count).copied().unwrap_or_default();
                    (word.en.replace(' ', "_"), number.into())
                })
                .collect();
            serde_json::json!({
                "module": summary.module,
                "found": summary.found,
                "counts": counts,
                "calls": summary.calls,
                "failed_calls": summary.failed_calls,
                "ended_early": summary.ended_early.map(|why| why.en),
            })
        }
        Err(failure) => serde_json::json!({ "error": view.failure(failure) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::daemon::pass::ASKED_TO_STOP;
    use crate::failure::{Language, Reason};
    use crate::module::MODULES;

    fn view(language: Language, json: bool) -> View {
        View {
            language,
            json,
            color: false,
        }
    }

    fn summaries() -> Vec<Result<Summary, Failure>> {
        let counts = [(Count::Looked, 12), (Count::Delivered, 2)].into();
        let whole = Summary {
            module: MODULES[0].name,
            found: 12,
            counts,
            calls: 14,
            failed_calls: 1,
            ended_early: None,
        };
        let stopped = Summary {
            module: MODULES[1].name,
            ended_early: Some(ASKED_TO_STOP),
            ..Summary::default()
        };
        let idle = Summary {
            module: MODULES[0].beside().name,
            ..Summary::default()
        };
        let failure = Failure::new(Reason::Database).detail(words!(
            "no answer within {} s",
            "нет ответа за {} с",
            5
        ));
        vec![Ok(stopped), Ok(idle), Ok(whole), Err(failure)]
    }

    #[test]
    fn the_table_speaks_the_readers_language() {
        for (name, language) in [("en", Language::English), ("ru", Language::Russian)] {
            let text = summary(&view(language, false), &summaries()).unwrap();
            insta::assert_snapshot!(format!("summary-{name}"), text);
        }
        let text = summary(&view(Language::English, true), &summaries()).unwrap();
        insta::assert_snapshot!("summary-json", text);
    }

    #[test]
    fn a_dry_run_speaks_the_readers_language() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let certificate = |decision| DryRunOutcome::Certificate {
            end: day("2026-12-24"),
            due: day("2026-12-01"),
            decision,
        };
        let all = [
            DryRunOutcome::Awaited,
            DryRunOutcome::NoCertificate,
            certificate(Decision::Nothing),
            certificate(Decision::AskTerm),
            certificate(Decision::Reissue),
            certificate(Decision::Notify),
            certificate(Decision::Task),
            certificate(Decision::LeaveToRenewal),
        ];
        let all: Vec<DryRunLine> = all
            .into_iter()
            .zip(1..)
            .map(|(outcome, item)| DryRunLine {
                module: MODULES[0],
                item: ItemId(item),
                outcome,
            })
            .collect();
        for (name, language) in [("en", Language::English), ("ru", Language::Russian)] {
            let text = lines(&view(language, false), &all).unwrap();
            let none = lines(&view(language, false), &[]).unwrap();
            insta::assert_snapshot!(format!("lines-{name}"), text + &none);
        }
        let text = lines(&view(Language::English, true), &all[..1]).unwrap();
        insta::assert_snapshot!("lines-json", text);
    }
}
