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
    Followed, Intent, Operation, OrderSession, Ordered, SessionParts, Spool, State, Trigger, intent,
};
use crate::platform::{CertificateStatus, Finish, Platform, Service};

/// A service, its platform, its vendor and a machine.
pub(super) struct Setup {
    pub(super) life: Rc<Life>,
    pub(super) platform: FakePlatform,
    pub(super) authority: FakeAuthority,
    pub(super) delivery: Delivery,
    pub(super) format: Format,
    /// Address and login at the vendor.
    pub(super) login_mark: String,
    machine: tempfile::TempDir,
    clock: Clock,
}

pub(super) const ITEM: ItemId = ItemId(7);

impl Setup {
    pub(super) fn new() -> Self {
        let delivery = Delivery::new();
        let life = Rc::new(Life::default());
        let machine = tempfile::tempdir().unwrap();
        let setup = Self {
            platform: FakePlatform::new(&life, service(&delivery)),
            authority: FakeAuthority::new(&life),
            clock: Clock::shifted(machine.path().join("clock")),
            delivery,
            format: Format::Pem,
            login_mark: "0a1b2c".into(),
            machine,
            life,
        };
        setup.set_time(at((2026, 2, 1)));
        setup
    }

    /// A service whose first certificate is there.
    pub(super) fn delivered() -> Self {
        let setup = Self::new();
        setup.order(Operation::Open, Some(41)).unwrap();
        setup.issue("7701");
        assert_eq!(setup.sync().unwrap(), Followed::Delivered);
        setup
    }

    pub(super) fn set_time(&self, time: DateTime<Utc>) {
        let offset = (time - Utc::now()).num_seconds();
        std::fs::write(self.machine.path().join("clock"), offset.to_string()).unwrap();
    }

    pub(super) fn pass(&self, time: TimeDelta) {
        self.set_time(self.clock.now() + time);
    }

    fn parts(&self) -> SessionParts<'_> {
        SessionParts {
            platform: &self.platform,
            authority: &self.authority,
            module: module::by_name("pmthesslstore").unwrap(),
            clock: &self.clock,
            spool: Spool::below(self.machine.path()),
            shown: crate::order::term::Shown::default(),
            format: self.format,
            login_mark: self.login_mark.clone(),
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
            let mut session = OrderSession::open(self.parts(), ITEM, service).await?;
            let ordered = session.order(operation, Trigger::operation(queued)).await?;
            if ordered == Ordered::Placed && session.follow().await.is_err() {
                session.set_status(CertificateStatus::Requested).await?;
            }
            session.close_operation(operation, queued).await?;
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
            OrderSession::open(self.parts(), ITEM, service)
                .await?
                .follow()
                .await
        })
    }

    /// Reissues inside the term as the daemon does.
    pub(super) fn reissue_by_daemon(&self) -> Result<Ordered, Failure> {
        block_on(async {
            let service = self.platform.service(ITEM).await?;
            let mut session = OrderSession::open(self.parts(), ITEM, service).await?;
            let trigger = Trigger::policy(&Decision::Reissue).unwrap();
            let ordered = session.reissue_inside_term(trigger).await?;
            session.follow_after_order().await?;
            session.conclude_without_operation().await?;
            Ok(ordered)
        })
    }

    /// Settles by a person's word.
    pub(super) fn settle_as_not_placed(&self) -> Result<(), Failure> {
        block_on(async {
            let service = self.platform.service(ITEM).await?;
            OrderSession::open(self.parts(), ITEM, service)
                .await?
                .reject_by_person()
                .await
        })
    }

    pub(super) fn settle_as_placed(&self, order: &str) -> Result<(), Failure> {
        block_on(async {
            let service = self.platform.service(ITEM).await?;
            OrderSession::open(self.parts(), ITEM, service)
                .await?
                .adopt_by_person(&VendorOrderId::new(order))
                .await
        })
    }

    pub(super) fn replace(&self, order: &str) -> Result<(), Failure> {
        self.with_session(async |session| {
            session.replace_by_person(&VendorOrderId::new(order)).await
        })
    }

    /// What a command does with the service.
    pub(super) fn with_session<T>(&self, work: impl AsyncFnOnce(&mut OrderSession<'_>) -> T) -> T {
        block_on(async {
            let service = self.platform.service(ITEM).await.unwrap();
            let mut session = OrderSession::open(self.parts(), ITEM, service)
                .await
                .unwrap();
            work(&mut session).await
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
    let setup = Setup::new();
    assert_eq!(
        setup.order(Operation::Open, Some(41)).unwrap(),
        Ordered::Placed
    );
    assert_eq!(setup.intent().state, State::Pending);
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7701");
    assert_eq!(
        setup.platform.parameter("custom_order_id").unwrap(),
        setup.intent().key.as_str()
    );
    assert_eq!(
        setup.platform.parameter("partner_order_id").unwrap(),
        "P7701"
    );
    assert_eq!(
        setup.platform.parameter("vender_order_id").unwrap(),
        "A7701"
    );
    assert_eq!(setup.platform.parameter("service_status").unwrap(), "4");
    assert_eq!(setup.term_end(), "2027-02-01");
    assert_eq!(*setup.platform.finished.borrow(), [Finish::Open]);

    assert_eq!(setup.sync().unwrap(), Followed::Waiting);
    setup.issue("7701");
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(setup.intent().state, State::Issued);
    assert_eq!(setup.platform.parameter("service_status").unwrap(), "5");
    assert_eq!(
        setup.platform.service.borrow().expire_date,
        Some("2026-07-01".parse().unwrap())
    );
    assert_eq!(setup.platform.parameter("paid_till").unwrap(), "2027-02-01");
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(
        setup.platform.saved.borrow().len(),
        1,
        "a delivered certificate is not saved again"
    );
    assert_eq!(setup.sales(), 1);
}

#[test]
fn an_operation_that_runs_again_only_closes_again() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(
        setup.order(Operation::Open, Some(41)).unwrap(),
        Ordered::DoneBefore
    );
    assert_eq!(
        setup.order(Operation::Open, Some(99)).unwrap(),
        Ordered::DoneBefore
    );
    assert_eq!(setup.sales(), 1);
}

#[test]
fn an_order_of_another_module_is_never_bought_again() {
    let setup = Setup::new();
    setup.set("store_order_id", "6600");
    setup
        .authority
        .stages
        .borrow_mut()
        .insert("6600".into(), Stage::Pending("waiting".into()));
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(setup.sales(), 0);
    assert_eq!(*setup.platform.finished.borrow(), [Finish::Open]);
}

#[test]
fn refusals_buy_nothing_and_allow_another_attempt() {
    for (mood, reason) in [
        (Mood::Refuses, Reason::NothingBought),
        (Mood::WantsMoney, Reason::LowFunds),
        (Mood::IsAway, Reason::Unreachable),
    ] {
        let setup = Setup::new();
        setup.authority.mood.set(mood);
        assert_eq!(
            setup.order(Operation::Open, Some(41)).unwrap_err().reason(),
            reason
        );
        setup.authority.mood.set(Mood::Sells);
        assert_eq!(
            setup.order(Operation::Open, Some(41)).unwrap(),
            Ordered::Placed,
            "{mood:?}"
        );
        assert_eq!(setup.sales(), 1);
    }
}

#[test]
fn a_cancelled_order_fails_the_service_once() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    setup
        .authority
        .stages
        .borrow_mut()
        .insert("7701".into(), Stage::Cancelled("rejected".into()));
    assert_eq!(setup.sync().unwrap(), Followed::Failed);
    assert_eq!(setup.sync().unwrap(), Followed::Failed);
    assert_eq!(setup.platform.failed.get(), 1);
    assert_eq!(setup.platform.parameter("service_status").unwrap(), "6");
    assert_eq!(
        setup.order(Operation::Open, Some(41)).unwrap_err().reason(),
        Reason::OrderDead
    );
    assert_eq!(setup.sales(), 1);
    setup.order(Operation::Open, Some(44)).unwrap();
    assert_eq!((setup.sales(), setup.intent().attempt), (2, 2));
}

#[test]
fn a_certificate_that_does_not_prove_itself_is_not_saved() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
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
            let leaf = setup
                .delivery
                .intermediate
                .sign(&setup.delivery.csr, &Wish::of(&["other.example.com"]));
            vec![
                file("a.crt", leaf),
                file("ca.crt", &setup.delivery.intermediate.pem),
            ]
        }),
        ("no chain", vec![file("a.crt", &setup.delivery.leaf)]),
        ("no certificate", vec![file("a.txt", "come back later")]),
    ];
    for (what, files) in wrong {
        *setup.authority.files.borrow_mut() = VendorFiles { files };
        assert!(setup.sync().is_err(), "{what}");
        assert_eq!(setup.platform.saved.borrow().len(), 0, "{what}");
        assert_ne!(
            setup.platform.parameter("service_status").unwrap(),
            "5",
            "{what}"
        );
    }
}

#[test]
fn an_unknown_status_word_is_pending() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    setup
        .authority
        .stages
        .borrow_mut()
        .insert("7701".into(), Stage::Unknown("ON_HOLIDAY".into()));
    assert_eq!(setup.sync().unwrap(), Followed::Waiting);
    assert_eq!(setup.platform.parameter("service_status").unwrap(), "4");
}

#[test]
fn nothing_is_sent_without_the_lock() {
    let setup = Setup::new();
    setup.platform.holds_lock.set(false);
    assert_eq!(
        setup.order(Operation::Open, Some(41)).unwrap_err().reason(),
        Reason::Busy
    );
    assert_eq!(setup.authority.submitted.get(), 0);
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
        let setup = Setup::new();
        setup.set(name, value);
        let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(
            (failure.reason(), failure.object()),
            (reason, object),
            "{name}={value}"
        );
        assert_eq!(setup.authority.submitted.get(), 0, "{name}={value}");
    }
    let setup = Setup::new();
    setup.platform.service.borrow_mut().csr = None;
    assert_eq!(
        setup.order(Operation::Open, Some(41)).unwrap_err().reason(),
        Reason::MissingCsr
    );
    let setup = Setup::new();
    setup.platform.service.borrow_mut().period = -100;
    assert_eq!(
        setup.order(Operation::Open, Some(41)).unwrap_err().reason(),
        Reason::BadTerm
    );
    let setup = Setup::new();
    setup.platform.service.borrow_mut().template = Some(TemplateCode::new("nosuchproduct"));
    assert_eq!(
        setup.order(Operation::Open, Some(41)).unwrap_err().reason(),
        Reason::UnknownTemplate
    );
}
