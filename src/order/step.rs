//! What an ordering command does next: a pure decision over the stored intent.

use chrono::{DateTime, Utc};

use super::intent::{Intent, Operation, State};
use super::served::{self, Served};
use crate::domain::OperationId;
use crate::domain::text::Words;
use crate::failure::{Failure, Reason};

/// The next step of an ordering command.
#[derive(Debug)]
pub(super) enum Step {
    /// Nothing was sent for this decision: check everything, then send, as this attempt. With
    /// `resumed`, the stored intent (its key and token) is used as it is.
    Buy {
        /// Number of the attempt.
        attempt: u32,
        /// The stored intent was prepared and not sent.
        resumed: bool,
    },
    /// The outcome of an earlier call has to be found out first.
    LookUp,
    /// The order exists: store what is missing and close the platform's operation.
    Complete,
    /// Everything was done before under the same operation: only close it again.
    Confirm,
    /// Nothing may be done.
    Refuse(Failure),
}

/// Decides over the stored intent of an item.
///
/// `queued` is the platform's operation this command serves, `has_order` whether the item carries a
/// vendor's order number (perhaps from before this program), `served` what was ordered before the
/// stored intent.
#[must_use]
pub(super) fn next(
    stored: Option<&Intent>,
    wanted: Operation,
    queued: Option<OperationId>,
    has_order: bool,
    served: &Served,
    now: DateTime<Utc>,
) -> Step {
    let Some(intent) = stored else {
        return match (wanted, has_order) {
            // Placed by another module or by hand: a second purchase would be the worst answer.
            (Operation::Open, true) => Step::Complete,
            (Operation::Open, false) => first(),
            (_, true) => first(),
            (_, false) => nothing_to_continue(wanted),
        };
    };
    // Another operation came in between: the stored intent no longer tells that this one was served.
    if let Some(queued) = queued.filter(|queued| intent.queued != Some(*queued))
        && let Some(since) = served.since(wanted, queued)
    {
        match wanted {
            _ if !served::is_long_ago(since, now) => return Step::Confirm,
            Operation::Prolong => return served_long_ago(queued, "", since),
            Operation::Open | Operation::Reissue => {}
        }
    }
    if intent.operation != wanted {
        return after_another(intent, wanted, has_order);
    }
    if let Some(queued) = queued.filter(|queued| is_doubtful(intent, *queued, now)) {
        return served_long_ago(queued, &order_of(intent), intent.since);
    }
    match intent.state {
        State::Prepared => Step::Buy {
            attempt: intent.attempt,
            resumed: true,
        },
        State::Sent | State::Unknown => Step::LookUp,
        State::Rejected => another(intent),
        State::Placed => Step::Complete,
        State::Pending | State::Issued => finished(intent, wanted, queued, now),
        State::Dead if queued.is_some() && queued != intent.queued => another(intent),
        State::Dead => Step::Refuse(
            Failure::new(Reason::OrderDead)
                .value(order_of(intent))
                .detail(words!(
                    "a new order is placed only for a new operation of BILLmanager",
                    "новый заказ делается только по новой операции BILLmanager"
                )),
        ),
    }
}

/// A service whose order died is ordered anew by a new operation, whatever was tried in between.
#[must_use]
pub(super) fn order_anew(intent: &Intent, queued: OperationId, served: &Served) -> Option<Step> {
    let is_new = intent.queued != Some(queued) && served.since(Operation::Open, queued).is_none();
    let other = intent.operation != Operation::Open && !intent.state.is_unsettled();
    (is_new && other).then_some(Step::Buy {
        attempt: intent.attempt + 1,
        resumed: false,
    })
}

fn served_long_ago(queued: OperationId, order: &str, since: DateTime<Utc>) -> Step {
    Step::Refuse(
        Failure::field(Reason::ServedLongAgo, queued.to_string())
            .value(order)
            .detail(Words::verbatim(since.date_naive())),
    )
}

/// Whether only a person can tell that a renewal is a new one. Old servers give operation numbers out
/// again after a restart with an empty table, and a renewal that was closed by hand leaves its intent
/// open: a year later the paid renewal must be neither taken for the former one nor bought on a guess.
fn is_doubtful(intent: &Intent, queued: OperationId, now: DateTime<Utc>) -> bool {
    let made_before = match intent.state {
        State::Placed => true,
        State::Pending | State::Issued => intent.queued == Some(queued),
        _ => false,
    };
    made_before && intent.operation == Operation::Prolong && served::is_long_ago(intent.since, now)
}

/// Decides over a reissue inside the term that the daemon wants, without an operation of the platform.
/// What the platform's own operations have begun is left to them.
#[must_use]
pub(super) fn next_inside_term(stored: Option<&Intent>, has_order: bool) -> Step {
    let again = |intent: &Intent| Step::Buy {
        attempt: intent.attempt + 1,
        resumed: false,
    };
    let Some(intent) = stored else {
        return if has_order {
            first()
        } else {
            nothing_to_continue(Operation::Reissue)
        };
    };
    match (intent.operation, intent.state) {
        (Operation::Reissue, State::Prepared) => Step::Buy {
            attempt: intent.attempt,
            resumed: true,
        },
        (Operation::Reissue, State::Sent | State::Unknown) => Step::LookUp,
        (Operation::Reissue, State::Rejected | State::Dead) => again(intent),
        (Operation::Reissue, State::Placed) => Step::Complete,
        (_, State::Pending) => Step::Refuse(is_awaited(intent)),
        (Operation::Open, State::Dead) => {
            Step::Refuse(Failure::new(Reason::OrderDead).value(order_of(intent)))
        }
        (Operation::Open | Operation::Prolong, State::Placed) => Step::Refuse(
            Failure::new(Reason::NotReady)
                .value(order_of(intent))
                .detail(words!(
                    "BILLmanager's operation '{}' is not closed yet",
                    "операция BILLmanager '{}' ещё не закрыта",
                    intent.operation.word()
                )),
        ),
        _ => after_another(intent, Operation::Reissue, has_order),
    }
}

fn first() -> Step {
    Step::Buy {
        attempt: 1,
        resumed: false,
    }
}

/// A decision after a settled one. Attempts never begin anew for an item: after a dead renewal the
/// service is back on its former order, and the same renewal must not get the dead one's key again.
fn another(intent: &Intent) -> Step {
    let bought_nothing = matches!(intent.state, State::Rejected | State::Dead);
    Step::Buy {
        attempt: intent.attempt + u32::from(bought_nothing),
        resumed: false,
    }
}

fn order_of(intent: &Intent) -> String {
    intent
        .order
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn nothing_to_continue(wanted: Operation) -> Step {
    Step::Refuse(
        Failure::field(Reason::Missing, "order number").detail(words!(
            "The service has no order at the vendor that could be continued by '{}'",
            "У услуги нет заказа у поставщика, который могла бы продолжить операция '{}'",
            wanted.word()
        )),
    )
}

pub(super) fn is_awaited(intent: &Intent) -> Failure {
    Failure::new(Reason::NotReady)
        .value(order_of(intent))
        .detail(words!(
            "its certificate is still awaited",
            "его сертификат ещё ожидается"
        ))
}

/// The stored intent belongs to another kind of operation.
fn after_another(intent: &Intent, wanted: Operation, has_order: bool) -> Step {
    if intent.state.is_unsettled() {
        return Step::Refuse(
            Failure::new(Reason::OutcomeUnknown)
                .value(intent.key.as_str())
                .detail(words!(
                    "the earlier '{}' has to be settled first",
                    "сначала нужно выяснить результат прежней операции '{}'",
                    intent.operation.word()
                )),
        );
    }
    match wanted {
        // The service was opened long ago: its operation is closed again, nothing else.
        Operation::Open => Step::Confirm,
        _ if has_order || intent.order.is_some() => another(intent),
        _ => nothing_to_continue(wanted),
    }
}

/// The same operation was done before. Renewals and reissues come again; a first order does not.
fn finished(
    intent: &Intent,
    wanted: Operation,
    queued: Option<OperationId>,
    now: DateTime<Utc>,
) -> Step {
    match (wanted, queued) {
        (Operation::Open, _) => Step::Confirm,
        // Old servers give numbers out again, and a reissue costs nothing.
        (Operation::Reissue, Some(_))
            if intent.state == State::Issued && served::is_long_ago(intent.since, now) =>
        {
            another(intent)
        }
        (_, Some(operation)) if intent.queued == Some(operation) => Step::Confirm,
        (_, Some(_)) => another(intent),
        (_, None) => Step::Refuse(
            Failure::field(Reason::Missing, "--runningoperation").detail(words!(
                "'{}' was done already (order {}); it is done again only for an operation in BILLmanager's queue", "'{}' уже выполнена (заказ {}); повторно она выполняется только по операции из очереди BILLmanager",
                wanted.word(),
                order_of(intent)
            )),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ItemId, VendorOrderId};
    use chrono::DateTime;

    /// So many days after the stored intent.
    fn at(days: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_775_000_000 + days * 86_400, 0).unwrap()
    }

    fn stored(operation: Operation, state: State, queued: Option<u64>) -> Intent {
        let now = at(0);
        let queued = queued.map(OperationId);
        let mut intent =
            Intent::decide("i", ItemId(1), operation, "s", 3, queued, now).with_state(state);
        intent.order = Some(VendorOrderId::new("77"));
        intent
    }

    fn word(step: &Step) -> String {
        match step {
            Step::Buy { attempt, resumed } => {
                format!("buy {attempt}{}", if *resumed { " resumed" } else { "" })
            }
            Step::LookUp => "look up".into(),
            Step::Complete => "complete".into(),
            Step::Confirm => "confirm".into(),
            Step::Refuse(failure) => format!("refuse {:?}", failure.reason()),
        }
    }

    #[test]
    fn a_service_without_intent() {
        let cases = [
            (Operation::Open, false, "buy 1"),
            (Operation::Open, true, "complete"),
            (Operation::Prolong, true, "buy 1"),
            (Operation::Prolong, false, "refuse Missing"),
            (Operation::Reissue, true, "buy 1"),
            (Operation::Reissue, false, "refuse Missing"),
        ];
        for (wanted, has_order, expected) in cases {
            assert_eq!(
                word(&next(
                    None,
                    wanted,
                    Some(OperationId(5)),
                    has_order,
                    &Served::default(),
                    at(0)
                )),
                expected,
                "{wanted:?} {has_order}"
            );
        }
    }

    #[test]
    fn the_same_operation_again() {
        use Operation::{Open, Prolong, Reissue};
        let cases = [
            (Open, State::Prepared, Some(5), Some(5), "buy 3 resumed"),
            (Open, State::Sent, Some(5), Some(5), "look up"),
            (Open, State::Sent, Some(5), Some(6), "look up"),
            (Open, State::Unknown, Some(5), None, "look up"),
            (Open, State::Rejected, Some(5), Some(5), "buy 4"),
            (Open, State::Placed, Some(5), Some(6), "complete"),
            (Open, State::Pending, Some(5), Some(6), "confirm"),
            (Open, State::Issued, Some(5), None, "confirm"),
            (Open, State::Dead, Some(5), Some(5), "refuse OrderDead"),
            (Open, State::Dead, Some(5), None, "refuse OrderDead"),
            (Open, State::Dead, Some(5), Some(6), "buy 4"),
            (Prolong, State::Placed, Some(5), Some(6), "complete"),
            (Prolong, State::Pending, Some(5), Some(5), "confirm"),
            (Prolong, State::Pending, Some(5), Some(6), "buy 3"),
            (Prolong, State::Issued, Some(5), None, "refuse Missing"),
            (Prolong, State::Issued, None, None, "refuse Missing"),
            (Reissue, State::Issued, Some(5), Some(5), "confirm"),
            (Reissue, State::Issued, Some(5), Some(6), "buy 3"),
        ];
        for (wanted, state, before, now, expected) in cases {
            let intent = stored(wanted, state, before);
            let queued = now.map(OperationId);
            let step = next(
                Some(&intent),
                wanted,
                queued,
                true,
                &Served::default(),
                at(89),
            );
            assert_eq!(
                word(&step),
                expected,
                "{wanted:?} {state:?} {before:?} {now:?}"
            );
        }
    }

    #[test]
    fn a_renewal_that_may_be_an_old_one_is_left_to_a_person() {
        use Operation::{Open, Prolong, Reissue};
        let cases = [
            (
                Prolong,
                State::Placed,
                Some(5),
                Some(5),
                "refuse ServedLongAgo",
            ),
            (
                Prolong,
                State::Placed,
                Some(5),
                Some(6),
                "refuse ServedLongAgo",
            ),
            (Prolong, State::Placed, Some(5), None, "complete"),
            (
                Prolong,
                State::Pending,
                Some(5),
                Some(5),
                "refuse ServedLongAgo",
            ),
            (
                Prolong,
                State::Issued,
                Some(5),
                Some(5),
                "refuse ServedLongAgo",
            ),
            (Prolong, State::Issued, Some(5), Some(6), "buy 3"),
            (Prolong, State::Rejected, Some(5), Some(5), "buy 4"),
            (Prolong, State::Unknown, Some(5), Some(5), "look up"),
            (Open, State::Placed, Some(5), Some(5), "complete"),
            (Open, State::Issued, Some(5), Some(5), "confirm"),
            (Reissue, State::Placed, Some(5), Some(6), "complete"),
            (Reissue, State::Issued, Some(5), Some(5), "buy 3"),
            (Reissue, State::Pending, Some(5), Some(5), "confirm"),
        ];
        for (wanted, state, before, now, expected) in cases {
            let intent = stored(wanted, state, before);
            let queued = now.map(OperationId);
            let step = next(
                Some(&intent),
                wanted,
                queued,
                true,
                &Served::default(),
                at(91),
            );
            assert_eq!(
                word(&step),
                expected,
                "{wanted:?} {state:?} {before:?} {now:?}"
            );
        }
    }

    #[test]
    fn a_reissue_inside_the_term() {
        use Operation::{Open, Prolong, Reissue};
        assert_eq!(word(&next_inside_term(None, true)), "buy 1");
        assert_eq!(word(&next_inside_term(None, false)), "refuse Missing");
        let cases = [
            (Reissue, State::Prepared, "buy 3 resumed"),
            (Reissue, State::Sent, "look up"),
            (Reissue, State::Unknown, "look up"),
            (Reissue, State::Rejected, "buy 4"),
            (Reissue, State::Placed, "complete"),
            (Reissue, State::Pending, "refuse NotReady"),
            (Reissue, State::Issued, "buy 3"),
            (Reissue, State::Dead, "buy 4"),
            (Open, State::Prepared, "buy 3"),
            (Open, State::Sent, "refuse OutcomeUnknown"),
            (Open, State::Placed, "refuse NotReady"),
            (Open, State::Pending, "refuse NotReady"),
            (Open, State::Issued, "buy 3"),
            (Open, State::Dead, "refuse OrderDead"),
            (Prolong, State::Unknown, "refuse OutcomeUnknown"),
            (Prolong, State::Placed, "refuse NotReady"),
            (Prolong, State::Pending, "refuse NotReady"),
            (Prolong, State::Rejected, "buy 4"),
            (Prolong, State::Issued, "buy 3"),
            (Prolong, State::Dead, "buy 4"),
        ];
        for (before, state, expected) in cases {
            let intent = stored(before, state, Some(5));
            let step = next_inside_term(Some(&intent), true);
            assert_eq!(word(&step), expected, "{before:?} {state:?}");
        }
        let without_order = Intent {
            order: None,
            ..stored(Open, State::Rejected, None)
        };
        let step = next_inside_term(Some(&without_order), false);
        assert_eq!(word(&step), "refuse Missing");
    }

    #[test]
    fn after_another_operation() {
        use Operation::{Open, Prolong, Reissue};
        let cases = [
            (Open, State::Unknown, Prolong, "refuse OutcomeUnknown"),
            (Reissue, State::Sent, Prolong, "refuse OutcomeUnknown"),
            (Open, State::Issued, Prolong, "buy 3"),
            (Prolong, State::Issued, Reissue, "buy 3"),
            (Prolong, State::Rejected, Reissue, "buy 4"),
            (Prolong, State::Dead, Reissue, "buy 4"),
            (Prolong, State::Issued, Open, "confirm"),
        ];
        for (before, state, wanted, expected) in cases {
            let step = next(
                Some(&stored(before, state, Some(5))),
                wanted,
                Some(OperationId(6)),
                true,
                &Served::default(),
                at(400),
            );
            assert_eq!(word(&step), expected, "{before:?} {state:?} {wanted:?}");
        }
    }
}
