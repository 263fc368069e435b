//! The reissue policy in force, the same for the daemon and for everybody who tells what it will do: as BILLmanager tells
//! it now, else as it told it last, else none. The last answer is a file, because a daemon that cron starts lives for one
//! pass only.

use std::path::Path;

use crate::domain::options::{Described, POLICY};
use crate::failure::Failure;
use crate::log;
use crate::module::Text;
use crate::order::policy::{Policy, Subscription};
use crate::platform::Platform;
use crate::platform::billmanager::BillManager;
use crate::regular;

/// The last answer, below the platform root.
pub(super) const FILE: &str = "var/pmssl/policy";

const IN_FILES: Text = Text::new("etc/billmgr.conf", "etc/billmgr.conf");
const IN_LIST: Text = Text::new("paramlist", "paramlist");
const NOWHERE: Text = Text::new(
    "no file: it is the default",
    "нет, это значение по умолчанию",
);

/// What is in force.
pub(super) struct InForce {
    /// The options.
    pub(super) subscription: Subscription,
    /// What is to be said about them.
    pub(super) complaints: Vec<String>,
    /// Why they could not be asked for.
    pub(super) trouble: Option<Failure>,
}

/// Asks; `last` is what the same process was told before.
pub(super) fn in_force(platform: &BillManager, last: Option<Subscription>) -> InForce {
    match Subscription::ask(|name| platform.ask_option(name)) {
        Ok((subscription, complaints)) => InForce {
            subscription,
            complaints,
            trouble: None,
        },
        Err(failure) => {
            let last = last.or_else(|| recall(platform.root()));
            let what = match last {
                Some(_) => "what was read last is in force",
                None => "certificates are not replaced meanwhile",
            };
            let why = failure.chain();
            InForce {
                subscription: last.unwrap_or(Subscription::CLOSED),
                complaints: vec![format!(
                    "the reissue policy cannot be asked for, {what}: {why}"
                )],
                trouble: Some(failure),
            }
        }
    }
}

/// The same for what is shown without room for remarks: they go to the log.
pub(super) fn shown(platform: &BillManager) -> Subscription {
    let found = in_force(platform, None);
    for complaint in found.complaints {
        log!(Platform, Warning, "{complaint}");
    }
    found.subscription
}

/// Keeps an answer.
pub(super) fn remember(root: &Path, subscription: &Subscription) {
    if recall(root).as_ref() == Some(subscription) {
        return;
    }
    let file = root.join(FILE);
    if let Err(error) = regular::replace(&file, to_text(subscription).as_bytes(), |_| Ok(())) {
        log!(Main, Warning, "{} is not written: {error}", file.display());
    }
}

fn recall(root: &Path) -> Option<Subscription> {
    from_text(&regular::read_text(&root.join(FILE), regular::SETTINGS).ok()?)
}

/// Where the policy in force is read.
pub(super) fn place(platform: &BillManager) -> Text {
    let fits = |value: Option<&str>| value.is_some_and(|value| POLICY.fits(value));
    let own = platform.option(POLICY.name);
    let listed = || platform.ask_option(POLICY.name).ok().flatten();
    if fits(own.as_deref()) {
        IN_FILES
    } else if own.is_none() && fits(listed().as_deref()) {
        IN_LIST
    } else {
        // One of the files that is not understood counts as not set, but the list is not asked then.
        NOWHERE
    }
}

/// The policy's word, as `billmgr.conf` has it.
pub(super) fn word(subscription: &Subscription) -> &'static str {
    match subscription.policy {
        Policy::Auto => "auto",
        Policy::Manual => "manual",
        Policy::None => "none",
    }
}

fn to_text(subscription: &Subscription) -> String {
    let before = subscription.before.map(|days| format!(" {days}"));
    format!("{}{}\n", word(subscription), before.unwrap_or_default())
}

fn from_text(text: &str) -> Option<Subscription> {
    let mut words = text.split_whitespace();
    let policy = match words.next()? {
        "auto" => Policy::Auto,
        "manual" => Policy::Manual,
        "none" => Policy::None,
        _ => return None,
    };
    let before = words.next().map(str::parse).transpose().ok()?;
    Some(Subscription { policy, before })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_read_again_and_nothing_else_is() {
        for policy in [Policy::Auto, Policy::Manual, Policy::None] {
            for before in [None, Some(7)] {
                let subscription = Subscription { policy, before };
                assert_eq!(from_text(&to_text(&subscription)), Some(subscription));
            }
        }
        for text in ["", "sometimes", "auto soon", "auto -3"] {
            assert_eq!(from_text(text), None, "{text}");
        }
        let root = tempfile::tempdir().unwrap();
        assert_eq!(recall(root.path()), None);
        let manual = Subscription {
            policy: Policy::Manual,
            before: Some(20),
        };
        for kept in [Subscription::default(), manual] {
            remember(root.path(), &kept);
            assert_eq!(recall(root.path()), Some(kept));
        }
    }
}
