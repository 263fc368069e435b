//! Who hears of what goes wrong after the payment.

use chrono::TimeDelta;

use super::course::Scene;
use super::life::Death;
use crate::certificate::testing::at;
use crate::failure::Reason;
use crate::module::Method;
use crate::order::port::Stage;
use crate::order::{Followed, Operation};
use crate::platform::fields;

fn tasks(scene: &Scene) -> Vec<String> {
    scene.platform.tasks.borrow().clone()
}

fn cancel(scene: &Scene, order: &str) {
    let stage = Stage::Cancelled("CAA forbids".into());
    scene
        .authority
        .stages
        .borrow_mut()
        .insert(order.into(), stage);
}

/// The service is never looked at again once it shows that it failed.
#[test]
fn a_first_order_that_the_vendor_cancels_is_a_persons_task_at_once() {
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    cancel(&scene, "7701");
    for _ in 0..2 {
        assert_eq!(scene.sync().unwrap(), Followed::Failed);
        let tasks = tasks(&scene);
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        for part in ["7701", "CAA forbids", "order anew", "закажите заново"] {
            assert!(tasks[0].contains(part), "{part}: {}", tasks[0]);
        }
    }
    let words = scene.platform.parameter(fields::WAITS).unwrap();
    assert!(words.contains("CAA forbids"), "{words}");
}

/// The next look delivers the former certificate, and says nothing.
#[test]
fn a_renewal_that_the_vendor_cancels_is_a_persons_task_at_once() {
    let scene = Scene::delivered();
    scene.order(Operation::Prolong, Some(42)).unwrap();
    cancel(&scene, "7702");
    assert_eq!(scene.sync().unwrap_err().reason(), Reason::OrderDead);
    let tasks = tasks(&scene);
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert!(tasks[0].contains("7702"), "{}", tasks[0]);
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    assert_eq!(scene.platform.tasks.borrow().len(), 1);
}

/// A reissue of the daemon's goes on by itself, and what was deleted was meant to end.
#[test]
fn what_goes_on_or_was_meant_to_end_is_nobodys_task() {
    let scene = Scene::delivered();
    scene.authority.renumbers.set(true);
    scene.reissue_by_daemon().unwrap();
    cancel(&scene, "7702");
    assert_eq!(scene.sync().unwrap_err().reason(), Reason::OrderDead);
    assert_eq!(tasks(&scene), [] as [String; 0]);

    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    cancel(&scene, "7701");
    scene.platform.service.borrow_mut().status = 4;
    assert_eq!(scene.sync().unwrap(), Followed::Failed);
    assert_eq!(tasks(&scene), [] as [String; 0]);
}

#[test]
fn no_death_of_the_command_hides_a_cancelled_order() {
    for (operation, order) in [(Operation::Open, "7701"), (Operation::Prolong, "7702")] {
        let look = |death: Option<Death>| {
            let scene = match operation {
                Operation::Open => Scene::new(),
                _ => Scene::delivered(),
            };
            scene.order(operation, Some(42)).unwrap();
            cancel(&scene, order);
            scene.life.begin(death);
            let _ = scene.sync();
            let effects = scene.life.effects();
            scene.life.begin(None);
            let _ = scene.sync();
            let count = tasks(&scene).len();
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
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.issue("7701");
    scene.platform.refuses_certificates.set(true);
    let looks = |hours| {
        scene.pass(TimeDelta::hours(hours));
        assert_eq!(scene.sync().unwrap_err().reason(), Reason::PlatformFunction);
        tasks(&scene)
    };
    assert_eq!(looks(0), [] as [String; 0], "the panel may be restarting");
    let tasks = looks(25);
    assert_eq!(tasks.len(), 1);
    for part in ["value is too long", "BILLmanager says", "Ответ BILLmanager"] {
        assert!(tasks[0].contains(part), "{part}: {}", tasks[0]);
    }
    assert_eq!(looks(2).len(), 1, "once");
    scene.platform.refuses_certificates.set(false);
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    assert_eq!(
        scene.platform.parameter(fields::WAITS).unwrap_or_default(),
        ""
    );
}

/// Nothing was seen of the order for a week: whatever the client had to do then may be done.
#[test]
fn an_order_that_cannot_be_looked_at_is_not_said_to_wait_for_the_client() {
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.authority.refuses_status.set(true);
    scene.pass(TimeDelta::days(8));
    scene.sync().unwrap_err();
    let tasks = tasks(&scene);
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert!(tasks[0].contains("no such order"), "{}", tasks[0]);
    assert!(!tasks[0].contains("domain validation"), "{}", tasks[0]);
    assert!(!tasks[0].contains("клиент"), "{}", tasks[0]);
}

#[test]
fn a_csr_that_is_missing_or_unreadable_is_called_that_at_once() {
    for csr in [None, Some("no CSR".to_owned())] {
        let scene = Scene::new();
        scene.order(Operation::Open, Some(41)).unwrap();
        scene.issue("7701");
        scene.platform.service.borrow_mut().csr = csr;
        scene.sync().unwrap_err();
        let tasks = tasks(&scene);
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        assert!(tasks[0].contains("put back the CSR"), "{}", tasks[0]);
    }
}

/// Most often it is the service that was changed, not the order that was exchanged.
#[test]
fn a_certificate_of_a_former_csr_is_not_only_called_another_services() {
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.issue("7701");
    let other = crate::certificate::testing::csr(&["www.example.com"]);
    scene.platform.service.borrow_mut().csr = Some(other.pem().to_owned());
    scene.sync().unwrap_err();
    let tasks = tasks(&scene);
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    for part in ["changed after the order", "изменены после заказа"] {
        assert!(tasks[0].contains(part), "{part}: {}", tasks[0]);
    }
}

/// The order is paid for by then; the client may have chosen months before.
#[test]
fn a_first_order_after_the_end_of_mail_is_proved_otherwise() {
    let scene = Scene::new();
    scene.set_time(at((2028, 4, 1)));
    scene.set(fields::APPROVER_METHOD, Method::Email.choice_word());
    scene.order(Operation::Open, Some(41)).unwrap();
    let method = scene.platform.parameter(fields::APPROVER_METHOD);
    let method = Method::by_choice_word(&method.unwrap());
    assert!(
        method.is_some_and(|method| method != Method::Email),
        "{method:?}"
    );
    assert_eq!(scene.sales(), 1);
}

/// A reissue that cannot carry another method is sent as it is, and the client hears what is to be done.
#[test]
fn a_reissue_after_the_end_of_mail_changes_the_method_only_where_the_vendor_takes_it() {
    for keeps in [false, true] {
        let scene = Scene::delivered();
        scene.authority.keeps_method.set(keeps);
        scene.set_time(at((2028, 4, 1)));
        scene.set(fields::TERM_END, "2029-04-01");
        scene.set(fields::APPROVER_METHOD, Method::Email.choice_word());
        scene.platform.letters.borrow_mut().clear();
        scene.reissue_by_daemon().unwrap();
        let method = scene.platform.parameter(fields::APPROVER_METHOD).unwrap();
        let is_mail = Method::by_choice_word(&method) == Some(Method::Email);
        assert_eq!(is_mail, keeps, "{method}");
        let letters = scene.platform.letters.borrow().clone();
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
        let scene = Scene::new();
        scene.set_time(at(day));
        scene.set(fields::APPROVER_METHOD, Method::Email.choice_word());
        scene.order(Operation::Open, Some(41)).unwrap();
        let letters = scene.platform.letters.borrow().clone();
        assert_eq!(letters.len(), told, "{letters:?}");
        for text in letters {
            for part in ["ends on 2028-03-15", "с 2028-03-15", "is ordered"] {
                assert!(text.contains(part), "{part}: {text}");
            }
            assert!(!text.contains("look at its names"), "{text}");
        }
    }
}

/// What a person reads in `pmssl show` is what the vendor says now.
#[test]
fn the_vendors_changed_words_are_kept_and_make_no_second_task() {
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    let long = format!("a long complaint {}", "x ".repeat(400));
    for words in ["no money on the account", "the invoice is overdue", &long] {
        let stage = Stage::Unpaid(words.into());
        let mut stages = scene.authority.stages.borrow_mut();
        stages.insert("7701".into(), stage);
        drop(stages);
        scene.sync().unwrap();
        let kept = scene.platform.parameter(fields::WAITS).unwrap();
        let begin: String = words.chars().take(20).collect();
        assert!(kept.contains(&begin), "{kept}");
        assert_eq!(tasks(&scene).len(), 1, "{words}");
        scene.sync().unwrap();
        assert_eq!(scene.platform.parameter(fields::WAITS).unwrap(), kept);
    }
}
