//! An order that exists already and would be used up instead of buying one: whose is it?

use super::course::Setup;
use crate::domain::ItemId;
use crate::failure::Reason;
use crate::order::{Operation, Ordered, intent};

/// A vendor that would use up these orders, of which service 8 has some.
fn offered(orders: &[&str], taken: &[&str], foreign: &str) -> Setup {
    let setup = Setup::new();
    let orders = orders.iter().map(|order| (*order).to_owned());
    *setup.authority.uses.borrow_mut() = orders.collect();
    let taken = taken.iter().map(|order| ((*order).to_owned(), ItemId(8)));
    setup.platform.taken.borrow_mut().extend(taken);
    if !foreign.is_empty() {
        setup.set("pmssl_foreign", &format!("1|{foreign}"));
    }
    setup
}

#[test]
fn what_another_service_has_or_a_person_has_called_somebody_elses_is_not_used_up() {
    let cases: [(&[&str], &str, &str, usize); 5] = [
        (&[], "", "6601", 0),
        (&["6601"], "", "6602", 0),
        (&[], "6601", "6602", 0),
        (&["6601"], "6602", "7701", 1),
        (&["6601", "6602"], "", "7701", 1),
    ];
    for (taken, foreign, order, bought) in cases {
        let setup = offered(&["6601", "6602"], taken, foreign);
        let case = format!("{taken:?} {foreign}");
        let ordered = setup.order(Operation::Open, Some(41)).unwrap();
        assert_eq!(ordered, Ordered::Placed, "{case}");
        let held = setup.platform.parameter("store_order_id");
        assert_eq!(held.as_deref(), Some(order), "{case}");
        assert_eq!(setup.authority.submitted.get(), bought, "{case}");
    }
}

#[test]
fn an_order_of_another_service_that_is_offered_again_ends_before_anything_is_sent() {
    let setup = offered(&["6601"], &["6601"], "");
    setup.authority.insists.set(true);
    let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::Internal, "{failure}");
    assert_eq!(setup.authority.submitted.get(), 0);
    assert_eq!(setup.platform.parameter(intent::PARAMETER), None);
    assert_eq!(setup.platform.parameter("store_order_id"), None);
}

#[test]
fn an_offer_without_an_end_is_given_up() {
    let many: Vec<String> = (0..20).map(|number| format!("66{number:02}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let setup = offered(&many, &many, "");
    let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::Internal, "{failure}");
    assert_eq!(setup.authority.submitted.get(), 0);
}
