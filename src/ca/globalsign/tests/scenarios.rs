//! The adapter against the simulated vendor: orders from beginning to end.

use super::vendor::{Approval, Vendor};
use super::*;
use crate::ca::ValidationTask;
use crate::ca::{Doubt, Proof};

/// The orders the module promises, with real CSRs.
fn products() -> Vec<(&'static str, Purchase)> {
    let thirty: Vec<String> = (0..30).map(|n| format!("n{n}.example.com")).collect();
    let thirty: Vec<&str> = thirty.iter().map(String::as_str).collect();
    let mixed = ["www.example.com", "mail.example.com", "test.example.com"];
    let wild = ["*.example.org", "example.net"];
    let all = [
        (
            "AlphaSSL by e-mail",
            purchase("DV_LOW", "example.com", &[], "email"),
        ),
        (
            "DomainSSL by e-mail",
            purchase("DV", "example.com", &mixed, "email"),
        ),
        (
            "DomainSSL by DNS",
            purchase("DV", "www.example.com", &mixed[1..], "dns"),
        ),
        (
            "AlphaSSL by HTTP",
            purchase("DV_LOW", "example.com", &[], "http"),
        ),
        (
            "DomainSSL by HTTP",
            purchase("DV", "example.com", &[], "http"),
        ),
        (
            "wildcard by DNS",
            purchase("DV_LOW_wild", "*.example.com", &[], "dns"),
        ),
        (
            "wildcard by e-mail",
            purchase("DV_wild", "*.example.com", &["mail.example.com"], "email"),
        ),
        ("OrganizationSSL", purchase("OV", "example.com", &wild, "")),
        (
            "OrganizationSSL wildcard",
            purchase("OV_wild", "*.example.com", &wild, ""),
        ),
        ("ExtendedSSL", purchase("EV", "example.com", &mixed, "")),
        ("addresses", with_addresses("OV", "")),
        ("addresses by e-mail", with_addresses("DV", "email")),
        ("30 names", purchase("DV", "example.com", &thirty, "dns")),
    ];
    all.into_iter()
        .map(|(what, purchase)| (what, with_csr(purchase)))
        .collect()
}

fn with_addresses(template: &str, method: &str) -> Purchase {
    let mut purchase = purchase(template, "example.com", &["a.example.com"], method);
    purchase.addresses = vec![
        "93.184.216.34".parse().unwrap(),
        "2606:4700::1".parse().unwrap(),
    ];
    purchase.names_bought = 3;
    purchase
}

/// Option type 3 for each of them; not by DNS, not in extended validation.
#[test]
fn addresses_are_sent_as_their_own_kind_or_refused() {
    use super::super::mapping::{Ordering, Plan};
    for (template, method, refusal) in [
        ("OV", "", None),
        ("OV_wild", "", None),
        ("DV", "email", None),
        ("DV", "http", None),
        ("DV", "dns", Some("a TXT record does not prove")),
        ("EV", "", Some("takes no IP addresses")),
        ("DV_LOW", "email", Some("takes no IP addresses")),
    ] {
        let mut purchase = with_addresses(template, method);
        if template == "DV_LOW" {
            purchase.additional_names.clear();
        }
        if template == "OV_wild" {
            purchase.common_name = name("*.example.com");
        }
        let plan = Plan::of(&purchase);
        if let Some(words) = refusal {
            let failure = plan.unwrap_err();
            assert!(failure.words().contains(words), "{template}: {failure}");
            assert_eq!(failure.offending_value(), "93.184.216.34");
            continue;
        }
        let ordering = Ordering {
            header: super::requests::header(),
            suffix: "",
            default_unit: None,
        };
        let call = ordering
            .call(&purchase, &plan.unwrap(), "CEXX260101000002")
            .unwrap();
        let xml = String::from_utf8(super::super::envelope::write(&call).unwrap()).unwrap();
        for address in ["93.184.216.34", "2606:4700::1"] {
            let entry = format!(
                "<SANOptionType>3</SANOptionType><SubjectAltName>{address}</SubjectAltName>"
            );
            assert!(xml.contains(&entry), "{template} {method}: {xml}");
        }
    }
}

/// Names and key of a delivered certificate are the ordered ones; the chain ends at the authority.
fn assert_delivered(world: &World, purchase: &Purchase, files: &VendorFiles, what: &str) {
    use x509_parser::prelude::{FromDer, X509Certificate};
    let texts: Vec<_> = files
        .files
        .iter()
        .map(|(name, bytes)| (name.as_str(), String::from_utf8(bytes.clone()).unwrap()))
        .collect();
    let names: Vec<_> = texts.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "certificate.crt",
            "authority1.crt",
            "authority2.crt",
            "certificate.p7b"
        ],
        "{what}"
    );
    assert!(texts.iter().all(|(_, text)| !text.contains('\r')), "{what}");
    assert!(texts[3].1.starts_with("-----BEGIN PKCS7-----\n"));
    let der = |text: &str| {
        x509_parser::pem::parse_x509_pem(text.as_bytes())
            .unwrap()
            .1
            .contents
    };
    assert_eq!(
        der(&texts[1].1),
        world.vendor.authority().intermediate(),
        "{what}"
    );
    let leaf = der(&texts[0].1);
    let (_, leaf) = X509Certificate::from_der(&leaf).unwrap();
    let csr = super::vendor::csr::Csr::parse(&purchase.csr_pem).unwrap();
    assert_eq!(leaf.public_key().raw, csr.public_key, "{what}");
    let alternative = leaf.subject_alternative_name().unwrap().unwrap();
    let covered: Vec<String> = alternative
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            x509_parser::extensions::GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        })
        .collect();
    for wanted in std::iter::once(&purchase.common_name).chain(&purchase.additional_names) {
        assert!(covered.contains(&wanted.to_string()), "{what}: {wanted}");
    }
}

#[tokio::test]
async fn every_product_is_placed_issued_reissued_and_renewed_with_one_sale_each() {
    for (what, purchase) in products() {
        let world = World::start();
        let placed = world.order(&purchase).await;
        assert!(
            matches!(world.stage(&placed).await, Stage::Pending(_)),
            "{what}"
        );
        assert_eq!(
            world
                .adapter
                .certificate(&order_ref(&placed))
                .await
                .unwrap_err()
                .kind(),
            FailureKind::Pending,
            "{what}"
        );
        world
            .vendor
            .approve(placed.order.as_str(), &Approval::All)
            .unwrap();
        assert_eq!(world.stage(&placed).await, Stage::Issued, "{what}");
        let files = world
            .adapter
            .certificate(&order_ref(&placed))
            .await
            .unwrap();
        assert_delivered(&world, &purchase, &files, what);
        assert_eq!((world.paid(), world.booked()), (1, 1), "{what}");

        let mut again = with_csr(purchase.clone());
        again.kind = PurchaseKind::Reissue {
            order: placed.order.clone(),
            former_names: purchase.additional_names.clone(),
        };
        let reissued = world.order(&again).await;
        assert_ne!(reissued.order, placed.order, "{what}");
        world
            .vendor
            .approve(reissued.order.as_str(), &Approval::All)
            .unwrap();
        assert_eq!(world.stage(&reissued).await, Stage::Issued, "{what}");
        let files = world
            .adapter
            .certificate(&order_ref(&reissued))
            .await
            .unwrap();
        assert_delivered(&world, &again, &files, what);
        assert_eq!((world.paid(), world.booked()), (1, 2), "{what}");

        let mut renewal = with_csr(purchase.clone());
        renewal.key = IntentKey::new("zyxwvutsrq765432zyxw");
        renewal.kind = PurchaseKind::Renewal {
            previous: reissued.order.clone(),
        };
        let renewed = world.order(&renewal).await;
        world
            .vendor
            .approve(renewed.order.as_str(), &Approval::All)
            .unwrap();
        assert_eq!(world.stage(&renewed).await, Stage::Issued, "{what}");
        let files = world
            .adapter
            .certificate(&order_ref(&renewed))
            .await
            .unwrap();
        assert_delivered(&world, &renewal, &files, what);
        assert_eq!((world.paid(), world.booked()), (2, 3), "{what}");
        world.assert_no_violations();
    }
}

#[tokio::test]
async fn an_e_mail_order_takes_the_number_of_its_approver_list() {
    let world = World::start();
    let purchase = with_csr(purchase("DV", "example.com", &[], "email"));
    let prepared = world
        .adapter
        .prepare(&purchase, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    let placed = world
        .adapter
        .submit(&purchase, &prepared, permit())
        .await
        .result()
        .unwrap();
    assert_eq!(placed.order.as_str(), prepared.0);
    // The same number again buys nothing, and the look-up shows whose it is.
    let again = world.adapter.submit(&purchase, &prepared, permit()).await;
    assert!(
        matches!(again, Submission::Unknown(Doubt::Unclear(_))),
        "{again:?}"
    );
    let now = purchase.since;
    let located = world.adapter.locate(&purchase, &prepared, now, now).await;
    assert!(
        matches!(located, Ok(Located::Found(found, Proof::Number)) if found.order == placed.order)
    );
    assert_eq!(world.paid(), 1);
    let other = World::start();
    other.switch("silent-number", "on");
    let prepared = other
        .adapter
        .prepare(&purchase, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    let placed = other
        .adapter
        .submit(&purchase, &prepared, permit())
        .await
        .result()
        .unwrap();
    assert_eq!(placed.order.as_str(), prepared.0);
}

#[tokio::test]
async fn validation_data_are_told_and_verified_on_demand() {
    for (method, call) in [
        ("dns", "DVDNSVerificationForIssue"),
        ("http", "URLVerificationForIssue"),
    ] {
        let world = World::start();
        let purchase = with_csr(purchase("DV", "www.example.com", &[], method));
        let placed = world.order(&purchase).await;
        let [record, _] = placed.validation.as_slice() else {
            panic!("{method}: {:?}", placed.validation)
        };
        match &record.task {
            ValidationTask::Txt { name, value } => {
                assert_eq!(name, "www.example.com");
                assert!(value.starts_with("_globalsign-domain-verification="));
            }
            ValidationTask::File { url, content } => {
                assert_eq!(
                    url,
                    "http://www.example.com/.well-known/pki-validation/gsdv.txt"
                );
                assert!(content.starts_with("<meta name=\"_globalsign-domain-verification\""));
            }
            other => panic!("{other:?}"),
        }
        let order = order_ref(&placed);
        let failure = world
            .adapter
            .verify_now(&order, &record.name)
            .await
            .unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Pending, "{method}: {failure}");
        assert_eq!(failure.offending_value(), placed.order.as_str());
        world.switch("proof", placed.order.as_str());
        world
            .adapter
            .verify_now(&order, &record.name)
            .await
            .unwrap();
        assert_eq!(world.stage(&placed).await, Stage::Issued, "{method}");
        // Once issued there is nothing to verify.
        world
            .adapter
            .verify_now(&order, &record.name)
            .await
            .unwrap();
        // Twice while nothing was published (the name and the one above it), once after.
        assert_eq!(world.server.hits(call), 3, "{method}");
        assert_eq!(world.paid(), 1);
        world.assert_no_violations();
    }
}

#[tokio::test]
async fn orders_by_record_or_file_are_finished_by_later_runs() {
    for (method, hits) in [("dns", 2), ("http", 2), ("email", 0)] {
        let world = World::start();
        let purchase = with_csr(purchase("DV", "example.com", &[], method));
        let placed = world.order(&purchase).await;
        let order = order_ref(&placed);
        world
            .adapter
            .continue_order(&order, &purchase)
            .await
            .unwrap();
        assert!(matches!(world.stage(&placed).await, Stage::Pending(_)));
        world.switch("proof", "all");
        world
            .adapter
            .continue_order(&order, &purchase)
            .await
            .unwrap();
        world
            .adapter
            .continue_order(&order, &purchase)
            .await
            .unwrap();
        let issued = world.stage(&placed).await == Stage::Issued;
        assert_eq!(issued, method != "email");
        let asked = world.server.hits("DVDNSVerificationForIssue")
            + world.server.hits("URLVerificationForIssue");
        assert_eq!(asked, hits, "{method}");
        assert_eq!(world.paid(), 1);
        // Trouble on the way does not stop the order from being followed.
        world.switch("error", "GetOrderByOrderID:-1");
        world
            .adapter
            .continue_order(&order, &purchase)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_held_order_waits_and_says_why() {
    let world = World::start();
    world.switch("hold", "on");
    let placed = world
        .order(&with_csr(purchase("DV", "example.com", &[], "dns")))
        .await;
    assert!(placed.remark.as_deref().unwrap().contains("phishing"));
    match world.stage(&placed).await {
        Stage::Held(words) => assert!(words.contains("phishing check"), "{words}"),
        other => panic!("{other:?}"),
    }
    world
        .vendor
        .fail(placed.order.as_str(), "looks bad")
        .unwrap();
    assert!(matches!(world.stage(&placed).await, Stage::Cancelled(_)));
}

#[tokio::test]
async fn an_issued_order_without_files_is_polled_again() {
    let world = World::start();
    let placed = world
        .order(&with_csr(purchase("OV", "example.com", &[], "")))
        .await;
    world
        .vendor
        .approve(placed.order.as_str(), &Approval::Organization)
        .unwrap();
    assert!(matches!(world.stage(&placed).await, Stage::Pending(_)));
    world
        .vendor
        .approve(placed.order.as_str(), &Approval::All)
        .unwrap();
    world.switch("empty-fulfillment", "on");
    assert!(matches!(world.stage(&placed).await, Stage::Pending(_)));
    world.switch("empty-fulfillment", "off");
    assert_eq!(world.stage(&placed).await, Stage::Issued);
}

/// The client may have published at any host that the order's answer lists.
#[tokio::test]
async fn a_proof_is_looked_for_at_every_host_above_the_name() {
    for (method, call) in [
        ("dns", "DVDNSVerificationForIssue"),
        ("http", "URLVerificationForIssue"),
    ] {
        for (host, asked) in [
            ("a.b.example.com", 1),
            ("b.example.com", 2),
            ("example.com", 3),
        ] {
            let world = World::start();
            let purchase = with_csr(purchase("DV", "a.b.example.com", &[], method));
            let placed = world.order(&purchase).await;
            world.switch("proof", "all");
            world.switch("proof-host", host);
            let order = order_ref(&placed);
            let outcome = world.adapter.verify_now(&order, &purchase.common_name);
            outcome.await.unwrap();
            assert_eq!(world.stage(&placed).await, Stage::Issued, "{method} {host}");
            assert_eq!(world.server.hits(call), asked, "{method} {host}");
        }
    }
}
