//! Whether a proof of domain control can be seen from this machine: only then a vendor is asked to look
//! now. What cannot be seen is not asked for; the vendor looks by itself all the same.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::ca::http::{Http, Method, Request, SendClass, Url};
use crate::ca::{Reach, Timeouts, ValidationTask};
use crate::regular;

/// Longest wait for one answer.
const LIMIT: Duration = Duration::from_secs(3);

/// Where vendors ask for proofs to be published: RFC 8555, and the Baseline Requirements, 3.2.2.4.18.
const FOLDERS: [&str; 2] = [
    "/.well-known/pki-validation/",
    "/.well-known/acme-challenge/",
];

/// Record types (RFC 1035).
const CNAME: u16 = 5;
const TXT: u16 = 16;

/// Sees published proofs.
#[async_trait(?Send)]
pub(super) trait Eye {
    /// Whether the proof is in place.
    async fn sees(&self, task: &ValidationTask) -> bool;
}

/// Looks over the network.
pub(super) struct NetworkEye {
    resolver: Option<SocketAddr>,
    http: Option<Http>,
    /// Names are looked up by the proxy, which is the one that reaches out.
    by_proxy: bool,
}

impl NetworkEye {
    /// Uses the first resolver of this machine and the way out to vendors.
    pub(super) fn new(reach: &Reach) -> Self {
        let text = regular::read_text(Path::new("/etc/resolv.conf"), regular::SETTINGS);
        let text = text.unwrap_or_default();
        let reach = Reach {
            timeouts: Timeouts {
                connect: LIMIT,
                read: LIMIT,
                pause: Duration::from_millis(100),
                ..reach.timeouts
            },
            ..reach.clone()
        };
        Self {
            resolver: first_resolver(&text),
            by_proxy: reach.proxy.is_some(),
            http: Http::new(&reach, None).ok(),
        }
    }

    async fn file(&self, url: &str, content: &str) -> bool {
        let (Some(http), Ok(url)) = (&self.http, Url::parse(url)) else {
            return false;
        };
        let Some(host) = host_of_proof(&url) else {
            crate::log!(
                Main,
                Warning,
                "a proof is not looked for at {url}: no vendor publishes there"
            );
            return false;
        };
        if !self.by_proxy && !is_outside(host).await {
            return false;
        }
        let request = Request {
            operation: "proof file",
            method: Method::GET,
            url,
            headers: Vec::new(),
            body: None,
            class: SendClass::Read,
        };
        let Ok(reply) = http.send(request).await else {
            return false;
        };
        let lines =
            |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        reply.is_success() && lines(&reply.text()) == lines(content)
    }

    async fn record(&self, name: &str, kind: u16, value: &str) -> bool {
        let Some(resolver) = self.resolver else {
            return false;
        };
        let number = u16::try_from(std::process::id() & 0xffff).unwrap_or_default();
        let Some(question) = question(number, name, kind) else {
            return false;
        };
        let exchange = async {
            let own: SocketAddr = match resolver {
                SocketAddr::V4(_) => (IpAddr::from([0, 0, 0, 0]), 0).into(),
                SocketAddr::V6(_) => (IpAddr::from([0_u16; 8]), 0).into(),
            };
            let socket = UdpSocket::bind(own).await.ok()?;
            socket.connect(resolver).await.ok()?;
            socket.send(&question).await.ok()?;
            let mut answer = vec![0; 4096];
            let length = socket.recv(&mut answer).await.ok()?;
            answer.truncate(length);
            values(&answer, number, kind)
        };
        let found = timeout(LIMIT, exchange).await.ok().flatten();
        let plain = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
        found.is_some_and(|values| {
            values.iter().any(|found| match kind {
                CNAME => plain(found) == plain(value),
                _ => found == value,
            })
        })
    }
}

#[async_trait(?Send)]
impl Eye for NetworkEye {
    async fn sees(&self, task: &ValidationTask) -> bool {
        match task {
            ValidationTask::Email(_) => false,
            ValidationTask::File { url, content } => self.file(url, content).await,
            ValidationTask::Cname { name, value } => self.record(name, CNAME, value).await,
            ValidationTask::Txt { name, value } => self.record(name, TXT, value).await,
        }
    }
}

/// The host of an address at which proofs are published. Addresses come from vendors: nothing else of a network is
/// asked for, no port, no other path, no host without a registrable domain.
fn host_of_proof(url: &Url) -> Option<&str> {
    let host = url.domain()?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none();
    let file = FOLDERS
        .iter()
        .find_map(|folder| url.path().strip_prefix(folder))?;
    let is_file = !file.is_empty()
        && file
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    (is_plain && is_file && psl::domain_str(host).is_some()).then_some(host)
}

/// Whether all addresses of a name are public: a name of a client may point into the network of the shop.
async fn is_outside(host: &str) -> bool {
    let found = timeout(LIMIT, tokio::net::lookup_host((host, 80))).await;
    let Ok(Ok(addresses)) = found else {
        return false;
    };
    let mut addresses = addresses.map(|address| address.ip()).peekable();
    addresses.peek().is_some() && addresses.all(is_public)
}

/// Whether an address belongs to the public network (IANA's registries of special purposes).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            !(address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_documentation()
                || matches!(
                    (a, b, c),
                    (0 | 224.., _, _) | (100, 64..128, _) | (192, 0, 0) | (198, 18..20, _)
                ))
        }
        IpAddr::V6(address) => {
            if let Some(inner) = address.to_ipv4_mapped() {
                return is_public(inner.into());
            }
            // Global unicast, without what stands for other addresses or for documents.
            let [first, second, ..] = address.segments();
            first & 0xe000 == 0x2000
                && first != 0x2002
                && !(first == 0x2001 && (second < 0x0200 || second == 0x0db8))
        }
    }
}

/// The first name server of a resolver configuration.
fn first_resolver(text: &str) -> Option<SocketAddr> {
    let address = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("nameserver"))
        .find_map(|rest| rest.trim().parse::<IpAddr>().ok())?;
    Some(SocketAddr::new(address, 53))
}

/// A question with recursion desired (RFC 1035, 4.1); `None` for a name that is none.
fn question(number: u16, name: &str, kind: u16) -> Option<Vec<u8>> {
    let mut packet = Vec::with_capacity(64);
    packet.extend(number.to_be_bytes());
    packet.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.trim_end_matches('.').split('.') {
        let length = u8::try_from(label.len())
            .ok()
            .filter(|length| (1..64).contains(length))?;
        packet.push(length);
        packet.extend(label.as_bytes());
    }
    packet.push(0);
    packet.extend(kind.to_be_bytes());
    packet.extend([0, 1]);
    Some(packet)
}

/// The values of one record type in an answer; `None` when it cannot be read or is not ours.
fn values(packet: &[u8], number: u16, kind: u16) -> Option<Vec<String>> {
    let word = |at: usize| Some(u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]));
    if word(0)? != number || packet.get(2)? & 0x80 == 0 || packet.get(3)? & 0x0f != 0 {
        return None;
    }
    let (questions, answers) = (word(4)?, word(6)?);
    let mut at = 12;
    for _ in 0..questions {
        at = name_at(packet, at)?.1 + 4;
    }
    let mut found = Vec::new();
    for _ in 0..answers {
        let (_, after) = name_at(packet, at)?;
        let (this, length) = (word(after)?, usize::from(word(after + 8)?));
        let data = after + 10;
        let bytes = packet.get(data..data + length)?;
        if this == kind {
            match kind {
                CNAME => found.push(name_at(packet, data)?.0),
                _ => found.push(strings(bytes)?),
            }
        }
        at = data + length;
    }
    Some(found)
}

/// A name, pointers followed, and the place behind it.
fn name_at(packet: &[u8], start: usize) -> Option<(String, usize)> {
    let (mut at, mut end, mut name) = (start, None, String::new());
    // A packet cannot hold more jumps; an endless ring ends here.
    for _ in 0..128 {
        let length = usize::from(*packet.get(at)?);
        match length {
            0 => return Some((name, end.unwrap_or(at + 1))),
            1..64 => {
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(&String::from_utf8_lossy(
                    packet.get(at + 1..at + 1 + length)?,
                ));
                at += 1 + length;
            }
            192.. => {
                end = end.or(Some(at + 2));
                at = (length & 0x3f) << 8 | usize::from(*packet.get(at + 1)?);
            }
            _ => return None,
        }
    }
    None
}

/// The character strings of a TXT record, joined.
fn strings(mut bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    while let Some((length, rest)) = bytes.split_first() {
        let part = rest.get(..usize::from(*length))?;
        text.push_str(&String::from_utf8_lossy(part));
        bytes = &rest[usize::from(*length)..];
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_resolver_is_taken() {
        let text =
            "# local\nsearch example.com\nnameserver bad\nnameserver 192.0.2.53\nnameserver ::1\n";
        assert_eq!(first_resolver(text), Some("192.0.2.53:53".parse().unwrap()));
        assert_eq!(first_resolver(""), None);
    }

    /// An answer with one record behind its question; the name is a pointer.
    fn answer(name: &str, kind: u16, data: &[u8]) -> Vec<u8> {
        let mut packet = question(7, name, kind).unwrap();
        packet[2] |= 0x80;
        packet[7] = 1;
        packet.extend([0xc0, 12]);
        packet.extend(kind.to_be_bytes());
        packet.extend([0, 1, 0, 0, 0, 60]);
        packet.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        packet.extend(data);
        packet
    }

    #[test]
    fn a_vendor_cannot_make_the_daemon_ask_for_anything_else_than_a_proof() {
        for (url, is_asked) in [
            ("http://example.com/.well-known/pki-validation/A1.txt", true),
            (
                "https://www.example.co.uk/.well-known/acme-challenge/a-b_C",
                true,
            ),
            ("http://example.com/admin", false),
            ("http://example.com/.well-known/pki-validation/", false),
            (
                "http://example.com/.well-known/pki-validation/../../admin",
                false,
            ),
            (
                "http://example.com/.well-known/pki-validation/%2e%2e/x",
                false,
            ),
            (
                "http://example.com/.well-known/pki-validation/a/b.txt",
                false,
            ),
            (
                "http://example.com/.well-known/pki-validation/a.txt?delete=1",
                false,
            ),
            (
                "http://example.com:8080/.well-known/pki-validation/A1.txt",
                false,
            ),
            (
                "http://u:p@example.com/.well-known/pki-validation/A1.txt",
                false,
            ),
            ("ftp://example.com/.well-known/pki-validation/A1.txt", false),
            ("file:///.well-known/pki-validation/A1.txt", false),
            ("http://127.0.0.1/.well-known/pki-validation/A1.txt", false),
            ("http://[::1]/.well-known/pki-validation/A1.txt", false),
            ("http://2130706433/.well-known/pki-validation/A1.txt", false),
            ("http://0x7f.1/.well-known/pki-validation/A1.txt", false),
            ("http://localhost/.well-known/pki-validation/A1.txt", false),
            ("http://com/.well-known/pki-validation/A1.txt", false),
        ] {
            let url = Url::parse(url).unwrap();
            assert_eq!(host_of_proof(&url).is_some(), is_asked, "{url}");
        }
    }

    #[test]
    fn addresses_of_the_shops_own_network_are_not_asked() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "64:ff9b::a00:1",
            "2001:db8::1",
            "2002:a00:1::1",
            "2001::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "100.128.0.1",
            "198.51.99.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[tokio::test]
    async fn a_name_that_points_inside_is_not_asked() {
        assert!(!is_outside("localhost").await);
        assert!(!is_outside("10.0.0.1").await);
        assert!(!is_outside("").await);
    }

    #[test]
    fn answers_are_read() {
        let txt = answer("_p.example.com", TXT, b"\x03one\x04-two");
        assert_eq!(values(&txt, 7, TXT), Some(vec!["one-two".to_owned()]));
        assert_eq!(values(&txt, 8, TXT), None, "not our question");
        let cname = answer("_p.example.com", CNAME, b"\x01x\xc0\x0f");
        assert_eq!(
            values(&cname, 7, CNAME),
            Some(vec!["x.example.com".to_owned()])
        );
        assert_eq!(values(&cname, 7, TXT), Some(vec![]));
        assert_eq!(question(1, "a..b", TXT), None);
    }

    #[test]
    fn damaged_answers_are_no_answers() {
        let good = answer("_p.example.com", TXT, b"\x03one");
        for length in 0..good.len() {
            assert_eq!(values(&good[..length], 7, TXT), None, "{length}");
        }
        let ring = answer("_p.example.com", CNAME, b"\xc0\x2d\xc0\x2d");
        let _ = values(&ring, 7, CNAME);
    }

    #[tokio::test]
    async fn a_record_is_seen_when_it_is_published() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let eye = NetworkEye {
            resolver: server.local_addr().ok(),
            http: None,
            by_proxy: false,
        };
        let serve = async {
            let mut packet = [0; 512];
            for _ in 0..2 {
                let (_, from) = server.recv_from(&mut packet).await.unwrap();
                let mut reply = answer("_p.example.com", CNAME, b"\x01X\xc0\x0f");
                reply[..2].copy_from_slice(&packet[..2]);
                server.send_to(&reply, from).await.unwrap();
            }
        };
        let task = |value: &str| ValidationTask::Cname {
            name: "_p.example.com".into(),
            value: value.into(),
        };
        let looks = async {
            assert!(eye.sees(&task("x.example.com.")).await);
            assert!(!eye.sees(&task("y.example.com")).await);
            assert!(
                !eye.sees(&ValidationTask::Email("a@example.com".into()))
                    .await
            );
        };
        tokio::join!(serve, looks);
    }
}
