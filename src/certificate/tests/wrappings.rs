//! Requests as people paste them.

use super::spoilt::keys_alone;
use super::wrapped::{Cases, Fresh};
use crate::certificate::search::{MOST, Search};
use crate::certificate::{Csr, pem};

#[test]
#[allow(clippy::print_stdout)] // The count is told.
fn every_readable_wrapping_is_read() {
    let mut count = 0;
    for fresh in [Fresh::new(), Fresh::hard()] {
        let expected = Csr::parse(&fresh.pem).unwrap();
        let groups = [
            fresh.armour(),
            fresh.labels(),
            fresh.copies(),
            fresh.programs(),
            fresh.pages(),
            fresh.octets(),
        ];
        let cases: Cases = groups.into_iter().flatten().collect();
        count = cases.len();
        for (name, text) in cases {
            let read =
                Csr::parse(&text).unwrap_or_else(|failure| panic!("{name}: {failure}\n{text}"));
            assert_eq!(read, expected, "{name}");
            read.examine().unwrap();
        }
    }
    println!("proof: {count} wrappings of a CSR read");
}

/// A key that came along is known to others: whatever its wrapping, no order is made with it.
#[test]
fn a_key_beside_a_request_is_named() {
    let fresh = [Fresh::new(), Fresh::hard()];
    for text in fresh.iter().flat_map(Fresh::with_keys) {
        let read = Csr::parse(&text).unwrap_or_else(|failure| panic!("{failure}\n{text}"));
        let failure = read.examine().unwrap_err();
        assert!(failure.words().contains("private key"), "{failure}");
    }
    for text in keys_alone() {
        let failure = Csr::parse(&text).unwrap_err();
        let words = failure.words();
        assert!(words.contains("PRIVATE KEY"), "{words}");
    }
}

/// What cannot be read is refused with its real damage.
#[test]
fn a_damaged_request_is_told_as_damaged() {
    let [moved, more, fewer, lost, paged] = Fresh::new().damaged();
    for text in [moved, more] {
        let words = Csr::parse(&text).unwrap_err().words();
        assert!(
            words.starts_with("it is damaged inside") || words.starts_with("its signature"),
            "{words}"
        );
    }
    for text in [fewer, lost, paged] {
        let words = Csr::parse(&text).unwrap_err().words();
        let expected = "it is damaged inside: characters or lines are missing";
        assert!(words.starts_with(expected), "{words}");
    }
}

/// A quadratic reading of these takes minutes.
#[test]
fn hostile_texts_are_read_in_one_go() {
    for unit in [
        "MII",
        "MIIC ",
        "-",
        "BEGIN ",
        "-----BEGIN CERTIFICATE REQUEST-----",
        "-----BEGIN X",
        "&#",
        "<",
        "<a",
        "%25",
        "\\",
        "=",
        "> ",
        "\"",
        "MIME-",
        "LS0t",
        "LS0t!",
        "REQUEST-----n",
        "-\nM",
        "M_-",
        "MII +\n",
        "MHcCAQEE ",
        "<p x=\"",
        "<p MII>",
        "TUlJ ",
        "#012",
    ] {
        let text = unit.repeat(64 * 1024 / unit.len());
        assert!(Csr::parse(&text).is_err(), "{unit}");
    }
}

/// The request with other last bytes of its signature: as many different ones as are wished.
fn torn(pem: &str, count: usize) -> Vec<String> {
    let der = pem::blocks(pem).remove(0).der.unwrap();
    let (last, body) = der.split_last().unwrap();
    let other = |step: usize| {
        let last = last.wrapping_add(u8::try_from(step).unwrap());
        pem::armour("CERTIFICATE REQUEST", &[body, &[last]].concat())
    };
    (1..=count).map(other).collect()
}

/// A signature takes time: how many are looked at has an end, whatever the text holds.
#[test]
fn equal_requests_are_judged_once_and_many_different_ones_not_at_all() {
    let fresh = Fresh::new().pem;
    let judged = |text: &str| {
        let mut search = Search::default();
        let (good, _) = search.find(text, |_| true);
        (search.judged(), good.len(), search.is_spent())
    };
    let words = |text: &str| Csr::parse(text).unwrap_err().words();
    let many = "there are too many different ones in the text: send one";
    assert_eq!(judged(&fresh.repeat(200)), (1, 1, false));
    Csr::parse(&fresh.repeat(200)).unwrap();
    // All that may be judged are wrong.
    let at_most = torn(&fresh, MOST).concat();
    assert_eq!(judged(&at_most.repeat(3)), (MOST, 0, false));
    assert!(words(&at_most).starts_with("its signature is wrong"));
    let more = torn(&fresh, MOST + 1).concat();
    assert_eq!(judged(&more.repeat(3)), (MOST, 0, true));
    assert_eq!(words(&more), many);
    // Nobody can tell after the second good one.
    let second = Fresh::new().pem;
    let several = format!("{fresh}{second}{more}");
    assert_eq!(judged(&several), (2, 2, false));
    assert_eq!(
        words(&several),
        "there are several different ones in the text"
    );
    assert_eq!(words(&format!("{fresh}{more}")), many);
}
