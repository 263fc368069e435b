//! The options about certificates that end inside a paid term, and a certificate's life. Pure.

use std::cell::OnceCell;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::calendar;
use super::lead::{self, Horizon};
use crate::domain::options::{BEFORE, POLICY};
pub use crate::domain::options::{LARGEST_BEFORE, Policy};
use crate::failure::Failure;

/// A certificate that ends at most this many days before the term covers it: both end at hours of
/// their own.
const SAME_END: i64 = 1;

/// The policy of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Subscription {
    /// Who.
    pub policy: Policy,
    /// Days before the certificate's end, where the option is set.
    pub before: Option<u16>,
}

impl Subscription {
    /// Reads the options. Bad values are refused with a line for the log; the default holds then.
    #[must_use]
    pub fn read(option: impl Fn(&str) -> Option<String>) -> (Self, Vec<String>) {
        let mut complaints = Vec::new();
        let policy = POLICY.read(&option, &mut complaints);
        let before = BEFORE.read(&option, &mut complaints);
        let before = before.and_then(|days| u16::try_from(days).ok());
        (Self { policy, before }, complaints)
    }

    /// Where nothing is known nothing happens by itself: the default would reissue in a shop that forbids it.
    pub const CLOSED: Self = Self {
        policy: Policy::None,
        before: None,
    };

    /// The same where an option may have to be asked for.
    ///
    /// # Errors
    /// One of them cannot be asked for.
    pub fn ask(
        option: impl Fn(&str) -> Result<Option<String>, Failure>,
    ) -> Result<(Self, Vec<String>), Failure> {
        let trouble = OnceCell::new();
        let read = Self::read(|name| {
            option(name).unwrap_or_else(|failure| {
                let _ = trouble.set(failure);
                None
            })
        });
        match trouble.into_inner() {
            None => Ok(read),
            Some(failure) => Err(failure),
        }
    }

    /// How many days before its end a certificate of that life is replaced.
    #[must_use]
    pub fn lead(&self, life: u16, end: NaiveDate, horizon: &Horizon) -> u16 {
        lead::lead(self.before, life, end, horizon)
    }

    /// What is to be said about a wish that is longer than certificates of that day allow.
    #[must_use]
    pub fn remark(&self, today: NaiveDate) -> Option<String> {
        let life = calendar::rule_on(today).lifetime;
        let most = lead::most(life, today);
        let before = self.before.filter(|before| *before > most)?;
        Some(format!(
            "option {}: {before} days are more than half of what a certificate lives now ({life} days): {most} are used",
            BEFORE.name
        ))
    }
}

/// The life of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// Begin.
    pub start: DateTime<Utc>,
    /// End.
    pub end: DateTime<Utc>,
}

impl Life {
    /// Whole days, rounded up.
    #[must_use]
    pub fn days(&self) -> u16 {
        let seconds = (self.end - self.start).num_seconds().max(0);
        u16::try_from(seconds.cast_unsigned().div_ceil(86_400)).unwrap_or(u16::MAX)
    }
}

/// Whether a certificate's end covers a term's.
#[must_use]
pub fn covers(certificate_end: NaiveDate, term_end: NaiveDate) -> bool {
    certificate_end + TimeDelta::days(SAME_END) >= term_end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Reason;

    fn options<'a>(list: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| {
            let found = list.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn options_are_read_and_bad_ones_refused() {
        let read = |policy: &str, before: &str| {
            let list = [(POLICY.name, policy), (BEFORE.name, before)];
            let (read, complaints) = Subscription::read(options(&list));
            (read.policy, read.before, complaints.len())
        };
        assert_eq!(
            Subscription::read(|_| None),
            (Subscription::default(), vec![])
        );
        assert_eq!(read("auto", "10"), (Policy::Auto, Some(10), 0));
        assert_eq!(read(" Manual ", "200"), (Policy::Manual, Some(200), 0));
        assert_eq!(read("none", "1"), (Policy::None, Some(1), 0));
        for bad in ["0", "201", "-3", "ten", "1.5", "99999"] {
            assert_eq!(read("auto", bad), (Policy::Auto, None, 1), "{bad}");
        }
        assert_eq!(read("always", "x"), (Policy::Auto, None, 2));
    }

    /// A shop that forbids reissues must not get them because a question failed once.
    #[test]
    fn a_policy_that_cannot_be_asked_for_is_not_the_default() {
        let away = |_: &str| Err(Failure::new(Reason::PlatformFunction));
        assert!(Subscription::ask(away).is_err());
        let list = [(POLICY.name, "manual")];
        let found = Subscription::ask(|name| Ok(options(&list)(name))).unwrap();
        assert_eq!((found.0.policy, found.1.len()), (Policy::Manual, 0));
        let half = |name: &str| match name == POLICY.name {
            true => Ok(Some("auto".to_owned())),
            false => Err(Failure::new(Reason::PlatformFunction)),
        };
        assert!(Subscription::ask(half).is_err());
    }
}
