//! How many orders an account may send in an hour, counted over all hands.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::Pass;
use crate::admin::daemon::services::Work;
use crate::domain::{AccountId, ItemId};
use crate::failure::Failure;
use crate::platform::Platform;

impl Pass<'_> {
    /// How many orders of an account count towards its hour: those that were stored when this pass first asked, which
    /// costs a look at all services of the account, and those of this pass, which may be stored already. Each service
    /// counts once.
    ///
    /// # Errors
    /// The platform cannot be asked.
    pub(in crate::admin::daemon) async fn orders(
        &self,
        platform: &dyn Platform,
        account: AccountId,
    ) -> Result<usize, Failure> {
        let is_known = self.sent.borrow().contains_key(&account);
        if !is_known {
            let since = self.clock.now() - TimeDelta::hours(1);
            let stored = platform.sent_since(account, since).await?;
            self.sent.borrow_mut().entry(account).or_insert(stored);
        }
        // After the answer: another hand may have sent one meanwhile.
        let (sent, ordering) = (self.sent.borrow(), self.ordering.borrow());
        let stored = sent.get(&account).into_iter().flatten();
        let own = ordering.iter().filter(|(owner, _)| *owner == account);
        let all: BTreeSet<&ItemId> = stored.chain(own.map(|(_, item)| item)).collect();
        Ok(all.len())
    }

    /// A reissue is about to be sent.
    pub(in crate::admin::daemon) fn begin_order(&self, work: &Work) {
        let mut ordering = self.ordering.borrow_mut();
        ordering.insert((work.account, work.item));
        self.services.borrow_mut().read_again(work.item);
    }

    /// A reissue came to nothing before it was sent.
    pub(in crate::admin::daemon) fn forget_order(&self, work: &Work) {
        let mut ordering = self.ordering.borrow_mut();
        ordering.remove(&(work.account, work.item));
    }
}
