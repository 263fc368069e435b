//! Answers of the vendor that never change.

use super::{MODULE, Shop};

/// "-1 internal error" says nothing of the order. The number was issued beforehand and counts once, so the operation
/// that ordered may send it again, once; what it hears then is no news, and a person decides.
#[test]
fn an_order_that_is_answered_with_the_same_error_for_ever_ends_at_a_person() {
    const CALL: &str = "DVOrder";
    let shop = Shop::open();
    let switch = |value: &str| {
        let vendor = shop.world.vendor(MODULE).vendor();
        vendor.set_switch("error", value).unwrap();
    };
    let item = shop
        .world
        .add_item(&shop.spec("DV", "example.com", "auth_email"));
    switch("DVOrder:-1");
    let operation = shop.world.queue(item, "open");
    shop.world.run(operation);
    assert_eq!(shop.hits(CALL), 1);
    // Within the settle time nothing is sent, whoever tries.
    shop.world.run(operation);
    shop.world.sync(item);
    assert_eq!(shop.hits(CALL), 1);
    // Afterwards a look sends nothing either; the operation does, once.
    shop.world.advance(10 * 60);
    shop.world.sync(item);
    assert_eq!(shop.hits(CALL), 1);
    shop.world.run_with_pauses(12, 10 * 60);
    assert_eq!(shop.hits(CALL), 2);
    let sent = shop.world.vendor(MODULE).requests_of(CALL);
    let sent: Vec<String> = sent.iter().map(|one| one.request.text()).collect();
    let number = |text: &String| {
        let rest = text.split_once("<OrderID>")?.1;
        Some(rest.split_once("</OrderID>")?.0.to_owned())
    };
    assert!(number(&sent[0]).is_some(), "{}", sent[0]);
    assert_eq!(number(&sent[0]), number(&sent[1]), "the same number");

    let left = shop.world.operation(operation).expect("the operation");
    assert!(left.manual, "{left:?}");
    assert!(
        left.errorxml.contains("pmssl_outcome_for_person"),
        "{left:?}"
    );
    assert!(left.errorxml.contains("-1"), "{left:?}");
    assert!(!left.errorxml.contains("nothing was bought"), "{left:?}");
    assert_eq!(shop.world.tasks().len(), 1);
    // However often it is restarted without a person's word.
    for _ in 0..3 {
        shop.world.retry(operation);
        shop.world.run_with_pauses(2, 10 * 60);
    }
    assert_eq!((shop.hits(CALL), shop.sold()), (2, 0));

    crate::proof::resolve(&shop.world, item, None).unwrap();
    switch("");
    shop.world.retry(operation);
    shop.world.run_with_pauses(2, 10 * 60);
    assert_eq!((shop.hits(CALL), shop.sold()), (3, 1));
    shop.issued(item, "after a person's word");
    shop.assert_sound();
}
