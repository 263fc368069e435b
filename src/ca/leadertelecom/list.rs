//! The account's certificates, and finding an order among them (leaderssl.md 9, 13).
//!
//! The vendor takes no reference of ours that is known to come back, so what the account held before
//! the paid call is remembered: numbers grow \[inferred\], and what is new must have a higher one.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::LeaderTelecom;
use super::reply::{self, LeaderTelecomError, items, member, moment, number, plain};
use super::wire::{LIST_CREATED, LIST_CSR, LIST_ID, LIST_NAME, LIST_WRAP, UNIQUE_VALUE, Wire};
use crate::ca::{Candidate, Copies, Proof, Token};
use crate::certificate::Csr;
use crate::domain::text::Words;
use crate::domain::{DomainName, IntentKey, Purchase, VendorOrderId};
use crate::failure::Failure;
use crate::order::port;

/// Dates without offset and clocks that differ.
const DATE_SLACK: TimeDelta = TimeDelta::hours(26);

/// One line of the list, as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListedCertificate {
    pub(super) id: u64,
    name: Option<DomainName>,
    created: Option<DateTime<Utc>>,
    /// SHA-256 of the CSR.
    csr: Option<String>,
    unique: Option<String>,
}

impl ListedCertificate {
    fn candidate(&self) -> Candidate {
        Candidate {
            order: VendorOrderId::new(self.id.to_string()),
            name: self.name.as_ref().map(ToString::to_string),
            ordered: self.created,
            same_csr: false,
        }
    }

    /// The main domain, where it is shown.
    pub(super) fn domain(&self) -> Option<&DomainName> {
        self.name.as_ref()
    }
}

/// Reads the list; an entry without a number makes it unreadable, since it might be the one.
pub(super) fn entries(value: &Value, wire: &Wire) -> Result<Vec<ListedCertificate>, Words> {
    let items = items(value, wire, &LIST_WRAP)
        .ok_or_else(|| words!("it is no list of objects", "это не список объектов"))?;
    items.iter().map(|item| entry(item, wire)).collect()
}

fn entry(item: &Value, wire: &Wire) -> Result<ListedCertificate, Words> {
    let text = |entry| member(item, wire, entry).and_then(plain);
    let id = member(item, wire, &LIST_ID)
        .and_then(number)
        .ok_or_else(|| words!("an entry has no number", "в записи нет номера"))?;
    Ok(ListedCertificate {
        id,
        name: text(&LIST_NAME).and_then(|name| DomainName::parse(&name).ok()),
        created: member(item, wire, &LIST_CREATED).and_then(moment),
        csr: text(&LIST_CSR)
            .and_then(|pem| Csr::parse(&pem).ok())
            .map(|csr| csr.fingerprint()),
        unique: text(&UNIQUE_VALUE),
    })
}

impl LeaderTelecom {
    /// The account's certificates; the inner error is an answer that cannot be read.
    pub(super) async fn entries(
        &self,
    ) -> Result<Result<Vec<ListedCertificate>, LeaderTelecomError>, Failure> {
        const OPERATION: &str = "ssl_certificates";
        let reply = self.client.certificates().await?;
        let value = match reply::json(OPERATION, &reply, self.wire()) {
            Ok(value) => value,
            Err(
                error
                @ (LeaderTelecomError::Unreadable { .. } | LeaderTelecomError::Refused { .. }),
            ) => {
                return Ok(Err(error));
            }
            Err(LeaderTelecomError::Unserved {
                operation,
                unserved,
            }) if !unserved.concerns_all() => {
                return Ok(Err(LeaderTelecomError::Unserved {
                    operation,
                    unserved,
                }));
            }
            Err(error) => return Err(error.into()),
        };
        let entries = entries(&value, self.wire());
        Ok(entries.map_err(|why| reply::unreadable(OPERATION, &reply, why)))
    }

    /// The certificates that carry a purchase's mark, or its CSR and are new; `None` when the list shows no more than it
    /// did before the purchase, so that what came since is on a page that is not known.
    pub(super) async fn carrying(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
    ) -> Result<Option<Copies>, Failure> {
        let entries = self.entries().await??;
        let snapshot = ListSnapshot::read(token);
        if matches!(snapshot, ListSnapshot::Seen { count, .. } if entries.len() <= count) {
            return Ok(None);
        }
        let csr = Csr::parse(&purchase.csr_pem);
        let wanted = Wanted {
            name: &purchase.common_name,
            csr: csr.ok().map(|csr| csr.fingerprint()),
            unique: &super::mapping::unique_value(&purchase.key),
            since,
        };
        let carrying = entries
            .iter()
            .filter(|entry| wanted.proves(entry, snapshot));
        let carrying = carrying.map(|entry| {
            let proof = match entry.unique {
                Some(_) => Proof::Reference,
                None => Proof::Csr,
            };
            (VendorOrderId::new(entry.id.to_string()), proof)
        });
        Ok(Some(carrying.collect()))
    }
}

/// What is remembered of the list before the paid call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListSnapshot {
    /// Highest number and how many there were.
    Seen { highest: u64, count: usize },
    /// The list could not be read.
    Unreadable,
}

impl ListSnapshot {
    pub(super) fn of(entries: &[ListedCertificate]) -> Self {
        Self::Seen {
            highest: entries.iter().map(|entry| entry.id).max().unwrap_or(0),
            count: entries.len(),
        }
    }

    pub(super) fn write(self) -> Token {
        Token(match self {
            Self::Seen { highest, count } => format!("top={highest};n={count}"),
            Self::Unreadable => "unread".to_owned(),
        })
    }

    /// What cannot be read is as good as nothing seen.
    pub(super) fn read(token: &Token) -> Self {
        let seen = || {
            let (top, count) = token.0.strip_prefix("top=")?.split_once(";n=")?;
            Some(Self::Seen {
                highest: top.parse().ok()?,
                count: count.parse().ok()?,
            })
        };
        seen().unwrap_or(Self::Unreadable)
    }
}

/// What is looked for.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'a DomainName,
    /// SHA-256 of the CSR.
    pub(super) csr: Option<String>,
    pub(super) unique: &'a str,
    /// When the paid call was about to be sent.
    pub(super) since: DateTime<Utc>,
}

/// What a look at the list says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// The number of the certificate that carries our mark or our CSR.
    Proved(u64, Proof),
    /// Several that carry our mark or CSR, or new ones that are of the name or show none: which of them is it, if
    /// one is.
    Candidates(Vec<Candidate>),
    /// Nothing new that could be it.
    Nothing(Words),
    /// Nothing to compare with.
    Unclear(Words),
}

/// Looks for the order. Our mark or our CSR in an entry is proof; what is merely new and of the name is a
/// candidate for a person (leaderssl.md 13).
pub(super) fn find(
    entries: &[ListedCertificate],
    snapshot: ListSnapshot,
    wanted: &Wanted<'_>,
) -> Finding {
    let proved = ids(entries
        .iter()
        .filter(|entry| wanted.proves(entry, snapshot)));
    match proved.as_slice() {
        [id] => {
            let marked = |entry: &ListedCertificate| entry.id == *id && entry.unique.is_some();
            let proof = if entries.iter().any(marked) {
                Proof::Reference
            } else {
                Proof::Csr
            };
            return Finding::Proved(*id, proof);
        }
        [] => {}
        // A request that was delivered twice: which one is kept, a person has to say.
        _ => {
            let carrying = entries
                .iter()
                .filter(|entry| wanted.proves(entry, snapshot))
                .map(|entry| wanted.candidate(entry));
            return Finding::Candidates(carrying.collect());
        }
    }
    let ListSnapshot::Seen { highest, count } = snapshot else {
        let may_be: Vec<Candidate> = entries
            .iter()
            .filter(|entry| wanted.has_csr(entry) || entry.name.as_ref() == Some(wanted.name))
            .filter(|entry| entry.unique.is_none() && !wanted.contradicts(entry))
            .map(|entry| wanted.candidate(entry))
            .collect();
        if !may_be.is_empty() {
            return Finding::Candidates(may_be);
        }
        return Finding::Unclear(words!(
            "the list of certificates could not be read before ordering, now it has {}",
            "до заказа список сертификатов не удалось прочитать, сейчас в нём {}",
            entries.len()
        ));
    };
    let new = entries
        .iter()
        .filter(|entry| entry.id > highest && !wanted.contradicts(entry));
    let (named, nameless): (Vec<&ListedCertificate>, Vec<&ListedCertificate>) = new
        .filter(|entry| entry.name.as_ref().is_none_or(|name| name == wanted.name))
        .partition(|entry| entry.name.is_some());
    if named.is_empty() && nameless.is_empty() {
        return Finding::Nothing(words!(
            "the vendor lists {} certificates ({count} before ordering), none of them is a new one for {}",
            "у поставщика сертификатов: {} (до заказа {count}), среди них нет нового для {}",
            entries.len(),
            wanted.name
        ));
    }
    // One without a name may be it as well.
    let new = named.into_iter().chain(nameless);
    Finding::Candidates(new.map(|entry| wanted.candidate(entry)).collect())
}

/// What the list shows of orders that exist already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// It carries the mark of this key.
    Proved(u64, IntentKey),
    /// It carries the mark of this key and is for another name.
    OtherName(Candidate, IntentKey),
    /// They carry our name or CSR.
    Candidates(Vec<Candidate>),
    Nothing,
}

/// Looks for an order before the first purchase (design, law 4).
pub(super) fn seek(entries: &[ListedCertificate], wanted: &port::Wanted<'_>) -> Seen {
    let meant = |entry: &&ListedCertificate| wanted.may_be(&entry.id.to_string());
    let entries: Vec<&ListedCertificate> = entries.iter().filter(meant).collect();
    // The latest attempt is the one that counts; the list may have any order.
    for key in wanted.references.iter().rev() {
        let mark = super::mapping::unique_value(key);
        let marked = entries
            .iter()
            .filter(|entry| entry.unique.as_ref() == Some(&mark));
        let (ours, others): (Vec<&&ListedCertificate>, Vec<&&ListedCertificate>) = marked
            .partition(|entry| {
                let name = entry.name.as_ref();
                name.is_none_or(|name| *name == wanted.purchase.common_name)
            });
        // One of another name beside ours says nothing against ours.
        if let Some(entry) = ours.first() {
            return Seen::Proved(entry.id, key.clone());
        }
        if let Some(entry) = others.first() {
            return Seen::OtherName(entry.candidate(), key.clone());
        }
    }
    let csr = Csr::parse(&wanted.purchase.csr_pem).ok();
    let csr = csr.map(|csr| csr.fingerprint());
    let candidates: Vec<Candidate> = entries
        .iter()
        // A mark of somebody's makes it somebody's; an entry without a date may be of any age.
        .filter(|entry| entry.unique.is_none())
        .filter(|entry| {
            let created = entry.created;
            created.is_some_and(|at| at >= wanted.from - DATE_SLACK)
        })
        .filter_map(|entry| {
            let same_csr = entry.csr.is_some() && entry.csr == csr;
            let same_name = entry.name.as_ref() == Some(&wanted.purchase.common_name);
            (same_csr || same_name).then(|| Candidate {
                same_csr,
                ..entry.candidate()
            })
        })
        .collect();
    if candidates.is_empty() {
        Seen::Nothing
    } else {
        Seen::Candidates(candidates)
    }
}

impl Wanted<'_> {
    fn proves(&self, entry: &ListedCertificate, snapshot: ListSnapshot) -> bool {
        if entry.unique.is_some() {
            return entry.unique.as_deref() == Some(self.unique);
        }
        // The same CSR may have been ordered before: the entry must be known to be new.
        let is_new = match snapshot {
            ListSnapshot::Seen { highest, .. } => entry.id > highest,
            // Somebody may have ordered with it within the time by which dates may be off.
            ListSnapshot::Unreadable => false,
        };
        self.has_csr(entry) && is_new && !self.is_older(entry)
    }

    fn has_csr(&self, entry: &ListedCertificate) -> bool {
        entry.csr.is_some() && entry.csr == self.csr
    }

    /// An entry for a person to look at.
    fn candidate(&self, entry: &ListedCertificate) -> Candidate {
        Candidate {
            same_csr: self.has_csr(entry),
            ..entry.candidate()
        }
    }

    fn contradicts(&self, entry: &ListedCertificate) -> bool {
        let other_mark = entry
            .unique
            .as_deref()
            .is_some_and(|mark| mark != self.unique);
        let other_csr = entry.csr.is_some() && self.csr.is_some() && entry.csr != self.csr;
        other_mark || other_csr || self.is_older(entry)
    }

    fn is_older(&self, entry: &ListedCertificate) -> bool {
        entry
            .created
            .is_some_and(|created| created < self.since - DATE_SLACK)
    }
}

fn ids<'a>(entries: impl Iterator<Item = &'a ListedCertificate>) -> Vec<u64> {
    let mut ids: Vec<u64> = entries.map(|entry| entry.id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
