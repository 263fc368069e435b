//! The course of orders: what is sold, stored and shown, with everybody alive.

use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};

use super::authority::{FakeAuthority, Mood};
use super::fakes::FakePlatform;
use super::life::Life;
use crate::certificate::Format;
use crate::certificate::testing::{Authority, Delivery, Wish, at, csr, file};
use crate::domain::{AccountId, Clock, ItemId, OperationId, TemplateCode, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::module;
use crate::order::port::{Stage, VendorFiles};
use crate::order::replacement::Decision;
use crate::order::{
    Desk, DeskParts, Followed, Intent, Operation, Ordered, Spool, State, Trigger, intent,
};
use crate::platform::{CertificateStatus, Finish, Platform, Service};

/// A service, its platform, its vendor and a machine.
pub(super) struct Scene {
    pub(super) life: Rc<Life>,
    pub(super) platform: FakePlatform,
    pub(super) authority: FakeAuthority,
    pub(super) delivery: Delivery,
    pub(super) format: Format,
    /// Address and login at the vendor.
    pub(super) books_mark: String,
    machine: tempfile::TempDir,
    clock: Clock,
}

pub(super) const ITEM: ItemId = ItemId(7);

impl Scene {
    pub(super) fn new() -> Self {
        let delivery = Delivery::new();
        let life = Rc::new(Life::default());
        let machine = tempfile::tempdir().unwrap();
        let scene = Self {
            platform: FakePlatform::new(&life, service(&delivery)),
            authority: FakeAuthority::new(&life),
            clock: Clock::shifted(machine.path().join("clock")),
            delivery,
            format: Format::Pem,
            books_mark: "0a1b2c".into(),
            machine,
            life,
        };
        scene.set_time(at((2026, 2, 1)));
        scene
    }

    /// A service whose first certificate is there.
    pub(super) fn delivered() -> Self {
        let scene = Self::new();
        scene.order(Operation::Open, Some(41)).unwrap();
        scene.issue("7701");
        assert_eq!(scene.sync().unwrap(), Followed::Delivered);
        scene
    }

    pub(super) fn set_time(&self, time: DateTime<Utc>) {
        let offset = (time - Utc::now()).num_seconds();
        std::fs::write(self.machine.path().join("clock"), offset.to_string()).unwrap();
    }

    pub(super) fn pass(&self, time: TimeDelta) {
        self.set_time(self.clock.now() + time);
    }

    fn parts(&self) -> DeskParts<'_> {
        DeskParts {
            platform: &self.platform,
            authority: &self.authority,
            module: module::by_name("pmthesslstore").unwrap(),
            clock: &self.clock,
            spool: Spool::below(self.machine.path()),
            shown: crate::order::term::Shown::default(),
            format: self.format,
            books_mark: self.books_mark.clone(),
            zone: Box::new(crate::dns::Resolver::new(
                Some(crate::dns::OFF.to_owned()),
                crate::order::names::LIMIT,
            )),
        }
    }

    /// The machine loses its spool: the next run happens on another node.
    pub(super) fn move_to_another_node(&self) {
        let _ = std::fs::remove_dir_all(self.machine.path().join("var"));
    }

    /// Runs an ordering command as `commands::open` does.
    pub(super) fn order(
        &self,
        operation: Operation,
        queued: Option<u64>,
    ) -> Result<Ordered, Failure> {
        let queued = queued.map(OperationId);
        block_on(async {
            let service = self.platform.service(ITEM).await?;
            let mut desk = Desk::open(self.parts(), ITEM, service).await?;
            let ordered = desk.order(operation, Trigger::operation(queued)).await?;
            if ordered == Ordered::Placed && desk.follow().await.is_err() {
                desk.set_status(CertificateStatus::Requested).await?;
            }
            desk.close_operation(operation, queued).await?;
            Ok(ordered)
        })
    }

    /// Runs `sync_item`.
    pub(super) fn sync(&self) -> Result<Followed, Failure> {
        self.sync_late(block_on(self.platform.service(ITEM))?)
    }

    /// The same for a service as it was read from a late replica.
    pub(super) fn sync_late(&self, service: Service) -> Result<Followed, Failure> {
        block_on(async {
            Desk::open(self.parts(), ITEM, service)
                .await?
                .follow()
                .await
        })
    }

    /// Reissues inside the term as the daemon does.
    pub(super) fn reissue_by_daemon(&self) -> Result<Ordered, Failure> {
        block_on(async {
            let service = self.platform.service(ITEM).await?;
            let mut desk = Desk::open(self.parts(), ITEM, service).await?;
            let trigger = Trigger::policy(&Decision::Reissue).unwrap();
            let ordered = desk.reissue_inside_term(trigger).await?;
            desk.follow_after_order().await?;
            desk.conclude_without_operation().await?;
            Ok(ordered)
        })
    }

    /// Settles by a person's word.
    pub(super) fn settle_as_not_placed(&self) -> Result<(), Failure> {
        block_on(async {
            let service = self.platform.service(ITEM).await?;
            Desk::open(self.parts(), ITEM, service)
                .await?
                .reject_by_person()
                .await
        })
    }

    pub(super) fn settle_as_placed(&self, order: &str) -> Result<(), Failure> {
        block_on(async {
            let service = self.platform.service(ITEM).await?;
            Desk::open(self.parts(), ITEM, service)
                .await?
                .adopt_by_person(&VendorOrderId::new(order))
                .await
        })
    }

    pub(super) fn replace(&self, order: &str) -> Result<(), Failure> {
        self.with_desk(async |desk| desk.replace_by_person(&VendorOrderId::new(order)).await)
    }

    /// What a command does with the service.
    pub(super) fn with_desk<T>(&self, work: impl AsyncFnOnce(&mut Desk<'_>) -> T) -> T {
        block_on(async {
            let service = self.platform.service(ITEM).await.unwrap();
            let mut desk = Desk::open(self.parts(), ITEM, service).await.unwrap();
            work(&mut desk).await
        })
    }

    /// The vendor issues the certificate of an order.
    pub(super) fn issue(&self, order: &str) {
        *self.authority.files.borrow_mut() = VendorFiles {
            files: self.delivery.files(),
        };
        self.authority
            .stages
            .borrow_mut()
            .insert(order.to_owned(), Stage::Issued);
    }

    pub(super) fn intent(&self) -> Intent {
        Intent::from_text(&self.platform.parameter(intent::PARAMETER).unwrap()).unwrap()
    }

    pub(super) fn term_end(&self) -> String {
        let text = self.platform.parameter("pmssl_term_end").unwrap();
        text.split(' ').next().unwrap().to_owned()
    }

    pub(super) fn sales(&self) -> usize {
        self.authority.sales.borrow().len()
    }

    pub(super) fn set(&self, name: &str, value: &str) {
        self.platform
            .service
            .borrow_mut()
            .parameters
            .insert(name.to_owned(), value.to_owned());
    }
}

pub(super) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
        .block_on(work)
}

fn service(delivery: &Delivery) -> Service {
    let parameters = [
        ("adm_fname", "Ann"),
        ("adm_lname", "Lee"),
        ("adm_phone", "+1 555 010 0200"),
        ("adm_email", "ann@example.com"),
        ("approver_email", "admin@www.example.com"),
    ];
    Service {
        item_type: "certificate".into(),
        account: Some(AccountId(1)),
        module: Some("pmthesslstore".into()),
        template: Some(TemplateCode::new("positivessl")),
        period: 12,
        status: 5,
        parameters: parameters
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        csr: Some(delivery.csr.pem().to_owned()),
        ..Service::default()
    }
}

#[test]
fn an_order_is_placed_followed_and_delivered() {
    let scene = Scene::new();
    assert_eq!(
        scene.order(Operation::Open, Some(41)).unwrap(),
        Ordered::Placed
    );
    assert_eq!(scene.intent().state, State::Pending);
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "7701");
    assert_eq!(
        scene.platform.parameter("custom_order_id").unwrap(),
        scene.intent().key.as_str()
    );
    assert_eq!(
        scene.platform.parameter("partner_order_id").unwrap(),
        "P7701"
    );
    assert_eq!(
        scene.platform.parameter("vender_order_id").unwrap(),
        "A7701"
    );
    assert_eq!(scene.platform.parameter("service_status").unwrap(), "4");
    assert_eq!(scene.term_end(), "2027-02-01");
    assert_eq!(*scene.platform.finished.borrow(), [Finish::Open]);

    assert_eq!(scene.sync().unwrap(), Followed::Waiting);
    scene.issue("7701");
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    assert_eq!(scene.intent().state, State::Issued);
    assert_eq!(scene.platform.parameter("service_status").unwrap(), "5");
    assert_eq!(
        scene.platform.service.borrow().expire_date,
        Some("2026-07-01".parse().unwrap())
    );
    assert_eq!(scene.platform.parameter("paid_till").unwrap(), "2027-02-01");
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    assert_eq!(
        scene.platform.saved.borrow().len(),
        1,
        "a delivered certificate is not saved again"
    );
    assert_eq!(scene.sales(), 1);
}

#[test]
fn an_operation_that_runs_again_only_closes_again() {
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(
        scene.order(Operation::Open, Some(41)).unwrap(),
        Ordered::DoneBefore
    );
    assert_eq!(
        scene.order(Operation::Open, Some(99)).unwrap(),
        Ordered::DoneBefore
    );
    assert_eq!(scene.sales(), 1);
}

#[test]
fn an_order_of_another_module_is_never_bought_again() {
    let scene = Scene::new();
    scene.set("store_order_id", "6600");
    scene
        .authority
        .stages
        .borrow_mut()
        .insert("6600".into(), Stage::Pending("waiting".into()));
    scene.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(scene.sales(), 0);
    assert_eq!(*scene.platform.finished.borrow(), [Finish::Open]);
}

#[test]
fn refusals_buy_nothing_and_allow_another_attempt() {
    for (mood, reason) in [
        (Mood::Refuses, Reason::NothingBought),
        (Mood::WantsMoney, Reason::LowFunds),
        (Mood::IsAway, Reason::Unreachable),
    ] {
        let scene = Scene::new();
        scene.authority.mood.set(mood);
        assert_eq!(
            scene.order(Operation::Open, Some(41)).unwrap_err().reason(),
            reason
        );
        scene.authority.mood.set(Mood::Sells);
        assert_eq!(
            scene.order(Operation::Open, Some(41)).unwrap(),
            Ordered::Placed,
            "{mood:?}"
        );
        assert_eq!(scene.sales(), 1);
    }
}

#[test]
fn a_cancelled_order_fails_the_service_once() {
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    scene
        .authority
        .stages
        .borrow_mut()
        .insert("7701".into(), Stage::Cancelled("rejected".into()));
    assert_eq!(scene.sync().unwrap(), Followed::Failed);
    assert_eq!(scene.sync().unwrap(), Followed::Failed);
    assert_eq!(scene.platform.failed.get(), 1);
    assert_eq!(scene.platform.parameter("service_status").unwrap(), "6");
    assert_eq!(
        scene.order(Operation::Open, Some(41)).unwrap_err().reason(),
        Reason::OrderDead
    );
    assert_eq!(scene.sales(), 1);
    scene.order(Operation::Open, Some(44)).unwrap();
    assert_eq!((scene.sales(), scene.intent().attempt), (2, 2));
}

#[test]
fn a_certificate_that_does_not_prove_itself_is_not_saved() {
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.issue("7701");
    let stranger = Authority::root("Stranger");
    let wrong = [
        (
            "another key",
            vec![file(
                "a.crt",
                stranger.sign(&csr(&["www.example.com"]), &Wish::of(&["www.example.com"])),
            )],
        ),
        ("another name", {
            let leaf = scene
                .delivery
                .intermediate
                .sign(&scene.delivery.csr, &Wish::of(&["other.example.com"]));
            vec![
                file("a.crt", leaf),
                file("ca.crt", &scene.delivery.intermediate.pem),
            ]
        }),
        ("no chain", vec![file("a.crt", &scene.delivery.leaf)]),
        ("no certificate", vec![file("a.txt", "come back later")]),
    ];
    for (what, files) in wrong {
        *scene.authority.files.borrow_mut() = VendorFiles { files };
        assert!(scene.sync().is_err(), "{what}");
        assert_eq!(scene.platform.saved.borrow().len(), 0, "{what}");
        assert_ne!(
            scene.platform.parameter("service_status").unwrap(),
            "5",
            "{what}"
        );
    }
}

#[test]
fn an_unknown_status_word_is_pending() {
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    scene
        .authority
        .stages
        .borrow_mut()
        .insert("7701".into(), Stage::Unknown("ON_HOLIDAY".into()));
    assert_eq!(scene.sync().unwrap(), Followed::Waiting);
    assert_eq!(scene.platform.parameter("service_status").unwrap(), "4");
}

#[test]
fn nothing_is_sent_without_the_lock() {
    let scene = Scene::new();
    scene.platform.holds_lock.set(false);
    assert_eq!(
        scene.order(Operation::Open, Some(41)).unwrap_err().reason(),
        Reason::Busy
    );
    assert_eq!(scene.authority.submitted.get(), 0);
}

#[test]
fn bad_input_costs_nothing_and_names_the_field() {
    let cases: [(&str, &str, Reason, &str); 9] = [
        ("adm_fname", "", Reason::Missing, "adm_fname"),
        ("adm_phone", "call me", Reason::Invalid, "adm_phone"),
        ("adm_email", "nobody", Reason::Invalid, "adm_email"),
        ("approver_email", "", Reason::Missing, "approver_email"),
        (
            "approver_email",
            "me@www.example.com",
            Reason::ApproverNotAllowed,
            "approver_email",
        ),
        (
            "approver_method",
            "auth_pigeon",
            Reason::Invalid,
            "approver_method",
        ),
        (
            "altname",
            "mail.example.com",
            Reason::NameNotAllowed,
            "altname",
        ),
        ("altname", "bad_name", Reason::NameNotAllowed, "altname"),
        ("pmssl_intent", "1|open|sent", Reason::UnreadableIntent, ""),
    ];
    for (name, value, reason, object) in cases {
        let scene = Scene::new();
        scene.set(name, value);
        let failure = scene.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(
            (failure.reason(), failure.object()),
            (reason, object),
            "{name}={value}"
        );
        assert_eq!(scene.authority.submitted.get(), 0, "{name}={value}");
    }
    let scene = Scene::new();
    scene.platform.service.borrow_mut().csr = None;
    assert_eq!(
        scene.order(Operation::Open, Some(41)).unwrap_err().reason(),
        Reason::MissingCsr
    );
    let scene = Scene::new();
    scene.platform.service.borrow_mut().period = -100;
    assert_eq!(
        scene.order(Operation::Open, Some(41)).unwrap_err().reason(),
        Reason::BadTerm
    );
    let scene = Scene::new();
    scene.platform.service.borrow_mut().template = Some(TemplateCode::new("nosuchproduct"));
    assert_eq!(
        scene.order(Operation::Open, Some(41)).unwrap_err().reason(),
        Reason::UnknownTemplate
    );
}
