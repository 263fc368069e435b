//! Whose order is it: asked here, before any number becomes the service's order, wherever it came from
//! (design, law 3).

use super::intent::{self, Intent, State};
use super::port::{Candidate, Placed};
use super::{OrderSession, fresh};
use crate::domain::{ItemId, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::module::Module;
use crate::platform::{DELETED, Patience, Platform, fields};

/// An order that no other service of this program has. Only [`OrderSession::own`] makes one, and nothing else is
/// stored as a service's order.
#[derive(Debug)]
pub(super) struct Owned(Placed);

impl Owned {
    pub(super) fn placed(&self) -> &Placed {
        &self.0
    }
}

impl OrderSession<'_> {
    /// The order as one of this service's own. Its number is stored with the intent before that is asked, as not
    /// known to be ours: of two commands that claim one order in the same moment, one at least sees the other.
    ///
    /// # Errors
    /// Another service has it: a person decides. The database does not show the number. The platform's. The
    /// number stays with the intent.
    pub(super) async fn own(
        &mut self,
        intent: &Intent,
        placed: Placed,
        patience: Patience,
    ) -> Result<Owned, Failure> {
        let claim = Intent {
            order: Some(placed.order.clone()),
            ..intent.with_state(State::Unknown)
        };
        if self.intent.as_ref() != Some(&claim) {
            self.save_intent(claim, patience).await?;
        }
        // A reissue goes on under the number that the service has.
        if self.order_number().as_ref() == Some(&placed.order) {
            return Ok(Owned(placed));
        }
        if self.foreign().contains(placed.order.as_str()) {
            return Err(Failure::new(Reason::OutcomeForPerson)
                .value(intent.key.as_str())
                .detail(words!(
                    "the vendor shows order {}, which was marked as somebody else's (--foreign)",
                    "поставщик показывает заказ {}, который отмечен как чужой (--foreign)",
                    placed.order
                )));
        }
        match rival(self.platform, self.module, self.item, &placed.order).await? {
            None => Ok(Owned(placed)),
            Some(other) => Err(Failure::new(Reason::OutcomeForPerson)
                .value(intent.key.as_str())
                .detail(words!(
                    "the vendor shows order {}, which service {other} has already",
                    "поставщик показывает заказ {}, который уже есть у услуги {other}",
                    placed.order
                ))),
        }
    }

    /// The same for an order that a look has found or a person has named: what was stored before is put back where it
    /// is not this service's.
    ///
    /// # Errors
    /// As [`own`](Self::own).
    pub(super) async fn own_found(
        &mut self,
        intent: &Intent,
        placed: Placed,
    ) -> Result<Owned, Failure> {
        let former = self.intent.clone();
        // As it is stored: a newer version may have written more than was read.
        let text = self.service.parameter(intent::PARAMETER);
        let text = text.unwrap_or_default().to_owned();
        let owned = self.own(intent, placed, Patience::Once).await;
        if owned.is_err() && self.intent != former {
            self.save(intent::PARAMETER, &text, Patience::Once).await?;
            self.intent = former;
        }
        owned
    }

    /// Claims an order that a person has named, by the intent that it will have where there is one, and takes the claim
    /// back where another service has claimed it, too: that one.
    ///
    /// # Errors
    /// The platform's.
    pub(super) async fn claim_by_person(
        &mut self,
        order: &VendorOrderId,
        replaced: Option<&Intent>,
    ) -> Result<Option<ItemId>, Failure> {
        let parameter = self.module.order_parameter;
        let (former, number) = (self.intent.clone(), self.order_number());
        match replaced {
            Some(intent) => self.save_intent(intent.clone(), Patience::Once).await?,
            None => self.save(parameter, order.as_str(), Patience::Once).await?,
        }
        let rival = rival(self.platform, self.module, self.item, order).await;
        if !matches!(rival, Ok(None)) {
            match (replaced, former) {
                (Some(_), Some(former)) => self.save_intent(former, Patience::Once).await?,
                _ => {
                    let number = number.as_ref().map_or("", VendorOrderId::as_str);
                    self.save(parameter, number, Patience::Once).await?;
                }
            }
        }
        rival
    }

    /// Those orders that another service had before its own renewal.
    ///
    /// # Errors
    /// The platform's.
    pub(super) async fn left_by_others(
        &self,
        candidates: &[Candidate],
    ) -> Result<Vec<VendorOrderId>, Failure> {
        let mut left = Vec::new();
        for order in candidates.iter().map(|candidate| &candidate.order) {
            let former = self
                .platform
                .services_with_order(fields::PREVIOUS_ORDER, order.as_str())
                .await?;
            let former = beside(self.platform, self.module, self.item, former).await?;
            if former.is_some() {
                left.push(order.clone());
            }
        }
        Ok(left)
    }

    /// Another service that has the order and is not deleted, also where this one has it.
    ///
    /// # Errors
    /// The platform's.
    pub async fn shared_with(&self, order: &VendorOrderId) -> Result<Option<ItemId>, Failure> {
        let mut living = Vec::new();
        for owner in owners(self.platform, self.module, order).await? {
            if owner != self.item && self.platform.service(owner).await?.status != DELETED {
                living.push(owner);
            }
        }
        beside(self.platform, self.module, self.item, living).await
    }

    /// Another service that has the order.
    ///
    /// # Errors
    /// The platform's.
    pub async fn other_owner(&self, order: &VendorOrderId) -> Result<Option<ItemId>, Failure> {
        // A reissue goes on under the number that the service has.
        if self.order_number().as_ref() == Some(order) {
            return Ok(None);
        }
        owner_beside(self.platform, self.module, self.item, order).await
    }
}

/// Another service that has the order.
///
/// # Errors
/// The platform's.
pub async fn owner_beside(
    platform: &dyn Platform,
    module: &Module,
    item: ItemId,
    order: &VendorOrderId,
) -> Result<Option<ItemId>, Failure> {
    let owners = owners(platform, module, order).await?;
    beside(platform, module, item, owners).await
}

/// Another service that has the order, once the database shows that this one has it: of two services that claim an order in
/// the same moment, one at least sees the other.
///
/// # Errors
/// The database does not show it. The platform's.
pub async fn rival(
    platform: &dyn Platform,
    module: &Module,
    item: ItemId,
    order: &VendorOrderId,
) -> Result<Option<ItemId>, Failure> {
    let owners = fresh::shown(platform, item, async || {
        let owners = owners(platform, module, order).await?;
        Ok(Some(owners).filter(|owners| owners.contains(&item)))
    });
    beside(platform, module, item, owners.await?).await
}

/// The services that have the number, in any state, also when it has come no further than into the intent.
async fn owners(
    platform: &dyn Platform,
    module: &Module,
    order: &VendorOrderId,
) -> Result<Vec<ItemId>, Failure> {
    platform
        .services_with_order(module.order_parameter, order.as_str())
        .await
}

/// Another one of these services, of any account and any name of this module.
async fn beside(
    platform: &dyn Platform,
    module: &Module,
    item: ItemId,
    owners: Vec<ItemId>,
) -> Result<Option<ItemId>, Failure> {
    for owner in owners.into_iter().filter(|owner| *owner != item) {
        let service = platform.service(owner).await?;
        // Numbers of different vendors may be the same.
        if module.serves_with(service.module.as_deref()) {
            return Ok(Some(owner));
        }
    }
    Ok(None)
}
