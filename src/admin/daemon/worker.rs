//! One service at a time: look at its order, replace its certificate when that is due.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::meter::Metered;
use super::pass::{Count, Pass};
use super::told::Outlook;
use super::{schedule::pause, services::Work};
use crate::ca::{CertificateAuthority, ValidationRecord, ValidationTask};
use crate::commands;
use crate::domain::{AccountId, ItemId};
use crate::failure::{Failure, Kind, Reason};
use crate::log;
use crate::logging;
use crate::module::Module;
use crate::order::current::Current;
use crate::order::policy::{Decision, Policy, Situation, Subscription, decide};
use crate::order::{Desk, Followed, State, Trigger, current, notices};
use crate::platform::{Account, Platform, Service, fields};

/// The platform's own commands come first: a service that is being worked on is left alone.
const LOCK_WAIT: Duration = Duration::from_secs(1);

/// Operations of the platform that must not be overtaken by a reissue.
const OPERATIONS: [&str; 5] = ["open", "prolong", "reopen", "reissue", "close"];

/// Item status of a service that is paid and running (billmanager.md 8.2).
const ACTIVE: i64 = 2;

/// A first look after a reissue was begun or refused.
const SOON: TimeDelta = TimeDelta::minutes(1);

/// What the second task about a certificate that only a person reissues is about.
const REMINDED: &str = "again";

/// People take their time: how often is looked for what came of a task.
const PEOPLES_PACE: TimeDelta = TimeDelta::hours(1);

/// An account that has used up its ordering calls of the hour is tried again after this.
const NEXT_ORDERS: TimeDelta = TimeDelta::minutes(10);

/// One of the hands that work on services at the same time: its own database connection, its own
/// clients.
pub(super) struct Worker<'a> {
    pub(super) platform: &'a dyn Platform,
    pub(super) pass: &'a Pass<'a>,
    pub(super) vendors: BTreeMap<AccountId, Rc<(Account, Metered)>>,
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
                let outcome = self.visit(work).await;
                let _ = self.platform.unlock(work.item).await;
                outcome
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
                log!(Main, Error, "{}", failure.chain());
                now + pause(self.pass.age(work, now), work.item.0).max(SOON)
            }
        };
        self.pass.seen(work, next);
    }

    async fn visit(&mut self, work: &Work) -> Result<Visit, Failure> {
        let module = self.pass.module;
        let (service, account) = commands::own_service(self.platform, module, work.item).await?;
        let vendor = self.vendor(account).await?;
        let (account, authority) = (&vendor.0, &vendor.1);
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
        let mut trouble = None;
        desk.mend_dates().await?;
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
                // Without the platform nobody can be told either.
                Err(failure) if failure.kind() == Kind::Platform => return Err(failure),
                // What cannot be followed escalates as what cannot be reissued.
                Err(failure) => trouble = Some(failure),
            }
        }
        let due = self
            .replace(&mut desk, account, authority, work, trouble)
            .await?;
        Ok(Visit {
            next: due.unwrap_or(later),
        })
    }

    /// The account with its vendor, loaded once in a pass.
    async fn vendor(&mut self, id: AccountId) -> Result<Rc<(Account, Metered)>, Failure> {
        if let Some(known) = self.vendors.get(&id) {
            return Ok(Rc::clone(known));
        }
        let vendor = Rc::new(self.pass.connect(self.platform, id).await?);
        self.vendors.insert(id, Rc::clone(&vendor));
        Ok(vendor)
    }

    /// Replaces the certificate where that is due; answers when to look next, unless that follows from its age.
    async fn replace(
        &self,
        desk: &mut Desk<'_>,
        account: &Account,
        authority: &Metered,
        work: &Work,
        trouble: Option<Failure>,
    ) -> Result<Option<DateTime<Utc>>, Failure> {
        let subscription = &self.pass.subscription;
        if desk.service().status != ACTIVE || subscription.policy == Policy::None {
            return trouble.map_or(Ok(None), Err);
        }
        let mut needs_person = trouble.as_ref().is_some_and(commands::needs_person);
        let (mut asked, mut called, mut tried) = (false, false, trouble.map(Some));
        // Each round does one thing; every thing is done once.
        for _ in 0..6 {
            let now = self.pass.clock.now();
            let Some(certificate) = current::certificate(desk.service(), self.pass.module) else {
                return tried.flatten().map_or(Ok(None), Err);
            };
            let told = |name: &str| current::told(desk.service(), name, &certificate.mark);
            // An order that only a person can settle is a task of its own: the next one is another.
            let about = unsettled(desk).filter(|_| needs_person).unwrap_or_default();
            let situation = Situation {
                now,
                certificate: certificate.life,
                horizon: current::horizon(desk.service(), self.pass.module),
                vendor_reissues: authority.abilities().reissue,
                underway: tried.is_some() || is_underway(desk),
                needs_person,
                vendors_term_over: current::ends_with_vendors_term(desk.service(), &certificate),
                notified: told(fields::NOTIFIED).is_some(),
                tasked: called
                    || told(fields::TASKED).is_some_and(|known| about.is_empty() || known == about),
                reminded: called || told(fields::TASKED) == Some(REMINDED),
            };
            let decision = decide(subscription, &situation);
            let awaited = is_underway(desk);
            log!(Main, Trace, "{decision:?}: {situation:?}");
            match decision {
                Decision::Nothing => {
                    let due = certificate.life.due(subscription, &situation.horizon);
                    return match tried {
                        Some(Some(failure)) => Err(failure),
                        Some(None) => Ok(Some(now + SOON)),
                        None if now < due && !awaited => Ok(Some(due)),
                        None if situation.tasked && !awaited => Ok(Some(now + PEOPLES_PACE)),
                        None => Ok(None),
                    };
                }
                Decision::LeaveToRenewal => {
                    let later = now + TimeDelta::days(1);
                    return tried.flatten().map_or(Ok(Some(later)), Err);
                }
                Decision::AskTerm if asked || tried.is_some() => {
                    log!(
                        Main,
                        Info,
                        "the end of the paid term is not known: the certificate is left to renewal"
                    );
                    let later = now + TimeDelta::days(1);
                    return tried.flatten().map_or(Ok(Some(later)), Err);
                }
                Decision::AskTerm => {
                    desk.follow().await?;
                    asked = true;
                }
                Decision::Notify => {
                    self.notify(desk, account, &certificate, work.item).await?;
                }
                Decision::Task => {
                    let by_hand = !situation.vendor_reissues;
                    // A first task that comes late is not repeated.
                    let is_urgent =
                        certificate
                            .life
                            .is_urgent(subscription, &situation.horizon, now);
                    let text = notices::task(desk.service(), work.item, &certificate, by_hand);
                    let about = match (situation.tasked || is_urgent) && about.is_empty() {
                        true => REMINDED,
                        false => about.as_str(),
                    };
                    let mark = format!("{} {about}", certificate.mark);
                    // Barred before anybody is told: the next pass must not order meanwhile.
                    desk.give_to_person().await?;
                    self.raise_task(desk, account, mark.trim(), &text).await?;
                    // Where the platform made none, the next look tries again; the rest goes on now.
                    called = true;
                }
                Decision::Reissue => {
                    if let Some((reason, pause)) = self.must_wait(work, account).await? {
                        log!(Main, Info, "no reissue now: {reason}");
                        self.pass.count(Count::Postponed);
                        return Ok(Some(now + pause));
                    }
                    // Nothing is awaited between the count and this: no other hand counts in between.
                    self.pass.begin_order(work);
                    let outcome = match Trigger::policy(&decision) {
                        Some(trigger) => self.reissue(desk, authority, work.item, trigger).await,
                        None => Ok(()),
                    };
                    if !was_sent(desk, now) {
                        self.pass.forget_order(work);
                    }
                    match outcome {
                        Ok(()) => tried = Some(None),
                        Err(failure) => {
                            needs_person = commands::needs_person(&failure);
                            tried = Some(Some(failure));
                        }
                    }
                }
            }
        }
        Ok(None)
    }

    /// Why a reissue has to wait and for how long, if it has.
    async fn must_wait(
        &self,
        work: &Work,
        account: &Account,
    ) -> Result<Option<(String, TimeDelta)>, Failure> {
        for operation in OPERATIONS {
            if let Some(id) = self.platform.queued_operation(work.item, operation).await? {
                let reason = format!("the platform's operation {id} ({operation}) comes first");
                return Ok(Some((reason, SOON)));
            }
        }
        let allowed = self.pass.limits.orders_per_hour as usize;
        let reason = |sent: usize| {
            format!(
                "account {} has sent {sent} orders in an hour, {allowed} are allowed",
                account.id
            )
        };
        // Counting goes through all services of the account: not again for each that waits.
        if self.pass.is_used_up(account.id) {
            return Ok(Some((reason(allowed), NEXT_ORDERS)));
        }
        let since = self.pass.clock.now() - TimeDelta::hours(1);
        let stored = self.platform.sent_since(account.id, since).await?;
        if stored.len() >= allowed {
            self.pass.use_up(account.id);
        }
        let sent = self.pass.orders(account.id, stored);
        if sent < allowed {
            return Ok(None);
        }
        Ok(Some((reason(sent), NEXT_ORDERS)))
    }

    async fn reissue(
        &self,
        desk: &mut Desk<'_>,
        authority: &Metered,
        item: ItemId,
        trigger: Trigger,
    ) -> Result<(), Failure> {
        log!(
            Main,
            Info,
            "the certificate is due: reissuing it inside the paid term"
        );
        desk.reissue_inside_term(trigger).await?;
        desk.follow_after_order().await?;
        desk.conclude_without_operation().await?;
        self.pass.count(Count::Reissued);
        if is_underway(desk) {
            self.ask_to_verify(desk, authority).await;
            let open = desk.validation().iter().filter(|record| !record.done);
            let open: Vec<_> = open.map(|record| record.name.to_string()).collect();
            if !open.is_empty() {
                log!(Main, Info, "the client has to prove: {}", open.join(", "));
            }
            self.announce(desk, item).await;
        }
        Ok(())
    }

    /// Tells the client what to publish for a reissue that nobody but this program asked for. Mails to
    /// approvers are sent by the vendor. A message that cannot be sent is made up for by the later notice.
    async fn announce(&self, desk: &Desk<'_>, item: ItemId) {
        let Some((subject, text)) = notices::announcement(desk.service(), item, desk.validation())
        else {
            return;
        };
        match self.platform.notify_client(item, &subject, &text).await {
            Ok(()) => {
                self.pass.count(Count::Notified);
                log!(Main, Info, "the client is told what to publish: {subject}");
            }
            Err(failure) => log!(
                Main,
                Warning,
                "the client cannot be told what to publish: {}",
                failure.chain()
            ),
        }
    }

    /// Tells the client, once for each certificate. Where the platform cannot, a person gets a task
    /// instead: nobody is told silently nothing.
    async fn notify(
        &self,
        desk: &mut Desk<'_>,
        account: &Account,
        certificate: &Current,
        item: ItemId,
    ) -> Result<(), Failure> {
        let mark = certificate.mark.as_str();
        let (subject, text) = notices::notice(desk.service(), item, certificate, desk.validation());
        match self.platform.notify_client(item, &subject, &text).await {
            Ok(()) => {
                self.pass.count(Count::Notified);
                log!(Main, Info, "the client is told: {subject}");
            }
            Err(failure) => {
                log!(
                    Main,
                    Warning,
                    "the client cannot be told through the platform, a task is made instead: {}",
                    failure.chain()
                );
                let text = format!("{subject}\n\n{text}");
                self.raise_task(desk, account, mark, &text).await?;
            }
        }
        desk.remember(fields::NOTIFIED, mark).await
    }

    async fn raise_task(
        &self,
        desk: &mut Desk<'_>,
        account: &Account,
        mark: &str,
        text: &str,
    ) -> Result<(), Failure> {
        if desk.call_person(account, mark, text).await? {
            self.pass.count(Count::Tasked);
        }
        Ok(())
    }

    /// Asks the vendor to look now at what is visible from here.
    async fn ask_to_verify(&self, desk: &mut Desk<'_>, authority: &Metered) {
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

/// Key of an order whose outcome is not known.
fn unsettled(desk: &Desk<'_>) -> Option<String> {
    let intent = desk.intent()?;
    (intent.state.is_unsettled()).then(|| intent.key.to_string())
}

/// Whether a reissue is placed and its certificate awaited. One that was placed, but not concluded, is
/// not: it is taken up again.
fn is_underway(desk: &Desk<'_>) -> bool {
    desk.intent()
        .is_some_and(|intent| intent.state == State::Pending)
}

/// Whether a reissue that began at a moment may have reached the vendor.
fn was_sent(desk: &Desk<'_>, began: DateTime<Utc>) -> bool {
    desk.intent()
        .is_some_and(|intent| intent.state != State::Prepared && intent.since >= began)
}

/// What a visit would do about a delivered certificate, in words.
pub(super) fn outlook(
    service: &Service,
    module: &'static Module,
    subscription: &Subscription,
    now: DateTime<Utc>,
) -> Outlook {
    let Some(certificate) = current::certificate(service, module) else {
        return Outlook::NoCertificate;
    };
    let situation = Situation {
        now,
        certificate: certificate.life,
        horizon: current::horizon(service, module),
        vendor_reissues: true,
        underway: false,
        needs_person: false,
        vendors_term_over: current::ends_with_vendors_term(service, &certificate),
        notified: current::told(service, fields::NOTIFIED, &certificate.mark).is_some(),
        tasked: current::told(service, fields::TASKED, &certificate.mark).is_some(),
        reminded: current::told(service, fields::TASKED, &certificate.mark) == Some(REMINDED),
    };
    Outlook::Certificate {
        end: certificate.life.end.date_naive(),
        due: certificate
            .life
            .due(subscription, &situation.horizon)
            .date_naive(),
        decision: decide(subscription, &situation),
    }
}
