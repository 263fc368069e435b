//! Fresh before deciding: what an ordering command decides by must be what the platform has written (design,
//! law 5). A database that is read from a late replica, or another one than the platform's, is noticed before
//! anything is overwritten or sent.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Desk;
use super::intent::{self, Intent};
use crate::failure::{Failure, Reason};
use crate::platform::Patience;

/// The item parameter that is written and waited for.
const PARAMETER: &str = "pmssl_fresh";

/// How often the database is looked into before it counts as late.
const LOOKS: u32 = 20;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(250);

impl Desk<'_> {
    /// Writes a mark through the platform, waits until the database shows it, and reads the service anew.
    ///
    /// # Errors
    /// The platform refused the mark; the database does not show it.
    pub(super) async fn refresh(&mut self) -> Result<(), Failure> {
        let mark = mark();
        self.platform
            .save_parameter(self.item, PARAMETER, &mark, Patience::Once)
            .await?;
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            let service = self.platform.service(self.item).await?;
            if service.parameter(PARAMETER) == Some(mark.as_str()) {
                let stored = service.parameter(intent::PARAMETER);
                self.intent = stored.map(Intent::from_text).transpose()?;
                self.service = service;
                self.is_fresh = true;
                return Ok(());
            }
        }
        Err(Failure::new(Reason::StaleDatabase).value(self.item.to_string()))
    }
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
