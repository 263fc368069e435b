//! What a visit does about the certificate in hand: whatever [`replacement::decide`] says, one thing after the other.

use chrono::{DateTime, TimeDelta, Utc};

use super::hook;
use super::pass::{Count, Vendor};
use super::report::DryRunOutcome;
use super::services::Work;
use super::worker::{ISSUED, SOON, Worker};
use crate::commands;
use crate::failure::{Failure, FailureKind};
use crate::log;
use crate::module::{Module, Text};
use crate::order::current::{self, Current};
use crate::order::outlook::{self, Around};
use crate::order::owner::Owner;
use crate::order::policy::{Policy, Subscription};
use crate::order::replacement::{self, Able, Decision, Done, Replacement, Urgent, What};
use crate::order::revoked::Wish;
use crate::order::{OrderSession, State, Trigger, notices};
use crate::platform::{Service, fields};

/// Operations of the platform that must not be overtaken by a reissue.
const OPERATIONS: [&str; 5] = ["open", "prolong", "reopen", "reissue", "close"];

/// What the last notice or task about a certificate that others than this program reissue is about.
const REMINDED: &str = "again";

/// The last task is about a refused wish, which the seconds behind it tell from others: who was told of a revoked
/// certificate hears of the refusal as well.
const REFUSED: &str = "refused-";

/// The last task is about a certificate that has ended; what else it is about stands behind a blank.
const OVER: &str = "over";

/// An account that has used up its ordering calls of the hour is tried again after this.
const NEXT_ORDERS: TimeDelta = TimeDelta::minutes(10);

/// What a service needs its account for.
const DUE: Text = Text::new(
    "a certificate of it (service __item__) has to be reissued inside its paid period",
    "сертификат у него (услуга __item__) пора перевыпустить в пределах оплаченного срока",
);
const WAITS: Text = Text::new(
    "an order of it needs a look ('pmssl show --item __item__')",
    "заказ у него требует внимания ('pmssl show --item __item__')",
);

/// Each round does one thing, and every thing is done once.
const ROUNDS: usize = 6;

/// What came of the try to replace the certificate.
enum Tried {
    Nothing,
    Begun,
    Failed(Failure),
}

/// One visit's work on a certificate.
pub(super) struct Replacing<'r, 'w, 'd> {
    worker: &'r Worker<'w>,
    session: &'r mut OrderSession<'d>,
    vendor: &'r Vendor,
    work: &'r Work,
    tried: Tried,
    needs_person: bool,
    /// Since when there is the person's wish that was refused now, by the vendor or before anything was sent.
    refused_wish: Option<DateTime<Utc>>,
    /// The vendor was asked for the end of the term.
    asked: bool,
    /// A person was called.
    called: bool,
}

/// When to look next, unless that follows from the age of what is awaited.
type NextLook = Option<DateTime<Utc>>;

impl<'r, 'w, 'd> Replacing<'r, 'w, 'd> {
    /// After the order was followed; `trouble` is what hindered that.
    pub(super) fn begin(
        worker: &'r Worker<'w>,
        session: &'r mut OrderSession<'d>,
        vendor: &'r Vendor,
        work: &'r Work,
        trouble: Option<Failure>,
    ) -> Self {
        Self {
            worker,
            session,
            vendor,
            work,
            needs_person: trouble.as_ref().is_some_and(commands::needs_person),
            tried: trouble.map_or(Tried::Nothing, Tried::Failed),
            refused_wish: None,
            asked: false,
            called: false,
        }
    }

    /// Does what is due.
    ///
    /// # Errors
    /// What hindered following or reissuing the order, once everybody who has to know was told.
    pub(super) async fn run(mut self) -> Result<NextLook, Failure> {
        let outcome = self.do_all().await;
        let is_refused = self.refused_wish.is_some();
        self.session.end_refused_wish(is_refused).await?;
        outcome
    }

    async fn do_all(&mut self) -> Result<NextLook, Failure> {
        let subscription = self.worker.pass.subscription;
        for _ in 0..ROUNDS {
            let now = self.worker.pass.clock.now();
            let service = self.session.service();
            let module = self.worker.pass.module;
            let able = Able::of(self.vendor.1.abilities());
            let Some((certificate, ahead)) = ahead(service, module, subscription, able, now) else {
                return self.end(None);
            };
            // An order that only a person can settle is a task of its own: the next one is another.
            let about = unsettled(self.session).filter(|_| self.needs_person);
            let refused = self.refused_wish;
            let refused = refused.map(|since| format!("{REFUSED}{}", since.timestamp()));
            let about = about.or(refused).unwrap_or_default();
            let done = self.done(&certificate, &about);
            let decision = replacement::decide(&ahead, &done, now);
            log!(Main, Trace, "{decision:?}: {ahead:?} {done:?}");
            match decision {
                Decision::Nothing => {
                    let look = match self.tried {
                        Tried::Begun => Some(now + SOON),
                        _ => ahead.next_look(&done, now),
                    };
                    return self.end(look);
                }
                Decision::LeaveToRenewal => return self.end(ahead.next_look(&done, now)),
                // It was asked, and says nothing of it: nobody but a person knows.
                Decision::AskTerm
                    if self.asked && matches!(self.tried, Tried::Nothing) && !done.tasked =>
                {
                    self.call(&certificate, &about, ahead.is_urgent(now))
                        .await?;
                }
                Decision::AskTerm if self.asked || !matches!(self.tried, Tried::Nothing) => {
                    log!(
                        Main,
                        Info,
                        "the end of the paid term is not known: the certificate is left to renewal"
                    );
                    return self.end(ahead.next_look(&done, now));
                }
                Decision::AskTerm => {
                    self.session.follow().await?;
                    self.asked = true;
                }
                Decision::Notify => {
                    // A first notice that comes late is not repeated.
                    let is_last = done.notified || ahead.hurries(now);
                    self.notify(&certificate, is_last).await?;
                }
                Decision::Task => {
                    // A first task that comes late is not repeated.
                    let is_last = done.tasked || ahead.is_urgent(now);
                    self.call(&certificate, &about, is_last).await?;
                }
                Decision::Reissue => {
                    if let Some(look) = self.reissue(decision, now).await? {
                        return Ok(Some(look));
                    }
                }
            }
        }
        Ok(None)
    }

    fn end(&mut self, look: NextLook) -> Result<NextLook, Failure> {
        match std::mem::replace(&mut self.tried, Tried::Nothing) {
            Tried::Failed(failure) => Err(failure),
            Tried::Nothing | Tried::Begun => Ok(look),
        }
    }

    fn done(&self, certificate: &Current, about: &str) -> Done {
        let tried = !matches!(self.tried, Tried::Nothing);
        let told = told_of(self.session.service(), certificate);
        let tasked = current::told(self.session.service(), fields::TASKED, &certificate.mark);
        let tasked = tasked.map(|known| about_of(known).1);
        Done {
            underway: tried || is_underway(self.session),
            needs_person: self.needs_person,
            tasked: self.called || tasked.is_some_and(|known| about.is_empty() || known == about),
            reminded: self.called || told.reminded,
            over: self.called || told.over,
            ..told
        }
    }

    /// Gives a person the task about a certificate, or about the order that only a person can settle.
    async fn call(
        &mut self,
        certificate: &Current,
        about: &str,
        is_last: bool,
    ) -> Result<(), Failure> {
        let (service, now) = (self.session.service(), self.worker.pass.clock.now());
        let urgent = Urgent::of(service);
        let is_wished = urgent.wished.is_some();
        let hand = match self.worker.pass.subscription.policy {
            _ if urgent.is_left_to_person() => notices::Hand::Revoked,
            _ if current::term_end(service).is_none() && !is_wished => notices::Hand::Term,
            _ if !current::can_be_reissued(service, Some(certificate)) => notices::Hand::NewOrder,
            _ if !self.vendor.1.abilities().reissue => notices::Hand::InThePanel,
            _ if urgent.new_key => notices::Hand::NewKey,
            Policy::Manual if !is_wished => notices::Hand::Clients,
            _ => notices::Hand::Programs,
        };
        let text = notices::task(service, self.work.item, certificate, hand, now);
        let about = match (certificate.life.end <= now, is_last && about.is_empty()) {
            (true, _) => format!("{OVER} {about}"),
            (false, true) => REMINDED.to_owned(),
            (false, false) => about.to_owned(),
        };
        let mark = format!("{} {about}", certificate.mark);
        // Barred before anybody is told: the next pass must not order meanwhile.
        self.session.give_to_person().await?;
        self.raise_task(mark.trim(), &text).await?;
        // Where the platform made none, the next look tries again; the rest goes on now.
        self.called = true;
        Ok(())
    }

    /// Begins the reissue; answers when to look again where it has to wait.
    async fn reissue(
        &mut self,
        decision: Decision,
        now: DateTime<Utc>,
    ) -> Result<NextLook, Failure> {
        let pass = self.worker.pass;
        if let Some((reason, pause)) = self.must_wait().await? {
            log!(Main, Info, "no reissue now: {reason}");
            pass.count(Count::Postponed);
            return Ok(Some(now + pause));
        }
        // Nothing is awaited between the count and this: no other hand counts in between.
        pass.begin_order(self.work);
        let wished = Wish::due(self.session.service());
        let outcome = match Trigger::policy(&decision) {
            Some(trigger) => self.order(trigger).await,
            None => Ok(()),
        };
        if !was_sent(self.session, now) {
            pass.forget_order(self.work);
        }
        self.tried = match outcome {
            Ok(()) => Tried::Begun,
            Err(failure) => {
                let is_no = matches!(
                    failure.kind(),
                    FailureKind::Rejected | FailureKind::NotSupported
                );
                let state = self.session.intent().map(|intent| intent.state);
                let is_rejected = state == Some(State::Rejected) && was_sent(self.session, now);
                // What may have been bought, or was, is not refused by what comes after it.
                let is_open = |state: State| {
                    state.is_unsettled() || matches!(state, State::Placed | State::Pending)
                };
                let is_nothing = is_no && !state.is_some_and(is_open);
                self.refused_wish = wished.filter(|_| is_rejected || is_nothing);
                self.needs_person = self.refused_wish.is_some() || commands::needs_person(&failure);
                Tried::Failed(failure)
            }
        };
        Ok(None)
    }

    /// Why a reissue has to wait and for how long, if it has.
    async fn must_wait(&self) -> Result<Option<(String, TimeDelta)>, Failure> {
        let (platform, pass, account) = (self.worker.platform, self.worker.pass, &self.vendor.0);
        for operation in OPERATIONS {
            if let Some(id) = platform.queued_operation(self.work.item, operation).await? {
                let reason = format!("BILLmanager's operation {id} ({operation}) comes first");
                return Ok(Some((reason, SOON)));
            }
        }
        let allowed = pass.limits.orders_per_hour as usize;
        let sent = pass.orders(platform, account.id).await?;
        if sent < allowed {
            return Ok(None);
        }
        let reason = format!(
            "account {} has sent {sent} orders in an hour, {allowed} are allowed",
            account.id
        );
        Ok(Some((reason, NEXT_ORDERS)))
    }

    async fn order(&mut self, trigger: Trigger) -> Result<(), Failure> {
        log!(
            Main,
            Info,
            "the certificate is due: reissuing it inside the paid term"
        );
        let session = &mut *self.session;
        session.reissue_inside_term(trigger).await?;
        session.follow_after_order().await?;
        session.conclude_without_operation().await?;
        self.worker.pass.count(Count::Reissued);
        if is_underway(session) {
            let authority = self.vendor.1.as_ref();
            self.worker.ask_to_verify(session, authority).await;
            let open = session.validation().iter().filter(|record| !record.done);
            let open: Vec<_> = open.map(|record| record.name.to_string()).collect();
            if !open.is_empty() {
                log!(Main, Info, "the client has to prove: {}", open.join(", "));
            }
            self.announce().await;
        } else if session
            .intent()
            .is_some_and(|intent| intent.state == State::Issued)
        {
            self.worker
                .tell(session, self.work, hook::EventKind::Issued, ISSUED);
        }
        Ok(())
    }

    /// Tells the client what to publish for a reissue that nobody but this program asked for. Mails to
    /// approvers are sent by the vendor. A message that cannot be sent is made up for by the later notice.
    async fn announce(&self) {
        let (service, item) = (self.session.service(), self.work.item);
        let Some((subject, text)) = notices::announcement(service, item, self.session.validation())
        else {
            return;
        };
        let platform = self.worker.platform;
        match platform.notify_client(item, &subject, &text).await {
            Ok(()) => {
                self.worker.pass.count(Count::Notified);
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

    /// Tells the client of a certificate. Where the platform cannot, a person gets a task instead, unless there is
    /// one: nobody is told silently nothing.
    async fn notify(&mut self, certificate: &Current, is_last: bool) -> Result<(), Failure> {
        let (mark, item) = (certificate.mark.as_str(), self.work.item);
        let (subject, text) = notices::notice(
            self.session.service(),
            item,
            certificate,
            self.session.validation(),
            self.vendor.1.abilities(),
            self.worker.pass.clock.now().date_naive(),
        );
        let platform = self.worker.platform;
        match platform.notify_client(item, &subject, &text).await {
            Ok(()) => {
                self.worker.pass.count(Count::Notified);
                log!(Main, Info, "the client is told: {subject}");
            }
            Err(failure) => {
                log!(
                    Main,
                    Warning,
                    "the client cannot be notified through BILLmanager, the administrator gets a task: {}",
                    failure.chain()
                );
                if current::told(self.session.service(), fields::TASKED, mark).is_none() {
                    let text = format!("{subject}\n\n{text}");
                    self.raise_task(mark, &text).await?;
                }
            }
        }
        let about = if is_last { REMINDED } else { "" };
        let mark = format!("{mark} {about}");
        self.session.remember(fields::NOTIFIED, mark.trim()).await
    }

    async fn raise_task(&mut self, mark: &str, text: &str) -> Result<(), Failure> {
        if self.session.call_person(&self.vendor.0, mark, text).await? {
            self.worker.pass.count(Count::Tasked);
        }
        Ok(())
    }
}

/// The certificate in hand and what follows it, as everybody is told.
fn ahead(
    service: &Service,
    module: &'static Module,
    subscription: Subscription,
    vendor: Able,
    now: DateTime<Utc>,
) -> Option<(Current, Replacement)> {
    let around = around(subscription, vendor, now);
    let ahead = outlook::of_service(service, module, &around).ahead?;
    Some((current::certificate(service, module)?, ahead))
}

/// What is stored about who was told of a certificate.
fn told_of(service: &Service, certificate: &Current) -> Done {
    let told = |name: &str| current::told(service, name, &certificate.mark);
    let (over, about) = about_of(told(fields::TASKED).unwrap_or_default());
    Done {
        notified: told(fields::NOTIFIED).is_some(),
        notified_again: told(fields::NOTIFIED) == Some(REMINDED),
        tasked: told(fields::TASKED).is_some(),
        reminded: over || about == REMINDED,
        over,
        ..Done::default()
    }
}

/// Whether a task was about a certificate that has ended, and what else it was about.
fn about_of(known: &str) -> (bool, &str) {
    match known.strip_prefix(OVER) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, known),
    }
}

/// Why a service needs its account now, as far as that is known without its vendor: its certificate is due and somebody
/// acts then, or its order needs somebody's look.
pub(super) fn why_account(
    service: &Service,
    module: &'static Module,
    subscription: Subscription,
    now: DateTime<Utc>,
) -> Option<Text> {
    let outlook = outlook::of_service(service, module, &around(subscription, Able::ALL, now));
    let is_due = outlook.ahead.is_some_and(|ahead| {
        ahead.due <= now && ahead.what == What::Reissue && ahead.owner != Owner::Nobody
    });
    if is_due {
        return Some(DUE);
    }
    outlook.needs_a_look(now).then_some(WAITS)
}

fn around(subscription: Subscription, vendor: Able, now: DateTime<Utc>) -> Around {
    Around {
        now,
        subscription,
        vendor,
        tries: 0,
        tasks: 0,
        idle: false,
    }
}

/// What a visit would do about a delivered certificate.
pub(super) fn dry_run_outcome(
    service: &Service,
    module: &'static Module,
    subscription: Subscription,
    vendor: Able,
    now: DateTime<Utc>,
) -> DryRunOutcome {
    match ahead(service, module, subscription, vendor, now) {
        None => DryRunOutcome::NoCertificate,
        Some((certificate, ahead)) => DryRunOutcome::Certificate {
            end: ahead.end.date_naive(),
            due: ahead.due.date_naive(),
            decision: replacement::decide(&ahead, &told_of(service, &certificate), now),
        },
    }
}

/// Key of an order whose outcome is not known.
fn unsettled(session: &OrderSession<'_>) -> Option<String> {
    let intent = session.intent()?;
    (intent.state.is_unsettled()).then(|| intent.key.to_string())
}

/// Whether a reissue is placed and its certificate awaited. One that was placed, but not concluded, is
/// not: it is taken up again.
fn is_underway(session: &OrderSession<'_>) -> bool {
    session
        .intent()
        .is_some_and(|intent| intent.state == State::Pending)
}

/// Whether a reissue that began at a moment may have reached the vendor.
fn was_sent(session: &OrderSession<'_>, began: DateTime<Utc>) -> bool {
    session
        .intent()
        .is_some_and(|intent| intent.state != State::Prepared && intent.since >= began)
}
