//! The vendor's error codes (globalsign.md 9): the only table of what they mean.

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
    /// The form of the request, which differs from call to call: nothing happened.
    Form,
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
    Address, Credentials, Form, Funds, Locked, NoOrder, NoProof, PastIt, Refused, Trouble, Unclear,
    Used,
};

/// Every code of the reference. The texts are ours; the vendor's own text is shown beside them.
pub(super) const CODES: &[(i32, Class, &str)] = &[
    // Also the answer to an unknown order number and to a refused renewal.
    (-1, Trouble, "internal error of the vendor"),
    (-101, Form, "a parameter is invalid"),
    (-102, Form, "a mandatory parameter is missing"),
    (-103, Form, "a parameter is too long"),
    (-104, Form, "a parameter has the wrong format"),
    (-105, Form, "a combination of parameters is not allowed"),
    (-109, Form, "a parameter is missing"),
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

/// What a code asks for, and its meaning in our words. An unlisted code says nothing.
pub(super) fn look_up(code: Option<i32>) -> (Class, &'static str) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
