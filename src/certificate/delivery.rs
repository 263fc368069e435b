//! The one reader of deliveries: what a vendor hands out as "the certificate", whatever it is wrapped in.
//!
//! The bytes decide, neither names nor headers. What is handed on holds certificates only: keys, requests,
//! readme files and archives inside of archives stay behind.

use std::borrow::Cow;

use serde_json::Value;

use super::archive::{files_from_zip, is_der};
use super::x509::{self, Certificate, unreadable};
use super::{Chain, assemble_for, pem, pkcs7};
use crate::failure::Failure;

/// Begin of a zip archive.
const ZIP: &[u8] = b"PK\x03\x04";

/// Names, which are for people only, and contents.
type Files = Vec<(String, Vec<u8>)>;

/// Takes a delivery apart: a zip, PEM with any label of a certificate or a PKCS#7, either of them in DER,
/// any of these in base64 without armour or inside JSON, texts in UTF-8 or UTF-16, with a mark or without.
/// `None` when nothing in it claims to be a certificate: an empty answer, a page, an error's words.
///
/// # Errors
/// `UnreadableCertificate`: a damaged or hostile archive; something that claims to be a certificate, none of
/// which can be read.
pub fn files_of_delivery(content: &[u8]) -> Result<Option<Files>, Failure> {
    let mut found = Found::default();
    found.open("certificate", content)?;
    match (found.files.is_empty(), found.is_damaged) {
        (false, _) => Ok(Some(found.files)),
        (true, false) => Ok(None),
        (true, true) => Err(unreadable(words!(
            "the vendor's delivery holds one, but it is cut off, damaged or of an unknown kind",
            "в ответе поставщика он есть, но обрезан, повреждён или неизвестного вида"
        ))),
    }
}

/// The server's certificate in a delivery or in what was stored of one, wherever it stands.
#[must_use]
pub fn leaf_of(content: &str) -> Option<Certificate> {
    // As it is nearly always: the leaf first.
    if let Ok(first) = Certificate::parse(content)
        && !first.is_ca
    {
        return Some(first);
    }
    Some(chain_of(content)?.leaf)
}

/// The same with its chain, as far as it stands there.
#[must_use]
pub fn chain_of(content: &str) -> Option<Chain> {
    let files = files_of_delivery(content.as_bytes()).ok()??;
    assemble_for(&files, None).ok()
}

#[derive(Default)]
struct Found {
    files: Files,
    /// Something claimed to be a certificate and was not readable.
    is_damaged: bool,
}

impl Found {
    /// Whatever came from the vendor: an archive, JSON, or a file.
    fn open(&mut self, name: &str, content: &[u8]) -> Result<(), Failure> {
        let bytes = behind_blanks(content);
        if bytes.starts_with(ZIP) {
            return self.unpack(bytes);
        }
        if is_der(bytes) {
            self.binary(name, bytes);
            return Ok(());
        }
        let text = text_of(content);
        match json_of(&text) {
            Some(value) => self.search(name, &value),
            None => self.text(name, &text),
        }
    }

    fn unpack(&mut self, archive: &[u8]) -> Result<(), Failure> {
        for (name, content) in files_from_zip(archive)? {
            let bytes = behind_blanks(&content);
            if is_der(bytes) {
                self.binary(&name, bytes);
                continue;
            }
            let text = text_of(&content);
            if !self.armoured(&name, &text)
                && let Some(bytes) = pem::decode(&text)
            {
                self.bare(&name, &bytes);
            }
        }
        Ok(())
    }

    fn search(&mut self, name: &str, value: &Value) -> Result<(), Failure> {
        match value {
            Value::String(text) => self.text(name, text),
            Value::Array(items) => items.iter().try_for_each(|item| self.search(name, item)),
            Value::Object(members) => members
                .iter()
                .try_for_each(|(name, member)| self.search(name, member)),
            _ => Ok(()),
        }
    }

    fn text(&mut self, name: &str, text: &str) -> Result<(), Failure> {
        if self.armoured(name, text) {
            return Ok(());
        }
        let text = inside_address(text);
        let decoded = match hexadecimal(text) {
            Some(bytes) => vec![bytes],
            None => pem::decode_all(text),
        };
        for bytes in decoded {
            match bytes.starts_with(ZIP) {
                true => self.unpack(&bytes)?,
                false => self.bare(name, &bytes),
            }
        }
        Ok(())
    }

    /// The armoured certificates of a text, whatever stands beside them; false for a text without armour.
    fn armoured(&mut self, name: &str, text: &str) -> bool {
        // Texts that were quoted once too often; some programs quote slashes as well.
        let is_quoted = text.contains("\\n") || text.contains("\\/");
        let text = match is_quoted {
            true => Cow::Owned(
                text.replace("\\r", "")
                    .replace("\\n", "\n")
                    .replace("\\/", "/"),
            ),
            false => Cow::Borrowed(text),
        };
        let blocks = pem::blocks(&text);
        let mut kept = String::new();
        for block in &blocks {
            let is_known = x509::is_certificate(&block.label) || pkcs7::is_pkcs7(&block.label);
            match block.der.as_deref().filter(|der| is_readable(der)) {
                Some(der) if is_known => kept.push_str(&pem::armour(&block.label, der)),
                // The label of some other program; a key or a request is not readable as one.
                Some(der) => kept.push_str(&pem::armour("CERTIFICATE", der)),
                None => self.is_damaged |= is_known || claims_certificate(&block.label),
            }
        }
        if !kept.is_empty() {
            self.files.push((name.to_owned(), kept.into_bytes()));
        }
        !blocks.is_empty()
    }

    /// What was base64 without armour.
    fn bare(&mut self, name: &str, bytes: &[u8]) {
        if is_der(bytes) {
            self.binary(name, bytes);
        } else {
            self.armoured(name, &text_of(bytes));
        }
    }

    fn binary(&mut self, name: &str, der: &[u8]) {
        if is_readable(der) {
            self.files.push((name.to_owned(), der.to_vec()));
        } else {
            self.is_damaged = true;
        }
    }
}

/// Whether a label speaks of a certificate, and not of a request for one.
fn claims_certificate(label: &str) -> bool {
    label.contains("CERTIFICATE") && !label.contains("REQUEST")
}

/// No certificate is so short, in bytes; serial numbers and digests are.
const SURELY_LONGER: usize = 128;

/// DER in hexadecimal digits: it begins with a sequence, as every certificate and every PKCS#7 does.
fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let bytes = digits
        .starts_with(b"30")
        .then(|| data_encoding::HEXLOWER_PERMISSIVE.decode(&digits).ok());
    let bytes = bytes.flatten();
    bytes.filter(|bytes| bytes.len() > SURELY_LONGER && is_der(bytes))
}

/// A certificate, or a PKCS#7 with one.
fn is_readable(der: &[u8]) -> bool {
    match pkcs7::from_ber(der) {
        Some(found) => !found.is_empty(),
        None => Certificate::from_der(der).is_some(),
    }
}

/// Bytes without the mark of UTF-8 and the blanks that a program for texts has put before them.
fn behind_blanks(content: &[u8]) -> &[u8] {
    let content = content.trim_ascii_start();
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    content.trim_ascii_start()
}

/// What stands in an address that holds what it names (`data:application/zip;base64,…`), else the text.
fn inside_address(text: &str) -> &str {
    let address = text.trim_start().strip_prefix("data:");
    address
        .and_then(|address| address.split_once(";base64,"))
        .map_or(text, |(_, inside)| inside)
}

fn json_of(text: &str) -> Option<Value> {
    let is_json = text.trim_start().starts_with(['{', '[', '"']);
    is_json
        .then(|| crate::json::read(text.as_bytes()).ok())
        .flatten()
}

/// Bytes as text: UTF-8, or the UTF-16 that panels on Windows write; a mark in front is dropped.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        Cow::Owned(String::from_utf16_lossy(&units.collect::<Vec<u16>>()))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [1..=0x7f, 0, ..] => wide(bytes, u16::from_le_bytes),
        [0, 1..=0x7f, ..] => wide(bytes, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(bytes),
    }
}
