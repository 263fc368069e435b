//! The only place that opens connections to vendors.
//!
//! Every request has a [`SendClass`]. A `Read` may be repeated; a `Once` is sent over a fresh
//! connection and never again, and its failures are told apart by one question: can the vendor have
//! seen it? Redirects are never followed (a 307 would send a paid body twice), the environment's
//! proxy variables are ignored, answers are read up to a cap.

mod address;
mod cause;
mod heard;
mod letters;
mod meter;
mod rehearsal;
mod room;
mod secure;
mod transport;
mod unserved;

#[cfg(any(test, fuzzing))]
pub(crate) mod canned;
#[cfg(test)]
pub(crate) mod scripted;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

pub use address::base_address;
use backon::{BackoffBuilder, ExponentialBuilder};
use chrono::{DateTime, Utc};
pub use meter::{Meter, Usage};
pub use rehearsal::Rehearsal;
pub use reqwest::{Method, Url};
pub use room::Room;
pub(crate) use transport::proxy_address;
pub use unserved::Unserved;

use super::{ConnectOptions, Permit, Unplaced};
use crate::domain::IntentKey;
use crate::domain::text::{Bilingual, Words};
use crate::failure::{Failure, Reason};
use crate::log;
use heard::Heard;
use transport::Transport;

/// Largest answer read, in bytes after decompression.
const BODY_CAP: usize = 8 * 1024 * 1024;

/// How often a `Read` is tried in all.
const READ_ATTEMPTS: u32 = 3;

/// A vendor that asks for a longer pause than this is not waited for: the platform runs the
/// command again later.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How often a request may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendClass {
    /// Changes nothing at the vendor: repeated on connection trouble, 429 and 502 to 504.
    Read,
    /// Must not arrive twice: sent at most once, over a connection of its own.
    Once,
}

/// One request. `Debug` shows neither headers nor body nor the address's query.
#[derive(Clone)]
pub struct Request {
    /// The vendor's name of the call, for log and error texts.
    pub operation: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Full address.
    pub url: Url,
    /// Headers; values may be secret.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Option<Vec<u8>>,
    /// How often it may be sent.
    pub class: SendClass,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("address", &printable(&self.url))
            .field("body_bytes", &self.body.as_ref().map(Vec::len))
            .field("class", &self.class)
            .finish_non_exhaustive()
    }
}

/// A complete answer, whatever its status.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, where given.
    pub content_type: Option<String>,
    /// The whole body, decompressed.
    pub body: Vec<u8>,
    /// `Retry-After`, where given.
    pub retry_after: Option<Duration>,
    /// `Date`: the vendor's clock, where given.
    pub date: Option<DateTime<Utc>>,
    /// Where a redirect leads, for people.
    pub location: Option<String>,
    /// Its room in memory.
    pub room: Room,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Reply {
    /// Whether the status is 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Status, type and body as one text, for records.
    #[must_use]
    pub fn transcript(&self) -> String {
        let kind = self.content_type.as_deref().unwrap_or("no content type");
        format!("HTTP {} {kind}\n\n{}", self.status, self.text())
    }

    /// The body as text; invalid UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// No complete answer. The texts name the operation and never the address's query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendFailure {
    /// Refused, not resolved: not one byte of the request left.
    NotSent(Words),
    /// TLS failed: not one byte of the request left, either.
    Insecure(Words),
    /// The permit of a paid call had ended: not one byte of the request left.
    TooLate(Words),
    /// The account is left alone for a while: not one byte of the request left.
    Resting(Words),
    /// The command is rehearsed: not one byte of the request left.
    Rehearsed(Words),
    /// Anything after that: the vendor may have seen the request.
    Lost(Words),
}

impl Bilingual for SendFailure {
    fn both(&self) -> Words {
        let (Self::NotSent(words)
        | Self::Insecure(words)
        | Self::TooLate(words)
        | Self::Resting(words)
        | Self::Rehearsed(words)
        | Self::Lost(words)) = self;
        words.clone()
    }
}

impl fmt::Display for SendFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.both().en())
    }
}

impl std::error::Error for SendFailure {}

impl SendFailure {
    /// The failure to report for a request of this class.
    #[must_use]
    pub fn into_failure(self, class: SendClass) -> Failure {
        let reason = match (class, &self) {
            (_, Self::NotSent(_)) => Reason::Unreachable,
            (_, Self::Insecure(_)) => Reason::NoSecureConnection,
            (_, Self::TooLate(_)) => Reason::StoppedTooLong,
            (_, Self::Rehearsed(_)) => Reason::NotSupported,
            (_, Self::Resting(_)) | (SendClass::Read, Self::Lost(_)) => Reason::VendorTrouble,
            (SendClass::Once, Self::Lost(_)) => Reason::OutcomeUnknown,
        };
        Failure::new(reason).detail(self)
    }

    /// Not one byte of the request left this machine.
    #[must_use]
    pub const fn never_left(&self) -> bool {
        !matches!(self, Self::Lost(_))
    }

    /// What it means for a paid call of an intent.
    #[must_use]
    pub fn into_unplaced(self, key: &IntentKey) -> Unplaced {
        let never_left = self.never_left();
        let failure = self.into_failure(SendClass::Once).value(key.as_str());
        if never_left {
            Unplaced::NotSent(failure)
        } else {
            Unplaced::lost(failure)
        }
    }
}

/// What kept an attempt from a useful answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    NotSent,
    TimedOut,
    /// Reset, or ended before the announced length.
    Broken,
    /// More bytes than the cap.
    TooLarge,
    /// Other large answers were read for too long: nothing of the vendor's.
    NoRoom,
    /// An HTTP status and the pause the vendor asks for.
    Status(u16, Option<Duration>),
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    /// Wait at least this long, then try again.
    Repeat(Duration),
    /// Tell the caller.
    Stop,
}

/// The whole retry policy. `attempt` counts from 1.
fn decide(class: SendClass, trouble: Trouble, attempt: u32) -> Decision {
    if class == SendClass::Once || attempt >= READ_ATTEMPTS {
        return Decision::Stop;
    }
    match trouble {
        Trouble::NotSent | Trouble::TimedOut | Trouble::Broken | Trouble::NoRoom => {
            Decision::Repeat(Duration::ZERO)
        }
        Trouble::Status(429 | 502..=504, pause) => match pause {
            Some(pause) if pause > LONGEST_PAUSE => Decision::Stop,
            pause => Decision::Repeat(pause.unwrap_or_default()),
        },
        Trouble::Status(..) | Trouble::TooLarge => Decision::Stop,
    }
}

/// A way to one vendor.
pub struct Http {
    transport: Transport,
    heard: Heard,
    /// Pace of the account, where it has one.
    meter: Option<Rc<Meter>>,
    /// The vendor's calls that buy: they are sent with a permit only.
    paid: &'static [&'static str],
    /// Keeps what would change something, in a rehearsal.
    rehearsal: Option<Rc<Rehearsal>>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// Checks the settings of this machine's way out; the client itself is made at the first send.
    /// `local_address` is the address of this host to connect from.
    ///
    /// # Errors
    /// An unreadable file of root certificates, a malformed proxy address.
    pub fn new(options: &ConnectOptions, local_address: Option<IpAddr>) -> Result<Self, Failure> {
        Ok(Self {
            transport: Transport::new(options, local_address)?,
            heard: Heard::default(),
            meter: options.meter.clone(),
            paid: &[],
            rehearsal: options.rehearsal.clone(),
        })
    }

    /// Names the calls that buy: [`send`](Self::send) refuses them, whoever asks.
    #[must_use]
    pub fn selling(self, paid: &'static [&'static str]) -> Self {
        Self { paid, ..self }
    }

    /// The vendor's clock, as the latest answer told it and with the time since then; `None` before one.
    #[must_use]
    pub fn vendors_time(&self) -> Option<DateTime<Utc>> {
        self.heard.time(Instant::now())
    }

    /// Sends a request, as often as its class allows, and reads the whole answer. An answer of any
    /// HTTP status is a [`Reply`].
    ///
    /// # Errors
    /// See [`SendFailure`]. A call that buys is not sent.
    pub async fn send(&self, request: Request) -> Result<Reply, SendFailure> {
        if self.paid.contains(&request.operation) {
            return Err(SendFailure::NotSent(words!(
                "{}: a call that buys needs a permit",
                "{}: вызов покупки без разрешения",
                request.operation
            )));
        }
        self.exchange(request).await
    }

    /// Sends a call that buys, at most once. The permit is used up.
    ///
    /// # Errors
    /// See [`SendFailure`]. Not sent: the permit has ended.
    pub async fn send_paid(&self, request: Request, permit: Permit) -> Result<Reply, SendFailure> {
        let class = SendClass::Once;
        let request = Request { class, ..request };
        // A rehearsal is told first: there all permits have ended.
        self.keep_in_rehearsal(&request)?;
        if permit.is_over() {
            return Err(SendFailure::TooLate(Words::verbatim(request.operation)));
        }
        self.exchange(request).await
    }

    /// Whether what would change something at the vendor is kept instead of being sent.
    #[must_use]
    pub fn is_rehearsed(&self) -> bool {
        self.rehearsal.is_some()
    }

    fn keep_in_rehearsal(&self, request: &Request) -> Result<(), SendFailure> {
        let rehearsal = self.rehearsal.as_ref();
        rehearsal.map_or(Ok(()), |rehearsal| rehearsal.keep(request))
    }

    async fn exchange(&self, request: Request) -> Result<Reply, SendFailure> {
        self.keep_in_rehearsal(&request)?;
        if self.meter.as_ref().is_some_and(|meter| meter.is_resting()) {
            return Err(SendFailure::Resting(words!(
                "the account rests",
                "учётная запись временно не опрашивается"
            )));
        }
        let outcome = self.repeat(&request).await;
        let is_trouble = match &outcome {
            Ok(reply) => Some(reply.is_trouble()),
            Err((Trouble::NoRoom, _)) => None,
            Err(_) => Some(true),
        };
        if let (Some(meter), Some(is_trouble)) = (&self.meter, is_trouble) {
            meter.answered(is_trouble);
        }
        outcome.map_err(|(_, failure)| failure)
    }

    /// As many attempts as the request's class allows, unless the account is switched off meanwhile.
    async fn repeat(&self, request: &Request) -> Result<Reply, (Trouble, SendFailure)> {
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(self.transport.timeouts().pause)
            .with_max_delay(LONGEST_PAUSE)
            .with_jitter()
            .build();
        let mut attempt = 1;
        loop {
            let mut outcome = self.attempt(request, attempt).await;
            let trouble = match &outcome {
                Ok(reply) if reply.is_success() => return outcome,
                Ok(reply) => Trouble::Status(reply.status, reply.retry_after),
                Err((trouble, _)) => *trouble,
            };
            match decide(request.class, trouble, attempt) {
                Decision::Stop => return outcome,
                Decision::Repeat(at_least) => {
                    let pause = pauses.next().unwrap_or_default().max(at_least);
                    if let Ok(reply) = &mut outcome {
                        // Kept for its words only: others are read meanwhile.
                        reply.room = Room::default();
                    }
                    tokio::time::sleep(pause).await;
                    // A wish for a pause is obeyed by the pause.
                    if self.meter.as_ref().is_some_and(|meter| meter.is_off()) {
                        return outcome;
                    }
                    attempt += 1;
                }
            }
        }
    }

    /// Every request takes its place in the account's pace. What must arrive once does not wait for it: the
    /// intent is stored as sent already.
    async fn wait_for_turn(&self, class: SendClass) {
        if let Some(meter) = &self.meter {
            let place = meter.book();
            if class == SendClass::Read {
                tokio::time::sleep_until(place).await;
            }
        }
    }

    /// One attempt with its log lines.
    async fn attempt(
        &self,
        request: &Request,
        attempt: u32,
    ) -> Result<Reply, (Trouble, SendFailure)> {
        let Request {
            operation, method, ..
        } = request;
        let address = printable(&request.url);
        if let Some(body) = &request.body {
            log!(Http, Debug, "{operation} request: {}", printed(body));
        }
        self.wait_for_turn(request.class).await;
        let started = Instant::now();
        let outcome = self.transport.exchange(request).await;
        let elapsed = started.elapsed();
        if let Some(meter) = &self.meter {
            meter.sent(elapsed);
        }
        let elapsed = elapsed.as_millis();
        match &outcome {
            Ok(reply) => {
                self.heard.note(reply, Instant::now());
                let wish = self.heard.quiet_for(Instant::now());
                if let (Some(meter), Some(pause)) = (&self.meter, wish) {
                    meter.keep_quiet(pause);
                }
                log!(
                    Http,
                    Ext,
                    "{operation}: {method} {address}: status {}, {} bytes, {elapsed} ms",
                    reply.status,
                    reply.body.len()
                );
                log!(Http, Debug, "{operation} answer: {}", printed(&reply.body));
            }
            Err((_, failure)) => {
                log!(
                    Http,
                    Warning,
                    "{method} {address}, attempt {attempt}, {elapsed} ms: {failure}"
                );
            }
        }
        outcome
    }
}

/// A body for the log, which masks every line it writes.
fn printed(body: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(body)
}

/// Scheme, host, port and path: a query may carry credentials.
fn printable(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Fails only for addresses that cannot have a user at all.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}
