//! Servers of other ages, as far as a client can tell them by their greeting and their locks.
//!
//! Before MySQL 5.7.5 and MariaDB 10.0.2 a connection has one advisory lock: taking another one gives the former
//! back. Before MySQL 5.7.3 and MariaDB 10.2.4 a connection cannot be reset.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Age {
    MySql55,
    MySql56,
    MySql57,
    MySql80,
    MariaDb55,
    MariaDb100,
    #[default]
    MariaDb1011,
    MariaDb114,
}

impl Age {
    pub const ALL: [Self; 8] = [
        Self::MySql55,
        Self::MySql56,
        Self::MySql57,
        Self::MySql80,
        Self::MariaDb55,
        Self::MariaDb100,
        Self::MariaDb1011,
        Self::MariaDb114,
    ];

    /// As in the greeting. MariaDB hides its version from old clients for two dozen versions.
    pub fn version(self) -> &'static str {
        match self {
            Self::MySql55 => "5.5.62-log",
            Self::MySql56 => "5.6.51-log",
            Self::MySql57 => "5.7.44-log",
            Self::MySql80 => "8.0.36",
            Self::MariaDb55 => "5.5.68-MariaDB",
            Self::MariaDb100 => "5.5.5-10.0.38-MariaDB",
            Self::MariaDb1011 => "5.5.5-10.11.19-MariaDB-sandbox",
            Self::MariaDb114 => "11.4.2-MariaDB",
        }
    }

    pub fn has_one_lock(self) -> bool {
        matches!(self, Self::MySql55 | Self::MySql56 | Self::MariaDb55)
    }

    pub fn can_reset(self) -> bool {
        matches!(
            self,
            Self::MySql57 | Self::MySql80 | Self::MariaDb1011 | Self::MariaDb114
        )
    }
}
