//! What is remembered between preparing and locating.
//!
//! A purchase carries no client reference (enom.md 1), so a lost answer is looked up by comparing what
//! the account held before with what it holds after. The snapshot is written into the intent's token.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::model::{Detail, Slot};
use crate::ca::Token;
use crate::domain::VendorOrderId;

/// What the account held before the purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HoldingsSnapshot {
    /// Blank slots of the product, of any term.
    pub(super) count: usize,
    /// Largest number among them, 0 without any.
    pub(super) largest: u64,
    /// First 8 hexadecimal digits of a hash over their numbers.
    pub(super) hash: String,
    /// Available balance in cents, where it could be read.
    pub(super) balance: Option<i64>,
    /// Largest order number of the account's newest orders, 0 without any.
    pub(super) newest_order: u64,
    /// Product type and months that were ordered: the service may have others by the time of a look-up. Not in
    /// snapshots of earlier versions.
    pub(super) goods: Option<(u32, u32)>,
}

impl HoldingsSnapshot {
    pub(super) fn of(slots: &[Slot], balance: Option<i64>, newest_order: u64) -> Self {
        Self {
            count: slots.len(),
            largest: slots.iter().map(|slot| slot.id).max().unwrap_or(0),
            hash: fingerprint(slots),
            balance,
            newest_order,
            goods: None,
        }
    }

    /// Whether these are other goods than were ordered, as far as that is known.
    pub(super) fn are_others(&self, kind: u32, months: u32) -> bool {
        self.goods.is_some_and(|goods| goods != (kind, months))
    }
}

/// A hash over the numbers of slots in whatever order they are listed.
pub(super) fn fingerprint<'a>(slots: impl IntoIterator<Item = &'a Slot>) -> String {
    let mut ids: Vec<u64> = slots.into_iter().map(|slot| slot.id).collect();
    ids.sort_unstable();
    let mut hash = Sha256::new();
    for id in ids {
        hash.update(id.to_be_bytes());
    }
    short(&hash.finalize())
}

fn short(hash: &[u8]) -> String {
    HEXLOWER.encode(&hash[..4])
}

/// What a slot showed before a reissue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SlotSnapshot {
    /// First 8 hexadecimal digits of a hash over the certificate.
    pub(super) certificate: String,
    /// The slot held the CSR of the reissue already.
    pub(super) same_csr: bool,
}

impl SlotSnapshot {
    pub(super) fn of(detail: &Detail, same_csr: bool) -> Self {
        let pem = detail.certificate.as_deref().unwrap_or_default();
        Self {
            certificate: short(&Sha256::digest(pem)),
            same_csr,
        }
    }
}

/// The token's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenContent {
    /// Nothing is bought: a paid slot of an earlier attempt is used. `a:<slot>`
    Adopt(VendorOrderId),
    /// `b:<count>:<largest>:<hash>:<balance or ->:<newest order>`, and `:<product type>:<months>` where they are known
    Purchase(HoldingsSnapshot),
    /// `r:<hash>:<0 or 1>`
    Reissue(SlotSnapshot),
}

impl TokenContent {
    pub(super) fn write(&self) -> Token {
        Token(match self {
            Self::Adopt(slot) => format!("a:{slot}"),
            Self::Purchase(snapshot) => {
                let balance = snapshot
                    .balance
                    .map_or_else(|| "-".to_owned(), |cents| cents.to_string());
                let goods = snapshot.goods;
                let goods = goods.map(|(kind, months)| format!(":{kind}:{months}"));
                format!(
                    "b:{}:{}:{}:{balance}:{}{}",
                    snapshot.count,
                    snapshot.largest,
                    snapshot.hash,
                    snapshot.newest_order,
                    goods.unwrap_or_default()
                )
            }
            Self::Reissue(snapshot) => {
                let same = u8::from(snapshot.same_csr);
                format!("r:{}:{same}", snapshot.certificate)
            }
        })
    }

    /// `None` for anything that [`write`](Self::write) does not make.
    pub(super) fn read(token: &Token) -> Option<Self> {
        let parts: Vec<&str> = token.0.split(':').collect();
        let hash = |text: &str| {
            let valid = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            valid.then(|| text.to_owned())
        };
        match parts.as_slice() {
            ["a", slot] => {
                let number: u64 = slot.parse().ok()?;
                Some(Self::Adopt(VendorOrderId::new(number.to_string())))
            }
            ["b", count, largest, sum, balance, order, goods @ ..] => {
                Some(Self::Purchase(HoldingsSnapshot {
                    count: count.parse().ok()?,
                    largest: largest.parse().ok()?,
                    hash: hash(sum)?,
                    balance: match *balance {
                        "-" => None,
                        cents => Some(cents.parse().ok()?),
                    },
                    newest_order: order.parse().ok()?,
                    goods: match goods {
                        [] => None,
                        [kind, months] => Some((kind.parse().ok()?, months.parse().ok()?)),
                        _ => return None,
                    },
                }))
            }
            ["r", sum, same @ ("0" | "1")] => Some(Self::Reissue(SlotSnapshot {
                certificate: hash(sum)?,
                same_csr: *same == "1",
            })),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
