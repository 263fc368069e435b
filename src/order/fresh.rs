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
const PARAMETER: &str = "pmssl_fresh";

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
        let service = read_fresh(self.platform, self.item).await?;
        let stored = service.parameter(intent::PARAMETER);
        self.intent = stored.map(Intent::from_text).transpose()?;
        self.service = service;
        self.is_fresh = true;
        // What the first read did not show yet may be half done.
        self.go_on().await
    }
}

/// Writes a mark through the platform, waits until the database shows it, and reads the service. To be called under
/// the service's lock.
///
/// # Errors
/// The platform refused the mark; the database does not show it.
pub(super) async fn read_fresh(platform: &dyn Platform, item: ItemId) -> Result<Service, Failure> {
    let mark = mark();
    platform
        .save_parameter(item, PARAMETER, &mark, Patience::Once)
        .await?;
    for look in 0..LOOKS {
        if look > 0 {
            platform.pause(PAUSE).await;
        }
        let service = platform.service(item).await?;
        if service.parameter(PARAMETER) == Some(mark.as_str()) {
            return Ok(service);
        }
    }
    Err(Failure::new(Reason::StaleDatabase).value(item.to_string()))
}

/// A text that no other run writes.
fn mark() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!(
        "{}-{}-{count}",
        since.unwrap_or_default().as_nanos(),
        std::process::id()
    )
}
