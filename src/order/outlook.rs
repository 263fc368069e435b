//! The one answer about a service: until when it is covered and paid, what happens next, who acts, and by when. Pure.
//!
//! Everything follows from what is stored and from the options in force now; nothing derived is kept. The daemon asks the
//! same, and acts by [`super::replacement::decide`] and [`Waits::call`].

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::intent::{self, Intent};
use super::lead::Horizon;
use super::owner::Owner;
use super::policy::{Life, Subscription, covers};
use super::position::{self, Position};
use super::replacement::{Able, Basis, Replacement, Urgent, What};
use super::waits::{For, Waits};
use super::{current, person};
use crate::failure::Failure;
use crate::module::{Module, Text};
use crate::platform::{ACTIVE, Service, fields};

/// An operation that failed so often is worth a look; the platform stops at ten (billmanager.md 8.3).
const MANY_TRIES: i64 = 3;

/// Outcomes are looked up by the program and the platform's tries for so long.
const LOOK_UP: TimeDelta = TimeDelta::days(1);

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The platform orders when the service is paid for.
    Order,
    /// It is paid for, nothing is ordered, and no operation of the platform waits.
    FindOut,
    /// The platform runs its operation again.
    Repeat,
    /// The platform's operation has failed, and the platform tries it again by itself.
    Retry,
    /// The platform's operation has become manual or keeps failing.
    Restart,
    /// A person finds out whether a former module has ordered.
    Former,
    /// The vendor's complaint is answered.
    Correct,
    /// It is found out whether an order arrived.
    Settle,
    /// The stored intent is made readable.
    Restore,
    /// The order waits.
    Wait(For),
    /// The certificate is replaced inside the paid term.
    Reissue,
    /// Nothing before BILLmanager calls the service active again.
    Resume,
    /// The client renews.
    Renew,
    /// The end of the paid term is found out.
    AskTerm,
    /// A person enters the end of the paid term: the vendor does not tell it.
    TellTerm,
    /// The vendor's own term ends with the certificate: a new order takes its place inside the paid one.
    OrderAnew,
    /// No certificate will come.
    Replace,
    /// The certificate is revoked: a person says what becomes of it.
    Revoked,
    /// Nothing.
    Nothing,
}

impl Next {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::FindOut => "find-out",
            Self::Repeat => "repeat",
            Self::Retry => "retry",
            Self::Restart => "restart",
            Self::Former => "former",
            Self::Correct => "correct",
            Self::Settle => "settle",
            Self::Restore => "restore",
            Self::Wait(what) => what.word(),
            Self::Reissue => "reissue",
            Self::Resume => "resume",
            Self::Renew => "renew",
            Self::AskTerm => "ask-term",
            Self::TellTerm => "tell-term",
            Self::OrderAnew => "order-anew",
            Self::Replace => "replace",
            Self::Revoked => "revoked",
            Self::Nothing => "nothing",
        }
    }

    /// What happens, or what a person should do. `N` stands for the service's id.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Order => Text::new(
                "nothing: BILLmanager orders when the service is paid for",
                "ничего: BILLmanager сделает заказ после оплаты услуги",
            ),
            Self::FindOut => Text::new(
                "the service is active, nothing is ordered for it and no operation is queued in BILLmanager: find out why (the service's history in BILLmanager, the module's log); then order with a new operation, or give it an order that exists with 'pmssl resolve --item N --replace ORDER'",
                "услуга активна, но заказа нет, и в очереди BILLmanager нет операции: выясните причину (история услуги в BILLmanager, журнал модуля), затем закажите новой операцией или укажите существующий заказ: 'pmssl resolve --item N --replace НОМЕР'",
            ),
            Self::Repeat => Text::new(
                "run the operation again in BILLmanager; nothing has been sent yet",
                "повторите операцию в BILLmanager; ничего ещё не отправлено",
            ),
            Self::Retry => Text::new(
                "the operation has failed and nothing is ordered yet (see the last errors): BILLmanager tries it again by itself",
                "операция завершилась ошибкой, ничего ещё не заказано (см. последние ошибки): BILLmanager повторит её сам",
            ),
            Self::Restart => Text::new(
                "the operation keeps failing; after ten failed tries (a renewal: one) BILLmanager does not run it again by itself. Remove the cause (see the last errors), then start it again with 'pmssl retry --item N'",
                "операция не выполняется; после десяти неудачных попыток (продление - после одной) BILLmanager сам её больше не запускает. Устраните причину (см. последние ошибки) и запустите её снова: 'pmssl retry --item N'",
            ),
            Self::Former => Text::new(
                "the former module may have ordered it: check the vendor's panel. If the order exists, give it to the service with 'pmssl resolve --item N --replace ORDER'; only if there is none, 'pmssl retry --item N'",
                "заказ мог сделать прежний модуль: проверьте в панели поставщика. Если заказ есть, укажите его: 'pmssl resolve --item N --replace НОМЕР'; только если его нет - 'pmssl retry --item N'",
            ),
            Self::Correct => Text::new(
                "correct what the vendor complained of (see the last errors), then run the operation again with 'pmssl retry --item N'",
                "исправьте то, на что указал поставщик (см. последние ошибки), и запустите операцию снова: 'pmssl retry --item N'",
            ),
            Self::Settle => Text::new(
                "'pmssl sync --item N' looks the order up at the vendor; if that does not help, check the vendor's panel and settle it with 'pmssl resolve --item N'",
                "'pmssl sync --item N' ищет заказ у поставщика; если это не помогло, проверьте в панели поставщика и решите командой 'pmssl resolve --item N'",
            ),
            Self::Restore => Text::new(
                "nothing is ordered while the item parameter pmssl_intent cannot be read: use the version that wrote it, or settle it with 'pmssl resolve --item N'",
                "пока параметр услуги pmssl_intent не читается, ничего не заказывается: верните версию, которая его записала, или решите командой 'pmssl resolve --item N'",
            ),
            Self::Wait(what) => what.text(),
            Self::Reissue => Text::new(
                "the certificate is reissued inside the paid term",
                "сертификат перевыпускается в пределах оплаченного срока",
            ),
            Self::Resume => Text::new(
                "nothing while BILLmanager does not call the service active: the certificate is not reissued meanwhile",
                "ничего, пока услуга в BILLmanager не активна: сертификат до этого не перевыпускается",
            ),
            Self::Renew => Text::new("nothing until the renewal", "ничего до продления"),
            Self::AskTerm => Text::new(
                "the end of the paid term is not known: 'pmssl sync --item N' asks the vendor",
                "конец оплаченного срока неизвестен: 'pmssl sync --item N' спросит поставщика",
            ),
            Self::TellTerm => Text::new(
                "the end of the paid term is not known, and this vendor does not report it: enter it as the item parameter pmssl_term_end, the day alone (YYYY-MM-DD)",
                "конец оплаченного срока неизвестен, и этот поставщик его не сообщает: внесите его в параметр услуги pmssl_term_end, только день (ГГГГ-ММ-ДД)",
            ),
            Self::OrderAnew => Text::new(
                "the vendor's own term ends with the certificate, a reissue does not help: place a new order at the vendor, then 'pmssl resolve --item N --replace ORDER'",
                "срок у поставщика заканчивается вместе с сертификатом, перевыпуск ничего не даст: закажите у поставщика заново, затем 'pmssl resolve --item N --replace НОМЕР'",
            ),
            Self::Replace => For::NewOrder.text(),
            Self::Revoked => Text::new(
                "the vendor has revoked the certificate, and it is not reissued by itself: ask the vendor for the reason, then 'pmssl reissue --item N' ('--new-key' if the key is to blame)",
                "поставщик отозвал сертификат, сам он не перевыпускается: узнайте у поставщика причину, затем 'pmssl reissue --item N' (если причина в ключе - с '--new-key')",
            ),
            Self::Nothing => Text::new("nothing", "ничего"),
        }
    }

    /// In few words, for lists.
    #[must_use]
    pub fn label(self) -> Text {
        match self {
            Self::Order => Text::new("order", "заказ"),
            Self::FindOut => Text::new("active, but nothing is ordered", "активна, но заказа нет"),
            Self::Repeat => Text::new("operation is repeated", "повтор операции"),
            Self::Retry => Text::new("operation failed, is tried again", "ошибка, будет повтор"),
            Self::Restart => Text::new("failing: 'pmssl retry'", "сбой: 'pmssl retry'"),
            Self::Former => Text::new("former module's order?", "заказ прежнего модуля?"),
            Self::Correct => Text::new("refused by the vendor", "отклонено поставщиком"),
            Self::Settle => Text::new("outcome unknown", "результат неизвестен"),
            Self::Restore => Text::new("intent unreadable", "запись о заказе не читается"),
            Self::Wait(For::Proof) => Text::new("domain validation", "подтверждение доменов"),
            Self::Wait(For::Issue) => Text::new("issue", "выпуск"),
            Self::Wait(For::RefusedStep) => Text::new(
                "a step of the paid order was refused",
                "шаг оплаченного заказа отклонён",
            ),
            Self::Wait(For::Payment) => {
                Text::new("not paid at the vendor", "не оплачен у поставщика")
            }
            Self::Wait(For::ReadableCertificate) => {
                Text::new("the certificate cannot be read", "сертификат не читается")
            }
            Self::Wait(For::OwnCertificate) => Text::new(
                "the certificate cannot be accepted",
                "сертификат нельзя принять",
            ),
            Self::Wait(For::ReadableAnswer) => Text::new(
                "the vendor's answers are not understood",
                "ответы поставщика непонятны",
            ),
            Self::Wait(For::Csr) => Text::new(
                "the CSR is missing or unreadable",
                "CSR нет или он не читается",
            ),
            Self::Wait(For::Saving) => {
                Text::new("BILLmanager refuses to save", "BILLmanager не сохраняет")
            }
            Self::Reissue => Text::new("reissue", "перевыпуск"),
            Self::Resume => Text::new("not active", "не активна"),
            Self::Renew => Text::new("renewal", "продление"),
            Self::AskTerm | Self::TellTerm => {
                Text::new("paid term unknown", "оплаченный срок неизвестен")
            }
            Self::OrderAnew => Text::new(
                "the vendor's term ends, a new order is needed",
                "срок у поставщика заканчивается, нужен новый заказ",
            ),
            Self::Revoked => Text::new("certificate revoked", "сертификат отозван"),
            Self::Replace | Self::Wait(For::NewOrder) => {
                Text::new("ended by the vendor", "завершён поставщиком")
            }
            Self::Nothing => Text::new("nothing", "ничего"),
        }
    }
}

/// What is known about a service.
#[derive(Debug)]
pub struct Facts<'a> {
    /// Now.
    pub now: DateTime<Utc>,
    /// The stored intent, if any.
    pub intent: Option<&'a Result<Intent, Failure>>,
    /// A person has the order's open outcome.
    pub is_given: bool,
    /// Certificate status (billmanager.md 8.1).
    pub certificate_status: Option<i64>,
    /// Item status (billmanager.md 8.2).
    pub status: i64,
    /// The stored order number.
    pub order: Option<&'a str>,
    /// What is stored about what the order waits for.
    pub waits: Option<&'a str>,
    /// The life of the saved certificate.
    pub life: Option<Life>,
    /// The term and what was proved in it.
    pub horizon: Horizon,
    /// The vendor reissues on request, and its own term is not over.
    pub vendor_reissues: bool,
    /// The vendor tells the end of the term.
    pub tells_term: bool,
    /// What goes before the calendar.
    pub urgent: Urgent,
    /// The options in force.
    pub subscription: Subscription,
    /// Most tries of a queued operation.
    pub tries: i64,
    /// Tasks about queued operations.
    pub tasks: i64,
    /// No operation is queued, as far as that was asked.
    pub idle: bool,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// Where the service stands.
    pub position: Position,
    /// Until when its certificate holds.
    pub covered: Option<DateTime<Utc>>,
    /// Until when it is paid.
    pub paid: Option<NaiveDate>,
    /// What follows that certificate, whatever else is awaited.
    pub ahead: Option<Replacement>,
    /// The vendor reissues it on request, and its own term is not over.
    pub vendor_reissues: bool,
    /// What happens next.
    pub next: Next,
    /// Who acts.
    pub owner: Owner,
    /// Since when it is that one's turn.
    pub since: Option<DateTime<Utc>>,
    /// By when it has to be done.
    pub until: Option<DateTime<Utc>>,
}

impl Outlook {
    /// Whether a person of the hoster should look.
    #[must_use]
    pub fn needs_a_look(&self, now: DateTime<Utc>) -> bool {
        match self.owner {
            Owner::Administrator => {
                !matches!(self.next, Next::Reissue | Next::OrderAnew)
                    || self.since.is_none_or(|since| since <= now)
            }
            Owner::Nobody => false,
            // Money may be out, whoever looks for it.
            _ if self.next == Next::Settle => true,
            _ if matches!(self.next, Next::Renew | Next::Order) => false,
            _ => self.until.is_some_and(|until| until < now),
        }
    }

    /// Whether the service is paid for longer than its certificate holds.
    #[must_use]
    pub fn is_paid_longer(&self, now: DateTime<Utc>) -> bool {
        self.paid.zip(self.covered).is_some_and(|(paid, covered)| {
            paid > now.date_naive() && !covers(covered.date_naive(), paid)
        })
    }

    /// Where the service stands, for people: one with a certificate is not without one while another is awaited, and
    /// one that waits says for whom.
    #[must_use]
    pub fn label(&self, now: DateTime<Utc>) -> Text {
        match self.covered {
            Some(covered) if self.position == Position::Waiting && covered > now => {
                Text::new("new certificate awaited", "ожидает новый сертификат")
            }
            _ if self.position == Position::Waiting => match self.owner {
                Owner::Client => Text::new("waiting for client", "ожидает клиента"),
                Owner::Vendor => Text::new("waiting for vendor", "ожидает поставщика"),
                Owner::Administrator => {
                    Text::new("waiting for administrator", "ожидает администратора")
                }
                Owner::Program | Owner::Nobody => self.position.label(),
            },
            _ if self.next == Next::Revoked => Text::new("revoked", "отозван"),
            _ => self.position.label(),
        }
    }
}

/// What is known beside the service itself.
#[derive(Debug, Clone, Copy)]
pub struct Around {
    /// Now.
    pub now: DateTime<Utc>,
    /// The options in force.
    pub subscription: Subscription,
    /// What the vendor can do.
    pub vendor: Able,
    /// Most tries of a queued operation.
    pub tries: i64,
    /// Tasks about queued operations.
    pub tasks: i64,
    /// No operation is queued, as far as that was asked.
    pub idle: bool,
}

/// The answer about a service as it is stored.
#[must_use]
pub fn of_service(service: &Service, module: &'static Module, around: &Around) -> Outlook {
    let intent = service.parameter(intent::PARAMETER).map(Intent::from_text);
    let (current, horizon) = current::in_hand(service, module);
    let can = current::can_be_reissued(service, current.as_ref());
    let known = intent.as_ref().and_then(|intent| intent.as_ref().ok());
    let given = service.parameter(person::PARAMETER);
    let status = service.parameter(fields::SERVICE_STATUS);
    let mut found = outlook(&Facts {
        now: around.now,
        is_given: match (&intent, known) {
            // `pmssl install --adopt`: a former module's order may exist.
            (None, _) => given.is_some_and(|text| !text.trim().is_empty()),
            (_, known) => known.is_some_and(|intent| person::has(given, intent)),
        },
        intent: intent.as_ref(),
        certificate_status: status.and_then(|text| text.parse().ok()),
        status: service.status,
        order: service.parameter(module.order_parameter),
        waits: service.parameter(fields::WAITS),
        life: current.map(|current| current.life),
        horizon,
        vendor_reissues: around.vendor.reissue && can,
        tells_term: around.vendor.tell_term,
        urgent: Urgent::of(service),
        subscription: around.subscription,
        tries: around.tries,
        tasks: around.tasks,
        idle: around.idle,
    });
    if found.next == Next::Reissue && !can {
        found.next = Next::OrderAnew;
    }
    found
}

/// Decides.
#[must_use]
pub fn outlook(facts: &Facts<'_>) -> Outlook {
    let position = position::judge(&position::Facts {
        intent: facts.intent,
        certificate_status: facts.certificate_status,
        status: facts.status,
        has_order: facts.order.is_some(),
    });
    let intent = facts.intent.and_then(|intent| intent.as_ref().ok());
    let since = intent.map(|intent| intent.since);
    let basis = Basis {
        subscription: facts.subscription,
        horizon: facts.horizon,
        vendor_reissues: facts.vendor_reissues,
        tells_term: facts.tells_term,
        is_active: facts.status == ACTIVE,
        urgent: facts.urgent,
    };
    let ahead = facts.life.map(|life| basis.replacement(&life, facts.now));
    let is_manual = facts.tasks > 0 || facts.tries >= MANY_TRIES;
    let (next, owner, since, until) = match position {
        Position::Deleted => (Next::Nothing, Owner::Nobody, None, None),
        Position::Unreadable => (Next::Restore, Owner::Administrator, None, None),
        Position::Unsettled if facts.is_given => (Next::Settle, Owner::Administrator, since, since),
        Position::Unsettled => {
            let until = since.map(|since| since + LOOK_UP);
            (Next::Settle, Owner::Program, since, until)
        }
        Position::Failed => (Next::Replace, Owner::Administrator, since, since),
        Position::Waiting => waiting(facts, intent),
        Position::NotOrdered if facts.is_given => (Next::Former, Owner::Administrator, None, None),
        _ if is_manual => (Next::Restart, Owner::Administrator, since, since),
        Position::NotOrdered if facts.tries > 0 => (Next::Retry, Owner::Program, None, None),
        Position::NotOrdered if facts.idle && facts.status == ACTIVE => {
            (Next::FindOut, Owner::Administrator, None, None)
        }
        Position::NotOrdered => (Next::Order, Owner::Program, None, None),
        // Until a person has said what becomes of it, whatever was refused for it; what is over is renewed.
        Position::Issued | Position::Prepared | Position::Rejected
            if facts.certificate_status == Some(5)
                && basis.urgent.is_left_to_person()
                && ahead.is_some_and(|ahead| ahead.is_administrators()) =>
        {
            let since = basis.urgent.revoked;
            (Next::Revoked, Owner::Administrator, since, since)
        }
        Position::Prepared => (
            match facts.tries {
                0 => Next::Repeat,
                _ => Next::Retry,
            },
            Owner::Program,
            since,
            since.map(|since| since + LOOK_UP),
        ),
        Position::Rejected => (Next::Correct, Owner::Administrator, since, since),
        Position::Issued => issued(ahead.as_ref(), basis.is_active, facts.now),
    };
    Outlook {
        position,
        covered: facts.life.map(|life| life.end),
        ahead,
        vendor_reissues: facts.vendor_reissues,
        paid: facts.horizon.term_end,
        next,
        owner,
        since,
        until,
    }
}

type Turn = (Next, Owner, Option<DateTime<Utc>>, Option<DateTime<Utc>>);

fn waiting(facts: &Facts<'_>, intent: Option<&Intent>) -> Turn {
    let order = facts.order.unwrap_or_default();
    match Waits::of(facts.waits, order, intent) {
        None => (Next::Wait(For::Proof), For::Proof.owner(), None, None),
        Some(waits) => (
            Next::Wait(waits.for_what),
            waits.for_what.owner(),
            Some(waits.since),
            Some(waits.until(facts.horizon.organization)),
        ),
    }
}

fn issued(ahead: Option<&Replacement>, is_active: bool, now: DateTime<Utc>) -> Turn {
    let Some(ahead) = ahead else {
        return (Next::Nothing, Owner::Nobody, None, None);
    };
    let (next, owner, since) = match ahead.what {
        What::Renew => (Next::Renew, ahead.owner, None),
        What::Reissue | What::AskTerm if !is_active => {
            return (Next::Resume, Owner::Nobody, None, Some(ahead.end));
        }
        What::Reissue => (Next::Reissue, ahead.owner, Some(ahead.due)),
        What::AskTerm if ahead.owner == Owner::Administrator => {
            let owner = match now < ahead.due {
                true => Owner::Nobody,
                false => ahead.owner,
            };
            (Next::TellTerm, owner, Some(ahead.due))
        }
        What::AskTerm if now < ahead.due => (Next::AskTerm, Owner::Nobody, Some(ahead.due)),
        What::AskTerm => (Next::AskTerm, ahead.owner, Some(ahead.due)),
    };
    (next, owner, since, Some(ahead.end))
}

#[cfg(test)]
mod tests;
