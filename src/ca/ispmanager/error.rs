//! What went wrong on the wire, and what it means (ispmanager.md 5).

use std::fmt;

use super::document::{self, Node};
use super::wire::{Entry, Wire};
use crate::ca::http::{Reply, SendClass, SendFailure, Unserved};
use crate::domain::text::{Bilingual, Words};
use crate::failure::{Failure, Reason};
use crate::log;

/// Longest sample of an answer in the log, in characters.
const SAMPLE: usize = 2000;

/// A call without a useful answer.
#[derive(Debug)]
pub(super) enum IspmanagerError {
    /// No answer.
    Send(SendFailure),
    /// A page, a redirect or a bare status: errors of the billing itself come with 200 (2).
    Unserved(&'static str, Unserved),
    /// An answer that is no reply of a BILLmanager, or one that lacks what it is for.
    Unreadable(&'static str, Words),
    /// The billing asks for a second factor instead of answering (3).
    TwoFactor,
    /// The billing said no.
    Refused(Refusal),
    /// This program refuses to send it.
    Forbidden(&'static str, Words),
}

/// The kinds of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Credentials,
    Access,
    Address,
    Missing,
    Value,
    Exists,
    Refused,
    Funds,
    /// A type that is not in the table.
    Other,
}

/// `/doc/error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) operation: &'static str,
    pub(super) sort: Sort,
    /// The type as sent.
    word: String,
    pub(super) object: Option<String>,
    value: Option<String>,
    message: Option<String>,
}

impl Refusal {
    /// Reads the error of a reply.
    pub(super) fn read(operation: &'static str, doc: &Node, wire: &Wire) -> Option<Self> {
        let error = doc.child("error")?;
        let word = error
            .filled_attribute("type")
            .unwrap_or_default()
            .to_owned();
        let table = [
            (Entry::ErrorsFunds, Sort::Funds),
            (Entry::ErrorsCredentials, Sort::Credentials),
            (Entry::ErrorsAccess, Sort::Access),
            (Entry::ErrorsAddress, Sort::Address),
            (Entry::ErrorsMissing, Sort::Missing),
            (Entry::ErrorsValue, Sort::Value),
            (Entry::ErrorsExists, Sort::Exists),
            (Entry::ErrorsRefused, Sort::Refused),
        ];
        let sort = table
            .into_iter()
            .find(|(entry, _)| wire.holds(*entry, &word))
            .map_or(Sort::Other, |(_, sort)| sort);
        let message = ["msg", "detail"].iter().find_map(|name| error.value(name));
        Some(Self {
            operation,
            sort,
            word,
            object: error.filled_attribute("object").map(str::to_owned),
            value: error.filled_attribute("value").map(str::to_owned),
            message: message.or_else(|| error.content()).map(str::to_owned),
        })
    }

    /// Whether the error says that the asked-for service does not exist (5).
    pub(super) fn is_unknown_service(&self) -> bool {
        self.sort == Sort::Missing && self.object.as_deref().is_none_or(|object| object == "elid")
            || self.sort == Sort::Value && self.object.as_deref() == Some("elid")
    }

    /// Whether the function itself is not there for us (5, 13).
    pub(super) fn is_unknown_function(&self) -> bool {
        self.sort == Sort::Access
            || self.sort == Sort::Missing && self.object.as_deref() != Some("elid")
    }

    /// Whether this answer to an ordering call proves that nothing was bought (15). An unknown type
    /// does not, and neither does "exists already".
    pub(super) fn proves_nothing_bought(&self) -> bool {
        !matches!(self.sort, Sort::Other | Sort::Exists)
    }

    /// The failure to report.
    pub(super) fn failure(&self) -> Failure {
        let reason = match self.sort {
            Sort::Credentials => Reason::BadCredentials,
            Sort::Access => Reason::NoAccess,
            Sort::Address => Reason::AddressNotAllowed,
            Sort::Funds => Reason::LowFunds,
            Sort::Missing | Sort::Value | Sort::Exists | Sort::Refused | Sort::Other => {
                Reason::Rejected
            }
        };
        Failure::field(reason, self.operation).detail(self)
    }
}

impl Bilingual for Refusal {
    fn both(&self) -> Words {
        let word = match self.word.as_str() {
            "" => words!("without a type", "без типа"),
            word => Words::verbatim(word),
        };
        let mut text = words!("error {word}", "ошибка {word}"; word);
        if let Some(object) = &self.object {
            text = words!("{text} of '{object}'", "{text} в '{object}'"; text);
        }
        if let Some(value) = self.value.as_deref().filter(|value| value.len() <= 100) {
            text = text.map(|text| format!("{text} ('{value}')"));
        }
        if let Some(message) = &self.message {
            text = text.map(|text| format!("{text}: {message}"));
        }
        text.about(self.operation)
    }
}

impl Bilingual for IspmanagerError {
    fn both(&self) -> Words {
        match self {
            Self::Send(failure) => failure.both(),
            Self::Unserved(operation, unserved) => unserved.both().about(operation),
            Self::Unreadable(operation, why) => why.clone().about(operation),
            Self::TwoFactor => words!("a second factor is asked for", "запрошен второй фактор"),
            Self::Refused(refusal) => refusal.both(),
            Self::Forbidden(operation, why) => {
                words!("not sent, {why}", "не отправлено, {why}"; why).about(operation)
            }
        }
    }
}

impl fmt::Display for IspmanagerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.both().en())
    }
}

impl IspmanagerError {
    /// Whether going on without this answer would hide trouble of the whole account.
    pub(super) fn is_about_the_account(&self) -> bool {
        match self {
            Self::Send(_) | Self::TwoFactor | Self::Forbidden(..) => true,
            Self::Unserved(_, unserved) => unserved.concerns_all(),
            Self::Unreadable(..) => false,
            Self::Refused(refusal) => {
                matches!(refusal.sort, Sort::Credentials | Sort::Address)
            }
        }
    }
}

impl From<IspmanagerError> for Failure {
    fn from(error: IspmanagerError) -> Self {
        match error {
            IspmanagerError::Send(failure) => failure.into_failure(SendClass::Read),
            IspmanagerError::Unserved(operation, unserved) => unserved.into_failure(operation),
            IspmanagerError::Unreadable(operation, why) => {
                Self::field(Reason::UnreadableAnswer, operation).detail(why)
            }
            IspmanagerError::TwoFactor => Self::new(Reason::TwoFactorOn),
            IspmanagerError::Refused(refusal) => refusal.failure(),
            IspmanagerError::Forbidden(operation, why) => {
                Self::new(Reason::Internal).detail(why.about(operation))
            }
        }
    }
}

/// Reads the document of an answer; a refusal is an error. What cannot be read is kept in the log.
pub(super) fn accepted(
    operation: &'static str,
    reply: &Reply,
    wire: &Wire,
) -> Result<Node, IspmanagerError> {
    if let Some(unserved) = reply.unserved() {
        keep_sample(operation, reply);
        return Err(IspmanagerError::Unserved(operation, unserved));
    }
    let doc = document::read(&reply.body).map_err(|why| {
        keep_sample(operation, reply);
        IspmanagerError::Unreadable(operation, why)
    })?;
    match Refusal::read(operation, &doc, wire) {
        Some(refusal) => Err(IspmanagerError::Refused(refusal)),
        None => Ok(doc),
    }
}

/// Writes an unrecognised answer to the log, where it is masked.
pub(super) fn keep_sample(operation: &str, reply: &Reply) {
    let sample: String = reply.text().chars().take(SAMPLE).collect();
    log!(
        Http,
        Error,
        "{operation}: unrecognised answer of {} bytes: {sample}",
        reply.body.len()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> Refusal {
        let doc = document::read(text.as_bytes()).unwrap();
        Refusal::read("certificate.edit", &doc, &Wire::default()).unwrap()
    }

    #[test]
    fn error_types_mean_what_the_table_says() {
        let cases = [
            ("auth", Reason::BadCredentials, true),
            ("badpassword", Reason::BadCredentials, true),
            ("noauth", Reason::BadCredentials, true),
            ("session", Reason::BadCredentials, true),
            ("authtype", Reason::BadCredentials, true),
            ("access", Reason::NoAccess, true),
            (
                "captcha_verification_failed",
                Reason::AddressNotAllowed,
                true,
            ),
            ("missed", Reason::Rejected, true),
            ("value", Reason::Rejected, true),
            ("limit", Reason::Rejected, true),
            ("license", Reason::Rejected, true),
            ("wizard_unavailable", Reason::Rejected, true),
            ("exists", Reason::Rejected, false),
            ("never_seen", Reason::Rejected, false),
            ("", Reason::Rejected, false),
        ];
        for (word, reason, proof) in cases {
            let refusal = refusal(&format!(
                "<doc><error type=\"{word}\"><msg>no</msg></error></doc>"
            ));
            assert_eq!(refusal.failure().reason(), reason, "{word}");
            assert_eq!(refusal.proves_nothing_bought(), proof, "{word}");
        }
    }

    #[test]
    fn money_is_recognised_once_the_site_names_its_type() {
        let doc = document::read(b"<doc><error type=\"low_balance\"/></doc>").unwrap();
        let wire = Wire::corrected("ErrorsFunds low_balance,no_money");
        let refusal = Refusal::read("x", &doc, &wire).unwrap();
        assert_eq!(refusal.failure().reason(), Reason::LowFunds);
        assert!(refusal.proves_nothing_bought());
    }

    #[test]
    fn the_words_of_the_billing_are_kept() {
        let cases = [
            (
                "<doc><error type=\"value\" object=\"approver_email_1\" value=\"x\"><param name=\"object\">o</param><msg>Wrong</msg></error></doc>",
                "certificate.edit: error value of 'approver_email_1' ('x'): Wrong",
            ),
            (
                "<doc><error type=\"auth\"><detail>Bad login</detail></error></doc>",
                "certificate.edit: error auth: Bad login",
            ),
            (
                "<doc><error>Text</error></doc>",
                "certificate.edit: error without a type: Text",
            ),
        ];
        for (text, words) in cases {
            assert_eq!(refusal(text).both().en(), words);
        }
    }

    #[test]
    fn an_unknown_service_is_told_from_an_unknown_function() {
        let cases = [
            (
                "<doc><error type=\"missed\" object=\"elid\"/></doc>",
                true,
                false,
            ),
            (
                "<doc><error type=\"value\" object=\"elid\" value=\"5\"/></doc>",
                true,
                false,
            ),
            (
                "<doc><error type=\"value\" object=\"CN\"/></doc>",
                false,
                false,
            ),
            (
                "<doc><error type=\"missed\" object=\"certificate.edit\"/></doc>",
                false,
                true,
            ),
            ("<doc><error type=\"missed\"/></doc>", true, true),
            ("<doc><error type=\"access\"/></doc>", false, true),
        ];
        for (text, service, function) in cases {
            let refusal = refusal(text);
            assert_eq!(refusal.is_unknown_service(), service, "{text}");
            assert_eq!(refusal.is_unknown_function(), function, "{text}");
        }
    }
}
