//! Proofs of domain control that are visible from here: the vendor is asked to look now.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::{Fixture, MODULE};
use crate::sandbox::ItemSpec;

const NAME: &str = "proof.example.com";

/// The way out of the billing server: it serves the client's site, everything else goes to its place.
struct Outside {
    address: String,
    file: Arc<Mutex<Option<String>>>,
}

impl Outside {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let file = Arc::new(Mutex::new(None));
        let published = Arc::clone(&file);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let published = Arc::clone(&published);
                std::thread::spawn(move || serve(stream, &published));
            }
        });
        Self { address, file }
    }

    fn publish(&self, content: &str) {
        *self.file.lock().unwrap() = Some(content.to_owned());
    }
}

/// One request; nobody here cares for a second one on the same connection.
fn serve(client: TcpStream, published: &Mutex<Option<String>>) -> Option<()> {
    let mut reader = BufReader::new(client.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let lower = line.to_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
        if !lower.starts_with("connection:") {
            head += &line;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let place = first.split(' ').nth(1)?.strip_prefix("http://")?;
    let (host, path) = place.split_once('/')?;
    let mut client = client;
    if host == NAME {
        let file = published.lock().unwrap().clone();
        let (status, text) = match file {
            Some(text) if path.starts_with(".well-known/pki-validation/") => ("200 OK", text),
            _ => ("404 Not Found", "nothing here".to_owned()),
        };
        let length = text.len();
        return write!(
            client,
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
        )
        .ok();
    }
    let method = first.split(' ').next()?;
    let mut vendor = TcpStream::connect(host).ok()?;
    write!(
        vendor,
        "{method} /{path} HTTP/1.1\r\n{head}Connection: close\r\n\r\n"
    )
    .ok()?;
    vendor.write_all(&body).ok()?;
    std::io::copy(&mut vendor, &mut client).ok()?;
    Some(())
}

#[test]
fn the_vendor_is_asked_to_look_when_the_file_is_in_place() {
    let fixture = Fixture::new();
    let outside = Outside::start();
    fixture.world.set_option("SSLProxy", &outside.address);
    let mut spec = ItemSpec::new(fixture.account, "digi_rapidssl").name(NAME);
    spec.approver_method = "auth_http".to_owned();
    let item = fixture.world.add_item(&spec);
    let outcome = fixture.world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    let asked = || fixture.world.vendor(MODULE).hits("digicert/checkdcv");
    let content = fixture
        .world
        .item(item)
        .parameter("auth_http_value")
        .to_owned();
    assert!(!content.is_empty());
    let content = content.replace("\\n", "\n");

    fixture.pass();
    assert_eq!(asked(), 0, "there is nothing to see yet");
    outside.publish("something else");
    fixture.world.advance(120);
    fixture.pass();
    assert_eq!(asked(), 0, "another file is no proof");
    outside.publish(&format!("{content}\n"));
    fixture.world.advance(120);
    fixture.pass();
    assert_eq!(asked(), 1, "{}", fixture.log());
    assert!(
        fixture
            .log()
            .contains(&format!("the proof of {NAME} is visible")),
        "{}",
        fixture.log()
    );
    fixture.approve_all();
    fixture.world.advance(300);
    fixture.pass();
    assert_eq!(
        fixture.world.item(item).service_status,
        Some(5),
        "{}",
        fixture.log()
    );
    fixture.world.advance(300);
    fixture.pass();
    assert_eq!(asked(), 1, "nothing is open any more");
}
