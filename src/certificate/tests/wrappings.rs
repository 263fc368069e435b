//! Requests as people paste them.

use super::wrapped::{Cases, Fresh, keys_alone};
use crate::certificate::Csr;

#[test]
#[allow(clippy::print_stdout)] // The count is told.
fn every_readable_wrapping_is_read() {
    let fresh = Fresh::new();
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
    let count = cases.len();
    for (name, text) in cases {
        let read = Csr::parse(&text).unwrap_or_else(|failure| panic!("{name}: {failure}\n{text}"));
        assert_eq!(read, expected, "{name}");
        read.examine().unwrap();
    }
    println!("proof: {count} wrappings of a CSR read");
}

/// A key that came along is known to others: whatever its wrapping, no order is made with it.
#[test]
fn a_key_beside_a_request_is_named() {
    for text in Fresh::new().with_keys() {
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
    let [moved, more, fewer] = Fresh::new().damaged();
    for text in [moved, more] {
        let words = Csr::parse(&text).unwrap_err().words();
        assert!(
            words.starts_with("it is damaged inside") || words.starts_with("its signature"),
            "{words}"
        );
    }
    let words = Csr::parse(&fewer).unwrap_err().words();
    assert!(words.starts_with("it is cut off"), "{words}");
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
    ] {
        let text = unit.repeat(64 * 1024 / unit.len());
        assert!(Csr::parse(&text).is_err(), "{unit}");
    }
}
