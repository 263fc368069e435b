//! What `pmssl retry` tells: service by service at once, and what it comes to.

use crate::admin::exit::Code;
use crate::admin::orders::Judged;
use crate::admin::output::{AdminAnswer, Cell, Pages, Tone, View};
use crate::failure::Failure;
use crate::module::{Module, Text};
use crate::order::position::Position;
use crate::platform::billmanager::overview::QueuedLine;

const SERVICE: Text = Text::new("service", "услуга");
const NAME: Text = Text::new("name", "имя");
const ACCOUNT: Text = Text::new("account", "обработчик");
const OPERATION: Text = Text::new("operation", "операция");
const TRIES: Text = Text::new("tries", "попыток");
const RESULT: Text = Text::new("result", "результат");
const NEXT: Text = Text::new("next", "что делать");
const TO_RESTART: Text = Text::new("to be restarted", "к перезапуску");
const RESTARTED: Text = Text::new("restarted", "перезапущена");
const FAILED: Text = Text::new("not restarted: __why__", "не перезапущена: __why__");
const LEFT_OUT: Text = Text::new("left out: __why__", "пропущена: __why__");
const NONE: Text = Text::new("no service matches", "подходящих услуг нет");
const COUNT_TO_RESTART: Text = Text::new("to be restarted", "к перезапуску");
const COUNT_RESTARTED: Text = Text::new("restarted", "перезапущено");
const COUNT_FAILED: Text = Text::new("not restarted", "не удалось перезапустить");
const COUNT_LEFT_OUT: Text = Text::new("left out", "пропущено");
const COUNT_IDLE: Text = Text::new("without an open operation", "без открытых операций");

/// Why a service is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// A person was given its order.
    Person,
    /// The order of a former module may exist.
    Former,
    /// A paid call's outcome is not known.
    Unsettled,
    /// What is stored about its order cannot be read.
    Unreadable,
    /// It needs somebody's look, and no operation is there to be restarted.
    NoOperation,
    /// The same of a service that needs nothing.
    Idle,
    /// BILLmanager would restart all of several operations, a deletion among them.
    Several,
    /// BILLmanager goes on by itself.
    GoesOn,
}

impl Left {
    fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Former => "former-module",
            Self::Several => "several-operations",
            Self::Unsettled => "unknown",
            Self::Unreadable => "unreadable",
            Self::NoOperation | Self::Idle => "no-operation",
            Self::GoesOn => "tries-left",
        }
    }

    fn text(self) -> Text {
        match self {
            Self::Person => Text::new(
                "a person has to settle its order first",
                "сначала человек должен решить, что с заказом",
            ),
            Self::Former => Text::new(
                "the former module may have ordered it: check the vendor's panel first",
                "её мог заказать прежний модуль: сначала проверьте в панели поставщика",
            ),
            Self::Several => Text::new(
                "a deletion waits beside the operation, and BILLmanager would restart both",
                "рядом с операцией ждёт удаление, и BILLmanager перезапустил бы обе",
            ),
            Self::Unsettled => Text::new(
                "it is not known whether its order arrived at the vendor",
                "неизвестно, дошёл ли заказ до поставщика",
            ),
            Self::Unreadable => Text::new(
                "what is stored about its order cannot be read",
                "сохранённая запись о заказе не читается",
            ),
            Self::NoOperation | Self::Idle => Text::new(
                "BILLmanager has no open operation for it",
                "в BILLmanager для неё нет открытой операции",
            ),
            Self::GoesOn => Text::new(
                "BILLmanager runs it again by itself",
                "BILLmanager повторит её сам",
            ),
        }
    }

    /// What to type next, before the service's number.
    fn next(self) -> &'static str {
        match self {
            Self::Person | Self::Unsettled | Self::Unreadable => "pmssl resolve --item",
            Self::NoOperation | Self::Idle => "pmssl show --item",
            Self::GoesOn | Self::Former | Self::Several => "pmssl retry --item",
        }
    }
}

/// What became of a service.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Would be restarted.
    ToRestart,
    /// BILLmanager has taken it.
    Restarted,
    /// BILLmanager refused, or could not be asked.
    Failed(Failure),
    /// Left as it is.
    Left(Left),
}

/// A service that was asked for.
#[derive(Debug)]
pub(super) struct Row {
    /// Its number.
    pub(super) item: u64,
    /// Its certificate's name.
    pub(super) name: String,
    /// Its module.
    pub(super) module: &'static Module,
    /// Its account.
    pub(super) account: u64,
    /// Where it stands.
    pub(super) position: Position,
    /// The operation that is or would be restarted, or the first one.
    pub(super) operation: Option<QueuedLine>,
}

impl Row {
    /// A service as a list has it; with the operation that is to be restarted.
    pub(super) fn of(service: &Judged, operation: Option<&QueuedLine>) -> Self {
        let line = &service.line;
        Self {
            item: line.item,
            name: service.names().first().unwrap_or(&line.name).clone(),
            module: service.module,
            account: line.account,
            position: service.position(),
            operation: operation.or(service.queued.first()).cloned(),
        }
    }
}

/// What is told on the way, and what it comes to.
pub(super) struct Report<'a> {
    view: &'a View,
    pages: Pages,
    /// No service was found.
    pub(super) is_empty: bool,
    /// Services that would be restarted.
    pub(super) to_restart: usize,
    /// Services that were.
    pub(super) restarted: usize,
    failed: usize,
    left_out: usize,
    idle: usize,
    /// The worst of what was left out.
    worst: Code,
}

impl<'a> Report<'a> {
    /// Nothing told yet.
    pub(super) fn new(view: &'a View) -> Self {
        Self {
            view,
            pages: Pages::default(),
            is_empty: true,
            to_restart: 0,
            restarted: 0,
            failed: 0,
            left_out: 0,
            idle: 0,
            worst: Code::Done,
        }
    }

    /// Prints at once. What nobody reads any more is done all the same: it was asked for.
    ///
    /// # Errors
    /// A value that is no JSON.
    pub(super) fn tell(&mut self, mut lines: Vec<(Row, Outcome)>) -> Result<(), Failure> {
        for (_, outcome) in &lines {
            self.count(outcome);
        }
        let view = self.view;
        let text = if view.json {
            let values: Vec<_> = lines.iter().map(|(row, what)| json(row, what)).collect();
            self.pages.json(view, &values)?
        } else {
            // Those that need nothing are counted only: a shop has thousands.
            lines.retain(|(_, outcome)| !matches!(outcome, Outcome::Left(Left::Idle)));
            let rows: Vec<_> = lines
                .iter()
                .map(|(row, what)| cells(view, row, what))
                .collect();
            let heads = [SERVICE, NAME, ACCOUNT, OPERATION, RESULT, NEXT];
            self.pages
                .table(view, &heads.map(|head| view.say(&head)), &rows)
        };
        let _ = view.print(&text);
        Ok(())
    }

    fn count(&mut self, outcome: &Outcome) {
        self.is_empty = false;
        let code = match outcome {
            Outcome::Left(Left::Person | Left::Unsettled | Left::Unreadable) => Code::Person,
            Outcome::Left(Left::NoOperation | Left::Former | Left::Several) => Code::Warnings,
            _ => Code::Done,
        };
        self.worst = self.worst.max(code);
        *match outcome {
            Outcome::ToRestart => &mut self.to_restart,
            Outcome::Restarted => &mut self.restarted,
            Outcome::Failed(_) => &mut self.failed,
            Outcome::Left(Left::Idle) => &mut self.idle,
            Outcome::Left(_) => &mut self.left_out,
        } += 1;
    }

    /// The closing words: the counts, and what follows.
    pub(super) fn answer(&self, then: Option<Text>) -> AdminAnswer {
        let view = self.view;
        let counts = [
            (COUNT_TO_RESTART, self.to_restart),
            (COUNT_RESTARTED, self.restarted),
            (COUNT_FAILED, self.failed),
            (COUNT_LEFT_OUT, self.left_out),
            (COUNT_IDLE, self.idle),
        ];
        let counts: Vec<String> = counts
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| format!("{}: {count}", view.say(what)))
            .collect();
        let mut closing = match self.is_empty {
            true => view.say(&NONE).to_owned(),
            false => counts.join(", "),
        };
        if let Some(then) = then.filter(|_| !self.is_empty) {
            closing.push('\n');
            closing.push_str(view.say(&then));
        }
        let code = match self.failed {
            0 => self.worst,
            _ => Code::Failed,
        };
        AdminAnswer::new(self.end(&closing), code)
    }

    /// The end of the answer with these words.
    pub(super) fn end(&self, closing: &str) -> String {
        match self.view.json {
            true => self.pages.json_end().to_owned(),
            false => format!("{closing}\n"),
        }
    }
}

/// What to type next.
fn next(row: &Row, outcome: &Outcome) -> Option<String> {
    let command = match outcome {
        Outcome::ToRestart | Outcome::Restarted => return None,
        Outcome::Failed(_) => "pmssl retry --item",
        Outcome::Left(left) => left.next(),
    };
    Some(format!("{command} {}", row.item))
}

fn cells(view: &View, row: &Row, outcome: &Outcome) -> Vec<Cell> {
    let why = |text: &Text, why: &str| view.say(text).replace("__why__", why);
    let (result, tone) = match outcome {
        Outcome::ToRestart => (view.say(&TO_RESTART).to_owned(), Tone::Plain),
        Outcome::Restarted => (view.say(&RESTARTED).to_owned(), Tone::Good),
        Outcome::Failed(failure) => (why(&FAILED, &view.failure(failure)), Tone::Bad),
        Outcome::Left(left) => (why(&LEFT_OUT, view.say(&left.text())), Tone::Warning),
    };
    let operation = row.operation.as_ref().map(|queued| {
        let tries = view.say(&TRIES);
        format!("{}, {tries} {}", queued.command, queued.tries)
    });
    vec![
        row.item.to_string().into(),
        row.name.as_str().into(),
        row.account.to_string().into(),
        operation.unwrap_or_default().into(),
        Cell::toned(result, tone),
        next(row, outcome).unwrap_or_default().into(),
    ]
}

fn json(row: &Row, outcome: &Outcome) -> serde_json::Value {
    let (word, reason, text) = match outcome {
        Outcome::ToRestart => ("to-restart", None, None),
        Outcome::Restarted => ("restarted", None, None),
        Outcome::Failed(failure) => {
            let name = failure.reason().type_name();
            ("failed", Some(name), Some(failure.to_string()))
        }
        Outcome::Left(left) => {
            let text = left.text().en.to_owned();
            ("left-out", Some(left.word()), Some(text))
        }
    };
    let operation = row.operation.as_ref().map(|queued| {
        serde_json::json!({
            "id": queued.operation.0,
            "command": queued.command,
            "tries": queued.tries,
            "tasks": queued.tasks,
        })
    });
    serde_json::json!({
        "item": row.item,
        "name": row.name,
        "module": row.module.name,
        "account": row.account,
        "state": row.position.word(),
        "operation": operation,
        "outcome": word,
        "reason": reason,
        "text": text,
        "next": next(row, outcome),
    })
}
