//! Slots that came with a purchase: its request was delivered twice on the way, an earlier one arrived late, or somebody
//! bought one by hand. A blank slot carries nothing of ours (enom.md 1), so that none of it is proved.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::Enom;
use super::client::Listing;
use super::locate::{MARGIN, day, may_be_ours};
use super::product::Product;
use super::progress::BLANK;
use super::token::TokenContent;
use crate::ca::Token;
use crate::domain::{Purchase, VendorOrderId};
use crate::failure::Failure;

/// More than this are not asked about: those next to the purchase come first.
const MOST_ASKED: usize = 10;

impl Enom {
    /// The purchase's own slot, where it is listed by now, and the blank ones of its product and term that are not in the
    /// snapshot taken before it and were bought no later than a settle time after it.
    pub(super) async fn slots_alongside(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        own: &VendorOrderId,
    ) -> Result<Option<Vec<VendorOrderId>>, Failure> {
        let product = Product::of(&purchase.template)?;
        let snapshot = match TokenContent::read(token) {
            Some(TokenContent::Purchase(snapshot))
                if !snapshot.are_others(product.kind, purchase.term.0) =>
            {
                snapshot
            }
            // Nothing was bought.
            Some(TokenContent::Adopt(_)) => return Ok(Some(vec![own.clone()])),
            _ => return Ok(None),
        };
        let Ok(number) = own.as_str().parse::<u64>() else {
            return Ok(None);
        };
        let listing = Listing {
            kind: Some(product.kind),
            status: None,
            ordered_from: Some(day(since - MARGIN)),
        };
        let slots = self.client.cert_get_certs(&listing).await?;
        let is_listed = slots.iter().any(|slot| slot.id == number);
        let mut others: Vec<u64> = slots
            .iter()
            .filter(|slot| slot.kind.is_none_or(|kind| kind == product.kind))
            .filter(|slot| slot.id > snapshot.largest && slot.id != number)
            .filter(|slot| slot.status.is_none_or(|status| status == BLANK))
            .filter(|slot| may_be_ours(slot, purchase.term))
            .map(|slot| slot.id)
            .collect();
        others.sort_unstable_by_key(|id| id.abs_diff(number));
        others.truncate(MOST_ASKED);
        let mut shown: Vec<VendorOrderId> = Vec::new();
        if !others.is_empty() {
            let bought = self.bought_at(number).await?;
            for id in others {
                let other = self.bought_at(id).await?;
                // Both are the vendor's own times, whatever their zone (enom.md 16).
                let is_later = match (bought, other) {
                    (Some(bought), Some(other)) => other - bought > self.settle_time(),
                    _ => false,
                };
                if !is_later {
                    shown.push(VendorOrderId::new(id.to_string()));
                }
            }
        }
        shown.extend(is_listed.then(|| own.clone()));
        Ok(Some(shown))
    }

    /// When a slot was bought, on the vendor's clock (enom.md 7: with a time in details only).
    async fn bought_at(&self, id: u64) -> Result<Option<NaiveDateTime>, Failure> {
        let detail = self.client.cert_get_cert_detail(&id.to_string()).await?;
        let text = detail.field("OrderDate").unwrap_or_default();
        Ok(NaiveDateTime::parse_from_str(text.trim(), "%m/%d/%Y %I:%M:%S %p").ok())
    }
}
