//! Domain names as certificates carry them: ASCII, lower case, no trailing dot.

use std::fmt;

use super::label;
use crate::domain::text::{Bilingual, Words};

/// Why a text is not a name that a certificate can carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidName {
    /// Nothing there.
    Empty,
    /// More than 253 characters, those of `*.` included, or a label of more than 63 (RFC 1035, 2.3.4).
    TooLong,
    /// `https://www.example.com/`, or a path behind a name.
    WebAddress,
    /// `admin@example.com`.
    EmailAddress,
    /// `example.com:443`.
    Port,
    /// Something with a blank, a comma or a semicolon inside.
    Several,
    /// `my_shop.example.com`.
    Underscore,
    /// `.example.com`, `a..example.com`.
    EmptyLabel,
    /// A character or label form that no host name has.
    Malformed,
    /// `ab--cd.example.com` (RFC 5890, 2.3.1; Baseline Requirements, 7.1.2.7.12).
    Reserved,
    /// An asterisk anywhere but as the whole first label.
    Wildcard,
    /// An IP address.
    IpAddress,
    /// `192.0.2.0/24`.
    Network,
    /// `example.123`, `1.`: the last label is a number, which no domain has (RFC 3696, 2).
    Number,
}

impl Bilingual for InvalidName {
    fn both(&self) -> Words {
        match self {
            Self::Empty => words!("the name is empty", "имя пустое"),
            Self::TooLong => words!(
                "the name or one of its labels is too long",
                "имя или одна из его частей слишком длинные"
            ),
            Self::WebAddress => words!(
                "this is a web address: leave out http:// or https:// and everything from the first slash behind the name on",
                "это веб-адрес: уберите http:// или https:// и всё, начиная с первой косой черты после имени"
            ),
            Self::EmailAddress => words!(
                "this is an e-mail address, not a host name",
                "это адрес электронной почты, а не имя узла"
            ),
            Self::Port => words!(
                "a host name has no port: leave out the colon and the number",
                "в имени узла нет порта: уберите двоеточие и номер"
            ),
            Self::Several => words!(
                "there is a blank, a comma or a semicolon in it: one host name is needed",
                "в нём пробел, запятая или точка с запятой: нужно одно имя узла"
            ),
            Self::Underscore => words!(
                "an underscore is not allowed in a host name",
                "подчёркивание в имени узла недопустимо"
            ),
            Self::EmptyLabel => words!(
                "a part of the name is empty: it begins with a dot or has two dots in a row",
                "часть имени пустая: оно начинается с точки или в нём две точки подряд"
            ),
            Self::Malformed => words!(
                "the name holds a character or label that no host name has",
                "в имени есть символ или часть, недопустимые в имени узла"
            ),
            Self::Reserved => words!(
                "a label with hyphens in its third and fourth place is reserved, unless it is punycode",
                "часть имени с дефисами на третьем и четвёртом месте зарезервирована, если это не punycode"
            ),
            Self::Wildcard => words!(
                "an asterisk may only stand as the whole first label",
                "звёздочка может быть только целой первой частью имени"
            ),
            Self::IpAddress => words!("the name is an IP address", "имя является IP-адресом"),
            Self::Network => words!(
                "this is a network of IP addresses, not a host name",
                "это сеть IP-адресов, а не имя узла"
            ),
            Self::Number => words!(
                "its last part is a number, and no domain ends in one",
                "его последняя часть - число, а домены числом не заканчиваются"
            ),
        }
    }
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.both().en())
    }
}

impl std::error::Error for InvalidName {}

/// What a name is by the public suffix list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A registered domain, or a name below one.
    Registrable,
    /// A suffix below which domains are registered: `co.uk`.
    Suffix,
    /// Without a dot: ICANN lets no host stand at a top-level domain, so that such a name is an internal one.
    Single,
    /// Of a top-level domain that the list of this version does not hold: an internal name, or a very new one.
    Unknown,
    /// A name of an address.
    Reverse,
}

/// A host name or a wildcard name, normalised: punycode, lower case, without trailing dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(String);

impl DomainName {
    /// Normalises and checks one name; international names become punycode (UTS 46, non-transitional).
    ///
    /// # Errors
    /// The reason why the text is not a name; single-label and internal names are accepted here and
    /// refused by the order checks ([`is_public`](Self::is_public)).
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let trimmed = text.trim();
        let trimmed = trimmed.strip_suffix('.').unwrap_or(trimmed);
        if trimmed.is_empty() {
            return Err(InvalidName::Empty);
        }
        if is_address(trimmed) {
            return Err(InvalidName::IpAddress);
        }
        let is_prefix = |text: &str| text.parse::<u8>().is_ok_and(|bits| bits <= 128);
        let network = trimmed.split_once('/');
        if network.is_some_and(|(address, bits)| is_address(address) && is_prefix(bits)) {
            return Err(InvalidName::Network);
        }
        let (wildcard, base) = match trimmed.strip_prefix("*.") {
            Some(base) => (true, base),
            None => (false, trimmed),
        };
        if let Some(why) = not_a_host(base) {
            return Err(why);
        }
        let ascii = idna::domain_to_ascii(base).map_err(|_| InvalidName::Malformed)?;
        if ascii.is_empty() {
            return Err(InvalidName::Empty);
        }
        let length = ascii.len() + if wildcard { "*.".len() } else { 0 };
        if length > 253 || ascii.split('.').any(|label| label.len() > 63) {
            return Err(InvalidName::TooLong);
        }
        if ascii.split('.').any(str::is_empty) {
            return Err(InvalidName::EmptyLabel);
        }
        let label_valid = |label: &str| {
            !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if !ascii.split('.').all(label_valid) || !label::are_letters(base, &ascii) {
            return Err(InvalidName::Malformed);
        }
        let is_reserved = |label: &str| label.get(2..4) == Some("--") && !label.starts_with("xn");
        if ascii.split('.').any(is_reserved) {
            return Err(InvalidName::Reserved);
        }
        let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
        if ascii.split('.').all(is_number) && ascii.contains('.') {
            // Old ways to write an address: `127.1`, `093.184.216.034`.
            return Err(InvalidName::IpAddress);
        }
        if ascii.rsplit('.').next().is_some_and(is_number) {
            return Err(InvalidName::Number);
        }
        Ok(Self(if wildcard {
            format!("*.{ascii}")
        } else {
            ascii
        }))
    }

    /// The name, `*.` included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name begins with `*.`.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with("*.")
    }

    /// The name without `*.`.
    #[must_use]
    pub fn base(&self) -> &str {
        self.0.strip_prefix("*.").unwrap_or(&self.0)
    }

    /// Whether the name, without the star of a wildcard, is a domain or lies below it.
    #[must_use]
    pub fn is_at_or_below(&self, domain: &str) -> bool {
        let front = self.base().strip_suffix(domain);
        front.is_some_and(|front| front.is_empty() || front.ends_with('.'))
    }

    /// The registrable domain by the public suffix list (`example.co.uk` for `www.example.co.uk`);
    /// `None` for a bare suffix or a single label. Private-section suffixes (`github.io`) do not
    /// count: certificate authorities look at the ICANN section.
    #[must_use]
    pub fn registrable(&self) -> Option<&str> {
        let base = self.base();
        let suffix = psl::suffix(base.as_bytes())?;
        let suffix_labels = match suffix.typ() {
            Some(psl::Type::Private) => {
                // Walk up to the ICANN suffix above the private one.
                let mut rest = std::str::from_utf8(suffix.as_bytes()).ok()?;
                loop {
                    rest = rest.split_once('.')?.1;
                    let above = psl::suffix(rest.as_bytes())?;
                    if above.typ() == Some(psl::Type::Icann) {
                        break above.as_bytes().split(|b| *b == b'.').count();
                    }
                }
            }
            _ => suffix.as_bytes().split(|b| *b == b'.').count(),
        };
        let labels: Vec<usize> = std::iter::once(0)
            .chain(base.match_indices('.').map(|(position, _)| position + 1))
            .collect();
        let first = labels.len().checked_sub(suffix_labels + 1)?;
        labels.get(first).map(|start| &base[*start..])
    }

    /// What the name is to a public authority.
    #[must_use]
    pub fn standing(&self) -> Standing {
        // Names of addresses (Baseline Requirements, 4.2.2: IP Reverse Zone Suffix).
        let is_reverse = ["in-addr.arpa", "ip6.arpa"]
            .iter()
            .any(|zone| self.is_at_or_below(zone));
        if is_reverse {
            return Standing::Reverse;
        }
        let suffix = psl::suffix(self.base().as_bytes());
        let is_known = suffix.is_some_and(|suffix| suffix.is_known());
        // A wildcard of a top-level domain would cover registered domains.
        if !(self.base().contains('.') || is_known && self.is_wildcard()) {
            return Standing::Single;
        }
        if !is_known {
            return Standing::Unknown;
        }
        match self.registrable() {
            Some(_) => Standing::Registrable,
            None => Standing::Suffix,
        }
    }

    /// Whether a public authority may certify the name. A public suffix itself is a name like others: only
    /// wildcards below it are forbidden (Baseline Requirements, 3.2.2.6).
    #[must_use]
    pub fn is_public(&self) -> bool {
        match self.standing() {
            Standing::Registrable => true,
            Standing::Suffix => !self.is_wildcard(),
            Standing::Single | Standing::Unknown | Standing::Reverse => false,
        }
    }

    /// Whether a certificate that carries `self` covers `other` (RFC 6125: one label for `*`).
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        match (self.is_wildcard(), other.is_wildcard()) {
            (true, false) => other
                .0
                .split_once('.')
                .is_some_and(|(_, parent)| parent == self.base()),
            _ => false,
        }
    }
}

/// What people write instead of a host name, as far as it can be told.
fn not_a_host(text: &str) -> Option<InvalidName> {
    if text.contains("\\n") && !text.contains(':') {
        // A line end that a program wrote out.
        return Some(InvalidName::Several);
    }
    if text.contains('/') || text.contains(":\\") {
        return Some(InvalidName::WebAddress);
    }
    if text.contains('\\') {
        return Some(InvalidName::Malformed);
    }
    if text.contains(|c: char| c.is_whitespace() || matches!(c, ',' | ';')) {
        return Some(InvalidName::Several);
    }
    if text.contains('@') {
        return Some(InvalidName::EmailAddress);
    }
    if text.contains('*') {
        return Some(InvalidName::Wildcard);
    }
    if let Some((host, port)) = text.rsplit_once(':')
        && !host.contains(':')
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some(InvalidName::Port);
    }
    if text.starts_with('.') || text.contains("..") {
        return Some(InvalidName::EmptyLabel);
    }
    text.contains('_').then_some(InvalidName::Underscore)
}

/// An IP address, in the brackets of a web address or without.
fn is_address(text: &str) -> bool {
    super::address(text).is_some()
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    #[test]
    fn names_are_normalised() {
        assert_eq!(name(" WWW.Example.COM. ").as_str(), "www.example.com");
        assert_eq!(name("*.пример.рф").as_str(), "*.xn--e1afmkfd.xn--p1ai");
        assert_eq!(name("ПРИМЕР.РФ.").as_str(), "xn--e1afmkfd.xn--p1ai");
        assert_eq!(
            name("shop.\u{200b}example\u{3002}com").as_str(),
            "shop.example.com"
        );
        assert_eq!(name("\u{ff45}xample.com").as_str(), "example.com");
        assert_eq!(name("straße.de").as_str(), "xn--strae-oqa.de");
    }

    #[test]
    fn other_texts_are_refused() {
        let cases = [
            ("", InvalidName::Empty),
            ("*.", InvalidName::Wildcard),
            ("a.*.example.com", InvalidName::Wildcard),
            ("*a.example.com", InvalidName::Wildcard),
            ("192.0.2.1", InvalidName::IpAddress),
            ("2001:db8::1", InvalidName::IpAddress),
            ("[2001:db8::1]", InvalidName::IpAddress),
            ("127.1", InvalidName::IpAddress),
            ("093.184.216.034", InvalidName::IpAddress),
            ("192.0.2.0/24", InvalidName::Network),
            ("2001:db8::/32", InvalidName::Network),
            ("example.123", InvalidName::Number),
            ("DNS.1", InvalidName::Number),
            ("1.", InvalidName::Number),
            ("-a.example.com", InvalidName::Malformed),
            ("a!b.example.com", InvalidName::Malformed),
            ("a_b.example.com", InvalidName::Underscore),
            ("a..example.com", InvalidName::EmptyLabel),
            (".example.com", InvalidName::EmptyLabel),
            ("example.com..", InvalidName::EmptyLabel),
            ("*..example.com", InvalidName::EmptyLabel),
            ("exa mple.com", InvalidName::Several),
            ("example.com, www.example.com", InvalidName::Several),
            ("http://example.com", InvalidName::WebAddress),
            ("https://*.example.com/", InvalidName::WebAddress),
            ("example.com/", InvalidName::WebAddress),
            ("example.com:443", InvalidName::Port),
            ("admin@example.com", InvalidName::EmailAddress),
            ("a.example.com\\nb.example.com", InvalidName::Several),
            ("http:\\\\name.example.com", InvalidName::WebAddress),
            ("\\*.example.com", InvalidName::Malformed),
            ("CORP\\srv", InvalidName::Malformed),
            ("\\\\srv.example.com", InvalidName::Malformed),
            ("ab--cd.example.com", InvalidName::Reserved),
            ("xn--a.example.com", InvalidName::Malformed),
            ("xn--.example.com", InvalidName::Malformed),
            ("my\u{2013}shop.example.com", InvalidName::Malformed),
            ("\u{201c}shop.example.com\u{201d}", InvalidName::Malformed),
            ("a.example.com\u{3001}b.example.com", InvalidName::Malformed),
        ];
        for (text, reason) in cases {
            assert_eq!(DomainName::parse(text), Err(reason), "{text}");
        }
        // A name of 253 characters is as long as one can be, and a wildcard's asterisk counts.
        let [a, b] = [63, 57].map(|length| "a".repeat(length));
        let longest = format!("{a}.{a}.{a}.{b}.com");
        assert_eq!(name(&longest).as_str(), longest);
        let wildcard = format!("*.{}", &longest[2..]);
        assert_eq!(name(&wildcard).as_str(), wildcard);
        for text in [
            format!("{a}a.com"),
            format!("a{longest}"),
            format!("*.{longest}"),
            format!("*.{}", &longest[1..]),
        ] {
            assert_eq!(
                DomainName::parse(&text),
                Err(InvalidName::TooLong),
                "{text}"
            );
        }
    }

    #[test]
    fn a_name_lies_at_or_below_a_domain() {
        let cases = [
            ("example.com", "example.com", true),
            ("*.example.com", "example.com", true),
            ("a.b.example.com", "example.com", true),
            ("notexample.com", "example.com", false),
            ("example.com", "a.example.com", false),
            ("b.example.com", "a.example.com", false),
        ];
        for (text, domain, expected) in cases {
            assert_eq!(
                name(text).is_at_or_below(domain),
                expected,
                "{text} {domain}"
            );
        }
    }

    #[test]
    fn registrable_domains_follow_the_public_list() {
        let cases = [
            ("www.example.com", Some("example.com")),
            ("*.shop.example.co.uk", Some("example.co.uk")),
            ("co.uk", None),
            ("localhost", None),
            ("me.github.io", Some("github.io")),
            ("a.пример.рф", Some("xn--e1afmkfd.xn--p1ai")),
        ];
        for (text, expected) in cases {
            assert_eq!(name(text).registrable(), expected, "{text}");
        }
        assert!(name("www.example.com").is_public());
        assert!(name("gov.uk").is_public());
        assert!(!name("*.gov.uk").is_public());
        for (text, standing) in [
            ("*.com", Standing::Suffix),
            ("*.uk", Standing::Suffix),
            ("*.рф", Standing::Suffix),
            ("com", Standing::Single),
            ("*.intranet", Standing::Single),
        ] {
            assert_eq!(name(text).standing(), standing, "{text}");
        }
        assert!(!name("mail.local").is_public());
        assert!(!name("localhost").is_public());
        // A top-level domain and everybody's mail server.
        assert!(!name("exchange").is_public());
        assert!(!name("1.2.0.192.in-addr.arpa").is_public());
        assert!(!name("*.8.b.d.0.1.0.0.2.ip6.arpa").is_public());
    }

    #[test]
    fn a_wildcard_covers_one_label() {
        assert!(name("*.example.com").covers(&name("www.example.com")));
        assert!(name("*.example.com").covers(&name("*.example.com")));
        assert!(!name("*.example.com").covers(&name("example.com")));
        assert!(!name("*.example.com").covers(&name("a.b.example.com")));
        assert!(!name("www.example.com").covers(&name("example.com")));
    }
}
