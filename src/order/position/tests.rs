use super::*;
use crate::domain::{ItemId, VendorOrderId};
use crate::failure::Reason;
use crate::order::Operation;
use chrono::DateTime;

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

/// It leaves the service with the certificate and the order of before, and what is due for them stays due.
#[test]
fn a_dead_renewal_or_reissue_hides_nothing_of_what_the_service_has() {
    let dead = |operation, shown| {
        let intent = Ok(Intent {
            operation,
            ..intent(State::Dead)
        });
        judge(&Facts {
            intent: Some(&intent),
            certificate_status: shown,
            status: 2,
            has_order: true,
        })
    };
    for operation in [Operation::Prolong, Operation::Reissue] {
        assert_eq!(dead(operation, Some(5)), Position::Issued, "{operation:?}");
        assert_eq!(dead(operation, Some(4)), Position::Waiting, "{operation:?}");
        assert_eq!(dead(operation, Some(6)), Position::Failed, "{operation:?}");
    }
    assert_eq!(dead(Operation::Open, Some(4)), Position::Failed);
    assert_eq!(dead(Operation::Open, Some(5)), Position::Issued);
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
fn words_are_unique() {
    let words: std::collections::BTreeSet<_> = Position::ALL
        .iter()
        .map(|position| position.word())
        .collect();
    assert_eq!(words.len(), Position::ALL.len());
}
