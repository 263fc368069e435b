//! The balances of a module's accounts, saved where the platform shows them.

use chrono::TimeDelta;

use super::Pass;
use crate::admin::daemon::hook::{Event, EventKind};
use crate::admin::daemon::schedule::LOW;
use crate::admin::metrics::Funds;
use crate::domain::{AccountId, Money};
use crate::failure::Failure;
use crate::log;
use crate::platform::Platform;

/// Balances are asked for once an hour; the platform asks twice a day (billmanager.md 3.6).
const BALANCE_PAUSE: TimeDelta = TimeDelta::hours(1);

/// Account setting with the balance below which a warning is logged (billmanager.md 3.6, inferred).
const THRESHOLD: &str = "threshold";

impl Pass<'_> {
    /// Saves the balances of the module's accounts; failures are only logged.
    pub(super) async fn balances(&self, platform: &dyn Platform) {
        let accounts = match platform.accounts_of(self.module.name).await {
            Ok(accounts) => accounts,
            Err(failure) => return log!(Main, Warning, "balances: {}", failure.chain()),
        };
        let now = self.clock.now();
        for id in accounts {
            if self.only.account.is_some_and(|only| only != id) || self.stop.get() {
                continue;
            }
            let number = u64::MAX - id.0;
            if !self.services.borrow().looks.is_due(number, 0, now) {
                continue;
            }
            if let Err(failure) = self.balance(platform, id).await {
                self.heed(id, &failure);
                log!(
                    Main,
                    Warning,
                    "balance of account {id}: {}",
                    failure.chain()
                );
            }
            self.services
                .borrow_mut()
                .looks
                .set(number, 0, now + BALANCE_PAUSE);
        }
    }

    async fn balance(&self, platform: &dyn Platform, id: AccountId) -> Result<(), Failure> {
        let (account, authority) = self.connect(platform, id).await?;
        if !authority.abilities().balance {
            return Ok(());
        }
        let balance = authority.balance().await?;
        let funds = Funds::new(balance, self.clock.now());
        self.meters.funds.borrow_mut().insert(id, funds);
        platform.save_balance(id, balance, self.clock.now()).await?;
        if !is_low(balance, account.settings.text(THRESHOLD)) {
            self.services.borrow_mut().looks.forget(LOW + id.0);
            return Ok(());
        }
        let text = format!(
            "account {id} ({}): balance {balance} {} is below its minimum",
            account.name, balance.currency
        );
        log!(Main, Warning, "{text}");
        // Once, until it was enough again.
        let is_new = {
            let looks = &mut self.services.borrow_mut().looks;
            let is_new = looks.next(LOW + id.0).is_none();
            looks.set(LOW + id.0, 0, self.clock.now());
            is_new
        };
        if is_new {
            self.meters.events.tell(Event {
                event: EventKind::LowBalance,
                item: None,
                module: self.module.name,
                account: Some(id.0),
                order: None,
                names: Vec::new(),
                text,
            });
        }
        Ok(())
    }
}

/// Whether a balance is below the account's minimum. A minimum that is not a number is none.
fn is_low(balance: Money, minimum: Option<&str>) -> bool {
    minimum
        .and_then(|text| Money::parse(text, balance.currency))
        .is_some_and(|minimum| balance.minor < minimum.minor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Currency;

    #[test]
    fn a_balance_is_low_below_the_minimum_only() {
        let currency = Currency::parse("EUR").unwrap();
        let low = |balance: &str, minimum: Option<&str>| {
            is_low(Money::parse(balance, currency).unwrap(), minimum)
        };
        assert!(low("99.99", Some("100")));
        assert!(low("-5", Some("0")));
        assert!(!low("100.00", Some("100")));
        assert!(!low("0", None));
        assert!(!low("0", Some("soon")));
    }
}
