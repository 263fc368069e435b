//! Passes over a platform and a vendor in memory.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::Limits;
use super::eye::Eye;
use super::pass::{Count, Meters, Only, Pass, Summary};
use crate::ca::{
    Abilities, CertificateAuthority, Located, OrderRef, OrderingPermit, Placed, Prepared, Progress,
    Stage, Token, ValidationRecord, ValidationTask, VendorFiles,
};
use crate::domain::{
    AccountId, Clock, DomainName, ItemId, Money, OperationId, Purchase, Settings, TemplateCode,
};
use crate::failure::{Failure, Reason};
use crate::module;
use crate::order::policy::{Policy, Subscription};
use crate::platform::{
    Account, CertificateFile, CertificateStatus, Finish, Patience, Platform, RunningOperation,
    Service, ServiceSummary, Work,
};

const MODULE: &str = "pmthesslstore";

/// Services, locks and what people were told.
#[derive(Default)]
struct Town {
    services: RefCell<BTreeMap<ItemId, Service>>,
    locks: RefCell<BTreeSet<ItemId>>,
    told: RefCell<Vec<ItemId>>,
    tasks: RefCell<Vec<String>>,
    problems: Cell<u32>,
    sent: Cell<usize>,
    /// How often the sent orders were counted.
    counted: Cell<usize>,
    queued: Cell<Option<u64>>,
    deaf: Cell<bool>,
}

impl Town {
    fn change(&self, item: ItemId, change: impl FnOnce(&mut Service)) {
        if let Some(service) = self.services.borrow_mut().get_mut(&item) {
            change(service);
        }
    }
}

#[async_trait(?Send)]
impl Platform for Town {
    async fn service(&self, item: ItemId) -> Result<Service, Failure> {
        let services = self.services.borrow();
        services
            .get(&item)
            .cloned()
            .ok_or_else(|| Failure::new(Reason::UnknownItem))
    }

    async fn account(&self, account: AccountId) -> Result<Account, Failure> {
        Ok(Account {
            id: account,
            name: "account".into(),
            module: MODULE.into(),
            settings: Settings::default(),
        })
    }

    async fn accounts_of(&self, _: &str) -> Result<Vec<AccountId>, Failure> {
        Ok(vec![AccountId(1)])
    }

    async fn services_of(&self, _: &str) -> Result<Vec<ServiceSummary>, Failure> {
        Ok(Vec::new())
    }

    async fn work_of(&self, _: &str, before: NaiveDate) -> Result<Vec<Work>, Failure> {
        let services = self.services.borrow();
        let work = services.iter().map(|(item, service)| Work {
            item: *item,
            account: AccountId(1),
            status: service.status,
            certificate_status: service
                .parameter("service_status")
                .and_then(|text| text.parse().ok()),
            certificate_end: service.expire_date,
            intent: service.parameter("pmssl_intent").map(str::to_owned),
        });
        Ok(work
            .filter(|work| {
                work.certificate_status != Some(5) || work.certificate_end <= Some(before)
            })
            .collect())
    }

    async fn sent_since(&self, _: AccountId, _: DateTime<Utc>) -> Result<usize, Failure> {
        self.counted.set(self.counted.get() + 1);
        Ok(self.sent.get())
    }

    async fn notify_client(&self, item: ItemId, _: &str, _: &str) -> Result<(), Failure> {
        if self.deaf.get() {
            return Err(Failure::field(
                Reason::PlatformFunction,
                "notification.edit",
            ));
        }
        self.told.borrow_mut().push(item);
        Ok(())
    }

    async fn raise_task(&self, _: AccountId, text: &str) -> Result<(), Failure> {
        self.tasks.borrow_mut().push(text.to_owned());
        Ok(())
    }

    async fn services_with(&self, _: &str, _: &str) -> Result<Vec<ItemId>, Failure> {
        Ok(Vec::new())
    }

    async fn country(&self, _: u64) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    async fn operation(&self, _: OperationId) -> Result<Option<RunningOperation>, Failure> {
        Ok(None)
    }

    async fn queued_operation(
        &self,
        _: ItemId,
        command: &str,
    ) -> Result<Option<OperationId>, Failure> {
        Ok(self
            .queued
            .get()
            .filter(|_| command == "prolong")
            .map(OperationId))
    }

    async fn lock(&self, item: ItemId, _: Duration) -> Result<(), Failure> {
        if self.locks.borrow_mut().insert(item) {
            return Ok(());
        }
        Err(Failure::new(Reason::Busy))
    }

    async fn holds_lock(&self, item: ItemId) -> Result<bool, Failure> {
        Ok(self.locks.borrow().contains(&item))
    }

    async fn unlock(&self, item: ItemId) -> Result<(), Failure> {
        self.locks.borrow_mut().remove(&item);
        Ok(())
    }

    async fn lock_account(&self, _account: AccountId, _wait: Duration) -> Result<(), Failure> {
        Ok(())
    }

    async fn holds_account_lock(&self, _account: AccountId) -> Result<bool, Failure> {
        Ok(true)
    }

    async fn unlock_account(&self, _account: AccountId) -> Result<(), Failure> {
        Ok(())
    }

    fn installation(&self) -> Result<String, Failure> {
        Ok("installation".into())
    }

    fn option(&self, _: &str) -> Option<String> {
        None
    }

    async fn save_parameter(
        &self,
        item: ItemId,
        name: &str,
        value: &str,
        _: Patience,
    ) -> Result<(), Failure> {
        self.change(item, |service| {
            service.parameters.insert(name.into(), value.into());
        });
        Ok(())
    }

    async fn set_status(&self, item: ItemId, status: CertificateStatus) -> Result<(), Failure> {
        let code = status.code().to_string();
        self.save_parameter(item, "service_status", &code, Patience::Once)
            .await
    }

    async fn set_expire_date(&self, item: ItemId, date: NaiveDate) -> Result<(), Failure> {
        self.change(item, |service| service.expire_date = Some(date));
        Ok(())
    }

    async fn save_certificate(&self, item: ItemId, file: &CertificateFile) -> Result<(), Failure> {
        if let CertificateFile::Pem(pem) = file {
            self.change(item, |service| service.certificate = Some(pem.clone()));
        }
        Ok(())
    }

    async fn mark_failed(&self, _: ItemId) -> Result<(), Failure> {
        Ok(())
    }

    async fn finish(&self, _: ItemId, _: Finish) -> Result<(), Failure> {
        panic!("nothing is queued, so nothing is closed")
    }

    async fn save_balance(&self, _: AccountId, _: Money, _: DateTime<Utc>) -> Result<(), Failure> {
        Ok(())
    }

    async fn roll_back_tariff_change(&self, _: ItemId) -> Result<(), Failure> {
        Ok(())
    }

    async fn record_error(&self, _: OperationId, _: &str) -> Result<(), Failure> {
        Ok(())
    }

    async fn hand_to_person(
        &self,
        _: OperationId,
        _: Option<ItemId>,
        _: &str,
    ) -> Result<(), Failure> {
        Ok(())
    }

    async fn register_problem(&self, _: AccountId, _: &str, _: &str) -> Result<(), Failure> {
        self.problems.set(self.problems.get() + 1);
        Ok(())
    }
}

/// What the vendor did.
#[derive(Default)]
struct Books {
    looks: Cell<u32>,
    reissues: Cell<u32>,
    verified: Cell<u32>,
    /// Every so manieth look fails.
    broken: Cell<Option<u32>>,
    refuses: Cell<bool>,
}

/// A vendor whose orders stay pending.
struct Vendor(Rc<Books>);

static ABILITIES: Abilities = Abilities {
    vendor: "Fake",
    approvers: false,
    renewal: true,
    reissue: true,
    cancel: false,
    change_validation: false,
    verify_now: true,
    balance: false,
    products: false,
    settle_time: Duration::from_secs(900),
};

#[async_trait(?Send)]
impl CertificateAuthority for Vendor {
    fn abilities(&self) -> &'static Abilities {
        &ABILITIES
    }

    async fn check(&self) -> Result<(), Failure> {
        Ok(())
    }

    async fn examine(&self, _: &Purchase) -> Result<(), Failure> {
        Ok(())
    }

    async fn prepare(&self, _: &Purchase) -> Result<Prepared, Failure> {
        Ok(Prepared::default())
    }

    async fn submit(
        &self,
        purchase: &Purchase,
        _: &Token,
        _: OrderingPermit,
    ) -> Result<Placed, Failure> {
        if self.0.refuses.get() {
            return Err(Failure::new(Reason::Rejected).detail("no"));
        }
        self.0.reissues.set(self.0.reissues.get() + 1);
        let crate::domain::PurchaseKind::Reissue { order, .. } = &purchase.kind else {
            panic!("the daemon only reissues");
        };
        Ok(Placed {
            order: order.clone(),
            references: Vec::new(),
            validation: Vec::new(),
            remark: None,
        })
    }

    async fn locate(
        &self,
        _: &Purchase,
        _: &Token,
        _: DateTime<Utc>,
        _: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        Ok(Located::TooEarly)
    }

    async fn status(&self, _: &OrderRef) -> Result<Progress, Failure> {
        let number = self.0.looks.get() + 1;
        self.0.looks.set(number);
        tokio::task::yield_now().await;
        if self
            .0
            .broken
            .get()
            .is_some_and(|every| number.is_multiple_of(every))
        {
            return Err(Failure::new(Reason::VendorTrouble).detail("503"));
        }
        Ok(Progress {
            stage: Stage::Pending("waiting".into()),
            validation: vec![ValidationRecord {
                name: DomainName::parse("www.example.com").unwrap(),
                task: ValidationTask::Txt {
                    name: "_p.www.example.com".into(),
                    value: "v".into(),
                },
                done: false,
            }],
            term_end: None,
            references: Vec::new(),
        })
    }

    async fn certificate(&self, _: &OrderRef) -> Result<VendorFiles, Failure> {
        Ok(VendorFiles::default())
    }

    async fn verify_now(&self, _: &OrderRef, _: &DomainName) -> Result<(), Failure> {
        self.0.verified.set(self.0.verified.get() + 1);
        Ok(())
    }
}

struct Blind(bool);

#[async_trait(?Send)]
impl Eye for Blind {
    async fn sees(&self, _: &ValidationTask) -> bool {
        self.0
    }
}

/// Everything a pass needs.
struct Scene {
    town: Town,
    books: Rc<Books>,
    root: tempfile::TempDir,
    limits: Limits,
    subscription: Subscription,
    stop: Cell<bool>,
    sees: bool,
    /// Seconds that the clock is ahead.
    ahead: Cell<i64>,
    hands: usize,
}

impl Scene {
    fn new() -> Self {
        Self {
            town: Town::default(),
            books: Rc::default(),
            root: tempfile::tempdir().unwrap(),
            limits: Limits {
                interval: 60,
                calls_per_second: 100_000,
                workers: 4,
                orders_per_hour: 60,
            },
            subscription: Subscription::default(),
            stop: Cell::new(false),
            sees: false,
            ahead: Cell::new(0),
            hands: 4,
        }
    }

    fn with_pending(count: u64) -> Self {
        let scene = Self::new();
        for number in 1..=count {
            let mut service = service();
            let mut set =
                |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
            set("service_status", "4");
            set("store_order_id", &number.to_string());
            scene
                .town
                .services
                .borrow_mut()
                .insert(ItemId(number), service);
        }
        scene
    }

    /// One service whose certificate, kept as an archive, ends in so many days inside a long term.
    fn with_due(days: i64) -> Self {
        let scene = Self::new();
        let today = Utc::now().date_naive();
        let end = today + chrono::TimeDelta::days(days);
        let mut service = service();
        let term = (today + chrono::TimeDelta::days(900)).to_string();
        let mut set =
            |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
        set("service_status", "5");
        set("store_order_id", "77");
        set("pmssl_term_end", &term);
        service.certificate = Some("UEsDBA==".into());
        service.expire_date = Some(end);
        service.csr = Some(
            crate::certificate::testing::csr(&["www.example.com"])
                .pem()
                .to_owned(),
        );
        scene.town.services.borrow_mut().insert(ItemId(7), service);
        scene
    }

    fn run(&self) -> Summary {
        let clock_file = self.root.path().join("clock");
        std::fs::write(&clock_file, self.ahead.get().to_string()).unwrap();
        let clock = Clock::shifted(clock_file);
        let meters = Meters::default();
        let connect = |_: &Account| -> Result<Box<dyn CertificateAuthority>, Failure> {
            Ok(Box::new(Vendor(Rc::clone(&self.books))))
        };
        let eye = Blind(self.sees);
        let platforms: Vec<&dyn Platform> = vec![&self.town; self.hands];
        let root: &Path = self.root.path();
        let pass = Pass::new(
            module::by_name(MODULE).unwrap(),
            root,
            &clock,
            self.subscription,
            self.limits,
            &eye,
            &self.stop,
            Only::default(),
            &|_, _| {},
            &connect,
            &meters,
        );
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(pass.run(&platforms))
            .unwrap()
    }
}

fn service() -> Service {
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
        module: Some(MODULE.into()),
        template: Some(TemplateCode::new("positivessl")),
        period: 12,
        status: 2,
        parameters: parameters
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        ..Service::default()
    }
}

fn count(summary: &Summary, what: Count) -> u32 {
    summary.counts.get(&what).copied().unwrap_or_default()
}

#[test]
fn every_pending_service_is_asked_for_once_and_then_in_its_time() {
    let scene = Scene::with_pending(40);
    let summary = scene.run();
    assert_eq!((summary.found, summary.calls), (40, 40));
    assert_eq!(count(&summary, Count::Waiting), 40);
    assert_eq!(scene.run().found, 0, "not again in the same minute");
    scene.ahead.set(3 * 3600);
    assert_eq!(scene.run().found, 40);
    assert!(
        scene.town.locks.borrow().is_empty(),
        "all locks are given back"
    );
}

#[test]
fn a_locked_service_is_left_alone_and_taken_up_soon() {
    let scene = Scene::with_pending(3);
    scene.town.locks.borrow_mut().insert(ItemId(2));
    let summary = scene.run();
    assert_eq!((count(&summary, Count::Busy), summary.calls), (1, 2));
    scene.town.locks.borrow_mut().clear();
    scene.ahead.set(120);
    assert_eq!(scene.run().calls, 1);
}

#[test]
fn a_failing_vendor_is_given_rest() {
    let scene = Scene::with_pending(100);
    scene.books.broken.set(Some(1));
    let summary = scene.run();
    assert!(summary.failed_calls < 10, "{}", summary.line());
}

#[test]
fn a_pass_in_which_too_many_calls_fail_is_stopped() {
    let scene = Scene::with_pending(400);
    scene.books.broken.set(Some(3));
    let summary = scene.run();
    assert_eq!(
        summary.ended_early,
        Some("more than a quarter of the vendor's calls failed")
    );
    assert!((50..60).contains(&summary.calls), "{}", summary.line());
}

#[test]
fn a_daemon_that_is_asked_to_stop_takes_nothing_up() {
    let scene = Scene::with_pending(10);
    scene.stop.set(true);
    assert_eq!(scene.run().calls, 0);
}

#[test]
fn the_vendor_looks_now_when_the_proof_is_visible() {
    for (sees, asked) in [(false, 0), (true, 1)] {
        let scene = Scene {
            sees,
            ..Scene::with_pending(1)
        };
        scene.run();
        assert_eq!(scene.books.verified.get(), asked);
    }
}

#[test]
fn a_due_certificate_is_reissued_once() {
    let scene = Scene::with_due(10);
    assert_eq!(count(&scene.run(), Count::Reissued), 1);
    for hours in 1..50 {
        scene.ahead.set(hours * 3600);
        scene.run();
    }
    assert_eq!(scene.books.reissues.get(), 1);
}

#[test]
fn the_platforms_operation_and_the_hourly_limit_come_first() {
    let scene = Scene::with_due(20);
    scene.town.queued.set(Some(5));
    assert_eq!(count(&scene.run(), Count::Postponed), 1);
    scene.town.queued.set(None);
    scene.town.sent.set(60);
    scene.ahead.set(120);
    assert_eq!(count(&scene.run(), Count::Postponed), 1);
    assert_eq!(scene.books.reissues.get(), 0);
    scene.town.sent.set(59);
    scene.ahead.set(300);
    assert_eq!(count(&scene.run(), Count::Reissued), 1);
}

#[test]
fn other_policies_reissue_nothing() {
    let scene = |policy| Scene {
        subscription: Subscription {
            policy,
            before: None,
        },
        ..Scene::with_due(5)
    };
    let manual = scene(Policy::Manual);
    manual.run();
    manual.ahead.set(7200);
    manual.run();
    assert_eq!(*manual.town.told.borrow(), [ItemId(7)], "told once");
    let none = scene(Policy::None);
    none.run();
    for scene in [&manual, &none] {
        assert_eq!(scene.books.reissues.get(), 0);
        assert!(scene.town.tasks.borrow().is_empty());
    }
    assert!(none.town.told.borrow().is_empty());
}

#[test]
fn a_platform_that_cannot_write_to_clients_gets_a_task_instead() {
    let scene = Scene {
        subscription: Subscription {
            policy: Policy::Manual,
            before: None,
        },
        ..Scene::with_due(5)
    };
    scene.town.deaf.set(true);
    scene.run();
    scene.ahead.set(7200);
    scene.run();
    assert_eq!(scene.town.tasks.borrow().len(), 1);
}

#[test]
fn a_refusal_calls_a_person_once_and_is_tried_again() {
    let scene = Scene::with_due(20);
    scene.books.refuses.set(true);
    let summary = scene.run();
    assert_eq!(
        (
            count(&summary, Count::Tasked),
            count(&summary, Count::Trouble)
        ),
        (1, 1)
    );
    scene.ahead.set(7200);
    scene.run();
    assert_eq!(scene.town.tasks.borrow().len(), 1);
    scene.books.refuses.set(false);
    scene.ahead.set(14_400);
    assert_eq!(count(&scene.run(), Count::Reissued), 1);
}

#[test]
fn what_cannot_be_followed_escalates_too() {
    let scene = Scene::with_due(20);
    assert_eq!(count(&scene.run(), Count::Reissued), 1);
    // The reissue is placed, and from now on the vendor cannot be asked.
    scene.books.broken.set(Some(1));
    let mut tasked = None;
    for day in 1..20 {
        scene.ahead.set(day * 86_400);
        scene.run();
        if tasked.is_none() && !scene.town.tasks.borrow().is_empty() {
            tasked = Some(day);
        }
    }
    assert_eq!(scene.town.told.borrow().len(), 1);
    assert_eq!(scene.town.tasks.borrow().len(), 1, "once");
    assert!(tasked.is_some_and(|day| day <= 15), "{tasked:?}");
}

#[test]
fn an_account_without_calls_left_is_counted_once_in_a_pass() {
    let scene = Scene::with_due(20);
    let service = scene.town.services.borrow()[&ItemId(7)].clone();
    for number in 8..30 {
        let mut services = scene.town.services.borrow_mut();
        services.insert(ItemId(number), service.clone());
    }
    scene.town.sent.set(60);
    let summary = scene.run();
    assert_eq!(count(&summary, Count::Postponed), 23);
    // One of each hand at most, before the first has noted it.
    assert!(
        scene.town.counted.get() <= 4,
        "{}",
        scene.town.counted.get()
    );
}

#[test]
fn a_vendors_term_that_ends_too_early_calls_a_person_instead_of_reissuing_again() {
    let scene = Scene::with_due(3);
    let today = Utc::now().date_naive();
    let end = (today + chrono::TimeDelta::days(3)).to_string();
    let mut services = scene.town.services.borrow_mut();
    let service = services.get_mut(&ItemId(7)).unwrap();
    let delivery = crate::certificate::testing::Delivery::new();
    let (begin, end_of_leaf) = (
        Utc::now() - chrono::TimeDelta::days(6),
        Utc::now() + chrono::TimeDelta::days(3),
    );
    let day = |moment: DateTime<Utc>| {
        use chrono::Datelike as _;
        let part = |number: u32| u8::try_from(number).unwrap();
        (moment.year(), part(moment.month()), part(moment.day()))
    };
    let names = ["www.example.com"];
    let wish = crate::certificate::testing::Wish {
        from: day(begin),
        to: day(end_of_leaf),
        ..crate::certificate::testing::Wish::of(&names)
    };
    service.certificate = Some(delivery.intermediate.sign(&delivery.csr, &wish));
    let replaced = format!("0a {end}");
    service
        .parameters
        .insert(crate::platform::fields::REPLACED.into(), replaced);
    drop(services);
    for hours in 0..4 {
        scene.ahead.set(hours * 7200);
        scene.run();
    }
    assert_eq!(scene.books.reissues.get(), 0);
    assert_eq!(scene.town.tasks.borrow().len(), 1);
}

/// Nodes that start together drift apart, by a tenth at most.
#[test]
fn pauses_between_passes_differ_from_process_to_process() {
    let minute = Duration::from_secs(60);
    let pauses: BTreeSet<_> = (7000..7100)
        .map(|process| super::spread(minute, process))
        .collect();
    assert_eq!(pauses.len(), 100);
    assert!(
        pauses
            .iter()
            .all(|pause| (minute..minute + minute / 10).contains(pause))
    );
}
