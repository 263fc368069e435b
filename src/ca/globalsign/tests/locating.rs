//! Which order of a listing is ours.

use chrono::TimeDelta;

use super::super::locate::{
    Finding, Fit, Listed, NO_SNAPSHOT, Sorted, Span, Wanted, is_number, remember,
};
use super::vendor::{Fault, Vendor};
use super::*;
use crate::ca::Proof;
use crate::order::port;

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

fn candidate() -> Listed {
    Listed {
        order: "CEXX1".to_owned(),
        kind: Some("New".to_owned()),
        product: Some("DV_HIGH_DNS_SHA2".to_owned()),
        domain: Some("example.com".to_owned()),
        at: Some(moment("2026-03-01T05:00:03.000-05:00")),
        ..Listed::default()
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
    type Change = fn(&mut Listed, &Purchase);
    let cases: [(&str, Fit, Change); 20] = [
        ("nothing speaks against it", Fit::Maybe, |_, _| {}),
        ("our marker", Fit::Marked, |c, _| {
            c.marker = Some(KEY.to_owned())
        }),
        ("our marker in capitals", Fit::Marked, |c, _| {
            c.marker = Some(KEY.to_uppercase())
        }),
        ("our CSR", Fit::SameCsr, |c, p| c.csr = own_csr(p)),
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
    assert_eq!(wanted(&purchase, &[], &known).fit(&marked), Fit::Marked);
}

#[test]
fn what_existed_before_fits_into_a_token() {
    let numbers: Vec<String> = (0..40).map(|n| format!("CEXX{n}")).collect();
    let token = remember(numbers.iter().take(16).map(String::as_str));
    assert_eq!(token.len(), 80);
    assert!(token.bytes().all(|b| b.is_ascii_alphanumeric()));
    assert_eq!(remember(std::iter::empty()), "");
    // More than can be remembered: none is known to be new.
    assert_eq!(remember(numbers.iter().map(String::as_str)), NO_SNAPSHOT);
}

#[test]
fn without_a_picture_of_what_existed_the_csr_is_no_proof() {
    let purchase = purchase("DV", "example.com", &[], "dns");
    let mut same = candidate();
    same.csr = own_csr(&purchase);
    assert_eq!(wanted(&purchase, &[], "").fit(&same), Fit::SameCsr);
    assert_eq!(wanted(&purchase, &[], NO_SNAPSHOT).fit(&same), Fit::Maybe);
    same.marker = Some(KEY.to_owned());
    assert_eq!(wanted(&purchase, &[], NO_SNAPSHOT).fit(&same), Fit::Marked);
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
    assert_eq!(wanted(&purchase, &[], "").fit(&reissue), Fit::SameCsr);
    reissue.csr = Some("AAAA".to_owned());
    assert_eq!(wanted(&purchase, &[], "").fit(&reissue), Fit::Foreign);
}

fn listed(orders: &[&str]) -> Vec<Listed> {
    let order = |order: &&str| Listed {
        order: (*order).to_owned(),
        ..Listed::default()
    };
    orders.iter().map(order).collect()
}

#[test]
fn marker_and_csr_are_proofs_and_likeness_is_a_persons_question() {
    let sorted = |marked: &[&str], same_csr: &[&str], maybe: &[&str]| Sorted {
        marked: listed(marked),
        same_csr: listed(same_csr),
        maybe: listed(maybe),
    };
    let (sent, until) = (moment(SENT), moment(SENT) + TimeDelta::minutes(5));
    let told = |sorted: Sorted, now| match sorted.finding(now, until) {
        Finding::Order(order, proof) => format!("{order} by {proof:?}"),
        Finding::Open(Located::TooEarly(at)) => {
            assert_eq!(at, until);
            "early".to_owned()
        }
        Finding::Open(Located::CannotTell(_)) => "nothing".to_owned(),
        Finding::Open(Located::Candidates(shown)) => {
            let numbers: Vec<_> = shown.iter().map(|one| one.order.as_str()).collect();
            format!("asks {}", numbers.join(" "))
        }
        other => panic!("{other:?}"),
    };
    type Names = &'static [&'static str];
    let cases: [(Names, Names, Names, &str, &str); 8] = [
        (&["1"], &[], &[], "1 by Reference", "1 by Reference"),
        (&["1"], &["2"], &["3"], "1 by Reference", "1 by Reference"),
        (&["1", "2"], &[], &[], "asks 1 2", "asks 1 2"),
        (&[], &["1"], &["2"], "early", "1 by Csr"),
        (&[], &["1", "2"], &[], "early", "asks 1 2"),
        (&[], &[], &["2"], "early", "asks 2"),
        (&[], &[], &["1", "2"], "early", "asks 1 2"),
        (&[], &[], &[], "early", "nothing"),
    ];
    for (marked, same_csr, maybe, early, late) in cases {
        let case = sorted(marked, same_csr, maybe);
        assert_eq!(told(case.clone(), sent), early, "{case:?}");
        assert_eq!(told(case.clone(), until), late, "{case:?}");
    }
}

#[test]
fn a_further_listing_overrules_what_it_shows() {
    let mut sorted = Sorted {
        maybe: listed(&["1", "2", "3"]),
        ..Sorted::default()
    };
    let further = Sorted {
        same_csr: listed(&["2"]),
        ..Sorted::default()
    };
    sorted.refine(&listed(&["1", "2"]), further);
    assert_eq!(sorted.same_csr, listed(&["2"]));
    assert_eq!(sorted.maybe, listed(&["3"]));
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

/// What is seen before a purchase, with the keys of two attempts.
async fn seek(world: &World, purchase: &Purchase, from: DateTime<Utc>) -> Result<Sought, Failure> {
    seek_beside(world, purchase, from, &[]).await
}

/// The same beside orders that are not meant.
async fn seek_beside(
    world: &World,
    purchase: &Purchase,
    from: DateTime<Utc>,
    passed: &[VendorOrderId],
) -> Result<Sought, Failure> {
    let wanted = port::Wanted {
        purchase,
        references: vec![purchase.key.clone(), IntentKey::new("secondsecond23456722")],
        passed: passed.to_vec(),
        from,
        now: world.vendor.clock().now(),
    };
    world.adapter.seek(&wanted).await
}

#[tokio::test]
async fn our_latest_marker_proves_an_order_before_a_purchase_and_others_markers_do_not() {
    let world = World::start();
    let from = world.vendor.clock().now();
    let wanted = with_csr(purchase("DV", "example.com", &[], "dns"));
    let order = async |key: &str| {
        let mut purchase = with_csr(wanted.clone());
        purchase.key = IntentKey::new(key);
        world.order(&purchase).await.order
    };
    order("zzzzzzzzzzzzzzzzzzzz").await;
    assert_eq!(seek(&world, &wanted, from).await.unwrap(), Sought::Nothing);
    let second = order("secondsecond23456722").await;
    let first = order(KEY).await;
    let Sought::Proved(placed) = seek(&world, &wanted, from).await.unwrap() else {
        panic!("not proved")
    };
    assert_eq!(placed.order, second);
    assert_eq!(
        placed.references,
        [(Reference::Client, "secondsecond23456722".to_owned())]
    );
    assert_eq!(world.paid(), 3);
    // What is not meant hides nothing else.
    let beside = seek_beside(&world, &wanted, from, &[second]).await;
    assert!(matches!(beside, Ok(Sought::Proved(placed)) if placed.order == first));
}

#[tokio::test]
async fn orders_of_name_level_and_time_are_candidates_before_a_purchase() {
    for (template, host, counts) in [
        ("DV", "example.com", true),
        ("OV", "example.com", false),
        ("DV", "www.example.com", false),
    ] {
        let world = World::start();
        let from = world.vendor.clock().now();
        let method = if template == "DV" { "dns" } else { "" };
        let mut other = with_csr(purchase(template, host, &[], method));
        other.key = IntentKey::new("zzzzzzzzzzzzzzzzzzzz");
        let sold = world.order(&other).await.order;
        world.switch("marker", "off");
        let wanted = with_csr(purchase("DV", "example.com", &[], "dns"));
        match seek(&world, &wanted, from).await.unwrap() {
            Sought::Candidates(shown) => {
                assert!(counts, "{template} {host}: {shown:?}");
                assert_eq!(shown.len(), 1);
                assert_eq!(shown[0].order, sold);
                assert_eq!(shown[0].name.as_deref(), Some(host));
            }
            other => assert_eq!(
                (other, counts),
                (Sought::Nothing, false),
                "{template} {host}"
            ),
        }
        // An older one is none; the vendor's dates may be 13 hours off.
        let later = from + TimeDelta::hours(14);
        assert_eq!(seek(&world, &wanted, later).await.unwrap(), Sought::Nothing);
    }
}

#[tokio::test]
async fn a_listing_that_is_refused_is_blindness_unless_the_account_is_refused() {
    let world = World::start();
    let wanted = with_csr(purchase("DV", "example.com", &[], "dns"));
    for (code, is_blind) in [("-1", true), ("-4001", false), ("-4201", false)] {
        world.switch("error", &format!("GetCertificateOrders:{code}"));
        let seen = seek(&world, &wanted, world.vendor.clock().now()).await;
        let told = matches!(seen, Ok(Sought::Blind(_)));
        assert_eq!(
            (told, seen.is_err()),
            (is_blind, !is_blind),
            "{code}: {seen:?}"
        );
    }
    world.switch("error", "GetCertificateOrders:-9916");
    let seen = seek(&world, &wanted, world.vendor.clock().now()).await;
    assert_eq!(seen.unwrap(), Sought::Nothing, "no such order");
}

/// Half a listing and a page are trouble of the vendor, which passes: nothing is bought meanwhile.
#[tokio::test]
async fn a_listing_that_is_cut_off_is_no_blindness() {
    let world = World::start();
    let wanted = with_csr(purchase("DV", "example.com", &[], "dns"));
    for fault in [Fault::Truncated, Fault::HtmlPage] {
        world.server.set_fault("GetCertificateOrders", fault, 9);
        let seen = seek(&world, &wanted, world.vendor.clock().now()).await;
        world.server.clear_faults();
        let reason = seen.map_err(|failure| failure.reason());
        assert_eq!(reason, Err(Reason::VendorTrouble), "{fault:?}");
    }
}

/// The method may have been changed since the order was sent: what was kept of it tells how it is found.
#[test]
fn a_token_tells_whether_it_is_a_number() {
    let snapshot = remember(["CE261129000001", "CE261129000002"].into_iter());
    for by_number in [false, true] {
        for number in ["CE261129000001", "NCEXX261125000019", "1189"] {
            assert!(is_number(number, by_number), "{number}");
        }
        for other in ["", NO_SNAPSHOT, snapshot.as_str()] {
            assert!(!is_number(other, by_number), "{other}");
        }
    }
    // Digits that marks may have, too: as it would be sent now.
    assert!(is_number("23456", true) && !is_number("23456", false));
}

#[tokio::test]
async fn an_order_by_e_mail_that_is_found_again_has_nothing_to_publish() {
    for (method, is_lost) in [("email", false), ("dns", true), ("http", true)] {
        let world = World::start();
        let from = world.vendor.clock().now();
        let wanted = with_csr(purchase("DV", "example.com", &[], method));
        world.order(&wanted).await;
        let Sought::Proved(placed) = seek(&world, &wanted, from).await.unwrap() else {
            panic!("not proved")
        };
        assert_eq!(placed.remark.is_some(), is_lost, "{method}");
    }
}

/// The same request delivered twice is told where the search shows no markers, too.
#[tokio::test]
async fn doubled_orders_are_known_by_marker_or_request() {
    let world = World::start();
    let mut wanted = with_csr(purchase("DV", "example.com", &["a.example.com"], "dns"));
    wanted.since = world.vendor.clock().now();
    let token = world.adapter.prepare(&wanted, &[]).await.unwrap().token;
    let mut sold = Vec::new();
    for _ in 0..2 {
        let sent = world.adapter.submit(&wanted, &token, permit()).await;
        sold.push(sent.result().unwrap().order.to_string());
    }
    sold.sort_unstable();
    for (marker, expected) in [("on", Proof::Reference), ("off", Proof::Csr)] {
        world.switch("marker", marker);
        let copies = world.adapter.copies(&wanted, &token, wanted.since).await;
        let copies = copies.unwrap().unwrap();
        assert!(
            copies.iter().all(|(_, proof)| *proof == expected),
            "{marker}"
        );
        let mut told: Vec<_> = copies.iter().map(|(order, _)| order.to_string()).collect();
        told.sort_unstable();
        assert_eq!(told, sold, "{marker}");
    }
    // Neither marker nor request: an order that may be ours is no copy of it.
    world.switch("original-csr", "off");
    let copies = world.adapter.copies(&wanted, &token, wanted.since).await;
    assert_eq!(copies.unwrap(), Some(Vec::new()));
}
