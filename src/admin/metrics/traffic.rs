//! What the daemon counts at the vendors, kept in a file: counters go on where a restarted daemon, or the next run from
//! cron, finds them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::Money;
use crate::log;
use crate::regular;

/// The file below the platform root.
const FILE: &str = "var/pmssl/traffic.json";

/// By account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::admin) struct Traffic {
    /// Account ids in BILLmanager, with their counts.
    pub(in crate::admin) accounts: BTreeMap<u64, Counted>,
}

/// What was counted at one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::admin) struct Counted {
    /// Requests that were sent.
    pub(in crate::admin) requests: u64,
    /// Calls that the vendor, or the way to it, failed.
    pub(in crate::admin) failures: u64,
    /// Time that the answers took.
    pub(in crate::admin) milliseconds: u64,
    /// The balance.
    pub(in crate::admin) funds: Option<Funds>,
}

/// A balance as it was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::admin) struct Funds {
    /// Hundredths of the unit.
    pub(in crate::admin) minor: i64,
    /// ISO 4217 code.
    pub(in crate::admin) currency: String,
    /// When it was asked for.
    pub(in crate::admin) asked: DateTime<Utc>,
}

impl Funds {
    /// A balance that was told at a moment.
    pub(in crate::admin) fn new(balance: Money, asked: DateTime<Utc>) -> Self {
        Self {
            minor: balance.minor,
            currency: balance.currency.to_string(),
            asked,
        }
    }
}

impl Traffic {
    /// The file of an installation.
    pub(in crate::admin) fn file(root: &Path) -> PathBuf {
        root.join(FILE)
    }

    /// What was counted so far; a file that cannot be read counts as none.
    pub(in crate::admin) fn load(root: &Path) -> Self {
        let bytes = regular::read(&Self::file(root), regular::SETTINGS);
        let read = |bytes: Vec<u8>| serde_json::from_slice(&bytes).ok();
        bytes.ok().and_then(read).unwrap_or_default()
    }

    /// Adds what was counted since the last time. A failure costs the counts of one pass.
    pub(in crate::admin) fn add(root: &Path, news: BTreeMap<u64, Counted>) {
        if news.is_empty() {
            return;
        }
        let mut all = Self::load(root);
        for (account, more) in news {
            let known = all.accounts.entry(account).or_default();
            known.requests += more.requests;
            known.failures += more.failures;
            known.milliseconds += more.milliseconds;
            known.funds = more.funds.or(known.funds.take());
        }
        let file = Self::file(root);
        let written = serde_json::to_vec(&all)
            .map_err(std::io::Error::from)
            .and_then(|text| regular::replace(&file, &text, |_| Ok(())));
        if let Err(error) = written {
            log!(Main, Warning, "{} is not written: {error}", file.display());
        }
    }
}
