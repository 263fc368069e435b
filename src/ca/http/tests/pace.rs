//! Pace and circuit breaker of an account, where its requests are sent.

use super::*;

/// The vendor counts requests, not what they are for: each attempt takes its place in the account's pace.
#[tokio::test]
async fn every_request_takes_its_place_in_the_pace_of_its_account() {
    let answers = AtomicU32::new(0);
    let server = Server::start(move |_| {
        if answers.fetch_add(1, Ordering::SeqCst) < 2 {
            cut()
        } else {
            ok("{}")
        }
    })
    .await;
    let meter = Rc::new(Meter::new(20));
    let options = ConnectOptions {
        meter: Some(Rc::clone(&meter)),
        ..quick()
    };
    let began = tokio::time::Instant::now();
    for _ in 0..2 {
        // Two ways of one account share its pace.
        let http = Http::new(&options, None).unwrap();
        http.send(request(&server.url, SendClass::Read))
            .await
            .unwrap();
    }
    assert_eq!(server.hits("POST"), 4);
    assert!(
        began.elapsed() >= Duration::from_millis(150),
        "four requests, three gaps"
    );
    // What must arrive once is counted, and does not wait.
    let http = Http::new(&options, None).unwrap();
    meter.set_pace(1);
    http.send(request(&server.url, SendClass::Once))
        .await
        .unwrap();
    assert!(meter.book() >= began + Duration::from_secs(1));
}

#[tokio::test]
async fn a_vendors_wish_for_a_pause_is_the_accounts() {
    let busy = b"HTTP/1.1 429 Busy\r\nretry-after: 60\r\ncontent-length: 0\r\n\r\n".to_vec();
    let server = Server::start(move |_| Answer::Raw(busy.clone())).await;
    let meter = Rc::new(Meter::new(1000));
    let options = ConnectOptions {
        meter: Some(Rc::clone(&meter)),
        ..quick()
    };
    let http = Http::new(&options, None).unwrap();
    http.send(request(&server.url, SendClass::Read))
        .await
        .unwrap();
    assert!(meter.is_resting());
    assert!(
        meter
            .quiet_for()
            .is_some_and(|rest| rest > Duration::from_secs(50))
    );
}

/// The breaker counts calls: pages and gateways' statuses as well as connections that break. Then nothing is sent, least
/// of all what buys.
#[tokio::test]
async fn an_account_that_fails_is_left_alone_whatever_is_asked_in_its_name() {
    let page = "<html><title>Maintenance</title></html>";
    for answer in [
        ok(page),
        ok(""),
        Answer::Raw(b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n".to_vec()),
        cut(),
    ] {
        let server = Server::start(move |_| answer.clone()).await;
        let meter = Rc::new(Meter::new(100_000));
        let options = ConnectOptions {
            meter: Some(Rc::clone(&meter)),
            ..quick()
        };
        let http = Http::new(&options, None).unwrap().selling(&["order/buy"]);
        for _ in 0..5 {
            let _ = http.send(request(&server.url, SendClass::Once)).await;
        }
        assert!(meter.is_resting());
        let looked = http.send(request(&server.url, SendClass::Read)).await;
        let paid = Request {
            operation: "order/buy",
            ..request(&server.url, SendClass::Once)
        };
        let bought = http.send_paid(paid, Permit::for_tests()).await;
        for outcome in [looked, bought] {
            let failure = outcome.unwrap_err();
            assert!(matches!(failure, SendFailure::Resting(_)), "{failure}");
            let unplaced = failure.clone().into_unplaced(&IntentKey::new("K"));
            assert!(matches!(unplaced, Unplaced::NotSent(_)));
            let kind = failure.into_failure(SendClass::Read).kind();
            assert_eq!(kind, FailureKind::Transient);
        }
        assert_eq!(server.hits("POST"), 5);
    }
}

/// A refusal of one order is an answer of a vendor that works.
#[tokio::test]
async fn refusals_are_no_failures_of_the_vendor() {
    for status in ["400 No", "404 No", "422 No"] {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}");
        let server = Server::start(move |_| Answer::Raw(answer.clone().into_bytes())).await;
        let meter = Rc::new(Meter::new(100_000));
        let options = ConnectOptions {
            meter: Some(Rc::clone(&meter)),
            ..quick()
        };
        let http = Http::new(&options, None).unwrap();
        for _ in 0..8 {
            http.send(request(&server.url, SendClass::Once))
                .await
                .unwrap();
        }
        assert!(!meter.is_resting());
        assert_eq!(meter.usage().failures, 0);
    }
}
