//! Validation data as the spool keeps them.

use serde::{Deserialize, Serialize};

use crate::domain::DomainName;
use crate::order::port::{ValidationRecord, ValidationTask};

/// What the client has to publish for one name: some vendors tell it only once.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SpooledProof {
    name: String,
    kind: String,
    #[serde(default)]
    place: String,
    value: String,
}

impl SpooledProof {
    pub(super) fn of(record: &ValidationRecord) -> Self {
        let (kind, place, value) = match &record.task {
            ValidationTask::Email(address) => ("email", "", address),
            ValidationTask::File { url, content } => ("file", url.as_str(), content),
            ValidationTask::Cname { name, value } => ("cname", name.as_str(), value),
            ValidationTask::Txt { name, value } => ("txt", name.as_str(), value),
        };
        Self {
            name: record.name.to_string(),
            kind: kind.to_owned(),
            place: place.to_owned(),
            value: value.clone(),
        }
    }

    /// `None` for a kind of a newer version.
    pub(super) fn record(self) -> Option<ValidationRecord> {
        let Self { place, value, .. } = self;
        let task = match self.kind.as_str() {
            "email" => ValidationTask::Email(value),
            "file" => ValidationTask::File {
                url: place,
                content: value,
            },
            "cname" => ValidationTask::Cname { name: place, value },
            "txt" => ValidationTask::Txt { name: place, value },
            _ => return None,
        };
        Some(ValidationRecord {
            name: DomainName::parse(&self.name).ok()?,
            task,
            done: false,
        })
    }
}
