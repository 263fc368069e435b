mod pace;
mod sessions;

use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::scripted::{Answer, Server, ok};
use super::*;
use crate::ca::Timeouts;
use crate::failure::FailureKind;

fn quick() -> ConnectOptions {
    ConnectOptions {
        timeouts: Timeouts {
            connect: Duration::from_secs(30),
            read: Duration::from_secs(3),
            once: Duration::from_secs(3),
            pause: Duration::from_millis(1),
        },
        ..ConnectOptions::default()
    }
}

fn request(url: &str, class: SendClass) -> Request {
    Request {
        operation: "order/neworder",
        method: Method::POST,
        url: Url::parse(url).unwrap(),
        headers: vec![("content-type", "application/json".to_owned())],
        body: Some(b"{\"token\":\"topsecret\"}".to_vec()),
        class,
    }
}

async fn send(url: &str, class: SendClass) -> Result<Reply, SendFailure> {
    let http = Http::new(&quick(), None).unwrap();
    http.send(request(url, class)).await
}

fn cut() -> Answer {
    Answer::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"half\":".to_vec())
}

#[test]
fn the_retry_policy_is_this_table() {
    use Decision::{Repeat, Stop};
    use Trouble::{Broken, NotSent, Status, TimedOut, TooLarge};
    let seconds = |count| Some(Duration::from_secs(count));
    let at_once = Repeat(Duration::ZERO);
    let reads = [
        (NotSent, at_once),
        (TimedOut, at_once),
        (Broken, at_once),
        (TooLarge, Stop),
        (Status(429, None), at_once),
        (Status(429, seconds(30)), Repeat(Duration::from_secs(30))),
        (Status(429, seconds(31)), Stop),
        (Status(500, None), Stop),
        (Status(501, None), Stop),
        (Status(502, None), at_once),
        (Status(503, seconds(2)), Repeat(Duration::from_secs(2))),
        (Status(504, None), at_once),
        (Status(505, None), Stop),
        (Status(307, None), Stop),
        (Status(401, None), Stop),
    ];
    for (trouble, expected) in reads {
        for attempt in [1, 2] {
            assert_eq!(
                decide(SendClass::Read, trouble, attempt),
                expected,
                "{trouble:?}"
            );
        }
        assert_eq!(decide(SendClass::Read, trouble, 3), Stop, "{trouble:?}");
        assert_eq!(decide(SendClass::Once, trouble, 1), Stop, "{trouble:?}");
    }
}

#[tokio::test]
async fn a_refused_connection_means_not_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    for class in [SendClass::Read, SendClass::Once] {
        let failure = send(&url, class).await.unwrap_err();
        assert!(matches!(failure, SendFailure::NotSent(_)), "{failure:?}");
        assert!(failure.to_string().contains("order/neworder"), "{failure}");
        assert_eq!(failure.into_failure(class).reason(), Reason::Unreachable);
    }
}

#[tokio::test]
async fn an_unknown_host_means_not_sent() {
    let failure = send("http://nowhere.invalid/", SendClass::Once).await;
    assert!(
        matches!(failure, Err(SendFailure::NotSent(_))),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_failed_tls_handshake_means_not_sent() {
    let server = Server::start(|_| Answer::Raw(b"this is no TLS".to_vec())).await;
    let url = server.url.replace("http:", "https:");
    // The handshake's own bytes are not a request; the other side's garbage ends it.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let garbage = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 16]).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let failure = send(&garbage, SendClass::Once).await;
    assert!(
        matches!(&failure, Err(SendFailure::Insecure(why)) if why.en().contains("does not speak TLS")),
        "{failure:?}"
    );
    // A server that never answers the handshake runs into the connection's own time-out.
    let failure = Http::new(
        &ConnectOptions {
            timeouts: Timeouts {
                connect: Duration::from_millis(100),
                once: Duration::from_secs(5),
                ..quick().timeouts
            },
            ..ConnectOptions::default()
        },
        None,
    )
    .unwrap()
    .send(request(&url, SendClass::Once))
    .await;
    assert!(
        matches!(failure, Err(SendFailure::NotSent(_))),
        "{failure:?}"
    );
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn a_once_is_sent_exactly_once_whatever_happens() {
    let cases: [fn() -> Answer; 8] = [
        || Answer::Close,
        || Answer::Stall,
        cut,
        || Answer::Raw(b"HTTP/1.1 200".to_vec()),
        || Answer::Full(503, b"busy".to_vec()),
        || Answer::RetryAfter(429, 0),
        || Answer::Full(500, Vec::new()),
        || Answer::Redirect("/elsewhere".to_owned()),
    ];
    for (number, case) in cases.into_iter().enumerate() {
        let server = Server::start(move |_| case()).await;
        let http = Http::new(&quick(), None).unwrap();
        let outcome = http.send(request(&server.url, SendClass::Once)).await;
        assert_eq!(server.requests().len(), 1, "case {number}");
        match outcome {
            Ok(reply) => assert!(!reply.is_success(), "case {number}"),
            Err(failure) => {
                assert!(matches!(failure, SendFailure::Lost(_)), "case {number}");
                let failure = failure.into_failure(SendClass::Once);
                assert_eq!(failure.kind(), FailureKind::Unknown, "case {number}");
            }
        }
    }
}

#[tokio::test]
async fn a_once_after_the_server_closed_the_former_connection_is_still_sent_once() {
    let server =
        Server::start(|_| Answer::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec()))
            .await;
    let http = Http::new(&quick(), None).unwrap();
    for count in 1..=3 {
        http.send(request(&server.url, SendClass::Once))
            .await
            .unwrap();
        assert_eq!(server.requests().len(), count);
    }
}

#[tokio::test]
async fn a_read_is_tried_three_times() {
    let cases: [fn() -> Answer; 5] = [
        || Answer::Close,
        || Answer::Stall,
        cut,
        || Answer::Full(503, b"busy".to_vec()),
        || Answer::RetryAfter(429, 0),
    ];
    for (number, case) in cases.into_iter().enumerate() {
        let server = Server::start(move |_| case()).await;
        let http = Http::new(&quick(), None).unwrap();
        let outcome = http.send(request(&server.url, SendClass::Read)).await;
        assert_eq!(server.requests().len(), 3, "case {number}");
        if let Err(failure) = outcome {
            let failure = failure.into_failure(SendClass::Read);
            assert_eq!(failure.reason(), Reason::VendorTrouble, "case {number}");
        }
    }
}

#[tokio::test]
async fn a_read_succeeds_when_the_trouble_passes() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let server =
        Server::start(
            move |_| match count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0 => cut(),
                1 => Answer::Full(502, Vec::new()),
                _ => ok("fine"),
            },
        )
        .await;
    let reply = send(&server.url, SendClass::Read).await.unwrap();
    assert_eq!((reply.status, reply.text().as_ref()), (200, "fine"));
    assert_eq!(reply.content_type.as_deref(), Some("application/json"));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let server = Server::start(|_| Answer::Redirect("/elsewhere".to_owned())).await;
    let reply = send(&server.url, SendClass::Read).await.unwrap();
    assert_eq!(reply.status, 307);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_answer_beyond_the_cap_is_lost_and_not_asked_for_again() {
    let server = Server::start(|_| ok(vec![b'x'; BODY_CAP + 1])).await;
    let options = ConnectOptions {
        timeouts: Timeouts {
            read: Duration::from_secs(30),
            ..quick().timeouts
        },
        ..ConnectOptions::default()
    };
    let http = Http::new(&options, None).unwrap();
    let outcome = http.send(request(&server.url, SendClass::Read)).await;
    let Err(SendFailure::Lost(text)) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(text.en().contains("larger than"), "{text:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn errors_name_the_operation_and_never_the_query() {
    let server = Server::start(|_| Answer::Close).await;
    let url = format!("{}/interface.asp?pw=topsecret", server.url);
    let failure = send(&url, SendClass::Once).await.unwrap_err();
    let text = format!("{failure:?} {failure} {:?}", request(&url, SendClass::Once));
    assert!(text.contains("order/neworder"), "{text}");
    assert!(!text.contains("topsecret"), "{text}");
}

#[tokio::test]
async fn the_local_address_is_the_one_connected_from() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let peer = tokio::spawn(async move { listener.accept().await.unwrap().1.ip() });
    let address = "127.0.0.2".parse().unwrap();
    let http = Http::new(&quick(), Some(address)).unwrap();
    let _ = http.send(request(&url, SendClass::Once)).await;
    assert_eq!(peer.await.unwrap(), address);
}

#[test]
fn addresses_are_https_or_this_machine() {
    let good = [
        ("api.example.com", "https://api.example.com/"),
        (
            " https://api.example.com/rest ",
            "https://api.example.com/rest",
        ),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ("http://127.9.9.9", "http://127.9.9.9/"),
        ("http://[::1]:80/x", "http://[::1]/x"),
        ("http://LOCALHOST:1", "http://localhost:1/"),
    ];
    for (text, expected) in good {
        assert_eq!(
            base_address(text, "url").unwrap().as_str(),
            expected,
            "{text}"
        );
    }
    let bad = [
        ("http://api.example.com", Reason::InsecureAddress),
        ("http://localhost.example.com", Reason::InsecureAddress),
        ("http://127.0.0.1.example.com", Reason::InsecureAddress),
        ("http://0.0.0.0", Reason::InsecureAddress),
        ("ftp://api.example.com", Reason::Invalid),
        ("https://user:topsecret@api.example.com", Reason::Invalid),
        ("https://topsecret@api.example.com", Reason::Invalid),
        ("https://api.example.com/#x", Reason::Invalid),
        ("https://api.example.com/?pw=topsecret", Reason::Invalid),
        ("http://", Reason::Invalid),
        ("", Reason::Invalid),
    ];
    for (text, reason) in bad {
        let failure = base_address(text, "url").unwrap_err();
        assert_eq!(failure.reason(), reason, "{text}");
        assert_eq!(failure.object(), "url");
        assert!(!failure.to_string().contains("topsecret"), "{failure}");
    }
}

#[test]
fn an_unusable_file_of_roots_is_told_at_once() {
    for content in [
        None,
        Some("no pem"),
        Some("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("roots.pem");
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let options = ConnectOptions {
            extra_roots: Some(path),
            ..ConnectOptions::default()
        };
        let failure = Http::new(&options, None).unwrap_err();
        assert_eq!(failure.reason(), Reason::PlatformFile, "{content:?}");
    }
}

#[test]
fn a_proxy_is_understood_or_nothing_is_sent() {
    for (text, host) in [
        ("http://10.0.0.1:3128", Some("10.0.0.1")),
        ("proxy.example:3128", Some("proxy.example")),
        ("https://u:p@proxy.example", Some("proxy.example")),
        ("ftp://proxy.example", None),
        ("htp://proxy.example", None),
        ("socks5://proxy.example", None),
        ("user:s3cr3t@", None),
        ("://", None),
        ("::::", None),
        ("", None),
    ] {
        let found = proxy_address(text);
        let found = found.as_ref().and_then(|url| url.host_str());
        assert_eq!(found, host, "{text}");
        let options = ConnectOptions {
            proxy: Some(text.to_owned()),
            ..quick()
        };
        match Http::new(&options, None) {
            Ok(_) => assert!(host.is_some(), "{text}"),
            Err(failure) => {
                assert_eq!(host, None, "{text}");
                assert_eq!(failure.kind(), FailureKind::Input);
                assert_eq!(failure.object(), "SSLProxy");
                assert!(!failure.to_string().contains("s3cr3t"), "{failure}");
            }
        }
    }
}

#[tokio::test]
async fn a_call_that_buys_is_sent_with_a_permit_only_and_once() {
    let server = Server::start(|_| Answer::Full(503, b"busy".to_vec())).await;
    let http = Http::new(&quick(), None)
        .unwrap()
        .selling(&["order/neworder"]);
    for class in [SendClass::Read, SendClass::Once] {
        let refused = http.send(request(&server.url, class)).await;
        assert!(
            matches!(&refused, Err(SendFailure::NotSent(why)) if why.en().contains("order/neworder")),
            "{refused:?}"
        );
        assert_eq!(server.requests().len(), 0);
    }
    let late = http
        .send_paid(
            request(&server.url, SendClass::Once),
            Permit::that_is_over(),
        )
        .await;
    assert!(matches!(&late, Err(SendFailure::TooLate(_))), "{late:?}");
    assert_eq!(server.requests().len(), 0);
    // Whatever class is asked for, and although an answer 503 of a read is asked again.
    let sent = http
        .send_paid(request(&server.url, SendClass::Read), Permit::for_tests())
        .await;
    assert_eq!(sent.unwrap().status, 503);
    assert_eq!(server.requests().len(), 1);
    let other = Request {
        operation: "order/status",
        ..request(&server.url, SendClass::Read)
    };
    http.send(other).await.unwrap();
    assert_eq!(server.requests().len(), 1 + 3);
}

/// The library says why in its own English; people are told in theirs.
#[tokio::test]
async fn what_breaks_off_is_told_in_own_words() {
    let closed = "the connection was closed before the answer was complete";
    type Case = (fn() -> Answer, &'static str);
    let cases: [Case; 3] = [
        (|| Answer::Close, closed),
        (cut, closed),
        (
            || Answer::Raw(b"220 mail.example.com ESMTP\r\n\r\n".to_vec()),
            "what came is no answer of a web server",
        ),
    ];
    for (answer, words) in cases {
        let server = Server::start(move |_| answer()).await;
        let Err(failure) = send(&server.url, SendClass::Once).await else {
            panic!("an answer: {words}");
        };
        assert!(failure.to_string().ends_with(words), "{failure}");
        let both = failure.both();
        let russian = both.get(crate::domain::text::Language::Russian);
        assert!(!russian.contains("connection"), "{russian}");
    }
}
