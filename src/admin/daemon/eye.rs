//! Whether a proof of domain control can be seen from this machine: only then a vendor is asked to look
//! now. What cannot be seen is not asked for; the vendor looks by itself all the same.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use async_trait::async_trait;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::ca::http::{Http, Method, Request, SendClass, Url};
use crate::ca::{Reach, Timeouts, ValidationTask};

/// Longest wait for one answer.
const LIMIT: Duration = Duration::from_secs(3);

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
}

impl NetworkEye {
    /// Uses the first resolver of this machine and the way out to vendors.
    pub(super) fn new(reach: &Reach) -> Self {
        let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
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
            http: Http::new(&reach, None).ok(),
        }
    }

    async fn file(&self, url: &str, content: &str) -> bool {
        let (Some(http), Ok(url)) = (&self.http, Url::parse(url)) else {
            return false;
        };
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
