//! People and companies of an order, in checked forms.

use std::fmt;

/// An ISO 3166-1 alpha-2 country code: two capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Reads two ASCII letters in any case that name an assigned country; anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 2] = text.trim().as_bytes().try_into().ok()?;
        let code = bytes.map(|byte| byte.to_ascii_uppercase());
        let known = ASSIGNED.as_bytes().chunks(2).any(|pair| pair == code);
        known.then_some(Self(code))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The 249 officially assigned alpha-2 codes, one after another.
const ASSIGNED: &str = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZ\
CACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGN\
GPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULV\
LYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPT\
PWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUS\
UYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";

/// A telephone number in international form: a plus sign and 7 to 15 digits (ITU-T E.164).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Normalises the platform's mask form `+7 (900) 123-45-67` (billmanager.md 7) to `+79001234567`.
    /// A number without country code or with letters is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix('+')?;
        let filler = [' ', '-', '(', ')', '.', '/', '\u{a0}'];
        let digits: String = rest.chars().filter(|c| !filler.contains(c)).collect();
        let valid = (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        valid.then(|| Self(format!("+{digits}")))
    }

    /// `+79001234567`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An e-mail address: `local@domain`, ASCII, the domain in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Accepts the dotted-atom form that certificate authorities accept; quoted local parts,
    /// comments and address literals are `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.trim().rsplit_once('@')?;
        let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c);
        let local_valid = !local.is_empty()
            && local.len() <= 64
            && local.chars().all(atom)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let domain = super::DomainName::parse(domain)
            .ok()
            .filter(|name| !name.is_wildcard())?;
        (local_valid && domain.as_str().contains('.')).then(|| Self(format!("{local}@{domain}")))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part behind the at sign.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person of the order: administrative or technical contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Position, may be empty.
    pub job_title: String,
    /// Telephone in international form.
    pub phone: Phone,
    /// E-mail address.
    pub email: EmailAddress,
}

/// The company an OV or EV certificate names; for DV only what the form held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Registered name.
    pub name: String,
    /// Department, may be empty.
    pub division: String,
    /// D-U-N-S number, may be empty.
    pub duns: String,
    /// Street and house.
    pub address: String,
    /// City.
    pub city: String,
    /// State or region.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// Country.
    pub country: CountryCode,
    /// Telephone in international form.
    pub phone: Phone,
    /// Agency of incorporation (Certum, EV), may be empty.
    pub incorporating_agency: String,
    /// Registration number (Certum, EV), may be empty.
    pub registration_number: String,
    /// Business category (EV at some vendors), may be empty.
    pub business_category: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_the_assigned_codes() {
        assert_eq!(ASSIGNED.len(), 249 * 2);
        assert_eq!(
            CountryCode::parse("ru").map(|c| c.to_string()),
            Some("RU".to_owned())
        );
        for text in ["", "R", "RUS", "UK", "XX", "ZZ", "AA", "DA"] {
            assert_eq!(CountryCode::parse(text), None, "{text}");
        }
    }

    #[test]
    fn phones_are_normalised_or_refused() {
        let parse = |text| Phone::parse(text).map(|phone| phone.to_string());
        assert_eq!(parse("+7 (900) 123-45-67"), Some("+79001234567".to_owned()));
        assert_eq!(parse(" +1.5550100200 "), Some("+15550100200".to_owned()));
        for text in [
            "",
            "89001234567",
            "+7 900 CALL-ME",
            "+123",
            "+0123456789",
            "+1234567890123456",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_are_checked() {
        let parse = |text| EmailAddress::parse(text).map(|email| email.to_string());
        assert_eq!(
            parse("Admin@Example.COM"),
            Some("Admin@example.com".to_owned())
        );
        assert_eq!(
            parse("a.b+c@xn--e1aybc.xn--p1ai"),
            Some("a.b+c@xn--e1aybc.xn--p1ai".to_owned())
        );
        for text in [
            "",
            "a",
            "@example.com",
            "a@",
            "a@b",
            "a..b@example.com",
            "a b@example.com",
            "a@*.example.com",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
