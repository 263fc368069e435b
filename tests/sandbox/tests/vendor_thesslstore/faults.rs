//! Every fault does what its name says, to the money, too.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::{Shop, order};
use crate::sandbox::vendor::{FOREVER, Fault};

const CALL: &str = "order/neworder";

fn buy(shop: &Shop) -> std::io::Result<super::client::Raw> {
    shop.raw(CALL, order("positivessl", "example.com"))
}

/// Buys once with the fault and once without.
fn meet(fault: Fault) -> (Shop, std::io::Result<super::client::Raw>) {
    let shop = Shop::open();
    shop.server.set_fault(CALL, fault, 1);
    let met = buy(&shop);
    let sold = shop.paid();
    let expected = match fault {
        Fault::DuplicateDelivery => 2,
        fault if fault.is_before() => 0,
        _ => 1,
    };
    assert_eq!(sold, expected, "{fault:?}");
    assert_eq!(shop.server.requests()[0].fault, Some(fault));
    if fault != Fault::RefuseNext {
        assert_eq!(
            buy(&shop).unwrap().status,
            200,
            "{fault:?} strikes only once"
        );
        assert_eq!(shop.paid(), expected + 1);
    }
    (shop, met)
}

#[test]
fn resets_are_resets() {
    for fault in [
        Fault::Refuse,
        Fault::ResetBeforeHandling,
        Fault::ResetBeforeAnswer,
    ] {
        let (_shop, met) = meet(fault);
        assert_eq!(
            met.unwrap_err().kind(),
            ErrorKind::ConnectionReset,
            "{fault:?}"
        );
    }
}

#[test]
fn a_closed_port_refuses_until_the_faults_are_cleared() {
    let shop = Shop::open();
    shop.server.set_fault("*", Fault::Refuse, 1);
    for _ in 0..3 {
        assert_eq!(buy(&shop).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    }
    assert_eq!(shop.server.requests().len(), 0);
    shop.server.clear_faults();
    assert_eq!(buy(&shop).unwrap().status, 200);
    assert_eq!(shop.paid(), 1);
}

#[test]
fn a_standing_connection_is_reset_when_the_port_closes() {
    let shop = Shop::open();
    let mut stream = TcpStream::connect(shop.server.address()).unwrap();
    let ask = b"GET /rest/health/status HTTP/1.1\r\nHost: store\r\n\r\n";
    stream.write_all(ask).unwrap();
    let mut start = [0; 15];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");
    shop.server.go_down();
    stream.write_all(ask).unwrap();
    let error = stream.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let log = shop.server.requests();
    assert_eq!(log.len(), 2);
    assert_eq!(log[0].connection, log[1].connection);
    assert_eq!(log[1].fault, Some(Fault::Refuse));
}

#[test]
fn the_call_behind_another_can_be_refused() {
    let (shop, met) = meet(Fault::RefuseNext);
    assert_eq!(met.unwrap().status, 200);
    assert_eq!(buy(&shop).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert_eq!(shop.paid(), 1);
    shop.server.clear_faults();
    assert_eq!(buy(&shop).unwrap().status, 200);
}

#[test]
fn a_cut_body_is_shorter_than_announced() {
    let (_shop, met) = meet(Fault::CutBody);
    let raw = met.unwrap();
    assert_eq!(raw.status, 200);
    assert!(!raw.body.is_empty());
    assert!(
        raw.body.len() < raw.length().unwrap(),
        "{} bytes",
        raw.body.len()
    );
}

#[test]
fn a_truncated_body_is_announced_as_whole_but_is_not_json() {
    let (_shop, met) = meet(Fault::Truncated);
    let raw = met.unwrap();
    assert_eq!(raw.length(), Some(raw.body.len()));
    assert!(!raw.body.is_empty());
    assert!(serde_json::from_slice::<Value>(&raw.body).is_err());
}

#[test]
fn an_empty_answer_is_empty() {
    let (_shop, met) = meet(Fault::Empty);
    let raw = met.unwrap();
    assert_eq!((raw.status, raw.body.len()), (200, 0));
}

#[test]
fn server_errors_and_pages_are_html() {
    for (fault, status) in [
        (Fault::ServerErrorBefore, 503),
        (Fault::ServerErrorAfter, 503),
        (Fault::HtmlPage, 200),
        (Fault::HtmlPageAfter, 200),
    ] {
        let raw = meet(fault).1.unwrap();
        assert_eq!(raw.status, status, "{fault:?}");
        assert!(raw.head.contains("text/html") && raw.text().contains("<html>"));
    }
}

#[test]
fn an_error_with_200_has_the_vendors_form() {
    let raw = meet(Fault::ErrorWith200).1.unwrap();
    let answer: Value = serde_json::from_slice(&raw.body).unwrap();
    assert_eq!(answer["AuthResponse"]["isError"], true);
    let message = answer["AuthResponse"]["Message"][0].as_str().unwrap();
    assert!(message.starts_with("ErrorCode:-9009|"), "{message}");
    assert_eq!(answer["TheSSLStoreOrderID"], Value::Null);
}

#[test]
fn wrong_types_keep_the_fields() {
    let raw = meet(Fault::WrongTypes).1.unwrap();
    let answer: Value = serde_json::from_slice(&raw.body).unwrap();
    assert!(answer["TheSSLStoreOrderID"].is_number());
    assert!(answer["AuthResponse"]["isError"].is_string());
}

#[test]
fn a_duplicate_delivery_sells_twice_and_answers_once() {
    let (shop, met) = meet(Fault::DuplicateDelivery);
    let answer: Value = serde_json::from_slice(&met.unwrap().body).unwrap();
    assert_eq!(answer["TheSSLStoreOrderID"], "7700002");
    assert_eq!(
        shop.server.hits(CALL),
        2,
        "one for the duplicate, one for the plain call"
    );
}

#[test]
fn redirects_and_refusals_by_rate_do_not_sell() {
    let raw = meet(Fault::Redirect).1.unwrap();
    assert_eq!(raw.status, 307);
    assert!(
        raw.head
            .contains("location: /redirected/rest/order/neworder/")
    );
    let raw = meet(Fault::TooManyRequests).1.unwrap();
    assert_eq!(raw.status, 429);
    assert!(raw.head.contains("retry-after: 1"));
}

#[test]
fn whoever_follows_a_redirect_buys() {
    let shop = Shop::open();
    let body = order("positivessl", "example.com");
    let path = "/redirected/rest/order/neworder/";
    let mut request = json!({"AuthRequest": super::client::credentials()});
    super::client::merge(&mut request, body);
    shop.send("POST", path, "application/json", &request.to_string())
        .unwrap();
    assert_eq!(shop.paid(), 1);
}

#[test]
fn a_slow_answer_is_whole_in_the_end() {
    let shop = Shop::open();
    shop.server.set_drip_pause(Duration::from_millis(10));
    shop.server.set_fault(CALL, Fault::SlowDrip, 1);
    let start = Instant::now();
    let raw = buy(&shop).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(150));
    assert!(serde_json::from_slice::<Value>(&raw.body).is_ok());
}

#[test]
fn an_oversized_answer_has_a_hundred_megabytes_and_no_length() {
    let shop = Shop::open();
    shop.server.set_fault(CALL, Fault::Oversized, 1);
    let raw = buy(&shop).unwrap();
    assert_eq!(raw.length(), None);
    assert!(raw.body.len() > 100 * 1024 * 1024);
    assert_eq!(shop.paid(), 1);
}

#[test]
fn a_stalled_call_is_not_answered() {
    for (fault, sold) in [(Fault::Stall, 1), (Fault::StallBefore, 0)] {
        let mut shop = Shop::open();
        shop.server.set_fault(CALL, fault, FOREVER);
        // The client's own time-out ends it.
        shop.patience = Duration::from_secs(3);
        let outcome = buy(&shop);
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!(shop.paid(), sold, "{fault:?}");
        assert_eq!(shop.server.hits(CALL), 1);
    }
}

#[test]
fn a_star_fault_strikes_any_call_and_can_wait_its_turn() {
    let shop = Shop::open();
    shop.server.set_fault_after("*", Fault::Empty, 1, 1);
    assert!(!buy(&shop).unwrap().body.is_empty());
    let status = shop.raw("order/status", json!({"CustomOrderID": "key-1"}));
    assert!(status.unwrap().body.is_empty());
    assert!(!buy(&shop).unwrap().body.is_empty());
}
