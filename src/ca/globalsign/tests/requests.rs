//! Every request this module can send, by the name of its fixture.

use super::super::STATUS_PARTS;
use super::super::mapping::{Ordering, Plan};
use super::super::model::query::{
    AccountSnapshot, ChangeApproverEmail, DateRange, DnsForIssue, GetCertificateOrders,
    GetDvApproverList, GetOrderByOrderId, MailType, Modification, ModifyOrder, ResendEmail,
    UrlForIssue,
};
use super::super::model::request::{Call, Header, Request, Text};
use super::super::search::LISTING_PARTS;
use super::*;

pub(super) fn header() -> Header {
    Header::new("PAR00000_example", "s3cret".into())
}

pub(super) fn ordering() -> Ordering<'static> {
    Ordering {
        header: header(),
        suffix: "_SHA2",
        default_unit: None,
    }
}

fn order_call(purchase: &Purchase) -> Call {
    let plan = Plan::of(purchase).unwrap();
    ordering()
        .call(purchase, &plan, "CEXX260101000002")
        .unwrap()
}

fn renewal(mut purchase: Purchase) -> Purchase {
    purchase.kind = PurchaseKind::Renewal {
        previous: VendorOrderId::new("CEXX250101000001"),
    };
    purchase
}

fn reissue(mut purchase: Purchase) -> Purchase {
    purchase.kind = PurchaseKind::Reissue {
        order: VendorOrderId::new("CEXX260101000002"),
        former_names: Vec::new(),
    };
    purchase
}

fn thirty_names() -> Purchase {
    let names: Vec<String> = (0..30).map(|n| format!("n{n}.example.com")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    purchase("DV", "example.com", &names, "dns")
}

fn odd_letters() -> Purchase {
    let mut odd = purchase("OV", "example.com", &[], "");
    odd.administrative.first_name = "Ann\u{1}a <&> \"Q\" 'x' ]]>\u{0}".to_owned();
    odd.administrative.last_name = "Пример\r\n\u{fffe}".to_owned();
    odd.technical.email = email("tech@example.com");
    odd
}

/// Each request by the name of its fixture.
pub(super) fn requests() -> Vec<(&'static str, Call)> {
    let order_id = || Text::new("CEXX260101000002");
    let mixed = [
        "www.example.com",
        "mail.example.com",
        "test.example.com",
        "example.org",
    ];
    let wild = ["*.example.org", "example.net"];
    let plan_of = |purchase: &Purchase| Plan::of(purchase).unwrap();
    let validated = purchase("DV", "example.com", &["www.example.com"], "dns");
    let range = DateRange {
        query_request_header: header(),
        from_date: Text::new("2025-12-31T10:00:00.000Z"),
        to_date: Text::new("2026-01-02T10:10:00.000Z"),
        order_query_option: LISTING_PARTS,
    };
    let mut calls = vec![
        (
            "GetDVApproverList",
            Call::GetDvApproverList(Request {
                request: GetDvApproverList {
                    query_request_header: header(),
                    fqdn: Text::new("example.com"),
                },
            }),
        ),
        (
            "DVDNSVerificationForIssue",
            Call::DvDnsVerificationForIssue(Request {
                request: DnsForIssue {
                    order_request_header: header(),
                    approver_fqdn: Text::new("example.com"),
                    order_id: order_id(),
                },
            }),
        ),
        (
            "URLVerificationForIssue",
            Call::UrlVerificationForIssue(Request {
                request: UrlForIssue {
                    order_request_header: header(),
                    approver_url: Text::new("http://example.com"),
                    order_id: order_id(),
                },
            }),
        ),
        (
            "ModifyOrder",
            Call::ModifyOrder(Request {
                request: ModifyOrder {
                    order_request_header: header(),
                    order_id: order_id(),
                    modify_order_operation: Modification::Cancel,
                },
            }),
        ),
        (
            "ChangeApproverEmail",
            Call::ChangeApproverEmail(Request {
                request: ChangeApproverEmail {
                    order_request_header: header(),
                    order_id: order_id(),
                    approver_email: Text::new("admin@example.com"),
                    fqdn: Text::new("example.com"),
                },
            }),
        ),
        (
            "ResendEmail",
            Call::ResendEmail(Request {
                request: ResendEmail {
                    order_request_header: header(),
                    order_id: order_id(),
                    resend_email_type: MailType::Approver,
                },
            }),
        ),
        (
            "ValidateOrderParameters",
            Call::ValidateOrderParameters(Request {
                request: ordering().validate(&validated, &plan_of(&validated)),
            }),
        ),
        (
            "GetOrderByOrderID",
            Call::GetOrderByOrderId(Request {
                request: GetOrderByOrderId {
                    query_request_header: header(),
                    order_id: order_id(),
                    order_query_option: STATUS_PARTS,
                },
            }),
        ),
        (
            "GetOrderByDateRange",
            Call::GetOrderByDateRange(Request {
                request: range.clone(),
            }),
        ),
        (
            "GetModifiedOrders",
            Call::GetModifiedOrders(Request { request: range }),
        ),
        (
            "GetCertificateOrders",
            Call::GetCertificateOrders(Request {
                request: GetCertificateOrders {
                    query_request_header: header(),
                    from_date: Text::new("2025-12-31T10:00:00.000Z"),
                    to_date: Text::new("2026-01-02T10:10:00.000Z"),
                    fqdn: Text::new("example.com"),
                },
            }),
        ),
        (
            "AccountSnapshot",
            Call::AccountSnapshot(Request {
                request: AccountSnapshot {
                    query_request_header: header(),
                },
            }),
        ),
    ];
    let orders = [
        ("DVOrder", purchase("DV", "example.com", &mixed, "email")),
        (
            "DVOrder-alpha",
            purchase("DV_LOW", "example.com", &[], "email"),
        ),
        (
            "DVOrder-alpha-wildcard",
            purchase("DV_LOW_wild", "*.example.com", &[], "email"),
        ),
        (
            "DVOrder-wildcard-renewal",
            renewal(purchase(
                "DV_wild",
                "*.example.com",
                &["mail.example.com"],
                "email",
            )),
        ),
        ("DVDNSOrder", purchase("DV", "example.com", &mixed, "dns")),
        ("DVDNSOrder-thirty-names", thirty_names()),
        (
            "DVDNSOrder-alpha-wildcard",
            purchase("DV_LOW_wild", "*.example.com", &[], "dns"),
        ),
        (
            "DVDNSOrder-renewal",
            renewal(purchase("DV_LOW", "example.com", &[], "dns")),
        ),
        (
            "URLVerification",
            purchase("DV", "www.example.com", &mixed[2..], "http"),
        ),
        (
            "URLVerification-alpha",
            purchase("DV_LOW", "example.com", &[], "http"),
        ),
        (
            "URLVerification-renewal",
            renewal(purchase("DV", "example.com", &[], "http")),
        ),
        ("OVOrder", purchase("OV", "example.com", &wild, "")),
        (
            "OVOrder-wildcard-renewal",
            renewal(purchase("OV_wild", "*.example.com", &wild, "")),
        ),
        ("OVOrder-odd-letters", odd_letters()),
        ("EVOrder", purchase("EV", "example.com", &mixed, "")),
        (
            "EVOrder-renewal",
            renewal(purchase("EV", "example.com", &[], "")),
        ),
        (
            "ReIssue",
            reissue(purchase("DV", "example.com", &mixed, "email")),
        ),
        (
            "ReIssue-single",
            reissue(purchase("DV_LOW", "example.com", &[], "email")),
        ),
    ];
    calls.extend(
        orders
            .iter()
            .map(|(name, purchase)| (*name, order_call(purchase))),
    );
    calls
}

#[test]
fn a_reissue_carries_no_method() {
    let by = |method| {
        let call = order_call(&reissue(purchase("DV", "example.com", &[], method)));
        serde_json::to_string(&call).unwrap()
    };
    assert!(!super::super::ABILITIES.reissue_takes_method);
    assert_eq!(by("email"), by("dns"));
}
