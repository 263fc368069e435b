//! The MySQL wire format as far as a client of few words needs it: packets, numbers, handshake, result sets.
//!
//! Written against the public protocol description (protocol version 10, capability `PROTOCOL_41`). The server
//! does not offer `DEPRECATE_EOF`, so result sets end with EOF packets, as on servers of the 5.6 age.

use std::io::{self, Read, Write};

use sha1::{Digest, Sha1};

pub const CONNECT_WITH_DB: u32 = 0x0000_0008;
pub const PLUGIN_AUTH: u32 = 0x0008_0000;
pub const PLUGIN_AUTH_LENENC: u32 = 0x0020_0000;
/// LONG_PASSWORD, FOUND_ROWS, LONG_FLAG, CONNECT_WITH_DB, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION,
/// PLUGIN_AUTH, PLUGIN_AUTH_LENENC.
pub const OFFERED: u32 = 0x0000_000f | 0x0200 | 0x2000 | 0x8000 | PLUGIN_AUTH | PLUGIN_AUTH_LENENC;
/// The only authentication plug-in.
pub const PLUGIN: &str = "mysql_native_password";
const AUTOCOMMIT: u16 = 2;
const BIGGEST: usize = 0xff_ffff;

/// Packets over a stream, with the sequence number of the current exchange.
pub struct Wire<S> {
    stream: S,
    sequence: u8,
}

impl<S: Read + Write> Wire<S> {
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            sequence: 0,
        }
    }

    /// The next packet, `None` at the end of the stream. `fresh` starts a new exchange.
    pub fn receive(&mut self, fresh: bool) -> io::Result<Option<Vec<u8>>> {
        let mut payload = Vec::new();
        loop {
            let mut header = [0; 4];
            match self.stream.read_exact(&mut header) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
                Err(error) => return Err(error),
            }
            let size = u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize;
            if fresh && payload.is_empty() && header[3] != 0 {
                return Err(io::Error::other("packet out of order"));
            }
            self.sequence = header[3].wrapping_add(1);
            let at = payload.len();
            payload.resize(at + size, 0);
            self.stream.read_exact(&mut payload[at..])?;
            if size < BIGGEST {
                return Ok(Some(payload));
            }
        }
    }

    /// Sends several packets at once.
    pub fn send(&mut self, packets: &[Vec<u8>]) -> io::Result<()> {
        let mut bytes = Vec::new();
        for packet in packets {
            let mut rest = packet.as_slice();
            loop {
                let piece = &rest[..rest.len().min(BIGGEST)];
                bytes.extend_from_slice(&(piece.len() as u32).to_le_bytes()[..3]);
                bytes.push(self.sequence);
                bytes.extend_from_slice(piece);
                self.sequence = self.sequence.wrapping_add(1);
                rest = &rest[piece.len()..];
                if piece.len() < BIGGEST {
                    break;
                }
            }
        }
        self.stream.write_all(&bytes)?;
        self.stream.flush()
    }
}

/// A reader over one packet; every read past the end is an error.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn bytes(&mut self, count: usize) -> io::Result<&'a [u8]> {
        let (head, rest) = self
            .0
            .split_at_checked(count)
            .ok_or_else(|| io::Error::other("packet too short"))?;
        self.0 = rest;
        Ok(head)
    }

    pub fn number(&mut self, count: usize) -> io::Result<u64> {
        let bytes = self.bytes(count)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    pub fn lenenc(&mut self) -> io::Result<u64> {
        match self.number(1)? {
            0xfc => self.number(2),
            0xfd => self.number(3),
            0xfe => self.number(8),
            small => Ok(small),
        }
    }

    pub fn lenenc_bytes(&mut self) -> io::Result<&'a [u8]> {
        let size = self.lenenc()?;
        self.bytes(usize::try_from(size).map_err(io::Error::other)?)
    }

    pub fn until_zero(&mut self) -> io::Result<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0);
        let text = self.bytes(end.unwrap_or(self.0.len()))?;
        if end.is_some() {
            self.bytes(1)?;
        }
        Ok(text)
    }
}

pub fn put_lenenc(out: &mut Vec<u8>, value: u64) {
    match value {
        0..=0xfa => out.push(value as u8),
        0xfb..=0xffff => {
            out.push(0xfc);
            out.extend_from_slice(&(value as u16).to_le_bytes());
        }
        0x1_0000..=0xff_ffff => {
            out.push(0xfd);
            out.extend_from_slice(&(value as u32).to_le_bytes()[..3]);
        }
        _ => {
            out.push(0xfe);
            out.extend_from_slice(&value.to_le_bytes());
        }
    }
}

pub fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    put_lenenc(out, text.len() as u64);
    out.extend_from_slice(text);
}

/// The server's greeting.
pub fn greeting(version: &str, connection: u32, nonce: &[u8; 20]) -> Vec<u8> {
    let mut out = vec![10];
    out.extend_from_slice(version.as_bytes());
    out.push(0);
    out.extend_from_slice(&connection.to_le_bytes());
    out.extend_from_slice(&nonce[..8]);
    out.push(0);
    out.extend_from_slice(&(OFFERED as u16).to_le_bytes());
    out.push(45);
    out.extend_from_slice(&AUTOCOMMIT.to_le_bytes());
    out.extend_from_slice(&((OFFERED >> 16) as u16).to_le_bytes());
    out.push(21);
    out.extend_from_slice(&[0; 10]);
    out.extend_from_slice(&nonce[8..]);
    out.push(0);
    out.extend_from_slice(PLUGIN.as_bytes());
    out.push(0);
    out
}

/// What the client says to the greeting.
pub struct Login {
    pub user: String,
    pub proof: Vec<u8>,
    pub database: String,
    pub plugin: String,
}

pub fn login(packet: &[u8]) -> io::Result<Login> {
    let mut reader = Reader(packet);
    let capabilities = reader.number(4)? as u32;
    reader.bytes(4 + 1 + 23)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let user = text(reader.until_zero()?);
    let proof = if capabilities & PLUGIN_AUTH_LENENC != 0 {
        reader.lenenc_bytes()?
    } else {
        let size = reader.number(1)?;
        reader.bytes(size as usize)?
    };
    let database = if capabilities & CONNECT_WITH_DB != 0 {
        text(reader.until_zero()?)
    } else {
        String::new()
    };
    let plugin = if capabilities & PLUGIN_AUTH != 0 {
        text(reader.until_zero()?)
    } else {
        PLUGIN.to_owned()
    };
    Ok(Login {
        user,
        proof: proof.to_vec(),
        database,
        plugin,
    })
}

/// Asks for another try with our plug-in.
pub fn auth_switch(nonce: &[u8; 20]) -> Vec<u8> {
    let mut out = vec![0xfe];
    out.extend_from_slice(PLUGIN.as_bytes());
    out.push(0);
    out.extend_from_slice(nonce);
    out.push(0);
    out
}

/// Verifies `mysql_native_password`: SHA1(password) XOR SHA1(nonce + SHA1(SHA1(password))).
pub fn proves_password(proof: &[u8], nonce: &[u8; 20], password: &str) -> bool {
    if password.is_empty() || proof.is_empty() {
        return password.is_empty() && proof.is_empty();
    }
    let once = Sha1::digest(password.as_bytes());
    let twice = Sha1::digest(once);
    let mask = Sha1::new()
        .chain_update(nonce)
        .chain_update(twice)
        .finalize();
    proof.len() == 20
        && proof
            .iter()
            .zip(mask.iter())
            .zip(once.iter())
            .all(|((proof, mask), once)| proof ^ mask == *once)
}

pub fn ok(affected: u64) -> Vec<u8> {
    let mut out = vec![0];
    put_lenenc(&mut out, affected);
    put_lenenc(&mut out, 0);
    out.extend_from_slice(&AUTOCOMMIT.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

pub fn eof() -> Vec<u8> {
    let mut out = vec![0xfe, 0, 0];
    out.extend_from_slice(&AUTOCOMMIT.to_le_bytes());
    out
}

/// A refusal: number, SQL state of five characters, text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub u16, pub &'static str, pub String);

pub fn error(refusal: &Refusal) -> Vec<u8> {
    let Refusal(number, state, text) = refusal;
    let mut out = vec![0xff];
    out.extend_from_slice(&number.to_le_bytes());
    out.push(b'#');
    out.extend_from_slice(state.as_bytes());
    out.extend_from_slice(text.as_bytes());
    out
}

/// Column types of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Double = 0x05,
    LongLong = 0x08,
    Date = 0x0a,
    DateTime = 0x0c,
    Decimal = 0xf6,
    Text = 0xfc,
    VarString = 0xfd,
}

pub fn column(name: &str, kind: Kind, unsigned: bool) -> Vec<u8> {
    let text = matches!(kind, Kind::Text | Kind::VarString);
    let mut out = Vec::new();
    for part in ["def", "", "", "", name, name] {
        put_text(&mut out, part.as_bytes());
    }
    out.push(0x0c);
    out.extend_from_slice(&if text { 45_u16 } else { 63 }.to_le_bytes());
    out.extend_from_slice(&1024_u32.to_le_bytes());
    out.push(kind as u8);
    let flags = if text { 0_u16 } else { 128 } | if unsigned { 32 } else { 0 };
    out.extend_from_slice(&flags.to_le_bytes());
    out.extend_from_slice(&[0, 0, 0]);
    out
}
