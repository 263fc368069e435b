//! Where a service stands and what comes next: one judgement for `show`, `orders` and `doctor`. Pure.

use chrono::{DateTime, TimeDelta, Utc};

use crate::failure::Failure;
use crate::module::Text;
use crate::order::{Intent, State};

/// Item status of a deleted service (billmanager.md 8.2).
const DELETED: i64 = 4;

/// A certificate that is awaited for longer than this is worth a look.
pub(super) const LONG_WAIT: TimeDelta = TimeDelta::days(7);

/// An operation that failed so often is worth a look; the platform stops at ten (billmanager.md 8.3).
pub(super) const MANY_TRIES: i64 = 3;

/// Where a service stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// Nothing was ever ordered.
    NotOrdered,
    /// Decided, nothing sent.
    Prepared,
    /// The vendor said no.
    Rejected,
    /// A paid call's outcome is not known.
    Unsettled,
    /// The stored intent cannot be read.
    Unreadable,
    /// The certificate is awaited.
    Waiting,
    /// The certificate is there.
    Issued,
    /// Cancelled at the vendor.
    Failed,
    /// The service is deleted.
    Deleted,
}

impl Position {
    /// All, for help and filters.
    pub(super) const ALL: [Self; 9] = [
        Self::NotOrdered,
        Self::Prepared,
        Self::Rejected,
        Self::Unsettled,
        Self::Unreadable,
        Self::Waiting,
        Self::Issued,
        Self::Failed,
        Self::Deleted,
    ];

    /// The word in filters and JSON.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::NotOrdered => "not-ordered",
            Self::Prepared => "prepared",
            Self::Rejected => "rejected",
            Self::Unsettled => "unknown",
            Self::Unreadable => "unreadable",
            Self::Waiting => "waiting",
            Self::Issued => "issued",
            Self::Failed => "failed",
            Self::Deleted => "deleted",
        }
    }

    /// The word for people.
    pub(super) fn label(self) -> Text {
        match self {
            Self::NotOrdered => Text::new("not ordered", "не заказан"),
            Self::Prepared => Text::new("prepared", "подготовлен"),
            Self::Rejected => Text::new("refused by the vendor", "отклонён поставщиком"),
            Self::Unsettled => Text::new("outcome unknown", "исход неизвестен"),
            Self::Unreadable => Text::new("intent unreadable", "намерение не читается"),
            Self::Waiting => Text::new("waiting for issue", "ожидает выпуска"),
            Self::Issued => Text::new("issued", "выпущен"),
            Self::Failed => Text::new("cancelled", "отменён"),
            Self::Deleted => Text::new("deleted", "удалён"),
        }
    }

    /// What happens next, or what a person should do. `N` stands for the service's id.
    pub(super) fn next(self) -> Text {
        match self {
            Self::NotOrdered => Text::new(
                "nothing: the platform orders when the service is paid for",
                "ничего: платформа сделает заказ после оплаты услуги",
            ),
            Self::Prepared => Text::new(
                "run the platform's operation again; nothing has been sent yet",
                "повторите операцию в платформе; ничего ещё не отправлено",
            ),
            Self::Rejected => Text::new(
                "correct what the vendor complained of (see the last errors), then run the operation again",
                "исправьте то, на что указал поставщик (см. последние ошибки), и повторите операцию",
            ),
            Self::Unsettled => Text::new(
                "'pmssl sync --item N' looks the order up at the vendor; if that cannot tell, look in the vendor's panel and settle it with 'pmssl resolve --item N'",
                "'pmssl sync --item N' ищет заказ у поставщика; если это не помогло, проверьте в панели поставщика и решите командой 'pmssl resolve --item N'",
            ),
            Self::Unreadable => Text::new(
                "nothing is ordered while the item parameter pmssl_intent cannot be read: use the version that wrote it, or settle it with 'pmssl resolve --item N'",
                "пока параметр услуги pmssl_intent не читается, ничего не заказывается: верните версию, которая его записала, или решите командой 'pmssl resolve --item N'",
            ),
            Self::Waiting => Text::new(
                "the client proves control of the names; 'pmssl sync --item N' asks the vendor now",
                "клиент подтверждает права на имена; 'pmssl sync --item N' спросит поставщика сейчас",
            ),
            Self::Issued => Text::new("nothing until the renewal", "ничего до продления"),
            Self::Failed => Text::new(
                "no certificate will come: order anew with a new operation of the platform, or refund the client",
                "сертификата не будет: закажите заново новой операцией платформы или верните деньги клиенту",
            ),
            Self::Deleted => Text::new("nothing: the service is deleted", "ничего: услуга удалена"),
        }
    }
}

/// What the judgement needs to know.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    /// The stored intent, if any.
    pub(super) intent: Option<&'a Result<Intent, Failure>>,
    /// Certificate status (billmanager.md 8.1).
    pub(super) certificate_status: Option<i64>,
    /// Item status (billmanager.md 8.2).
    pub(super) status: i64,
    /// An order number is stored.
    pub(super) has_order: bool,
}

/// Judges.
pub(super) fn judge(facts: &Facts<'_>) -> Position {
    if facts.status == DELETED
        && !matches!(facts.intent, Some(Ok(intent)) if intent.state.is_unsettled())
    {
        return Position::Deleted;
    }
    let shown = match facts.certificate_status {
        Some(6) => Position::Failed,
        Some(5) => Position::Issued,
        Some(3 | 4) => Position::Waiting,
        _ if facts.has_order => Position::Waiting,
        _ => Position::NotOrdered,
    };
    match facts.intent {
        None => shown,
        Some(Err(_)) => Position::Unreadable,
        Some(Ok(intent)) => match intent.state {
            State::Sent | State::Unknown => Position::Unsettled,
            State::Prepared => Position::Prepared,
            State::Rejected => Position::Rejected,
            State::Dead => Position::Failed,
            State::Placed | State::Pending => Position::Waiting,
            State::Issued => shown,
        },
    }
}

/// Since when a certificate is awaited.
pub(super) fn waiting_since(position: Position, intent: Option<&Intent>) -> Option<DateTime<Utc>> {
    (position == Position::Waiting)
        .then(|| intent.map(|intent| intent.since))
        .flatten()
}

/// Why a service needs a person, if it does.
pub(super) fn stuck(
    position: Position,
    since: Option<DateTime<Utc>>,
    tries: i64,
    tasks: i64,
    now: DateTime<Utc>,
) -> Option<Text> {
    match position {
        Position::Unsettled => Some(Text::new("outcome unknown", "исход неизвестен")),
        Position::Unreadable => Some(Text::new("intent unreadable", "намерение не читается")),
        Position::Deleted => None,
        _ if tasks > 0 => Some(Text::new("a task waits", "ждёт задача")),
        _ if tries >= MANY_TRIES => Some(Text::new(
            "the operation keeps failing",
            "операция не удаётся",
        )),
        Position::Waiting if since.is_some_and(|since| now - since > LONG_WAIT) => Some(Text::new(
            "waiting for over a week",
            "ожидает больше недели",
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ItemId, VendorOrderId};
    use crate::failure::Reason;
    use crate::order::Operation;

    fn intent(state: State) -> Intent {
        let now = DateTime::from_timestamp(1_775_000_000, 0).unwrap();
        let mut intent = Intent::decide("i", ItemId(7), Operation::Open, "", 1, None, now);
        intent.state = state;
        intent.order = Some(VendorOrderId::new("1"));
        intent
    }

    fn place(state: Option<State>, shown: Option<i64>, status: i64, has_order: bool) -> Position {
        let intent = state.map(|state| Ok(intent(state)));
        judge(&Facts {
            intent: intent.as_ref(),
            certificate_status: shown,
            status,
            has_order,
        })
    }

    #[test]
    fn the_intent_decides_before_the_shown_status() {
        let cases = [
            (None, None, false, Position::NotOrdered),
            (None, None, true, Position::Waiting),
            (None, Some(4), true, Position::Waiting),
            (None, Some(5), true, Position::Issued),
            (None, Some(6), true, Position::Failed),
            (Some(State::Sent), Some(5), true, Position::Unsettled),
            (Some(State::Unknown), None, false, Position::Unsettled),
            (Some(State::Prepared), None, false, Position::Prepared),
            (Some(State::Rejected), None, false, Position::Rejected),
            (Some(State::Placed), Some(5), true, Position::Waiting),
            (Some(State::Pending), Some(4), true, Position::Waiting),
            (Some(State::Issued), Some(5), true, Position::Issued),
            (Some(State::Dead), Some(6), true, Position::Failed),
        ];
        for (state, shown, has_order, expected) in cases {
            assert_eq!(
                place(state, shown, 2, has_order),
                expected,
                "{state:?} {shown:?}"
            );
        }
    }

    #[test]
    fn a_deleted_service_is_done_with_unless_money_may_be_lost() {
        assert_eq!(
            place(Some(State::Issued), Some(5), 4, true),
            Position::Deleted
        );
        assert_eq!(
            place(Some(State::Sent), None, 4, false),
            Position::Unsettled
        );
    }

    #[test]
    fn an_unreadable_intent_is_never_passed_over() {
        let broken = Err(Failure::new(Reason::UnreadableIntent));
        let facts = Facts {
            intent: Some(&broken),
            certificate_status: Some(5),
            status: 2,
            has_order: true,
        };
        assert_eq!(judge(&facts), Position::Unreadable);
    }

    #[test]
    fn stuck_means_that_a_person_should_look() {
        let now = DateTime::from_timestamp(1_775_000_000, 0).unwrap();
        let week = Some(now - TimeDelta::days(8));
        let day = Some(now - TimeDelta::days(1));
        let cases = [
            (Position::Unsettled, day, 0, 0, true),
            (Position::Unreadable, None, 0, 0, true),
            (Position::Waiting, day, 0, 0, false),
            (Position::Waiting, week, 0, 0, true),
            (Position::Issued, week, 0, 0, false),
            (Position::Rejected, None, 2, 0, false),
            (Position::Rejected, None, 3, 0, true),
            (Position::Issued, None, 0, 1, true),
            (Position::Deleted, week, 9, 9, false),
        ];
        for (position, since, tries, tasks, expected) in cases {
            let found = stuck(position, since, tries, tasks, now);
            assert_eq!(found.is_some(), expected, "{position:?} {tries} {tasks}");
        }
    }

    #[test]
    fn words_are_unique() {
        let words: std::collections::BTreeSet<_> = Position::ALL
            .iter()
            .map(|position| position.word())
            .collect();
        assert_eq!(words.len(), Position::ALL.len());
    }
}
