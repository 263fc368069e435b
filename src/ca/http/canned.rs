//! Answers without a network, for hostile input: in tests and under the fuzzer only.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::{Reply, Room};

/// Separates the answers of one input.
pub(crate) const NEXT: &[u8] = b"\n%%\n";

/// Begins an answer whose status is not 200: three digits and a line end follow.
const STATUS: &[u8] = b"HTTP ";

/// No adapter asks so often for one call.
const MANY: usize = 300;

thread_local! {
    static ANSWERS: RefCell<Option<Answers>> = const { RefCell::new(None) };
}

struct Answers {
    waiting: VecDeque<Vec<u8>>,
    given: usize,
}

/// Runs work whose requests are all answered from these bytes: one answer after the other, the last
/// one again and again.
pub(crate) fn answer_with<T>(data: &[u8], work: impl FnOnce() -> T) -> T {
    let mut waiting = VecDeque::new();
    let mut rest = data;
    while let Some(at) = rest.windows(NEXT.len()).position(|part| part == NEXT) {
        waiting.push_back(rest[..at].to_vec());
        rest = &rest[at + NEXT.len()..];
    }
    waiting.push_back(rest.to_vec());
    ANSWERS.set(Some(Answers { waiting, given: 0 }));
    let result = work();
    ANSWERS.set(None);
    result
}

/// The next answer, inside of [`answer_with`].
pub(super) fn next() -> Option<Reply> {
    ANSWERS.with_borrow_mut(|answers| {
        let answers = answers.as_mut()?;
        answers.given += 1;
        assert!(answers.given < MANY, "the adapter asks without end");
        let body = if answers.waiting.len() > 1 {
            answers.waiting.pop_front()?
        } else {
            answers.waiting.front()?.clone()
        };
        Some(reply(&body))
    })
}

fn reply(bytes: &[u8]) -> Reply {
    let status = bytes
        .strip_prefix(STATUS)
        .filter(|rest| rest.get(3) == Some(&b'\n'))
        .and_then(|rest| std::str::from_utf8(&rest[..3]).ok()?.parse().ok());
    let body = match status {
        Some(_) => &bytes[STATUS.len() + 4..],
        None => bytes,
    };
    let kind = match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{' | b'[') => "application/json",
        Some(b'<') => "text/xml",
        _ => "text/html",
    };
    Reply {
        status: status.unwrap_or(200),
        content_type: Some(kind.to_owned()),
        body: body.to_vec(),
        retry_after: None,
        date: None,
        location: None,
        room: Room::default(),
    }
}
