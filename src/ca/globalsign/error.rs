//! The vendor's error codes and what they mean for us (globalsign.md 9).
//!
//! One table says what a code means; two functions read it, one for calls that buy nothing and one
//! for calls that may have bought something. On a paid call only codes that prove "nothing was
//! bought" are final; everything else has to be looked up.

use super::envelope::Unusable;
use super::model::reply::{ApiError, Header};
use crate::ca::http::SendFailure;
use crate::failure::{Failure, Reason};

/// What a code asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// User name or password, or a user that may not use the API.
    Credentials,
    /// Our address is not on the allow-list.
    Address,
    /// The account is invalid, stopped or locked.
    Locked,
    /// Not enough money.
    Funds,
    /// The data or the account's rights do not allow it: nothing happened, and nothing will without
    /// a change.
    Refused,
    /// There is no such order, or it is another account's.
    NoOrder,
    /// The number of a pre-numbered order has been used: the order exists.
    Used,
    /// The order is already in the state that was asked for, or past it.
    PastIt,
    /// The published proof was not found.
    NoProof,
    /// The vendor is in trouble: a read may be repeated, a paid call may have gone through.
    Trouble,
    /// Says nothing about the outcome.
    Unclear,
}

use Class::{
    Address, Credentials, Funds, Locked, NoOrder, NoProof, PastIt, Refused, Trouble, Unclear, Used,
};

/// Every code of the reference. The texts are ours; the vendor's own text is shown beside them.
const CODES: &[(i32, Class, &str)] = &[
    // Also the answer to an unknown order number and to a refused renewal.
    (-1, Trouble, "internal error of the vendor"),
    (-101, Refused, "a parameter is invalid"),
    (-102, Refused, "a mandatory parameter is missing"),
    (-103, Refused, "a parameter is too long"),
    (-104, Refused, "a parameter has the wrong format"),
    (-105, Refused, "a combination of parameters is not allowed"),
    (-109, Refused, "a parameter is missing"),
    (-201, Trouble, "system error of the vendor"),
    (-300, Trouble, "database error of the vendor"),
    (-301, Trouble, "database error of the vendor"),
    (-2001, Unclear, "the notification mail could not be sent"),
    (-3002, NoProof, "the domain is not found in WHOIS"),
    (
        -3012,
        NoProof,
        "the domain could not be validated by a DNS look-up",
    ),
    (-3013, Trouble, "the vendor's DNS service is not available"),
    (-3019, Trouble, "the vendor's DNS service is not available"),
    (-3022, NoProof, "the SOA record is not found"),
    (-3025, NoProof, "the SOA record is not found"),
    (-3026, NoProof, "the TXT record is not found"),
    (-4001, Credentials, "user name or password is wrong"),
    (-4003, NoOrder, "the order does not exist"),
    (-4004, Used, "the order number has been used already"),
    (-4005, Refused, "refused by the vendor's business rules"),
    (
        -4006,
        Refused,
        "the CSR does not fit the order: common name, key type or length",
    ),
    (-4007, Refused, "the CSR is invalid"),
    (
        -4008,
        Refused,
        "the certificate to transfer from is expired, of another name or not reachable",
    ),
    (-4009, Refused, "the approver address is not allowed"),
    // Whose reissue it was is not said: it may be the one whose answer was lost.
    (-4016, Unclear, "the certificate has been reissued already"),
    (
        -4083,
        Refused,
        "the common name is outside the account's domains",
    ),
    (-4147, NoProof, "the proof of domain control is not found"),
    (
        -4201,
        Address,
        "this server's address is not registered for the API",
    ),
    (-5001, Unclear, "the name is held for a phishing review"),
    (
        -6002,
        Refused,
        "the certificate to transfer from cannot be read",
    ),
    (
        -6007,
        Refused,
        "the key is in use under another common name",
    ),
    (-6017, Refused, "too many additional names"),
    (-6018, Refused, "an additional name is invalid"),
    (
        -6021,
        Refused,
        "the common name of the CSR differs from the order's",
    ),
    (-6035, Unclear, "warning about the validity period"),
    (-6101, Funds, "the balance is too low"),
    (
        -6102,
        Refused,
        "the renewal is refused: other common name, old order not issued or already renewed",
    ),
    (-9025, Refused, "the account may not renew that order"),
    (-9100, Unclear, "the request cannot be processed"),
    (
        -9101,
        Refused,
        "an additional name has an illegal option type",
    ),
    (-9151, Refused, "the order was placed with a CSR"),
    (-9152, Refused, "the address to verify has the wrong format"),
    (
        -9200,
        Credentials,
        "this kind of user may not use the operation",
    ),
    (-9901, Refused, "the account may not order this product"),
    (-9902, NoOrder, "the account has no right to this order"),
    (-9911, Funds, "insufficient funds"),
    (-9912, Funds, "insufficient funds"),
    (-9913, Refused, "the coupon is unknown"),
    (-9914, Refused, "the coupon or campaign is not valid"),
    (-9915, PastIt, "the order is cancelled already"),
    (-9916, NoOrder, "the order is not found"),
    (-9918, Refused, "the coupon or campaign is not valid"),
    (-9919, Refused, "the coupon or campaign is not valid"),
    (-9920, Refused, "the coupon or campaign is not valid"),
    (
        -9922,
        Refused,
        "the coupon or campaign is of another currency",
    ),
    (
        -9925,
        Refused,
        "the common name does not fit the product's base option",
    ),
    (-9933, Refused, "the dates exceed the period"),
    (-9934, Refused, "the top-level domain is banned"),
    (-9936, Refused, "the key is too short or known to be weak"),
    (-9938, PastIt, "the state of the order has changed already"),
    (-9939, Locked, "the account is invalid, stopped or locked"),
    (
        -9940,
        Refused,
        "the dates are in the past, or the key was revoked before",
    ),
    (
        -9942,
        Trouble,
        "the vendor's issuing system did not accept the request",
    ),
    (
        -9943,
        Trouble,
        "the vendor's issuing system could not issue",
    ),
    (
        -9949,
        Refused,
        "the end date is beyond the allowed lifetime",
    ),
    (-9952, Refused, "the top-level domain is not supported"),
    (
        -9953,
        Refused,
        "the country or region is not allowed for this account",
    ),
    (
        -9961,
        Refused,
        "the elliptic curve is not allowed: use P-256 or P-384",
    ),
    (
        -9962,
        Refused,
        "compressed elliptic curve keys are not allowed",
    ),
    (-9964, Refused, "hash and key do not fit each other"),
    (-9971, Refused, "internal names are not certified"),
];

/// -9401 to -9450 belong to the vendor's other API; whatever they mean, nothing was done.
const OTHER_API: std::ops::RangeInclusive<i32> = -9450..=-9401;

fn look_up(code: Option<i32>) -> (Class, &'static str) {
    match code {
        Some(code) if OTHER_API.contains(&code) => {
            (Refused, "not allowed by the account's profile")
        }
        Some(code) => CODES
            .iter()
            .find(|(known, _, _)| *known == code)
            .map_or((Unclear, "code not documented"), |(_, class, text)| {
                (*class, text)
            }),
        None => (Unclear, "no code given"),
    }
}

/// One error of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) class: Class,
    text: String,
}

impl Fault {
    fn read(error: &ApiError) -> Self {
        let code = error
            .error_code
            .as_deref()
            .and_then(|code| code.parse().ok());
        let (class, meaning) = look_up(code);
        let mut text = format!(
            "{} {meaning}",
            error.error_code.as_deref().unwrap_or("error")
        );
        if let Some(field) = &error.error_field {
            text.push_str(&format!(" [{field}]"));
        }
        if let Some(words) = &error.error_message {
            text.push_str(&format!(": {words}"));
        }
        Self { class, text }
    }
}

/// What a call came to, when it did not come to an answer of success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum VendorError {
    /// No complete answer.
    Send(SendFailure),
    /// An answer with a bad HTTP status and no usable envelope, or an unusable envelope.
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
pub(super) fn verdict(header: Option<&Header>) -> Result<Vec<String>, VendorError> {
    let missing = |why: &str| VendorError::Unusable {
        status: 200,
        why: Unusable::Malformed(why.to_owned()),
    };
    let header = header.ok_or_else(|| missing("the answer has no result header"))?;
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
        Some(-1) => Err(VendorError::Refused(faults)),
        _ => Err(missing("the answer's SuccessCode is not 0, 1 or -1")),
    }
}

impl VendorError {
    /// The class of a refusal: the one that decides when several errors came. What leaves the outcome
    /// open weighs most, then what concerns the whole account.
    pub(super) fn class(&self) -> Option<Class> {
        let Self::Refused(faults) = self else {
            return None;
        };
        let weight = |class: Class| match class {
            Used => 0,
            Unclear => 1,
            Trouble => 2,
            Locked => 3,
            Address => 4,
            Credentials => 5,
            Funds => 6,
            PastIt => 7,
            NoOrder => 8,
            NoProof => 9,
            Refused => 10,
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
            (Self::Send(failure), _) => match failure {
                SendFailure::NotSent(_) => Failure::new(Reason::Unreachable),
                SendFailure::Lost(_) => Failure::new(Reason::VendorTrouble),
            },
            (Self::Unusable { status, why }, _) => match why {
                Unusable::Malformed(_) if (200..300).contains(&status) => {
                    Failure::field(Reason::UnreadableAnswer, operation)
                }
                _ => Failure::new(Reason::VendorTrouble),
            },
            (Self::Refused(_), Some(Trouble)) => Failure::new(Reason::VendorTrouble),
            (Self::Refused(_), Some(NoProof)) => Failure::new(Reason::NotReady),
            (Self::Refused(_), class) => final_failure(class),
        };
        failure.detail(words)
    }

    /// The failure of a call that may have bought something. `Refused` and its like promise that
    /// nothing was bought; everything open is [`Reason::OutcomeUnknown`] of that intent.
    pub(super) fn into_paid_failure(self, intent: &str) -> Failure {
        let class = self.class();
        let words = self.words();
        let open = || Failure::new(Reason::OutcomeUnknown).value(intent);
        let failure = match (&self, class) {
            (Self::Send(SendFailure::NotSent(_)), _) => Failure::new(Reason::Unreachable),
            (Self::Send(SendFailure::Lost(_)) | Self::Unusable { .. }, _) => open(),
            (Self::Refused(_), Some(Trouble | Unclear | Used | PastIt) | None) => open(),
            (Self::Refused(_), class) => final_failure(class),
        };
        failure.detail(words)
    }

    /// What happened, in one line.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Send(failure) => failure.to_string(),
            Self::Unusable { status: 200, why } => why.to_string(),
            Self::Unusable { status, why } => format!("HTTP status {status}: {why}"),
            Self::Refused(faults) if faults.is_empty() => {
                "the vendor refused without naming an error".to_owned()
            }
            Self::Refused(faults) => {
                let texts: Vec<_> = faults.iter().map(|fault| fault.text.as_str()).collect();
                texts.join("; ")
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
    use super::*;
    use crate::failure::Kind;

    fn refusal(codes: &[&str]) -> VendorError {
        VendorError::Refused(
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
    fn the_table_holds_each_code_once() {
        for (index, (code, _, text)) in CODES.iter().enumerate() {
            assert!(*code < 0 && !text.is_empty());
            assert!(
                CODES
                    .iter()
                    .skip(index + 1)
                    .all(|(other, ..)| other != code),
                "{code}"
            );
        }
        assert_eq!(CODES.len(), 73);
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
            assert_eq!(refusal(&[code]).into_paid_failure("k").reason(), reason);
        }
    }

    #[test]
    fn a_paid_call_is_final_only_when_nothing_can_have_been_bought() {
        for (code, class, _) in CODES {
            let failure = refusal(&[&code.to_string()]).into_paid_failure("k");
            let open = matches!(class, Trouble | Unclear | Used | PastIt);
            assert_eq!(failure.kind() == Kind::Unknown, open, "{code}");
            assert!(
                matches!(
                    failure.kind(),
                    Kind::Unknown | Kind::Rejected | Kind::Auth | Kind::Funds
                ),
                "{code}"
            );
        }
        for code in ["-12345", "", "abc", "-9400"] {
            let failure = refusal(&[code]).into_paid_failure("k");
            assert_eq!(failure.kind(), Kind::Unknown, "{code}");
        }
        assert_eq!(
            refusal(&["-9420"]).into_paid_failure("k").kind(),
            Kind::Rejected
        );
        assert_eq!(refusal(&[]).into_paid_failure("k").kind(), Kind::Unknown);
        // One doubtful code among final ones leaves the outcome open.
        assert_eq!(
            refusal(&["-101", "-1"]).into_paid_failure("k").kind(),
            Kind::Unknown
        );
        assert_eq!(
            refusal(&["-101", "-4001"]).into_paid_failure("k").kind(),
            Kind::Auth
        );
    }

    #[test]
    fn reads_are_repeated_only_in_trouble() {
        let kind = |code: &str| refusal(&[code]).into_read_failure("X").kind();
        assert_eq!(kind("-1"), Kind::Transient);
        assert_eq!(kind("-201"), Kind::Transient);
        assert_eq!(kind("-9942"), Kind::Transient);
        assert_eq!(kind("-102"), Kind::Rejected);
        assert_eq!(kind("-4147"), Kind::Pending);
        assert_eq!(kind("-3026"), Kind::Pending);
        assert_eq!(kind("-9916"), Kind::Rejected);
    }

    #[test]
    fn a_refusal_shows_code_meaning_field_and_words() {
        assert_eq!(
            refusal(&["-102"]).words(),
            "-102 a mandatory parameter is missing [Field]: words"
        );
    }

    #[test]
    fn unusable_answers_are_trouble_unreadable_or_unknown() {
        let page = |status| VendorError::Unusable {
            status,
            why: Unusable::Malformed("the answer is <html>, not a SOAP envelope".to_owned()),
        };
        assert_eq!(page(200).into_read_failure("X").kind(), Kind::Protocol);
        assert_eq!(page(503).into_read_failure("X").kind(), Kind::Transient);
        assert_eq!(page(200).into_paid_failure("k").kind(), Kind::Unknown);
        assert_eq!(page(503).into_paid_failure("k").kind(), Kind::Unknown);
        let lost = VendorError::Send(SendFailure::Lost("x".to_owned()));
        assert_eq!(lost.clone().into_paid_failure("k").kind(), Kind::Unknown);
        assert_eq!(lost.into_read_failure("X").kind(), Kind::Transient);
        let refused = VendorError::Send(SendFailure::NotSent("x".to_owned()));
        assert_eq!(refused.into_paid_failure("k").kind(), Kind::Transient);
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
            verdict(Some(&header(Some("1")))).unwrap(),
            ["-5001 the name is held for a phishing review"]
        );
        assert!(matches!(
            verdict(Some(&header(Some("-1")))),
            Err(VendorError::Refused(_))
        ));
        for code in [None, Some("2"), Some("-2"), Some("ok")] {
            assert!(
                matches!(
                    verdict(Some(&header(code))),
                    Err(VendorError::Unusable { .. })
                ),
                "{code:?}"
            );
        }
        assert!(verdict(None).is_err());
    }
}
