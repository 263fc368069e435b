//! Answers to the paid call: placed, refused, or unknown.

use super::*;
use crate::ca::Reference;
use crate::ca::http::SendFailure;
use crate::ca::leadertelecom::paid::outcome;
use crate::domain::text::Words;

fn read(status: u16, body: &str, entries: &[(&str, &str)]) -> Result<Placed, Failure> {
    let key = IntentKey::new(KEY);
    outcome("order", Ok(reply(status, body)), &key, &wire(entries)).map_err(Unplaced::failure)
}

#[test]
fn an_answer_that_names_one_certificate_is_an_order() {
    let bodies = [
        r#"{"certificate_id": 7001}"#,
        r#"{"certificate_id": "7001"}"#,
        r#"{"error": null, "errors": [], "certificate_id": 7001, "id": 5}"#,
        r#"{"success": true, "data": {"ssl_certificate_id": 7001}}"#,
        r#"{"order": {"id": 31, "items": [{"id": 3, "ssl_certificate": {"id": 7001}}]}}"#,
        r#"{"ssl_certificates": [{"id": 7001, "certificate_id": 7001}]}"#,
        r#"[{"certificate_id": 7001}]"#,
    ];
    for body in bodies {
        for status in [200, 201, 202] {
            let placed = read(status, body, &[]).unwrap();
            assert_eq!(placed.order.as_str(), "7001", "{body}");
        }
    }
}

#[test]
fn the_orders_own_number_is_kept_beside_it() {
    let placed = read(200, r#"{"order": {"id": 31}, "certificate_id": 7001}"#, &[]).unwrap();
    assert_eq!(placed.references, [(Reference::Partner, "31".to_owned())]);
    let placed = read(200, r#"{"certificate_id": 7001}"#, &[]).unwrap();
    assert_eq!(placed.references, []);
}

#[test]
fn every_other_answer_leaves_the_outcome_unknown() {
    let deep = format!("{}{}", "[".repeat(4000), "]".repeat(4000));
    let cases = [
        (200, ""),
        (200, "   "),
        (200, "null"),
        (200, "true"),
        (200, "7001"),
        (200, "OK"),
        (200, "{}"),
        (200, "[]"),
        (200, r#"{"success": true}"#),
        (200, r#"{"id": 7001}"#),
        (200, r#"{"order": {"id": 7001}}"#),
        (200, r#"{"certificate_id": null}"#),
        (200, r#"{"certificate_id": 0}"#),
        (200, r#"{"certificate_id": -1}"#),
        (200, r#"{"certificate_id": 1.5}"#),
        (200, r#"{"certificate_id": "soon"}"#),
        (200, r#"{"certificate_id": {"value": 7001}}"#),
        (
            200,
            r#"{"certificate_id": 7001, "ssl_certificate_id": 7002}"#,
        ),
        (200, r#"{"certificates": [{"id": 7001}, {"id": 7002}]}"#),
        (200, r#"{"certificate_id": 70"#),
        (200, r#"{"error": "refused"}"#),
        (200, r#"{"error": "refused", "certificate_id": 7001}"#),
        (200, r#"{"errors": {"csr": ["is bad"]}}"#),
        (200, r#"{"success": false, "message": "no"}"#),
        (200, "<html>Sign in</html>"),
        (200, deep.as_str()),
        (302, r#"{"certificate_id": 7001}"#),
        (400, r#"{"error": "refused"}"#),
        (401, "<html>401</html>"),
        (401, ""),
        (401, r#"{"error": "refused", "order_id": 5}"#),
        (401, r#"["refused"]"#),
        (402, r#"{"error": "no money"}"#),
        (403, "<html>blocked</html>"),
        (404, "<h1>404</h1>"),
        (409, r#"{"error": "exists"}"#),
        (422, r#"{"errors": {"days": ["bad"]}}"#),
        (429, r#"{"error": "slow down"}"#),
        (500, r#"{"error": "Invalid data"}"#),
        (502, "<html>"),
        (503, ""),
        (500, r#"{"certificate_id": 7001}"#),
    ];
    for (status, body) in cases {
        let failure = read(status, body, &[]).unwrap_err();
        let short: String = body.chars().take(60).collect();
        assert_eq!(failure.reason(), Reason::OutcomeUnknown, "{status} {short}");
        assert_eq!(failure.offending_value(), KEY, "{status} {short}");
    }
}

#[test]
fn a_refusal_needs_a_status_that_says_so_and_the_vendors_words() {
    for (status, reason) in [
        (401, Reason::BadCredentials),
        (403, Reason::Rejected),
        (404, Reason::Rejected),
        (415, Reason::Rejected),
    ] {
        let failure = read(status, r#"{"error": "<b>not</b> you"}"#, &[]).unwrap_err();
        assert_eq!(failure.reason(), reason, "{status}");
        assert_eq!(failure.words(), "not you");
    }
}

#[test]
fn the_override_file_can_settle_statuses_and_numbers() {
    let refused = [("RefusedStatuses", "401, 422")];
    let body = r#"{"errors": {"days": ["is not included"]}}"#;
    assert_eq!(
        read(422, body, &refused).unwrap_err().reason(),
        Reason::Rejected
    );
    let number = [("OrderCertificateId", "/id")];
    let placed = read(200, r#"{"id": 7001, "item": {"id": 3}}"#, &number).unwrap();
    assert_eq!(placed.order.as_str(), "7001");
    assert!(read(200, r#"{"certificate_id": 7001}"#, &number).is_err());
}

#[test]
fn only_a_request_that_never_left_may_be_sent_again() {
    let key = IntentKey::new(KEY);
    let outcome = |failure| {
        outcome("order", Err(failure), &key, &wire(&[]))
            .unwrap_err()
            .failure()
    };
    let never = outcome(SendFailure::NotSent(Words::verbatim("refused")));
    assert_eq!(never.reason(), Reason::Unreachable);
    let lost = outcome(SendFailure::Lost(Words::verbatim("reset")));
    assert_eq!(lost.reason(), Reason::OutcomeUnknown);
    assert_eq!(lost.offending_value(), KEY);
}
