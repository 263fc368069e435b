//! A DNS server over UDP that knows what a test publishes (RFC 1035). Whatever else is asked does not exist.

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use super::lock;

/// What stands at a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// The name exists, and nothing that is asked for is there.
    Empty,
    Cname(String),
    Txt(String),
    /// Flags, tag, value (RFC 8659).
    Caa(u8, String, String),
    /// The signatures are broken: only who does not want them verified gets an answer (RFC 4035, 3.2.2).
    Broken,
    /// Name servers that cannot be reached: SERVFAIL whoever asks.
    Lame,
}

const CNAME: u16 = 5;
const TXT: u16 = 16;
const CAA: u16 = 257;
const SERVFAIL: u8 = 2;
const NXDOMAIN: u8 = 3;

#[derive(Default)]
struct ServerState {
    records: Mutex<BTreeMap<String, Vec<Record>>>,
    questions: AtomicUsize,
    is_silent: AtomicBool,
    is_over: AtomicBool,
}

/// A running server.
pub struct Server {
    state: Arc<ServerState>,
    place: String,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts it on a free port of this machine.
    pub fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let wait = Duration::from_millis(50);
        socket.set_read_timeout(Some(wait)).expect("a wait");
        let place = socket.local_addr().expect("an address").to_string();
        let state: Arc<ServerState> = Arc::default();
        let served = Arc::clone(&state);
        let thread = std::thread::spawn(move || serve(&socket, &served));
        Self {
            state,
            place,
            thread: Some(thread),
        }
    }

    /// `address:port`.
    pub fn place(&self) -> String {
        self.place.clone()
    }

    /// Adds a record to a name.
    pub fn publish(&self, name: &str, record: Record) {
        let mut records = lock(&self.state.records);
        records.entry(name.to_owned()).or_default().push(record);
    }

    /// From now on nothing is answered.
    pub fn fall_silent(&self) {
        self.state.is_silent.store(true, Ordering::SeqCst);
    }

    /// How many questions have come.
    pub fn questions(&self) -> usize {
        self.state.questions.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(socket: &UdpSocket, state: &ServerState) {
    let mut packet = [0; 1500];
    while !state.is_over.load(Ordering::SeqCst) {
        let Ok((length, from)) = socket.recv_from(&mut packet) else {
            continue;
        };
        state.questions.fetch_add(1, Ordering::SeqCst);
        if state.is_silent.load(Ordering::SeqCst) {
            continue;
        }
        if let Some(reply) = answer(&packet[..length], &lock(&state.records)) {
            let _ = socket.send_to(&reply, from);
        }
    }
}

/// The answer to a packet with one question.
fn answer(packet: &[u8], records: &BTreeMap<String, Vec<Record>>) -> Option<Vec<u8>> {
    let is_unchecked = packet.get(3)? & 0x10 != 0;
    let (name, end) = question(packet)?;
    let kind = u16::from_be_bytes([*packet.get(end)?, *packet.get(end + 1)?]);
    let at: &[Record] = records.get(&name).map_or(&[], Vec::as_slice);
    let is_refused = at.contains(&Record::Lame) || (at.contains(&Record::Broken) && !is_unchecked);
    let exists = records
        .keys()
        .any(|known| *known == name || known.ends_with(&format!(".{name}")));
    let data: Vec<(u16, Vec<u8>)> = at.iter().filter_map(data).collect();
    let wanted = |found: u16| found == kind || found == CNAME;
    let found: Vec<_> = data.into_iter().filter(|(one, _)| wanted(*one)).collect();
    let code = match (is_refused, exists) {
        (true, _) => SERVFAIL,
        (false, false) => NXDOMAIN,
        (false, true) => 0,
    };
    let found = if code == 0 { found } else { Vec::new() };
    let mut reply = packet.get(..end + 4)?.to_vec();
    // An answer, recursion is available.
    reply[2] |= 0x80;
    reply[3] = 0x80 | (reply[3] & 0x10) | code;
    reply[6..12].copy_from_slice(&[0, u8::try_from(found.len()).ok()?, 0, 0, 0, 0]);
    for (kind, data) in found {
        // The name of the question.
        reply.extend([0xc0, 12]);
        reply.extend(kind.to_be_bytes());
        reply.extend([0, 1, 0, 0, 0, 60]);
        reply.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
        reply.extend(data);
    }
    Some(reply)
}

/// The name that is asked for, and where it ends.
fn question(packet: &[u8]) -> Option<(String, usize)> {
    let (mut at, mut labels) = (12, Vec::new());
    loop {
        let length = usize::from(*packet.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        let label = packet.get(at..at + length)?;
        labels.push(String::from_utf8_lossy(label).to_ascii_lowercase());
        at += length;
    }
}

fn data(record: &Record) -> Option<(u16, Vec<u8>)> {
    Some(match record {
        Record::Empty | Record::Broken | Record::Lame => return None,
        Record::Cname(target) => (CNAME, name(target)),
        Record::Txt(text) => {
            let parts = text.as_bytes().chunks(255);
            (TXT, parts.flat_map(string).collect())
        }
        Record::Caa(flags, tag, value) => {
            let mut data = vec![*flags];
            data.extend(string(tag.as_bytes()));
            data.extend(value.as_bytes());
            (CAA, data)
        }
    })
}

/// At most 255 bytes with their number before them.
fn string(text: &[u8]) -> Vec<u8> {
    let mut data = vec![u8::try_from(text.len()).unwrap_or(u8::MAX)];
    data.extend(text);
    data
}

fn name(text: &str) -> Vec<u8> {
    let labels = text.trim_end_matches('.').split('.');
    let mut data: Vec<u8> = labels.flat_map(|label| string(label.as_bytes())).collect();
    data.push(0);
    data
}
