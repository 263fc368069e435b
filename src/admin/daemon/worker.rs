//! One service at a time: look at its order, then let its certificate be replaced where that is due.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::hook;
use super::pass::{Count, Pass, Vendor};
use super::replace::{self, Replacing};
use super::schedule::pause;
use super::services::Work;
use crate::ca::{CertificateAuthority, ValidationRecord, ValidationTask};
use crate::certificate;
use crate::commands;
use crate::domain::{AccountId, DomainName, list};
use crate::failure::{Failure, FailureKind, Reason};
use crate::log;
use crate::logging;
use crate::module::Module;
use crate::order::{Followed, OrderSession, State, current};
use crate::platform::{Platform, Service, fields};

/// The platform's own commands come first: a service that is being worked on is left alone.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(1);

/// A first look after a reissue was begun or refused.
pub(super) const SOON: TimeDelta = TimeDelta::minutes(1);

/// What the administrator's program is told of a certificate and of an order that came to nothing.
pub(super) const ISSUED: &str = "the certificate was issued";
const REFUSED: &str = "the vendor refused or cancelled the order";

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
        "an internal error stopped this check; its location is in the log",
        "проверка прервана внутренней ошибкой; её место указано в журнале"
    ))
}

/// What a visit found out.
struct Visit {
    /// When to look next; `None` leaves the service its turn.
    next: Option<DateTime<Utc>>,
}

impl Visit {
    const fn until(next: DateTime<Utc>) -> Self {
        Self { next: Some(next) }
    }
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
                Some(now + SOON)
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
                Some(now + pause(self.pass.age(work, now), work.item.0).max(SOON))
            }
        };
        match next {
            Some(next) => self.pass.seen(work, next),
            None => self.pass.step(),
        }
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
        let parts = commands::session_parts(
            self.platform,
            authority,
            module,
            self.pass.clock,
            self.pass.root,
            account,
        );
        let mut session = OrderSession::open(parts, work.item, service).await?;
        let outcome = self.in_session(&mut session, &vendor, work).await;
        let now = self.pass.clock.now();
        for task in session.take_raised() {
            let certificate = current::certificate(session.service(), module);
            let kind = match certificate.is_some_and(|current| current.life.end <= now) {
                true => hook::EventKind::Expired,
                false => hook::EventKind::NeedsPerson,
            };
            self.tell(&session, work, kind, task);
        }
        outcome
    }

    /// Looks at the order, then at what follows its certificate.
    async fn in_session(
        &mut self,
        session: &mut OrderSession<'_>,
        vendor: &Rc<Vendor>,
        work: &Work,
    ) -> Result<Visit, Failure> {
        let (module, authority) = (self.pass.module, vendor.1.as_ref());
        self.pass.count(Count::Looked);
        let now = self.pass.clock.now();
        let later = now + pause(self.pass.age(work, now), work.item.0);
        let (mut trouble, mut spare) = (None, None);
        session.mend_dates().await?;
        if self.pass.is_resting(work.account) {
            self.tell_at_rest(session, vendor, work).await?;
            return Ok(Visit { next: None });
        }
        if is_awaited(session) || is_tasked(session, module) {
            match session.follow().await {
                Ok(Followed::Waiting) => {
                    self.ask_to_verify(session, authority).await;
                    self.pass.count(Count::Waiting);
                }
                Ok(Followed::Delivered) if is_tasked(session, module) => {}
                Ok(Followed::Delivered) => {
                    self.pass.count(Count::Delivered);
                    self.tell(session, work, hook::EventKind::Issued, ISSUED);
                }
                Ok(Followed::Failed) => {
                    self.pass.count(Count::Failed);
                    self.tell(session, work, hook::EventKind::Refused, REFUSED);
                    return Ok(Visit::until(later));
                }
                Ok(Followed::NothingOrdered) => {}
                // Without the platform nobody can be told either; one that refuses what is to be saved may take a task.
                Err(failure)
                    if failure.kind() == FailureKind::Platform
                        && failure.reason() != Reason::PlatformFunction =>
                {
                    return Err(failure);
                }
                // What cannot be followed escalates as what cannot be reissued.
                Err(failure) => {
                    if failure.reason() == Reason::OrderDead {
                        self.tell(session, work, hook::EventKind::Refused, failure.to_string());
                    }
                    trouble = Some(failure);
                }
            }
        } else {
            // Its certificate came before the vendor's listings must show whether the order was made twice.
            spare = session.look_for_late_spare().await;
        }
        let next = Replacing::begin(self, session, vendor, work, trouble)
            .run()
            .await?;
        let spare = spare.map(|from| from.max(later));
        let next = next.unwrap_or(later);
        Ok(Visit::until(spare.map_or(next, |spare| spare.min(next))))
    }

    /// The account is left alone for a while: those who have to know of the certificate hear all the same. Nothing can be
    /// ordered, because the try counts as failed already, and no vendor is called.
    async fn tell_at_rest(
        &self,
        session: &mut OrderSession<'_>,
        vendor: &Vendor,
        work: &Work,
    ) -> Result<(), Failure> {
        let rests = Failure::new(Reason::Unreachable).detail(words!(
            "the account rests",
            "учётная запись временно не опрашивается"
        ));
        let told = Replacing::begin(self, session, vendor, work, Some(rests));
        match told.run().await {
            // What was handed in, once everybody is told.
            Err(failure) if failure.reason() == Reason::Unreachable => Ok(()),
            told => told.map(drop),
        }
    }

    /// Tells the administrator's program, without waiting for it.
    pub(super) fn tell(
        &self,
        session: &OrderSession<'_>,
        work: &Work,
        event: hook::EventKind,
        text: impl Into<String>,
    ) {
        let (item, account) = (work.item, work.account);
        self.pass.tell(session, item, account, event, text);
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
        if let Some(why) = replace::why_account(service, pass.module, pass.subscription, now) {
            pass.call_for_account(self.platform, account, work.item, why, failure)
                .await;
        }
        Visit::until(now + pause(pass.age(work, now), work.item.0).max(SOON))
    }

    /// Asks the vendor to look now at what is visible from here.
    pub(super) async fn ask_to_verify(
        &self,
        session: &mut OrderSession<'_>,
        authority: &dyn CertificateAuthority,
    ) {
        if !authority.abilities().verify_now {
            return;
        }
        let open: Vec<ValidationRecord> = session
            .validation()
            .iter()
            .filter(|record| !record.done && !matches!(record.task, ValidationTask::Email(_)))
            .cloned()
            .collect();
        let ordered = match open.is_empty() {
            true => Vec::new(),
            false => ordered(session.service()),
        };
        for record in open {
            if !ordered.iter().any(|name| is_proved_by(name, &record.name)) {
                let name = &record.name;
                log!(
                    Main,
                    Info,
                    "the vendor asks for a proof of {name}, which was not ordered: it is not looked for"
                );
                continue;
            }
            if !self.pass.proof_lookup.is_published(&record).await {
                continue;
            }
            match session.verify_now(&record.name).await {
                Ok(()) => log!(
                    Main,
                    Info,
                    "the proof of {} is visible: the vendor is asked to look now",
                    record.name
                ),
                Err(failure) if failure.kind() == FailureKind::NotSupported => return,
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

/// The names of an order: the CSR's and those of the form.
fn ordered(service: &Service) -> Vec<DomainName> {
    let csr = service.csr.as_deref().and_then(certificate::listed);
    let further = service.parameter(fields::ADDITIONAL_NAMES);
    let further = list(further.unwrap_or_default());
    let further = further.filter_map(|name| DomainName::parse(name).ok());
    let own = csr.map(|csr| csr.names).unwrap_or_default().into_iter();
    own.chain(further).collect()
}

/// Whether a proof of `other` may be one of an ordered name: it is the same, a domain above it, or the www name that
/// comes with it. Names come from vendors, and no others are looked at.
fn is_proved_by(ordered: &DomainName, other: &DomainName) -> bool {
    let www = other.base().strip_prefix("www.");
    ordered.is_at_or_below(other.base()) || www == Some(ordered.base())
}

/// Whether the account is what hinders: its settings or files, not the platform that keeps them.
fn is_of_account(failure: &Failure) -> bool {
    failure.kind() != FailureKind::Platform
        || matches!(
            failure.reason(),
            Reason::Undecryptable | Reason::PlatformFile
        )
}

/// Whether an order's outcome or certificate is awaited.
fn is_awaited(session: &OrderSession<'_>) -> bool {
    let shown = session.service().parameter(fields::SERVICE_STATUS);
    matches!(shown, Some("3" | "4"))
        || session.intent().is_some_and(|intent| {
            intent.state.is_unsettled() || matches!(intent.state, State::Placed | State::Pending)
        })
}

/// Whether a person has a task about the current certificate: what comes of it is looked for.
fn is_tasked(session: &OrderSession<'_>, module: &Module) -> bool {
    current::certificate(session.service(), module).is_some_and(|current| {
        current::told(session.service(), fields::TASKED, &current.mark).is_some()
    })
}
