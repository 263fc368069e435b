//! Saves that come true late: the platform may carry out what it was given up on long after the same save was
//! repeated, and then the stored intent is behind the service.

use super::intent::{Intent, Operation, State};
use super::{OrderSession, current};
use crate::domain::OperationId;
use crate::log;
use crate::module::Module;
use crate::platform::{Service, fields};

impl OrderSession<'_> {
    /// A new renewal must not be taken for a former one that was delivered, whatever its intent says.
    pub(super) fn pass_over_late_intent(&mut self, queued: Option<OperationId>) {
        let Some(intent) = &self.intent else {
            return;
        };
        let is_new = queued.is_some() && intent.queued != queued;
        if !is_new || !is_behind(intent, &self.service, self.module) {
            return;
        }
        log!(
            Order,
            Warning,
            "the stored intent says {}, but this renewal was delivered: a save came late",
            intent.state.word()
        );
        self.intent = Some(Intent {
            order: self.order_number(),
            ..intent.with_state(State::Issued)
        });
    }
}

/// Whether an intent tells less than the service itself: the term that this renewal bought is stored, and the
/// certificate that it replaces is replaced.
fn is_behind(intent: &Intent, service: &Service, module: &Module) -> bool {
    let is_open = matches!(intent.state, State::Placed | State::Sent | State::Unknown);
    if intent.operation != Operation::Prolong || !is_open {
        return false;
    }
    let bought = service.parameter(fields::TERM_END);
    let bought = bought.and_then(super::term::Bought::from_text);
    let replaced = current::Replaced::stored(service);
    let now = current::Replaced::of(service, module);
    bought.is_some_and(|term| term.key == intent.key.as_str())
        && replaced.is_some_and(|former| {
            // What is not known proves nothing.
            let both = [&former.serial, &now.serial];
            both.iter().all(|serial| !serial.is_empty()) && former.serial != now.serial
        })
}
