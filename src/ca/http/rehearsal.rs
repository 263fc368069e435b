//! A rehearsal: what would change something at a vendor is kept instead of being sent.

use std::cell::RefCell;
use std::time::Instant;

use super::{Request, SendClass, SendFailure};

/// The requests that a rehearsed command would have sent. An [`Http`](super::Http) that was given one sends no request of
/// class [`SendClass::Once`], whoever asks and whatever permit is held; what only reads is sent as ever.
#[derive(Debug, Default)]
pub struct Rehearsal {
    kept: RefCell<Vec<(Instant, Request)>>,
}

impl Rehearsal {
    /// Keeps a request that changes something.
    ///
    /// # Errors
    /// `Rehearsed`: it was kept and must not be sent.
    pub(super) fn keep(&self, request: &Request) -> Result<(), SendFailure> {
        if request.class == SendClass::Read {
            return Ok(());
        }
        let kept = (Instant::now(), request.clone());
        self.kept.borrow_mut().push(kept);
        Err(SendFailure::Rehearsed(words!(
            "{}: this is a rehearsal, it was not sent",
            "{}: это репетиция, запрос не отправлен",
            request.operation
        )))
    }

    /// What was kept and when, in the order in which it would have been sent.
    #[must_use]
    pub fn kept(&self) -> Vec<(Instant, Request)> {
        self.kept.borrow().clone()
    }
}

impl Request {
    /// The address with its query, and the body, as they would be sent: they hold secrets and personal data, and whoever
    /// shows them masks them.
    #[must_use]
    pub fn written_out(&self) -> (String, String) {
        let body = self.body.as_deref().unwrap_or_default();
        let body = String::from_utf8_lossy(body).into_owned();
        (self.url.to_string(), body)
    }
}
