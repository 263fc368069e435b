//! Renewals that keep the number of the order: no listing shows one more, only the end of the vendor's term tells that
//! one was bought.

use chrono::{NaiveDate, TimeDelta};

use super::OrderSession;
use super::intent::{self, Intent, Operation, State};
use super::port::Progress;
use super::purchase::renewal;
use super::stored::looked_at;
use super::term::{self, Bought};
use crate::domain::Purchase;
use crate::failure::Failure;
use crate::platform::{Patience, fields};

/// Half a term by its months: vendors count the days of a term in their own way, but never so differently.
const DAYS_OF_HALF_A_MONTH: i64 = 15;

/// Vendors round a term to their own days.
const SLACK: TimeDelta = TimeDelta::days(3);

impl OrderSession<'_> {
    /// Asks a person whether a renewal was bought that neither the database nor this machine knows of: the vendor's term
    /// reaches further than the stored one.
    ///
    /// # Errors
    /// The question, where there is something to ask; the vendor's and the platform's.
    pub(super) async fn ask_about_longer_term(
        &mut self,
        intent: &Intent,
        purchase: &Purchase,
    ) -> Result<(), Failure> {
        let in_place = self.authority.abilities().renews_in_place;
        if intent.operation != Operation::Prolong || !in_place {
            return Ok(());
        }
        let (Some(order), Some(bought)) = (self.order_ref(), self.term_bought()) else {
            return Ok(());
        };
        if self.is_answered(&renewal(&order.order, Some(bought.end)))? {
            return Ok(());
        }
        let progress = self.authority.status(&order).await?;
        let half = TimeDelta::days(DAYS_OF_HALF_A_MONTH * i64::from(purchase.term.0));
        let words = if let Some(told) = self.told_beyond(&progress, bought.end, half) {
            words!(
                "order {} is paid until {told} at the vendor and until {} here: it may have been renewed already",
                "заказ {} оплачен у поставщика до {told}, а здесь до {}: возможно, он уже продлён",
                order.order,
                bought.end
            )
        } else if let Some(told) = self.told_beyond_one_term(&progress, &bought, purchase.term.0) {
            words!(
                "order {} is paid until {told} at the vendor, for more than one further term, and what was bought for it is not known here: it may have been renewed already",
                "заказ {} оплачен у поставщика до {told}, больше чем на один срок вперёд, а что для него покупалось, здесь неизвестно: возможно, он уже продлён",
                order.order
            )
        } else {
            return Ok(());
        };
        Err(self.ask_as(intent.clone(), &words).await?)
    }

    /// The end of the vendor's term, where it was never stored by a purchase of ours but learned from the vendor, a lost
    /// renewal with it, and where more is left of it than one purchase gives: a term is renewed in its last months.
    fn told_beyond_one_term(
        &self,
        progress: &Progress,
        bought: &Bought,
        months: u32,
    ) -> Option<NaiveDate> {
        let today = self.clock.now().date_naive();
        let whole = term::end(today, None, months).filter(|_| bought.key.is_empty())?;
        self.told_beyond(progress, whole, SLACK)
    }

    /// The term of a renewal that a person takes over, where the learned end has it already: it is not counted once more.
    pub(super) fn learned_with(&self, intent: &Intent, progress: &Progress) -> Option<Bought> {
        let in_place = self.authority.abilities().renews_in_place;
        let is_meant = in_place && intent.operation == Operation::Prolong;
        let bought = self.term_bought().filter(|_| is_meant)?;
        let months = self.months_bought(intent);
        // A learned end that the vendor's reaches beyond is from before this renewal: it is counted, and watched, as any other.
        let half = TimeDelta::days(DAYS_OF_HALF_A_MONTH * i64::from(months));
        if self.told_beyond(progress, bought.end, half).is_some() {
            return None;
        }
        let end = self.told_beyond_one_term(progress, &bought, months)?;
        Some(Bought {
            end,
            key: intent.key.to_string(),
            former: None,
        })
    }

    /// Whether a person has said of this very renewal that it was not bought. The question is stored before anything is
    /// prepared; what was sent and refused has a snapshot of what was there, and says nothing of what came later.
    fn is_answered(&self, subject: &str) -> Result<bool, Failure> {
        let Some(stored) = &self.intent else {
            return Ok(false);
        };
        let installation = self.platform.installation()?;
        let operation = Operation::Prolong;
        let key = intent::key(&installation, self.item, operation, subject, stored.attempt);
        Ok(stored.key == key && stored.state == State::Rejected && stored.token.0.is_empty())
    }

    /// Tells a person, once for each renewal, that the vendor's term reaches at least half a term further than what was
    /// bought: the request was delivered twice, or somebody renewed by hand as well.
    pub(super) async fn tell_longer_term(&mut self, progress: &Progress) -> Result<(), Failure> {
        let is_renewal = |intent: &Intent| {
            intent.operation == Operation::Prolong
                && matches!(intent.state, State::Placed | State::Pending | State::Issued)
        };
        let in_place = self.authority.abilities().renews_in_place;
        let intent = self
            .intent
            .clone()
            .filter(|one| in_place && is_renewal(one));
        let (Some(intent), Some(bought)) = (intent, self.term_bought()) else {
            return Ok(());
        };
        let Some(former) = bought.former.filter(|_| bought.key == intent.key.as_str()) else {
            return Ok(());
        };
        let mark = looked_at(&intent);
        if self.service.parameter(fields::SPARE) == Some(mark.as_str()) {
            return Ok(());
        }
        let half = (bought.end - former) / 2;
        let told = self.told_beyond(progress, bought.end, half);
        let (Some(told), Some(account)) = (told, self.service.account) else {
            return Ok(());
        };
        let account = self.platform.account(account).await?;
        let (item, vendor, end) = (self.item, self.authority.abilities().vendor, bought.end);
        let order = intent
            .order
            .as_ref()
            .or(self.order_number().as_ref())
            .map_or_else(|| "-".to_owned(), ToString::to_string);
        let text = format!(
            "pmssl: {vendor} shows order {order} (service {item}) as paid until {told}, although it was renewed until {end}: \
             the renewal was delivered twice on its way, or somebody renewed it by hand as well. Ask {vendor} to take back \
             what is too much.\n\
             pmssl: у {vendor} заказ {order} (услуга {item}) оплачен до {told}, хотя продлевался до {end}: запрос на \
             продление доставлен дважды либо заказ продлили ещё и вручную. Попросите {vendor} отменить лишнее продление."
        );
        // The task comes first: dead between the two, the next look gives it again.
        if self.raise(&account, &text).await? {
            self.save(fields::SPARE, &mark, Patience::Once).await?;
        }
        Ok(())
    }

    /// The end of the vendor's term, where it lies beyond a day by more than so much.
    fn told_beyond(&self, progress: &Progress, end: NaiveDate, by: TimeDelta) -> Option<NaiveDate> {
        self.vendors_term(progress).filter(|told| *told - end > by)
    }
}
