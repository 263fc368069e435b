//! Fresh before deciding: what an ordering command decides by must be what the platform has written (design,
//! law 5). A database that is read from a late replica, or another one than the platform's, is noticed before
//! anything is overwritten or sent.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Desk;
use super::intent::{self, Intent};
use crate::domain::ItemId;
use crate::failure::{Failure, Reason};
use crate::platform::{Patience, Platform, Service};

/// The item parameter that is written and waited for.
pub(crate) const PARAMETER: &str = "pmssl_fresh";

/// Stands in a mark before the server that locks are taken at, where one is named for them.
const AT: &str = " at ";

/// How often the database is looked into before it counts as late.
const LOOKS: u32 = 20;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(250);

impl Desk<'_> {
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

    /// The last look before the money: this command's mark and the intent that it has just stored stand. Another
    /// command that works on the service all the same, under locks that this one does not see or on a database that
    /// was set back, has written one of them anew, or reads this intent after its own mark.
    ///
    /// # Errors
    /// `Busy`: they do not stand. `StaleDatabase`: the intent is not shown. The platform's.
    pub(super) async fn must_be_alone(&self, sent: &Intent) -> Result<(), Failure> {
        let mark = self.service.parameter(PARAMETER).unwrap_or_default();
        let stored = sent.to_text()?;
        shown(self.platform, self.item, async || {
            let service = self.platform.service(self.item).await?;
            if !shows(&service, mark) {
                return Err(Failure::new(Reason::Busy)
                    .value(self.item.to_string())
                    .detail(words!("another command has begun on this service, under locks that this one does not see, or the database was set back; nothing was sent", "с этой услугой начала работать другая команда, чьих блокировок здесь не видно, или база данных возвращена к прежнему состоянию; ничего не отправлено")));
            }
            Ok((service.parameter(intent::PARAMETER) == Some(stored.as_str())).then_some(()))
        })
        .await
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
pub(super) async fn read_fresh(
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
