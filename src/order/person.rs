//! What a person decides about an order whose outcome is unknown.

use super::Desk;
use super::intent::{Intent, State};
use crate::ca::{OrderRef, Placed};
use crate::domain::VendorOrderId;
use crate::failure::{Failure, Reason};
use crate::platform::Patience;

impl Desk<'_> {
    /// Settles an intent by a person's word: the order with this number is ours. The vendor must know
    /// the number: a mistyped one could not be taken back.
    ///
    /// # Errors
    /// Nothing is unsettled, no number, or the vendor's failure.
    pub async fn adopt_by_person(&mut self, order: &VendorOrderId) -> Result<(), Failure> {
        let intent = self.unsettled()?;
        let number = order.as_str();
        if number.is_empty() || number.contains(|c: char| c == '|' || c.is_whitespace()) {
            return Err(Failure::field(Reason::Invalid, "--adopt")
                .value(number)
                .detail("The vendor's order number is needed"));
        }
        let reference = OrderRef {
            order: order.clone(),
            template: self
                .service
                .template
                .clone()
                .ok_or_else(|| Failure::field(Reason::UnknownTemplate, "intname"))?,
            csr_pem: self.service.csr.clone(),
        };
        let progress = self.authority.status(&reference).await?;
        let placed = Placed {
            order: order.clone(),
            references: progress.references,
            validation: progress.validation,
            remark: None,
        };
        self.adopt(&intent, &placed).await
    }

    /// Settles an intent by a person's word: nothing was bought.
    ///
    /// # Errors
    /// Nothing is unsettled.
    pub async fn reject_by_person(&mut self) -> Result<(), Failure> {
        let intent = self.unsettled()?;
        self.save_intent(intent.with_state(State::Rejected), Patience::Once)
            .await
    }

    fn unsettled(&self) -> Result<Intent, Failure> {
        self.intent
            .clone()
            .filter(|intent| intent.state.is_unsettled())
            .ok_or_else(|| {
                Failure::field(Reason::Missing, super::intent::PARAMETER)
                    .detail("The service has no order whose outcome is unknown")
            })
    }
}
