//! What DNS says about the names.

use super::Outcome::{Accepted, Warned};
use super::{Samples, Section, line};
use crate::domain::{Caa, DnsAnswer};
use crate::module::Method;
use crate::order::names::tests::{FakeZone, found, records};

/// A name, what stands at `example.com`, and how it is to be proved.
fn looked(cases: &[(&'static str, DnsAnswer<Caa>, Method)]) -> Samples {
    let said = |(name, answer, method): &(&'static str, DnsAnswer<Caa>, Method)| {
        let zone = FakeZone(vec![("example.com", answer.clone())]);
        let remarks = found(&zone, &[name], *method);
        let outcome = if remarks.is_empty() { Accepted } else { Warned };
        (format!("{name}: {answer:?}"), outcome)
    };
    cases.iter().map(said).collect()
}

fn issue(value: &str) -> DnsAnswer<Caa> {
    records(&[("issue", value)])
}

pub(super) fn section() -> Section {
    let name = "example.com";
    // Only a resolver that verifies signatures refuses it.
    let broken = FakeZone(vec![("broken.example.com", DnsAnswer::Failed)]);
    let broken = found(&broken, &["broken.example.com"], Method::Email);
    let broken = if broken.is_empty() { Accepted } else { Warned };
    let lines = vec![
        line(
            "CAA, at the name or the nearest domain above it, permits the product's authority; no CAA; a resolver that does not answer",
            "nothing is said",
            "",
            Accepted,
            looked(&[
                (name, issue("digicert.com"), Method::Email),
                (
                    name,
                    records(&[("issue", "letsencrypt.org"), ("issue", "DigiCert.com; x=1")]),
                    Method::Email,
                ),
                (name, DnsAnswer::Nothing, Method::DnsTxt),
                (name, DnsAnswer::Silent, Method::DnsTxt),
            ]),
        ),
        line(
            "CAA permits other authorities only, or none; a critical property that nobody knows",
            "a warning",
            "RFC 8659",
            Warned,
            looked(&[
                (name, issue("letsencrypt.org"), Method::Email),
                (name, issue(";"), Method::Email),
                (
                    "*.example.com",
                    records(&[("issuewild", ";")]),
                    Method::Email,
                ),
                ("www.example.com", issue(";"), Method::Email),
                (name, records(&[("!tbs", "x")]), Method::Email),
            ]),
        ),
        line(
            "`validationmethods` without the chosen method, `accounturi`; binding from 2027-03-15 on",
            "a warning",
            "RFC 8657",
            Warned,
            looked(&[
                (
                    name,
                    issue("digicert.com; validationmethods=dns-01"),
                    Method::HttpFile,
                ),
                (
                    name,
                    issue("digicert.com; accounturi=https://a/1"),
                    Method::DnsTxt,
                ),
            ]),
        ),
        line(
            "SERVFAIL that an unverified question does not get: broken DNSSEC signatures. Only a resolver that verifies them shows this",
            "a warning",
            "Baseline Requirements 3.2.2.8",
            Warned,
            vec![("broken.example.com".to_owned(), broken)],
        ),
        line(
            "the registered domain does not exist; the host does not exist where a file on it is the proof",
            "a warning",
            "RFC 8020",
            Warned,
            looked(&[
                (name, DnsAnswer::NoName, Method::Email),
                ("new.example.com", DnsAnswer::Nothing, Method::HttpFile),
            ]),
        ),
    ];
    Section {
        title: "The names in DNS",
        before: "\
What DNS says about the names is looked at before an order, renewal or reissue is paid for, and when `check_param` examines
a CSR. Nothing is refused for it: authorities look for themselves, later and from elsewhere. It takes two seconds at most, and
a resolver that does not answer costs one. `SSLResolver` names another resolver, or `off` for none.",
        lines,
        behind: "\
The warning stands in the log, in the operation's error if the order fails, and in a message to the client when the order is
placed. By which domains an authority is named in CAA is inferred from its practice statement; where a product's
authority is not known, no other is called wrong.",
    }
}
