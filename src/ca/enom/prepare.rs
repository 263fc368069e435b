//! Everything before the paid call: price, window, slots of earlier attempts, the snapshot of the holdings.

use super::mapping::{self, Plan};
use super::model::Slot;
use super::product::Product;
use super::progress::{self, Body, State};
use super::token::{HoldingsSnapshot, SlotSnapshot, TokenContent};
use super::{Enom, not_ready, times};
use crate::ca::funds;
use crate::certificate::Csr;
use crate::domain::text::Words;
use crate::domain::{DomainName, Purchase, VendorOrderId};
use crate::failure::{Failure, Reason};

/// More slots of earlier attempts than this are not looked at.
const MOST_ADOPTABLE: usize = 10;

impl Enom {
    /// Whether catalogue and balance allow the purchase. Whatever cannot be read is no obstacle.
    pub(super) async fn check_price(&self, plan: &Plan<'_>) -> Result<(), Failure> {
        let years = plan.years()?;
        let catalogue = funds::readable(self.client.get_certs().await)?;
        let catalogue = catalogue.unwrap_or_default();
        let code = plan.product.code;
        let mut entries = catalogue.iter();
        let Some(entry) = entries.find(|entry| entry.code.eq_ignore_ascii_case(code)) else {
            return Ok(());
        };
        if entry.enabled == Some(false) {
            return Err(Failure::new(Reason::Rejected).detail(words!(
                "the vendor does not sell {code} to this account",
                "поставщик не продаёт {code} этой учётной записи"
            )));
        }
        if !entry.years.is_empty() && !entry.years.contains(&years) {
            let years: Vec<_> = entry.years.iter().map(ToString::to_string).collect();
            let why = words!(
                "the vendor sells terms of these years: {}",
                "поставщик продаёт сроки (в годах): {}",
                years.join(", ")
            );
            return Err(mapping::bad_term(plan.term().0, why));
        }
        let price = entry.price.map(|price| times(price, years));
        funds::must_cover(price, async |_| self.available().await.map(Some)).await
    }

    /// Refuses a renewal long before the end of the term: there is no renewal call, so days that remain
    /// would be lost. An order the vendor does not know any more is no obstacle.
    pub(super) async fn check_window(
        &self,
        purchase: &Purchase,
        product: &Product,
    ) -> Result<(), Failure> {
        let Some(previous) = mapping::renewed(purchase) else {
            return Ok(());
        };
        let detail = match self.client.cert_get_cert_detail(previous).await {
            Err(error) if error.data_refusal().is_some() => return Ok(()),
            outcome => outcome?,
        };
        if matches!(
            progress::state(&detail),
            Some(State::RefundedIssued | State::RefundedUnissued)
        ) {
            return Ok(());
        }
        let certificate_end = progress::certificate(&detail).map(|leaf| leaf.not_after);
        // The later of the two: the certificate may end before the term does.
        let Some(end) = detail.expiration.max(certificate_end) else {
            return Ok(());
        };
        let opens = end - product.brand.renewal_window();
        if purchase.since >= opens {
            return Ok(());
        }
        Err(not_ready(
            &VendorOrderId::new(previous),
            words!(
                "this vendor has no renewals: a new certificate is bought from {} on, earlier its \
                 remaining days would be lost",
                "продлений у этого поставщика нет: новый сертификат покупается с {}, раньше пропали бы оставшиеся дни",
                opens.format("%Y-%m-%d")
            ),
        ))
    }

    /// A paid slot that provably belongs to an earlier attempt at this order: it holds the same CSR and
    /// can be configured. Blank ones prove nothing. Whether another service has it is asked by the core,
    /// which names those that are taken.
    async fn adoptable(
        &self,
        plan: &Plan<'_>,
        blank: &[Slot],
        taken: &[VendorOrderId],
    ) -> Result<Option<VendorOrderId>, Failure> {
        let declined = self.slots(plan.product, progress::DECLINED).await?;
        let mut candidates: Vec<u64> = blank
            .iter()
            .chain(&declined)
            .filter(|slot| slot.validity == Some(plan.term().0))
            .filter(|slot| {
                let name = slot.domain.as_deref().map(DomainName::parse);
                name.and_then(Result::ok).as_ref() == plan.csr.common_name()
            })
            .map(|slot| slot.id)
            .filter(|id| !taken.iter().any(|order| order.as_str() == id.to_string()))
            .collect();
        candidates.sort_unstable();
        for id in candidates.into_iter().take(MOST_ADOPTABLE) {
            let id = id.to_string();
            let detail = self.client.cert_get_cert_detail(&id).await?;
            let is_open = matches!(
                progress::state(&detail),
                Some(State::Blank | State::Declined)
            );
            let is_previous = plan.renewed() == Some(id.as_str());
            if is_open
                && !is_previous
                && progress::certificate(&detail).is_none()
                && plan.holds_csr(&detail)
            {
                return Ok(Some(VendorOrderId::new(id)));
            }
        }
        Ok(None)
    }

    pub(super) async fn prepare_purchase(
        &self,
        purchase: &Purchase,
        taken: &[VendorOrderId],
    ) -> Result<TokenContent, Failure> {
        let plan = Plan::of(purchase)?;
        plan.years()?;
        self.check_window(purchase, plan.product).await?;
        let blank = self.blank_slots(plan.product).await?;
        if let Some(slot) = self.adoptable(&plan, &blank, taken).await? {
            return Ok(TokenContent::Adopt(slot));
        }
        let balance = self.available().await.ok().map(|money| money.minor);
        let newest = self.newest_order().await?;
        Ok(TokenContent::Purchase(HoldingsSnapshot {
            goods: Some((plan.product.kind, purchase.term.0)),
            ..HoldingsSnapshot::of(&blank, balance, newest)
        }))
    }

    /// The snapshot must still be true when money is about to be spent: an intent may be resumed long
    /// after its snapshot was taken, and what others bought since would be mistaken for ours.
    pub(super) async fn check_snapshot(
        &self,
        plan: &Plan<'_>,
        snapshot: &HoldingsSnapshot,
    ) -> Result<(), Failure> {
        let blank = self.blank_slots(plan.product).await?;
        let known = |slot: &Slot| slot.id <= snapshot.largest;
        let are_others = snapshot.are_others(plan.product.kind, plan.purchase.term.0);
        if !are_others && blank.iter().all(known) && blank.len() <= snapshot.count {
            return Ok(());
        }
        Err(Failure::new(Reason::AccountChanged).detail(words!(
            "Product {}, picture of {}",
            "Продукт {}, на снимке: {}",
            plan.product.code,
            snapshot.count
        )))
    }

    pub(super) async fn prepare_reissue(
        &self,
        purchase: &Purchase,
        order: &VendorOrderId,
    ) -> Result<TokenContent, Failure> {
        let csr = mapping::reissue_csr(purchase)?;
        let detail = self.client.cert_get_cert_detail(order.as_str()).await?;
        let words = progress::words(&detail);
        match (progress::state(&detail), progress::body(&detail, None)) {
            (Some(State::RefundedIssued | State::RefundedUnissued), _) => {
                return Err(Failure::new(Reason::OrderDead)
                    .value(order.as_str())
                    .detail(Words::verbatim(words)));
            }
            (Some(State::Issued), Body::Ours) => {}
            _ => {
                return Err(not_ready(
                    order,
                    words!("the vendor says '{words}'", "поставщик сообщает '{words}'"),
                ));
            }
        }
        let name = detail.domain.as_deref().map(DomainName::parse);
        if name.is_some_and(|name| name.as_ref() != Ok(&purchase.common_name)) {
            return Err(Failure::field(Reason::NameNotAllowed, "domain")
                .value(purchase.common_name.as_str())
                .detail(words!(
                    "a reissue keeps the name of the order",
                    "при перевыпуске имя заказа сохраняется"
                )));
        }
        let stored = detail.csr.as_deref();
        let stored = stored.and_then(|pem| Csr::parse(pem).ok());
        let same_csr = stored.is_some_and(|stored| stored.fingerprint() == csr.fingerprint());
        Ok(TokenContent::Reissue(SlotSnapshot::of(&detail, same_csr)))
    }
}
