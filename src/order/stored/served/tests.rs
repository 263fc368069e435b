use super::*;
use crate::domain::ItemId;
use crate::order::intent::MAXIMUM_LENGTH;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_775_000_000, 0).unwrap()
}

fn intent(operation: Operation, queued: Option<u64>, state: State) -> Intent {
    let queued = queued.map(OperationId);
    Intent::decide("i", ItemId(1), operation, "s", 1, queued, now()).with_state(state)
}

#[test]
fn only_operations_whose_order_stands_are_remembered() {
    let none = Served::default();
    for state in [
        State::Prepared,
        State::Sent,
        State::Unknown,
        State::Rejected,
        State::Dead,
    ] {
        assert_eq!(none.with(&intent(Operation::Prolong, Some(5), state)), None);
    }
    assert_eq!(
        none.with(&intent(Operation::Prolong, None, State::Issued)),
        None
    );
    let served = none
        .with(&intent(Operation::Prolong, Some(5), State::Pending))
        .unwrap();
    let since = |operation, id| served.since(operation, OperationId(id));
    assert_eq!(since(Operation::Prolong, 5), Some(now()));
    assert_eq!(since(Operation::Reissue, 5), None);
    assert_eq!(since(Operation::Prolong, 6), None);
    assert_eq!(Served::from_text(&served.to_text()), served);
}

#[test]
fn a_person_forgets_renewals_of_long_ago() {
    let served = Served::default()
        .with(&intent(Operation::Prolong, Some(5), State::Issued))
        .and_then(|served| served.with(&intent(Operation::Reissue, Some(6), State::Issued)))
        .unwrap();
    assert_eq!(served.without_old_renewals(now()), None);
    let later = now() + TimeDelta::days(91);
    let left = served.without_old_renewals(later).unwrap();
    assert_eq!(left.since(Operation::Prolong, OperationId(5)), None);
    assert_eq!(left.since(Operation::Reissue, OperationId(6)), Some(now()));
}

#[test]
fn the_text_always_fits() {
    let mut served = Served::default();
    for id in 0..20 {
        let longest = Some(u64::from(u32::MAX) - id);
        served = served
            .with(&intent(Operation::Prolong, longest, State::Issued))
            .unwrap();
    }
    assert!(served.to_text().len() <= MAXIMUM_LENGTH);
    assert_eq!(Served::from_text("nonsense,prolong x 1"), Served::default());
}
