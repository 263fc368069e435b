//! The end of proofs by e-mail.

use super::{Fixture, MODULE};
use crate::sandbox::vendor::Approval;

/// A certificate proved by e-mail that is due after the end of e-mail proofs: the program takes another method of the
/// product, asks the vendor by it, and the client is told what to publish.
#[test]
fn the_first_reissue_after_the_end_of_mail_proofs_takes_another_method() {
    let fixture = Fixture::beginning("2027-12-20T09:00:00Z");
    let item = fixture.ordered("letter.example.com", 12);
    let asked = |call: &str| {
        let calls = fixture.world.vendor(MODULE).requests_of(call);
        calls.last().unwrap().request.text()
    };
    assert!(asked("order/neworder").contains("admin@letter.example.com"));
    fixture.approve_all();
    fixture.world.advance(120);
    fixture.pass();
    let end = fixture.end(item);
    assert!(end > "2028-03-15".parse().unwrap(), "{end}");
    let days = (end - fixture.today()).num_days() - 6;
    fixture.days(days);
    fixture.pass();
    assert_eq!(fixture.reissues(), 1, "{}", fixture.log());
    let body = asked("order/reissue");
    assert!(
        body.contains("CNAME") && !body.contains("admin@letter"),
        "{body}"
    );
    let view = fixture.world.item(item);
    assert_eq!(view.parameter("approver_method"), "auth_cname");
    let value = view.parameter("auth_cname_value");
    assert!(!value.is_empty());
    let messages = fixture.world.panel().messages();
    assert!(
        messages.iter().any(|(.., text)| text.contains(value)),
        "{messages:?}"
    );
    fixture.approve_all();
    fixture.world.advance(300);
    fixture.pass();
    assert!(fixture.end(item) > end, "{}", fixture.log());
    assert!(fixture.world.panel().free_tasks().is_empty());
    fixture.is_sound();
}

/// Whoever answers a mail on the day on which proof by e-mail ends proves nothing. The client hears why when reminded, and
/// a person when the order's time is over.
#[test]
fn a_mail_that_is_answered_after_the_end_of_mail_proofs_proves_nothing() {
    let fixture = Fixture::beginning("2028-03-14T09:00:00Z");
    let item = fixture.ordered("answer.example.com", 12);
    let vendor = fixture.world.vendor(MODULE).vendor();
    let order = fixture.world.order_of(item);
    fixture.days(1);
    let refused = vendor.approve(&order, &Approval::All).unwrap_err();
    assert!(refused.contains("2028-03-15"), "{refused}");
    fixture.days(3);
    fixture.pass();
    let messages = fixture.world.panel().messages();
    let why = "No certificate authority accepts proof by e-mail since 2028-03-15";
    assert!(
        messages.iter().any(|(.., text)| text.contains(why)),
        "{messages:?}"
    );
    assert!(fixture.world.panel().free_tasks().is_empty());
    fixture.days(4);
    fixture.pass();
    assert_eq!(fixture.world.panel().free_tasks().len(), 1);
    assert!(!fixture.world.is_issued(item));
    fixture.is_sound();
}
