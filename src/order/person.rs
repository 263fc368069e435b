//! What was given to a person, and what a person has said (design, law 2).
//!
//! An intent whose outcome only a person can tell is barred until `pmssl resolve` has settled it: whatever
//! the platform does with the operation meanwhile, nothing is ordered. What the platform's own tables
//! tell about manual operations is not documented, so the fact is stored with the service.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::OrderSession;
use super::fresh::{self, read_fresh};
use super::intent::{self, Intent, MAXIMUM_LENGTH};
use super::stored;
pub use super::stored::Given;
use crate::domain::text::Words;
use crate::domain::{ItemId, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::platform::{Patience, Platform};

/// The item parameter that holds the fact.
pub const PARAMETER: &str = "pmssl_person";

/// What it holds where a former module's order may exist and no intent tells of one: it bars no intent.
pub const FORMER: &str = "1|former|0";

/// The item parameter that holds the orders which a person has called somebody else's.
pub const FOREIGN_PARAMETER: &str = "pmssl_foreign";

/// Whether a person has a service's intent, as its parameter says.
#[must_use]
pub fn has(stored: Option<&str>, intent: &Intent) -> bool {
    stored.is_some_and(|text| Given::read(text, intent).is_some_and(|given| given.bars(intent)))
}

/// Notes that a service's intent is given to a person, where its outcome is open. To be called before the operation
/// becomes manual, under the service's lock where it can be had (`is_locked`): then a late replica does not hide the
/// intent. `true`: an intent is barred now.
///
/// # Errors
/// The platform cannot be read or written.
pub async fn give_to_person(
    platform: &dyn Platform,
    item: ItemId,
    now: DateTime<Utc>,
    is_locked: bool,
) -> Result<bool, Failure> {
    let mut service = platform.service(item).await?;
    // Otherwise whoever has the lock waits for a mark of its own.
    if is_locked {
        let former = service.parameter(fresh::PARAMETER);
        if let Ok(fresh) = read_fresh(platform, item, former).await {
            service = fresh;
        }
    }
    let stored = service.parameter(intent::PARAMETER);
    let Some(Ok(intent)) = stored.map(Intent::from_text) else {
        return Ok(false);
    };
    if !intent.state.is_unsettled() {
        return Ok(false);
    }
    if has(service.parameter(PARAMETER), &intent) {
        return Ok(true);
    }
    let given = Given {
        key: intent.key.to_string(),
        since: now,
    };
    platform
        .save_parameter(item, PARAMETER, &given.to_text(), Patience::Once)
        .await?;
    Ok(true)
}

impl OrderSession<'_> {
    /// The fact that the stored intent waits for a person's word.
    #[must_use]
    pub fn given_to_person(&self) -> Option<Given> {
        let intent = self.intent.as_ref()?;
        let text = self.service.parameter(PARAMETER)?;
        Given::read(text, intent).filter(|given| given.bars(intent))
    }

    /// Notes that the unsettled intent is given to a person.
    ///
    /// # Errors
    /// The platform's.
    pub async fn give_to_person(&mut self) -> Result<(), Failure> {
        let intent = self.intent.as_ref().filter(|i| i.state.is_unsettled());
        let Some(intent) = intent.filter(|_| self.given_to_person().is_none()) else {
            return Ok(());
        };
        let intent = intent.clone();
        self.bar(&intent).await
    }

    /// Notes that an intent, stored or about to be, is a person's to settle.
    pub(super) async fn bar(&mut self, intent: &Intent) -> Result<(), Failure> {
        let given = Given {
            key: intent.key.to_string(),
            since: self.clock.now(),
        };
        self.save(PARAMETER, &given.to_text(), Patience::Once).await
    }

    /// Refuses whatever could order while a person has the intent.
    pub(super) fn must_not_be_given_to_person(&self) -> Result<(), Failure> {
        let (Some(given), Some(intent)) = (self.given_to_person(), &self.intent) else {
            return Ok(());
        };
        log!(
            Order,
            Warning,
            "manual action is needed for the intent; nothing is ordered before it is settled"
        );
        Err(Failure::new(Reason::OutcomeForPerson)
            .value(intent.key.as_str())
            .detail(words!(
                "Manual action is needed since {}. Nothing is ordered until 'pmssl resolve --item {}' has settled it", "С {} требуется решение администратора. До выполнения 'pmssl resolve --item {}' ничего не заказывается",
                given.since.format("%Y-%m-%d %H:%M UTC"),
                self.item
            )))
    }

    /// The person has spoken.
    pub(super) async fn take_back_from_person(&mut self) -> Result<(), Failure> {
        self.save(PARAMETER, "", Patience::Once).await
    }

    /// The orders that a person has called somebody else's.
    #[must_use]
    pub fn foreign(&self) -> BTreeSet<String> {
        let text = self.service.parameter(FOREIGN_PARAMETER);
        stored::foreign(text.unwrap_or_default())
    }

    /// A person says that an order is this service's after all.
    pub(super) async fn take_back_foreign(&mut self, order: &VendorOrderId) -> Result<(), Failure> {
        let mut foreign = self.foreign();
        if !foreign.remove(order.as_str()) {
            return Ok(());
        }
        let list: Vec<String> = foreign.into_iter().collect();
        let text = match list.is_empty() {
            true => String::new(),
            false => stored::foreign_text(&list),
        };
        self.save(FOREIGN_PARAMETER, &text, Patience::Once).await
    }

    /// A person says that these orders are somebody else's: they are never candidates again.
    ///
    /// # Errors
    /// Too many to be stored; the platform's.
    pub async fn declare_foreign(&mut self, orders: &[VendorOrderId]) -> Result<(), Failure> {
        let mut foreign = self.foreign();
        foreign.extend(orders.iter().map(ToString::to_string));
        let list: Vec<String> = foreign.into_iter().collect();
        let text = stored::foreign_text(&list);
        let refused = |words: Words| {
            let named: Vec<&str> = orders.iter().map(VendorOrderId::as_str).collect();
            Err(Failure::field(Reason::Invalid, "--foreign")
                .value(named.join(","))
                .detail(words))
        };
        let is_number = |n: &String| intent::is_order_number(n) && !n.contains(',');
        if let Some(odd) = list.iter().find(|n| !is_number(n)) {
            return refused(words!(
                "'{odd}' is not an order number",
                "'{odd}' - не номер заказа"
            ));
        }
        let length = text.chars().count();
        if length > MAXIMUM_LENGTH {
            return refused(words!(
                "With those that were named before ({}) they need {length} characters, and {MAXIMUM_LENGTH} can be stored. Nothing was stored: name fewer, or empty the item parameter {FOREIGN_PARAMETER} and name those that the vendor still shows",
                "Вместе с названными ранее ({}) они занимают {length} символов, а сохранить можно {MAXIMUM_LENGTH}. Ничего не сохранено: назовите меньше номеров либо очистите параметр услуги {FOREIGN_PARAMETER} и назовите те, что поставщик ещё показывает",
                self.foreign().len()
            ));
        }
        self.save(FOREIGN_PARAMETER, &text, Patience::Once).await
    }
}
