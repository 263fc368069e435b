//! Reading of answers whose shape is not public (leaderssl.md 5, 9, 11).

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde_json::Value;

use super::wire::{ERROR_MESSAGE, ERROR_TEXT, Wire, WireFact};
use crate::ca::http::{Reply, SendClass, SendFailure, Unserved};
use crate::domain::text::{Bilingual, Words};
use crate::failure::{Failure, Reason};
use crate::json;
use crate::logging;

/// Longest error text shown, in characters.
const LONGEST_TEXT: usize = 300;
/// Longest sample kept in the log, in characters.
const LONGEST_SAMPLE: usize = 2000;

/// Why a call gave no usable answer.
#[derive(Debug)]
pub(super) enum LeaderTelecomError {
    /// No complete answer.
    Send(SendFailure),
    /// The vendor's error text, or a status that says error.
    Refused {
        operation: &'static str,
        words: Words,
    },
    /// A page, a redirect or a status, which counts before the vendor's words where it concerns the account, the address
    /// (the reference speaks of an allow-list in the client area, leaderssl.md 3) or the service as a whole. 500 may also
    /// mean wrong data (leaderssl.md 11).
    Unserved {
        operation: &'static str,
        unserved: Unserved,
    },
    /// Not a shape that is known.
    Unreadable { operation: &'static str, why: Words },
}

/// For calls that buy nothing.
impl Bilingual for LeaderTelecomError {
    fn both(&self) -> Words {
        match self {
            Self::Send(failure) => failure.both(),
            Self::Refused { operation, words } => words.clone().about(operation),
            Self::Unserved {
                operation,
                unserved,
            } => unserved.both().about(operation),
            Self::Unreadable { operation, why } => why.clone().about(operation),
        }
    }
}

impl From<LeaderTelecomError> for Failure {
    fn from(error: LeaderTelecomError) -> Self {
        let detail = error.both();
        match error {
            LeaderTelecomError::Send(failure) => failure.into_failure(SendClass::Read),
            LeaderTelecomError::Refused { .. } => Self::new(Reason::Rejected).detail(detail),
            LeaderTelecomError::Unserved {
                operation,
                unserved,
            } => unserved.into_failure(operation),
            LeaderTelecomError::Unreadable { operation, .. } => {
                Self::field(Reason::UnreadableAnswer, operation).detail(detail)
            }
        }
    }
}

/// An answer to `operation` that is not understood; the masked sample goes to the log.
pub(super) fn unreadable(operation: &'static str, reply: &Reply, why: Words) -> LeaderTelecomError {
    keep_sample(operation, reply);
    let members = match parsed(&reply.body) {
        Some(Value::Object(members)) => {
            let names: Vec<_> = members.keys().take(12).cloned().collect();
            words!(" (members: {})", " (поля: {})", shown(&names.join(", ")))
        }
        _ => Words::verbatim(""),
    };
    LeaderTelecomError::Unreadable {
        operation,
        why: words!("unrecognised answer: {why}{members}", "неизвестный вид ответа: {why}{members}"; why, members),
    }
}

/// Writes an answer, with secrets and personal data blanked, to the log.
pub(super) fn keep_sample(operation: &'static str, reply: &Reply) {
    crate::log!(
        Http,
        Warning,
        "{operation}: unrecognised answer, status {}, {} bytes, type {}: {}",
        reply.status,
        reply.body.len(),
        reply.content_type.as_deref().unwrap_or("none"),
        sample(&reply.body)
    );
}

/// A body as JSON.
pub(super) fn parsed(body: &[u8]) -> Option<Value> {
    json::read(body).ok()
}

/// JSON of an answer that is not an error.
pub(super) fn json(
    operation: &'static str,
    reply: &Reply,
    wire: &Wire,
) -> Result<Value, LeaderTelecomError> {
    check_status(operation, reply, wire)?;
    let Some(value) = parsed(&reply.body) else {
        return Err(match reply.unserved() {
            Some(unserved) => without_words(operation, reply, unserved),
            None => unreadable(operation, reply, not_json(&reply.body)),
        });
    };
    match error_text(&value, wire) {
        Some(words) => Err(LeaderTelecomError::Refused { operation, words }),
        None => Ok(value),
    }
}

/// Sorts out statuses that say error.
pub(super) fn check_status(
    operation: &'static str,
    reply: &Reply,
    wire: &Wire,
) -> Result<(), LeaderTelecomError> {
    let Some(unserved) = reply.unserved().filter(|_| !reply.is_success()) else {
        return Ok(());
    };
    match refusal_words(reply, wire) {
        None => Err(without_words(operation, reply, unserved)),
        Some(words) if unserved.concerns_all() => {
            if !(400..500).contains(&reply.status) {
                keep_sample(operation, reply);
            }
            let unserved = unserved.saying(&words);
            Err(LeaderTelecomError::Unserved {
                operation,
                unserved,
            })
        }
        Some(words) => Err(LeaderTelecomError::Refused { operation, words }),
    }
}

fn without_words(operation: &'static str, reply: &Reply, unserved: Unserved) -> LeaderTelecomError {
    keep_sample(operation, reply);
    LeaderTelecomError::Unserved {
        operation,
        unserved,
    }
}

/// The error's words in an answer whose status says error.
pub(super) fn refusal_words(reply: &Reply, wire: &Wire) -> Option<Words> {
    let value = parsed(&reply.body)?;
    error_text(&value, wire).or_else(|| {
        let message = pick(&value, wire, &ERROR_MESSAGE)?;
        Some(Words::verbatim(shown(&plain(message)?)))
    })
}

/// What an answer says in its error members (leaderssl.md 11); `success: false` is an error, too.
pub(super) fn error_text(value: &Value, wire: &Wire) -> Option<Words> {
    let nothing = |value: &&Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    };
    let error = wire
        .words(&ERROR_TEXT)
        .filter_map(|pattern| all(value, pattern).into_iter().next())
        .find(nothing);
    if let Some(error) = error {
        return Some(Words::verbatim(shown(&sentences(error))));
    }
    (value.get("success") == Some(&Value::Bool(false))).then(|| {
        let message = pick(value, wire, &ERROR_MESSAGE).and_then(plain);
        match message {
            Some(message) => Words::verbatim(shown(&message)),
            None => words!("no reason was given", "причина не указана"),
        }
    })
}

/// Every text in an error, each behind the member that it is about. Rails calls what is about no member
/// `base`.
fn sentences(error: &Value) -> String {
    fn collect(value: &Value, about: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => members
                .iter()
                .for_each(|(name, member)| collect(member, name, found)),
            Value::Array(items) => items.iter().for_each(|item| collect(item, about, found)),
            scalar => found.extend(plain(scalar).map(|text| match about {
                "" | "base" => text,
                about => format!("{about}: {text}"),
            })),
        }
    }
    let mut found = Vec::new();
    collect(error, "", &mut found);
    if found.is_empty() {
        return error.to_string();
    }
    found.join("; ")
}

/// What a body that is not JSON looks like.
pub(super) fn not_json(body: &[u8]) -> Words {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{' | b'[') if json::is_too_large(body) => {
            words!("it is larger than any answer", "он больше любого ответа")
        }
        None => words!("it is empty", "он пуст"),
        Some(b'<') => words!("it is a page, not JSON", "это страница, а не JSON"),
        Some(b'{' | b'[') => words!("it is broken JSON", "это повреждённый JSON"),
        Some(_) => words!("it is not JSON", "это не JSON"),
    }
}

/// Every value to which a pattern leads, see [`leads_to`].
pub(super) fn all<'v>(value: &'v Value, pattern: &str) -> Vec<&'v Value> {
    let mut found = Vec::new();
    walk(value, &mut Vec::new(), &mut |path, value| {
        if leads_to(pattern, path) {
            found.push(value);
        }
    });
    found
}

/// Whether a pattern leads to the member at a path. `a/b` is a member `b` inside `a` at any depth, `/a`
/// one of the outermost value. Array positions do not count.
pub(super) fn leads_to(pattern: &str, path: &[&str]) -> bool {
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    if pattern.starts_with('/') {
        path == parts.as_slice()
    } else {
        !parts.is_empty() && path.ends_with(&parts)
    }
}

fn walk<'v>(
    value: &'v Value,
    path: &mut Vec<&'v str>,
    visit: &mut impl FnMut(&[&'v str], &'v Value),
) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                path.push(name);
                visit(path, member);
                walk(member, path, visit);
                path.pop();
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, path, visit)),
        _ => {}
    }
}

/// The first value of an entry's patterns, best pattern first; null counts as absent.
pub(super) fn pick<'v>(value: &'v Value, wire: &Wire, entry: &WireFact) -> Option<&'v Value> {
    wire.words(entry).find_map(|pattern| {
        all(value, pattern)
            .into_iter()
            .find(|value| !value.is_null())
    })
}

/// A member of an object itself, not of what is inside; null counts as absent.
pub(super) fn member<'v>(object: &'v Value, wire: &Wire, entry: &WireFact) -> Option<&'v Value> {
    wire.words(entry)
        .filter_map(|name| object.get(name.trim_start_matches('/')))
        .find(|value| !value.is_null())
}

/// The objects of a list: the answer itself, or the only array under one of the entry's names. An
/// item wrapped in one member, or with its fields under `attributes`, is unwrapped; the outer id is kept.
pub(super) fn items(value: &Value, wire: &Wire, entry: &WireFact) -> Option<Vec<Value>> {
    let array = array(value, wire, entry)?;
    array.iter().map(unwrapped).collect()
}

fn array<'v>(value: &'v Value, wire: &Wire, entry: &WireFact) -> Option<&'v Vec<Value>> {
    if let Value::Array(items) = value {
        return Some(items);
    }
    let mut arrays = wire
        .words(entry)
        .filter_map(|name| array(value.get(name)?, wire, entry));
    let only = arrays.next()?;
    arrays.next().is_none().then_some(only)
}

fn unwrapped(item: &Value) -> Option<Value> {
    let members = item.as_object()?;
    if let Some(Value::Object(inner)) = members.get("attributes") {
        let mut whole = members.clone();
        whole.remove("attributes");
        for (name, member) in inner {
            whole.entry(name).or_insert_with(|| member.clone());
        }
        return Some(Value::Object(whole));
    }
    match members.values().next() {
        Some(inner @ Value::Object(_)) if members.len() == 1 => Some(inner.clone()),
        _ => Some(item.clone()),
    }
}

/// A number of the vendor's: a JSON integer, or its digits; zero is none (leaderssl.md 12).
pub(super) fn number(value: &Value) -> Option<u64> {
    let number = match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    };
    number.filter(|number| *number > 0)
}

/// A scalar as text, empty ones are none.
pub(super) fn plain(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A moment (leaderssl.md 12): with offset, without one (taken as UTC), or the end of a bare day.
pub(super) fn moment(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str()?.trim();
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    for format in ["%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S%z"] {
        if let Ok(moment) = DateTime::parse_from_str(text, format) {
            return Some(moment.to_utc());
        }
    }
    for format in [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S UTC",
    ] {
        if let Ok(moment) = NaiveDateTime::parse_from_str(text, format) {
            return Some(moment.and_utc());
        }
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    let last = NaiveTime::from_hms_opt(23, 59, 59)?;
    Some(day.and_time(last).and_utc())
}

/// A vendor's words for people: markup and line ends gone, secrets masked, cut.
pub(super) fn shown(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            _ if inside => {}
            c if c.is_control() => plain.push(' '),
            c => plain.push(c),
        }
    }
    logging::mask_start(plain.trim(), LONGEST_TEXT)
}

/// A body for the log: secrets masked, personal data of JSON blanked, cut.
pub(super) fn sample(body: &[u8]) -> String {
    let text = match parsed(body) {
        Some(mut value) => {
            blank(&mut value);
            value.to_string()
        }
        // Nothing blanks what is not read.
        None if json::is_too_large(body) => "larger than any answer".to_owned(),
        None => without_addresses(&String::from_utf8_lossy(body)),
    };
    logging::mask_start(&text, LONGEST_SAMPLE)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A text that is not JSON, its words with an at sign blanked.
fn without_addresses(text: &str) -> String {
    text.split_inclusive(|c: char| c.is_whitespace() || "\"'<>,;:()".contains(c))
        .map(|word| if word.contains('@') { "*** " } else { word })
        .collect()
}

/// Members that hold personal data (leaderssl.md 7.1) or are long and of no use in a sample.
const PERSONAL: [&str; 12] = [
    "address",
    "city",
    "company",
    "csr",
    "email",
    "fax",
    "first_name",
    "last_name",
    "login",
    "phone",
    "region",
    "zip",
];

fn blank(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                let name = name.to_ascii_lowercase();
                let is_leaf = !member.is_object() && !member.is_array();
                if is_leaf && !member.is_null() && PERSONAL.iter().any(|part| name.contains(part)) {
                    *member = Value::String("***".to_owned());
                } else {
                    blank(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(blank),
        Value::String(text) if text.contains('@') => "***".clone_into(text),
        _ => {}
    }
}
