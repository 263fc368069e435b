//! What is examined in the certificate that a vendor delivers.

use rcgen::ExtendedKeyUsagePurpose::{Any, ClientAuth, EmailProtection, ServerAuth};

use super::Outcome::{Accepted, Refused, Warned};
use super::{Outcome, Samples, Section, line};
use crate::certificate::testing::{Day, Delivery, Wish, certificate, csr, names, now};
use crate::certificate::{Chain, Csr};
use crate::failure::Reason;
use crate::order::calendar::{clients_remark, life_remark};

const WWW: &[&str] = &["www.example.com"];

/// What becomes of a chain for a CSR.
fn of_chain(chain: &Chain, csr: &Csr) -> Outcome {
    let leaf = &chain.leaf;
    match chain.prove(csr, &names(WWW), now()) {
        Err(_) => Refused(Reason::CertificateMismatch),
        Ok(()) => {
            let remarks = [
                life_remark(leaf.not_before, leaf.not_after),
                clients_remark(leaf.is_for_clients),
                leaf.use_remark(),
            ];
            let is_remarked = remarks.iter().any(Option::is_some);
            if is_remarked { Warned } else { Accepted }
        }
    }
}

/// What becomes of certificates for `www.example.com` that are made to wishes.
fn made<'a>(wishes: impl IntoIterator<Item = (&'a str, Wish<'a>)>) -> Samples {
    let delivery = Delivery::new();
    let said = |(about, wish): (&str, Wish<'_>)| {
        let chain = Chain {
            leaf: certificate(&delivery.intermediate.sign(&delivery.csr, &wish)),
            intermediates: vec![certificate(&delivery.intermediate.pem)],
            not_taken: None,
        };
        (about.to_owned(), of_chain(&chain, &delivery.csr))
    };
    wishes.into_iter().map(said).collect()
}

fn dated(from: Day, to: Day) -> Wish<'static> {
    Wish {
        from,
        to,
        ..Wish::of(WWW)
    }
}

fn used(usages: Vec<rcgen::ExtendedKeyUsagePurpose>) -> Wish<'static> {
    Wish {
        usages,
        ..Wish::of(WWW)
    }
}

/// Another key, no issuer, another issuer.
fn of_others() -> Samples {
    let (own, other) = (Delivery::new(), Delivery::new());
    let chain = |intermediates: &[&str]| Chain {
        leaf: certificate(&own.leaf),
        intermediates: intermediates.iter().map(|pem| certificate(pem)).collect(),
        not_taken: None,
    };
    let right = chain(&[&own.intermediate.pem]);
    let without = chain(&[]);
    let strange = chain(&[&other.intermediate.pem]);
    vec![
        ("another key".to_owned(), of_chain(&right, &csr(WWW))),
        ("no issuer".to_owned(), of_chain(&without, &own.csr)),
        ("another issuer".to_owned(), of_chain(&strange, &own.csr)),
    ]
}

pub(super) fn section() -> Section {
    let mismatch = Refused(Reason::CertificateMismatch);
    let nameless = Wish {
        names: &[],
        common_name: WWW[0],
        ..Wish::of(WWW)
    };
    let authority = Wish {
        is_ca: true,
        ..Wish::of(WWW)
    };
    let lines = vec![
        line(
            "a server's certificate of the CSR's key for the ordered names, or more, with its issuers",
            "saved",
            "",
            Accepted,
            made([
                ("plain", Wish::of(WWW)),
                ("a wildcard", Wish::of(&["*.example.com"])),
                ("for servers", used(vec![ServerAuth])),
            ]),
        ),
        line(
            "another key; a chain that does not build",
            "not saved",
            "RFC 5280, 6.1",
            mismatch,
            of_others(),
        ),
        line(
            "names that are not covered, no alternative names",
            "not saved",
            "Baseline Requirements 7.1.2.7.12",
            mismatch,
            made([
                ("another name", Wish::of(&["example.org"])),
                ("no alternative names", nameless),
            ]),
        ),
        line(
            "an authority's certificate, an extended key usage without servers",
            "not saved",
            "Baseline Requirements 7.1.2.7",
            mismatch,
            made([
                ("an authority", authority),
                ("clients only", used(vec![ClientAuth])),
                ("mail only", used(vec![EmailProtection])),
            ]),
        ),
        line(
            "expired; not begun yet",
            "not saved",
            "RFC 5280, 4.1.2.5",
            mismatch,
            made([
                ("expired", dated((2025, 1, 1), (2025, 7, 1))),
                ("not begun", dated((2026, 6, 1), (2026, 12, 1))),
            ]),
        ),
        line(
            "a life of more than ten years, which no public authority ever gave",
            "not saved",
            "Baseline Requirements 6.3.2",
            mismatch,
            made([("a hundred years", dated((2026, 1, 1), (2126, 1, 1)))]),
        ),
        line(
            "no extended key usage, or one that allows everything",
            "saved, with a warning in the log and in `pmssl show`",
            "Baseline Requirements 7.1.2.7.10",
            Warned,
            made([
                ("none", used(Vec::new())),
                ("everything", used(vec![Any])),
                ("everything and servers", used(vec![ServerAuth, Any])),
            ]),
        ),
        line(
            "a life beyond the law of the issue date",
            "saved, with a warning in the log and in `pmssl show`",
            "Baseline Requirements 6.3.2",
            Warned,
            made([
                ("399 days", dated((2026, 1, 1), (2027, 2, 4))),
                ("ten years", dated((2026, 1, 1), (2035, 12, 30))),
            ]),
        ),
        line(
            "may be used by clients, too (clientAuth), which ends in 2027",
            "saved, with a remark in both",
            "Chrome Root Program Policy 1.8",
            Warned,
            made([("both", used(vec![ServerAuth, ClientAuth]))]),
        ),
    ];
    Section {
        title: "The delivered certificate",
        before: "",
        lines,
        behind: "\
The stored chain holds each authority once and ends below the first expired certificate above the issuer. An expired
issuer, and a signature that cannot be verified here, are refused with that reason.",
    }
}
