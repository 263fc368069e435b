//! What the domain name system answers.

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DnsAnswer<T> {
    /// Records of the kind that was asked for.
    Found(Vec<T>),
    /// The name exists, such records do not.
    Nothing,
    /// The name does not exist.
    NoName,
    /// The resolver could not find it out, or does not believe what it found (SERVFAIL).
    Failed,
    /// No answer.
    Silent,
}

/// A CAA record (RFC 8659).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caa {
    /// Who does not know the tag must not issue.
    pub is_critical: bool,
    /// `issue`, `issuewild`, `iodef` and others, in small letters.
    pub tag: String,
    /// The value as it stands there.
    pub value: String,
}
