//! One event, one word: what a gateway, a page of maintenance or a handshake says is the same at all vendors.

use super::http::canned;
use super::{CertificateAuthority, OrderRef};
use crate::domain::{TemplateCode, VendorOrderId};
use crate::failure::{Failure, Language, Reason};
use crate::hostile::connected;
use crate::module;

/// Reads that begin with the vendor's first answer, and a name for each.
fn reads(authority: &dyn CertificateAuthority, module: &str) -> Vec<(&'static str, Failure)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let template = module::by_name(module).unwrap().templates[0].code;
    let order = OrderRef {
        order: VendorOrderId::new("7700123"),
        template: TemplateCode::new(template),
        csr_pem: None,
    };
    [
        ("check", runtime.block_on(authority.check()).err()),
        ("balance", runtime.block_on(authority.balance()).err()),
        ("status", runtime.block_on(authority.status(&order)).err()),
    ]
    .into_iter()
    .map(|(call, failure)| (call, failure.unwrap_or_else(|| panic!("{module} {call}"))))
    .collect()
}

#[test]
#[allow(clippy::print_stdout)] // The count is told.
fn one_event_is_one_word_at_every_vendor() {
    let page = "the answer is a web page instead of data, as during maintenance";
    let events: [(&str, Reason, &str); 14] = [
        (
            "<!DOCTYPE html><html><head><title>Maintenance</title></head></html>",
            Reason::VendorTrouble,
            "the answer is a web page instead of data, as during maintenance ('Maintenance')",
        ),
        (
            "<?xml version='1.0'?>\n<html/>",
            Reason::VendorTrouble,
            page,
        ),
        (
            "We are back soon",
            Reason::VendorTrouble,
            "the answer is a text instead of data ('We are back soon')",
        ),
        (" \r\n", Reason::VendorTrouble, "the answer is empty"),
        (
            "HTTP 503\n<html><title>Maintenance</title>",
            Reason::VendorTrouble,
            "HTTP status 503, an error of the server ('Maintenance')",
        ),
        (
            "HTTP 500\n",
            Reason::VendorTrouble,
            "HTTP status 500, an error of the server",
        ),
        (
            "HTTP 429\n<html>slower",
            Reason::VendorTrouble,
            "HTTP status 429, too many requests",
        ),
        (
            "HTTP 401\n<html><title>Who?</title>",
            Reason::BadCredentials,
            "HTTP status 401, the credentials are not accepted ('Who?')",
        ),
        (
            "HTTP 403\n",
            Reason::AddressNotAllowed,
            "HTTP status 403, requests from here are not allowed",
        ),
        (
            "HTTP 404\n<html>nginx",
            Reason::Unreachable,
            "HTTP status 404, the vendor's service is not at this address",
        ),
        (
            "HTTP 405\n",
            Reason::Unreachable,
            "HTTP status 405, the vendor's service is not at this address",
        ),
        (
            "HTTP 302\n",
            Reason::Unreachable,
            "HTTP status 302, a redirect, which is not followed: it could send an order twice",
        ),
        (
            "HTTP 407\n",
            Reason::Unreachable,
            "HTTP status 407, the proxy wants credentials",
        ),
        (
            "HTTP 418\n",
            Reason::UnreadableAnswer,
            "HTTP status 418, an unexpected one",
        ),
    ];
    let asked: usize = events
        .into_iter()
        .map(|(answer, reason, words)| one_word(answer.as_bytes(), reason, words))
        .sum();
    println!("proof: {asked} pages and statuses of 5 vendors have one word each");
}

/// Asks every vendor and counts the calls.
fn one_word(answer: &[u8], reason: Reason, words: &str) -> usize {
    let mut asked = 0;
    for module in module::MODULES {
        let found = canned::answer_with(answer, || {
            reads(connected(module.name).as_ref(), module.name)
        });
        for (call, failure) in found {
            let answer = String::from_utf8_lossy(answer);
            let about = format!("{} {call}: {answer}", module.name);
            assert_eq!(failure.reason(), reason, "{about}: {failure}");
            let detail = failure.words();
            let told = detail.split_once(": ").map(|(_, told)| told);
            assert_eq!(told, Some(words), "{about}");
            let russian = failure.text(Language::Russian);
            let is_translated = !words
                .split(" ('")
                .next()
                .is_some_and(|own| russian.contains(own));
            assert!(is_translated, "{russian}");
            asked += 1;
        }
    }
    asked
}

/// A page is one in any character set and whatever it begins with, and half an answer is trouble of the vendor: no
/// look for orders may go on as if the vendor could not show them.
#[test]
fn pages_in_old_letters_pieces_of_pages_and_cut_answers_are_trouble() {
    let page = "the answer is a web page instead of data, as during maintenance";
    let cut = "the answer is cut off";
    let events: [(&[u8], &str); 8] = [
        (
            b"<html><head><title>Wartung l\xe4uft</title></head></html>",
            "the answer is a web page instead of data, as during maintenance ('Wartung l\u{e4}uft')",
        ),
        (b"<div>Back soon</div>", page),
        (
            b"<script>1</script><p>\xcf\xe5\xf0\xe5\xf0\xfb\xe2</p>",
            page,
        ),
        (b"<!-- the page is c", cut),
        (b"<?xml version='1.0'?>\n<doc><elem><id>77", cut),
        (b"<soap:Envelope><soap:Body>\xe4", cut),
        (b"{\"orders\": [{\"id\": 7}", cut),
        (b"[", cut),
    ];
    for (answer, words) in events {
        let asked = one_word(answer, Reason::VendorTrouble, words);
        assert_eq!(asked, 3 * module::MODULES.len());
    }
}

/// The vendor's own words under a status of the account or the service do not change its class: they are told beside it.
#[test]
fn words_under_a_status_of_the_service_do_not_hide_it() {
    let fault = "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><soap:Fault>\
        <faultcode>soap:Client</faultcode><faultstring>x</faultstring></soap:Fault></soap:Body></soap:Envelope>";
    let bodies = [
        r#"{"message":"x"}"#,
        r#"{"error":"x"}"#,
        r#"{"isError":true,"Message":["x"]}"#,
        r#"{"AuthResponse":{"isError":true,"Message":["x"]}}"#,
        r#"[{"isError":true,"Message":["x"]}]"#,
        "[]",
        fault,
    ];
    for (status, reason, words) in [
        (302, Reason::Unreachable, "a redirect"),
        (401, Reason::BadCredentials, "the credentials are not"),
        (403, Reason::AddressNotAllowed, "requests from here are not"),
        (407, Reason::Unreachable, "the proxy wants credentials"),
        (408, Reason::VendorTrouble, "the request took too long"),
        (425, Reason::VendorTrouble, "the request came too early"),
        (429, Reason::VendorTrouble, "too many requests"),
        (503, Reason::VendorTrouble, "an error of the server"),
    ] {
        for body in bodies {
            let answer = format!("HTTP {status}\n{body}");
            for module in module::MODULES {
                let found = canned::answer_with(answer.as_bytes(), || {
                    reads(connected(module.name).as_ref(), module.name)
                });
                for (call, failure) in found {
                    let about = format!("{} {call}: {answer}: {failure}", module.name);
                    assert_eq!(failure.reason(), reason, "{about}");
                    let told = format!("HTTP status {status}, {words}");
                    assert!(failure.words().contains(&told), "{about}");
                }
            }
        }
    }
}
