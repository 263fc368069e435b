//! What a pass keeps of its accounts: pace, wishes of their vendors, failures.

use std::rc::Rc;

use chrono::TimeDelta;

use super::Pass;
use crate::admin::daemon::schedule::{FAILING, QUIET};
use crate::ca::http::{Meter, Outcome, Usage};
use crate::domain::AccountId;
use crate::failure::{Failure, Kind, Language, Reason};
use crate::log;
use crate::platform::{Account, Platform};

impl Pass<'_> {
    /// The meter of an account, at the pace of this pass. A new one knows what an earlier process was asked
    /// for: with a pass started every few minutes nobody else would remember.
    pub(super) fn meter(&self, account: AccountId) -> Rc<Meter> {
        let new = || {
            let meter = Meter::new(self.limits.calls_per_second);
            let until = self.services.borrow().looks.next(QUIET + account.0);
            let rest = until.and_then(|until| (until - self.clock.now()).to_std().ok());
            if let Some(rest) = rest.filter(|rest| !rest.is_zero()) {
                meter.keep_quiet(rest);
            }
            Rc::new(meter)
        };
        let mut meters = self.meters.of_account.borrow_mut();
        let meter = Rc::clone(meters.entry(account).or_insert_with(new));
        meter.set_pace(self.limits.calls_per_second);
        let mut accounts = self.accounts.borrow_mut();
        accounts.entry(account).or_insert_with(|| meter.usage());
        meter
    }

    /// Requests in an account's name until now.
    pub(in crate::admin::daemon) fn requests_of(&self, account: AccountId) -> u64 {
        let meter = self.meters.get(account);
        meter.map_or(0, |meter| meter.usage().requests)
    }

    /// What was asked in this pass.
    pub(super) fn asked(&self) -> Usage {
        let mut asked = Usage::default();
        for (account, before) in self.accounts.borrow().iter() {
            let Some(meter) = self.meters.get(*account) else {
                continue;
            };
            let usage = meter.usage().since(*before);
            asked.requests += usage.requests;
            asked.failures += usage.failures;
            asked.spent += usage.spent;
        }
        asked
    }

    /// Keeps the vendors' wishes, and which accounts fail, for the next pass and the next process.
    pub(super) fn remember_wishes(&self) {
        let looks = &mut self.services.borrow_mut().looks;
        for account in self.accounts.borrow().keys() {
            let meter = self.meters.get(*account);
            let quiet = meter.as_ref().and_then(|meter| meter.quiet_for());
            let quiet = quiet.and_then(|rest| TimeDelta::from_std(rest).ok());
            let failing = meter.is_some_and(|meter| meter.is_failing());
            let failing = failing.then(TimeDelta::zero);
            for (number, pause) in [(QUIET + account.0, quiet), (FAILING + account.0, failing)] {
                match pause {
                    Some(pause) => looks.set(number, 0, self.clock.now() + pause),
                    None => looks.keep(|known| known != number),
                }
            }
        }
    }

    /// Notes what asking an account's vendor came to, as the readers of its answers understood it.
    pub(in crate::admin::daemon) fn judge(&self, account: AccountId, failure: Option<&Failure>) {
        let meter = self.meters.get(account);
        // What fails while the account rests tells nothing of the vendor.
        let meter = meter.filter(|meter| !meter.is_resting());
        if let (Some(meter), Some(outcome)) = (meter, outcome_of(failure)) {
            meter.visited(outcome);
        }
    }

    /// An account whose credentials are refused is the administrator's, as with the platform's own commands. Once in a
    /// pass.
    pub(in crate::admin::daemon) async fn register_problem(
        &self,
        platform: &dyn Platform,
        account: &Account,
        failure: &Failure,
    ) {
        let is_refused = failure.causes().any(|cause| cause.kind() == Kind::Auth);
        if !is_refused || !self.refused.borrow_mut().insert(account.id) {
            return;
        }
        let text = failure.in_full();
        let text = format!("{}\n{}", text.en(), text.get(Language::Russian));
        let text = crate::logging::mask(&text);
        if let Err(trouble) = platform
            .register_problem(account.id, &account.name, &text)
            .await
        {
            let why = trouble.chain();
            log!(Main, Warning, "the problem is not registered: {why}");
        }
    }
}

/// What a failure says of the vendor; `None`: nothing. One that is about a single order shows that the vendor works.
fn outcome_of(failure: Option<&Failure>) -> Option<Outcome> {
    let Some(failure) = failure else {
        return Some(Outcome::Good);
    };
    let is_locked_out = |cause: &Failure| {
        matches!(
            cause.reason(),
            Reason::BadCredentials | Reason::AccountLocked | Reason::TwoFactorOn
        )
    };
    let is_trouble =
        |cause: &Failure| matches!(cause.kind(), Kind::Transient | Kind::Auth | Kind::Protocol);
    match failure.kind() {
        Kind::Platform => None,
        _ if failure.causes().any(is_locked_out) => Some(Outcome::LockedOut),
        _ if failure.causes().any(is_trouble) => Some(Outcome::InVain),
        _ => Some(Outcome::Good),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_tells_whether_the_vendor_works() {
        let unknown = |cause| Failure::new(Reason::OutcomeUnknown).because(Failure::new(cause));
        let cases = [
            (None, Some(Outcome::Good)),
            (Some(Failure::new(Reason::Rejected)), Some(Outcome::Good)),
            (Some(Failure::new(Reason::LowFunds)), Some(Outcome::Good)),
            // Too early, or candidates: the vendor has answered.
            (
                Some(Failure::new(Reason::OutcomeUnknown)),
                Some(Outcome::Good),
            ),
            (
                Some(Failure::new(Reason::VendorTrouble)),
                Some(Outcome::InVain),
            ),
            (
                Some(Failure::new(Reason::UnreadableAnswer)),
                Some(Outcome::InVain),
            ),
            // One function that the login may not use is not the login.
            (Some(Failure::new(Reason::NoAccess)), Some(Outcome::InVain)),
            (
                Some(Failure::new(Reason::BadCredentials)),
                Some(Outcome::LockedOut),
            ),
            (
                Some(unknown(Reason::BadCredentials)),
                Some(Outcome::LockedOut),
            ),
            (Some(unknown(Reason::VendorTrouble)), Some(Outcome::InVain)),
            (Some(Failure::new(Reason::StaleDatabase)), None),
        ];
        for (failure, expected) in cases {
            assert_eq!(outcome_of(failure.as_ref()), expected, "{failure:?}");
        }
    }
}
