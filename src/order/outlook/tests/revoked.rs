//! Certificates that their authority has revoked.

use super::*;

#[test]
fn a_revoked_certificate_waits_for_a_persons_word() {
    let (issued, revoked) = (intent(State::Issued, 30), Some(ago(2)));
    let urgent = Urgent {
        revoked,
        ..Urgent::default()
    };
    let rejected = intent(State::Rejected, 1);
    // Its reissue was refused, too.
    for intent in [&issued, &rejected] {
        let in_use = Facts {
            certificate_status: Some(5),
            life: life(50),
            urgent,
            ..facts(Some(intent))
        };
        let found = outlook(&in_use);
        assert_eq!((found.next, found.since), (Next::Revoked, revoked));
        assert_eq!(found.label(now()).en, "revoked");
    }
    let mut over = Facts {
        certificate_status: Some(5),
        life: life(50),
        urgent,
        ..facts(Some(&issued))
    };
    over.horizon.term_end = Some(ago(1).date_naive());
    let found = outlook(&over);
    assert_eq!(found.next, Next::Renew, "nothing that is not paid for");
    assert!(!found.needs_a_look(now()));
}
