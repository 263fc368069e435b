//! Whose order is it: asked here, before any number becomes the service's order, wherever it came from
//! (design, law 3).

use super::Desk;
use super::intent::Intent;
use super::port::Placed;
use crate::domain::{ItemId, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::module::Module;
use crate::platform::Platform;

/// An order that no other service of this program has. Only [`Desk::own`] makes one, and nothing else is
/// stored as a service's order.
#[derive(Debug)]
pub(super) struct Owned(Placed);

impl Owned {
    pub(super) fn placed(&self) -> &Placed {
        &self.0
    }
}

impl Desk<'_> {
    /// The order as one of this service's own.
    ///
    /// # Errors
    /// Another service has it: a person decides. The platform's.
    pub(super) async fn own(&self, intent: &Intent, placed: Placed) -> Result<Owned, Failure> {
        if self.foreign().contains(placed.order.as_str()) {
            return Err(Failure::new(Reason::OutcomeForPerson)
                .value(intent.key.as_str())
                .detail(words!(
                    "the vendor shows order {}, which a person has called somebody else's",
                    "поставщик показывает заказ {}, который человек назвал чужим",
                    placed.order
                )));
        }
        match self.other_owner(&placed.order).await? {
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

/// Another service that has the order: of any account and any name of this module, in any state, also when its
/// number has come no further than into the intent.
///
/// # Errors
/// The platform's.
pub async fn owner_beside(
    platform: &dyn Platform,
    module: &Module,
    item: ItemId,
    order: &VendorOrderId,
) -> Result<Option<ItemId>, Failure> {
    let owners = platform
        .services_with_order(module.order_parameter, order.as_str())
        .await?;
    for owner in owners.into_iter().filter(|owner| *owner != item) {
        let service = platform.service(owner).await?;
        // Numbers of different vendors may be the same.
        if module.serves_with(service.module.as_deref()) {
            return Ok(Some(owner));
        }
    }
    Ok(None)
}
