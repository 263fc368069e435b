//! Parts of the program by themselves: log writing, masking, reading of a large vendor list.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pmssl::ca::{CertificateAuthority, ConnectOptions, connect};
use pmssl::domain::Settings;
use pmssl::logging;
use pmssl::module::by_name;

use super::figures::{Table, Times, mebibytes, milliseconds};
use crate::sandbox::vendor::enom::Enom;
use crate::sandbox::vendor::thesslstore::TheSslStore;
use crate::sandbox::vendor::{Vendor, VendorServer};

/// Processes that write one log at the same time, and the lines of each.
const WRITERS: usize = 8;
const LINES: usize = 5_000;

/// Size of the vendor list, in bytes.
const LIST: usize = 1024 * 1024;

const REPEATS: usize = 15;

/// The argument by which this program is a log writer.
pub const WRITER: &str = "log-writer";

pub fn measure() {
    println!("## Parts\n");
    let mut table = Table::new(&["what", "median ms", "least ms", "that is"]);
    log(&mut table);
    masking(&mut table);
    lists(&mut table);
    table.print();
}

/// Writes its lines: the child's side of [`log`].
pub fn write_log(root: &Path) {
    start_log(root);
    for number in 0..LINES {
        pmssl::log!(
            Order,
            Info,
            "order 7700123456 is pending: domain validation, look number {number}"
        );
    }
}

fn start_log(root: &Path) {
    logging::start(&logging::Start {
        root,
        module: "pmthesslstore",
    });
}

fn log(table: &mut Table) {
    let own = std::env::current_exe().expect("this program");
    for writers in [1, WRITERS] {
        let times = Times::of((0..5).map(|_| {
            let root = tempfile::tempdir().expect("a scratch directory");
            std::fs::create_dir_all(root.path().join("var")).expect("the log's directory");
            let start = Instant::now();
            let children: Vec<_> = (0..writers)
                .map(|_| {
                    let mut command = Command::new(&own);
                    command.arg("speed").arg(WRITER).arg(root.path());
                    command.spawn().expect("a log writer")
                })
                .collect();
            for mut child in children {
                assert!(child.wait().expect("a log writer").success());
            }
            let time = start.elapsed();
            let text = std::fs::read_to_string(root.path().join("var/pmthesslstore.log"))
                .expect("the log");
            let whole = |line: &&str| line.contains("INFO") && line.contains("look number");
            assert_eq!(text.lines().filter(whole).count(), writers * LINES, "lines");
            time
        }));
        let lines = (writers * LINES) as f64;
        table.add([
            format!("log: {writers} processes, {LINES} lines each, none torn"),
            milliseconds(times.median()),
            milliseconds(times.least()),
            format!(
                "{:.1} µs a line",
                times.median().as_secs_f64() * 1e6 / lines
            ),
        ]);
    }
}

fn masking(table: &mut Table) {
    for secret in [
        "auth-token-S3cret-0123456789",
        "db-password-S3cret",
        "another-secret-value",
        "yet-another-secret-value",
    ] {
        logging::register_secret(&secret.to_owned().into());
    }
    let text = json_list();
    let text = String::from_utf8(text).expect("text");
    let short = "order/status: POST https://api.example.com/rest/order/status: status 200, 1843 bytes, 212 ms";
    for (name, text, times) in [
        ("masking: an answer of 1 MiB", text.as_str(), 1),
        ("masking: a usual line, 1000 times", short, 1000),
    ] {
        let measured = repeat(|| {
            for _ in 0..times {
                std::hint::black_box(logging::mask(std::hint::black_box(text)));
            }
        });
        let bytes = (text.len() * times) as f64;
        table.add([
            name.to_owned(),
            milliseconds(measured.median()),
            milliseconds(measured.least()),
            format!("{:.0} MB/s", bytes / measured.median().as_secs_f64() / 1e6),
        ]);
    }
}

fn repeat(mut work: impl FnMut()) -> Times {
    Times::of((0..REPEATS).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed()
    }))
}

/// Reading and understanding a price list through the adapter, with its way over loopback.
fn lists(table: &mut Table) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    for (name, module, kind, body) in [
        (
            "JSON list (TheSSLStore, products)",
            "pmthesslstore",
            "application/json",
            json_list(),
        ),
        (
            "XML list (eNom, GetCerts)",
            "pmenomssl",
            "text/xml",
            xml_list(),
        ),
    ] {
        let size = body.len();
        let authority = adapter(module, &*vendor(module), &serve(kind, body));
        let mut found = 0;
        let times = repeat(|| {
            let offers = runtime.block_on(authority.products());
            found = offers.expect("a list").len();
        });
        table.add([
            format!("{name}: {} MiB, {found} entries", mebibytes(size as u64)),
            milliseconds(times.median()),
            milliseconds(times.least()),
            format!(
                "{:.0} MB/s",
                size as f64 / times.median().as_secs_f64() / 1e6
            ),
        ]);
    }
}

fn vendor(module: &str) -> Arc<dyn Vendor> {
    match module {
        "pmenomssl" => Arc::new(Enom::new()),
        _ => Arc::new(TheSslStore::new()),
    }
}

fn adapter(module: &str, vendor: &dyn Vendor, base: &str) -> Box<dyn CertificateAuthority> {
    let descriptor = by_name(module).expect("a module");
    let mut settings = Settings::default();
    for (name, value, _) in vendor.settings(base) {
        if descriptor.secrets().any(|secret| secret == name) {
            settings.set_secret(name, value.into());
        } else {
            settings.set(name, value);
        }
    }
    connect(module, &settings, &ConnectOptions::default()).expect("an adapter")
}

/// The simulated vendor's own answer to the question for its products.
fn answer(module: &str) -> String {
    let server = VendorServer::start(vendor(module));
    let authority = adapter(module, &**server.vendor(), &server.url());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let offers = runtime.block_on(authority.products());
    assert!(!offers.expect("a list").is_empty(), "{module}: no products");
    let asked = server.requests();
    let asked = asked.last().expect("a request");
    let body = server.vendor().handle(&asked.request).body;
    String::from_utf8(body).expect("text")
}

/// The vendor's list with its entries repeated.
fn json_list() -> Vec<u8> {
    let list: Vec<serde_json::Value> =
        serde_json::from_str(&answer("pmthesslstore")).expect("a list");
    let entries: Vec<String> = list.iter().map(ToString::to_string).collect();
    let all = entries.join(",");
    let times = LIST.div_ceil(all.len() + 1);
    format!("[{}]", vec![all; times].join(",")).into_bytes()
}

/// The vendor's catalogue with its entries repeated.
fn xml_list() -> Vec<u8> {
    let text = answer("pmenomssl");
    let small = text.to_ascii_lowercase();
    let first = small.find("<cert1>").expect("a first entry");
    let end = small.find("</certs>").expect("the end of the list");
    let (head, entries, tail) = (&text[..first], &text[first..end], &text[end..]);
    let times = LIST.div_ceil(entries.len());
    format!("{head}{}{tail}", entries.repeat(times)).into_bytes()
}

/// Answers every request with one body.
fn serve(kind: &str, body: Vec<u8>) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port");
    let address = listener.local_addr().expect("its address");
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = stream;
            let _ = stream.set_read_timeout(Some(Duration::from_millis(20)));
            // The request ends where nothing more comes or its body has come whole.
            let (mut request, mut buffer) = (Vec::new(), [0; 16 * 1024]);
            while !is_whole(&request) {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => request.extend_from_slice(&buffer[..count]),
                }
            }
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(&body);
        }
    });
    format!("http://{address}")
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0);
    body.len() >= length
}
