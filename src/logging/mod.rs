//! Logs in the platform's format (design, section 7).
