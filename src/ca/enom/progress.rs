//! What a slot's state means (enom.md 11): decided by its number, cross-checked with its text, and
//! never beyond what the certificate in the answer supports.

use super::model::Detail;
use crate::ca::{Progress, Reference, Stage, ValidationRecord, ValidationTask};
use crate::certificate::{Certificate, Csr, files_of_delivery, leaf_of};
use crate::domain::DomainName;

/// A documented state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Paid for and not submitted.
    Blank,
    /// Submitted.
    Pending,
    /// The approver said no; configurable again.
    Declined,
    /// A certificate is said to exist.
    Issued,
    /// Refunded before a certificate was issued.
    RefundedUnissued,
    /// Refunded or revoked afterwards.
    RefundedIssued,
}

/// Number, text in lower case, meaning. Retired numbers (3, 5, 11) are left out on purpose.
const STATES: [(u32, &str, State); 10] = [
    (1, "awaiting configuration", State::Blank),
    (2, "processing", State::Pending),
    (4, "certificate issued", State::Issued),
    (6, "rejected by customer", State::Declined),
    (7, "refunded - no cert issued", State::RefundedUnissued),
    (
        REFUNDED_ISSUED,
        "refunded - cert issued",
        State::RefundedIssued,
    ),
    (9, "approval email sent", State::Pending),
    (10, "approved by domain owner", State::Pending),
    (12, "pending installation", State::Issued),
    (13, "cert installed", State::Issued),
];

/// Numbers of slots that can be configured.
pub(super) const BLANK: u32 = 1;
/// See [`State::Declined`].
pub(super) const DECLINED: u32 = 6;
/// See [`State::RefundedIssued`].
pub(super) const REFUNDED_ISSUED: u32 = 8;
/// The domain's owner has approved.
const APPROVED: u32 = 10;

/// The state by number.
pub(super) fn state(detail: &Detail) -> Option<State> {
    state_by_number(detail.status?)
}

/// The state of a number (enom.md 11).
pub(super) fn state_by_number(number: u32) -> Option<State> {
    let known = STATES.iter().find(|(known, ..)| *known == number);
    known.map(|(_, _, state)| *state)
}

/// The text names another state than the number.
fn is_contradictory(detail: &Detail) -> bool {
    let text = detail.status_text.as_deref().unwrap_or_default();
    let text = text.to_lowercase();
    match STATES.iter().find(|(_, known, _)| *known == text) {
        Some((_, _, said)) => state(detail) != Some(*said),
        // A word outside the table beside a number that ends an order.
        None => !text.is_empty(),
    }
}

/// The vendor's words for people.
pub(super) fn words(detail: &Detail) -> String {
    let number = detail
        .status
        .map_or_else(|| "no number".to_owned(), |number| number.to_string());
    let text = detail.status_text.as_deref().unwrap_or("no text");
    let mut words = format!("{text} ({number})");
    for remark in detail.remarks.iter().chain(&detail.check) {
        words.push_str("; ");
        words.push_str(remark);
    }
    words
}

/// Whether the certificate in a slot fits the current CSR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// There is none.
    None,
    /// There is something that claims to be one and cannot be read: who fetches it says so.
    Unreadable,
    /// It is for the CSR's key, or there is no CSR to compare with.
    Ours,
    /// It is for another key: the one being replaced by a reissue.
    Other,
}

/// Looks at the certificate in a slot.
pub(super) fn body(detail: &Detail, csr_pem: Option<&str>) -> Body {
    let Some(certificate) = certificate(detail) else {
        return match is_delivered(detail) {
            true => Body::Unreadable,
            false => Body::None,
        };
    };
    match csr_pem.and_then(|pem| Csr::parse(pem).ok()) {
        Some(csr) if !certificate.is_for(&csr) => Body::Other,
        _ => Body::Ours,
    }
}

/// Whether a slot shows a certificate, a damaged one included; words in its place are none.
fn is_delivered(detail: &Detail) -> bool {
    let content = detail.certificate.as_deref().unwrap_or_default();
    !matches!(files_of_delivery(content.as_bytes()), Ok(None))
}

/// The certificate in a slot.
pub(super) fn certificate(detail: &Detail) -> Option<Certificate> {
    leaf_of(detail.certificate.as_deref()?)
}

/// The stage of an order.
fn stage(detail: &Detail, body: Body) -> Stage {
    let words = words(detail);
    let contradictory = is_contradictory(detail);
    match (state(detail), body) {
        // Final words are believed when nothing speaks against them.
        (Some(State::RefundedIssued), _) if !contradictory => Stage::Cancelled(words),
        (Some(State::RefundedUnissued), Body::None) if !contradictory => Stage::Cancelled(words),
        (Some(State::RefundedIssued | State::RefundedUnissued), _) => Stage::Unknown(words),
        // A certificate counts more than the number beside it.
        (_, Body::Ours) => Stage::Issued,
        // Also a declined reissue: the certificate before it runs on.
        (_, Body::Other) => Stage::Reissuing(match &detail.reissue {
            Some(reissue) => format!("{words}; reissue: {reissue}"),
            None => format!("{words}; the certificate shown is for another key"),
        }),
        (Some(State::Declined), Body::None) => Stage::Cancelled(format!(
            "{words}; the paid slot stays in the account and can be configured again"
        )),
        // Fetching it tells what is wrong with it.
        (Some(State::Issued), Body::Unreadable) => Stage::Issued,
        (Some(State::Issued), Body::None) => {
            Stage::Pending(format!("{words}; the certificate is not there yet"))
        }
        (Some(State::Blank | State::Pending), Body::None | Body::Unreadable) => match &detail.dns {
            // The answer does not say what kind of record this is (enom.md 9).
            Some((entry, address)) => {
                Stage::Pending(format!("{words}; DNS entry {entry}, value {address}"))
            }
            None => Stage::Pending(words),
        },
        (None, Body::None) | (None | Some(State::Declined), Body::Unreadable) => {
            Stage::Unknown(words)
        }
    }
}

/// Everything a status look-up tells.
pub(super) fn progress(detail: &Detail, csr_pem: Option<&str>) -> Progress {
    let reference = detail.reference.clone();
    let body = body(detail, csr_pem);
    Progress {
        stage: stage(detail, body),
        validation: validation(detail, body).into_iter().collect(),
        // `ExpirationDate` is filled before issue, and what it means afterwards is not documented.
        term_end: None,
        references: reference
            .map(|number| (Reference::Authority, number))
            .into_iter()
            .collect(),
    }
}

/// What the client has to do; only of submitted slots, and only by the methods that are offered.
fn validation(detail: &Detail, body: Body) -> Option<ValidationRecord> {
    if !matches!(state(detail), Some(State::Pending | State::Issued)) {
        return None;
    }
    let name = DomainName::parse(detail.domain.as_deref()?).ok()?;
    let by = |method: &str| {
        let asked = detail.method.as_deref().unwrap_or_default();
        asked.eq_ignore_ascii_case(method)
    };
    let task = match (&detail.file, &detail.approver) {
        // The name is a full address or a bare file name; where a bare one belongs is not documented.
        (Some((url, content)), _) if by("File") => ValidationTask::File {
            url: url.clone(),
            content: content.clone(),
        },
        (_, Some(mailbox)) if by("Email") || by("") => ValidationTask::Email(mailbox.clone()),
        _ => return None,
    };
    let checked = detail.check.as_deref().unwrap_or_default();
    Some(ValidationRecord {
        name,
        task,
        // Beside the certificate that a reissue replaces, what is said may be of the former order.
        done: body != Body::Other
            && (detail.status == Some(APPROVED)
                || checked.eq_ignore_ascii_case("AUTHENTICATED")
                || state(detail) == Some(State::Issued)),
    })
}
