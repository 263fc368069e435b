//! A hostile vendor: whatever it answers, a pending order stays pending, nothing is bought, nothing that was answered
//! steers a terminal or a log, and the program ends by itself within its memory.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};

use flate2::write::GzEncoder;

use super::Tally;
use crate::sandbox::sample::plain_product;
use crate::sandbox::{ItemSpec, World, memory};

/// Peak resident memory of a command, KiB: the daemon's budget.
const MEMORY: u64 = 64 * 1024;

/// The same for the daemon, whose hands hear several at once.
const DAEMONS_MEMORY: u64 = 96 * 1024;

/// The vendor, as far as the program sees: everything goes through here as through a proxy.
struct Hostile {
    address: String,
    answer: Arc<Mutex<Vec<u8>>>,
}

impl Hostile {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let answer: Arc<Mutex<Vec<u8>>> = Arc::default();
        let given = Arc::clone(&answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let given = Arc::clone(&given);
                std::thread::spawn(move || serve(stream, &given));
            }
        });
        Self { address, answer }
    }
}

/// One request; the client may be gone before it has heard everything.
fn serve(mut client: TcpStream, answer: &Mutex<Vec<u8>>) -> Option<()> {
    let mut reader = BufReader::new(client.try_clone().ok()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    let bytes = answer.lock().unwrap().clone();
    client.write_all(&bytes).ok()
}

fn response(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{head}\r\n").into_bytes();
    bytes.extend(body);
    bytes
}

fn sized(kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
    response(&head, body)
}

fn json(body: &str) -> Vec<u8> {
    sized("application/json", body.as_bytes())
}

fn xml(body: &str) -> Vec<u8> {
    sized("text/xml", body.as_bytes())
}

fn packed(size: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&vec![b' '; size]).unwrap();
    encoder.finish().unwrap()
}

/// Members of an object, each with a name of its own.
fn members(count: usize) -> String {
    (0..count)
        .map(|number| format!("\"a{number}\":1,"))
        .collect()
}

const FORGED: &str = "issued\\nMar  3 09:05:41 [1:1] pmthesslstore ERROR [item 1] run pmssl resolve --not-placed\\u001b[2J\\u202e";

/// What it answers, to everything.
fn answers() -> Vec<(&'static str, Vec<u8>)> {
    let endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    vec![
        ("arrays in arrays", json(&"[".repeat(200_000))),
        ("objects in objects", json(&"{\"token\":".repeat(100_000))),
        ("elements in elements", xml(&"<a>".repeat(200_000))),
        ("a million passwords", xml(&"<pw>".repeat(250_000))),
        (
            "a million attributes",
            xml(&format!("<doc {}/>", "a='1' ".repeat(150_000))),
        ),
        (
            "a million keys",
            json(&format!("{{{}\"z\":1}}", "\"a\":1,".repeat(200_000))),
        ),
        (
            "a million objects",
            json(&format!("[{}0]", "{\"\":0},".repeat(1_000_000))),
        ),
        (
            "a million arrays",
            json(&format!("{{\"data\":[{}0]}}", "[],".repeat(1_000_000))),
        ),
        (
            "as many objects as are read",
            json(&format!("[{}0]", "{\"\":0},".repeat(29_000))),
        ),
        (
            "as many members as are read",
            json(&format!("{{{}\"z\":1}}", members(140_000))),
        ),
        (
            "a number beyond all",
            json("{\"OrderStatus\":1e999999,\"VendorOrderID\":-0,\"id\":1e400}"),
        ),
        (
            "words twice",
            json(
                "{\"OrderStatus\":{\"MajorStatus\":\"Active\",\"MajorStatus\":\"Cancelled\"},\"status\":\"issued\",\"status\":\"issued\"}",
            ),
        ),
        (
            "an entry of the log",
            json(&format!(
                "{{\"AuthResponse\":{{\"isError\":true,\"Message\":[\"{FORGED}\"]}},\"message\":\"{FORGED}\",\"error\":\"{FORGED}\"}}"
            )),
        ),
        (
            "the same in XML",
            xml(&format!(
                "<doc><error><msg>{}</msg></error></doc>",
                FORGED.replace("\\n", "\n")
            )),
        ),
        ("zeros", sized("application/json", &vec![0; 100_000])),
        (
            "text of two bytes",
            sized(
                "application/json; charset=utf-16",
                &[0xff, 0xfe, b'{', 0, b'}', 0],
            ),
        ),
        (
            "a page that leads on",
            sized(
                "text/html",
                b"<meta http-equiv=refresh content='0;url=file:///etc/passwd'>",
            ),
        ),
        (
            "an entity",
            xml("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><doc>&x;</doc>"),
        ),
        (
            "packed without end",
            response(
                &format!(
                    "Content-Encoding: gzip\r\nContent-Length: {}\r\n",
                    packed(1 << 28).len()
                ),
                &packed(1 << 28),
            ),
        ),
        (
            "packed, but not",
            response("Content-Encoding: gzip\r\nContent-Length: 5\r\n", b"plain"),
        ),
        (
            "a length that is no length",
            response("Content-Length: 99999999999999999999\r\n", b"{}"),
        ),
        (
            "two lengths",
            response("Content-Length: 2\r\nContent-Length: 5\r\n", b"{}xyz"),
        ),
        (
            "a chunk that is none",
            [endless.as_bytes(), b"ffffffffffffffff\r\n{}"].concat(),
        ),
        (
            "ten thousand heads",
            response(&"X-A: b\r\n".repeat(10_000), b"{}"),
        ),
        (
            "a head without end",
            response(&format!("X-A: {}\r\n", "b".repeat(2_000_000)), b"{}"),
        ),
        ("no HTTP", b"220 mail.example.com ESMTP\r\n".to_vec()),
        ("nothing", Vec::new()),
        (
            "a redirect to a file",
            b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"
                .to_vec(),
        ),
        (
            "a status that is none",
            b"HTTP/1.1 999 Issued\r\nContent-Length: 2\r\n\r\n{}".to_vec(),
        ),
    ]
}

/// Waits for a process; most resident memory on the way, KiB.
fn peak(process: u32, mut is_over: impl FnMut() -> bool) -> u64 {
    let mut peak = 0;
    while !is_over() {
        peak = peak.max(memory::peak(process));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    peak
}

/// A command to its end, and its peak memory, KiB.
fn watched(world: &World, words: &[&str]) -> (Output, u64) {
    let mut child = world
        .tool(words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let process = child.id();
    let memory = peak(process, || child.try_wait().unwrap().is_some());
    (child.wait_with_output().unwrap(), memory)
}

/// A refused login is registered as a problem of the panel, with the vendor's words.
#[test]
fn the_words_of_a_refusal_reach_the_panel_as_escapes() {
    let mut tally = Tally::of("a vendor, words");
    let hostile = Hostile::start();
    let directory = tempfile::tempdir().unwrap();
    let world = World::start(directory.path());
    let module = crate::fixture::MODULE;
    world.vendor(module).vendor().set_balance(100_000_000);
    let account = world.add_account(module, &[]);
    let product = plain_product(module);
    let item = world.add_item(&ItemSpec::new(account, product).name("www.example.com"));
    assert!(world.perform(item, "open").is_ok());
    // thesslstore.md 2.3: the code of a refused login, then the text.
    *hostile.answer.lock().unwrap() = json(&format!(
        "{{\"AuthResponse\":{{\"isError\":true,\"Message\":[\"ErrorCode:-9008|Message:{FORGED}\"]}}}}"
    ));
    world.set_option("SSLProxy", &hostile.address);
    let pass = world.tool(&["daemon", "--once"]).output().unwrap();
    assert!(pass.status.success(), "{pass:?}");
    let problems = world.panel().problems();
    assert!(!problems.is_empty(), "{pass:?}");
    for problem in problems {
        let odd = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!problem.text.contains(odd), "{problem:?}");
        tally.held();
    }
}

#[test]
fn whatever_a_vendor_answers_an_order_stays_what_it_is() {
    let mut tally = Tally::of("a vendor");
    let hostile = Hostile::start();
    for module in crate::modules() {
        let directory = tempfile::tempdir().unwrap();
        let world = World::start(directory.path());
        for (name, value) in [
            ("SSLReadTimeout", "20"),
            ("SSLRetryPause", "0.01"),
            ("SSLPlatformWait", "2"),
        ] {
            world.set_option(name, value);
        }
        world.vendor(module).vendor().set_balance(100_000_000);
        let account = world.add_account(module, &[]);
        let product = plain_product(module);
        let item = world.add_item(&ItemSpec::new(account, product).name("www.example.com"));
        assert!(world.perform(item, "open").is_ok());
        let before = world.item(item);
        let sales = world.vendor(module).vendor().sales().len();
        world.set_option("SSLProxy", &hostile.address);
        let id = item.to_string();
        assert_eq!(answers().len(), 29, "docs/security.md counts them");
        for (what, answer) in answers() {
            let about = format!("{module}: {what}");
            *hostile.answer.lock().unwrap() = answer;
            let (output, memory) = watched(&world, &["sync", "--item", &id]);
            assert!(output.status.code().is_some(), "{about}: {output:?}");
            assert!(memory <= MEMORY, "{about}: {memory} KiB");
            let shown = [output.stdout, output.stderr].concat();
            let shown = String::from_utf8(shown).unwrap();
            assert!(
                !shown.contains(['\u{1b}', '\u{202e}']),
                "{about}: {shown:?}"
            );
            assert!(shown.len() < 100_000, "{about}: {} bytes", shown.len());
            let after = world.item(item);
            assert_eq!(after.service_status, before.service_status, "{about}");
            assert_eq!(
                after.parameter("pmssl_certificate_end"),
                before.parameter("pmssl_certificate_end"),
                "{about}"
            );
            assert_eq!(
                world.vendor(module).vendor().sales().len(),
                sales,
                "{about}"
            );
            tally.held();
        }
        for line in world.log(module).lines() {
            let is_forged = line.starts_with("Mar  3 09:05:41");
            assert!(!is_forged, "{module}: {line}");
        }
    }
}

/// The answers that take most, of what is read and of what is refused on the way.
const HEAVIEST: [&str; 6] = [
    "a million attributes",
    "a million objects",
    "a million arrays",
    "as many objects as are read",
    "as many members as are read",
    "packed without end",
];

/// Several hands of the daemon hear them at once, from a vendor that speaks JSON and from one that speaks XML.
#[test]
fn the_heaviest_answers_to_eight_services_at_once_stay_within_the_daemons_memory() {
    let mut tally = Tally::of("a vendor, eight services at once");
    let hostile = Hostile::start();
    let directory = tempfile::tempdir().unwrap();
    let world = World::start(directory.path());
    for (name, value) in [
        ("SSLReadTimeout", "20"),
        ("SSLRetryPause", "0.01"),
        ("SSLPlatformWait", "2"),
        ("SSLDaemonRate", "1000"),
    ] {
        world.set_option(name, value);
    }
    let modules = ["pmthesslstore", "pmispmgrssl"];
    let mut items = Vec::new();
    for module in modules {
        world.vendor(module).vendor().set_balance(100_000_000);
        let account = world.add_account(module, &[]);
        for number in 0..4 {
            let spec = ItemSpec::new(account, plain_product(module));
            let item = world.add_item(&spec.name(&format!("shop{number}.example.com")));
            assert!(world.perform(item, "open").is_ok(), "{module}");
            items.push((item, world.item(item).service_status));
        }
    }
    let sold = || modules.map(|module| world.vendor(module).vendor().sales().len());
    let before = sold();
    world.set_option("SSLProxy", &hostile.address);
    let answers = answers();
    for what in HEAVIEST {
        let (_, answer) = answers.iter().find(|(name, _)| *name == what).unwrap();
        hostile.answer.lock().unwrap().clone_from(answer);
        // As if none had been looked at, and no account rested.
        let _ = std::fs::remove_dir_all(world.root().join("var/pmssl/looks"));
        let (output, memory) = watched(&world, &["daemon", "--once"]);
        assert!(output.status.code().is_some(), "{what}: {output:?}");
        assert!(memory <= DAEMONS_MEMORY, "{what}: {memory} KiB");
        for (item, status) in &items {
            assert_eq!(world.item(*item).service_status, *status, "{what} {item}");
        }
        assert_eq!(sold(), before, "{what}");
        tally.held();
    }
}
