//! The intent: our decision to order, stored before the paid call (design, sections 1 and 5).

use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

use crate::domain::{AccountId, IntentKey, ItemId, OperationId, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::order::port::Token;

/// The item parameter that holds the intent.
pub const PARAMETER: &str = "pmssl_intent";

/// The stored text never exceeds this many characters: the width of the column is unknown.
pub const MAXIMUM_LENGTH: usize = 240;

/// Version mark of the stored form; a form of another version is refused, never guessed at.
const VERSION: &str = "1";

/// The ordering operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// First order.
    Open,
    /// Renewal.
    Prolong,
    /// Reissue.
    Reissue,
}

impl Operation {
    pub(in crate::order) const ALL: [Self; 3] = [Self::Open, Self::Prolong, Self::Reissue];

    /// The word in the stored form and in the key.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Prolong => "prolong",
            Self::Reissue => "reissue",
        }
    }
}

impl Operation {
    /// The platform's name of the command, by which it queues the operation (billmanager.md 3).
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Prolong => "prolong",
            Self::Reissue => "reopen",
        }
    }
}

/// How far an intent has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Decided; nothing has been sent. The token, if any, is to be used.
    Prepared,
    /// The paid call may be on its way. Only a look-up settles it.
    Sent,
    /// The paid call's outcome was not seen. Only a look-up or a person settles it.
    Unknown,
    /// Known to have bought nothing.
    Rejected,
    /// The order exists; its number is stored here. The platform's operation is not closed yet.
    Placed,
    /// The platform's operation is being closed or is closed; the certificate is awaited.
    Pending,
    /// The certificate is saved.
    Issued,
    /// The order is known to be dead: cancelled, rejected or refunded at the vendor.
    Dead,
}

impl State {
    const ALL: [Self; 8] = [
        Self::Prepared,
        Self::Sent,
        Self::Unknown,
        Self::Rejected,
        Self::Placed,
        Self::Pending,
        Self::Issued,
        Self::Dead,
    ];

    /// The word in the stored form.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Rejected => "rejected",
            Self::Placed => "placed",
            Self::Pending => "pending",
            Self::Issued => "issued",
            Self::Dead => "dead",
        }
    }

    /// Whether money may have been spent without our knowing the order.
    #[must_use]
    pub fn is_unsettled(self) -> bool {
        matches!(self, Self::Sent | Self::Unknown)
    }
}

/// Where the vendor keeps an order: an account of the platform, and what that account names at the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRef {
    /// The account.
    pub account: AccountId,
    /// Address and login at the vendor, by [`crate::module::Module::login_mark`].
    pub mark: String,
}

impl LoginRef {
    fn to_text(&self) -> String {
        format!("{}:{}", self.account, self.mark)
    }

    pub(in crate::order) fn read(text: &str) -> Option<Self> {
        let (account, mark) = text.split_once(':')?;
        let known = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        let clean = !mark.is_empty() && mark.len() <= LONGEST_MARK && mark.chars().all(known);
        clean.then_some(Self {
            account: AccountId(account.parse().ok()?),
            mark: mark.to_owned(),
        })
    }
}

const LONGEST_MARK: usize = 8;

/// One decision to order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// What is ordered.
    pub operation: Operation,
    /// How far it has come.
    pub state: State,
    /// Grows when the previous attempt is known to have bought nothing, or its order to be dead.
    pub attempt: u32,
    /// Client reference at the vendor.
    pub key: IntentKey,
    /// When this attempt was decided or, from `Sent` on, when it was sent.
    pub since: DateTime<Utc>,
    /// The platform's operation that it serves; none for one started by hand or by the daemon.
    pub queued: Option<OperationId>,
    /// The login under which it is ordered: only there it can be looked up.
    pub login: Option<LoginRef>,
    /// What the adapter wants remembered.
    pub token: Token,
    /// The vendor's order number, from `Placed` on.
    pub order: Option<VendorOrderId>,
}

impl Intent {
    /// A new decision in state [`State::Prepared`].
    #[must_use]
    pub fn decide(
        installation: &str,
        item: ItemId,
        operation: Operation,
        subject: &str,
        attempt: u32,
        queued: Option<OperationId>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            operation,
            state: State::Prepared,
            attempt,
            key: key(installation, item, operation, subject, attempt),
            since: now,
            queued,
            login: None,
            token: Token::default(),
            order: None,
        }
    }

    /// The same intent in another state.
    #[must_use]
    pub fn rejected(&self) -> Self {
        Self {
            order: None,
            ..self.with_state(State::Rejected)
        }
    }

    /// The same intent in another state.
    #[must_use]
    pub fn with_state(&self, state: State) -> Self {
        Self {
            state,
            ..self.clone()
        }
    }

    /// The stored form: ten fields between bars.
    ///
    /// # Errors
    /// A token or order number that does not fit: nothing may be sent then.
    pub fn to_text(&self) -> Result<String, Failure> {
        let order = self.order.as_ref().map_or("", VendorOrderId::as_str);
        let text = [
            VERSION,
            self.operation.word(),
            self.state.word(),
            &self.attempt.to_string(),
            self.key.as_str(),
            &self.since.timestamp().to_string(),
            &self.queued.map_or(0, |operation| operation.0).to_string(),
            &self
                .login
                .as_ref()
                .map(LoginRef::to_text)
                .unwrap_or_default(),
            &self.token.0,
            order,
        ]
        .join("|");
        let clean = !self.token.0.contains('|')
            && !order.contains('|')
            && !text.contains(['\n', '\r', '\0']);
        if clean && text.chars().count() <= MAXIMUM_LENGTH {
            Ok(text)
        } else {
            Err(Failure::field(Reason::Internal, PARAMETER).detail(words!(
                "an intent of {} characters cannot be stored",
                "запись о заказе длиной {} символов сохранить нельзя",
                text.chars().count()
            )))
        }
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// Anything that is not exactly this version's form: fails closed, since money hangs on it.
    pub fn from_text(text: &str) -> Result<Self, Failure> {
        Self::read(text).ok_or_else(|| {
            Failure::new(Reason::UnreadableIntent)
                .value(text.chars().take(MAXIMUM_LENGTH).collect::<String>())
                .detail(words!("It may have been written by a newer version of this program or changed by hand", "Возможно, оно записано более новой версией программы или изменено вручную"))
        })
    }

    fn read(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.trim().split('|').collect();
        let [
            version,
            operation,
            state,
            attempt,
            key,
            since,
            queued,
            login,
            token,
            order,
        ] = fields.as_slice()
        else {
            return None;
        };
        if *version != VERSION || !is_key(key) {
            return None;
        }
        let queued: u64 = queued.parse().ok()?;
        let login = match *login {
            "" => None,
            text => Some(LoginRef::read(text)?),
        };
        let state = State::ALL
            .into_iter()
            .find(|known| known.word() == *state)?;
        let order = (!order.is_empty()).then(|| VendorOrderId::new(*order));
        if matches!(state, State::Placed | State::Pending | State::Issued) && order.is_none() {
            return None;
        }
        Some(Self {
            operation: Operation::ALL
                .into_iter()
                .find(|known| known.word() == *operation)?,
            state,
            attempt: attempt.parse().ok()?,
            key: IntentKey::new(*key),
            since: DateTime::from_timestamp(since.parse().ok()?, 0)?,
            queued: (queued != 0).then_some(OperationId(queued)),
            login,
            token: Token((*token).to_owned()),
            order,
        })
    }
}

/// First 20 base32 characters of SHA-256 over installation, item, operation, subject and attempt.
///
/// The parts are separated by a byte that none of them holds, so that no two different decisions
/// share a key.
#[must_use]
pub fn key(
    installation: &str,
    item: ItemId,
    operation: Operation,
    subject: &str,
    attempt: u32,
) -> IntentKey {
    let text = format!(
        "{installation}\n{item}\n{}\n{subject}\n{attempt}",
        operation.word()
    );
    let digest = Sha256::digest(text.as_bytes());
    let mut key = BASE32_NOPAD.encode(&digest);
    key.truncate(KEY_LENGTH);
    IntentKey::new(key)
}

/// Longest order number, in characters: with the longest token the text still fits.
const LONGEST_NUMBER: usize = 40;

/// Whether this can be a vendor's order number: what cannot be stored would be lost after paying.
#[must_use]
pub(in crate::order) fn is_order_number(text: &str) -> bool {
    let fits = !text.is_empty() && text.chars().count() <= LONGEST_NUMBER;
    fits && !text.contains(|c: char| c == '|' || c.is_whitespace() || c.is_control())
}

const KEY_LENGTH: usize = 20;

pub(in crate::order) fn is_key(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte);
    text.len() == KEY_LENGTH && text.bytes().all(is_digit)
}

#[cfg(test)]
mod tests;
