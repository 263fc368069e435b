//! The money core: intents, the one place that orders, following an order to its certificate.
//!
//! An [`OrderSession`] serves one item for one command, under the item's lock. [`OrderSession::order`] takes an
//! operation from decision to placed order; [`OrderSession::follow`] brings the order's state to the platform;
//! [`OrderSession::close_operation`] ends the platform's operation.

mod adopt;
mod answer;
mod before;
mod buy;
pub mod calendar;
pub mod checks;
mod closing;
pub mod current;
mod earlier;
mod ended;
mod evidence;
mod follow;
pub mod forecast;
pub(crate) mod fresh;
mod holding;
mod in_place;
mod late;
pub mod lead;
pub mod mail;
pub mod names;
pub mod notices;
pub mod outlook;
mod own;
pub mod owner;
pub mod person;
mod place;
pub mod plan;
pub mod policy;
pub mod port;
pub mod position;
mod proofs;
pub mod proved;
mod purchase;
pub mod replacement;
pub mod revoked;
mod settle;
pub mod spare;
mod spool;
mod step;
pub mod stored;
pub mod term;
#[cfg(test)]
pub(crate) mod tests;
mod trigger;
pub mod waits;
mod word;
pub mod words;

use std::time::Duration;

use crate::certificate::Format;
use crate::domain::{Clock, DomainName, ItemId, ValidationMethod, VendorOrderId};
use crate::failure::{Failure, FailureKind, Reason};
use crate::log;
use crate::module::{Module, Template};
use crate::platform::{Account, CertificateStatus, Patience, Platform, Service, fields};
use port::{Abilities, Cancellation, CertificateAuthority, OrderRef, ValidationRecord};

pub use evidence::Evidence;
pub use follow::Followed;
pub use intent::{Intent, LoginRef, Operation, State};
pub use own::{owner_beside, rival};
pub use proofs::shown;
pub use spool::Spool;
pub use stored::intent;
use stored::served;
pub use trigger::Trigger;

/// How long a command waits for another command on the same item.
const LOCK_WAIT: Duration = Duration::from_secs(30);

/// Serves one item for one command.
pub struct OrderSession<'a> {
    platform: &'a dyn Platform,
    authority: &'a dyn CertificateAuthority,
    module: &'static Module,
    clock: &'a Clock,
    spool: Spool,
    item: ItemId,
    service: Service,
    intent: Option<Intent>,
    /// The database is known to show what the platform has.
    is_fresh: bool,
    /// The vendor's login that the account's settings name now; none for a service without account.
    login: Option<LoginRef>,
    /// How the platform shows the two dates.
    shown: term::Shown,
    format: Format,
    /// The reissue at hand changes no names.
    names_stay: bool,
    /// What the client has to publish, as the last look-up told.
    validation: Vec<ValidationRecord>,
    /// What the last look-up says that the order waits for, in the vendor's words.
    waits_for: Option<(waits::For, String)>,
    /// Where names are looked at before they are paid for.
    zone: Box<dyn names::Zone>,
    /// What people were given as tasks.
    raised: std::cell::RefCell<Vec<String>>,
}

/// What a session is made of.
pub struct SessionParts<'a> {
    /// The platform.
    pub platform: &'a dyn Platform,
    /// The vendor of the item's account.
    pub authority: &'a dyn CertificateAuthority,
    /// The module.
    pub module: &'static Module,
    /// The clock.
    pub clock: &'a Clock,
    /// Local spool.
    pub spool: Spool,
    /// How the platform shows the two dates (design, section 5).
    pub shown: term::Shown,
    /// The form in which certificates are given to the platform.
    pub format: Format,
    /// Mark of the vendor's login that the account's settings name ([`Module::login_mark`]).
    pub login_mark: String,
    /// The domain name system.
    pub zone: Box<dyn names::Zone>,
}

/// What an ordering command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordered {
    /// The order exists; the platform has to be told the rest.
    Placed,
    /// Everything was done before; only the platform's operation is to be closed.
    DoneBefore,
}

/// Takes the item's lock.
///
/// # Errors
/// `Busy` when another command holds it for long.
pub async fn lock(platform: &dyn Platform, item: ItemId) -> Result<(), Failure> {
    platform.lock(item, LOCK_WAIT).await
}

impl<'a> OrderSession<'a> {
    /// Opens the session for a locked item, and ends what a killed command has left half done.
    ///
    /// # Errors
    /// An intent that cannot be read, a platform that cannot be written.
    pub async fn open(
        parts: SessionParts<'a>,
        item: ItemId,
        service: Service,
    ) -> Result<Self, Failure> {
        let intent = service
            .parameter(intent::PARAMETER)
            .map(Intent::from_text)
            .transpose()?;
        let mut session = Self::of(parts, item, service, intent);
        session.go_on().await?;
        Ok(session)
    }

    /// The same for a person, who may settle what a newer version has decided (see [`word::made_out`]).
    ///
    /// # Errors
    /// As [`open`](Self::open); an intent of which not even the operation can be made out.
    pub async fn open_for_person(
        parts: SessionParts<'a>,
        item: ItemId,
        service: Service,
    ) -> Result<Self, Failure> {
        let stored = service.parameter(intent::PARAMETER);
        let unread = stored.map(Intent::from_text).and_then(Result::err);
        let (Some(unread), Some(stored)) = (unread, stored) else {
            return Self::open(parts, item, service).await;
        };
        let made_out = word::made_out(stored, parts.clock.now()).ok_or(unread)?;
        let mut session = Self::of(parts, item, service, None);
        let login = made_out.login.or_else(|| session.login.clone());
        session.intent = Some(Intent { login, ..made_out });
        Ok(session)
    }

    fn of(parts: SessionParts<'a>, item: ItemId, service: Service, intent: Option<Intent>) -> Self {
        let SessionParts {
            platform,
            authority,
            module,
            clock,
            spool,
            shown,
            format,
            login_mark,
            zone,
        } = parts;
        let login = service.account.map(|account| LoginRef {
            account,
            mark: login_mark,
        });
        let session = Self {
            platform,
            authority,
            module,
            clock,
            spool,
            item,
            service,
            intent,
            is_fresh: false,
            login,
            shown,
            format,
            names_stay: false,
            validation: Vec::new(),
            waits_for: None,
            zone,
            raised: std::cell::RefCell::default(),
        };
        if let Some(intent) = &session.intent {
            crate::logging::set_intent(&intent.key);
        }
        session
    }

    /// Ends what a killed command has left half done: an order of which the platform does not know everything.
    async fn go_on(&mut self) -> Result<(), Failure> {
        let Some(intent) = self.intent.clone() else {
            return Ok(());
        };
        match intent.state {
            // Killed between the intent and the other numbers: they are written again.
            State::Placed => {
                let spooled = self.spool.recall(self.item, &intent.key);
                // Since then a person may have put another order in its place.
                let is_its = |placed: &port::Placed| {
                    intent.order.as_ref().is_none_or(|own| *own == placed.order)
                };
                let spooled = spooled.filter(is_its);
                if let Some(placed) = spooled.or_else(|| Self::answered(&intent)) {
                    self.save_placed(&placed).await?;
                }
                self.remember_term(&intent).await
            }
            // Killed on the way back from a dead renewal.
            State::Dead => match self.leave_dead_order(&intent).await {
                // What needs no vendor goes on; the next look at the order leaves it.
                Err(failure)
                    if matches!(failure.kind(), FailureKind::Transient | FailureKind::Auth) =>
                {
                    log!(Order, Info, "{}", failure.chain());
                    Ok(())
                }
                left => left.map(drop),
            },
            _ => Ok(()),
        }
    }

    /// The service as read under the lock, with what this session has written since.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The stored intent.
    #[must_use]
    pub fn intent(&self) -> Option<&Intent> {
        self.intent.as_ref()
    }

    /// The item's product.
    ///
    /// # Errors
    /// A product code that is not of this module.
    pub fn template(&self) -> Result<&'static Template, Failure> {
        let code = self
            .service
            .template
            .as_ref()
            .map_or("", |code| code.as_str());
        self.module
            .template(code)
            .ok_or_else(|| Failure::field(Reason::UnknownTemplate, "intname").value(code))
    }

    /// The order number stored with the item.
    #[must_use]
    pub fn order_number(&self) -> Option<VendorOrderId> {
        self.service
            .parameter(self.module.order_parameter)
            .map(VendorOrderId::new)
    }

    /// The stored order, ready for look-ups.
    #[must_use]
    pub fn order_ref(&self) -> Option<OrderRef> {
        Some(OrderRef {
            order: self.order_number()?,
            template: self.service.template.clone()?,
            csr_pem: self.service.csr.clone(),
        })
    }

    /// Cancels the order at the vendor (`close`).
    ///
    /// # Errors
    /// The vendor's failure, or its lack of the ability.
    pub async fn cancel(&self, order: &OrderRef) -> Result<Cancellation, Failure> {
        self.authority.cancel(order, self.clock.now()).await
    }

    /// Gives a person of the hoster a task, and remembers by its mark that it was given. Where the
    /// platform makes no task a problem is registered, and nothing is remembered: the platform keeps one
    /// problem of an account, so that the next service's takes its place. Whether there is a task.
    ///
    /// # Errors
    /// The platform takes neither.
    pub async fn call_person(
        &mut self,
        account: &Account,
        mark: &str,
        text: &str,
    ) -> Result<bool, Failure> {
        let is_made = self.raise(account, text).await?;
        if is_made {
            self.remember(fields::TASKED, mark).await?;
        }
        Ok(is_made)
    }

    /// Makes a task, or registers a problem where none can be made. Whether there is a task.
    async fn raise(&self, account: &Account, text: &str) -> Result<bool, Failure> {
        let line = text.replace('\n', " ");
        log!(Order, Warning, "manual action is needed: {line}");
        if let Err(failure) = self.platform.raise_task(account.id, text).await {
            log!(
                Order,
                Warning,
                "no task can be made, a problem is registered: {}",
                failure.chain()
            );
            self.platform
                .register_problem(account.id, &account.name, text)
                .await?;
            return Ok(false);
        }
        self.raised.borrow_mut().push(text.to_owned());
        Ok(true)
    }

    /// Texts of the tasks that people were given in this session, each once.
    pub fn take_raised(&self) -> Vec<String> {
        self.raised.take()
    }

    /// What the vendor can do.
    #[must_use]
    pub fn abilities(&self) -> &'static Abilities {
        self.authority.abilities()
    }

    /// Asks the vendor to verify one name now.
    ///
    /// # Errors
    /// No order, or the vendor's failure.
    pub async fn verify_now(&self, name: &DomainName) -> Result<(), Failure> {
        self.authority.verify_now(&self.needs_order()?, name).await
    }

    /// Changes the validation of one name at the vendor.
    ///
    /// # Errors
    /// No order, or the vendor's failure.
    pub async fn change_validation(
        &self,
        name: &DomainName,
        method: &ValidationMethod,
    ) -> Result<(), Failure> {
        self.authority
            .change_validation(&self.needs_order()?, name, method)
            .await
    }

    /// What the vendor says about an order that may not be stored with the item. Changes nothing.
    ///
    /// # Errors
    /// The vendor does not know the order or cannot be asked; a service without a product.
    pub async fn look_at(&self, order: &VendorOrderId) -> Result<port::Progress, Failure> {
        let template = self.service.template.clone();
        let template =
            template.ok_or_else(|| Failure::field(Reason::UnknownTemplate, "intname"))?;
        let order = OrderRef {
            order: order.clone(),
            template,
            csr_pem: self.service.csr.clone(),
        };
        self.authority.status(&order).await
    }

    fn needs_order(&self) -> Result<OrderRef, Failure> {
        self.order_ref().ok_or_else(|| {
            Failure::field(Reason::Missing, self.module.order_parameter).detail(words!(
                "The service has no order at the vendor yet",
                "У услуги ещё нет заказа у поставщика"
            ))
        })
    }

    /// Stores an item parameter.
    ///
    /// # Errors
    /// The platform refused.
    pub async fn remember(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        self.save(name, value, Patience::Once).await
    }

    /// Stores an item parameter unless it is stored already.
    pub(super) async fn save(
        &mut self,
        name: &str,
        value: &str,
        patience: Patience,
    ) -> Result<(), Failure> {
        if self.service.parameter(name).unwrap_or_default() == value {
            return Ok(());
        }
        if name == intent::PARAMETER || name == self.module.order_parameter {
            self.must_stand(patience).await?;
        }
        self.platform
            .save_parameter(self.item, name, value, patience)
            .await?;
        self.service
            .parameters
            .insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// Stores the intent in a new state.
    pub(super) async fn save_intent(
        &mut self,
        intent: Intent,
        patience: Patience,
    ) -> Result<(), Failure> {
        let text = intent.to_text()?;
        crate::logging::set_intent(&intent.key);
        self.save(intent::PARAMETER, &text, patience).await?;
        let answered = match (&intent.order, intent.state) {
            (Some(order), State::Unknown) => format!(", answered as {order}"),
            _ => String::new(),
        };
        log!(
            Order,
            Info,
            "intent {}: {} {}{answered}",
            intent.key,
            intent.operation.word(),
            intent.state.word()
        );
        self.intent = Some(intent);
        Ok(())
    }

    /// Whether the platform shows this certificate status.
    pub(super) fn shows(&self, status: CertificateStatus) -> bool {
        self.service.parameter(fields::SERVICE_STATUS) == Some(status.code().to_string().as_str())
    }

    /// Sets the certificate status unless it is set already.
    ///
    /// # Errors
    /// The platform refused.
    pub async fn set_status(&mut self, status: CertificateStatus) -> Result<(), Failure> {
        if self.shows(status) {
            return Ok(());
        }
        self.platform.set_status(self.item, status).await?;
        self.service
            .parameters
            .insert(fields::SERVICE_STATUS.to_owned(), status.code().to_string());
        Ok(())
    }

    /// What the client has to publish or answer, as the last look-up or order told; empty before one.
    #[must_use]
    pub fn validation(&self) -> &[ValidationRecord] {
        &self.validation
    }
}
