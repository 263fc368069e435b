//! Errors in the store's own words (thesslstore.md 2.3).

/// Authentication failed.
pub const AUTHENTICATION: i32 = -9008;
/// The certificate authority refused.
pub const AUTHORITY: i32 = -9009;
/// The window of cancellation is over.
pub const WINDOW_OVER: i32 = -9032;
/// Stands for all codes that no source tells (funds, unknown order, parameters). The text is invented,
/// too: nothing may depend on either.
pub const NOT_KNOWN: i32 = -9999;

/// A refused call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `ErrorCode`.
    pub code: i32,
    /// `Message`.
    pub text: String,
}

impl Refusal {
    /// The store refuses for a reason whose code is not known.
    pub fn own(text: impl Into<String>) -> Self {
        Self {
            code: NOT_KNOWN,
            text: text.into(),
        }
    }

    /// The certificate authority refuses.
    pub fn authority(text: impl std::fmt::Display) -> Self {
        Self {
            code: AUTHORITY,
            text: format!("Vendor returns error:{text}"),
        }
    }

    /// Wrong credentials.
    pub fn credentials() -> Self {
        Self {
            code: AUTHENTICATION,
            text: "Authentication failed. Partner code or token is not valid".to_owned(),
        }
    }

    /// The entry of `Message`.
    pub fn message(&self) -> String {
        format!("ErrorCode:{}|Message:{}", self.code, self.text)
    }
}
