//! Behaviour of the simulated vendor that tests choose: everything that no source establishes
//! (leaderssl.md 14, 18), so that the adapter meets several plausible vendors and some implausible ones.

/// A switch that takes one of several words.
#[derive(Debug, Clone, Copy)]
pub struct Switch {
    /// Name.
    pub name: &'static str,
    /// Words; the first one is in force at the start.
    pub words: &'static [&'static str],
}

/// All switches with words.
pub const SWITCHES: &[Switch] = &[
    // Encoding of orders that the server understands.
    of("order_encoding", &["any", "json", "form", "query"]),
    // Where the token is looked for.
    of("token_place", &["any", "header", "query"]),
    // A new sign-in ends the older session.
    of("single_session", &["off", "on"]),
    // The answer to an order that was taken.
    of(
        "order_reply",
        &[
            "certificate",
            "nested",
            "list",
            "wrapped",
            "text-id",
            "bare-id",
            "order-only",
            "success",
            "plain",
            "two",
            "null-id",
            "word-id",
            "error-after",
            "server-error-after",
            "unprocessable-after",
        ],
    ),
    // The answer to an order that was not taken.
    of(
        "refusal",
        &[
            "unprocessable",
            "server-error",
            "bad-request",
            "with-200",
            "forbidden",
        ],
    ),
    of(
        "list_reply",
        &[
            "array",
            "wrapped",
            "data",
            "items",
            "attributes",
            "text-ids",
            "with-csr",
            "with-mark",
            "nameless",
            "no-ids",
            "unknown-wrap",
            "object",
            "page",
            "html",
        ],
    ),
    of(
        "status_reply",
        &[
            "flat",
            "nested",
            "state",
            "two-words",
            "missing",
            "text",
            "bad-request",
        ],
    ),
    of(
        "dcv_reply",
        &["array", "marked", "progress", "wrapped", "empty"],
    ),
    of(
        "emails_reply",
        &["array", "by-domain", "objects", "foreign", "none", "text"],
    ),
    of(
        "balance_reply",
        &[
            "flat",
            "number",
            "nested",
            "amount",
            "purses",
            "bare",
            "no-currency",
            "null",
            "words",
            "missing",
            "by-currency",
        ],
    ),
    of(
        "products_reply",
        &["array", "wrapped", "no-prices", "no-ids", "object"],
    ),
    of(
        "download",
        &[
            "zip",
            "pem",
            "pkcs7",
            "pkcs7-pem",
            "json",
            "leaf-only",
            "foreign",
            "bomb",
            "path-trick",
            "with-key",
            "cms",
            "base64",
            "base64-zip",
            "utf16",
            "utf16-zip",
            "key-beside",
            "marked-json",
            "json-base64",
            "cut",
            "html",
            "empty",
            "noise",
        ],
    ),
    // `download` of a certificate that is not issued.
    of(
        "not_ready",
        &[
            "not-found",
            "error-with-200",
            "json",
            "empty",
            "server-error",
        ],
    ),
];

const fn of(name: &'static str, words: &'static [&'static str]) -> Switch {
    Switch { name, words }
}

/// Switches in force.
#[derive(Debug, Clone)]
pub struct Switches {
    words: Vec<(&'static str, &'static str)>,
    /// Seconds until an order appears in the list.
    pub listing_delay: i64,
    /// Requests that a token serves; `None` for any number.
    pub token_uses: Option<u32>,
    /// Status word of an order that waits.
    pub waiting_word: String,
    /// Status word of an issued certificate.
    pub issued_word: String,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            words: SWITCHES
                .iter()
                .map(|switch| (switch.name, switch.words[0]))
                .collect(),
            listing_delay: 0,
            token_uses: None,
            waiting_word: "processing".to_owned(),
            issued_word: "active".to_owned(),
        }
    }
}

impl Switches {
    /// The word in force.
    pub fn word(&self, name: &str) -> &'static str {
        self.words
            .iter()
            .find(|(known, _)| *known == name)
            .map_or_else(|| panic!("no switch is called {name}"), |(_, word)| word)
    }

    /// Sets a switch by its name.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let odd = || format!("{name} cannot be {value}");
        match name {
            "listing_delay" => self.listing_delay = value.parse().map_err(|_| odd())?,
            "token_uses" => {
                self.token_uses = match value {
                    "off" => None,
                    number => Some(number.parse().map_err(|_| odd())?),
                }
            }
            "waiting_word" => self.waiting_word = value.to_owned(),
            "issued_word" => self.issued_word = value.to_owned(),
            _ => {
                let switch = SWITCHES.iter().find(|switch| switch.name == name);
                let switch = switch.ok_or_else(|| format!("no switch is called {name}"))?;
                let word = switch
                    .words
                    .iter()
                    .find(|word| **word == value)
                    .ok_or_else(odd)?;
                for (known, current) in &mut self.words {
                    if *known == name {
                        *current = word;
                    }
                }
            }
        }
        Ok(())
    }
}
