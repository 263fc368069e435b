//! Properties over random and damaged input.

use std::sync::LazyLock;

use proptest::prelude::*;

use crate::certificate::testing::{Delivery, certificate, file, names, now};
use crate::certificate::{Chain, Csr, assemble, files_from_zip, files_of_delivery, pem, pkcs7};

static DELIVERY: LazyLock<Delivery> = LazyLock::new(Delivery::new);
static CHAIN: LazyLock<Chain> =
    LazyLock::new(|| assemble(&DELIVERY.files(), &DELIVERY.csr).unwrap());

fn csr_der() -> Vec<u8> {
    pem::blocks(DELIVERY.csr.pem()).remove(0).der.unwrap()
}

/// Changes one byte.
fn damage(bytes: &[u8], position: &prop::sample::Index, difference: u8) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    damaged[position.index(bytes.len())] ^= difference;
    damaged
}

fn try_everything(bytes: &[u8]) {
    let labels = ["CERTIFICATE REQUEST", "CERTIFICATE", "PKCS7"];
    let armoured: String = labels
        .iter()
        .map(|label| pem::armour(label, bytes))
        .collect();
    let _ = Csr::parse(&String::from_utf8_lossy(bytes));
    let _ = Csr::parse(&armoured).and_then(|csr| csr.check_key());
    let _ = pkcs7::certificates(bytes);
    let _ = files_from_zip(bytes);
    let _ = (
        files_of_delivery(bytes),
        files_of_delivery(armoured.as_bytes()),
    );
    for content in [bytes, armoured.as_bytes()] {
        let files = [
            file("a", content),
            file("b", &DELIVERY.leaf),
            file("c", &DELIVERY.intermediate.pem),
        ];
        let chain = assemble(&files, &DELIVERY.csr).unwrap();
        // A damaged copy may look newer than the real leaf, but it is not proved.
        if chain.leaf.names != CHAIN.leaf.names || chain.leaf.not_after != CHAIN.leaf.not_after {
            let ordered = names(&["www.example.com"]);
            assert!(chain.prove(&DELIVERY.csr, &ordered, now()).is_err());
        }
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        try_everything(&bytes);
    }

    #[test]
    fn random_text_never_panics(text in "(-----(BEGIN|END) (CERTIFICATE|NEW CERTIFICATE REQUEST|PKCS7)-----|[A-Za-z0-9+/=]{1,40}|[\r\n -]|\\PC){0,20}") {
        try_everything(text.as_bytes());
    }

    #[test]
    fn a_damaged_csr_never_passes_with_another_content(
        position: prop::sample::Index,
        difference in 1..=u8::MAX,
    ) {
        let damaged = damage(&csr_der(), &position, difference);
        let text = pem::armour("CERTIFICATE REQUEST", &damaged);
        if let Ok(csr) = Csr::parse(&text) && csr.check_key().is_ok() {
            prop_assert_eq!(csr.public_key(), DELIVERY.csr.public_key());
            prop_assert_eq!(csr.names(), DELIVERY.csr.names());
            prop_assert_eq!(csr.subject(), DELIVERY.csr.subject());
        }
    }

    #[test]
    fn a_damaged_leaf_never_proves_another_content(
        position: prop::sample::Index,
        difference in 1..=u8::MAX,
    ) {
        let leaf = damage(&certificate(&DELIVERY.leaf).der, &position, difference);
        let files = [file("a", leaf), file("b", &DELIVERY.intermediate.pem)];
        if let Ok(chain) = assemble(&files, &DELIVERY.csr)
            && chain.prove(&DELIVERY.csr, &names(&["www.example.com"]), now()).is_ok()
        {
            prop_assert_eq!(&chain.leaf.names, &CHAIN.leaf.names);
            prop_assert_eq!(chain.leaf.not_after, CHAIN.leaf.not_after);
            prop_assert_eq!(&chain.leaf.serial, &CHAIN.leaf.serial);
        }
    }

    #[test]
    fn a_damaged_pkcs7_or_archive_never_panics(
        position: prop::sample::Index,
        difference in 1..=u8::MAX,
        cut: prop::sample::Index,
    ) {
        let name = names(&["www.example.com"]).remove(0);
        for bytes in [CHAIN.pkcs7(), CHAIN.zip(&name, true).unwrap()] {
            let damaged = damage(&bytes, &position, difference);
            try_everything(&damaged);
            try_everything(&damaged[..cut.index(damaged.len())]);
        }
    }

    #[test]
    fn any_layout_of_the_same_csr_is_the_same_csr(
        breaks in prop::collection::vec((any::<prop::sample::Index>(), "[ \t\r\n]{1,3}"), 0..12),
    ) {
        let text = DELIVERY.csr.pem();
        let (begin, rest) = text.split_once('\n').unwrap();
        let (body, end) = rest.split_once("-----").unwrap();
        let mut body = body.to_owned();
        for (position, blank) in breaks {
            body.insert_str(position.index(body.len()), &blank);
        }
        let csr = Csr::parse(&format!("{begin}{body}-----{end}")).unwrap();
        prop_assert_eq!(&csr, &DELIVERY.csr);
    }
}
