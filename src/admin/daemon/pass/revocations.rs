//! What the vendors' lists show as revoked, asked for once a day: an issued certificate is looked at by nobody else before
//! it is to be replaced.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Count, Pass, Vendor};
use crate::admin::daemon::hook;
use crate::admin::daemon::schedule::REVOKED;
use crate::admin::daemon::worker::LOCK_WAIT;
use crate::ca::Revoked;
use crate::commands;
use crate::domain::{AccountId, ItemId};
use crate::failure::{Failure, FailureKind, Reason};
use crate::log;
use crate::logging;
use crate::order::OrderSession;
use crate::platform::{Fact, Platform};

/// Between two looks.
const PAUSE: TimeDelta = TimeDelta::days(1);

/// After one that failed, or after which somebody could not be told.
const AGAIN: TimeDelta = TimeDelta::hours(1);

/// A list by date of change is read from so long before the last look on: dates may be off, and what could not be told
/// then is told now.
const OVERLAP: TimeDelta = TimeDelta::days(7);

/// The first look goes back so long: no certificate in force is older (calendar.md 1).
const FIRST: TimeDelta = TimeDelta::days(400);

const SECONDS_OF_DAY: i64 = 86_400;

impl Pass<'_> {
    /// Tells of the services whose certificates the vendors' lists show as revoked; failures are only logged.
    pub(super) async fn revocations(&self, platform: &dyn Platform) {
        let accounts = match platform.accounts_of(self.module.name).await {
            Ok(accounts) => accounts,
            Err(failure) => return log!(Main, Warning, "revoked orders: {}", failure.chain()),
        };
        let now = self.clock.now();
        for id in accounts {
            let is_other = self.only.account.is_some_and(|only| only != id);
            let number = REVOKED + id.0;
            let (next, last) = {
                let looks = &self.services.borrow().looks;
                (looks.next(number), looks.state(number))
            };
            let is_due = next.is_none_or(|next| next <= now);
            if is_other || !is_due || self.stop.get() || self.meter(id).is_resting() {
                continue;
            }
            let outcome = self.look_for_revoked(platform, id, since(last, now)).await;
            // Whoever was not told yet is told after the next start.
            if self.stop.get() {
                return;
            }
            let today = u32::try_from(now.timestamp() / SECONDS_OF_DAY).unwrap_or_default();
            let (seen, pause) = match outcome {
                Ok(()) => (today, PAUSE),
                Err(failure) => {
                    self.heed(id, &failure);
                    let why = failure.chain();
                    log!(Main, Warning, "revoked orders of account {id}: {why}");
                    (last.unwrap_or_default(), AGAIN)
                }
            };
            let mut services = self.services.borrow_mut();
            services.looks.set(number, seen, now + pause);
        }
    }

    /// Asks one account's vendor.
    ///
    /// # Errors
    /// The vendor's or the platform's; the latest of those that kept from telling.
    async fn look_for_revoked(
        &self,
        platform: &dyn Platform,
        id: AccountId,
        since: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let vendor = self.connect(platform, id).await?;
        if !vendor.1.abilities().lists_revoked {
            return Ok(());
        }
        let revoked = vendor.1.revoked(since, self.clock.now()).await?;
        if revoked.is_empty() {
            return Ok(());
        }
        let by_order: BTreeMap<&str, &Revoked> = revoked
            .iter()
            .map(|one| (one.order.as_str(), one))
            .collect();
        let mut found: Vec<(ItemId, &Revoked)> = Vec::new();
        let mut take = |fact: Fact<'_>| {
            if let Fact::Parameter { item, value, .. } = fact {
                let one = by_order.get(value.trim());
                found.extend(one.map(|one| (item, *one)));
            }
        };
        let parameter = self.module.order_parameter;
        platform.parameters_of(id, parameter, &mut take).await?;
        let mut trouble = None;
        for (item, one) in found {
            if self.stop.get() {
                break;
            }
            let told = self.tell_of_revoked(platform, &vendor, item, one);
            if let Err(failure) = logging::scope(told).await {
                log!(Main, Error, "service {item}: {}", failure.chain());
                // What is wrong with one service for good must not bring the list every hour.
                if matches!(
                    failure.kind(),
                    FailureKind::Transient | FailureKind::Platform
                ) {
                    trouble = Some(failure);
                }
            }
        }
        trouble.map_or(Ok(()), Err)
    }

    /// Tells of one service, under its lock.
    async fn tell_of_revoked(
        &self,
        platform: &dyn Platform,
        vendor: &Vendor,
        item: ItemId,
        one: &Revoked,
    ) -> Result<(), Failure> {
        logging::set_item(item);
        platform.lock(item, LOCK_WAIT).await?;
        let told = self.tell_locked(platform, vendor, item, one).await;
        let _ = platform.unlock(item).await;
        told
    }

    async fn tell_locked(
        &self,
        platform: &dyn Platform,
        (account, authority): &Vendor,
        item: ItemId,
        one: &Revoked,
    ) -> Result<(), Failure> {
        let (service, owner) = commands::own_service(platform, self.module, item).await?;
        if owner != account.id {
            return Ok(());
        }
        let parts = commands::session_parts(
            platform,
            authority.as_ref(),
            self.module,
            self.clock,
            self.root,
            account,
        );
        let mut session = OrderSession::open(parts, item, service).await?;
        let told = session.tell_of_revoked(account, one).await;
        for task in session.take_raised() {
            self.count(Count::Tasked);
            self.tell(
                &session,
                item,
                account.id,
                hook::EventKind::NeedsPerson,
                task,
            );
        }
        let told = told?;
        if told.client {
            self.count(Count::Notified);
        }
        if told.is_taskless {
            return Err(
                Failure::field(Reason::PlatformFunction, "task.simple.create").detail(words!(
                    "nobody has the task about this revoked certificate, it is tried again in an hour",
                    "задачи об этом отозванном сертификате ни у кого нет, новая попытка через час"
                )),
            );
        }
        Ok(())
    }
}

/// From when on changes are asked for; `last` is the day of the last answer.
fn since(last: Option<u32>, now: DateTime<Utc>) -> DateTime<Utc> {
    let last = last.filter(|day| *day != 0);
    let last = last.and_then(|day| DateTime::from_timestamp(i64::from(day) * SECONDS_OF_DAY, 0));
    last.map_or(now - FIRST, |last| last.min(now) - OVERLAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_changes_is_read_from_before_the_last_answer() {
        let now = DateTime::from_timestamp(20_000 * SECONDS_OF_DAY + 5, 0).unwrap();
        let days = |last| (now - since(last, now)).num_days();
        assert_eq!(days(None), 400);
        assert_eq!(days(Some(0)), 400, "no look has succeeded yet");
        assert_eq!(days(Some(19_990)), 17);
        // A clock that went back.
        assert_eq!(days(Some(20_100)), 7);
    }
}
