//! What the vendor's answers say about an existing order: status, dates, files.

use chrono::{DateTime, Months, TimeDelta, Utc};

use super::model::reply::OrderDetail;
use crate::ca::{Stage, VendorFiles};
use crate::certificate::files_of_delivery;

/// ISPsystem's module cancels issued certificates up to this age (globalsign.md 12); the vendor's
/// own window is not documented.
const ISSUED_WINDOW: TimeDelta = TimeDelta::days(6);

/// The same for orders that are pending.
const PENDING_WINDOW: TimeDelta = TimeDelta::days(30);

/// An instant of a reply: ISO 8601 with an offset that varies (globalsign.md 8).
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|moment| moment.with_timezone(&Utc))
}

/// An instant of a request.
pub(super) fn wire_date(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// One of the vendor's two status numbers (globalsign.md 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Initial,
    PhishingCheck,
    CancelledBeforeIssue,
    Issued,
    CancelledAfterIssue,
    WaitingForRevocation,
    Revoked,
    PendingApproval,
    Locked,
    Denied,
}

fn number(text: &str) -> Option<Number> {
    Some(match text {
        "1" => Number::Initial,
        "2" => Number::PhishingCheck,
        "3" => Number::CancelledBeforeIssue,
        "4" => Number::Issued,
        "5" => Number::CancelledAfterIssue,
        "6" => Number::WaitingForRevocation,
        "7" => Number::Revoked,
        "8" => Number::PendingApproval,
        "9" => Number::Locked,
        "10" => Number::Denied,
        _ => return None,
    })
}

impl Number {
    /// The words of a dead order.
    fn dead(self) -> Option<&'static str> {
        Some(match self {
            Self::CancelledBeforeIssue => "cancelled before issue (status 3)",
            Self::CancelledAfterIssue => "cancelled after issue (status 5)",
            Self::WaitingForRevocation => "waiting for revocation (status 6)",
            Self::Revoked => "revoked (status 7)",
            Self::Locked => "locked (status 9)",
            Self::Denied => "denied (status 10)",
            Self::Initial | Self::PhishingCheck | Self::Issued | Self::PendingApproval => {
                return None;
            }
        })
    }

    fn pending(self) -> &'static str {
        match self {
            Self::PhishingCheck => "held for a manual phishing check (status 2)",
            Self::PendingApproval => "waiting for approval (status 8)",
            _ => "waiting for validation (status 1)",
        }
    }
}

/// The statuses of an order and of its certificate.
fn statuses(detail: &OrderDetail) -> [Option<&str>; 2] {
    let order = detail.order_info.as_ref();
    let certificate = detail.certificate_info.as_ref();
    [
        order.and_then(|info| info.order_status.as_deref()),
        certificate.and_then(|info| info.certificate_status.as_deref()),
    ]
}

/// The words of an order whose certificate was withdrawn after its issue, or is about to be.
pub(super) fn withdrawn(detail: &OrderDetail) -> Option<&'static str> {
    let mut numbers = statuses(detail).into_iter().flatten().filter_map(number);
    let withdrawn = numbers.find(|number| {
        matches!(
            number,
            Number::CancelledAfterIssue | Number::WaitingForRevocation | Number::Revoked
        )
    });
    withdrawn?.dead()
}

/// The stage of an order. Dead when either status says so, issued only when the certificate's status
/// (or, without one, the order's) is 4 and the certificate is in the answer.
pub(super) fn stage(detail: &OrderDetail) -> Stage {
    let [order, certificate] = statuses(detail);
    let dead = [order, certificate]
        .into_iter()
        .flatten()
        .filter_map(number)
        .find_map(Number::dead);
    if let Some(words) = dead {
        return Stage::Cancelled(words.to_owned());
    }
    let Some(deciding) = certificate.or(order) else {
        return Stage::Unknown("no status in the answer".to_owned());
    };
    // A hold for review shows in the order's status only.
    if order.and_then(number) == Some(Number::PhishingCheck) {
        return Stage::Held(Number::PhishingCheck.pending().to_owned());
    }
    match number(deciding) {
        Some(Number::Issued) if leaf(detail).is_some() => Stage::Issued,
        Some(Number::Issued) => {
            Stage::Pending("issued, the certificate is not handed out yet (status 4)".to_owned())
        }
        Some(number) => Stage::Pending(number.pending().to_owned()),
        None => Stage::Unknown(deciding.to_owned()),
    }
}

fn leaf(detail: &OrderDetail) -> Option<&str> {
    detail
        .fulfillment
        .as_ref()?
        .server_certificate
        .as_ref()?
        .x509
        .as_deref()
}

/// Leaf, authority certificates (intermediates first) and the PKCS#7, with LF line ends. `None`
/// while the answer holds no leaf.
pub(super) fn files(detail: &OrderDetail) -> Option<VendorFiles> {
    let mut files = unwrapped("certificate.crt".to_owned(), leaf(detail)?);
    let fulfillment = detail.fulfillment.as_ref()?;
    let mut authorities: Vec<_> = fulfillment
        .ca_certificates
        .iter()
        .flat_map(|list| &list.certificates)
        .filter_map(|entry| {
            let kind = entry.kind.as_deref().unwrap_or_default();
            Some((kind.eq_ignore_ascii_case("ROOT"), entry.pem.as_deref()?))
        })
        .collect();
    authorities.sort_by_key(|(root, _)| *root);
    for (index, (_, pem)) in authorities.iter().enumerate() {
        files.extend(unwrapped(format!("authority{}.crt", index + 1), pem));
    }
    let pkcs7 = fulfillment.server_certificate.as_ref()?.pkcs7.as_deref();
    if let Some(pem) = pkcs7 {
        files.extend(unwrapped("certificate.p7b".to_owned(), pem));
    }
    Some(VendorFiles { files })
}

/// The certificates of one text, whatever it is wrapped in; the text as it came when no certificate is found in it, so
/// that what is wrong with it is told where it is read.
fn unwrapped(name: String, text: &str) -> Vec<(String, Vec<u8>)> {
    match files_of_delivery(text.as_bytes()) {
        Ok(Some(files)) => files
            .into_iter()
            .map(|(_, content)| (name.clone(), content))
            .collect(),
        Ok(None) | Err(_) => vec![(name, lines(text))],
    }
}

/// PEM with LF line ends and one at the end.
fn lines(pem: &str) -> Vec<u8> {
    let mut text = pem.replace("\r\n", "\n").replace('\r', "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.into_bytes()
}

/// End of the paid term of an order. A reissue keeps the term of its first order and tells only its own date.
pub(super) fn term_end(detail: &OrderDetail) -> Option<DateTime<Utc>> {
    let info = detail.order_info.as_ref()?;
    if info.reissue_of.is_some() {
        return None;
    }
    let months: u32 = info
        .validity_period
        .as_ref()?
        .months
        .as_ref()?
        .parse()
        .ok()?;
    let ordered = instant(info.order_date.as_deref()?)?;
    (months > 0)
        .then(|| ordered.checked_add_months(Months::new(months)))
        .flatten()
}

/// What a cancellation may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cancelling {
    Allowed,
    WindowOver,
    Dead,
}

/// Whether an order may be cancelled: issued at most 6 days ago, by the certificate's start, or pending and placed
/// at most 30 days ago. OrderCompleteDate is no day of issue (globalsign.md 20). Without a readable date nothing
/// is asked.
pub(super) fn cancelling(detail: &OrderDetail, now: DateTime<Utc>) -> Cancelling {
    let info = detail.order_info.as_ref();
    let date = |text: Option<&String>| text.and_then(|text| instant(text));
    let ordered = || date(info.and_then(|i| i.order_date.as_ref()));
    let issued = || {
        let certificate = detail.certificate_info.as_ref();
        date(certificate.and_then(|c| c.start_date.as_ref())).or_else(ordered)
    };
    let is_issued = statuses(detail).contains(&Some("4"));
    let (since, window) = match stage(detail) {
        Stage::Cancelled(_) => return Cancelling::Dead,
        _ if is_issued => (issued(), ISSUED_WINDOW),
        _ => (ordered(), PENDING_WINDOW),
    };
    match since {
        Some(since) if now - since <= window => Cancelling::Allowed,
        _ => Cancelling::WindowOver,
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::reply::{
        CaCertificate, CaCertificates, CertificateInfo, Fulfillment, OrderInfo, ServerCertificate,
        ValidityPeriod,
    };
    use super::*;

    fn detail(order: Option<&str>, certificate: Option<&str>, leaf: bool) -> OrderDetail {
        OrderDetail {
            order_info: Some(OrderInfo {
                order_status: order.map(str::to_owned),
                order_date: Some("2026-01-01T05:00:01.000-05:00".to_owned()),
                ..OrderInfo::default()
            }),
            certificate_info: certificate.map(|status| CertificateInfo {
                certificate_status: Some(status.to_owned()),
                start_date: None,
            }),
            fulfillment: leaf.then(|| Fulfillment {
                ca_certificates: Some(CaCertificates {
                    certificates: vec![
                        CaCertificate {
                            kind: Some("root".to_owned()),
                            pem: Some("R\r\n".to_owned()),
                        },
                        CaCertificate {
                            kind: Some("INTER".to_owned()),
                            pem: Some("I".to_owned()),
                        },
                    ],
                }),
                server_certificate: Some(ServerCertificate {
                    x509: Some("L\r\nL".to_owned()),
                    pkcs7: Some("P\r\n".to_owned()),
                }),
                original_csr: None,
            }),
            ..OrderDetail::default()
        }
    }

    #[test]
    fn status_numbers_mean_what_the_reference_says() {
        let word = |order, certificate, leaf| match stage(&detail(order, certificate, leaf)) {
            Stage::Pending(_) => "pending",
            Stage::Held(_) => "held",
            Stage::Issued => "issued",
            Stage::Cancelled(_) => "dead",
            Stage::Unknown(_) => "unknown",
            Stage::Unpaid(_) | Stage::Reissuing(_) | Stage::Expired => "other",
        };
        let cases = [
            (Some("1"), None, false, "pending"),
            (Some("1"), Some("1"), false, "pending"),
            (Some("2"), Some("1"), false, "held"),
            (Some("2"), None, false, "held"),
            (Some("3"), None, false, "dead"),
            (Some("4"), Some("4"), true, "issued"),
            (Some("4"), None, true, "issued"),
            (Some("1"), Some("4"), true, "issued"),
            (Some("4"), Some("1"), true, "pending"),
            (Some("4"), Some("4"), false, "pending"),
            (Some("4"), Some("5"), true, "dead"),
            (Some("5"), Some("4"), true, "dead"),
            (Some("6"), None, true, "dead"),
            (Some("4"), Some("7"), true, "dead"),
            (Some("8"), None, false, "pending"),
            (Some("9"), None, false, "dead"),
            (Some("10"), None, false, "dead"),
            (Some("11"), None, true, "unknown"),
            (Some("4"), Some("x"), true, "unknown"),
            (None, None, true, "unknown"),
        ];
        for (order, certificate, leaf, expected) in cases {
            assert_eq!(
                word(order, certificate, leaf),
                expected,
                "{order:?} {certificate:?} {leaf}"
            );
        }
    }

    #[test]
    fn dead_orders_show_their_number() {
        for number in ["3", "5", "6", "7", "9", "10"] {
            match stage(&detail(Some(number), None, false)) {
                Stage::Cancelled(text) => assert!(text.contains(&format!("status {number}"))),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn dates_with_any_offset_are_instants() {
        let expected = instant("2026-01-01T10:00:01.000Z").unwrap();
        for text in [
            "2026-01-01T05:00:01.000-05:00",
            "2026-01-01T19:00:01.000+09:00",
            "2026-01-01T10:00:01Z",
        ] {
            assert_eq!(instant(text), Some(expected), "{text}");
        }
        assert_eq!(instant("2026-01-01"), None);
        assert_eq!(wire_date(expected), "2026-01-01T10:00:01.000Z");
    }

    #[test]
    fn files_have_lf_line_ends_and_intermediates_first() {
        let files = files(&detail(None, None, true)).unwrap().files;
        let texts: Vec<_> = files
            .iter()
            .map(|(name, bytes)| (name.as_str(), String::from_utf8(bytes.clone()).unwrap()))
            .collect();
        assert_eq!(
            texts,
            [
                ("certificate.crt", "L\nL\n".to_owned()),
                ("authority1.crt", "I\n".to_owned()),
                ("authority2.crt", "R\n".to_owned()),
                ("certificate.p7b", "P\n".to_owned()),
            ]
        );
        assert_eq!(super::files(&detail(None, None, false)), None);
    }

    #[test]
    fn cancelling_keeps_to_the_windows() {
        let ordered = instant("2026-01-01T10:00:01Z").unwrap();
        let after = |days, seconds| ordered + TimeDelta::days(days) + TimeDelta::seconds(seconds);
        let pending = detail(Some("1"), None, false);
        assert_eq!(cancelling(&pending, after(30, 0)), Cancelling::Allowed);
        assert_eq!(cancelling(&pending, after(30, 1)), Cancelling::WindowOver);
        let mut issued = detail(Some("4"), Some("4"), true);
        assert_eq!(cancelling(&issued, after(6, 0)), Cancelling::Allowed);
        assert_eq!(cancelling(&issued, after(6, 1)), Cancelling::WindowOver);
        // The certificate's start counts, not the day of the order.
        if let Some(info) = &mut issued.certificate_info {
            info.start_date = Some("2026-01-11T10:00:01.000Z".to_owned());
        }
        assert_eq!(cancelling(&issued, after(16, 0)), Cancelling::Allowed);
        assert_eq!(cancelling(&issued, after(16, 1)), Cancelling::WindowOver);
        // Issued without a certificate in the answer is still issued.
        let empty = detail(Some("4"), None, false);
        assert_eq!(cancelling(&empty, after(7, 0)), Cancelling::WindowOver);
        let dead = detail(Some("7"), None, false);
        assert_eq!(cancelling(&dead, after(0, 0)), Cancelling::Dead);
        let mut undated = detail(Some("1"), None, false);
        if let Some(info) = &mut undated.order_info {
            info.order_date = None;
        }
        assert_eq!(cancelling(&undated, after(0, 0)), Cancelling::WindowOver);
    }

    #[test]
    fn the_paid_term_is_the_orders_date_and_its_months_unless_it_is_a_reissue() {
        let mut order = detail(Some("4"), Some("4"), true);
        assert_eq!(term_end(&order), None);
        let info = order.order_info.as_mut().unwrap();
        info.validity_period = Some(ValidityPeriod {
            months: Some("12".to_owned()),
        });
        assert_eq!(term_end(&order), instant("2027-01-01T10:00:01Z"));
        for months in ["0", "", "a year", "99999999999"] {
            let mut other = order.clone();
            let info = other.order_info.as_mut().unwrap();
            info.validity_period = Some(ValidityPeriod {
                months: Some(months.to_owned()),
            });
            assert_eq!(term_end(&other), None, "{months}");
        }
        order.order_info.as_mut().unwrap().reissue_of = Some("CE1".to_owned());
        assert_eq!(term_end(&order), None);
    }
}
