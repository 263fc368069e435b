//! The control interface, and the account settings of the simulated vendors.

use serde_json::{Value, json};

use super::Place;

async fn call(place: &Place, method: &str, path: &str, body: Value) -> (u16, Value) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let url = place.world.control().url();
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let body = body.to_string();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let value = serde_json::from_str(body).unwrap_or_else(|_| Value::String(body.to_owned()));
    (status, value)
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

/// What `GET /` lists stands in the developer's document, too.
#[test]
fn every_action_is_documented() {
    let document = include_str!("../../../../docs/sandbox.md");
    let actions = crate::sandbox::control::HELP.lines().filter_map(|line| {
        let (method, rest) = line.split_once(' ')?;
        matches!(method, "GET" | "POST").then_some(rest.trim_start())
    });
    let paths = actions.flat_map(|rest| rest.split(' ').take_while(|word| word.starts_with('/')));
    let mut count = 0;
    for path in paths {
        count += 1;
        assert!(document.contains(path), "{path} is not in docs/sandbox.md");
    }
    assert!(count > 30, "{count}");
    for (name, _) in crate::sandbox::vendor::Fault::ALL {
        let quoted = format!("`{name}`");
        assert!(
            document.contains(&quoted),
            "{name} is not in docs/sandbox.md"
        );
    }
}

#[test]
fn a_world_can_be_driven_from_outside() {
    let place = Place::with_script("exit 1");
    run(async {
        let (status, help) = call(&place, "GET", "/", Value::Null).await;
        assert_eq!(status, 200);
        assert!(help.as_str().unwrap().contains("POST /stop"));
        let (_, account) = call(
            &place,
            "POST",
            "/accounts",
            json!({"module": "pmthesslstore"}),
        )
        .await;
        let item =
            json!({"account": account["id"], "template": "rapidssl", "common_name": "b.example"});
        let (_, item) = call(&place, "POST", "/items", item).await;
        let open = json!({"item": item["id"], "command": "open"});
        let (_, operation) = call(&place, "POST", "/operations", open).await;
        let path = format!("/operations/{}/run", operation["id"]);
        let (status, outcome) = call(&place, "POST", &path, Value::Null).await;
        assert_eq!((status, &outcome["exit"]), (200, &json!(1)));
        let (_, round) = call(&place, "POST", "/run", json!({"rounds": 3})).await;
        assert_eq!(round.as_array().unwrap().len(), 3);
        let (_, view) = call(&place, "GET", "/items/1", Value::Null).await;
        assert_eq!(view["parameters"]["approver_email"], "admin@b.example");
        let (_, operations) = call(&place, "GET", "/operations", Value::Null).await;
        assert_eq!(operations[0]["tries"], 4);
        let (_, found) = call(&place, "GET", "/reconcile", Value::Null).await;
        assert_eq!(found["sound"], true);
        let begun = place.world.clock().offset();
        let before = place.world.vendor("thesslstore").vendor().clock().now();
        call(&place, "POST", "/clock", json!({"seconds": 86400})).await;
        let after = place.world.vendor("thesslstore").vendor().clock().now();
        assert!((after - before).num_seconds() >= 86400);
        assert_eq!(place.world.clock().offset() - begun, 86400);
        let fault = json!({"fault": "unknown", "function": "paramlist"});
        call(&place, "POST", "/platform/faults", fault).await;
        assert_eq!(place.mgrctl(&["paramlist"]).0, Some(1));
        let (_, calls) = call(&place, "GET", "/mgrctl", Value::Null).await;
        assert_eq!(calls[0]["function"], "paramlist");
    });
}

#[test]
fn wrong_requests_are_answered_with_the_reason() {
    let place = Place::new();
    run(async {
        for (method, path, body, status) in [
            ("GET", "/nowhere", Value::Null, 404),
            ("GET", "/items/7", Value::Null, 404),
            ("POST", "/accounts", json!({"module": "pmnone"}), 400),
            ("POST", "/accounts", Value::Null, 400),
            (
                "POST",
                "/items",
                json!({"account": 5, "template": "x"}),
                400,
            ),
            (
                "POST",
                "/operations",
                json!({"item": 5, "command": "open"}),
                404,
            ),
            ("GET", "/vendors/none/sales", Value::Null, 404),
            (
                "POST",
                "/vendors/thesslstore/approve",
                json!({"order": "none"}),
                400,
            ),
            (
                "POST",
                "/vendors/thesslstore/faults",
                json!({"fault": "none"}),
                400,
            ),
            (
                "POST",
                "/vendors/leadertelecom/revoke",
                json!({"order": "none"}),
                400,
            ),
            ("POST", "/platform/faults", json!({"fault": "none"}), 400),
        ] {
            let (found, value) = call(&place, method, path, body).await;
            assert_eq!(found, status, "{method} {path}: {value}");
            assert!(value["error"].is_string(), "{method} {path}: {value}");
        }
        let mut stopped = place.world.control().stopped();
        assert!(!*stopped.borrow_and_update());
        call(&place, "POST", "/stop", Value::Null).await;
        stopped.changed().await.unwrap();
        assert!(*stopped.borrow());
    });
}

#[test]
fn an_account_talks_to_its_simulated_vendor_unless_told_otherwise() {
    let place = Place::new();
    let url = place.world.vendor("pmthesslstore").url();
    let account = place.world.add_account("pmthesslstore", &[("extra", "1")]);
    let settings = place.world.settings_of(account);
    assert!(
        settings.iter().any(|(_, value)| value.starts_with(&url)),
        "{settings:?}"
    );
    assert!(settings.contains(&("extra".to_owned(), "1".to_owned())));
}

/// The example itself: a world of its own process, with its files usable by hand.
#[test]
fn the_served_world_tells_where_it_is_and_ends_on_request() {
    use std::io::{BufRead, BufReader, Read};
    let directory = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(crate::sandbox::binaries::sandbox())
        .args(["serve", "--root"])
        .arg(directory.path())
        // Without cargo's variable it takes the binary that is there.
        .env_remove("CARGO")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let root = directory.path().canonicalize().unwrap();
    assert_eq!(ready["root"], json!(root));
    assert!(ready["vendors"]["thesslstore"].is_string());
    // mgrctl by hand, from another directory and with nothing in the environment.
    let mgrctl = std::process::Command::new(root.join("sbin/mgrctl"))
        .current_dir("/")
        .env_clear()
        .args(["-m", "billmgr", "-o", "xml", "paramlist"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&mgrctl.stdout).contains("<DBName>billmgr</DBName>"));
    for module in crate::sandbox::layout::MODULES {
        assert!(root.join("processing").join(module).exists(), "{module}");
    }
    let books = std::process::Command::new(crate::sandbox::binaries::sandbox())
        .args(["books", "--root"])
        .arg(&root)
        .output()
        .unwrap();
    assert!(books.status.success(), "{books:?}");
    assert!(String::from_utf8_lossy(&books.stdout).contains("sound: one sale per intent"));
    let host = ready["control"].as_str().unwrap();
    let host = host.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let request = format!("POST /stop HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
    assert!(child.wait().unwrap().success());
}
