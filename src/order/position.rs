//! Where a service stands. Pure; what follows from it is [`super::outlook`]'s.

use super::intent::{Intent, Operation, State};
use crate::failure::Failure;
use crate::module::Text;
use crate::platform::DELETED;

/// Where a service stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
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
    pub const ALL: [Self; 9] = [
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
    #[must_use]
    pub fn word(self) -> &'static str {
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
    #[must_use]
    pub fn label(self) -> Text {
        match self {
            Self::NotOrdered => Text::new("not ordered", "не заказан"),
            Self::Prepared => Text::new("prepared", "подготовлен"),
            Self::Rejected => Text::new("refused by the vendor", "отклонён поставщиком"),
            Self::Unsettled => Text::new("outcome unknown", "результат неизвестен"),
            Self::Unreadable => Text::new("intent unreadable", "запись о заказе не читается"),
            Self::Waiting => Text::new("waiting for issue", "ожидает выпуска"),
            Self::Issued => Text::new("issued", "выпущен"),
            Self::Failed => Text::new("cancelled", "отменён"),
            Self::Deleted => Text::new("deleted", "удалён"),
        }
    }
}

/// What the judgement needs to know.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The stored intent, if any.
    pub intent: Option<&'a Result<Intent, Failure>>,
    /// Certificate status (billmanager.md 8.1).
    pub certificate_status: Option<i64>,
    /// Item status (billmanager.md 8.2).
    pub status: i64,
    /// An order number is stored.
    pub has_order: bool,
}

/// Judges.
#[must_use]
pub fn judge(facts: &Facts<'_>) -> Position {
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
            // A dead renewal or reissue leaves the service with the certificate and the order that it had.
            State::Dead if intent.operation == Operation::Open && shown != Position::Issued => {
                Position::Failed
            }
            State::Placed | State::Pending => Position::Waiting,
            State::Issued | State::Dead => shown,
        },
    }
}

#[cfg(test)]
mod tests;
