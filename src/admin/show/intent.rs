//! The stored decision to order, as `pmssl show` tells it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::failure::Failure;
use crate::order::Intent;

#[derive(Debug, Serialize)]
pub(super) struct IntentCard {
    /// Set when the stored text cannot be read; everything else is empty then.
    pub(super) unreadable: Option<String>,
    pub(super) key: String,
    pub(super) operation: &'static str,
    pub(super) attempt: u32,
    pub(super) state: &'static str,
    pub(super) since: Option<DateTime<Utc>>,
    pub(super) queued: Option<u64>,
    pub(super) token: String,
}

impl IntentCard {
    pub(super) fn of(intent: Result<Intent, Failure>) -> Self {
        match intent {
            Ok(intent) => IntentCard {
                unreadable: None,
                key: intent.key.to_string(),
                operation: intent.operation.word(),
                attempt: intent.attempt,
                state: intent.state.word(),
                since: Some(intent.since),
                queued: intent.queued.map(|operation| operation.0),
                token: intent.token.0,
            },
            Err(failure) => IntentCard {
                unreadable: Some(failure.offending_value().to_owned()),
                key: String::new(),
                operation: "",
                attempt: 0,
                state: "",
                since: None,
                queued: None,
                token: String::new(),
            },
        }
    }
}
