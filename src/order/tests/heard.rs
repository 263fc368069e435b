//! Who hears of what goes wrong after the payment.

use chrono::TimeDelta;

use super::course::Setup;
use super::life::Death;
use crate::certificate::testing::at;
use crate::failure::Reason;
use crate::module::Method;
use crate::order::port::Stage;
use crate::order::{Followed, Operation};
use crate::platform::fields;

fn tasks(setup: &Setup) -> Vec<String> {
    setup.platform.tasks.borrow().clone()
}

fn cancel(setup: &Setup, order: &str) {
    let stage = Stage::Cancelled("CAA forbids".into());
    setup
        .authority
        .stages
        .borrow_mut()
        .insert(order.into(), stage);
}

/// The service is never looked at again once it shows that it failed.
#[test]
fn a_first_order_that_the_vendor_cancels_is_a_persons_task_at_once() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    cancel(&setup, "7701");
    for _ in 0..2 {
        assert_eq!(setup.sync().unwrap(), Followed::Failed);
        let tasks = tasks(&setup);
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        for part in ["7701", "CAA forbids", "order anew", "закажите заново"] {
            assert!(tasks[0].contains(part), "{part}: {}", tasks[0]);
        }
    }
    let words = setup.platform.parameter(fields::WAITS).unwrap();
    assert!(words.contains("CAA forbids"), "{words}");
}

/// The next look delivers the former certificate, and says nothing.
#[test]
fn a_renewal_that_the_vendor_cancels_is_a_persons_task_at_once() {
    let setup = Setup::delivered();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    cancel(&setup, "7702");
    assert_eq!(setup.sync().unwrap_err().reason(), Reason::OrderDead);
    let tasks = tasks(&setup);
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert!(tasks[0].contains("7702"), "{}", tasks[0]);
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(setup.platform.tasks.borrow().len(), 1);
}

/// A reissue of the daemon's goes on by itself, and what was deleted was meant to end.
#[test]
fn what_goes_on_or_was_meant_to_end_is_nobodys_task() {
    let setup = Setup::delivered();
    setup.authority.renumbers.set(true);
    setup.reissue_by_daemon().unwrap();
    cancel(&setup, "7702");
    assert_eq!(setup.sync().unwrap_err().reason(), Reason::OrderDead);
    assert_eq!(tasks(&setup), [] as [String; 0]);

    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    cancel(&setup, "7701");
    setup.platform.service.borrow_mut().status = 4;
    assert_eq!(setup.sync().unwrap(), Followed::Failed);
    assert_eq!(tasks(&setup), [] as [String; 0]);
}

#[test]
fn no_death_of_the_command_hides_a_cancelled_order() {
    for (operation, order) in [(Operation::Open, "7701"), (Operation::Prolong, "7702")] {
        let look = |death: Option<Death>| {
            let setup = match operation {
                Operation::Open => Setup::new(),
                _ => Setup::delivered(),
            };
            setup.order(operation, Some(42)).unwrap();
            cancel(&setup, order);
            setup.life.begin(death);
            let _ = setup.sync();
            let effects = setup.life.effects();
            setup.life.begin(None);
            let _ = setup.sync();
            let count = tasks(&setup).len();
            assert!((1..=2).contains(&count), "{operation:?} {death:?}: {count}");
            effects
        };
        for number in 0..look(None) {
            look(Some(Death::Before(number)));
            look(Some(Death::After(number)));
        }
    }
}

/// The vendor has done its part, and every look ends at the same refusal.
#[test]
fn a_certificate_that_billmanager_refuses_for_good_becomes_a_persons_task() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
    setup.platform.refuses_certificates.set(true);
    let looks = |hours| {
        setup.pass(TimeDelta::hours(hours));
        assert_eq!(setup.sync().unwrap_err().reason(), Reason::PlatformFunction);
        tasks(&setup)
    };
    assert_eq!(looks(0), [] as [String; 0], "the panel may be restarting");
    let tasks = looks(25);
    assert_eq!(tasks.len(), 1);
    for part in ["value is too long", "BILLmanager says", "Ответ BILLmanager"] {
        assert!(tasks[0].contains(part), "{part}: {}", tasks[0]);
    }
    assert_eq!(looks(2).len(), 1, "once");
    setup.platform.refuses_certificates.set(false);
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(
        setup.platform.parameter(fields::WAITS).unwrap_or_default(),
        ""
    );
}

/// Nothing was seen of the order for a week: whatever the client had to do then may be done.
#[test]
fn an_order_that_cannot_be_looked_at_is_not_said_to_wait_for_the_client() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.authority.refuses_status.set(true);
    setup.pass(TimeDelta::days(8));
    setup.sync().unwrap_err();
    let tasks = tasks(&setup);
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert!(tasks[0].contains("no such order"), "{}", tasks[0]);
    assert!(!tasks[0].contains("domain validation"), "{}", tasks[0]);
    assert!(!tasks[0].contains("клиент"), "{}", tasks[0]);
}

#[test]
fn a_csr_that_is_missing_or_unreadable_is_called_that_at_once() {
    for csr in [None, Some("no CSR".to_owned())] {
        let setup = Setup::new();
        setup.order(Operation::Open, Some(41)).unwrap();
        setup.issue("7701");
        setup.platform.service.borrow_mut().csr = csr;
        setup.sync().unwrap_err();
        let tasks = tasks(&setup);
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        assert!(tasks[0].contains("put back the CSR"), "{}", tasks[0]);
    }
}

/// Most often it is the service that was changed, not the order that was exchanged.
#[test]
fn a_certificate_of_a_former_csr_is_not_only_called_another_services() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
    let other = crate::certificate::testing::csr(&["www.example.com"]);
    setup.platform.service.borrow_mut().csr = Some(other.pem().to_owned());
    setup.sync().unwrap_err();
    let tasks = tasks(&setup);
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    for part in ["changed after the order", "изменены после заказа"] {
        assert!(tasks[0].contains(part), "{part}: {}", tasks[0]);
    }
}

/// The order is paid for by then; the client may have chosen months before.
#[test]
fn a_first_order_after_the_end_of_mail_is_proved_otherwise() {
    let setup = Setup::new();
    setup.set_time(at((2028, 4, 1)));
    setup.set(fields::APPROVER_METHOD, Method::Email.choice_word());
    setup.order(Operation::Open, Some(41)).unwrap();
    let method = setup.platform.parameter(fields::APPROVER_METHOD);
    let method = Method::by_choice_word(&method.unwrap());
    assert!(
        method.is_some_and(|method| method != Method::Email),
        "{method:?}"
    );
    assert_eq!(setup.sales(), 1);
}

/// A reissue that cannot carry another method is sent as it is, and the client hears what is to be done.
#[test]
fn a_reissue_after_the_end_of_mail_changes_the_method_only_where_the_vendor_takes_it() {
    for keeps in [false, true] {
        let setup = Setup::delivered();
        setup.authority.keeps_method.set(keeps);
        setup.set_time(at((2028, 4, 1)));
        setup.set(fields::TERM_END, "2029-04-01");
        setup.set(fields::APPROVER_METHOD, Method::Email.choice_word());
        setup.platform.letters.borrow_mut().clear();
        setup.reissue_by_daemon().unwrap();
        let method = setup.platform.parameter(fields::APPROVER_METHOD).unwrap();
        let is_mail = Method::by_choice_word(&method) == Some(Method::Email);
        assert_eq!(is_mail, keeps, "{method}");
        let letters = setup.platform.letters.borrow().clone();
        let told = letters
            .iter()
            .filter(|text| text.contains("changed with the vendor"));
        assert_eq!(told.count(), usize::from(keeps), "{letters:?}");
    }
}

/// Whoever pays for more than e-mail can prove is told so with the order, not by a line of the log.
#[test]
fn a_client_is_told_that_mail_ends_inside_the_term_that_was_bought() {
    for (day, told) in [((2027, 3, 1), 0), ((2027, 4, 1), 1)] {
        let setup = Setup::new();
        setup.set_time(at(day));
        setup.set(fields::APPROVER_METHOD, Method::Email.choice_word());
        setup.order(Operation::Open, Some(41)).unwrap();
        let letters = setup.platform.letters.borrow().clone();
        assert_eq!(letters.len(), told, "{letters:?}");
        for text in letters {
            for part in ["ends on 2028-03-15", "с 2028-03-15", "is ordered"] {
                assert!(text.contains(part), "{part}: {text}");
            }
            assert!(!text.contains("look at its names"), "{text}");
        }
    }
}

/// What the vendor remarks once, with the first order, is among the words of what that waits for: stored once, and told to
/// whoever gets the task.
#[test]
fn a_remark_that_came_with_the_order_is_among_the_words_that_are_shown() {
    let setup = Setup::new();
    let remark = "held for a phishing check".to_owned();
    *setup.authority.remark.borrow_mut() = Some(remark.clone());
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.sync().unwrap();
    let kept = setup.platform.parameter(fields::WAITS).unwrap();
    assert!(kept.ends_with(&remark), "{kept}");
    setup.pass(TimeDelta::days(8));
    setup.sync().unwrap();
    let tasks = tasks(&setup);
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert_eq!(tasks[0].matches(&remark).count(), 2, "{}", tasks[0]);
}

/// What a person reads in `pmssl show` is what the vendor says now.
#[test]
fn the_vendors_changed_words_are_kept_and_make_no_second_task() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    let long = format!("a long complaint {}", "x ".repeat(400));
    for words in ["no money on the account", "the invoice is overdue", &long] {
        let stage = Stage::Unpaid(words.into());
        let mut stages = setup.authority.stages.borrow_mut();
        stages.insert("7701".into(), stage);
        drop(stages);
        setup.sync().unwrap();
        let kept = setup.platform.parameter(fields::WAITS).unwrap();
        let begin: String = words.chars().take(20).collect();
        assert!(kept.contains(&begin), "{kept}");
        assert_eq!(tasks(&setup).len(), 1, "{words}");
        setup.sync().unwrap();
        assert_eq!(setup.platform.parameter(fields::WAITS).unwrap(), kept);
    }
}
