//! Fresh before deciding: what an ordering command decides by must be what the platform has written (design,
//! law 5). A database that is read from a late replica, or another one than the platform's, is noticed before
//! anything is overwritten or sent.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::intent::{self, Intent};
use super::{LOCK_WAIT, OrderSession, person};
use crate::domain::ItemId;
use crate::failure::{Failure, Reason};
use crate::log;
use crate::platform::{Patience, Platform, Service};

/// The item parameter that is written and waited for.
pub(crate) const PARAMETER: &str = "pmssl_fresh";

/// Stands in a mark before the server that locks are taken at, where one is named for them.
const AT: &str = " at ";

/// How often the database is looked into before it counts as late.
const LOOKS: u32 = 20;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(250);

impl OrderSession<'_> {
    /// Reads the service anew, as the platform has it.
    ///
    /// # Errors
    /// As [`read_fresh`].
    pub(super) async fn refresh(&mut self) -> Result<(), Failure> {
        let former = self.service.parameter(PARAMETER);
        let service = read_fresh(self.platform, self.item, former).await?;
        let stored = service.parameter(intent::PARAMETER);
        self.intent = stored.map(Intent::from_text).transpose()?;
        self.service = service;
        self.is_fresh = true;
        // What the first read did not show yet may be half done.
        self.go_on().await
    }

    /// The same for a command that decides by what is not there.
    ///
    /// # Errors
    /// As [`read_fresh`].
    pub async fn read_anew(&mut self) -> Result<(), Failure> {
        self.refresh().await
    }

    /// The last look before the money: this command's mark and what it has just stored stand. Another command that
    /// works on the service all the same, under locks that this one does not see or on a database that was set back, has
    /// written one of them anew, or reads this intent after its own mark.
    ///
    /// # Errors
    /// `Busy`: they do not stand. `StaleDatabase`: the intent is not shown. The platform's.
    pub(super) async fn must_be_alone(&self) -> Result<(), Failure> {
        if self.is_alone().await? {
            return Ok(());
        }
        Err(Failure::new(Reason::Busy)
            .value(self.item.to_string())
            .detail(words!("another command has begun on this service, under locks that this one does not see, or the database was restored from a backup; nothing was sent", "с этой услугой начала работать другая команда, чьих блокировок здесь не видно, или база данных восстановлена из копии; ничего не отправлено")))
    }

    /// What this command is about to overwrite is what it has decided by. Intent and order number are written behind
    /// this: a lock may have been lost while a vendor was asked, and what was read without a mark may be late.
    ///
    /// # Errors
    /// `Busy`: another command has begun. `StaleDatabase`: the platform has something else than was read. The platform's.
    pub(super) async fn must_stand(&mut self, patience: Patience) -> Result<(), Failure> {
        if !self.is_fresh {
            return match self.must_be_as_read().await {
                // Where nothing may be ordered, what was ordered is delivered all the same.
                Err(failure) if failure.reason() == Reason::LocksDoNotHold => {
                    let service = self.platform.service(self.item).await?;
                    if self.decides_alike(&service) {
                        return Ok(());
                    }
                    Err(self.is_newer())
                }
                outcome => outcome,
            };
        }
        if self.must_hold_items_lock().await.is_ok() {
            return Ok(());
        }
        match self.take_lock_again(patience).await {
            // A number that a vendor has answered is kept as long as nothing is known against it.
            Err(failure)
                if patience == Patience::UntilPlatformIsBack
                    && failure.reason() != Reason::Busy =>
            {
                log!(
                    Order,
                    Warning,
                    "the lock was lost and cannot be taken again: {}",
                    failure.chain()
                );
                Ok(())
            }
            outcome => outcome,
        }
    }

    async fn take_lock_again(&self, patience: Patience) -> Result<(), Failure> {
        let wait = match patience {
            Patience::Once => Duration::ZERO,
            Patience::UntilPlatformIsBack => LOCK_WAIT,
        };
        match self.platform.lock(self.item, wait).await {
            // A server keeps the lock of this command's own dead connection for hours. Whoever has begun has written
            // a mark.
            Err(failure)
                if patience == Patience::UntilPlatformIsBack
                    && failure.reason() == Reason::Busy => {}
            outcome => outcome?,
        }
        if self.is_alone().await? {
            return Ok(());
        }
        Err(Failure::new(Reason::Busy)
            .value(self.item.to_string())
            .detail(words!("its lock was lost, and another command has begun on this service; what this one has found is in the log and was not stored", "блокировка потеряна, и с этой услугой начала работать другая команда; найденное этой командой записано в журнал, но не сохранено")))
    }

    /// Reads the service anew and compares what decides over its order with what was read before.
    ///
    /// # Errors
    /// `Busy`: the lock is lost, or something else is stored now. The database's.
    pub(super) async fn must_be_as_read(&mut self) -> Result<(), Failure> {
        self.must_hold_items_lock().await?;
        let former = self.service.parameter(PARAMETER);
        let service = read_fresh(self.platform, self.item, former).await?;
        if !self.decides_alike(&service) {
            return Err(self.is_newer());
        }
        self.service = service;
        self.is_fresh = true;
        Ok(())
    }

    fn is_newer(&self) -> Failure {
        Failure::new(Reason::Busy)
            .value(self.item.to_string())
            .detail(words!("what is stored for the service is newer than what was read at first; nothing was changed", "для услуги сохранено более новое, чем было прочитано вначале; ничего не изменено"))
    }

    /// Whether this command's mark stands, once the database shows what it has stored.
    async fn is_alone(&self) -> Result<bool, Failure> {
        let mark = self.service.parameter(PARAMETER).unwrap_or_default();
        shown(self.platform, self.item, async || {
            let service = self.platform.service(self.item).await?;
            if !shows(&service, mark) {
                return Ok(Some(false));
            }
            Ok(self.decides_alike(&service).then_some(true))
        })
        .await
    }

    /// Whether a service says the same of its order as this command knows it.
    fn decides_alike(&self, service: &Service) -> bool {
        let decisive = [
            intent::PARAMETER,
            person::PARAMETER,
            self.module.order_parameter,
        ];
        let text = |service: &Service, name| service.parameter(name).unwrap_or_default().to_owned();
        decisive
            .into_iter()
            .all(|name| text(service, name) == text(&self.service, name))
    }
}

/// Looks until the database shows what was written.
///
/// # Errors
/// `StaleDatabase`: it does not. What a look fails with.
pub(super) async fn shown<T>(
    platform: &dyn Platform,
    item: ItemId,
    look: impl AsyncFn() -> Result<Option<T>, Failure>,
) -> Result<T, Failure> {
    for number in 0..LOOKS {
        if number > 0 {
            platform.pause(PAUSE).await;
        }
        if let Some(found) = look().await? {
            return Ok(found);
        }
    }
    Err(Failure::new(Reason::StaleDatabase).value(item.to_string()))
}

/// Whether a service was read after a mark was written, and before another one.
fn shows(service: &Service, mark: &str) -> bool {
    service.parameter(PARAMETER) == Some(mark)
}

/// Writes a mark through the platform, waits until the database shows it, and reads the service. To be called under
/// the service's lock; `former` is the service's mark until now.
///
/// # Errors
/// The platform refused the mark; the database does not show it; the locks are not those of all nodes.
pub(crate) async fn read_fresh(
    platform: &dyn Platform,
    item: ItemId,
    former: Option<&str>,
) -> Result<Service, Failure> {
    let place = platform.place_of_locks(former).await?;
    let mark = mark(place.as_deref(), None);
    platform
        .save_parameter(item, PARAMETER, &mark, Patience::Once)
        .await?;
    shown(platform, item, async || {
        let service = platform.service(item).await?;
        Ok(Some(service).filter(|service| shows(service, &mark)))
    })
    .await
}

/// A text that no other run writes; it sorts behind `newest`, whatever the clock says.
pub(crate) fn mark(place: Option<&str>, newest: Option<&str>) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = since.unwrap_or_default().as_nanos();
    let newest = newest.and_then(|mark| mark.split('-').next()?.parse().ok());
    let at = now.max(newest.map_or(0, |newest: u128| newest.saturating_add(1)));
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let place = place.map(|place| format!("{AT}{place}"));
    format!(
        "{at}-{}-{count}{}",
        std::process::id(),
        place.unwrap_or_default()
    )
}

/// The server for locks that a mark names.
pub(crate) fn place_in(mark: &str) -> Option<&str> {
    mark.split_once(AT).map(|(_, place)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_tells_where_locks_are_taken_and_comes_after_the_newest() {
        let plain = mark(None, None);
        assert_eq!(place_in(&plain), None);
        let placed = mark(Some("db:3306/0a1b"), Some(&plain));
        assert_eq!(place_in(&placed), Some("db:3306/0a1b"));
        assert!(placed > plain);
        // Another node's clock is ahead.
        let ahead = "9000000000000000000-1-1 at db:3306/ffff";
        assert!(*mark(None, Some(ahead)) > *ahead);
    }
}
