//! What `pmssl reissue` tells: service by service, and how far all is.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::admin::exit::Code;
use crate::admin::orders::Judged;
use crate::admin::output::{AdminAnswer, Cell, Pages, Tone, View};
use crate::failure::Failure;
use crate::module::{Module, Text};

const SERVICE: Text = Text::new("service", "услуга");
const NAME: Text = Text::new("name", "имя");
const ACCOUNT: Text = Text::new("account", "обработчик");
const END: Text = Text::new("expires", "действует до");
const STATE: Text = Text::new("certificate", "сертификат");
const REVOKED: Text = Text::new("revoked", "отозван");
const RESULT: Text = Text::new("result", "результат");
const NEXT: Text = Text::new("next", "что делать");
const FAILED: Text = Text::new("failed: __why__", "ошибка: __why__");
const NONE: Text = Text::new("no service matches", "подходящих услуг нет");

/// Why a service is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// The daemon takes it up in its next pass.
    Wished,
    /// It is being reissued.
    Begun,
    /// It was reissued.
    Reissued,
    /// The vendor has refused.
    Refused,
    /// The client was told to make a new CSR.
    NewKey,
    /// Another order of it is awaited.
    Waiting,
    /// BILLmanager's operation comes first.
    Queued,
    /// A person was given its order.
    Person,
    /// It is not known whether an order of it arrived.
    Unsettled,
    /// BILLmanager does not call it active.
    Inactive,
    /// Its paid term is over.
    Over,
    /// It has none.
    NoCertificate,
    /// The vendor does not reissue it.
    Vendor,
    /// There is nothing to take back.
    NoWish,
}

impl Left {
    fn word(self) -> &'static str {
        match self {
            Self::Wished => "wished",
            Self::Begun => "begun",
            Self::Reissued => "issued",
            Self::Refused => "refused",
            Self::NewKey => "new-key",
            Self::Waiting => "waiting",
            Self::Queued => "operation-queued",
            Self::Person => "person",
            Self::Unsettled => "unknown",
            Self::Inactive => "not-active",
            Self::Over => "term-over",
            Self::NoCertificate => "no-certificate",
            Self::Vendor => "vendor",
            Self::NoWish => "no-wish",
        }
    }

    const fn text(self) -> Text {
        match self {
            Self::Wished => Text::new("waits for the daemon", "ожидает демона"),
            Self::Begun => Text::new("being reissued", "перевыпускается"),
            Self::Reissued => Text::new("reissued", "перевыпущен"),
            Self::Refused => Text::new("refused by the vendor", "отклонено поставщиком"),
            Self::NewKey => Text::new(
                "waits for the client's new CSR",
                "ожидает новый CSR клиента",
            ),
            Self::Waiting => Text::new("another order is awaited", "ожидается другой заказ"),
            Self::Queued => Text::new(
                "BILLmanager's operation comes first",
                "сначала операция BILLmanager",
            ),
            Self::Person => Text::new(
                "a person has to settle its order first",
                "сначала человек должен решить, что с заказом",
            ),
            Self::Unsettled => Text::new(
                "it is not known whether its order arrived",
                "неизвестно, дошёл ли заказ до поставщика",
            ),
            Self::Inactive => Text::new("the service is not active", "услуга не активна"),
            Self::Over => Text::new(
                "the paid term has expired: renew it",
                "срок истёк: продлите услугу",
            ),
            Self::NoCertificate => Text::new("no certificate", "сертификата нет"),
            Self::Vendor => Text::new(
                "the vendor does not reissue it, or the account cannot be used",
                "поставщик его не перевыпускает, или обработчик настроен неверно",
            ),
            Self::NoWish => Text::new("nothing to take back", "отменять нечего"),
        }
    }

    /// What to type next, before the service's number.
    fn next(self) -> Option<&'static str> {
        match self {
            Self::Person | Self::Unsettled => Some("pmssl resolve --item"),
            Self::Refused | Self::Waiting | Self::Queued | Self::Vendor => {
                Some("pmssl show --item")
            }
            _ => None,
        }
    }

    fn code(self) -> Code {
        match self {
            Self::Person | Self::Unsettled => Code::Person,
            Self::Refused | Self::Over | Self::Vendor => Code::Warnings,
            _ => Code::Done,
        }
    }
}

/// What became of a service.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Would be done.
    Due,
    /// The wish is stored.
    Stored,
    /// The client was told to make a new CSR.
    Told,
    /// The wish was taken back.
    Cancelled,
    /// BILLmanager could not be asked or refused.
    Failed(Failure),
    /// Left as it is.
    Left(Left),
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Stored => "stored",
            Self::Told => "client-told",
            Self::Cancelled => "cancelled",
            Self::Failed(_) => "failed",
            Self::Left(_) => "left-out",
        }
    }

    const fn text(&self) -> Text {
        match self {
            Self::Due => Text::new("to be done", "будет выполнено"),
            Self::Stored => Text::new("the daemon reissues it", "демон перевыпустит"),
            Self::Told => Text::new("the client was told", "клиент уведомлён"),
            Self::Cancelled => Text::new("taken back", "отменено"),
            Self::Failed(_) => Text::new("failed", "ошибка"),
            Self::Left(left) => left.text(),
        }
    }

    fn tone(&self) -> Tone {
        match self {
            Self::Stored | Self::Told | Self::Cancelled | Self::Left(Left::Reissued) => Tone::Good,
            Self::Failed(_) | Self::Left(Left::Refused) => Tone::Bad,
            Self::Due | Self::Left(Left::Wished | Left::Begun) => Tone::Plain,
            Self::Left(_) => Tone::Warning,
        }
    }
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
    /// The order number at the vendor.
    pub(super) order: Option<String>,
    /// The end of its certificate.
    pub(super) end: Option<NaiveDate>,
    /// The vendor has revoked the certificate.
    pub(super) is_revoked: bool,
}

impl Row {
    /// A service as a list has it.
    pub(super) fn of(service: &Judged) -> Self {
        let line = &service.line;
        Self {
            item: line.item,
            name: service.names().first().unwrap_or(&line.name).clone(),
            module: service.module,
            account: line.account,
            order: service.order().map(str::to_owned),
            end: service.outlook.covered.map(|end| end.date_naive()),
            is_revoked: service.is_revoked,
        }
    }
}

/// What is told on the way, and what it comes to.
pub(super) struct Report<'a> {
    view: &'a View,
    pages: Pages,
    /// By what became of them.
    counts: BTreeMap<&'static str, (Text, usize)>,
    /// The worst of what was left out.
    worst: Code,
    is_failed: bool,
}

impl<'a> Report<'a> {
    /// Nothing told yet.
    pub(super) fn new(view: &'a View) -> Self {
        Self {
            view,
            pages: Pages::default(),
            counts: BTreeMap::new(),
            worst: Code::Done,
            is_failed: false,
        }
    }

    /// Prints at once. What nobody reads any more is done all the same: it was asked for.
    ///
    /// # Errors
    /// A value that is no JSON.
    pub(super) fn tell(&mut self, lines: Vec<(Row, Outcome)>) -> Result<(), Failure> {
        for (_, outcome) in &lines {
            let (word, code) = match outcome {
                Outcome::Left(left) => (left.word(), left.code()),
                Outcome::Failed(_) => (outcome.word(), Code::Failed),
                _ => (outcome.word(), Code::Done),
            };
            self.is_failed |= code == Code::Failed;
            self.worst = self.worst.max(code);
            self.counts.entry(word).or_insert((outcome.text(), 0)).1 += 1;
        }
        let view = self.view;
        let text = if view.json {
            let values: Vec<_> = lines.iter().map(|(row, what)| json(row, what)).collect();
            self.pages.json(view, &values)?
        } else {
            let rows: Vec<_> = lines
                .iter()
                .map(|(row, what)| cells(view, row, what))
                .collect();
            let heads = [SERVICE, NAME, ACCOUNT, END, STATE, RESULT, NEXT];
            self.pages
                .table(view, &heads.map(|head| view.say(&head)), &rows)
        };
        let _ = view.print(&text);
        Ok(())
    }

    /// The closing words: the counts, and what follows.
    pub(super) fn answer(&self, then: Option<Text>) -> AdminAnswer {
        let view = self.view;
        let counts = self.counts.values();
        let counts: Vec<String> = counts
            .map(|(what, count)| format!("{}: {count}", view.say(what)))
            .collect();
        let mut closing = match counts.is_empty() {
            true => view.say(&NONE).to_owned(),
            false => counts.join(", "),
        };
        if let Some(then) = then {
            closing.push('\n');
            closing.push_str(view.say(&then));
        }
        let code = match self.is_failed {
            true => Code::Failed,
            false => self.worst,
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
        Outcome::Failed(_) => "pmssl reissue --item",
        Outcome::Left(left) => left.next()?,
        _ => return None,
    };
    Some(format!("{command} {}", row.item))
}

fn cells(view: &View, row: &Row, outcome: &Outcome) -> Vec<Cell> {
    let result = match outcome {
        Outcome::Failed(failure) => view.say(&FAILED).replace("__why__", &view.failure(failure)),
        other => view.say(&other.text()).to_owned(),
    };
    let state = match row.is_revoked {
        true => view.say(&REVOKED),
        false => "",
    };
    vec![
        row.item.to_string().into(),
        row.name.as_str().into(),
        row.account.to_string().into(),
        row.end
            .map(|end| end.to_string())
            .unwrap_or_default()
            .into(),
        Cell::toned(state, Tone::Bad),
        Cell::toned(result, outcome.tone()),
        next(row, outcome).unwrap_or_default().into(),
    ]
}

fn json(row: &Row, outcome: &Outcome) -> serde_json::Value {
    let (reason, text) = match outcome {
        Outcome::Failed(failure) => (failure.reason().type_name(), failure.to_string()),
        Outcome::Left(left) => (left.word(), left.text().en.to_owned()),
        other => (other.word(), other.text().en.to_owned()),
    };
    serde_json::json!({
        "item": row.item,
        "name": row.name,
        "module": row.module.name,
        "account": row.account,
        "order": row.order,
        "end": row.end,
        "revoked": row.is_revoked,
        "outcome": outcome.word(),
        "reason": reason,
        "text": text,
        "next": next(row, outcome),
    })
}
