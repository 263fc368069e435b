//! The list of certificates and what is concluded from it.

use super::world::World;
use super::*;
use crate::ca::leadertelecom::list::{self, ListedCertificate, entries, find};

fn read(value: &Value) -> Vec<ListedCertificate> {
    entries(value, &wire(&[])).unwrap()
}

fn line(id: u64, domain: &str) -> Value {
    json!({"id": id, "domain_name": domain})
}

const SEEN: ListSnapshot = ListSnapshot::Seen {
    highest: 100,
    count: 2,
};

fn look(list: &Value, snapshot: ListSnapshot) -> Finding {
    let common_name = name("shop.example.com");
    let wanted = list::Wanted {
        name: &common_name,
        csr: Some(Csr::parse(CSR).unwrap().fingerprint()),
        unique: KEY,
        since: time("2026-08-01T10:00:00Z"),
    };
    find(&read(list), snapshot, &wanted)
}

/// The candidates that a person is asked about.
fn asked(finding: Finding) -> Vec<String> {
    let Finding::Candidates(candidates) = finding else {
        panic!("{finding:?}");
    };
    candidates.iter().map(|one| one.order.to_string()).collect()
}

#[test]
fn every_plausible_wrapping_gives_the_same_entries() {
    let plain = read(&json!([line(7, "shop.example.com")]));
    let same = [
        json!({"ssl_certificates": [line(7, "shop.example.com")], "total": 1}),
        json!({"data": {"certificates": [line(7, "SHOP.example.com")]}}),
        json!({"items": [{"ssl_certificate": line(7, "shop.example.com")}]}),
        json!([{"id": 7, "attributes": {"id": 9, "common_name": "shop.example.com"}}]),
        json!([{"certificate_id": "7", "id": 3, "domain": "shop.example.com."}]),
        json!([{"certificate_id": null, "id": 7, "domain_name": null, "domain": "shop.example.com"}]),
    ];
    for value in same {
        assert_eq!(read(&value), plain, "{value}");
    }
    assert_eq!(read(&json!([])), []);
    assert_eq!(read(&json!({"ssl_certificates": []})), []);
}

#[test]
fn a_list_that_is_not_clear_is_no_list() {
    let cases = [
        json!({}),
        json!(null),
        json!("none"),
        json!({"count": 0}),
        json!({"data": [], "items": []}),
        json!({"list": [line(7, "a.example.com")]}),
        json!([7, 8]),
        json!([null]),
        json!([{"domain_name": "a.example.com"}]),
        json!([line(7, "a.example.com"), {"id": "seven"}]),
        json!([{"id": 0}]),
    ];
    for value in cases {
        assert!(entries(&value, &wire(&[])).is_err(), "{value}");
    }
}

#[test]
fn a_new_entry_of_the_name_is_a_persons_question() {
    let list = json!([
        line(99, "shop.example.com"),
        line(100, "shop.example.com"),
        line(101, "other.example.com"),
        line(102, "shop.example.com"),
    ]);
    assert_eq!(asked(look(&list, SEEN)), ["102"]);
}

#[test]
fn nothing_new_or_several_is_told_apart() {
    let old = json!([line(100, "shop.example.com"), line(101, "a.example.com")]);
    assert!(matches!(look(&old, SEEN), Finding::Nothing(_)));
    assert!(matches!(look(&json!([]), SEEN), Finding::Nothing(_)));
    let two = json!([line(101, "shop.example.com"), line(102, "shop.example.com")]);
    assert_eq!(asked(look(&two, SEEN)), ["101", "102"]);
    let nameless = json!([{"id": 101}]);
    assert_eq!(asked(look(&nameless, SEEN)), ["101"]);
    let both = json!([line(101, "shop.example.com"), {"id": 102}]);
    let Finding::Candidates(shown) = look(&both, SEEN) else {
        panic!("no candidates");
    };
    let names: Vec<_> = shown.iter().map(|one| one.name.as_deref()).collect();
    assert_eq!(names, [Some("shop.example.com"), None]);
    // Without a snapshot each of the name may be it, and the others may be of any age.
    let both = json!([
        line(101, "shop.example.com"),
        line(102, "other.example.com")
    ]);
    assert_eq!(asked(look(&both, ListSnapshot::Unreadable)), ["101"]);
    let others = json!([{"id": 101}, line(102, "other.example.com")]);
    assert!(matches!(
        look(&others, ListSnapshot::Unreadable),
        Finding::Unclear(_)
    ));
}

#[test]
fn an_entry_that_contradicts_the_order_is_not_it() {
    for extra in [
        ("unique_value", json!("somebodyelses")),
        (
            "csr",
            json!(include_str!("../../../certificate/fixtures/p256.pem")),
        ),
        ("created_at", json!("2026-07-30T07:00:00Z")),
        ("created_at", json!("2026-07-30")),
    ] {
        let mut entry = line(101, "shop.example.com");
        entry[extra.0] = extra.1.clone();
        assert!(
            matches!(look(&json!([entry]), SEEN), Finding::Nothing(_)),
            "{extra:?}"
        );
    }
}

#[test]
fn our_mark_or_a_new_entry_with_our_csr_is_proof() {
    let mut marked = line(50, "shop.example.com");
    marked["unique_value"] = KEY.into();
    let list = json!([
        marked,
        line(101, "shop.example.com"),
        line(102, "shop.example.com")
    ]);
    assert_eq!(look(&list, SEEN), Finding::Proved(50, Proof::Reference));
    assert_eq!(
        look(&list, ListSnapshot::Unreadable),
        Finding::Proved(50, Proof::Reference)
    );

    let mut with_csr = line(101, "shop.example.com");
    with_csr["csr"] = CSR.into();
    assert_eq!(
        look(&json!([with_csr, {"id": 102}]), SEEN),
        Finding::Proved(101, Proof::Csr)
    );
    // When nothing was seen before, it may be of an earlier term or somebody's of today.
    let undated = look(&json!([with_csr]), ListSnapshot::Unreadable);
    assert!(matches!(undated, Finding::Candidates(_)));
    with_csr["created_at"] = "2026-08-01T10:00:05+00:00".into();
    let dated = look(&json!([with_csr]), ListSnapshot::Unreadable);
    let Finding::Candidates(shown) = dated else {
        panic!("{dated:?}");
    };
    assert_eq!((shown.len(), shown[0].same_csr), (1, true));
    with_csr["id"] = 99.into();
    assert!(matches!(
        look(&json!([with_csr]), SEEN),
        Finding::Nothing(_)
    ));

    let twice = json!([{"id": 101, "unique_value": KEY}, {"id": 102, "unique_value": KEY}]);
    // Each is an order that a person has to name before another one is bought.
    assert_eq!(asked(look(&twice, SEEN)), ["101", "102"]);
}

#[test]
fn the_picture_survives_its_token() {
    for snapshot in [SEEN, ListSnapshot::Unreadable, ListSnapshot::of(&[])] {
        let token = snapshot.write();
        assert!(token.0.len() <= 80 && !token.0.contains('|'));
        assert_eq!(ListSnapshot::read(&token), snapshot);
    }
    let list = read(&json!([
        line(7, "a.example.com"),
        line(12, "b.example.com"),
        line(3, "c.example.com")
    ]));
    let expected = ListSnapshot::Seen {
        highest: 12,
        count: 3,
    };
    assert_eq!(ListSnapshot::of(&list), expected);
    for text in ["", "top=", "top=1", "top=a;n=1", "1;2"] {
        assert_eq!(
            ListSnapshot::read(&Token(text.to_owned())),
            ListSnapshot::Unreadable
        );
    }
}

/// What is seen before a purchase, with the keys of two attempts.
fn seen(list: &Value) -> list::Seen {
    seen_beside(list, &[])
}

/// The same beside certificates that are not meant.
fn seen_beside(list: &Value, passed: &[&str]) -> list::Seen {
    let purchase = simple();
    let wanted = Wanted {
        purchase: &purchase,
        references: vec![IntentKey::new(KEY), IntentKey::new("second")],
        passed: passed
            .iter()
            .map(|order| VendorOrderId::new(*order))
            .collect(),
        from: time("2026-08-01T10:00:00Z"),
        now: time("2026-08-02T10:00:00Z"),
    };
    list::seek(&read(list), &wanted)
}

#[test]
fn an_order_that_exists_is_proved_by_its_mark_or_a_candidate_by_name_csr_and_date() {
    let day = "2026-08-01T10:00:05Z";
    let dated = |id: u64, domain: &str| json!({"id": id, "domain_name": domain, "created_at": day});
    let with = |key: &str, value: &str| {
        let mut entry = dated(7, "shop.example.com");
        entry[key] = value.into();
        entry
    };
    // The later attempt counts, wherever it stands in the list.
    for ids in [[5, 6], [6, 5]] {
        let marks = ids.map(|id| {
            let mark = if id == 6 { "second" } else { KEY };
            json!({"id": id, "unique_value": mark})
        });
        assert_eq!(
            seen(&json!(marks)),
            list::Seen::Proved(6, IntentKey::new("second"))
        );
        // What is not meant hides nothing else.
        assert_eq!(
            seen_beside(&json!(marks), &["6"]),
            list::Seen::Proved(5, IntentKey::new(KEY))
        );
        assert_eq!(seen_beside(&json!(marks), &["5", "6"]), list::Seen::Nothing);
    }
    let other_csr = include_str!("../../../certificate/fixtures/p256.pem");
    let cases = [
        ("our name", dated(7, "shop.example.com"), Some(false)),
        ("another name", dated(7, "a.example.com"), None),
        (
            "a date in the slack",
            with("created_at", "2026-07-31T09:00:00Z"),
            Some(false),
        ),
        (
            "an older one",
            with("created_at", "2026-07-30T07:00:00Z"),
            None,
        ),
        ("of any age", line(7, "shop.example.com"), None),
        ("somebody's mark", with("unique_value", "other"), None),
        ("another CSR", with("csr", other_csr), Some(false)),
        ("our CSR", with("csr", CSR), Some(true)),
        (
            "our CSR without a name",
            json!({"id": 7, "csr": CSR, "created_at": day}),
            Some(true),
        ),
    ];
    for (what, entry, expected) in cases {
        let shown = match seen(&json!([entry])) {
            list::Seen::Candidates(shown) => shown,
            list::Seen::OtherName(..) => panic!("{what}"),
            list::Seen::Nothing => Vec::new(),
            list::Seen::Proved(..) => panic!("{what}"),
        };
        let shown: Vec<_> = shown
            .iter()
            .map(|one| (one.order.to_string(), one.same_csr))
            .collect();
        let expected: Vec<_> = expected
            .map(|csr| ("7".to_owned(), csr))
            .into_iter()
            .collect();
        assert_eq!(shown, expected, "{what}");
    }
}

#[test]
fn our_mark_on_another_name_is_told_with_it_unless_ours_is_there() {
    let marked = |id: u64, domain: &str| {
        let mut entry = line(id, domain);
        entry["unique_value"] = "second".into();
        entry
    };
    let other = marked(7, "other.example.com");
    let list::Seen::OtherName(shown, key) = seen(&json!([other])) else {
        panic!("not told")
    };
    assert_eq!(
        (shown.order.as_str(), shown.name.as_deref(), key.as_str()),
        ("7", Some("other.example.com"), "second")
    );
    assert_eq!(seen_beside(&json!([other]), &["7"]), list::Seen::Nothing);
    let own = marked(8, "shop.example.com");
    for both in [json!([own, other]), json!([other, own])] {
        let proved = list::Seen::Proved(8, IntentKey::new("second"));
        assert_eq!(seen(&both), proved, "{both}");
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_or_shows_nothing_is_blindness() {
    let purchase = simple();
    let wanted = Wanted {
        purchase: &purchase,
        references: vec![IntentKey::new(KEY)],
        passed: Vec::new(),
        from: purchase.since,
        now: purchase.since,
    };
    for body in [
        "[]",
        "{}",
        "<html>",
        r#"[{"domain_name": "shop.example.com"}]"#,
    ] {
        let server = Server::start(move |request| {
            if request.line.contains("signin") {
                return ok(r#"{"auth_token": "canary"}"#);
            }
            ok(body)
        })
        .await;
        let seen = adapter(&server.url).seek(&wanted).await;
        assert!(matches!(seen, Ok(Sought::Blind(_))), "{body}: {seen:?}");
        assert_eq!(server.hits("order"), 0);
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_or_shows_nothing_new_is_no_look_for_doubled_orders() {
    let world = World::new();
    let since = world.purchase.since;
    let token = world
        .adapter
        .prepare(&world.purchase, &[])
        .await
        .unwrap()
        .token;
    let submitted = world
        .adapter
        .submit(&world.purchase, &token, permit())
        .await;
    submitted.result().unwrap();
    let copies = async || world.adapter.copies(&world.purchase, &token, since).await;
    for shape in ["unknown-wrap", "object", "no-ids", "html"] {
        world.set("list_reply", shape);
        assert!(copies().await.is_err(), "{shape}");
    }
    world.set("list_reply", "with-mark");
    assert_eq!(copies().await.unwrap().unwrap().len(), 1);
    // What is new is on a page that nobody asks for.
    world.set("listing_delay", "3600");
    assert_eq!(copies().await.unwrap(), None);
}
