//! The real binary and the simulated eNom: three steps, one purchase (design, section 1; enom.md 14).

use crate::sandbox::vendor::{Approval, Fault, Vendor, VendorServer};
use crate::sandbox::{ItemSpec, World};

const RAPID: &str = "Certificate-RapidSSL-RapidSSL";

struct Place {
    world: World,
    account: u64,
    item: u64,
    _directory: tempfile::TempDir,
}

impl Place {
    fn new(template: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let world = World::start(directory.path());
        let account = world.add_account("pmenomssl", &[]);
        let item = world.add_item(&ItemSpec::new(account, template));
        Self {
            world,
            account,
            item,
            _directory: directory,
        }
    }

    fn server(&self) -> &VendorServer {
        self.world.vendor("enomssl")
    }

    fn vendor(&self) -> &dyn Vendor {
        &**self.server().vendor()
    }

    fn slot(&self, item: u64) -> String {
        self.world
            .item(item)
            .parameter("custom_order_id")
            .to_owned()
    }

    fn comes_to_its_certificate(&self, item: u64) {
        self.vendor()
            .approve(&self.slot(item), &Approval::All)
            .unwrap();
        let outcome = self.world.sync(item);
        assert!(outcome.is_ok(), "{}", outcome.stdout);
        assert_eq!(self.world.item(item).service_status, Some(5));
    }

    /// What the platform does next: runs the queue while time passes; a person restarts what became manual.
    fn recover(&self) {
        for _ in 0..2 {
            self.world.run_with_pauses(4, 10 * 60);
            for operation in self.world.operations() {
                if operation.errorxml.contains("pmssl_outcome_for_person") {
                    // A blank slot carries nothing of ours: a person looks for one that no service has.
                    let held: Vec<String> = self
                        .world
                        .items()
                        .into_iter()
                        .map(|item| self.slot(item))
                        .collect();
                    let mut slots = self.vendor().orders().into_iter().map(|order| order.id);
                    let free = slots.rfind(|slot| !held.contains(slot));
                    let item = operation.item;
                    assert_eq!(
                        crate::proof::resolve(&self.world, item, free.as_deref()),
                        Ok(())
                    );
                }
                self.world.retry(operation.id);
            }
        }
        self.world.run_with_pauses(4, 10 * 60);
        assert!(self.world.operations().is_empty());
    }

    fn assert_sound(&self, what: &str) {
        let found = self.world.reconcile();
        assert!(found.is_sound(), "{what}: {found:?}");
        // The vendor takes a query, too, but what stands in an address ends in logs.
        let queries = self.server().requests();
        assert!(queries.iter().all(|one| one.request.query.is_empty()));
        assert_eq!(self.world.leaks(), [""; 0], "{what}");
    }
}

#[test]
fn a_service_goes_through_its_whole_life() {
    let place = Place::new(RAPID);
    let (world, item) = (&place.world, place.item);
    assert!(world.perform(item, "open").is_ok());
    let slot = place.slot(item);
    assert!(!world.item(item).parameter("partner_order_id").is_empty());
    place.comes_to_its_certificate(item);
    assert!(!world.item(item).parameter("vender_order_id").is_empty());

    // A new key inside the term.
    let operation = world.reissue(item, None, &[]);
    let outcome = world.run(operation);
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    let before = world.item(item).certificate;
    assert!(world.sync(item).is_ok());
    assert_eq!(world.item(item).certificate, before, "the former one stays");
    place.comes_to_its_certificate(item);
    assert_ne!(world.item(item).certificate, before);
    assert_eq!(place.slot(item), slot);

    // Long before the end nothing is bought.
    let early = world.perform(item, "prolong");
    assert!(!early.is_ok());
    assert!(early.stdout.contains("has no renewals"), "{}", early.stdout);
    assert_eq!(place.server().hits("PurchaseServices"), 1);
    place.assert_sound("life");
}

#[test]
fn a_declined_reissue_leaves_the_running_certificate() {
    let place = Place::new(RAPID);
    let (world, item) = (&place.world, place.item);
    assert!(world.perform(item, "open").is_ok());
    place.comes_to_its_certificate(item);
    let operation = world.reissue(item, None, &[]);
    assert!(world.run(operation).is_ok());
    assert!(world.sync(item).is_ok());
    let before = world.item(item);
    let slot = place.slot(item);
    place.vendor().fail(&slot, "the owner said no").unwrap();
    let outcome = world.sync(item);
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    let after = world.item(item);
    assert_eq!(
        (after.certificate, after.status, after.service_status),
        (before.certificate, before.status, before.service_status)
    );
    assert_eq!(place.slot(item), slot);
}

/// The account of every day: certificates, and no blank slot among them (enom.md 19).
#[test]
fn an_account_with_a_certificate_and_no_blank_slot_orders_and_looks_up() {
    for totals in ["filter", "account"] {
        let place = Place::new(RAPID);
        let (world, item) = (&place.world, place.item);
        place.vendor().set_switch("totals", totals).unwrap();
        assert!(world.perform(item, "open").is_ok());
        place.comes_to_its_certificate(item);
        let other = ItemSpec::new(place.account, RAPID).name("other.example.com");
        let other = world.add_item(&other);
        place
            .server()
            .set_fault("PurchaseServices", Fault::ResetBeforeHandling, 1);
        let operation = world.queue(other, "open");
        world.run(operation);
        place.recover();
        place.comes_to_its_certificate(other);
        assert_eq!(place.vendor().sales().len(), 2, "{totals}");
        place.assert_sound(totals);
    }
}

#[test]
fn one_slot_is_bought_whatever_becomes_of_a_step() {
    for call in ["PurchaseServices", "CertConfigureCert", "CertPurchaseCert"] {
        for fault in [
            Fault::ErrorWith200,
            Fault::HtmlPage,
            Fault::HtmlPageAfter,
            Fault::Empty,
            Fault::Truncated,
            Fault::CutBody,
            Fault::ResetBeforeAnswer,
            Fault::ServerErrorAfter,
            Fault::ServerErrorBefore,
            Fault::WrongTypes,
        ] {
            let what = format!("{call} {fault:?}");
            let place = Place::new("Certificate-Comodo-Essential");
            place.server().set_fault(call, fault, 1);
            let operation = place.world.queue(place.item, "open");
            place.world.run(operation);
            place.recover();
            // A step that was refused after paying is made by a later look.
            place.world.sync(place.item);
            assert_eq!(place.vendor().sales().len(), 1, "{what}");
            place.comes_to_its_certificate(place.item);
            place.assert_sound(&what);
        }
    }
}

#[test]
fn a_mailbox_that_the_vendor_does_not_offer_waits_for_the_client() {
    let place = Place::new(RAPID);
    let (world, item) = (&place.world, place.item);
    let host = "shop.example.com";
    let only = format!("postmaster@{host}");
    place.vendor().set_switch("approvers", &only).unwrap();
    world.perform(item, "open");
    let told = world.sync(item);
    assert!(!told.is_ok());
    assert!(told.stdout.contains(&only), "{}", told.stdout);
    // Paid and stuck: a person hears at once, once, with the vendor's words, and every list names the owner.
    let tasks = world.panel().free_tasks();
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    for part in [only.as_str(), "do not order again", "не заказывайте снова"] {
        assert!(tasks[0].contains(part), "{part}: {}", tasks[0]);
    }
    let listed = world
        .tool(&["orders", "--stuck", "--json"])
        .output()
        .unwrap();
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed[0]["item"], item);
    assert_eq!(
        (&listed[0]["owner"], &listed[0]["next"]),
        (&"administrator".into(), &"step".into())
    );
    let shown = world
        .tool(&["show", "--item", &item.to_string()])
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("the administrator") && shown.contains(&only),
        "{shown}"
    );
    world
        .panel()
        .set_parameter(item, "approver_email", Some(&only));
    assert!(world.sync(item).is_ok());
    place.recover();
    place.comes_to_its_certificate(item);
    assert_eq!(place.vendor().sales().len(), 1);
    assert_eq!(world.item(item).parameter("pmssl_waits"), "");
    place.assert_sound("mailbox");
}

#[test]
fn a_lost_purchase_does_not_take_the_slot_of_another_service() {
    let place = Place::new(RAPID);
    let world = &place.world;
    let other = world.add_item(&ItemSpec::new(place.account, RAPID).name("other.example.com"));
    // The answer is lost, and so is the look-up that follows.
    place
        .server()
        .set_fault("PurchaseServices", Fault::ResetBeforeAnswer, 1);
    place
        .server()
        .set_fault_after("CertGetCerts", Fault::HtmlPage, 4, 1);
    let first = world.queue(place.item, "open");
    world.run(first);
    assert_eq!(place.vendor().sales().len(), 1);
    assert_eq!(place.slot(place.item), "");
    assert!(world.perform(other, "open").is_ok());
    place.recover();
    assert_ne!(place.slot(place.item), place.slot(other));
    assert_eq!(place.vendor().sales().len(), 2);
    for item in [place.item, other] {
        place.comes_to_its_certificate(item);
    }
    place.assert_sound("two services");
}

#[test]
fn services_ordered_at_the_same_time_get_a_slot_each() {
    let place = Place::new(RAPID);
    let world = &place.world;
    let mut items = vec![place.item];
    for number in 0..3 {
        let spec = ItemSpec::new(place.account, RAPID).name(&format!("n{number}.example.com"));
        items.push(world.add_item(&spec));
    }
    let operations: Vec<u64> = items
        .iter()
        .map(|item| world.queue(*item, "open"))
        .collect();
    world.run_together(&operations);
    place.recover();
    let mut slots: Vec<String> = items.iter().map(|item| place.slot(*item)).collect();
    slots.sort();
    slots.dedup();
    assert_eq!(slots.len(), items.len());
    assert_eq!(place.vendor().sales().len(), items.len());
    for item in items {
        place.comes_to_its_certificate(item);
    }
    place.assert_sound("together");
}

#[test]
fn a_withdrawn_slot_of_a_deleted_service_is_not_submitted_again() {
    let place = Place::new(RAPID);
    let (world, item) = (&place.world, place.item);
    assert!(world.perform(item, "open").is_ok());
    let outcome = world.perform(item, "close");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    assert_eq!(place.server().hits("CertModifyOrder"), 1);
    assert_eq!(world.item(item).status, 4, "deleted");
    let withdrawn =
        |view: &crate::sandbox::vendor::OrderView| view.status == "Awaiting Configuration";
    assert!(place.vendor().orders().iter().all(withdrawn));
    for _ in 0..2 {
        world.sync(item);
    }
    assert!(place.vendor().orders().iter().all(withdrawn));
    assert_eq!(place.server().hits("CertPurchaseCert"), 1);
    assert_eq!(place.server().hits("CertConfigureCert"), 1);
    assert_eq!(place.vendor().sales().len(), 1);
}

/// Purchases of one account cannot be told apart (enom.md 14): the lock is there from the first look at
/// the books to the stored number.
#[test]
fn the_logins_lock_is_held_while_a_purchase_is_under_way() {
    let place = Place::new(RAPID);
    let world = &place.world;
    world.set_option("SSLOrderTimeout", "2");
    place
        .server()
        .set_fault("PurchaseServices", Fault::Stall, 1);
    let operation = world.queue(place.item, "open");
    let is_held = || {
        let names = world.database().engine().locks.names();
        names.iter().any(|name| name.contains("login-"))
    };
    let seen = std::thread::scope(|scope| {
        let run = scope.spawn(|| world.run(operation));
        let mut seen = false;
        while !run.is_finished() {
            seen |= is_held();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        seen
    });
    assert!(seen);
    assert!(!is_held());
    world.set_option("SSLOrderTimeout", "30");
    place.recover();
    assert_eq!(place.vendor().sales().len(), 1);
    place.comes_to_its_certificate(place.item);
    place.assert_sound("lock");
}
