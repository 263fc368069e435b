//! Passes over a platform and a vendor in memory.

mod passes;
mod platform;
mod reissues;
mod resting;
mod revoked;
mod vendor;

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use self::platform::InMemoryPlatform;
use self::vendor::{FixedLookup, Vendor, VendorState};
use super::Limits;
use super::leadership::Leader;
use super::pass::{Count, Meters, Only, Parts, Pass, Summary};
use super::schedule::Looks;
use super::services::Services;
use crate::ca::CertificateAuthority;
use crate::ca::http::Meter;
use crate::domain::{AccountId, Clock, ItemId, TemplateCode};
use crate::failure::{Failure, Reason};
use crate::module;
use crate::order::policy::Subscription;
use crate::platform::{Account, Platform, Service};

const MODULE: &str = "pmthesslstore";

/// Everything a pass needs.
struct Setup {
    platform: InMemoryPlatform,
    vendor: Rc<VendorState>,
    root: tempfile::TempDir,
    limits: Limits,
    subscription: Subscription,
    stop: Rc<Cell<bool>>,
    is_published: bool,
    /// When it begins: at the same hour whenever it is played, because whole days count.
    start: DateTime<Utc>,
    /// Seconds that the clock is ahead of that.
    ahead: Cell<i64>,
    hands: usize,
    /// The same process goes on, instead of a new one for each pass.
    remembers: bool,
    services: RefCell<Services>,
    /// Services before another daemon takes over.
    leads: Cell<usize>,
    /// An account whose settings cannot be decrypted.
    unusable: Cell<Option<AccountId>>,
    only: Only,
}

#[async_trait(?Send)]
impl Leader for Setup {
    async fn leads(&self) -> bool {
        let left = self.leads.get();
        self.leads.set(left.saturating_sub(1));
        left > 0
    }
}

impl Setup {
    fn new() -> Self {
        Self {
            platform: InMemoryPlatform::default(),
            vendor: Rc::default(),
            root: tempfile::tempdir().unwrap(),
            limits: Limits {
                interval: 60,
                calls_per_second: 100_000,
                workers: 4,
                orders_per_hour: 60,
            },
            subscription: Subscription {
                before: Some(25),
                ..Subscription::default()
            },
            stop: Rc::default(),
            is_published: false,
            start: Utc::now()
                .date_naive()
                .and_time(chrono::NaiveTime::MIN)
                .and_utc()
                + chrono::TimeDelta::hours(9),
            ahead: Cell::new(0),
            hands: 4,
            remembers: false,
            services: RefCell::default(),
            leads: Cell::new(usize::MAX),
            unusable: Cell::default(),
            only: Only::default(),
        }
    }

    fn with_pending(count: u64) -> Self {
        let setup = Self::new();
        for number in 1..=count {
            let mut service = service();
            let mut set =
                |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
            set("service_status", "4");
            set("store_order_id", &number.to_string());
            setup
                .platform
                .services
                .borrow_mut()
                .insert(ItemId(number), service);
        }
        setup
    }

    /// One service whose certificate, kept as an archive, ends in so many days inside a long term.
    fn with_due(days: i64) -> Self {
        let setup = Self::new();
        let today = setup.start.date_naive();
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
        setup
            .platform
            .services
            .borrow_mut()
            .insert(ItemId(7), service);
        setup
    }

    /// So many services like the one of [`Self::with_due`], each with an order of its own.
    fn with_all_due(count: u64) -> Self {
        let setup = Self::with_due(20);
        let mut services = setup.platform.services.borrow_mut();
        let first = services[&ItemId(7)].clone();
        services.clear();
        for number in 1..=count {
            let mut service = first.clone();
            let mut set =
                |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
            set("store_order_id", &number.to_string());
            services.insert(ItemId(number), service);
        }
        drop(services);
        setup
    }

    fn run(&self) -> Summary {
        self.try_run().unwrap()
    }

    fn try_run(&self) -> Result<Summary, Failure> {
        let clock_file = self.root.path().join("clock");
        let ahead = (self.start - Utc::now()).num_seconds() + self.ahead.get();
        std::fs::write(&clock_file, ahead.to_string()).unwrap();
        let clock = Clock::shifted(clock_file);
        let meters = Meters::default();
        let connect = |account: &Account,
                       meter: &Rc<Meter>|
         -> Result<Box<dyn CertificateAuthority>, Failure> {
            if self.unusable.get() == Some(account.id) {
                return Err(Failure::field(Reason::Undecryptable, "password"));
            }
            Ok(Box::new(Vendor(Rc::clone(&self.vendor), Rc::clone(meter))))
        };
        let (proof_lookup, looking) = (FixedLookup(self.is_published), Mutex::default());
        let platforms: Vec<&dyn Platform> = vec![&self.platform; self.hands];
        let root: &Path = self.root.path();
        if !self.remembers {
            let looks = Looks::load(root, MODULE);
            self.services.replace(Services::new(looks));
        }
        let pass = Pass::new(Parts {
            module: module::by_name(MODULE).unwrap(),
            root,
            clock: &clock,
            subscription: self.subscription,
            limits: self.limits,
            proof_lookup: &proof_lookup,
            stop: &self.stop,
            only: self.only,
            progress: &|_, _| {},
            connect: &connect,
            meters: &meters,
            services: &self.services,
            lead: self,
            looking: &looking,
        });
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(pass.run(&platforms))
    }
}

/// Lets all other hands go on for longer than they can have anything to do.
async fn let_others_work() {
    for _ in 0..10_000 {
        tokio::task::yield_now().await;
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
