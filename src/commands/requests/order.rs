//! How names, addresses and companies are ordered.

use super::Outcome::{Accepted, LeftOut, Refused};
use super::{Outcome, Samples, Section, line};
use crate::failure::Reason;
use crate::order::tests::details::{company, company_at_thesslstore, covers, details};

/// Pairs of names that a product for one name covers without being asked, or not.
fn beside(cases: &[(&str, &str, &str)]) -> Samples {
    let said = |(code, common, other): &(&str, &str, &str)| {
        let outcome = if covers(code, common, other) {
            LeftOut
        } else {
            Accepted
        };
        (format!("{code}: {other} beside {common}"), outcome)
    };
    cases.iter().map(said).collect()
}

/// One address for names of several domains.
fn one_approver(codes: &[&str]) -> Samples {
    let form = [
        ("altname", "a.example.net b.example.org"),
        ("approver_email", "admin@example.com"),
    ];
    let said = |code: &&str| ((*code).to_owned(), Outcome::of(&details(code, &form)));
    codes.iter().map(said).collect()
}

/// A company by product, country, state and postal code.
fn companies(cases: &[(&str, &str, &str, &str)]) -> Samples {
    let said = |(code, country, state, postcode): &(&str, &str, &str, &str)| {
        let read = company_at_thesslstore(code, &company(country, state, postcode));
        let about = format!("{code}: {country} '{state}' '{postcode}'");
        (about, Outcome::of(&read))
    };
    cases.iter().map(said).collect()
}

pub(super) fn section() -> Section {
    let missing = Refused(Reason::Missing);
    let lines = vec![
        line(
            "names that come with a product for one name: `www.` and the bare name beside each other, the bare name and covered names beside a wildcard",
            "left out of the order: the vendors add them by themselves",
            "",
            LeftOut,
            beside(&[
                ("positivessl", "example.com", "www.example.com"),
                ("positivessl", "www.example.com", "example.com"),
                ("positivesslwildcard", "*.example.com", "example.com"),
                ("positivesslwildcard", "*.example.com", "www.example.com"),
            ]),
        ),
        line(
            "the same names where a product has additional names",
            "ordered: each is a wish of its own",
            "",
            Accepted,
            beside(&[("positivemdcssl", "example.com", "www.example.com")]),
        ),
        line(
            "one approver address for names of several domains, where the vendor takes one for an order (GlobalSign; DigiCert's domain validated products at TheSSLStore)",
            "enough",
            "",
            Accepted,
            one_approver(&["digi_ssl123_flex"]),
        ),
        line(
            "the same elsewhere",
            "refused: one for each name or domain",
            "Baseline Requirements 3.2.2.4.4",
            missing,
            one_approver(&["positivemdcssl"]),
        ),
        line(
            "a verified company without a state or without a postal code, in a country that has none (no states in Monaco, Singapore, Hong Kong, no postal codes in Hong Kong, the Emirates)",
            "ordered; the vendor gets the city in the place of the state",
            "",
            Accepted,
            companies(&[
                ("instantssl", "MC", "", "98000"),
                ("instantssl", "SG", "", "018989"),
                ("instantssl", "HK", "", ""),
                ("instantssl", "AE", "Dubai", ""),
            ]),
        ),
        line(
            "the same at TheSSLStore in a country that has them",
            "refused",
            "the vendor's rule for companies (thesslstore.md 6.7)",
            missing,
            companies(&[
                ("instantssl", "US", "", "62701"),
                ("instantssl", "DE", "", "10115"),
                ("instantssl", "DE", "Berlin", ""),
                ("instantssl", "SG", "", ""),
            ]),
        ),
        line(
            "domain validation with a company that is not whole",
            "ordered, without the company where it cannot be used",
            "",
            Accepted,
            companies(&[
                ("positivessl", "DE", "", ""),
                ("positivessl", "US", "", "62701"),
            ]),
        ),
    ];
    Section {
        title: "How it is ordered",
        before: "",
        lines,
        behind: "\
Which parts of an address are needed is each vendor's own rule. eNom documents the postal code as needed for every product,
and asks for a state in the USA, and for Comodo products whose CSR names none. GlobalSign's orders hold a state where the
country has any, and for organization validation a postal code, whatever the country: an order without one is refused there.
TheSSLStore documents a postal code for every verified company; whether it insists on one where the country has none is not
documented: if it does, its refusal names the field and nothing is bought.
Approver addresses are matched with the names by their domains, wherever they stand in the list.

Hosts that the CSR names and the order does not are told in the log and to the client. So is the `www` name of a common
name below a registered domain in a product for one name: it is left out, and no vendor promises to add it.",
    }
}
