//! Which order of a listing is ours.

use chrono::TimeDelta;

use super::super::locate::{Candidate, Finding, Fit, Sorted, Span, Wanted, remember};
use super::*;

const SENT: &str = "2026-03-01T10:00:00Z";

fn wanted<'a>(purchase: &'a Purchase, names: &'a [DomainName], known: &'a str) -> Wanted<'a> {
    Wanted {
        purchase,
        family: Product::of(&purchase.template).unwrap().family,
        names,
        known,
        since: moment(SENT),
        now: moment(SENT) + TimeDelta::minutes(10),
    }
}

fn candidate() -> Candidate {
    Candidate {
        order: "CEXX1".to_owned(),
        kind: Some("New".to_owned()),
        product: Some("DV_HIGH_DNS_SHA2".to_owned()),
        domain: Some("example.com".to_owned()),
        at: Some(moment("2026-03-01T05:00:03.000-05:00")),
        ..Candidate::default()
    }
}

fn own_csr(purchase: &Purchase) -> Option<String> {
    // Another label, other line ends, no end: still the same request.
    Some(
        purchase
            .csr_pem
            .replace('\n', "\r\n")
            .replace("BEGIN CERT", "BEGIN NEW CERT"),
    )
}

#[test]
fn an_order_fits_by_marker_csr_name_product_kind_and_time() {
    type Change = fn(&mut Candidate, &Purchase);
    let cases: [(&str, Fit, Change); 20] = [
        ("nothing speaks against it", Fit::Maybe, |_, _| {}),
        ("our marker", Fit::Ours, |c, _| {
            c.marker = Some(KEY.to_owned())
        }),
        ("our marker in capitals", Fit::Ours, |c, _| {
            c.marker = Some(KEY.to_uppercase())
        }),
        ("our CSR", Fit::Ours, |c, p| c.csr = own_csr(p)),
        ("another CSR", Fit::Foreign, |c, _| {
            c.csr = Some("AAAA".to_owned())
        }),
        ("our marker, another CSR", Fit::Foreign, |c, _| {
            c.marker = Some(KEY.to_owned());
            c.csr = Some("AAAA".to_owned());
        }),
        ("another intent's marker", Fit::Foreign, |c, p| {
            c.marker = Some("zzzzzzzzzzzzzzzzzzzz".to_owned());
            c.csr = own_csr(p);
        }),
        ("a marker of the vendor's own", Fit::Maybe, |c, _| {
            c.marker = Some("SUB-1".to_owned())
        }),
        ("another name", Fit::Foreign, |c, _| {
            c.domain = Some("www.example.com".to_owned())
        }),
        ("the name in capitals", Fit::Maybe, |c, _| {
            c.domain = Some("EXAMPLE.com".to_owned())
        }),
        ("no name", Fit::Foreign, |c, _| c.domain = None),
        ("another level", Fit::Foreign, |c, _| {
            c.product = Some("OV_SHA2".to_owned())
        }),
        ("another code of the level", Fit::Maybe, |c, _| {
            c.product = Some("DV_LOW_MONTH_OP".to_owned())
        }),
        ("a renewal", Fit::Foreign, |c, _| {
            c.kind = Some("Renewal".to_owned())
        }),
        ("a reissue", Fit::Foreign, |c, _| {
            c.reissue_of = Some("CEXX0".to_owned())
        }),
        ("12 hours early", Fit::Maybe, |c, _| {
            c.at = Some(moment(SENT) - TimeDelta::hours(12))
        }),
        ("14 hours early", Fit::Foreign, |c, _| {
            c.at = Some(moment(SENT) - TimeDelta::hours(14))
        }),
        ("14 hours late", Fit::Foreign, |c, _| {
            c.at = Some(moment(SENT) + TimeDelta::hours(14))
        }),
        ("all our names and more", Fit::Maybe, |c, _| {
            c.names = vec!["A.example.com".to_owned(), "b.example.com".to_owned()];
        }),
        ("other names", Fit::Foreign, |c, _| {
            c.names = vec!["b.example.com".to_owned()]
        }),
    ];
    let purchase = purchase("DV", "example.com", &["a.example.com"], "dns");
    let names = [name("a.example.com")];
    for (what, fit, change) in cases {
        let mut candidate = candidate();
        change(&mut candidate, &purchase);
        assert_eq!(wanted(&purchase, &names, "").fit(&candidate), fit, "{what}");
    }
}

#[test]
fn an_order_that_existed_before_is_never_ours() {
    let purchase = purchase("DV", "example.com", &[], "dns");
    let known = remember(["CEXX0", "CEXX1"].into_iter());
    let mut marked = candidate();
    marked.marker = Some(KEY.to_owned());
    assert_eq!(wanted(&purchase, &[], &known).fit(&marked), Fit::Foreign);
    marked.order = "CEXX2".to_owned();
    assert_eq!(wanted(&purchase, &[], &known).fit(&marked), Fit::Ours);
}

#[test]
fn what_existed_before_fits_into_a_token() {
    let numbers: Vec<String> = (0..40).map(|n| format!("CEXX{n}")).collect();
    let token = remember(numbers.iter().map(String::as_str));
    assert_eq!(token.len(), 80);
    assert!(token.bytes().all(|b| b.is_ascii_alphanumeric()));
    assert_eq!(remember(std::iter::empty()), "");
}

#[test]
fn a_renewal_is_told_apart_from_the_order_it_renews() {
    let mut purchase = purchase("DV", "example.com", &[], "dns");
    purchase.kind = PurchaseKind::Renewal {
        previous: VendorOrderId::new("CEXX0"),
    };
    let mut renewal = candidate();
    renewal.kind = Some("Renewal".to_owned());
    assert_eq!(wanted(&purchase, &[], "").fit(&renewal), Fit::Maybe);
    renewal.renewal_of = Some("CEXX0".to_owned());
    assert_eq!(wanted(&purchase, &[], "").fit(&renewal), Fit::Maybe);
    renewal.renewal_of = Some("CEXX9".to_owned());
    assert_eq!(wanted(&purchase, &[], "").fit(&renewal), Fit::Foreign);
    assert_eq!(wanted(&purchase, &[], "").fit(&candidate()), Fit::Foreign);
    let mut old = candidate();
    old.kind = None;
    old.order = "CEXX0".to_owned();
    assert_eq!(wanted(&purchase, &[], "").fit(&old), Fit::Foreign);
}

#[test]
fn a_reissue_names_the_order_it_comes_from() {
    let mut purchase = purchase("DV", "example.com", &[], "dns");
    purchase.kind = PurchaseKind::Reissue {
        order: VendorOrderId::new("CEXX0"),
        former_names: Vec::new(),
    };
    let mut reissue = candidate();
    assert_eq!(wanted(&purchase, &[], "").fit(&reissue), Fit::Foreign);
    reissue.reissue_of = Some("CEXX0".to_owned());
    assert_eq!(wanted(&purchase, &[], "").fit(&reissue), Fit::Maybe);
    // The vendor may repeat the first order's marker.
    reissue.marker = Some("zzzzzzzzzzzzzzzzzzzz".to_owned());
    reissue.csr = own_csr(&purchase);
    assert_eq!(wanted(&purchase, &[], "").fit(&reissue), Fit::Ours);
    reissue.csr = Some("AAAA".to_owned());
    assert_eq!(wanted(&purchase, &[], "").fit(&reissue), Fit::Foreign);
}

#[test]
fn one_fitting_order_is_adopted_and_anything_else_is_left_to_a_person() {
    let sorted = |ours: &[&str], maybe: &[&str]| Sorted {
        ours: ours.iter().map(|o| (*o).to_owned()).collect(),
        maybe: maybe.iter().map(|o| (*o).to_owned()).collect(),
    };
    let order = |text: &str| Finding::Order(text.to_owned());
    let open = |finding: Finding| match finding {
        Finding::Open(Located::TooEarly) => "early",
        Finding::Open(Located::CannotTell(_)) => "person",
        other => panic!("{other:?}"),
    };
    assert_eq!(sorted(&["1"], &[]).finding(false), order("1"));
    assert_eq!(sorted(&["1"], &["2", "3"]).finding(false), order("1"));
    assert_eq!(open(sorted(&[], &["2"]).finding(false)), "early");
    assert_eq!(sorted(&[], &["2"]).finding(true), order("2"));
    assert_eq!(open(sorted(&["1", "2"], &[]).finding(true)), "person");
    assert_eq!(open(sorted(&[], &["1", "2"]).finding(true)), "person");
    assert_eq!(open(sorted(&[], &[]).finding(false)), "early");
    assert_eq!(open(sorted(&[], &[]).finding(true)), "person");
}

#[test]
fn a_further_listing_overrules_what_it_shows() {
    let list = |orders: &[&str]| orders.iter().map(|o| (*o).to_owned()).collect();
    let mut sorted = Sorted {
        ours: Vec::new(),
        maybe: list(&["1", "2", "3"]),
    };
    let shown = |order: &str| Candidate {
        order: order.to_owned(),
        ..Candidate::default()
    };
    let further = Sorted {
        ours: list(&["2"]),
        maybe: Vec::new(),
    };
    sorted.refine(&[shown("1"), shown("2")], further);
    assert_eq!(sorted.ours, ["2"]);
    assert_eq!(sorted.maybe, ["3"]);
}

#[test]
fn spans_are_halved_without_a_gap() {
    let span = Span::around(moment(SENT), moment(SENT) + TimeDelta::minutes(10));
    assert_eq!(span.from, moment("2026-02-28T10:00:00Z"));
    assert_eq!(span.to, moment("2026-03-02T10:10:00Z"));
    let [first, second] = span.halves().unwrap();
    assert_eq!((first.from, second.to), (span.from, span.to));
    assert_eq!(first.to, second.from);
    let short = Span {
        from: span.from,
        to: span.from + TimeDelta::seconds(90),
    };
    assert_eq!(short.halves(), None);
}
