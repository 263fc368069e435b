//! From what came back to what is to be done: one function for calls that buy nothing, one for calls
//! that may have bought something. On a paid call only codes that prove "nothing was bought" are
//! final; everything else has to be looked up.

use super::codes::Class::{
    self, Address, Credentials, Form, Funds, Locked, NoOrder, NoProof, PastIt, Refused,
    RefusedOrDone, Trouble, Unclear, Used,
};
use super::codes::look_up;
use super::envelope::Unusable;
use super::model::reply::{ApiError, Header};
use crate::ca::Unplaced;
use crate::ca::http::{SendClass, SendFailure, Unserved};
use crate::domain::IntentKey;
use crate::domain::text::{Bilingual, Words};
use crate::failure::{Failure, Reason};

/// The calls that have a published proof looked at now.
const ON_DEMAND: [&str; 2] = ["DVDNSVerificationForIssue", "URLVerificationForIssue"];

/// One error of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) class: Class,
    text: Words,
}

impl Fault {
    fn read(error: &ApiError) -> Self {
        let code = error
            .error_code
            .as_deref()
            .and_then(|code| code.parse().ok());
        let (class, meaning) = look_up(code);
        let code = match error.error_code.as_deref() {
            Some(code) => Words::verbatim(code),
            None => words!("error", "ошибка"),
        };
        let mut more = String::new();
        if let Some(field) = &error.error_field {
            more.push_str(&format!(" [{field}]"));
        }
        if let Some(words) = &error.error_message {
            more.push_str(&format!(": {words}"));
        }
        let text = Words::joined([code, meaning.both()], " ").map(|text| format!("{text}{more}"));
        Self { class, text }
    }
}

/// What a call came to, when it did not come to an answer of success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GlobalSignError {
    /// No complete answer.
    Send(SendFailure),
    /// A page, a redirect or a bare status in the place of an answer.
    Unserved(Unserved),
    /// An unusable envelope.
    Unusable {
        /// HTTP status.
        status: u16,
        /// What was wrong with the body.
        why: Unusable,
    },
    /// SuccessCode -1.
    Refused(Vec<Fault>),
}

/// The verdict of a result header: remarks of a success, or the error.
///
/// SuccessCode 1 means that the order was accepted but is held for review: a success with remarks.
pub(super) fn verdict(header: Option<&Header>) -> Result<Vec<Words>, GlobalSignError> {
    let missing = |why: Words| GlobalSignError::Unusable {
        status: 200,
        why: Unusable::Malformed(why),
    };
    let header = header.ok_or_else(|| {
        missing(words!(
            "the answer has no result header",
            "в ответе нет заголовка с результатом"
        ))
    })?;
    let faults: Vec<_> = header
        .errors
        .iter()
        .flat_map(|errors| &errors.errors)
        .filter(|error| **error != ApiError::default())
        .map(Fault::read)
        .collect();
    let code: Option<i32> = header.success_code.as_deref().and_then(|c| c.parse().ok());
    match code {
        Some(0 | 1) => Ok(faults.into_iter().map(|fault| fault.text).collect()),
        Some(-1) => Err(GlobalSignError::Refused(faults)),
        _ => Err(missing(words!(
            "the answer's SuccessCode is not 0, 1 or -1",
            "SuccessCode ответа не равен 0, 1 или -1"
        ))),
    }
}

impl GlobalSignError {
    /// The class of a refusal: the one that decides when several errors came. What leaves the outcome
    /// open weighs most, then what concerns the whole account.
    pub(super) fn class(&self) -> Option<Class> {
        let Self::Refused(faults) = self else {
            return None;
        };
        let weight = |class: Class| match class {
            Used => 0,
            Unclear => 1,
            RefusedOrDone => 2,
            Trouble => 3,
            Locked => 4,
            Address => 5,
            Credentials => 6,
            Funds => 7,
            PastIt => 8,
            NoOrder => 9,
            NoProof => 10,
            Form => 11,
            Refused => 12,
        };
        Some(
            faults
                .iter()
                .map(|fault| fault.class)
                .min_by_key(|class| weight(*class))
                .unwrap_or(Unclear),
        )
    }

    /// The failure of a call that buys nothing.
    pub(super) fn into_read_failure(self, operation: &str) -> Failure {
        let class = self.class();
        let words = self.words();
        let failure = match (self, class) {
            (Self::Send(failure), _) => return failure.into_failure(SendClass::Read),
            (Self::Unserved(unserved), _) => return unserved.into_failure(operation),
            (Self::Unusable { status, why }, _) => match why {
                Unusable::Malformed(_) if (200..300).contains(&status) => {
                    Failure::field(Reason::UnreadableAnswer, operation)
                }
                _ => Failure::new(Reason::VendorTrouble),
            },
            (Self::Refused(_), Some(Trouble)) => Failure::new(Reason::VendorTrouble),
            // Elsewhere nothing is waited for: there may be no order yet.
            (Self::Refused(_), Some(NoProof)) if ON_DEMAND.contains(&operation) => {
                Failure::new(Reason::NotReady)
            }
            (Self::Refused(_), class) => final_failure(class),
        };
        failure.detail(words)
    }

    /// The outcome of a call that may have bought something: only a refusal that proves it is one.
    pub(super) fn into_unplaced(self, key: &IntentKey) -> Unplaced {
        let class = self.class();
        let words = self.words();
        match (self, class) {
            (Self::Send(failure), _) => failure.into_unplaced(key),
            (Self::Unserved(_) | Self::Unusable { .. }, _)
            | (Self::Refused(_), Some(Trouble | Unclear | RefusedOrDone | Used | PastIt) | None) => {
                Unplaced::unknown(key, words)
            }
            (Self::Refused(_), class) => Unplaced::Refused(final_failure(class).detail(words)),
        }
    }

    /// What happened, in one line.
    pub(super) fn words(&self) -> Words {
        match self {
            Self::Send(failure) => failure.both(),
            Self::Unserved(unserved) => unserved.both(),
            Self::Unusable { status: 200, why } => why.both(),
            Self::Unusable { status, why } => {
                words!("HTTP status {status}: {why}", "статус HTTP {status}: {why}"; why)
            }
            Self::Refused(faults) if faults.is_empty() => {
                words!(
                    "the vendor refused without naming an error",
                    "поставщик отказал, не назвав ошибки"
                )
            }
            Self::Refused(faults) => {
                Words::joined(faults.iter().map(|fault| fault.text.clone()), "; ")
            }
        }
    }
}

fn final_failure(class: Option<Class>) -> Failure {
    Failure::new(match class {
        Some(Credentials) => Reason::BadCredentials,
        Some(Address) => Reason::AddressNotAllowed,
        Some(Locked) => Reason::AccountLocked,
        Some(Funds) => Reason::LowFunds,
        _ => Reason::Rejected,
    })
}

#[cfg(test)]
mod tests {
    use super::super::codes::CODES;
    use super::*;
    use crate::failure::FailureKind;

    fn refusal(codes: &[&str]) -> GlobalSignError {
        GlobalSignError::Refused(
            codes
                .iter()
                .map(|code| {
                    Fault::read(&ApiError {
                        error_code: Some((*code).to_owned()),
                        error_field: Some("Field".to_owned()),
                        error_message: Some("words".to_owned()),
                    })
                })
                .collect(),
        )
    }

    #[test]
    fn account_troubles_have_four_different_texts() {
        let cases = [
            ("-4001", Reason::BadCredentials),
            ("-4201", Reason::AddressNotAllowed),
            ("-9939", Reason::AccountLocked),
            ("-6101", Reason::LowFunds),
            ("-9911", Reason::LowFunds),
            ("-9912", Reason::LowFunds),
        ];
        for (code, reason) in cases {
            assert_eq!(refusal(&[code]).into_read_failure("X").reason(), reason);
            assert_eq!(
                refusal(&[code])
                    .into_unplaced(&IntentKey::new("k"))
                    .failure()
                    .reason(),
                reason
            );
        }
    }

    #[test]
    fn a_paid_call_is_final_only_when_nothing_can_have_been_bought() {
        for (code, class, _) in CODES {
            let failure = refusal(&[&code.to_string()])
                .into_unplaced(&IntentKey::new("k"))
                .failure();
            let open = matches!(class, Trouble | Unclear | RefusedOrDone | Used | PastIt);
            assert_eq!(failure.kind() == FailureKind::Unknown, open, "{code}");
            assert!(
                matches!(
                    failure.kind(),
                    FailureKind::Unknown
                        | FailureKind::Rejected
                        | FailureKind::Auth
                        | FailureKind::Funds
                ),
                "{code}"
            );
        }
        for code in ["-12345", "", "abc", "-9400"] {
            let failure = refusal(&[code])
                .into_unplaced(&IntentKey::new("k"))
                .failure();
            assert_eq!(failure.kind(), FailureKind::Unknown, "{code}");
        }
        assert_eq!(
            refusal(&["-9420"])
                .into_unplaced(&IntentKey::new("k"))
                .failure()
                .kind(),
            FailureKind::Rejected
        );
        assert_eq!(
            refusal(&[])
                .into_unplaced(&IntentKey::new("k"))
                .failure()
                .kind(),
            FailureKind::Unknown
        );
        // One doubtful code among final ones leaves the outcome open.
        assert_eq!(
            refusal(&["-101", "-1"])
                .into_unplaced(&IntentKey::new("k"))
                .failure()
                .kind(),
            FailureKind::Unknown
        );
        assert_eq!(
            refusal(&["-101", "-4001"])
                .into_unplaced(&IntentKey::new("k"))
                .failure()
                .kind(),
            FailureKind::Auth
        );
    }

    #[test]
    fn reads_are_repeated_only_in_trouble() {
        let kind = |code: &str| refusal(&[code]).into_read_failure("X").kind();
        assert_eq!(kind("-1"), FailureKind::Transient);
        assert_eq!(kind("-201"), FailureKind::Transient);
        assert_eq!(kind("-9942"), FailureKind::Transient);
        assert_eq!(kind("-102"), FailureKind::Rejected);
        assert_eq!(kind("-9916"), FailureKind::Rejected);
    }

    /// "Not ready" is said of an order, and only a look at its proof has one.
    #[test]
    fn a_missing_proof_is_awaited_where_it_was_looked_for() {
        for code in ["-3002", "-3026", "-4147"] {
            for (operation, kind) in [
                ("DVDNSVerificationForIssue", FailureKind::Pending),
                ("URLVerificationForIssue", FailureKind::Pending),
                ("GetDVApproverList", FailureKind::Rejected),
                ("ModifyOrder", FailureKind::Rejected),
            ] {
                let failure = refusal(&[code]).into_read_failure(operation);
                assert_eq!(failure.kind(), kind, "{operation} {code}");
            }
        }
    }

    #[test]
    fn a_refusal_shows_code_meaning_field_and_words() {
        assert_eq!(
            refusal(&["-102"]).words().en(),
            "-102 a mandatory parameter is missing [Field]: words"
        );
    }

    #[test]
    fn unusable_answers_are_trouble_unreadable_or_unknown() {
        let page = |status| GlobalSignError::Unusable {
            status,
            why: Unusable::Malformed(Words::verbatim("the answer is <html>, not a SOAP envelope")),
        };
        assert_eq!(
            page(200).into_read_failure("X").kind(),
            FailureKind::Protocol
        );
        assert_eq!(
            page(503).into_read_failure("X").kind(),
            FailureKind::Transient
        );
        assert_eq!(
            page(200)
                .into_unplaced(&IntentKey::new("k"))
                .failure()
                .kind(),
            FailureKind::Unknown
        );
        assert_eq!(
            page(503)
                .into_unplaced(&IntentKey::new("k"))
                .failure()
                .kind(),
            FailureKind::Unknown
        );
        let lost = GlobalSignError::Send(SendFailure::Lost(Words::verbatim("x")));
        assert_eq!(
            lost.clone()
                .into_unplaced(&IntentKey::new("k"))
                .failure()
                .kind(),
            FailureKind::Unknown
        );
        assert_eq!(lost.into_read_failure("X").kind(), FailureKind::Transient);
        let refused = GlobalSignError::Send(SendFailure::NotSent(Words::verbatim("x")));
        assert_eq!(
            refused.into_unplaced(&IntentKey::new("k")).failure().kind(),
            FailureKind::Transient
        );
    }

    #[test]
    fn success_code_one_is_a_success_with_remarks() {
        let header = |code: Option<&str>| Header {
            success_code: code.map(str::to_owned),
            errors: Some(super::super::model::reply::Errors {
                errors: vec![ApiError {
                    error_code: Some("-5001".to_owned()),
                    ..ApiError::default()
                }],
            }),
        };
        assert_eq!(
            verdict(Some(&header(Some("1")))).unwrap()[0].en(),
            "-5001 the name is held for a phishing review"
        );
        assert!(matches!(
            verdict(Some(&header(Some("-1")))),
            Err(GlobalSignError::Refused(_))
        ));
        for code in [None, Some("2"), Some("-2"), Some("ok")] {
            assert!(
                matches!(
                    verdict(Some(&header(code))),
                    Err(GlobalSignError::Unusable { .. })
                ),
                "{code:?}"
            );
        }
        assert!(verdict(None).is_err());
    }
}
