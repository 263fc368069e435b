//! The end of an operation: what the platform is told when there is no more to do about it now.

use super::{Intent, Operation, OrderSession, State};
use crate::domain::OperationId;
use crate::failure::Failure;
use crate::log;
use crate::platform::{CertificateStatus, Finish, Patience};

impl OrderSession<'_> {
    /// Follows an order that was placed a moment ago. It stands: a look-up that fails now is made up
    /// for by a later one.
    ///
    /// # Errors
    /// The platform refused.
    pub async fn follow_after_order(&mut self) -> Result<(), Failure> {
        match self.follow().await {
            Ok(_) => Ok(()),
            Err(failure) => {
                log!(
                    Order,
                    Warning,
                    "the order is placed; its state will be asked again: {}",
                    failure.chain()
                );
                self.set_status(CertificateStatus::Requested).await?;
                self.call_for_lost_proof().await
            }
        }
    }

    /// Ends an order that no operation of the platform waits for: nothing is closed there.
    ///
    /// # Errors
    /// The platform refused.
    pub async fn conclude_without_operation(&mut self) -> Result<(), Failure> {
        let Some(intent) = self
            .intent
            .clone()
            .filter(|intent| intent.state == State::Placed)
        else {
            return Ok(());
        };
        let state = if self.shows(CertificateStatus::Issued) {
            State::Issued
        } else {
            State::Pending
        };
        self.save_intent(intent.with_state(state), Patience::Once)
            .await
    }

    /// Ends the platform's operation: first the mark that everything is done, so that an operation
    /// that runs again only repeats the ending (and never the purchase), then the post function. An
    /// intent of another operation is left as it is.
    ///
    /// # Errors
    /// The platform refused; running the command again repeats only this.
    pub async fn close_operation(
        &mut self,
        operation: Operation,
        queued: Option<OperationId>,
    ) -> Result<(), Failure> {
        let own = self
            .intent
            .as_ref()
            .filter(|intent| intent.operation == operation);
        if let Some(intent) = own.filter(|intent| intent.state == State::Placed) {
            let state = if self.shows(CertificateStatus::Issued) {
                State::Issued
            } else {
                State::Pending
            };
            let marked = Intent {
                queued,
                ..intent.with_state(state)
            };
            self.save_intent(marked, Patience::Once).await?;
        }
        self.finish(operation).await
    }

    async fn finish(&self, operation: Operation) -> Result<(), Failure> {
        let finish = match operation {
            Operation::Open => Finish::Open,
            Operation::Prolong => Finish::Prolong,
            Operation::Reissue => Finish::Reopen,
        };
        self.platform.finish(self.item, finish).await
    }
}
