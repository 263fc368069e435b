//! One service at a time: look at its order, then let its certificate be replaced where that is due.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::pass::{Count, Pass, Vendor};
use super::replace::{self, Replacing};
use super::schedule::pause;
use super::services::Work;
use crate::ca::{CertificateAuthority, ValidationRecord, ValidationTask};
use crate::commands;
use crate::domain::AccountId;
use crate::failure::{Failure, Kind, Reason};
use crate::log;
use crate::logging;
use crate::module::Module;
use crate::order::{Desk, Followed, State, current};
use crate::platform::{Platform, Service, fields};

/// The platform's own commands come first: a service that is being worked on is left alone.
const LOCK_WAIT: Duration = Duration::from_secs(1);

/// A first look after a reissue was begun or refused.
pub(super) const SOON: TimeDelta = TimeDelta::minutes(1);

/// One of the hands that work on services at the same time: its own database connection, its own
/// clients.
pub(super) struct Worker<'a> {
    pub(super) platform: &'a dyn Platform,
    pub(super) pass: &'a Pass<'a>,
    pub(super) vendors: BTreeMap<AccountId, Rc<Vendor>>,
}

/// A future's end; `None` when it panics. The hook has written that down.
async fn unless_it_panics<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|context| {
        // What the visit held is given back while the panic goes through it, and it is never polled again. What
        // outlives it are counts, schedules and caches, of which each is whole at any moment; orders are kept by
        // their stored intents, as when the process is killed.
        let polled = AssertUnwindSafe(|| work.as_mut().poll(context));
        match catch_unwind(polled) {
            Ok(polled) => polled.map(Some),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}

fn cut_short() -> Failure {
    Failure::new(Reason::Internal).detail(words!(
        "a fault of this program cut the visit short; the log has its place",
        "ошибка в программе прервала осмотр; её место указано в журнале"
    ))
}

/// What a visit found out.
struct Visit {
    next: DateTime<Utc>,
}

impl Worker<'_> {
    /// Works until the list is empty or the pass is to end.
    pub(super) async fn work(&mut self) {
        while let Some(work) = self.pass.next().await {
            logging::scope(self.serve(&work)).await;
        }
    }

    /// Everything about one service; failures end here.
    async fn serve(&mut self, work: &Work) {
        logging::set_item(work.item);
        let outcome = match self.platform.lock(work.item, LOCK_WAIT).await {
            Ok(()) => {
                let outcome = unless_it_panics(self.visit(work)).await;
                if outcome.is_none() {
                    // A visit that ends gives it back by itself.
                    let _ = self.platform.unlock_login().await;
                }
                let _ = self.platform.unlock(work.item).await;
                outcome.unwrap_or_else(|| Err(cut_short()))
            }
            Err(failure) => Err(failure),
        };
        let now = self.pass.clock.now();
        let next = match outcome {
            Ok(visit) => visit.next,
            Err(failure) if failure.reason() == Reason::Busy => {
                self.pass.count(Count::Busy);
                log!(Main, ExtInfo, "another command works on the service");
                now + SOON
            }
            Err(failure) => {
                self.pass.count(Count::Trouble);
                self.pass.note_trouble(&failure);
                self.pass.heed(work.account, &failure);
                if let Some(vendor) = self.vendors.get(&work.account) {
                    let pass = self.pass;
                    pass.register_problem(self.platform, &vendor.0, &failure)
                        .await;
                }
                log!(Main, Error, "{}", failure.chain());
                now + pause(self.pass.age(work, now), work.item.0).max(SOON)
            }
        };
        self.pass.seen(work, next);
    }

    async fn visit(&mut self, work: &Work) -> Result<Visit, Failure> {
        let module = self.pass.module;
        let (service, account) = commands::own_service(self.platform, module, work.item).await?;
        let vendor = match self.vendor(account).await {
            Ok(vendor) => vendor,
            Err(failure) if is_of_account(&failure) => {
                return Ok(self.without_vendor(work, &service, account, &failure).await);
            }
            Err(failure) => return Err(failure),
        };
        let (account, authority) = (&vendor.0, vendor.1.as_ref());
        let parts = commands::desk_parts(
            self.platform,
            authority,
            module,
            self.pass.clock,
            self.pass.root,
            account,
        );
        let mut desk = Desk::open(parts, work.item, service).await?;
        self.pass.count(Count::Looked);
        let now = self.pass.clock.now();
        let later = now + pause(self.pass.age(work, now), work.item.0);
        let (mut trouble, mut spare) = (None, None);
        desk.mend_dates().await?;
        if self.pass.is_resting(work.account) {
            return Ok(Visit { next: now + SOON });
        }
        if is_awaited(&desk) || is_tasked(&desk, module) {
            match desk.follow().await {
                Ok(Followed::Waiting) => {
                    self.ask_to_verify(&mut desk, authority).await;
                    self.pass.count(Count::Waiting);
                }
                Ok(Followed::Delivered) if is_tasked(&desk, module) => {}
                Ok(Followed::Delivered) => self.pass.count(Count::Delivered),
                Ok(Followed::Failed) => {
                    self.pass.count(Count::Failed);
                    return Ok(Visit { next: later });
                }
                Ok(Followed::NothingOrdered) => {}
                // Without the platform nobody can be told either; one that refuses what is to be saved may take a task.
                Err(failure)
                    if failure.kind() == Kind::Platform
                        && failure.reason() != Reason::PlatformFunction =>
                {
                    return Err(failure);
                }
                // What cannot be followed escalates as what cannot be reissued.
                Err(failure) => trouble = Some(failure),
            }
        } else {
            // Its certificate came before the vendor's listings must show whether the order was made twice.
            spare = desk.look_for_late_spare().await;
        }
        let next = Replacing::begin(self, &mut desk, &vendor, work, trouble)
            .run()
            .await?;
        let spare = spare.map(|from| from.max(later));
        let next = next.unwrap_or(later);
        Ok(Visit {
            next: spare.map_or(next, |spare| spare.min(next)),
        })
    }

    /// The account with its vendor, loaded once in a pass.
    async fn vendor(&mut self, id: AccountId) -> Result<Rc<Vendor>, Failure> {
        if let Some(known) = self.vendors.get(&id) {
            return Ok(Rc::clone(known));
        }
        let vendor = Rc::new(self.pass.connect(self.platform, id).await?);
        self.vendors.insert(id, Rc::clone(&vendor));
        self.pass.account_is_usable(id);
        Ok(vendor)
    }

    /// A visit whose account cannot be used as it is: its people hear, and all other accounts are served as ever.
    async fn without_vendor(
        &self,
        work: &Work,
        service: &Service,
        account: AccountId,
        failure: &Failure,
    ) -> Visit {
        let pass = self.pass;
        pass.count(Count::Trouble);
        log!(Main, Error, "account {account}: {}", failure.chain());
        pass.register_unusable(self.platform, account, failure)
            .await;
        let now = pass.clock.now();
        if replace::is_due(service, pass.module, pass.subscription, now) {
            pass.call_for_account(self.platform, account, work.item, failure)
                .await;
        }
        let next = now + pause(pass.age(work, now), work.item.0).max(SOON);
        Visit { next }
    }

    /// Asks the vendor to look now at what is visible from here.
    pub(super) async fn ask_to_verify(
        &self,
        desk: &mut Desk<'_>,
        authority: &dyn CertificateAuthority,
    ) {
        if !authority.abilities().verify_now {
            return;
        }
        let open: Vec<ValidationRecord> = desk
            .validation()
            .iter()
            .filter(|record| !record.done && !matches!(record.task, ValidationTask::Email(_)))
            .cloned()
            .collect();
        for record in open {
            if !self.pass.eye.sees(&record.task).await {
                continue;
            }
            match desk.verify_now(&record.name).await {
                Ok(()) => log!(
                    Main,
                    Info,
                    "the proof of {} is visible: the vendor is asked to look now",
                    record.name
                ),
                Err(failure) if failure.kind() == Kind::NotSupported => return,
                Err(failure) => {
                    log!(
                        Main,
                        Warning,
                        "verify now, {}: {}",
                        record.name,
                        failure.chain()
                    );
                    return;
                }
            }
        }
    }
}

/// Whether the account is what hinders: its settings or files, not the platform that keeps them.
fn is_of_account(failure: &Failure) -> bool {
    failure.kind() != Kind::Platform
        || matches!(
            failure.reason(),
            Reason::Undecryptable | Reason::PlatformFile
        )
}

/// Whether an order's outcome or certificate is awaited.
fn is_awaited(desk: &Desk<'_>) -> bool {
    let shown = desk.service().parameter(fields::SERVICE_STATUS);
    matches!(shown, Some("3" | "4"))
        || desk.intent().is_some_and(|intent| {
            intent.state.is_unsettled() || matches!(intent.state, State::Placed | State::Pending)
        })
}

/// Whether a person has a task about the current certificate: what comes of it is looked for.
fn is_tasked(desk: &Desk<'_>, module: &Module) -> bool {
    current::certificate(desk.service(), module).is_some_and(|current| {
        current::told(desk.service(), fields::TASKED, &current.mark).is_some()
    })
}
